"""The site's files: an index, and for each topic a page to read and one with its solutions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder.pages import render
from autograder.site.content import Topic, needs


def write(topics: Mapping[str, Topic], folder: Path) -> list[Path]:
    """Write the site of all topics into `folder`; return its pages. Pages of topics that are gone are removed.

    Only files that this function writes are ever removed.
    """
    names = list(topics)
    pages = {"index.html": render("site_index.html", topics=topics, needs=needs(topics))}
    for i, name in enumerate(names):
        around = {
            "topic": topics[name],
            "before": names[i - 1] if i else "",
            "after": names[i + 1] if i + 1 < len(names) else "",
        }
        pages[f"{name}/index.html"] = render(
            "site_topic.html", cells=topics[name].student, solved=False, **around
        )
        pages[f"{name}/solution.html"] = render(
            "site_topic.html", cells=topics[name].worked, solved=True, **around
        )
    for path in (*folder.glob("*/index.html"), *folder.glob("*/solution.html")):
        if path.relative_to(folder).as_posix() not in pages:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    for page, text in pages.items():
        goal = folder / page
        goal.parent.mkdir(parents=True, exist_ok=True)
        goal.write_text(text, encoding="utf-8")
    return [folder / page for page in pages]
