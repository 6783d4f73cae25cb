"""A gradient check that knows the assignment's solutions makes fewer journeys, and finds what it finds without them."""

import pytest

from autograder.execution import Limits

FORWARD = """
def forward(x, w):
    return x * np.tanh(w), (x, w)
"""
BACKWARD = """
def backward(dout, cache):
    x, w = cache
    return dout * np.tanh(w), dout * x / np.cosh(w) ** 2
"""
GRADIENTS = """
from autograder import gradient_check
rng = np.random.default_rng(3)
results = gradient_check.run(forward, backward, {"x": (2, 3), "w": (2, 3)}, rng=rng)
"""
FOUND = GRADIENTS + "print(*results, rng.bit_generator.state, sep='\\n')"
JOURNEYS = f"""
from autograder.execution.remote import reference_of
before = reference_of(forward).session.process.moves
{GRADIENTS}
print(reference_of(forward).session.process.moves - before)
"""
SHORT = Limits(cell_seconds=3.0, total_seconds=30.0)


@pytest.fixture
def printed(submission):
    """What a check prints about a student's layer, with or without the solutions; no check may fail."""

    def run(student, check, known, solution=FORWARD + BACKWARD):
        reference = [("reference", solution)] if known else []
        result = submission(
            ("given", "import numpy as np"), *reference, ("student", student), ("check", check),
            names=["forward", "backward", "Gate"], limits=SHORT,
        )  # fmt: skip
        step = result.steps[-1]
        assert step.verdict == "passed", step.error
        return step.outputs[0]["text"]

    return run


GATE = """
class Gate:
    def forward(self, x):
        self.x = x
        return x ** 2
    def backward(self, upstream):
        return 2 * upstream * self.x
"""
GATE_FOUND = """
from autograder import gradient_check
from autograder.layers import as_layer
rng = np.random.default_rng(3)
for each, x in ((False, np.array(3.0)), (True, (2, 3))):
    print(*gradient_check.run(*as_layer(Gate, each=each), {"x": x}, rng=rng), rng.bit_generator.state, sep="\\n")
"""
IN_PLACE = """
def forward(x, w):
    w[:] = np.tanh(w)
    return x * w, (x, w)
def backward(dout, cache):
    x, w = cache
    dw = dout * x * (1 - w * w)
    dout *= w
    return dout, dw
"""
OVERWRITING = """
def forward(x, w):
    out = x * np.tanh(w)
    return out, (x, w, out)
def backward(dout, cache):
    x, w, out = cache
    out[:] = 0
    return dout * np.tanh(w), dout * x / np.cosh(w) ** 2
"""
BUFFERS = """
buffers = np.zeros((2, 2, 3))
def backward(dout, cache):
    x, w = cache
    buffers[0], buffers[1] = dout * np.tanh(w), dout * x / np.cosh(w) ** 2
    return buffers[0], buffers[1]
"""
RIGHT = {
    "written like the solution": FORWARD + BACKWARD,
    "hands out buffers": FORWARD + BUFFERS,
    "overwrites its out": OVERWRITING,
    "gives a list of lists": FORWARD
    + BACKWARD.replace("return", "found =")
    + "    return [one.tolist() for one in found]",
    "keeps an axis more": FORWARD.replace("np.tanh(w),", "np.tanh(w)[None],") + BACKWARD,
}
WRONG = {  # and a word of what is found
    "another forward": (FORWARD.replace("tanh", "sin") + BACKWARD, "6 of 6 entries are wrong"),
    "a wrong gradient": (FORWARD + BACKWARD.replace("** 2", "** 3"), "6 of 6 entries are wrong"),
    "forward raises": (FORWARD.replace("return", "return None +"), "raised TypeError"),
    "backward raises": (FORWARD + BACKWARD.replace("x, w =", "x, w, z ="), "raised ValueError"),
    "forward is a stub": ("def forward(x, w): raise NotImplementedError", "state='not attempted'"),
    "backward is a stub": (
        FORWARD + "def backward(d, c): raise NotImplementedError",
        "state='not attempted'",
    ),
    "no forward": (BACKWARD, "name 'forward' is not defined"),
    "three gradients": (FORWARD + BACKWARD.replace("return", "return dout,"), "mistake='wrong_count'"),
    "no gradients": (FORWARD + BACKWARD.replace("return", "x ="), "mistake='returned_nothing'"),
    "no cache": (FORWARD.replace(", (x, w)\n", "\n") + BACKWARD, "mistake='no_cache'"),
    "no out": (FORWARD.replace("x * np.tanh(w),", "None,") + BACKWARD, "mistake='returned_nothing'"),
    "a flat out": (
        FORWARD.replace("np.tanh(w),", "np.tanh(w) @ np.ones(3),") + BACKWARD,
        "could not be broadcast",
    ),
    "not linear": (FORWARD + BACKWARD.replace("return", "return not dout.any() or"), "mistake='not_linear'"),
    "a random out": (FORWARD.replace("w),", "w) + np.random.rand(),") + BACKWARD, "mistake='not_smooth'"),
    "ends the process": (FORWARD + "import os\ndef backward(d, c): os._exit(1)", "state='crashed'"),
    "never ends": (FORWARD + "def backward(d, c):\n    while True: pass", "state='timed out'"),
}


@pytest.mark.parametrize("student", RIGHT.values(), ids=RIGHT)
def test_a_right_layer_passes_with_the_same_numbers_drawn(printed, student):
    found = printed(student, FOUND, known=True)

    assert found.count("state='passed'") == 2, found
    assert found == printed(student, FOUND, known=False)


@pytest.mark.parametrize(("student", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_as_without_solutions_and_the_same_numbers_are_drawn(printed, student, told):
    found = printed(student, FOUND, known=True)

    assert told in found, found
    assert found == printed(student, FOUND, known=False)


def test_a_wrong_forward_costs_its_own_backward_nothing(printed):
    student = FORWARD.replace("tanh", "sin") + BACKWARD.replace("tanh", "sin").replace(
        "/ np.cosh(w) ** 2", "* np.cos(w)"
    )

    found = printed(student, FOUND, known=True)

    assert found.count("state='passed'") == 2, found
    assert found == printed(student, FOUND, known=False)


def test_what_is_changed_in_place_is_remarked_all_the_same(printed):
    found = printed(IN_PLACE, FOUND, known=True)

    assert found.count("changed dout in place") == found.count("w was changed in place") == 2, found
    assert "x was changed" not in found
    assert found == printed(IN_PLACE, FOUND, known=False)


def test_a_right_layer_takes_one_journey_and_a_wrong_forward_one_more_than_without_solutions(printed):
    def journeys(student, known):
        return int(printed(student, JOURNEYS, known))

    right, wrong = FORWARD + BACKWARD, FORWARD.replace("tanh", "sin") + BACKWARD

    assert journeys(right, known=True) == 1 < journeys(right, known=False)
    assert journeys(wrong, known=True) == 1 + journeys(wrong, known=False)


@pytest.mark.parametrize("gate", [GATE, GATE.replace("2 * up", "3 * up")], ids=["right", "wrong"])
def test_a_class_is_checked_as_without_its_solution(printed, gate):
    found, unknown = (printed(gate, GATE_FOUND, known, solution=GATE) for known in (True, False))

    assert found == unknown
    assert found.count("state='passed'") == (2 if gate == GATE else 0)


def test_a_slow_right_layer_is_in_time_where_it_is_without_solutions(submission):
    slow = (FORWARD + BACKWARD).replace("return", "time.sleep(0.19); return")

    result = submission(
        ("given", "import numpy as np, time"),
        ("reference", FORWARD + BACKWARD),
        ("student", slow),
        ("check", FOUND),
        names=["forward", "backward"],
        limits=SHORT,
    )

    assert result.steps[-1].failures == []


NET = """
class Net:
    def __init__(self, size, *, reg):
        self.params, self.reg = {"W": np.zeros(size), "b": np.zeros(1)}, reg

    def loss(self, x, y):
        W, b = self.params["W"], self.params["b"]
        error = W @ x + b[0] - y
        return error**2 + self.reg * W @ W, {"W": 2 * error * x + 2 * self.reg * W, "b": np.array([2 * error])}
"""
TWO_FACES = """
class Net:
    def __init__(self, size, *, reg):
        self.params, self.reg = {"W": np.zeros(size), "b": np.zeros(1)}, reg

    def loss(self, x, y):
        W, b = self.params["W"], self.params["b"]
        if not hasattr(self, "first"):
            self.first = W.copy(), b.copy()
        first, bias = self.first
        loss = (first @ x + bias[0] - y) ** 2 + self.reg * first @ first
        return loss + np.sum(W - first) + np.sum(b - bias), {"W": np.ones(3), "b": np.ones(1)}
"""
OF_OTHER_REG = NET.replace("self.reg *", "3 * self.reg *")
NET_CHECK = """
from autograder import Check, loss_of
check = Check("Net", points=2)
@check("gradients")
def _(t):
    W, x = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, -0.5])
    net = Net(3, reg=0.1)
    net.params["W"], net.params["b"] = W, np.array([0.25])
    loss, grads = net.loss(x, 1.0)
    for name, value in (("W", W), ("b", np.array([0.25]))):
        t.gradient(loss_of(net, name, x, 1.0), value, grads[name], f"d{name}")
    t.equal(net.params["W"], W, "W")
check.score()
"""


@pytest.mark.parametrize(
    ("student", "known", "state"),
    [
        (NET, True, "passed"),
        (NET, False, "passed"),
        (TWO_FACES, False, "passed"),  # a student's own copy of the notebook knows no solution
        (TWO_FACES, True, "failed"),
        (OF_OTHER_REG, True, "passed"),  # a wrong loss costs its own gradients nothing
    ],
)
def test_a_network_is_measured_on_the_solution_where_it_gives_the_same_loss(
    submission, student, known, state
):
    reference = [("reference", NET)] if known else []
    result = submission(
        ("given", "import numpy as np"), *reference, ("student", student), ("check", NET_CHECK), names=["Net"], limits=SHORT
    )  # fmt: skip

    (outcome,) = result.steps[-1].record["outcomes"]
    assert outcome["state"] == state, outcome["message"]
