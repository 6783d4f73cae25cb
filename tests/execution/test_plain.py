"""Outputs from a process that no one trusts come out as valid outputs within bounds, or not at all."""

import json

import nbformat
import numpy as np
import pytest

from autograder.execution.plain import clean_outputs, plain_json

STREAM = {"output_type": "stream", "name": "stdout", "text": "hello"}
DISPLAY = {"output_type": "display_data", "data": {"text/html": "<b>", "text/plain": "b"}, "metadata": {}}
RESULT = {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}, "execution_count": 2}
ERROR = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", "b"]}


def test_honest_outputs_stay_as_they_are():
    outputs = [STREAM, DISPLAY, RESULT, ERROR]

    assert clean_outputs(outputs, 10_000, 10) == outputs


@pytest.mark.parametrize(
    "output",
    [
        None,
        3,
        {},
        {"output_type": "stream", "name": "stdlog", "text": "x"},
        {"output_type": "stream", "name": "stdout", "text": 5},
        {"output_type": "evil", "data": {}, "metadata": {}},
        {"output_type": "display_data", "data": [], "metadata": {}},
        {"output_type": "error", "ename": "E", "evalue": "v"},
    ],
    ids=repr,
)
def test_what_is_no_output_is_dropped(output):
    assert clean_outputs([output, STREAM], 10_000, 10) == [STREAM]


def test_odd_contents_are_dropped_and_the_notebook_stays_valid():
    odd = {
        "output_type": "execute_result",
        "data": {"text/plain": 3, "no mime": "x", 5: "x", "application/json": {"a": float("inf"), 3: [None]}},
        "metadata": {"x": float("nan")},
        "execution_count": "many",
    }
    (cleaned,) = clean_outputs([odd], 10_000, 10)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[cleaned])])

    nbformat.validate(notebook)
    assert json.loads(json.dumps(cleaned, allow_nan=False))["data"] == {
        "application/json": {"a": "inf", "3": [None]}
    }


def test_too_many_or_too_large_outputs_are_cut():
    assert len(clean_outputs([STREAM] * 100, 10**6, 5)) <= 6
    assert clean_outputs([{**STREAM, "text": "x" * 10**6}], 1000, 5) == []


def test_text_that_utf8_cannot_write_is_replaced():
    (cleaned,) = clean_outputs([{**STREAM, "text": "\ud800"}], 1000, 5)

    assert cleaned["text"].encode() == b"?"


def test_a_record_becomes_plain_json():
    record = {"a": np.float64(1.5), "b": np.arange(2), "c": (1, {"d": {3}}), 4: object, "e": np.True_}

    plain = plain_json(record)

    assert plain == {"a": 1.5, "b": [0, 1], "c": [1, {"d": [3]}], "4": "<type>", "e": True}
    assert type(plain["a"]) is float and json.dumps(plain)
