"""nbgrader for this course. Every command of nbgrader that is started in this folder reads it.

Autograding goes through the course's own grader: student code runs apart from the checks, in a sandbox.
"""

import os
import sys
import warnings
from importlib.resources import files
from pathlib import Path

from autograder.course.build import release_config

c = get_config()  # noqa: F821 - nbgrader provides it
here = Path(__file__).resolve().parent

# The course: its folder and name, and what a release looks like.
c.merge(release_config(here))
c.GenerateAssignment.force = True  # a release that is there already still has to enter this gradebook

# Where assignments are handed out and in. This folder serves a course on one machine for one user; for a class on a
# shared machine name a folder that everyone may write to, such as /srv/nbgrader/exchange.
c.Exchange.root = os.environ.get("NBGRADER_EXCHANGE", str(here / "exchange"))
Path(c.Exchange.root).mkdir(parents=True, exist_ok=True)
c.ExchangeFactory.collect = "autograder.grading.exchange.Collect"
c.ExchangeFactory.release_feedback = "autograder.grading.exchange.ReleaseFeedback"
# Downloads of learning platforms: Moodle, Canvas, a folder per student. Set named_regexp for any other naming.
c.ZipCollectApp.collector_plugin = "autograder.grading.collecting.PlatformCollector"
# c.FileNameCollectorPlugin.named_regexp = r".*/(?P<student_id>\w+)_(?P<file_id>\w+)"

# Grading: read whatever was handed in, put the assignment's own cells back, run and check, write the gradebook.
c.Autograde.exporter_class = "autograder.grading.preprocessors.SubmissionExporter"
c.Autograde.pre_convert_hook = "autograder.grading.incoming.prepare"
c.Autograde.sanitize_preprocessors = ["autograder.grading.preprocessors.RestoreSubmission"]
c.Autograde.autograde_preprocessors = [
    "autograder.grading.preprocessors.GradeSubmission",
    "autograder.grading.preprocessors.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
# c.GradeSubmission.cell_seconds = 30          # of one cell
# c.GradeSubmission.total_seconds = 180        # of one notebook
# c.GradeSubmission.show_hidden_tests = True   # in autograded notebooks, for instructors

# Feedback: one file per submission that needs no network; marks, messages and pictures, never the hidden tests.
c.GenerateFeedback.exporter_class = "autograder.feedback.FeedbackExporter"
c.GenerateFeedback.preprocessors = ["autograder.feedback.FeedbackPage"]
# The formgrader: what students wrote is cleaned before it is shown, formulas are drawn without a network.
c.HTMLExporter.filters = {"markdown2html": "autograder.feedback.markdown_to_html"}
# The rubric stands beside the answer that it is for; only the formgrader shows it.
c.HTMLExporter.preprocessors = ["autograder.grading.rubric.ShowRubric"]
c.HTMLExporter.extra_template_basedirs.prepend([str(files("autograder") / "pages" / "formgrader")])

# nbgrader calls alembic by name when it makes a gradebook.
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])

# Harmless, and said once for every submission: SQLAlchemy on how nbgrader adds rows.
warnings.filterwarnings("ignore", message="Object of type <Submitted.*not in session")
