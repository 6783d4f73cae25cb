"""The published proof holds for every notebook of the course, graded as submissions are."""

import json
import subprocess
from pathlib import Path

import pytest

from autograder.commands.prove import markdown_row, total_row
from autograder.course.answers import read_answers
from autograder.course.paths import find_assignments
from autograder.course.plain import solutions
from autograder.course.prove import ExerciseProof

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENTS = find_assignments(ROOT)
CHANCE = 3  # wrong answers that draw without a seed are seen by other checks on other days


@pytest.fixture(scope="module", params=ASSIGNMENTS, ids=lambda assignment: assignment.name)
def proof(request):
    done = subprocess.run(
        ["autograder", "prove", request.param.name, "--json", "--course", str(ROOT)],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)[0]


def test_the_proof_holds(proof):
    problems = [problem for exercise in proof["exercises"] for problem in exercise["problems"]]

    assert proof["holds"], "\n".join(problems)


def cells(row):
    return [cell.strip() for cell in row.strip("| ").split("|")]


def assert_published(text, row):
    """A row is in the text; how many answers were seen in sight or named may be off by `CHANCE`."""
    name, *rest = cells(row)
    published = [cells(line)[1:] for line in text.splitlines() if cells(line)[0].strip("*") == name]
    for other in published:
        exact = other[:4] + other[6:] == rest[:4] + rest[6:]
        near = all(
            a.split(" of ")[1] == b.split(" of ")[1] and abs(int(a.split()[0]) - int(b.split()[0])) <= CHANCE
            for a, b in zip(other[4:6], rest[4:6], strict=True)
            if exact
        )
        if exact and near:
            return
    raise AssertionError(f"not published: {row}\nRun `autograder prove --markdown > docs/proof.md`")


def test_the_published_proof_is_this_one(proof):
    published = (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    exercises = [ExerciseProof(**exercise) for exercise in proof["exercises"]]
    _, _, section = published.partition(f"## {proof['assignment']}")

    for exercise in exercises:
        assert_published(section.partition("## ")[0], markdown_row(exercise))
    for text in (published, readme):
        assert_published(text, total_row(proof["assignment"], exercises))


def test_a_notebook_has_six_to_twelve_exercises_and_a_hundred_points(proof):
    assert 6 <= len(proof["exercises"]) <= 12
    assert sum(exercise["points"] for exercise in proof["exercises"]) == 100


def test_every_exercise_lists_at_least_three_wrong_answers(proof):
    assert min(exercise["wrong"] for exercise in proof["exercises"]) >= 3


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.name)
def test_every_notebook_lists_several_unusual_right_answers(assignment):
    import nbformat

    reference = solutions(nbformat.read(assignment.source, as_version=4))
    answers = read_answers(assignment.mistakes, reference)

    assert sum(answer.kind == "variant" for answer in answers) >= 6
