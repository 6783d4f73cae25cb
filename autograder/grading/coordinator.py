"""Grade all submissions to one assignment: find, send out, write down. The one place that writes anything.

A submission's marks and files count only once both are there; whatever breaks off before is graded again.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder import records
from autograder.grading import handed_in, journal
from autograder.grading.bundle import Bundle
from autograder.grading.disk import writing
from autograder.grading.environment import environment
from autograder.grading.files import among, read_regular
from autograder.grading.graded import ORIGINAL
from autograder.grading.handed_in import HandedIn, Place
from autograder.grading.many import Supervised, grade_many
from autograder.grading.settings import Settings
from autograder.grading.shelf import MARK, Shelf
from autograder.grading.work import Graded, Work
from autograder.grading.writer import Entry, Writer

BATCH_SECONDS = 1.0  # what is finished waits so long, at most, for others to share its transaction
BATCH_SIZE = 32
GRADED, UNCHANGED, OPEN, TROUBLE = "graded", "unchanged", "our fault", "not graded"
_TELLING = ("unreadable", "other notebook")  # notes that explain a zero: whoever grades wants the name
_NOT_FOR_STUDENTS = (handed_in.TIMESTAMP, "submission_secret.txt")


@dataclass(frozen=True)
class Outcome:
    """What became of one submission.

    Attributes
    ----------
    student : str
    state : str
        ``"graded"``, ``"unchanged"`` since it was graded before, ``"our fault"`` or ``"not graded"``.
    score, max_score : float or None
    verdict : str
    seconds : float
    messages : tuple of str
        For the instructor.
    """

    student: str
    state: str
    score: float | None = None
    max_score: float | None = None
    verdict: str = ""
    seconds: float = 0.0
    messages: tuple[str, ...] = ()


class Watch:
    """Told what happens; this one keeps it to itself."""

    def found(self, total: int) -> None:
        """Called once: so many submissions will be looked at."""

    def done(self, outcome: Outcome) -> None:
        """Called when a submission is settled, on disk and in the gradebook."""

    def waiting(self, why: str) -> None:
        """Called when something of ours makes everyone wait."""

    def tick(self) -> None:
        """Called now and then."""


@dataclass
class _Pending:
    place: Place
    fingerprint: str
    timestamp: Any
    messages: list[str] = field(default_factory=list)


class Coordinator:
    """Grades one assignment of one course.

    Parameters
    ----------
    settings : Settings
        The current folder must be the course's.
    assignment : str
    sandbox : bool
    elsewhere : bool
        Whether workers run on other machines: they must have the versions that are here.
    watch : Watch

    Raises
    ------
    autograder.grading.writer.GradebookError
        If the gradebook cannot be used or does not know the assignment.
    autograder.grading.bundle.BundleError
        If the assignment cannot be graded as it stands.
    """

    def __init__(
        self,
        settings: Settings,
        assignment: str,
        *,
        sandbox: bool = True,
        elsewhere: bool = False,
        watch: Watch | None = None,
        patience: float | None = None,
    ):
        self.settings, self.assignment, self.watch = settings, assignment, watch or Watch()
        self.sandbox = sandbox and settings.sandbox
        course = settings.course
        self.writer = Writer(
            course.db_url,
            course.course_id,
            assignment,
            late_penalty=settings.late_penalty,
            create_students=settings.converter.create_student,
            waiting=self.watch.waiting,
            **({} if patience is None else {"patience": patience}),
        )
        self.source = settings.folder("source", ".", assignment)
        self.bundles = {
            name: Bundle.from_gradebook(
                course.db_url, assignment, name, source=self.source / f"{name}.ipynb"
            ).to_bytes()
            for name in self.writer.notebooks
        }
        self._files = self._source_files()
        self.journal = journal.Journal(settings.root / journal.FOLDER / f"{assignment}.journal")
        self._demanded = environment() if elsewhere else {}
        self._shared = self._shared_parts()
        self._pending: dict[str, _Pending] = {}
        self._finished: list[tuple[_Pending, Graded]] = []
        self._since = 0.0

    def close(self) -> None:
        """Let go of the gradebook."""
        self.writer.close()

    def run(self, workers: Supervised, students: Collection[str] = (), force: bool = False) -> None:
        """Grade what is new or changed, or all of it; every outcome goes to the watch.

        Raises
        ------
        autograder.grading.journal.Busy
            If another run grades this assignment.
        autograder.grading.disk.CannotWrite, autograder.grading.writer.GradebookError, autograder.grading.many.WorkersGone
            What was settled before stays settled.
        """
        places = handed_in.find(self.settings, self.assignment, students)
        self.watch.found(len(places))
        with writing(self.settings.root), journal.alone(self.journal.path.with_suffix(".lock")):
            self._sweep()
            known = self.writer.extensions()
            works = self._works(places, known, force)
            graded = grade_many(works, self.bundles, workers, self._tick)
            try:
                for work, result in graded:
                    self._finished.append((self._pending.pop(work.student), result))
                    if len(self._finished) >= BATCH_SIZE:
                        self._settle()
                self._settle()
            except BaseException:
                with contextlib.suppress(Exception):  # the first trouble is the one to tell
                    self._settle()
                raise
            finally:
                graded.close()
                with contextlib.suppress(OSError):
                    self._sweep()

    def _works(self, places: list[Place], known: dict[str, Any], force: bool) -> Iterator[Work]:
        """Read submissions one by one; settle those that need no grading."""
        for place in places:
            if place.trouble:
                self.watch.done(Outcome(place.student, TROUBLE, messages=(place.trouble,)))
                continue
            handed_in.prepare(self.settings, self.assignment, place)
            try:
                submission = handed_in.read(self.settings, place, self.writer.notebooks)
            except OSError as error:
                told = handed_in.closed(place.folder, error)
                self.watch.done(Outcome(place.student, TROUBLE, messages=(told,)))
                continue
            if not submission.notebooks:
                wanted = " or ".join(f"{name}.ipynb" for name in self.writer.notebooks)
                told = f"{place.folder} holds no {wanted}: rename the right file."
                self.watch.done(Outcome(place.student, TROUBLE, messages=(told,)))
                continue
            extension = repr(known.get(place.student)).encode()
            parts = handed_in.parts(submission) | self._shared | {"extension": extension}
            fingerprint = journal.fingerprint(parts)
            entry = self.journal.entries.get(place.student)
            if (
                not force
                and entry
                and place.student in known
                and self._is_current(entry, fingerprint, submission)
            ):
                told = Outcome(
                    place.student,
                    UNCHANGED,
                    entry.get("score"),
                    entry.get("max_score"),
                    entry.get("verdict", ""),
                )
                self.watch.done(told)
                continue
            yield self._work(submission, fingerprint)

    def _is_current(self, entry: dict[str, Any], fingerprint: str, submission: HandedIn) -> bool:
        digest = self._shelf(submission.place.student).digest(submission.notebooks)
        return entry.get("fingerprint") == fingerprint and bool(digest) and entry.get("written") == digest

    def _work(self, submission: HandedIn, fingerprint: str) -> Work:
        """Begin the autograded folder, and pack what a worker needs."""
        student, folder = submission.place.student, submission.place.folder
        pending = _Pending(submission.place, fingerprint, None)
        try:
            pending.timestamp = _parse(submission.timestamp)
        except (
            Exception
        ):  # whatever a text leads the parser into: ValueError, OverflowError, a file name too long
            told = f"{folder / handed_in.TIMESTAMP} does not say a time: {submission.timestamp[:60]!r}."
            pending.messages.append(told + " The gradebook's time of this submission is not changed.")
        files = submission.files | self._files
        self._shelf(student).begin(files)
        sent = {
            name: data
            for name, data in among(files).items()
            if name not in _NOT_FOR_STUDENTS and not name.endswith(ORIGINAL)
        }
        self._pending[student] = pending
        settings = self.settings
        return Work(
            student,
            submission.notebooks,
            sent,
            settings.limits,
            self.sandbox,
            settings.show_hidden,
            self._demanded,
        )

    def _tick(self) -> None:
        self.watch.tick()
        if self._finished and time.monotonic() - self._since >= BATCH_SECONDS:
            self._settle()

    def _settle(self) -> None:
        """Make all that is finished count: files beside their place, marks, files into place, journal."""
        finished, self._finished = self._finished, []
        self._since = time.monotonic()
        if not finished:
            return
        permissions = int(str(self.settings.converter.permissions), 8)
        with writing(self.settings.root):
            for pending, graded in finished:
                self._shelf(pending.place.student).fill(graded.texts, graded.originals, permissions)
            self.writer.write(
                [Entry(graded.student, pending.timestamp, graded.results) for pending, graded in finished]
            )
            entries, outcomes = [], []
            for pending, graded in finished:
                shelf = self._shelf(graded.student)
                shelf.publish()
                self._after(graded.student)
                outcome = _outcome(pending, graded)
                outcomes.append(outcome)
                if outcome.state == GRADED:
                    entries.append(
                        {
                            "student": graded.student,
                            "fingerprint": pending.fingerprint,
                            "written": shelf.digest(graded.texts),
                            "score": outcome.score,
                            "max_score": outcome.max_score,
                            "verdict": outcome.verdict,
                        }
                    )
            self.journal.add(entries)
        for outcome in outcomes:
            self.watch.done(outcome)

    def _after(self, student: str) -> None:
        """What nbgrader does when a submission is done: the group's rights, the configured hook."""
        converter = self.settings.converter
        if self.settings.course.groupshared:
            converter.set_permissions(self.assignment, student)
        if converter.post_convert_hook:
            with contextlib.suppress(Exception):  # as nbgrader: a hook is a courtesy
                converter.post_convert_hook(
                    assignment=self.assignment, student=student, notebooks=list(self.writer.notebooks)
                )

    def _shelf(self, student: str) -> Shelf:
        return Shelf(self.settings.folder("autograded", student, self.assignment))

    def _source_files(self) -> dict[str, bytes]:
        """The assignment's own files, by relative name: they replace a submission's, but for those that students may change."""
        from nbgrader.utils import find_all_files

        theirs = {
            self.source / name
            for name in self.settings.converter.exclude_overwriting.get(self.assignment, [])
        }
        found = find_all_files(str(self.source), [*self.settings.course.ignore, "*.ipynb"])
        paths = [path for path in map(Path, sorted(found)) if path not in theirs]
        return {path.relative_to(self.source).as_posix(): read_regular(path) for path in paths}

    def _shared_parts(self) -> dict[str, bytes]:
        """What decides about the marks of all submissions."""
        parts = {f"checks {name}": data for name, data in self.bundles.items()}
        parts |= {f"source {name}": data for name, data in self._files.items()}
        parts["environment"] = repr(sorted(environment().items())).encode()
        limits = self.settings.limits
        parts["settings"] = repr((limits, self.settings.show_hidden, self.writer.duedate)).encode()
        return parts

    def _sweep(self) -> None:
        """Remove what an interrupted run began."""
        begun = self._shelf("*").partial
        assert begun.name.endswith(MARK)
        for folder in Path("/").glob(str(begun).lstrip("/")):
            shutil.rmtree(folder)


def _parse(timestamp: str | None) -> Any:
    from nbgrader.utils import parse_utc

    return parse_utc(timestamp) if timestamp else None


def _outcome(pending: _Pending, graded: Graded) -> Outcome:
    results = graded.results.values()
    scores = [result.score for result in results]
    verdicts = {result.verdict for result in results}
    state = OPEN if None in scores else GRADED
    messages = [*pending.messages, *(message for result in results for message in result.messages)]
    messages += [note.text for result in results for note in result.notes if note.kind in _TELLING]
    return Outcome(
        graded.student,
        state,
        None if None in scores else round(sum(scores), 2),
        sum(result.max_score for result in results),
        records.OUR_FAULT if state == OPEN else next(iter(verdicts - {records.PASSED}), records.PASSED),
        graded.seconds,
        tuple(messages),
    )
