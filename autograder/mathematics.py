"""Formulas without a network: LaTeX to MathML, which browsers draw by themselves, and markdown that holds formulas.

Knows LaTeX, markdown and what may be shown. Whatever cannot be converted is shown as it was written.
"""

from __future__ import annotations

import functools
import html
import re
import secrets
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, fromstring, tostring

from autograder.grading.sanitise import LONGEST_MARKDOWN, clean_html

LONGEST_FORMULA = 2_000  # characters
_DEEPEST = 40  # nested braces; the converter recurses
_WORD = re.compile(r"\w+")
_TAGS = set(
    _WORD.findall(
        "math mrow mi mn mo mtext ms mspace mfrac msqrt mroot mstyle merror mpadded mphantom menclose "
        "msub msup msubsup munder mover munderover mmultiscripts mprescripts mtable mtr mtd"
    )
)
_ATTRIBUTES = set(
    _WORD.findall(
        "display mathvariant stretchy fence separator form lspace rspace minsize maxsize movablelimits accent accentunder "
        "linethickness displaystyle scriptlevel width height depth voffset columnalign rowspacing columnspacing "
        "columnlines rowlines notation symmetric largeop"
    )
)


@functools.lru_cache(maxsize=4096)
def to_mathml(latex: str, display: bool = False) -> str:
    """Return a formula as a ``<math>`` element; as its own text, escaped, where it cannot be converted.

    Parameters
    ----------
    latex : str
        Without dollar signs. Nothing about it is trusted.
    display : bool
        Whether it stands on a line of its own.
    """
    from latex2mathml.converter import convert

    as_written = f"<code class='formula'>{html.escape(latex)}</code>"
    if len(latex) > LONGEST_FORMULA or _depth(latex) > _DEEPEST:
        return as_written
    try:
        tree = fromstring(convert(latex, display="block" if display else "inline"))
    except (
        Exception
    ):  # the converter documents no base class of its errors, and marks in a text break its XML
        return as_written
    _strip(tree)
    tree.set("alttext", " ".join(latex.split()))
    return tostring(tree, encoding="unicode", short_empty_elements=False)


def _depth(latex: str) -> int:
    depth = deepest = 0
    for mark in re.findall(r"(?<!\\)[{}]|\\left\b|\\right\b|\\begin\b|\\end\b", latex):
        depth += 1 if mark in ("{", "\\left", "\\begin") else -1
        deepest = max(deepest, depth)
    return deepest


def _strip(element: Element) -> None:
    """Keep what draws formulas: no links, styles, colours or identifiers."""
    element.tag = element.tag.rpartition("}")[2]
    if element.tag not in _TAGS:
        element.tag = "mrow"
    for name in list(element.attrib):
        if name not in _ATTRIBUTES:
            del element.attrib[name]
    for child in element:
        _strip(child)
    _tidy_operators(element)


def _tidy_operators(row: Element) -> None:
    """Draw operators as TeX does: bars as high as a letter unless asked for, ``\\mathrel{+}=`` as one relation."""
    relation = None
    for child in list(row):
        if child.tag != "mo":
            relation = None
            continue
        if relation is not None and child.text == "=":
            relation.text += "="
            row.remove(child)
            continue
        relation = child if len(child) else None
        if relation is not None:  # the converter puts elements where MathML has room for text alone
            child.text = "".join(child.itertext())
            child[:] = []
        if child.text in ("|", "‖"):
            child.attrib.setdefault("stretchy", "false")


def markdown_to_html(source: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Return markdown as HTML with its formulas as MathML, cleaned of everything that does more than show."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    if len(source) > LONGEST_MARKDOWN:
        return f"<pre>{html.escape(source)}</pre>"
    formulas: dict[str, str] = {}
    secret = secrets.token_hex(8)  # nobody who writes markdown can guess the name of a place

    def place(latex: str, display: bool) -> str:
        name = f"formula{secret}n{len(formulas)}e"
        formulas[name] = to_mathml(latex.strip(), display)
        return name

    class Renderer(IPythonRenderer):
        def block_math(self, body: str) -> str:
            return place(body, True)

        def inline_math(self, body: str) -> str:
            return place(body, False)

        def latex_environment(self, name: str, body: str) -> str:
            return place(rf"\begin{{{name}}}{body}\end{{{name}}}", True)

    renderer = Renderer(escape=False, attachments=dict(attachments or {}), exclude_anchor_links=True)
    cleaned = clean_html(MarkdownWithMath(renderer=renderer).render(source))
    return re.sub(rf"formula{secret}n\d+e", lambda found: formulas[found.group()], cleaned)
