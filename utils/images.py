"""Images in a grid: data, templates, activation maps.

Knows arrays of pixels. Refuses to load or change any.
"""

import math
from itertools import groupby

import numpy as np

from utils import style
from utils.figures import Drawing

WIDTH = 9.7  # inches for one row of images
SMALL = 64  # up to so many pixels an image is a thumbnail
MARGIN, GAP, CAPTION = 0.18, 0.07, 0.24


def show_images(X, titles=None, ncols=8, *, signed=False, title="", alt=None):
    """Draw images in a grid.

    Parameters
    ----------
    X : array_like
        Grey images (N, H, W) or (N, 1, H, W), colour images (N, 3, H, W) with channels first (or (N, H, W, 3)), or a
        list of images of one of these kinds. Colours are numbers from 0 to 1, or bytes.
    titles : sequence, optional
        One above each image.
    ncols : int
        Images in a row, at most; the rows are filled evenly.
    signed : bool
        Grey images are numbers of either sign: drawn in purple below zero and orange above, each image on its own
        scale.
    title : str
        Above all.
    alt : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        When X is not a stack of images, or `titles` has another length.
    """
    images = [_upright(image) for image in _as_list(X)]
    if titles is not None and len(titles) != len(images):
        raise ValueError(
            f"There are {len(images)} images and {len(titles)} titles: give one title for each image."
        )
    rows = math.ceil(len(images) / max(1, ncols))
    cols = math.ceil(len(images) / rows)
    tallest, widest = (max(image.shape[axis] for image in images) for axis in (0, 1))
    across = min(1.25 if widest <= SMALL else 4.7, (WIDTH + GAP) / cols - GAP)
    down = across * tallest / widest
    caption = CAPTION if titles is not None else 0.0
    head = 0.36 if title else 0.0
    foot = 0.20 if signed else 0.0
    width = max(
        cols * (across + GAP) - GAP + 2 * MARGIN, 0.1 * len(title) + 2 * MARGIN, 2.9 if signed else 1.2
    )
    height = rows * (down + caption + GAP) - GAP + 2 * MARGIN + head + foot
    with style.styled():
        fig = Drawing(width, height, layout=None)
        for i, image in enumerate(images):
            left = MARGIN + (i % cols) * (across + GAP)
            top = height - MARGIN - head - (i // cols) * (down + caption + GAP) - caption
            ax = fig.add_axes((left / width, (top - down) / height, across / width, down / height))
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=True, color=style.FAINT)  # else white corners run together
            _paint(ax, image, signed)
            if titles is not None:
                text = str(titles[i])
                size = min(10.0, across * 72 / (0.60 * max(len(text), 1)))
                ax.set_title(text, fontsize=size, loc="center", pad=3)
        if title:
            fig.text(MARGIN / width, 1 - 0.16 / height, title, fontsize=12, va="top")
        if signed:
            key = "purple: below zero · white: zero · orange: above"
            fig.text(MARGIN / width, 0.12 / height, key, fontsize=8, color=style.QUIET)
    told = f": {_in_a_row(titles)}" if titles is not None else ""
    head = f"{title}. " if title else ""
    many = f"{len(images)} images" if len(images) > 1 else "An image"
    fig.alt = alt or f"{head}{many} of {images[0].shape[0]} by {images[0].shape[1]} pixels{told}."
    return fig


def _in_a_row(titles, most=24):
    """The titles in their order, equal neighbours told once with how many they are."""
    runs = [(title, len(list(same))) for title, same in groupby(map(str, titles))]
    told = [title if count == 1 else f"{title} ({count} times)" for title, count in runs[:most]]
    left = sum(count for _, count in runs[most:])
    return ", ".join(told + ([f"and {left} more"] if left else []))


def show_templates(W, image_shape, titles=None, ncols=8, *, title="", alt=None):
    """Draw each row of a weight matrix as the image that it responds to most.

    Parameters
    ----------
    W : (H, D) array_like
        One template a row: ``W1.T`` where the weights are (D, H).
    image_shape : tuple of int
        (height, width) or (3, height, width) with product D.
    titles : sequence, optional
        One above each template.
    ncols : int
    title : str
    alt : str, optional

    Returns
    -------
    Drawing
        Weights of grey images in colours around zero; of colour images stretched to the range of each template.

    Raises
    ------
    ValueError
        When the rows do not fill `image_shape`.
    """
    W = np.asarray(W, dtype=float)
    pixels = math.prod(image_shape)
    if W.ndim != 2 or W.shape[1] != pixels:
        turned = " Its columns do: give W.T." if W.ndim == 2 and W.shape[0] == pixels else ""
        raise ValueError(
            f"Each row of W has to fill an image of shape {tuple(image_shape)}, {pixels} numbers; "
            f"W has shape {W.shape}.{turned}"
        )
    templates = W.reshape(len(W), *image_shape)
    signed = len(image_shape) == 2 or image_shape[0] == 1
    if not signed:
        axes = tuple(range(1, templates.ndim))
        low, high = templates.min(axis=axes, keepdims=True), templates.max(axis=axes, keepdims=True)
        templates = (templates - low) / np.where(high > low, high - low, 1.0)
    told = (
        alt
        or f"{title or 'Templates'}: {len(W)} weight vectors drawn as images of shape {tuple(image_shape)}."
    )
    return show_images(templates, titles, ncols, signed=signed, title=title, alt=told)


def _as_list(X):
    images = X if isinstance(X, (list, tuple)) else np.asarray(X)
    if len(images) == 0 or (not isinstance(images, (list, tuple)) and images.ndim not in (3, 4)):
        raise ValueError(
            f"show_images draws a stack of images, shape (N, H, W) or (N, 3, H, W); X has shape {np.shape(X)}. "
            "One image becomes a stack by X[None]; flat rows by X.reshape(-1, H, W)."
        )
    return images


def _upright(image):
    """As Matplotlib wants it: (H, W) or (H, W, 3)."""
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[0] in (1, 3) and image.shape[-1] not in (1, 3):
        image = image.transpose(1, 2, 0)
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    if image.ndim != 2 and not (image.ndim == 3 and image.shape[-1] == 3):
        raise ValueError(
            f"An image has shape (H, W), (1, H, W), (3, H, W) or (H, W, 3); this one has {image.shape}."
        )
    return image


def _paint(ax, image, signed):
    if image.ndim == 3:
        top = 255.0 if image.max(initial=0) > 1.5 else 1.0
        ax.imshow(np.clip(image / top, 0.0, 1.0))
    elif signed:
        largest = np.abs(image).max(initial=0.0) or 1.0
        ax.imshow(image, cmap=style.SIGNED, vmin=-largest, vmax=largest)
    else:
        ax.imshow(image, cmap="gray")
