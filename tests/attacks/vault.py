"""A course worth robbing: hidden tests, a gradebook, another student's work, each marked so that a leak is seen.

Every secret contains the word `SECRET`; no attack spells it, so where it turns up, it was read.
"""

from __future__ import annotations

import concurrent.futures as futures
import contextlib
import copy
import functools
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.build import build
from autograder.course.paths import find_assignments
from autograder.execution import Limits, runner
from autograder.grading.bundle import Bundle
from autograder.grading.grade import grade_one
from autograder.grading.result import Result

ASSIGNMENT, NOTEBOOK = "00_vault", "vault"
SECRET = "swordfish"
HIDDEN = (SECRET, "vault_combination", "vault_numbers", "vault_factor", "of_the_vault")
RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "apply": "def apply(f, x):\n    return f(x)",
}
SLOPES = {
    "relu_forward": "def relu_forward(x):\n    return np.maximum(x, 0), x",
    "relu_backward": "def relu_backward(dout, cache):\n    return dout * (cache > 0)",
    "half_square": "def half_square(x):\n    return 0.5 * np.sum(x**2), x",
}
REUSING = "reusing"  # the family of attacks on whoever is graded next, by the same processes
LIMITS = Limits(cell_seconds=2.0, total_seconds=15.0, memory_bytes=2**29, file_bytes=10 * 2**20)


@dataclass(frozen=True)
class Attack:
    """One attack.

    Attributes
    ----------
    name, family, tried
        what it is called, what kind it is, and what it tried in a sentence
    make
        changes the perfect notebook in place, or returns bytes
    files
        handed in beside the notebook
    deserves
        the points that its answers are worth honestly, of 20
    """

    name: str
    family: str
    tried: str
    make: Callable[[dict, Vault], bytes | None]
    files: Mapping[str, bytes] = field(default_factory=dict)
    deserves: tuple[float, ...] = (10.0,)


class Vault:
    """The course on disk, and what an attack may not change."""

    def __init__(self, folder: Path, text: str = "vault_notebook.txt", right: Mapping[str, str] = RIGHT):
        self.right = right
        self.folder = folder / "course"
        home = self.folder / "assignments" / ASSIGNMENT
        home.mkdir(parents=True)
        shutil.copyfile(Path(__file__).with_name(text), home / f"{NOTEBOOK}.py")
        hints = (f'[{name}]\nhints = ["What is x + x?"]\n' for name in right)
        (home / "hints.toml").write_text("\n".join(hints))
        build(find_assignments(self.folder))
        self.source = self.folder / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        self.gradebook = self.folder / "gradebook.db"
        self.gradebook.write_text(f"{SECRET}-gradebook: everyone has 0 points")
        self.neighbour = self.folder / "submitted" / "neighbour" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        self.neighbour.parent.mkdir(parents=True)
        self.bundle = Bundle.from_source(self.source)
        self.release = _read(self.folder / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb")
        honest = self.perfect()
        self.honest = to_bytes(honest)
        honest["cells"].append(own_cell(f"# {SECRET}-neighbour"))
        self.neighbour.write_bytes(to_bytes(honest))
        self.letterbox = Path(tempfile.mkdtemp(prefix="box-")) / "letters"
        self._box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._box.setblocking(False)
        self._box.bind(str(self.letterbox))
        os.environ["VAULT_PASSWORD"] = f"{SECRET}-environment"
        self._state = self._contents()

    def perfect(self) -> dict:
        """The notebook with both answers right."""
        notebook = copy.deepcopy(self.release)
        for name, source in self.right.items():
            find(notebook, name)["source"] = source
        return notebook

    @functools.cached_property
    def alone(self) -> Result:
        """What comes of a well-behaved submission when nobody attacks."""
        return grade_one(self.honest, self.bundle)

    def close(self) -> None:
        """Take the letterbox away."""
        self._box.close()
        shutil.rmtree(self.letterbox.parent)

    def untouched(self) -> bool:
        """Whether every file and folder of the course is as it was, its mode and time too, and no letter has come."""
        return self._contents() == self._state and not self._letters()

    def _contents(self) -> dict[str, tuple]:
        found = {}
        for path in (self.folder, *sorted(self.folder.rglob("*"))):
            state = path.stat()
            content = path.read_bytes() if path.is_file() else b""
            found[str(path)] = (state.st_mode, state.st_mtime_ns, content)
        return found

    def _letters(self) -> bytes:
        try:
            return self._box.recv(100)
        except BlockingIOError:
            return b""


@dataclass(frozen=True)
class Outcome:
    """What an attack came to."""

    result: Result
    neighbour: Result
    leaked: tuple[str, ...]
    untouched: bool
    disturbed: bool = (
        False  # the neighbour's notebook is another than without the attack, or processes were left
    )

    @property
    def earned(self) -> float:
        return sum(exercise.points or 0.0 for exercise in self.result.exercises)


def strike(attack: Attack, vault: Vault) -> Outcome:
    """Grade the attack, and a well-behaved submission beside it; or after it, by the same processes, if it is on them."""
    notebook = vault.perfect()
    made = attack.make(notebook, vault)
    submission = made if isinstance(made, bytes) else to_bytes(notebook)
    alone = vault.alone
    with futures.ThreadPoolExecutor(1) as pool:
        aside = None if attack.family == REUSING else pool.submit(grade_one, vault.honest, vault.bundle)
        result = grade_one(submission, vault.bundle, files=attack.files, limits=LIMITS)
        neighbour = aside.result() if aside else grade_one(vault.honest, vault.bundle)
    told = json.dumps(result.to_dict(), default=repr)
    leaked = tuple(word for word in HIDDEN if word in told)
    disturbed = neighbour.cells != alone.cells or bool(survivors())
    return Outcome(result, neighbour, leaked, vault.untouched(), disturbed)


def survivors() -> tuple[int, ...]:
    """Processes below the nurseries of checker processes that have nothing to do."""
    zygote = runner._zygote.process.pid
    nurseries = [nursery for checker in _children(zygote) for nursery in _children(checker)]
    return tuple(pid for nursery in nurseries for pid in _children(nursery))


def _children(pid: int) -> list[int]:
    """The living ones."""
    with contextlib.suppress(OSError):
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in found if _is_alive(child)]
    return []


def _is_alive(pid: str) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def find(notebook: dict, grade_id: str) -> dict:
    """The cell of that name."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            return cell
    raise KeyError(grade_id)


def own_cell(source: str, cell_type: str = "code", **metadata) -> dict:
    """A cell that the attacker adds."""
    cell = {"cell_type": cell_type, "metadata": metadata, "source": source, "id": f"own-{abs(hash(source))}"}
    return cell | ({"outputs": [], "execution_count": None} if cell_type == "code" else {})


def to_bytes(notebook: dict) -> bytes:
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode()


def _read(path: Path) -> dict:
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook
