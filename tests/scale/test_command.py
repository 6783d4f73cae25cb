"""`autograder grade` as a person meets it: what it says, what it prints as JSON, how it ends."""

import json
import sys

import pytest
from click import ClickException
from click.testing import CliRunner
from grading import course as small
from scale.courses import NAME, hand_in
from scale.gradebooks import scores

from autograder.commands.grade import command
from autograder.course.paths import CourseError


@pytest.fixture
def run(course, monkeypatch):
    """The command in this process; one worker, so that it is quick."""

    monkeypatch.setitem(
        sys.modules, "rfc3987_syntax", None
    )  # the command leaves it out; other tests may want it

    def call(*options, code=0):
        arguments = [*options, "--course", str(course), "--workers", "1"]
        done = CliRunner().invoke(command, arguments, standalone_mode=False)
        assert done.return_value == code, done.output + str(done.exception)
        return done

    def fail(*options):
        with pytest.raises(ClickException) as told:
            command.main([*options, "--course", str(course), "--workers", "1"], standalone_mode=False)
        return told.value.format_message()

    call.fail = fail
    return call


@pytest.fixture
def handed_in(course, perfect, wrong):
    hand_in(course, "anna", perfect)
    hand_in(course, "ben", wrong)
    return course


def test_the_summary_tells_how_many_how_well_and_whom_to_look_at(run, handed_in, course):
    hand_in(course, "carl", b"?", "letter.txt")

    done = run(NAME, code=1)

    assert "graded" in done.stdout
    assert "mean score" in done.stdout
    assert "70 of 100" in done.stdout
    assert "carl" in done.stdout
    assert "no notebook" in done.stdout
    assert scores(course) == {"anna": 100, "ben": 40}


def test_json_holds_a_record_for_every_submission(run, handed_in):
    found = json.loads(run(NAME, "--json").stdout)
    again = json.loads(run(NAME, "--json", "--students", "ben,nobody").stdout)

    assert [
        (r["student"], r["state"], r["score"], r["max_score"], r["verdict"]) for r in sorted(found, key=str)
    ] == [
        ("anna", "graded", 100, 100, "passed"),
        ("ben", "graded", 40, 100, "failed"),
    ]
    assert [(r["student"], r["state"]) for r in again] == [("ben", "unchanged")]


def test_nothing_handed_in_is_an_error_that_says_where_it_looked(run):
    done = run.fail(NAME)

    assert f"submitted/*/{NAME}/" in done


def test_an_assignment_that_nobody_generated_is_an_error_with_its_remedy(run, handed_in):
    done = run.fail("99_nothing")

    assert "nbgrader generate_assignment 99_nothing" in done
    assert small.NAME not in done


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("c.Autograde = (", "SyntaxError"),
        ("c.AssignLatePenalties.plugin_class = 'late.Nobody'", "late.Nobody"),
    ],
)
def test_a_configuration_that_cannot_be_used_grades_nothing_and_is_named(course, handed_in, line, told):
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(f"\n{line}\n")

    with pytest.raises(CourseError, match=told) as error:
        command.main([NAME, "--course", str(course), "--workers", "1"], standalone_mode=False)

    assert "nbgrader_config.py" in str(error.value)
    assert scores(course) == {}


def test_a_scheduler_that_does_not_answer_is_an_error(run, handed_in, monkeypatch):
    from autograder.grading import workers

    real = workers.cluster
    monkeypatch.setattr(workers, "cluster", lambda address: real(address, wait_seconds=0.5))

    done = run.fail(NAME, "--scheduler", "tcp://127.0.0.1:9")

    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in done


def test_steps_of_the_configuration_that_are_not_run_here_are_told(run, handed_in, course):
    config = course / "nbgrader_config.py"
    config.write_text(
        config.read_text()
        + '\nc.Autograde.autograde_preprocessors.append("nbgrader.preprocessors.LimitOutput")\n'
    )

    done = run(NAME)

    assert "LimitOutput is configured" in done.output
