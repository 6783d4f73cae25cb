"""Keys only: what a person without a mouse presses in JupyterLab and Notebook 7."""

from __future__ import annotations

import json
import time

ACTIVE = ".jp-Notebook .jp-Cell.jp-mod-active"
_FOCUS = """() => { let at = document.activeElement;
  while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
  return [at?.tagName ?? '', (at?.getAttribute('aria-label') || at?.title || at?.innerText || '').trim().slice(0, 80)]; }"""


def focus(page) -> tuple[str, str]:
    """The tag and the name of what has the keyboard."""
    return tuple(page.evaluate(_FOCUS))


def walk_to(page, name: str, *, tag: str = "", keys: tuple[str, ...] = ("Tab",), most: int = 120) -> None:
    """Press keys in turn until what has the keyboard is called `name` (or starts so)."""
    seen = []
    for step in range(most):
        at = focus(page)
        if at[1].startswith(name) and (not tag or at[0] == tag):
            return
        seen.append(at)
        page.keyboard.press(keys[step % len(keys)])
        time.sleep(0.05)
    raise AssertionError(f"{name!r} cannot be reached by {keys}; met {seen[-30:]}")


def command(page, words: str) -> None:
    """Run a command from the palette."""
    page.keyboard.press("Control+Shift+C")
    page.wait_for_selector(".lm-CommandPalette-input", state="visible")
    page.keyboard.type(words, delay=20)
    page.wait_for_selector(".lm-CommandPalette-item.lm-mod-active")
    page.keyboard.press("Enter")


class Notebook:
    """An open notebook, moved through and run by keys.

    Parameters
    ----------
    page : playwright Page
    cells : list of dict
        The notebook's cells in order, with their texts.
    """

    def __init__(self, page, cells: list[dict]):
        self.page, self.sources = page, [cell["source"] for cell in cells]
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', state="attached")
        self._wait_ready()

    def _wait_ready(self) -> None:
        self.page.wait_for_function(
            "() => document.querySelector('.jp-Notebook .jp-mod-active')", timeout=60_000
        )

    def at(self) -> int:
        """The place of the active cell."""
        return int(self.page.locator(ACTIVE).first.get_attribute("data-windowed-list-index"))

    def place(self, text: str) -> int:
        """The first cell that holds a text."""
        return next(i for i, source in enumerate(self.sources) if text in source)

    def go(self, place: int) -> None:
        """Walk to a cell with the arrow keys, in command mode."""
        self._enter()
        self.page.keyboard.press("Escape")
        for _ in range(400):
            here = self.at()
            if here == place:
                return
            self.page.keyboard.press("ArrowDown" if here < place else "ArrowUp")
            time.sleep(0.04)
        raise AssertionError(f"cell {place} was not reached, only {self.at()}")

    def _enter(self) -> None:
        """Bring the keyboard into the notebook, where a page has just been opened and nothing has it."""
        for _ in range(40):
            if self.page.evaluate("!!document.activeElement?.closest('.jp-Cell')"):
                return
            self.page.keyboard.press("Tab")
            time.sleep(0.1)
        raise AssertionError(f"the notebook cannot be reached by Tab: {dump(self.page)}")

    def write(self, place: int, text: str) -> None:
        """Replace a cell's text."""
        self.go(place)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Escape")
        self.sources[place] = text

    def insert_below(self, text: str) -> int:
        """A cell of one's own below the active one."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        place = self.at()
        self.sources.insert(place, "")
        self.write(place, text)
        return place

    def run(self, place: int, seconds: float = 90):
        """Run a cell and return its outputs once it is done."""
        self.go(place)
        cell = self.cell(place)
        before = self._prompt(cell)
        self.page.keyboard.press("Control+Enter")
        start = time.monotonic()
        again = (
            start + 20
        )  # not sooner: on a busy machine the prompt changes late, and a cell run twice does other things
        while time.monotonic() < start + seconds:
            now = self._prompt(cell)
            if now != before and now not in ("[*]:", "[ ]:"):
                return cell.locator(".jp-OutputArea").first
            if now == before and time.monotonic() > again:  # pressed before the kernel was there
                self.page.keyboard.press("Control+Enter")
                again = time.monotonic() + 20
            time.sleep(0.1)
        raise AssertionError(
            f"cell {place} is not done after {seconds} s, prompt {now!r}, {dump(self.page)}:\n{self.sources[place][:200]}"
        )

    def _prompt(self, cell) -> str:
        return cell.locator(".jp-InputPrompt").first.inner_text().strip()

    def cell(self, place: int):
        """The cell as the browser shows it."""
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{place}"]').first


def dump(page) -> str:
    """What has the keyboard and which dialog is open, for messages of failed tests."""
    return json.dumps([focus(page), page.locator(".jp-Dialog").all_inner_texts()])
