"""The light wheel: what a student's notebook imports and nothing else, the same bytes every time.

It holds the modules that `import autograder` can reach, the tables of typical mistakes, and of `utils` the data and what the
packed notebooks import. Modules for instructors (building, grading, commands) stay out, and so do the scripts that made the
data and layers that only other notebooks hand out. Knows the wheel format (PyPI's binary distribution format, version 1.0)
and import statements.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.course.paths import CourseError

VARIANT = "light"  # a local version, so that a full install replaces it and pip can tell the two apart
_STAMP = (2020, 1, 1, 0, 0, 0)  # one time for all files: equal contents, equal bytes
_SCRIPT = "make_"  # how data came to be: not needed to use them
_DATA = (".npz", ".png", ".md", ".txt")


def light_modules(root: Path) -> list[Path]:
    """Return the modules of `autograder` that a notebook's import can reach, relative to `root`, sorted."""
    package = root / "autograder"
    return _reached([package / "__init__.py", *sorted((package / "knowledge").glob("*.py"))], root)


def drawing_modules(root: Path, texts: Iterable[str]) -> list[Path]:
    """Return the modules of `utils` that these programs import, and the package of data, relative to `root`, sorted.

    Parameters
    ----------
    root : Path
    texts : iterable of str
        Python; what cannot be parsed imports nothing.
    """
    package = root / "utils"
    homes = _homes(package / "__init__.py")
    data = [path for path in (package / "data").glob("*.py") if not path.name.startswith(_SCRIPT)]
    wanted = [package / "__init__.py", *data]
    for text in texts:
        for name in _imported(text, "utils"):
            home = homes.get(name.removeprefix("utils."))
            wanted += _files(f"utils.{home}" if home else name, root)
    return _reached(wanted, root)


def _homes(path: Path) -> dict[str, str]:
    """Public name to the module that holds it, from the table that `utils` loads its names by."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HOMES":
            homes = eval(compile(ast.Expression(node.value), str(path), "eval"), {"__builtins__": {}})
            return {name: home for home, names in homes.items() for name in (*names, home)}
    raise CourseError(
        f"{path} has no table _HOMES any more: tell {Path(__file__).name} how names are found now."
    )


def _reached(start: Iterable[Path], root: Path) -> list[Path]:
    """Modules and all that they import from their own package, relative to `root`, sorted."""
    found: set[Path] = set()
    left = list(start)
    while left:
        path = left.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        names = _imported(path.read_text(encoding="utf-8"), path.relative_to(root).parts[0])
        left += [beside for name in names for beside in _files(name, root)]
    return sorted(path.relative_to(root) for path in found)


def _imported(text: str, package: str) -> set[str]:
    """Names of `package` that a program imports, anywhere in it."""
    names = set()
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return names
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.split(".")[0] == package}


def _files(name: str, root: Path) -> list[Path]:
    """The module called `name`, if it is one, and the packages around it."""
    parts = name.split(".")
    packages = [root.joinpath(*parts[:i], "__init__.py") for i in range(1, len(parts) + 1)]
    return [*packages, root.joinpath(*parts).with_suffix(".py")]


def build(root: Path, texts: Iterable[str]) -> tuple[str, bytes]:
    """Return the wheel's file name and its bytes.

    Parameters
    ----------
    root : Path
        The project's folder.
    texts : iterable of str
        The programs that it is for.

    Raises
    ------
    CourseError
        If `root` is not the project's own folder.
    """
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (FileNotFoundError, KeyError) as error:
        raise CourseError(
            f"{root} holds no pyproject.toml of this project: the bundle is made in its checkout."
        ) from error
    paths = [*light_modules(root), *drawing_modules(root, texts)]
    paths += [path.relative_to(root) for path in (root / "utils" / "data").iterdir() if path.suffix in _DATA]
    files = {path.as_posix(): (root / path).read_bytes() for path in paths}
    name, version = project["name"].replace("-", "_"), f"{project['version']}+{VARIANT}"
    info = f"{name}-{version}.dist-info"
    files[f"{info}/METADATA"] = _metadata(project, version).encode("utf-8")
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/licenses/LICENSE"] = (root / "LICENSE").read_bytes()
    record = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in sorted(files.items())]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode("utf-8")
    return f"{name}-{version}-py3-none-any.whl", archive(files)


def _metadata(project: Mapping, version: str) -> str:
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        "License-File: LICENSE",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {wanted}" for wanted in project["dependencies"]),
    ]
    return "\n".join(lines) + "\n"


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode("ascii")


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of `files` whose bytes depend on names and contents alone."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as zipped:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.create_system = 3  # as on Unix, wherever it is made
            entry.external_attr = 0o644 << 16
            packed = name.endswith((".whl", ".npz", ".png"))  # no second compression
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            zipped.writestr(entry, files[name], compresslevel=9)
    return whole.getvalue()
