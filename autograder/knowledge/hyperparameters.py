"""Typical mistakes in the exercises of the hyperparameters notebook, as predictions."""

MISTAKES = {}
