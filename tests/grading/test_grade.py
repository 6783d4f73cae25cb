"""Nothing but an explicit pass in the checker's own record earns points; faults of ours earn no zero."""

import pytest
from grading.course import HIDDEN, RIGHT, SIGN, filled, find, own_cell, to_bytes

from autograder.execution import Limits, RunResult, StepResult
from autograder.grading import grade
from autograder.grading.grade import grade_one
from autograder.grading.result import Result
from autograder.records import CheckOutcome, ExerciseRecord


def record(exercise="relu_forward", points=40.0, states=("passed", "passed"), hidden=1, remaining=0):
    outcomes = tuple(
        CheckOutcome(f"check {i}", state, hidden=i >= len(states) - hidden) for i, state in enumerate(states)
    )
    return ExerciseRecord(exercise, points, outcomes, remaining).to_dict()


@pytest.fixture
def pretend(monkeypatch, release, bundle):
    """Grade the release while the run reports what a test says; counts the runs."""

    def grade_with(verdict="passed", told=None, error=None, solution="passed", failures=()):
        calls = []

        def run(steps, names, **kwargs):
            calls.append(steps)
            results = []
            for step in steps:
                if step.name == "relu_forward_check":
                    results.append(
                        StepResult(
                            step.index, step.name, "check", verdict, [], error, 0.0, told, list(failures)
                        )
                    )
                elif step.name == "relu_forward":
                    results.append(StepResult(step.index, step.name, "student", solution, [], error))
                else:
                    told_else = record("relu_backward", 60.0) if step.kind == "check" else None
                    results.append(StepResult(step.index, step.name, step.kind, "passed", record=told_else))
            return RunResult(results, "passed", 0.0, [])

        monkeypatch.setattr(grade, "run", run)
        result = grade_one(to_bytes(release), bundle)
        return result.exercises[0], result, len(calls)

    return grade_with


def test_every_check_passed_earns_all_points(pretend):
    exercise, result, runs = pretend(told=record())

    assert (exercise.points, exercise.verdict, result.score, runs) == (40.0, "passed", 100.0, 1)


@pytest.mark.parametrize(
    "state", ["failed", "raised", "timed out", "crashed", "out of memory", "not reached"]
)
def test_half_of_the_checks_passed_earns_half(pretend, state):
    exercise, _, _ = pretend(told=record(states=("passed", state)))

    assert (exercise.points, exercise.verdict) == (20.0, state)


@pytest.mark.parametrize(
    "told",
    [
        record(exercise="relu_backward"),
        record(points=4000.0),
        record(points=10.0),
        record(states=("passed",), hidden=0),
        record(states=("passed",) * 3, hidden=2),
        record(remaining=1),
        {"exercise": "relu_forward"},
        {**record(), "points": float("nan")},
        {**record(), "outcomes": "all passed"},
        {
            **record(),
            "outcomes": [
                {
                    "name": "x",
                    "state": "superb",
                    "message": "",
                    "mistake": None,
                    "hidden": True,
                    "remarks": [],
                }
            ],
        },
    ],
    ids=lambda told: str(told)[:60],
)
def test_a_record_that_does_not_fit_its_check_cell_gives_no_score(pretend, told):
    exercise, result, _ = pretend(told=told)

    assert (exercise.points, exercise.verdict, result.score) == (None, "our fault", None)


def test_a_check_cell_that_reports_nothing_gives_no_score(pretend):
    exercise, _, _ = pretend(told=None)

    assert (exercise.points, exercise.verdict) == (None, "our fault")


@pytest.mark.parametrize("verdict", ["raised", "timed out", "crashed", "out of memory", "not reached"])
def test_a_check_cell_that_did_not_end_earns_nothing_whatever_it_reported(pretend, verdict):
    for told in (None, record()):
        exercise, _, _ = pretend(verdict=verdict, told=told)

        assert (exercise.points, exercise.verdict) == (0.0, verdict)


def test_a_record_of_no_checks_earns_nothing(pretend, bundle):
    exercise, _, _ = pretend(told=record(states=(), hidden=0))

    assert not exercise.points


def test_a_fault_of_ours_is_tried_again_and_then_left_open(pretend):
    exercise, result, runs = pretend(verdict="our fault", error="the checker process ended")

    assert runs == 2
    assert (exercise.points, exercise.verdict, result.score, result.verdict) == (
        None,
        "our fault",
        None,
        "our fault",
    )
    assert any("the checker process ended" in message for message in result.messages)
    assert "not your fault" in exercise.message


def test_a_check_that_compared_nothing_is_our_fault(pretend):
    exercise, _, _ = pretend(told=record(states=("passed", "our fault")))

    assert exercise.points is None


def test_an_answer_that_ended_badly_gives_its_verdict_to_the_exercise(pretend):
    exercise, _, _ = pretend(told=record(states=("raised", "raised")), solution="timed out")

    assert (exercise.verdict, exercise.points) == ("timed out", 0.0)
    assert "relu_forward ran out of time" in exercise.message


def test_messages_never_quote_a_hidden_line(pretend):
    told = record(states=("passed", "failed"))
    told["outcomes"][1]["message"] = "File <cell 4>: out, _ = t.call(relu_forward, secret_of_the_course)"

    exercise, _, _ = pretend(told=told)

    assert exercise.outcomes[1].message == "File <cell 4>: ..."


def test_an_endless_loop_costs_its_own_exercise_only(perfect, bundle):
    find(perfect, "relu_backward")["source"] = (
        "def relu_backward(dout, cache):\n    while True:\n        pass"
    )

    result = grade_one(to_bytes(perfect), bundle, limits=Limits(cell_seconds=2.0, total_seconds=20.0))

    assert [(e.points, e.verdict) for e in result.exercises] == [(40.0, "passed"), (0.0, "timed out")]


def test_a_named_mistake_comes_with_the_result(perfect, bundle):
    result = grade_one(to_bytes(filled(perfect, SIGN)), bundle)

    assert result.exercises[1].mistakes == ("sign_flipped",)
    assert result.score == 40.0


def test_files_handed_in_are_there_and_the_courses_own_win(perfect, bundle):
    perfect["cells"][0:0] = [
        own_cell("from mine import double\nprint(double(4), open('hints.toml').read()[:14])")
    ]
    files = {"mine.py": b"def double(x):\n    return 2 * x\n", "hints.toml": b"forged"}

    result = grade_one(to_bytes(perfect), bundle, files=files)

    outputs = result.cells["cells"][0]["outputs"]
    assert outputs[0]["text"] == "8 [relu_forward]\n"


def test_outputs_of_a_flood_are_cut(perfect, bundle):
    perfect["cells"].append(own_cell("for i in range(300_000):\n    print('x' * 100)"))

    result = grade_one(to_bytes(perfect), bundle)

    assert len(str(result.cells)) < 2_500_000
    assert result.score == 100.0


def test_a_check_cell_shows_its_table_and_a_plain_number(perfect, bundle):
    result = grade_one(to_bytes(perfect), bundle)

    (output,) = find(result.cells, "relu_forward_check")["outputs"]
    assert output["data"]["text/plain"] == "40.0"
    assert "works in three dimensions" in output["data"]["text/html"]
    assert not any(word in str(result.cells) for word in HIDDEN)


def test_a_result_travels_as_json(perfect, bundle):
    import json

    result = grade_one(to_bytes(filled(perfect, {"relu_forward": RIGHT["relu_forward"] + "\n1 / 0"})), bundle)

    assert Result.from_dict(json.loads(json.dumps(result.to_dict()))) == result


def test_the_same_submission_gets_the_same_result_every_time(perfect, bundle):
    one, other = (grade_one(to_bytes(perfect), bundle).to_dict() for _ in range(2))

    assert {**one, "seconds": 0} == {**other, "seconds": 0}
