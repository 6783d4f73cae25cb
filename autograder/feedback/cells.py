"""A notebook's cells as harmless HTML that loads nothing: texts, code with its colours, outputs.

Knows nbformat and what a browser may be shown. Nothing of a student's is trusted.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from autograder.grading.sanitise import clean_outputs
from autograder.mathematics import markdown_to_html, to_mathml

LONGEST_CODE = 50_000  # characters that are coloured; longer ones are shown plain
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)|\x1b")
_PICTURE = re.compile(r'<img\b(?:[^">]|"[^"]*")*>')
_ATTRIBUTE = re.compile(r'(src|alt)="([^"]*)"')
_HEADING = re.compile(r"<(/?)h([1-6])\b")


def markdown(source: str, attachments: Mapping[str, Any] | None = None, below: int = 0) -> Markup:
    """A text as HTML, formulas drawn, pictures only if the notebook holds them.

    Parameters
    ----------
    source : str
    attachments : mapping, optional
        The cell's own pictures.
    below : int
        By how many levels its headings go down, to stand under those of the page.
    """
    return Markup(_down(alone(markdown_to_html(source, attachments)), below))


def _down(text: str, levels: int) -> str:
    return (
        _HEADING.sub(lambda found: f"<{found[1]}h{min(int(found[2]) + levels, 6)}", text) if levels else text
    )


def alone(cleaned: str) -> str:
    """Cleaned HTML whose pictures come from nowhere else: one on the web becomes a line that says where it lies."""

    def local(found: re.Match) -> str:
        attributes = dict(_ATTRIBUTE.findall(found.group()))
        if attributes.get("src", "").lower().startswith("data:"):
            return (
                found.group()
                if "alt" in attributes
                else found.group()[:-1].rstrip("/ ") + ' alt="A picture.">'
            )
        told = attributes.get("alt") or "a picture"
        return f"<em>[{told}: not in the notebook, at {attributes.get('src', 'no address')}]</em>"

    return _PICTURE.sub(local, cleaned)


def code(source: str) -> Markup:
    """Python with its colours."""
    if len(source) > LONGEST_CODE:
        return Markup(html.escape(source))
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return Markup(highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)))


def outputs(raw: list[Any], about: str) -> Markup:
    """What a cell put out, cleaned; `about` says what a picture without a text of its own belongs to."""
    return Markup("".join(_output(output, about) for output in clean_outputs(raw)))


def _output(output: dict[str, Any], about: str) -> str:
    if output["output_type"] == "stream":
        kind = " class='stderr'" if output["name"] == "stderr" else ""
        return f"<pre{kind}>{_plain(output['text'])}</pre>"
    if output["output_type"] == "error":
        lines = "\n".join(output["traceback"]) or f"{output['ename']}: {output['evalue']}"
        return f"<pre class='error'>{_plain(lines)}</pre>"
    return _display(output["data"], about)


def _display(data: Mapping[str, str], about: str) -> str:
    """The richest form that loads nothing."""
    if "text/html" in data:
        return f"<div class='scroll' tabindex='0'>{alone(data['text/html'])}</div>"
    for mime in ("image/png", "image/jpeg", "image/gif", "image/webp"):
        if mime in data and _is_base64(data[mime]):
            return f"<img src='data:{mime};base64,{''.join(data[mime].split())}' alt='A figure: {html.escape(about)}'>"
    if "text/markdown" in data:
        return str(markdown(data["text/markdown"], below=3))
    if "text/latex" in data:
        return f"<p>{to_mathml(data['text/latex'].strip().strip('$').strip(), True)}</p>"
    return f"<pre>{_plain(data['text/plain'])}</pre>" if "text/plain" in data else ""


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        return False


def _plain(text: str) -> str:
    return html.escape(_ESCAPES.sub("", text).replace("\r\n", "\n"))
