"""What nbgrader's configuration says of a course: folders, gradebook, limits, late penalties.

Reads configuration as `nbgrader autograde` does, from all the places it looks into. Decides nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.paths import CourseError
from autograder.execution import Limits
from autograder.grading.disk import cannot_write, is_of_the_disk

_OURS = ("GradeSubmission", "SaveGrades")
_SANITISE = ("RestoreSubmission",)
_LATE = "AssignLatePenalties"


@dataclass(frozen=True)
class Settings:
    """A course's configuration.

    Attributes
    ----------
    root : Path
        The course's folder.
    converter : nbgrader.converters.Autograde
        Knows folders, permissions and hooks.
    limits : Limits
    sandbox, show_hidden : bool
    late_penalty : callable or None
        ``(student, score, seconds late) -> penalty``; None if penalties are not configured.
    ignored : tuple of str
        Configured steps of `nbgrader autograde` that are not run here.
    """

    root: Path
    converter: Any
    limits: Limits
    sandbox: bool
    show_hidden: bool
    late_penalty: Callable[[str, float, float], float | None] | None
    ignored: tuple[str, ...] = ()

    @property
    def course(self) -> Any:
        """nbgrader's `CourseDirectory`."""
        return self.converter.coursedir

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Where nbgrader keeps a step (``"submitted"``, ``"autograded"``, ``"source"``) of a submission."""
        name = getattr(self.course, f"{step}_directory")
        return Path(self.course.format_path(name, student, assignment))

    @classmethod
    def load(cls, root: Path) -> Settings:
        """Read the configuration of the course in `root`, which must be the current folder.

        Raises
        ------
        CourseError
            If it cannot be used as it stands: marks by half a configuration would be other marks.
        CannotWrite
            If a folder that it makes (the exchange, for one) cannot be made.
        """
        try:
            return cls._load(root)
        except Exception as error:  # a configuration is a program, and may fail in any way
            if is_of_the_disk(error):
                raise cannot_write(error, root) from error
            raise CourseError(
                f"nbgrader's configuration cannot be used: {type(error).__name__}: {error}. "
                f"Mend {root / 'nbgrader_config.py'}, then run again."
            ) from error

    @classmethod
    def _load(cls, root: Path) -> Settings:
        from nbgrader.apps.autogradeapp import AutogradeApp
        from nbgrader.converters import Autograde

        from autograder.grading.preprocessors import GradeSubmission

        app = AutogradeApp(log_level=logging.ERROR, raise_config_file_errors=True)
        app.initialize([], root=str(root))
        app.log.setLevel(logging.ERROR)
        converter = Autograde(coursedir=app.coursedir, parent=app)
        asked = GradeSubmission(parent=converter)
        limits = Limits(
            cell_seconds=asked.cell_seconds,
            total_seconds=asked.total_seconds,
            memory_bytes=asked.memory_bytes,
        )
        steps = [_name(step) for step in converter.autograde_preprocessors]
        others = [step for step in steps if step not in (*_OURS, _LATE)]
        others += [
            name for step in converter.sanitize_preprocessors if (name := _name(step)) not in _SANITISE
        ]
        late = _late_penalty(converter) if _LATE in steps else None
        return cls(root, converter, limits, asked.sandbox, asked.show_hidden_tests, late, tuple(others))


def _name(step: Any) -> str:
    return step.rsplit(".", 1)[-1] if isinstance(step, str) else step.__name__


def _late_penalty(converter: Any) -> Callable[[str, float, float], float | None]:
    from nbgrader.preprocessors import AssignLatePenalties

    assign = AssignLatePenalties(parent=converter)
    assign.init_plugin()
    return assign.plugin_inst.late_submission_penalty
