"""Images in a grid: data, templates, activation maps.

Knows arrays of pixels. Refuses to load or change any.
"""

import math

import numpy as np

from utils import style
from utils.figures import Drawing


def show_images(X, titles=None, ncols=8, *, signed=False, title="", alt=None):
    """Draw images in a grid.

    Parameters
    ----------
    X : array_like
        Grey images (N, H, W) or (N, 1, H, W), colour images (N, 3, H, W) with channels first (or (N, H, W, 3)), or a
        list of images of one of these kinds.
    titles : list, optional
        One above each image.
    ncols : int
        Images in a row.
    signed : bool
        Grey images are numbers of either sign: colour around zero instead of grey.
    title : str
        Above all.
    alt : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        When X is not a stack of images.
    """
    images = [_upright(image) for image in _as_list(X)]
    ncols = max(1, min(ncols, len(images)))
    rows = math.ceil(len(images) / ncols)
    side = min(1.9, 9.6 / ncols)
    tall = side * max(i.shape[0] for i in images) / max(i.shape[1] for i in images)
    caption = 0.24 if titles is not None else 0.03
    width = max(2.6, ncols * side + 0.3)
    with style.styled():
        fig = Drawing(width, rows * (tall + caption) + 0.3 + (0.35 if title else 0))
        fig.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02, rect=_inner(fig))
        axes = fig.subplots(rows, ncols, squeeze=False)
        for ax, image in zip(axes.flat, images, strict=False):
            _paint(ax, image, signed)
        for ax, text in zip(axes.flat, titles if titles is not None else [], strict=False):
            ax.set_title(str(text), fontsize=min(10, 7.5 * side + 2), loc="center", pad=2)
        for ax in axes.flat:
            ax.axis("off")
        if title:
            fig.suptitle(title, x=0.03, ha="left", fontsize=12)
    height, across = images[0].shape[:2]
    told = f": {', '.join(str(t) for t in list(titles)[:24])}" if titles is not None else ""
    head = f"{title}. " if title else ""
    fig.alt = alt or f"{head}{len(images)} images of {height} by {across} pixels{told}."
    return fig


def show_templates(W, image_shape, titles=None, ncols=8, *, title="", alt=None):
    """Draw each row of a weight matrix as the image that it responds to most.

    Parameters
    ----------
    W : (H, D) array_like
        One template a row: ``W1.T`` where the weights are (D, H).
    image_shape : tuple of int
        (height, width) or (3, height, width) with product D.
    titles : list, optional
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
    if isinstance(X, (list, tuple)):
        return X
    X = np.asarray(X)
    if X.ndim not in (3, 4):
        raise ValueError(
            f"show_images draws a stack of images, shape (N, H, W) or (N, 3, H, W); X has shape {X.shape}. "
            "One image becomes a stack by X[None]; flat rows by X.reshape(-1, H, W)."
        )
    return X


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
    if signed:
        largest = np.abs(image).max(initial=0.0) or 1.0
        ax.imshow(image, cmap=style.SIGNED, vmin=-largest, vmax=largest)
    elif image.ndim == 2:
        ax.imshow(image, cmap="gray")
    else:
        top = 255.0 if image.max(initial=0) > 1.5 else 1.0  # bytes, or numbers from 0 to 1
        ax.imshow(np.clip(image / top, 0.0, 1.0))


def _inner(fig):
    width, height = fig.get_size_inches()
    return (0.12 / width, 0.12 / height, 1 - 0.24 / width, 1 - 0.24 / height)
