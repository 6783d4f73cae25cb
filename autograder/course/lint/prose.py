"""Rules on words: those that prose here avoids, emoji, and synonyms of the glossary's words.

Reads markdown, comments, docstrings and the sentences that code shows; hints too.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.lint.authored import Authored, Finding
from autograder.course.lint.cells import Cell, python_of
from autograder.course.lint.files import read_hints_file
from autograder.course.lint.markdown import prose

_AVOIDED = re.compile(r"\b(simply|just|obviously)\b", re.IGNORECASE)
_PRAISE = re.compile(
    r"\b(well done|(?:good|great|nice|excellent) (?:job|work)|congratulations|awesome|bravo)\b", re.IGNORECASE
)
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u231a\u231b\u23e9-\u23f3\u2614\u2615\u26a1\u2705\u2728\u274c\u274e\u2753-\u2755\u2757\u2764\u2b50\u2b55\ufe0f]"
)
# Synonym: the glossary's word. Only words that mean nothing else in these notebooks.
_GLOSSARY = {
    r"cotangents?": "upstream gradient",
    r"pullbacks?": "VJP",
    r"grad_outputs?": "upstream gradient (dout)",
    r"(?<!kronecker )(?<!kronecker's )deltas?(?! functions?\b)(?! rules?\b)": "upstream gradient",
    r"input gradients?": "downstream gradient",
    r"gradient matri(?:x|ces)": "Jacobian",
    r"saved tensors?": "cache",
    r"logits?": "scores",
    r"cost functions?": "loss",
    r"bugs?": "mistake",
    r"answer cells?": "solution cell",
}
_SYNONYM = re.compile("|".join(rf"(?P<s{i}>\b(?:{p})\b)" for i, p in enumerate(_GLOSSARY)), re.IGNORECASE)
_NAMES = {
    "grad_output": "dout",
    "grad_outputs": "dout",
    "cotangent": "dout",
    "logits": "scores",
    "pullback": "vjp",
}
_MENTION = "*_\"'“‘`"  # a word in italics or in quotation marks is mentioned, not used


@dataclass(frozen=True)
class Passage:
    """Some prose: where its first character stands, and the text with all else blanked out."""

    path: Path
    line: int
    text: str

    def line_of(self, match: re.Match) -> int:
        return self.line + self.text[: match.start()].count("\n")


def passages(authored: Authored) -> Iterator[Passage]:
    """Everything in an assignment that is read as sentences."""
    path = authored.assignment.text
    for cell in authored.cells:
        if cell.kind == "markdown":
            yield Passage(path, cell.first, prose(cell.source))
        elif cell.kind == "code":
            yield from (Passage(path, line, text) for line, text in [*_comments(cell), *_sentences(cell)])
    hints = read_hints_file(authored.assignment)
    for name in hints.entries:
        for line, text in hints.texts(name):
            yield Passage(hints.path, line, prose(text))


def _comments(cell: Cell) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(python_of(cell.source)).readline):
            if token.type == tokenize.COMMENT:
                yield cell.first + token.start[0] - 1, prose(token.string)
    except (tokenize.TokenError, SyntaxError):
        return  # not Python: another rule says so


def _sentences(cell: Cell) -> Iterator[tuple[int, str]]:
    """String constants of at least three words; an f-string's parts each by themselves."""
    for node in ast.walk(cell.tree) if cell.tree else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value.split()) >= 3:
            yield cell.at(node), prose(node.value)


def words(authored: Authored) -> Iterator[Finding]:
    """Words that tell a reader who does not see it at once that it is easy, and praise."""
    for passage in passages(authored):
        for match in _AVOIDED.finditer(passage.text):
            yield Finding(
                passage.path,
                passage.line_of(match),
                "avoided-word",
                f"{match[0]!r} in {_around(passage.text, match)!r}.",
                "Leave the word out, or say what makes it so.",
            )
        for match in _PRAISE.finditer(passage.text):
            yield Finding(
                passage.path,
                passage.line_of(match),
                "praise",
                f"{match[0]!r} in {_around(passage.text, match)!r}.",
                "Say what the result shows instead.",
            )


def emoji(authored: Authored) -> Iterator[Finding]:
    """An emoji anywhere in the text, code included."""
    for cell in authored.cells:
        for number, line in cell.lines:
            if match := _EMOJI.search(line):
                yield authored.finding(
                    number,
                    "emoji",
                    f"An emoji (U+{ord(match[0]):04X}) in {line.strip()[:60]!r}.",
                    "Use words.",
                )
    hints = read_hints_file(authored.assignment)
    for name in hints.entries:
        for line, text in hints.texts(name):
            if match := _EMOJI.search(text):
                yield Finding(
                    hints.path, line, "emoji", f"An emoji (U+{ord(match[0]):04X}) in a hint.", "Use words."
                )


def glossary(authored: Authored) -> Iterator[Finding]:
    """A synonym of a word that the course always calls the same; in italics or quotation marks it may be mentioned."""
    for passage in passages(authored):
        for match in _SYNONYM.finditer(passage.text):
            before = passage.text[: match.start()][-1:]
            if before and before in _MENTION:
                continue
            instead = list(_GLOSSARY.values())[int(match.lastgroup[1:])]
            yield Finding(
                passage.path,
                passage.line_of(match),
                "glossary",
                f"{match[0]!r} in {_around(passage.text, match)!r}.",
                f"The course's word is {instead!r}.",
            )
    for cell in authored.cells:
        for node in ast.walk(cell.tree) if cell.tree else ():
            name = getattr(node, "id", None) or getattr(node, "arg", None)
            if name in _NAMES:
                yield authored.finding(
                    cell.at(node),
                    "glossary",
                    f"The name {name} in {cell.name}.",
                    f"The course calls it {_NAMES[name]}.",
                )


def _around(text: str, match: re.Match) -> str:
    start, end = max(0, match.start() - 25), match.end() + 25
    return " ".join(text[start:end].split())


RULES = (words, emoji, glossary)
