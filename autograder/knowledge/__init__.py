"""What is known of each exercise's typical mistakes: one table of predictions per topic.

Depends on numpy and `autograder.gradients.explain` only. A table maps an exercise's name to its `Mistake` tuple.
"""

from __future__ import annotations

import importlib
from functools import cache

from autograder.gradients.explain import Mistake

TOPICS = (
    "gates",
    "jacobians",
    "mlp",
    "conv_pool",
    "activations",
    "initialization",
    "batch_norm",
    "optimizers",
    "hyperparameters",
    "regularization",
    "transfer_learning",
)


@cache
def _tables() -> tuple[dict[str, tuple[Mistake, ...]], ...]:
    return tuple(importlib.import_module(f"{__name__}.{topic}").MISTAKES for topic in TOPICS)


def tables_of(exercise: str) -> tuple[tuple[Mistake, ...], ...]:
    """Return one table per topic that knows `exercise`; empty for an exercise nobody wrote a table for.

    Two topics may ask for a function of one name: each table is a set of alternatives of its own.
    """
    return tuple(tuple(table[exercise]) for table in _tables() if exercise in table)


def mistakes_of(exercise: str) -> tuple[Mistake, ...]:
    """Return every mistake known for `exercise`, most telling first."""
    return tuple(mistake for table in tables_of(exercise) for mistake in table)
