"""The hyperparameters notebook: the numbers its text promises hold for the reference, and its mistakes are told apart."""

import ast
import math
import re
from pathlib import Path
from time import perf_counter

import nbformat
import numpy as np
import pytest

import utils
from autograder.course.plain import is_experiment, is_solution, mark_of
from autograder.gradients.explain import Case, diagnose
from autograder.gradients.judge import VALUE
from autograder.hints import read_hints
from autograder.knowledge import hyperparameters as table

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "09_hyperparameters" / "hyperparameters.ipynb"
GIVEN = ("train_network", "to_unit")
USED = ("figure", "load_digits", "plot_best_so_far", "plot_histograms", "plot_posterior", "plot_projection")


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="module")
def reference(notebook, definitions):
    """The names of the given cells, of the solutions, and of the experiments' functions."""
    names = {"np": np, "math": math, "perf_counter": perf_counter, "style": utils.style}
    names |= {name: getattr(utils, name) for name in (*USED, "progress", "sliders")}
    for cell in notebook.cells:
        if mark_of(cell).get("grade_id") in GIVEN:
            exec(cell.source, names)
    return definitions(notebook, **names)


@pytest.fixture(scope="module")
def validation_error(reference):
    """The validation error that the notebook's network reaches by a setting."""
    training, validation, _ = reference["digits"]()

    def objective(setting):
        params, _ = reference["train_network"](
            {"learning_rate": 0.1, "reg": 1e-4, "weight_scale": 0.05} | setting, *training
        )
        return float(reference["error_rate"](params, *validation))

    return objective


def test_the_network_has_as_many_parameters_as_the_text_says(reference):
    (X, y), _, _ = reference["digits"]()
    setting = {"learning_rate": 0.1, "reg": 0.0, "weight_scale": 0.01}

    params, _ = reference["train_network"](setting, X, y, steps=1)

    assert sum(p.size for p in params) == 3010


def test_three_learning_rates_do_what_the_first_answer_says(reference, validation_error):
    (X, y), _, _ = reference["digits"]()
    setting = {"learning_rate": 10.0, "reg": 1e-4, "weight_scale": 0.05}
    _, leaping = reference["train_network"](setting, X, y, steps=20)

    assert max(leaping) > 300
    assert validation_error({"learning_rate": 1e-4}) > 0.85
    assert validation_error({"learning_rate": 0.1}) < 0.07
    assert validation_error({"learning_rate": 10.0}) > 0.8


def test_the_routine_of_babysitting_holds_for_the_network(reference):
    (X, y), _, _ = reference["digits"]()
    plain = {"learning_rate": 0.1, "reg": 0.0, "weight_scale": 0.01}

    _, alone = reference["train_network"](plain, X, y, steps=1)
    _, charged = reference["train_network"](plain | {"reg": 1.0}, X, y, steps=1)
    params, few = reference["train_network"](plain, X[:20], y[:20])

    assert alone[0] == pytest.approx(math.log(10), abs=0.01)
    assert charged[0] > alone[0] + 0.1
    assert few[-1] < 0.01
    assert reference["error_rate"](params, X[:20], y[:20]) == 0


@pytest.mark.parametrize(
    ("rate", "said"), [(1e-4, "too low"), (0.003, "too low"), (0.03, "still falling"), (5.0, "too high")]
)
def test_learning_rates_are_diagnosed(reference, rate, said):
    (X, y), _, _ = reference["digits"]()

    _, losses = reference["train_network"]({"learning_rate": rate, "reg": 0.0, "weight_scale": 0.01}, X, y)

    assert reference["diagnose_loss_curve"](losses, 10) == said


def test_thirteen_examples_make_one_fold_of_four_and_three_of_three(reference):
    folds = reference["kfold_indices"](13, 4, np.random.default_rng(0))

    assert sorted(len(val) for _, val in folds) == [3, 3, 3, 4]
    assert sum(7 in train for train, _ in folds) == 3


def test_noise_is_learned_only_with_a_leak(reference):
    drawn = reference["leak"]()

    honest, leaking = (int(share) for share in re.findall(r"(\d+)%", drawn.alt))
    assert 40 <= honest <= 60
    assert leaking <= 25


def test_a_quarter_of_log_uniform_draws_lie_in_each_power_of_ten(reference):
    x = reference["sample_log_uniform"](1e-4, 1.0, np.random.default_rng(0), 40_000)

    shares = np.histogram(x, [1e-4, 1e-3, 1e-2, 0.1, 1.0])[0] / 40_000
    np.testing.assert_allclose(shares, 0.25, atol=0.015)


@pytest.mark.parametrize(
    ("n", "gap"), [(4000, 0.06), (160, 0.3), (60, 0.45)], ids=["log-uniform", "random", "first trials"]
)
def test_a_right_answer_fails_a_distribution_test_less_than_once_in_ten_billion(n, gap):
    """The inequality of Dvoretzky, Kiefer and Wolfowitz, with Massart's constant."""
    assert 2 * math.exp(-2 * n * gap**2) < 1e-10


def test_a_right_round_is_narrower_than_its_check_asks_less_than_once_in_a_hundred_million():
    n, share = 24, 0.35

    assert n * share ** (n - 1) - (n - 1) * share**n < 1e-8


def test_random_search_usually_beats_the_grid_of_three_and_a_side_of_four_is_lucky(reference):
    drawn = [reference["one_axis_matters"](3, draw).alt for draw in range(1, 21)]
    lucky = reference["one_axis_matters"](4, 1).alt

    best = [[float(loss) for loss in re.findall(r"best loss (\d\.\d+)", alt)] for alt in drawn]
    assert 15 <= sum(random < grid for grid, random in best) < 20
    assert float(re.findall(r"best loss (\d\.\d+)", lucky)[0]) < 0.2


def test_the_edge_and_the_next_range_of_the_example(reference):
    space = {"learning_rate": (1e-4, 1.0, "log")}

    assert reference["to_unit"]({"learning_rate": 0.9}, space) == pytest.approx([0.99], abs=0.005)
    assert reference["at_edge"]({"learning_rate": 0.9}, space) == {"learning_rate": "high"}
    low, high, _ = reference["zoom"]({"learning_rate": 0.9}, space)["learning_rate"]
    assert (low, high) == pytest.approx((0.009, 90))


def test_places_lead_back_to_their_values(reference):
    space = {"a": (1e-5, 10.0, "log"), "b": (-2.0, 3.0, "linear")}
    setting = {"a": 0.02, "b": 4.5}

    assert reference["from_unit"](reference["to_unit"](setting, space), space) == pytest.approx(setting)


def test_a_loss_that_is_not_a_number_is_the_worst(reference):
    history = [({"a": 1}, math.nan), ({"a": 2}, 5.0), ({"a": 3}, math.inf)]

    assert reference["best_of"](history) == ({"a": 2}, 5.0)


def test_the_rounds_leave_a_range_that_ends_too_early(reference):
    rates = [
        float(rate) for rate in re.findall(r"learning rate ([\d.e-]+\d)", reference["four_rounds"]().alt)
    ]

    assert rates[0] < 0.02 < rates[-1]


def test_one_trial_with_noise_one(reference):
    mean, std = reference["gp_posterior"](
        np.zeros((1, 1)), np.ones(1), np.array([[0.0], [9.0]]), reference["rbf_kernel"], 1.0
    )

    np.testing.assert_allclose(mean, [0.5, 0.0], atol=1e-12)
    np.testing.assert_allclose(std, [0.7071, 1.0], atol=5e-5)


def test_a_mean_at_the_best_promises_04_deviations(reference):
    ei = reference["expected_improvement"](np.array([2.0, 2.0]), np.array([1.0, 0.0]), 2.0)

    np.testing.assert_allclose(ei, [0.3989, 0.0], atol=5e-5)


def test_the_search_that_is_watched_visits_both_ends_once_and_ends_in_the_valley(reference, validation_error):
    space = {"learning_rate": (1e-5, 10.0, "log")}

    history = reference["bayesian_search"](validation_error, space, 14, np.random.default_rng(6))

    powers = [math.log10(setting["learning_rate"]) for setting, _ in history]
    assert min(error for _, error in history[:4]) > 0.07
    assert sum(power < -4 for power in powers[4:]) == 1
    assert sum(power > 0.5 for power in powers[4:]) == 1
    assert all(-2 < power < -0.3 for power in powers[8:])


@pytest.mark.parametrize("seed", range(30))
def test_the_visible_check_of_the_model_based_search_is_passed_with_ease(reference, seed):
    history = reference["bayesian_search"](
        lambda setting: 3 + math.log10(setting["lr"] / 0.02) ** 2,
        {"lr": (1e-4, 1.0, "log")},
        18,
        np.random.default_rng(seed),
        candidates=400,
    )

    assert min(abs(math.log(setting["lr"] / 0.02)) for setting, _ in history) < math.log(1.3)


def test_experiments_leave_nothing_but_functions_behind(notebook):
    """A stray X of an experiment would lend itself to a student's function that forgot its argument."""
    assigned = [
        ast.unparse(target)
        for cell in notebook.cells
        if cell.cell_type == "code" and is_experiment(cell)
        for statement in ast.parse(cell.source).body
        for target in getattr(statement, "targets", ())
    ]

    assert assigned == ["check"]


def test_every_exercise_has_three_hints(notebook):
    hints = read_hints(ROOT / "assignments" / "09_hyperparameters")
    exercises = [cell.id for cell in notebook.cells if is_solution(cell) and cell.cell_type == "code"]

    assert list(hints) == exercises
    assert all(len(entry) == 3 for entry in hints.values())


X = np.array([[1.0, 20.0], [3.0, 50.0], [6.0, 10.0], [10.0, 90.0], [15.0, 40.0]])
TRAIN, VAL = np.array([0, 2, 3]), np.array([1, 4])
RIGHT = (X[VAL] - X[TRAIN].mean(0)) / (X[TRAIN].std(0) + 1e-8)
PART = {"X": X, "train": TRAIN, "val": VAL}
GAIN = {"mean": np.array([1.0, -0.5, 3.0]), "std": np.array([0.7, 2.0, 1.5]), "best": 0.8, "xi": 0.1}


def improvement(sign=1.0, xi=1.0):
    return table._ei(
        Case("ei", None, None, inputs=GAIN), *table._parts(Case("ei", None, None, inputs=GAIN), sign, xi)
    )


@pytest.mark.parametrize(
    ("exercise", "of", "wrong", "right", "inputs", "mistake"),
    [
        ("kfold_indices", "X_val", (X[VAL] - X.mean(0)) / (X.std(0) + 1e-8), RIGHT, PART, "leak"),
        ("kfold_indices", "X_val", (X[VAL] - X[VAL].mean(0)) / X[VAL].std(0), RIGHT, PART, "own_statistics"),
        (
            "coarse_to_fine",
            "the range of lr",
            [1e-4, 1.0],
            [1e-3, 0.1],
            {"space": {"lr": (1e-4, 1.0, "log")}, "setting": {"lr": 0.01}, "name": "lr", "factor": 0.5},
            None,  # twice as wide and not narrower at all are one answer here: no guess
        ),
        ("expected_improvement", "ei", improvement(sign=-1.0), improvement(), GAIN, "maximised"),
        ("expected_improvement", "ei", improvement(xi=0.0), improvement(), GAIN, "xi_forgotten"),
        ("halfway", "halfway", 0.50005, 0.01, {"low": 1e-4, "high": 1.0}, "plain_mean"),
    ],
)
def test_a_wrong_answer_is_named(exercise, of, wrong, right, inputs, mistake):
    case = Case(of, wrong, np.asarray(right), inputs=inputs)

    named = [found.name for found in diagnose(case, table.MISTAKES[exercise], VALUE)]

    assert named == [mistake] if mistake else len(named) > 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_source_runs_from_top_to_bottom(ran_source, right_checks, pictures):
    assert right_checks(ran_source) == 9
    assert len(pictures(ran_source)) == 7
    grid, *others = _errors(ran_source)
    assert all(grid[0] > other[0] for other in others)  # the grid is last
    assert all(won < again < tested for won, again, tested in (grid, *others))  # the winner's curse


def _errors(ran):
    """Best of 27, on new seeds, on the test part: in per cent, for each search of the table."""
    printed = "".join(
        output.text
        for cell in ran.cells
        for output in cell.get("outputs", ())
        if output.output_type == "stream"
    )
    return [
        [float(number) for number in re.findall(r"([\d.]+)% ±", line)]
        for line in printed.splitlines()
        if re.match(r"(grid|random|coarse to fine|Bayesian) ", line)
    ]
