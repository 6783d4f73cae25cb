"""The optimizers notebook: the numbers its text promises hold for the reference, and its mistakes are told apart."""

import ast
from pathlib import Path
from time import perf_counter

import nbformat
import numpy as np
import pytest

from autograder.course.plain import is_experiment, is_solution, mark_of
from autograder.gradients.explain import Case, diagnose
from autograder.gradients.judge import VALUE
from autograder.hints import read_hints
from autograder.knowledge import optimizers as table
from utils import bowl, load_digits, rosenbrock, saddle

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "08_optimizers" / "optimizers.ipynb"
RULES = ("sgd", "sgd_momentum", "nesterov", "adagrad", "rmsprop", "adam")


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="module")
def reference(notebook, definitions):
    """The names of the given cells, of the solutions, and of the experiments' functions."""
    names = {"np": np, "load_digits": load_digits, "perf_counter": perf_counter}
    for cell in notebook.cells:
        if mark_of(cell).get("grade_id") in ("given", "network"):
            exec(cell.source, names)
    return definitions(notebook, **names)


def walk(rule, gradients, w, config=None):
    """The places that a rule visits."""
    places = [np.array(w, dtype=float)]
    for dw in gradients:
        next_w, config = rule(places[-1], np.array(dw, dtype=float), config)
        places.append(next_w)
    return np.array(places)


@pytest.mark.parametrize(
    ("rate", "one", "two"),
    [(0.10, (9, 0), (8.1, 0)), (0.19, (8.1, -0.9), (6.561, 0.81)), (0.21, (7.9, -1.1), (6.241, 1.21))],
)
def test_the_bowl_on_paper(reference, rate, one, two):
    surface, w, config = bowl(10), np.array([10.0, 1.0]), {"learning_rate": rate}

    for expected in (one, two):
        w, config = reference["sgd"](w, surface.gradient(w), config)
        np.testing.assert_allclose(w, expected, atol=1e-9)


def test_a_narrow_bowl_takes_1150_steps():
    assert np.log(0.1) / np.log(0.998) == pytest.approx(1150, abs=1)


def test_momentum_becomes_ten_times_as_long(reference):
    config = {"learning_rate": 0.1, "momentum": 0.9}

    lengths = -np.diff(walk(reference["sgd_momentum"], [[1.0]] * 200, [0.0], config).ravel())

    np.testing.assert_allclose(lengths[:3], [0.1, 0.19, 0.271])
    assert lengths[-1] == pytest.approx(1)


def test_nesterov_takes_its_gradient_ahead(reference):
    """The textbook's form keeps the place itself and asks for the gradient where momentum would carry it."""
    surface, rate, mu = bowl(5), 0.05, 0.9
    place, v = np.array([-3.0, 2.0]), np.zeros(2)
    ahead, config = place, {"learning_rate": rate, "momentum": mu}
    for _ in range(20):
        v = mu * v - rate * surface.gradient(place + mu * v)
        place = place + v

        ahead, config = reference["nesterov"](ahead, surface.gradient(ahead), config)

        np.testing.assert_allclose(ahead, place + mu * v, atol=1e-12)


@pytest.mark.parametrize(
    ("rule", "config", "step"),
    [
        ("adagrad", {"learning_rate": 0.1}, (-0.1, -0.1, 0)),
        ("rmsprop", {"learning_rate": 0.1}, (-1, -1, 0)),
        ("adam", {"learning_rate": 0.1}, (-0.1, -0.1, 0)),
        ("adam", {"learning_rate": 0.1, "t": 10**9}, (-0.3162, -0.3162, 0)),  # as good as uncorrected
    ],
)
def test_first_steps_forget_the_size_of_the_gradient(reference, rule, config, step):
    _, first = walk(reference[rule], [[100.0, 0.01, 0.0]], [0.0, 0.0, 0.0], config)

    np.testing.assert_allclose(first, step, atol=1e-4)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_forgets_nothing_that_config_does_not_hold(reference, rule):
    rng = np.random.default_rng(0)
    w, gradients = rng.normal(size=(3, 2)), rng.normal(size=(6, 3, 2))
    whole = walk(reference[rule], gradients, w)
    half, config = whole[0], None
    for dw in gradients[:3]:
        half, config = reference[rule](half, dw, config)

    rest = walk(reference[rule], gradients[3:], half, dict(config))

    np.testing.assert_array_equal(rest, whole[3:])


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_leaves_its_arguments_alone(reference, rule):
    w, dw, config = np.ones(3), np.ones(3), {"learning_rate": 0.5}

    reference[rule](w, dw, config)

    assert w.tolist() == dw.tolist() == [1, 1, 1]
    assert config == {"learning_rate": 0.5}


def test_schedules_at_their_edges(reference):
    assert [reference["step_decay"](0.8, t) for t in (9, 10, 25)] == [0.8, 0.4, 0.2]
    assert reference["cosine_decay"](0.8, 60, 60, 0.2) == pytest.approx(0.2)
    assert reference["cosine_decay"](0.8, 61, 60, 0.2) == pytest.approx(0.2)
    assert [reference["warmup"](1.0, t, 4) for t in range(6)] == [0.25, 0.5, 0.75, 1, 1, 1]
    assert reference["warmup"](0.3, 0, 0) == 0.3


def test_the_hessian_of_the_network_takes_as_much_memory_as_the_text_says(reference):
    parameters = len(reference["first_weights"](784))

    assert parameters == 23860
    assert parameters**2 * 8 / 1e9 == pytest.approx(4.6, abs=0.1)


def test_the_newest_change_leads_its_step_back(reference):
    rng = np.random.default_rng(1)
    s, y = rng.normal(size=(4, 6)), rng.normal(size=(4, 6))
    y *= np.sign(np.sum(s * y, axis=1))[:, None]

    np.testing.assert_allclose(reference["lbfgs_direction"](y[-1], list(s), list(y)), -s[-1], atol=1e-9)


def test_the_matrix_and_the_loops_agree(reference):
    rng = np.random.default_rng(2)
    s = list(rng.normal(size=(5, 30)))
    y, dw = [one * np.linspace(1, 9, 30) for one in s], rng.normal(size=30)

    np.testing.assert_allclose(
        reference["dense_direction"](dw, s, y), reference["lbfgs_direction"](dw, s, y), rtol=1e-9
    )


def test_the_networks_gradient_is_that_of_its_loss(reference):
    rng = np.random.default_rng(3)
    X, y, w = rng.normal(size=(7, 5)), rng.integers(10, size=7), reference["first_weights"](5)
    w += 0.1 * rng.normal(size=w.size)
    _, dw, _ = reference["network"](w, X, y)

    along = rng.normal(size=w.size)
    change = reference["network"](w + 1e-6 * along, X, y)[0] - reference["network"](w - 1e-6 * along, X, y)[0]

    assert dw @ along == pytest.approx(change / 2e-6, rel=1e-5)


def test_who_divides_by_the_size_leaves_the_saddle_first(reference):
    surface, left = saddle(), {}
    for name, rate in zip(RULES, (0.1, 0.05, 0.05, 0.2, 0.03, 0.1), strict=True):
        w, config = np.array(surface.start), {"learning_rate": rate}
        for step in range(300):
            if abs(w[1]) > 0.5:
                left[name] = step
                break
            w, config = reference[name](w, surface.gradient(w), config)

    assert max(left["adagrad"], left["rmsprop"], left["adam"]) < min(left["sgd_momentum"], left["nesterov"])
    assert max(left, key=left.get) == "sgd"


def test_on_rosenbrock_momentum_gets_further_than_plain_descent(reference):
    surface = rosenbrock()

    ends = {}
    for name, rate in (("sgd", 0.0015), ("sgd_momentum", 0.0007), ("nesterov", 0.001)):
        w, config = np.array(surface.start), {"learning_rate": rate}
        for _ in range(300):
            w, config = reference[name](w, surface.gradient(w), config)
        ends[name] = float(surface.value(w))

    assert max(ends["sgd_momentum"], ends["nesterov"]) < 0.5 * ends["sgd"]


@pytest.mark.filterwarnings("ignore")
def test_learning_rates_too_low_good_high_and_too_high(reference):
    ends = {}
    for rate in (0.02, 0.3, 1.5, 6.0):
        _, losses = reference["train"](reference["sgd"], {"learning_rate": rate}, load_digits(), 400)
        ends[rate] = np.mean(losses[-50:])

    assert min(ends, key=ends.get) == 0.3
    assert 0.5 < ends[0.02] < 1.5
    assert ends[1.5] > 3 * ends[0.3]
    assert ends[6.0] == pytest.approx(np.log(10), abs=0.1)


def test_schedules_that_fall_settle_lower_than_a_constant_rate(reference):
    def end(rate):
        _, losses = reference["train"](reference["sgd_momentum"], {}, load_digits(), 1500, 16, rate=rate)
        return np.mean(losses[-300:])

    constant = end(lambda t: 0.15)

    assert end(lambda t: reference["step_decay"](0.15, t, 0.2, 500)) < 0.6 * constant
    assert (
        end(lambda t: reference["warmup"](reference["cosine_decay"](0.15, t, 1500), t, 100)) < 0.3 * constant
    )


def test_lbfgs_wins_with_the_full_batch_and_loses_with_minibatches(reference):
    digits = load_digits()
    _, full = reference["train"](reference["adam"], {"learning_rate": 0.03}, digits, 150, 0)
    _, noisy = reference["train"](reference["adam"], {"learning_rate": 0.01}, digits, 400)

    assert reference["learn_lbfgs"](digits, 150)[-1] < 0.01 * full[-1]
    for share in (0.05, 0.1):
        assert np.mean(reference["learn_lbfgs"](digits, 400, 64, share)[-50:]) > 2 * np.mean(noisy[-50:])


def test_experiments_leave_nothing_but_functions_behind(notebook):
    """A stray w of an experiment would lend itself to a student's function that forgot its argument."""
    assigned = [
        ast.unparse(target)
        for cell in notebook.cells
        if cell.cell_type == "code" and is_experiment(cell)
        for statement in ast.parse(cell.source).body
        for target in getattr(statement, "targets", ())
    ]

    assert assigned == ["check"]


def test_every_exercise_has_three_hints(notebook):
    hints = read_hints(ROOT / "assignments" / "08_optimizers")
    exercises = [cell.id for cell in notebook.cells if is_solution(cell) and cell.cell_type == "code"]

    assert list(hints) == exercises
    assert all(len(entry) == 3 for entry in hints.values())


def third_step(of, wrong, right):
    """A third step of Adam, settings as given here; the second would not tell all mistakes apart."""
    given = {"w": np.array([1.0, 3.0]), "dw": np.array([4.0, -1.0]), "step": 3, "learning_rate": 0.1}
    given |= {"beta1": 0.5, "beta2": 0.75, "epsilon": 0.1}
    given |= {"before": {"m": [1.0, 0.5], "v": [1.0, 0.25], "t": 2}}
    given |= {"memory": {"m": [2.5, -0.25], "v": [4.75, 0.4375], "t": 3}}
    return Case(f"step 3: {of}", np.array(wrong), np.array(right), inputs=given)


def moved(first, second):
    """Where that step ends if m and v are divided by these shares."""
    m, v = np.array([2.5, -0.25]) / first, np.array([4.75, 0.4375]) / second
    return np.array([1.0, 3.0]) - 0.1 * m / (np.sqrt(v) + 0.1)


RIGHT = moved(1 - 0.5**3, 1 - 0.75**3)


@pytest.mark.parametrize(
    ("case", "mistake"),
    [
        (third_step("next_w", moved(1, 1), RIGHT), "correction_missing"),
        (third_step("next_w", moved(0.5, 0.25), RIGHT), "power_forgotten"),
        (third_step("next_w", moved(1 - 0.5**2, 1 - 0.75**2), RIGHT), "counted_late"),
        (third_step("m", [2.5 / 0.875, -0.25 / 0.875], [2.5, -0.25]), "corrected_kept"),
        (third_step("v", [12.25, 0.8125], [4.75, 0.4375]), "weights_exchanged"),
        (third_step("t", 2, 3), "not_counted"),
    ],
)
def test_a_wrong_step_of_adam_is_named(case, mistake):
    named = diagnose(case, table.MISTAKES["adam"], VALUE)

    assert [found.name for found in named] == [mistake]


def test_a_schedule_is_not_accused_of_anothers_mistake():
    """Inverse time at t = 10 is what the exponential would be with no k; only the mistakes of the schedule asked count."""
    given = {"schedule": "inverse", "rate": 2.0, "t": 10, "settings": ()}
    case = Case("the rate at t = 10", 2 / 11, np.array(1.0), inputs=given)

    named = diagnose(case, table.MISTAKES["step_decay"], VALUE)

    assert [found.name for found in named] == ["k_forgotten"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_source_runs_from_top_to_bottom(ran_source, right_checks):
    assert right_checks(ran_source) == 7
    pictures = [
        cell
        for cell in ran_source.cells
        if any(
            kind.startswith("image/") for output in cell.get("outputs", ()) for kind in output.get("data", {})
        )
    ]
    assert len(pictures) == 9
