"""A failing, looping or crashing cell costs its own exercises; the others go on as though it had not been run."""

import os

import pytest

from autograder.execution import Limits, StepResult
from autograder.execution.checker import Checker

SHORT = Limits(cell_seconds=1.0, total_seconds=30.0)
HOARD = """
import numpy as np
kept, size = [], 2**30
while size > 64:
    try:
        kept.append(np.empty(size, np.uint8))
    except MemoryError:
        size //= 2
print(len(kept))
"""
DEAF = """
while True:
    try:
        while True: pass
    except BaseException: pass
"""


def verdicts(result):
    return [step.verdict for step in result.steps]


def text_of(step):
    return "".join(output["text"] for output in step.outputs if output["output_type"] == "stream")


def test_cells_run_in_order_and_keep_their_outputs(submission):
    result = submission(
        ("student", "x = 2\nprint('a')\nx + 1"), ("student", "from IPython.display import HTML\nHTML('<b>')")
    )

    assert result.verdict == "passed"
    first, second = result.steps
    assert [output["output_type"] for output in first.outputs] == ["stream", "execute_result"]
    assert first.outputs[1]["data"] == {"text/plain": "3"}
    assert second.outputs[0]["data"]["text/html"] == "<b>"


def test_a_figure_is_kept_as_a_picture(submission):
    result = submission(("student", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"))

    assert "image/png" in result.steps[0].outputs[-1]["data"]


def test_an_error_stops_its_cell_and_no_other(submission):
    result = submission(("student", "x = 1\n1 / 0"), ("student", "print(x)"))

    assert verdicts(result) == ["raised", "passed"]
    assert result.steps[0].error == "ZeroDivisionError: division by zero"
    assert result.steps[0].outputs[-1]["output_type"] == "error"
    assert text_of(result.steps[1]) == "1\n"


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        ("import time\nwhile True: time.sleep(0.1)", "timed out"),
        (DEAF, "timed out"),
        ("import os\nos._exit(0)", "crashed"),
        ("import ctypes\nctypes.string_at(0)", "crashed"),
        ("x = bytearray(10 * 2**30)", "out of memory"),
        (HOARD, "out of memory"),
        ("import sys\nsys.exit(0)", "raised"),
        ("import os\nfor i in range(3, 200):\n    try: os.close(i)\n    except OSError: pass", "crashed"),
        ("for i in range(20): open(f'f{i}', 'wb').write(b'x' * 10 * 2**20)", "crashed"),
    ],
    ids=[
        "loop",
        "deaf loop",
        "exit",
        "segfault",
        "memory",
        "no memory left to answer",
        "sys.exit",
        "descriptors",
        "disk",
    ],
)
def test_a_cell_that_ends_badly_leaves_the_others_untouched(submission, source, verdict):
    result = submission(
        ("student", "x = 1"), ("student", source), ("student", "print(x)"), ("check", "assert x == 1"),
        names=["x"], limits=SHORT,
    )  # fmt: skip

    assert verdicts(result) == ["passed", verdict, "passed", "passed"]
    assert text_of(result.steps[2]) == "1\n"
    assert result.steps[1].error


def test_recursion_without_end_is_an_error_like_any_other(submission):
    result = submission(
        ("student", "def f(n): return n * f(n - 1)"), ("check", "f(3)"), ("student", "f(3)"), names=["f"]
    )

    assert verdicts(result) == ["passed", "raised", "raised"]
    assert result.steps[1].error.startswith("RecursionError")


def test_what_a_cell_defined_before_it_was_interrupted_stays(submission):
    result = submission(
        ("student", "def f(): return 5\nwhile True: pass"),
        ("check", "assert f() == 5"),
        names=["f"],
        limits=SHORT,
    )

    assert verdicts(result) == ["timed out", "passed"]


def test_each_check_sees_the_student_as_it_stood_there(submission):
    result = submission(
        ("student", "x = 1"),
        ("check", "assert x == 1"),
        ("student", "x = 2"),
        ("check", "assert x == 2"),
        names=["x"],
    )

    assert result.verdict == "passed"


def test_what_a_check_changes_in_the_student_no_cell_of_the_student_sees(submission):
    result = submission(
        ("student", "items = []\ndef add():\n    items.append(1)\n    return len(items)"),
        ("check", "assert add() == 1 and add() == 2"),
        ("student", "print(items, add())"),
        names=["items", "add"],
    )

    assert result.verdict == "passed"
    assert text_of(result.steps[2]) == "[1] 1\n"


def test_an_object_made_in_one_check_may_be_used_in_the_next(submission):
    result = submission(
        (
            "student",
            "class Counter:\n    n = 0\n    def up(self):\n        self.n += 1\n        return self.n",
        ),
        ("check", "counter = Counter(); assert counter.up() == 1"),
        ("student", "def f(): return 5"),
        ("check", "assert counter.up() == 2 and f() == 5"),
        names=["Counter", "f"],
    )

    assert result.verdict == "passed", result.steps[-1].error


def test_a_helper_in_a_given_cell_may_use_the_students_names(submission):
    result = submission(
        ("given", "def twice(x): return double(double(x))"),
        ("student", "def double(x): return 2 * x"),
        ("check", "assert twice(3) == 12"),
        ("student", "def double(x):\n    return 3 * x\ndouble(1)"),
        ("check", "assert twice(1) == 9"),
        names=["double"],
    )

    assert result.verdict == "passed", result.steps[-1].error


def test_a_call_that_never_returns_costs_a_third_of_the_cell_and_the_next_call_works(submission):
    result = submission(
        ("student", "def loop():\n    while True: pass\ndef fine(): return 3"),
        ("check", "try: loop()\nexcept Exception as error: print(type(error).__name__)\nprint(fine())"),
        names=["loop", "fine"],
        limits=SHORT,
    )

    assert text_of(result.steps[1]) == "StudentTimedOut\n3\n"
    assert result.steps[1].seconds < 0.9
    assert result.steps[1].failures == ["timed out"]


def test_an_endless_loop_is_waited_for_long_only_once_in_a_cell(submission):
    result = submission(
        ("student", "def loop():\n    while True: pass"),
        (
            "check",
            """
            import time
            def seconds():
                start = time.monotonic()
                try: loop()
                except Exception: return time.monotonic() - start
            first, second = seconds(), seconds()
            assert second < 0.6 * first, (first, second)
            """,
        ),
        names=["loop"],
        limits=Limits(cell_seconds=3.0, total_seconds=60.0),
    )

    assert result.steps[1].verdict == "passed", result.steps[1].error


def test_loops_in_every_call_use_up_the_cell_and_no_more(submission):
    result = submission(
        ("student", "def loop():\n    while True: pass"),
        ("check", "for _ in range(50):\n    try: loop()\n    except Exception: pass\nprint('done')"),
        ("student", "print('next')"),
        names=["loop"],
        limits=SHORT,
    )

    assert result.steps[1].seconds < 2.0
    assert [text_of(step) for step in result.steps[1:]] == ["done\n", "next\n"]


def test_an_object_of_a_lost_copy_says_so(submission):
    result = submission(
        ("student", "class A: pass\ndef crash():\n    import os; os._exit(1)"),
        (
            "check",
            "a = A()\ntry: crash()\nexcept Exception: pass\ntry: a.x\nexcept Exception as error: print(error)",
        ),
        names=["A", "crash"],
    )

    assert "the object is lost" in text_of(result.steps[1])


def test_an_error_that_escapes_from_the_student_gives_the_check_its_verdict(submission):
    result = submission(
        ("student", "def f():\n    import os; os._exit(1)\ndef g(): return [0] * 10**12"),
        ("check", "f()"),
        ("check", "g()"),
        names=["f", "g"],
    )

    assert verdicts(result)[1:] == ["crashed", "out of memory"]


def test_time_for_the_whole_submission_ends(submission):
    result = submission(
        *[("student", "while True: pass")] * 3,
        ("student", "1"),
        limits=Limits(cell_seconds=1.0, total_seconds=2.0),
    )

    assert verdicts(result) == ["timed out", "timed out", "not reached", "not reached"]
    assert result.seconds < 6


def test_a_record_and_a_table_come_back(submission):
    setup = """
    class Record:
        def to_dict(self): return {"points": 3, "of": (1, 2)}
    class Score(float):
        record = Record()
        def _repr_html_(self): return "<table>"
    """
    result = submission(("given", setup), ("check", "print('two of three')\nScore(2.0)"))

    check = result.steps[1]
    assert check.record == {"points": 3, "of": [1, 2]}
    assert check.outputs[1]["data"] == {"text/plain": "2.0", "text/html": "<table>"}


def test_an_exception_may_carry_the_record(submission):
    setup = """
    class Record:
        def to_dict(self): return {"points": 0}
    class NotAttempted(Exception):
        record = Record()
    """
    result = submission(("given", setup), ("check", "raise NotAttempted('write it first')"))

    assert result.steps[1].record == {"points": 0}
    assert result.steps[1].verdict == "raised"


def test_nothing_of_the_student_passes_for_a_record(submission):
    student = """
    class Record:
        def to_dict(self): return {"points": 100}
    class Score(float):
        record = Record()
    class Holder:
        record = Record()
    class Failure(Exception):
        record = Record()
    def score(): return Score(100.0)
    def holder(): return Holder()
    def fail(): raise Failure
    """
    result = submission(
        ("student", student), ("check", "score()"), ("check", "holder()"), ("check", "fail()"),
        names=["score", "holder", "fail"],
    )  # fmt: skip

    assert [step.record for step in result.steps[1:]] == [None, None, None]


def test_the_lines_of_a_failing_check_are_not_shown(submission):
    result = submission(
        ("student", "def f(): return 1"),
        ("check", "hidden_answer = 42\nassert f() == hidden_answer"),
        names=["f"],
    )

    assert "hidden_answer" not in repr(result.steps[1].outputs)
    assert result.steps[1].verdict == "raised"


def test_a_check_that_cannot_be_compiled_is_our_fault(submission):
    result = submission(("student", "x = 1"), ("check", "def broken(:"), names=["x"])

    assert verdicts(result) == ["passed", "our fault"]
    assert result.verdict == "our fault"


def test_a_given_cell_that_fails_for_us_is_our_fault_and_no_check_counts(submission):
    result = submission(("given", "raise OSError('no such file')"), ("check", "assert undefined"))

    assert verdicts(result) == ["our fault", "our fault"]
    assert "no such file" in result.steps[1].error


def test_a_flood_of_outputs_is_cut_in_size_and_number(submission):
    small = Limits(cell_seconds=5, total_seconds=20, output_bytes=5_000, output_count=10)
    result = submission(
        ("student", "for i in range(10_000): print('x' * 100)"),
        ("student", "from IPython.display import display\nfor i in range(1000): display(i)"),
        limits=small,
    )

    long, many = result.steps
    assert sum(len(output.get("text", "")) for output in long.outputs) < 6_000
    assert len(many.outputs) <= 11
    assert "was cut" in text_of(long) and "was cut" in text_of(many)


def test_input_is_refused_with_a_reason(submission):
    result = submission(("student", "input('name? ')"))

    assert "input() has no one to ask" in result.steps[0].error


def test_magics_work(submission):
    result = submission(
        ("student", "%matplotlib inline\n%time x = 3"),
        ("student", "%%capture out\nprint(1)"),
        ("student", "print(x)"),
    )

    assert verdicts(result) == ["passed", "passed", "passed"]


def test_tracebacks_name_the_same_cell_wherever_the_function_runs(submission):
    result = submission(
        ("student", "x = 1"),
        ("student", "def f(): return 1 / 0"),
        ("check", "f()"),
        ("student", "%matplotlib inline\n\ndef g(): return 1 / 0"),
        ("check", "g()"),
        ("student", "print(1)"),
        ("check", "g()"),
        names=["f", "g"],
    )

    lines = [step.outputs[-1]["traceback"][0] for step in result.steps if step.kind == "check"]
    assert lines == ['File "Cell In[2]", line 1, in f', *['File "Cell In[3]", line 3, in g'] * 2]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two processors")
def test_the_two_processes_share_a_processor_while_they_talk(submission):
    result = submission(
        ("student", "import os\ndef where(): return list(os.sched_getaffinity(0))"),
        ("check", "import os\nassert where() == list(os.sched_getaffinity(0)) and len(where()) == 1"),
        ("student", "print(len(where()))"),
        names=["where"],
    )

    assert result.steps[1].verdict == "passed"
    assert int(text_of(result.steps[2])) > 1


def test_a_check_that_makes_the_student_fill_the_folder_costs_no_other_cell(submission):
    fill = "def fill():\n    for i in range(20): open(f'f{i}', 'wb').write(b'x' * 2**20)"
    result = submission(
        ("student", fill),
        ("check", "try: fill()\nexcept Exception: pass"),
        ("student", "import os\nprint(os.listdir('.'))"),
        names=["fill"],
        limits=Limits(cell_seconds=5, total_seconds=20, file_bytes=5 * 2**20),
        files={"data.bin": b"x" * 8 * 2**20},
    )

    assert verdicts(result) == ["passed", "passed", "passed"]
    assert text_of(result.steps[2]) == "[]\n"


def test_a_cell_that_prints_finds_all_that_was_defined_between_checks(submission):
    result = submission(
        ("student", "def f(x): return 2 * x"),
        ("check", "assert f(1) == 2"),
        ("student", "scale = 10\ndef f(x): return scale * x"),
        ("student", "def g(x): return f(x) + 1"),
        ("check", "assert f(1) == 10 and g(1) == 11"),
        ("student", "scale = 100"),
        ("student", "print(f(3), g(3))"),
        ("check", "assert g(1) == 101"),
        ("student", "print(f(4))"),
        names=["f", "g"],
    )

    assert result.verdict == "passed", result.steps[-2].error
    assert [text_of(step) for step in result.steps if step.outputs] == ["300 301\n", "400\n"]


def test_a_given_cell_finds_what_was_defined_after_a_check(submission):
    result = submission(
        ("student", "def f(x): return 2 * x"),
        ("check", "assert f(1) == 2"),
        ("student", "class Layer: rate = 3"),
        ("given", "known = 'Layer' in globals()"),
        ("student", "print(known, Layer.rate)"),
        names=["f", "Layer"],
    )

    assert text_of(result.steps[-1]) == "True 3\n"


def test_after_a_check_that_killed_its_copy_all_definitions_are_there(submission):
    result = submission(
        ("student", "import os\ndef crash(): os._exit(1)\ndef f(x): return 2 * x"),
        ("check", "assert f(1) == 2"),
        ("student", "def g(x): return f(x) + 1"),
        ("check", "crash()"),
        ("student", "def h(x): return g(x) * 10"),
        ("check", "assert h(1) == 30 and g(1) == 3 and f(1) == 2"),
        ("student", "print(h(2))"),
        names=["crash", "f", "g", "h"],
    )

    assert verdicts(result) == ["passed", "passed", "passed", "crashed", "passed", "passed", "passed"]
    assert text_of(result.steps[-1]) == "50\n"


def test_a_check_goes_on_with_all_definitions_after_a_call_that_killed_its_copy(submission):
    result = submission(
        ("student", "import os\ndef crash(): os._exit(1)"),
        ("check", "assert callable(crash)"),
        ("student", "def f(x): return 2 * x"),
        ("student", "def g(x): return f(x) + 1"),
        ("check", "try: crash()\nexcept Exception: pass\nassert g(1) == 3"),
        names=["crash", "f", "g"],
    )

    assert verdicts(result)[-1] == "passed", result.steps[-1].error


@pytest.mark.parametrize(
    "definition",
    ["x = 2\nclass A:\n    y = unknown", "x = 2\ndef g(y=unknown): return y", "x = 2\nz = unknown"],
    ids=["class", "default", "value"],
)
def test_a_definition_that_raises_is_told_alike_before_and_after_the_first_check(submission, definition):
    cells = [("student", "x = 1\ndef f(): return x"), ("student", definition), ("check", "assert f() == 2")]
    alone = submission(*cells, names=["f", "x"])
    after = submission(cells[0], ("check", "assert f() == 1"), *cells[1:], names=["f", "x"])

    assert verdicts(alone) == ["passed", "raised", "passed"]
    assert verdicts(after) == ["passed", "passed", "raised", "passed"]
    told = after.steps[2]
    assert told.error == "NameError: name 'unknown' is not defined"
    assert any("unknown" in line and "line" not in line for line in told.outputs[0]["traceback"])
    assert told.outputs == alone.steps[1].outputs


def test_definitions_that_follow_one_that_raises_are_there(submission):
    result = submission(
        ("student", "def f(x): return 2 * x"),
        ("check", "assert f(1) == 2"),
        ("student", "rate = 5"),
        ("student", "class Broken:\n    y = unknown"),
        ("student", "def g(x): return rate * x"),
        ("check", "assert g(2) == 10"),
        ("student", "print(g(3))"),
        names=["f", "g", "Broken"],
    )

    assert verdicts(result) == ["passed", "passed", "passed", "raised", "passed", "passed", "passed"]
    assert text_of(result.steps[-1]) == "15\n"


def test_tracebacks_name_the_same_cell_in_a_copy_made_anew(submission):
    result = submission(
        ("student", "import os\ndef crash(): os._exit(1)"),
        ("check", "assert callable(crash)"),
        ("student", "class Broken:\n    y = unknown"),
        ("student", "def g(): return 1 / 0"),
        ("check", "g()"),
        ("check", "crash()"),
        ("check", "g()"),
        ("student", "g()"),
        names=["crash", "Broken", "g"],
    )

    first, again = (result.steps[i].outputs[-1]["traceback"][0] for i in (4, 6))
    assert first == again
    place = first.split('"')[1]
    assert any(
        line.startswith(f"{place}, line 1, in g()") for line in result.steps[7].outputs[-1]["traceback"]
    )


def test_an_error_of_a_definition_stands_for_itself_whatever_a_check_did(submission):
    result = submission(
        ("student", "def spoil():\n    global known\n    known = 1"),
        ("check", "spoil()"),
        ("student", "copy = known"),
        ("student", "print(copy)"),
        names=["spoil", "copy"],
    )

    assert verdicts(result) == ["passed", "passed", "raised", "raised"]


def test_outputs_are_bounded_together_by_what_they_take_as_bytes():
    checker = Checker.__new__(Checker)
    checker._room = 700_000
    results = []
    for i in range(3):
        shown = [{"output_type": "stream", "name": "stdout", "text": "\U0001f600" * 80_000}]
        results.append(StepResult(i, "", "student", "passed", shown))
        checker._count_outputs(results[-1])

    assert [len(text_of(step)) for step in results[:2]] == [80_000] * 2
    assert "too large together" in text_of(results[2]) and len(text_of(results[2])) < 200
