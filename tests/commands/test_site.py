"""The site shows every topic with its figures, needs no network, and keeps solutions behind a warning."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote

import nbformat
import pytest

from autograder.course.build import build
from autograder.course.overview import Overview
from autograder.course.paths import CourseError, find_assignments
from autograder.course.plain import solutions
from autograder.course.worked import without_marks
from autograder.site import execute
from autograder.site.content import _builds_on, needs, topic
from autograder.site.write import write

NAME = "00_tiny"
VOID = {"meta", "img", "br", "hr", "input", "link", "rect", "line"}


def run(course, *options, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", "site", "--course", str(course), *options],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def course(tmp_path_factory, lay_out_course):
    folder = lay_out_course(tmp_path_factory.mktemp("site") / "course")
    text = folder / "assignments" / NAME / "tiny.py"
    figure = (
        "\n# %% [markdown]\n# ## Look\n#\n# The slope is $\\frac{\\partial L}{\\partial x}$.\n\n"
        '# %% tags=["experiment"]\nfrom utils import plot_losses\n\nplot_losses({"loss": [3, 2, 1]})\n'
    )
    text.write_text(text.read_text() + figure)
    build(find_assignments(folder))
    return folder


@pytest.fixture(scope="module")
def site(course):
    run(course)
    return course / "site"


@pytest.fixture(scope="module")
def pages(site):
    return {path.relative_to(site).as_posix(): path.read_text() for path in site.rglob("*.html")}


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.fetched, self.open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attrs:
            self.anchors.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs["href"])
        self.fetched += [attrs[name] for name in ("src", "srcset", "poster", "data") if name in attrs]
        assert tag not in ("script", "link", "iframe", "object"), tag
        assert not any(name.startswith("on") for name in attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_there_is_an_index_and_two_pages_a_topic(pages):
    assert set(pages) == {"index.html", f"{NAME}/index.html", f"{NAME}/solution.html"}


def test_nothing_is_fetched_and_nothing_runs(pages):
    for name, text in pages.items():
        page = Page(text)
        assert page.open == [], name
        assert all(source.startswith("data:image/") for source in page.fetched), name
        assert "url(" not in text and "@import" not in text, name


def test_every_link_leads_somewhere(pages, site):
    for name, text in pages.items():
        for link in Page(text).links:
            path, _, anchor = link.partition("#")
            goal = (site / name).parent / unquote(path) if path else site / name
            assert goal.is_file(), (name, link)
            assert not anchor or anchor in Page(goal.read_text()).anchors, (name, link)


def test_no_identifier_occurs_twice(pages):
    for name, text in pages.items():
        anchors = Page(text).anchors
        assert len(anchors) == len(set(anchors)), name


def plain(text):
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", text)).replace("&quot;", '"').replace("&#39;", "'")


def test_a_topics_page_has_stubs_figures_and_formulas_and_no_solution(pages, course):
    text = pages[f"{NAME}/index.html"]
    (one,) = find_assignments(course)
    source = nbformat.read(one.source, as_version=4)
    release = nbformat.read(one.release, as_version=4)

    assert "NotImplementedError" in text
    assert "<math" in text and "<mfrac>" in text
    assert 'src="data:image/png' in text.replace("'", '"')
    assert "hidden_tests" not in text
    for name, reference in solutions(source).items():
        stub = solutions(release)[name]
        for line in without_marks(reference).splitlines():
            if len(line.strip()) > 15 and line not in stub:
                assert plain(line) not in plain(text), line


def test_the_solution_stands_behind_a_warning(pages, course):
    text = pages[f"{NAME}/solution.html"]
    (one,) = find_assignments(course)
    reference = next(iter(solutions(nbformat.read(one.source, as_version=4)).values()))

    assert plain(without_marks(reference)) in plain(text)
    assert '<details class="warning">' in text
    assert text.index('<details class="warning">') < text.index('<div class="behind">')
    assert ".behind { display: none; }" in text


def test_figures_keep_their_alt_text(pages):
    found = re.findall(r'<img[^>]*alt="([^"]+)"', pages[f"{NAME}/index.html"])

    assert len(found) == 1
    assert "loss" in found[0]


def test_what_did_not_change_is_not_run_again(course, site, monkeypatch):
    (one,) = find_assignments(course)
    monkeypatch.setattr(execute, "_run", lambda *_: pytest.fail("it ran"))

    again = execute.executed(one, course / ".autograder" / "site")

    assert any(cell.get("outputs") for cell in again.cells)
    assert execute.key(one, again) == execute.key(one, execute.executed(one, course / ".autograder" / "site"))


def test_a_changed_text_keeps_its_figures_and_changed_code_does_not(course, site):
    (one,) = find_assignments(course)
    notebook = execute.executed(one, course / ".autograder" / "site")
    before = execute.key(one, notebook)

    notebook.cells[0].source += "\nAnother sentence."
    assert execute.key(one, notebook) == before
    next(cell for cell in notebook.cells if cell.cell_type == "code").source += "\nmore = 1"
    assert execute.key(one, notebook) != before


def test_no_execute_runs_nothing_and_says_so(course, tmp_path):
    build(find_assignments(course))
    done = run(course, "--no-execute", "--output", str(tmp_path / "site"))

    assert (tmp_path / "site" / "index.html").is_file()
    assert "3 pages" in done.stdout


def test_a_notebook_that_fails_is_told_and_shown_without_figures(fresh_course):
    text = fresh_course / "assignments" / NAME / "tiny.py"
    text.write_text(text.read_text() + '\n# %% tags=["experiment"]\nraise ValueError("no data today")\n')
    build(find_assignments(fresh_course))

    done = run(fresh_course, code=1)

    assert "a cell of the worked notebook fails" in done.stderr
    assert "no data today" in done.stderr
    assert "Traceback (most recent call last):\n  File" not in done.stderr
    assert "without figures" in done.stdout
    assert (fresh_course / "site" / NAME / "index.html").is_file()


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('import os\n\nos.write(2, b"last words")\nos._exit(1)', "(?s)ended its kernel.*last words"),
        ("while True:\n    pass", "takes more than 3 s"),
    ],
)
def test_a_cell_that_ends_its_kernel_or_never_ends_is_told(fresh_course, monkeypatch, cell, told):
    text = fresh_course / "assignments" / NAME / "tiny.py"
    text.write_text(text.read_text() + f'\n# %% tags=["experiment"]\n{cell}\n')
    build(find_assignments(fresh_course))
    monkeypatch.setattr(execute, "CELL_SECONDS", 3)
    (one,) = find_assignments(fresh_course)

    with pytest.raises(CourseError, match=told):
        execute.executed(one, fresh_course / "cache")


def test_pages_of_topics_that_are_gone_are_removed_and_nothing_else(course, tmp_path):
    (one,) = find_assignments(course)
    shown = topic(one, execute.executed(one, tmp_path / "cache", run=False))
    folder = tmp_path / "site"
    write({"00_tiny": shown, "01_gone": shown}, folder)
    (folder / "01_gone" / "mine.txt").write_text("mine")

    write({"00_tiny": shown}, folder)

    assert [path.name for path in (folder / "01_gone").iterdir()] == ["mine.txt"]
    assert (folder / "00_tiny" / "solution.html").is_file()


def test_what_builds_on_what_is_read_from_the_code():
    earlier = [
        Overview("01_a", "a", "A", "", (), {"affine": 50.0, "relu": 50.0}),
        Overview("02_b", "b", "B", "", (), {"relu": 100.0}),
    ]
    stub = nbformat.v4.new_code_cell("def relu(x): ...")
    stub.metadata["nbgrader"] = {"grade_id": "relu", "solution": True}
    release = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("y = affine(x)"), stub])

    assert _builds_on(release, earlier) == {"01_a": ("affine",)}


def test_the_course_map_leaves_out_what_follows():
    class One:
        def __init__(self, *names):
            self.builds_on = dict.fromkeys(names, ())

    assert needs({"1": One(), "2": One("1"), "3": One("1", "2")}) == {"1": [], "2": ["1"], "3": ["2"]}


def test_a_topic_that_is_not_built_is_said(fresh_course):
    (one,) = find_assignments(fresh_course)

    with pytest.raises(CourseError, match="not built yet"):
        execute.executed(one, fresh_course / "cache")
