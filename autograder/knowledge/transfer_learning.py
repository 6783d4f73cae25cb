"""What typical mistakes in the notebook on transfer learning would have produced.

Where a check hands over what a misreading leads to (`fine_tune`, under names such as ``no_momentum``), the prediction is
that; where a wrong answer can be told from a right one by comparison, it is computed from the right one.
"""

from __future__ import annotations

import numpy as np

from autograder.gradients.explain import Case, Mistake

MEAN = np.reshape((104.006, 116.669, 122.679), (3, 1, 1))  # of blue, green and red

_TOP_CLASSES = (
    Mistake(
        "worst_first",
        lambda case: np.argsort(case["scores"])[: case["k"]],
        "These are the classes with the smallest scores: argsort starts with the smallest. Which end do you want?",
    ),
)

_PREPROCESS = (
    Mistake(
        "channels_not_exchanged",
        lambda case: 255 * np.asarray(case["images"]) - MEAN,
        "Range and mean are right, and the channels still come red first. The network was trained with blue first.",
    ),
    Mistake(
        "mean_exchanged",
        lambda case: case.expected + MEAN - MEAN[::-1],
        "Red lost blue's mean and blue red's. The mean is in the order blue, green, red: the channels must be, too, when it is taken off.",
    ),
    Mistake(
        "not_scaled",
        lambda case: np.asarray(case["images"])[:, ::-1] - MEAN,
        "The pixels still run from 0 to 1, and next to the mean they vanish. The network was trained on 0 to 255.",
    ),
    Mistake(
        "mean_scaled",
        lambda case: 255 * (np.asarray(case["images"])[:, ::-1] - MEAN),
        "The mean was multiplied by 255 too. It belongs to pixels from 0 to 255 as it is.",
    ),
    Mistake(
        "mean_added",
        lambda case: case.expected + 2 * MEAN,
        "The mean is added. The network expects numbers around 0: subtract it.",
    ),
    Mistake(
        "mean_forgotten", lambda case: case.expected + MEAN, "Range and order are right; the mean is missing."
    ),
    Mistake(
        "scaled_back",
        lambda case: case.expected / 255,
        "Divided by 255 at the end: the mean is taken off, and the range is not the one of the training.",
    ),
    Mistake(
        "own_mean",
        lambda case: (
            case.expected
            + MEAN
            - 255 * np.asarray(case["images"])[:, ::-1].mean(axis=(0, 2, 3), keepdims=True)
        ),
        "You subtracted the mean of these images. The first layer was trained on numbers less *its* training set's mean.",
    ),
    Mistake(
        "rows_turned_round",
        lambda case: 255 * np.asarray(case["images"])[:, :, ::-1] - MEAN,
        "Rows were turned upside down, and the channels stayed. Which axis holds the channels?",
    ),
    Mistake(
        "batch_turned_round",
        lambda case: 255 * np.asarray(case["images"])[::-1] - MEAN,
        "The images came out in the other order, and the channels stayed. The channels are the second axis.",
    ),
)


def _first_maps(case: Case) -> int:
    return len(case["w1"])


def _by_one_branch(case: Case, ones: bool):
    """What reaches the squeeze when only one of the two expansions sends its gradient back."""
    upstream = np.array(case.upstream)
    upstream[:, _first_maps(case) :] *= not ones
    upstream[:, : _first_maps(case)] *= ones
    return case.vjp(upstream)


def _frame(maps):
    """Maps (N, C, H, W) with zeros one pixel wide around them, seen through a 3×3 window: (N, C, H, W, 3, 3)."""
    framed = np.pad(maps, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return np.lib.stride_tricks.sliding_window_view(framed, (3, 3), axis=(2, 3))


def _squeeze_mask_missing(case: Case):
    """A gradient that passed the last relu and both expansions, and not the squeeze's relu."""
    x, ws, w1, w3 = (np.asarray(case[name], dtype=float) for name in ("x", "ws", "w1", "w3"))
    ws, w1 = ws[:, :, 0, 0], w1[:, :, 0, 0]
    s = np.maximum(0, np.einsum("sc,nchw->nshw", ws, x) + np.reshape(case["bs"], (-1, 1, 1)))
    ones = np.einsum("es,nshw->nehw", w1, s) + np.reshape(case["b1"], (-1, 1, 1))
    threes = np.einsum("eskl,nshwkl->nehw", w3, _frame(s)) + np.reshape(case["b3"], (-1, 1, 1))
    upstream = np.asarray(case.upstream) * (np.concatenate([ones, threes], axis=1) > 0)
    from_ones, from_threes = np.split(upstream, [len(w1)], axis=1)
    ds = np.einsum("es,nehw->nshw", w1, from_ones)
    ds = ds + np.einsum("eskl,nehwkl->nshw", w3[:, :, ::-1, ::-1], _frame(from_threes))
    if case.of == "dbs":
        return ds.sum(axis=(0, 2, 3))
    return (
        np.einsum("sc,nshw->nchw", ws, ds)
        if case.of == "dx"
        else np.einsum("nshw,nchw->sc", ds, x)[:, :, None, None]
    )


def _sum_of_maps(case: Case):
    """The gradient of an expansion's bias, had the last relu let everything pass."""
    return np.sum(case.upstream, axis=(0, 2, 3))


_FIRE = (
    Mistake(
        "order_of_maps",
        lambda case: np.roll(case.expected, len(case["w3"]), axis=1),
        "The maps of the 3×3 filters come first. The docstring puts those of the 1×1 filters first.",
        of="out",
    ),
    Mistake(
        "squeeze_relu_missing",
        lambda case: [
            [[[0, 2, 4]], [[4, 0, 0]], [[1.5, 5.5, 0]]]
        ],  # of the three pixels squeezed to -3, 1, 2
        "The expansions read negative numbers here: the squeezed maps did not pass their relu.",
        of="out",
    ),
    Mistake(
        "last_relu_missing",
        lambda case: np.where(case.expected > 0, case.expected, np.minimum(case.actual, 0)),
        "What is positive is right, and what should be 0 is negative: the relu after the expansions is missing.",
        of="out",
    ),
    Mistake(
        "only_from_1x1",
        lambda case: _by_one_branch(case, ones=True),
        "Only the 1×1 expansion's gradient arrives. The squeezed maps went into both: their gradients add up.",
        of=("dx", "dws", "dbs"),
    ),
    Mistake(
        "only_from_3x3",
        lambda case: _by_one_branch(case, ones=False),
        "Only the 3×3 expansion's gradient arrives. The squeezed maps went into both: their gradients add up.",
        of=("dx", "dws", "dbs"),
    ),
    Mistake(
        "branches_averaged",
        lambda case: case.expected / 2,
        "The two gradients that meet at the squeezed maps are averaged. Gradients add up where values fan out.",
        of=("dx", "dws", "dbs"),
    ),
    Mistake(
        "squeeze_mask_missing",
        _squeeze_mask_missing,
        "The gradient passes the squeeze's relu as if every gate were open. Call its backward once both gradients are added.",
        of=("dx", "dws", "dbs"),
    ),
    Mistake(
        "last_mask_missing",
        lambda case: _sum_of_maps(case)[: _first_maps(case)],
        "The upstream gradient passes the last relu as if every gate were open. Call its backward first.",
        of="db1",
    ),
    Mistake(
        "last_mask_missing",
        lambda case: _sum_of_maps(case)[_first_maps(case) :],
        "The upstream gradient passes the last relu as if every gate were open. Call its backward first.",
        of="db3",
    ),
)

_WEIGHTS = (
    Mistake(
        "not_halved",
        lambda case: np.asarray(case["saved"], dtype=np.float32),
        "The numbers came back more precisely than float16 can hold: convert to dtype before writing.",
    ),
    Mistake(
        "rounded_to_integers",
        lambda case: np.trunc(case["saved"]),
        "The digits behind the point are lost: somewhere the numbers became integers.",
    ),
)


def _cosines(case: Case) -> np.ndarray:
    features, queries = np.asarray(case["features"]), np.asarray(case["queries"])
    return queries @ features.T / np.linalg.norm(queries, axis=1)[:, None] / np.linalg.norm(features, axis=1)


_FEATURES = (
    Mistake(
        "not_averaged",
        lambda case: np.reshape(case["maps"], (len(case["maps"]), -1)),
        "The maps were flattened: one number for every place. Take the mean of each map instead.",
        of="features",
    ),
    Mistake(
        "summed_over_places",
        lambda case: np.sum(case["maps"], axis=(2, 3)),
        "The places of each map are added up. Features are means, so that larger images have no larger features.",
        of="features",
    ),
    Mistake(
        "largest_of_each_map",
        lambda case: np.max(case["maps"], axis=(2, 3)),
        "These are the largest numbers of the maps. Their means are asked for.",
        of="features",
    ),
    Mistake(
        "averaged_over_maps",
        lambda case: np.mean(case["maps"], axis=(1, 2)),
        "You averaged over the wrong axes. Places are the last two, (H, W); one number per map is left.",
        of="features",
    ),
    Mistake(
        "rest_dropped",
        lambda case: case.expected[: len(case.expected) // case["batch_size"] * case["batch_size"]],
        "The examples after the last full batch are missing. The last batch may be smaller.",
        of="features",
    ),
    Mistake(
        "images_averaged",
        lambda case: np.mean(case["X"], axis=(2, 3)),
        "These are means of X itself: the network was not run.",
        of="features",
    ),
    Mistake(
        "lengths_count",
        lambda case: np.argsort(-np.asarray(case["queries"]) @ np.transpose(case["features"]), axis=1)[
            :, : case["k"]
        ],
        "Long vectors win here whatever way they point. The cosine divides the dot product by both lengths.",
        of="neighbours",
    ),
    Mistake(
        "nearest_by_distance",
        lambda case: np.argsort(
            np.linalg.norm(np.asarray(case["queries"])[:, None] - np.asarray(case["features"])[None], axis=2),
            axis=1,
        )[:, : case["k"]],
        "These are nearest by distance. By angle is asked for: lengths should play no part.",
        of="neighbours",
    ),
    Mistake(
        "least_similar",
        lambda case: np.argsort(_cosines(case), axis=1)[:, : case["k"]],
        "These point in the most different ways: argsort starts with the smallest.",
        of="neighbours",
    ),
    Mistake(
        "most_similar_last",
        lambda case: case.expected[:, ::-1],
        "The right neighbours, the most similar one last. It comes first.",
        of="neighbours",
    ),
    Mistake(
        "similarities_returned",
        lambda case: -np.sort(-_cosines(case), axis=1)[:, : case["k"]],
        "These are the cosines. Return which rows they belong to.",
        of="neighbours",
    ),
)

_HEAD = (
    Mistake(
        "head_turned",
        lambda case: case.expected[::-1],
        "head/w is (features, classes): one column for each class.",
        of="the shape of head/w",
    ),
    Mistake(
        "old_bias_kept",
        lambda case: case["old"],
        "The old head's biases are still there. They belong to the old classes.",
        of="head/b",
    ),
    Mistake(
        "bias_of_ones",
        lambda case: np.ones(np.shape(case.expected)),
        "The biases are 1. They start at 0.",
        of="head/b",
    ),
    Mistake(
        "trunk_started_anew",
        lambda case: np.zeros(np.shape(case.expected)) if not np.any(case.actual) else None,
        "This layer of the trunk is lost. Only the head is new: copy everything else.",
    ),
)


def _layer_rank(case: Case):
    """Distinct rates from the largest to the smallest, and where each parameter stands among them."""
    rates, place = np.unique(-case.expected, return_inverse=True)
    return -rates, place


def _turned(case: Case):
    rates, place = _layer_rank(case)
    return rates[::-1][place]


def _too_low(case: Case):
    """Every rate one step of decay further down."""
    rates, _ = _layer_rank(case)
    return case.expected * rates[1] / rates[0]


def _in_equal_steps(case: Case):
    """The decay subtracted or multiplied by the number of steps, in place of a power."""
    rates, place = _layer_rank(case)
    decay = rates[1] / rates[0]
    return np.where(place > 0, rates[0] * decay * place, rates[0])


def _weights_only(case: Case):
    """What was set for weights alone leaves the biases at the rate that does not fit."""
    names = list(case["names"])
    return np.where([name.endswith("/w") for name in names], case.expected, case.actual)


def _others_frozen(case: Case):
    """Zeros where the rates should have been kept."""
    kept = case.expected != 0
    return np.where(kept, 0.0, case.actual) if np.any(kept) and np.any(case.actual) == np.any(~kept) else None


_RATES = (
    Mistake(
        "first_layer_fastest",
        _turned,
        "The first layer learns fastest here and the head slowest. The head is new; the first layer knows edges already.",
        of="rates",
    ),
    Mistake(
        "head_slowed_down",
        _too_low,
        "Every rate is one factor too small. The last layer of the list gets head_rate itself.",
        of="rates",
    ),
    Mistake(
        "decay_not_a_power",
        _in_equal_steps,
        "The factor should apply once for each step below the head: a power of decay.",
        of="rates",
    ),
    Mistake(
        "one_rate_for_all",
        lambda case: np.full(case.expected.shape, case.expected.max()),
        "All layers have the head's rate.",
        of="rates",
    ),
    Mistake(
        "nothing_frozen",
        lambda case: np.array(
            [
                {"conv1/w": 0.2, "conv1/b": 0.3}.get(n, e)
                for n, e in zip(case["names"], case.expected, strict=True)
            ]
        ),
        "Nothing is frozen: the rates came back as they were.",
        of="frozen rates",
    ),
    Mistake(
        "name_begins_alike",
        lambda case: np.where([name.startswith("conv10") for name in case["names"]], 0.0, case.expected),
        "conv10 is frozen along with conv1, because its name begins with it. A layer is the whole name before the first slash.",
        of="frozen rates",
    ),
    Mistake(
        "others_frozen",
        _others_frozen,
        "The named layers learn and the others are frozen. It is the other way round.",
        of="frozen rates",
    ),
    Mistake(
        "biases_not_frozen",
        lambda case: _weights_only(case) if np.any(np.asarray(case.actual) != case.expected) else None,
        "The weights are frozen and the biases of the same layers learn. A layer is frozen with all it has.",
        of="frozen rates",
    ),
)


def _given(name):
    return lambda case: case.inputs.get(name)


_TUNE = (
    Mistake(
        "momentum_forgotten", _given("no_momentum"), "The steps have no memory: where is momentum times v?"
    ),
    Mistake(
        "velocity_lost",
        _given("velocity_lost"),
        "Each epoch begins with velocities of 0. They start at 0 once, before the first epoch, and are kept from then on.",
    ),
    Mistake(
        "climbed",
        _given("climbing"),
        "Parameters moved with their gradients, and the loss rises. The step goes the other way.",
    ),
    Mistake(
        "rest_dropped",
        _given("rest_dropped"),
        "The examples after the last full batch were left out. The last batch may be smaller.",
    ),
    Mistake(
        "not_shuffled",
        _given("unshuffled"),
        "Examples come in the order in which they were given. Each epoch has an order of its own, from rng.permutation.",
    ),
    Mistake(
        "one_order_for_all_epochs",
        _given("one_order"),
        "Every epoch has the same order. Draw a new one from rng at the start of each epoch.",
    ),
    Mistake(
        "one_rate_for_all", _given("one_rate"), "All parameters moved at one rate. Each has its own in rates."
    ),
    Mistake(
        "labels_left_in_place",
        _given("labels_left"),
        "The examples were shuffled and their labels were not: each pair has to stay together.",
    ),
    Mistake(
        "not_updated",
        _given("start"),
        "The parameter is where it started. Does the new value get back into the dict that you return?",
        of=("head/w", "head/b"),
    ),
)

_CURVE = (
    Mistake(
        "not_balanced",
        lambda case: case.actual if np.sum(case.actual) == np.sum(case.expected) else None,
        "The subset has the right size and not the same number of each class.",
        of="examples of each class",
    ),
    Mistake(
        "errors_counted",
        lambda case: 1 - case.expected,
        "This is the share of wrong answers. Accuracy is the share of right ones.",
        of="accuracies",
    ),
    Mistake(
        "answers_counted",
        lambda case: case.expected * len(case["y_test"]),
        "This is the number of right answers. Accuracy is their share.",
        of="accuracies",
    ),
    Mistake(
        "in_percent",
        lambda case: 100 * case.expected,
        "This is in percent. Accuracy is asked for as a number from 0 to 1.",
        of="accuracies",
    ),
)

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "top_classes": _TOP_CLASSES,
    "preprocess": _PREPROCESS,
    "fire_forward": _FIRE,
    "save_weights": _WEIGHTS,
    "extract_features": _FEATURES,
    "replace_head": _HEAD,
    "freeze": _RATES,
    "fine_tune": _TUNE,
    "accuracy_against_examples": _CURVE,
}
