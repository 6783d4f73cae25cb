"""What typical mistakes in the notebook on transfer learning would have produced."""

from __future__ import annotations

from autograder.gradients.explain import Mistake

MISTAKES: dict[str, tuple[Mistake, ...]] = {}
