"""One cell, run as Jupyter runs it, with its outputs kept as nbformat 4 outputs and kept within bounds.

Both processes use it: the student process for the student's cells, the checker process for the check cells.
Knows IPython and Matplotlib's inline pictures. Knows nothing of processes, proxies or grades.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import json
import marshal
import os
import sys
import tempfile
from types import TracebackType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.execution.syntax import MAGIC

MAX_FRAMES = 40  # of a traceback
SHOWN = {"text/html", "text/plain"}  # what the value of a cell of our own may be shown as
NO_INPUT = "input() has no one to ask while a notebook is graded: give the value in the code instead."


class Outputs:
    """The outputs of the running cell, cut at `max_bytes` and `max_count`."""

    def __init__(self, max_bytes: int, max_count: int):
        self.max_bytes, self.max_count = max_bytes, max_count
        self.clear()

    def clear(self) -> None:
        self.items: list[dict[str, Any]] = []
        self._size = 0
        self._cut = False
        self._clear_next = False
        self._shown: dict[str, dict[str, Any]] = {}

    def stream(self, name: str, text: str) -> None:
        """Add text to the stream; consecutive texts of one stream are one output."""
        room = self._room()
        if not text:
            return
        if room <= 0:
            self._note_cut()
            return
        text = text[:room]
        self._size += len(text)
        last = self.items[-1] if self.items else None
        if last is not None and last["output_type"] == "stream" and last["name"] == name:
            last["_parts"].append(text)
        elif len(self.items) < self.max_count:
            self.items.append({"output_type": "stream", "name": name, "_parts": [text]})
        else:
            self._note_cut()

    def add(self, output: dict[str, Any], display_id: str | None = None) -> None:
        """Add one output that is not a stream; left out, with a note, when there is no room for it."""
        self._room()
        size = len(json.dumps(output, default=repr))
        if len(self.items) >= self.max_count or self._size + size > self.max_bytes:
            self._note_cut()
            return
        self._size += size
        self.items.append(output)
        if display_id:
            self._shown[display_id] = output

    def update(self, display_id: str, data: dict, metadata: dict) -> None:
        shown = self._shown.get(display_id)
        size = len(json.dumps(data, default=repr))
        if shown is not None and self._size + size <= self.max_bytes:
            self._size += size
            shown["data"], shown["metadata"] = data, metadata

    def clear_output(self, wait: bool = False) -> None:
        if wait:
            self._clear_next = True
        else:
            self.clear()

    def finished(self) -> list[dict[str, Any]]:
        """The outputs, ready for a notebook."""
        for item in self.items:
            if item["output_type"] == "stream" and "_parts" in item:
                item["text"] = "".join(item.pop("_parts"))
        return self.items

    def _room(self) -> int:
        if self._clear_next:
            self.clear()
        return self.max_bytes - self._size

    def _note_cut(self) -> None:
        if not self._cut:
            self._cut = True
            note = "\n[The rest of this cell's output was cut.]\n"
            self.items.append({"output_type": "stream", "name": "stdout", "_parts": [note]})


class _Stream(io.TextIOBase):
    """A text stream into the cell's outputs."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, shell: Shell, name: str):
        self._shell, self.name = shell, name

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._shell.outputs.stream(self.name, text)
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        raise io.UnsupportedOperation("fileno")


class _Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **_):
        outputs, metadata = self.shell.outputs, metadata or {}
        display_id = (transient or {}).get("display_id")
        if update:
            outputs.update(display_id, data, metadata)
        else:
            outputs.add({"output_type": "display_data", "data": data, "metadata": metadata}, display_id)

    def clear_output(self, wait=False):
        self.shell.outputs.clear_output(wait)


class _Hook(DisplayHook):
    def start_displayhook(self):
        """Jupyter shows the prompt itself."""

    def write_output_prompt(self):
        """Jupyter shows the prompt itself."""

    def finish_displayhook(self):
        """Nothing was printed, so nothing is to be flushed."""

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.outputs.add(
            {
                "output_type": "execute_result",
                "data": format_dict,
                "metadata": md_dict or {},
                "execution_count": self.exec_result.execution_count,
            }
        )


class Shell(InteractiveShell):
    """IPython without a terminal, a history file or a thread."""

    def __init__(self, *args, **kwargs):
        self.outputs = Outputs(1_000_000, 200)
        self.shows_errors = True  # False where the lines of the cell are nobody's to see
        super().__init__(*args, **kwargs)

    def enable_gui(self, gui=None):
        """There is no window to open; pictures are shown inline."""

    def ask_exit(self):
        """`exit` in a notebook ends nothing here."""

    def _tee(self, channel):
        """IPython keeps all that is printed once more, in a history without bounds; nobody here asks for it."""
        return contextlib.nullcontext()

    def showtraceback(self, *args, **kwargs):
        if self.shows_errors:
            _shorten(sys.exc_info()[2])
            super().showtraceback(*args, **kwargs)

    def showsyntaxerror(self, *args, **kwargs):
        if self.shows_errors:
            super().showsyntaxerror(*args, **kwargs)

    def _format_exception_for_storage(self, exception, *args, **kwargs):
        """The history that would store it is off; formatting a second time costs as much as the first."""
        return {}

    def _showtraceback(self, etype, evalue, stb):
        try:
            message = str(evalue)
        except Exception:  # a student's __str__ may do anything
            message = ""
        self.outputs.add(
            {"output_type": "error", "ename": etype.__name__, "evalue": message, "traceback": list(stb)}
        )

    def run(self, source: str, outputs: Outputs) -> tuple[BaseException | None, Any]:
        """Run one cell into `outputs`; return what it raised, and the value of its last expression."""
        self.outputs = outputs
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")
        try:
            result = self.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = streams
        return result.error_before_exec or result.error_in_exec, result.result

    def define(self, source: str) -> BaseException | None:
        """Run a cell that only defines, without its outputs: a fifth of the cost; return what it raised."""
        lines = ["" if line.startswith(MAGIC) else line for line in source.splitlines()]
        name = self.compile.cache(source, self.execution_count, raw_code=source)
        self.execution_count += 1
        try:
            exec(compile("\n".join(lines), name, "exec", self.compile.flags, dont_inherit=True), self.user_ns)
        except BaseException as error:
            return error
        return None

    def run_trusted(
        self, source: str, code: bytes | None, outputs: Outputs
    ) -> tuple[BaseException | None, Any, bool]:
        """Run a cell of our own, compiled by `syntax.compiled`, without IPython's transformations.

        Returns what it raised, the value of its last expression, and whether it could be compiled. A cell with magics
        has no code and runs as any other. The lines of the cell appear in no traceback.
        """
        self.outputs = outputs
        if code is None:
            error, value = self.run(source, outputs)
            return error, value, self.last_execution_result.error_before_exec is None
        statements, last = marshal.loads(code)
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Stream(self, "stdout"), _Stream(self, "stderr")
        value = None
        try:
            exec(statements, self.user_ns)
            if last is not None:
                value = eval(last, self.user_ns)
            self.events.trigger("post_execute")
            if value is not None:
                data, metadata = self.display_formatter.format(value, include=SHOWN)
                outputs.add(
                    {
                        "output_type": "execute_result",
                        "data": data,
                        "metadata": metadata,
                        "execution_count": self.execution_count,
                    }
                )
        except BaseException as error:
            return error, None, True
        finally:
            sys.stdout, sys.stderr = streams
            self.execution_count += 1
        return None, value, True


def _shorten(trace: TracebackType | None) -> None:
    """Leave out the middle of a very long traceback: formatting a thousand frames takes seconds."""
    frames = []
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    if len(frames) > MAX_FRAMES:
        frames[MAX_FRAMES // 2].tb_next = frames[-MAX_FRAMES // 2]


def make_shell() -> Shell:
    """Build the process's shell, warm: imports done, one cell run, pictures inline.

    Called by the zygote, once, before it forks. Starts no thread and leaves no file behind.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        config.InteractiveShell.cache_size = 0
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.xmode = "Context"
        config.InteractiveShell.ast_node_interactivity = "last_expr"
        shell = Shell.instance(config=config, display_pub_class=_Publisher, displayhook_class=_Hook)
        del os.environ["IPYTHONDIR"]
    try:
        shell.enable_matplotlib("inline")
    except ImportError:
        shell.outputs.clear()  # without Matplotlib there are no pictures to show
    builtins.input = _no_input
    shell.run("_ = 1 + 1\nprint(_)\n_", Outputs(1000, 10))
    shell.run("raise KeyError('warm')", Outputs(100_000, 10))  # the first traceback imports its own tools
    shell.reset(new_session=True)
    return shell


def _no_input(prompt: str = "") -> str:
    raise RuntimeError(NO_INPUT)
