"""Markdown with its code, formulas and tags blanked out, line for line: what is left is prose."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?(?:^\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_DISPLAY = re.compile(r"\$\$.*?\$\$|\\\[.*?\\\]|\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL)
_INLINE = re.compile(r"(?<![\\$])\$(?![\s$])[^$\n]*(?:\n[^$\n]+)?(?<![\s\\])\$(?!\d)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_TARGET = re.compile(r"(?<=\])\([^)\s]*\)|https?://[^\s)>]+")
_FOLDED = re.compile(r"<details\b.*?</details>", re.IGNORECASE | re.DOTALL)


def _blank(match: re.Match) -> str:
    """Spaces in place of a match, its line ends kept."""
    return re.sub(r"[^\n]", " ", match[0])


def without_code(text: str) -> str:
    """Blank out code and formulas; every line keeps its number and length."""
    for pattern in (_FENCE, _CODE, _DISPLAY, _INLINE):
        text = pattern.sub(_blank, text)
    return text


def without_folded(text: str) -> str:
    """Blank out what stands in ``<details>``, which the reader opens or leaves."""
    return _FOLDED.sub(_blank, text)


def prose(text: str) -> str:
    """What a reader reads as sentences: no code, formulas, tags, comments or addresses."""
    text = without_code(text)
    for pattern in (_COMMENT, _TARGET, _TAG):
        text = pattern.sub(_blank, text)
    return text
