"""The drawing of a wrong array: nothing depends on colour, and the words say what the eye sees."""

import base64
import re
import xml.etree.ElementTree as ET

import pytest

from autograder.heatmap import as_html, as_svg, region, sentence
from autograder.records import Picture


def picture(*rows, worst=(0, 0), part="", of="dx"):
    return Picture(of, part, rows, worst)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("..A", "..B"), "Wrong: column 2, nothing else."),
        (("aaa", "...", "AAA"), "Wrong: rows 0 and 2, nothing else."),
        (("....", "AAAA", "AAAA", "AAAA"), "Wrong: rows 1 to 3, nothing else."),
        (("...", ".A.", "..."), "Wrong: row 1, column 1, nothing else."),
        (("A..", "..A", "..."), "All wrong entries lie in rows 0 and 1, columns 0 and 2."),
        (("aB", "Ab"), "Every entry is wrong."),
        (("a.", ".b"), "The wrong entries are spread over the array."),
        ((".....C",), "Wrong: entry 5, nothing else."),
        (("ABCabc",), "Every entry is wrong."),
    ],
)
def test_the_wrong_region_is_named(rows, said):
    assert region(picture(*rows)) == said


def test_the_sentence_counts_every_mark():
    said = sentence(picture("A.!", "a.b", part="dw[1, :, :]"))

    assert said.startswith("The slice dw[1, :, :]: 2 rows, 3 columns; ")
    assert "1 too large (+), 2 too small (−), 1 not a finite number (!), 2 right." in said


def test_sign_and_size_are_marks_as_well_as_colours():
    drawing = ET.fromstring(as_svg(picture("A.!", "a.b", worst=(1, 2))))

    texts = [element.text for element in drawing.iter() if element.tag.endswith("text")]
    frames = [element for element in drawing.iter() if element.get("stroke-width") == "3"]
    assert texts[:6] == ["+", "·", "!", "−", "·", "−"]
    assert len(frames) == 1


def test_every_sign_stands_out_from_its_ground():
    from test_display import contrast

    from autograder.heatmap import _LOOKS

    for ground, _, ink in _LOOKS.values():
        assert contrast(ground[1:], ink[1:]) >= 4.5


def test_the_image_holds_everything_and_has_an_alternative_text():
    shown = as_html(picture("A.", of="<script>"))

    data = re.search(r"base64,([A-Za-z0-9+/=]+)'", shown).group(1)
    assert base64.b64decode(data).startswith(b"<svg")
    assert "alt='Where it is wrong. &lt;script&gt;: 2 entries" in shown
    assert "<script>" not in shown
