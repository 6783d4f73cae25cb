"""Formulas become MathML without a network, and nothing a student writes as a formula does more than show."""

import json
import re
from pathlib import Path

import pytest

from autograder.mathematics import markdown_to_html, to_mathml

ROOT = Path(__file__).resolve().parents[1]


def test_a_formula_is_an_element_that_browsers_draw():
    shown = to_mathml(r"\frac{\partial L}{\partial x}")

    assert shown.startswith("<math") and "<mfrac>" in shown
    assert r'alttext="\frac{\partial L}{\partial x}"' in shown


def test_a_formula_on_its_own_line_is_a_block():
    assert 'display="block"' in to_mathml("x", display=True)


def test_what_is_no_formula_is_shown_as_written():
    assert to_mathml(r"\left( \frac{<b>") == r"<code class='formula'>\left( \frac{&lt;b&gt;</code>"


@pytest.mark.parametrize(
    "latex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\text{<script>alert(1)</script>}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{<mi onclick='alert(1)' style='x'>a</mi>}",
        r"\style{background:url(//evil)}{x}",
        r"\color{red;background:url(//evil)}{x}",
        "{" * 5000,
    ],
)
def test_a_formula_cannot_do_more_than_show(latex):
    shown = to_mathml(latex)

    marks = re.findall(r"<[^>]*>", shown)
    without_text = re.sub(r'alttext="[^"]*"', "", "".join(marks))
    for word in ("<script", "<img", "onclick", "href", "style=", "mathcolor"):
        assert word not in without_text


@pytest.mark.parametrize("latex", [r"a \mathrel{+}= b", r"a \mathrel{+{=}} b", r"a \mathbin{+=} b"])
def test_an_operator_of_several_signs_is_one(latex):
    assert "<mo>+=</mo>" in to_mathml(latex).replace(' lspace="0.22em" rspace="0.22em"', "")
    assert "<mo>+</mo><mo" in to_mathml(r"a \mathrel{+} (b)")


def test_bars_are_as_high_as_a_letter_unless_they_are_asked_to_grow():
    assert to_mathml(r"\sum_i \lVert x \rVert").count('<mo stretchy="false">‖</mo>') == 2
    assert to_mathml(r"\left\lVert x \right\rVert").count('stretchy="true"') == 2


def test_markdown_keeps_its_formulas_and_loses_its_scripts():
    shown = markdown_to_html("The slope $a_1$ is **two**.<script>alert(1)</script>\n\n$$\\sum_i x_i$$")

    assert shown.count("<math") == 2
    assert "<strong>two</strong>" in shown
    assert "script" not in shown


def test_every_formula_of_the_course_converts():
    for path in sorted((ROOT / "source").glob("*/*.ipynb")):
        for cell in json.loads(path.read_text())["cells"]:
            if cell["cell_type"] == "markdown":
                shown = markdown_to_html("".join(cell["source"]))
                assert "class='formula'" not in shown, (path.name, shown)
