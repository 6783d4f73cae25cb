"""Measure a gradient, judge an answer against it, explain the difference. Depends on numpy only."""
