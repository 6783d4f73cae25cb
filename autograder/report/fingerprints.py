"""A program's fingerprints: short hashes that stay the same when names, comments and layout change.

Winnowing of token sequences (Schleimer, Wilkerson, Aiken: Winnowing, SIGMOD 2003): every run of `LENGTH` tokens has a
hash, and of every `WINDOW` neighbouring hashes the smallest is kept. So any `LENGTH + WINDOW - 1` equal tokens in two
programs give at least one equal fingerprint. Standard library only; knows text, not students.
"""

from __future__ import annotations

import builtins
import functools
import keyword
import re
import zlib
from collections.abc import Collection

LENGTH = 10  # tokens in one run: about a line of NumPy
WINDOW = 5
LONGEST = 100_000  # characters of a cell that are looked at
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<string>(?i:[rbuf]{0,2})(?:'''.*?(?:'''|\Z)|\"\"\".*?(?:\"\"\"|\Z)|'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?))
      | (?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)
      | (?P<name>[^\W\d]\w*)
      | (?P<sign>\*\*=?|//=?|->|:=|<<=?|>>=?|[!=<>+\-*/%@&|^]=|[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)
_MODULES = {"np", "numpy", "plt", "math"}
_KEPT = set(keyword.kwlist) | set(dir(builtins)) | _MODULES
_BASE, _MODULUS = 1_000_003, (1 << 61) - 1
_TOP = pow(_BASE, LENGTH - 1, _MODULUS)


def tokens(source: str) -> tuple[list[str], list[int]]:
    """Return a program's tokens, normalised, and the line each stands in (from 0).

    Comments, docstrings and layout are left out. Names that a person chooses are all one name; keywords, builtins,
    modules and what follows a dot keep theirs. Numbers keep their value, texts lose their content.
    """
    source = source[:LONGEST]
    found, lines = [], []
    line = last = 0
    for match in _TOKEN.finditer(source):
        line += source.count("\n", last, match.start())
        last = match.start()
        kind, text = match.lastgroup, match.group()
        if kind == "comment" or (kind == "string" and _stands_alone(source, match)):
            continue
        if kind == "name":
            attribute = bool(found) and found[-1] == "."
            text = text if attribute or text in _KEPT else "v"
        elif kind == "string":
            text = "s"
        elif kind == "number":
            text = _number(text)
        found.append(text)
        lines.append(line)
    return found, lines


def _stands_alone(source: str, match: re.Match) -> bool:
    """Whether a text has its lines for itself: a docstring, or a comment in disguise."""
    before = source.rfind("\n", 0, match.start()) + 1
    after = source.find("\n", match.end())
    rest = source[match.end() : after if after >= 0 else len(source)]
    return not source[before : match.start()].strip() and not rest.strip()


def _number(text: str) -> str:
    try:
        return repr(float(text))
    except ValueError:
        return text


def fingerprints(source: str) -> dict[int, tuple[int, int]]:
    """Return the fingerprints of a program, each with the first and last line it stands for."""
    found, lines = tokens(source)
    hashes = _hashes(found)
    kept: dict[int, tuple[int, int]] = {}
    last = -1
    for start in range(max(1, len(hashes) - WINDOW + 1) if hashes else 0):
        window = range(start, min(start + WINDOW, len(hashes)))
        smallest = min(window, key=lambda i: (hashes[i], -i))  # the rightmost of equal ones, as in the paper
        if smallest != last:
            last = smallest
            kept.setdefault(hashes[smallest], (lines[smallest], lines[smallest + LENGTH - 1]))
    return kept


@functools.lru_cache(maxsize=20_000)
def prints(source: str) -> frozenset[int]:
    """The fingerprints alone, remembered: a class's notebooks repeat the same cells."""
    return frozenset(fingerprints(source))


def _hashes(found: list[str]) -> list[int]:
    """The rolling hash of every run of `LENGTH` tokens."""
    if len(found) < LENGTH:
        return []
    numbers = [_token_hash(token) for token in found]
    value = 0
    for number in numbers[:LENGTH]:
        value = (value * _BASE + number) % _MODULUS
    hashes = [value]
    for old, new in zip(numbers, numbers[LENGTH:], strict=False):
        value = ((value - old * _TOP) * _BASE + new) % _MODULUS
        hashes.append(value)
    return hashes


@functools.lru_cache(maxsize=100_000)
def _token_hash(token: str) -> int:
    return zlib.crc32(token.encode("utf-8", "replace")) + 1


def shared_lines(source: str, shared: Collection[int]) -> set[int]:
    """Lines of a program (from 0) that the fingerprints in `shared` stand for."""
    marked: set[int] = set()
    for value, (first, last) in fingerprints(source).items():
        if value in shared:
            marked.update(range(first, last + 1))
    return marked
