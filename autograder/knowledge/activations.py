"""Typical mistakes in the exercises of the activations notebook, as predictions.

Knows what each mistake would have produced from the case in hand. Refuses to know how an exercise is solved: a
prediction spoils the right value, or computes the wrong one from the inputs.
"""

from __future__ import annotations

import math

import numpy as np

from autograder.gradients.explain import Case, Mistake
from autograder.knowledge.masks import mask_at_mean

LEAK = 0.01  # the default slope of leaky ReLU


def _x(case: Case) -> np.ndarray:
    return np.asarray(case["x"], dtype=float)


def _up(case: Case) -> np.ndarray:
    """The upstream gradient, drawn or given by the check."""
    return np.asarray(case.upstream if case.upstream is not None else case["dout"])


def _slope(case: Case) -> float:
    """The number that shapes the negative half: the slope of leaky ReLU, the alpha of ELU."""
    if case.extra:
        return case.extra[0]
    return case.inputs.get("slope", case.inputs.get("alpha", LEAK))


def _alpha(case: Case) -> float:
    """The alpha of ELU: 1 unless the check says otherwise."""
    return case.extra[0] if case.extra else case.inputs.get("alpha", 1.0)


def _logistic(x):
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


def _gelu_inner(x, cubic=0.044715):
    return np.sqrt(2 / np.pi) * (x + cubic * x**3)


def _was(case: Case, slope) -> bool:
    """Whether this is the slope that was measured of the student's own forward."""
    return np.allclose(case.expected, _up(case) * slope, rtol=1e-5)


_UPSTREAM_FORGOTTEN = Mistake(
    "upstream_forgotten",
    lambda case: (case.expected / _up(case)) if case.upstream is None and "dout" in case.inputs else None,
    "You returned the local gradient alone. The chain rule multiplies it by the upstream gradient.",
    of="dx",
)

_SIGMOID = (
    Mistake(
        "sign_of_exponent",
        lambda case: 1 - case.expected,
        "Your curve falls where it should rise. Look at the sign in the exponent.",
        of="out",
    ),
    Mistake(
        "sign_of_exponent",
        lambda case: -case.expected if np.all(case.expected * _up(case) <= 0) else None,
        "Your forward falls where a sigmoid rises, and your backward rises. Look at the sign in forward's exponent.",
        of="dx",
    ),
    Mistake(
        "tanh_instead",
        lambda case: np.tanh(_x(case)),
        "This is the hyperbolic tangent, whose outputs lie between -1 and 1. A sigmoid's lie between 0 and 1.",
        of="out",
    ),
    Mistake(
        "only_one_factor",
        lambda case: _up(case) * _logistic(_x(case)),
        "The slope has two factors, and the one that vanishes on the right, where s is near 1, is missing.",
        of="dx",
    ),
    Mistake(
        "only_other_factor",
        lambda case: _up(case) * (1 - _logistic(_x(case))),
        "The slope has two factors, and the one that vanishes on the left, where s is near 0, is missing.",
        of="dx",
    ),
    Mistake(
        "input_for_output",
        lambda case: _up(case) * (1 - _x(case)) * _x(case),
        "The formula for the slope is applied to the input. It wants the output s: what is in your cache?",
        of="dx",
    ),
    Mistake(
        "sigmoid_twice",
        lambda case: _up(case) * _spread(_logistic(_logistic(_x(case)))),
        "A sigmoid is taken of the output once more before the slope is formed. What is in your cache already?",
        of="dx",
    ),
    Mistake(
        "slope_of_tanh",
        lambda case: _up(case) * (1 - _logistic(_x(case)) ** 2),
        "This slope belongs to tanh. A sigmoid's slope is largest at the output one half.",
        of="dx",
    ),
    Mistake(
        "brackets_missing",
        lambda case: _up(case) * _logistic(_x(case)) - _logistic(_x(case)),
        "`* 1 - s` multiplies by 1 and then subtracts s. Put the factor 1 - s into brackets.",
        of="dx",
    ),
    Mistake(
        "sign_in_factor",
        lambda case: _up(case) * (1 + _logistic(_x(case))) * _logistic(_x(case)),
        "A sign is wrong in a factor of the slope: where the output is near 1, the slope must vanish.",
        of="dx",
    ),
    *(
        Mistake(
            "one_side_mirrored",
            lambda case, side=side: np.where(
                side * _x(case) > 0, 1 - _logistic(_x(case)), _logistic(_x(case))
            ),
            "On one side of 0 this is 1 minus the sigmoid. Which of the two forms belongs there, and with which sign in exp?",
            of="out",
        )
        for side in (1, -1)
    ),
)


def _spread(s):
    return (1 - s) * s


_TANH = (
    Mistake(
        "half_as_steep",
        lambda case: np.tanh(_x(case) / 2),
        "Your curve is half as steep as it should be. In terms of the sigmoid, tanh also stretches x.",
        of="out",
    ),
    Mistake(
        "half_as_steep",
        lambda case: 2 * case.expected if _was(case, (1 - np.tanh(_x(case) / 2) ** 2) / 2) else None,
        "Your backward fits tanh of half the input, twice too steep. Mend the forward first: it also stretches x.",
        of="dx",
    ),
    Mistake(
        "sigmoid_instead",
        lambda case: _logistic(_x(case)),
        "This is the sigmoid, whose outputs are all positive. tanh of 0 is 0.",
        of="out",
    ),
    Mistake(
        "shift_missing",
        lambda case: case.expected + 1,
        "Your outputs lie between 0 and 2. The curve has the right form and stands 1 too high.",
        of="out",
    ),
    Mistake(
        "square_missing",
        lambda case: _up(case) * (1 - np.tanh(_x(case))),
        "A square is missing: the slope must vanish at the output -1 as it does at 1.",
        of="dx",
    ),
    Mistake(
        "input_for_output",
        lambda case: _up(case) * (1 - _x(case) ** 2),
        "The formula for the slope is applied to the input. It wants the output: what is in your cache?",
        of="dx",
    ),
    Mistake(
        "tanh_twice",
        lambda case: _up(case) * (1 - np.tanh(np.tanh(_x(case))) ** 2),
        "tanh is taken of the output once more before the slope is formed. What is in your cache already?",
        of="dx",
    ),
    Mistake(
        "slope_of_sigmoid",
        lambda case: _up(case) * _spread(np.tanh(_x(case))),
        "This slope belongs to the sigmoid. tanh has slope 1 at 0.",
        of="dx",
    ),
    Mistake(
        "brackets_missing",
        lambda case: _up(case) - np.tanh(_x(case)) ** 2,
        "`* 1 - t**2` multiplies by 1 and then subtracts. Put the slope into brackets.",
        of="dx",
    ),
    Mistake(
        "sign_in_factor",
        lambda case: _up(case) * (1 + np.tanh(_x(case)) ** 2),
        "A sign is wrong in the slope: where the output is near 1 or -1, it must vanish.",
        of="dx",
    ),
)

_NORMS = (
    Mistake(
        "order_reversed",
        lambda case: case.expected[::-1],
        "The norms are right and stand in the order in which backward meets them. The first entry belongs to x.",
    ),
    Mistake(
        "norms_squared",
        lambda case: case.expected**2,
        "These are sums of squares. A norm is the root of such a sum.",
    ),
    Mistake(
        "activation_skipped",
        lambda case: case["without_activation"],
        "The gradient passed the weights and not the activations. Each layer has two steps back: which comes first?",
    ),
    Mistake(
        "weights_skipped",
        lambda case: case["at_products"],
        "The norm is measured between product and activation. One more step leads to the layer's input.",
    ),
    Mistake(
        "at_outputs",
        lambda case: case["at_outputs"],
        "The norm is measured before the step back through the layer, at its output. It is asked for at the layer's input.",
    ),
    Mistake(
        "not_transposed",
        lambda case: case["untransposed"],
        "The gradient is multiplied by W itself. Back through a product goes the transpose.",
    ),
    Mistake(
        "entries_added",
        lambda case: case["totals"],
        "The entries of each gradient are added up. Entries of both signs cancel: a norm adds their squares.",
    ),
)

_SIGNS = (
    Mistake(
        "inputs_alone",
        lambda case: np.sign(_x(case)),
        "These are the signs of the inputs. A weight's gradient has a second factor, one number for each example.",
        of="signs",
    ),
    Mistake(
        "dout_alone",
        lambda case: np.sign(case["dout"])[:, None] + 0 * _x(case),
        "These are the signs of dout. A weight's gradient has a second factor: what the weight was multiplied with.",
        of="signs",
    ),
    Mistake(
        "sizes_kept",
        lambda case: case["dout"][:, None] * _x(case),
        "These are the gradients themselves. Only their signs are asked for.",
        of="signs",
    ),
    Mistake(
        "signs_as_bools",
        lambda case: (np.asarray(case["signs"]) > 0).astype(float),
        "Positive is 1 and negative is 0 in your result. The docstring asks for 1 and -1.",
        of="signs",
    ),
    Mistake(
        "count_not_share",
        lambda case: case.expected * len(_x(case)),
        "This is how many examples have one sign. Divide by how many there are.",
        of="one_sign",
    ),
    Mistake(
        "units_not_examples",
        lambda case: _share_alike(np.asarray(case["signs"]).T),
        "You compared the examples with each other, weight by weight. The signs to compare stand in one row.",
        of="one_sign",
    ),
    Mistake(
        "only_positive",
        lambda case: np.mean(np.all(np.asarray(case["signs"]) > 0, axis=1)),
        "Only the examples that are positive throughout are counted. All negative is one sign, too.",
        of="one_sign",
    ),
    Mistake(
        "share_of_positive",
        lambda case: np.mean(np.asarray(case["signs"]) > 0),
        "This is the share of positive signs. Ask of each example whether its signs agree with each other.",
        of="one_sign",
    ),
    Mistake(
        "differing_counted",
        lambda case: 1 - case.expected,
        "This is the share of the examples whose signs differ. The share of the others is asked for.",
        of="one_sign",
    ),
    Mistake(
        "left_at_zero",  # where every example has one sign, nothing tells the two apart
        lambda case: 0.0 if case.expected == 1 else None,
        "This is 0. Does the result still have the value it was created with?",
        of="one_sign",
    ),
)


def _share_alike(rows):
    return np.mean(np.all(rows == rows[:, :1], axis=1))


_RELUS = (
    Mistake(
        "absolute_value",
        lambda case: np.abs(_x(case)),
        "Negative inputs come out positive. They should come out as 0, or as a little less than 0 with a leak.",
        of="out",
    ),
    Mistake(
        "leak_missing",
        lambda case: np.maximum(0, _x(case)) if case.expected.min() < 0 else None,
        "Negative inputs come out as 0: there is no leak.",
        of="out",
    ),
    Mistake(
        "slope_as_floor",
        lambda case: np.maximum(_slope(case), _x(case)),
        "The slope itself is compared with x. It is a factor: what should be compared is a line through 0.",
        of="out",
    ),
    Mistake(
        "leak_subtracted",
        lambda case: np.where(_x(case) > 0, _x(case), -_slope(case) * _x(case)),
        "Negative inputs come out positive. The leak keeps their sign.",
        of="out",
    ),
    Mistake(
        "sides_exchanged",
        lambda case: np.where(_x(case) > 0, _slope(case) * _x(case), _x(case)),
        "The slope is applied to the positive inputs. It belongs to the negative ones.",
        of="out",
    ),
    Mistake(
        "slope_ignored",
        lambda case: np.where(_x(case) > 0, _x(case), LEAK * _x(case)) if _slope(case) != LEAK else None,
        "The slope is 0.01 here whatever the caller says. Use the argument.",
        of="out",
    ),
    Mistake(
        "sides_exchanged",
        lambda case: _up(case) * np.where(_x(case) > 0, _slope(case), 1) if case.extra else None,
        "The slope is applied where x is positive. It belongs to the negative side.",
        of="dx",
    ),
    Mistake(
        "leak_missing",
        lambda case: _up(case) * (_x(case) > 0) if np.all(case.expected * _up(case) > 0) else None,
        "Your backward is that of ReLU. The leak that lets values out lets gradients in.",
        of="dx",
    ),
    Mistake(
        "slope_ignored",
        lambda case: (
            _up(case) * np.where(_x(case) > 0, 1, LEAK) if case.extra and case.extra[0] != LEAK else None
        ),
        "Backward multiplies by 0.01 whatever the caller's slope was. What can carry it from forward to backward?",
        of="dx",
    ),
    Mistake(
        "slope_alone",
        lambda case: np.where(_x(case) > 0, _up(case), _slope(case)),
        "Where x is negative you return the slope alone. The chain rule multiplies it by the upstream gradient.",
        of="dx",
    ),
    Mistake(
        "mask_from_upstream",
        lambda case: _up(case) * np.where(_up(case) > 0, 1, case.extra[0] if case.extra else 0),
        "The gate looks at the sign of the upstream gradient. It should look at what came *in*: the input.",
        of="dx",
    ),
    mask_at_mean(lambda case: case.extra[0] if case.extra else 0),
    Mistake(
        "both_signs_asked",
        lambda case: _up(case) * ((_up(case) > 0) & (_x(case) > 0)),
        "Negative upstream gradients are cut off as well. The gate looks at the input alone.",
        of="dx",
    ),
    Mistake(
        "multiplied_by_output",
        lambda case: _up(case) * np.where(_x(case) > 0, 1, case.extra[0] if case.extra else 0) * _x(case),
        "The upstream gradient is multiplied by the output. It should be multiplied by the slope.",
        of="dx",
    ),
    Mistake(
        "multiplied_by_input",
        lambda case: np.where(_x(case) > 0, _up(case), _slope(case) * _x(case)),
        "Where x is negative you return the output. The slope there does not depend on x.",
        of="dx",
    ),
)


def _silent_examples(case: Case) -> float:
    return np.mean(np.all(np.asarray(case["h"]) == 0, axis=1))


_DEAD = (
    Mistake(
        "zeros_counted",
        lambda case: np.mean(np.asarray(case["h"]) == 0),
        "This is the share of zeros. A healthy unit is 0 for many examples; a dead one is 0 for every one.",
    ),
    Mistake(
        "once_is_enough",
        lambda case: np.mean(np.any(np.asarray(case["h"]) == 0, axis=0)),
        "Units count as dead here as soon as they are 0 for one example. Dead means 0 for every one.",
    ),
    Mistake(
        "examples_not_units",
        lambda case: _silent_examples(case),
        "This is the share of *examples* for which all units are 0. Units are the columns.",
    ),
    Mistake(
        "left_at_zero",  # where no example is silent, nothing tells the two apart
        lambda case: 0.0 if _silent_examples(case) == 0 else None,
        "This is 0. Does the result still have the value it was created with?",
    ),
    Mistake(
        "count_not_share",
        lambda case: case.expected * np.shape(case["h"])[1],
        "This is how many units are dead. Divide by how many there are.",
    ),
    Mistake(
        "alive_counted",
        lambda case: 1 - case.expected,
        "This is the share of units that are alive.",
    ),
    Mistake(
        "divided_by_examples",
        lambda case: case.expected * np.shape(case["h"])[1] / np.shape(case["h"])[0],
        "The count of dead units is divided by the number of examples. It is a share of the units.",
    ),
    Mistake(
        "constant_not_zero",
        lambda case: np.mean(np.ptp(np.asarray(case["h"]), axis=0) == 0),
        "Units that say the same to every example count as dead here. Dead means that they say 0.",
    ),
    Mistake(
        "guard_too_large",
        lambda case: np.mean(np.asarray(case["h"]).max(axis=0) < 1e-6),
        "A unit with a tiny output counts as dead here. It has a gradient and is alive: compare with 0 itself.",
    ),
)

_PRELU = (
    Mistake(
        "maximum_of_both",
        lambda case: np.maximum(_x(case), case["alpha"] * _x(case)),
        "The larger of the two lines is right only while the slope lies below 1. Ask for the sign of x.",
        of="out",
    ),
    Mistake(
        "sides_exchanged",
        lambda case: np.where(_x(case) > 0, case["alpha"] * _x(case), _x(case)),
        "The slope is applied to the positive inputs. It belongs to the negative ones.",
        of="out",
    ),
    Mistake(
        "slope_as_value",
        lambda case: np.where(_x(case) > 0, _x(case), case["alpha"] + 0 * _x(case)),
        "Negative inputs come out as the slope itself. It is a factor.",
        of="out",
    ),
    Mistake(
        "leak_missing",
        lambda case: np.maximum(0, _x(case)),
        "Negative inputs come out as 0: the slope is not used.",
        of="out",
    ),
    Mistake(
        "leak_missing",
        lambda case: _up(case) * (_x(case) > 0),
        "dx is 0 where x is negative. The slope is different there, not absent.",
        of="dx",
    ),
    Mistake(
        "sides_exchanged",
        lambda case: _up(case) * np.where(_x(case) > 0, case["alpha"], 1),
        "The slope is applied where x is positive. It belongs to the negative side.",
        of="dx",
    ),
    mask_at_mean(lambda case: case["alpha"]),
    Mistake(
        "slope_alone",
        lambda case: np.where(_x(case) > 0, _up(case), case["alpha"] + 0 * _x(case)),
        "Where x is negative you return the slope alone. The chain rule multiplies it by the upstream gradient.",
        of="dx",
    ),
    Mistake(
        "all_examples_counted",
        lambda case: np.sum(_up(case) * _x(case), axis=0),
        "dalpha counts all examples. Those with positive x did not use the slope.",
        of="dalpha",
    ),
    Mistake(
        "positive_side_counted",
        lambda case: np.sum(_up(case) * np.maximum(0, _x(case)), axis=0),
        "dalpha counts the examples with positive x. It is used by the others.",
        of="dalpha",
    ),
    Mistake(
        "upstream_forgotten",
        lambda case: np.sum(np.minimum(0, _x(case)), axis=0),
        "dalpha is the local gradient summed. The chain rule multiplies each term by its upstream gradient first.",
        of="dalpha",
    ),
    Mistake(
        "input_forgotten",
        lambda case: np.sum(_up(case) * (_x(case) < 0), axis=0),
        "dalpha adds up the upstream gradients of the right examples. What was the slope multiplied with?",
        of="dalpha",
    ),
    Mistake(
        "not_summed",
        lambda case: _up(case) * np.minimum(0, _x(case)),
        "dalpha has one row per example. A slope that all examples share receives the sum over them.",
        of="dalpha",
    ),
    Mistake(
        "wrong_axis",
        lambda case: np.sum(_up(case) * np.minimum(0, _x(case)), axis=1),
        "dalpha is summed over the units. Each unit has its own slope: sum over the examples.",
        of="dalpha",
    ),
    Mistake(
        "output_for_input",
        lambda case: np.sum(_up(case) * case["alpha"] * np.minimum(0, _x(case)), axis=0),
        "dalpha holds the output where the input should stand: the slope itself is a factor too many.",
        of="dalpha",
    ),
    *(
        Mistake(
            "one_slope_for_all",
            lambda case, one=one: (
                np.where(np.asarray(case["x"]) > 0, 1.0, one(np.asarray(case["alpha"])))
                * (case["x"] if case.of == "out" else _up(case))
            ),
            "Every unit has the same slope here. alpha has one for each column of x.",
            of=("out", "dx"),
        )
        for one in (lambda alpha: alpha[0], np.mean)
    ),
    Mistake(
        "slope_sign_lost",
        lambda case: np.where(np.asarray(case["x"]) > 0, 1.0, np.abs(case["alpha"])) * case["x"],
        "A slope below 0 came out as one above. alpha may be of any sign.",
        of="out",
    ),
)


def _elu_bend(case: Case):
    return np.exp(np.minimum(0, _x(case)))


_ELU = (
    Mistake(
        "one_not_subtracted",
        lambda case: np.where(_x(case) > 0, _x(case), _alpha(case) * _elu_bend(case)),
        "The negative side ends at alpha instead of 0 as x rises: there is a jump. What brings exp(0) down to 0?",
        of="out",
    ),
    Mistake(
        "alpha_missing",
        lambda case: np.where(_x(case) > 0, _x(case), _elu_bend(case) - 1) if _alpha(case) != 1 else None,
        "The negative side goes down to -1 whatever alpha is.",
        of="out",
    ),
    Mistake(
        "alpha_in_exponent",
        lambda case: np.where(_x(case) > 0, _x(case), np.exp(_alpha(case) * np.minimum(0, _x(case))) - 1),
        "alpha stands in the exponent. It scales the whole bend.",
        of="out",
    ),
    Mistake(
        "alpha_before_bracket",
        lambda case: np.where(_x(case) > 0, _x(case), _alpha(case) * _elu_bend(case) - 1),
        "alpha multiplies the exponential alone. It scales the bracket.",
        of="out",
    ),
    Mistake(
        "sign_of_exponent",
        lambda case: np.where(_x(case) > 0, _x(case), _alpha(case) * (1 / _elu_bend(case) - 1)),
        "The negative side grows as x falls. Look at the sign in the exponent.",
        of="out",
    ),
    Mistake(
        "output_for_slope",
        lambda case: _up(case) * np.where(_x(case) > 0, 1, _alpha(case) * (_elu_bend(case) - 1)),
        "Where x is negative the upstream gradient is multiplied by the output. Differentiate it: a constant drops out.",
        of="dx",
    ),
    Mistake(
        "alpha_missing",
        lambda case: _up(case) * np.where(_x(case) > 0, 1, _elu_bend(case)) if _alpha(case) != 1 else None,
        "The slope of the negative side does not know alpha.",
        of="dx",
    ),
    Mistake(
        "one_for_alpha",
        lambda case: (
            _up(case) * np.where(_x(case) > 0, 1, _alpha(case) * (_elu_bend(case) - 1) + 1)
            if _alpha(case) != 1
            else None
        ),
        "Output plus 1 is the slope only for an alpha of 1. What was subtracted inside the bracket, and times what?",
        of="dx",
    ),
    Mistake(
        "alpha_twice",
        lambda case: (
            _up(case) * np.where(_x(case) > 0, 1, _alpha(case) ** 2 * (_elu_bend(case) - 1) + _alpha(case))
            if _alpha(case) != 1
            else None
        ),
        "alpha is in your slope twice: the output has it already.",
        of="dx",
    ),
    Mistake(
        "alpha_twice",
        lambda case: (
            _up(case) * np.where(_x(case) > 0, 1, _alpha(case) ** 2 * _elu_bend(case))
            if _alpha(case) != 1
            else None
        ),
        "alpha is in your slope twice.",
        of="dx",
    ),
    mask_at_mean(lambda case: _alpha(case) * np.exp(np.minimum(0, _x(case)))),
    Mistake(
        "bend_missing",
        lambda case: _up(case) * np.where(_x(case) > 0, 1, _alpha(case)),
        "The slope of the negative side is alpha throughout, as for a leak. ELU's fades as x falls.",
        of="dx",
    ),
    Mistake(
        "leak_missing",
        lambda case: _up(case) * (_x(case) > 0),
        "dx is 0 where x is negative, as for ReLU. ELU has a slope there.",
        of="dx",
    ),
    Mistake(
        "output_in_exponent",
        lambda case: (
            _up(case) * np.where(_x(case) > 0, 1, _alpha(case) * np.exp(_alpha(case) * (_elu_bend(case) - 1)))
        ),
        "The exponential is taken of the output. It should be taken of the input: what is in your cache?",
        of="dx",
    ),
    Mistake(
        "slope_alone",
        lambda case: np.where(_x(case) > 0, _up(case), _alpha(case) * _elu_bend(case)),
        "Where x is negative you return the slope alone. The chain rule multiplies it by the upstream gradient.",
        of="dx",
    ),
)


def _pieces(case: Case, bias: bool = True):
    w, b = np.asarray(case["w"]), np.asarray(case["b"])
    return _x(case) @ w + (b[:, None, :] if bias else 0)


def _through(case: Case, dpieces):
    """The gradient asked for, if the pieces received `dpieces`."""
    if case.of == "dx":
        return np.sum(dpieces @ np.swapaxes(case["w"], 1, 2), axis=0)
    return _x(case).T @ dpieces if case.of == "dw" else dpieces.sum(axis=1)


def _winners(case: Case):
    pieces = _pieces(case)
    return pieces == pieces.max(axis=0)


def _last_written(case: Case):
    """The gradient if a loop over examples and units assigns where it should add."""
    winner, found = np.argmax(_pieces(case), axis=0), np.zeros(np.shape(case[case.of[1:]]))
    for n, m in np.ndindex(winner.shape):
        k, upstream = winner[n, m], _up(case)[n, m]
        if case.of == "dx":
            found[n] = upstream * case["w"][k, :, m]
        elif case.of == "dw":
            found[k, :, m] = upstream * _x(case)[n]
        else:
            found[k, m] = upstream
    return found


def _several(case: Case) -> bool:
    return len(case["w"]) > 1


_MAXOUT = (
    Mistake(
        "smallest_taken",
        lambda case: _pieces(case).min(axis=0),
        "This is the smallest piece. The largest one wins.",
        of="out",
    ),
    Mistake(
        "pieces_added",
        lambda case: _pieces(case).sum(axis=0),
        "The pieces are added up. Only the largest one counts.",
        of="out",
    ),
    Mistake(
        "pieces_averaged",
        lambda case: _pieces(case).mean(axis=0),
        "The pieces are averaged. Only the largest one counts.",
        of="out",
    ),
    Mistake(
        "bias_forgotten",
        lambda case: _pieces(case, bias=False).max(axis=0),
        "The biases play no part. Each piece has its own, and it takes part in the comparison.",
        of="out",
    ),
    Mistake(
        "bias_after_maximum",
        lambda case: _pieces(case, bias=False).max(axis=0) + np.max(case["b"], axis=0),
        "The largest product and the largest bias are taken apart. They belong to one piece: add first, compare then.",
        of="out",
    ),
    Mistake(
        "first_piece_only",
        lambda case: _pieces(case)[0],
        "Only the first piece is used.",
        of="out",
    ),
    Mistake(
        "relu_added",
        lambda case: np.maximum(0, case.expected),
        "Negative results are cut off at 0. Maxout needs no ReLU behind it.",
        of="out",
    ),
    Mistake(
        "sent_to_all",
        lambda case: _through(case, _up(case) * np.ones_like(_pieces(case))) if _several(case) else None,
        "Every piece receives the gradient. Only the one that won passed its value on.",
    ),
    Mistake(
        "loser_rewarded",
        lambda case: _through(case, _up(case) * ~_winners(case)) if _several(case) else None,
        "The gradient goes to the pieces that lost. Only the one that won passed its value on.",
    ),
    Mistake(
        "shared_out",
        lambda case: _through(case, _up(case) * np.ones_like(_pieces(case)) / len(case["w"])),
        "The gradient is shared out among the pieces. Only the one that won passed its value on.",
    ),
    Mistake(
        "first_piece_rewarded",
        lambda case: _through(case, _up(case) * (np.arange(len(case["w"])) == 0)[:, None, None]),
        "The first piece receives the gradient whether it won or not.",
    ),
    Mistake(
        "upstream_in_mask",
        lambda case: _through(case, 1.0 * _winners(case)),
        "The winners receive 1 instead of their upstream gradient.",
    ),
    Mistake(
        "averaged_twice",
        lambda case: case.expected / len(_x(case)),
        "Your gradient is N times too small. It is a sum over the batch; a mean belongs to the loss.",
        of=("dw", "db"),
    ),
    Mistake(
        "overwritten",
        lambda case: _last_written(case),
        "Each step of a loop overwrites what the one before it wrote. Shares of one entry add up: += and not =.",
        of=("dx", "dw", "db"),
    ),
    Mistake(
        "inputs_forgotten",
        lambda case: np.sum(_up(case) * _winners(case), axis=1)[:, None, :] + 0 * np.asarray(case["w"]),
        "dw does not know the inputs. Each weight's share is what it was multiplied with.",
        of="dw",
    ),
)


def _silu_parts(case: Case):
    s = _logistic(_x(case))
    return s, _x(case) * s * (1 - s)


def _gelu_parts(case: Case):
    x = _x(case)
    t = np.tanh(_gelu_inner(x))
    return 0.5 * (1 + t), 0.5 * x * (1 - t**2), np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2)


def _gelu_slope(case: Case):
    first, second, inner = _gelu_parts(case)
    return first + second * inner


_GATED = (
    Mistake(
        "factor_x_missing",
        lambda case: _logistic(_x(case)),
        "This is the gate alone. It multiplies x.",
        of="out",
    ),
    Mistake(
        "first_term_only",
        lambda case: _up(case) * _silu_parts(case)[0],
        "The slope of a product has two terms. The one in which the gate changes is missing.",
        of="dx",
    ),
    Mistake(
        "second_term_only",
        lambda case: _up(case) * _silu_parts(case)[1],
        "The slope of a product has two terms. The one in which x itself changes is missing.",
        of="dx",
    ),
    Mistake(
        "x_missing_in_slope",
        lambda case: _up(case) * (_silu_parts(case)[0] + _spread(_silu_parts(case)[0])),
        "In the term where the gate changes, its slope must be multiplied by x.",
        of="dx",
    ),
    Mistake(
        "upstream_in_one_term",
        lambda case: _up(case) * _silu_parts(case)[0] + _silu_parts(case)[1],
        "Only the first term is multiplied by the upstream gradient. Put the whole slope into brackets.",
        of="dx",
    ),
    Mistake(
        "upstream_in_one_term",
        lambda case: _up(case) * _gelu_parts(case)[0] + _gelu_parts(case)[1] * _gelu_parts(case)[2],
        "Only the first term is multiplied by the upstream gradient. Put the whole slope into brackets.",
        of="dx",
    ),
    Mistake(
        "sign_between_terms",
        lambda case: _up(case) * (_silu_parts(case)[0] - _silu_parts(case)[1]),
        "The two terms of the slope are subtracted. A product's slope is their sum.",
        of="dx",
    ),
    Mistake(
        "factor_of_gate_missing",
        lambda case: _up(case) * (_silu_parts(case)[0] + _x(case) * (1 - _silu_parts(case)[0])),
        "In the second term the slope of the gate has lost one of its two factors.",
        of="dx",
    ),
    Mistake(
        "square_missing",
        lambda case: (
            _up(case)
            * (_gelu_parts(case)[0] + 0.5 * _x(case) * 2 * (1 - _gelu_parts(case)[0]) * _gelu_parts(case)[2])
        ),
        "A square is missing in the slope of tanh.",
        of="dx",
    ),
    Mistake(
        "x_missing_in_slope",
        lambda case: (
            _up(case)
            * (_gelu_parts(case)[0] + 0.5 * (1 - np.tanh(_gelu_inner(_x(case))) ** 2) * _gelu_parts(case)[2])
        ),
        "In the term where the gate changes, its slope must be multiplied by x.",
        of="dx",
    ),
    Mistake(
        "another_gelu",
        lambda case: _x(case) * _logistic(1.702 * _x(case)),
        "This is another approximation of the GELU, with a sigmoid. The text's has a tanh.",
        of="out",
    ),
    Mistake(
        "another_gelu",
        lambda case: _x(case) * np.vectorize(lambda v: 0.5 * (1 + math.erf(v / math.sqrt(2))))(_x(case)),
        "This is the GELU by its definition. The text asks for the formula with tanh, which differs a little.",
        of="out",
    ),
    Mistake(
        "slope_of_gate",
        lambda case: _up(case) * _spread(_silu_parts(case)[0]),
        "This is the slope of the gate alone. The function is x times the gate: a product has two terms.",
        of="dx",
    ),
    Mistake(
        "half_missing",
        lambda case: (
            2 * case.expected if np.allclose(case.expected, _x(case) * _gelu_parts(case)[0]) else None
        ),
        "Your result is twice the GELU: 1 + tanh lies between 0 and 2, and a gate between 0 and 1.",
        of="out",
    ),
    Mistake(
        "half_missing",
        lambda case: case.expected / 2 if _was(case, 2 * _gelu_slope(case)) else None,
        "Your backward is that of the GELU, and your forward is twice the GELU. Mend the forward.",
        of="dx",
    ),
    Mistake(
        "cube_missing",
        lambda case: 0.5 * _x(case) * (1 + np.tanh(_gelu_inner(_x(case), cubic=0.0))),
        "The cubic term is missing inside the tanh.",
        of="out",
    ),
    Mistake(
        "root_missing",
        lambda case: 0.5 * _x(case) * (1 + np.tanh(_gelu_inner(_x(case)) * np.sqrt(2 / np.pi))),
        "The factor in front of the bracket in u is the square root of 2 / pi, not 2 / pi.",
        of="out",
    ),
    Mistake(
        "root_inverted",
        lambda case: 0.5 * _x(case) * (1 + np.tanh(_gelu_inner(_x(case)) * np.pi)),
        "The factor in front of the bracket in u is the square root of 2 / pi, not of 2 pi.",
        of="out",
    ),
    Mistake(
        "cube_outside",
        lambda case: (
            0.5 * _x(case) * (1 + np.tanh(_gelu_inner(_x(case), cubic=0.0)) + 0.044715 * _x(case) ** 3)
        ),
        "The cubic term stands outside the tanh. It belongs to u.",
        of="out",
    ),
    Mistake(
        "gelu_first_term_only",
        lambda case: _up(case) * _gelu_parts(case)[0],
        "The slope of a product has two terms. The one in which the gate changes is missing.",
        of="dx",
    ),
    Mistake(
        "gelu_second_term_only",
        lambda case: _up(case) * _gelu_parts(case)[1] * _gelu_parts(case)[2],
        "The slope of a product has two terms. The one in which x itself changes is missing.",
        of="dx",
    ),
    Mistake(
        "inner_slope_missing",
        lambda case: _up(case) * (_gelu_parts(case)[0] + _gelu_parts(case)[1]),
        "The chain rule stops at the tanh. Its argument u depends on x as well: multiply by that slope.",
        of="dx",
    ),
    Mistake(
        "inner_slope_without_cube",
        lambda case: _up(case) * (_gelu_parts(case)[0] + _gelu_parts(case)[1] * np.sqrt(2 / np.pi)),
        "The slope of u lacks what its cubic term contributes.",
        of="dx",
    ),
    Mistake(
        "three_missing",
        lambda case: (
            _up(case)
            * (
                _gelu_parts(case)[0]
                + _gelu_parts(case)[1] * np.sqrt(2 / np.pi) * (1 + 0.044715 * _x(case) ** 2)
            )
        ),
        "A factor is missing in the slope of u: what is the slope of a cube?",
        of="dx",
    ),
    Mistake(
        "factor_x_missing",
        lambda case: _gelu_parts(case)[0],
        "This is the gate alone. It multiplies x.",
        of="out",
    ),
    *(
        Mistake(
            "another_inner_function",
            lambda case, inner=inner: 0.5 * _x(case) * (1 + np.tanh(inner(_x(case)))),
            "u is another function than the text's. Compare its constants and its power with the formula.",
            of="out",
        )
        for inner in (
            lambda x: np.sqrt(2 / np.pi) * (x + 0.044715 * x**2),
            lambda x: np.sqrt(2 / np.pi) * (x + 0.04715 * x**3),
            lambda x: np.sqrt(2 / np.pi) * (x + 0.44715 * x**3),
            lambda x: 0.8 * (x + 0.044715 * x**3),
            lambda x: 0.7979 * (x + 0.044715 * x**3),
        )
    ),
    *(
        Mistake(
            "inner_slope_wrong",
            lambda case, inner=inner: (
                _up(case)
                * (_gelu_parts(case)[0] + _gelu_parts(case)[1] * np.sqrt(2 / np.pi) * inner(_x(case)))
            ),
            "The slope of u is another one. Differentiate x + 0.044715 x**3 once more on paper.",
            of="dx",
        )
        for inner in (
            lambda x: 1 + 3 * 0.044715 * x**3,
            lambda x: 1 + 2 * 0.044715 * x**2,
            lambda x: 1 + 3 * 0.044715 * x,
        )
    ),
    Mistake(
        "slope_of_tanh_missing",
        lambda case: _up(case) * (_gelu_parts(case)[0] + 0.5 * _x(case) * _gelu_parts(case)[2]),
        "In the second term the slope of tanh, 1 - tanh(u)**2, is missing.",
        of="dx",
    ),
    Mistake(
        "sign_between_terms",
        lambda case: _up(case) * (_gelu_parts(case)[0] - _gelu_parts(case)[1] * _gelu_parts(case)[2]),
        "The two terms of the slope are subtracted. A product's slope is their sum.",
        of="dx",
    ),
    Mistake(
        "slope_of_gate_wrong",
        lambda case: _up(case) * _silu_parts(case)[0] * (1 + _x(case)),
        "In the second term stands the gate itself. Its slope is (1 - s) s.",
        of="dx",
    ),
)

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "sigmoid_forward": (*_SIGMOID, _UPSTREAM_FORGOTTEN),
    "tanh_forward": _TANH,
    "gradient_norms": _NORMS,
    "gradient_signs": _SIGNS,
    "leaky_relu_forward": _RELUS,
    "dead_fraction": _DEAD,
    "prelu_forward": _PRELU,
    "elu_forward": (*_ELU, _UPSTREAM_FORGOTTEN),
    "maxout_forward": _MAXOUT,
    "silu_forward": _GATED,
}
