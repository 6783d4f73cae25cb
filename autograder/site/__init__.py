"""The course as pages to read: every notebook with its figures, and apart from it, behind a warning, its solutions."""
