"""Exported marks are what each platform documents, go to the right rows, and change nothing else."""

import csv
import io

import pytest

from autograder.export.platforms import PLATFORMS
from autograder.export.roster import RosterError, read_roster
from autograder.export.write import ExportError, export
from autograder.report.marks import Mark, Marks, Person

EXERCISES = {"affine": 60.0, "relu": 40.0}


def marks(*, people=None, of=None, name="03_mlp"):
    people = people or {
        "anna": Person("anna", "Anna", "Abel", "Anna@uni.example", "501"),
        "ben": Person("ben", "Ben", "Bach", "ben@uni.example", "502"),
        "eva": Person("eva", "Eva", "Ende", "eva@uni.example", "503"),
        "kim": Person("kim", "Kim", "Kant", "kim@uni.example", "504"),
    }
    of = of or {
        "anna": Mark("anna", {"affine": 60.0, "relu": 40.0}),
        "ben": Mark(
            "ben", {"affine": 55.25, "relu": 0.0}, penalty=5.0, comments={"relu": "Sign flipped:\nturn it."}
        ),
        "eva": Mark("eva", {"affine": None, "relu": 40.0}),
    }
    return Marks(name, EXERCISES, people, of)


def table(data, separator=",", encoding="utf-8"):
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=separator))


def test_canvas_gets_its_five_columns_and_the_row_of_points():
    done = export([marks()], PLATFORMS["canvas"])

    header, possible, *rows = table(done.data)
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "03_mlp"]
    assert possible == ["    Points Possible", "", "", "", "", "100"]
    assert rows[0] == ["Abel, Anna", "501", "", "anna", "", "100"]
    assert rows[1][-1] == "50.25"


def test_moodle_gets_mark_and_comment_together():
    done = export([marks()], PLATFORMS["moodle"])

    header, *rows = table(done.data)
    assert header == ["Username", "ID number", "Email address", "03_mlp (Real)", "03_mlp (Feedback)"]
    assert rows[1] == ["ben", "502", "ben@uni.example", "50.25", "relu: Sign flipped: turn it."]


def test_blackboard_gets_every_cell_in_quotes():
    done = export([marks()], PLATFORMS["blackboard"])

    first, second = done.data.decode().splitlines()[:2]
    assert first == '"Last Name","First Name","Username","03_mlp [Total Pts: 100 Score]"'
    assert second == '"Abel","Anna","anna","100"'
    assert any("--roster" in note for note in done.notes)


def test_whoever_has_no_mark_is_named_and_gets_no_zero():
    for platform in PLATFORMS.values():
        done = export([marks()], platform)

        assert done.written == 2
        assert "03_mlp: handed in but not graded, left empty: eva" in done.notes
        assert "03_mlp: nothing handed in, left empty: kim" in done.notes
        cells = {row[-2 if platform.feedback else -1] for row in table(done.data)[1:]}
        assert "0" not in cells


def test_several_assignments_stand_side_by_side():
    done = export([marks(), marks(name="04_conv")], PLATFORMS["csv"])

    assert table(done.data)[0] == ["student_id", "last_name", "first_name", "email", "03_mlp", "04_conv"]
    assert table(done.data)[1][-2:] == ["100", "100"]


CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,01_gates (77),03_mlp (78),Assignments Current Score
,,,,,Manual Posting,,(read only)
    Points Possible,,,,,100.00,100.00,(read only)
"Bach, Ben",502,u2,bbach,Lab 1,88.00,12.00,88.0
"Abel, Anna",501,u1,aabel,"Lab 1, early",,,
"Ende, Eva",503,u3,eva,Lab 2,,7.00,
"Test, Student",9,,f00,Lab 2,,,
"""


def test_a_canvas_file_is_filled_in_by_id_and_otherwise_left_alone():
    roster = read_roster(CANVAS.encode("utf-8"))

    done = export([marks()], PLATFORMS["canvas"], roster)

    before, after = table(CANVAS.encode(), encoding="utf-8-sig"), table(done.data, encoding="utf-8-sig")
    assert done.data.startswith(b"\xef\xbb\xbf")
    changed = {
        (i, j): (old, new)
        for i, (old_row, new_row) in enumerate(zip(before, after, strict=True))
        for j, (old, new) in enumerate(zip(old_row, new_row, strict=True))
        if old != new
    }
    assert changed == {(3, 6): ("12.00", "50.25"), (4, 6): ("", "100")}
    assert "Not in the roster, not written: kim" in done.notes


def test_another_number_of_points_is_told():
    roster = read_roster(CANVAS.replace("100.00,100.00", "100.00,10.00").encode())

    done = export([marks()], PLATFORMS["canvas"], roster)

    assert "03_mlp: Canvas has 10.00 points possible, the gradebook 100" in done.notes


def test_a_moodle_file_is_matched_by_address_whatever_its_case():
    text = (
        "First name;Surname;ID number;Email address;Assignment: 03_mlp (Real);Assignment: 03_mlp (Feedback);Last downloaded\r\n"
        "Anna;Abel;;anna@uni.example;-;;1700000000\r\nBen;Bach;;BEN@uni.example;-;old;1700000000\r\n"
    )

    done = export([marks()], PLATFORMS["moodle"], read_roster(text.encode()))

    header, anna, ben = table(done.data, ";")
    assert header == text.splitlines()[0].split(";")
    assert anna == ["Anna", "Abel", "", "anna@uni.example", "100", "", "1700000000"]
    assert ben[4:6] == ["50.25", "relu: Sign flipped: turn it."]
    assert done.data.count(b"\r\n") == 3


def test_a_blackboard_download_in_utf_16_with_tabs_is_filled_in():
    text = (
        '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"03_mlp [Total Pts: 100 Score] |123456"\n'
        '"Abel"\t"Ånna"\t"anna"\t"501"\t""\n"Bach"\t"Ben"\t"someone"\t"502"\t""\n'
    )

    done = export([marks()], PLATFORMS["blackboard"], read_roster(text.encode("utf-16")))

    header, anna, ben = table(done.data, "\t", "utf-16")
    assert header[-1] == "03_mlp [Total Pts: 100 Score] |123456"
    assert (anna[1], anna[-1], ben[-1]) == ("Ånna", "100", "50.25")
    assert '"Ånna"' in done.data.decode("utf-16")


def test_a_column_that_is_called_otherwise_can_be_named():
    roster = read_roster(b"Username,Homework 3\nanna,\nben,\n")

    done = export([marks()], PLATFORMS["moodle"], roster, {"03_mlp": "Homework 3"})

    assert table(done.data) == [
        ["Username", "Homework 3", "03_mlp (Feedback)"],
        ["anna", "100", ""],
        ["ben", "50.25", "relu: Sign flipped: turn it."],
    ]


def test_two_columns_that_could_be_meant_are_not_guessed_between():
    roster = read_roster(b"Student,ID,03_mlp (1),03_mlp (2)\nAnna,501,,\n")

    with pytest.raises(ExportError, match="could be any of the columns"):
        export([marks()], PLATFORMS["canvas"], roster)


def test_rows_that_two_could_mean_are_left_alone():
    people = {"anna": Person("anna", email="x@uni.example"), "ben": Person("ben", email="x@uni.example")}
    of = {name: Mark(name, {"affine": 60.0, "relu": 40.0}) for name in people}
    twice = read_roster(b"Email address,03_mlp\nx@uni.example,\n")

    done = export([marks(people=people, of=of)], PLATFORMS["moodle"], twice)

    assert done.written == 0
    assert table(done.data)[1][1] == ""
    assert "Not written, more than one row or student fits: anna, ben" in done.notes


def test_a_file_of_something_else_is_refused_in_words():
    with pytest.raises(ExportError, match="none of the columns that tell students apart"):
        export([marks()], PLATFORMS["canvas"], read_roster(b"a,b\n1,2\n"))
    with pytest.raises(RosterError, match="holds no table"):
        read_roster(b"")
    with pytest.raises(RosterError, match="more cells than the header"):
        read_roster(b"a,b\n1,2,3\n")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " ="])
def test_no_name_and_no_comment_becomes_a_formula(start):
    evil = start + 'HYPERLINK("http://evil")'
    people = {"anna": Person("anna", evil, evil, "a@uni.example", "1")}
    of = {"anna": Mark("anna", {"affine": 60.0, "relu": 40.0}, comments={evil: "text"})}
    rosters = {
        "canvas": f'Student,ID,03_mlp\n"{evil.replace(chr(34), chr(34) * 2)}",1,\n',
        "moodle": f'First name,Email address,03_mlp\n"{evil.replace(chr(34), chr(34) * 2)}",a@uni.example,\n',
    }

    for name, platform in PLATFORMS.items():
        for roster in [None, *([read_roster(rosters[name].encode())] if name in rosters else [])]:
            done = export([marks(people=people, of=of)], platform, roster)
            for cell in (cell for row in table(done.data) for cell in row):
                assert not cell.lstrip().startswith(("=", "+", "-", "@")), (name, cell)
            assert done.written == 1


def test_a_large_class_is_matched_in_a_moment():
    import time

    people = {f"s{i}": Person(f"s{i}", email=f"s{i}@uni.example") for i in range(5000)}
    of = {name: Mark(name, {"affine": 60.0, "relu": 40.0}) for name in people}
    roster = read_roster(
        ("Email address,03_mlp\n" + "".join(f"s{i}@uni.example,\n" for i in range(5000))).encode()
    )

    started = time.process_time()
    done = export([marks(people=people, of=of)], PLATFORMS["moodle"], roster)

    assert done.written == 5000
    assert time.process_time() - started < 5
