"""`autograder score`: notebooks graded outside of any class."""

import json

import pytest
from click.testing import CliRunner
from grading.course import HIDDEN, RIGHT, SIGN, filled, to_bytes

from autograder.commands.score import command


@pytest.fixture
def folder(tmp_path, release):
    perfect = filled(release, RIGHT)
    (tmp_path / "a_perfect.ipynb").write_bytes(to_bytes(perfect))
    (tmp_path / "b_sign.ipynb").write_bytes(to_bytes(filled(perfect, SIGN)))
    (tmp_path / "c_stub.ipynb").write_bytes(to_bytes(release))
    return tmp_path


def score(course, *arguments):
    return CliRunner().invoke(command, [*map(str, arguments), "--course", str(course)], standalone_mode=False)


def test_json_has_exactly_the_promised_form(course, folder):
    done = score(course, folder / "b_sign.ipynb", "--json")

    (record,) = json.loads(done.stdout)
    assert done.return_value == 0
    assert list(record) == ["path", "assignment", "score", "max_score", "verdict", "seconds", "exercises"]
    assert (record["assignment"], record["score"], record["max_score"], record["verdict"]) == (
        "00_small",
        40.0,
        100.0,
        "failed",
    )
    assert [list(exercise) for exercise in record["exercises"]] == [
        ["id", "points", "max_points", "verdict", "checks"]
    ] * 2
    check = record["exercises"][1]["checks"][0]
    assert list(check) == ["name", "passed", "message", "mistake"]
    assert (check["passed"], check["mistake"]) == (False, "sign_flipped")
    assert not any(word in done.stdout for word in HIDDEN)


def test_a_folder_is_graded_in_order_and_shown_as_tables(course, folder):
    done = score(course, folder)

    assert done.return_value == 0
    places = [done.stdout.index(name) for name in ("a_perfect", "b_sign", "c_stub")]
    assert places == sorted(places)
    assert "sign flipped" in done.stdout
    assert "Look for a lost minus" in done.stdout
    assert "(hidden)" in done.stdout
    assert not any(word in done.stdout for word in HIDDEN)


def test_what_cannot_be_graded_is_told_and_the_others_are_graded(course, folder):
    (folder / "d_stranger.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    (folder / "e_link.ipynb").symlink_to("/etc/passwd")

    done = score(course, folder, folder / "missing.ipynb", "--json")

    assert done.return_value == 1
    assert [record["score"] for record in json.loads(done.stdout)] == [100.0, 40.0, 0.0]
    assert "--assignment" in done.stderr
    assert "handed in as a link" in done.stderr
    assert "there is no such file" in done.stderr


def test_a_damaged_notebook_is_graded_where_its_assignment_is_named(course, folder):
    (folder / "broken.ipynb").write_bytes(b'{"cells": [')

    done = score(course, folder / "broken.ipynb", "--assignment", "00_small")

    assert done.return_value == 0
    assert "0 of 100 points (not reached)" in " ".join(done.stdout.split())
    assert "cannot be read to its end" in done.stdout


def test_an_empty_folder_says_what_to_name(course, tmp_path):
    done = score(course, tmp_path)

    assert done.return_value == 1
    assert "holds no notebook" in done.stderr
