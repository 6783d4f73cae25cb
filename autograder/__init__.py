"""Checks that name the mistake: what a notebook imports.

Importing this package loads numpy and nothing heavier.
"""

from autograder.checks import Check
from autograder.gradients.explain import Mistake
from autograder.hints import hint
from autograder.layers import as_layer, loss_of
from autograder.progress import progress

__all__ = ["Check", "Mistake", "as_layer", "hint", "loss_of", "progress"]
