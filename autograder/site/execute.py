"""Worked notebooks, executed in a kernel, and kept by what they were made from: unchanged ones are not run again.

For authored notebooks only, never for what a student handed in. Knows nbclient.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course.paths import Assignment, CourseError
from autograder.course.wheel import drawing_modules, light_modules
from autograder.course.worked import worked

CELL_SECONDS = 1200  # training on a busy machine
_LIBRARIES = ("numpy", "matplotlib", "ipywidgets")


def key(assignment: Assignment, notebook: NotebookNode) -> str:
    """Return a name for everything that decides what a notebook puts out: its cells, what it imports, the libraries."""
    found = hashlib.sha256()
    for cell in notebook.cells:
        found.update(
            json.dumps([cell.cell_type, cell.source]).encode("utf-8") if cell.cell_type == "code" else b"-"
        )
    for path in assignment.shipped:
        found.update(path.read_bytes())
    package = Path(__file__).resolve().parents[2]
    programs = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for path in (*light_modules(package), *drawing_modules(package, programs)):
        found.update((package / path).read_bytes())
    for name in _LIBRARIES:
        found.update(f"{name} {importlib.metadata.version(name)}".encode())
    return found.hexdigest()[:24]


def executed(assignment: Assignment, cache: Path, run: bool = True) -> NotebookNode:
    """Return the worked notebook with its outputs, from the cache if nothing changed.

    Parameters
    ----------
    assignment : Assignment
    cache : Path
        A folder; made when needed.
    run : bool
        Whether to execute what is not in the cache; else it comes without outputs.

    Raises
    ------
    CourseError
        If a cell fails; the message shows it.
    """
    notebook = worked(assignment)
    kept = cache / f"{assignment.name}-{key(assignment, notebook)}.ipynb"
    if kept.is_file():
        found = nbformat.read(kept, as_version=4)
        for cell, ran in zip(notebook.cells, found.cells, strict=True):
            if cell.cell_type == "code":  # the text may have changed meanwhile: outputs are what is kept
                cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
        return notebook
    if run:
        _run(assignment, notebook)
        cache.mkdir(parents=True, exist_ok=True)
        for stale in cache.glob(f"{assignment.name}-*.ipynb"):
            stale.unlink()
        unfinished = kept.with_suffix(f".{os.getpid()}")
        unfinished.write_text(nbformat.writes(notebook), encoding="utf-8")
        unfinished.replace(kept)
    return notebook


def _run(assignment: Assignment, notebook: NotebookNode) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    with tempfile.TemporaryDirectory(prefix="autograder-site-") as scratch:
        for path in assignment.shipped:
            shutil.copyfile(path, Path(scratch) / path.name)
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": scratch}},
            extra_arguments=[
                "--IPKernelApp.log_level=ERROR"
            ],  # a warning about TCP that nobody here can act on
        )
        # What the kernel itself logs (a socket closed under it as it goes) helps nobody here, unless it dies.
        log = Path(scratch) / ".kernel.log"
        try:
            with log.open("wb") as stream:
                client.execute(stdout=stream, stderr=stream)
        except CellExecutionError as error:
            told = _last_lines(str(error))
            raise CourseError(f"{assignment.name}: a cell of the worked notebook fails.\n{told}") from error
        except CellTimeoutError as error:
            told = f"takes more than {CELL_SECONDS} s"
            raise CourseError(f"{assignment.name}: a cell of the worked notebook {told}.") from error
        except DeadKernelError as error:
            told = _last_lines(log.read_text(encoding="utf-8", errors="replace"))
            raise CourseError(
                f"{assignment.name}: a cell of the worked notebook ended its kernel.\n{told}".rstrip()
            ) from error


def _last_lines(text: str) -> str:
    return "\n".join(text.splitlines()[-12:])
