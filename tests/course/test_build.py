"""Authored text to source and release: a function of the text, checked, and never half done."""

import subprocess

import nbformat
import pytest

from autograder.course.build import build, differences
from autograder.course.markup import MarkupError, expand_mark, to_notebook
from autograder.course.paths import CourseError, find_assignments, find_root


def run(*command, course):
    return subprocess.run(
        ["autograder", *command, "--course", str(course)], capture_output=True, text=True, timeout=120
    )


def test_building_twice_writes_the_same_bytes(tiny_course, tmp_path):
    assignments = find_assignments(tiny_course)

    again = build(assignments, into=tmp_path)

    assert again
    for path in again:
        assert (tmp_path / path).read_bytes() == (tiny_course / path).read_bytes()


def test_the_release_holds_stubs_and_no_hidden_tests(tiny_course):
    release = find_assignments(tiny_course)[0].release.read_text()

    assert release.count("raise NotImplementedError") == 2
    for secret in ("BEGIN SOLUTION", "BEGIN HIDDEN", "np.maximum", "cache > 0", "three dimensions"):
        assert secret not in release


def test_files_beside_the_text_are_handed_out_and_python_is_not(tiny_course):
    release = find_assignments(tiny_course)[0].release.parent

    assert sorted(path.name for path in release.iterdir()) == ["hints.toml", "tiny.ipynb"]


def test_cells_keep_their_names_as_ids_and_no_leftovers(tiny_course):
    source = nbformat.read(find_assignments(tiny_course)[0].source, as_version=4)

    nbformat.validate(source)
    named = {cell.id for cell in source.cells}
    assert {"setup", "relu_forward", "relu_forward_check", "reflection"} <= named
    assert all(set(cell.metadata) <= {"nbgrader", "tags"} for cell in source.cells)


def test_check_names_the_file_that_is_out_of_date(fresh_course):
    assignment = find_assignments(fresh_course)[0]
    build([assignment])
    assignment.release.write_text(assignment.release.read_text().replace("50", "51"))

    done = run("build", "--check", course=fresh_course)

    assert done.returncode == 1
    assert "release/00_tiny/tiny.ipynb: differs" in done.stdout
    assert "autograder build" in done.stdout


def test_check_names_missing_and_stray_files(fresh_course):
    assignment = find_assignments(fresh_course)[0]
    build([assignment])
    assignment.source.unlink()
    (assignment.release.parent / "stray.txt").write_text("from nowhere")

    lines = differences([assignment])

    assert lines == [
        "source/00_tiny/tiny.ipynb: missing",
        "release/00_tiny/stray.txt: nothing authored builds it",
    ]


def test_an_unreadable_mark_is_named_and_leaves_the_old_build_alone(fresh_course):
    assignment = find_assignments(fresh_course)[0]
    build([assignment])
    before = assignment.source.read_bytes()
    assignment.text.write_text(
        assignment.text.read_text().replace('"points": 50}', '"points": 50, "pints": 1}')
    )

    done = run("build", course=fresh_course)

    assert done.returncode == 2
    assert "tiny.py: cell" in done.stderr
    assert "pints" in done.stderr
    assert assignment.source.read_bytes() == before


@pytest.mark.parametrize(
    "mark",
    [
        {"grade": True, "points": 1},
        {"grade_id": "x"},
        {"grade_id": "x", "grade": True},
        {"grade_id": "x", "solution": True, "points": 3},
    ],
)
def test_marks_that_say_too_little_or_too_much_are_refused(mark):
    with pytest.raises(MarkupError):
        expand_mark(mark, "code")


def test_the_assignment_can_be_recognised_from_the_file_alone():
    notebook = to_notebook("# %% [markdown]\n# # Title\n", "07_batch_norm")

    assert notebook.metadata.autograder.assignment == "07_batch_norm"
    assert notebook.metadata.kernelspec.name == "python3"


def test_an_unknown_assignment_is_answered_with_those_that_exist(fresh_course):
    with pytest.raises(CourseError, match="00_tiny"):
        find_assignments(fresh_course, ("12_unknown",))


def test_outside_a_course_the_message_says_what_to_do(tmp_path):
    with pytest.raises(CourseError, match="--course"):
        find_root(tmp_path)


def test_outside_a_course_a_command_serves_the_one_it_was_installed_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert (find_root() / "autograder" / "cli.py").is_file()
