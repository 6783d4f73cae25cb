"""Attacks that want out of their folder, onto the network or into other processes."""

from attacks.catalogue import in_cell

FAMILY = "escaping"

in_cell(
    FAMILY,
    "overwritten gradebook",
    "writes to the gradebook and the instructor's notebook",
    """
    for path in ('<GRADEBOOK>', '<SOURCE>', '<NEIGHBOUR>', '<COURSE>/new'):
        look(lambda: open(path, 'w').write('10.0'))
        look(lambda: os.remove(path))
        look(lambda: os.rename(path, path + '.old'))
        look(lambda: os.truncate(path, 0))
        look(lambda: os.chmod(path, 0o777))
        look(lambda: os.utime(path, (0, 0)))
    """,
)
in_cell(
    FAMILY,
    "poisoned libraries",
    "writes into the installed packages, where the next submission would load it",
    """
    import numpy, autograder
    for module in (numpy, autograder, os):
        folder = os.path.dirname(module.__file__)
        look(lambda: open(os.path.join(folder, 'evil.py'), 'w'))
        look(lambda: open(module.__file__, 'a'))
        look(lambda: os.mkdir(os.path.join(folder, '__evil__')))
    """,
)
in_cell(
    FAMILY,
    "files outside",
    "leaves files in the temporary folder, at home and in shared memory",
    """
    for folder in ('/tmp', os.path.expanduser('~root'), '/root', '/dev/shm', '/var/tmp', '..', '/proc/self/cwd/..'):
        look(lambda: open(os.path.join(folder, 'evil-autograder'), 'w').write('x'))
    look(lambda: __import__('multiprocessing.shared_memory').shared_memory.SharedMemory('evil', True, 10))
    """,
)
in_cell(
    FAMILY,
    "the way through /proc",
    "goes around its walls by /proc and by file handles",
    """
    for path in (f'/proc/{os.getppid()}/root<GRADEBOOK>', '/proc/self/root<GRADEBOOK>', '/proc/1/root/etc/passwd',
                 f'/proc/{os.getppid()}/cwd', f'/proc/{os.getppid()}/fd/0'):
        look(lambda: open(path).read())
    import ctypes
    look(lambda: ctypes.CDLL(None).open_by_handle_at(-100, b'x' * 32, 0))
    """,
)
in_cell(
    FAMILY,
    "network",
    "opens sockets to the world, to this machine and to abstract names",
    """
    import socket, urllib.request
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            look(lambda: socket.socket(family, kind))
    look(lambda: socket.create_connection(('127.0.0.1', 22), 1))
    look(lambda: urllib.request.urlopen('http://127.0.0.1:8888', timeout=1).read())
    look(lambda: socket.getaddrinfo('example.org', 80))
    a, b = socket.socketpair()
    look(lambda: a.connect(('127.0.0.1', 80)))
    look(lambda: a.connect('\\0abstract'))
    """,
)
in_cell(
    FAMILY,
    "programs",
    "runs programs in every way Python knows, and by hand",
    """
    import ctypes, subprocess
    look(lambda: subprocess.run(['id'], capture_output=True).stdout)
    look(lambda: os.system('id > out; cat <GRADEBOOK> >> out'))
    look(lambda: open('out').read())
    look(lambda: os.popen('id').read())
    look(lambda: os.posix_spawn('/bin/sh', ['sh', '-c', 'id'], {}))
    look(lambda: os.execv('/bin/sh', ['sh']))
    look(lambda: ctypes.CDLL(None).execve(b'/bin/sh', None, None))
    look(lambda: get_ipython().system('cat <GRADEBOOK>'))
    look(lambda: get_ipython().getoutput('cat <GRADEBOOK>'))
    """,
)
in_cell(
    FAMILY,
    "a program of its own",
    "writes a program into its folder and starts it",
    """
    open('run.sh', 'w').write('#!/bin/sh\\ncat <GRADEBOOK>')
    os.chmod('run.sh', 0o4755)
    look(lambda: os.execv('run.sh', ['run.sh']))
    look(lambda: __import__('subprocess').run(['./run.sh']))
    """,
)
in_cell(
    FAMILY,
    "tracing",
    "traces its parent, and itself through a child",
    """
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    for request in (16, 0x4206):
        look(lambda: libc.ptrace(request, os.getppid(), 0, 0))
    look(lambda: libc.process_vm_writev(os.getppid(), 0, 0, 0, 0, 0))
    look(lambda: os.pidfd_open(os.getppid()))
    look(lambda: libc.syscall(438, os.open('.', os.O_RDONLY), 0, 0))
    """,
)
in_cell(
    FAMILY,
    "another user",
    "becomes another user or gets its powers back",
    """
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    for action in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.setresuid(0, 0, 0),
                   lambda: libc.unshare(0x10000000), lambda: libc.setns(0, 0), lambda: libc.mount(b'x', b'.', b'tmpfs', 0, 0),
                   lambda: os.chroot('.'), lambda: libc.prctl(24, 0), lambda: libc.prctl(22, 0), lambda: libc.syscall(157, 1, 0)):
        look(action)
    """,
)
in_cell(
    FAMILY,
    "a daemon",
    "leaves a process behind that goes on after grading",
    """
    def daemon():
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True: pass
    look(daemon)
    import threading, atexit
    atexit.register(lambda: open('<COURSE>/after', 'w'))
    def wait():
        while True: look(lambda: open('<COURSE>/after', 'w'))
    threading.Thread(target=wait, daemon=True).start()
    """,
)
in_cell(
    FAMILY,
    "a descriptor's signals",
    "has the kernel signal its parent when a descriptor is ready",
    """
    import fcntl, socket, struct
    a, b = socket.socketpair()
    look(lambda: fcntl.fcntl(a, fcntl.F_SETOWN, os.getppid()))
    look(lambda: fcntl.fcntl(a, 10, 9))
    look(lambda: fcntl.ioctl(a, 0x8901, struct.pack('i', os.getppid())))
    look(lambda: fcntl.fcntl(a, fcntl.F_SETFL, fcntl.O_ASYNC))
    b.send(b'x')
    """,
)
in_cell(
    FAMILY,
    "a descriptor sent over",
    "sends descriptors to the checker along with its answers",
    """
    from autograder.execution.channel import Channel
    import array, socket, struct
    def double(x):
        for channel in [thing for thing in gc.get_objects() if isinstance(thing, Channel)]:
            for _ in range(100):
                fd = os.open('.', os.O_RDONLY)
                channel.sock.sendmsg([b''[:0] or struct.pack('!I', 1) + b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd] * 50))])
    """,
)
in_cell(
    FAMILY,
    "keyrings, rings and queues",
    "talks to the kernel by ways that no file guards",
    """
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    for number in (425, 321, 298, 323, 250, 248, 319, 29, 68, 240, 304, 303, 434, 175, 169, 310, 333, 435):
        look(lambda: (number, libc.syscall(number, 0, 0, 0, 0, 0, 0)))
    """,
)
in_cell(
    FAMILY,
    "32-bit calls",
    "makes system calls by the numbers of another architecture",
    """
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    look(lambda: libc.syscall(0x40000000 + 41, 2, 1, 0))
    look(lambda: libc.syscall(0x40000000 + 59, b'/bin/sh', 0, 0))
    """,
)
in_cell(
    FAMILY,
    "removed walls",
    "undoes the sandbox: dumps, personality, limits, filters",
    """
    import ctypes, resource
    libc = ctypes.CDLL(None, use_errno=True)
    look(lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)))
    look(lambda: libc.personality(0x0040000))
    look(lambda: libc.prctl(22, 0, 0, 0, 0))
    look(lambda: libc.syscall(317, 1, 0, 0))
    look(lambda: libc.syscall(446, 0, 0))
    look(lambda: open('<GRADEBOOK>').read())
    """,
)
in_cell(
    FAMILY,
    "modes and times of others",
    "changes modes and times of files and folders that it may not open, and takes leases on those it may",
    """
    import fcntl, signal
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    for path in ('<GRADEBOOK>', '<SOURCE>', '<NEIGHBOUR>', '<COURSE>'):
        for mode in (0o777, 0):
            look(lambda: os.chmod(path, mode))
            look(lambda: os.chmod(os.path.basename(path), mode, dir_fd=os.open(os.path.dirname(path), os.O_PATH)))
        look(lambda: os.utime(path, (0, 0)))
        look(lambda: os.setxattr(path, 'user.x', b'x'))
    for kind in (fcntl.F_WRLCK, fcntl.F_RDLCK):
        look(lambda: fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), fcntl.F_SETLEASE, kind))
    look(lambda: os.open(os.__file__, os.O_RDONLY | os.O_TRUNC))
    """,
)
in_cell(
    FAMILY,
    "a letter to a named socket",
    "sends from a pair of its own to a socket that has a name",
    """
    import socket
    for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
        def send():
            one, other = socket.socketpair(socket.AF_UNIX, kind)
            one.sendto(b'the vault is empty', '<LETTERBOX>')
        def send_message():
            one, other = socket.socketpair(socket.AF_UNIX, kind)
            one.sendmsg([b'the vault is empty'], [], 0, '<LETTERBOX>')
        look(send)
        look(send_message)
    """,
)
