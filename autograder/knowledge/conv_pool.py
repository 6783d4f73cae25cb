"""Typical mistakes in the exercises of the convolution and pooling notebook, as predictions.

Depends on numpy and `autograder.gradients.explain` only. A prediction moves windows to where the mistake would move
them, or starts from the right result and spoils it. Which mistakes are common was counted in published solutions:
a frame cut with ``[pad:-pad]``, ``=`` where windows overlap, height for width, a padding of 1 whatever is asked for.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.gradients.explain import Case, Mistake
from autograder.gradients.judge import as_numbers

# -- what a case holds -----------------------------------------------------------------------------------------


def _upstream(case: Case) -> np.ndarray:
    """The upstream gradient, in a gradient check or in a check against given numbers."""
    return np.asarray(case["dout"] if case.upstream is None else case.upstream, dtype=float)


def _hyper(case: Case, *names: str) -> tuple[int, ...]:
    """Hyperparameters out of ``conv_param`` or ``pool_param``, wherever the case keeps them."""
    for candidate in (*case.inputs.values(), *case.extra):
        if isinstance(candidate, dict) and "stride" in candidate:
            return tuple(int(candidate[name]) for name in names)
    raise KeyError("stride")


def _framed(x, pad: int) -> np.ndarray:
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))


def _both(step) -> tuple[int, int]:
    """A stride downwards and one along the rows; one number is both."""
    return step if isinstance(step, tuple) else (step, step)


def _windows(x, height: int, width: int, step) -> np.ndarray:
    """Every window of every map: (N, C, rows, columns, height, width)."""
    down, along = _both(step)
    return np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))[:, :, ::down, ::along]


def _interior_right(case: Case, pad: int):
    """What was returned, with the right numbers inside its frame: equal to it if only the frame is too much."""
    actual = as_numbers(case.actual)
    N, C, H, W = case.expected.shape
    if pad == 0 or actual is None or actual.shape != (N, C, H + 2 * pad, W + 2 * pad):
        return None
    predicted = actual.copy()
    predicted[:, :, pad : pad + H, pad : pad + W] = case.expected
    return predicted


def _empty(case: Case):
    """What ``[pad:-pad]`` leaves of an array for a pad of 0."""
    return np.zeros((*case.expected.shape[:2], 0, 0))


# -- sizes and parameters --------------------------------------------------------------------------------------

_SIZE = (
    Mistake(
        "one_short",
        lambda case: case.expected - 1 if "size" in case.inputs else None,
        "One place is missing: the place where the filter starts counts too, before its first step.",
    ),
    Mistake(
        "pad_once",
        lambda case: (case["size"] + case["pad"] - case["filter_size"]) // case["stride"] + 1,
        "The frame of zeros was counted on one side. How many sides does an axis have?",
    ),
    Mistake(
        "pad_ignored",
        lambda case: (case["size"] - case["filter_size"]) // case["stride"] + 1,
        "The padding does not appear in your result.",
    ),
    Mistake(
        "stride_ignored",
        lambda case: case["size"] + 2 * case["pad"] - case["filter_size"] + 1,
        "Your size is that of stride 1. How many steps of S pixels fit into the room that is left?",
    ),
    Mistake(
        "bias_forgotten",
        lambda case: case.expected - case["filters"],
        "These are the weights. Each filter has one more parameter.",
        of="parameters",
    ),
    Mistake(
        "one_bias_for_all",
        lambda case: case.expected - case["filters"] + 1,
        "You counted one bias for the whole layer. How many biases has a layer of K filters?",
        of="parameters",
    ),
    Mistake(
        "depth_forgotten",
        lambda case: case["filters"] * (case["height"] * case["width"] + 1),
        "Your filters are flat. A filter spans all channels of its input.",
        of="parameters",
    ),
)

# -- convolution, forward --------------------------------------------------------------------------------------


def _correlation(x, w, b, step, pad: int) -> np.ndarray:
    windows = _windows(_framed(x, pad), *w.shape[2:], step)
    return np.einsum("ncijpq,fcpq->nfij", windows, w) + np.reshape(b, (-1, 1, 1))


def _conv_out(change: Callable) -> Callable[[Case], np.ndarray | None]:
    """A prediction of `out`: ``change(x, w, b, stride, pad)`` returns the five as the mistake takes them."""

    def predict(case: Case):
        stride, pad = _hyper(case, "stride", "pad")
        out = _correlation(*change(case["x"], case["w"], case["b"], stride, pad))
        rows, columns = case.expected.shape[2:]
        return out[:, :, :rows, :columns] if stride != change(0, np.ones(1), 0, stride, pad)[3] else out

    return predict


def _turned(w):
    return w[..., ::-1, ::-1] if np.ndim(w) == 4 else w


def _one_channel(channel: slice):
    def change(x, w, b, stride, pad):
        return (x[:, channel], w[:, channel], b, stride, pad) if np.ndim(w) == 4 else (x, w, b, stride, pad)

    return _conv_out(change)


def _edge_repeated(case: Case):
    """The image in a frame that repeats its edge."""
    stride, pad = _hyper(case, "stride", "pad")
    framed = np.pad(case["x"], ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="edge")
    return _correlation(framed, case["w"], case["b"], stride, 0)


def _framed_every_axis(x, pad: int) -> np.ndarray:
    """What is found at the image's own indices after ``np.pad(x, pad)``: images and channels have moved on."""
    return np.pad(x, ((pad, 0), (pad, 0), (pad, pad), (pad, pad)))[: x.shape[0], : x.shape[1]]


def _pad_every_axis(case: Case):
    stride, pad = _hyper(case, "stride", "pad")
    if pad == 0:
        return None
    return _correlation(_framed_every_axis(case["x"], pad), case["w"], case["b"], stride, 0)


def _frame_counted_once(case: Case):
    stride, pad = _hyper(case, "stride", "pad")
    sizes = [
        (s + pad - f) // stride + 1 for s, f in zip(case["x"].shape[2:], case["w"].shape[2:], strict=True)
    ]
    return case.expected[:, :, : sizes[0], : sizes[1]] if pad else None


def _square(case: Case):
    """As many columns as rows, where there should be more."""
    rows, columns = case.expected.shape[2:]
    return case.expected[:, :, :, :rows] if rows < columns else None


def _square_rest_zero(case: Case):
    rows, columns = case.expected.shape[2:]
    return case.expected * (np.arange(columns) < rows) if rows < columns else None


_HW_MIXED = (
    "Height and width are mixed up somewhere: your result is right for square images and filters only. "
    "Look for an H where a W belongs, in the sizes and in both loops."
)
_OUTSIZE = "Rows and columns of windows are missing at the far edge: check the formula of the output size against conv_output_size."
_STRIDE = "The windows move by 1, whatever the stride says. Where does window number i begin?"
_STRIDE_ONCE = "The stride is used in one direction only; in the other the windows move by 1. Where does window number j begin?"
_PAD_FIXED = (
    "A padding of 1 is written into your code. Take it from conv_param, where it can be 0 or 2 as well."
)
_PAD_EVERY_AXIS = (
    "Your frame goes round images and channels as well: np.pad with one number pads every axis. "
    "Give it a pair for each axis: nothing for the first two."
)
_FLIPPED = "Your filter is turned round, by 180 degrees. Here it is laid on the patch as it is: pixel by pixel, the same indices."

_CONV_OUT = (
    Mistake(
        "bias_forgotten",
        lambda case: case.expected - np.reshape(case["b"], (-1, 1, 1)),
        "The bias is missing: each filter adds its own to every number of its map.",
        of="out",
    ),
    Mistake(
        "one_bias_for_all",
        lambda case: case.expected - np.reshape(case["b"], (-1, 1, 1)) + case["b"][0],
        "Every map has the bias of the first filter. Each filter has its own.",
        of="out",
    ),
    Mistake(
        "bias_for_each_channel",
        lambda case: case.expected + (case["x"].shape[1] - 1) * np.reshape(case["b"], (-1, 1, 1)),
        "The bias was added once for each channel. It belongs to the sum over all of them, once.",
        of="out",
    ),
    Mistake("stride_ignored", _conv_out(lambda x, w, b, s, p: (x, w, b, 1, p)), _STRIDE, of="out"),
    *(
        Mistake("stride_ignored", _conv_out(change), _STRIDE_ONCE, of="out")
        for change in (
            lambda x, w, b, s, p: (x, w, b, (s, 1), p),
            lambda x, w, b, s, p: (x, w, b, (1, s), p),
        )
    ),
    Mistake(
        "pad_ignored",
        _conv_out(lambda x, w, b, s, p: (x, w, b, s, 0)),
        "The result has the size and the values of an unpadded image. Put the frame of zeros around it first.",
        of="out",
    ),
    Mistake("pad_every_axis", _pad_every_axis, _PAD_EVERY_AXIS, of="out"),
    Mistake("pad_hardcoded", _conv_out(lambda x, w, b, s, p: (x, w, b, s, 1)), _PAD_FIXED, of="out"),
    Mistake(
        "edge_repeated",
        _edge_repeated,
        "Your frame repeats the pixels at the edge of the image. It holds zeros.",
        of="out",
    ),
    Mistake(
        "filter_turned_round", _conv_out(lambda x, w, b, s, p: (x, _turned(w), b, s, p)), _FLIPPED, of="out"
    ),
    *(
        Mistake(
            "channels_left_out",
            _one_channel(channel),
            "Only one channel takes part. A filter reads all channels, and what they give adds up to one number.",
            of="out",
        )
        for channel in (slice(0, 1), slice(-1, None))
    ),
    Mistake(
        "mean_of_products",
        lambda case: (
            (case.expected - np.reshape(case["b"], (-1, 1, 1))) / case["w"][0].size
            + np.reshape(case["b"], (-1, 1, 1))
        ),
        "You averaged the products of patch and filter. A dot product adds them.",
        of="out",
    ),
    Mistake("outsize_formula", lambda case: case.expected[:, :, :-1, :-1], _OUTSIZE, of="out"),
    Mistake("outsize_formula", _frame_counted_once, _OUTSIZE, of="out"),
    Mistake("hw_mixed", _square, _HW_MIXED, of="out"),
    Mistake("hw_mixed", _square_rest_zero, _HW_MIXED, of="out"),
)

# -- convolution, backward -------------------------------------------------------------------------------------


def _stamped(dout, w, canvas: tuple, step: int, *, overwrite: bool = False) -> np.ndarray:
    """Filters stamped onto an empty canvas, window after window, `step` apart; the last stamp wins if `overwrite`."""
    dx = np.zeros(canvas)
    height, width = w.shape[2:]
    for i, j in np.ndindex(*dout.shape[2:]):
        window = dx[:, :, i * step : i * step + height, j * step : j * step + width]
        stamp = np.einsum("nf,fcpq->ncpq", dout[:, :, i, j], w)
        window[...] = stamp if overwrite else window + stamp
    return dx


def _dx(change: Callable, *, overwrite: bool = False, near: bool = True):
    """A prediction of dx: ``change(dout, w, stride, pad)`` returns the four as the mistake takes them.

    With ``near=False`` the frame is cut off at the far edges alone. None where the mistake would change nothing: then
    dx may be right, and forward wrong.
    """

    def predict(case: Case):
        stride, asked = _hyper(case, "stride", "pad")
        right = (_upstream(case), np.asarray(case["w"]), stride, asked)
        N, C, H, W = case["x"].shape

        def dx(dout, w, step, pad, overwrite=False, near=True):
            canvas = _stamped(dout, w, (N, C, H + 2 * pad, W + 2 * pad), step, overwrite=overwrite)
            start = pad if near else 0
            return canvas[:, :, start : start + H, start : start + W]

        return _unless_same(dx(*change(*right), overwrite=overwrite, near=near), dx(*right))

    return predict


def _unless_same(spoiled: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    return None if spoiled.shape == right.shape and np.allclose(spoiled, right) else spoiled


def _dw(change: Callable, framed: Callable = _framed):
    """A prediction of dw: ``change(stride, pad)`` returns the two as the mistake takes them; `framed` pads."""

    def predict(case: Case):
        right = _hyper(case, "stride", "pad")
        dout, (height, width) = _upstream(case), case["w"].shape[2:]

        def dw(step, padded):
            windows = _windows(padded, height, width, step)[:, :, : dout.shape[2], : dout.shape[3]]
            return np.einsum("nfij,ncijpq->fcpq", dout, windows)

        step, pad = change(*right)
        return _unless_same(dw(step, framed(case["x"], pad)), dw(right[0], _framed(case["x"], right[1])))

    return predict


def _upstream_kept(where: Callable[[np.ndarray], np.ndarray]):
    """The gradient if only part of the upstream gradient took part."""
    return lambda case: case.vjp(_upstream(case) * where(_upstream(case)))


def _last_window(dout):
    keep = np.zeros(dout.shape)
    keep[-1, :, -1, -1] = 1.0
    return keep


def _first_columns(dout):
    rows, columns = dout.shape[2:]
    return np.arange(columns) < rows if rows < columns else np.ones(columns)


def _but_the_last(dout):
    keep = np.ones(dout.shape)
    keep[:, :, -1], keep[:, :, :, -1] = 0.0, 0.0
    return keep


_ADD_UP = (
    "Where windows overlap, the later one has wiped out the earlier one. What is used several times receives the sum "
    "over its uses: look for an = that should accumulate."
)
_GRADIENTS = ("dx", "dw")

_CONV_BACKWARD = (
    Mistake(
        "pad0_slice",
        lambda case: _empty(case) if not _hyper(case, "pad")[0] else None,
        "dx is empty, and pad is 0: in a slice like [pad:-pad], minus 0 is 0, the beginning and not the end. "
        "Cut the frame off by naming where it begins and how long the image is.",
        of="dx",
    ),
    Mistake(
        "frame_not_cut",
        lambda case: _interior_right(case, _hyper(case, "pad")[0]),
        "dx still has its frame. The zeros around the image are no part of x: cut them off.",
        of="dx",
    ),
    Mistake(
        "frame_cut_wrongly",
        _dx(lambda dout, w, s, p: (dout, w, s, p), near=False),
        "dx has the right size and is shifted: both halves of the frame were cut off at the far edges. It has a near edge too.",
        of="dx",
    ),
    Mistake(
        "assigned_not_added", _dx(lambda dout, w, s, p: (dout, w, s, p), overwrite=True), _ADD_UP, of="dx"
    ),
    Mistake(
        "assigned_not_added",
        _dx(lambda dout, w, s, p: (dout[:, -1:], w[-1:], s, p), overwrite=True),
        _ADD_UP,
        of="dx",
    ),
    Mistake(
        "filters_overwritten",
        _dx(lambda dout, w, s, p: (dout[:, -1:], w[-1:], s, p)),
        "Only the last filter reaches dx. Every filter has read these pixels, and each sends its share.",
        of="dx",
    ),
    Mistake("stride_ignored", _dx(lambda dout, w, s, p: (dout, w, 1, p)), _STRIDE, of="dx"),
    Mistake("stride_ignored", _dw(lambda s, p: (1, p)), _STRIDE, of="dw"),
    Mistake("pad_hardcoded", _dx(lambda dout, w, s, p: (dout, w, s, 1)), _PAD_FIXED, of="dx"),
    Mistake("pad_hardcoded", _dw(lambda s, p: (s, 1)), _PAD_FIXED, of="dw"),
    Mistake("pad_every_axis", _dw(lambda s, p: (s, p), _framed_every_axis), _PAD_EVERY_AXIS, of="dw"),
    Mistake("filter_turned_round", _dx(lambda dout, w, s, p: (dout, _turned(w), s, p)), _FLIPPED, of="dx"),
    Mistake("filter_turned_round", lambda case: _turned(case.expected), _FLIPPED, of="dw"),
    Mistake("assigned_not_added", _upstream_kept(_last_window), _ADD_UP, of="dw"),
    Mistake("hw_mixed", _upstream_kept(_first_columns), _HW_MIXED, of=_GRADIENTS),
    Mistake("outsize_formula", _upstream_kept(_but_the_last), _OUTSIZE, of=_GRADIENTS),
    *(
        Mistake(
            "wrong_axis",
            lambda case, axes=axes: _upstream(case).sum(axis=axes),
            "You summed dout over the wrong axes. Which axes of out did one entry of b reach?",
            of="db",
        )
        for axes in ((0,), (1,), (0, 1), (2, 3), (0, 2), (0, 3), (1, 2, 3), (0, 1, 2))
    ),
    *(
        Mistake(
            "averaged_not_summed",
            lambda case, axes=axes: case.expected / np.prod([_upstream(case).shape[axis] for axis in axes]),
            "You averaged where the text asks for a sum: every use of a bias adds its share, and the 1/N is in dout already.",
            of="db",
        )
        for axes in ((0, 2, 3), (2, 3))
    ),
)

# -- patches as columns ----------------------------------------------------------------------------------------


def _columns_regrouped(case: Case):
    """Place after place, and within a place image after image."""
    N = len(case["x"])
    return case.expected.reshape(len(case.expected), N, -1).transpose(0, 2, 1).reshape(case.expected.shape)


def _rows_regrouped(case: Case):
    """By place in the window, then by channel."""
    C = case["x"].shape[1]
    return (
        case.expected.reshape(C, -1, case.expected.shape[1]).transpose(1, 0, 2).reshape(case.expected.shape)
    )


def _patches(change: Callable):
    def predict(case: Case):
        height, width, stride, pad = case["window"]
        step, frame = change(stride, pad)
        rows, columns = case["map"]
        windows = _windows(_framed(case["x"], frame), height, width, step)
        if step != stride:
            windows = windows[:, :, :rows, :columns]
        windows = windows.transpose(1, 4, 5, 0, 2, 3)
        return windows.reshape(np.prod(windows.shape[:3]), -1)

    return predict


def _last_wins(by_column: bool):
    def predict(case: Case):
        cols, source = np.asarray(case["cols"]), np.asarray(case["source"])
        image = np.zeros(case.expected.size + 1)
        for pixel, value in zip(
            (source.T if by_column else source).ravel(), (cols.T if by_column else cols).ravel(), strict=True
        ):
            image[pixel] = value
        return image[1:].reshape(case.expected.shape)

    return predict


def _counted(case: Case):
    """How many windows see each pixel."""
    counts = np.bincount(np.ravel(case["source"]), minlength=case.expected.size + 1)
    return counts[1:].reshape(case.expected.shape)


_COLUMNS = (
    Mistake(
        "columns_in_another_order",
        _columns_regrouped,
        "The columns are right and in another order: yours go place after place, the text says image after image.",
        of="cols",
    ),
    Mistake(
        "rows_in_another_order",
        _rows_regrouped,
        "The rows are right and in another order. A flattened filter runs through channel 0 first, then channel 1.",
        of="cols",
    ),
    Mistake("stride_ignored", _patches(lambda stride, pad: (1, pad)), _STRIDE, of="cols"),
    Mistake(
        "pad_ignored",
        _patches(lambda stride, pad: (stride, 0)),
        "These are the patches of an unpadded image. Put the frame of zeros around it first.",
        of="cols",
    ),
    Mistake(
        "pad_hardcoded",
        _patches(lambda stride, pad: (stride, 1)),
        "A padding of 1 is written into your code. Take it from the argument.",
        of="cols",
    ),
    *(
        Mistake(
            "assigned_not_added",
            predict,
            "A pixel seen by several windows keeps what the last of them sent. It has to receive the sum. "
            "If you index with arrays: `a[rows] += values` adds only once where an index occurs twice.",
            of="image",
        )
        for predict in (
            _last_wins(False),
            _last_wins(True),
            lambda case: np.ones_like(case.expected) if np.all(np.asarray(case["cols"]) == 1) else None,
        )
    ),
    Mistake(
        "averaged_not_summed",
        lambda case: (
            case.expected / _counted(case) if "source" in case.inputs else np.ones_like(case.expected)
        ),
        "You averaged over the windows that see a pixel. Gradients that meet at a fan-out add up.",
        of="image",
    ),
    Mistake(
        "pad0_slice",
        lambda case: _empty(case) if case["pad"] == 0 else None,
        "The image is empty, and padding is 0: in a slice like [padding:-padding], minus 0 is 0, the beginning and not the end.",
        of="image",
    ),
    Mistake(
        "frame_not_cut",
        lambda case: _interior_right(case, case["pad"]),
        "The image still has its frame. Return an array of shape x_shape.",
        of="image",
    ),
)

# -- convolution as one product --------------------------------------------------------------------------------


def _filters_first(dout):
    """The upstream gradient as a reshape without exchange of axes reads it."""
    N, F, rows, columns = dout.shape
    return dout.reshape(F, N, rows, columns).transpose(1, 0, 2, 3)


_AXES = (
    "Images and filters are mixed up. A reshape cuts a row of numbers anew and moves none: where the order of axes "
    "differs, exchange them (transpose) before or after you reshape."
)

_CONV_FAST = (
    Mistake(
        "axes_not_exchanged",
        lambda case: case.expected.transpose(1, 0, 2, 3).reshape(case.expected.shape),
        _AXES,
        of="out",
    ),
    Mistake("axes_not_exchanged", lambda case: case.expected.transpose(1, 0, 2, 3), _AXES, of="out"),
    Mistake(
        "axes_not_exchanged",
        lambda case: case.vjp(_filters_first(_upstream(case))),
        _AXES,
        of=(*_GRADIENTS, "db"),
    ),
    *_CONV_OUT,
    *_CONV_BACKWARD,
)

# -- pooling ---------------------------------------------------------------------------------------------------


def _pool_windows(case: Case):
    height, width, stride = _hyper(case, "pool_height", "pool_width", "stride")
    return _windows(np.asarray(case["x"], dtype=float), height, width, stride)


def _pooled(change: Callable, reduce: Callable = np.max):
    """A prediction of out: ``change(height, width, stride)`` gives the window and the step; edges cut windows short."""

    def predict(case: Case):
        height, width, step = change(*_hyper(case, "pool_height", "pool_width", "stride"))
        x, out = np.asarray(case["x"], dtype=float), np.zeros(case.expected.shape)
        down, along = _both(step)
        for i, j in np.ndindex(*out.shape[2:]):
            window = x[:, :, i * down : i * down + height, j * along : j * along + width]
            out[:, :, i, j] = reduce(window, axis=(2, 3))
        return out

    return predict


def _tiling_size(reduce: Callable):
    """As many windows as strides fit, the last ones cut short."""

    def predict(case: Case):
        height, width, stride = _hyper(case, "pool_height", "pool_width", "stride")
        x = np.asarray(case["x"], dtype=float)
        rows, columns = x.shape[2] // stride, x.shape[3] // stride
        places = [[(i * stride, j * stride) for j in range(columns)] for i in range(rows)]
        out = [
            [reduce(x[:, :, i : i + height, j : j + width], axis=(2, 3)) for i, j in row] for row in places
        ]
        return np.array(out).transpose(2, 3, 0, 1)

    return predict


_MIXED_WINDOWS = (lambda h, w, s: (h, h, s), lambda h, w, s: (w, w, s), lambda h, w, s: (w, h, s))


def _pool_out(reduce: Callable) -> tuple[Mistake, ...]:
    return (
        Mistake("stride_ignored", _pooled(lambda h, w, s: (h, w, 1), reduce), _STRIDE, of="out"),
        Mistake("stride_ignored", _pooled(lambda h, w, s: (h, w, (s, 1)), reduce), _STRIDE_ONCE, of="out"),
        Mistake("stride_ignored", _pooled(lambda h, w, s: (h, w, (1, s)), reduce), _STRIDE_ONCE, of="out"),
        Mistake(
            "stride_is_the_window",
            _pooled(lambda h, w, s: (s, s, s), reduce),
            "Your windows are as large as the stride. Their size is pool_height by pool_width; the stride says how far they move.",
            of="out",
        ),
        *(Mistake("hw_mixed", _pooled(change, reduce), _HW_MIXED, of="out") for change in _MIXED_WINDOWS),
        Mistake("hw_mixed", _square, _HW_MIXED, of="out"),
        Mistake("outsize_formula", lambda case: case.expected[:, :, :-1, :-1], _OUTSIZE, of="out"),
        Mistake(
            "outsize_formula",
            _tiling_size(reduce),
            "There are more windows than fit: the last ones hang over the edge. Size divided by stride holds only where windows tile.",
            of="out",
        ),
    )


_MAX_OUT = (
    *_pool_out(np.max),
    Mistake(
        "started_at_zero",
        lambda case: np.maximum(case.expected, 0.0),
        "Where all numbers of a window are below 0, your maximum is 0, which is not among them. What does your running maximum start with?",
        of="out",
    ),
    Mistake(
        "mean_not_max",
        lambda case: _pool_windows(case).mean(axis=(4, 5)),
        "This is the mean of each window.",
        of="out",
    ),
    Mistake(
        "min_not_max",
        lambda case: _pool_windows(case).min(axis=(4, 5)),
        "This is the smallest of each window.",
        of="out",
    ),
    Mistake(
        "channels_mixed",
        lambda case: np.broadcast_to(_pool_windows(case).max(axis=(1, 4, 5))[:, None], case.expected.shape),
        "The maximum runs over all channels. Each channel is pooled by itself: the depth does not change.",
        of="out",
    ),
)


def _routed(share: Callable, *, change: Callable | None = None, overwrite: str = ""):
    """A prediction of dx: ``share(window, dout, area)`` is what a window hands on, `overwrite` how a later one treats it."""

    def dx_of(case: Case, height: int, width: int, step: int, area: int, overwrite: str) -> np.ndarray:
        x, dout = np.asarray(case["x"], dtype=float), _upstream(case)
        dx = np.zeros(x.shape)
        for i, j in np.ndindex(*dout.shape[2:]):
            place = (..., slice(i * step, i * step + height), slice(j * step, j * step + width))
            part = share(x[place], dout[:, :, i, j, None, None], area)
            if overwrite == "window":
                dx[place] = part
            elif overwrite == "winner":
                dx[place] = np.where(part != 0, part, dx[place])
            else:
                dx[place] += part
        return dx

    def predict(case: Case):
        height, width, step = _hyper(case, "pool_height", "pool_width", "stride")
        moved = (change or (lambda *sizes: sizes))(height, width, step)
        spoiled = dx_of(case, *moved, height * width, overwrite)
        if change is None and not overwrite:
            return spoiled
        return _unless_same(spoiled, dx_of(case, height, width, step, height * width, ""))

    return predict


def _winner(window):
    return window == window.max(axis=(2, 3), keepdims=True)


def _to_winner(window, dout, area):
    return _winner(window) * dout


def _equal_shares(window, dout, area):
    return np.ones_like(window) * dout / area


def _index_by_height(case: Case):
    """The winner's number in its window, taken apart by the window's height instead of its width."""
    height, width, step = _hyper(case, "pool_height", "pool_width", "stride")
    x, dout = np.asarray(case["x"], dtype=float), _upstream(case)
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dout.shape):
        number = x[n, c, i * step : i * step + height, j * step : j * step + width].argmax()
        dx[n, c, i * step + number // height, j * step + number % height] += dout[n, c, i, j]
    return dx


def _pool_backward(share: Callable) -> tuple[Mistake, ...]:
    return (
        *(
            Mistake("assigned_not_added", _routed(share, overwrite=overwrite), _ADD_UP, of="dx")
            for overwrite in ("window", "winner")
        ),
        Mistake("stride_ignored", _routed(share, change=lambda h, w, s: (h, w, 1)), _STRIDE, of="dx"),
        Mistake(
            "stride_is_the_window",
            _routed(share, change=lambda h, w, s: (s, s, s)),
            "Your windows are as large as the stride. Their size is pool_height by pool_width; the stride says how far they move.",
            of="dx",
        ),
        *(
            Mistake("hw_mixed", _routed(share, change=change), _HW_MIXED, of="dx")
            for change in _MIXED_WINDOWS
        ),
        Mistake("hw_mixed", _upstream_kept(_first_columns), _HW_MIXED, of="dx"),
        Mistake("outsize_formula", _upstream_kept(_but_the_last), _OUTSIZE, of="dx"),
    )


_MAX_BACKWARD = (
    *_pool_backward(_to_winner),
    Mistake("hw_mixed", _index_by_height, _HW_MIXED, of="dx"),
    Mistake(
        "shared_evenly",
        _routed(_equal_shares),
        "Every number of a window receives the same share: that is the gradient of a mean. The maximum depends on one of them.",
        of="dx",
    ),
    Mistake(
        "passed_to_all",
        _routed(lambda window, dout, area: np.ones_like(window) * dout),
        "Every number of a window receives all of dout. Which of them does the window's maximum depend on?",
        of="dx",
    ),
    Mistake(
        "smallest_chosen",
        _routed(lambda window, dout, area: (window == window.min(axis=(2, 3), keepdims=True)) * dout),
        "The gradient goes to the smallest number of each window.",
        of="dx",
    ),
    Mistake(
        "value_passed_on",
        _routed(lambda window, dout, area: _winner(window) * window),
        "The right places receive the values of x. What a gate passes back is dout.",
        of="dx",
    ),
    Mistake(
        "upstream_forgotten",
        _routed(lambda window, dout, area: 1.0 * _winner(window)),
        "The right places receive 1, the local gradient alone. The chain rule multiplies it by the upstream gradient.",
        of="dx",
    ),
    Mistake(
        "channels_mixed",
        _routed(lambda window, dout, area: (window == window.max(axis=(1, 2, 3), keepdims=True)) * dout),
        "One winner takes the gradients of all channels. Each channel is pooled by itself, so each has its own winner.",
        of="dx",
    ),
)


_averaged_back = _routed(_equal_shares)


def _area_taken_as(area: Callable):
    """The mean with another divisor; a gradient starts from the shares of a true mean, whatever forward does."""

    def predict(case: Case):
        height, width, stride = _hyper(case, "pool_height", "pool_width", "stride")
        divisor = area(height, width, stride)
        if divisor == height * width:
            return None
        right = case.expected if case.of == "out" else _averaged_back(case)
        return right * height * width / divisor

    return predict


_DIVISOR = (
    Mistake(
        "not_divided",
        _area_taken_as(lambda h, w, s: 1),
        "This is a sum over each window, not its mean: the division is missing, in forward or in backward.",
        of=("out", "dx"),
    ),
    *(
        Mistake(
            "divided_by_the_wrong_number",
            _area_taken_as(area),
            "The mean divides by the number of entries of a window. You divided by another number.",
            of=("out", "dx"),
        )
        for area in (
            lambda h, w, s: s * s,
            lambda h, w, s: h * h,
            lambda h, w, s: w * w,
            lambda h, w, s: h,
            lambda h, w, s: w,
            lambda h, w, s: h + w,
        )
    ),
    Mistake(
        "divided_twice",
        _area_taken_as(lambda h, w, s: (h * w) ** 2),
        "You divided by the number of entries twice.",
        of="dx",
    ),
)

_AVERAGE = (
    *_DIVISOR,
    Mistake(
        "max_not_mean",
        lambda case: _pool_windows(case).max(axis=(4, 5)),
        "This is the largest of each window.",
        of="out",
    ),
    *_pool_out(np.mean),
    *_pool_backward(_equal_shares),
    Mistake(
        "passed_to_winner",
        _routed(_to_winner),
        "The gradient goes to the largest number of each window. In a mean all of them count alike.",
        of="dx",
    ),
)

# -- pooling and affine layers as convolutions -----------------------------------------------------------------

_RESULT = "the convolution's result"


def _mixed_channels(case: Case):
    if case.of == _RESULT:
        return np.broadcast_to(case.expected.sum(axis=1, keepdims=True), case.expected.shape)
    return np.full(case.expected.shape, case.expected.max())


_POOL_AS_CONV = (
    Mistake(
        "channels_mixed",
        _mixed_channels,
        "Each of your filters reads all channels alike, so the channels get mixed. Pooling leaves them apart: "
        "which weights of filter c have to be 0?",
        of=("w", _RESULT),
    ),
    Mistake(
        "channels_mixed",
        lambda case: (
            case.expected.max() * np.ones((case["channels"], 1, case["pool_height"], case["pool_width"]))
        ),
        "A filter spans all channels: its shape is (channels, pool_height, pool_width). Which of its weights have to be 0?",
        of="w",
    ),
    Mistake(
        "not_divided",
        lambda case: case.expected * case["pool_height"] * case["pool_width"],
        "Your filters add up a window. What has each weight to be, so that they average it?",
        of=("w", _RESULT),
    ),
    Mistake(
        "divided_by_the_wrong_number",
        lambda case: case.expected / case["channels"],
        "Your weights are too small by the number of channels. Over how many numbers does one mean go?",
        of=("w", _RESULT),
    ),
    *(
        Mistake(
            "divided_by_the_wrong_number",
            lambda case, side=side: (
                case.expected * case["pool_height"] * case["pool_width"] / case[side] ** 2
            ),
            "The mean divides by the number of entries of a window. You divided by another number.",
            of=("w", _RESULT),
        )
        for side in ("pool_height", "pool_width")
    ),
)


def _images_mixed(case: Case):
    """A product of the filters with an image array whose channels were cut out across the images."""
    w, b = np.asarray(case["w"])[:, :, 0, 0], np.reshape(case["b"], (-1, 1))
    return w @ np.reshape(case["x"], (w.shape[1], -1)) + b


_MIXED = "Numbers of several images meet in one product: a reshape of (N, C, H, W) alone does not bring the channels to the front."

_AFFINE_AS_CONV = (
    Mistake("images_mixed", lambda case: _images_mixed(case).reshape(case.expected.shape), _MIXED, of="out"),
    Mistake(
        "images_mixed",
        lambda case: (
            _images_mixed(case).reshape(*[case.expected.shape[k] for k in (1, 0, 2, 3)]).transpose(1, 0, 2, 3)
        ),
        _MIXED,
        of="out",
    ),
    Mistake(
        "bias_forgotten",
        lambda case: case.expected - np.reshape(case["b"], (-1, 1, 1)),
        "The bias is missing.",
        of="out",
    ),
    *(
        Mistake(
            "axes_not_exchanged",
            lambda case, axes=axes: case.expected.transpose(axes),
            "The numbers are right and the axes are in another order: the docstring says (N, F, H, W).",
            of="out",
        )
        for axes in ((0, 2, 3, 1), (1, 0, 2, 3))
    ),
    *(
        Mistake(
            "axes_not_exchanged",
            lambda case, axes=axes: case.expected.transpose(axes).reshape(case.expected.shape),
            _AXES,
            of="out",
        )
        for axes in ((0, 2, 3, 1), (1, 0, 2, 3))
    ),
    Mistake(
        "not_turned",
        lambda case: np.reshape(case["w"], case.expected.shape),
        "A reshape alone takes the numbers row by row. The weights of one neuron stand in a *column* of w.",
        of="filters",
    ),
    Mistake(
        "channels_last",
        lambda case: (
            case["w"]
            .T.reshape(len(case.expected), *case.expected.shape[2:], case.expected.shape[1])
            .transpose(0, 3, 1, 2)
        ),
        "Your filters read the weights with channels last. The images were flattened with channels first.",
        of="filters",
    ),
)

# -- the network -----------------------------------------------------------------------------------------------

_WEIGHTS, _BIASES = ("dW1", "dW2", "dW3"), ("db1", "db2", "db3")


def _own(case: Case) -> np.ndarray:
    return np.asarray(case[case.of[1:]])


_NET = (
    Mistake(
        "reg_missing",
        lambda case: case.expected - case["reg"] * _own(case),
        "The regularisation's share of this gradient is missing: the loss contains this weight squared.",
        of=_WEIGHTS,
    ),
    Mistake(
        "reg_missing",
        lambda case: case.expected - sum(case["penalties"]),
        "This is the loss without its regularisation.",
        of="loss",
    ),
    *(
        Mistake(
            "reg_missing",
            lambda case, layer=layer: case.expected - case["penalties"][layer],
            "The weights of one layer are missing from the penalty.",
            of="loss",
        )
        for layer in range(3)
    ),
    Mistake(
        "reg_factor",
        lambda case: case.expected + sum(case["penalties"]),
        "The penalty is twice what the text says: mind the factor 0.5.",
        of="loss",
    ),
    *(
        Mistake(
            "reg_factor",
            lambda case, off=off: case.expected + off * case["reg"] * _own(case),
            "The regularisation's share of this gradient is off by a factor of 2. Differentiate 0.5 * reg * W ** 2.",
            of=_WEIGHTS,
        )
        for off in (1.0, -0.5)
    ),
    Mistake(
        "reg_biases",
        lambda case: case.expected + case["biases"],
        "The biases are in the penalty too. The text regularises W1, W2 and W3 only.",
        of="loss",
    ),
    Mistake(
        "reg_biases",
        lambda case: case.expected + case["reg"] * _own(case),
        "The biases are regularised too. The text regularises W1, W2 and W3 only.",
        of=_BIASES,
    ),
    Mistake(
        "relu_on_scores",
        lambda case: np.maximum(case.expected, 0.0),
        "The scores went through a ReLU. A score is free to be negative.",
        of="scores",
    ),
    Mistake(
        "relu_left_out",
        lambda case: case["linear"],
        "A ReLU is missing: two affine layers without one between them are one affine layer.",
        of="scores",
    ),
)

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "conv_output_size": _SIZE,
    "conv_forward_naive": _CONV_OUT,
    "conv_backward_naive": _CONV_BACKWARD,
    "im2col_indices": _COLUMNS,
    "conv_forward_fast": _CONV_FAST,
    "max_pool_forward_naive": _MAX_OUT,
    "max_pool_backward_naive": _MAX_BACKWARD,
    "avg_pool_forward": _AVERAGE,
    "avg_pool_as_conv": _POOL_AS_CONV,
    "affine_as_conv": _AFFINE_AS_CONV,
    "ThreeLayerConvNet": _NET,
}
