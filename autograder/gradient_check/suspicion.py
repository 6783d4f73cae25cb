"""Answers that agree and are wrong all the same: not linear in dout, or differentiated numerically.

A central difference is only so exact, and slow. A complex step is exact and may be quick: it has to be seen.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.complex_steps import Watch
from autograder.gradient_check.calling import (
    Layer,
    Run,
    changes,
    pass_together,
    run_backward,
    run_forward,
)
from autograder.gradients.judge import SMALLEST_SCALE, as_numbers
from autograder.gradients.measure import RICHARDSON_STEP, Numeric, richardson_vjp

# A backward that differentiates numerically is accurate to 1e-10 of the scale; an analytic one, to 1e-14 ...
NUMERIC_NOISE = 5e-12
NUMERIC_COST = 8  # ... and it takes about two forwards per entry
MOST_PROBES = 40
CERTAINTY = 5  # an error must be so many times what the measurement itself may be off


FACTORS = (0.0, 2.0)  # of dout
QUICK = 0.3  # seconds after which no further pass begins on the same journey


def scaled_gradients(layer: Layer, run: Run) -> list[list[Any]]:
    """All gradients again for each of `FACTORS`. Fresh forwards: no cache is used twice.

    Raises
    ------
    Stop
    """
    together = _in_one_journey(layer, run)
    if together is not None:
        return together
    found = []
    for factor in FACTORS:
        _, cache, _, forward_seconds = run_forward(layer, run.values)
        with contextlib.nullcontext() if found else Watch(run.values) as watch:
            gradients, _, backward_seconds = run_backward(layer, factor * run.dout, cache)
        run.complex_step |= bool(watch and watch.found)
        # Copy at once: a backward may hand out what its next call changes.
        found.append([g.copy() if isinstance(g, np.ndarray) else g for g in gradients])
        _note_seconds(run, forward_seconds, backward_seconds)
    return found


def _in_one_journey(layer: Layer, run: Run) -> list[list[Any]] | None:
    """The same where it can be had quickly; None where it cannot, or something is wrong that must be told in order."""
    found = pass_together(layer, run.values, [factor * run.dout for factor in FACTORS], watched=0)
    for one, _ in found or ():
        _note_seconds(run, one.forward_seconds, one.backward_seconds)
        run.complex_step |= one.complex_step
    return found and [gradients for _, gradients in found]


def run_with_scaled(
    layer: Layer, values: list[np.ndarray], dout: np.ndarray
) -> tuple[Run, list | None] | None:
    """What `run_once` and `scaled_gradients` find, in one journey, for an output of the shape of `dout`.

    None in the place of the scaled gradients of a slow layer: a journey has the time of one call. None for both where the
    functions run in this process, or where something is wrong that must be told in order.
    """
    found = pass_together(layer, values, [dout, *(factor * dout for factor in FACTORS)], QUICK, watched=1)
    if not found or found[0] is None:
        return None
    (first, gradients), *scaled = found
    out = as_numbers(first.out)
    if out is None or out.shape != dout.shape:
        return None
    count = len(layer.names)
    remarks = changes(layer.names, first.kept[:count], all(first.kept[-1:]))
    run = Run(values, dout, gradients, remarks, first.forward_seconds, first.backward_seconds, out)
    if None in scaled:
        return run, None
    for one, _ in scaled:
        _note_seconds(run, one.forward_seconds, one.backward_seconds)
        run.complex_step |= one.complex_step
    return run, [gradients for _, gradients in scaled]


def _note_seconds(run: Run, forward_seconds: float, backward_seconds: float) -> None:
    """A first call is slow for many reasons: the quickest of several tells what the code itself takes."""
    run.forward_seconds = min(run.forward_seconds, forward_seconds)
    run.backward_seconds = min(run.backward_seconds, backward_seconds)


def not_linear(base: Any, scaled: Sequence[Any]) -> str | None:
    """Say how a gradient fails to be linear in dout, if it does; `scaled` are the gradients for each of `FACTORS`."""
    base = as_numbers(base)
    scale = max(float(np.max(np.abs(base), initial=0.0)), SMALLEST_SCALE)
    for factor, gradient in zip(FACTORS, scaled, strict=True):
        again = as_numbers(gradient)
        same_shape = again is not None and again.shape == base.shape
        if not (same_shape and np.all(np.abs(again - factor * base) <= 1e-6 * scale)):
            what = (
                "dout is 0, so must the gradient be" if factor == 0 else "dout doubles, so must the gradient"
            )
            return (
                f"Your backward is not linear in dout: when {what}. "
                "Is there a random number in it, a condition on dout, or something kept from an earlier call?"
            )
    return None


def numeric_in_disguise(i: int, layer: Layer, run: Run, numeric: Callable[[], Numeric]) -> bool:
    """Whether gradient `i` was itself computed by finite differences: it is slow *and* only so exact.

    `numeric` measures it; it is called only for a slow one.
    """
    entries = sum(value.size for value in run.values)
    if run.backward_seconds <= max(NUMERIC_COST, entries / 4) * run.forward_seconds:
        return False
    expected, kinks = numeric().value, numeric().kinks
    given = as_numbers(run.gradients[i]).reshape(expected.shape)
    probes = [entry for entry in np.ndindex(*expected.shape) if not kinks[entry]][:MOST_PROBES]
    if not probes:
        return False
    arguments = (layer.forward, (*run.values, *layer.extra), i, run.dout, probes)
    exact = richardson_vjp(*arguments, select=0)
    # Where the function bends too sharply to be measured so exactly, nobody is accused.
    doubt = np.max(np.abs(exact - richardson_vjp(*arguments, select=0, step=RICHARDSON_STEP / 2)))
    error = max(abs(given[entry] - slope) for entry, slope in zip(probes, exact, strict=True))
    noise = NUMERIC_NOISE * max(float(np.max(np.abs(expected))), SMALLEST_SCALE)
    return bool(error > max(noise, CERTAINTY * doubt))
