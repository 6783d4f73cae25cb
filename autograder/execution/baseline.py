"""What a checker process was like before its first submission, so that each later one finds it like that.

What students send is data and changes nothing here by itself; checks and given cells do leave things behind: who has passed what,
the state of random generators, figures, names. All of it is put back, and a process that cannot be put back is not used again.

Knows modules, IPython, NumPy and Matplotlib. Knows nothing of submissions.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.execution.cells import Shell

OURS = ("autograder", "utils")
CONTAINERS = (dict, list, set)
MOST_GROWTH = 256 * 2**20  # bytes of memory that may be left behind


class Baseline:
    """The present state of this process."""

    def __init__(self, shell: Shell):
        self._shell = shell
        self._modules = _modules()
        self._kept = [(container, _copy(container)) for container in _containers(self._modules)]
        self._kept += [(owner, owner.copy()) for owner in (os.environ, sys.path, sys.meta_path)]
        self._folder = Path.cwd()
        self._callbacks = {name: list(known) for name, known in shell.events.callbacks.items()}
        legacy = np.random.get_state()  # noqa: NPY002 (notebooks may use it)
        self._numpy = (legacy, np.geterr(), np.get_printoptions())
        self._random, self._warnings = random.getstate(), list(warnings.filters)
        self._memory, self._open = _memory(), _open_files()

    def restore(self) -> bool:
        """Make the process what it was; False if it cannot be."""
        _forget_figures()
        shell = self._shell
        shell.reset(new_session=True, aggressive=False)
        for name, known in self._callbacks.items():
            shell.events.callbacks[name][:] = known
        state, errors, printing = self._numpy
        np.random.set_state(state)  # noqa: NPY002
        np.seterr(**errors)
        np.set_printoptions(**printing)
        random.setstate(self._random)
        warnings.filters[:] = self._warnings
        os.chdir(self._folder)
        for container, was in self._kept:
            _put_back(container, was)
        grown = _memory() - self._memory
        return _modules() == self._modules and _open_files() <= self._open and grown < MOST_GROWTH


def _modules() -> dict[str, ModuleType]:
    """Our own modules that are loaded."""
    return {name: module for name, module in sys.modules.items() if name.split(".")[0] in OURS}


def _containers(modules: dict[str, ModuleType]) -> list[Any]:
    """Everything that these modules and their classes keep things in: their names first."""
    found: dict[int, Any] = {}
    for module in modules.values():
        classes = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and value.__module__ == module.__name__
        ]
        found |= {id(place): place for place in (vars(module), *classes)}
        for place in (vars(module), *map(vars, classes)):
            found |= {
                id(value): value
                for name, value in place.items()
                if type(value) in CONTAINERS and not name.startswith("__")
            }
    return list(found.values())


def _copy(container: Any) -> Any:
    return dict(vars(container)) if isinstance(container, type) else container.copy()


def _put_back(container: Any, was: Any) -> None:
    if isinstance(container, list):
        container[:] = was
    elif isinstance(container, set):
        container.intersection_update(was)
        container.update(was)
    else:
        _put_names_back(container, was)


def _put_names_back(owner: Any, was: dict) -> None:
    """Of a mapping, or of a class."""
    is_class = isinstance(owner, type)
    now = vars(owner) if is_class else owner
    if list(map(id, now.values())) == list(map(id, was.values())) and now.keys() == was.keys():
        return
    for name in [name for name in now if name not in was]:
        delattr(owner, name) if is_class else owner.pop(name)
    for name, value in was.items():
        if now.get(name, was) is not value:
            setattr(owner, name, value) if is_class else owner.update({name: value})


def _forget_figures() -> None:
    figures = sys.modules.get("matplotlib._pylab_helpers")
    if figures is not None:
        figures.Gcf.destroy_all()


def _open_files() -> int:
    """How many descriptors are open."""
    return len(os.listdir("/dev/fd"))  # noqa: PTH208 (a path for each takes five times as long)


def _memory() -> int:
    """Bytes of memory that this process holds; the most it ever held where the system does not tell."""
    told = Path("/proc/self/statm")
    if told.exists():
        return int(told.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
