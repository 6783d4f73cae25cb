"""Attacks on whoever is graded next: the same checker process grades that, and the same nursery makes its student process."""

from attacks.catalogue import in_cell, on_notebook
from attacks.vault import REUSING, find

FAMILY = REUSING


@on_notebook(FAMILY, "makes a child of the nursery's, which would live on when its submission ends")
def child_for_the_next(notebook):
    find(notebook, "double")["source"] = """
class Base:
    def __init_subclass__(cls):
        import ctypes, os, socket, time
        import autograder.execution.student as s
        from autograder.execution.channel import Channel
        libc = ctypes.CDLL(None)
        def fork(self, number, fd):
            if libc.syscall(56, 0x8000 | 17, 0, 0, 0, 0) == 0:
                libc.prctl(1, 0, 0, 0, 0)
                while True: time.sleep(1)
            self.channel = Channel(socket.socket(fileno=fd))
            self._send(number, s.READY, s.Encoder().pack(os.getpid()))
        s.Server._fork = fork
class Now(Base): pass
def double(x): return None
"""


in_cell(
    FAMILY,
    "a copy for itself",
    "forks once more whenever it is asked to fork",
    """
    import time
    import autograder.execution.student as s
    real = s.Server._fork
    def fork(self, number, fd):
        real(self, number, fd)
        for _ in range(50):
            try:
                if os.fork() == 0: time.sleep(100)
            except OSError: pass
    s.Server._fork = fork
    """,
)
in_cell(
    FAMILY,
    "another's number",
    "says that its copy is its parent, which is the nursery",
    """
    import socket
    import autograder.execution.student as s
    from autograder.execution.channel import Channel
    def fork(self, number, fd):
        Channel(socket.socket(fileno=fd)).send(s.HEADER.pack(number, s.READY) + s.Encoder().pack(os.getppid()))
    s.Server._fork = fork
    """,
    deserves=(0.0, 10.0),
)
in_cell(
    FAMILY,
    "the last word",
    "goes on answering when all questions are answered",
    """
    import threading, time
    import autograder.execution.student as s
    real = s.Server._send
    def send(self, number, status, packed):
        real(self, number, status, packed)
        def later():
            for i in range(20): time.sleep(0.005), real(self, number + i, status, packed)
        threading.Thread(target=later, daemon=True).start()
    def apply(f, x):
        s.Server._send = send
        return None
    """,
    cell="apply",
)
in_cell(
    FAMILY,
    "every type of error",
    "raises, on the wire, errors of each built-in type and of types that there are not",
    """
    import builtins
    import autograder.execution.student as s
    kinds = [*dir(builtins), 'Failed', 'x' * 10**6, '']
    s.describe = lambda error, shell: ['T', kinds.pop(0), 'm', 't']
    def double(x): raise ValueError
    def apply(f, x):
        while True:
            try: f(None, None, None)
            except BaseException: raise ValueError
    """,
    deserves=(0.0, 10.0),
)
in_cell(
    FAMILY,
    "names of the checker's own",
    "gives values for names that nobody asked for, which the next check would find",
    """
    import autograder.execution.student as s
    from autograder.execution.wire import Encoder
    s.Server._do_names = lambda self, names: (Encoder(), dict.fromkeys((*names, 'check', 't', 'np', 'Check', '__builtins__'), 3), {})
    """,
    deserves=(0.0,),
)
in_cell(
    FAMILY,
    "a check's function, kept",
    "keeps the functions that checks hand over, and calls the first of them ever after, from other threads too",
    """
    import threading
    held = []
    def apply(f, x):
        held.append(f)
        threads = [threading.Thread(target=held[0], args=(x,), daemon=True) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join(0.05)
        return held[0](x)
    """,
    cell="apply",
    deserves=(10.0, 15.0),
)
in_cell(
    FAMILY,
    "spoiled libraries",
    "changes NumPy, the codec and the shell where it runs, in case they are another's as well",
    """
    import numpy as np, re, warnings
    import autograder.execution.decoder as d, autograder.execution.encoder as e, autograder.execution.kinds as k
    e._PLAIN.clear(), k.TYPES.clear(), d._REBUILD.clear(), re.purge()
    np.add, np.multiply = np.subtract, np.divide
    np.seterr(all='raise'), np.set_printoptions(precision=1), np.random.seed(0), warnings.simplefilter('error')
    sys.modules['random'] = sys.modules['json'] = sys
    type(get_ipython()).define = lambda self, source: None
    """,
    deserves=(0.0, 10.0),
)
in_cell(
    FAMILY,
    "classes made otherwise",
    "changes how classes and functions are made, for definitions that come after the first check",
    """
    import builtins
    def make(*_, **__): raise SystemExit(0)
    builtins.__build_class__ = make
    """,
)
in_cell(
    FAMILY,
    "an end that takes for ever",
    "blocks signals, sets alarms and has things to do at its exit and when its objects go",
    """
    import atexit, signal, threading, time
    atexit.register(time.sleep, 1000)
    threading._shutdown = lambda: time.sleep(1000)
    signal.signal(signal.SIGPROF, signal.SIG_IGN), signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    class Last:
        def __del__(self): os.write(3, b'\\xff' * 100)
    def double(x): return [Last() for _ in range(1000)]
    """,
)
in_cell(
    FAMILY,
    "much to forget",
    "answers with large arrays and a thousand objects, which the checker holds until it is done",
    """
    import numpy as np
    class Thing:
        pass
    def double(x): return [np.zeros(2**25, np.int8), *[Thing() for _ in range(1000)]]
    """,
)
in_cell(
    FAMILY,
    "content that is none",
    "tells of containers and methods that its objects do not have",
    """
    import autograder.execution.student as s
    from autograder.execution.wire import OBJECT, Encoder
    told = [1, 'dict', 'dict', ['forward', '__class__', 'record'] * 30, [[['record', 10.0], [0, 1.0]]]]
    s.Server._refer = lambda self, value: (OBJECT, Encoder().pack(told))
    class Thing:
        pass
    def double(x): return Thing()
    """,
)
in_cell(
    FAMILY,
    "a folder that stays",
    "fills its folder with what cannot be opened, entered or named, and wants it elsewhere",
    """
    for i in range(100):
        os.makedirs(f'd{i}/e/f'), open(f'd{i}/' + chr(10) * 200, 'w').close()
    os.umask(0o777)
    for i in range(100): look(lambda: os.mkdir(f'closed{i}')), look(lambda: open(f'mute{i}', 'w').write('x'))
    for path in ('..', '../other', '/tmp/other'): look(lambda: os.rename('.', path)), look(lambda: os.rename(os.getcwd(), path))
    """,
)
in_cell(
    FAMILY,
    "locked libraries",
    "locks the files that the next student process reads",
    """
    import fcntl
    held = []
    def lock(path):
        held.append(os.open(path, os.O_RDONLY))
        fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
    folder = os.path.dirname(os.__file__)
    for name in sorted(os.listdir(folder))[:100]: look(lambda: lock(os.path.join(folder, name)))
    look(lambda: lock('/dev/null'))
    """,
)
in_cell(
    FAMILY,
    "as many descriptors as there are",
    "opens all it may, and tries for the one that could send others",
    """
    import socket
    one, other = socket.socketpair()
    for number in (255, 256, 257): look(lambda: os.dup2(one.fileno(), number))
    held = []
    look(lambda: [held.append(os.pipe()) for _ in range(1000)])
    """,
    deserves=(0.0, 10.0),
)


@on_notebook(FAMILY, "hands in hundreds of definitions, which are read once and remembered")
def hundreds_of_definitions(notebook):
    from attacks.vault import own_cell

    notebook["cells"] += [
        own_cell(f"def double_{i}(x, y={'[' * 30 + ']' * 30}):\n    return {i}") for i in range(300)
    ]
