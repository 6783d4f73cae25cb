"""An assignment's reference cells, from its source and from nbgrader's gradebook."""

import copy
import json
import shutil

import pytest
from grading import course as small

from autograder.grading.bundle import Bundle, BundleError


def test_a_source_notebook_gives_kinds_points_names_and_hidden_counts(bundle):
    kinds = [(cell.grade_id or cell.id, cell.kind) for cell in bundle.cells]
    check = bundle.marked["relu_forward_check"]

    assert kinds == [
        ("text-001", "text"),
        ("setup", "given"),
        ("code-002", "open"),
        ("relu_forward", "solution"),
        ("relu_forward_check", "check"),
        ("code-005", "experiment"),
        ("relu_backward", "solution"),
        ("relu_backward_check", "check"),
        ("reflection", "manual"),
    ]
    assert (check.points, check.exercise, check.hidden) == (40.0, "relu_forward", 1)
    assert bundle.names == {"relu_forward": ("relu_forward",), "relu_backward": ("relu_backward",)}
    assert bundle.max_score == 100.0
    assert set(bundle.files) == {"hints.toml"}


def test_a_bundle_travels_as_bytes(bundle):
    data = bundle.to_bytes()

    assert Bundle.from_bytes(data) == bundle
    assert Bundle.from_bytes(data).to_bytes() == data


def test_names_that_given_cells_bind_stay_the_checkers_own(source):
    notebook = copy.deepcopy(source)
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    cells["setup"]["source"] = "import numpy as np\nhelper = 1"
    cells["relu_forward"]["source"] = "import numpy as np\nhelper = 2\ndef relu_forward(x):\n    return x"

    bundle = Bundle.from_notebook(notebook)

    assert bundle.names["relu_forward"] == ("relu_forward",)


def test_a_check_cell_without_a_check_is_refused(source):
    notebook = copy.deepcopy(source)
    next(cell for cell in notebook["cells"] if cell["id"] == "relu_forward_check")["source"] = "assert True"

    with pytest.raises(BundleError, match="relu_forward_check has no Check"):
        Bundle.from_notebook(notebook)


def test_two_cells_of_one_name_are_refused(source):
    notebook = copy.deepcopy(source)
    notebook["cells"].append(notebook["cells"][1])

    with pytest.raises(BundleError, match="two cells are called 'setup'"):
        Bundle.from_notebook(notebook)


def test_a_missing_source_says_what_to_run(tmp_path):
    with pytest.raises(BundleError, match="autograder build"):
        Bundle.from_source(tmp_path / "01_gone" / "gone.ipynb")


@pytest.fixture(scope="module")
def gradebook(course, tmp_path_factory):
    from autograder.course.build import generate_release

    folder = tmp_path_factory.mktemp("gradebook")
    shutil.copytree(course / "source", folder / "source")
    generate_release(folder, small.NAME)
    return folder


def test_the_gradebook_gives_the_same_bundle_in_the_order_of_the_source(gradebook, bundle):
    source = gradebook / "source" / small.NAME / f"{small.NOTEBOOK}.ipynb"

    found = Bundle.from_gradebook(f"sqlite:///{gradebook}/gradebook.db", small.NAME, small.NOTEBOOK, source)

    assert [cell.id for cell in found.cells] == [cell.id for cell in bundle.cells]
    assert [cell.source for cell in found.checks] == [cell.source for cell in bundle.checks]
    assert found.names == bundle.names
    assert found.marked["reflection"].stub == "*Your answer here: replace this line.*"


def test_the_gradebook_alone_is_enough_to_grade(gradebook, release):
    from autograder.grading.grade import grade_one

    found = Bundle.from_gradebook(f"sqlite:///{gradebook}/gradebook.db", small.NAME, small.NOTEBOOK)

    result = grade_one(small.to_bytes(small.filled(release, small.RIGHT | small.SIGN)), found)
    assert [cell.grade_id for cell in found.cells][:1] == ["setup"]
    assert result.score == 40.0


def test_the_gradebook_decides_where_the_source_has_changed(gradebook, tmp_path):
    source = gradebook / "source" / small.NAME / f"{small.NOTEBOOK}.ipynb"
    changed = json.loads(source.read_text().replace("points=40", "points=70"))
    for cell in changed["cells"]:
        if cell["id"] == "relu_forward_check":
            cell["metadata"]["nbgrader"]["points"] = 70
    newer = tmp_path / small.NAME / source.name
    newer.parent.mkdir()
    newer.write_text(json.dumps(changed))

    found = Bundle.from_gradebook(f"sqlite:///{gradebook}/gradebook.db", small.NAME, small.NOTEBOOK, newer)

    assert found.marked["relu_forward_check"].points == 40.0
    assert "points=40" in found.marked["relu_forward_check"].source


def test_an_assignment_that_the_gradebook_does_not_know_says_what_to_run(gradebook):
    with pytest.raises(BundleError, match="nbgrader generate_assignment 07_unknown"):
        Bundle.from_gradebook(f"sqlite:///{gradebook}/gradebook.db", "07_unknown", "unknown")
