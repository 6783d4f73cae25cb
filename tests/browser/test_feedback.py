"""A feedback page as a student opens it: from a file, without a network, by keyboard, in the dark, on paper."""

import re

import pytest
from browser.looks import serious
from browser.school import ASSIGNMENT, NOTEBOOK


@pytest.fixture(scope="module")
def feedback(school):
    """The page of somebody who made one known mistake, left out one exercise and answered the reflection."""
    answers = school.answers()
    assigned = answers["max_pool_backward_naive"].replace("] += dout", "] = dout")
    assert assigned != answers["max_pool_backward_naive"]
    answers |= {"max_pool_backward_naive": assigned, "reflection": r"Because $w \cdot x$ is a sum."}
    del answers["avg_pool_forward"]
    school.hand_in("ben", answers)
    for command in ("autograde", "generate_feedback"):
        school.teacher.run("nbgrader", command, ASSIGNMENT, "--student", "ben", cwd=school.course)
    return school.course / "feedback" / "ben" / ASSIGNMENT / f"{NOTEBOOK}.html"


def test_it_needs_no_network_and_complains_of_nothing(feedback, open_page):
    page = open_page(feedback.as_uri())

    asked = {address for address in page.requested if not address.startswith("data:")}
    assert asked == {feedback.as_uri()}
    assert page.complaints == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(feedback, open_page, shots, dark):
    page = open_page(feedback.as_uri(), dark=dark)
    page.screenshot(path=shots / f"feedback-{'dark' if dark else 'light'}.png")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert serious(page) == []


def test_the_mistake_is_named_pictured_and_linked_to_its_section(feedback, open_page):
    page = open_page(feedback.as_uri())
    look = page.locator("article", has_text="max_pool_backward_naive").first

    assert "incorrect" in look.inner_text()
    picture = look.locator("img").first
    assert picture.get_attribute("alt").startswith("Where it is wrong. ")
    assert picture.evaluate("img => img.complete && img.naturalWidth > 20")
    link = look.get_by_role("link", name=re.compile("Max pooling, backward")).first
    link.click()
    assert "Max pooling, backward" in page.locator(":target").inner_text()


def test_what_was_left_out_is_told_apart_from_what_is_wrong(feedback, open_page):
    page = open_page(feedback.as_uri())

    row = page.get_by_role("row", name=re.compile("^avg_pool_forward"))
    assert "not attempted" in row.inner_text()
    assert "waits for a person" in page.get_by_role("row", name=re.compile("^reflection")).inner_text()


def test_formulas_are_drawn(feedback, open_page):
    page = open_page(feedback.as_uri())

    heights = page.locator("math").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    assert len(heights) > 10
    assert min(heights) > 5
    prose = page.locator(".cell.markdown").evaluate_all("all => all.map(one => one.innerText).join(' ')")
    assert not re.search(r"\\(frac|sum|cdot|partial|lVert)|\$\$", prose)


def test_a_keyboard_is_enough(feedback, open_page):
    page = open_page(feedback.as_uri())

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "To the feedback"
    page.keyboard.press("Enter")
    summary = page.locator("article summary").nth(1)
    for _ in range(100):
        if summary.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    before = summary.evaluate("one => one.parentElement.open")
    page.keyboard.press("Enter")
    assert summary.evaluate("one => one.parentElement.open") is not before


def test_on_paper_it_has_pages_and_hides_nothing(feedback, open_page, tmp_path, shots):
    page = open_page(feedback.as_uri())
    page.pdf(path=tmp_path / "feedback.pdf", format="A4")
    page.emulate_media(media="print")
    page.screenshot(path=shots / "feedback-print.png")

    pages = len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "feedback.pdf").read_bytes()))
    assert 2 <= pages <= 60
    hidden = page.locator("article details > pre").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 5).length"
    )
    assert hidden == 0
    assert page.locator("nav").first.is_hidden()


def test_a_narrow_screen_is_enough(feedback, open_page, shots):
    page = open_page(feedback.as_uri(), width=360)
    page.screenshot(path=shots / "feedback-narrow.png")

    assert page.evaluate("document.documentElement.scrollWidth") <= 370
