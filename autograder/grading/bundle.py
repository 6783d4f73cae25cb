"""An assignment's reference cells as plain records: what a submission is restored from and graded by.

Knows source notebooks and nbgrader's gradebook. Holds hidden tests, so it never enters a student process.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.grading import syntax
from autograder.grading.reference import (
    CHECK,
    EXPERIMENT,
    GIVEN,
    KINDS,
    MANUAL,
    OPEN,
    SOLUTION,
    TEXT,
    BundleError,
    Cell,
    read_cell,
)

__all__ = [
    "CHECK",
    "EXPERIMENT",
    "GIVEN",
    "KINDS",
    "MANUAL",
    "OPEN",
    "SOLUTION",
    "TEXT",
    "Bundle",
    "BundleError",
    "Cell",
]

_SHIPPED_BYTES = 5_000_000
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}


@dataclass(frozen=True)
class Bundle:
    """Everything about an assignment's notebook that grading needs, as plain data.

    Attributes
    ----------
    assignment, notebook : str
        nbgrader's names for both.
    cells : tuple of Cell
        In the order of the reference.
    metadata : mapping
        The notebook's kernel and language.
    files : mapping of str to bytes
        What is handed out beside the notebook.
    """

    assignment: str
    notebook: str
    cells: tuple[Cell, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def marked(self) -> dict[str, Cell]:
        """Cells by grade_id."""
        return {cell.grade_id: cell for cell in self.cells if cell.grade_id}

    @cached_property
    def checks(self) -> tuple[Cell, ...]:
        """The check cells in order: one per exercise."""
        return tuple(cell for cell in self.cells if cell.kind == CHECK)

    @cached_property
    def by_text(self) -> dict[tuple[str, ...], Cell]:
        """Check and given cells by what a student sees of them, as `syntax.squeezed` has it."""
        locked = [cell for cell in self.cells if cell.kind in (CHECK, GIVEN) and cell.grade_id]
        return {syntax.squeezed(syntax.visible(cell.source)): cell for cell in reversed(locked)}

    @property
    def max_score(self) -> float:
        """Points of all exercises."""
        return float(sum(cell.points for cell in self.checks))

    @cached_property
    def names(self) -> dict[str, tuple[str, ...]]:
        """What each solution binds, by grade_id: these are the student's names in the checker process."""
        given = {
            name for cell in self.cells if cell.kind == GIVEN for name in syntax.names_bound(cell.source)
        }
        return {
            cell.grade_id: tuple(name for name in cell.names if name == cell.grade_id or name not in given)
            for cell in self.cells
            if cell.kind == SOLUTION
        }

    def solution_of(self, check: Cell) -> Cell | None:
        """The solution cell that a check belongs to."""
        return self.marked.get(check.exercise)

    @classmethod
    def from_notebook(cls, notebook: Mapping[str, Any], name: str = "", files=None) -> Bundle:
        """Read a source notebook, given as nbformat's structure.

        Raises
        ------
        BundleError
            If a check cell does not declare its exercise, or two cells share a grade_id.
        """
        cells = tuple(read_cell(cell, i) for i, cell in enumerate(notebook["cells"]))
        metadata = notebook.get("metadata", {})
        assignment = metadata.get("autograder", {}).get("assignment", "")
        kept = {
            "kernelspec": dict(metadata.get("kernelspec", _KERNEL)),
            "language_info": dict(metadata.get("language_info", _LANGUAGE)),
        }
        _require_unique(cells, assignment)
        return cls(assignment, name, cells, kept, dict(files or {}))

    @classmethod
    def from_source(cls, path: Path) -> Bundle:
        """Read ``source/<assignment>/<notebook>.ipynb`` and the small files beside it.

        Raises
        ------
        BundleError
            If the file is missing or is not a source notebook.
        """
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise BundleError(f"{path} is missing: run `autograder build {path.parent.name}`.") from error
        except ValueError as error:
            raise BundleError(f"{path} is not a notebook ({error}): build the assignment again.") from error
        bundle = cls.from_notebook(notebook, path.stem, shipped_files(path.parent))
        return bundle if bundle.assignment else cls(path.parent.name, *_rest(bundle))

    @classmethod
    def from_gradebook(
        cls, db_url: str, assignment: str, notebook: str, source: Path | None = None
    ) -> Bundle:
        """Read nbgrader's gradebook: its cells decide; `source` adds order and the cells without a mark.

        Raises
        ------
        BundleError
            If the gradebook does not know the assignment.
        """
        from nbgrader.api import Gradebook, MissingEntry

        with Gradebook(db_url) as gradebook:
            try:
                found = gradebook.find_notebook(notebook, assignment)
            except MissingEntry as error:
                raise BundleError(
                    f"The gradebook has no notebook {notebook!r} in {assignment!r}: "
                    f"run `nbgrader generate_assignment {assignment}`."
                ) from error
            points = {cell.name: float(cell.max_score) for cell in found.grade_cells}
            solutions = {cell.name for cell in found.solution_cells}
            tasks = {cell.name: float(cell.max_score) for cell in found.task_cells}
            rows = [
                {
                    "cell_type": row.cell_type,
                    "source": row.source or "",
                    "id": row.name,
                    "metadata": {
                        "nbgrader": {
                            "grade_id": row.name,
                            "grade": row.name in points,
                            "solution": row.name in solutions,
                            "task": row.name in tasks,
                            "locked": bool(row.locked),
                            "points": (points | tasks).get(row.name, 0.0),
                        }
                    },
                }
                for row in found.source_cells
            ]
        reference = cls.from_source(source) if source is not None and source.is_file() else None
        return cls._merged(assignment, notebook, rows, reference)

    @classmethod
    def _merged(cls, assignment: str, notebook: str, rows: list[dict], reference: Bundle | None) -> Bundle:
        """Cells of the gradebook in the order of the source; those the source lacks come last."""
        stored = {row["id"]: read_cell(row, i) for i, row in enumerate(_paired(rows))}
        cells: list[Cell] = []
        for cell in reference.cells if reference else ():
            row = stored.pop(cell.grade_id, None) if cell.grade_id else None
            if row is not None:
                kind = cell.kind if cell.kind == EXPERIMENT else row.kind
                names = cell.names or row.names
                source = cell.source if kind == SOLUTION else row.source
                changes = {"id": cell.id, "tags": cell.tags, "kind": kind, "names": names, "source": source}
                cell = Cell(**{**asdict(row), **changes, "stub": row.source})
            elif cell.grade_id:
                continue  # not in the gradebook, so nothing to award: the source is newer than the release
            cells.append(cell)
        cells += stored.values()
        cells = [Cell(**{**asdict(cell), "position": i}) for i, cell in enumerate(cells)]
        _require_unique(cells, assignment)
        metadata = reference.metadata if reference else {"kernelspec": _KERNEL, "language_info": _LANGUAGE}
        return cls(assignment, notebook, tuple(cells), metadata, reference.files if reference else {})

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, strings and numbers."""
        files = {name: base64.b64encode(data).decode("ascii") for name, data in self.files.items()}
        return {
            "assignment": self.assignment,
            "notebook": self.notebook,
            "cells": [asdict(cell) for cell in self.cells],
            "metadata": json.loads(json.dumps(self.metadata)),
            "files": files,
        }

    def to_bytes(self) -> bytes:
        """Return the bundle as JSON: equal bundles give equal bytes."""
        return json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False).encode("utf-8")

    @classmethod
    def from_bytes(cls, data: bytes) -> Bundle:
        """Rebuild a bundle from `to_bytes`."""
        plain = json.loads(data)
        cells = tuple(
            Cell(**{**cell, "tags": tuple(cell["tags"]), "names": tuple(cell["names"])})
            for cell in plain["cells"]
        )
        files = {name: base64.b64decode(text) for name, text in plain["files"].items()}
        return cls(plain["assignment"], plain["notebook"], cells, plain["metadata"], files)


def shipped_files(folder: Path) -> dict[str, bytes]:
    """What stands beside a source notebook, by name: small regular files, no notebooks, no links."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.is_file()
        and not path.is_symlink()
        and path.suffix != ".ipynb"
        and not path.name.startswith(".")
        and path.stat().st_size <= _SHIPPED_BYTES
    }


def _rest(bundle: Bundle) -> tuple:
    return bundle.notebook, bundle.cells, bundle.metadata, bundle.files


def _paired(rows: list[dict]) -> list[dict]:
    """Rows of the gradebook, whose order is not kept there, with each check straight after its solution."""
    by_name = {row["id"]: row for row in rows}
    ordered: dict[str, dict] = {}
    for row in sorted(rows, key=_is_answer_or_check):
        name = row["id"]
        if name.removesuffix("_check") in by_name and name.endswith("_check"):
            continue
        ordered[name] = row
        if f"{name}_check" in by_name:
            ordered[f"{name}_check"] = by_name[f"{name}_check"]
    return list(ordered.values())


def _is_answer_or_check(row: dict) -> bool:
    """False for what is given: it comes first."""
    mark = row["metadata"]["nbgrader"]
    return not mark["locked"] or mark["grade"]


def _require_unique(cells, assignment: str) -> None:
    seen: set[str] = set()
    for cell in cells:
        if cell.grade_id in seen:
            raise BundleError(f"{assignment}: two cells are called {cell.grade_id!r}; rename one.")
        if cell.grade_id:
            seen.add(cell.grade_id)
