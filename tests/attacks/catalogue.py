"""The list of attacks; the modules `reading`, `forging`, `breaking`, `reusing`, `escaping`, `injecting` and `deriving` fill it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from attacks.vault import Attack, Vault, find

ATTACKS: list[Attack] = []

# At the head of every attack in a cell: try something, and show what came of it.
LOOK = """
import gc, os, sys
WORD = "sword" + "fish"
def look(action):
    try:
        print(str(action())[:5000])
    except BaseException as error:
        print(type(error).__name__)
def lurking(value):
    text = value if isinstance(value, str) else repr(value)
    return text if WORD in text else "nothing"
"""


def in_cell(
    family: str,
    name: str,
    tried: str,
    source: str,
    *,
    deserves: tuple[float, ...] = (10.0,),
    cell: str = "double",
    files: Mapping[str, bytes] | None = None,
) -> None:
    """Add an attack that stands in a solution cell, in the place of its answer; the other answer is right."""

    def make(notebook: dict, vault: Vault) -> None:
        text = LOOK + textwrap.dedent(source)
        for word, path in (
            ("SOURCE", vault.source),
            ("GRADEBOOK", vault.gradebook),
            ("NEIGHBOUR", vault.neighbour),
            ("LETTERBOX", vault.letterbox),
        ):
            text = text.replace(f"<{word}>", str(path))
        find(notebook, cell)["source"] = text.replace("<COURSE>", str(vault.folder))

    ATTACKS.append(Attack(name, family, tried, make, files or {}, deserves))


def on_notebook(family: str, tried: str, *, deserves: tuple[float, ...] = (10.0,), files=None):
    """Decorate a function that changes the notebook itself; its `double` is emptied first."""

    def add(change):
        def make(notebook: dict, vault: Vault) -> bytes | None:
            find(notebook, "double")["source"] = "def double(x):\n    return None"
            return change(notebook)

        ATTACKS.append(Attack(change.__name__.replace("_", " "), family, tried, make, files or {}, deserves))
        return change

    return add
