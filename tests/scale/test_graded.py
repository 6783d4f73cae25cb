"""Autograded notebooks are written as nbformat writes them, without loading it."""

import json
import subprocess
import sys

import nbformat
import pytest
from grading import course as small
from grading.damaged import CASES

from autograder.grading.bundle import Bundle
from autograder.grading.graded import as_notebook, as_text, describe
from autograder.grading.reading import Note
from autograder.grading.restore import restore
from autograder.grading.result import Result

STRANGE = {
    "cell_type": "code",
    "id": "strange",
    "metadata": {"trusted": True, "tags": ["x"]},
    "source": "a\r\nb\x0bc\u2028d\n",
    "execution_count": 3,
    "outputs": [
        {"output_type": "stream", "name": "stdout", "text": "one\ntwo"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["l1\nl2"]},
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {
                "image/png": "QUJD\nREVG\n",
                "image/svg+xml": "<a>\n</a>",
                "text/html": "<b>\n",
                "application/json": {"a": "b\nc"},
            },
        },
        {"output_type": "execute_result", "execution_count": 3, "metadata": {}, "data": {"text/plain": ""}},
    ],
}
PICTURE = {
    "cell_type": "markdown",
    "id": "picture",
    "metadata": {},
    "source": "",
    "attachments": {"é.png": {"image/png": "QUJD", "text/plain": "a\nb"}},
}


def test_every_kind_of_cell_and_output_is_written_as_nbformat_writes_it():
    metadata = {"orig_nbformat": 4, "signature": "x", "kernelspec": {"name": "python3", "display_name": "ü"}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [STRANGE, PICTURE]}

    assert as_text(notebook) == nbformat.writes(nbformat.from_dict(notebook)) + "\n"
    assert notebook["cells"][0] is STRANGE
    assert STRANGE["metadata"]["trusted"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_whatever_was_handed_in_is_written_as_nbformat_writes_it(generated, perfect, case):
    path = generated / "source" / small.NAME / f"{small.NOTEBOOK}.ipynb"
    bundle = Bundle.from_source(path)
    restored = restore(case.make(json.loads(perfect)), bundle)
    result = Result(small.NAME, small.NOTEBOOK, (), notes=restored.notes, cells=restored.notebook)

    notebook = as_notebook(result, describe(restored), bundle)

    assert as_text(notebook) == nbformat.writes(nbformat.from_dict(notebook)) + "\n"
    assert notebook["metadata"]["autograder"]["readable"] == restored.readable


def test_an_instructor_who_asks_sees_the_hidden_tests(generated, perfect):
    bundle = Bundle.from_source(generated / "source" / small.NAME / f"{small.NOTEBOOK}.ipynb")
    restored = restore(perfect, bundle)
    result = Result(small.NAME, small.NOTEBOOK, (), notes=(Note("a", "b"),), cells=restored.notebook)

    shown, kept = (as_text(as_notebook(result, {}, bundle, show)) for show in (True, False))

    assert small.HIDDEN[0] in shown
    assert small.HIDDEN[0] not in kept


def test_a_worker_loads_no_nbgrader_no_nbformat_and_no_database():
    code = (
        "import sys, autograder.grading.work; "
        "print(sorted({'nbgrader', 'nbformat', 'jsonschema', 'sqlalchemy', 'IPython', 'rich'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "[]"
