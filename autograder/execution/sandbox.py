"""What a student process may do: read the libraries, write into its scratch folder, compute. Nothing else.

Landlock keeps it from every other file and from signalling anyone outside; a seccomp filter lets through a list of
harmless system calls and refuses the rest (sockets, programs, signals, tracing, other processes' memory); resource
limits bound memory, processor time and files. Threads and forks are decided one by one by the checker process, through the
filter's listener. Works as root and as an ordinary user. Linux 5.13 and later.

Knows system calls and paths. Knows nothing of notebooks.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import resource
import site
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.execution.filter import MESSENGER, filter_program, load_filter
from autograder.execution.libc import call, syscall
from autograder.execution.steps import Limits, SandboxUnavailable

LINUX = sys.platform == "linux"
ADVICE = "Grade on Linux 5.13 or later, or pass --unsandboxed if you trust every submission."

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same number on every architecture
_NET_BIND_AND_CONNECT, _SCOPE_SOCKETS_AND_SIGNALS = 0b11, 0b11


_CAPABILITIES_OF_THIS = (ctypes.c_uint32 * 2)(0x20080522, 0)  # the version of the call, this process
_NONE = (ctypes.c_uint32 * 6)()


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("files", "network", "scope")]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("access", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def unavailable() -> str | None:
    """Why this machine cannot provide the sandbox, in a sentence; None if it can.

    Called by the zygote, once; builds the filter that the forks will load.
    """
    if not LINUX:
        return f"The sandbox needs Linux; this is {sys.platform}. {ADVICE}"
    try:
        version = syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError as error:
        return f"This kernel does not offer Landlock ({error.strerror}). {ADVICE}"
    if version < 1:
        return f"This kernel offers no usable Landlock. {ADVICE}"
    try:
        _rules()
        _taken_by_libraries()
        filter_program()
    except (ImportError, RuntimeError, OSError) as error:
        return f"The seccomp filter cannot be built ({error}): install libseccomp2 and pyseccomp. {ADVICE}"
    return None


def confine(folder: str, limits: Limits, withheld: Sequence[str] = ()) -> int:
    """Confine this process and all it forks to `folder`, for ever; return the listener that decides on forks.

    `withheld` are files among what students may read otherwise.

    Raises
    ------
    SandboxUnavailable
    """
    try:
        call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        limit(limits)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # until `MESSENGER` has done its work
        _drop_capabilities()
        _restrict_files(folder, withheld)
        return load_filter()
    except OSError as error:
        raise SandboxUnavailable(f"The sandbox could not be put up: {error}. {ADVICE}") from error


def tie_to_parent(dies: bool) -> None:
    """Have the kernel kill this process when its parent ends, or no longer do so."""
    if LINUX:
        call("prctl", _PR_SET_PDEATHSIG, 9 if dies else 0, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    if LINUX:
        call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


# Files


def readable_paths() -> list[str]:
    """What a student process may read: the Python installation, system libraries, fonts, and our public packages."""
    import autograder

    packages = [*autograder.__path__]
    with contextlib.suppress(ImportError):
        import utils

        packages += utils.__path__
    installation = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    if site.ENABLE_USER_SITE:
        installation.add(site.getusersitepackages())
    system = ["/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib64", "/usr/share", "/usr/local/lib"]
    files = [
        "/etc/ld.so.cache",
        "/etc/localtime",
        "/etc/fonts",
        "/etc/mime.types",
        "/dev/urandom",
        "/dev/random",
    ]
    found = [*sorted(installation), *packages, *system, *files]
    return [path for path in found if Path(path).exists()]


@functools.cache
def _rules() -> tuple[int, int, list[tuple[str, int]]]:
    """All rights that Landlock knows here, those a scratch folder has, and what may be done with which path."""
    from landlock import FSAccess  # PyPI's landlock knows the rights of each kernel

    every = FSAccess.all()
    read = FSAccess.READ_FILE | FSAccess.READ_DIR
    special = FSAccess.EXECUTE | FSAccess.MAKE_CHAR | FSAccess.MAKE_BLOCK
    special |= FSAccess.MAKE_SOCK | FSAccess.MAKE_FIFO | FSAccess.MAKE_SYM
    of_files = FSAccess.all_file() & ~FSAccess.EXECUTE
    rules = [(path, read if Path(path).is_dir() else read & of_files) for path in readable_paths()]
    rules += [(path, of_files) for path in ("/dev/null", "/dev/zero")]
    return int(every), int(every & ~special), [(path, int(access)) for path, access in rules]


@functools.lru_cache(maxsize=64)
def readable_without(withheld: tuple[str, ...]) -> list[tuple[str, int]]:
    """The rules that leave out what is withheld. Looks at folders: call it before a fork for all that come after."""
    rules = _rules()[2]
    return (
        [rule for path, access in rules for rule in _without(path, access, withheld)] if withheld else rules
    )


def _without(path: str, access: int, withheld: Sequence[str]) -> list[tuple[str, int]]:
    """The rule for a path, or those for all that is beneath it but the withheld files; folders can still be listed."""
    from landlock import FSAccess

    real = Path(path).resolve()
    inside = [file for file in withheld if Path(file).is_relative_to(real)]
    if not inside:
        return [(path, access)]
    if str(real) in inside:
        return []
    rules = [(path, int(FSAccess.READ_DIR))]
    for child in real.iterdir():
        if not child.is_symlink():  # what it leads to is reached by its own name, or not meant to be
            rules += _without(
                str(child), access if child.is_dir() else access & ~int(FSAccess.READ_DIR), inside
            )
    return rules


def _restrict_files(folder: str, withheld: Sequence[str] = ()) -> None:
    version = syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    every, in_scratch, _ = _rules()
    rules = readable_without(tuple(withheld))
    network = _NET_BIND_AND_CONNECT if version >= 4 else 0
    scope = _SCOPE_SOCKETS_AND_SIGNALS if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    wanted = _Ruleset(every, network, scope)
    ruleset = syscall(_LANDLOCK_CREATE, ctypes.byref(wanted), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path, access in [*rules, (folder, in_scratch)]:
            _allow(ruleset, path, access)
        syscall(_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _Beneath(access, place)
        syscall(_LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(place)


# Resources


@functools.cache
def _taken_by_libraries() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def limit_memory(beyond_libraries: int) -> None:
    """Bound this process's own memory."""
    if LINUX:
        bound, (_, hard) = _taken_by_libraries() + beyond_libraries, resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(
            resource.RLIMIT_AS, (bound if hard == resource.RLIM_INFINITY else min(bound, hard), hard)
        )


def limit(limits: Limits) -> None:
    """Bound this process's memory, processor time, files' sizes and dumps; works without the rest of the sandbox too."""
    seconds = int(limits.total_seconds) + 5
    bounds = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if LINUX:
        bounds[resource.RLIMIT_AS] = _taken_by_libraries() + limits.memory_bytes
        bounds[resource.RLIMIT_MSGQUEUE] = 0
    for kind, bound in bounds.items():
        _bound(kind, bound)


def limit_descriptors() -> None:
    """Bound how many descriptors this process may have: none is as high as `MESSENGER` from now on."""
    _bound(resource.RLIMIT_NOFILE, MESSENGER)


def _bound(kind: int, bound: int) -> None:
    hard = resource.getrlimit(kind)[1]
    bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
    resource.setrlimit(kind, (bound, bound))


def _drop_capabilities() -> None:
    """Root without its powers: an ordinary owner of root's files, which Landlock hides anyway."""
    call("capset", ctypes.byref(_CAPABILITIES_OF_THIS), ctypes.byref(_NONE))
