"""A student's exception arrives as text, and is caught by its built-in type where that is safe."""

import builtins

import pytest

from autograder.execution import errors

EVERY = [
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
]


@pytest.mark.parametrize("name", EVERY)
def test_every_built_in_type_arrives_as_an_exception_of_ours(name):
    error = errors.raised("Odd", name, "what happened", "line 3")

    assert isinstance(error, errors.StudentRaised) and isinstance(error, Exception)
    assert (str(error), error.type_name, error.traceback_text) == ("what happened", "Odd", "line 3")


@pytest.mark.parametrize(
    "kind", [ValueError, KeyError, NotImplementedError, OSError, ZeroDivisionError, NameError]
)
def test_it_is_caught_by_its_type(kind):
    with pytest.raises(kind):
        raise errors.raised("Odd", kind.__name__, "", "")


@pytest.mark.parametrize(
    "name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "StopIteration", "print", "no", ""]
)
def test_what_would_end_more_than_a_call_is_only_an_error(name):
    error = errors.raised("Odd", name, "", "")

    assert type(error) is errors.StudentRaised


def test_memory_that_is_used_up_has_a_class_of_its_own():
    assert isinstance(errors.raised("MemoryError", "MemoryError", "", ""), errors.StudentOutOfMemory)
