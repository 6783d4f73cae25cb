"""What an instructor wants to know of a graded assignment: marks, mistakes, faults, similar work; as a page and as data."""
