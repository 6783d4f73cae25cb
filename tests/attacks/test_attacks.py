"""Every attack earns nothing, learns nothing, and leaves its neighbour, the course and the machine as they were."""

import tempfile
from html.parser import HTMLParser

import pytest
from attacks import breaking, deriving, escaping, forging, injecting, reading, reusing
from attacks.catalogue import ATTACKS
from attacks.vault import SECRET, Attack, strike

from autograder.execution import runner

ACTIVE = {"script", "iframe", "object", "embed", "form", "meta", "link", "svg", "base", "button"}


class Browser(HTMLParser):
    """Notes every element and attribute that a browser would run or fetch."""

    def __init__(self):
        super().__init__()
        self.active: list[str] = []

    def handle_starttag(self, tag, attributes):
        if tag in ACTIVE:
            self.active.append(tag)
        for name, value in attributes:
            covers = name == "style" and "position" in (
                value or ""
            )  # the tables of our own are styled, in place
            if covers or name.startswith("on") or "javascript:" in (value or ""):
                self.active.append(f"{tag} {name}={value}")


def test_the_list_is_long_and_names_are_distinct():
    names = [attack.name for attack in ATTACKS]

    assert len(names) == len(set(names)) >= 45
    families = {
        module.FAMILY for module in (reading, forging, breaking, escaping, injecting, deriving, reusing)
    }
    assert {attack.family for attack in ATTACKS} == families


def test_a_secret_that_is_read_would_be_seen(vault):
    assert SECRET in vault.source.read_text() and SECRET in vault.gradebook.read_text()
    honest = Attack("honest", "none", "answers", lambda notebook, vault: None)
    assert strike(honest, vault).earned == 20.0


def test_right_derivatives_earn_everything(slopes):
    honest = Attack("honest", "none", "answers", lambda notebook, vault: None)
    assert strike(honest, slopes).earned == 20.0


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.family}: {attack.name}")
def test_the_attack_comes_to_nothing(attack, vault, slopes, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    outcome = strike(attack, slopes if attack.family == deriving.FAMILY else vault)

    assert outcome.earned in attack.deserves, [
        (exercise.id, exercise.points, exercise.verdict, exercise.message)
        for exercise in outcome.result.exercises
    ]
    assert outcome.leaked == ()
    assert outcome.untouched and not outcome.disturbed
    assert outcome.neighbour.score == 20.0 and not outcome.neighbour.messages
    left_open = [exercise.id for exercise in outcome.result.exercises if exercise.points is None]
    assert not outcome.result.messages and not left_open, "an attack must not look like a fault of ours"
    assert list(tmp_path.iterdir()) == []
    assert runner._zygote.alive()


@pytest.mark.parametrize(
    "attack",
    [attack for attack in ATTACKS if attack.family == injecting.FAMILY],
    ids=lambda attack: attack.name,
)
def test_nothing_active_reaches_a_browser(attack, vault):
    import nbformat
    from nbconvert.exporters import HTMLExporter

    from autograder.feedback import FeedbackExporter, markdown_to_html

    outcome = strike(attack, vault)
    exporter = HTMLExporter(template_name="basic", filters={"markdown2html": markdown_to_html})
    notebook = nbformat.from_dict(outcome.result.cells)
    page, _ = exporter.from_notebook_node(notebook)
    feedback, _ = FeedbackExporter().from_notebook_node(notebook)
    head, _, body = feedback.partition("</head>")

    for shown in (page, body):
        browser = Browser()
        browser.feed(shown)
        assert browser.active == []
        assert shown.count("<style") <= 1
    assert "script-src &#39;none&#39;" in head and "<script" not in head
