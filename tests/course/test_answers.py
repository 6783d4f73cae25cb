"""mistakes.py is read, not run, and every entry that cannot be used is named with its line."""

import pytest

from autograder.course.answers import HELPERS, read_answers
from autograder.course.paths import CourseError

REFERENCE = {"double": "def double(x):\n    return 2 * x\n", "Gate": "class Gate:\n    pass\n"}


@pytest.fixture
def read(tmp_path):
    def write_and_read(text):
        path = tmp_path / "mistakes.py"
        path.write_text(text)
        return read_answers(path, REFERENCE)

    return write_and_read


def test_an_edit_changes_the_reference_in_one_place(read):
    (answer,) = read('edit("double", "2 * x", "x", mistake="halved")')

    assert answer.cells == {"double": "def double(x):\n    return x\n"}
    assert (answer.kind, answer.exercise, answer.mistake) == ("wrong", "double", "halved")


def test_a_decorated_function_replaces_the_cell_of_its_name(read):
    (answer,) = read('@wrong("doubled")\ndef double(x):\n    return 4 * x\n')

    assert answer.cells == {"double": "def double(x):\n    return 4 * x\n"}


def test_a_decorated_class_may_be_the_exercise_itself(read):
    (answer,) = read('@wrong("empty")\nclass Gate:\n    x = 1\n')

    assert answer.cells == {"Gate": "class Gate:\n    x = 1\n"}


def test_a_group_replaces_several_cells_and_brings_helpers(read):
    (answer,) = read(
        '@variant("with a helper")\nclass _:\n    """Why."""\n    def twice(x):\n        return x + x\n\n'
        "    def double(x):\n        return twice(x)\n"
    )

    assert answer.kind == "variant"
    assert answer.cells == {
        HELPERS: "def twice(x):\n    return x + x\n",
        "double": "def double(x):\n    return twice(x)\n",
    }


def test_nothing_in_the_file_is_run(read):
    assert read("import a_module_that_does_not_exist\nraise SystemExit\n") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('edit("triple", "a", "b", mistake=None)', "no exercise 'triple'"),
        ('edit("double", "3 * x", "x", mistake=None)', "occurs 0 times"),
        ('edit("double", "x", "y", mistake=None)', "occurs 2 times"),
        ('edit("double", 1 + x, "y", mistake=None)', "literals"),
        ('@wrong("m")\ndef other(x):\n    return x\n', "no exercise"),
        (
            '@wrong("m")\nclass _:\n    def double(x):\n        pass\n    class Gate:\n        pass\n',
            "exercise=",
        ),
        ("def broken(:", "mistakes.py:1"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named_with_its_line(read, text, message):
    with pytest.raises(CourseError, match=r"mistakes\.py:1") as refused:
        read(text)

    assert message in str(refused.value)
