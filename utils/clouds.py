"""Many features seen as points in a plane: the two directions in which they spread most.

Knows arrays of features and the names of groups. Refuses to compute features.
"""

import numpy as np

from utils import style
from utils.figures import figure


def principal_plane(features, of=None):
    """Features along the two directions of widest spread.

    Parameters
    ----------
    features : (N, D) array_like
    of : (M, D) array_like, optional
        The features whose spread counts; by default `features` themselves.

    Returns
    -------
    (N, 2) ndarray
        Principal components 1 and 2, each feature standardised by mean and standard deviation of `of` first.
    """
    features = np.asarray(features, dtype=float)
    of = features if of is None else np.asarray(of, dtype=float)
    centre, spread = of.mean(axis=0), of.std(axis=0)
    spread = np.where(
        spread > 1e-9 * (1 + np.abs(centre)), spread, 1.0
    )  # a feature that never moves stays at 0
    _, _, directions = np.linalg.svd((of - centre) / spread, full_matrices=False)
    return (features - centre) / spread @ directions[:2].T


def show_clouds(panels, *, alt=None):
    """Draw features as points in their plane of widest spread, one panel each, groups in colours and marks of their own.

    Parameters
    ----------
    panels : dict
        Title -> (features, groups, names). Features (N, D) with groups (N,) of ints, which index `names`; or a list
        of feature arrays with groups None, one group an array: then the plane is that of the first array.
    alt : str, optional

    Returns
    -------
    Drawing
    """
    fig, axes = figure(1, len(panels), width=min(10.0, 3.4 * len(panels)), height=4.2)
    for ax, (title, (features, groups, names)) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        if groups is None:
            parts = [principal_plane(part, of=features[0]) for part in features]
        else:
            points = principal_plane(features)
            parts = [points[np.asarray(groups) == k] for k in range(len(names))]
        for k, (part, name) in enumerate(zip(parts, names, strict=True)):
            ax.scatter(
                *part.T, s=10, alpha=0.7, color=style.category(k), marker=style.MARKERS[k % 10], label=name
            )
        ax.set(title=title, xticks=[], yticks=[])
        ax.title.set_fontsize(11)
        ax.legend(
            fontsize=8.5,
            loc="upper center",
            bbox_to_anchor=(0.5, -0.02),
            ncols=3,
            handletextpad=0.1,
            columnspacing=0.8,
        )
    told = "; ".join(f"{title}: {', '.join(names)}" for title, (_, _, names) in panels.items())
    fig.alt = alt or f"Points in the plane of the first two principal components. {told}."
    return fig
