"""nbgrader's exchange where a class needs it to be more patient: one student's trouble is not everyone's.

Knows nbgrader's default exchange. For `ExchangeFactory` in nbgrader_config.py.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback
from nbgrader.utils import ignore_patterns

from autograder.grading.incoming import set_aside

_NEEDED = ("timestamp.txt", "submission_secret.txt")


class Collect(ExchangeCollect):
    """Collects without following links, and goes on when one submission is too large."""

    def do_copy(self, src: str, dest: str, log=None) -> None:
        """Called for every submission that is collected."""
        size, most = self.get_size(src), 1000 * self.coursedir.max_dir_size
        if size > most:
            self.log.error(
                "%s was not collected: %d MB, at most %d MB (CourseDirectory.max_dir_size). Ask for a smaller one.",
                Path(src).name,
                size // 1_000_000,
                most // 1_000_000,
            )
            return
        ignore = ignore_patterns(
            exclude=self.coursedir.ignore,
            include=self.coursedir.include,
            max_file_size=self.coursedir.max_file_size,
            log=self.log,
        )
        shutil.copytree(src, dest, symlinks=True, ignore=ignore)
        for text in set_aside(Path(dest)):
            self.log.warning("%s: a link was not followed", text)
        if self.coursedir.groupshared:
            for path in (Path(dest), *Path(dest).rglob("*")):
                path.chmod(path.stat().st_mode | (0o2770 if path.is_dir() else 0o660))


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Releases feedback to the exchange; pages of submissions that came another way go into one zip file.

    Only a submission that was handed in through the exchange has the secret that lets its student fetch feedback
    there. Zip-collected ones came through a learning platform, and their feedback goes back the same way.
    """

    def copy_files(self) -> None:
        """Called by `nbgrader release_feedback`."""
        students = self.coursedir.student_id or "*"
        feedback = Path(
            self.coursedir.format_path(
                self.coursedir.feedback_directory, students, self.coursedir.assignment_id
            )
        )
        excluded = [name for name in self.coursedir.student_id_exclude.split(",") if name]
        others = [
            folder
            for folder in sorted(Path("/").glob(str(feedback).lstrip("/")))
            if folder.is_dir() and not all((folder / name).is_file() for name in _NEEDED)
        ]
        pages = {
            _student(folder, feedback): sorted(folder.glob("*.html"))
            for folder in others
            if _student(folder, feedback) not in excluded
        }
        before = self.coursedir.student_id_exclude
        self.coursedir.student_id_exclude = ",".join([*excluded, *pages])
        try:
            super().copy_files()
        finally:
            self.coursedir.student_id_exclude = before
        if pages:
            self._zip(pages, self.coursedir.assignment_id)

    def _zip(self, pages: dict[str, list[Path]], assignment: str) -> None:
        root = Path(self.coursedir.format_path(self.coursedir.feedback_directory, ".", "."))
        archive = root / f"{assignment}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
            for student, files in pages.items():
                for page in files:
                    bundle.write(page, f"{student}/{page.name}")
        self.log.warning(
            "%d submissions did not come through the exchange, so their students cannot fetch feedback there. "
            "Their pages are in %s: give them back the way the submissions came.",
            len(pages),
            archive,
        )


def _student(folder: Path, pattern: Path) -> str:
    """The part of `folder` that stands where the pattern has its star (or the student's own id)."""
    at = pattern.parts.index("*") if "*" in pattern.parts else len(folder.parts) - 2
    return folder.parts[at]
