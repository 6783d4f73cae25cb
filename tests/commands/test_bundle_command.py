"""The students' archive holds what they need, works without a network, and tells nothing that they are to find out."""

import io
import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.course.handout import FOLDER, START, handout
from autograder.course.overview import overview
from autograder.course.paths import CourseError, find_assignments
from autograder.course.plain import is_check, solutions
from autograder.course.wheel import drawing_modules, light_modules
from autograder.report.fingerprints import fingerprints

ROOT = Path(__file__).resolve().parents[2]
FIRST = ("01_backprop_gates", "02_jacobians", "03_mlp", "04_conv_pool", "05_activations")
MOST_TOLD = 0.6  # of a reference's or a hidden check's own fingerprints, in any one file
LEAST = 12  # fingerprints; a shorter answer is one formula, and formulas are in every table of mistakes


@pytest.fixture(scope="module")
def assignments():
    return find_assignments(ROOT, FIRST)


@pytest.fixture(scope="module")
def archive(assignments):
    return handout(ROOT, assignments)


@pytest.fixture(scope="module")
def files(archive):
    """Every file of the archive, those of the wheel too."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        for name in zipped.namelist():
            found[name] = zipped.read(name)
            if name.endswith(".whl"):
                with zipfile.ZipFile(io.BytesIO(found.pop(name))) as wheel:
                    found |= {f"wheel/{inner}": wheel.read(inner) for inner in wheel.namelist()}
    return found


@pytest.fixture(scope="module")
def programs(files):
    """The Python in each file."""
    found = {}
    for name, data in files.items():
        if name.endswith(".ipynb"):
            cells = json.loads(data)["cells"]
            found[name] = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        elif name.endswith(".py"):
            found[name] = data.decode()
    return found


def test_it_holds_every_notebook_its_hints_a_wheel_and_a_start(archive, assignments):
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        names = set(zipped.namelist())

    wheels = {name for name in names if name.endswith(".whl")}
    assert names - wheels == {
        f"{FOLDER}/{START}",
        f"{FOLDER}/LICENSE",
        *(f"{FOLDER}/{one.name}/{one.release.name}" for one in assignments),
        *(f"{FOLDER}/{one.name}/hints.toml" for one in assignments),
    }
    assert len(wheels) == 1


def test_the_same_course_gives_the_same_bytes(archive, assignments):
    assert handout(ROOT, assignments) == archive


def test_no_module_for_instructors_is_in_it(files):
    for name in files:
        for room in ("grading", "course", "execution", "commands", "report", "feedback", "pages", "cli.py"):
            assert not name.startswith(f"wheel/autograder/{room}"), name
        assert Path(name).name != "mistakes.py"
        assert "make_" not in name


def test_no_file_holds_a_mark_of_a_solution_or_a_hidden_test(files):
    for name, data in files.items():
        for words in (b"BEGIN SOLUTION", b"END SOLUTION", b"BEGIN HIDDEN TESTS"):
            assert words not in data, name
        assert name.startswith("wheel/") or b"hidden_tests(" not in data, name


def secrets(assignments):
    """(what, fingerprints) of each reference and each cell's hidden tests, without what is handed out."""
    for one in assignments:
        source, release = (nbformat.read(path, as_version=4) for path in (one.source, one.release))
        given = set(
            fingerprints("\n".join(cell.source for cell in release.cells if cell.cell_type == "code"))
        )
        for name, text in solutions(source).items():
            yield f"{one.name}: reference of {name}", set(fingerprints(text)) - given
        for cell in source.cells:
            if is_check(cell) and "BEGIN HIDDEN TESTS" in cell.source:
                hidden = cell.source.split("BEGIN HIDDEN TESTS")[1]
                yield (
                    f"{one.name}: hidden tests of {cell.metadata.nbgrader.grade_id}",
                    set(fingerprints(hidden)) - given,
                )


def test_no_file_tells_a_reference_or_a_hidden_test(assignments, programs):
    found = {name: set(fingerprints_of_all(text)) for name, text in programs.items()}
    looked = 0
    for what, secret in secrets(assignments):
        if len(secret) < LEAST:
            continue
        looked += 1
        for name, prints in found.items():
            assert len(secret & prints) < MOST_TOLD * len(secret), f"{name} tells the {what}"
    assert looked > 50


def fingerprints_of_all(text):
    """Of a whole file, part by part: a long file is looked at to its end."""
    lines = text.splitlines()
    for start in range(0, len(lines), 800):
        yield from fingerprints("\n".join(lines[start : start + 900]))


def test_this_search_would_find_a_solution(assignments):
    told = {what: secret for what, secret in secrets(assignments) if len(secret) >= LEAST}
    source = nbformat.read(assignments[0].source, as_version=4)
    leak = set(fingerprints_of_all("x = 1\n" * 300 + "\n".join(solutions(source).values())))

    caught = [what for what, secret in told.items() if len(secret & leak) >= MOST_TOLD * len(secret)]

    assert sum("01_backprop_gates: reference" in what for what in caught) >= 4


def test_a_release_that_tells_is_refused(fresh_course):
    from autograder.course.build import build

    (one,) = find_assignments(fresh_course)
    build([one])
    one.release.write_bytes(one.source.read_bytes())

    with pytest.raises(CourseError, match="tells a solution or a hidden test"):
        handout(ROOT if (fresh_course / "pyproject.toml").exists() else fresh_course, [one])


def test_what_merely_lies_in_a_release_folder_is_not_packed(assignments, tmp_path):
    import shutil

    one = assignments[0]
    shutil.copytree(one.folder, tmp_path / "assignments" / one.name)
    shutil.copytree(one.release.parent, tmp_path / "release" / one.name)
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    for folder in ("autograder", "utils"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "release" / one.name / "answers.txt").write_text("everything")
    (copy,) = find_assignments(tmp_path)

    data = handout(tmp_path, [copy])

    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        assert not any("answers" in name for name in zipped.namelist())


def test_layers_that_no_packed_notebook_imports_stay_out():
    with_layers = drawing_modules(ROOT, ["from utils import clothes_forward"])
    without = drawing_modules(ROOT, ["from utils import draw_graph", "def broken(:"])

    ready = {Path("utils/layers.py"), Path("utils/convolutions.py")}
    assert ready <= set(with_layers)
    assert not ready & set(without)
    assert Path("utils/graphs.py") in without


def test_the_light_modules_are_those_a_notebook_loads():
    code = (
        "import sys, autograder, autograder.knowledge as k; k.mistakes_of('x'); print(*sorted(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    names = {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in light_modules(ROOT)}

    assert {name for name in loaded.split() if name.split(".")[0] == "autograder"} <= names


def test_the_overview_says_what_each_notebook_asks(assignments):
    for one in assignments:
        found = overview(one)
        assert found.question.endswith("?"), one.name
        assert found.points == 100
        assert len(found.aims) == 3, one.name
        assert len(found.exercises) >= 9


RUN = """
import json, sys
assert not any("main" in p and "site-packages" not in p for p in sys.path if p), sys.path
import autograder, utils
print(autograder.__file__)
cells = json.load(open(sys.argv[1]))["cells"]
space, at = {"__name__": "__main__"}, 0
try:
    for at, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "cell", "exec"), space)
except BaseException as error:
    print(at, type(error).__name__, error)
print(space["hint"]("AddGate"))
"""


@pytest.mark.slow
def test_it_installs_into_a_fresh_environment_and_runs_to_the_first_stub(archive, tmp_path):
    """The environment has what a machine with Jupyter has and nothing of this checkout; nothing is fetched."""
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        zipped.extractall(tmp_path)
    folder = tmp_path / FOLDER
    (wheel,) = folder.glob("*.whl")
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env").glob("lib/python*/site-packages"))
    pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-index", "--no-deps", "--target", str(site), str(wheel)],
        check=True,
        capture_output=True,
    )
    installed = Path(sysconfig.get_paths()["purelib"])
    for path in installed.iterdir():  # what Jupyter's machine has: everything but this project
        hidden = "deep_learning" in path.name or "__editable__" in path.name or path.suffix == ".pth"
        if not hidden and not (site / path.name).exists():
            (site / path.name).symlink_to(path)

    done = subprocess.run(
        [str(python), "-I", "-c", RUN, "backprop_gates.ipynb"],
        cwd=folder / "01_backprop_gates",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"MPLBACKEND": "agg", "HOME": str(tmp_path), "PATH": "/usr/bin"},
    )

    assert done.returncode == 0, done.stderr[-3000:]
    where, *told = done.stdout.splitlines()
    assert str(site) in where
    assert "not written yet" in done.stdout or "NotImplementedError" in done.stdout, told
    assert "Hint 1 of" in done.stdout


HANDED_OUT = {  # ready layers, for notebooks that come after those that ask for them
    "wheel/utils/layers.py": "utils.layers",
    "wheel/utils/convolutions.py": "utils.convolutions",
}


def test_of_the_whole_course_only_what_a_notebook_hands_out_is_told():
    assignments = find_assignments(ROOT)
    with zipfile.ZipFile(io.BytesIO(handout(ROOT, assignments))) as zipped:
        (name,) = [name for name in zipped.namelist() if name.endswith(".whl")]
        with zipfile.ZipFile(io.BytesIO(zipped.read(name))) as wheel:
            modules = {f"wheel/{m}": wheel.read(m).decode() for m in wheel.namelist() if m.endswith(".py")}
    found = {name: set(fingerprints_of_all(text)) for name, text in modules.items()}

    told = {
        (name, what)
        for what, secret in secrets(assignments)
        if len(secret) >= LEAST
        for name, prints in found.items()
        if len(secret & prints) >= MOST_TOLD * len(secret)
    }

    assert {name for name, _ in told} <= set(HANDED_OUT), told
    for name, module in HANDED_OUT.items():
        if name in modules:
            texts = [one.release.read_text() for one in assignments]
            assert any(f"from {module} import" in text or "clothes_" in text for text in texts)
