"""What is known of each exercise's typical mistakes: one table of predictions per topic.

Depends on numpy and `autograder.gradients.explain` only. A table maps an exercise's name to its `Mistake` tuple.
"""

from __future__ import annotations

import importlib
from functools import cache

from autograder.gradients.explain import Mistake

TOPICS = ("gates", "jacobians", "mlp", "conv_pool")


@cache
def _tables() -> dict[str, tuple[Mistake, ...]]:
    tables: dict[str, tuple[Mistake, ...]] = {}
    for topic in TOPICS:
        for exercise, mistakes in importlib.import_module(f"{__name__}.{topic}").MISTAKES.items():
            tables[exercise] = tables.get(exercise, ()) + tuple(mistakes)
    return tables


def mistakes_of(exercise: str) -> tuple[Mistake, ...]:
    """Return the mistakes known for `exercise`, most telling first; empty for an exercise nobody wrote a table for."""
    return _tables().get(exercise, ())
