"""The reference rules of the optimizers notebook agree with independent oracles: SciPy's L-BFGS and PyTorch's optimizers.

Both are optional: where one is absent its tests are skipped. ``pip install scipy torch`` brings them.
"""

from pathlib import Path

import numpy as np
import pytest

from autograder.course.markup import to_notebook
from autograder.course.plain import is_solution, mark_of

TEXT = Path(__file__).parents[2] / "assignments" / "08_optimizers" / "optimizers.py"


@pytest.fixture(scope="module")
def rules():
    """The names that the notebook's solution cells define."""
    namespace = {"np": np}
    for cell in to_notebook(TEXT.read_text(encoding="utf-8"), "08_optimizers").cells:
        if cell.cell_type == "code" and is_solution(cell) and not mark_of(cell).get("grade"):
            exec(cell.source, namespace)
    return namespace


def quadratic(n, condition=50.0, seed=0):
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.normal(size=(n, n)))
    return turned @ np.diag(np.geomspace(1, condition, n)) @ turned.T


@pytest.mark.parametrize(("n", "pairs"), [(4, 1), (6, 3), (9, 9), (5, 12)])
def test_two_loops_are_scipys_product(rules, n, pairs):
    """SciPy starts from the identity: in units of w in which gamma is 1, the two start alike."""
    optimize = pytest.importorskip("scipy.optimize")
    rng, A = np.random.default_rng(n), quadratic(n)
    s = rng.normal(size=(pairs, n))
    y, dw = s @ A, rng.normal(size=n)
    gamma = (s[-1] @ y[-1]) / (y[-1] @ y[-1])

    direction = rules["lbfgs_direction"](dw, list(s), list(y))

    theirs = optimize.LbfgsInvHessProduct(s / np.sqrt(gamma), y * np.sqrt(gamma))
    np.testing.assert_allclose(direction, -gamma * theirs.matvec(dw), rtol=1e-9)


def test_both_arrive_at_newtons_step_once_they_know_a_whole_quadratic(rules):
    """With pairs along conjugate directions, one for each parameter, the start of B is forgotten."""
    optimize = pytest.importorskip("scipy.optimize")
    n = 6
    A, w = quadratic(n), np.random.default_rng(1).normal(size=n)
    s_list, y_list = [], []
    for _ in range(n):
        p = rules["lbfgs_direction"](A @ w, s_list, y_list)
        s = -(p @ A @ w) / (p @ A @ p) * p
        s_list, y_list, w = [*s_list, s], [*y_list, A @ s], w + s
    here = np.random.default_rng(2).normal(size=n)

    ours = here + rules["lbfgs_direction"](A @ here, s_list, y_list)
    theirs = here - optimize.LbfgsInvHessProduct(np.array(s_list), np.array(y_list)).matvec(A @ here)
    newton = rules["newton_step"](here, A @ here, A)

    np.testing.assert_allclose(newton, 0, atol=1e-12)
    np.testing.assert_allclose(ours, 0, atol=1e-7)
    np.testing.assert_allclose(theirs, 0, atol=1e-7)


def test_newtons_step_is_where_scipys_newton_cg_ends_on_a_quadratic(rules):
    optimize = pytest.importorskip("scipy.optimize")
    A, bottom, w = quadratic(5), np.arange(5.0), np.ones(5)

    found = optimize.minimize(
        lambda x: 0.5 * (x - bottom) @ A @ (x - bottom),
        w,
        jac=lambda x: A @ (x - bottom),
        hess=lambda x: A,
        method="Newton-CG",
        options={"xtol": 1e-12},
    )

    np.testing.assert_allclose(rules["newton_step"](w, A @ (w - bottom), A), found.x, atol=1e-6)


THEIRS = {
    "sgd": ("SGD", {"lr": 0.1}, {"learning_rate": 0.1}),
    "sgd_momentum": ("SGD", {"lr": 0.1, "momentum": 0.8}, {"learning_rate": 0.1, "momentum": 0.8}),
    "nesterov": (
        "SGD",
        {"lr": 0.1, "momentum": 0.8, "nesterov": True},
        {"learning_rate": 0.1, "momentum": 0.8},
    ),
    "adagrad": ("Adagrad", {"lr": 0.3, "eps": 0.01}, {"learning_rate": 0.3, "epsilon": 0.01}),
    "rmsprop": (
        "RMSprop",
        {"lr": 0.05, "alpha": 0.9, "eps": 0.01},
        {"learning_rate": 0.05, "decay_rate": 0.9, "epsilon": 0.01},
    ),
    "adam": (
        "Adam",
        {"lr": 0.2, "betas": (0.7, 0.95), "eps": 0.01},
        {"learning_rate": 0.2, "beta1": 0.7, "beta2": 0.95, "epsilon": 0.01},
    ),
}


@pytest.mark.parametrize("name", THEIRS)
def test_ten_steps_are_those_of_pytorch(rules, name):
    torch = pytest.importorskip("torch")
    kind, theirs, config = THEIRS[name]
    rng = np.random.default_rng(3)
    w = rng.normal(size=(4, 3))
    parameter = torch.tensor(w, requires_grad=True)
    optimizer = getattr(torch.optim, kind)([parameter], **theirs)

    for _ in range(10):
        dw = rng.normal(size=w.shape)
        w, config = rules[name](w, dw, config)
        parameter.grad = torch.tensor(dw)
        optimizer.step()

        np.testing.assert_allclose(w, parameter.detach().numpy(), rtol=1e-10)
