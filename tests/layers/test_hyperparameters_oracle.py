"""The reference searches of the hyperparameters notebook agree with independent oracles: scikit-learn and SciPy.

Both are optional: where one is absent its tests are skipped. ``pip install scikit-learn`` brings both.
"""

import ast
import math
from pathlib import Path

import numpy as np
import pytest

from autograder.course.markup import to_notebook
from autograder.course.plain import mark_of

TEXT = Path(__file__).parents[2] / "assignments" / "09_hyperparameters" / "hyperparameters.py"


@pytest.fixture(scope="module")
def searches():
    """The names that the notebook's given and solution cells define."""
    namespace = {"np": np, "math": math}
    for cell in to_notebook(TEXT.read_text(encoding="utf-8"), "09_hyperparameters").cells:
        mark = mark_of(cell)
        wanted = mark.get("solution") or (mark.get("locked") and mark["grade_id"] != "setup")
        if cell.cell_type == "code" and wanted and not mark.get("grade"):
            exec(compile(ast.parse(cell.source), mark["grade_id"], "exec"), namespace)
    return namespace


@pytest.mark.parametrize("noise", [1e-6, 1e-3, 0.5])
@pytest.mark.parametrize(("N", "M", "D"), [(1, 3, 1), (5, 9, 2), (20, 7, 4)])
def test_the_posterior_is_scikit_learns(searches, N, M, D, noise):
    process = pytest.importorskip("sklearn.gaussian_process")
    rng = np.random.default_rng(0)
    X, y, X_new = rng.random((N, D)), 3 * rng.normal(size=N), rng.random((M, D))
    model = process.GaussianProcessRegressor(
        process.kernels.RBF(0.3, "fixed"), alpha=noise, optimizer=None
    ).fit(X, y)

    mean, std = searches["gp_posterior"](
        X, y, X_new, lambda A, B: searches["rbf_kernel"](A, B, length=0.3), noise
    )

    expected, deviation = model.predict(X_new, return_std=True)
    np.testing.assert_allclose(mean, expected, atol=1e-7)
    np.testing.assert_allclose(std, deviation, atol=1e-7)


def test_another_kernel_brings_its_own_variance(searches):
    process = pytest.importorskip("sklearn.gaussian_process")
    rng = np.random.default_rng(1)
    X, y, X_new = rng.random((6, 2)), rng.normal(size=6), rng.random((8, 2))
    kernel = process.kernels.ConstantKernel(4.0) * process.kernels.Matern(0.5, nu=1.5)
    model = process.GaussianProcessRegressor(kernel, alpha=0.1, optimizer=None).fit(X, y)

    mean, std = searches["gp_posterior"](X, y, X_new, kernel, 0.1)

    expected, deviation = model.predict(X_new, return_std=True)
    np.testing.assert_allclose(mean, expected, atol=1e-9)
    np.testing.assert_allclose(std, deviation, atol=1e-9)


@pytest.mark.parametrize("xi", [0.0, 0.3])
def test_the_expected_improvement_is_scipys_integral(searches, xi):
    integrate = pytest.importorskip("scipy.integrate")
    stats = pytest.importorskip("scipy.stats")
    mean, std, best = np.array([-1.0, 0.2, 1.5, 4.0]), np.array([0.5, 1.0, 2.0, 0.7]), 0.4

    found = searches["expected_improvement"](mean, std, best, xi)

    for m, s, ei in zip(mean, std, found, strict=True):
        exact, _ = integrate.quad(
            lambda f, m=m, s=s: (best - xi - f) * stats.norm.pdf(f, m, s), m - 12 * s, best - xi
        )
        assert ei == pytest.approx(exact, abs=1e-8)


def test_the_given_normal_distribution_is_scipys(searches):
    stats = pytest.importorskip("scipy.stats")
    z = np.linspace(-6, 6, 25).reshape(5, 5)

    np.testing.assert_allclose(searches["normal_cdf"](z), stats.norm.cdf(z), atol=1e-15)
    np.testing.assert_allclose(searches["normal_density"](z), stats.norm.pdf(z), atol=1e-15)


@pytest.mark.parametrize(("low", "high"), [(1e-5, 10.0), (2.0, 3.0)])
def test_draws_are_those_of_scipys_loguniform(searches, low, high):
    stats = pytest.importorskip("scipy.stats")

    x = searches["sample_log_uniform"](low, high, np.random.default_rng(0), 5000)

    assert stats.kstest(x, stats.loguniform(low, high).cdf).pvalue > 1e-3


def test_the_grid_is_scikit_learns(searches):
    selection = pytest.importorskip("sklearn.model_selection")
    values = {"learning_rate": [0.1, 1.0], "reg": [0.0, 0.5, 2.0], "kind": ["adam", "sgd"]}

    found = searches["grid"](values)

    def key(setting):
        return sorted(setting.items())

    assert sorted(found, key=key) == sorted(selection.ParameterGrid(values), key=key)


@pytest.mark.parametrize(("N", "k"), [(13, 4), (50, 8), (7, 7)])
def test_folds_have_the_sizes_of_scikit_learns(searches, N, k):
    selection = pytest.importorskip("sklearn.model_selection")

    found = searches["kfold_indices"](N, k, np.random.default_rng(0))

    expected = selection.KFold(k, shuffle=True, random_state=0).split(np.zeros(N))
    assert sorted(len(val) for _, val in found) == sorted(len(val) for _, val in expected)


def test_cross_validation_is_scikit_learns_with_scaling_in_its_pipeline(searches):
    selection = pytest.importorskip("sklearn.model_selection")
    pytest.importorskip("sklearn")
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 4)) * [1, 10, 0.1, 3] + 5, rng.normal(size=30)
    folds = searches["kfold_indices"](30, 5, np.random.default_rng(2))

    def evaluate(X_train, y_train, X_val, y_val):
        return np.mean((Ridge().fit(X_train, y_train).predict(X_val) - y_val) ** 2)

    found = searches["cross_validate"](evaluate, X, y, 5, np.random.default_rng(2))

    expected = selection.cross_val_score(
        make_pipeline(StandardScaler(), Ridge()), X, y, cv=folds, scoring="neg_mean_squared_error"
    )
    np.testing.assert_allclose(found, -expected, rtol=1e-5)
