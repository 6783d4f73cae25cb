"""Typical wrong answers and unusual right ones to the exercises of the notebook on transfer learning. Read, never run."""

import hashlib
from pathlib import Path

import numpy as np

from autograder.course.answers import edit, variant, wrong
from utils import SQUEEZENET_MEAN
from utils.convolutions import conv_backward_fast, conv_forward_fast
from utils.layers import relu_backward, relu_forward

# ---------------------------------------------------------------- preprocess
edit("preprocess", "images[:, ::-1]", "images", mistake="channels_not_exchanged")
edit("preprocess", "images[:, ::-1]", "images[:, :, ::-1]", mistake="rows_turned_round")
edit("preprocess", "images[:, ::-1]", "images[::-1]", mistake="batch_turned_round")
edit("preprocess", "np.array(SQUEEZENET_MEAN)", "np.array(SQUEEZENET_MEAN)[::-1]", mistake="mean_exchanged")
edit("preprocess", "return 255 * images[:, ::-1] - mean", "return (255 * images - mean)[:, ::-1]", mistake="mean_exchanged")
edit("preprocess", "255 * images", "images", mistake="not_scaled")
edit("preprocess", "255 * images[:, ::-1] - mean", "255 * (images[:, ::-1] - mean)", mistake="mean_scaled")
edit("preprocess", "- mean", "+ mean", mistake="mean_added")
edit("preprocess", " - mean", "", mistake="mean_forgotten")
edit("preprocess", "return 255 * images[:, ::-1] - mean", "return (255 * images[:, ::-1] - mean) / 255", mistake="scaled_back")


@wrong("own_mean")
def preprocess(images):
    x = 255 * images[:, ::-1]
    return x - x.mean(axis=(0, 2, 3), keepdims=True)


@variant("channel by channel, into a new array")
def preprocess(images):
    out = np.empty(images.shape)
    for to, (channel, mean) in enumerate(zip([2, 1, 0], SQUEEZENET_MEAN)):
        out[:, to] = images[:, channel] * 255 - mean
    return out


@variant("in place on a copy, with index arrays")
def preprocess(images):
    x = images[:, [2, 1, 0], :, :].copy()
    x *= 255.0
    x -= np.asarray(SQUEEZENET_MEAN)[None, :, None, None]
    return x


@variant("np.flip and a mean in a loop over images")
def preprocess(images):
    flipped = np.flip(images, axis=1)
    return np.stack([image * 255 - np.array(SQUEEZENET_MEAN)[:, np.newaxis, np.newaxis] for image in flipped])


# ---------------------------------------------------------------- fire_forward
edit("fire_forward", "[ones, threes]", "[threes, ones]", mistake="order_of_maps")
edit("fire_forward", "relu_forward(np.concatenate([ones, threes], axis=1))", "np.concatenate([ones, threes], axis=1), np.ones(1)", mistake="last_relu_missing")
edit("fire_forward", "squeezed, squeeze_mask = relu_forward(squeezed)", "squeeze_mask = relu_forward(squeezed)[1]", mistake="squeeze_relu_missing")
edit("fire_forward", 'w3, b3, {"stride": 1, "pad": 1}', 'w3, b3, {"stride": 1, "pad": 0}', mistake="expand_not_padded")
edit("fire_forward", "conv_forward_fast(squeezed, w3", "conv_forward_fast(x, w3", mistake="shapes_do_not_fit")
edit("fire_forward", "return out, (squeeze_cache, squeeze_mask, ones_cache, threes_cache, mask, len(w1))", "return out", mistake="no_cache")
edit("fire_forward", "from_ones + from_threes", "from_threes", mistake="only_from_3x3")
edit("fire_forward", "from_ones + from_threes", "from_ones", mistake="only_from_1x1")
edit("fire_forward", "from_ones + from_threes", "(from_ones + from_threes) / 2", mistake="branches_averaged")
edit("fire_forward", "    dout = relu_backward(dout, mask)\n", "", mistake="last_mask_missing")
edit("fire_forward", "relu_backward(from_ones + from_threes, squeeze_mask)", "from_ones + from_threes", mistake="squeeze_mask_missing")
edit("fire_forward", "return dx, dws, dbs, dw1, db1, dw3, db3", "return dx, dws, dbs, dw3, db3, dw1, db1", mistake="wrong_order")
edit("fire_forward", "return dx, dws, dbs, dw1, db1, dw3, db3", "return dx, dws, dbs, dw1, db1", mistake="wrong_count")
edit("fire_forward", "    return dx, dws, dbs, dw1, db1, dw3, db3", "    dx, dws, dbs, dw1, db1, dw3, db3", mistake="returned_nothing")
edit("fire_forward", "return dx, dws, dbs, dw1", "return -dx, dws, dbs, dw1", mistake="sign_flipped")
edit("fire_forward", "return dx, dws, dbs, dw1, db1", "return dx, dws, dbs / len(dout), dw1, db1", mistake="averaged_twice")


@variant("a dict as the cache, two relus after the expansions")
class _:
    def fire_forward(x, ws, bs, w1, b1, w3, b3):
        same, padded = dict(stride=1, pad=0), dict(stride=1, pad=1)
        s, c1 = conv_forward_fast(x, ws, bs, same)
        s, r1 = relu_forward(s)
        a, c2 = conv_forward_fast(s, w1, b1, same)
        a, r2 = relu_forward(a)
        b, c3 = conv_forward_fast(s, w3, b3, padded)
        b, r3 = relu_forward(b)
        return np.hstack([a, b]), {"caches": (c1, r1, c2, r2, c3, r3), "split": w1.shape[0]}

    def fire_backward(dout, cache):
        c1, r1, c2, r2, c3, r3 = cache["caches"]
        da, db = np.split(dout, [cache["split"]], axis=1)
        ds, dw1, db1 = conv_backward_fast(relu_backward(da, r2), c2)
        ds3, dw3, db3 = conv_backward_fast(relu_backward(db, r3), c3)
        ds = ds + ds3
        dx, dws, dbs = conv_backward_fast(relu_backward(ds, r1), c1)
        return [dx, dws, dbs, dw1, db1, dw3, db3]


@variant("both expansions as one 3x3 convolution")
class _:
    def fire_forward(x, ws, bs, w1, b1, w3, b3):
        s, c = conv_forward_fast(x, ws, bs, {"stride": 1, "pad": 0})
        s, m = relu_forward(s)
        w = np.concatenate([np.pad(w1, ((0, 0), (0, 0), (1, 1), (1, 1))), w3])
        out, c3 = conv_forward_fast(s, w, np.concatenate([b1, b3]), {"stride": 1, "pad": 1})
        return np.maximum(out, 0), (c, m, c3, out > 0, len(b1))

    def fire_backward(dout, cache):
        c, m, c3, positive, split = cache
        ds, dw, db = conv_backward_fast(dout * positive, c3)
        dx, dws, dbs = conv_backward_fast(relu_backward(ds, m), c)
        return dx, dws, dbs, dw[:split, :, 1:2, 1:2], db[:split], dw[split:], db[split:]


@variant("1x1 convolutions as products of matrices")
class _:
    def fire_forward(x, ws, bs, w1, b1, w3, b3):
        s = np.einsum("sc,nchw->nshw", ws[:, :, 0, 0], x) + bs[:, None, None]
        r = np.maximum(s, 0)
        a = np.einsum("es,nshw->nehw", w1[:, :, 0, 0], r) + b1.reshape(1, -1, 1, 1)
        b, cache = conv_forward_fast(r, w3, b3, {"stride": 1, "pad": 1})
        out = np.concatenate((a, b), axis=1)
        return out * (out > 0), (x, s, r, out, ws, w1, cache)

    def fire_backward(dout, cache):
        x, s, r, out, ws, w1, cache3 = cache
        dout = np.where(out > 0, dout, 0)
        da, db = dout[:, : w1.shape[0]], dout[:, w1.shape[0] :]
        dr, dw3, db3 = conv_backward_fast(db, cache3)
        dr = dr + np.einsum("es,nehw->nshw", w1[:, :, 0, 0], da)
        ds = dr * (s > 0)
        dw1 = np.einsum("nehw,nshw->es", da, r)[:, :, None, None]
        dws = np.einsum("nshw,nchw->sc", ds, x)[:, :, None, None]
        dx = np.einsum("sc,nshw->nchw", ws[:, :, 0, 0], ds)
        return dx, dws, ds.sum((0, 2, 3)), dw1, da.sum((0, 2, 3)), dw3, db3


# ---------------------------------------------------------------- save_weights
edit("save_weights", "array.astype(dtype) for", "array for", mistake="not_halved")
edit("save_weights", "array.astype(dtype) for", "array.astype(int) for", mistake="rounded_to_integers")
edit("save_weights", "arrays[name].astype(dtype)", "arrays[name]", mistake="wrong_dtype")
edit("save_weights", "array.dtype.kind not in", "array.dtype.kind in 'z' and array.dtype.kind not in", mistake="other_things_saved")
edit("save_weights", "if sha256 is not None and found != sha256:", "if False:", mistake="checksum_ignored")
edit("save_weights", "and found != sha256:", "and found[:8] != sha256[:8]:", mistake="checksum_ignored")
edit("save_weights", "allow_pickle=False", "allow_pickle=True", mistake="pickle_read")
edit("save_weights", "return {name: arrays[name].astype(dtype) for name in arrays.files}", "return [arrays[name].astype(dtype) for name in arrays.files]", mistake="not_a_dict")
edit("save_weights", "        return {name: arrays[name]", "        {name: arrays[name]", mistake="not_a_dict")
edit("save_weights", "for name in arrays.files", "for name in list(arrays.files)[:1]", mistake="names_lost")
edit("save_weights", "for name in arrays.files", "for name in arrays.files if name.endswith('w')", mistake="names_lost")


@wrong("names_lost", exercise="save_weights")  # the slash was taken for a folder
class _:
    def save_weights(path, params, dtype="float16"):
        for value in params.values():
            if np.asarray(value).dtype.kind not in "fiub":
                raise ValueError("not a number")
        np.savez(path, **{name.replace("/", "_"): np.asarray(value).astype(dtype) for name, value in params.items()})

    def load_weights(path, sha256=None, dtype="float32"):
        data = Path(path).read_bytes()
        if sha256 and hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError("another file")
        loaded = np.load(path)
        return {name: loaded[name].astype(dtype) for name in loaded.files}


@wrong("written_first", exercise="save_weights")  # what can be saved is saved, and then the rest is refused
class _:
    def save_weights(path, params, dtype="float16"):
        arrays = {name: np.asarray(value) for name, value in params.items()}
        numbers = {name: array.astype(dtype) for name, array in arrays.items() if array.dtype.kind in "fiub"}
        np.savez(path, **numbers)
        if len(numbers) < len(arrays):
            raise ValueError("not a number")

    def load_weights(path, sha256=None, dtype="float32"):
        data = Path(path).read_bytes()
        if sha256 and hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError("another file")
        loaded = np.load(path)
        return {name: loaded[name].astype(dtype) for name in loaded.files}


@variant("compressed, read in memory, ValueErrors of NumPy's own")
class _:
    def save_weights(path, params, dtype="float16"):
        ready = {}
        for name in params:
            array = np.array(params[name])
            if not (np.issubdtype(array.dtype, np.number) or array.dtype == bool):
                raise ValueError(name)
            ready[name] = array.astype(np.dtype(dtype))
        np.savez_compressed(path, **ready)

    def load_weights(path, sha256=None, dtype="float32"):
        import io

        data = Path(path).read_bytes()
        digest = hashlib.sha256()
        digest.update(data)
        if sha256 and digest.hexdigest() != sha256.lower():
            raise ValueError(f"checksum of {path} is {digest.hexdigest()}")
        archive = np.load(io.BytesIO(data), allow_pickle=False)
        out = {}
        for name, array in archive.items():
            out[name] = np.asarray(array, dtype=dtype)
        return out


# ---------------------------------------------------------------- extract_features
edit("extract_features", "out.mean(axis=(2, 3))", "out.reshape(len(out), -1)", mistake="not_averaged")
edit("extract_features", "out.mean(axis=(2, 3))", "out.sum(axis=(2, 3))", mistake="summed_over_places")
edit("extract_features", "out.mean(axis=(2, 3))", "out.max(axis=(2, 3))", mistake="largest_of_each_map")
edit("extract_features", "out.mean(axis=(2, 3))", "out.mean(axis=(1, 2))", mistake="averaged_over_maps")
edit("extract_features", "range(0, len(X), batch_size)", "range(0, len(X) - batch_size + 1, batch_size)", mistake="rest_dropped")
edit("extract_features", "out = forward(params, X[start : start + batch_size])", "out = X[start : start + batch_size]", mistake="images_averaged")
edit("extract_features", "range(0, len(X), batch_size)", "[0]", mistake="wrong_shape")
edit("extract_features", "return np.concatenate(parts)", "return parts[-1]", mistake="wrong_shape")
edit("extract_features", " / np.linalg.norm(features, axis=1, keepdims=True)", "", mistake="lengths_count")
edit("extract_features", "np.argsort(-queries @ features.T, axis=1)", "np.argsort(queries @ features.T, axis=1)", mistake="least_similar")
edit("extract_features", "np.argsort(-queries @ features.T, axis=1)[:, :k]", "np.argsort(queries @ features.T, axis=1)[:, -k:]", mistake="most_similar_last")
edit("extract_features", "np.argsort(-queries @ features.T, axis=1)[:, :k]", "-np.sort(-queries @ features.T, axis=1)[:, :k]", mistake="similarities_returned")


@wrong("batch_too_large", exercise="extract_features")
class _:
    def extract_features(forward, params, X, batch_size=50):
        out = forward(params, X)
        return out.mean(axis=(2, 3)) if out.ndim == 4 else out

    def nearest_neighbours(features, queries, k=1):
        a = features / np.linalg.norm(features, axis=1)[:, None]
        b = queries / np.linalg.norm(queries, axis=1)[:, None]
        return np.argsort(-(b @ a.T), axis=1)[:, :k]


@wrong("nearest_by_distance", exercise="extract_features")
class _:
    def extract_features(forward, params, X, batch_size=50):
        parts = [forward(params, X[i : i + batch_size]) for i in range(0, len(X), batch_size)]
        return np.concatenate([p.mean((2, 3)) if p.ndim == 4 else p for p in parts])

    def nearest_neighbours(features, queries, k=1):
        distances = ((queries[:, None] - features[None]) ** 2).sum(axis=2)
        return distances.argsort(axis=1)[:, :k]


@variant("one example at a time, neighbours one by one")
class _:
    def extract_features(forward, params, X, batch_size=50):
        rows = []
        for x in X:
            out = np.asarray(forward(params, x[None]))[0]
            rows.append([m.mean() for m in out] if out.ndim == 3 else list(out))
        return np.array(rows)

    def nearest_neighbours(features, queries, k=1):
        found = []
        for q in queries:
            cosines = [np.dot(q, f) / np.linalg.norm(f) for f in features]
            found.append(sorted(range(len(features)), key=lambda i: cosines[i], reverse=True)[:k])
        return found


@variant("filled into an array made at the first batch")
class _:
    def extract_features(forward, params, X, batch_size=50):
        features, start = None, 0
        while start < len(X):
            out = forward(params, X[start : start + batch_size])
            if out.ndim > 2:
                out = out.reshape(out.shape[0], out.shape[1], -1).mean(axis=-1)
            if features is None:
                features = np.zeros((len(X), out.shape[1]))
            features[start : start + len(out)] = out
            start += batch_size
        return features

    def nearest_neighbours(features, queries, k=1):
        similarity = queries.dot(features.T) / np.sqrt((features**2).sum(axis=1))
        return np.flip(np.argsort(similarity, axis=1), axis=1)[:, 0:k]


# ---------------------------------------------------------------- replace_head
edit("replace_head", "(len(old), num_classes)", "(num_classes, len(old))", mistake="head_turned")
edit("replace_head", '    replaced["head/b"] = np.zeros(num_classes, dtype=old.dtype)\n', '    replaced["head/b"] = replaced["head/b"][:num_classes]\n', mistake="old_bias_kept")
edit("replace_head", "np.zeros(num_classes, dtype=old.dtype)", "np.ones(num_classes, dtype=old.dtype)", mistake="bias_of_ones")
edit("replace_head", "scale * rng", "rng", mistake="scale_forgotten")
edit("replace_head", "scale * rng", "scale**2 * rng", mistake="scale_squared")
edit("replace_head", "scale * rng", "np.sqrt(scale) * rng", mistake="scale_is_variance")
edit("replace_head", "scale * rng", "0.01 * rng", mistake="scale_ignored")
edit("replace_head", "rng.standard_normal(", "np.random.default_rng().standard_normal(", mistake="rng_ignored")
edit("replace_head", "rng.standard_normal((len(old), num_classes))", "np.zeros((len(old), num_classes))", mistake="left_at_zero")
edit("replace_head", "rng.standard_normal((len(old), num_classes))", "rng.uniform(-1.732, 1.732, (len(old), num_classes))", mistake="not_normal")
edit("replace_head", "rng.standard_normal((len(old), num_classes))", "rng.uniform(0.8, 1.2, (len(old), num_classes))", mistake="not_centred")
edit("replace_head", "{name: np.array(value) for name, value in params.items()}", "params", mistake="old_network_changed")
edit("replace_head", "{name: np.array(value) for name, value in params.items()}", "dict(params)", mistake="arrays_shared")
edit("replace_head", "{name: np.array(value) for name, value in params.items()}", "{name: np.zeros_like(value) for name, value in params.items()}", mistake="trunk_started_anew")
edit("replace_head", "    return replaced", '    return {name: replaced[name] for name in ("head/w", "head/b")}', mistake="names_lost")


@variant("deep copy, drawn with rng.normal")
def replace_head(params, num_classes, rng, scale=0.01):
    import copy

    new = copy.deepcopy(params)
    D = new["head/w"].shape[0]
    new["head/w"] = rng.normal(0.0, scale, size=(D, num_classes))
    new["head/b"] = np.zeros((num_classes,))
    return new


@variant("a new dict, name by name, drawn row by row")
def replace_head(params, num_classes, rng, scale=0.01):
    new = {}
    for name, value in params.items():
        if name == "head/w":
            new[name] = np.array([[scale * rng.standard_normal() for _ in range(num_classes)] for _ in range(value.shape[0])])
        elif name == "head/b":
            new[name] = np.array([0.0] * num_classes)
        else:
            new[name] = value.copy()
    return new


# ---------------------------------------------------------------- freeze
edit("freeze", "enumerate(reversed(layers))", "enumerate(layers)", mistake="first_layer_fastest")
edit("freeze", "decay**below", "decay ** (below + 1)", mistake="head_slowed_down")
edit("freeze", "head_rate * decay**below", "head_rate * (decay * below if below else 1)", mistake="decay_not_a_power")
edit("freeze", "head_rate * decay**below", "head_rate", mistake="one_rate_for_all")
edit("freeze", 'rate_of.get(name.split("/")[0], 0.0)', 'rate_of[name.split("/")[0]]', mistake="key_missing")
edit("freeze", "for name in params}", "for name in params if name.split('/')[0] in layers}", mistake="names_lost")
edit("freeze", '0.0 if name.split("/")[0] in layers else rate', "0.0 if name.startswith(tuple(layers)) else rate", mistake="name_begins_alike")
edit("freeze", '0.0 if name.split("/")[0] in layers else rate', 'rate if name.split("/")[0] in layers else 0.0', mistake="others_frozen")
edit("freeze", '0.0 if name.split("/")[0] in layers else rate', "0.0 if name in [layer + '/w' for layer in layers] else rate", mistake="biases_not_frozen")
edit("freeze", '0.0 if name.split("/")[0] in layers else rate', "0.0 if name in layers else rate", mistake="nothing_frozen")
edit("freeze", "rate for name, rate in rates.items()}", 'rate for name, rate in rates.items() if name.split("/")[0] not in layers}', mistake="names_lost")


@wrong("argument_changed", exercise="freeze")
class _:
    def layer_learning_rates(params, layers, head_rate, decay=0.1):
        rates, rate = {name: 0.0 for name in params}, head_rate
        for layer in layers[::-1]:
            for name in params:
                if name.split("/")[0] == layer:
                    rates[name] = rate
            rate *= decay
        return rates

    def freeze(rates, layers):
        for name in rates:
            if name.split("/")[0] in layers:
                rates[name] = 0.0
        return rates


@variant("loops and partition")
class _:
    def layer_learning_rates(params, layers, head_rate, decay=0.1):
        rates = {}
        for name in params:
            layer, _, _ = name.partition("/")
            if layer not in layers:
                rates[name] = 0
                continue
            below = len(layers) - 1 - list(layers).index(layer)
            rates[name] = head_rate
            for _ in range(below):
                rates[name] *= decay
        return rates

    def freeze(rates, layers):
        frozen = rates.copy()
        for layer in layers:
            for name in frozen:
                if name.startswith(layer + "/"):
                    frozen[name] = 0
        return frozen


# ---------------------------------------------------------------- fine_tune
edit("fine_tune", "momentum * velocity[name] - rates", "- rates", mistake="momentum_forgotten")
edit("fine_tune", "    for _ in range(epochs):\n", "    for _ in range(epochs):\n        velocity = {name: 0.0 for name in params}\n", mistake="velocity_lost")
edit("fine_tune", "- rates[name] * grads[name]", "+ rates[name] * grads[name]", mistake="climbed")
edit("fine_tune", "range(0, len(X), batch_size)", "range(0, len(X) - batch_size + 1, batch_size)", mistake="rest_dropped")
edit("fine_tune", "order = rng.permutation(len(X))", "order = np.arange(len(X))", mistake="not_shuffled")
edit("fine_tune", "    for _ in range(epochs):\n        order = rng.permutation(len(X))\n", "    order = rng.permutation(len(X))\n    for _ in range(epochs):\n", mistake="one_order_for_all_epochs")
edit("fine_tune", "- rates[name] * grads", "- max(rates.values()) * grads", mistake="one_rate_for_all")
edit("fine_tune", "                    params[name] = params[name] + velocity[name]\n", "                    updated = params[name] + velocity[name]  # noqa\n", mistake="not_updated")
edit("fine_tune", "params[name] = params[name] + velocity[name]", "params[name] += velocity[name]", mistake="start_changed")
edit("fine_tune", "if rates.get(name, 0.0) != 0.0:", "if name in grads:", mistake="key_missing")
edit("fine_tune", "if rates.get(name, 0.0) != 0.0:", "if name in rates:", mistake="frozen_gradient_asked")
edit("fine_tune", "X[rows], y[rows]", "X[rows], y[start : start + batch_size]", mistake="labels_left_in_place")
edit("fine_tune", "return params, losses", "return params", mistake="wrong_count")
edit("fine_tune", "return params, losses", "return {name: params[name] for name in rates}, losses", mistake="names_lost")
edit("fine_tune", "            losses.append(value)\n", "            losses.append(value / len(rows))\n", mistake="halved")
edit("fine_tune", "            losses.append(value)\n            for", "            for", mistake="wrong_shape")


@variant("in place on copies, step by step, arrays of zeros as velocities")
def fine_tune(loss, params, X, y, rates, epochs, batch_size, rng, momentum=0.9):
    new = {k: np.array(v, dtype=float) for k, v in params.items()}
    moving = [k for k in new if k in rates and rates[k] > 0]
    v = {k: np.zeros_like(new[k]) for k in moving}
    history = []
    for epoch in range(epochs):
        idx = rng.permutation(X.shape[0])
        X_shuffled, y_shuffled = X[idx], y[idx]
        i = 0
        while i < X.shape[0]:
            l, g = loss(new, X_shuffled[i : i + batch_size], y_shuffled[i : i + batch_size])
            history += [l]
            for k in moving:
                v[k] *= momentum
                v[k] -= rates[k] * np.asarray(g[k])
                new[k] += v[k]
            i += batch_size
    return new, np.array(history)


@variant("velocity with the other sign, batches by np.array_split of places")
def fine_tune(loss, params, X, y, rates, epochs, batch_size, rng, momentum=0.9):
    result = {name: value for name, value in params.items()}
    heavy, losses = {}, []
    for _ in range(epochs):
        order = list(rng.permutation(len(y)))
        while order:
            rows, order = order[:batch_size], order[batch_size:]
            l, grads = loss(result, X[rows], y[rows])
            losses.append(float(l))
            for name in grads:
                if not rates.get(name):
                    continue
                heavy[name] = momentum * heavy.get(name, 0) + rates[name] * grads[name]
                result[name] = result[name] - heavy[name]
    return [result, losses]


# ---------------------------------------------------------------- accuracy_against_examples
edit("accuracy_against_examples", "        kept.append(rows[:per_class])\n    return np.concatenate(kept)", "    return order[: per_class * len(np.unique(y))]", mistake="not_balanced")
edit("accuracy_against_examples", "kept.append(rows[:per_class])", "kept.append(rng.choice(rows, per_class))", mistake="drawn_twice")
edit("accuracy_against_examples", "kept.append(rows[:per_class])", "kept.append(rng.choice(rows, per_class, replace=False))", mistake="not_nested")
edit("accuracy_against_examples", "rng.permutation(len(y)), []", "np.arange(len(y)), []", mistake="rng_ignored")
edit("accuracy_against_examples", "rows[:per_class]", "rows", mistake="wrong_size")
edit("accuracy_against_examples", "return np.concatenate(kept)", "return kept[0]", mistake="wrong_size")
edit("accuracy_against_examples", "if len(rows) < per_class:", "if False:", mistake="too_few_accepted")
edit("accuracy_against_examples", "np.random.default_rng(seed))", "np.random.default_rng(seed + per_class))", mistake="not_nested")
edit("accuracy_against_examples", "np.random.default_rng(seed))", "np.random.default_rng(0))", mistake="rng_ignored")
edit("accuracy_against_examples", "== y_test", "!= y_test", mistake="errors_counted")
edit("accuracy_against_examples", "float(np.mean(", "float(np.sum(", mistake="answers_counted")
edit("accuracy_against_examples", "float(np.mean(fit", "float(100 * np.mean(fit", mistake="in_percent")
edit("accuracy_against_examples", "fit_predict(X[rows], y[rows], X_test)", "fit_predict(X, y, X_test)", mistake="wrong_size")
edit("accuracy_against_examples", "fit_predict(X[rows], y[rows], X_test)", "fit_predict(X[rows], y[: len(rows)], X_test)", mistake="labels_mixed_up")


@wrong("labels_from_zero", exercise="accuracy_against_examples")
class _:
    def balanced_subset(y, per_class, rng):
        kept = []
        for label in range(y.max() + 1):
            rows = rng.permutation(np.flatnonzero(y == label))
            if len(rows) < per_class:
                raise ValueError("too few examples")
            kept.append(rows[:per_class])
        return np.concatenate(kept)

    def accuracy_against_examples(fit_predict, X, y, X_test, y_test, sizes, seed=0):
        subsets = [balanced_subset(y, n, np.random.default_rng(seed)) for n in sizes]  # noqa: F821
        return [float(np.mean(fit_predict(X[rows], y[rows], X_test) == y_test)) for rows in subsets]


@variant("counted in loops, a dict of lists")
class _:
    def balanced_subset(y, per_class, rng):
        chosen = {int(label): [] for label in set(np.asarray(y).tolist())}
        for row in rng.permutation(len(y)).tolist():
            mine = chosen[int(y[row])]
            if len(mine) < per_class:
                mine.append(row)
        if any(len(rows) < per_class for rows in chosen.values()):
            raise ValueError("too few examples")
        return sum(chosen.values(), [])

    def accuracy_against_examples(fit_predict, X, y, X_test, y_test, sizes, seed=0):
        found = []
        for n in sizes:
            rows = balanced_subset(y, n, np.random.default_rng(seed))  # noqa: F821
            guess = fit_predict(X[rows], y[rows], X_test)
            right = 0
            for a, b in zip(guess, y_test):
                right += int(a == b)
            found.append(right / len(y_test))
        return np.array(found)


# ---------------------------------------------------------------- choose_strategy
edit("choose_strategy", "n_examples < 1000", "n_examples >= 1000", mistake="few_and_many_exchanged")
edit("choose_strategy", "similarity >= 0.5", "similarity < 0.5", mistake="similar_and_different_exchanged")
edit("choose_strategy", "n_examples < 1000", "n_examples <= 1000", mistake="few_and_many_exchanged")
edit("choose_strategy", "similarity >= 0.5", "similarity > 0.5", mistake="similar_and_different_exchanged")
edit("choose_strategy", "n_examples < 1 or not 0 <= similarity <= 1", "False", mistake="nonsense_accepted")
edit("choose_strategy", "return \"fine-tune top", "print(similar)\n    return None and \"fine-tune top", mistake="no_text")


@variant("a table")
def choose_strategy(n_examples, similarity):
    if n_examples <= 0:
        raise ValueError("no examples")
    if similarity < 0 or similarity > 1:
        raise ValueError("similarity")
    table = {
        (True, True): "head on top features",
        (True, False): "head on middle features",
        (False, True): "fine-tune top layers",
        (False, False): "fine-tune all layers",
    }
    return table[n_examples < 1000, similarity >= 0.5]


@variant("preprocess in float32, channels last on the way")
def preprocess(images):
    x = np.transpose(images, (0, 2, 3, 1)).astype(np.float32)[..., ::-1] * 255
    return (x - np.array(SQUEEZENET_MEAN, dtype=np.float32)).transpose(0, 3, 1, 2)
