"""Typical mistakes in the exercises of the mlp notebook, as predictions.

Knows what each mistake would have produced from the case in hand. Refuses to know how an exercise is solved: a
prediction starts from the right value and spoils it, or computes the wrong one from the inputs.
"""

from __future__ import annotations

import numpy as np

from autograder.gradients.explain import Case, Mistake
from autograder.knowledge.masks import mask_at_mean

GUARDS = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)  # constants people add inside a logarithm


def _right_class(case: Case) -> np.ndarray:
    """1 at the right class of each example, 0 elsewhere; of the shape of the scores."""
    return np.eye(np.shape(case["x"])[1])[np.asarray(case["y"])]


def _weights_of(case: Case) -> np.ndarray | None:
    """The weights that a gradient ``dW1`` belongs to."""
    return case.inputs.get(case.of[1:]) if case.of.startswith("dW") else None


def _pull(case: Case, share: float):
    """The gradient with the penalty's part changed by `share` of itself."""
    weights = _weights_of(case)
    return None if weights is None else case.expected + share * case["reg"] * weights


def _penalty(case: Case, share: float):
    """The loss with the penalty changed by `share` of itself."""
    return case.expected + share * case["reg"] / 2 * case["squares"]


def _penalty_of(case: Case, layers) -> float:
    """The loss with only these layers' weights charged for."""
    charged = sum(np.sum(np.square(case[f"W{i}"])) for i in layers)
    return case["data_loss"] + case["reg"] / 2 * charged


def _all_weights(case: Case) -> list[np.ndarray]:
    weights = [np.asarray(value) for name, value in case.inputs.items() if name[0] == "W"]
    if not weights:
        raise KeyError("W1")  # no weights are given, so nothing can be said about how they were charged for
    return weights


def _layers(case: Case) -> int:
    return sum(name[0] == "W" for name in case.inputs)


def _without_creases(case: Case):
    """The scores of a net whose nonlinearity was left out."""
    out = np.reshape(case["X"], (case.N, -1))
    for i in range(1, _layers(case) + 1):
        out = out @ case[f"W{i}"] + case[f"b{i}"]
    return out


def _without_gates(case: Case):
    """A bias's gradient, with the upstream gradient passed through the ReLUs unchanged."""
    if not case.of.startswith("db"):
        return None
    upstream = case["dscores"]
    for i in range(_layers(case), int(case.of[2:]), -1):
        upstream = upstream @ case[f"W{i}"].T
    return upstream.sum(axis=0)


def _column_wise(case: Case):
    """What numbers flattened across examples give: the batch was not kept as the first axis."""
    x = np.asarray(case["x"])
    return x.reshape(-1, len(x)).T @ case["w"] + case["b"] if x.ndim > 2 else None


_COUNTS = (
    Mistake(
        "inputs_counted",
        lambda case: case.expected + case["sizes"][0],
        "The inputs are counted as neurons. They compute nothing and have no bias.",
        of=("neurons", "biases"),
    ),
    Mistake(
        "outputs_left_out",
        lambda case: case.expected - case["sizes"][-1],
        "The last layer is left out. Its neurons compute the scores: they have weights and biases like all others.",
        of=("neurons", "biases"),
    ),
    Mistake(
        "one_bias_per_layer",
        lambda case: len(case["sizes"]) - 1,
        "You counted one bias per layer. Every neuron has its own.",
        of="biases",
    ),
    Mistake(
        "last_pair_left_out",
        lambda case: case.expected - case["sizes"][-2] * case["sizes"][-1],
        "The weights into the last layer are missing. Does your loop stop one pair too early?",
        of="weights",
    ),
    Mistake(
        "biases_in_weights",
        lambda case: case.expected + sum(case["sizes"][1:]),
        "The biases are among the weights. Count them apart here; only the parameters hold both.",
        of="weights",
    ),
    Mistake(
        "sizes_added",
        lambda case: sum(case["sizes"]),
        "You added the sizes of neighbouring layers. Every neuron has one weight for *each* neuron before it.",
        of="weights",
    ),
    Mistake(
        "ends_only",
        lambda case: case["sizes"][0] * case["sizes"][-1],
        "Only inputs and outputs enter your count. Every pair of neighbouring layers has its own weights.",
        of="weights",
    ),
    Mistake(
        "biases_forgotten",
        lambda case: case.expected - sum(case["sizes"][1:]),
        "Parameters are weights *and* biases.",
        of="parameters",
    ),
    Mistake(
        "first_pair_left_out",
        lambda case: (
            case.expected
            - {
                "weights": case["sizes"][0] * case["sizes"][1],
                "parameters": (case["sizes"][0] + 1) * case["sizes"][1],
            }.get(case.of, case["sizes"][1])
        ),
        "The first layer, from the inputs to the first neurons, is left out.",
    ),
    Mistake(
        "inputs_for_outputs",
        lambda case: sum(case["sizes"][:-1]),
        "You counted the layers that give and not those that receive: inputs are no neurons, outputs are.",
        of=("neurons", "biases"),
    ),
    Mistake(
        "last_pair_alone",
        lambda case: case["sizes"][-2] * case["sizes"][-1],
        "Only the last pair of layers is left: add each layer's weights to the sum.",
        of="weights",
    ),
    Mistake(
        "multiplied_not_added",
        lambda case: (
            case.expected - sum(case["sizes"][1:])
            and (case.expected - sum(case["sizes"][1:])) * sum(case["sizes"][1:])
        ),
        "Weights and biases are multiplied. Together they are a sum.",
        of="parameters",
    ),
)

_AFFINE = (
    Mistake(
        "bias_forgotten",
        lambda case: case.expected - case["b"],
        "The products are right and the bias is missing.",
        of="out",
    ),
    Mistake(
        "bias_subtracted",
        lambda case: case.expected - 2 * np.asarray(case["b"]),
        "The bias is subtracted. It is added to every row.",
        of="out",
    ),
    Mistake(
        "bias_summed",
        lambda case: case.expected - case["b"] + np.sum(case["b"]),
        "Every neuron gets the sum of all biases. Each neuron has its own: add b as it is, it stretches over the rows.",
        of="out",
    ),
    Mistake(
        "relu_too_early",
        lambda case: np.maximum(0, case.expected),
        "The negative numbers are cut off. That is the work of the next layer: an affine layer has no nonlinearity.",
        of="out",
    ),
    Mistake(
        "flattened_across_examples",
        _column_wise,
        "Numbers of different examples are mixed. Keep the batch as the first axis when you reshape; do not transpose.",
        of="out",
    ),
)

_RELU = (
    Mistake(
        "absolute_value",
        lambda case: np.abs(case["x"]),
        "Negative numbers lost their sign. ReLU makes them 0.",
        of="out",
    ),
    Mistake(
        "negative_part",
        lambda case: np.minimum(0, case["x"]),
        "You kept what is negative. Exchange smaller and larger.",
        of="out",
    ),
    Mistake(
        "step_function",
        lambda case: np.asarray(case["x"]) > 0,
        "You return whether an entry is positive, not the entry itself.",
        of="out",
    ),
    Mistake(
        "clipped_at_one",
        lambda case: np.clip(case["x"], 0, 1),
        "Large numbers are cut off too. ReLU has no ceiling.",
        of="out",
    ),
    Mistake(
        "mask_inverted",
        lambda case: np.where(np.asarray(case["x"]) < 0, case.upstream, 0),
        "The gate is open where it should be shut. It is open where the *input* was positive.",
        of="dx",
    ),
    Mistake(
        "mask_from_upstream",
        lambda case: np.where(case.upstream > 0, case.upstream, 0),
        "You looked at the sign of dout. The gate was set by the sign of the input, in forward.",
        of="dx",
    ),
    mask_at_mean(),
    Mistake(
        "both_signs_asked",
        lambda case: np.where((case.upstream > 0) & (np.asarray(case["x"]) > 0), case.upstream, 0),
        "Negative upstream gradients are lost. Only the sign of the input opens or shuts the gate.",
        of="dx",
    ),
    Mistake(
        "multiplied_by_input",
        lambda case: case.upstream * case["x"],
        "You multiplied by x. The slope of ReLU is 0 or 1, whatever the size of x.",
        of="dx",
    ),
    Mistake(
        "multiplied_by_output",
        lambda case: case.upstream * np.maximum(0, case["x"]),
        "You multiplied by the output. The slope of ReLU is 0 or 1, whatever the size of the output.",
        of="dx",
    ),
)


def _log_probabilities(case: Case) -> np.ndarray:
    x = np.asarray(case["x"], dtype=float)
    return (
        x
        - x.max(axis=1, keepdims=True)
        - np.log(np.exp(x - x.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
    )


_SOFTMAX = (
    *(
        Mistake(
            "log_guard",
            lambda case, guard=guard: -np.log(np.exp(-case.expected) + guard),
            "A small constant stands inside the logarithm: the loss of an improbable class comes out too small. "
            "Subtract the largest score instead, and no guard is needed.",
            of="loss",
        )
        for guard in GUARDS
    ),
    Mistake(
        "right_class_forgotten",
        lambda case: case.expected + _right_class(case) / case.N,
        "These are the probabilities over N. Raising the score of the right class also lowers the loss directly: "
        "differentiate that term too.",
        of="dx",
    ),
    Mistake(
        "columns_not_entries",
        lambda case: case.expected + (_right_class(case) - _right_class(case).any(axis=0)) / case.N,
        "Whole columns were changed. In each row only the entry of its own right class is different: "
        "index rows and columns together.",
        of="dx",
    ),
    Mistake(
        "one_subtracted_after_averaging",
        lambda case: case.expected - _right_class(case) * (1 - 1 / case.N),
        "The probabilities are divided by N and the 1 at the right class is not. The mean divides both.",
        of="dx",
    ),
    Mistake(
        "only_right_class",
        lambda case: np.where(_right_class(case) > 0, case.expected, 0),
        "Only the right class receives a gradient. All scores of an example enter its probabilities.",
        of="dx",
    ),
    Mistake(
        "columns_not_entries",
        lambda case: _log_probabilities(case)[:, case["y"]].sum() / -case.N,
        "Whole columns were picked out. In each row only the entry of its own right class counts: "
        "index rows and columns together.",
        of="loss",
    ),
    Mistake(
        "columns_not_entries",
        lambda case: _log_probabilities(case)[:, case["y"]].mean() * -1,
        "Whole columns were picked out. In each row only the entry of its own right class counts: "
        "index rows and columns together.",
        of="loss",
    ),
    Mistake(
        "summed_not_averaged",  # equal scores cannot tell it from whole columns
        lambda case: case.expected * case.N,
        "Your result is N times too large, N being the number of examples: it is a sum where a mean is asked for.",
        of=("loss", "dx"),
    ),
    Mistake(
        "all_classes_counted",
        lambda case: _log_probabilities(case).sum() / -case.N,
        "The logarithms of all classes were added. The loss asks for the probability of the right class alone.",
        of="loss",
    ),
    Mistake(
        "one_added",
        lambda case: case.expected + 2 * _right_class(case) / case.N,
        "The 1 at the right class has the wrong sign: raising the right score lowers the loss.",
        of="dx",
    ),
    Mistake(
        "wrong_logarithm",
        lambda case: case.expected / np.log(10),
        "The logarithm has base 10. The loss uses the natural one.",
        of="loss",
    ),
    Mistake(
        "base_two_logarithm",
        lambda case: case.expected / np.log(2),
        "The logarithm has base 2. The loss uses the natural one.",
        of="loss",
    ),
    *(
        Mistake(
            "log_guard",
            lambda case, guard=guard: -np.log(np.maximum(np.exp(-case.expected), guard)),
            "Probabilities are cut off before the logarithm: the loss of an improbable class comes out too small. "
            "Subtract the largest score instead, and nothing needs to be cut off.",
            of="loss",
        )
        for guard in GUARDS
    ),
    *(
        Mistake(
            "divided_by_classes",
            lambda case, power=power: case.expected * case.N**power / np.shape(case["x"])[1],
            "You divided by the number of classes. The mean is taken over the N examples, the rows.",
            of=("loss", "dx"),
        )
        for power in (0, 1)
    ),
    Mistake(
        "one_taken_everywhere",
        lambda case: case.expected - (1 - _right_class(case)) / case.N,
        "1 is subtracted for every class. It belongs to the right class of each example alone.",
        of="dx",
    ),
    Mistake(
        "minus_one_assigned",
        lambda case: np.where(_right_class(case) > 0, -1 / case.N, case.expected),
        "At the right class stands -1: the probability was overwritten. Subtract 1 from it.",
        of="dx",
    ),
    Mistake(
        "sign_at_right_class",
        lambda case: np.where(_right_class(case) > 0, -case.expected, case.expected),
        "At the right class the sign is wrong: raising its score makes the loss smaller.",
        of="dx",
    ),
    Mistake(
        "probabilities_returned",
        lambda case: np.exp(_log_probabilities(case)),
        "These are the probabilities. The gradient differs from them at the right class, and is divided by N.",
        of="dx",
    ),
    Mistake(
        "likeliest_class_taken",
        lambda case: -_log_probabilities(case).max(axis=1).mean(),
        "This is the loss of the likeliest class. The right class is asked for, whether it is likely or not.",
        of="loss",
    ),
    Mistake(
        "all_classes_counted",
        lambda case: -_log_probabilities(case).mean(),
        "This is a mean over all classes. Only the right class of each example counts.",
        of="loss",
    ),
    Mistake(
        "logarithm_missing",
        lambda case: -np.mean(np.sum(np.exp(_log_probabilities(case)) * _right_class(case), axis=1)),
        "The logarithm is missing: this is the mean probability of the right class, with a minus.",
        of="loss",
    ),
)

_SVM = (
    Mistake(
        "right_class_counted",
        lambda case: case.expected + 1,
        "The loss is too large by exactly 1, the margin of the right class to itself. The sum leaves that class out.",
        of="loss",
    ),
    Mistake(
        "hinge_missing",
        lambda case: _plain_margins(case).sum() / case.N,
        "Margins that are kept pay back here. Each term is cut off at 0, before the sum.",
        of="loss",
    ),
    Mistake(
        "averaged_over_classes",
        lambda case: case.expected / np.shape(case["x"])[1],
        "You took the mean over the classes too. Over the classes it is a sum, over the batch a mean.",
        of="loss",
    ),
    Mistake(
        "margin_missing",
        lambda case: _loss_of(_margins(case, 0.0)),
        "The margin of 1 is missing: a class is too close as soon as it comes within 1 of the right one.",
        of="loss",
    ),
    Mistake(
        "margin_subtracted",
        lambda case: _loss_of(_margins(case, -1.0)),
        "The margin is subtracted, so only classes that lead by more than 1 cost anything. It is added.",
        of="loss",
    ),
    Mistake(
        "left_at_zero",  # equal scores cannot tell it from a margin that is missing
        lambda case: np.zeros_like(case.expected),
        "Every entry is 0. Does the result still have the value it was created with?",
    ),
    Mistake(
        "largest_margin_only",
        lambda case: np.maximum(0, _plain_margins(case)).max(axis=1).sum() / case.N,
        "Only the worst class of each example counts here. The sum goes over all wrong classes.",
        of="loss",
    ),
    Mistake(
        "margins_squared",
        lambda case: _loss_of(np.maximum(0, _plain_margins(case)) ** 2),
        "The terms are squared. Each costs as much as the class is too close.",
        of="loss",
    ),
    Mistake(
        "size_of_margin",
        lambda case: _weigh_margins(case, np.maximum(0, _plain_margins(case))),
        "The gradient of a term is 1 wherever the term is above 0, however large it is. Yours grows with the term.",
        of="dx",
    ),
    Mistake(
        "all_classes_counted",
        lambda case: _weigh_margins(case, np.ones_like(_plain_margins(case)) * (1 - _right_class(case))),
        "Classes that keep their margin receive a gradient too. Their terms are 0 and stay 0: is your comparison >= where > is meant?",
        of="dx",
    ),
    Mistake(
        "averaged_over_wrong_classes",
        lambda case: case.expected / (np.shape(case["x"])[1] - 1),
        "You took the mean over the wrong classes. Over the classes it is a sum, over the batch a mean.",
        of="loss",
    ),
    Mistake(
        "right_class_forgotten",
        lambda case: np.where(_right_class(case) > 0, 0, case.expected),
        "The right class receives nothing. It takes part in every term: what does it get from all of them together?",
        of="dx",
    ),
    Mistake(
        "right_class_once",
        lambda case: np.where(_right_class(case) > 0, -1 / case.N, case.expected),
        "The right class receives -1/N, however many classes are too close to it. It takes part in every such term.",
        of="dx",
    ),
    Mistake(
        "right_class_pushed_up_twice",
        lambda case: case.expected + _right_class(case) / case.N,
        "The right class is among the classes that are too close to itself. Leave it out before you count.",
        of="dx",
    ),
    Mistake(
        "right_class_pushed_up_twice",
        lambda case: case.expected - _right_class(case) / case.N,
        "The right class is among the classes that are too close to itself. Leave it out before you count.",
        of="dx",
    ),
    Mistake(
        "right_class_sign",
        lambda case: np.abs(case.expected),
        "The right class has the sign of the others. The loss falls when its score rises.",
        of="dx",
    ),
    Mistake(
        "margins_mirrored",
        lambda case: _loss_of(np.maximum(0, 2 - _plain_margins(case)) * (1 - _right_class(case))),
        "The right score minus the others: this charges for being ahead. Exchange the two.",
        of="loss",
    ),
    Mistake(
        "largest_for_right",
        lambda case: _loss_of(
            np.maximum(0, np.asarray(case["x"]) - np.max(case["x"], axis=1, keepdims=True) + 1)
            * (1 - _right_class(case))
        ),
        "The scores are compared with the largest one. Compare them with the score of the right class.",
        of="loss",
    ),
    Mistake(
        "violations_counted",
        lambda case: _loss_of((_plain_margins(case) > 0) * 1.0),
        "This counts the classes that come too close. The loss adds up by how much they do.",
        of="loss",
    ),
    Mistake(
        "size_for_slope",
        lambda case: (
            case.expected + (np.maximum(0, _plain_margins(case)) - (_plain_margins(case) > 0)) / case.N
        ),
        "The gradient holds by how much a class comes too close. The slope of each such term is 1.",
        of="dx",
    ),
)


def _plain_margins(case: Case) -> np.ndarray:
    """Margins that nobody cut off, the right class left out."""
    x, right = np.asarray(case["x"]), _right_class(case)
    return (x - np.sum(x * right, axis=1, keepdims=True) + 1) * (1 - right)


def _margins(case: Case, margin: float) -> np.ndarray:
    return np.maximum(0, _plain_margins(case) + (margin - 1) * (1 - _right_class(case)))


def _loss_of(margins: np.ndarray) -> float:
    return margins.sum() / len(margins)


def _weigh_margins(case: Case, slopes: np.ndarray) -> np.ndarray:
    """The gradient if each wrong class had this slope and the right class the opposite of their sum."""
    return (slopes - _right_class(case) * slopes.sum(axis=1, keepdims=True)) / case.N


_NET = (
    Mistake(
        "relu_on_scores",
        lambda case: np.maximum(0, case.expected),
        "No score is negative: a ReLU stands behind the last affine layer. Scores must be free to be negative.",
        of="scores",
    ),
    Mistake(
        "relu_skipped",
        lambda case: _without_creases(case),
        "The scores come from affine layers alone. The ReLU's output has to be what the next layer reads.",
        of="scores",
    ),
    Mistake(
        "relu_backward_skipped",
        lambda case: _without_gates(case),
        "The gradient passes the ReLU as if every gate were open. It has a backward of its own, between the affine ones.",
    ),
    Mistake(
        "reg_missing",
        lambda case: _penalty(case, -1),
        "The loss lacks the penalty on the weights.",
        of="loss",
    ),
    Mistake(
        "reg_factor",
        lambda case: _penalty(case, 1),
        "The penalty is twice as large as it should be: where is the ½?",
        of="loss",
    ),
    Mistake(
        "reg_averaged",
        lambda case: _penalty(case, 1 / case.N - 1),
        "The penalty is divided by N. It is charged once per step, however many examples there are.",
        of="loss",
    ),
    Mistake(
        "reg_biases",
        lambda case: case.expected + case["reg"] / 2 * case["biases"],
        "The biases are charged for too. Only weights are.",
        of="loss",
    ),
    Mistake(
        "reg_unsquared_root",
        lambda case: case["data_loss"] + case["reg"] / 2 * np.sqrt(case["squares"]),
        "The penalty holds a square root. It is the sum of squares itself.",
        of="loss",
    ),
    Mistake(
        "reg_last_layer_only",
        lambda case: _penalty_of(case, [_layers(case)]),
        "Only the last layer's weights are charged for. The sum goes over all layers.",
        of="loss",
    ),
    Mistake(
        "reg_first_layer_only",
        lambda case: _penalty_of(case, [1]),
        "Only the first layer's weights are charged for. The sum goes over all layers.",
        of="loss",
    ),
    Mistake(
        "reg_last_layer_missing",
        lambda case: _penalty_of(case, range(1, _layers(case))) if _layers(case) > 2 else None,
        "The last layer's weights are not charged for. The sum goes over all layers.",
        of="loss",
    ),
    Mistake(
        "reg_not_squares",
        lambda case: case["data_loss"] + case["reg"] / 2 * sum(np.sum(np.abs(W)) for W in _all_weights(case)),
        "The penalty adds up sizes. It is made of squares.",
        of="loss",
    ),
    Mistake(
        "reg_not_squares",
        lambda case: case["data_loss"] + case["reg"] / 2 * sum(np.sum(W) for W in _all_weights(case)),
        "The penalty adds up the weights themselves. It is made of squares.",
        of="loss",
    ),
    Mistake(
        "reg_not_squares",
        lambda case: case["data_loss"] + case["reg"] / 2 * sum(np.sum(W @ W.T) for W in _all_weights(case)),
        "The penalty holds a matrix product of the weights. It is the sum of their squares, entry by entry.",
        of="loss",
    ),
    Mistake(
        "reg_unsquared_root",
        lambda case: case["data_loss"] + case["reg"] / 2 * sum(np.linalg.norm(W) for W in _all_weights(case)),
        "The penalty holds a square root. It is the sum of squares itself.",
        of="loss",
    ),
    Mistake(
        "reg_averaged",
        lambda case: case["data_loss"] + case["reg"] / 2 * sum(np.mean(W**2) for W in _all_weights(case)),
        "The penalty is a mean of squares. It is their sum.",
        of="loss",
    ),
    Mistake(
        "reg_gradient_biases",
        lambda case: case.expected + case["reg"] * case[case.of[1:]] if case.of.startswith("db") else None,
        "The penalty pulls at the biases too. Only weights are charged for.",
    ),
    Mistake(
        "reg_gradient_missing",
        lambda case: _pull(case, -1),
        "The loss charges for the weights and the gradient does not know of it. Differentiate the penalty too.",
    ),
    Mistake(
        "reg_gradient_doubled",
        lambda case: _pull(case, 1),
        "The penalty's part of the gradient is twice too large. The ½ is there to cancel something.",
    ),
    Mistake(
        "reg_gradient_halved",
        lambda case: _pull(case, -0.5),
        "The penalty's part of the gradient is half of what it should be. Differentiate the square.",
    ),
    Mistake(
        "reg_gradient_sign",
        lambda case: _pull(case, -2),
        "The penalty's part of the gradient has the wrong sign.",
    ),
    Mistake(
        "reg_gradient_averaged",
        lambda case: _pull(case, 1 / case.N - 1),
        "The penalty's part of the gradient is divided by N. Only the softmax loss is a mean.",
    ),
)


def _change_of(case: Case):
    return np.shape(case["before"])


_STEP = (
    Mistake(
        "climbed",
        lambda case: -case.expected,
        "The parameter moved *with* its gradient, and the loss rises. The step goes the other way.",
    ),
    Mistake(
        "not_updated",
        lambda case: np.zeros(_change_of(case)),
        "The parameter has not moved. Is the new value put back into net.params?",
    ),
    Mistake(
        "learning_rate_ignored",
        lambda case: -np.asarray(case["gradient"]),
        "The step has the full length of the gradient. The learning rate scales it.",
    ),
    Mistake(
        "gradient_stored",
        lambda case: np.asarray(case["gradient"]) - case["before"],
        "net.params now holds the gradient itself. A step changes the old value by a little.",
    ),
    Mistake(
        "step_stored",
        lambda case: case.expected - case["before"],
        "net.params now holds the step alone. Add it to the old value.",
    ),
    Mistake(
        "averaged_again",
        lambda case: case.expected / case.N,
        "The step is N times too short. The loss is a mean already.",
    ),
    Mistake(
        "loss_after_the_step",
        lambda case: case["after"],
        "This is the loss after the step. Return the one that the step was computed from.",
        of="returned loss",
    ),
    Mistake(
        "scores_returned",
        lambda case: case["scores"],
        "predict returned the scores. A class is the position of the largest one.",
        of="classes",
    ),
    Mistake(
        "largest_score_returned",
        lambda case: np.max(case["scores"], axis=1),
        "predict returned the largest score itself. A class is its position.",
        of="classes",
    ),
    Mistake(
        "largest_per_class",
        lambda case: np.argmax(case["scores"], axis=0),
        "predict looked for the largest score of each *class*. Each example is a row: one answer per row.",
        of="classes",
    ),
    Mistake(
        "smallest_score",
        lambda case: np.argmin(case["scores"], axis=1),
        "predict answered with the smallest score.",
        of="classes",
    ),
)

_NEURON = (
    Mistake(
        "bias_after_crease",
        lambda case: max(0.0, float(np.dot(case["x"], case["w"]))) + case["b"],
        "The bias is added after the negative part was cut off. It belongs inside: a neuron cuts off w · x + b as a whole.",
    ),
)

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "neuron": _NEURON,
    "count_parameters": _COUNTS,
    "affine_forward": _AFFINE,
    "relu_forward": _RELU,
    "softmax_loss": _SOFTMAX,
    "svm_loss": _SVM,
    "TwoLayerNet": _NET,
    "FullyConnectedNet": _NET,
    "train_step": _STEP,
}
