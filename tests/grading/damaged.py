"""Submissions as they come back: damaged by accident, by an editor or on purpose; each with the grade that is fair.

Every case changes the perfect notebook (100 points; 40 for relu_forward, 60 for relu_backward). `score` is what it
deserves, `notes` are kinds of notes that must be there, `kept` is a text of the student's that must survive.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass

from grading.course import RIGHT, SIGN, find, own_cell, to_bytes, where


@dataclass(frozen=True)
class Case:
    """One damaged submission: `make` takes the perfect notebook and gives bytes."""

    name: str
    make: Callable[[dict], bytes]
    score: float
    notes: tuple[str, ...] = ()
    kept: str = ""


CASES: list[Case] = []


def case(score: float, *notes: str, kept: str = ""):
    """Decorate a function that changes the perfect notebook in place (or returns bytes, or another notebook)."""

    def add(change):
        def make(notebook: dict) -> bytes:
            notebook = copy.deepcopy(notebook)
            made = change(notebook)
            return made if isinstance(made, bytes) else to_bytes(notebook if made is None else made)

        CASES.append(Case(change.__name__, make, score, notes, kept))
        return change

    return add


# -- cells deleted, copied, split, moved -------------------------------------------------------------------------------


@case(100, "deleted")
def check_deleted(nb):
    del nb["cells"][where(nb, "relu_forward_check")]


@case(100, "deleted")
def every_check_deleted(nb):
    nb["cells"] = [c for c in nb["cells"] if not c["metadata"].get("nbgrader", {}).get("points")]


@case(0, "deleted")
def forward_deleted(nb):
    # The gradient check needs the student's own forward: without it neither exercise can earn anything.
    del nb["cells"][where(nb, "relu_forward")]


@case(40, "deleted")
def backward_deleted(nb):
    del nb["cells"][where(nb, "relu_backward")]


@case(100, "deleted")
def setup_deleted(nb):
    del nb["cells"][where(nb, "setup")]


@case(100, "deleted")
def reflection_deleted(nb):
    del nb["cells"][where(nb, "reflection")]


@case(100, "deleted")
def only_the_answers_left(nb):
    nb["cells"] = [find(nb, "relu_forward"), find(nb, "relu_backward")]


@case(100, "duplicated")
def check_copied(nb):
    nb["cells"].append(copy.deepcopy(find(nb, "relu_forward_check")))


@case(100, "duplicated")
def answer_copied_with_its_check(nb):
    i = where(nb, "relu_forward")
    nb["cells"][i + 2 : i + 2] = copy.deepcopy(nb["cells"][i : i + 2])


@case(100, "duplicated", kept="return None  # scratch")
def scratch_copy_below_the_check(nb):
    scratch = copy.deepcopy(find(nb, "relu_backward"))
    scratch["source"] = "def relu_backward(dout, cache):\n    return None  # scratch"
    nb["cells"].append(scratch)


@case(100, "duplicated")
def stub_left_above_and_the_answer_written_in_a_copy_below(nb):
    done = copy.deepcopy(find(nb, "relu_backward"))
    find(nb, "relu_backward")["source"] = (
        "def relu_backward(dout, cache):\n    raise NotImplementedError('later')"
    )
    nb["cells"].append(done)


@case(100, "duplicated", kept="helper_of_mine")
def answer_split_in_two_with_one_id(nb):
    i = where(nb, "relu_forward")
    first = copy.deepcopy(nb["cells"][i])
    first["source"] = "def helper_of_mine(x):\n    return np.maximum(0, x)"
    nb["cells"][i]["source"] = "def relu_forward(x):\n    return helper_of_mine(x), x"
    nb["cells"].insert(i, first)


@case(100, "moved")
def checks_moved_to_the_top(nb):
    checks = [nb["cells"].pop(where(nb, name)) for name in ("relu_forward_check", "relu_backward_check")]
    nb["cells"][:0] = checks


@case(100)
def answers_swapped_with_their_checks(nb):
    i, j = where(nb, "relu_forward"), where(nb, "relu_backward")
    cells = nb["cells"]
    cells[i : i + 2], cells[j : j + 2] = cells[j : j + 2], cells[i : i + 2]


@case(100)
def setup_moved_to_the_end(nb):
    nb["cells"].append(nb["cells"].pop(where(nb, "setup")))


@case(100)
def everything_reversed(nb):
    nb["cells"].reverse()


@case(100, "deleted")
def answer_and_check_merged_into_one_cell(nb):
    i = where(nb, "relu_backward")
    nb["cells"][i]["source"] += "\n\n" + nb["cells"].pop(i + 1)["source"]


@case(100, "changed")
def answer_merged_into_its_check(nb):
    answer = nb["cells"].pop(where(nb, "relu_backward"))
    check = find(nb, "relu_backward_check")
    check["source"] = answer["source"] + "\n\n" + check["source"]


@case(100, "mark lost", kept="def relu_forward")
def answer_moved_into_a_cell_of_ones_own(nb):
    i = where(nb, "relu_forward")
    nb["cells"][i] = own_cell(RIGHT["relu_forward"])


# -- types, tags and marks ---------------------------------------------------------------------------------------------


@case(100, "retyped", kept="def relu_forward")
def answer_turned_into_markdown(nb):
    cell = find(nb, "relu_forward")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


@case(100, "retyped")
def answer_turned_into_raw(nb):
    find(nb, "relu_backward")["cell_type"] = "raw"


@case(100, "retyped")
def check_turned_into_markdown(nb):
    find(nb, "relu_forward_check")["cell_type"] = "markdown"


@case(40, "retyped")
def failing_check_turned_into_raw(nb):
    find(nb, "relu_backward")["source"] = SIGN["relu_backward"]
    find(nb, "relu_backward_check")["cell_type"] = "raw"


@case(40, "tag removed")
def failing_check_tagged_to_be_skipped(nb):
    find(nb, "relu_backward")["source"] = SIGN["relu_backward"]
    find(nb, "relu_backward_check")["metadata"]["tags"] = ["skip-execution"]


@case(100, "tag removed")
def answer_tagged_to_be_skipped(nb):
    find(nb, "relu_backward")["metadata"]["tags"] = ["skip-execution", "experiment"]


@case(0)
def everything_tagged_as_experiment(nb):
    for cell in nb["cells"]:
        cell["metadata"]["tags"] = ["experiment", "skip-execution"]
    find(nb, "relu_forward")["source"] = "def relu_forward(x):\n    return x, x"
    find(nb, "relu_backward")["source"] = "def relu_backward(dout, cache):\n    return cache"


@case(40, "mark changed")
def failing_check_no_longer_graded(nb):
    find(nb, "relu_backward")["source"] = SIGN["relu_backward"]
    find(nb, "relu_backward_check")["metadata"]["nbgrader"] |= {"grade": False, "locked": False}


@case(40, "mark changed")
def failing_check_made_a_solution(nb):
    find(nb, "relu_backward")["source"] = SIGN["relu_backward"]
    find(nb, "relu_backward_check")["metadata"]["nbgrader"] |= {"solution": True, "locked": False}


@case(100, "mark changed")
def points_multiplied(nb):
    find(nb, "relu_backward_check")["metadata"]["nbgrader"]["points"] = 6000


@case(100, "mark changed")
def points_not_a_number(nb):
    find(nb, "relu_backward_check")["metadata"]["nbgrader"]["points"] = float("nan")


@case(0, "changed", kept="print(100)")
def checks_rewritten(nb):
    find(nb, "relu_forward")["source"] = "relu_forward = None"
    find(nb, "relu_forward_check")["source"] = "print(100)\n100"
    find(nb, "relu_backward_check")["source"] = "60.0"


@case(40)
def ids_of_the_two_checks_exchanged(nb):
    find(nb, "relu_backward")["source"] = SIGN["relu_backward"]
    one, other = find(nb, "relu_forward_check"), find(nb, "relu_backward_check")
    one["metadata"], other["metadata"] = other["metadata"], one["metadata"]


@case(100, "unknown mark")
def cells_of_another_assignment_among_them(nb):
    stranger = copy.deepcopy(find(nb, "relu_forward_check"))
    stranger["metadata"]["nbgrader"] |= {"grade_id": "conv_forward_check", "points": 50}
    stranger["source"] = "'from elsewhere'"
    nb["cells"].append(stranger)


@case(100, "mark lost")
def every_mark_and_id_lost_in_another_editor(nb):
    for i, cell in enumerate(nb["cells"]):
        cell["metadata"], cell["id"] = {}, f"cell-{i}"


@case(100)
def marks_of_a_wrong_shape(nb):
    nb["cells"][0]["metadata"]["nbgrader"] = "yes"
    nb["cells"].append(own_cell("1 + 1"))
    nb["cells"][-1]["metadata"]["nbgrader"] = {"grade_id": ["relu_forward"], "grade": "very"}


@case(100)
def old_nbgrader_schema(nb):
    for cell in nb["cells"]:
        cell["metadata"].get("nbgrader", {}).pop("schema_version", None)


@case(100)
def future_nbgrader_schema(nb):
    for cell in nb["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 99


@case(100, "changed", kept="import math")
def setup_extended(nb):
    find(nb, "setup")["source"] += "\nimport math"
    find(nb, "relu_forward")["source"] = "def relu_forward(x):\n    return x * math.exp(0) * (x > 0), x"


# -- the notebook as a whole -------------------------------------------------------------------------------------------


@case(100)
def no_kernel(nb):
    nb["metadata"] = {}


@case(100)
def kernel_of_another_language(nb):
    nb["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}


@case(100, "format")
def format_3(nb):
    cells = []
    for cell in nb["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        key = "input" if cell["cell_type"] == "code" else "source"
        cells.append(
            old | {key: cell["source"].splitlines(keepends=True), "outputs": [], "language": "python"}
        )
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


@case(100, "format")
def format_of_the_future(nb):
    nb["nbformat"], nb["nbformat_minor"] = 7, 0


@case(100)
def format_version_missing(nb):
    del nb["nbformat"], nb["nbformat_minor"]


@case(100)
def every_cell_id_the_same(nb):
    for cell in nb["cells"]:
        cell["id"] = "same"


@case(100)
def cell_ids_invalid(nb):
    for i, cell in enumerate(nb["cells"]):
        cell["id"] = ["", None, "with space", "x" * 300, {"a": 1}][i % 5]


@case(100)
def cells_without_metadata_or_outputs(nb):
    nb["cells"].append({"cell_type": "code", "source": "2 + 2"})
    nb["cells"].append({"cell_type": "markdown"})


@case(100)
def cells_that_are_no_cells(nb):
    nb["cells"] += ["a text", None, 3, ["list"], {"cell_type": "heading", "source": "Old", "level": 2}]


@case(100)
def attachments_of_a_wrong_shape(nb):
    nb["cells"][0]["attachments"] = {"a.png": {"image/png": 7}, "b": "x", "<script>": {"text/html": "<b>"}}


@case(100)
def huge_outputs(nb):
    text = "0123456789" * 1_000_000
    find(nb, "relu_forward")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]


@case(100)
def outputs_that_forge_a_score(nb):
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/plain": "1000"}
            cell["outputs"] = [
                {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}
            ]


@case(0, "other notebook", kept="x = 1  # another course")
def notebook_of_another_course(nb):
    nb["cells"] = [own_cell("x = 1  # another course"), own_cell("# Something else", "markdown")]
    nb["metadata"].pop("autograder", None)


# -- bytes -------------------------------------------------------------------------------------------------------------


@case(100)
def byte_order_mark(nb):
    return b"\xef\xbb\xbf" + to_bytes(nb)


@case(100, "encoding")
def utf_16(nb):
    return to_bytes(nb).decode().encode("utf-16")


@case(100, "encoding")
def utf_16_without_a_mark(nb):
    return to_bytes(nb).decode().encode("utf-16-le")


@case(100, "encoding", kept="é")
def latin_1(nb):
    nb["cells"].append(own_cell("# déjà vu é"))
    return to_bytes(nb).decode().encode("latin-1")


@case(100)
def zeros_at_the_end(nb):
    return to_bytes(nb) + b"\0" * 4096


@case(100)
def zero_inside_a_cell(nb):
    nb["cells"].append(own_cell("x = '\0'"))


@case(100)
def half_a_surrogate_pair(nb):
    nb["cells"].append(own_cell("# \ud83d"))
    return json.dumps(nb).encode("ascii")


@case(100)
def windows_line_ends(nb):
    for cell in nb["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")


@case(0, "unreadable")
def empty_file(nb):
    return b""


@case(0, "unreadable")
def white_space_and_zeros(nb):
    return b" \n\0\0"


@case(0, "unreadable")
def broken_off(nb):
    return to_bytes(nb)[:1500]


@case(0, "unreadable")
def web_page(nb):
    return b"<!DOCTYPE html><html><body>Sign in</body></html>"


@case(0, "unreadable")
def version_conflict(nb):
    return b"<<<<<<< HEAD\n" + to_bytes(nb) + b"=======\n{}\n>>>>>>> theirs\n"


@case(0, "unreadable")
def picture(nb):
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


@case(0, "unreadable")
def a_list(nb):
    return b"[1, 2, 3]"


@case(0, "unreadable")
def no_cells(nb):
    return b'{"metadata": {}}'


@case(0, "unreadable")
def nested_without_end(nb):
    return b"[" * 200_000


@case(0, "unreadable")
def too_many_cells(nb):
    return json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": ""}] * 6000}).encode()


# -- code --------------------------------------------------------------------------------------------------------------


@case(40)
def answer_does_not_parse(nb):
    find(nb, "relu_backward")["source"] = "def relu_backward(dout, cache)\n    return dout"


@case(40)
def answer_needs_a_missing_module(nb):
    find(nb, "relu_backward")["source"] = "import a_module_that_nobody_installed\n" + RIGHT["relu_backward"]


@case(100)
def own_cells_fail_and_exit(nb):
    nb["cells"][2:2] = [
        own_cell("1 / 0"),
        own_cell("import sys\nsys.exit(3)"),
        own_cell("%nonsense"),
        own_cell("input()"),
    ]


@case(100)
def magics_and_display(nb):
    nb["cells"][2:2] = [
        own_cell("%matplotlib inline\nfrom IPython.display import HTML\nHTML('<script>x</script>')")
    ]


@case(100)
def helper_in_a_changed_experiment(nb):
    i = where(nb, "relu_backward") - 1
    nb["cells"][i]["source"] = (
        "def helper(d, c):\n    return d * (c > 0)\n\nraise RuntimeError('long training')"
    )
    find(nb, "relu_backward")["source"] = "def relu_backward(dout, cache):\n    return helper(dout, cache)"


@case(20 + 30)
def no_answer_in_more_than_two_dimensions(nb):
    find(nb, "relu_forward")["source"] = (
        "def relu_forward(x):\n    if x.ndim > 2:\n        raise ValueError('two axes')\n    return np.maximum(0, x), x"
    )
