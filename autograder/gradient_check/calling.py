"""Call a student's forward and backward: with copies, on guard, and with what came back in one shape.

Knows calling conventions. Judges nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder import records
from autograder.gradients.judge import as_numbers
from autograder.passes import Pass, passes
from autograder.wording import OURS, describe_exception, is_ours


class Stop(Exception):
    """A student's functions could not be run as far as gradients: the state, message and mistake to report."""

    def __init__(self, state: str, message: str, mistake: str | None = None):
        super().__init__(message)
        self.state, self.mistake = state, mistake


@dataclass(frozen=True)
class Layer:
    """A forward and a backward under check, with the arguments of forward that are not differentiated by."""

    forward: Callable
    backward: Callable
    names: tuple[str, ...]
    extra: tuple = ()


@dataclass
class Run:
    """One forward and one backward, with everything that went in and came out."""

    values: list[np.ndarray]
    dout: np.ndarray
    gradients: list[Any]
    remarks: list[str]
    forward_seconds: float
    backward_seconds: float
    out: np.ndarray | None = None
    complex_step: bool = False  # whether backward was seen to differentiate by one


def not_written(error: BaseException) -> str:
    """The sentence for a stub that is not written yet."""
    text = str(error).strip()
    return text or "Not written yet: replace the line that raises NotImplementedError with your code."


def guarded(f: Callable, *args, what: str):
    """Call `f`; whatever it raises becomes a `Stop` that says so.

    Raises
    ------
    Stop
    """
    try:
        return f(*args)
    except NotImplementedError as error:
        raise Stop(records.NOT_ATTEMPTED, not_written(error)) from error
    except Exception as error:
        if is_ours(error):
            raise Stop(records.OUR_FAULT, f"{OURS}\n{type(error).__name__}: {error}") from error
        message, mistake = describe_exception(error, what[:1].upper() + what[1:])
        state = getattr(error, "state", records.RAISED)
        raise Stop(state, message, mistake) from error


def _timed(f: Callable, *args, what: str):
    """Call `f` on guard; return the result and the seconds it took, without the journey to another process."""
    start = time.perf_counter()
    result = guarded(f, *args, what=what)
    seconds = time.perf_counter() - start
    over_there = getattr(type(f), "__autograder_seconds__", None)
    return result, over_there(f) if over_there else seconds


def run_forward(layer: Layer, values: Sequence[np.ndarray]):
    """Run forward on copies; return out, cache, the copies as they are afterwards, and the seconds taken."""
    handed = [value.copy() for value in values]
    result, seconds = _timed(layer.forward, *handed, *layer.extra, what="your forward")
    if not isinstance(result, tuple | list) or len(result) < 2:
        raise Stop(records.FAILED, "Your forward must return two things: out, cache.", "no_cache")
    out = as_numbers(result[0])
    if out is None:
        message = "Your forward returned no array of numbers as its first result."
        raise Stop(records.FAILED, message, "returned_nothing")
    return out, result[1], handed, seconds


def run_backward(layer: Layer, dout: np.ndarray, cache):
    """Run backward on a copy of dout; return the gradients, whether dout was changed, and the seconds taken."""
    handed = dout.copy()
    result, seconds = _timed(layer.backward, handed, cache, what="your backward")
    return gradients_of(result, len(layer.names)), _changed(dout, handed), seconds


def gradients_of(result, count: int) -> list:
    """What a backward returned, as a list of `count` gradients.

    Raises
    ------
    Stop
        If it is not.
    """
    if result is None:
        message = "Your backward returned None. Is there a `return` at the end?"
        raise Stop(records.FAILED, message, "returned_nothing")
    if count == 1:
        alone = isinstance(result, tuple | list) and len(result) == 1 and as_numbers(result) is not None
        return list(result) if alone else [result]
    if not isinstance(result, tuple | list) or len(result) != count:
        got = f"{len(result)} things" if isinstance(result, tuple | list) else "one thing"
        message = f"Your backward returned {got}; it should return {count} gradients."
        raise Stop(records.FAILED, message, "wrong_count")
    return list(result)


def _changed(before, after) -> bool:
    return isinstance(after, np.ndarray) and not np.array_equal(before, after, equal_nan=True)


def run_once(layer: Layer, values: list[np.ndarray], draw_upstream: Callable) -> Run:
    """Run forward, draw an upstream gradient of the output's shape, run backward.

    Raises
    ------
    Stop
    """
    out, cache, handed, forward_seconds = run_forward(layer, values)
    dout = np.asarray(draw_upstream(out.shape), dtype=np.float64)
    gradients, dout_changed, backward_seconds = run_backward(layer, dout, cache)
    # Copy at once: a backward may hand out its own cache, which the next call would change.
    gradients = [np.array(g, copy=True) if isinstance(g, np.ndarray) else g for g in gradients]
    kept = [not _changed(before, after) for before, after in zip(values, handed, strict=True)]
    remarks = changes(layer.names, kept, not dout_changed)
    return Run(values, dout, gradients, remarks, forward_seconds, backward_seconds, out)


def pass_together(
    layer: Layer,
    values: Sequence[np.ndarray],
    upstreams: Sequence[np.ndarray],
    patience: float | None = None,
    *,
    watched: int,
) -> list[tuple[Pass, list] | None] | None:
    """A new forward and backward for each upstream gradient with its gradients as a list, all in one journey.

    None in the place of one that would begin later than `patience` allows, and for all where the functions run in this process, or where something is wrong that must be told in order.
    """
    arguments = [(*(value.copy() for value in values), *layer.extra) for _ in upstreams]
    try:
        found = passes(layer.forward, layer.backward, arguments, upstreams, patience, watched)
        return found and [one and (one, gradients_of(one.gradients, len(layer.names))) for one in found]
    except Exception:
        return None


def changes(names: Sequence[str], kept: Sequence[bool], dout_kept: bool) -> list[str]:
    """What is remarked of arguments that were changed in place; `kept` tells of each input whether it was not."""
    remarks = []
    if not dout_kept:
        remarks.append("Your backward changed dout in place. Whoever called it may still need it.")
    for name, same in zip(names, kept, strict=False):  # of numbers nothing is told
        if not same:
            remarks.append(f"{name} was changed in place. Whoever called your function may still need it.")
    return remarks
