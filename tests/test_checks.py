"""The check cell: runs all its checks, names mistakes, gives the fraction, fails closed."""

import time
import warnings

import numpy as np
import pytest

from autograder import Check, Mistake, as_layer
from autograder.checks import NotAttempted


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


SHAPES = {"x": (4, 2, 3), "w": (6, 5), "b": (5,)}


def outcomes(backward, forward=affine_forward, shapes=SHAPES):
    check = Check("some_layer", points=6)
    check.gradients(forward, backward, shapes)
    return check.record.outcomes


def changed(change):
    return lambda dout, cache: change(*affine_backward(dout, cache))


def test_the_reference_earns_everything():
    check = Check("affine_backward", points=6)

    check.gradients(affine_forward, affine_backward, SHAPES)

    assert check.score() == 6.0
    assert repr(check.score()) == "6.0"


def test_each_right_gradient_earns_its_share():
    check = Check("some_layer", points=6)

    check.gradients(affine_forward, changed(lambda dx, dw, db: (dx, -dw, db)), SHAPES)

    assert check.score() == 4.0
    assert [o.mistake for o in check.record.outcomes] == [None, "sign_flipped", None]


@pytest.mark.parametrize(
    ("answer", "mistakes"),
    [
        (
            lambda dx, dw, db: (dx.reshape(4, -1), dw.T, 0 * db),
            ["not_reshaped", "transposed", "left_at_zero"],
        ),
        (lambda dx, dw, db: (dx, dw), ["wrong_count"] * 3),
        (lambda dx, dw, db: None, ["returned_nothing"] * 3),
        (lambda dx, dw, db: (dx, dw, None), [None, None, "returned_nothing"]),
        (lambda dx, dw, db: np.product(dx), ["numpy_leftover"] * 3),
    ],
)
def test_wrong_answers_lose_points_and_are_named(answer, mistakes):
    found = outcomes(changed(answer))

    assert [outcome.mistake for outcome in found] == mistakes
    assert not all(outcome.passed for outcome in found)


def test_kept_unit_axes_are_right_with_a_remark():
    found = outcomes(changed(lambda dx, dw, db: (dx, dw, db[None, :])))

    assert all(outcome.passed for outcome in found)
    assert any("Axes of length 1" in remark for remark in found[2].remarks)


def test_exchanged_gradients_are_recognised():
    class Multiply:
        def forward(self, x, y):
            self.x, self.y = x, y
            return x * y

        def backward(self, upstream):
            return upstream * self.x, upstream * self.y

    found = outcomes(*reversed(as_layer(Multiply)), shapes={"x": (4, 3), "y": (4, 3)})

    assert [outcome.mistake for outcome in found] == ["wrong_order", "wrong_order"]


def test_in_place_work_earns_a_remark_and_costs_nothing():
    def relu_backward(dout, x):
        dout[x <= 0] = 0
        return dout

    found = outcomes(relu_backward, lambda x: (np.maximum(0, x), x), {"x": (4, 3)})

    assert found[0].passed
    assert any("changed dout" in remark for remark in found[0].remarks)


def test_numeric_differentiation_is_no_answer():
    def backward(dout, cache):
        gradients = []
        for k in range(3):
            gradient = np.zeros_like(cache[k])
            for entry in np.ndindex(*gradient.shape):
                above, below = [v.copy() for v in cache], [v.copy() for v in cache]
                above[k][entry] += 1e-5
                below[k][entry] -= 1e-5
                gradient[entry] = (
                    np.sum((affine_forward(*above)[0] - affine_forward(*below)[0]) * dout) / 2e-5
                )
            gradients.append(gradient)
        return gradients

    assert {o.mistake for o in outcomes(backward)} == {"numeric_differentiation"}


def test_a_backward_that_draws_random_numbers_is_caught():
    rng = np.random.default_rng(0)

    def backward(dout, cache):
        dx, dw, db = affine_backward(dout, cache)
        return dx * (1 + (dout.sum() == 0)), dw + (rng.random() if np.abs(dout).sum() < 1e-9 else 0), db

    assert [o.mistake for o in outcomes(backward)] == [None, "not_linear", None]


@pytest.mark.parametrize("calls", range(0, 40, 3))
def test_a_forward_that_gives_up_after_some_calls_is_told_so(calls):
    left = iter(range(calls))

    def tired(x):
        next(left)
        return 3 * x, None

    (found,) = outcomes(lambda dout, cache: -2.5 * dout, tired, {"x": (2, 2)})

    assert not found.passed
    assert found.message


def test_a_backward_that_agrees_with_a_forward_that_ignores_its_input_earns_nothing():
    found = outcomes(lambda dout, x: np.zeros((4, 3)), lambda x: (np.zeros((4, 3)), x), {"x": (4, 3)})

    assert not found[0].passed
    assert "does not depend on x" in found[0].message


def test_a_wrong_forward_does_not_cost_its_own_backward_the_points():
    forward = lambda x: (3 * x, None)

    assert outcomes(lambda dout, cache: 3 * dout, forward, {"x": (4, 3)})[0].passed


def test_a_stub_stops_with_one_sentence_and_keeps_the_record():
    def stub(dout, cache):
        raise NotImplementedError("not written")

    check = Check("affine_backward", points=6, hidden=3)
    check.gradients(affine_forward, stub, SHAPES)

    with pytest.raises(NotAttempted, match="affine_backward is not written yet") as stopped:
        check.score()
    assert stopped.value.record.earned == 0
    assert stopped.value._render_traceback_() == [str(stopped.value)]


def test_every_check_runs_even_when_one_fails():
    check = Check("some_layer", points=3)
    ran = []

    @check("fails")
    def _(t):
        ran.append(1)
        t.equal(1.0, 2.0)

    @check("raises")
    def _(t):
        ran.append(2)
        t.call(lambda: [][0])

    @check("passes")
    def _(t):
        ran.append(3)
        t.equal(2.0, 2.0)

    assert ran == [1, 2, 3]
    assert [o.state for o in check.record.outcomes] == ["failed", "raised", "passed"]
    assert check.score() == 1.0


def test_a_check_that_compares_nothing_is_our_fault_and_no_points():
    check = Check("some_layer", points=3)

    @check("forgot to compare")
    def _(t):
        pass

    assert check.score() == 0
    assert check.record.verdict == "our fault"


def test_true_wants_a_plain_truth():
    check = Check("some_layer", points=1)

    @check("a truthy object is not enough")
    def _(t):
        t.true("yes", "must be a bool")

    assert check.score() == 0


def test_printing_and_warnings_of_a_student_stay_inside(capsys):
    check = Check("some_layer", points=1)

    @check("noisy")
    def _(t):
        print("x" * 10_000)
        warnings.warn("careful", stacklevel=1)
        t.equal(np.log(np.array([-1.0, 1.0]))[1], 0.0)

    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    assert check.record.outcomes[0].passed
    assert len(check.record.outcomes[0].remarks[0]) < 400


def test_hidden_checks_are_marked_and_announced():
    check = Check("some_layer", points=2, hidden=3)

    @check("visible")
    def _(t):
        t.equal(1, 1)

    assert check.record.hidden_remaining == 3
    check.hidden_tests()
    assert check.record.hidden_remaining == 0


def test_the_same_numbers_are_drawn_every_time():
    drawn = []
    for _ in range(2):
        check = Check("some_layer", points=1)

        @check("draws")
        def _(t):
            drawn.append(t.rng.normal())
            t.equal(1, 1)

    assert drawn[0] == drawn[1]


def test_faster_is_a_ratio_within_one_run():
    check = Check("some_layer", points=2)
    slow = lambda n: sum(i for i in range(n))
    fast = lambda n: n * (n - 1) // 2

    @check("fast enough")
    def _(t):
        t.faster(fast, slow, 20_000, times=5, message="Use the closed form.")

    @check("not fast enough")
    def _(t):
        t.faster(slow, slow, 20_000, times=50, message="Use the closed form.")

    assert [o.state for o in check.record.outcomes] == ["passed", "failed"]
    assert "Measured here" in check.record.outcomes[1].message


def test_a_scalar_loss_is_checked_by_its_gradient():
    check = Check("some_layer", points=2)
    w = np.array([1.0, -2.0, 3.0])

    @check("dw")
    def _(t):
        t.gradient(lambda v: float(np.sum(v**2)), w, 2 * w, "dw")

    @check("dw of a half")
    def _(t):
        t.gradient(lambda v: float(np.sum(v**2)), w, w, "dw")

    assert [o.mistake for o in check.record.outcomes] == [None, "halved"]
    assert check.record.outcomes[0].passed


def test_a_result_the_check_cannot_use_is_told_apart_from_an_error_in_the_students_code():
    check = Check("some_layer", points=1)

    @check("unpacks")
    def _(t):
        out, cache = t.call(lambda: 3)
        t.equal(out, cache)

    outcome = check.record.outcomes[0]
    assert (outcome.state, outcome.mistake) == ("failed", "unusable_result")
    assert "could not use what your code returned" in outcome.message


def test_two_predictions_that_agree_are_told_apart_by_new_numbers():
    once = iter([1.0])
    chance = Mistake("a_coincidence", lambda case: next(once, 0.0) * -case.expected, "Never said.")
    check = Check("some_layer", points=1)

    check.gradients(
        lambda x: (3 * x, None),
        lambda dout, cache: -3 * dout,
        {"x": (4, 3)},
        mistakes=[chance, Mistake("lost_minus", lambda case: -case.expected, "Said.")],
    )

    assert check.record.outcomes[0].mistake == "lost_minus"


def test_two_predictions_that_always_agree_are_not_guessed_between():
    twins = [Mistake(name, lambda case: -case.expected, "…") for name in ("one", "other")]
    check = Check("some_layer", points=1)

    check.gradients(lambda x: (3 * x, None), lambda dout, cache: -3 * dout, {"x": (4, 3)}, mistakes=twins)

    assert check.record.outcomes[0].mistake is None
    assert not check.record.outcomes[0].passed


def test_a_function_called_with_more_than_it_takes_is_told_so():
    check = Check("some_layer", points=1)

    @check("takes two numbers")
    def _(t):
        t.equal((lambda x: x)(1.0, 2.0), 3.0)

    outcome = check.record.outcomes[0]
    assert (outcome.state, outcome.mistake) == ("raised", "signature_changed")
    assert "first parameter is self" in outcome.message


def test_a_prediction_sees_the_arguments_that_nothing_is_differentiated_by():
    def scale_forward(x, scale_param):
        return x * scale_param["by"], scale_param

    forgotten = Mistake(
        "scale_forgotten", lambda case: case.expected / case.extra[0]["by"], "The scale is missing."
    )
    check = Check("scale", points=1)

    check.gradients(
        scale_forward, lambda dout, cache: dout, {"x": (4, 3)}, extra=({"by": 7.0},), mistakes=[forgotten]
    )

    assert [outcome.mistake for outcome in check.record.outcomes] == ["scale_forgotten"]


def test_a_fault_of_the_machinery_between_the_processes_is_no_students_fault():
    from autograder.execution.wire import Encoder

    check = Check("some_layer", points=1)

    @check("hands over what cannot travel")
    def _(t):
        Encoder(None).pack(object())

    check.gradients(lambda x: Encoder(None).pack(object()), lambda dout, cache: dout, {"x": (4, 3)})

    assert [outcome.state for outcome in check.record.outcomes] == ["our fault", "our fault"]


def test_what_code_prints_in_a_hidden_check_is_not_repeated():
    check = Check("some_layer", points=1, hidden=1)
    check.hidden_tests()

    @check("hidden")
    def _(t):
        t.call(print, "the hidden input is 42")
        t.equal(1, 1)

    assert check.record.outcomes[0].remarks == ()


def test_a_slow_right_backward_of_a_sharply_bent_function_is_not_accused():
    def backward(dout, x):
        return np.array(
            [
                sum(-upstream / entry**2 for _ in range(400)) / 400
                for upstream, entry in zip(dout, x, strict=True)
            ]
        )

    for _ in range(5):
        found = outcomes(backward, lambda x: (1 / x, x), {"x": np.array([0.11, 0.2, 0.35, 1.3])})

        assert found[0].passed, found[0].message


def test_an_error_says_first_which_function_raised_what():
    def backward(dout, cache):
        return dout[7], None, None

    messages = [outcome.message for outcome in outcomes(backward)]

    assert {message.splitlines()[0] for message in messages} == {
        "Your backward raised IndexError: index 7 is out of bounds for axis 0 with size 4"
    }


def test_many_calls_travel_together_and_give_one_item_of_each():
    class Elsewhere:
        """Stands in for a function in another process."""

        journeys = 0

        def __autograder_map__(self, argument_lists, select=None):
            self.journeys += 1
            return [sum(arguments) for arguments in argument_lists]

    function, check, found = Elsewhere(), Check("sums", points=1), {}

    @check("adds")
    def _(t):
        found["far"] = t.calls(function, [(i, 1) for i in range(50)])
        found["near"] = t.calls(lambda x: (2 * x, "cache"), [(1,), (3,)], select=0)
        t.equal(found["near"], [2, 6], "sums")

    assert found["far"] == list(range(1, 51))
    assert function.journeys == 1
    assert check.record.earned == 1


def test_a_slow_generator_is_stopped_when_it_has_taken_long_enough_and_runs_to_its_end_before_a_failure():
    steps = []

    def slow(count, seconds):
        for _ in range(count):
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                pass
            yield steps.append(seconds)

    def quick(count, seconds):
        return None

    check = Check("some_layer", points=2)

    @check("so slow that it is stopped")
    def _(t):
        t.faster(quick, slow, 1000, 1e-3, times=3, message="")

    stopped = len(steps)

    @check("never slow enough")
    def _(t):
        t.faster(lambda *given: list(slow(10, 1e-4)), slow, 10, 1e-4, times=3, repeats=2, message="Too slow.")

    assert 1 <= stopped < 100
    assert len(steps) - stopped == 4 * 10
    assert [outcome.state for outcome in check.record.outcomes] == ["passed", "failed"]
    assert check.record.outcomes[1].mistake == "too_slow"


def test_a_forward_without_slopes_is_named_by_the_exercise_where_it_can_be():
    def forward(x):
        rng = np.random.default_rng()
        return x * rng.random(x.shape), x

    noise = Mistake(
        "seed_ignored", lambda case: case.actual if np.max(np.abs(case.expected)) > 1e3 else None, "Use it."
    )
    check = Check("some_layer", points=1)
    check.gradients(forward, lambda dout, cache: dout, {"x": (4, 5)})
    check.gradients(forward, lambda dout, cache: dout, {"x": (4, 5)}, mistakes=[noise])

    assert [outcome.mistake for outcome in check.record.outcomes] == ["not_smooth", "seed_ignored"]


def test_an_error_that_does_not_come_can_have_a_name():
    check = Check("divide", points=2)

    for f in (lambda x: x, lambda x: 1 // x):

        @check(f"refuses 0, {f}")
        def _(t, f=f):
            t.raises(ZeroDivisionError, f, 0, message="0 should be refused.", mistake="not_refused")

    assert [o.mistake for o in check.record.outcomes] == ["not_refused", None]
    assert check.score() == 1.0


def test_a_dict_of_the_callers_own_arrays_is_told_from_one_of_copies():
    given = {"W": np.ones((2, 3)), "b": np.zeros(3)}
    check = Check("copy_of", points=2)

    for f in (dict, lambda params: {name: value + 0 for name, value in params.items()}):

        @check(f"copies, {f}")
        def _(t, f=f):
            t.copies(f, given, source=0, names=["W", "b"], message="not copied.", mistake="not_copied")

    assert [o.mistake for o in check.record.outcomes] == ["not_copied", None]
    assert "W, b: not copied." in check.record.outcomes[0].message
    assert not np.isnan(given["W"]).any()
