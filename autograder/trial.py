"""One check while it runs: what a check function receives as `t`.

Knows comparisons and the names of mistakes. Knows nothing of points, cells or rendering.
"""

from __future__ import annotations

import copy
import functools
import time
import zlib
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder import gradient_check, knowledge
from autograder.gradients.explain import GENERIC_GRADIENT, GENERIC_VALUE, Case, Mistake
from autograder.gradients.judge import (
    GRADIENT,
    VALUE,
    Mismatch,
    Tolerance,
    agrees_along,
    as_numbers,
    compare,
)
from autograder.gradients.measure import (
    draw_directions,
    evaluate_many,
    numeric_gradient,
    richardson_vjp,
    slopes_along,
)
from autograder.picture import picture_of
from autograder.programs import run_programs
from autograder.records import Picture
from autograder.wording import describe_mismatch

CLEARLY = 3  # a run interrupted at the wrong moment seldom takes so many times as long


class Failed(Exception):
    """A check found the answer wrong; carries the message, the mistake's name and where the array is wrong."""

    def __init__(self, message: str, mistake: str | None = None, picture: Picture | None = None):
        super().__init__(message)
        self.mistake = mistake
        self.picture = picture


class Trial:
    """One check while it runs; what a check function receives as `t`.

    Attributes
    ----------
    rng : numpy.random.Generator
        Seeded from the exercise and the check's name, so each check draws its own numbers, the same every time.
    """

    def __init__(self, exercise: str, name: str, seed: int):
        self.exercise = exercise
        self._seed = [zlib.crc32(f"{exercise}/{name}".encode()), seed]
        self.remarks: list[str] = []
        self.passed = 0

    @functools.cached_property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self._seed)

    def call(self, f: Callable, *args: Any, **kwargs: Any) -> Any:
        """Call a student's function with copies of the arguments; a changed argument earns a remark."""
        memo: dict = {}  # what is one object for the check stays one
        args = tuple(arg if _is_remote(arg) else copy.deepcopy(arg, memo) for arg in args)
        before = [arg.copy() if isinstance(arg, np.ndarray) else None for arg in args]
        result = f(*args, **kwargs)
        for i, (kept, arg) in enumerate(zip(before, args, strict=True)):
            if kept is not None and not np.array_equal(kept, arg, equal_nan=True):
                self.remark(
                    f"Your function changed its argument number {i + 1} in place; nothing is lost here."
                )
        return result

    def calls(self, f: Callable, argument_lists: Sequence[tuple], select: int | None = None) -> list:
        """Call a student's function on each tuple of arguments, all in one journey where it lives elsewhere.

        Quicker than `call` for many small calls. The arguments are handed over as they are, so share none that a
        student's function may change. Returns one result for each call, or its item number `select`.
        """
        return evaluate_many(f, argument_lists, select)

    def remark(self, text: str) -> None:
        """Keep something worth knowing that costs no points."""
        if text not in self.remarks:
            self.remarks.append(text)

    def equal(
        self,
        actual: Any,
        expected: Any,
        of: str = "result",
        *,
        given: Mapping[str, Any] | None = None,
        others: Mapping[str, Any] | None = None,
        mistakes: Sequence[Mistake] = (),
        tolerance: Tolerance | float = VALUE,
    ) -> None:
        """Require `actual` to have the shape and the values of `expected`.

        Parameters
        ----------
        actual : anything
            The student's answer.
        expected : array_like
            The right one, from the definition.
        of : str
            What to call it: ``"out"``, ``"loss"``, ``"dW1"``.
        given : mapping, optional
            The arguments by name; predictions of mistakes are computed from them.
        others : mapping, optional
            Right values of the other results of the same call, to recognise exchanged results.
        mistakes : sequence of Mistake, optional
            Predictions for this check alone, tried before the exercise's own table and the general one.
        tolerance : Tolerance or float
            A float is a relative tolerance.

        Raises
        ------
        Failed
            If it does not agree; the message names the mistake if a prediction matches.
        """
        if not isinstance(tolerance, Tolerance):
            tolerance = Tolerance(tolerance, tolerance / 100)
        expected = np.asarray(expected, dtype=np.float64)
        mismatch = compare(actual, expected, tolerance)
        if mismatch is None:
            self._note_unit_axes(actual, expected, of)
            self.passed += 1
            return
        case = Case(of, actual, expected, inputs=dict(given or {}), others=dict(others or {}))
        self._fail(mismatch, case, mistakes, GENERIC_VALUE, tolerance)

    def _fail(self, mismatch: Mismatch, case: Case, mistakes, generic, tolerance: Tolerance) -> None:
        """Raise `Failed`, with the mistake's name if exactly one prediction of a table matches."""
        message = describe_mismatch(mismatch, case, measured=generic is GENERIC_GRADIENT)
        tables = (mistakes, *knowledge.tables_of(self.exercise), generic)
        found = gradient_check.candidates(case, tables, tolerance)
        picture = picture_of(case.of, mismatch, case.actual, case.expected)
        if len(found) == 1:
            raise Failed(f"{message}\n\n{found[0].message}", found[0].name, picture)
        # Two predictions that agree on this case cannot be told apart by it: no guessing.
        raise Failed(message, None if found else gradient_check.plain_name(mismatch), picture)

    def _note_unit_axes(self, actual: Any, expected: np.ndarray, of: str) -> None:
        shape = as_numbers(actual).shape
        if shape != expected.shape:
            self.remark(
                f"{of} has shape {shape}; the text says {expected.shape}. Axes of length 1 cost nothing here."
            )

    def gradient(
        self,
        f: Callable,
        x: Any,
        actual: Any,
        of: str,
        *,
        given: Mapping[str, Any] | None = None,
        others: Mapping[str, Any] | None = None,
        mistakes: Sequence[Mistake] = (),
    ) -> None:
        """Require `actual` to be the gradient of the scalar function `f` at `x`, measured by central differences.

        Parameters
        ----------
        f : callable
            Takes one array of the shape of `x`, returns a number (a loss).
        x : array_like
            Where; never changed.
        actual : anything
            The student's gradient.
        of : str
            What to call it, such as ``"dW1"``.
        given, others, mistakes
            As in `equal`; ``given["N"]`` may hold the batch size.

        Raises
        ------
        Failed
            If it does not agree, or if `f` does not depend on `x` at all.
        """
        f = self._what_is_measured(f, x)
        if self._agrees_along(f, x, actual):
            self._note_unit_axes(actual, np.asarray(x), of)
            self.passed += 1
            return
        numeric = numeric_gradient(f, x)
        expected = numeric.value
        if not np.any(expected) or not np.all(np.isfinite(expected)):
            raise Failed(
                f"The loss does not depend on what {of} belongs to (or is not finite): mend the loss first."
            )
        if np.mean(numeric.kinks) > gradient_check.TOO_MANY_KINKS:
            raise Failed(gradient_check.rough("loss", of))
        mismatch = compare(actual, expected, GRADIENT, ignore=numeric.kinks)
        if mismatch is not None and mismatch.kind == "values" and mismatch.ratio <= gradient_check.BORDERLINE:
            entries = [tuple(int(i) for i in entry) for entry in np.argwhere(mismatch.mask)]
            for entry, slope in zip(entries, richardson_vjp(f, (x,), 0, 1.0, entries), strict=True):
                expected[entry] = slope
            mismatch = compare(actual, expected, GRADIENT, ignore=numeric.kinks)
        if mismatch is None:
            self._note_unit_axes(actual, expected, of)
            self.passed += 1
            return
        case = Case(of, actual, expected, inputs=dict(given or {}), others=dict(others or {}))
        self._fail(mismatch, case, mistakes, GENERIC_GRADIENT, GRADIENT)

    def _what_is_measured(self, f: Callable, x: Any) -> Callable:
        """`f` with the assignment's own solutions where they are known and give the same; otherwise `f` itself."""
        solution = gradient_check.reference.twin(f)
        if solution is None:
            return f
        x = np.array(x, dtype=np.float64)
        return solution if gradient_check.reference.same(solution, (x,), f(x.copy())) else f

    def _agrees_along(self, f: Callable, x: Any, actual: Any) -> bool:
        """Whether a few evaluations along random directions show that every entry agrees."""
        x = np.array(x, dtype=np.float64)
        if not x.size:
            return False
        rng = (
            np.random.default_rng()
        )  # nobody foresees along what: a made-up gradient could agree there alone
        directions = draw_directions(rng, x.shape)
        (slopes,) = slopes_along(f, (x,), [directions], 1.0)
        return agrees_along(actual, directions, slopes, x)

    def true(self, condition: Any, message: str, mistake: str | None = None) -> None:
        """Require a plain truth; `message` says what is wrong and what to do next.

        Raises
        ------
        Failed
            Unless `condition` is exactly true (a bool or a NumPy bool).
        """
        if not (isinstance(condition, bool | np.bool_) and bool(condition)):
            raise Failed(message, mistake)
        self.passed += 1

    def raises(
        self,
        kinds: type | tuple[type, ...],
        f: Callable,
        *args: Any,
        message: str,
        mistake: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Require ``f(*args)`` to raise one of `kinds`.

        Raises
        ------
        Failed
            With `message` and the name of the `mistake`, if nothing was raised.
        """
        try:
            f(*args, **kwargs)
        except NotImplementedError:
            raise
        except kinds:
            self.passed += 1
            return
        raise Failed(message, mistake)

    def copies(
        self, f: Callable, *args: Any, source: int, names: Sequence[str], message: str, mistake: str
    ) -> None:
        """Require the dict that ``f(*args)`` returns to hold, under `names`, copies of the arrays in a dict it was handed.

        What was handed is changed afterwards, where the function lives: whatever travels is a copy anyway.

        Parameters
        ----------
        f : callable
        source : int
            Which of the arguments is the dict.
        names : sequence of str
        message, mistake
            As in `true`; `message` is told after the names of the arrays that changed along.

        Raises
        ------
        Failed
        """
        steps: list[tuple] = [("given", None, copy.deepcopy(arg)) for arg in args]
        steps.append(("call", f, [None] * len(args), {i: i for i in range(len(args))}))
        for name in names:
            at = len(steps)
            steps += [("item", source, name), ("get", at, "fill"), ("call", at + 1, [np.nan])]
        results = range(len(steps), len(steps) + len(names))
        steps += [("item", len(args), name) for name in names]
        (found,) = run_programs(f, [[*steps, ("gather", None, [*results])]])
        shared = [name for name, array in zip(names, found, strict=True) if np.any(np.isnan(array))]
        if shared:
            raise Failed(f"{', '.join(shared)}: {message}", mistake)
        self.passed += 1

    def faster(
        self, fast: Callable, slow: Callable, *args: Any, times: float, message: str, repeats: int = 3
    ) -> Any:
        """Require `fast` to be at least `times` times as fast as `slow` on the same arguments, in this very run.

        The best of at most `repeats` runs of each counts, so a busy machine slows both; two are enough if they show it,
        and one if it shows it clearly. `slow` may be a generator function: where it yields it may be stopped, as soon
        as it has taken long enough.

        Returns
        -------
        Any
            What `fast` gave last. Compare it: who does nothing is fast, too.

        Raises
        ------
        Failed
            With `message` and the measured ratio.
        """
        fastest = slowest = np.inf
        for i in range(repeats):
            seconds, answer = _timed(fast, args)
            fastest = max(min(fastest, seconds), 1e-9)
            enough = times if i else CLEARLY * times
            slowest = min(slowest, _timed(slow, args, enough * fastest)[0])
            ratio = slowest / fastest
            if ratio >= enough:
                break
        if not ratio >= times:
            raise Failed(
                f"{message}\nMeasured here: {ratio:.1f} times as fast; asked for: {times:g} times.",
                "too_slow",
            )
        self.passed += 1
        return answer


def _timed(f: Callable, args: tuple, enough: float | None = None) -> tuple[float, Any]:
    """What a call takes, and gives; with `enough`, a generator that it gives is run as well, until it has taken so long."""
    start = time.perf_counter()
    result = f(*args)
    if enough is not None and isinstance(result, Generator):
        for _ in result:
            if time.perf_counter() - start >= enough:
                break
    return time.perf_counter() - start, result


def _is_remote(arg: Any) -> bool:
    """Whether an argument stands for an object in the student process, or holds one; those are not copied here."""
    if isinstance(arg, tuple | list):
        return any(map(_is_remote, arg))
    if isinstance(arg, dict):
        return any(map(_is_remote, arg.values()))
    return hasattr(type(arg), "__autograder_map__") or hasattr(type(arg), "__autograder_remote__")
