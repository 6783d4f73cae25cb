"""Say what is wrong in words a student can use: the place, both numbers and the next step.

Knows messages only: no measuring, no comparing, no points. A message is an interface and has tests.
"""

from __future__ import annotations

import linecache
import re
import traceback
from pathlib import Path

import numpy as np

from autograder.gradients.explain import Case
from autograder.gradients.judge import Mismatch

_OURS = str(Path(__file__).resolve().parent)
_MACHINERY = str(Path(__file__).resolve().parent / "execution")
MAX_MESSAGE = 4000
SIGNATURE_CHANGED = "signature_changed"  # seen where the call stands, not in the function called

_SIGNATURE = (
    "A call hands over other arguments than the def line takes. Compare that line with the one you were given; "
    "inside a class, the first parameter is self."
)
_INTEGER = "Sizes and indices are integers. / gives a float, even where the division comes out even: use //."
_ONE_NUMBER = (
    "A single number, or None, is used as if it were several. What does the call on this line return?"
)
_UNPACKED = (
    "There are more or fewer things than names on the left. Compare with what was put together: "
    "a pair, a cache, or a shape with another number of axes."
)
_INDEX = "An index runs past the end. Which size does it count to, and how long is this axis?"
_AXES = "There are more indices than axes. Print the shape: not every input has as many axes."
_NO_NUMBER = "One of the two is no number: None where a `return` is missing, or a pair that still has to be taken apart?"

# Old habits that stop a program today: (text found in the error, name of the mistake, what to write).
_OLD_HABITS = (
    ("'xrange'", "python2_leftover", "xrange is Python 2. Write range."),
    ("'raw_input'", "python2_leftover", "raw_input is Python 2. Write input."),
    ("'unicode'", "python2_leftover", "unicode is Python 2. Write str."),
    ("'iteritems'", "python2_leftover", "iteritems is Python 2. Write items."),
    ("'has_key'", "python2_leftover", "has_key is Python 2. Write `key in dictionary`."),
    ("Missing parentheses in call to 'print'", "python2_leftover", "print is a function: write print(...)."),
    ("attribute 'product'", "numpy_leftover", "np.product is gone from NumPy. Write np.prod."),
    ("attribute 'int'", "numpy_leftover", "np.int is gone from NumPy. Write int."),
    ("attribute 'float'", "numpy_leftover", "np.float is gone from NumPy. Write float."),
    (
        "attribute 'bool'",
        "numpy_leftover",
        "np.bool as an alias of bool is gone from some versions. Write bool.",
    ),
    ("attribute 'pad'", "numpy_leftover", "np.lib.pad is gone from NumPy. Write np.pad."),
    ("attribute 'float_'", "numpy_leftover", "np.float_ is gone from NumPy. Write np.float64."),
    ("attribute 'asscalar'", "numpy_leftover", "np.asscalar is gone from NumPy. Write array.item()."),
    ("attribute 'row_stack'", "numpy_leftover", "np.row_stack is gone from NumPy. Write np.vstack."),
    ("attribute 'trapz'", "numpy_leftover", "np.trapz is gone from NumPy. Write np.trapezoid."),
    ("argument 'newshape'", "numpy_leftover", "reshape takes the shape by position: x.reshape(shape)."),
    ("object cannot be interpreted as an integer", "float_as_integer", _INTEGER),
    ("expected a sequence of integers", "float_as_integer", _INTEGER),
    ("only integers, slices", "float_as_integer", _INTEGER),
    ("indices must be integers", "float_as_integer", _INTEGER),
    (
        "with casting rule 'same_kind'",
        "fractions_into_integers",
        "An array of whole numbers cannot take fractions in place. Write `x = x - mean` rather than `x -= mean`, "
        "or begin with x.astype(float).",
    ),
    (
        "only 0-dimensional arrays can be converted",
        "numpy_leftover",
        "An array of size 1 no longer turns into a number by itself. Index it, or use .item().",
    ),
    (
        "could not be broadcast",
        "shapes_do_not_fit",
        "These two shapes do not fit each other. Write the shape of each factor beside its name, or print it.",
    ),
    (
        "mismatch in its core dimension",
        "shapes_do_not_fit",
        "In a matrix product the inner sizes must agree. Write the shapes under the factors: (N, D) @ (D, M).",
    ),
    (
        "cannot reshape array",
        "shapes_do_not_fit",
        "A reshape keeps the number of entries. Count them on both sides.",
    ),
    (
        "not aligned",
        "shapes_do_not_fit",
        "In a matrix product the inner sizes must agree. Write the shapes under the factors: (N, D) @ (D, M).",
    ),
    (
        "does not have enough dimensions",
        "shapes_do_not_fit",
        "@ takes arrays. A single number multiplies with *.",
    ),
    ("division by zero", "division_by_zero", "A divisor is 0 here. Which input makes it so?"),
    ("positional argument", SIGNATURE_CHANGED, _SIGNATURE),
    ("unexpected keyword argument", SIGNATURE_CHANGED, _SIGNATURE),
    ("takes no arguments", SIGNATURE_CHANGED, _SIGNATURE),
    (
        "object has no attribute",
        "attribute_missing",
        "The object has nothing of this name. Is it stored before it is read, and spelled alike in both places?",
    ),
    (
        "cannot access local variable",
        "unbound_variable",
        "A variable is used before it is assigned, or in a branch where it never is.",
    ),
)

# Slips of a student's own line; the same words from a line of ours would tell of something else.
_SLIPS = (
    (
        "truth value of an array",
        "array_as_condition",
        "`if`, `and`, `or`, max and min want one number. For whole arrays write np.where, &, |, np.maximum, np.minimum.",
    ),
    (
        "setting an array element with a sequence",
        "array_into_one_entry",
        "One entry of an array takes one number, and here come several. Add them up first, or assign to a slice.",
    ),
    ("values to unpack", "unpacked_differently", _UNPACKED),
    ("cannot unpack non-iterable", "unpacked_differently", _UNPACKED),
    ("is not iterable", "number_for_several", _ONE_NUMBER),
    ("is not subscriptable", "number_for_several", _ONE_NUMBER),
    ("invalid index to scalar", "number_for_several", _ONE_NUMBER),
    ("has no len()", "number_for_several", _ONE_NUMBER),
    ("len() of unsized", "number_for_several", _ONE_NUMBER),
    ("iteration over a 0-d array", "number_for_several", _ONE_NUMBER),
    ("too many indices", "too_many_indices", _AXES),
    ("tuple index out of range", "too_many_indices", _AXES),
    ("is out of bounds for axis", "index_out_of_range", _INDEX),
    ("index out of range", "index_out_of_range", _INDEX),
    ("not supported between instances", "operand_is_no_number", _NO_NUMBER),
    ("unsupported operand type", "operand_is_no_number", _NO_NUMBER),
    ("bad operand type", "operand_is_no_number", _NO_NUMBER),
    ("can't multiply sequence", "operand_is_no_number", _NO_NUMBER),
    (
        "object is not callable",
        "called_no_function",
        "What stands before the bracket is no function: is an operator missing, or was the name assigned over?",
    ),
    (
        "Unable to allocate",
        "array_too_large",
        "An array of this size does not fit into memory. The result can be had without building it.",
    ),
)

MAX_HIDDEN_ERROR, MAX_HIDDEN = 400, 1500
_FRACTION = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?")


def discreet(message: str, raised: bool) -> str:
    """What is told of a hidden check: shapes and the kind of an error, but no room for a list of its inputs.

    The text of an error is the student's own, who could put into it whatever the check handed over.
    """
    if not raised:
        return message[:MAX_HIDDEN]
    return _FRACTION.sub("…", message)[:MAX_HIDDEN_ERROR]


# Names of mistakes that an error or a shape shows by itself, whatever else is wrong.
FACTS = frozenset(
    {
        "returned_nothing",
        "not_numbers",
        "wrong_shape",
        "not_finite",
        "unusable_result",
        "undefined_name",
        "key_missing",
    }
    | {mistake for _, mistake, _ in (*_OLD_HABITS, *_SLIPS)}
)


def place(of: str, index: tuple | None) -> str:
    """``dx[1, 2]``, or ``loss`` for a single number; ``velocity[0]`` where `of` is ``step 2: velocity``."""
    if not index:
        return of
    return f"{of.rpartition(': ')[2]}[{', '.join(str(i) for i in index)}]"


def number(value) -> str:
    """A number as it is printed in a message: six significant digits, aligned by its sign."""
    return f"{float(value): .6g}"


def _at(array, index) -> float | None:
    array = np.asarray(array)
    if array.dtype.kind not in "biuf" or index is None or array.ndim != len(index):
        return None
    if any(i >= n for i, n in zip(index, array.shape, strict=True)):
        return None
    return float(array[index])


def describe_mismatch(mismatch: Mismatch, case: Case, *, measured: bool) -> str:
    """Tell where an answer is wrong, with both numbers.

    Parameters
    ----------
    mismatch : Mismatch
    case : Case
    measured : bool
        Whether the expected value comes from finite differences (a gradient) or from the definition.
    """
    of = case.of
    if mismatch.kind == "missing":
        return f"{of} is None. Your function ended without returning it: is there a `return` at the end?"
    if mismatch.kind == "type":
        return f"{of} is a {mismatch.detail}, which does not hold numbers. Return a NumPy array or a number."
    if mismatch.kind == "shape":
        actual, expected = mismatch.detail.split(" instead of ")
        name = of[1:] if measured and of.startswith("d") else None
        why = (
            f" A gradient has the shape of its variable: {name} is {expected}." if name in case.inputs else ""
        )
        return f"{of} has shape {actual}; it should be {expected}.{why}"
    yours, right = ("your backward", "finite difference") if measured else ("yours", "expected")
    rows = [(yours, number(mismatch.actual)), (right, number(mismatch.expected))]
    for name, value in case.inputs.items():
        if measured and of == f"d{name}" and (there := _at(value, mismatch.index)) is not None:
            rows.append((f"{name} there", number(there)))
    if case.upstream is not None and np.shape(case.upstream) == np.shape(case.expected):
        there = _at(case.upstream, mismatch.index)
        if there is not None:
            rows.append(("dout there", number(there)))
    width = max(len(label) for label, _ in rows)
    what = "is not a finite number" if mismatch.kind == "not finite" else "is wrong"
    lines = [f"{of} {what} at {place(of, mismatch.index)}." if mismatch.index else f"{of} {what}."]
    lines += ["", *(f"    {label:<{width}}  {value}" for label, value in rows)]
    if mismatch.total > 1:
        lines += ["", f"{mismatch.wrong} of {mismatch.total} entries are wrong."]
    if mismatch.kind == "not finite":
        lines += ["", "Look for a division by 0, the logarithm of 0, or exp of a large number."]
    return "\n".join(lines)


def old_habit(text: str) -> tuple[str, str] | None:
    """Return (mistake, what to write) if an error's text shows a habit from older Python or NumPy."""
    return _first(_OLD_HABITS, text)


def _first(table: tuple, text: str) -> tuple[str, str] | None:
    return next(((mistake, advice) for found, mistake, advice in table if found in text), None)


_check_files: set[str] = set()


def never_show(filename: str) -> None:
    """Leave this file's lines out of every message: they are a check cell's own, hidden tests included."""
    _check_files.add(filename)


def _student_line(error: BaseException) -> str | None:
    """The last line of the student's own code that the error passed through."""
    told = getattr(error, "traceback_text", None)  # the error of another process brings its traceback as text
    if told is not None:
        frames = re.findall(r'^ *File ".*", line (\d+), in (.+)\n(?: +(.+))?', told, re.MULTILINE)
        return "in {1}, line {0}:  {2}".format(*frames[-1]) if frames else None
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        ours = frame.filename.startswith(_OURS) or frame.filename in _check_files
        if ours or "site-packages" in frame.filename:
            continue
        line = frame.line or linecache.getline(frame.filename, frame.lineno or 0).strip()
        if line:
            return f"in {frame.name}, line {frame.lineno}:  {line}"
    return None


def describe_exception(error: BaseException, who: str = "Your code") -> tuple[str, str | None]:
    """Tell what a student's function raised and where, and name an old habit or a slip if there is one.

    Parameters
    ----------
    error : BaseException
    who : str
        What was run, as the sentence begins.

    Returns
    -------
    message : str
    mistake : str or None
    """
    text = str(error).strip()
    if getattr(error, "state", None):  # it did not raise: it ran out of time, or ended its process
        told = text[:1].upper() + text[1:] if who == "Your code" else f"{who}: {text}"
        return told[:MAX_MESSAGE], None
    name = getattr(error, "type_name", None) or type(error).__name__
    lines = [f"{who} raised {name}: {text}" if text else f"{who} raised {name}."]
    where = _student_line(error)
    if where:
        lines.append(f"    {where}")
    habit = old_habit(text) or (_first(_SLIPS, text) if where else None)
    if habit:
        lines.append(habit[1])
    elif isinstance(error, NameError):
        habit = ("undefined_name", "")
        lines.append(
            "Was the cell that defines this name run? Is the name spelled alike in both places? "
            "What one function assigns, another does not know."
        )
    elif isinstance(error, KeyError):
        habit = ("key_missing", "")
        lines.append(
            "The dictionary has no such entry. Was it stored before it is read, under this very name?"
        )
    return "\n".join(lines)[:MAX_MESSAGE], habit[0] if habit else None


def is_ours(error: BaseException) -> bool:
    """Whether an error arose in the machinery between the two processes: then it is no student's fault."""
    if hasattr(error, "type_name") or hasattr(error, "state"):
        return False  # it tells of the student's code
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_code.co_filename.startswith(_MACHINERY)


OURS = "The check could not be carried out. This is not your fault: tell your instructor."


def describe_unusable(error: BaseException) -> str:
    """Tell that a check could not go on with what a function returned, and why."""
    return (
        "The check could not use what your code returned: "
        f"{type(error).__name__}: {error}\n"
        "Compare what you return with the docstring: how many things, of which shapes, in which order?"
    )
