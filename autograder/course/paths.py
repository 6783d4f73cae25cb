"""Where a course keeps its things: the folders, the assignments, their files. Knows names only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TOTAL_POINTS = 100


class CourseError(Exception):
    """Something in the course folder is not as it must be; the message says what to do."""


@dataclass(frozen=True)
class Assignment:
    """One assignment of a course.

    Attributes
    ----------
    root : Path
        The course's folder.
    name : str
        The assignment id, ``"03_mlp"``: folder name and nbgrader assignment id.
    """

    root: Path
    name: str

    @property
    def folder(self) -> Path:
        """The authored text's folder."""
        return self.root / "assignments" / self.name

    @property
    def topic(self) -> str:
        """The id without its number: the notebook's name."""
        return self.name.split("_", 1)[1] if self.name[:2].isdigit() and "_" in self.name else self.name

    @property
    def text(self) -> Path:
        """The authored notebook in percent format."""
        return self.folder / f"{self.topic}.py"

    @property
    def mistakes(self) -> Path:
        """Its typical wrong answers and unusual right ones."""
        return self.folder / "mistakes.py"

    @property
    def source(self) -> Path:
        """nbgrader's instructor version."""
        return self.root / "source" / self.name / f"{self.topic}.ipynb"

    @property
    def release(self) -> Path:
        """What a student opens."""
        return self.root / "release" / self.name / f"{self.topic}.ipynb"

    @property
    def shipped(self) -> tuple[Path, ...]:
        """Files that are handed out beside the notebook: everything authored that is not Python."""
        return tuple(
            sorted(
                path
                for path in self.folder.iterdir()
                if path.is_file() and path.suffix != ".py" and not path.name.startswith(".")
            )
        )


def find_root(start: Path | str = ".") -> Path:
    """Return the course folder that holds `start`: the nearest one above with an ``assignments`` folder.

    Where nobody named a folder and the current one is in no course, it is the checkout this package was installed from.

    Raises
    ------
    CourseError
        If there is none.
    """
    here = Path(start).resolve()
    installed_from = [Path(__file__).resolve().parents[2]] if str(start) == "." else []
    for folder in (here, *here.parents, *installed_from):
        if (folder / "assignments").is_dir() and (folder / "nbgrader_config.py").is_file():
            return folder
    raise CourseError(
        f"{here} is not inside a course: no folder above it holds both assignments/ and nbgrader_config.py. "
        "Change into the course folder, or name it with --course."
    )


def find_assignments(root: Path, names: tuple[str, ...] = ()) -> list[Assignment]:
    """Return the assignments called `names`, or all of them, sorted.

    Raises
    ------
    CourseError
        If a name is unknown (the message lists those that exist) or an assignment has no notebook text.
    """
    known = sorted(
        path.name
        for path in (root / "assignments").iterdir()
        if path.is_dir() and not path.name.startswith((".", "_"))
    )
    for name in names:
        if name not in known:
            raise CourseError(
                f"There is no assignment {name!r}. Those that exist: {', '.join(known) or 'none'}."
            )
    found = [Assignment(root, name) for name in (sorted(set(names)) or known)]
    for assignment in found:
        if not assignment.text.is_file():
            raise CourseError(
                f"{assignment.folder.name} has no {assignment.text.name}: the notebook's text is named after its folder."
            )
    return found
