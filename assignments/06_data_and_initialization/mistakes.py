"""Typical wrong answers and unusual right ones to the exercises of the data and initialisation notebook. Read, never run."""

import numpy as np

from autograder.course.answers import edit, variant, wrong

edit("zero_center", "X.mean(axis=0)", "X.mean()", mistake="one_mean_for_all")
