from autograder.course.answers import edit, variant, wrong

# -- sizes and parameters

edit("conv_output_size", "return room // stride + 1", "return room // stride", mistake="one_short")
edit("conv_output_size", "room = size + 2 * pad - filter_size", "room = size + pad - filter_size", mistake="pad_once")
edit("conv_output_size", "return room // stride + 1", "return room + 1", mistake="stride_ignored")
edit("conv_output_size", "return room // stride + 1", "return room / stride + 1", mistake="float_as_integer")
edit("conv_output_size", "if room < 0 or room % stride:", "if room < 0:", mistake="misfit_accepted")
edit("conv_output_size", "if room < 0 or room % stride:", "if room % stride:", mistake="misfit_accepted")
edit("conv_output_size", "(depth * height * width + 1)", "(depth * height * width)", mistake="bias_forgotten")
edit("conv_output_size", "filters * (depth * height * width + 1)", "filters * depth * height * width + 1", mistake="one_bias_for_all")
edit("conv_output_size", "depth * height * width", "height * width", mistake="depth_forgotten")

# -- convolution, forward

edit("conv_forward_naive", "np.sum(patch * w[f]) + b[f]", "np.sum(patch * w[f])", mistake="bias_forgotten")
edit("conv_forward_naive", "+ b[f]", "+ b[0]", mistake="one_bias_for_all")
edit("conv_forward_naive", "np.sum(patch * w[f])", "np.sum(patch * w[f, :, ::-1, ::-1])", mistake="filter_turned_round")
edit("conv_forward_naive", "np.sum(patch * w[f])", "np.mean(patch * w[f])", mistake="mean_of_products")
edit("conv_forward_naive", "i * stride : i * stride + HH, j * stride : j * stride + WW", "i : i + HH, j : j + WW", mistake="stride_ignored")
edit("conv_forward_naive", "j * stride : j * stride + WW", "j : j + WW", mistake="stride_ignored")
edit("conv_forward_naive", "i * stride : i * stride + HH", "i : i + HH", mistake="stride_ignored")
edit("conv_forward_naive", "(pad, pad), (pad, pad)))", '(pad, pad), (pad, pad)), mode="edge")', mistake="edge_repeated")
edit("conv_forward_naive", "columns = conv_output_size(W, WW, stride, pad)", "columns = rows", mistake="hw_mixed")
edit("conv_forward_naive", "for j in range(columns)", "for j in range(rows)", mistake="hw_mixed")
edit("conv_forward_naive", "return out, (x, w, b, conv_param)", "return out", mistake="no_cache")


@wrong("channels_left_out")
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out, W_out = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for c in range(C):
                for i in range(H_out):
                    for j in range(W_out):
                        window = x_pad[n, c, i * stride : i * stride + HH, j * stride : j * stride + WW]
                        out[n, f, i, j] = np.sum(window * w[f, c]) + b[f]
    return out, (x, w, b, conv_param)


@wrong("pad_every_axis")
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, pad)
    out = np.zeros((N, F, 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride))
    for n, f, i, j in np.ndindex(out.shape):
        window = x_pad[n, :C, i * stride : i * stride + HH, j * stride : j * stride + WW]
        out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out, (x, w, b, conv_param)


@wrong("pad_hardcoded")
def conv_forward_naive(x, w, b, conv_param):
    stride = conv_param["stride"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out, W_out = 1 + (H + 2 - HH) // stride, 1 + (W + 2 - WW) // stride
    x_pad = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), "constant")
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    out[n, f, i, j] = np.sum(x_pad[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW] * w[f]) + b[f]
    return out, (x, w, b, conv_param)


@wrong("outsize_formula")
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out, W_out = (H + 2 * pad - HH) // stride, (W + 2 * pad - WW) // stride
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    out = np.zeros((N, F, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            for f in range(F):
                window = x_pad[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
                out[:, f, i, j] = np.sum(window * w[f], axis=(1, 2, 3)) + b[f]
    return out, (x, w, b, conv_param)


@wrong("pad_ignored")
def conv_forward_naive(x, w, b, conv_param):
    stride = conv_param["stride"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out, W_out = 1 + (H - HH) // stride, 1 + (W - WW) // stride
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    out[n, f, i, j] = np.sum(x[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW] * w[f]) + b[f]
    return out, (x, w, b, conv_param)


@wrong("float_as_integer")
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    out = np.zeros((N, F, 1 + (H + 2 * pad - HH) / stride, 1 + (W + 2 * pad - WW) / stride))
    return out, (x, w, b, conv_param)


@wrong("python2_leftover")
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out, W_out = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    out = np.zeros((N, F, H_out, W_out))
    for n in xrange(N):
        for f in xrange(F):
            for i in xrange(H_out):
                for j in xrange(W_out):
                    out[n, f, i, j] = np.sum(x_pad[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW] * w[f]) + b[f]
    return out, (x, w, b, conv_param)


# -- convolution, backward

edit("conv_backward_naive", "dx = dpadded[:, :, pad : pad + H, pad : pad + W]", "dx = dpadded[:, :, pad:-pad, pad:-pad]", mistake="pad0_slice")
edit("conv_backward_naive", "dx = dpadded[:, :, pad : pad + H, pad : pad + W]", "dx = dpadded", mistake="frame_not_cut")
edit("conv_backward_naive", "dx = dpadded[:, :, pad : pad + H, pad : pad + W]", "dx = dpadded[:, :, :H, :W]", mistake="frame_cut_wrongly")
edit("conv_backward_naive", "dpadded[patch] += dout", "dpadded[patch] = dout", mistake="assigned_not_added")
edit("conv_backward_naive", "dw[f] += dout", "dw[f] = dout", mistake="assigned_not_added")
edit("conv_backward_naive", "slice(i * stride, i * stride + HH), slice(j * stride, j * stride + WW)", "slice(i, i + HH), slice(j, j + WW)", mistake="stride_ignored")
edit("conv_backward_naive", "+= dout[n, f, i, j] * w[f]", "+= dout[n, f, i, j] * w[f, :, ::-1, ::-1]", mistake="filter_turned_round")
edit("conv_backward_naive", "+= dout[n, f, i, j] * w[f]", "+= w[f]", mistake="upstream_forgotten")
edit("conv_backward_naive", "dw[f] += dout[n, f, i, j] * padded[patch]", "dw[f] += padded[patch]", mistake="upstream_forgotten")
edit("conv_backward_naive", "dout.sum(axis=(0, 2, 3))", "dout.sum(axis=0)", mistake="wrong_axis")
edit("conv_backward_naive", "dout.sum(axis=(0, 2, 3))", "dout.sum(axis=(1, 2, 3))", mistake="wrong_axis")
edit("conv_backward_naive", "dout.sum(axis=(0, 2, 3))", "dout.mean(axis=(0, 2, 3))", mistake="averaged_not_summed")
edit("conv_backward_naive", "db = dout.sum(axis=(0, 2, 3))", "db = np.zeros_like(b)", mistake="left_at_zero")
edit("conv_backward_naive", "    return dx, dw, db", "    return dw, dx, db", mistake="wrong_order")
edit("conv_backward_naive", "    return dx, dw, db", "    N = len(x)\n    return dx / N, dw / N, db / N", mistake="averaged_twice")
edit("conv_backward_naive", "    return dx, dw, db", "    return dx, dw", mistake="wrong_count")


@wrong("pad_every_axis")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, pad)
    dx_pad, dw = np.zeros((N, C, H + 2 * pad, W + 2 * pad)), np.zeros_like(w)
    for n, f, i, j in np.ndindex(dout.shape):
        h, v = i * stride, j * stride
        dx_pad[n, :, h : h + HH, v : v + WW] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * x_pad[n, :C, h : h + HH, v : v + WW]
    return dx_pad[:, :, pad : pad + H, pad : pad + W], dw, np.sum(dout, axis=(0, 2, 3))


@wrong("pad_hardcoded")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride = conv_param["stride"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), "constant")
    dx_pad, dw = np.zeros_like(x_pad), np.zeros_like(w)
    for n in range(N):
        for f in range(F):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    dx_pad[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW] += dout[n, f, i, j] * w[f]
                    dw[f] += dout[n, f, i, j] * x_pad[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
    return dx_pad[:, :, 1:-1, 1:-1], dw, np.sum(dout, axis=(0, 2, 3))


@wrong("hw_mixed")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = W_out = dout.shape[2]
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    dx_pad, dw = np.zeros_like(x_pad), np.zeros_like(w)
    for n in range(N):
        for i in range(H_out):
            for j in range(W_out):
                h, v = i * stride, j * stride
                for f in range(F):
                    dx_pad[n, :, h : h + HH, v : v + WW] += dout[n, f, i, j] * w[f]
                    dw[f] += dout[n, f, i, j] * x_pad[n, :, h : h + HH, v : v + WW]
    return dx_pad[:, :, pad : pad + H, pad : pad + W], dw, np.sum(dout, axis=(0, 2, 3))


@wrong("assigned_not_added")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    dx_pad, dw = np.zeros_like(x_pad), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            h, v = i * stride, j * stride
            dx_pad[:, :, h : h + HH, v : v + WW] = np.einsum("nf,fcpq->ncpq", dout[:, :, i, j], w)
            dw += np.einsum("nf,ncpq->fcpq", dout[:, :, i, j], x_pad[:, :, h : h + HH, v : v + WW])
    return dx_pad[:, :, pad : pad + H, pad : pad + W], dw, np.sum(dout, axis=(0, 2, 3))


@wrong("stride_ignored")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    dx_pad, dw = np.zeros_like(x_pad), np.zeros_like(w)
    for n, f, i, j in np.ndindex(*dout.shape):
        dx_pad[n, :, i : i + HH, j : j + WW] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * x_pad[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
    return dx_pad[:, :, pad : pad + H, pad : pad + W], dw, np.sum(dout, axis=(0, 2, 3))


@wrong("numeric_differentiation")
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    grads = []
    for i in range(3):
        args = [x.copy(), w.copy(), b.copy()]
        grad = np.zeros_like(args[i])
        for k in np.ndindex(*grad.shape):
            old = args[i][k]
            args[i][k] = old + 1e-5
            plus = np.sum(conv_forward_naive(*args, conv_param)[0] * dout)
            args[i][k] = old - 1e-5
            minus = np.sum(conv_forward_naive(*args, conv_param)[0] * dout)
            args[i][k] = old
            grad[k] = (plus - minus) / 2e-5
        grads.append(grad)
    return tuple(grads)


# -- patches as columns

edit("im2col_indices", "    return cols.reshape(C * field_height * field_width, -1)", "    return cols.transpose(0, 1, 2, 4, 5, 3).reshape(C * field_height * field_width, -1)", mistake="columns_in_another_order")
edit("im2col_indices", "    return cols.reshape(C * field_height * field_width, -1)", "    return cols.transpose(1, 2, 0, 3, 4, 5).reshape(C * field_height * field_width, -1)", mistake="rows_in_another_order")
edit("im2col_indices", "    return cols.reshape(C * field_height * field_width, -1)", "    return cols.reshape(C * field_height * field_width, -1).T", mistake="transposed")
edit("im2col_indices", "met += cols[:, p, q]", "met[...] = cols[:, p, q]", mistake="assigned_not_added")
edit("im2col_indices", "return padded[:, :, padding : padding + H, padding : padding + W]", "return padded[:, :, padding:-padding, padding:-padding]", mistake="pad0_slice")
edit("im2col_indices", "return padded[:, :, padding : padding + H, padding : padding + W]", "return padded", mistake="frame_not_cut")


@wrong("assigned_not_added", exercise="im2col_indices")
class _:
    def places(x_shape, field_height, field_width, padding, stride):
        N, C, H, W = x_shape
        rows, columns = (H + 2 * padding - field_height) // stride + 1, (W + 2 * padding - field_width) // stride + 1
        c, p, q = (a.reshape(-1, 1) for a in np.indices((C, field_height, field_width)))
        n, i, j = (a.reshape(1, -1) for a in np.indices((N, rows, columns)))
        return n, c, p + i * stride, q + j * stride

    def col2im_indices(cols, x_shape, field_height=3, field_width=3, padding=1, stride=1):
        N, C, H, W = x_shape
        padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
        padded[places(x_shape, field_height, field_width, padding, stride)] += cols
        return padded[:, :, padding : padding + H, padding : padding + W]

    def im2col_indices(x, field_height, field_width, padding=1, stride=1):
        padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        return padded[places(x.shape, field_height, field_width, padding, stride)]


# -- convolution as one product

edit("conv_forward_fast", "w.reshape(F, -1) @ cols + b[:, None]", "w.reshape(F, -1) @ cols", mistake="bias_forgotten")
edit("conv_forward_fast", "out = out.reshape(F, len(x), rows, -1).transpose(1, 0, 2, 3)", "out = out.reshape(len(x), F, rows, -1)", mistake="axes_not_exchanged")
edit("conv_forward_fast", "dout = dout.transpose(1, 0, 2, 3).reshape(F, -1)", "dout = dout.reshape(F, -1)", mistake="axes_not_exchanged")
edit("conv_forward_fast", "db = dout.sum(axis=1)", "db = dout.mean(axis=1)", mistake="averaged_not_summed")
edit("conv_forward_fast", "db = dout.sum(axis=1)", "db = np.zeros(F)", mistake="left_at_zero")
edit("conv_forward_fast", 'HH, WW, conv_param["pad"], conv_param["stride"])', 'HH, WW, 1, conv_param["stride"])', mistake="shapes_do_not_fit")


@wrong("too_slow", exercise="conv_forward_fast")
class _:
    def conv_backward_fast(dout, cache):
        return conv_backward_naive(dout, cache)

    def conv_forward_fast(x, w, b, conv_param):
        return conv_forward_naive(x, w, b, conv_param)


@wrong("too_slow", exercise="conv_forward_fast")
class _:
    def conv_backward_fast(dout, cache):
        x_shape, w, cols, conv_param = cache
        return conv_backward_naive(dout, (col2im_first(cols, x_shape, w, conv_param), w, None, conv_param))

    def col2im_first(cols, x_shape, w, conv_param):
        sizes = (*x_shape, *w.shape[2:], conv_param["pad"], conv_param["stride"])
        N, C, H, W, HH, WW, pad, stride = sizes
        seen = col2im_indices(np.ones_like(cols), x_shape, HH, WW, pad, stride)
        return col2im_indices(cols, x_shape, HH, WW, pad, stride) / np.maximum(seen, 1)

    def conv_forward_fast(x, w, b, conv_param):
        stride, pad = conv_param["stride"], conv_param["pad"]
        F, C, HH, WW = w.shape
        cols = im2col_indices(x, HH, WW, pad, stride)
        out = w.reshape(F, -1) @ cols + b[:, None]
        out = out.reshape(F, len(x), conv_output_size(x.shape[2], HH, stride, pad), -1).transpose(1, 0, 2, 3)
        return out, (x.shape, w, cols, conv_param)


# -- max pooling, forward

edit("max_pool_forward_naive", "window.max()", "window.mean()", mistake="mean_not_max")
edit("max_pool_forward_naive", "window.max()", "window.min()", mistake="min_not_max")
edit("max_pool_forward_naive", "window.max()", "max(0, window.max())", mistake="started_at_zero")
edit("max_pool_forward_naive", "x[n, c, i", "x[n, :, i", mistake="channels_mixed")
edit("max_pool_forward_naive", "j * stride : j * stride + width", "j * stride : j * stride + height", mistake="hw_mixed")
edit("max_pool_forward_naive", "i * stride : i * stride + height, j * stride : j * stride + width", "i : i + height, j : j + width", mistake="stride_ignored")
edit("max_pool_forward_naive", "i * stride : i * stride + height, j * stride : j * stride + width", "i * stride : (i + 1) * stride, j * stride : (j + 1) * stride", mistake="stride_is_the_window")
edit("max_pool_forward_naive", "return out, (x, pool_param)", "return out", mistake="no_cache")
edit("max_pool_forward_naive", "conv_output_size(H, height, stride), conv_output_size(W, width, stride)", "H // stride, W // stride", mistake="outsize_formula")
edit("max_pool_forward_naive", "conv_output_size(H, height, stride), conv_output_size(W, width, stride)", "(H - height) // stride, (W - width) // stride", mistake="outsize_formula")

# -- max pooling, backward

edit("max_pool_backward_naive", "] += dout", "] = dout", mistake="assigned_not_added")
edit("max_pool_backward_naive", "+= dout[n, c, i, j]", "+= 1", mistake="upstream_forgotten")
edit("max_pool_backward_naive", "window.argmax()", "window.argmin()", mistake="smallest_chosen")
edit("max_pool_backward_naive", "+= dout[n, c, i, j]", "+= window.max()", mistake="value_passed_on")
edit("max_pool_backward_naive", "p, q = np.unravel_index(window.argmax(), window.shape)", "p, q = divmod(window.argmax(), height)", mistake="index_out_of_range")
edit("max_pool_backward_naive", "dx[n, c, i * stride + p, j * stride + q] +=", "dx[n, c, i * stride : i * stride + height, j * stride : j * stride + width] +=", mistake="passed_to_all")
edit("max_pool_backward_naive", "dx[n, c, i * stride + p, j * stride + q] += dout[n, c, i, j]", "dx[n, c, i * stride : i * stride + height, j * stride : j * stride + width] += dout[n, c, i, j] / (height * width)", mistake="shared_evenly")
edit("max_pool_backward_naive", "return dx", "return -dx", mistake="sign_flipped")
edit("max_pool_backward_naive", "return dx", "return", mistake="returned_nothing")


@wrong("assigned_not_added")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * S : i * S + HH, j * S : j * S + WW]
                    mask = window == np.max(window)
                    dx[n, c, i * S : i * S + HH, j * S : j * S + WW] = mask * dout[n, c, i, j]
    return dx


@wrong("stride_ignored")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i : i + HH, j : j + WW]
        dx[n, c, i : i + HH, j : j + WW] += (window == window.max()) * dout[n, c, i, j]
    return dx


@wrong("hw_mixed")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, S = pool_param["pool_height"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * S : i * S + HH, j * S : j * S + HH]
        dx[n, c, i * S : i * S + HH, j * S : j * S + HH] += (window == window.max()) * dout[n, c, i, j]
    return dx


@wrong("stride_is_the_window")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    S = pool_param["stride"]
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * S : (i + 1) * S, j * S : (j + 1) * S]
        dx[n, c, i * S : (i + 1) * S, j * S : (j + 1) * S] += (window == window.max()) * dout[n, c, i, j]
    return dx


@wrong("channels_mixed")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for n in range(dout.shape[0]):
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                window = x[n, :, i * S : i * S + HH, j * S : j * S + WW]
                mask = window == np.max(window)
                dx[n, :, i * S : i * S + HH, j * S : j * S + WW] += mask * dout[n, :, i, j][:, None, None]
    return dx


@wrong("outsize_formula")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range((H - HH) // S):
                for j in range((W - WW) // S):
                    window = x[n, c, i * S : i * S + HH, j * S : j * S + WW]
                    dx[n, c, i * S : i * S + HH, j * S : j * S + WW] += (window == np.max(window)) * dout[n, c, i, j]
    return dx


# -- average pooling

edit("avg_pool_forward", "window.mean(axis=(2, 3))", "window.sum(axis=(2, 3))", mistake="not_divided")
edit("avg_pool_forward", "window.mean(axis=(2, 3))", "window.max(axis=(2, 3))", mistake="max_not_mean")
edit("avg_pool_forward", "window += dout[:, :, i, j, None, None] / (height * width)", "window += dout[:, :, i, j, None, None]", mistake="not_divided")
edit("avg_pool_forward", "/ (height * width)", "/ (height * height)", mistake="divided_by_the_wrong_number")
edit("avg_pool_forward", "/ (height * width)", "/ stride**2", mistake="divided_by_the_wrong_number")
edit("avg_pool_forward", "window += dout", "window[...] = dout", mistake="assigned_not_added")
edit("avg_pool_forward", "window = dx[:, :, i * stride : i * stride + height, j * stride : j * stride + width]", "window = dx[:, :, i : i + height, j : j + width]", mistake="stride_ignored")
edit("avg_pool_forward", "window = dx[:, :, i * stride : i * stride + height, j * stride : j * stride + width]", "window = dx[:, :, i * stride : i * stride + height, j * stride : j * stride + height]", mistake="hw_mixed")

# -- average pooling as a convolution

edit("avg_pool_as_conv", "w[c, c] =", "w[c] =", mistake="channels_mixed")
edit("avg_pool_as_conv", "w[c, c] = 1 / (pool_height * pool_width)", "w[c, c] = 1", mistake="not_divided")
edit("avg_pool_as_conv", "1 / (pool_height * pool_width)", "1 / (channels * pool_height * pool_width)", mistake="divided_by_the_wrong_number")
edit("avg_pool_as_conv", "1 / (pool_height * pool_width)", "1 / pool_height**2", mistake="divided_by_the_wrong_number")
edit("avg_pool_as_conv", "w = np.zeros((channels, channels, pool_height, pool_width))\n    for c in range(channels):\n        w[c, c] = 1 / (pool_height * pool_width)", "w = np.ones((channels, 1, pool_height, pool_width)) / (pool_height * pool_width)", mistake="channels_mixed")

# -- affine layers as convolutions

edit("affine_as_conv", "w[:, :, 0, 0].T + b", "w[:, :, 0, 0].T", mistake="bias_forgotten")
edit("affine_as_conv", "return out.transpose(0, 3, 1, 2)", "return out", mistake="axes_not_exchanged")
edit("affine_as_conv", "    out = x.transpose(0, 2, 3, 1) @ w[:, :, 0, 0].T + b\n    return out.transpose(0, 3, 1, 2)", "    out = w[:, :, 0, 0] @ x.reshape(x.shape[1], -1) + b[:, None]\n    return out.reshape(len(x), len(w), *x.shape[2:])", mistake="images_mixed")
edit("affine_as_conv", "    out = x.transpose(0, 2, 3, 1) @ w[:, :, 0, 0].T + b\n    return out.transpose(0, 3, 1, 2)", "    out = w[:, :, 0, 0] @ x.reshape(x.shape[1], -1) + b[:, None]\n    return out.reshape(len(w), len(x), *x.shape[2:]).transpose(1, 0, 2, 3)", mistake="images_mixed")
edit("affine_as_conv", "return out.transpose(0, 3, 1, 2)", "return out.reshape(len(x), len(w), *x.shape[2:])", mistake="axes_not_exchanged")
edit("affine_as_conv", "w.T.reshape(-1, *image_shape)", "w.reshape(-1, *image_shape)", mistake="not_turned")
edit("affine_as_conv", "w.T.reshape(-1, *image_shape)", "w.T.reshape(-1, *image_shape[1:], image_shape[0]).transpose(0, 3, 1, 2)", mistake="channels_last")

# -- the network

edit("ThreeLayerConvNet", "            grads[name] += self.reg * params[name]\n", "", mistake="reg_missing")
edit("ThreeLayerConvNet", "            loss += 0.5 * self.reg * np.sum(params[name] ** 2)\n            grads[name] += self.reg * params[name]\n", "            pass\n", mistake="reg_missing")
edit("ThreeLayerConvNet", 'for name in ("W1", "W2", "W3"):', 'for name in ("W2", "W3"):', mistake="reg_missing")
edit("ThreeLayerConvNet", "if y is None:", "if not np.any(y):", mistake="zeros_taken_for_none")
edit("ThreeLayerConvNet", "grads[name] += self.reg * params[name]", "grads[name] += 2 * self.reg * params[name]", mistake="reg_factor")
edit("ThreeLayerConvNet", "loss += 0.5 * self.reg * np.sum(params[name] ** 2)", "loss += self.reg * np.sum(params[name] ** 2)", mistake="reg_factor")
edit("ThreeLayerConvNet", 'for name in ("W1", "W2", "W3"):', "for name in params:", mistake="reg_biases")
edit("ThreeLayerConvNet", "(num_filters * (H // 2) * (W // 2), hidden_dim)", "(num_filters * (H // 2) * (H // 2), hidden_dim)", mistake="param_shape")
edit("ThreeLayerConvNet", "weight_scale * rng.standard_normal(shape)", "rng.standard_normal(shape)", mistake="weights_not_scaled")
edit("ThreeLayerConvNet", "weight_scale * rng.standard_normal(shape)", "(weight_scale if name != 'W3' else 1.0) * rng.standard_normal(shape)", mistake="weights_not_scaled")
edit("ThreeLayerConvNet", 'scores, scores_cache = affine_forward(hidden, params["W3"], params["b3"])', 'scores, scores_cache = affine_forward(hidden, params["W3"], params["b3"])\n        scores = np.maximum(0, scores)', mistake="relu_on_scores")
edit("ThreeLayerConvNet", "hidden, hidden_cache = relu_forward(hidden)", "hidden_cache = np.ones_like(hidden)", mistake="relu_left_out")


# -- right answers in other shapes


@variant("padding by hand, the innermost loops over channels and pixels, a list as a cache")
class _:
    def conv_forward_naive(x, w, b, conv_param):
        S, P = conv_param["stride"], conv_param["pad"]
        N, C, H, W = x.shape
        F, C, HH, WW = w.shape
        frame = np.zeros((N, C, H + 2 * P, W + 2 * P))
        frame[:, :, P : P + H, P : P + W] = x
        rows, columns = int(1 + (H + 2 * P - HH) / S), int(1 + (W + 2 * P - WW) / S)
        out = np.zeros((N, F, rows, columns))
        for n in range(N):
            for f in range(F):
                for i in range(rows):
                    for j in range(columns):
                        s = b[f]
                        for c in range(C):
                            for p in range(HH):
                                for q in range(WW):
                                    s += w[f, c, p, q] * frame[n, c, i * S + p, j * S + q]
                        out[n, f, i, j] = s
        return out, [x, w, b, conv_param, frame]

    def conv_backward_naive(dout, cache):
        x, w, b, conv_param, frame = cache
        S, P = conv_param["stride"], conv_param["pad"]
        dframe, dw, db = np.zeros(frame.shape), np.zeros(w.shape), np.zeros(b.shape)
        N, F, rows, columns = dout.shape
        for n in range(N):
            for f in range(F):
                for i in range(rows):
                    for j in range(columns):
                        db[f] += dout[n, f, i, j]
                        for c in range(w.shape[1]):
                            for p in range(w.shape[2]):
                                for q in range(w.shape[3]):
                                    dframe[n, c, i * S + p, j * S + q] += w[f, c, p, q] * dout[n, f, i, j]
                                    dw[f, c, p, q] += frame[n, c, i * S + p, j * S + q] * dout[n, f, i, j]
        if P > 0:
            dframe = dframe[:, :, P:-P, P:-P]
        return [dframe, dw, db]


@variant("one einsum over a view of all windows; the cache is a dict")
class _:
    def windows(x, height, width, stride):
        return np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))[:, :, ::stride, ::stride]

    def conv_forward_naive(x, w, b, conv_param):
        S, P = conv_param["stride"], conv_param["pad"]
        padded = np.pad(x, [(0, 0), (0, 0), (P, P), (P, P)])
        out = np.einsum("ncijpq,fcpq->nfij", windows(padded, *w.shape[2:], S), w) + b.reshape(1, -1, 1, 1)
        return out, {"padded": padded, "w": w, "param": conv_param, "shape": x.shape}

    def conv_backward_naive(dout, cache):
        padded, w, P, S = cache["padded"], cache["w"], cache["param"]["pad"], cache["param"]["stride"]
        H, W = cache["shape"][2:]
        dw = np.einsum("ncijpq,nfij->fcpq", windows(padded, *w.shape[2:], S), dout)
        dpadded = np.zeros_like(padded)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                dpadded[:, :, i * S : i * S + w.shape[2], j * S : j * S + w.shape[3]] += np.tensordot(dout[:, :, i, j], w, 1)
        return dpadded[:, :, P : P + H, P : P + W], dw, np.einsum("nfij->f", dout)

    def max_pool_forward_naive(x, pool_param):
        seen = windows(x, pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"])
        return seen.max(axis=(-1, -2)), {"x": x, **pool_param}

    def max_pool_backward_naive(dout, cache):
        x, h, w, s = cache["x"], cache["pool_height"], cache["pool_width"], cache["stride"]
        dx = np.zeros_like(x)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                part = x[:, :, i * s : i * s + h, j * s : j * s + w]
                ties = part == part.max(axis=(2, 3), keepdims=True)
                share = ties / ties.sum(axis=(2, 3), keepdims=True)
                dx[:, :, i * s : i * s + h, j * s : j * s + w] += share * dout[:, :, i, j][:, :, None, None]
        return dx


@variant("all maxima of a tie, winners kept from forward, printing on every call")
class _:
    def max_pool_forward_naive(x, pool_param):
        h, w, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
        N, C, H, W = x.shape
        print("pooling", x.shape)
        out, masks = np.zeros((N, C, (H - h) // s + 1, (W - w) // s + 1)), []
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                window = x[:, :, i * s : i * s + h, j * s : j * s + w]
                out[:, :, i, j] = np.max(window, axis=(2, 3))
                masks.append(window == out[:, :, i : i + 1, j : j + 1])
        return out, (x.shape, s, masks)

    def max_pool_backward_naive(dout, cache):
        shape, s, masks = cache
        dx = np.zeros(shape)
        columns = dout.shape[3]
        for k, mask in enumerate(masks):
            i, j = divmod(k, columns)
            dx[:, :, i * s : i * s + mask.shape[2], j * s : j * s + mask.shape[3]] += mask * dout[:, :, i : i + 1, j : j + 1]
        return dx


@variant("gradients with an axis of length 1 kept; dout multiplied in place")
class _:
    def conv_backward_naive(dout, cache):
        x, w, b, conv_param = cache
        S, P = conv_param["stride"], conv_param["pad"]
        dout *= 1.0
        padded = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
        dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                place = (..., slice(i * S, i * S + w.shape[2]), slice(j * S, j * S + w.shape[3]))
                dpadded[place] += np.einsum("nf,fcpq->ncpq", dout[:, :, i, j], w)
                dw += np.einsum("nf,ncpq->fcpq", dout[:, :, i, j], padded[place])
        dx = dpadded[:, :, P : padded.shape[2] - P, P : padded.shape[3] - P]
        return dx, dw, dout.sum(axis=(0, 2, 3), keepdims=True).reshape(1, -1)


@variant("patches by index arrays, np.add.at on the way back")
class _:
    def get_im2col_indices(x_shape, field_height, field_width, padding=1, stride=1):
        N, C, H, W = x_shape
        out_height = (H + 2 * padding - field_height) // stride + 1
        out_width = (W + 2 * padding - field_width) // stride + 1
        i0 = np.tile(np.repeat(np.arange(field_height), field_width), C)
        i1 = stride * np.repeat(np.arange(out_height), out_width)
        j0 = np.tile(np.arange(field_width), field_height * C)
        j1 = stride * np.tile(np.arange(out_width), out_height)
        k = np.repeat(np.arange(C), field_height * field_width).reshape(-1, 1)
        return k, i0.reshape(-1, 1) + i1.reshape(1, -1), j0.reshape(-1, 1) + j1.reshape(1, -1)

    def col2im_indices(cols, x_shape, field_height=3, field_width=3, padding=1, stride=1):
        N, C, H, W = x_shape
        padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
        k, i, j = get_im2col_indices(x_shape, field_height, field_width, padding, stride)
        cols = cols.reshape(C * field_height * field_width, N, -1).transpose(1, 0, 2)
        np.add.at(padded, (slice(None), k, i, j), cols)
        return padded if padding == 0 else padded[:, :, padding:-padding, padding:-padding]

    def im2col_indices(x, field_height, field_width, padding=1, stride=1):
        p = padding
        k, i, j = get_im2col_indices(x.shape, field_height, field_width, padding, stride)
        cols = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), mode="constant")[:, k, i, j]
        return cols.transpose(1, 0, 2).reshape(field_height * field_width * x.shape[1], -1)


@variant("im2col window by window, plain lists")
class _:
    def col2im_indices(cols, x_shape, field_height=3, field_width=3, padding=1, stride=1):
        N, C, H, W = x_shape
        padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
        column = 0
        for n in range(N):
            for i in range(0, H + 2 * padding - field_height + 1, stride):
                for j in range(0, W + 2 * padding - field_width + 1, stride):
                    patch = cols[:, column].reshape(C, field_height, field_width)
                    padded[n, :, i : i + field_height, j : j + field_width] += patch
                    column += 1
        return padded[:, :, padding : H + padding, padding : W + padding]

    def im2col_indices(x, field_height, field_width, padding=1, stride=1):
        N, C, H, W = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
        cols = []
        for n in range(N):
            for i in range(0, H + 2 * padding - field_height + 1, stride):
                for j in range(0, W + 2 * padding - field_width + 1, stride):
                    cols.append(padded[n, :, i : i + field_height, j : j + field_width].flatten())
        return np.array(cols).T

    def conv_backward_fast(dout, cache):
        padded, x_shape, w, conv_param = cache
        pad, stride = conv_param["pad"], conv_param["stride"]
        dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
        rows, columns = dout.shape[2:]
        for p in range(w.shape[2]):
            for q in range(w.shape[3]):
                place = (..., slice(p, p + stride * rows, stride), slice(q, q + stride * columns, stride))
                dpadded[place] += np.einsum("nfij,fc->ncij", dout, w[:, :, p, q], optimize=True)
                dw[:, :, p, q] = np.tensordot(dout, padded[place], axes=((0, 2, 3), (0, 2, 3)))
        return dpadded[:, :, pad : pad + x_shape[2], pad : pad + x_shape[3]], dw, dout.sum(axis=(0, 2, 3))

    def conv_forward_fast(x, w, b, conv_param):
        pad, stride = conv_param["pad"], conv_param["stride"]
        padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        rows = (padded.shape[2] - w.shape[2]) // stride + 1
        columns = (padded.shape[3] - w.shape[3]) // stride + 1
        out = np.zeros((len(x), len(w), rows, columns)) + b[:, None, None]
        for p in range(w.shape[2]):
            for q in range(w.shape[3]):
                part = padded[:, :, p : p + stride * rows : stride, q : q + stride * columns : stride]
                out += np.tensordot(w[:, :, p, q], part, axes=(1, 1)).transpose(1, 0, 2, 3)
        return out, (padded, x.shape, w, conv_param)


@variant("average pooling and 1x1 convolution through convolution; filters by np.eye; a network of nested functions")
class _:
    def avg_pool_backward(dout, cache):
        x, h, w, s = cache
        dx = np.zeros(x.shape)
        for p in range(h):
            for q in range(w):
                dx[:, :, p : p + s * dout.shape[2] : s, q : q + s * dout.shape[3] : s] += dout / (h * w)
        return dx

    def avg_pool_forward(x, pool_param):
        h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
        rows, columns = (x.shape[2] - h) // s + 1, (x.shape[3] - w) // s + 1
        out = sum(x[:, :, p : p + s * rows : s, q : q + s * columns : s] for p in range(h) for q in range(w))
        return out / (h * w), (x, h, w, s)

    def avg_pool_as_conv(channels, pool_height, pool_width):
        n = pool_height * pool_width
        w = np.kron(np.eye(channels), np.ones((1, n))).reshape(channels, channels, pool_height, pool_width) / n
        return [w, [0.0] * channels]

    def conv_1x1(x, w, b):
        return conv_forward_naive(x, w, b, {"stride": 1, "pad": 0})[0]

    def affine_as_conv(w, b, image_shape):
        filters = [w[:, m].reshape(image_shape) for m in range(w.shape[1])]
        return np.array(filters), 1.0 * b

    class ThreeLayerConvNet:
        def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0, seed=0):
            C, H, W = input_dim
            np.random.seed(seed)
            self.reg, self.params = reg, {}
            self.conv_param = {"stride": 1, "pad": filter_size // 2}
            self.pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
            sizes = [(num_filters, C, filter_size, filter_size), (num_filters * H * W // 4, hidden_dim), (hidden_dim, num_classes)]
            for k, size in enumerate(sizes, 1):
                self.params[f"W{k}"] = np.random.normal(0, weight_scale, size)
                self.params[f"b{k}"] = np.zeros(size[0] if k == 1 else size[1])

        def loss(self, X, y=None):
            W1, b1, W2, b2, W3, b3 = (self.params[k] for k in ("W1", "b1", "W2", "b2", "W3", "b3"))

            def block(X):
                a, conv = conv_forward_naive(X, W1, b1, self.conv_param)
                r, relu = relu_forward(a)
                out, pool = max_pool_forward_naive(r, self.pool_param)
                return out, (conv, relu, pool)

            out1, cache1 = block(X)
            out2, cache2 = affine_forward(out1, W2, b2)
            out3, cache3 = relu_forward(out2)
            scores, cache4 = affine_forward(out3, W3, b3)
            if y is None:
                return scores
            data_loss, dscores = softmax_loss(scores, y)
            grads = {}
            dout3, grads["W3"], grads["b3"] = affine_backward(dscores, cache4)
            dout1, grads["W2"], grads["b2"] = affine_backward(relu_backward(dout3, cache3), cache2)
            conv, relu, pool = cache1
            _, grads["W1"], grads["b1"] = conv_backward_naive(relu_backward(max_pool_backward_naive(dout1, pool), relu), conv)
            for W in ("W1", "W2", "W3"):
                grads[W] = grads[W] + self.reg * self.params[W]
            return data_loss + self.reg / 2 * sum((W * W).sum() for W in (W1, W2, W3)), grads


@variant("sizes from a list of places, as a NumPy integer; parameters counted filter by filter")
class _:
    def conv_parameter_count(filters, depth, height, width):
        return sum(depth * height * width + 1 for _ in range(filters))

    def conv_output_size(size, filter_size, stride=1, pad=0):
        places = np.arange(-pad, size + pad - filter_size + 1, stride)
        if len(places) == 0 or places[-1] + filter_size != size + pad:
            raise ValueError("does not fit")
        return np.int64(len(places))


@variant("default arguments added, lambdas, staged local variables, a trailing unused result")
class _:
    def conv_forward_naive(x, w, b, conv_param, verbose=False):
        stride = conv_param["stride"]
        pad = conv_param["pad"]

        def size(n, f):
            return 1 + (n + 2 * pad - f) // stride

        F, _, HH, WW = w.shape
        out = np.zeros((x.shape[0], F, size(x.shape[2], HH), size(x.shape[3], WW)))
        xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                patches = xp[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW].reshape(len(x), -1)
                out[:, :, i, j] = patches.dot(w.reshape(F, -1).T) + b
        cache = (x, w, b, conv_param)
        return out, cache

    def conv_forward_fast(x, w, b, conv_param, im2col=None):
        stride, pad = conv_param["stride"], conv_param["pad"]
        F, C, HH, WW = w.shape
        cols = (im2col or im2col_indices)(x, HH, WW, pad, stride)
        H_out, W_out = 1 + (x.shape[2] + 2 * pad - HH) // stride, 1 + (x.shape[3] + 2 * pad - WW) // stride
        out = np.dot(cols.T, w.reshape(F, -1).T) + b
        return out.reshape(len(x), H_out, W_out, F).transpose(0, 3, 1, 2), [x, w, cols, stride, pad]

    def conv_backward_fast(dout, cache):
        x, w, cols, stride, pad = cache
        flat = dout.transpose(0, 2, 3, 1).reshape(-1, len(w))
        dx = col2im_indices(np.dot(flat, w.reshape(len(w), -1)).T, x.shape, *w.shape[2:], pad, stride)
        return dx, np.dot(cols, flat).T.reshape(w.shape), flat.sum(0)


@wrong("bias_for_each_channel")
def conv_forward_naive(x, w, b, conv_param):
    step, pad = conv_param["stride"], conv_param["pad"]
    (N, C, H, W), (F, _, HH, WW) = x.shape, w.shape
    framed = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, 1 + (H + 2 * pad - HH) // step, 1 + (W + 2 * pad - WW) // step))
    for n, f, i, j in np.ndindex(out.shape):
        for c in range(C):
            patch = framed[n, c, i * step : i * step + HH, j * step : j * step + WW]
            out[n, f, i, j] += np.sum(patch * w[f, c]) + b[f]
    return out, (x, w, b, conv_param)


@wrong("assertion_for_value_error", exercise="conv_output_size")
class _:
    def conv_output_size(size, filter_size, stride=1, pad=0):
        room = size + 2 * pad - filter_size
        assert room >= 0 and room % stride == 0, "does not fit"
        return room // stride + 1

    def conv_parameter_count(filters, depth, height, width):
        return filters * (depth * height * width + 1)


@wrong(None, exercise="conv_output_size")
class _:
    def conv_output_size(size, filter_size, stride=1, pad=0):
        if filter_size > size or (size + 2 * pad - filter_size) % stride:
            raise ValueError("The filter does not fit.")
        return (size + 2 * pad - filter_size) // stride + 1

    def conv_parameter_count(filters, depth, height, width):
        return filters * (depth * height * width + 1)


edit("ThreeLayerConvNet", "np.random.default_rng(seed)", "np.random.default_rng(0)", mistake="seed_unused")
