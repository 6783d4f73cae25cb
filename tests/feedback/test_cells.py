"""A student's cells in a page: shown as they are, with nothing that runs or loads."""

import pytest

from autograder.feedback.cells import alone, code, markdown, outputs


def display(**data):
    return [
        {
            "output_type": "display_data",
            "data": {k.replace("_", "/"): v for k, v in data.items()},
            "metadata": {},
        }
    ]


def test_formulas_are_drawn_and_headings_stand_below_the_pages_own():
    shown = markdown("# Chain rule\n\n$x_1$", below=2)

    assert "<h3" in shown and "<h1" not in shown
    assert "<math" in shown


def test_a_picture_on_the_web_becomes_a_line_that_says_where_it_lies():
    shown = markdown("![a cat](https://example.org/cat.png?a=1&b=2)")

    assert "<img" not in shown
    assert "[a cat: not in the notebook, at https://example.org/cat.png?a=1&amp;b=2]" in shown


@pytest.mark.parametrize("source", ["//example.org/x.png", "x.png", "HTTPS://example.org/x", ""])
def test_no_picture_from_elsewhere_is_left(source):
    assert "<img" not in alone(f'<p><img alt="a > b" src="{source}" title="c"></p>')


def test_a_picture_in_the_notebook_stays_and_has_an_alternative_text():
    assert 'alt="A picture."' in alone('<img src="data:image/png;base64,AAAA">')
    assert alone('<img src="data:image/png;base64,AAAA" alt="x">').count("alt") == 1


def test_code_is_coloured_and_escaped():
    shown = code("def f(x):\n    return '<script>'")

    assert '<span class="k">def</span>' in shown
    assert "<script>" not in shown


def test_long_code_is_shown_plain():
    assert code("x = '<b>'\n" * 10_000).startswith("x = &#x27;&lt;b&gt;")


def test_printed_text_loses_its_terminal_codes():
    stream = {
        "output_type": "stream",
        "name": "stdout",
        "text": "\x1b[31mred\x1b[0m \x1b]8;;javascript:x\x07link",
    }

    assert outputs([stream], "") == "<pre>red link</pre>"


def test_a_figure_has_an_alternative_text():
    assert "alt='A figure: cell 7'" in outputs(display(image_png="iVBORw0K", text_plain="<Figure>"), "cell 7")


def test_a_picture_that_is_no_base64_is_told_as_text():
    assert outputs(display(image_png="A", text_plain="<Figure>"), "") == "<pre>&lt;Figure&gt;</pre>"


def test_errors_keep_their_words():
    error = {"output_type": "error", "ename": "ValueError", "evalue": "<b>", "traceback": []}

    assert outputs([error], "") == "<pre class='error'>ValueError: &lt;b&gt;</pre>"


def test_latex_is_drawn():
    assert "<math" in outputs(display(text_latex="$$x^2$$"), "")


def test_html_is_cleaned_and_loads_nothing():
    shown = outputs(display(text_html="<b onclick=steal()>x</b><img src='https://evil.example/x.png'>"), "")

    assert "<b>x</b>" in shown
    assert "onclick" not in shown and "<img" not in shown
