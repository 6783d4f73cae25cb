"""Typical wrong answers and unusual right ones to the exercises of the regularization notebook. Read, never run."""

import numpy as np

from autograder.course.answers import edit, variant, wrong
