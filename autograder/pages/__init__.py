"""Pages that stand alone: one file each, no network, nothing that runs but what is written here.

Knows templates and what a browser may do with a page. Knows no marks and no notebooks.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.display import points


def render(template: str, **values: Any) -> str:
    """Fill in a template of this folder; every value is escaped unless it is `Markup`."""
    return _environment().get_template(template).render(**values)


def asset(name: str) -> Markup:
    """A style sheet or script of this folder, to be written into a page."""
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def inline(text: str) -> Markup:
    """A line of markdown with its code, emphasis and nothing else turned into HTML."""
    shown = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    return Markup(re.sub(r"\*\*?([^*<>]+)\*\*?", r"<em>\1</em>", shown))


def policy(*scripts: str) -> str:
    """What a browser may load for a page: nothing from anywhere, these scripts, styles and pictures of its own.

    Should a student's text ever get past the escaping, it still cannot run.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = points
    environment.filters["percent"] = lambda share: f"{share * 100:.0f} %"
    environment.filters["inline"] = inline
    environment.globals |= {"asset": asset, "policy": policy}
    return environment
