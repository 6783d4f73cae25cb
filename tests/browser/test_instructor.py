"""The instructor's journey: the formgrader grades through our engine and shows the rubric; the report page; the site."""

import re
import zipfile

import pytest
from browser.looks import serious
from browser.school import ASSIGNMENT, NOTEBOOK
from browser.servers import jupyter

ROW = "tr:has-text('{}')"


@pytest.fixture(scope="module")
def class_(school):
    """Two students have handed in: one with a known mistake, one who copied it under other names."""
    answers = school.answers()
    wrong = answers["conv_forward_naive"].replace("+ b[f]", "")
    assert wrong != answers["conv_forward_naive"]
    own = "\n".join(
        f"    trial_{i} = [{i}.5 * k ** {i + 2} for k in range({7 * i + 3}) if k % {i + 2}]" for i in range(9)
    )
    helper = f"def my_own_idea():\n{own}\n    return trial_3\n"
    answers |= {
        "conv_forward_naive": wrong,
        "conv_output_size": answers["conv_output_size"] + "\n\n" + helper,
    }
    school.hand_in(
        "clara", answers | {"reflection": r"Because $w \cdot x$ is a sum. <script>alert('x')</script>"}
    )
    renamed = helper.replace("trial", "versuch").replace("my_own_idea", "meine_idee")
    copied = school.answers()["conv_output_size"] + "\n\n" + renamed
    school.hand_in("david", school.answers() | {"conv_output_size": copied, "reflection": "It depends."})
    return school


@pytest.fixture(scope="module")
def formgrader(class_):
    with jupyter(class_.course, class_.teacher) as address:
        yield address + "formgrader"


@pytest.fixture(scope="module")
def graded(class_, formgrader, chromium):
    """Autograded by the formgrader's own button."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{formgrader}/manage_submissions/{ASSIGNMENT}")
    said = []
    for student in ("clara", "david"):
        page.locator(ROW.format(student)).locator(".autograde a").click()
        dialog = page.locator(".modal.in")
        dialog.wait_for()
        said.append(dialog.inner_text())
        dialog.get_by_role("button", name="OK").click()
        dialog.wait_for(state="detached")
    context.close()
    class_.teacher.run("nbgrader", "generate_feedback", ASSIGNMENT, cwd=class_.course)
    return said


def open_submission(open_page, formgrader, student):
    """The page on which one submission is graded, reached from the gradebook as a person does."""
    page = open_page(f"{formgrader}/gradebook/{ASSIGNMENT}/{NOTEBOOK}")
    links = page.locator("a[href*='/submissions/']")
    links.first.wait_for(state="attached")
    for address in dict.fromkeys(links.evaluate_all("all => all.map(one => one.href)")):
        opened = open_page(address)
        opened.locator(".nbgrader_cell").first.wait_for()
        if student in opened.locator(".name-shown").first.text_content():
            return opened
    raise AssertionError(f"{student} is not in the formgrader's list")


def test_the_formgrader_lists_the_assignment(formgrader, open_page):
    page = open_page(f"{formgrader}/manage_assignments")

    row = page.locator(ROW.format(ASSIGNMENT)).first
    row.wait_for()
    assert "released" in row.inner_text()


def test_its_button_grades_through_our_engine(graded):
    for said in graded:
        assert "Success" in said, said


def test_the_mistake_is_named_where_the_grader_comments(graded, formgrader, open_page, shots):
    page = open_submission(open_page, formgrader, "clara")
    page.wait_for_function(
        "document.querySelector('#conv_forward_naive-comment')?.placeholder.includes('checks')"
    )
    page.locator("#conv_forward_naive-comment").scroll_into_view_if_needed()
    page.screenshot(path=shots / "formgrader-comment.png")

    told = page.locator("#conv_forward_naive-comment").get_attribute("placeholder")
    assert "bias" in told.lower(), told
    assert "checks correct" in told


def test_nothing_of_the_page_comes_from_elsewhere_and_formulas_are_drawn(graded, formgrader, open_page):
    page = open_submission(open_page, formgrader, "clara")

    host = formgrader.removesuffix("formgrader")
    outside = [address for address in page.requested if not address.startswith((host, "data:", "blob:"))]
    assert outside == []
    heights = page.locator("math").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert len(heights) > 10
    assert sum(height > 5 for height in heights) > 10


def test_the_rubric_stands_above_the_reflection_and_marks_are_kept(graded, formgrader, open_page, shots):
    page = open_submission(open_page, formgrader, "clara")
    rubric = page.locator(".alert", has_text="for graders; students never see this")
    rubric.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    page.screenshot(path=shots / "formgrader-reflection.png")
    answer = page.locator("#reflection-comment")

    assert rubric.count() == 1
    assert "Rubric" in rubric.inner_text()
    assert rubric.bounding_box()["y"] < answer.bounding_box()["y"]
    with page.expect_response(lambda r: "/api/comment/" in r.url and r.request.method == "PUT"):
        answer.fill("You name the sum; say also what is shared.")
        answer.blur()
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        page.locator("#reflection_extra_credit").fill("2")
        page.locator("#reflection_extra_credit").blur()

    again = open_page(page.url)
    again.wait_for_function("document.querySelector('#reflection_extra_credit')?.value === '2'")
    assert again.locator("#reflection-comment").input_value() == "You name the sum; say also what is shared."


def test_students_never_see_the_rubric(graded, class_):
    for room in ("release", "autograded", "feedback"):
        for path in (class_.course / room).rglob("*.*"):
            if path.is_file():
                text = path.read_text(errors="replace")
                assert "for graders; students never see this" not in text, path
                assert "A sufficient answer" not in text, path


@pytest.fixture(scope="module")
def report(graded, class_):
    class_.teacher.run("autograder", "report", ASSIGNMENT, cwd=class_.course)
    return class_.course / "reports" / f"{ASSIGNMENT}.html"


def test_the_report_needs_no_network_and_complains_of_nothing(report, open_page):
    page = open_page(report.as_uri())

    assert set(page.requested) == {report.as_uri()}
    assert page.complaints == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_in_the_report(report, open_page, shots, dark):
    page = open_page(report.as_uri(), dark=dark)
    page.screenshot(path=shots / f"report-{'dark' if dark else 'light'}.png", full_page=True)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert serious(page) == []


def test_the_report_shows_mistake_similarity_and_feedback(report, open_page):
    page = open_page(report.as_uri())

    assert "bias" in page.locator("section", has=page.locator("#mistakes")).inner_text()
    alike = page.locator("section", has=page.locator("#similar"))
    assert "clara, david" in alike.inner_text()
    assert alike.locator("mark").count() > 10
    page.locator("#students-table").get_by_role("link", name="feedback of clara").click()
    page.wait_for_url(re.compile("/feedback/clara/"))


def test_the_reports_filters_work_by_keyboard(report, open_page):
    page = open_page(report.as_uri())
    rows = page.locator("#students-table tbody tr:visible")
    everybody = rows.count()  # whoever other tests let hand in is there, too

    def first_of_the_two():
        return next(name for name in map(str.split, rows.all_inner_texts()) if name[0] in ("clara", "david"))[
            0
        ]

    page.get_by_label("Find").focus()
    page.keyboard.type("david")
    assert rows.count() == 1
    assert page.locator("[data-table=students-table] output").inner_text() == f"1 of {everybody} shown"
    page.get_by_label("Find").fill("")
    points = page.locator("#students-table").get_by_role("button", name="points")
    points.focus()
    page.keyboard.press("Enter")
    assert first_of_the_two() == "clara"
    page.keyboard.press("Enter")
    assert first_of_the_two() == "david"
    assert page.locator("#students-table th[aria-sort=descending]").inner_text().startswith("points")


def test_the_report_prints(report, open_page):
    assert open_page(report.as_uri()).pdf().count(b"/Type /Page\n") >= 2


@pytest.fixture(scope="module")
def site(tmp_path_factory, class_):
    from browser.conftest import ROOT

    folder = tmp_path_factory.mktemp("site")
    names = ("01_backprop_gates", "03_mlp")
    class_.teacher.run("autograder", "site", *names, "--no-execute", "--output", str(folder), cwd=ROOT)
    return folder


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "03_mlp/index.html", "03_mlp/solution.html"])
def test_axe_finds_nothing_serious_in_the_site_which_needs_no_network(site, open_page, shots, name, dark):
    address = (site / name).as_uri()
    page = open_page(address, dark=dark)
    page.screenshot(path=shots / f"site-{name.replace('/', '-')}-{'dark' if dark else 'light'}.png")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert serious(page) == []
    assert {asked for asked in page.requested if not asked.startswith("data:")} == {address}
    assert page.complaints == []


def test_a_solution_is_seen_only_after_the_warning_is_opened(site, open_page):
    page = open_page((site / "03_mlp" / "solution.html").as_uri())
    solution = page.locator(".cell.solution").first

    assert not solution.is_visible()
    assert page.get_by_text("forgotten sooner than what you write").is_visible()
    warning = page.locator("summary", has_text="Show every solution")
    warning.focus()
    page.keyboard.press("Enter")
    assert solution.is_visible()
    assert "return" in solution.inner_text()


def test_axe_finds_nothing_serious_on_the_students_start_page(open_page, class_, tmp_path, shots):
    from browser.conftest import ROOT

    class_.teacher.run("autograder", "bundle", "03_mlp", "--output", str(tmp_path / "all.zip"), cwd=ROOT)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        archive.extractall(tmp_path)
    page = open_page(next(tmp_path.glob("*/START.html")).as_uri())
    page.screenshot(path=shots / "start.png")

    assert serious(page) == []
    assert page.complaints == []
