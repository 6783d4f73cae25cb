"""One gradient check from drawing the inputs to naming the mistake: measure, judge, explain in order.

Depends on numpy only. Knows nothing of points, cells or rendering.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder import records
from autograder.gradients.explain import GENERIC_GRADIENT, Case, Mistake, diagnose, wrong_order
from autograder.gradients.judge import (
    GRADIENT,
    SMALLEST_SCALE,
    Mismatch,
    Tolerance,
    as_numbers,
    compare,
    ratios,
)
from autograder.gradients.measure import Numeric, numeric_vjp, richardson_vjp
from autograder.wording import describe_exception, describe_mismatch

BORDERLINE = 100  # an error up to so many tolerances is measured again before anyone is told
REDRAWS = 3
MOST_KINKS = 0.1  # share of entries at kinks above which new inputs are drawn
# A backward that differentiates numerically is accurate to 1e-10 of the scale; an analytic one, to 1e-14.
NUMERIC_NOISE = 5e-12
NUMERIC_COST = 8  # ... and it takes about two forwards per entry


@dataclass
class GradientResult:
    """What the check of one gradient found; `name` is the input's."""

    name: str
    state: str
    message: str = ""
    mistake: str | None = None
    remarks: list[str] = field(default_factory=list)


@dataclass
class _Run:
    """One forward and backward of the student's, with everything that went in."""

    values: list[np.ndarray]
    dout: np.ndarray
    gradients: list[Any]
    remarks: list[str]
    forward_seconds: float = 0.0
    backward_seconds: float = 0.0


class _Stop(Exception):
    """The student's functions could not be run as far as gradients; carries state, message, mistake."""

    def __init__(self, state: str, message: str, mistake: str | None = None):
        super().__init__(message)
        self.state, self.mistake = state, mistake


def not_written(error: BaseException) -> str:
    """The sentence for a stub that is not written yet."""
    text = str(error).strip()
    return text or "Not written yet: replace the line that raises NotImplementedError with your code."


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


def recognise(case: Case, tables: Sequence[Sequence[Mistake]], tolerance: Tolerance) -> Mistake | None:
    """Return the mistake that a wrong answer shows, from the first table with a match.

    Two predictions of one table that agree on this case cannot be told apart by it: then None, rather than a guess.
    """
    for table in tables:
        named = diagnose(case, table, tolerance)
        if named:
            return named[0] if len(named) == 1 else None
    return wrong_order(case)


def _guarded(f: Callable, *args, what: str):
    try:
        return f(*args)
    except NotImplementedError as error:
        raise _Stop(records.NOT_ATTEMPTED, not_written(error)) from error
    except Exception as error:
        message, mistake = describe_exception(error)
        state = getattr(error, "state", records.RAISED)
        raise _Stop(state, f"While running {what}:\n{message}", mistake) from error


def _unpack_forward(result) -> tuple[np.ndarray, Any]:
    if not isinstance(result, tuple | list) or len(result) < 2:
        raise _Stop(records.FAILED, "Your forward must return two things: out, cache.", "no_cache")
    out = as_numbers(result[0])
    if out is None:
        raise _Stop(
            records.FAILED,
            "Your forward returned no array of numbers as its first result.",
            "returned_nothing",
        )
    return out, result[1]


def _unpack_gradients(result, count: int) -> list:
    if result is None:
        raise _Stop(
            records.FAILED, "Your backward returned None. Is there a `return` at the end?", "returned_nothing"
        )
    if count == 1:
        if isinstance(result, tuple | list) and len(result) == 1 and as_numbers(result) is not None:
            return list(result)
        return [result]
    if not isinstance(result, tuple | list) or len(result) != count:
        got = f"{len(result)} things" if isinstance(result, tuple | list) else "one thing"
        raise _Stop(
            records.FAILED,
            f"Your backward returned {got}; it should return {count} gradients.",
            "wrong_count",
        )
    return list(result)


def _changed(before, after) -> bool:
    return isinstance(after, np.ndarray) and not np.array_equal(before, after, equal_nan=True)


def _forward(forward, values, extra):
    handed = [value.copy() for value in values]
    start = time.perf_counter()
    out, cache = _unpack_forward(_guarded(forward, *handed, *extra, what="your forward"))
    return out, cache, handed, time.perf_counter() - start


def _backward(backward, dout, cache, count):
    handed = dout.copy()
    start = time.perf_counter()
    result = _guarded(backward, handed, cache, what="your backward")
    seconds = time.perf_counter() - start
    return _unpack_gradients(result, count), _changed(dout, handed), seconds


def _run_once(forward, backward, names, values, extra, dout_of) -> _Run:
    out, cache, handed, forward_seconds = _forward(forward, values, extra)
    dout = dout_of(out.shape)
    gradients, dout_changed, backward_seconds = _backward(backward, dout, cache, len(names))
    # Copy at once: a backward may hand out its own cache, which the next call would change.
    gradients = [np.array(g, copy=True) if isinstance(g, np.ndarray) else g for g in gradients]
    remarks = []
    if dout_changed:
        remarks.append("Your backward changed dout in place. Whoever called it may still need it.")
    for name, before, after in zip(names, values, handed, strict=True):
        if _changed(before, after):
            remarks.append(f"{name} was changed in place. Whoever called your function may still need it.")
    return _Run(values, dout, gradients, remarks, forward_seconds, backward_seconds)


def _draw_inputs(inputs, rng, draw):
    values = []
    for value in inputs.values():
        if isinstance(value, tuple) and all(isinstance(n, int) for n in value):
            drawn = draw(rng, value) if draw else rng.standard_normal(value)
            values.append(np.asarray(drawn, dtype=np.float64))
        else:
            values.append(np.array(value, dtype=np.float64))
    return values


def run(
    forward: Callable,
    backward: Callable,
    inputs: Mapping[str, Any],
    *,
    extra: tuple = (),
    rng: np.random.Generator,
    draw: Callable | None = None,
    mistakes: Sequence[Mistake] = (),
) -> list[GradientResult]:
    """Check every gradient that `backward` returns; see `autograder.checks.Check.gradients`.

    Returns
    -------
    list of GradientResult
        One per input, in order; never raises for anything a student's function does.
    """
    names = list(inputs)
    try:
        for redraw in range(REDRAWS):
            values = _draw_inputs(inputs, rng, draw)
            done = _run_once(forward, backward, names, values, extra, rng.standard_normal)
            numeric = [
                _guarded(
                    lambda i=i, done=done: numeric_vjp(
                        forward, (*done.values, *extra), i, done.dout, select=0
                    ),
                    what="your forward",
                )
                for i in range(len(names))
            ]
            share = max((float(np.mean(n.kinks)) for n in numeric if n.kinks.size), default=0.0)
            if share <= MOST_KINKS or redraw == REDRAWS - 1:
                break
        return [
            _judge(i, name, names, forward, backward, extra, done, numeric, rng, mistakes)
            for i, name in enumerate(names)
        ]
    except _Stop as stop:
        return [GradientResult(name, stop.state, str(stop), stop.mistake) for name in names]


def _judge(i, name, names, forward, backward, extra, done: _Run, numeric: list[Numeric], rng, mistakes):
    expected, kinks = numeric[i].value, numeric[i].kinks
    remarks = list(done.remarks)
    of = f"d{name}"
    if (expected.size and not np.any(expected)) or not np.all(np.isfinite(expected)):
        return GradientResult(
            name,
            records.FAILED,
            f"Your forward does not depend on {name} (or is not finite), so {of} cannot be checked. Mend the forward first.",
            remarks=remarks,
        )
    if np.any(kinks):
        remarks.append(f"{int(np.sum(kinks))} entries of {of} lie at a kink and were set aside.")
    mismatch = compare(done.gradients[i], expected, GRADIENT, ignore=kinks)
    if mismatch is not None and mismatch.kind == "values" and mismatch.ratio <= BORDERLINE:
        expected = _measured_again(i, forward, extra, done, expected, kinks)
        mismatch = compare(done.gradients[i], expected, GRADIENT, ignore=kinks)
    if mismatch is not None:
        return _explain(i, name, names, forward, extra, done, numeric, expected, mismatch, mistakes, remarks)
    given = as_numbers(done.gradients[i])
    if given.shape != expected.shape:
        remarks.append(
            f"{of} has shape {given.shape}; {name} has {expected.shape}. Axes of length 1 cost nothing here."
        )
    odd = _not_linear(i, forward, backward, extra, done, len(names))
    if odd:
        return GradientResult(name, records.FAILED, odd, "not_linear", remarks)
    if _numeric_in_disguise(i, forward, backward, extra, done, expected, kinks, len(names)):
        return GradientResult(
            name,
            records.FAILED,
            f"{of} agrees, but only as well as finite differences do, and it takes as long. "
            "Write the derivative itself: backward is there so that nobody has to differentiate numerically.",
            "numeric_differentiation",
            remarks,
        )
    return GradientResult(name, records.PASSED, remarks=remarks)


def _measured_again(i, forward, extra, done, expected, kinks):
    """Borderline entries by Richardson extrapolation, before anyone is accused."""
    given = as_numbers(done.gradients[i]).reshape(expected.shape)
    flagged = (ratios(given, expected, GRADIENT) > 1) & ~kinks
    entries = [tuple(int(k) for k in entry) for entry in np.argwhere(flagged)]
    better = expected.copy()
    slopes = richardson_vjp(forward, (*done.values, *extra), i, done.dout, entries, select=0)
    for entry, slope in zip(entries, slopes, strict=True):
        better[entry] = slope
    return better


def _not_linear(i, forward, backward, extra, done, count) -> str | None:
    """A backward is linear in dout. Fresh forwards: a cache is never used twice."""
    base = as_numbers(done.gradients[i])
    scale = max(float(np.max(np.abs(base), initial=0.0)), SMALLEST_SCALE)
    for factor in (0.0, 2.0):
        _, cache, _, _ = _forward(forward, done.values, extra)
        gradients, _, _ = _backward(backward, factor * done.dout, cache, count)
        again = as_numbers(gradients[i])
        if (
            again is None
            or again.shape != base.shape
            or not np.all(np.abs(again - factor * base) <= 1e-6 * scale)
        ):
            what = (
                "dout is 0, so must the gradient be" if factor == 0 else "dout doubles, so must the gradient"
            )
            return f"Your backward is not linear in dout: when {what}. Is a random number, or a condition on dout, in it?"
    return None


def _numeric_in_disguise(i, forward, backward, extra, done, expected, kinks, count) -> bool:
    """Whether the answer was itself computed by finite differences: it is slow *and* only so exact."""
    entries = sum(value.size for value in done.values)
    if done.backward_seconds <= max(NUMERIC_COST, entries / 4) * done.forward_seconds:
        return False
    given = as_numbers(done.gradients[i]).reshape(expected.shape)
    probes = [entry for entry in np.ndindex(*expected.shape) if not kinks[entry]][:40]
    if not probes:
        return False
    exact = richardson_vjp(forward, (*done.values, *extra), i, done.dout, probes, select=0)
    error = max(abs(given[entry] - slope) for entry, slope in zip(probes, exact, strict=True))
    return bool(error > NUMERIC_NOISE * max(float(np.max(np.abs(expected))), SMALLEST_SCALE))


def _explain(i, name, names, forward, extra, done, numeric, expected, mismatch, mistakes, remarks):
    of = f"d{name}"
    case = Case(
        of=of,
        actual=done.gradients[i],
        expected=expected,
        inputs=dict(zip(names, done.values, strict=True)),
        upstream=done.dout,
        others={f"d{other}": numeric[k].value for k, other in enumerate(names) if k != i},
        vjp=lambda upstream: numeric_vjp(forward, (*done.values, *extra), i, upstream, select=0).value,
    )
    message = describe_mismatch(mismatch, case, measured=True)
    found = recognise(case, (mistakes, GENERIC_GRADIENT), GRADIENT)
    if found:
        return GradientResult(name, records.FAILED, f"{message}\n\n{found.message}", found.name, remarks)
    return GradientResult(name, records.FAILED, message, plain_name(mismatch), remarks)
