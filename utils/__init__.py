"""What notebooks use besides checks: drawings, sliders and data.

Import names straight from here; a name loads its module on first use, so ``import utils`` itself is light::

    from utils import draw_graph, sliders, load_digits

Every drawing returns a figure: end the cell with the call (or ``display(...)`` it), and the figure appears once,
with alt text.

============================  ==================================================================================
name                          what it does
============================  ==================================================================================
``draw_graph``                a computational graph, values above its edges, gradients below
``show_jacobian``             one Jacobian as a heat map, or several side by side
``show_error_map``            where an analytic and a numeric gradient differ, entry by entry
``plot_losses``               loss (or accuracy) curves, one per name
``plot_function``             1-D functions and their approximations over samples
``plot_decision_boundary``    the regions a 2-D classifier has learned, with the data
``plot_histograms``           one histogram a layer, in a row
``plot_paths``                the contours of a surface over the plane, and paths walked on it
``bowl``, ``saddle``          two such surfaces, with gradient and start; ``rosenbrock`` is the third
``show_clouds``               features as points in their plane of widest spread
``show_images``               a grid of images with titles
``show_templates``            rows of a weight matrix drawn as images
``sliders``                   redraw a figure from sliders; a static figure where there is no live front end
``plot_projection``           trials of searches in a square, and what they saw along one axis
``plot_posterior``            what a surrogate model believes of a loss, and where it would try next
``plot_best_so_far``          how the best loss falls with the number of trials
``progress``                  a bar that grows while a loop runs
``figure``                    an empty figure in the course's style, for a plot of your own
``describe``                  read or set a figure's alt text
``use_style``                 the course's style for figures made with ``matplotlib.pyplot``
``style``                     the colours: ``style.VALUE``, ``style.GRADIENT``, ``style.ERROR``, ``style.CATEGORICAL``
``load_digits``               1,797 grey images of handwritten digits, 8 x 8
``load_fashion_mnist``        10,000 grey images of clothes, 28 x 28, ten balanced classes
``load_cifar10``              60,000 colour images, 32 x 32 (downloads once, when online)
``load_photograph``           a colour photograph, by name
``load_emoji``                534 drawn emoji in colour, 96 x 96, six classes
``load_scattered``            small clothes or digits lying anywhere in a frame of 28 x 28
``load_squeezenet``           the weights of SqueezeNet 1.1, trained on a million photographs
``SQUEEZENET_MEAN``           the mean pixel that is taken from its inputs, blue first
``load_clothes_net``          the weights of the small network that the course trained
``weights_file``              where a file of weights is, and its checksum
``clothes_forward``           runs the course's small network; ``clothes_loss`` its loss and gradients
``fresh_clothes_net``         the same network, untrained
``spirals``                   interleaved spiral arms in the plane, one class each
``split``                     a fixed, balanced division into training and test part
============================  ==================================================================================

Knows NumPy, Matplotlib and (when present) ipywidgets. Refuses to know the checker: nothing here imports
``autograder``.
"""

import importlib

_HOMES = {
    "figures": ("describe", "figure"),
    "style": ("use_style",),
    "graphs": ("draw_graph",),
    "heatmaps": ("show_error_map", "show_jacobian"),
    "curves": ("plot_function", "plot_histograms", "plot_losses"),
    "boundaries": ("plot_decision_boundary",),
    "clouds": ("show_clouds",),
    "images": ("show_images", "show_templates"),
    "surfaces": ("bowl", "plot_paths", "rosenbrock", "saddle"),
    "searches": ("plot_best_so_far", "plot_posterior", "plot_projection"),
    "widgets": ("progress", "sliders"),
    "data": (
        *(
            "load_cifar10",
            "load_digits",
            "load_fashion_mnist",
            "load_photograph",
            "load_emoji",
            "load_scattered",
        ),
        *("load_clothes_net", "load_squeezenet", "weights_file", "SQUEEZENET_MEAN", "spirals", "split"),
    ),
    "networks": ("clothes_forward", "clothes_loss", "fresh_clothes_net"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted([*_HOME_OF, "style"])


def __getattr__(name):
    """Load the module that holds `name` on first use (PEP 562)."""
    if name in _HOME_OF:
        return getattr(importlib.import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    if name in _HOMES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"utils has no {name!r}. What it has: {', '.join(__all__)}")


def __dir__():
    return __all__
