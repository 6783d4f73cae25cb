"""From a mismatch to the mistake's name. Knows tables of mistakes; measures nothing."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.gradients.explain import Case, Mistake, diagnose, wrong_order
from autograder.gradients.judge import Mismatch, Tolerance

# What needs no prediction: the kind of mismatch says it.
_PLAIN = {
    "missing": "returned_nothing",
    "type": "not_numbers",
    "shape": "wrong_shape",
    "not finite": "not_finite",
}


def plain_name(mismatch: Mismatch) -> str | None:
    """The name of a mistake that shows without any prediction: nothing returned, a wrong shape, not finite."""
    return _PLAIN.get(mismatch.kind)


def candidates(case: Case, tables: Sequence[Sequence[Mistake]], tolerance: Tolerance) -> list[Mistake]:
    """Return the mistakes that a wrong answer shows, all from the first table with a match; usually one or none.

    More than one cannot be told apart by this case: draw another, or say nothing.
    """
    for table in tables:
        named = diagnose(case, table, tolerance)
        if named:
            return named
    exchanged = wrong_order(case)
    return [exchanged] if exchanged else []
