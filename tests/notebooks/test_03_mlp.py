"""The perceptrons notebook: the numbers its text promises hold for the reference, and its mistakes are told apart."""

import ast
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.course.plain import is_experiment, is_solution
from autograder.gradients.explain import Case, diagnose
from autograder.gradients.judge import VALUE
from autograder.hints import read_hints
from autograder.knowledge import mistakes_of
from utils import load_digits, spirals

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "03_mlp" / "mlp.ipynb"


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="module")
def reference(notebook, definitions):
    return definitions(notebook, np=np, time=time, load_digits=load_digits, spirals=spirals)


@pytest.fixture
def differ(reference):
    """The network on paper: says whether two inputs differ."""
    net = reference["TwoLayerNet"](2, 2, 1)
    net.params = {
        "W1": np.ones((2, 2)),
        "b1": np.array([0.0, -1.0]),
        "W2": np.array([[1.0], [-2.0]]),
        "b2": np.zeros(1),
    }
    return net


@pytest.mark.parametrize(
    ("sizes", "counts"),
    [([3, 4, 2], (6, 20, 6, 26)), ([3, 4, 4, 1], (9, 32, 9, 41)), ([64, 10], (10, 640, 10, 650))],
)
def test_networks_have_as_many_parts_as_the_text_says(reference, sizes, counts):
    found = reference["count_parameters"](sizes)

    assert tuple(found[key] for key in ("neurons", "weights", "biases", "parameters")) == counts


def test_the_network_on_paper_gives_the_table_of_the_text(differ):
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])

    assert differ.loss(corners).ravel().tolist() == [0, 1, 1, 0]


def test_the_picture_shows_what_the_network_on_paper_computes(reference, differ):
    drawn = []
    picture = dict(reference, draw_graph=lambda nodes, values, gradients: drawn.append((values, gradients)))
    exec(ast.unparse(_function("differ")), picture)

    for x1, x2 in ((1.0, 1.0), (0.2, 1.0), (0.3, 0.4), (-0.5, 0.2)):
        picture["differ"](x1, x2)
        values, gradients = drawn[-1]
        slope = (differ.loss(np.array([[x1 + 1e-6, x2]])) - differ.loss(np.array([[x1, x2]]))).item() / 1e-6
        assert values["s"] == pytest.approx(differ.loss(np.array([[x1, x2]])).item())
        assert gradients["x1"] == pytest.approx(slope, abs=1e-6)


def _function(name):
    for cell in nbformat.read(SOURCE, as_version=4).cells:
        if cell.cell_type == "code":
            for statement in ast.parse(cell.source).body:
                if getattr(statement, "name", None) == name:
                    return statement
    raise LookupError(name)


def test_a_fresh_network_costs_ln_10(reference):
    digits = load_digits()
    net = reference["TwoLayerNet"](64, 50, 10, weight_scale=1e-3)

    loss, _ = net.loss(digits.X_train[:200], digits.y_train[:200])

    assert loss == pytest.approx(2.3026, abs=1e-4)


def test_the_softmax_example_by_hand(reference):
    loss, dx = reference["softmax_loss"](np.log([[1.0, 2.0, 5.0]]), np.array([2]))

    assert loss == pytest.approx(0.4700, abs=5e-5)
    np.testing.assert_allclose(dx, [[1 / 8, 2 / 8, -3 / 8]])


def test_equal_scores_cost_the_svm_nine(reference):
    loss, dx = reference["svm_loss"](np.zeros((1, 10)), np.array([4]))

    assert loss == 9
    assert dx[0, 4] == -9


def test_from_zero_weights_only_the_last_biases_learn(reference):
    net = reference["TwoLayerNet"](3, 4, 2, weight_scale=0.0)

    _, grads = net.loss(np.arange(12.0).reshape(4, 3), np.array([0, 1, 1, 1]))

    assert [name for name, grad in grads.items() if np.any(grad)] == ["b2"]


def test_doubling_the_width_quarters_the_error(reference):
    x = np.linspace(-1, 1, 4001)
    error = {
        width: np.abs(reference["creased"](x, width) - reference["curve"](x)).max() for width in (32, 64, 128)
    }

    assert 3.5 < error[32] / error[64] < 4.5
    assert 3.5 < error[64] / error[128] < 4.5


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_depth_k_draws_two_to_the_k_pieces(reference, depth):
    corners = reference["folded"](np.linspace(0, 1, 2**depth + 1), depth)
    between = reference["folded"](np.linspace(0, 1, 2 ** (depth + 3) + 1), depth)

    assert corners.tolist() == [i % 2 for i in range(2**depth + 1)]
    assert np.count_nonzero(np.abs(np.diff(between, 2)) > 1e-9) == 2**depth - 1


def test_capacity_with_a_penalty_beats_few_neurons_and_no_penalty(reference):
    """The numbers in the reflection's sample answers."""
    shares = {}

    def note(predict, points, noisy, title):
        shares[title.split("\n")[0]] = int(title.split(" of the training points, ")[1].split("%")[0])

    experiment = dict(reference, plot_decision_boundary=note)
    exec(ast.unparse(_function("spiral_net")), experiment)
    for hidden, reg in ((3, 0.0), (60, 0.0), (60, 0.001)):
        experiment["spiral_net"](hidden, reg)

    few, many, charged = shares.values()
    assert few < many < charged
    assert (few, many, charged) == pytest.approx((82, 86, 97), abs=2)


def test_the_digits_are_read_in_time(reference, capsys):
    X, y, X_test, y_test, _ = load_digits()
    start = time.perf_counter()

    nets, _ = reference["learn"](X, y, X_test, y_test)

    assert time.perf_counter() - start < 30
    read = {name: np.mean(reference["predict"](net, X_test) == y_test) for name, net in nets.items()}
    assert min(read.values()) >= 0.95
    assert read["50 hidden"] > read["linear"]


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
    hints = read_hints(ROOT / "assignments" / "03_mlp")
    exercises = [cell.id for cell in notebook.cells if is_solution(cell) and cell.cell_type == "code"]

    assert list(hints) == exercises
    assert all(len(entry) == 3 for entry in hints.values())


def penalised(factor, biases=0.0):
    """A loss whose penalty counts `factor` times, plus one on the biases."""
    given = {"X": np.ones((5, 3)), "data_loss": 1.25, "squares": 4.0, "biases": 3.0, "reg": 0.1}
    loss = 1.25 + factor * 0.1 / 2 * 4.0 + biases * 0.1 / 2 * 3.0
    return Case("loss", loss, np.array(1.25 + 0.1 / 2 * 4.0), inputs=given)


@pytest.mark.parametrize(
    ("case", "mistake"),
    [
        (penalised(0), "reg_missing"),
        (penalised(2), "reg_factor"),
        (penalised(1 / 5), "reg_averaged"),
        (penalised(1, biases=1), "reg_biases"),
    ],
)
def test_a_wrong_penalty_is_named(case, mistake):
    named = diagnose(case, mistakes_of("FullyConnectedNet"), VALUE)

    assert [found.name for found in named] == [mistake]


def test_the_warm_up_names_the_mistake_it_comes_with(reference):
    x, w, b = np.zeros(2), np.ones(2), -1.0
    case = Case("out", reference["neuron"](x, w, b), np.array(0.0), inputs={"x": x, "w": w, "b": b})

    named = diagnose(case, mistakes_of("neuron"), VALUE)

    assert [found.name for found in named] == ["bias_after_crease"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_source_runs_from_top_to_bottom(ran_source, right_checks, pictures):
    assert right_checks(ran_source) == 9
    assert len(pictures(ran_source)) == 5
