"""Marks for learning platforms: files that Canvas, Moodle, Blackboard and spreadsheets read."""
