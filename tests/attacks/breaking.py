"""Attacks that want grading to stop, to slow down or to lose what it has."""

import json

from attacks.catalogue import in_cell, on_notebook
from attacks.vault import own_cell

FAMILY = "breaking"

in_cell(FAMILY, "endless loop", "never ends its cell", "while True: pass")
in_cell(
    FAMILY,
    "loop proof against interrupts",
    "catches every exception and ignores every signal",
    """
    import signal
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    while True:
        try:
            while True: pass
        except BaseException: pass
    """,
)
in_cell(
    FAMILY,
    "endless sleep",
    "waits for ever without using the processor",
    "import time\nwhile True: time.sleep(1000)",
)
in_cell(
    FAMILY,
    "loop in a check",
    "never comes back from the call that a check makes",
    "def double(x):\n    while True: pass",
)
in_cell(
    FAMILY,
    "loop in C",
    "spends for ever inside one library call",
    "def double(x):\n    return 9 ** 9 ** 9 if x.size else sum(range(10**18))",
)
in_cell(
    FAMILY,
    "fork bomb",
    "forks without end",
    """
    def bomb():
        while True:
            try: os.fork()
            except OSError as error: return error
    print(bomb())
    def double(x):
        bomb()
    """,
)
in_cell(
    FAMILY,
    "thread bomb",
    "starts threads without end",
    """
    import threading, time
    def double(x):
        while True:
            threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    """,
)
in_cell(
    FAMILY,
    "memory bomb",
    "takes all the memory there is",
    """
    import numpy as np
    def double(x):
        held = []
        while True: held.append(np.ones(10**7))
    try: double(0)
    except MemoryError: print('no more')
    """,
)
in_cell(
    FAMILY,
    "flood of text",
    "prints without end, in its cell and in the check",
    """
    def double(x):
        for _ in range(10**6): print('x' * 10**4)
    def flood():
        for _ in range(10**5): print('x' * 10**4)
    flood()
    """,
)
in_cell(
    FAMILY,
    "flood of displays",
    "displays pictures and tables without end",
    """
    from IPython.display import display, HTML
    for i in range(20000): display(HTML('<b>' + 'x' * 1000))
    """,
)
in_cell(
    FAMILY,
    "full disk",
    "fills its folder with many files, named and removed",
    """
    held = []
    def fill():
        for i in range(1000):
            file = open(f'file{i}', 'wb')
            held.append(file)
            file.write(b'x' * 2**20)
            file.flush()
            os.remove(f'file{i}')
    look(fill)
    for i in range(1000): open(f'kept{i}', 'wb').write(b'x' * 2**20)
    """,
)
in_cell(
    FAMILY,
    "many files, deep folders",
    "makes a hundred thousand files and folders too deep to name",
    """
    for i in range(100_000):
        os.mkdir('deep')
        os.chdir('deep')
        open('f', 'w').close()
    """,
)
in_cell(
    FAMILY,
    "silent exit",
    "ends its process as though all were well",
    "def double(x):\n    os._exit(0)\nos._exit(0)",
)
in_cell(
    FAMILY,
    "segmentation fault",
    "crashes the interpreter",
    "import ctypes\ndef double(x):\n    ctypes.string_at(0)\nctypes.string_at(0)",
)
in_cell(
    FAMILY,
    "signals",
    "kills its parent, its group and everyone it may signal",
    """
    import signal
    for target in (os.getppid(), 0, -1, 1, os.getppid() - 1):
        for number in (9, 15, 19, 2):
            look(lambda: os.kill(target, number))
    def double(x):
        for pid in range(2, 40000):
            try: os.kill(pid, 9)
            except OSError: pass
    """,
)
in_cell(
    FAMILY,
    "closed descriptors",
    "closes every descriptor it has",
    "def double(x):\n    os.closerange(0, 1000)\nos.closerange(0, 1000)",
)
in_cell(
    FAMILY,
    "deep recursion",
    "overflows the stack, with the limit lifted",
    """
    def double(x):
        sys.setrecursionlimit(10**9)
        return repr(nest)
    nest = []
    for _ in range(10**6): nest = [nest]
    """,
)
in_cell(
    FAMILY,
    "deep answer",
    "returns a list nested a million deep",
    """
    def double(x):
        nest = []
        for _ in range(10**6): nest = [nest]
        return nest
    """,
)
in_cell(
    FAMILY,
    "huge answer",
    "returns an array and a text of gigabytes",
    """
    import numpy as np
    def double(x):
        return np.broadcast_to(np.float64(1.0), (10**5, 10**5)) if x.ndim == 1 else 'x' * 2 * 10**8
    """,
)
in_cell(
    FAMILY,
    "endless answer",
    "returns sequences that never end and lengths that are lies",
    """
    class Endless:
        def __len__(self): return sys.maxsize
        def __iter__(self):
            while True: yield 1.0
        def __getitem__(self, key): return 1.0
    def double(x): return Endless() if x.ndim == 1 else iter(int, 1)
    """,
)
in_cell(
    FAMILY,
    "colliding answer",
    "returns a dict whose keys all fall into one place",
    """
    def double(x): return {i * (2**61 - 1): 0 for i in range(9000)}
    """,
)

in_cell(
    FAMILY,
    "an answer that grows",
    "returns ranges, repeated arrays and lists of text that are small to send and gigabytes as arrays",
    """
    import numpy as np
    table = np.zeros(2**20)
    turns = []
    def double(x):
        turns.append(1)
        return (range(10**10), [table] * 400, ['x' * 10**6] + ['a'] * 700, [range(10**6)] * 100)[len(turns) % 4]
    """,
)
WIRE = """
    from autograder.execution.channel import Channel
    import struct
    def wires():
        return [thing for thing in gc.get_objects() if isinstance(thing, Channel)]
"""
in_cell(
    FAMILY,
    "malformed message",
    "sends bytes that are no message",
    WIRE
    + """
    def double(x):
        for channel in wires(): channel.send(b'\\xc1' * 100)
    """,
)
in_cell(
    FAMILY,
    "endless message",
    "announces four gigabytes and keeps sending",
    WIRE
    + """
    def double(x):
        for channel in wires():
            channel.sock.setblocking(True)
            channel.sock.sendall(struct.pack('!I', 2**32 - 1))
            while True: channel.sock.sendall(b'x' * 2**20)
    """,
)
in_cell(
    FAMILY,
    "message without end",
    "announces a message and never finishes it",
    WIRE
    + """
    import time
    def double(x):
        for channel in wires():
            channel.sock.setblocking(True)
            channel.sock.sendall(struct.pack('!I', 1000) + b'x')
        time.sleep(1000)
    """,
)
in_cell(
    FAMILY,
    "answers out of order",
    "answers every question with the answer to another",
    WIRE
    + """
    import autograder.execution.student as s
    send = s.Server._send
    s.Server._send = lambda self, number, status, packed: send(self, number + 1, status, packed)
    """,
    deserves=(10.0,),
)
in_cell(
    FAMILY,
    "never answering",
    "reads the question and keeps silent",
    """
    import autograder.execution.student as s
    s.Server._send = lambda self, number, status, packed: None
    """,
    deserves=(10.0,),
)
in_cell(
    FAMILY,
    "endless questions",
    "calls the check's own function for ever",
    """
    def apply(f, x):
        while True: f(x)
    """,
    cell="apply",
)
in_cell(
    FAMILY,
    "calls nested without end",
    "calls back into the check, which calls back, and so on",
    """
    def apply(f, x):
        return apply(lambda y: f(apply(f, y)), x)
    """,
    cell="apply",
)
in_cell(
    FAMILY,
    "wrong questions",
    "calls functions that it was never given",
    """
    def apply(f, x):
        f._number += 1000
        return f(x)
    """,
    cell="apply",
)
in_cell(
    FAMILY,
    "errors with teeth",
    "raises an exception whose text, type and comparison fail or never end",
    """
    class Meta(type):
        __name__ = property(lambda self: 'x' * 10**8)
    class Bite(Exception, metaclass=Meta):
        def __str__(self):
            while True: pass
        __repr__ = __eq__ = __hash__ = __str__
    def double(x): raise Bite
    """,
)
in_cell(
    FAMILY,
    "names that bite",
    "replaces its namespace by one that never answers",
    """
    class Space(dict):
        def __contains__(self, key):
            while True: pass
    get_ipython().user_ns = Space(get_ipython().user_ns)
    """,
    deserves=(0.0, 10.0),
)
in_cell(
    FAMILY,
    "limits of others",
    "lowers the limits, priority and processors of its parent",
    """
    import resource
    look(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0)))
    look(lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19))
    look(lambda: os.sched_setaffinity(os.getppid(), {0}))
    look(lambda: os.sched_setscheduler(os.getppid(), os.SCHED_IDLE, os.sched_param(0)))
    """,
)
in_cell(
    FAMILY,
    "descriptors on their way",
    "sends itself descriptors that it never receives, as many as a user of this machine may have on their way",
    """
    import array, socket, time
    one, other = socket.socketpair()
    rights = array.array('i', [os.open('.', os.O_RDONLY)] * 50)
    for _ in range(20): look(lambda: one.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)]))
    time.sleep(0.5)
    """,
)
in_cell(
    FAMILY,
    "files behind a storm of threads",
    "asks for threads without end, so that nobody has time to count its files",
    """
    import threading, time
    def storm():
        while True:
            try: threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
            except RuntimeError: pass
    for _ in range(4): threading.Thread(target=storm, daemon=True).start()
    for i in range(100): open(f'file{i}', 'wb').write(b'x' * 2**20)
    while True: time.sleep(1)
    """,
)


@on_notebook(FAMILY, "hands in a file that is no notebook", deserves=(0.0,))
def no_notebook(notebook):
    return b"\x00\xff" * 1000


@on_notebook(FAMILY, "hands in JSON nested a hundred thousand deep", deserves=(0.0,))
def deep_json(notebook):
    return b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@on_notebook(FAMILY, "hands in ten thousand cells", deserves=(0.0, 10.0))
def many_cells(notebook):
    notebook["cells"] += [own_cell(f"x{i} = {i}") for i in range(10_000)]


@on_notebook(FAMILY, "hands in cells of wrong types")
def wrong_types(notebook):
    notebook["cells"] += [None, 3, {"cell_type": "code", "source": 5}, {"cell_type": [], "metadata": 1}]
    return json.dumps(notebook).encode()


@on_notebook(FAMILY, "puts out more than a message holds, a little in each of many cells", deserves=(10.0,))
def outputs_of_many_cells(notebook):
    notebook["cells"] += [own_cell(f"print('x' * 990_000)  # {i}") for i in range(75)]


@on_notebook(FAMILY, "writes a cell of hundreds of shell commands, each of which IPython would look for anew")
def hundreds_of_commands(notebook):
    slow = "\n".join(["!x"] * 490) + "\n" + "a = 1\n" * 3000 + "x = (\n"
    notebook["cells"] += [own_cell(f"# {i}\n{slow}") for i in range(5)]


@on_notebook(FAMILY, "hands in millions of empty lists", deserves=(0.0,))
def millions_of_lists(notebook):
    return b'{"cells": [], "metadata": [' + b"[]," * 3_000_000 + b"0]}"


@on_notebook(FAMILY, "hands in a cell larger than a message", deserves=(0.0,))
def enormous_cell(notebook):
    notebook["cells"].append(own_cell("x = '" + "y" * 70_000_000 + "'"))


@on_notebook(
    FAMILY,
    "hands in folders that are called like the assignment's own files",
    files={"hints.toml/x": b"y", "HINTS.TOML/x": b"y"},
)
def folder_of_a_files_name(notebook):
    """The notebook is as it was."""
