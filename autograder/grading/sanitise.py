"""What a student's output or text may hold before anybody's browser shows it.

Knows nbformat's outputs, HTML and markdown; nh3 decides about HTML. Knows nothing of grades.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import nh3

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_TEXTS = ("text/plain",)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_TAGS = set(nh3.ALLOWED_TAGS) | {"input", "section", "mark", "label"}
_ATTRIBUTES = {**{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}}
for _tag in (
    "div",
    "span",
    "p",
    "table",
    "td",
    "th",
    "tr",
    "code",
    "pre",
    "img",
    "a",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
):
    _ATTRIBUTES.setdefault(_tag, set()).update({"class", "id", "title"})
_ATTRIBUTES["input"] = {"type", "disabled", "checked"}
_ATTRIBUTES["img"] |= {"src", "alt", "width", "height"}
_ATTRIBUTES["a"] |= {"href"}
_ATTRIBUTES.setdefault("details", set()).add("open")
_ATTRIBUTES["*"] = {"align"}
_SCHEMES = {"http", "https", "mailto", "attachment", "data"}
_PICTURE_URL = re.compile(r"data:image/(png|jpe?g|gif|webp);", re.IGNORECASE)
# Renderers of markdown and cleaners of HTML take time that grows with the square of what is nested: longer texts with
# marks in them are shown as text.
LONGEST_MARKDOWN = 10_000  # characters
LONGEST_HTML, MOST_TAGS = 100_000, 4_000
_SUSPECT = re.compile(r"<[A-Za-z/!?]|&#|&\w+;|script|\]\s*[(:\[]", re.IGNORECASE)


def clean_html(html: str) -> str:
    """HTML without scripts, handlers, styles, frames, forms or links that run code."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        attribute_filter=_pictures_only,
        link_rel="noopener noreferrer nofollow",
    )


def _pictures_only(tag: str, name: str, value: str) -> str | None:
    if name in ("href", "src") and value.strip().lower().startswith("data:"):
        return value if tag == "img" and _PICTURE_URL.match(value.strip()) else None
    return value


def clean_outputs(outputs: list[dict[str, Any]], budget: int = 1_000_000) -> list[dict[str, Any]]:
    """Outputs of a student's cell with only what is safe to show: text, pictures, cleaned HTML.

    Parameters
    ----------
    outputs : list of dict
        nbformat v4 outputs; nothing about them is trusted.
    budget : int
        Characters kept altogether; what is cut is said.
    """
    kept: list[dict[str, Any]] = []
    for output in outputs:
        clean = _clean_output(output)
        if clean is None:
            continue
        size = len(repr(clean))
        if size > budget:
            kept.append(
                {"output_type": "stream", "name": "stdout", "text": "... (the rest of the output was cut)\n"}
            )
            break
        budget -= size
        kept.append(clean)
    return kept


def _clean_output(output: Any) -> dict[str, Any] | None:
    kind = output.get("output_type") if isinstance(output, dict) else None
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _text(output.get("text"))}
    if kind == "error":
        lines = output.get("traceback")
        lines = [_text(line) for line in lines] if isinstance(lines, list) else []
        return {
            "output_type": "error",
            "ename": _text(output.get("ename")),
            "evalue": _text(output.get("evalue")),
            "traceback": lines,
        }
    if kind in ("display_data", "execute_result"):
        data = _clean_data(output.get("data"))
        if not data:
            return None
        clean = {"output_type": kind, "data": data, "metadata": {}}
        if kind == "execute_result":
            clean["execution_count"] = None
        return clean
    return None


def _clean_data(data: Any) -> dict[str, str]:
    clean: dict[str, str] = {}
    for mime, value in data.items() if isinstance(data, dict) else ():
        text = _text(value)
        if mime in _TEXTS or (mime in _PICTURES and _BASE64.fullmatch(text)):
            clean[mime] = text
        elif mime == "text/html" and len(text) <= LONGEST_HTML and text.count("<") <= MOST_TAGS:
            clean[mime] = clean_html(text)
        elif mime == "text/markdown":
            clean[mime] = safe_markdown(text)
        elif mime == "text/latex" and "<" not in text:
            clean[mime] = text
    return clean


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def safe_markdown(source: str, look: bool = True) -> str:
    """A markdown text as it is, unless showing it would do more than show: then with its HTML made visible.

    The text is rendered and the result is looked at, so code that merely talks about HTML stays untouched. Without a `look`
    it is fenced if anything in it is suspect.
    """
    if not _SUSPECT.search(source):
        return source
    if look and len(source) <= LONGEST_MARKDOWN:
        shown = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", source)
        for text in (source, shown):
            if _harmless(text):
                return text
    longest = max((len(run) for run in re.findall(r"`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{source}\n{fence}"


def _harmless(source: str) -> bool:
    look = _Look()
    try:
        look.feed(_render(source))
        look.close()
    except Exception:  # neither parser documents what it may raise on hostile text
        return False
    return look.harmless


def _render(source: str) -> str:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    return MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(source)


class _Look(HTMLParser):
    """Looks for anything in rendered markdown that nh3 would take away."""

    def __init__(self):
        super().__init__()
        self.harmless = True

    def handle_starttag(self, tag: str, attributes: list) -> None:
        if tag not in _TAGS:
            self.harmless = False
        for name, value in attributes:
            value = "".join((value or "").split()).lower()
            scheme = re.match(r"[^/?#]*?:", value) if name in ("href", "src", "action", "cite") else None
            allowed = (
                scheme is None or scheme.group()[:-1] in _SCHEMES - {"data"} or _PICTURE_URL.match(value)
            )
            if (
                name.startswith("on")
                or name in ("style", "srcdoc", "formaction", "xlink:href")
                or not allowed
            ):
                self.harmless = False

    def handle_decl(self, decl: str) -> None:
        self.harmless = False

    def handle_pi(self, data: str) -> None:
        self.harmless = False
