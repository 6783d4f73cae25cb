"""Time is measured where the student's code runs: the journey there hides no numeric derivative."""

from autograder.execution import Step, run

GIVEN = "import numpy as np\nfrom autograder import Check\n"
FORWARD = "def cube_forward(x):\n    return x**3, x\n"
ANALYTIC = "def cube_backward(dout, cache):\n    return 3 * cache**2 * dout\n"
NUMERIC = """
def cube_backward(dout, cache):
    dx = np.zeros_like(cache)
    for entry in np.ndindex(*cache.shape):
        above, below = cache.copy(), cache.copy()
        above[entry] += 1e-5
        below[entry] -= 1e-5
        dx[entry] = np.sum((cube_forward(above)[0] - cube_forward(below)[0]) * dout) / 2e-5
    return dx
"""
COMPLEX = """
def cube_backward(dout, cache):
    return cube_forward(cache + 1e-20j)[0].imag / 1e-20 * dout
"""
SLOW = """
import time
def cube_backward(dout, cache):
    time.sleep(0.2)
    return 3 * cache**2 * dout
"""
CHECK = """
check = Check("cube_backward", points=1)
check.gradients(cube_forward, cube_backward, {"x": (4, 3)})
check.score()
"""


def mistake_of(backward):
    steps = [Step("given", "setup", GIVEN, 0), Step("student", "cube_forward", FORWARD, 1)]
    steps += [Step("student", "cube_backward", backward, 2), Step("check", "cube_backward_check", CHECK, 3)]
    result = run(steps, ["cube_forward", "cube_backward"])
    (outcome,) = result.steps[3].record["outcomes"]
    return outcome["state"], outcome["mistake"]


def test_a_numeric_derivative_is_seen_across_the_process_boundary():
    assert mistake_of(NUMERIC) == ("failed", "numeric_differentiation")


def test_so_is_a_complex_step_which_is_quick_and_exact():
    assert mistake_of(COMPLEX) == ("failed", "numeric_differentiation")
    assert mistake_of(SLOW + COMPLEX.replace("    return", "    time.sleep(0.2)\n    return")) == (
        "failed",
        "numeric_differentiation",
    )


def test_an_analytic_one_passes_however_slow():
    assert mistake_of(SLOW) == ("passed", None)


def test_an_analytic_one_passes():
    assert mistake_of(ANALYTIC) == ("passed", None)
