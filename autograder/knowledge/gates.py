"""Typical mistakes in the exercises of the gates notebook, as predictions."""

from __future__ import annotations

from autograder.gradients.explain import Mistake

MISTAKES: dict[str, tuple[Mistake, ...]] = {}
