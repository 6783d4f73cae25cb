"""Train clothes_net.npz: the small network of `utils.networks` on five kinds of clothes, lying anywhere in the frame.

Usage: python -m utils.data.make_clothes_net

Takes about 15 seconds. In each epoch every image lies somewhere else, so the network learns that places do not matter.
The accuracy on the test images is printed for the weights as trained and as stored (float16); other machines add up in
another order and end within half a percent of it.
"""

from pathlib import Path

import numpy as np

from utils.data.shipped import load_fashion_mnist
from utils.data.transfer import KNOWN, half, load_scattered, scatter
from utils.networks import clothes_forward, clothes_loss, fresh_clothes_net

EPOCHS, BATCH, RATE, MOMENTUM = 15, 50, 0.02, 0.9


def train(epochs=EPOCHS, seed=0):
    """Gradient descent with momentum; the learning rate falls to 0 in a straight line. Returns the parameters."""
    clothes = load_fashion_mnist()
    kept = [clothes.names.index(name) for name in KNOWN]
    rows = np.isin(clothes.y_train, kept)
    X, y = half(clothes.X_train[rows]).astype(np.float32), np.searchsorted(kept, clothes.y_train[rows])
    rng = np.random.default_rng(seed)
    params = fresh_clothes_net(len(kept), rng)
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    for epoch in range(epochs):
        frames, order, rate = (
            scatter(X, rng),
            rng.permutation(len(X)),
            np.float32(RATE * (1 - epoch / epochs)),
        )
        for start in range(0, len(X), BATCH):
            rows = order[start : start + BATCH]
            _, grads = clothes_loss(params, frames[rows], y[rows])
            for name in params:
                velocity[name] = np.float32(MOMENTUM) * velocity[name] - rate * grads[name]
                params[name] = params[name] + velocity[name]
    return params


def accuracy(params):
    """Share of right answers on the 1,000 test images of known clothes."""
    known = load_scattered("known clothes")
    scores = clothes_forward(params, known.X_test.astype(np.float32))
    return np.mean(scores.argmax(axis=1) == known.y_test)


def main():
    params = train()
    stored = {name: value.astype(np.float16) for name, value in params.items()}
    target = Path(__file__).with_name("clothes_net.npz")
    names = np.frombuffer("\n".join(load_scattered("known clothes").names).encode(), dtype=np.uint8)
    np.savez_compressed(target, names=names, **stored)
    print(f"test accuracy {accuracy(params):.1%} as trained, ", end="")
    print(f"{accuracy({name: value.astype(np.float32) for name, value in stored.items()}):.1%} as stored")
    print(target, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
