"""Jupyter servers for a browser to visit, each with a home folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path


class Home:
    """A home folder of its own, so that no server or command sees anybody's settings."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.config, self.settings = folder / "config", folder / "settings"
        for made in (self.config, self.settings):
            made.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
            "HOME": str(folder),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_CONFIG_DIR": str(self.config),
            "JUPYTERLAB_SETTINGS_DIR": str(self.settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "IPYTHONDIR": str(folder / "ipython"),
            "MPLCONFIGDIR": str(folder / "matplotlib"),
            "USER": "anna",
            "LOGNAME": "anna",
        }

    def set(self, extension: str, plugin: str, **values) -> None:
        """Write a setting of JupyterLab, as its settings editor does."""
        folder = self.settings / "@jupyterlab" / extension
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{plugin}.jupyterlab-settings").write_text(json.dumps(values))

    def theme(self, name: str) -> None:
        """Choose a theme for pages opened from now on: ``"Light"`` or ``"Dark"``."""
        self.set("apputils-extension", "themes", theme=f"JupyterLab {name}")

    def run(self, *command: str, cwd: Path) -> str:
        """Run a command to its end and return what it said."""
        done = subprocess.run(
            command, cwd=cwd, env=self.environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@contextlib.contextmanager
def jupyter(folder: Path, home: Home, *options: str):
    """A JupyterLab server on `folder`, with nbgrader's extensions; gives its address."""
    process = subprocess.Popen(
        [
            *("jupyter", "lab", "--no-browser", "--allow-root", "--port=0", "--ip=127.0.0.1"),
            *("--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}"),
            *("--LabApp.expose_app_in_browser=True", "--LabApp.collaborative=False"),
            *options,
        ],
        cwd=folder,
        env=home.environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    said: list[str] = []
    heard = threading.Event()

    def listen():
        for line in process.stderr:
            said.append(line)
            if re.search(r"http://127\.0\.0\.1:\d+/", line):
                heard.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        assert heard.wait(120), "".join(said)
        address = next(
            found.group() for line in said if (found := re.search(r"http://127\.0\.0\.1:\d+/", line))
        )
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(60)
        listener.join(10)
        process.stderr.close()


def _wait_for(address: str) -> None:
    """Jupyter says its address before it listens there."""
    host, port = re.search(r"//([^:]+):(\d+)", address).groups()
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError(f"no server at {address}")
