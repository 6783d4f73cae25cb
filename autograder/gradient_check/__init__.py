"""One gradient check from drawing the inputs to naming the mistake: measure, judge, explain in order.

Depends on numpy only. Knows nothing of points, cells or rendering.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder import records
from autograder.gradient_check import reference
from autograder.gradient_check.calling import Layer, Run, Stop, guarded, not_written, run_once
from autograder.gradient_check.naming import candidates, plain_name
from autograder.gradient_check.suspicion import (
    not_linear,
    numeric_in_disguise,
    run_with_scaled,
    scaled_gradients,
)
from autograder.gradients.explain import GENERIC_GRADIENT, Case, Mistake
from autograder.gradients.judge import (
    GRADIENT,
    Mismatch,
    agree_together,
    agrees_along,
    as_numbers,
    compare,
    ratios,
)
from autograder.gradients.measure import (
    Numeric,
    draw_directions,
    numeric_vjp,
    richardson_vjp,
    slopes_along,
    slopes_together,
)
from autograder.picture import picture_of
from autograder.records import Picture
from autograder.wording import describe_mismatch

BORDERLINE = 100  # an error up to so many tolerances is measured again before anyone is told
REDRAWS = 3
MOST_KINKS = 0.1  # share of entries at kinks above which new inputs are drawn
TOO_MANY_KINKS = (
    0.5  # ... and above which a function is not taken for one that has a gradient: kinks are set aside
)

ANOTHER = (
    "Your forward passed its own checks, and here it computes something else. "
    "Is it defined a second time further down, or does it keep something from an earlier call?"
)

__all__ = [
    "ANOTHER",
    "BORDERLINE",
    "TOO_MANY_KINKS",
    "GradientResult",
    "candidates",
    "not_written",
    "plain_name",
    "reference",
    "rough",
    "run",
]


def rough(what: str, of: str) -> str:
    """What is said of a function whose one-sided slopes agree almost nowhere."""
    return (
        f"Your {what} jumps or bends at most of the entries that {of} belongs to, so there is no gradient to compare with: "
        "is there rounding in it, a random number, or something kept from an earlier call?"
    )


@dataclass
class GradientResult:
    """What the check of one gradient found; `name` is the input's."""

    name: str
    state: str
    message: str = ""
    mistake: str | None = None
    remarks: list[str] = field(default_factory=list)
    picture: Picture | None = None


def run(
    forward: Callable,
    backward: Callable,
    inputs: Mapping[str, Any],
    *,
    extra: tuple = (),
    rng: np.random.Generator,
    draw: Callable | None = None,
    tables: Sequence[Sequence[Mistake]] = (),
) -> list[GradientResult]:
    """Check every gradient that `backward` returns; see `autograder.checks.Check.gradients`.

    Returns
    -------
    list of GradientResult
        One per input, in order; never raises for anything a student's function does.
    """
    layer = Layer(forward, backward, tuple(inputs), extra)
    examination = _Examination(layer, inputs, rng, draw, tables)
    try:
        examination.measure()
        return [examination.judge(i) for i in range(len(layer.names))]
    except Stop as stop:
        return [GradientResult(name, stop.state, str(stop), stop.mistake) for name in layer.names]


class _Examination:
    """One layer under check: what was drawn, run and measured."""

    run: Run
    forward: Callable  # what is measured
    _scaled: list[list[Any]] | None  # gradients for other sizes of the upstream gradient, once they are known
    agreed: list[bool]  # which gradients need not be measured entry by entry

    def __init__(
        self, layer: Layer, inputs, rng: np.random.Generator, draw, tables: Sequence[Sequence[Mistake]]
    ):
        self.layer, self.inputs, self.rng, self.draw, self.tables = layer, inputs, rng, draw, tables
        self._extra = tuple(
            map(reference.copied, layer.extra)
        )  # before the student's forward kept anything in it

    def measure(self) -> None:
        """Draw, run and measure; again with new numbers if too many entries lie at kinks."""
        for _ in range(REDRAWS):
            self._run(self._draw_inputs())
            self._measured: dict[int, Numeric] = {}
            self.agreed = self._agreed()
            open_ones = [self.numeric(i) for i, agreed in enumerate(self.agreed) if not agreed]
            shares = [float(np.mean(numeric.kinks)) for numeric in open_ones if numeric.kinks.size]
            if max(shares, default=0.0) <= MOST_KINKS:
                return

    def _run(self, values: list[np.ndarray]) -> None:
        """Run the layer, and choose what is measured.

        That is the assignment's own forward where it is known and gives what the student's gave; otherwise the student's.

        Raises
        ------
        Stop
            If the student's functions cannot be run, or if its forward passed its own checks and is another function here.
        """
        layer = self.layer
        solution = reference.twin(layer.forward)
        expected = solution and reference.answer_of(solution, (*values, *self._extra), 0)
        together = None if expected is None else self._run_together(values, expected)
        self.run, self._scaled = together or (run_once(layer, values, self.rng.standard_normal), None)
        agrees = reference.agrees(self.run.out, expected)
        if agrees is False and reference.has_passed(layer.forward):
            raise Stop(records.FAILED, ANOTHER, "another_function")
        self.forward = reference.with_its_own(solution, self._extra) if agrees else layer.forward

    def _run_together(self, values: list[np.ndarray], expected: np.ndarray) -> tuple[Run, list | None] | None:
        """A run and its scaled gradients in one journey, if the forward gives what is expected."""
        before = self.rng.bit_generator.state
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            together = run_with_scaled(self.layer, values, self.rng.standard_normal(expected.shape))
        if together is None or not reference.agrees(together[0].out, expected):
            self.rng.bit_generator.state = before  # as though it had not been tried
            return None
        sys.stdout.write(printed.getvalue())
        return together

    def _draw_inputs(self) -> list[np.ndarray]:
        values = []
        for value in self.inputs.values():
            if _is_shape(value):
                value = self.draw(self.rng, value) if self.draw else self.rng.standard_normal(value)
            values.append(np.array(value, dtype=np.float64))
        return values

    def _agreed(self) -> list[bool]:
        """Which gradients agree along random directions; the others are measured entry by entry."""
        layer, done = self.layer, self.run
        rng = (
            np.random.default_rng()
        )  # nobody foresees along what: a made-up gradient could agree there alone
        directions = [draw_directions(rng, value.shape) if value.size else None for value in done.values]
        measure = lambda slopes: slopes(  # noqa: E731
            self.forward, (*done.values, *layer.extra), directions, done.dout, select=0
        )
        if all(
            value.size for value in done.values
        ):  # most answers are right: all inputs at once, then each alone
            slopes = guarded(measure, slopes_together, what="your forward")
            if agree_together(done.gradients, directions, slopes, done.values):
                return [True for _ in done.values]
        slopes = guarded(measure, slopes_along, what="your forward")
        return [
            along is not None and agrees_along(gradient, along, measured, value)
            for gradient, along, measured, value in zip(
                done.gradients, directions, slopes, done.values, strict=True
            )
        ]

    def numeric(self, i: int) -> Numeric:
        """Gradient `i`, measured entry by entry."""
        if i not in self._measured:
            layer, done = self.layer, self.run
            measure = lambda: numeric_vjp(  # noqa: E731
                self.forward, (*done.values, *layer.extra), i, done.dout, select=0
            )
            self._measured[i] = guarded(measure, what="your forward")
        return self._measured[i]

    def judge(self, i: int) -> GradientResult:
        """Compare gradient `i` with the measured one, and say what was found."""
        of, remarks = f"d{self.layer.names[i]}", list(self.run.remarks)
        wrong = None if self.agreed[i] else self._wrong(i, of, remarks)
        return wrong or self._beyond_agreement(i, of, remarks)

    def _wrong(self, i: int, of: str, remarks: list[str]) -> GradientResult | None:
        """What is wrong with gradient `i`, entry by entry; None if it agrees."""
        name, done = self.layer.names[i], self.run
        expected, kinks = self.numeric(i).value, self.numeric(i).kinks
        if (expected.size and not np.any(expected)) or not np.all(np.isfinite(expected)):
            message = (
                f"Your forward does not depend on {name} (or is not finite), so {of} cannot be checked. "
                "Mend the forward first."
            )
            return GradientResult(name, records.FAILED, message, remarks=remarks)
        if np.mean(kinks) > TOO_MANY_KINKS:
            # The exercise may know why: a seed that is not used, for example.
            named = candidates(self._case(i, expected), self.tables, GRADIENT)
            told = (
                (named[0].message, named[0].name) if len(named) == 1 else (rough("forward", of), "not_smooth")
            )
            return GradientResult(name, records.FAILED, *told, remarks)
        if np.any(kinks):
            remarks.append(f"{int(np.sum(kinks))} entries of {of} lie at a kink and were set aside.")
        mismatch = compare(done.gradients[i], expected, GRADIENT, ignore=kinks)
        if mismatch is not None and mismatch.kind == "values" and mismatch.ratio <= BORDERLINE:
            expected = self._measured_again(i)
            mismatch = compare(done.gradients[i], expected, GRADIENT, ignore=kinks)
        if mismatch is not None:
            message, mistake = self._explain(i, expected, mismatch)
            picture = picture_of(of, mismatch, done.gradients[i], expected)
            return GradientResult(name, records.FAILED, message, mistake, remarks, picture)
        return None

    def _beyond_agreement(self, i: int, of: str, remarks: list[str]) -> GradientResult:
        """What else can be said of a gradient that agrees."""
        name, done = self.layer.names[i], self.run
        given, shape = as_numbers(done.gradients[i]), done.values[i].shape
        if given.shape != shape:
            remarks.append(
                f"{of} has shape {given.shape}; {name} has {shape}. Axes of length 1 cost nothing here."
            )
        if self._scaled is None:
            self._scaled = scaled_gradients(self.layer, done)
        odd = not_linear(done.gradients[i], [gradients[i] for gradients in self._scaled])
        if odd:
            return GradientResult(name, records.FAILED, odd, "not_linear", remarks)
        if self.run.complex_step:
            message = (
                f"{of} agrees, and your backward differentiates numerically all the same, by a step along the imaginary axis. "
                "Write the derivative itself: backward is there so that nobody has to differentiate numerically."
            )
            return GradientResult(name, records.FAILED, message, "numeric_differentiation", remarks)
        if numeric_in_disguise(i, self.layer, done, lambda: self.numeric(i)):
            message = (
                f"{of} agrees, but only as well as finite differences do, and it takes as long. "
                "Write the derivative itself: backward is there so that nobody has to differentiate numerically."
            )
            return GradientResult(name, records.FAILED, message, "numeric_differentiation", remarks)
        return GradientResult(name, records.PASSED, remarks=remarks)

    def _measured_again(self, i: int) -> np.ndarray:
        """Borderline entries by Richardson extrapolation, before anyone is accused."""
        layer, done = self.layer, self.run
        better = self.numeric(i).value.copy()
        given = as_numbers(done.gradients[i]).reshape(better.shape)
        flagged = (ratios(given, better, GRADIENT) > 1) & ~self.numeric(i).kinks
        entries = [tuple(int(k) for k in entry) for entry in np.argwhere(flagged)]
        measure = lambda: richardson_vjp(  # noqa: E731
            self.forward, (*done.values, *layer.extra), i, done.dout, entries, select=0
        )
        slopes = guarded(measure, what="your forward")
        for entry, slope in zip(entries, slopes, strict=True):
            better[entry] = slope
        return better

    def _right(self, i: int) -> np.ndarray:
        """Gradient `i` as it should be: the student's, if that is known to agree."""
        if self.agreed[i]:
            return as_numbers(self.run.gradients[i]).reshape(self.run.values[i].shape)
        return self.numeric(i).value

    def _case(self, i: int, expected: np.ndarray) -> Case:
        layer, done = self.layer, self.run
        measure = lambda upstream: numeric_vjp(  # noqa: E731
            self.forward, (*done.values, *layer.extra), i, upstream, select=0
        )

        def vjp(upstream):
            known = self.numeric(i).under(upstream)
            return guarded(measure, upstream, what="your forward").value if known is None else known

        return Case(
            of=f"d{layer.names[i]}",
            actual=done.gradients[i],
            expected=expected,
            inputs=dict(zip(layer.names, done.values, strict=True)),
            upstream=done.dout,
            others={f"d{name}": self._right(k) for k, name in enumerate(layer.names) if k != i},
            vjp=vjp,
            extra=layer.extra,
        )

    def _explain(self, i: int, expected: np.ndarray, mismatch: Mismatch) -> tuple[str, str | None]:
        tables = (*self.tables, GENERIC_GRADIENT)
        case = self._case(i, expected)
        message = describe_mismatch(mismatch, case, measured=True)
        found = candidates(case, tables, GRADIENT)
        if len(found) > 1:
            found = self._told_apart(i, found)
        if len(found) == 1:
            return f"{message}\n\n{found[0].message}", found[0].name
        return message, None if found else plain_name(mismatch)

    def _told_apart(self, i: int, found: list[Mistake]) -> list[Mistake]:
        """Two predictions agree on these numbers: draw new ones and keep the mistakes that still match."""
        if not any(_is_shape(value) for value in self.inputs.values()):
            return found
        second = _Examination(self.layer, self.inputs, self.rng, self.draw, self.tables)
        try:
            second.measure()
        except Stop:
            return found
        still = candidates(second._case(i, second.numeric(i).value), (found,), GRADIENT)
        return [mistake for mistake in found if mistake.name in {other.name for other in still}]


def _is_shape(value) -> bool:
    return isinstance(value, tuple) and all(isinstance(n, int) for n in value)
