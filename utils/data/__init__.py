"""Data for the notebooks: shipped with the course, the same bytes for everybody, no network needed.

======================  ==========================================================================
``load_digits``         handwritten digits, 8 x 8, grey: first lessons and fast tests
``load_fashion_mnist``  clothes, 28 x 28, grey, ten balanced classes: the course's main data set
``load_cifar10``        32 x 32, colour; the one that has to be downloaded
``load_photograph``     a photograph to convolve: ``"chelsea"`` (a cat) or ``"coffee"``
``load_emoji``          drawn emoji, 96 x 96, colour, six classes: what a trained network has not seen
``load_scattered``      small clothes or digits lying anywhere in a frame of 28 x 28
``load_squeezenet``     SqueezeNet 1.1's weights, trained on a million photographs
``load_clothes_net``    the weights of the small network that the course trained
``spirals``             interleaved arms in the plane, made from a Generator
``split``               a fixed division of your own arrays
======================  ==========================================================================

Images are float64 in [0, 1], channels first: (N, C, H, W); labels are int64 of shape (N,). Loaders return
`Images`, with the division into training and test part already made, so that the whole course uses one::

    digits = load_digits()
    digits.X_train, digits.y_train, digits.X_test, digits.y_test, digits.names

Knows NumPy. Refuses to unpickle anything.
"""

from utils.data.cifar import load_cifar10
from utils.data.pretrained import SQUEEZENET_MEAN, load_clothes_net, load_squeezenet, weights_file
from utils.data.records import Images, Split
from utils.data.shipped import DataDamaged, load_digits, load_fashion_mnist, load_photograph
from utils.data.synthetic import spirals, split
from utils.data.transfer import load_emoji, load_scattered

__all__ = [
    "SQUEEZENET_MEAN",
    "DataDamaged",
    "Images",
    "Split",
    "load_cifar10",
    "load_clothes_net",
    "load_digits",
    "load_emoji",
    "load_fashion_mnist",
    "load_photograph",
    "load_scattered",
    "load_squeezenet",
    "spirals",
    "split",
    "weights_file",
]
