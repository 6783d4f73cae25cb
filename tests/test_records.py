"""Records survive the wire, and nothing half-read is scored."""

import math

import pytest

from autograder.records import CheckOutcome, ExerciseRecord

RECORD = ExerciseRecord(
    "affine",
    8,
    (
        CheckOutcome("dx", "passed"),
        CheckOutcome("dw", "failed", "wrong", "sign_flipped", True, ("a remark",)),
    ),
    2,
)


def test_a_record_survives_the_way_there_and_back():
    assert ExerciseRecord.from_dict(RECORD.to_dict()) == RECORD


@pytest.mark.parametrize(
    "change",
    [
        {"points": math.nan},
        {"points": math.inf},
        {"points": -1},
        {"points": "many"},
        {"outcomes": [{"name": "dx"}]},
        {"outcomes": 3},
        {"exercise": None, "outcomes": None},
    ],
)
def test_a_damaged_record_is_refused(change):
    with pytest.raises(ValueError):
        ExerciseRecord.from_dict(RECORD.to_dict() | change)


def test_an_unknown_state_is_refused():
    with pytest.raises(ValueError, match="unknown state"):
        CheckOutcome("dx", "splendid")


def test_only_an_explicit_pass_earns():
    assert RECORD.earned == 4.0
    assert ExerciseRecord("affine", 8).earned == 0.0


def test_our_fault_is_never_covered_by_another_verdict():
    outcomes = (CheckOutcome("a", "passed"), CheckOutcome("b", "failed"), CheckOutcome("c", "our fault"))

    assert ExerciseRecord("x", 1, outcomes).verdict == "our fault"
