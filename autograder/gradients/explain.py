"""Name the mistake: compare a wrong answer with what each known mistake would have produced.

A mistake is a *prediction*. It is offered only when the wrong answer equals that prediction to tolerance.
Depends on numpy only; tables of mistakes for single exercises live in `autograder.knowledge`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.gradients.judge import Tolerance, as_numbers, compare


@dataclass(frozen=True)
class Case:
    """One wrong answer with everything a prediction may be computed from.

    Attributes
    ----------
    of : str
        The name of the quantity: ``"dx"``, ``"out"``, ``"loss"``, ``"dW1"``.
    actual : anything
        What the student's function gave.
    expected : array
        What it should be (measured or specified).
    inputs : mapping
        The function's arguments by name.
    upstream : array or None
        The upstream gradient, for gradients.
    others : mapping
        The right values of the other quantities that the same call returns, by name.
    vjp : callable or None
        ``vjp(upstream)`` measures the gradient again under another upstream gradient.
    extra : tuple
        Further arguments of the call that nothing is differentiated by, such as ``conv_param``.
    """

    of: str
    actual: Any
    expected: np.ndarray
    inputs: Mapping[str, Any] = field(default_factory=dict)
    upstream: np.ndarray | None = None
    others: Mapping[str, Any] = field(default_factory=dict)
    vjp: Callable | None = None
    extra: tuple = ()

    @property
    def N(self) -> int | None:
        """The batch size: the input called N, or the length of the upstream gradient or of the first array."""
        if isinstance(self.inputs.get("N"), int):
            return self.inputs["N"]
        for candidate in (self.upstream, *self.inputs.values()):
            if np.ndim(candidate) > 0:
                return len(candidate)
        return None

    def __getitem__(self, name: str):
        """The input called `name`."""
        return self.inputs[name]


@dataclass(frozen=True)
class Mistake:
    """A typical mistake: what it would have produced, and what to say to whoever made it.

    Attributes
    ----------
    name : str
        Identifier; the diagnosis that `mistakes.py` and reports use.
    predict : callable
        ``predict(case)`` returns the wrong answer this mistake leads to, or None if it cannot apply.
    message : str
        One or two sentences: what happened and the next step. Never the solution.
    of : str or None
        Only for the quantity of this name (``"db"``); None for any.
    """

    name: str
    predict: Callable[[Case], Any]
    message: str
    of: str | tuple[str, ...] | None = None

    def applies_to(self, case: Case) -> bool:
        """Whether the mistake can be made in this quantity."""
        if self.of is None:
            return True
        return case.of in ((self.of,) if isinstance(self.of, str) else self.of)


def matches(mistake: Mistake, case: Case, tolerance: Tolerance) -> bool:
    """Whether the wrong answer is what `mistake` predicts, and the prediction tells it from a right one."""
    if not mistake.applies_to(case):
        return False
    actual = as_numbers(case.actual)
    if actual is None:
        return False
    try:
        with np.errstate(all="ignore"):
            predicted = mistake.predict(case)
    except (
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        ZeroDivisionError,
        np.linalg.LinAlgError,
        AttributeError,
        StopIteration,
        OverflowError,
    ):
        return False  # the prediction does not fit these shapes, so it was not this mistake
    predicted = as_numbers(predicted)
    if predicted is None or predicted.shape != actual.shape:
        return False
    if not np.all(np.isfinite(predicted)):
        return False
    if compare(actual, predicted, tolerance) is not None:
        return False
    return compare(predicted, case.expected, tolerance) is not None


def diagnose(case: Case, mistakes: Iterable[Mistake], tolerance: Tolerance) -> list[Mistake]:
    """Return every mistake whose prediction equals the wrong answer, in the order given, one per name."""
    found: dict[str, Mistake] = {}
    for mistake in mistakes:
        if mistake.name not in found and matches(mistake, case, tolerance):
            found[mistake.name] = mistake
    return list(found.values())


def _elementwise(case: Case) -> np.ndarray | None:
    if case.upstream is None or np.shape(case.upstream) != np.shape(case.expected):
        return None
    return np.asarray(case.upstream)


def _local_times_ones(case: Case):
    return None if case.vjp is None else case.vjp(np.ones_like(case.upstream))


def _upstream_itself(case: Case):
    return None if case.upstream is None else case.upstream


def _upstream_added(case: Case):
    upstream = _elementwise(case)
    return None if upstream is None else case.expected / upstream + upstream


def _upstream_twice(case: Case):
    upstream = _elementwise(case)
    return None if upstream is None else case.expected * upstream


def _mask_inverted(case: Case):
    upstream = _elementwise(case)
    passes_or_blocks = upstream is not None and np.all(
        (case.expected == 0) | np.isclose(case.expected, upstream)
    )
    return upstream - case.expected if passes_or_blocks else None


def _transposed(case: Case):
    return case.expected.T if case.expected.ndim == 2 else None


def _times_batch(case: Case):
    return None if not case.N or case.N < 2 else case.expected * case.N


def _over_batch(case: Case):
    return None if not case.N or case.N < 2 else case.expected / case.N


def _upstream_summed(axis):
    def predict(case: Case):
        return None if case.upstream is None else np.sum(case.upstream, axis=axis)

    return predict


def _flat(case: Case):
    return case.expected.reshape(len(case.expected), -1) if case.expected.ndim > 2 else None


def _added_up(case: Case):
    return np.sum(case.expected) if case.expected.ndim else None


def _negative_zeros(case: Case):
    return np.zeros_like(case.expected)


_SIGN_FLIPPED = Mistake(
    "sign_flipped",
    lambda case: -case.expected,
    "The size is right and the sign is not. Look for a lost minus.",
)

GENERIC_GRADIENT = (
    Mistake(
        "left_at_zero",
        _negative_zeros,
        "Every entry is 0. Does the gradient still have the value it was created with? Then your result never reached it.",
    ),
    Mistake(
        "mask_inverted",
        _mask_inverted,
        "The gradient passes where it should be blocked and is blocked where it should pass: the mask is inverted.",
    ),
    Mistake(
        "upstream_forgotten",
        _local_times_ones,
        "You returned the local gradient alone. The chain rule multiplies it by the upstream gradient.",
    ),
    Mistake(
        "local_forgotten",
        _upstream_itself,
        "You passed the upstream gradient on unchanged. It still has to be multiplied by the local gradient.",
    ),
    Mistake(
        "upstream_added",
        _upstream_added,
        "You added the upstream gradient to the local gradient. The chain rule multiplies them.",
    ),
    Mistake(
        "upstream_twice",
        _upstream_twice,
        "The upstream gradient is in your result twice. Multiply by it once.",
    ),
    _SIGN_FLIPPED,
    Mistake(
        "transposed",
        _transposed,
        "Your result is the transpose of the right one. Write the shapes under each factor of the product.",
    ),
    Mistake(
        "summed_not_averaged",
        _times_batch,
        "Your gradient is N times too large, N being the batch size: it is summed over the batch where it should be averaged.",
    ),
    Mistake(
        "averaged_twice",
        _over_batch,
        "Your gradient is N times too small, N being the batch size. The 1/N is already in the upstream gradient: "
        "dividing once more shrinks every step.",
    ),
    Mistake("doubled", lambda case: 2 * case.expected, "Your gradient is exactly twice the right one."),
    Mistake("halved", lambda case: case.expected / 2, "Your gradient is exactly half the right one."),
    Mistake(
        "wrong_axis",
        _upstream_summed(1),
        "You summed the upstream gradient over the wrong axis. What was added to every row gets a sum over the rows.",
    ),
    Mistake(
        "not_reshaped",
        _flat,
        "The numbers are right but still flattened. A gradient has the shape of its variable: reshape it back.",
    ),
    Mistake(
        "summed_to_scalar",
        _added_up,
        "You summed over every axis, so one number is left. Keep the axes that the variable has.",
    ),
)

GENERIC_VALUE = (
    Mistake(
        "left_at_zero",
        _negative_zeros,
        "Every entry is 0. Does the result still have the value it was created with?",
    ),
    _SIGN_FLIPPED,
    Mistake(
        "transposed",
        _transposed,
        "Your result is the transpose of the right one. Rows and columns are exchanged.",
    ),
    Mistake(
        "summed_not_averaged",
        _times_batch,
        "Your result is N times too large, N being the number of examples: it is a sum where a mean is asked for.",
    ),
    Mistake(
        "averaged_not_summed",
        _over_batch,
        "Your result is N times too small, N being the number of examples: it is a mean where a sum is asked for.",
    ),
    Mistake("doubled", lambda case: 2 * case.expected, "Your result is exactly twice the right one."),
    Mistake("halved", lambda case: case.expected / 2, "Your result is exactly half the right one."),
)


def wrong_order(case: Case) -> Mistake | None:
    """The mistake of returning the gradients in another order, if this one is another input's gradient."""
    actual = as_numbers(case.actual)
    if actual is None:
        return None
    for name, other in case.others.items():
        if np.shape(other) == actual.shape and np.any(other) and compare(actual, other) is None:
            if compare(other, case.expected) is None:
                continue
            return Mistake(
                "wrong_order",
                lambda case, other=other: other,
                f"This is {name}: the results are returned in another order than the docstring says.",
            )
    return None
