"""The regularization notebook: the numbers its text promises hold for the reference, and its mistakes are told apart."""

import time
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.course.plain import is_solution
from autograder.gradients.explain import Case, diagnose
from autograder.gradients.judge import VALUE, Tolerance
from autograder.hints import read_hints
from autograder.knowledge import regularization as table
from utils import load_digits, style

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "10_regularization" / "regularization.ipynb"


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="module")
def reference(notebook, definitions):
    return definitions(notebook, np=np, load_digits=load_digits, style=style, perf_counter=time.perf_counter)


def test_the_four_masks_of_the_first_table_average_to_the_sum():
    x, p = np.array([2.0, 4.0]), 0.5

    outputs = [float(x @ np.array(mask) / p) for mask in ((0, 0), (1, 0), (0, 1), (1, 1))]

    assert outputs == [0, 4, 8, 12]
    assert np.mean(outputs) == x.sum()


def test_backward_of_dropout_by_hand(reference):
    mask = np.array([1.25, 0.0, 1.25])

    assert reference["dropout_backward"](np.ones(3), mask).tolist() == [1.25, 0, 1.25]
    _, cache = reference["dropout_forward"](np.ones(3), {"p": 0.8, "mode": "test"})
    assert reference["dropout_backward"](np.ones(3), cache).tolist() == [1, 1, 1]


def test_p_is_the_probability_to_keep(reference):
    out, _ = reference["dropout_forward"](np.ones(100_000), {"p": 0.8, "mode": "train", "seed": 0})

    assert np.mean(out != 0) == pytest.approx(0.8, abs=0.01)
    assert np.mean(out) == pytest.approx(1, abs=0.01)


def test_a_small_weight_is_pulled_a_thousand_times_as_hard_by_l1(reference):
    W = np.array([[0.001]])

    _, by_l1 = reference["l1_l2_penalty"](W, 0.1, 0.0)
    _, by_l2 = reference["l1_l2_penalty"](W, 0.0, 0.1)

    assert (by_l1 / by_l2).item() == pytest.approx(1000)


def test_five_columns_are_cut_into_three_in_the_three_ways_of_the_text(reference):
    seen = {
        tuple(reference["fractional_max_pool_regions"](5, 3, np.random.default_rng(i)).tolist())
        for i in range(50)
    }

    assert seen == {(0, 2, 4, 5), (0, 2, 3, 5), (0, 1, 3, 5)}


def test_a_quarter_turn_goes_against_the_clock(reference):
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 0, 2] = 1

    turned = reference["rotate"](x, 90)

    assert np.argwhere(turned[0, 0] > 0.5).tolist() == [[0, 0]]


def test_a_turn_there_and_back_leaves_a_smooth_middle_as_it_was(reference):
    i, j = np.mgrid[:15, :15]
    x = np.exp(-((i - 7) ** 2 + (j - 7) ** 2) / 40.0)[None, None]

    back = reference["rotate"](reference["rotate"](x, 20), -20)

    assert np.abs(back - x)[0, 0, 5:10, 5:10].max() < 0.02


def test_early_stopping_never_sees_the_one_of_the_prediction(reference):
    stopper = reference["EarlyStopping"](patience=2)

    said = [stopper.update(loss, {"W": np.array([loss])}) for loss in (5, 4, 4.5, 3, 3.5, 3.2)]

    assert said == [False] * 5 + [True]
    assert stopper.best_params["W"].tolist() == [3]


def test_a_vote_and_a_mean_disagree_as_the_text_says(reference):
    scores = [np.log([[0.9, 0.1]]), np.log([[0.4, 0.6]]), np.log([[0.4, 0.6]])]

    classes, probabilities = reference["ensemble_predict"](scores)

    assert classes.tolist() == [0]
    assert probabilities[0, 0] == pytest.approx(0.57, abs=0.005)


def test_more_than_a_quarter_of_the_training_labels_are_wrong_and_no_test_label_is(reference):
    parts = reference["noisy_digits"](0)

    assert np.mean(parts["train"][1] != parts["truth"]) == pytest.approx(0.27, abs=0.05)
    assert len(parts["train"][1]) == 300
    assert len(parts["test"][1]) == 1397


@pytest.mark.slow
def test_the_plain_network_learns_by_heart_and_dropout_hinders_it(reference):
    dropout = {"hidden": (reference["dropout_forward"], reference["dropout_backward"], 0.5)}

    _, plain = reference["train"]()
    _, dropped = reference["train"](dropout)

    assert plain["train"][-1] == 1
    assert max(plain["test"][:4]) > 0.8
    assert plain["test"][-1] < 0.73
    assert dropped["test"][-1] > plain["test"][-1] + 0.05


@pytest.mark.slow
def test_snapshots_and_a_polyak_average_help_on_the_same_problem(reference):
    methods, together, alone, averaged, as_they_are = reference["methods"](), [], [], [], []
    for seed in range(3):
        _, in_test, _, seen = reference["measure"](methods["dropout, snapshots"], seed)
        together.append(in_test)
        alone.append(seen["test"][-1])
        _, seen = reference["train"](methods["dropout, Polyak"], seed)
        averaged.append(np.mean(seen["averaged"][-5:]))
        as_they_are.append(np.mean(seen["test"][-5:]))

    assert np.mean(together) > np.mean(alone) + 0.02
    assert np.mean(averaged) > np.mean(as_they_are) + 0.01


def test_every_exercise_has_three_hints(notebook):
    hints = read_hints(ROOT / "assignments" / "10_regularization")
    exercises = [cell.id for cell in notebook.cells if is_solution(cell) and cell.cell_type == "code"]

    assert list(hints) == exercises
    assert all(len(entry) == 3 for entry in hints.values())


@pytest.mark.parametrize(
    ("share", "mistake"),
    [(0.7, "keep_and_drop_exchanged"), (0.6179, "normal_numbers"), (1.0, "nothing_dropped")],
)
def test_the_share_that_is_kept_gives_a_mistake_away(share, mistake):
    kept = np.random.default_rng(0).random((40, 50)) < share
    case = Case("share of kept entries", share, np.array(0.3), inputs={"p": 0.3, "kept": kept})

    named = diagnose(case, table.MISTAKES["dropout_forward"], Tolerance(0.06, 0.0006))

    assert [found.name for found in named] == [mistake]


def test_a_backward_through_another_mask_is_told_from_an_inverted_one():
    rng = np.random.default_rng(0)
    dout, kept, other = rng.normal(size=(6, 5)), rng.random((6, 5)) < 0.5, rng.random((6, 5)) < 0.5
    inputs, right = {"dout": dout, "kept": kept, "p": 0.5}, dout * kept / 0.5

    names = [
        [
            found.name
            for found in diagnose(
                Case("dx", dout * mask / 0.5, right, inputs=inputs), table.MISTAKES["dropout_forward"], VALUE
            )
        ]
        for mask in (other, ~kept)
    ]

    assert names == [["mask_redrawn"], ["mask_inverted"]]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_source_runs_from_top_to_bottom(ran_source, right_checks):
    assert right_checks(ran_source) == 9
    pictures = [
        cell
        for cell in ran_source.cells
        if any(
            {"image/png", "image/jpeg"} & set(output.get("data", {}))
            and "alt" in str(output.get("metadata", ""))
            for output in cell.get("outputs", ())
        )
    ]
    assert len(pictures) >= 6
