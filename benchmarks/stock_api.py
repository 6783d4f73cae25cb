"""Grade a course through stock nbgrader's Python interface; print seconds, and processor seconds, without its imports.

Called by ``benchmarks/grading.py`` in a process of its own: ``python benchmarks/stock_api.py COURSE ASSIGNMENT``.
"""

import json
import logging
import resource
import sys
import time

from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader


def used() -> float:
    """Processor seconds of this process and those it waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in both)


course, assignment = sys.argv[1:]
config = PyFileConfigLoader("nbgrader_config.py", path=course).load_config()
config.CourseDirectory.root = course
api = NbGraderAPI(config=config)
api.log.setLevel(logging.CRITICAL)
start, cpu = time.perf_counter(), used()
done = api.autograde(assignment, "*", force=True, create=True)
print(
    json.dumps({"seconds": time.perf_counter() - start, "cpu": used() - cpu, "done": bool(done["success"])})
)
if not done["success"]:
    sys.exit(done.get("log") or done.get("error"))
