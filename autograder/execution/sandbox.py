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
import errno
import fcntl
import functools
import os
import resource
import site
import struct
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from autograder.execution.steps import Limits, SandboxUnavailable

LINUX = sys.platform == "linux"
ADVICE = "Grade on Linux 5.13 or later, or pass --unsandboxed if you trust every submission."

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same number on every architecture
_NET_BIND_AND_CONNECT, _SCOPE_SOCKETS_AND_SIGNALS = 0b11, 0b11
_SECCOMP_SET_MODE_FILTER, _SECCOMP_NEW_LISTENER = 1, 8
_NOTIFICATION = struct.Struct("=QIIiIQ6Q")  # struct seccomp_notif
_RESPONSE = struct.Struct("=QqiI")  # struct seccomp_notif_resp
_RECEIVE_NOTIFICATION = 0xC0000000 | _NOTIFICATION.size << 16 | ord("!") << 8
_SEND_RESPONSE = 0xC0000000 | _RESPONSE.size << 16 | ord("!") << 8 | 1
_CONTINUE = 1
CLONE_THREAD = 0x00010000

# System calls a computing process needs. Those missing on an architecture are left out.
ALLOWED = ["read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "lseek", "open", "openat", "creat", "close", "close_range", "stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2", "getdents", "getdents64", "getcwd", "chdir", "fchdir", "readlink", "readlinkat", "umask", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "truncate", "ftruncate", "fallocate", "fadvise64", "chmod", "fchmod", "fchmodat", "utime", "utimes", "utimensat", "futimesat", "fsync", "fdatasync", "flock", "sendfile", "copy_file_range", "dup", "dup2", "dup3", "pipe", "pipe2", "poll", "ppoll", "select", "pselect6", "eventfd", "eventfd2", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "socketpair", "sendmsg", "recvmsg", "sendto", "recvfrom", "shutdown", "getsockname", "getpeername", "getsockopt", "mmap", "mprotect", "munmap", "mremap", "madvise", "brk", "msync", "mincore", "membarrier", "futex", "futex_waitv", "set_robust_list", "get_robust_list", "set_tid_address", "rseq", "sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "getcpu", "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "getitimer", "setitimer", "alarm", "timerfd_create", "timerfd_settime", "timerfd_gettime", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend", "rt_sigtimedwait", "sigaltstack", "restart_syscall", "pause", "wait4", "waitid", "exit", "exit_group", "getpid", "gettid", "getppid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid", "getegid", "getgroups", "getresuid", "getresgid", "uname", "sysinfo", "getrlimit", "getrusage", "getrandom", "capget", "arch_prctl"]
# Refused with "operation not permitted", so that Python says PermissionError; anything unlisted does not exist.
REFUSED = ["socket", "connect", "bind", "listen", "accept", "accept4", "execve", "execveat", "fork", "vfork", "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal", "pidfd_getfd", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset", "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "bpf", "perf_event_open", "keyctl", "add_key", "request_key", "userfaultfd", "personality", "memfd_create", "shmget", "shmat", "msgget", "semget", "mq_open", "setpriority", "ioprio_set", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr", "setpgid", "setsid", "symlink", "symlinkat", "link", "linkat", "mknod", "mknodat", "chown", "fchown", "lchown", "fchownat", "setsockopt", "setrlimit", "name_to_handle_at", "open_by_handle_at", "kcmp", "move_pages", "migrate_pages", "inotify_init1", "fanotify_init"]
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS TIOCGWINSZ FIONREAD FIONBIO FIO[N]CLEX
_FCNTLS = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    36,
    37,
    38,
    1024,
    1025,
    1030,
    1031,
    1032,
)  # descriptors, flags, locks, pipe size
_PRCTLS = (1, 2, 3, 15, 16, 21, 0x53564D41)  # PDEATHSIG, DUMPABLE (read), NAME, SECCOMP (read), naming memory


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("files", "network", "scope")]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("access", ctypes.c_uint64), ("folder", ctypes.c_int32)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> int:
    result = getattr(_libc(), name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def _syscall(number: int, *arguments: object) -> int:
    return _call("syscall", ctypes.c_long(number), *arguments)


def unavailable() -> str | None:
    """Why this machine cannot provide the sandbox, in a sentence; None if it can.

    Called by the zygote, once; builds the filter that the forks will load.
    """
    if not LINUX:
        return f"The sandbox needs Linux; this is {sys.platform}. {ADVICE}"
    try:
        version = _syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError as error:
        return f"This kernel does not offer Landlock ({error.strerror}). {ADVICE}"
    if version < 1:
        return f"This kernel offers no usable Landlock. {ADVICE}"
    try:
        filter_program()
    except (ImportError, RuntimeError, OSError) as error:
        return f"The seccomp filter cannot be built ({error}): install libseccomp2 and pyseccomp. {ADVICE}"
    return None


def confine(folder: str, limits: Limits) -> int:
    """Confine this process and all it forks to `folder`, for ever; return the listener that decides on forks.

    Raises
    ------
    SandboxUnavailable
    """
    try:
        _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _limit(limits)
        _drop_capabilities()
        _restrict_files(folder)
        return _load_filter()
    except OSError as error:
        raise SandboxUnavailable(f"The sandbox could not be put up: {error}. {ADVICE}") from error


def tie_to_parent(dies: bool) -> None:
    """Have the kernel kill this process when its parent ends, or no longer do so."""
    if LINUX:
        _call("prctl", _PR_SET_PDEATHSIG, 9 if dies else 0, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    if LINUX:
        _call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


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


def _restrict_files(folder: str) -> None:
    from landlock import FSAccess

    version = _syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    handled = FSAccess.all()
    ruleset = _Ruleset(
        int(handled),
        _NET_BIND_AND_CONNECT if version >= 4 else 0,
        _SCOPE_SOCKETS_AND_SIGNALS if version >= 6 else 0,
    )
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = _syscall(_LANDLOCK_CREATE, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    read = FSAccess.READ_FILE | FSAccess.READ_DIR
    special = FSAccess.EXECUTE | FSAccess.MAKE_CHAR | FSAccess.MAKE_BLOCK
    special |= FSAccess.MAKE_SOCK | FSAccess.MAKE_FIFO | FSAccess.MAKE_SYM
    try:
        _allow(rules, readable_paths(), read)
        _allow(
            rules, ["/dev/null", "/dev/zero"], read | (handled & (FSAccess.WRITE_FILE | FSAccess.all_file()))
        )
        _allow(rules, [folder], handled & ~special)
        _syscall(_LANDLOCK_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def _allow(rules: int, paths: Iterable[str], access: int) -> None:
    from landlock import FSAccess

    for path in paths:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            granted = access if Path(path).is_dir() else access & FSAccess.all_file() & ~FSAccess.EXECUTE
            beneath = _Beneath(int(granted), folder)
            _syscall(
                _LANDLOCK_ADD, ctypes.c_int(rules), ctypes.c_int(1), ctypes.byref(beneath), ctypes.c_uint32(0)
            )
        finally:
            os.close(folder)


# Resources


def _limit(limits: Limits) -> None:
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    seconds = int(limits.total_seconds) + 5
    bounds = {
        resource.RLIMIT_AS: in_use + limits.memory_bytes,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (bound, bound))


def _drop_capabilities() -> None:
    """Root without its powers: an ordinary owner of root's files, which Landlock hides anyway."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _call("capset", ctypes.byref(header), ctypes.byref(nothing))


# System calls


@functools.cache
def filter_program() -> bytes:
    """The seccomp filter, compiled; built once and loaded by every fork."""
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    equal, masked = seccomp.EQ, seccomp.MASKED_EQ

    def add(action: int, name: str, *conditions) -> None:
        try:
            number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
        except (ValueError, OSError):
            return
        if number >= 0:
            rules.add_rule(action, number, *conditions)

    for name in ALLOWED:
        add(seccomp.ALLOW, name)
    for name in REFUSED:
        add(seccomp.ERRNO(errno.EPERM), name)
    for name, position, values in (("ioctl", 1, _IOCTLS), ("fcntl", 1, _FCNTLS), ("prctl", 0, _PRCTLS)):
        for value in values:
            add(seccomp.ALLOW, name, seccomp.Arg(position, equal, value))
    add(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, equal, 0))
    namespaces = 0x7E020080  # CLONE_NEW*: user, process, network, mount, host name, IPC, control group, time
    add(seccomp.NOTIFY, "clone", seccomp.Arg(0, masked, namespaces, 0))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _load_filter() -> int:
    import pyseccomp as seccomp

    code = filter_program()
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, "seccomp")
    return _syscall(
        number,
        ctypes.c_uint(_SECCOMP_SET_MODE_FILTER),
        ctypes.c_uint(_SECCOMP_NEW_LISTENER),
        ctypes.byref(program),
    )


class ForkGuard:
    """Decides, in the checker process, on every thread and process a student process wants to start.

    A process may be forked only when the checker has just asked for one; threads up to a number.
    """

    def __init__(self, listener: int, threads: int):
        self.listener, self._threads, self._forks = listener, threads, 0

    def allow_one_fork(self) -> None:
        self._forks = 1

    def decide(self) -> None:
        """Answer one waiting system call."""
        buffer = bytearray(_NOTIFICATION.size)
        try:
            fcntl.ioctl(self.listener, _RECEIVE_NOTIFICATION, buffer)
        except OSError:  # the caller was killed while it waited
            return
        number, pid, _, _, _, _, clone_flags, *_ = _NOTIFICATION.unpack(buffer)
        if clone_flags & CLONE_THREAD:
            allowed = _threads_of(pid) < self._threads
        else:
            allowed, self._forks = self._forks > 0, 0
        answer = (number, 0, 0, _CONTINUE) if allowed else (number, 0, -errno.EAGAIN, 0)
        with contextlib.suppress(OSError):
            fcntl.ioctl(self.listener, _SEND_RESPONSE, bytearray(_RESPONSE.pack(*answer)))


def _threads_of(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads:"))
