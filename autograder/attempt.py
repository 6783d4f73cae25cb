"""One check is run: how it ended, whatever the student's code did in it, and none of what that printed on the way out.

Knows endings and errors. Knows nothing of comparisons, points or rendering.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autograder import gradient_check, records
from autograder.records import Picture
from autograder.trial import Failed, Trial
from autograder.wording import OURS, SIGNATURE_CHANGED, describe_exception, describe_unusable, is_ours


@dataclass(frozen=True)
class Ending:
    """How one check ended."""

    state: str
    message: str = ""
    mistake: str | None = None
    picture: Picture | None = None


def attempt(body: Callable[[Trial], None], trial: Trial) -> Ending:
    """Run one check and say how it ended."""
    try:
        body(trial)
    except Failed as failed:
        return Ending(records.FAILED, str(failed), failed.mistake, failed.picture)
    except NotImplementedError as error:
        return Ending(records.NOT_ATTEMPTED, gradient_check.not_written(error))
    except AssertionError as error:
        if str(error):
            return Ending(records.FAILED, str(error))
        return Ending(records.RAISED, *describe_exception(error))
    except Exception as error:
        if is_ours(error):
            return Ending(records.OUR_FAULT, f"{OURS}\n{type(error).__name__}: {error}")
        if _raised_in(body, error) and describe_exception(error)[1] != SIGNATURE_CHANGED:
            return Ending(records.FAILED, describe_unusable(error), "unusable_result")
        return Ending(getattr(error, "state", records.RAISED), *describe_exception(error))
    if not trial.passed:
        told = "This check compared nothing. Tell your instructor: it is not your fault."
        return Ending(records.OUR_FAULT, told)
    return Ending(records.PASSED)


def _raised_in(body: Callable, error: BaseException) -> bool:
    """Whether the check itself, not a function it called, stumbled over what it was given."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_code is body.__code__


@contextlib.contextmanager
def quietly():
    """Keep a student's printing and warnings out of the cell's output; stderr would cost all points in nbgrader."""
    printed = io.StringIO()
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield printed
