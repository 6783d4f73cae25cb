"""One notebook run safely: the student's code never shares a process with the checks.

    from autograder.execution import Step, run

    result = run([Step("student", "double", "def double(x): return 2 * x", 0),
                  Step("check", "double_check", "assert double(4) == 8", 1)], names=["double"])

Knows processes and cells. Knows nothing of grades, nbgrader or authored text.
"""

from autograder.execution.runner import close, door, run, warm
from autograder.execution.steps import Limits, RunResult, SandboxUnavailable, Step, StepResult

__all__ = ["Limits", "RunResult", "SandboxUnavailable", "Step", "StepResult", "close", "door", "run", "warm"]
