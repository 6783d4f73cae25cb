"""A complex step is seen wherever it is held in a variable; other complex numbers are none."""

import sys

import numpy as np
import pytest

from autograder import Check, as_layer
from autograder.complex_steps import Watch

x = np.array([[0.5, -1.5], [2.0, 0.25]])


def elementwise(dout, x):
    moved = x + 1e-20j
    return np.tanh(moved).imag / 1e-20 * dout


def entry_by_entry(dout, x):
    dx = np.zeros_like(x)
    for entry in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[entry] += 1e-30j
        dx[entry] = np.sum(np.tanh(moved) * dout).imag / 1e-30
    return dx


def in_a_function(dout, x):
    f = lambda x: np.tanh(x)
    return np.array([f(number + 1e-12j).imag / 1e-12 for number in x.ravel()]).reshape(x.shape) * dout


def analytic(dout, x):
    return (1 - np.tanh(x) ** 2) * dout


def by_fourier(dout, x):
    spectrum = np.fft.fft2(analytic(dout, x) + 0j)
    back = np.fft.ifft2(spectrum)
    return back.real


def with_complex_numbers(dout, x):
    turned = x * 1j
    rounded = x.astype(complex)
    return (1 + np.tan(turned) ** 2).real * dout + 0 * rounded.real


STEPS = [elementwise, entry_by_entry, in_a_function]
HONEST = [analytic, by_fourier, with_complex_numbers]


@pytest.mark.parametrize("backward", STEPS)
def test_a_complex_step_is_seen(backward):
    with Watch([x]) as watch:
        backward(np.ones(x.shape), x)

    assert watch.found


@pytest.mark.parametrize("backward", HONEST)
def test_other_complex_numbers_are_none(backward):
    with Watch([x]) as watch:
        backward(np.ones(x.shape), x)

    assert not watch.found


def test_whoever_watched_before_goes_on(monkeypatch):
    before = sys.getprofile()

    watch = Watch([x])
    watch.stop()
    watch.stop()

    assert sys.getprofile() is before


@pytest.mark.parametrize("backward", [*STEPS, *HONEST])
def test_a_backward_by_complex_steps_is_numeric_differentiation(backward):
    check = Check("tanh", points=1)

    check.gradients(lambda x: (np.tanh(x), x), backward, {"x": (3, 2)})

    named = "numeric_differentiation" if backward in STEPS else None
    assert [outcome.mistake for outcome in check.record.outcomes] == [named]


@pytest.mark.parametrize("each", [False, True])
def test_a_gate_that_takes_complex_steps_is_seen(each):
    class Cube:
        def forward(self, x):
            self.x = x
            return x**3

        def backward(self, upstream):
            return upstream * self.forward(self.x + 1e-20j).imag / 1e-20

    check = Check("Cube", points=1)

    check.gradients(*as_layer(Cube, each=each), {"x": (4,) if each else np.array(1.5)})

    assert [outcome.mistake for outcome in check.record.outcomes] == ["numeric_differentiation"]
