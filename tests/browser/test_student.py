"""A student's whole way in JupyterLab and Notebook 7, by keyboard alone: fetch, write, check, hint, fix, validate, submit."""

import json
import re
import time

import pytest
from browser.hands import Notebook, command, focus, walk_to
from browser.looks import contrasts
from browser.school import ASSIGNMENT, NOTEBOOK

EXERCISE = "conv_output_size"


def wrong_and_right(school) -> tuple[str, str]:
    """The source's own answer, and the same with the mistake of counting one place too few."""
    right = school.answers()[EXERCISE]
    wrong = right.replace("return room // stride + 1", "return room // stride")
    assert wrong != right
    return wrong, right


def hard_to_read(area, least: float = 4.5) -> list:
    """Texts of an output that cannot be read well enough; Jupyter's own prompt beside it is not ours."""
    measured = [pair for output in area.locator(".jp-OutputArea-output").all() for pair in contrasts(output)]
    assert measured, "nothing is shown"
    return [pair for pair in measured if pair[1] < least]


END_KERNELS = """async () => {
  const token = (document.cookie.match(/_xsrf=([^;]+)/) || [])[1];
  for (const session of await (await fetch('/api/sessions')).json())
    await fetch('/api/sessions/' + session.id, {method: 'DELETE', headers: {'X-XSRFToken': token}});
}"""


@pytest.mark.parametrize("place", ["lab", "notebook"])
def test_a_student_gets_from_the_release_to_the_submission_by_keyboard(place, school, lab, open_page, shots):
    wrong, right = wrong_and_right(school)
    page = open_page(f"{lab}lab?reset")
    page.wait_for_selector(".jp-Launcher")
    if not (school.desk / ASSIGNMENT).exists():
        command(page, "assignment list")
        page.wait_for_selector("#released_assignments_list >> text=" + ASSIGNMENT)
        walk_to(page, "Fetch")
        page.keyboard.press("Enter")
        page.wait_for_selector("#fetched_assignments_list >> text=" + ASSIGNMENT)
        page.screenshot(path=shots / "student-assignment-list.png")
    assert (school.desk / ASSIGNMENT / "hints.toml").is_file()

    page.goto(f"{lab}tree")
    page.evaluate(END_KERNELS)  # one that another test left behind would remember its hints and points
    kind = "lab/tree" if place == "lab" else "notebooks"
    page.goto(f"{lab}{kind}/{ASSIGNMENT}/{NOTEBOOK}.ipynb" + ("?reset" if place == "lab" else ""))
    notebook = Notebook(page, school.cells())
    notebook.run(notebook.place("import numpy as np"))

    # A wrong answer is named, in one line; the line unfolds by keyboard.
    answer = notebook.place(f"def {EXERCISE}")
    check = notebook.place(f'Check("{EXERCISE}"')
    notebook.write(answer, wrong)
    notebook.run(answer)
    shown = notebook.run(check)
    assert "incorrect" in shown.inner_text()
    assert shown.locator("details").count() >= 1
    assert shown.locator("details[open]").count() == 0
    page.screenshot(path=shots / f"student-{place}-wrong.png")
    walk_to(page, "", tag="SUMMARY")
    page.keyboard.press("Enter")
    assert shown.locator("details[open]").count() == 1
    assert "expected" in shown.inner_text()
    assert hard_to_read(shown) == []
    page.screenshot(path=shots / f"student-{place}-unfolded.png")

    # A hint, in a cell of one's own.
    notebook.go(check)
    own = notebook.insert_below(f'hint("{EXERCISE}")')
    assert "Hint 1 of" in notebook.run(own).inner_text()
    notebook.go(own)
    page.keyboard.press("d")
    page.keyboard.press("d")
    del notebook.sources[own]

    # Mended, it turns correct; progress says so.
    notebook.write(answer, right)
    notebook.run(answer)
    shown = notebook.run(check)
    assert "incorrect" not in shown.inner_text()
    assert "7 of 7 points so far" in shown.inner_text()
    progress = notebook.run(notebook.place("autograder.progress()"))
    told = progress.inner_text()
    assert re.search(r"7 of 100 points so far; 1 of \d+ exercises correct. Next: conv_forward_naive", told)
    assert "not run yet" in told and "reflection" in told
    assert hard_to_read(progress) == []
    progress.scroll_into_view_if_needed()
    page.screenshot(path=shots / f"student-{place}-progress.png")

    # A slider moves by keys, and the picture with it. Notebook 7 keeps the arrow keys to itself.
    sliders = notebook.place("sliders(look_through")
    picture = notebook.run(sliders)
    picture.locator("img").first.wait_for()
    before = picture.locator("img").first.get_attribute("src")
    walk_to_slider(page)
    page.keyboard.press("ArrowRight" if place == "lab" else "PageUp")
    page.wait_for_function(
        "before => [...document.querySelectorAll('.jp-OutputArea img')].every(img => img.src !== before)",
        arg=before,
    )
    page.screenshot(path=shots / f"student-{place}-slider.png")

    walk_to(page, "Code Cell Content", keys=("Shift+Tab",))
    notebook.go(check)
    page.keyboard.press("Control+S")
    wait_until_saved(school.desk / ASSIGNMENT / f"{NOTEBOOK}.ipynb", right)

    # Validate says what is left, in words.
    notebook.go(0)
    page.keyboard.press("Shift+Tab")  # to the toolbar, where arrow keys walk
    walk_to(page, "Validate", keys=("ArrowRight",), most=20)
    page.keyboard.press("Enter")
    dialog = page.locator(".jp-Dialog", has_text="alidation")
    dialog.wait_for(timeout=240_000)
    assert "conv_forward_naive is not written yet" in dialog.inner_text()
    page.screenshot(path=shots / f"student-{place}-validate.png")
    page.keyboard.press("Escape")

    # Submit, and it arrives.
    before = len(school.handed_in())
    page.goto(f"{lab}lab?reset")
    page.wait_for_selector(".jp-Launcher")
    command(page, "assignment list")
    page.wait_for_selector("#fetched_assignments_list >> text=" + ASSIGNMENT)
    walk_to(page, "Submit")
    page.keyboard.press("Enter")
    page.wait_for_selector("#submitted_assignments_list >> text=" + ASSIGNMENT)
    page.screenshot(path=shots / f"student-{place}-submitted.png")
    assert len(school.handed_in()) == before + 1


def wait_until_saved(path, text: str) -> None:
    for _ in range(300):
        saved = json.loads(path.read_text())
        if text.strip() in "\n".join("".join(cell["source"]) for cell in saved["cells"]):
            return
        time.sleep(0.1)
    raise AssertionError(f"{path.name} was not saved")


def walk_to_slider(page) -> None:
    for _ in range(60):
        if page.evaluate("document.activeElement?.getAttribute('role') === 'slider'"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no slider can be reached by Tab; at {focus(page)}")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_checks_and_progress_are_legible(theme, school, lab, open_page, shots):
    """Contrast from the colours that the browser computed: 4.5 to 1 at least, everywhere in our outputs."""
    school.student.theme(theme)
    folder = school.desk / f"theme_{theme.lower()}"
    folder.mkdir()
    (folder / "checks.ipynb").write_text(json.dumps(picture_book()))
    page = open_page(f"{lab}lab/tree/{folder.name}/checks.ipynb?reset", dark=theme == "Dark", height=1500)
    notebook = Notebook(page, [{"source": cell["source"]} for cell in picture_book()["cells"]])
    shown = [notebook.run(i) for i in range(1, 4)]

    page.evaluate("document.querySelectorAll('.jp-OutputArea details').forEach(d => d.open = true)")
    assert page.evaluate("document.body.dataset.jpThemeLight") == str(theme == "Light").lower()
    for i, output in zip(range(1, 4), shown, strict=True):
        notebook.go(i)
        assert hard_to_read(output) == []
    pictures = page.locator('.jp-OutputArea img[src^="data:image/svg+xml"]')
    assert pictures.first.get_attribute("alt").startswith("Where it is wrong.")
    notebook.go(1)
    page.screenshot(path=shots / f"checks-{theme.lower()}.png")
    school.student.theme("Light")


def picture_book() -> dict:
    """A notebook whose checks show every kind of answer."""
    sources = [
        "import numpy as np\nimport autograder\nfrom autograder import Check, display\nfrom autograder.records import CheckOutcome, ExerciseRecord, STATES",
        'check = Check("layer_backward", points=8, hidden=2)\n\n@check("dx for one row")\ndef _(t):\n    t.equal(np.ones(4), np.ones(4), "dx")\n\n'
        '@check("dx for a batch")\ndef _(t):\n    right = t.rng.normal(size=(5, 6))\n    wrong = right.copy()\n    wrong[:, 2] += 1\n    t.equal(wrong, right, "dx")\n\n'
        '@check("the sign")\ndef _(t):\n    right = t.rng.normal(size=(3, 4))\n    t.equal(-right, right, "dw")\n\ncheck.score()',
        "from IPython.display import HTML\nHTML(display.as_html(ExerciseRecord('states', 9, tuple(CheckOutcome('a check', s, 'It ended so.\\n\\n    a number  1', remarks=('A remark.',)) for s in STATES))))",
        "autograder.progress()",
    ]
    sources[0], first = "import numpy as np", sources[0]
    cells = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for i, source in enumerate([sources[0], first + "\n" + sources[1], *sources[2:]])
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
