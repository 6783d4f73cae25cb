"""Hints go one step at a time and never past the last."""

import pytest

from autograder import hints
from autograder.hints import hint


@pytest.fixture
def beside_the_notebook(tmp_path, monkeypatch):
    (tmp_path / "hints.toml").write_text('[affine]\nhints = ["Which shape?", "A formula.", "A table."]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(hints, "_given", {})


def test_each_call_goes_one_step_further(beside_the_notebook):
    shown = [hint("affine") for _ in range(4)]

    assert [text.splitlines()[0] for text in shown] == ["Which shape?", "A formula.", "A table.", "A table."]
    assert "Hint 1 of 3" in shown[0]
    assert "the last" in shown[2]


def test_a_level_can_be_asked_for(beside_the_notebook):
    assert hint("affine", 2).startswith("A formula.")


def test_an_unknown_exercise_is_answered_with_those_that_have_hints(beside_the_notebook):
    assert "affine" in hint("afine")


def test_a_notebook_moved_away_from_its_hints_says_where_they_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert "came in the same folder" in hint("affine")
