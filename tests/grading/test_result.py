"""Results as plain data: all that a record holds, down to the pictures."""

import dataclasses
import json

from autograder.grading.reading import Note
from autograder.grading.result import ExerciseResult, Result
from autograder.records import CheckOutcome, Picture

PICTURE = Picture("dw", "dw[0, :]", ("..C", "a.."), (0, 2))
OUTCOMES = (
    CheckOutcome("right", "passed"),
    CheckOutcome("wrong", "failed", "dw is wrong", "transposed", remarks=("one", "two"), picture=PICTURE),
)
RESULT = Result(
    "03_mlp",
    "mlp",
    (ExerciseResult("affine", "affine_check", 8.0, 4.0, "failed", OUTCOMES, "told"),),
    {"reflection": True},
    (Note("deleted", "A cell was missing.", "affine"), Note("format", "It was old.")),
    {"cells": [{"source": "x"}], "metadata": {}},
    ("once more",),
    0.25,
)


def test_a_result_as_plain_data_holds_all_that_dataclasses_would_give():
    assert RESULT.to_dict() == dataclasses.asdict(RESULT)


def test_a_result_comes_back_from_json():
    assert Result.from_dict(json.loads(json.dumps(RESULT.to_dict()))) == RESULT


def test_plain_data_can_be_changed_without_changing_the_result():
    plain = RESULT.to_dict()

    plain["exercises"][0]["outcomes"][1]["picture"]["of"] = plain["notes"][0]["kind"] = "changed"

    assert PICTURE.of == "dw"
    assert RESULT.notes[0].kind == "deleted"
