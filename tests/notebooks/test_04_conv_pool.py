"""The convolution notebook keeps the curriculum's fixed points, and its source runs from top to bottom."""

import ast

import nbformat
import numpy as np
import pytest

from autograder.course.paths import find_assignments, find_root
from autograder.course.plain import mark_of
from autograder.gradients.explain import Case, Mistake, diagnose
from autograder.gradients.judge import VALUE
from autograder.knowledge import mistakes_of

NAME = "04_conv_pool"


@pytest.fixture(scope="module")
def source():
    (assignment,) = find_assignments(find_root("."), (NAME,))
    return nbformat.read(assignment.source, as_version=4)


@pytest.fixture(scope="module")
def layers(source):
    """The names that the notebook's given and solution cells define."""
    namespace = {}
    for cell in source.cells:
        mark = mark_of(cell)
        if (
            cell.cell_type == "code"
            and (mark.get("solution") or mark.get("locked"))
            and not mark.get("grade")
        ):
            exec(compile(ast.parse(cell.source), mark["grade_id"], "exec"), namespace)
    return namespace


def test_the_sizes_of_the_curriculum(layers):
    size = layers["conv_output_size"]

    assert [size(32, 5), size(7, 3, 1), size(7, 3, 2), size(32, 5, 1, 2)] == [28, 5, 3, 32]
    assert [size(32, F, 1, P) for F, P in ((3, 1), (5, 2), (7, 3))] == [32, 32, 32]
    with pytest.raises(ValueError, match="do not fit 7 pixels"):
        size(7, 3, 3)


def test_the_parameters_of_the_curriculum(layers):
    count = layers["conv_parameter_count"]

    assert [count(1, 3, 5, 5), count(10, 3, 5, 5)] == [76, 760]


def test_six_filters_make_six_maps(layers):
    x, w = np.zeros((1, 3, 32, 32)), np.zeros((6, 3, 5, 5))

    out, _ = layers["conv_forward_fast"](x, w, np.zeros(6), {"stride": 1, "pad": 0})

    assert out.shape == (1, 6, 28, 28)


def test_the_small_image_network_of_the_curriculum_has_the_shapes_it_should(layers):
    maps, _ = layers["conv_forward_fast"](
        np.zeros((1, 3, 32, 32)), np.zeros((12, 3, 3, 3)), np.zeros(12), {"stride": 1, "pad": 1}
    )
    pooled, _ = layers["max_pool_2x2_forward"](maps)
    scores, _ = layers["affine_forward"](pooled, np.zeros((16 * 16 * 12, 10)), np.zeros(10))

    assert [maps.shape, pooled.shape, scores.shape] == [(1, 12, 32, 32), (1, 12, 16, 16), (1, 10)]


def test_the_network_slides_when_its_affine_layers_are_convolutions(layers):
    rng = np.random.default_rng(0)
    w, b, maps = rng.normal(size=(2 * 3 * 4, 5)), rng.normal(size=5), rng.normal(size=(1, 2, 3, 9))
    filters, biases = layers["affine_as_conv"](w, b, (2, 3, 4))

    slid, _ = layers["conv_forward_fast"](maps, filters, biases, {"stride": 1, "pad": 0})

    expected = [layers["affine_forward"](maps[:, :, :, j : j + 4], w, b)[0][0] for j in range(6)]
    np.testing.assert_allclose(slid[0, :, 0].T, expected)


def convolution_case(layers, of, spoil, *, stride=1, pad=1):
    """A wrong gradient as a check meets it: `spoil` makes it out of the right one."""
    rng = np.random.default_rng(3)
    x, w, b = rng.normal(size=(4, 2, 5, 7)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3)
    conv_param = {"stride": stride, "pad": pad}
    out, cache = layers["conv_forward_naive"](x, w, b, conv_param)
    dout = rng.normal(size=out.shape)
    right = dict(zip(("dx", "dw", "db"), layers["conv_backward_naive"](dout, cache), strict=True))

    def vjp(upstream):
        again = layers["conv_backward_naive"](upstream, layers["conv_forward_naive"](x, w, b, conv_param)[1])
        return dict(zip(right, again, strict=True))[of]

    inputs = {"x": x, "w": w, "b": b}
    return Case(of, spoil(right[of]), right[of], inputs, upstream=dout, vjp=vjp, extra=(conv_param,))


def names_of(case, exercise):
    return [mistake.name for mistake in diagnose(case, mistakes_of(exercise), VALUE)]


def test_a_frame_cut_with_minus_zero_is_named(layers):
    case = convolution_case(layers, "dx", lambda dx: dx[:, :, 0:-0, 0:-0], pad=0)

    assert names_of(case, "conv_backward_naive") == ["pad0_slice"]


def test_a_frame_left_on_is_named(layers):
    case = convolution_case(
        layers, "dx", lambda dx: np.pad(dx, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=9)
    )

    assert names_of(case, "conv_backward_naive") == ["frame_not_cut"]


def test_a_bias_summed_over_positions_only_is_named(layers):
    case = convolution_case(layers, "db", lambda db: np.ones((4, 3)))
    case = Case(
        case.of, case.upstream.sum(axis=(2, 3)), case.expected, case.inputs, case.upstream, extra=case.extra
    )

    assert names_of(case, "conv_backward_naive") == ["wrong_axis"]


def test_no_mistake_is_seen_in_a_right_gradient(layers):
    for of in ("dx", "dw", "db"):
        for stride, pad in ((1, 0), (2, 1), (1, 2)):
            case = convolution_case(layers, of, lambda right: right, stride=stride, pad=pad)

            assert names_of(case, "conv_backward_naive") == []


def test_a_wrong_forward_does_not_make_a_right_backward_look_wrong(layers):
    """Forward without its stride: the measured gradient is another one, and backward, being right, has no name for it."""
    right = convolution_case(layers, "dx", lambda dx: dx, pad=0)
    case = Case("dx", right.expected, 2.5 * right.expected, right.inputs, right.upstream, extra=right.extra)

    assert names_of(case, "conv_backward_naive") == []


def test_every_prediction_speaks_in_sentences():
    exercises = [
        "conv_output_size", "conv_forward_naive", "conv_backward_naive", "im2col_indices", "conv_forward_fast",
        "max_pool_forward_naive", "max_pool_backward_naive", "avg_pool_forward", "avg_pool_as_conv",
        "affine_as_conv", "ThreeLayerConvNet",
    ]  # fmt: skip
    mistakes: list[Mistake] = [mistake for exercise in exercises for mistake in mistakes_of(exercise)]

    assert all(mistakes_of(exercise) for exercise in exercises)
    for mistake in mistakes:
        assert mistake.message.rstrip()[-1] in ".?!", mistake.name
        assert mistake.message[0].isupper() or mistake.message.startswith("d"), mistake.name


@pytest.mark.slow
def test_the_source_runs_from_top_to_bottom_and_the_convnet_leads(source, run_all, tmp_path):
    notebook = nbformat.from_dict(source)

    run_all(notebook, tmp_path)

    texts = [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])]
    trained = [line for text in texts for line in text.splitlines() if "test accuracy" in line]
    accuracy = [float(line.split("test accuracy ")[1].rstrip("%")) for line in trained]
    assert accuracy[0] > 86 > accuracy[1]
    assert accuracy[0] > accuracy[2]
