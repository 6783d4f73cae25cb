"""Typical mistakes in the exercises of the gates notebook, as predictions.

Each prediction is the wrong answer that a mistake leads to, worked out from the inputs of the case; none is a solution.
Depends on numpy and `autograder.gradients.explain` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from autograder.gradients.explain import Case, Mistake


def _other(case: Case):
    """The input that `case.of` is not the gradient of."""
    return case["y"] if case.of == "dx" else case["x"]


def _own(case: Case):
    return case[case.of[1:]]


def _last(values):
    values = np.asarray(values)
    return np.full_like(values, values.ravel()[-1]) if values.size > 1 else None


def _local(case: Case):
    """The local gradient as measured."""
    return case.vjp(np.ones_like(case.upstream))


def _rises(case: Case) -> bool:
    """Whether the student's own forward rises with its input, as the exponential and the sigmoid do."""
    return bool(np.all(_local(case) > 0))


def _another_forward(name: str, fits: Callable, would_need: Callable, what: str) -> tuple[Mistake, Mistake]:
    """A backward that `fits` the gate named in the text is wrong only where the student's forward is another one.

    It is the mistake `name` if that forward has the slopes `would_need`, and otherwise `another_forward`.
    """

    def predict(known: bool):
        return lambda case: fits(case) if known == np.allclose(case.expected, would_need(case)) else None

    message = f"Your backward fits {what}, and your forward computes something else. Mend the forward."
    return tuple(
        Mistake(called, predict(known), message, of=("dx", "dy"))
        for called, known in ((name, True), ("another_forward", False))
    )


def _one_kept_for_all(prediction: Callable[[Case], object]) -> Mistake:
    return Mistake(
        "shared_between_gates",
        prediction,
        "Gates that exist side by side overwrite what the others kept: the last forward wins. "
        "Keep what backward needs on self, so that every gate has its own.",
        of=("dx", "dy"),
    )


DOWNSTREAM = (
    Mistake(
        "upstream_added",
        lambda case: case["upstream"] + case["local"],
        "You added upstream and local gradient. Along a path they are multiplied: change the sign between them.",
    ),
    Mistake(
        "local_forgotten",
        lambda case: case["upstream"],
        "You passed the upstream gradient on. The local gradient has to come into it.",
    ),
)

ADD = (
    Mistake(
        "multiplied",
        lambda case: case["x"] * case["y"],
        "This is the product of the inputs. The add gate is to return their sum.",
        of="out",
    ),
    *_another_forward(
        "multiplied", lambda case: case.upstream, lambda case: case.upstream * _other(case), "a sum"
    ),
    Mistake(
        "used_the_multiply_rule",
        lambda case: case.upstream * _other(case),
        "You scaled by the other input: that is the multiply gate's rule. What does a nudge of one term do to a sum?",
        of=("dx", "dy"),
    ),
    Mistake(
        "scaled_by_own_input",
        lambda case: case.upstream * _own(case),
        "You scaled by the input itself. How far a sum moves does not depend on how large its terms are.",
        of=("dx", "dy"),
    ),
    Mistake(
        "shared_out",
        lambda case: case.upstream / 2,
        "You divided the upstream gradient between the inputs. A nudge of either term moves the sum by the whole nudge.",
        of=("dx", "dy"),
    ),
)

MULTIPLY = (
    Mistake(
        "added",
        lambda case: case["x"] + case["y"],
        "This is the sum of the inputs. The multiply gate is to return their product.",
        of="out",
    ),
    *_another_forward(
        "added", lambda case: case.upstream * _other(case), lambda case: case.upstream, "a product"
    ),
    Mistake(
        "not_swapped",
        lambda case: case.upstream * _own(case),
        "You scaled by the input itself. Nudge x in x times y: which of the two scales the nudge?",
        of=("dx", "dy"),
    ),
    Mistake(
        "scaled_by_both",
        lambda case: case.upstream * case["x"] * case["y"],
        "You scaled by the whole product. A nudge of one factor is scaled by the other factor alone.",
        of=("dx", "dy"),
    ),
    _one_kept_for_all(lambda case: case.upstream * _last(_other(case))),
)

MAX = (
    Mistake(
        "took_the_smaller",
        lambda case: np.minimum(case["x"], case["y"]),
        "This is the smaller of the two inputs. Which way round is your comparison?",
        of="out",
    ),
    Mistake(
        "compared_sizes",
        lambda case: np.where(np.abs(case["x"]) > np.abs(case["y"]), case["x"], case["y"]),
        "You compared sizes without their signs. 2 is larger than -5: compare the numbers as they are.",
        of="out",
    ),
    Mistake(
        "compared_sizes",
        lambda case: np.where(np.abs(_own(case)) > np.abs(_other(case)), case.upstream, 0.0),
        "You compared sizes without their signs. 2 is larger than -5: compare the numbers as they are.",
        of=("dx", "dy"),
    ),
    *_another_forward(
        "took_the_smaller",
        lambda case: np.where(_own(case) > _other(case), case.upstream, 0.0),
        lambda case: np.where(_own(case) < _other(case), case.upstream, 0.0),
        "the larger input",
    ),
    Mistake(
        "compared_with_zero",
        lambda case: np.where(np.asarray(_own(case)) > 0, case.upstream, 0.0),
        "Each input is compared with 0. What decides is which of the two is larger.",
        of=("dx", "dy"),
    ),
    Mistake(
        "shared_out",
        lambda case: case.upstream / 2,
        "You divided the upstream gradient between the inputs. Nudge the smaller one: does the maximum notice?",
        of=("dx", "dy"),
    ),
    Mistake(
        "routed_to_the_smaller",
        lambda case: np.where(_own(case) < _other(case), case.upstream, 0.0),
        "The smaller input receives the upstream gradient. Nudge the smaller one: does the maximum notice?",
        of=("dx", "dy"),
    ),
    Mistake(
        "sent_to_both",
        lambda case: case.upstream,
        "This input receives the upstream gradient for every pair. Where it is the smaller, nudge it: does the maximum notice?",
        of=("dx", "dy"),
    ),
    Mistake(
        "scaled_by_the_input",
        lambda case: np.where(_own(case) > _other(case), case.upstream * _own(case), 0.0),
        "The right input is chosen, and then you scaled by its value. The maximum moves exactly as far as that input does.",
        of=("dx", "dy"),
    ),
    Mistake(
        "routed_alike",
        lambda case: (
            case.upstream * (np.ravel(_own(case))[-1] > np.ravel(_other(case))[-1])
            if np.size(_own(case)) > 1
            else None
        ),
        "Every pair was routed as the last one. Either your routing does not depend on the pair, or gates that exist side by side "
        "overwrite what the others kept: keep it on self.",
        of=("dx", "dy"),
    ),
    *(
        Mistake(
            "upstream_asked",
            predict,
            "What passes depends on the sign of the upstream gradient here. What decides is which input is larger.",
            of=of,
        )
        for of, predict in (
            ("dx", lambda case: case.upstream * (case.upstream > 0)),
            ("dy", lambda case: case.upstream * (case.upstream <= 0)),
        )
    ),
)


def _central(
    case: Case,
    change: Callable[[np.ndarray, tuple, float], Iterable],
    divide=lambda h: 2 * h,
    dtype=float,
    sign=-1.0,
):
    """Differences of the case's f; `change(x, i, h)` yields the two arrays whose difference (or sum) is taken."""
    f, h = case["f"], case["h"]
    x = np.array(case["x"], dtype=dtype)
    result = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = (float(f(v.copy())) for v in change(x, i, h))
        result[i] = (above + sign * below) / divide(h)
    return result


def _moved(x, i, by):
    x = x.copy()
    x[i] += by
    return x


def _moved_up_to(x, i, by):
    """All entries up to number i moved: the step that was never set back to 0."""
    x = x.copy()
    x.ravel()[: np.ravel_multi_index(i, x.shape) + 1] += by
    return x


def _whole(x) -> bool:
    return np.asarray(x).dtype.kind in "iu"


def _second_divided_alone(case: Case):
    f, h, x = case["f"], case["h"], np.array(case["x"], dtype=float)
    result = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        result[i] = float(f(_moved(x, i, h))) - float(f(_moved(x, i, -h))) / (2 * h)
    return result


def _drifting(x, i, h):
    x[i] += h
    yield x
    x[i] -= 2 * h
    yield x  # and is left there


def _rounded_nudge(x, i, h):
    """What an integer array keeps of x + h and x - h."""
    for by in (h, -h):
        moved = x.copy()
        moved[i] = int(x[i] + by)
        yield moved


def _first_entry_only(case: Case):
    if case.expected.size < 2:
        return None
    result = np.zeros_like(case.expected)
    result.flat[0] = case.expected.flat[0]
    return result


ONE_SIDED = (
    "You took a one-sided difference. Its error shrinks as h, that of the central difference as h squared: "
    "evaluate f on both sides of x."
)
DRIFTS = (
    "Entries that were nudged are not put back, so later entries are measured at another place. "
    "Restore each entry before you go to the next."
)

NUMERIC = (
    Mistake("one_sided", lambda c: _central(c, lambda x, i, h: (_moved(x, i, h), x), lambda h: h), ONE_SIDED),
    Mistake(
        "one_sided", lambda c: _central(c, lambda x, i, h: (x, _moved(x, i, -h)), lambda h: h), ONE_SIDED
    ),
    Mistake("one_sided", lambda c: _central(c, lambda x, i, h: (_moved(x, i, h), x)), ONE_SIDED),
    Mistake("one_sided", lambda c: _central(c, lambda x, i, h: (x, _moved(x, i, -h))), ONE_SIDED),
    Mistake(
        "half_step",
        lambda c: _central(c, lambda x, i, h: (_moved(x, i, h / 2), _moved(x, i, -h / 2))),
        "Your two points are h apart, and you divide by 2h. Go a whole step h to either side.",
    ),
    Mistake(
        "halved",  # where f is a straight line, nothing tells half a step from one side
        lambda case: case.expected / 2,
        "Your result is exactly half the right one: how far apart are the two points at which you call f?",
    ),
    Mistake(
        "steps_pile_up",
        lambda c: _central(c, lambda x, i, h: (_moved_up_to(x, i, h), _moved_up_to(x, i, -h))),
        "Entries that were moved once are moved again with all later ones. Set the step back to 0 before you go on.",
    ),
    Mistake(
        "divided_by_h",
        lambda case: 2 * case.expected,
        "Twice too large: the two points are further apart than h. By how much?",
    ),
    Mistake(
        "not_divided",
        lambda case: 2 * case["h"] * case.expected,
        "This is the difference of f alone. Divide it by the distance between the two points.",
    ),
    Mistake(
        "brackets_missing",
        lambda case: case["h"] ** 2 * case.expected,
        "`/ 2 * h` divides by 2 and then multiplies by h. Put the whole divisor into brackets.",
    ),
    Mistake(
        "brackets_missing",
        lambda case: _second_divided_alone(case),
        "Only the second value of f is divided. Put the difference into brackets.",
    ),
    Mistake(
        "returned_too_early",
        _first_entry_only,
        "The first entry is right and the rest are 0: your function returns inside the loop.",
    ),
    Mistake(
        "step_ignored",
        lambda c: _central(
            c, lambda x, i, h: (_moved(x, i, 1e-5), _moved(x, i, -1e-5)), divide=lambda h: 2e-5
        ),
        "You measured with a step of your own. Use the argument h: it has a default, and callers may choose another.",
    ),
    Mistake(
        "all_entries_moved",
        lambda c: _central(c, lambda x, i, h: (x + h, x - h)),
        "You moved every entry of x at once, so each slope is the sum of all. Move one entry and leave the others.",
    ),
    Mistake(
        "all_entries_moved",
        lambda c: (float(c["f"](c["x"] + c["h"])) - float(c["f"](c["x"] - c["h"]))) / (2 * c["h"]),
        "You moved every entry of x at once, and one number is left. Move one entry, measure, and go on to the next.",
    ),
    Mistake("not_restored", lambda c: _central(c, _drifting), DRIFTS),
    Mistake(
        "integer_array",
        lambda c: _central(c, _rounded_nudge, dtype=None),
        "x held integers, and your nudge was rounded away inside it. Work on a copy that holds floats.",
    ),
    Mistake(
        "integer_array",
        lambda c: np.trunc(_central(c, _rounded_nudge, dtype=None)) if _whole(c["x"]) else None,
        "x held integers, so your nudge was rounded away inside it, and so were the decimals of the result. Work with floats.",
    ),
    Mistake(
        "integer_result",
        lambda case: np.trunc(case.expected),
        "The decimals are cut off: the array for the gradient took its type from x, which held integers. "
        "Make it an array of floats.",
    ),
    Mistake(
        "flattened",
        lambda case: case.expected.ravel() if case.expected.ndim > 1 else None,
        "The numbers are right and the shape is lost. A gradient has the shape of its variable: that of x.",
    ),
    Mistake(
        "whole_rows_moved",
        lambda c: (
            _central(c, lambda x, i, h: (_moved(x, i[0], h), _moved(x, i[0], -h)))
            if np.ndim(c["x"]) > 1
            else None
        ),
        "You moved whole rows of x: an index such as x[i] names a row there. Count along every axis, as np.ndindex(x.shape) does.",
    ),
    Mistake(
        "added_not_subtracted",
        lambda c: _central(c, lambda x, i, h: (_moved(x, i, h), _moved(x, i, -h)), sign=1.0),
        "You added the two values of f. What counts is how far they lie apart: subtract them.",
    ),
)


def _entries(case: Case):
    a, n = (np.asarray(case[name], dtype=float) for name in "an")
    floor = np.maximum(1e-8, np.abs(a) + np.abs(n))
    return a, n, floor


def _relative(denominator: Callable) -> Callable[[Case], object]:
    def predict(case: Case):
        a, n, _ = _entries(case)
        return np.max(np.abs(a - n) / np.maximum(1e-8, denominator(a, n)))

    return predict


def _with_entries(function: Callable) -> Callable[[Case], object]:
    return lambda case: function(*_entries(case))


DENOMINATOR = "The denominator is another one than the formula's, which has the sizes of both numbers, added."

RELATIVE = (
    Mistake(
        "averaged",
        _with_entries(lambda a, n, floor: np.mean(np.abs(a - n) / floor) if np.size(a) > 1 else None),
        "This is the mean over the entries. One wrong entry among thousands would hide in it: take the largest.",
    ),
    Mistake(
        "added_up",
        _with_entries(lambda a, n, floor: np.sum(np.abs(a - n) / floor) if np.size(a) > 1 else None),
        "This is the sum over the entries. Take the largest.",
    ),
    Mistake(
        "all_entries_returned",
        _with_entries(lambda a, n, floor: np.abs(a - n) / floor if np.size(a) > 1 else None),
        "You returned one error per entry. The largest of them is asked for, one number.",
    ),
    Mistake(
        "smallest_taken",
        _with_entries(lambda a, n, floor: np.min(np.abs(a - n) / floor) if np.size(a) > 1 else None),
        "This is the smallest of the errors. Take the largest.",
    ),
    Mistake(
        "norms_compared",
        _with_entries(
            lambda a, n, floor: (
                np.linalg.norm(a - n) / max(1e-8, np.linalg.norm(a) + np.linalg.norm(n))
                if np.size(a) > 1
                else None
            )
        ),
        "You compared the lengths of whole arrays. Divide entry by entry, and take the largest.",
    ),
    Mistake(
        "sign_kept",
        _with_entries(lambda a, n, floor: np.max((a - n) / floor)),
        "The difference has kept its sign, so an entry that is too small counts for nothing. Take its size.",
    ),
    Mistake(
        "absolute",
        _with_entries(lambda a, n, floor: np.max(np.abs(a - n))),
        "This is the absolute error. Divide, entry by entry, by the size of the numbers compared.",
    ),
    Mistake(
        "signs_cancel",
        _relative(lambda a, n: np.abs(a + n)),
        "In the denominator, numbers of opposite sign cancel. Take their sizes before you add.",
    ),
    Mistake("another_denominator", _relative(lambda a, n: np.abs(a)), DENOMINATOR),
    Mistake("another_denominator", _relative(lambda a, n: np.abs(n)), DENOMINATOR),
    Mistake("another_denominator", _relative(lambda a, n: np.maximum(np.abs(a), np.abs(n))), DENOMINATOR),
    Mistake("another_denominator", _relative(lambda a, n: (np.abs(a) + np.abs(n)) / 2), DENOMINATOR),
    Mistake(
        "ratio_of_maxima",
        _with_entries(lambda a, n, floor: np.max(np.abs(a - n)) / np.max(floor) if np.size(a) > 1 else None),
        "You divided the largest error by the largest denominator. They may stand at different entries: "
        "divide entry by entry, and take the largest last.",
    ),
    Mistake(
        "floor_added",
        _with_entries(lambda a, n, floor: np.max(np.abs(a - n) / (np.abs(a) + np.abs(n) + 1e-8))),
        "You added 1e-8 to the denominator. The formula takes the larger of the two.",
    ),
    Mistake(
        "floor_missing",
        _with_entries(lambda a, n, floor: np.nanmax(np.abs(a - n) / (np.abs(a) + np.abs(n)))),
        "Where both numbers are tiny you divide by less than 1e-8. The formula does not let the denominator go below it.",
    ),
)

RECIPROCAL = (
    Mistake(
        "floor_divided",
        lambda case: 1 // case["x"],
        "// cuts the decimals off. Write / to divide.",
        of="out",
    ),
    Mistake(
        "square_forgotten",
        lambda case: -case.upstream / np.abs(case["x"]) * np.sign(case["x"]),
        "You divided by x once. The derivative of 1/x falls faster than 1/x itself: look at the power.",
        of="dx",
    ),
    Mistake(
        "brackets_missing",
        lambda case: -case.upstream,
        "`/ x * x` divides by x and then multiplies by x again. Put the divisor into brackets.",
        of="dx",
    ),
    Mistake(
        "output_for_input",
        lambda case: -case.upstream * case["x"] ** 2,
        "You squared the wrong number: where the formula has the input, yours has the output.",
        of="dx",
    ),
    Mistake(
        "integrated",
        lambda case: case.upstream * np.log(np.abs(case["x"])),
        "The logarithm is what 1/x is the derivative *of*. Differentiate 1/x instead.",
        of="dx",
    ),
    _one_kept_for_all(lambda case: -case.upstream / _last(case["x"]) ** 2),
    *(
        Mistake(
            "guard_added",
            lambda case, guard=guard: 1 / (np.asarray(case["x"]) + guard),
            "A small number is added to the divisor, and near 0 it counts. The input is never 0: no guard is needed.",
            of="out",
        )
        for guard in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)
    ),
)

EXP_FALLS = "The exponential rises, yours falls: look at the sign in the exponent."

EXP = (
    Mistake("exponent_sign", lambda case: np.exp(-np.asarray(case["x"])), EXP_FALLS, of="out"),
    Mistake("exponent_sign", lambda case: None if _rises(case) else -case.expected, EXP_FALLS, of="dx"),
    Mistake(
        "rounded_e",
        lambda case: np.power(2.718, case["x"]),
        "Nearly: e has been rounded to 2.718. Use NumPy's exponential.",
        of="out",
    ),
    Mistake(
        "rounded_e",
        lambda case: np.power(2.71828, case["x"]),
        "Nearly: e has been rounded to 2.71828. Use NumPy's exponential.",
        of="out",
    ),
    Mistake(
        "power_rule",
        lambda case: case.upstream * case["x"] * np.exp(case["x"] - 1),
        "This is the rule for powers, where the base varies. Here the exponent varies.",
        of="dx",
    ),
    Mistake(
        "scaled_by_the_input",
        lambda case: case.upstream * case["x"],
        "You scaled by x. The local gradient of the exponential is another number, which forward has already computed.",
        of="dx",
    ),
    Mistake(
        "exp_of_upstream",
        lambda case: case.upstream * np.exp(case.upstream),
        "You took the exponential of the upstream gradient. The local gradient depends on the gate's input.",
        of="dx",
    ),
    Mistake(
        "chain_twice",
        lambda case: _local(case) * case.upstream * case["x"],
        "There is a factor x too many: the inner derivative of e to the x is 1.",
        of="dx",
    ),
    _one_kept_for_all(lambda case: case.upstream * np.exp(_last(case["x"]))),
)


def _squash(x):
    return 1 / (1 + np.exp(-np.asarray(x)))


EXPONENT = "The sigmoid rises, yours falls: look at the sign in the exponent."

SIGMOID = (
    Mistake("exponent_sign", lambda case: _squash(-case["x"]), EXPONENT, of="out"),
    Mistake("exponent_sign", lambda case: None if _rises(case) else -case.expected, EXPONENT, of="dx"),
    Mistake(
        "one_factor_forgotten",
        lambda case: case.upstream * _squash(case["x"]),
        "One of the two factors of the local gradient is missing.",
        of="dx",
    ),
    Mistake(
        "one_factor_forgotten",
        lambda case: case.upstream * (1 - _squash(case["x"])),
        "One of the two factors of the local gradient is missing.",
        of="dx",
    ),
    Mistake(
        "input_for_output",
        lambda case: case.upstream * (1 - case["x"]) * case["x"],
        "Your formula has the input where it should have the output: (1 - s) s speaks of s.",
        of="dx",
    ),
    Mistake(
        "brackets_missing",
        lambda case: 1 + np.exp(-np.asarray(case["x"])),
        "`1 / 1 + ...` divides before it adds. Put the whole denominator into brackets.",
        of="out",
    ),
    Mistake(
        "brackets_missing",
        lambda case: case.upstream * _squash(case["x"]) - _squash(case["x"]),
        "`* 1 - s` multiplies by 1 and then subtracts s. Put the factor 1 - s into brackets.",
        of="dx",
    ),
    Mistake(
        "slope_of_tanh",
        lambda case: case.upstream * (1 - _squash(case["x"]) ** 2),
        "One minus the square belongs to another function. The local gradient here is a product of two factors, s and another.",
        of="dx",
    ),
    Mistake(
        "sign_in_factor",
        lambda case: case.upstream * (1 + _squash(case["x"])) * _squash(case["x"]),
        "A sign is wrong in a factor of the local gradient: where s is near 1, it must vanish.",
        of="dx",
    ),
    Mistake(
        "squashed_twice",
        lambda case: case.upstream * (1 - _squash(_squash(case["x"]))) * _squash(_squash(case["x"])),
        "You took the sigmoid of the output once more. The output itself goes into (1 - s) s.",
        of="dx",
    ),
    _one_kept_for_all(
        lambda case: case.upstream * (1 - _squash(_last(case["x"]))) * _squash(_last(case["x"]))
    ),
)


def _z(case: Case):
    x, w = case["x"], case["w"]
    return np.dot(w[:2], x) + w[2]


def _through_the_sum(case: Case, dz):
    """What the sum passes on for a gradient `dz` of z."""
    x, w = case["x"], case["w"]
    return dz * w[:2] if case.of == "dx" else dz * np.array([*x, 1.0])


def _neuron(name: str, dz: Callable[[float, float], float], message: str) -> Mistake:
    """A mistake in the stages after the sum: `dz(s, upstream)` is the wrong gradient of z."""
    return Mistake(
        name,
        lambda case: _through_the_sum(case, dz(_squash(_z(case)), float(case.upstream))),
        message,
        of=("dx", "dw"),
    )


NEURON = (
    Mistake(
        "bias_forgotten",
        lambda case: _squash(np.dot(case["w"][:2], case["x"])),
        "The bias w[2] is not in your sum.",
        of="s",
    ),
    Mistake("exponent_sign", lambda case: _squash(-_z(case)), EXPONENT, of="s"),
    Mistake(
        "minus_on_first_term",
        lambda case: _squash(2 * case["w"][0] * case["x"][0] - _z(case)),
        "The minus in the exponent reaches the first term alone. Put the whole sum into brackets.",
        of="s",
    ),
    Mistake(
        "bias_taken_first",
        lambda case: _squash(case["w"][0] + np.dot(case["w"][1:], case["x"])),
        "You took w[0] for the bias. The weights come first, and the bias w[2] last.",
        of="s",
    ),
    Mistake("not_squashed", _z, "This is the sum alone. It still has to go through the sigmoid.", of="s"),
    Mistake(
        "exponent_sign",
        lambda case: (
            _through_the_sum(case, float(case.upstream) * _squash(_z(case)) * (1 - _squash(_z(case))))
            if np.allclose(
                case.expected,
                -_through_the_sum(case, float(case.upstream) * _squash(_z(case)) * (1 - _squash(_z(case)))),
            )
            else None
        ),
        EXPONENT,
        of=("dx", "dw"),
    ),
    Mistake(
        "bias_forgotten",
        lambda case: np.append(case.expected[:2], 0.0),
        "The bias w[2] gets no gradient. The add gate gives it a share of its own: the whole.",
        of="dw",
    ),
    Mistake(
        "bias_forgotten",
        lambda case: case.expected[:2],
        "dw has two entries and w has three: the bias has a gradient, too.",
        of="dw",
    ),
    Mistake(
        "not_swapped",
        lambda case: case.expected * case["x"] / case["w"][:2],
        "dx is scaled by x itself. In a product, a nudge of one factor is scaled by the other.",
        of="dx",
    ),
    Mistake(
        "not_swapped",
        lambda case: case.expected[2] * np.append(case["w"][:2], 1.0),
        "dw is scaled by w itself. In a product, a nudge of one factor is scaled by the other.",
        of="dw",
    ),
    Mistake(
        "not_swapped",
        lambda case: case.expected[2] * case["w"],
        "dw is scaled by w itself. In a product, a nudge of one factor is scaled by the other; the bias is in no product.",
        of="dw",
    ),
    Mistake(
        "bias_cut_off",
        lambda case: np.append(case.expected[:2], 1.0),
        "The gradient of the bias is its local gradient alone. What comes through the sigmoid belongs into it, too.",
        of="dw",
    ),
    Mistake(
        "bias_cut_off",
        lambda case: np.append(case.expected[:2], case.upstream),
        "The gradient of the bias leaves the sigmoid out. It comes through the same stages as those of the weights.",
        of="dw",
    ),
    Mistake(
        "bias_scaled",
        lambda case: np.append(case.expected[:2], case.expected[2] * case["w"][2]),
        "The gradient of the bias is scaled by the bias. It enters through an add gate.",
        of="dw",
    ),
    _neuron(
        "sigmoid_skipped",
        lambda s, upstream: upstream,
        "You went back through the sum alone. The upstream gradient first comes through the stages of the sigmoid.",
    ),
    _neuron(
        "square_forgotten",
        lambda s, upstream: upstream * (1 - s),
        "The stage 1/c has lost its square: its local gradient is -1 over c squared.",
    ),
    _neuron(
        "one_factor_forgotten",
        lambda s, upstream: upstream * s,
        "One of the two factors of the sigmoid's local gradient is missing.",
    ),
    _neuron(
        "exp_forgotten",
        lambda s, upstream: upstream * s**2,
        "The stage of the exponential has been left out: its local gradient is its own output.",
    ),
    _neuron(
        "output_for_input",
        lambda s, upstream: upstream * (1 - s) / s**3,
        "At the stage 1/c you squared the output. Its local gradient has the input c there.",
    ),
)


def _walk(
    case: Case, *, order=reversed, start=0.0, seed=None, assign=False, first=False, skip=None, arriving=None
):
    """Go through a graph's edges as a wrong machine would; an edge is (node, input, local gradient)."""
    edges = case["edges"]
    upstream = case.inputs.get("upstream", 1.0) if seed is None else seed
    names = {name for node, source, _ in edges for name in (node, source)}
    found = dict(start) if isinstance(start, dict) else dict.fromkeys(names, start)
    found[edges[-1][0]] = upstream
    reached = set()
    for node, source, local in order(list(edges)):
        if node == skip or (first and source in reached):
            continue
        reached.add(source)
        sent = local * (found[node] if arriving is None else arriving)
        found[source] = sent if assign else found[source] + sent
    return [found[name] for name in case["names"]]


def _sent_on_early(case: Case, take: Callable[[list], str] | None):
    """From the result on, along the edges and not in the order of the nodes; `take` picks whose turn is next.

    With None, each gradient that arrives is sent on at once, together with all that had arrived before.
    """
    into: dict = {}
    for node, source, local in case["edges"]:
        into.setdefault(node, []).append((source, local))
    found = dict.fromkeys(case["names"], 0.0)
    last = case["edges"][-1][0]

    def push(name, gradient):
        found[name] = found.get(name, 0.0) + gradient
        for source, local in into.get(name, ()):
            push(source, local * found[name])

    if take is None:
        push(last, case.inputs.get("upstream", 1.0))
    else:
        found[last] = case.inputs.get("upstream", 1.0)
        waiting, done = [last], set()
        while waiting:
            node = take(waiting)
            if node in done:
                continue
            done.add(node)
            for source, local in into.get(node, ()):
                found[source] = found.get(source, 0.0) + local * found[node]
                waiting.append(source)
    return [found[name] for name in case["names"]]


def _same_input_once(case: Case):
    """A gate sends two gradients back to one name, and the second alone is kept."""
    edges = list(case["edges"])
    kept = [edge for i, edge in enumerate(edges) if edge[:2] not in [later[:2] for later in edges[i + 1 :]]]
    return _walk(Case(case.of, case.actual, case.expected, {**case.inputs, "edges": kept}))


def _second_inputs(case: Case):
    edges = case["edges"]
    return [i for i in range(1, len(edges)) if edges[i][0] == edges[i - 1][0]]


def _first_gradient_for_both(case: Case):
    edges = list(case["edges"])
    for i in _second_inputs(case):
        edges[i] = (*edges[i][:2], edges[i - 1][2])
    return _walk(Case(case.of, case.actual, case.expected, {**case.inputs, "edges": edges}))


def _with_pairs_exchanged(case: Case) -> Case:
    edges = list(case["edges"])
    for i in _second_inputs(case):
        edges[i - 1], edges[i] = (*edges[i - 1][:2], edges[i][2]), (*edges[i][:2], edges[i - 1][2])
    return Case(case.of, case.actual, case.expected, {**case.inputs, "edges": edges})


def _assigned_by_pairs(case: Case):
    """Overwriting, with the inputs of a node written in their order."""
    edges = list(case["edges"])
    for i in _second_inputs(case):
        edges[i - 1], edges[i] = edges[i], edges[i - 1]
    return _walk(Case(case.of, case.actual, case.expected, {**case.inputs, "edges": edges}), assign=True)


OVERWRITTEN = (
    "A value that is used twice keeps the gradient of one use alone: the other was overwritten. "
    "One nudge takes both ways at once, and their effects add."
)

LOCAL_ONLY = (
    "Every gate was run backward with the same number. "
    "Each has to receive the gradient that has arrived at its own node."
)

GRAPH = (
    Mistake(
        "first_value_returned",
        lambda case: case["values"][0],
        "This is the value of an input. The value of the last node is asked for.",
        of="f",
    ),
    Mistake("overwritten", lambda case: _walk(case, assign=True), OVERWRITTEN),
    Mistake("overwritten", _assigned_by_pairs, OVERWRITTEN),
    Mistake(
        "not_started_at_zero",
        lambda case: _walk(case, start=1.0),
        "Every gradient is too large by what it was created with. Before anything has arrived, the sum is 0.",
    ),
    Mistake(
        "not_started_at_zero",
        lambda case: _walk(case, start=case.inputs.get("upstream", 1.0)),
        "Every gradient is too large by what it was created with. Before anything has arrived, the sum is 0.",
    ),
    Mistake(
        "upstream_ignored",
        lambda case: _walk(case, seed=1.0),
        "backward was called with another upstream gradient than 1, and your last node starts from 1 all the same.",
    ),
    Mistake("local_only", lambda case: _walk(case, arriving=1.0), LOCAL_ONLY),
    Mistake(
        "local_only",
        lambda case: _walk(case, arriving=case.inputs.get("upstream", 1.0)),
        LOCAL_ONLY,
    ),
    *(
        Mistake(
            "not_reversed",
            walk,
            "A node ran backward before its upstream gradient had arrived, or not at all. "
            "Begin at the result, and go on until the first node has had its turn.",
        )
        for walk in (
            lambda case: _walk(case, order=iter),
            lambda case: _walk(case, skip=case["edges"][0][0]),
        )
    ),
    Mistake("overwritten", lambda case: _walk(case, first=True), OVERWRITTEN),
    Mistake(
        "same_input_once",
        _same_input_once,
        "A gate that takes one value twice sends two gradients back to it, and only one of them has been kept. Add both.",
    ),
    Mistake(
        "first_gradient_for_both",
        _first_gradient_for_both,
        "Both inputs of a gate received the first of its two gradients. Hand them out in order.",
    ),
    Mistake(
        "not_reset",
        lambda case: _walk(case, start=case["earlier"]),
        "The gradients of the earlier run are still in the sums. Start every backward from 0.",
    ),
    *(
        Mistake(
            "sent_on_too_early",
            lambda case, take=take: _sent_on_early(case, take),
            "A node sent its gradient on before all that it receives had arrived. "
            "In the reverse order of the nodes, every use of a value comes before the value itself.",
        )
        for take in (None, list.pop, lambda waiting: waiting.pop(0))
    ),
    Mistake(
        "inputs_exchanged",
        lambda case: _walk(_with_pairs_exchanged(case)),
        "The two gradients of a gate reached each other's input. They come in the order of the gate's inputs.",
    ),
)

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "downstream": DOWNSTREAM,
    "AddGate": ADD,
    "MultiplyGate": MULTIPLY,
    "MaxGate": MAX,
    "eval_numerical_gradient": NUMERIC,
    "rel_error": RELATIVE,
    "ReciprocalGate": RECIPROCAL,
    "ExpGate": EXP,
    "SigmoidNeuron": NEURON,
    "SigmoidGate": SIGMOID,
    "Graph": GRAPH,
}
