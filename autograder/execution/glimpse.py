"""What is told of an object together with its reference: its methods' names, and what a small container holds.

So that a check that reads ``net.params["W1"]`` or calls ``gate.forward(x)`` asks once instead of twice or thrice. The side
that lists believes itself; the side that reads believes nothing: a false list costs its author only his own answers.

Knows Python objects and NumPy. Knows nothing of processes.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

from autograder.execution.kinds import WireError

MOST_ITEMS = 64  # of a container that is told
MOST_BYTES = 2**15  # of its arrays together
MOST_METHODS = 100
_KEYS = (str, int)
_NUMBERS = (bool, int, float, complex, str, type(None))


def methods_of(value: Any) -> list[str]:
    """Names that are methods of an ordinary object: a later look-up finds them without running any code."""
    kind = type(value)
    if kind.__getattribute__ is not object.__getattribute__ or kind.__module__ == "builtins":
        return []
    own = getattr(value, "__dict__", {})
    names: dict[str, bool] = {}
    for base in kind.__mro__[:-1]:
        for name, part in base.__dict__.items():
            names.setdefault(name, type(part) is FunctionType)
    return [name for name, is_method in names.items() if is_method and name[:2] != "__" and name not in own][
        :MOST_METHODS
    ]


def content_of(value: Any) -> list:
    """What a small flat list or dict holds, as pairs of key and item in a list of one; an empty list for any other."""
    if type(value) is dict:
        pairs = list(value.items())
    elif type(value) is list:
        pairs = list(enumerate(value))
    else:
        return []
    if len(pairs) > MOST_ITEMS:
        return []
    room = MOST_BYTES
    for key, item in pairs:
        if type(key) not in _KEYS or not _is_flat(item):
            return []
        room -= item.nbytes if isinstance(item, np.ndarray | np.generic) else len(str(item))
    return [pairs] if room >= 0 else []


def _is_flat(item: Any) -> bool:
    if type(item) is np.ndarray or isinstance(item, np.generic):
        return item.dtype.kind in "biufc"
    return type(item) in _NUMBERS


def read_methods(told: Any) -> frozenset[str]:
    """The methods' names, as told.

    Raises
    ------
    WireError
        if they are no short list of names
    """
    if len(told) > MOST_METHODS or not all(type(name) is str for name in told):
        raise WireError("methods that are none")
    return frozenset(told)


def read_content(told: Any, container: str) -> dict | None:
    """What a container holds, by key or place, as told; None if nothing was told.

    Raises
    ------
    WireError
        if it is no content of such a container
    """
    if not told:
        return None
    match container, told:
        case (("list" | "dict"), [list(pairs)]) if len(pairs) <= MOST_ITEMS:
            good = all(
                type(pair) in (tuple, list)
                and len(pair) == 2
                and type(pair[0]) in _KEYS
                and _is_flat(pair[1])
                for pair in pairs
            )
            if good and (container == "dict" or [key for key, _ in pairs] == list(range(len(pairs)))):
                return dict(pairs)
    raise WireError("a container's content that is none")
