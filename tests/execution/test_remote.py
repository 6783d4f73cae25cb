"""A check cell, written as ordinary Python, means the same when the student's names are proxies."""

import pytest


def assert_passed(step):
    assert step.verdict == "passed", (step.error, step.outputs)


def printed(step):
    return "".join(output["text"] for output in step.outputs if output["output_type"] == "stream")


def test_a_function_gets_values_and_returns_values(check):
    step = check(
        "def affine(x, w, *, b=0.0): return x @ w + b, (x, w)",
        """
        x, w = np.ones((2, 3)), np.ones((3, 4))
        out, cache = affine(x, w, b=1.0)
        assert type(out) is np.ndarray and out.shape == (2, 4) and (out == 4).all()
        assert type(cache) is tuple and cache[0] is not x
        """,
    )

    assert_passed(step)


def test_a_plain_name_is_its_value(check):
    step = check(
        "rate = 0.1\nsizes = [3, 4]\ntable = {'a': (1, 2)}",
        "assert type(rate) is float and rate * 2 == 0.2 and sizes == [3, 4] and isinstance(table, dict)",
    )

    assert_passed(step)


def test_a_missing_name_says_so_when_it_is_used_and_not_before(check):
    step = check("pass", "known = True\nassert known\nforward(3)", names=["forward"])

    assert step.verdict == "raised"
    assert step.error == "NameError: name 'forward' is not defined: no cell of this notebook defines it"


def test_an_argument_changed_in_place_is_changed_for_the_check_too(check):
    step = check(
        """
        def spoil(x, items, table):
            x[0] = 7
            items.append(x)
            table["new"] = 1
            table["array"] += 1
        """,
        """
        x, items, inner = np.zeros(3), [1], np.zeros(2)
        table = {"array": inner}
        spoil(x, items, table)
        assert x[0] == 7 and len(items) == 2 and table["new"] == 1
        assert table["array"] is inner and (inner == 1).all()
        """,
    )

    assert_passed(step)


def test_an_argument_left_alone_stays_the_same_object(check):
    step = check(
        "def read(x): return x.sum()",
        "x = np.arange(3.0); before = x.copy(); read(x); assert (x == before).all()",
    )

    assert_passed(step)


def test_one_array_given_twice_arrives_as_one(check):
    step = check(
        "def same(a, b): return a is b", "x = np.ones(2); assert same(x, x); assert not same(x, x.copy())"
    )

    assert_passed(step)


def test_a_generator_draws_on_in_step(check):
    step = check(
        "def mask(shape, rng): return rng.random(shape)",
        """
        rng, twin = np.random.default_rng(5), np.random.default_rng(5)
        assert (mask((2, 3), rng) == twin.random((2, 3))).all()
        assert rng.random() == twin.random()
        """,
    )

    assert_passed(step)


def test_a_function_of_the_check_can_be_called_by_the_student(check):
    step = check(
        """
        def slope(f, x, h=1e-5):
            grad = np.zeros_like(x)
            for i in np.ndindex(x.shape):
                step = np.zeros_like(x); step[i] = h
                grad[i] = (f(x + step) - f(x - step)) / (2 * h)
            return grad
        """,
        """
        calls = []
        def f(x):
            calls.append(1)
            return float((x ** 2).sum())
        x = np.array([1.0, 2.0])
        assert np.allclose(slope(f, x), 2 * x) and len(calls) == 4
        """,
    )

    assert_passed(step)


def test_a_function_of_the_check_may_call_the_student_again(check):
    step = check(
        "def twice(f, x): return f(f(x))\ndef double(x): return 2 * x",
        "assert twice(lambda x: double(x) + 1, 3) == 15; assert twice(double, 3) == 12",
        names=["twice", "double"],
    )

    assert_passed(step)


def test_an_error_in_a_function_of_the_check_comes_through_the_student(check):
    step = check(
        "def call(f): return f()",
        """
        def fails(): raise ValueError("shapes differ")
        def hides(): raise KeyError("hidden name")
        try:
            call(hides)
        except KeyError as error:
            assert "hidden" not in str(error)
        try:
            call(fails)
        except ValueError as error:
            assert "shapes differ" in str(error)
        else:
            raise AssertionError("nothing was raised")
        """,
    )

    assert_passed(step)


def test_a_function_that_a_students_object_keeps_can_be_called_later(check):
    step = check(
        "class Layer:\n    def __init__(self, f): self.f = f\n    def forward(self, x): return self.f(x)",
        "layer = Layer(lambda x: x + 1); assert layer.forward(1) == 2; assert layer.forward(5) == 6",
        names=["Layer"],
    )

    assert_passed(step)


STUDENT_CLASS = """
class Net:
    size = 3
    def __init__(self, width=2):
        self.params = {"W1": np.zeros((width, 2)), "b1": np.zeros(2)}
        self.layers = [1, 2]
    def loss(self, x, y=None):
        if y is None:
            return x @ self.params["W1"] + self.params["b1"]
        return 1.5, {"W1": self.params["W1"] + 1}
    def __len__(self): return 4
    def __contains__(self, key): return key in self.params
    def __getitem__(self, key): return self.params[key]
    def __repr__(self): return "Net of two"
def make(): return Net()
"""


@pytest.mark.parametrize(
    "source",
    [
        "net = Net(width=3); assert net.loss(np.ones((1, 3))).shape == (1, 2)",
        "net = Net(); net.params['W1'] = np.ones((2, 2)); assert (net.loss(np.ones((1, 2))) == 2).all()",
        "net = Net(); loss, grads = net.loss(0, 0); assert loss == 1.5 and (grads['W1'] == 1).all()",
        "net = Net(); net.params = {'W1': np.eye(2), 'b1': np.ones(2)}; assert net.loss(np.ones((1, 2))).sum() == 4",
        "assert Net.size == 3 and len(Net()) == 4 and 'W1' in Net() and Net()['b1'].shape == (2,)",
        "assert repr(Net()) == 'Net of two' and bool(Net())",
        "net = Net(); assert sorted(net.params) == ['W1', 'b1'] and net.layers == [1, 2] and list(net.layers) == [1, 2]",
        "net = Net(); assert {k: v.shape for k, v in net.params.items()} == {'W1': (2, 2), 'b1': (2,)}",
        "net = Net(); del net.params['b1']; assert list(net.params) == ['b1'[:0] or 'W1']",
        "net = Net(); assert hasattr(net, 'params') and not hasattr(net, 'nothing')",
        "import copy; net = Net(); twin = copy.deepcopy(net); twin.params['W1'] = 5; assert net.params['W1'].shape == (2, 2)",
        "net = make(); same = net; assert net == same and net != make()",
        "net = Net(); net.params['W1'] += 1; assert (net.params['W1'] == 1).all()",
        "net = Net(); assert (np.asarray(net.layers) == [1, 2]).all()",
        "assert Net.__name__ == 'Net' and callable(Net)",
        "net = Net(); net.layers.append(5); assert len(net.layers) == 3 and net.layers[-1] == 5",
    ],
)
def test_an_object_of_the_student_is_used_where_it_lives(check, source):
    assert_passed(check(STUDENT_CLASS, source, names=["Net", "make"]))


def test_an_object_handed_back_to_the_student_is_the_same_object(check):
    step = check(
        "class Cache: pass\ndef forward(x):\n    c = Cache(); c.x = x\n    return x, c\ndef backward(d, c): return d * c.x",
        "out, cache = forward(np.array([2.0])); assert backward(np.array([3.0]), cache)[0] == 6",
        names=["forward", "backward"],
    )

    assert_passed(step)


def test_a_generator_of_the_student_is_iterated_one_by_one(check):
    step = check(
        "def batches(n):\n    for i in range(n): yield np.full(2, i), i\ndef endless():\n    while True: yield 1",
        """
        assert [i for _, i in batches(3)] == [0, 1, 2]
        assert next(iter(endless())) == 1
        items = batches(2); assert next(items)[1] == 0 and next(items)[1] == 1
        try: next(items)
        except StopIteration: pass
        else: raise AssertionError
        """,
        names=["batches", "endless"],
    )

    assert_passed(step)


def test_many_calls_go_in_one_exchange(check):
    step = check(
        "count = []\ndef f(x, k):\n    count.append(1)\n    return x * k, object()\ndef calls(): return len(count)",
        """
        got = f.__autograder_map__([(np.full(2, i), 10) for i in range(5)], 0)
        assert [g[0] for g in got] == [0, 10, 20, 30, 40] and calls() == 5
        """,
        names=["f", "calls"],
    )

    assert_passed(step)


def test_an_error_in_a_batch_is_raised(check):
    step = check(
        "def f(x): return 1 / x",
        "try: f.__autograder_map__([(1,), (0,)])\nexcept ZeroDivisionError: pass\nelse: raise AssertionError",
    )

    assert_passed(step)


def test_a_built_in_exception_is_caught_by_its_type_with_the_students_traceback(check):
    step = check(
        """
        class Odd(ValueError): pass
        def a(): raise Odd("strange")
        def b(): return {}["key"]
        def c(): raise NotImplementedError
        """,
        """
        for f, kind in ((a, ValueError), (b, KeyError), (c, NotImplementedError)):
            try: f()
            except kind as error:
                print(error.type_name, 'File "Cell In[2]", line' in error.traceback_text, ".py" in error.traceback_text)
        """,
        names=["a", "b", "c"],
    )

    assert printed(step) == "Odd True False\nKeyError True False\nNotImplementedError True False\n"


@pytest.mark.parametrize(
    "raising",
    ["raise SystemExit(0)", "raise KeyboardInterrupt", "raise GeneratorExit", "raise StopIteration"],
)
def test_no_exception_of_the_student_can_end_a_check_or_a_loop_in_it(check, raising):
    step = check(
        f"def f(x): {raising}",
        """
        try: list(map(f, [1, 2]))
        except Exception as error: print("caught", error.type_name)
        """,
    )

    assert printed(step).startswith("caught")


def test_what_the_student_prints_appears_in_the_checks_own_output(check):
    step = check(
        "def f():\n    import sys\n    print('hello')\n    print('secret', file=sys.stderr)",
        "f(); print('there')",
    )

    assert printed(step) == "hello\nthere\n"
    assert all(output.get("name") != "stderr" for output in step.outputs)


def test_a_flood_of_printing_is_cut(check):
    step = check("def f():\n    for _ in range(100_000): print('x' * 100)", "f()")

    assert 10_000 < len(printed(step)) < 50_000


def test_a_value_that_cannot_be_sent_is_refused_with_advice(check):
    step = check("def f(x): return x", "f(object())")

    assert "cannot be handed to the student's code: pass arrays" in step.error


def test_an_object_where_a_number_is_expected_says_what_came(check):
    step = check("class Thing: pass\ndef f(): return Thing()", "np.asarray(f())", names=["f"])

    assert step.error == "TypeError: expected an array or a number; the student's code gave a Thing"


def test_an_instance_that_equals_everything_arrives_as_its_plain_base(check):
    step = check(
        """
        class Yes(float):
            def __eq__(self, other): return True
        class Array(np.ndarray):
            def __eq__(self, other): return np.ones(self.shape, bool)
            def __array_function__(self, *args, **kwargs): return True
        def number(): return Yes(3.0)
        def array(): return np.zeros(2).view(Array)
        """,
        """
        assert type(number()) is float and number() != 4.0
        assert type(array()) is np.ndarray and not np.allclose(array(), 1)
        """,
        names=["number", "array"],
    )

    assert_passed(step)


def test_programs_run_in_one_exchange_and_may_build_on_their_own_steps(check):
    step = check(
        "class Gate:\n    made = 0\n    def __init__(self): Gate.made += 1\n    def forward(self, x, y): return x * y",
        """
        run = type(Gate).__autograder_programs__
        one = lambda x, y: [("call", Gate, []), ("get", 0, "forward"), ("call", 1, [x, y])]
        assert run(Gate, [one(2.0, 3.0), one(4.0, 5.0)]) == [6.0, 20.0]
        two = [("call", Gate, []), ("get", 0, "forward"), ("call", 1, [1.0, 2.0]), ("call", 1, [3.0, 4.0]), ("gather", None, [2, 3])]
        assert run(Gate, [two]) == [[2.0, 12.0]] and run(Gate, [two, two], 0.0) == [None, None]
        assert Gate.made == 3
        """,
        names=["Gate"],
    )

    assert_passed(step)


def test_layers_and_losses_of_the_student_are_measured_in_batches(check):
    step = check(
        """
        class Multiply:
            def forward(self, x, y):
                self.x, self.y = x, y
                return x * y
        class Net:
            def __init__(self): self.params = {"w": np.ones(2)}
            def loss(self, x): return float((self.params["w"] * x).sum()), {}
        """,
        """
        from autograder.layers import as_layer, loss_of
        forward, _ = as_layer(Multiply, each=True)
        got = forward.__autograder_map__([(np.array([1.0, 2.0]), np.array([3.0, 4.0]))] * 3, 0)
        assert len(got) == 3 and (got[0] == [3.0, 8.0]).all()
        alone, _ = as_layer(Multiply)
        assert alone.__autograder_map__([(np.array(2.0), np.array(3.0))], 0) == [6.0]
        loss = loss_of(Net(), "w", np.array([1.0, 10.0]))
        assert loss(np.array([1.0, 1.0])) == 11.0
        assert loss.__autograder_map__([(np.array([2.0, 0.0]),), (np.array([0.0, 2.0]),)]) == [2.0, 20.0]
        """,
        names=["Multiply", "Net"],
    )

    assert_passed(step)


NET = """
class Net:
    def __init__(self):
        self.params = {"W1": np.zeros((2, 3)), "b1": np.zeros(3)}
        self.sizes = [2, 3]
        self.times = 0

    def loss(self, x):
        self.times += 1
        self.params["b1"] = self.params["b1"] + 1
        self.sizes.append(self.times)
        return float((x @ self.params["W1"] + self.params["b1"]).sum())
"""


def test_a_container_is_read_as_it_stands_after_every_call_and_assignment(check):
    step = check(
        "import numpy as np\n" + NET,
        """
        net, x = Net(), np.ones((1, 2))
        assert sorted(net.params) == ["W1", "b1"] and len(net.params) == 2 and "W2" not in net.params
        assert net.loss(x) == 3.0 and net.params["b1"][0] == 1.0 and list(net.sizes) == [2, 3, 1]
        params = net.params
        assert net.loss(x) == 6.0
        assert params["b1"][0] == 2.0 and net.sizes[-1] == 2 and net.times == 2
        params["b1"] = np.full(3, 10.0)
        net.params["W1"] = np.ones((2, 3))
        assert net.params["b1"][0] == 10.0 and params["W1"].sum() == 6.0
        params["b1"][0] = 99.0  # an array taken from the student's object is ours
        assert net.params["b1"][0] == 10.0 and net.loss(x) == 6.0 + 33.0
        del params["W1"]
        assert "W1" not in net.params and len(net.params) == 1
        """,
        names=["Net"],
    )

    assert_passed(step)


def test_a_function_that_returns_what_it_was_handed_returns_the_students_own_object(check):
    step = check(
        """
        def same(f, x):
            before = x.copy()
            return f(x) is x, (x == before).all()
        """,
        """
        def doubled(x):
            x *= 2
            return x

        assert same(lambda x: x, np.ones(3)) == (True, True)
        assert same(lambda x: x + 0, np.ones(3)) == (False, True)
        assert same(doubled, np.ones(3)) == (True, False)
        """,
    )

    assert_passed(step)


def test_a_container_read_inside_a_callback_is_read_anew_after_it(check):
    step = check(
        """
        class Box:
            def __init__(self):
                self.items = {"n": 0}

            def run(self, f):
                self.items["n"] = 1
                first = f()
                self.items["n"] = 2
                return first, f()
        """,
        "box = Box()\nassert box.run(lambda: box.items['n']) == (1, 2)\nassert box.items['n'] == 2",
    )

    assert_passed(step)


def test_a_method_that_an_attribute_has_taken_the_place_of_is_not_called(check):
    step = check(
        """
        class Odd:
            def out(self):
                self.out = 3
                return 1
        """,
        """
        odd = Odd()
        assert odd.out() == 1
        try:
            odd.out()
        except TypeError:
            caught = True
        assert caught
        """,
    )

    assert_passed(step)


def test_an_object_that_is_told_twice_stays_until_nobody_holds_it(check):
    step = check(
        """
        class Net:
            def __init__(self): self.params = {"w": np.ones(2)}
            def step(self): return 1.0
        net = Net()
        """,
        """
        first = net.params
        net.step()
        second = net.params
        del first
        net.step()
        assert (second["w"] == 1).all() and "w" in second
        method = net.step
        net.step()
        again = net.step
        del method
        assert again() == 1.0
        """,
        names=["net", "Net"],
    )

    assert_passed(step)


def test_assignments_travel_with_the_next_question_as_they_were_made(check):
    step = check(
        "import numpy as np\n" + NET,
        """
        net, x, handed = Net(), np.ones((1, 2)), np.ones((2, 3))
        net.params["W1"] = handed
        handed[:] = 7.0  # changed after it was assigned
        net.params["b1"] = np.zeros(3)
        net.params["b1"] = np.full(3, 2.0)  # the later one counts
        assert net.loss(x) == 6.0 + 9.0
        net.params["W1"] = np.zeros((2, 3))
        big = np.ones(400_000)
        for i in range(3):
            net.params[f"big{i}"] = big + i  # more than may wait
        assert net.params["big2"][0] == 3.0 and net.params["W1"].sum() == 0.0 and len(net.params) == 5
        """,
        names=["Net"],
    )

    assert_passed(step)


def test_an_assignment_made_in_a_callback_is_there_when_the_student_goes_on(check):
    step = check(
        """
        class Net:
            def __init__(self): self.params = {"w": 1.0}
            def ask(self, f):
                f(self)
                return self.params["w"]
        """,
        """
        def change(net):
            net.params["w"] = 5.0
        assert Net().ask(change) == 5.0
        """,
        names=["Net"],
    )

    assert_passed(step)


@pytest.mark.parametrize("failing", ["forward", "backward", "neither"])
def test_passes_of_a_layer_make_one_journey_and_an_error_in_them_comes_through(check, failing):
    step = check(
        """
        def forward(x, w):
            if FAILING == "forward": raise ValueError("no forward")
            return x * w, (x, w)
        def backward(dout, cache):
            if FAILING == "backward": raise ValueError("no backward")
            x, w = cache
            return dout * w, dout * x
        """.replace("FAILING", repr(failing)),
        f"""
        from autograder.passes import passes
        x, w = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        try:
            found = passes(forward, backward, [(x, w), (w, x)], [np.ones(2), np.full(2, 2.0)])
        except ValueError as error:
            assert str(error) == "no {failing}"
        else:
            assert {failing!r} == "neither" and len(found) == 2
            (dx, dw), one = found[1].gradients, found[1]
            assert dx.tolist() == [2.0, 4.0] and dw.tolist() == [6.0, 8.0]
            assert one.out.tolist() == [3.0, 8.0] and one.kept == (True, True, True)
            assert 0 <= one.forward_seconds < 1 and 0 <= one.backward_seconds < 1
        """,
        names=["forward", "backward"],
    )

    assert_passed(step)


def test_passes_tell_what_came_before_the_student_changed_it(check):
    step = check(
        """
        buffer = np.zeros(2)
        def forward(x):
            out = 3 * x
            return out, out
        def backward(dout, cache):
            cache[:] = -1.0
            np.multiply(3.0, dout, out=buffer)
            return buffer
        """,
        """
        from autograder.passes import passes
        first, second = passes(forward, backward, [(np.ones(2),)] * 2, [np.ones(2), np.zeros(2)])
        assert first.out.tolist() == second.out.tolist() == [3.0, 3.0]
        assert first.gradients.tolist() == [3.0, 3.0] and second.gradients.tolist() == [0.0, 0.0]
        """,
        names=["forward", "backward"],
    )

    assert_passed(step)


@pytest.mark.parametrize(
    ("in_forward", "in_backward", "kept"),
    [
        ("pass", "pass", (True, True, True)),
        ("x += 1", "pass", (False, True, True)),
        ("w[0] = 9", "pass", (True, False, True)),
        ("pass", "dout *= 2", (True, True, False)),
        ("pass", "cache[0].fill(0)", (False, True, True)),
        ("x.shape = (1, 2)", "dout.shape = (2, 1)", (False, True, False)),
    ],
)
def test_passes_tell_which_arguments_were_left_as_they_were(check, in_forward, in_backward, kept):
    step = check(
        f"""
        def forward(x, w, times):
            {in_forward}
            return times * x * w, (x, w)
        def backward(dout, cache):
            {in_backward}
            return dout, dout
        """,
        f"""
        from autograder.passes import passes
        x, w, dout = np.ones(2), np.full(2, 3.0), np.ones(2)
        again = [array.copy() for array in (x, w, dout)]
        for one in passes(forward, backward, [(x, w, 2), (*again[:2], 3)], [dout, again[2]]):
            assert one.kept == {kept}, one.kept
        assert (x == 1).all() and (w == 3).all() and (dout == 1).all()
        """,
        names=["forward", "backward"],
    )

    assert_passed(step)


def test_a_program_far_away_tells_copies_and_changes_of_what_was_given(check):
    step = check(
        "def grow(x): x += 1; return x\ndef look(x): return x.sum()",
        """
        run = type(grow).__autograder_programs__
        def program(f, x):
            return [
                ("given", None, x), ("copied", 0), ("call", f, [None], {0: 0}), ("kept", 0, x.copy()), ("gather", None, [0, 1, 3])
            ]
        x = np.zeros(2)
        changed, same = run(grow, [program(grow, x), program(look, np.zeros(2))])
        assert [one.tolist() if type(one) is np.ndarray else one for one in changed] == [[1, 1], [0, 0], False]
        assert same[2] is True and (x == 0).all()
        """,
        names=["grow", "look"],
    )

    assert_passed(step)


def test_a_named_tuple_is_a_tuple_and_stays_the_students_own(check):
    step = check(
        """
        from collections import namedtuple
        from typing import NamedTuple
        Cache = namedtuple("Cache", "x w")
        Gradients = namedtuple("Gradients", "dx dw")
        class Shift(NamedTuple):
            by: float = 2.0
            def forward(self, x): return x + self.by
        def forward(x, w): return x * w, Cache(x, w)
        def backward(dout, cache): return Gradients(dout * cache.w, dout * cache.x)
        """,
        """
        import copy
        x, w = np.arange(3.0), np.full(3, 2.0)
        out, cache = forward(x, w)
        assert isinstance(cache, tuple) and len(cache) == 2 and (cache[1] == w).all()
        result = backward(np.ones(3), copy.deepcopy(cache))
        assert isinstance(result, tuple)
        dx, dw = result
        assert (dx == w).all() and (dw == x).all() and (result.dx == w).all()
        assert Shift().forward(1.0) == 3.0
        """,
        names=["forward", "backward", "Shift"],
    )

    assert_passed(step)


def test_a_named_tuple_that_lies_is_the_answer_it_gives(check):
    step = check(
        """
        class Odd(tuple):
            def __iter__(self): raise SystemExit
            def __len__(self): return 10**9
        def f(): return Odd((1, 2))
        def g():
            own = []
            own.append(Odd((own,)))
            return own
        def deep():
            value = Odd(())
            for _ in range(5000): value = Odd((value,))
            return value
        """,
        """
        import contextlib
        result = f()
        assert tuple(result) == (1, 2) and len(result) == 2
        with contextlib.suppress(Exception):  # one that contains itself may be refused
            g()
        with contextlib.suppress(Exception):
            deep()
        assert tuple(f()) == (1, 2)
        """,
    )

    assert_passed(step)
