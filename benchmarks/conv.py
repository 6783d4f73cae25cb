"""How fast the notebook's convolution is, as ratios within one run: against loops, and against PyTorch where installed.

Run it with ``python benchmarks/conv.py``. Everything runs on one thread; the best of several runs counts, and each
contender is timed in turn, so that a busy machine slows all of them. PyTorch (``pip install torch``) is optional.
"""

# ruff: noqa: E402 - the number of threads has to be set before NumPy loads
import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before NumPy loads

import time
from pathlib import Path

import numpy as np

from autograder.course.markup import to_notebook
from autograder.course.plain import mark_of

TEXT = Path(__file__).parents[1] / "assignments" / "04_conv_pool" / "conv_pool.py"
ROUNDS = 9

# What the notebook convolves: a minibatch of clothes, the check of speed, a minibatch of small colour images.
SIZES = {
    "50 x 1 x 28 x 28, 8 filters 5 x 5": ((50, 1, 28, 28), (8, 1, 5, 5), 2),
    "4 x 3 x 16 x 18, 8 filters 3 x 3": ((4, 3, 16, 18), (8, 3, 3, 3), 1),
    "16 x 3 x 32 x 32, 12 filters 3 x 3": ((16, 3, 32, 32), (12, 3, 3, 3), 1),
}


def reference() -> dict:
    """The names that the notebook's given and solution cells define."""
    namespace: dict = {}
    for cell in to_notebook(TEXT.read_text(encoding="utf-8"), "04_conv_pool").cells:
        mark = mark_of(cell)
        if (
            cell.cell_type == "code"
            and (mark.get("solution") or mark.get("locked"))
            and not mark.get("grade")
        ):
            exec(compile(cell.source, mark["grade_id"], "exec"), namespace)
    return namespace


def numpy_contender(layers: dict, kind: str, x, w, b, dout, conv_param):
    """A forward pass and a backward pass, as two functions without arguments."""
    forward, backward = layers[f"conv_forward_{kind}"], layers[f"conv_backward_{kind}"]
    _, cache = forward(x, w, b, conv_param)
    return lambda: forward(x, w, b, conv_param), lambda: backward(dout, cache)


def torch_contender(torch, x, w, b, dout, conv_param):
    """The same in PyTorch, float64, one thread; backward gives all three gradients."""
    torch.set_num_threads(1)
    inputs = [torch.tensor(array, requires_grad=True) for array in (x, w, b)]
    upstream, how = torch.tensor(dout), {"stride": conv_param["stride"], "padding": conv_param["pad"]}
    out = torch.nn.functional.conv2d(*inputs, **how)

    def forward():
        return torch.nn.functional.conv2d(*inputs, **how)

    def backward():
        return torch.autograd.grad(out, inputs, upstream, retain_graph=True)

    return forward, backward


def best_times(contenders: dict) -> dict:
    """Seconds of each function of each contender: the best of all rounds, contenders in turn; loops run twice."""
    best = {name: [np.inf] * len(functions) for name, functions in contenders.items()}
    for turn in range(ROUNDS):
        for name, functions in contenders.items():
            if name == "loops" and turn >= 2:
                continue
            for i, function in enumerate(functions):
                start = time.perf_counter()
                function()
                best[name][i] = min(best[name][i], time.perf_counter() - start)
    return best


def main() -> None:
    """Print one row for each size and direction."""
    layers = reference()
    try:
        import torch
    except ImportError:
        torch = None
    print(
        f"{'images and filters':<36}{'':<10}{'loops':>10}{'fast':>10}{'gain':>8}{'PyTorch':>10}{'fast / PyTorch':>16}"
    )
    for name, (x_shape, w_shape, pad) in SIZES.items():
        rng = np.random.default_rng(0)
        x, w, b = rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[0])
        dout, conv_param = rng.normal(size=(x_shape[0], w_shape[0], *x_shape[2:])), {"stride": 1, "pad": pad}
        given = (x, w, b, dout, conv_param)
        contenders = {
            "loops": numpy_contender(layers, "naive", *given),
            "fast": numpy_contender(layers, "fast", *given),
        }
        if torch is not None:
            contenders["PyTorch"] = torch_contender(torch, *given)
        best = best_times(contenders)
        for i, direction in enumerate(("forward", "backward")):
            loops, fast = (1000 * best[kind][i] for kind in ("loops", "fast"))
            row = f"{name:<36}{direction:<10}{loops:>7.1f} ms{fast:>7.2f} ms{loops / fast:>7.0f}x"
            if torch is None:
                row += f"{'not installed':>26}"
            else:
                theirs = 1000 * best["PyTorch"][i]
                row += f"{theirs:>7.2f} ms{fast / theirs:>15.2f}x"
            print(row, flush=True)


if __name__ == "__main__":
    main()
