"""SqueezeNet, run by the notebook's reference solutions, gives what others get from it on real photographs.

The runtime it was shipped with answered once, and its answers are written down here. SciPy, PyTorch and foolbox's twenty
photographs are optional: where one is absent its tests are skipped. ``pip install scipy torch foolbox`` brings them.
"""

import ast
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from autograder.course.markup import to_notebook
from autograder.course.plain import is_experiment, is_solution, mark_of
from utils import convolutions, layers
from utils.data import SQUEEZENET_MEAN, load_photograph, load_squeezenet

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"


def definitions(topic, name):
    """The functions, constants and given layers of a notebook, with its reference solutions."""
    namespace = {"np": np, "SQUEEZENET_MEAN": SQUEEZENET_MEAN} | {
        layer: given
        for layer, given in (vars(layers) | vars(convolutions)).items()
        if layer.endswith(("forward", "backward", "fast"))
    }
    text = (ASSIGNMENTS / topic / f"{name}.py").read_text(encoding="utf-8")
    for cell in to_notebook(text, topic).cells:
        if cell.cell_type != "code" or mark_of(cell).get("grade"):
            continue
        wanted = ast.parse(cell.source).body if is_solution(cell) else []
        if is_experiment(cell):
            kinds = (ast.FunctionDef, ast.Assign)
            wanted = [
                part
                for part in ast.parse(cell.source).body
                if isinstance(part, kinds)
                and not (isinstance(part, ast.Assign) and "load" in ast.unparse(part))
                and getattr(part, "name", "fire") in ("fire", "squeezenet")
                and ("PARTS" in ast.unparse(part) or "ONCE" in ast.unparse(part))
            ]
        for part in wanted:
            exec(ast.unparse(part), namespace)
    return namespace


@pytest.fixture
def notebook():
    return definitions("11_transfer_learning", "transfer_learning")


@pytest.fixture(scope="module")
def network():
    return load_squeezenet()


def crop(photograph, down, right, size):
    return load_photograph(photograph)[None, :, down : down + size, right : right + size]


def probabilities(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("photograph", "label", "name"), [("chelsea", 285, "Egyptian cat"), ("coffee", 967, "espresso")]
)
def test_photographs_are_recognised(notebook, network, photograph, label, name):
    x = notebook["preprocess"](crop(photograph, 36, 112, 227)).astype(np.float32)

    scores = notebook["squeezenet"](network.params, x)

    assert scores.shape == (1, 1000)
    assert scores.argmax() == label
    assert network.names[label] == name


# What the runtime in the weights' package (ndf 0.1.4) answers to the same window. It pads the first convolution by 1, has no
# relu after the last, and pools in floor mode: at 221 pixels both modes of pooling are the same.
ORIGINAL = {
    "chelsea": {281: 0.41333, 282: 0.28981, 285: 0.25531, 273: 0.01454, 284: 0.00948},
    "coffee": {967: 0.9942, 925: 0.00187, 968: 0.00152, 504: 0.00099, 521: 0.00026},
}


@pytest.mark.parametrize("photograph", ORIGINAL)
def test_the_original_runtimes_outputs(notebook, network, photograph):
    def padded(x, w, b, conv_param):
        return convolutions.conv_forward_fast(
            x, w, b, {"stride": 2, "pad": 1} if conv_param["stride"] == 2 else conv_param
        )

    notebook["conv_forward_fast"] = padded
    x = notebook["preprocess"](crop(photograph, 40, 115, 221))

    maps = notebook["squeezenet"](network.params, x, "fire9")
    weights, biases = network.params["conv10/w"], network.params["conv10/b"]
    scores = convolutions.conv_forward_fast(maps, weights, biases, {"stride": 1, "pad": 0})[0].mean(
        axis=(2, 3)
    )
    found = probabilities(scores)[0]

    assert np.argsort(-found)[:5].tolist() == list(ORIGINAL[photograph])
    np.testing.assert_allclose(
        found[list(ORIGINAL[photograph])], list(ORIGINAL[photograph].values()), atol=2e-3
    )


def test_the_convolution_of_notebook_04_can_take_the_place_of_the_given_one(notebook, network):
    x = notebook["preprocess"](crop("chelsea", 36, 112, 67))
    expected = notebook["squeezenet"](network.params, x)
    own = definitions("04_conv_pool", "conv_pool")

    notebook["conv_forward_fast"] = own["conv_forward_fast"]

    np.testing.assert_allclose(notebook["squeezenet"](network.params, x), expected, rtol=1e-6)


def test_places_of_the_first_fire_module_by_its_definition(notebook, network):
    params = {name: value.astype(np.float64) for name, value in network.params.items()}
    image = notebook["preprocess"](crop("coffee", 36, 112, 43))
    out = notebook["squeezenet"](params, image, "fire2")

    def first(c, i, j):
        patch = image[0, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
        return max(0.0, np.sum(patch * params["conv1/w"][c]) + params["conv1/b"][c])

    def squeezed(i, j):
        if not (0 <= i < out.shape[2] and 0 <= j < out.shape[3]):
            return np.zeros(16)
        rows, columns = range(2 * i, min(2 * i + 3, 21)), range(2 * j, min(2 * j + 3, 21))
        pooled = np.array([max(first(c, p, q) for p in rows for q in columns) for c in range(64)])
        return np.maximum(0, params["fire2/squeeze/w"][:, :, 0, 0] @ pooled + params["fire2/squeeze/b"])

    for i, j in ((0, 0), (4, 7), (9, 9)):
        patch = np.array([[squeezed(i + p, j + q) for q in (-1, 0, 1)] for p in (-1, 0, 1)])
        ones = params["fire2/expand1x1/w"][:, :, 0, 0] @ patch[1, 1] + params["fire2/expand1x1/b"]
        threes = [np.sum(w.transpose(1, 2, 0) * patch) for w in params["fire2/expand3x3/w"]]
        expected = np.maximum(0, np.r_[ones, np.array(threes) + params["fire2/expand3x3/b"]])
        np.testing.assert_allclose(out[0, :, i, j], expected, rtol=1e-9, atol=1e-9)


def test_a_photograph_by_scipys_correlation(notebook, network):
    signal = pytest.importorskip("scipy.signal")
    x = notebook["preprocess"](crop("chelsea", 36, 112, 99))
    expected = notebook["squeezenet"](network.params, x)

    def by_scipy(x, w, b, conv_param):
        pad, stride = conv_param["pad"], conv_param["stride"]
        x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        maps = [[signal.correlate(image, kernel, mode="valid")[0] for kernel in w] for image in x]
        return np.array(maps)[:, :, ::stride, ::stride] + b[:, None, None], None

    notebook["conv_forward_fast"] = by_scipy

    np.testing.assert_allclose(notebook["squeezenet"](network.params, x), expected, rtol=1e-5)


def test_a_photograph_and_its_gradients_by_pytorch(notebook, network):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    tensors = {name: torch.tensor(value, dtype=torch.float64) for name, value in network.params.items()}
    x = notebook["preprocess"](crop("coffee", 36, 112, 131))

    def fire(x, layer):
        s = functional.relu(
            functional.conv2d(x, tensors[f"{layer}/squeeze/w"], tensors[f"{layer}/squeeze/b"])
        )
        one = functional.conv2d(s, tensors[f"{layer}/expand1x1/w"], tensors[f"{layer}/expand1x1/b"])
        three = functional.conv2d(
            s, tensors[f"{layer}/expand3x3/w"], tensors[f"{layer}/expand3x3/b"], padding=1
        )
        return functional.relu(torch.cat([one, three], dim=1))

    there = functional.relu(
        functional.conv2d(torch.tensor(x), tensors["conv1/w"], tensors["conv1/b"], stride=2)
    )
    for k in range(2, 10):
        if k in (2, 4, 6):
            there = functional.max_pool2d(there, 3, 2, ceil_mode=True)
        there = fire(there, f"fire{k}")
    there = functional.relu(functional.conv2d(there, tensors["conv10/w"], tensors["conv10/b"])).mean(
        dim=(2, 3)
    )
    np.testing.assert_allclose(notebook["squeezenet"](network.params, x), there.numpy(), rtol=1e-6)

    rng = np.random.default_rng(0)
    maps = notebook["squeezenet"](network.params, x, "fire3")
    parts = [np.asarray(network.params[f"fire3/{part}"], dtype=float) for part in notebook["PARTS"]]
    entering = rng.normal(size=(2, 128, 5, 4))
    theirs = [torch.tensor(array, requires_grad=True) for array in (entering, *parts)]
    names = [f"fire3/{part}" for part in notebook["PARTS"]]
    tensors.update(zip(names, theirs[1:], strict=True))
    out, cache = notebook["fire_forward"](entering, *parts)
    dout = rng.normal(size=out.shape)
    fire(theirs[0], "fire3").backward(torch.tensor(dout))
    for mine, other in zip(notebook["fire_backward"](dout, cache), theirs, strict=True):
        np.testing.assert_allclose(mine, other.grad.numpy(), rtol=1e-8, atol=1e-8)
    assert maps.shape[1] == 128


def test_twenty_photographs_of_imagenet(notebook, network):
    """Their labels are in the files' names."""
    spec = importlib.util.find_spec("foolbox")
    if spec is None:
        pytest.skip("foolbox is not installed")
    from PIL import Image

    first, among_five = 0, 0
    files = sorted((Path(spec.origin).parent / "data").glob("imagenet_*.jpg"))
    for file in files:
        image = Image.open(file).convert("RGB").resize((227, 227), Image.Resampling.BILINEAR)
        x = notebook["preprocess"](np.asarray(image).transpose(2, 0, 1)[None] / 255).astype(np.float32)
        best = np.argsort(-notebook["squeezenet"](network.params, x)[0])[:5].tolist()
        label = int(file.stem.split("_")[-1])
        first, among_five = first + (best[0] == label), among_five + (label in best)

    assert len(files) == 20
    assert among_five >= 19
    assert first >= 10  # of all of ImageNet: 58 percent
