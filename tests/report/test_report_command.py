"""The report of a class says what happened, in words, and shows nothing that runs."""

import csv
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report.classes import EXERCISES, NAME, disguised, make_class, own_code, right, wrong

from autograder.records import CheckOutcome
from autograder.report.marks import MarksError, read_marks

NASTY = "<script>alert('x')</script>"
NAMES = "anna ben chloe dmitri eva farid grace hugo ines jonas kira liam".split()


def submissions():
    listed = [
        {"student": name, "code": {"relu_forward": own_code(i)}, "seconds": 0.3 + i}
        for i, name in enumerate(NAMES)
    ]
    by_name = {one["student"]: one for one in listed}
    by_name["ben"]["code"] = {"relu_forward": disguised(own_code(0)) + f'\ntold = "{NASTY}"\n'}
    by_name["eva"]["exercises"] = wrong()
    by_name["farid"]["exercises"] = wrong()
    by_name["grace"]["exercises"] = wrong("averaged_twice", f"You divided by N twice. {NASTY}")
    by_name["hugo"]["exercises"] = right() | {"relu_forward": (0.0, "timed out", ())}
    by_name["ines"]["exercises"] = right() | {"relu_forward": (None, "our fault", (), "The checker stopped.")}
    by_name["jonas"] |= {
        "readable": False,
        "code": {},
        "notes": [{"kind": "unreadable", "text": f"The file is empty. {NASTY}", "about": ""}],
        "exercises": dict.fromkeys(EXERCISES, (0.0, "not attempted", ())),
    }
    by_name["kira"]["notes"] = [{"kind": "changed", "text": "relu_forward_check was changed.", "about": ""}]
    by_name["liam"]["marked"] = False
    by_name["dmitri"]["answered"] = True
    by_name["chloe"]["record"] = False
    return listed


def run(course, *options):
    return subprocess.run(
        [sys.executable, "-m", "autograder.cli", "report", NAME, "--course", str(course), *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = make_class(tmp_path_factory.mktemp("class") / "course", submissions())
    page = folder / "feedback" / "eva" / NAME / "small.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>Feedback</p>")
    return folder


@pytest.fixture(scope="module")
def done(course):
    return run(course, "--json")


@pytest.fixture(scope="module")
def data(done):
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def page(done, course):
    return (course / "reports" / f"{NAME}.html").read_text()


def test_it_says_what_it_wrote_and_the_data_beside_are_the_data_printed(done, course, data):
    written = [Path(line) for line in done.stderr.split()]

    assert done.returncode == 0
    assert [path.name for path in written] == [
        f"{NAME}.html",
        f"{NAME}.json",
        *(f"{NAME}_{name}.csv" for name in ("students", "exercises", "mistakes", "similar")),
    ]
    assert json.loads((course / "reports" / f"{NAME}.json").read_text()) == data


def test_every_reason_to_look_is_there_with_its_student(data):
    looks = {(look["reason"], look["student"]) for look in data["looks"]}

    assert looks == {
        ("our fault", "ines"),
        ("not graded", "liam"),
        ("damaged", "jonas"),
        ("timed out", "hugo"),
        ("given cells changed", "kira"),
        ("similar", "anna"),
        ("similar", "ben"),
        ("other grader", "chloe"),
    }


def test_a_fault_of_ours_is_explained(data):
    (why,) = [look["why"] for look in data["looks"] if look["student"] == "ines"]

    assert "The checker stopped." in why


def test_mistakes_are_counted_among_those_who_attempted(data):
    first, second = data["mistakes"]

    assert (first["mistake"], first["count"], first["students"]) == ("sign_flipped", 2, ["eva", "farid"])
    assert first["share"] == pytest.approx(2 / 9)  # neither graded by another, nor damaged, nor ungraded
    assert (second["mistake"], second["count"]) == ("averaged_twice", 1)


def test_exercises_come_hardest_first(data):
    hardest, easier = data["exercises"]

    assert (hardest["name"], hardest["full"], hardest["none"], hardest["not_attempted"]) == (
        "relu_backward",
        7,
        4,
        1,
    )
    assert hardest["commonest_failure"] == "dx agrees"
    assert easier["mean"] > hardest["mean"]


def test_open_marks_are_not_zeros(data):
    scores = {row["student"]: row["score"] for row in data["students"]}

    assert scores["ines"] is None
    assert scores["liam"] is None
    assert scores["jonas"] == 0
    assert data["graded"] == 10


def test_the_page_says_mistakes_in_words(page):
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())

    assert "22 % sign flipped relu_backward The sign is flipped." in text
    assert "waits for a person: reflection" in text
    assert "kira (10.3 s)" in text


def test_similar_work_stands_side_by_side(page, data):
    assert data["groups"] == [["anna", "ben"]]
    assert page.count('<div class="pair">') == 1
    assert "<mark>≡ " in page
    assert "resultat" in page


class Look(HTMLParser):
    def __init__(self):
        super().__init__()
        self.scripts, self.addresses, self.handlers = 0, [], []

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.addresses += [value for name, value in attrs if name in ("src", "href")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def test_nothing_a_student_wrote_becomes_html_and_nothing_is_fetched(page):
    look = Look()
    look.feed(page)

    assert NASTY not in page
    assert "&lt;script&gt;" in page
    assert look.scripts == 1
    assert look.handlers == []
    assert {address for address in look.addresses if not address.startswith("#")} == {
        f"../feedback/eva/{NAME}/small.html"
    }
    assert "default-src &#39;none&#39;" in page


def test_tables_hold_the_same_and_no_formula(course, data):
    with (course / "reports" / f"{NAME}_students.csv").open() as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}

    assert {name: float(row["points"]) if row["points"] else None for name, row in rows.items()} == {
        row["student"]: row["score"] for row in data["students"]
    }
    assert rows["kira"]["look"] == "given cells changed"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_class_of_any_size_has_a_report(tmp_path, count):
    folder = make_class(tmp_path / "course", [{"student": f"s{i}"} for i in range(count)])

    done = run(folder)

    assert done.returncode == 0, done.stderr
    assert (folder / "reports" / f"{NAME}.html").is_file()


def test_what_is_no_course_and_what_is_not_graded_is_said_in_a_sentence(course, tmp_path):
    done = run(course)
    missing = subprocess.run(
        [sys.executable, "-m", "autograder.cli", "report", "99_none", "--course", str(course)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0
    assert missing.returncode == 1
    assert "does not know '99_none'; it knows: 00_small" in missing.stderr
    assert "Traceback" not in missing.stderr
    with pytest.raises(MarksError, match="There is no gradebook"):
        read_marks(f"sqlite:///{tmp_path}/none.db", NAME)
    assert not (tmp_path / "none.db").exists()


def test_damaged_autograded_files_damage_no_report(tmp_path):
    folder = make_class(tmp_path / "course", [{"student": name} for name in ("anna", "ben", "eva")])
    for student, text in {
        "anna": "{",
        "ben": '{"metadata": {"autograder": {"exercises": [3, {"id": []}]}}}',
    }.items():
        path = folder / "autograded" / student / NAME / "small.ipynb"
        path.chmod(0o644)
        path.write_text(text)

    done = run(folder, "--json")

    assert done.returncode == 0, done.stderr
    looks = {look["student"]: look["reason"] for look in json.loads(done.stdout)["looks"]}
    assert looks["anna"] == "damaged"


def test_extra_credit_and_manual_marks_count_as_nbgrader_counts_them(tmp_path):
    from nbgrader.api import Gradebook

    failed = (0.0, "failed", (CheckOutcome("works", "failed", "no"),))
    folder = make_class(
        tmp_path / "course", [{"student": "anna", "exercises": right() | {"relu_forward": failed}}]
    )
    url = f"sqlite:///{folder / 'gradebook.db'}"
    with Gradebook(url, "foundations") as gradebook:
        notebook = gradebook.find_submission_notebook("small", NAME, "anna")
        grades = {grade.name: grade for grade in notebook.grades}
        grades["relu_forward_check"].manual_score = 25
        grades["reflection"].extra_credit = 4
        notebook.late_submission_penalty = 9
        gradebook.db.commit()
        expected = max(0.0, notebook.score - 9)

    mark = read_marks(url, NAME).of["anna"]

    assert mark.score == expected == 80
    assert mark.penalty == 9
