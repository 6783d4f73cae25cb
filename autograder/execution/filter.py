"""Which system calls a student process may make: a seccomp filter, and the listener that decides on threads and forks.

Knows system calls by name. Knows nothing of files or notebooks.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import functools
import os
import socket
import struct
import tempfile
from pathlib import Path

from autograder.execution.libc import syscall

_SECCOMP_SET_MODE_FILTER, _SECCOMP_NEW_LISTENER = 1, 8
_NOTIFICATION = struct.Struct("=QIIiIQ6Q")  # struct seccomp_notif
_RESPONSE = struct.Struct("=QqiI")  # struct seccomp_notif_resp
_RECEIVE_NOTIFICATION = 0xC0000000 | _NOTIFICATION.size << 16 | ord("!") << 8
_SEND_RESPONSE = 0xC0000000 | _RESPONSE.size << 16 | ord("!") << 8 | 1
_CONTINUE = 1
CLONE_PARENT, CLONE_THREAD = 0x00008000, 0x00010000

# System calls a computing process needs. Those missing on an architecture are left out.
ALLOWED = """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek creat
    close close_range stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2
    getdents getdents64 getcwd chdir fchdir readlink readlinkat umask rename renameat renameat2 mkdir
    mkdirat rmdir unlink unlinkat ftruncate flock sendfile copy_file_range dup dup2 dup3 pipe
    pipe2 poll ppoll select pselect6 eventfd eventfd2 epoll_create epoll_create1 epoll_ctl epoll_wait
    epoll_pwait epoll_pwait2 recvmsg sendto recvfrom shutdown getsockname getpeername
    getsockopt mmap mprotect munmap mremap madvise brk msync mincore membarrier futex futex_waitv
    set_robust_list get_robust_list set_tid_address rseq sched_yield sched_getaffinity sched_getparam
    sched_getscheduler sched_get_priority_max sched_get_priority_min getcpu clock_gettime clock_getres
    clock_nanosleep nanosleep gettimeofday time times getitimer setitimer alarm timerfd_create
    timerfd_settime timerfd_gettime rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend
    rt_sigtimedwait sigaltstack restart_syscall pause wait4 waitid exit exit_group getpid gettid getppid
    getpgrp getpgid getsid getuid geteuid getgid getegid getgroups getresuid getresgid uname sysinfo
    getrlimit getrusage getrandom capget arch_prctl
"""
# Landlock lets these through for every file of the same user, wherever it lies, and copying a file calls some of them: the
# answer is "done", and nothing is.
PRETENDED = "chmod fchmod fchmodat utime utimes utimensat futimesat fadvise64 fsync fdatasync"
# The one descriptor that others may be sent by. It is a number too high for a student's: nobody can hold files open in messages that
# are never read, nor use up what the user of this machine may have on its way.
MESSENGER = 256
# Refused with "operation not permitted", so that Python says PermissionError; anything unlisted does not exist.
REFUSED = """
    socket connect bind listen accept accept4 execve execveat fork vfork kill tkill tgkill
    rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_send_signal pidfd_getfd ptrace process_vm_readv
    process_vm_writev process_madvise setuid setgid setreuid setregid setresuid setresgid setgroups
    setfsuid setfsgid capset mount umount2 pivot_root chroot unshare setns bpf perf_event_open keyctl
    add_key request_key userfaultfd personality memfd_create shmget shmat msgget semget mq_open
    setpriority ioprio_set sched_setaffinity sched_setscheduler sched_setparam sched_setattr setpgid
    setsid truncate fallocate symlink symlinkat link linkat mknod mknodat chown fchown lchown fchownat setsockopt setrlimit
    name_to_handle_at open_by_handle_at kcmp move_pages migrate_pages inotify_init1 fanotify_init
"""
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
    1030,
    1031,
    1032,
)  # descriptors, flags, locks, pipe size; no leases, which keep everyone else from opening a file
_PRCTLS = (1, 2, 3, 15, 16, 21, 0x53564D41)  # PDEATHSIG, DUMPABLE (read), NAME, SECCOMP (read), naming memory


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


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

    for name in ALLOWED.split():
        add(seccomp.ALLOW, name)
    for name in REFUSED.split():
        add(seccomp.ERRNO(errno.EPERM), name)
    for name, position, values in (("ioctl", 1, _IOCTLS), ("fcntl", 1, _FCNTLS), ("prctl", 0, _PRCTLS)):
        for value in values:
            add(seccomp.ALLOW, name, seccomp.Arg(position, equal, value))
    add(seccomp.ALLOW, "sendmsg", seccomp.Arg(0, equal, MESSENGER))
    for name in PRETENDED.split():
        add(seccomp.ERRNO(0), name)
    for name, position in (("open", 1), ("openat", 2)):
        flags = functools.partial(seccomp.Arg, position, masked)
        add(seccomp.ALLOW, name, flags(os.O_TRUNC, 0))
        add(seccomp.ALLOW, name, flags(os.O_ACCMODE, os.O_WRONLY))
        add(seccomp.ALLOW, name, flags(os.O_ACCMODE, os.O_RDWR))
        # Older kernels empty a file that is opened for reading, and Landlock does not look.
        add(seccomp.ERRNO(errno.EPERM), name, flags(os.O_TRUNC | os.O_ACCMODE, os.O_TRUNC | os.O_RDONLY))
    # A pair of another kind can send to any socket on this machine that has a name.
    pair = (seccomp.Arg(0, equal, socket.AF_UNIX), seccomp.Arg(1, masked, 0xF, socket.SOCK_STREAM))
    add(seccomp.ALLOW, "socketpair", *pair)
    add(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, equal, 0))
    namespaces = 0x7E020080  # CLONE_NEW*: user, process, network, mount, host name, IPC, control group, time
    # A child of the parent's would be the nursery's, and outlive its submission.
    add(seccomp.NOTIFY, "clone", seccomp.Arg(0, masked, namespaces | CLONE_PARENT, 0))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def load_filter() -> int:
    """Put the filter on this process and all it forks, for ever; return the listener."""
    import pyseccomp as seccomp

    code = filter_program()
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, "seccomp")
    return syscall(
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

    def expect_fork(self, expected: bool) -> None:
        """Let the next fork through, or none."""
        self._forks = int(expected)

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
