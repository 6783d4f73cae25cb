"""nbgrader's gradebook, written for many submissions in one transaction; patient with a database that is locked or gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from nbgrader.api import Gradebook, InvalidEntry
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from autograder.grading.rows import Entry, GradebookError, Rows

PATIENCE = 120.0  # seconds that a locked or missing database may take to come back
_HOPELESS = (
    "disk is full",
    "disk full",
    "readonly",
    "read-only",
    "no space",
    "permission denied",
    "no such table",
    "no such column",
    "does not exist",
    "authentication failed",
)  # what no waiting mends


class Writer:
    """An open gradebook, for one assignment.

    Parameters
    ----------
    db_url, course_id, assignment : str
    late_penalty : callable or None
        ``(student, score, seconds late) -> penalty``.
    create_students : bool
        Whether a student whom the gradebook does not know is added.
    patience : float
        Seconds to wait for a database that is locked or gone.
    waiting : callable
        Told why, each time a transaction has to be tried again.

    Raises
    ------
    GradebookError
        If the database cannot be opened or does not know the assignment.
    """

    def __init__(
        self,
        db_url: str,
        course_id: str,
        assignment: str,
        *,
        late_penalty: Callable[[str, float, float], float | None] | None = None,
        create_students: bool = True,
        patience: float = PATIENCE,
        waiting: Callable[[str], None] = lambda why: None,
    ):
        self.patience, self.waiting = patience, waiting
        self._gradebook = self._patiently(lambda: Gradebook(db_url, course_id))
        self._engine = self._gradebook.engine
        self._gradebook.db.remove()
        try:
            self._rows = self._patiently(lambda: self._read(assignment, late_penalty, create_students))
        except BaseException:
            self.close()
            raise
        self.notebooks, self.duedate = self._rows.notebooks, self._rows.duedate

    def _read(self, *about: Any) -> Rows:
        with self._engine.connect() as connection:
            return Rows(connection, *about)

    def close(self) -> None:
        """Let go of the database."""
        self._gradebook.close()

    def extensions(self) -> dict[str, Any]:
        """Students whose submission the gradebook has, each with the extension granted (or None)."""

        def attempt() -> dict[str, Any]:
            with self._engine.connect() as connection:
                return self._rows.extensions(connection)

        return self._patiently(attempt)

    def write(self, entries: Sequence[Entry]) -> None:
        """Write all entries or, if that fails, none.

        Raises
        ------
        GradebookError
            If the database stays locked or gone, or cannot be written at all.
        """

        def attempt() -> None:
            with self._engine.begin() as connection:
                self._rows.write(connection, entries)

        self._patiently(attempt)

    def _patiently(self, attempt: Callable[[], Any]) -> Any:
        """Try until it works; a lock, a restart or another writer pass, a full disk does not."""
        deadline, pause = time.monotonic() + self.patience, 0.1
        while True:
            try:
                return attempt()
            except (DBAPIError, ValueError, OSError) as error:
                why = _reason(error)
                if not _may_pass(error) or time.monotonic() > deadline:
                    raise GradebookError(
                        f"The gradebook could not be written: {why}.{_remedy(why)}"
                    ) from error
                self.waiting(why)
            except SQLAlchemyError as error:
                raise GradebookError(f"The gradebook could not be used: {_reason(error)}.") from error
            time.sleep(pause)
            pause = min(2 * pause, 5.0)


def _reason(error: BaseException) -> str:
    original = getattr(error, "orig", None)
    return " ".join(str(original or error).split()).rstrip(".")[:300]


def _may_pass(error: BaseException) -> bool:
    """Whether trying again can help: a lock, a lost connection, another writer who was first."""
    why = _reason(error).lower()
    return isinstance(error, DBAPIError | InvalidEntry) and not any(word in why for word in _HOPELESS)


def _remedy(why: str) -> str:
    low = why.lower()
    if "full" in low or "space" in low:
        return " Make room on the disk, then run again: nothing that was graded so far is lost."
    if "readonly" in low or "read-only" in low or "permission" in low:
        return " Give yourself the right to write the gradebook and its folder, then run again."
    if "no such table" in low or "no such column" in low or "does not exist" in low:
        return " Is the address right? One of an older nbgrader needs a copy kept and `nbgrader db upgrade`."
    if "authentication" in low:
        return " Mend c.CourseDirectory.db_url in nbgrader_config.py."
    return " Run again when it can be reached: nothing that was graded so far is lost."
