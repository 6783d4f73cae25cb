"""Graduated help for an exercise: a question first, then a formula, then a table of shapes; never the answer.

Reads ``hints.toml``, which stands beside the notebook. Standard library only.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

FILE = "hints.toml"
_given: dict[str, int] = {}


class Hint(str):
    """A hint as text that Jupyter shows as markdown."""

    def _repr_markdown_(self) -> str:
        return str(self)

    __repr__ = str.__str__


def read_hints(folder: Path | str = ".") -> dict[str, list[str]]:
    """Return exercise name to its hints, in order, from ``hints.toml`` in `folder`.

    Raises
    ------
    FileNotFoundError
        If the file is not there; the message says where to get it.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        raise FileNotFoundError(
            f"{FILE} is not beside this notebook ({path.resolve().parent}). It came in the same folder: "
            "copy it here, or open the notebook in the folder it was handed out in."
        )
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: list(entry["hints"]) for name, entry in data.items()}


def hint(exercise: str, level: int | None = None) -> Hint:
    """Give the next hint for an exercise; each call goes one step further.

    Parameters
    ----------
    exercise : str
        The name of the function or class to write.
    level : int, optional
        Which hint to show (1 is the gentlest); by default the one after the last one shown.
    """
    try:
        hints = read_hints().get(exercise)
    except FileNotFoundError as error:
        return Hint(str(error))
    if not hints:
        return Hint(f"There is no hint for {exercise!r}. Hints exist for: {', '.join(read_hints())}.")
    step = _given.get(exercise, 0) + 1 if level is None else level
    step = min(max(step, 1), len(hints))
    _given[exercise] = step
    more = f"\n\n*Hint {step} of {len(hints)}"
    more += f". Call `hint({exercise!r})` again for the next.*" if step < len(hints) else ", the last.*"
    return Hint(hints[step - 1].strip() + more)
