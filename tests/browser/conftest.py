"""A real browser, and real Jupyter servers for it to visit. Only `make test-browser` runs what is in this folder.

The browser is Debian's chromium, or whatever CHROMIUM names; playwright drives it. Nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from browser.school import School
from browser.servers import Home, jupyter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run"
).split()


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    """The browser, started once."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert path, (
        "No browser is installed. On Debian: apt-get install chromium; or set CHROMIUM to one's path."
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Open pages that note every request and every error of theirs; closed when the test ends."""
    contexts = []

    def opened(address: str, *, dark: bool = False, width: int = 1200, height: int = 900):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.requested, page.complaints = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def shots(request):
    """Where screenshots go: a folder that CI may keep; set SHOTS to choose it."""
    folder = Path(os.environ.get("SHOTS") or request.config.rootpath / ".pytest_cache" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def make_home(tmp_path_factory):
    """Homes for servers and commands."""

    def made(name: str) -> Home:
        home = Home(tmp_path_factory.mktemp(name))
        home.set("apputils-extension", "notification", fetchNews="false", checkForUpdates=False)
        return home

    return made


@pytest.fixture(scope="session")
def school(tmp_path_factory, make_home):
    """A course with one assignment handed out, and a student's empty desk."""
    return School(tmp_path_factory.mktemp("school"), make_home("teacher"), make_home("student"))


@pytest.fixture(scope="session")
def lab(school):
    """The student's JupyterLab."""
    with jupyter(school.desk, school.student) as address:
        yield address
