"""Typical wrong answers to the gates notebook, with the diagnosis each must receive, and unusual right ones."""

import math

import numpy as np

from autograder.course.answers import edit, variant, wrong

# -- AddGate

edit("AddGate", "return x + y", "return x * y", mistake="multiplied")
edit("AddGate", "return upstream, upstream", "return 1.0, 1.0", mistake="upstream_forgotten")
edit("AddGate", "return upstream, upstream", "return upstream / 2, upstream / 2", mistake="shared_out")
edit("AddGate", "return upstream, upstream", "return upstream", mistake="wrong_count")
edit("AddGate", "return upstream, upstream", "dx, dy = upstream, upstream", mistake="returned_nothing")
edit("AddGate", "return upstream, upstream", "return upstream, -upstream", mistake="sign_flipped")
edit("AddGate", "return upstream, upstream", "return upstream + 1, upstream + 1", mistake="upstream_added")


@wrong("scaled_by_own_input")
class AddGate:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x + y

    def backward(self, upstream):
        return upstream * self.x, upstream * self.y


@wrong("used_the_multiply_rule")
class AddGate:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x + y

    def backward(self, upstream):
        dx = self.y * upstream
        dy = self.x * upstream
        return [dx, dy]


# -- MultiplyGate

edit("MultiplyGate", "return x * y", "return x + y", mistake="added")
edit("MultiplyGate", "upstream * self.y, upstream * self.x", "upstream * self.x, upstream * self.y", mistake="not_swapped")
edit("MultiplyGate", "upstream * self.y, upstream * self.x", "self.y, self.x", mistake="upstream_forgotten")
edit("MultiplyGate", "upstream * self.y, upstream * self.x", "upstream, upstream", mistake="local_forgotten")
edit("MultiplyGate", "upstream * self.y, upstream * self.x", "upstream + self.y, upstream + self.x", mistake="upstream_added")
edit("MultiplyGate", "upstream * self.y, upstream * self.x", "-upstream * self.y, -upstream * self.x", mistake="sign_flipped")
edit("MultiplyGate", "return upstream * self.y, upstream * self.x", "dx, dy = upstream * self.y, upstream * self.x", mistake="returned_nothing")
edit("MultiplyGate", "return upstream * self.y, upstream * self.x", "return upstream * self.y", mistake="wrong_count")
edit("MultiplyGate", "upstream * self.y, upstream * self.x", "upstream * upstream * self.y, upstream * upstream * self.x", mistake="upstream_twice")
edit("MultiplyGate", "self.x, self.y = x, y", "x, y = x, y", mistake="attribute_missing")
edit("MultiplyGate", "self.x, self.y = x, y", "self.__dict__.setdefault('x', x), self.__dict__.setdefault('y', y)", mistake="kept_from_the_first_run")


edit("MultiplyGate", "upstream * self.y, upstream * self.x", "upstream * y, upstream * x", mistake="undefined_name")
edit("MultiplyGate", "def backward(self, upstream)", "def backward(upstream)", mistake="signature_changed")
edit("MultiplyGate", "def forward(self, x, y)", "def forward(x, y)", mistake="signature_changed")


@wrong("scaled_by_both")
class MultiplyGate:
    def forward(self, x, y):
        self.out = x * y
        return self.out

    def backward(self, upstream):
        return upstream * self.out, upstream * self.out


@wrong("shared_between_gates")
class MultiplyGate:
    def forward(self, x, y):
        MultiplyGate.x, MultiplyGate.y = x, y
        return x * y

    def backward(self, upstream):
        return upstream * MultiplyGate.y, upstream * MultiplyGate.x


@wrong("shared_between_gates")
class MultiplyGate:
    cache = []

    def forward(self, x, y):
        self.cache[:] = [x, y]
        return x * y

    def backward(self, upstream):
        x, y = self.cache
        return upstream * y, upstream * x


@wrong("division_by_zero")
class MultiplyGate:
    """Right until a factor is 0."""

    def forward(self, x, y):
        self.x, self.y, self.out = x, y, x * y
        return self.out

    def backward(self, upstream):
        return upstream * self.out / self.x, upstream * self.out / self.y


# -- MaxGate

edit("MaxGate", "return x if self.x_is_larger else y", "return y if self.x_is_larger else x", mistake="took_the_smaller")
edit("MaxGate", "(upstream, 0.0) if self.x_is_larger else (0.0, upstream)", "(0.0, upstream) if self.x_is_larger else (upstream, 0.0)", mistake="routed_to_the_smaller")
edit("MaxGate", "(upstream, 0.0) if self.x_is_larger else (0.0, upstream)", "(upstream, upstream)", mistake="sent_to_both")
edit("MaxGate", "(upstream, 0.0) if self.x_is_larger else (0.0, upstream)", "(1.0, 0.0) if self.x_is_larger else (0.0, 1.0)", mistake="upstream_forgotten")
edit("MaxGate", "(upstream, 0.0) if self.x_is_larger else (0.0, upstream)", "upstream", mistake="wrong_count")
edit("MaxGate", "return (upstream, 0.0) if self.x_is_larger else (0.0, upstream)", "pass", mistake="returned_nothing")
edit("MaxGate", "(upstream, 0.0) if self.x_is_larger else (0.0, upstream)", "(upstream / 2, upstream / 2)", mistake="shared_out")


@wrong("compared_sizes")
class MaxGate:
    def forward(self, x, y):
        self.mask = abs(x) > abs(y)
        return x if self.mask else y

    def backward(self, upstream):
        return upstream * self.mask, upstream * (not self.mask)


@wrong("scaled_by_the_input")
class MaxGate:
    def forward(self, x, y):
        self.x, self.y = x, y
        return max(x, y)

    def backward(self, upstream):
        if self.x > self.y:
            return upstream * self.x, 0
        return 0, upstream * self.y


@wrong("routed_alike")
class MaxGate:
    def forward(self, x, y):
        global mask
        mask = x > y
        return max(x, y)

    def backward(self, upstream):
        return upstream * mask, upstream * (1 - mask)


@wrong("compared_sizes")
class MaxGate:
    def forward(self, x, y):
        self.x, self.y = x, y
        return max(x, y)

    def backward(self, upstream):
        if np.abs(self.x) >= np.abs(self.y):
            return upstream, 0.0
        return 0.0, upstream


# -- eval_numerical_gradient

edit("eval_numerical_gradient", "x[i] = kept - h\n        below", "x[i] = kept\n        below", mistake="one_sided")
edit("eval_numerical_gradient", "/ (2 * h)", "/ h", mistake="divided_by_h")
edit("eval_numerical_gradient", "/ (2 * h)", "/ 2 * h", mistake="brackets_missing")
edit("eval_numerical_gradient", "(above - below) / (2 * h)", "above - below / (2 * h)", mistake="brackets_missing")
edit("eval_numerical_gradient", "        x[i] = kept\n        gradient", "        gradient", mistake="not_restored")
edit("eval_numerical_gradient", "x = np.array(x, dtype=float)", "x = x.copy()", mistake="integer_array")
edit("eval_numerical_gradient", "np.zeros(x.shape)", "np.zeros(x.shape, dtype=int)", mistake="integer_result")
edit("eval_numerical_gradient", "    return gradient", "    return gradient.ravel()", mistake="flattened")
edit("eval_numerical_gradient", "    return gradient", "    gradient", mistake="returned_nothing")
edit("eval_numerical_gradient", "        gradient[i] = (above - below) / (2 * h)\n    return gradient", "        gradient[i] = (above - below) / (2 * h)\n        return gradient", mistake="returned_too_early")
edit("eval_numerical_gradient", "(above - below)", "(below - above)", mistake="sign_flipped")
edit("eval_numerical_gradient", "(above - below) / (2 * h)", "(above - below)", mistake="not_divided")


@wrong("one_sided")
def eval_numerical_gradient(f, x, h=1e-5):
    fx = f(x)
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index
        old = x[ix]
        x[ix] = old + h
        grad[ix] = (f(x) - fx) / h
        x[ix] = old
        it.iternext()
    return grad


@wrong("one_sided")
def eval_numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        down = x.copy()
        down[i] -= h
        grad[i] = (f(x) - f(down)) / h
    return grad


@wrong("all_entries_moved")
def eval_numerical_gradient(f, x, h=1e-5):
    slope = (f(x + h) - f(x - h)) / (2 * h)
    return slope * np.ones(x.shape)


@wrong("all_entries_moved")
def eval_numerical_gradient(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


@wrong("not_restored")
def eval_numerical_gradient(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        below = f(x)
        grad[i] = (above - below) / (2 * h)
    return grad


@wrong("step_ignored")
def eval_numerical_gradient(f, x, h=1e-5):
    h = 1e-5
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


@wrong("integer_result")
def eval_numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    x = x.astype(float)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        above = f(x)
        x[i] = old - h
        below = f(x)
        x[i] = old
        grad[i] = (above - below) / (2 * h)
    return grad


# -- rel_error

edit("rel_error", "np.max(", "np.mean(", mistake="averaged")
edit("rel_error", "np.max(", "np.sum(", mistake="added_up")
edit("rel_error", "np.max(", "np.min(", mistake="smallest_taken")
edit("rel_error", "np.max(np.abs(a - n) / np.maximum(1e-8, np.abs(a) + np.abs(n)))", "np.linalg.norm(a - n) / max(1e-8, np.linalg.norm(a) + np.linalg.norm(n))", mistake="norms_compared")
edit("rel_error", "np.max(np.abs(a - n) / np.maximum(1e-8, np.abs(a) + np.abs(n)))", "np.abs(a - n) / np.maximum(1e-8, np.abs(a) + np.abs(n))", mistake="all_entries_returned")
edit("rel_error", "np.abs(a - n)", "(a - n)", mistake="sign_kept")
edit("rel_error", "np.abs(a) + np.abs(n)", "np.abs(a + n)", mistake="signs_cancel")
edit("rel_error", "np.abs(a) + np.abs(n)", "np.maximum(np.abs(a), np.abs(n))", mistake="another_denominator")
edit("rel_error", "np.abs(a) + np.abs(n)", "np.abs(n)", mistake="another_denominator")
edit("rel_error", "np.maximum(1e-8, np.abs(a) + np.abs(n))", "(np.abs(a) + np.abs(n) + 1e-8)", mistake="floor_added")
edit("rel_error", "np.maximum(1e-8, np.abs(a) + np.abs(n))", "(np.abs(a) + np.abs(n))", mistake="floor_missing")
edit("rel_error", " / np.maximum(1e-8, np.abs(a) + np.abs(n))", "", mistake="absolute")
edit("rel_error", "np.max(np.abs(a - n) / np.maximum(1e-8, np.abs(a) + np.abs(n)))", "np.max(np.abs(a - n)) / np.max(np.maximum(1e-8, np.abs(a) + np.abs(n)))", mistake="ratio_of_maxima")
edit("rel_error", "return ", "error = ", mistake="returned_nothing")

# -- ReciprocalGate

edit("ReciprocalGate", "-upstream / self.x**2", "upstream / self.x**2", mistake="sign_flipped")
edit("ReciprocalGate", "-upstream / self.x**2", "-upstream / self.x", mistake="square_forgotten")
edit("ReciprocalGate", "-upstream / self.x**2", "-upstream / self.x * self.x", mistake="brackets_missing")
edit("ReciprocalGate", "-upstream / self.x**2", "-1 / self.x**2", mistake="upstream_forgotten")
edit("ReciprocalGate", "-upstream / self.x**2", "upstream", mistake="local_forgotten")
edit("ReciprocalGate", "-upstream / self.x**2", "upstream * np.log(np.abs(self.x))", mistake="integrated")
edit("ReciprocalGate", "-upstream / self.x**2", "upstream - 1 / self.x**2", mistake="upstream_added")
edit("ReciprocalGate", "return -upstream / self.x**2", "dx = -upstream / self.x**2", mistake="returned_nothing")
edit("ReciprocalGate", "return 1 / x", "1 / x", mistake="returned_nothing")
edit("ReciprocalGate", "return 1 / x", "return 1 // x", mistake="floor_divided")


@wrong("output_for_input")
class ReciprocalGate:
    def forward(self, x):
        self.out = 1.0 / x
        return self.out

    def backward(self, upstream):
        return -1.0 / self.out**2 * upstream


@wrong("shared_between_gates")
class ReciprocalGate:
    def forward(self, x):
        ReciprocalGate.x = x
        return 1.0 / x

    def backward(self, upstream):
        return -upstream / ReciprocalGate.x**2


# -- ExpGate

edit("ExpGate", "np.exp(x)", "2.718**x", mistake="rounded_e")
edit("ExpGate", "np.exp(x)", "np.exp(-x)", mistake="exponent_sign")
edit("ExpGate", "upstream * self.out", "self.out", mistake="upstream_forgotten")
edit("ExpGate", "return upstream * self.out", "return upstream", mistake="local_forgotten")
edit("ExpGate", "upstream * self.out", "upstream + self.out", mistake="upstream_added")
edit("ExpGate", "upstream * self.out", "-upstream * self.out", mistake="sign_flipped")
edit("ExpGate", "upstream * self.out", "np.exp(upstream) * upstream", mistake="exp_of_upstream")
edit("ExpGate", "return self.out\n", "self.out\n", mistake="returned_nothing")


@wrong("scaled_by_the_input")
class ExpGate:
    def forward(self, x):
        self.x = x
        return np.exp(x)

    def backward(self, upstream):
        return upstream * self.x


@wrong("power_rule")
class ExpGate:
    def forward(self, x):
        self.x = x
        return np.exp(x)

    def backward(self, upstream):
        return upstream * self.x * np.exp(self.x - 1)


@wrong("chain_twice")
class ExpGate:
    def forward(self, x):
        self.x = x
        return np.exp(x)

    def backward(self, upstream):
        return upstream * self.x * np.exp(self.x)


# -- SigmoidNeuron

edit("SigmoidNeuron", " + w[2]", "", mistake="bias_forgotten")
edit("SigmoidNeuron", "dz * self.x[1], dz]", "dz * self.x[1], 0.0]", mistake="bias_forgotten")
edit("SigmoidNeuron", "dz * self.x[1], dz]", "dz * self.x[1], 1.0]", mistake="bias_cut_off")
edit("SigmoidNeuron", "dz * self.x[1], dz]", "dz * self.x[1], upstream]", mistake="bias_cut_off")
edit("SigmoidNeuron", "dz * self.x[1], dz]", "dz * self.x[1]]", mistake="bias_forgotten")
edit("SigmoidNeuron", "dz * self.x[1], dz]", "dz * self.x[1], dz * self.w[2]]", mistake="bias_scaled")
edit("SigmoidNeuron", "[dz * self.w[0], dz * self.w[1]]", "[dz * self.x[0], dz * self.x[1]]", mistake="not_swapped")
edit("SigmoidNeuron", "[dz * self.x[0], dz * self.x[1], dz]", "[dz * self.w[0], dz * self.w[1], dz * self.w[2]]", mistake="not_swapped")
edit("SigmoidNeuron", "return dx, dw", "return dw, dx", mistake="wrong_order")
edit("SigmoidNeuron", "return dx, dw", "return dw", mistake="wrong_count")
edit("SigmoidNeuron", "return dx, dw", "pass", mistake="returned_nothing")
edit("SigmoidNeuron", "dc = -upstream / self.c**2", "dc = -1.0 / self.c**2", mistake="upstream_forgotten")
edit("SigmoidNeuron", "dc = -upstream / self.c**2", "dc = -upstream / self.c", mistake="square_forgotten")
edit("SigmoidNeuron", "dc = -upstream / self.c**2", "dc = upstream / self.c**2", mistake="sign_flipped")
edit("SigmoidNeuron", "dz = -da", "dz = da", mistake="sign_flipped")
edit("SigmoidNeuron", "da = db * self.b", "da = db", mistake="exp_forgotten")
edit("SigmoidNeuron", "dc = -upstream / self.c**2", "dc = -upstream * self.c**2", mistake="output_for_input")


@wrong("not_squashed")
class SigmoidNeuron:
    def forward(self, x, w):
        self.x, self.w = x, w
        return w[0] * x[0] + w[1] * x[1] + w[2]

    def backward(self, upstream):
        return upstream * self.w[:2], upstream * np.array([self.x[0], self.x[1], 1.0])


@wrong("sigmoid_skipped")
class SigmoidNeuron:
    def forward(self, x, w):
        self.x, self.w = x, w
        return 1 / (1 + np.exp(-(w[:2] @ x + w[2])))

    def backward(self, upstream):
        return upstream * self.w[:2], upstream * np.append(self.x, 1.0)


@wrong("exponent_sign")
class SigmoidNeuron:
    def forward(self, x, w):
        self.x, self.w = x, w
        self.s = 1 / (1 + np.exp(w[0] * x[0] + w[1] * x[1] + w[2]))
        return self.s

    def backward(self, upstream):
        dz = upstream * self.s * (1 - self.s)
        return dz * self.w[:2], dz * np.array([self.x[0], self.x[1], 1.0])


# -- SigmoidGate

edit("SigmoidGate", "np.exp(-x)", "np.exp(x)", mistake="exponent_sign")
edit("SigmoidGate", "upstream * (1 - self.s) * self.s", "upstream * (1 - self.s)", mistake="one_factor_forgotten")
edit("SigmoidGate", "upstream * (1 - self.s) * self.s", "upstream * self.s", mistake="one_factor_forgotten")
edit("SigmoidGate", "upstream * (1 - self.s) * self.s", "upstream * self.s * 1 - self.s", mistake="brackets_missing")
edit("SigmoidGate", "upstream * (1 - self.s) * self.s", "upstream * (1 - self.s**2)", mistake="slope_of_tanh")
edit("SigmoidGate", "upstream * (1 - self.s) * self.s", "(1 - self.s) * self.s", mistake="upstream_forgotten")
edit("SigmoidGate", "upstream * (1 - self.s) * self.s", "upstream * (self.s - 1) * self.s", mistake="sign_flipped")
edit("SigmoidGate", "upstream * (1 - self.s) * self.s", "upstream + (1 - self.s) * self.s", mistake="upstream_added")
edit("SigmoidGate", "return upstream * (1 - self.s) * self.s", "return upstream", mistake="local_forgotten")
edit("SigmoidGate", "return upstream * (1 - self.s) * self.s", "dx = upstream * (1 - self.s) * self.s", mistake="returned_nothing")


edit("SigmoidGate", "(1 - self.s) * self.s", "(1 - s) * s", mistake="undefined_name")


@wrong("input_for_output")
class SigmoidGate:
    def forward(self, x):
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, upstream):
        return upstream * (1 - self.x) * self.x


@wrong("squashed_twice")
class SigmoidGate:
    def forward(self, x):
        self.s = 1 / (1 + np.exp(-x))
        return self.s

    def backward(self, upstream):
        t = 1 / (1 + np.exp(-self.s))
        return upstream * (1 - t) * t


# -- Graph

edit("Graph", "self.gradients[source] += gradient", "self.gradients[source] = gradient", mistake="overwritten")
edit("Graph", "dict.fromkeys(self.values, 0.0)", "dict.fromkeys(self.values, 1.0)", mistake="not_started_at_zero")
edit("Graph", "dict.fromkeys(self.values, 0.0)", "dict.fromkeys(self.values, upstream)", mistake="not_started_at_zero")
edit("Graph", "[0]] = upstream", "[0]] = 1.0", mistake="upstream_ignored")
edit("Graph", "gate.backward(self.gradients[name])", "gate.backward(1.0)", mistake="local_only")
edit("Graph", "gate.backward(self.gradients[name])", "gate.backward(upstream)", mistake="local_only")
edit("Graph", "in reversed(self.nodes)", "in self.nodes", mistake="not_reversed")
edit("Graph", "in reversed(self.nodes)", "in self.nodes[:0:-1]", mistake="not_reversed")
edit("Graph", "return self.values[name]", "return self.values", mistake="not_numbers")
edit("Graph", "        return self.values[name]", "        self.values[name]", mistake="returned_nothing")
edit("Graph", "        return self.gradients", "        pass", mistake="returned_nothing")
edit("Graph", "self.values[name] = gate", "name = gate", mistake="key_missing")
edit("Graph", "        self.gradients = dict.fromkeys(self.values, 0.0)\n", "        for name in self.values:\n            self.gradients.setdefault(name, 0.0)\n", mistake="not_reset")


edit("Graph", "return self.values[name]", "return values[name]", mistake="undefined_name")
edit("Graph", "*(self.values[source] for source in sources)", "self.values[source] for source in sources", mistake="signature_changed")


@wrong("first_gradient_for_both")
class Graph:
    def __init__(self, nodes):
        self.nodes = list(nodes)
        self.values = {}
        self.gradients = {}

    def forward(self, **inputs):
        self.values = dict(inputs)
        for name, gate, sources in self.nodes:
            self.values[name] = gate.forward(*[self.values[s] for s in sources])
        return self.values[self.nodes[-1][0]]

    def backward(self, upstream=1.0):
        self.gradients = {name: 0.0 for name in self.values}
        self.gradients[self.nodes[-1][0]] = upstream
        for name, gate, sources in self.nodes[::-1]:
            gradient = np.ravel(gate.backward(self.gradients[name]))[0]
            for source in sources:
                self.gradients[source] += gradient
        return self.gradients


@wrong("overwritten")
class Graph:
    def __init__(self, nodes):
        self.nodes = list(nodes)
        self.values = {}
        self.gradients = {}

    def forward(self, **inputs):
        for name in inputs:
            self.values[name] = inputs[name]
        for name, gate, sources in self.nodes:
            self.values[name] = gate.forward(*[self.values[s] for s in sources])
        return self.values[self.nodes[-1][0]]

    def backward(self, upstream=1.0):
        self.gradients = {self.nodes[-1][0]: upstream}
        for name, gate, sources in reversed(self.nodes):
            gradients = gate.backward(self.gradients[name])
            if len(sources) == 2:
                self.gradients[sources[0]], self.gradients[sources[1]] = gradients
            else:
                self.gradients[sources[0]] = gradients
        return self.gradients


# -- unusual right answers


@variant("lists returned instead of pairs, values kept in a dict")
class _:
    class AddGate:
        def forward(self, x, y):
            self.cache = {"x": x, "y": y}
            return self.cache["x"] + self.cache["y"]

        def backward(self, upstream):
            return [1.0 * upstream, 1.0 * upstream]

    class MultiplyGate:
        def forward(self, x, y):
            self.cache = {"x": x, "y": y}
            return x * y

        def backward(self, upstream):
            dx = upstream * self.cache["y"]
            dy = upstream * self.cache["x"]
            return [dx, dy]

    class MaxGate:
        def forward(self, x, y):
            self.cache = {"x": x, "y": y}
            return max(x, y)

        def backward(self, upstream):
            grads = [0, 0]
            grads[0 if self.cache["x"] >= self.cache["y"] else 1] = upstream
            return grads


@variant("arrays returned, NumPy everywhere")
class _:
    class AddGate:
        def forward(self, x, y):
            return np.add(x, y)

        def backward(self, upstream):
            return np.array([1.0, 1.0]) * upstream

    class MultiplyGate:
        def forward(self, x, y):
            self.inputs = np.array([x, y])
            return np.prod(self.inputs)

        def backward(self, upstream):
            return tuple(upstream * self.inputs[::-1])

    class MaxGate:
        def forward(self, x, y):
            self.mask = np.array([x, y]) == np.max([x, y])
            return np.max([x, y])

        def backward(self, upstream):
            both = np.where(self.mask, upstream / self.mask.sum(), 0.0)
            return both[0], both[1]


@variant("math instead of NumPy, output kept rather than input")
class _:
    class ReciprocalGate:
        def forward(self, x):
            self.out = x ** (-1)
            return self.out

        def backward(self, upstream):
            return upstream * (-self.out * self.out)

    class ExpGate:
        def forward(self, x):
            import math

            self.x = x
            return math.exp(x)

        def backward(self, upstream):
            import math

            local = math.exp(self.x)
            return local * upstream

    class SigmoidGate:
        def forward(self, x):
            import math

            self.x = x
            return math.exp(x) / (math.exp(x) + 1)

        def backward(self, upstream):
            import math

            return upstream * math.exp(-self.x) / (1 + math.exp(-self.x)) ** 2


@variant("a tuple of one from gates with one input, and a graph that takes both")
class _:
    class ReciprocalGate:
        def __init__(self):
            self.x = None

        def forward(self, x):
            self.x = x
            return 1.0 / x

        def backward(self, upstream):
            return (-upstream / (self.x * self.x),)

    class ExpGate:
        def __init__(self, name="exp"):
            self.name = name

        def forward(self, x):
            self.out = np.exp(x)
            return self.out

        def backward(self, upstream):
            return [self.out * upstream]

    class Graph:
        def __init__(self, nodes):
            self.nodes = list(nodes)
            self.values = {}
            self.gradients = {}

        def forward(self, **inputs):
            self.values.clear()
            self.values.update(inputs)
            for node in self.nodes:
                args = [self.values[k] for k in node[2]]
                self.values[node[0]] = node[1].forward(*args)
            return self.values[self.nodes[-1][0]]

        def backward(self, upstream=1.0):
            from collections import defaultdict

            grads = defaultdict(float)
            grads[self.nodes[-1][0]] += upstream
            for name, gate, sources in self.nodes[::-1]:
                out = np.atleast_1d(gate.backward(grads[name]))
                for k, source in enumerate(sources):
                    grads[source] = grads[source] + out[k]
            self.gradients = grads
            return self.gradients


@variant("helper function, one stored tuple, printing on the way")
class _:
    def sigmoid(z):
        return 1.0 / (1.0 + np.exp(-z))

    class SigmoidGate:
        def forward(self, x):
            print("forward", x)
            self.cache = (x, sigmoid(x))
            return self.cache[1]

        def backward(self, upstream):
            x, s = self.cache
            print("backward", upstream)
            return upstream * (s - s**2)

    class SigmoidNeuron:
        def forward(self, x, w):
            self.cache = (x, w)
            print("x", x, "w", w)
            return sigmoid(np.dot(np.append(x, 1.0), w))

        def backward(self, upstream):
            x, w = self.cache
            s = sigmoid(np.dot(np.append(x, 1.0), w))
            dz = upstream * s * (1 - s)
            return dz * w[:-1], dz * np.append(x, 1.0)


@variant("the neuron out of gates, gradients as lists")
class SigmoidNeuron:
    def forward(self, x, w):
        x0, x1 = x
        w0, w1, w2 = w
        self.mul0, self.mul1 = MultiplyGate(), MultiplyGate()
        self.add0, self.add1, self.sigmoid = AddGate(), AddGate(), None
        z = self.add1.forward(self.add0.forward(self.mul0.forward(w0, x0), self.mul1.forward(w1, x1)), w2)
        self.exp, self.inverse = ExpGate(), ReciprocalGate()
        return self.inverse.forward(1.0 + self.exp.forward(-z))

    def backward(self, upstream):
        dz = -self.exp.backward(self.inverse.backward(upstream))
        dsum, dw2 = self.add1.backward(dz)
        da, db = self.add0.backward(dsum)
        dw0, dx0 = self.mul0.backward(da)
        dw1, dx1 = self.mul1.backward(db)
        return [dx0, dx1], [dw0, dw1, dw2]


@variant("kept size-1 axes and in-place work on arguments")
class _:
    class SigmoidNeuron:
        def forward(self, x, w):
            self.x = np.append(x, 1.0).reshape(1, 3)
            self.w = w.reshape(3, 1).copy()
            w *= 0.0
            self.s = 1 / (1 + np.exp(-(self.x @ self.w)))
            return self.s

        def backward(self, upstream):
            upstream = upstream * self.s * (1 - self.s)
            return (upstream * self.w[:2].T), (upstream * self.x)

    def eval_numerical_gradient(f, x, h=1e-5):
        x = np.asarray(x)
        if x.dtype.kind != "f":
            x = x * 1.0
        grad = np.zeros((1, *x.shape))
        it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
        while not it.finished:
            ix = it.multi_index
            oldval = x[ix]
            x[ix] = oldval + h
            fxph = f(x)
            x[ix] = oldval - h
            fxmh = f(x)
            x[ix] = oldval
            grad[(0, *ix)] = (fxph - fxmh) / (2 * h)
            it.iternext()
        return grad


@variant("one row of an identity matrix per nudge; loops in rel_error")
class _:
    def eval_numerical_gradient(f, x, h=1e-5):
        x = np.asarray(x, dtype=np.float64)

        def slope(nudge):
            return (f(x + h * nudge) - f(x - h * nudge)) / (h + h)

        return np.array([slope(nudge.reshape(x.shape)) for nudge in np.eye(x.size)]).reshape(x.shape)

    def rel_error(a, n):
        largest = 0.0
        for p, q in zip(np.ravel(a), np.ravel(n)):
            error = abs(p - q) / max(1e-8, abs(p) + abs(q))
            if error > largest:
                largest = error
        return largest


@variant("recursive graph, gradients gathered before they are sent on")
class Graph:
    def __init__(self, nodes, verbose=False):
        self.nodes = list(nodes)
        self.values = {}
        self.gradients = {}
        self.verbose = verbose

    def forward(self, **inputs):
        self.values = inputs
        gates = {name: (gate, sources) for name, gate, sources in self.nodes}

        def value(name):
            if name not in self.values:
                gate, sources = gates[name]
                self.values[name] = gate.forward(*map(value, sources))
            return self.values[name]

        return [value(name) for name, _, _ in self.nodes][-1]

    def backward(self, upstream=1.0):
        last = self.nodes[-1][0]
        arrived = {name: [] for name in self.values}
        arrived[last].append(upstream)
        for name, gate, sources in reversed(self.nodes):
            result = gate.backward(sum(arrived[name]))
            if not isinstance(result, (tuple, list, np.ndarray)):
                result = [result]
            for source, gradient in zip(sources, result):
                arrived[source].append(gradient)
        self.gradients = {name: sum(gradients) for name, gradients in arrived.items()}
        return self.gradients


@variant("functions assigned in the class body")
class _:
    class AddGate:
        forward = lambda self, x, y: x + y
        backward = lambda self, upstream: (upstream,) * 2

    class MultiplyGate:
        forward = lambda self, x, y: setattr(self, "kept", (x, y)) or x * y
        backward = lambda self, upstream: tuple(upstream * value for value in reversed(self.kept))

    class MaxGate:
        forward = lambda self, x, y: setattr(self, "kept", x > y) or (x if x > y else y)
        backward = lambda self, upstream: (upstream * self.kept, upstream * (not self.kept))


@variant("dataclass, slots, inheritance, and every local kept at once")
class _:
    from dataclasses import dataclass

    class Binary:
        def remember(self, **kept):
            self.__dict__.update(kept)

    class AddGate(Binary):
        def forward(self, x, y):
            self.remember(**{"x": x, "y": y})
            return self.x + self.y

        def backward(self, upstream):
            return np.full(2, upstream)

    @dataclass
    class MultiplyGate:
        x: float = 0.0
        y: float = 0.0

        def forward(self, x, y):
            self.x, self.y = float(x), float(y)
            return self.x * self.y

        def backward(self, upstream):
            return tuple(map(lambda other: other * upstream, (self.y, self.x)))

    class MaxGate:
        __slots__ = ("winner",)

        def forward(self, x, y):
            self.winner = int(np.argmax([x, y]))
            return [x, y][self.winner]

        def backward(self, upstream):
            return tuple(upstream * np.eye(2)[self.winner])

    class ExpGate:
        def forward(self, x):
            self.backward = lambda upstream: upstream * np.exp(x)
            return np.exp(x)


@variant("gradient as nested lists, a relative error with an axis of length 1")
class _:
    def eval_numerical_gradient(f, x, h=1e-5):
        x = np.asarray(x)

        def walk(prefix):
            if len(prefix) == x.ndim:
                up, down = x.astype(float), x.astype(float)
                up[prefix] += h
                down[prefix] -= h
                return (f(up) - f(down)) / (up[prefix] - down[prefix])
            return [walk((*prefix, k)) for k in range(x.shape[len(prefix)])]

        return walk(())

    def rel_error(a, n):
        a, n = np.ravel(a), np.ravel(n)
        errors = np.abs(a - n) / np.where(np.abs(a) + np.abs(n) > 1e-8, np.abs(a) + np.abs(n), 1e-8)
        return np.sort(errors)[-1:]


@variant("a graph that sorts its nodes itself and keeps numbers in a dict of its own kind")
class _:
    class Numbers(dict):
        def __missing__(self, name):
            return 0.0

    class Graph:
        def __init__(self, nodes):
            nodes, ordered = list(nodes), []
            names = {name for name, _, _ in nodes}
            while nodes:
                done = {name for name, _, _ in ordered}
                ready = [node for node in nodes if all(s in done or s not in names for s in node[2])]
                ordered += ready
                nodes = [node for node in nodes if node not in ready]
            self.nodes = ordered
            self.values, self.gradients = Numbers(), Numbers()

        def forward(self, **inputs):
            self.values = Numbers(inputs)
            for name, gate, sources in self.nodes:
                self.values[name] = gate.forward(*[self.values.get(source) for source in sources])
            return self.values[self.nodes[-1][0]]

        def backward(self, upstream=1.0):
            self.gradients = Numbers({self.nodes[-1][0]: upstream})
            for name, gate, sources in self.nodes[::-1]:
                result = gate.backward(self.gradients[name])
                result = result if len(sources) > 1 else [result]
                for source, gradient in zip(sources, result):
                    self.gradients[source] += float(gradient)
            return self.gradients


# ---------------------------------------------------------------- kept between calls, orders, guards, slips
@wrong("kept_from_the_first_run")
class AddGate:
    def __init__(self):
        self.dx = self.dy = 0.0

    def forward(self, x, y):
        return x + y

    def backward(self, upstream):
        self.dx += upstream
        self.dy += upstream
        return self.dx, self.dy


@wrong("upstream_asked")
class MaxGate:
    def forward(self, x, y):
        return max(x, y)

    def backward(self, upstream):
        return (upstream, 0.0) if upstream > 0 else (0.0, upstream)


@wrong("whole_rows_moved")
def eval_numerical_gradient(f, x, h=1e-5):
    grad = np.zeros(x.shape)
    for i in range(len(x)):
        step = np.zeros(x.shape)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


@wrong("array_as_condition")
def rel_error(a, n):
    return np.max(np.abs(a - n) / max(1e-8, np.abs(a) + np.abs(n)))


@wrong("guard_added")
class ReciprocalGate:
    def forward(self, x):
        self.x = x
        return 1 / (x + 1e-8)

    def backward(self, upstream):
        return -upstream / self.x**2


@wrong("sent_on_too_early")
class Graph:
    def __init__(self, nodes):
        self.nodes = list(nodes)
        self.values = {}
        self.gradients = {}

    def forward(self, **inputs):
        self.values = dict(inputs)
        for name, gate, sources in self.nodes:
            self.values[name] = gate.forward(*[self.values[source] for source in sources])
        return self.values[name]

    def backward(self, upstream=1.0):
        made_by = {name: (gate, sources) for name, gate, sources in self.nodes}
        self.gradients = dict.fromkeys(self.values, 0.0)

        def send(name, gradient):
            self.gradients[name] += gradient
            if name in made_by:
                gate, sources = made_by[name]
                down = gate.backward(self.gradients[name])
                for source, part in zip(sources, down if len(sources) == 2 else (down,)):
                    send(source, part)

        send(self.nodes[-1][0], upstream)
        return self.gradients


@variant("one number as an array of one entry")
class ReciprocalGate:
    def forward(self, x):
        self.slope = -1 / (x * x)
        return 1 / x

    def backward(self, upstream):
        return np.array([upstream * self.slope])
