"""Attacks that want to know the hidden tests, the gradebook, the environment or another student's work."""

from attacks.catalogue import in_cell, on_notebook
from attacks.vault import own_cell

FAMILY = "reading"

in_cell(
    FAMILY,
    "source notebook",
    "opens the instructor's notebook by its full path",
    "look(lambda: open('<SOURCE>').read())\nlook(lambda: os.listdir('<COURSE>'))",
)
in_cell(FAMILY, "gradebook", "opens the gradebook", "look(lambda: open('<GRADEBOOK>').read())")
in_cell(
    FAMILY,
    "gradebook through SQLite",
    "opens the gradebook through a library that opens files by itself",
    "import sqlite3\nlook(lambda: sqlite3.connect('<GRADEBOOK>').execute('select * from grade').fetchall())",
)
in_cell(
    FAMILY, "another student", "opens a neighbour's submission", "look(lambda: open('<NEIGHBOUR>').read())"
)
in_cell(
    FAMILY,
    "walk over the disk",
    "searches every folder it may enter for notebooks and databases",
    """
    for top in ('/', '..', '../..', '/tmp', '/home', '/root', '<COURSE>'):
        look(lambda: [os.path.join(p, f) for p, _, fs in os.walk(top) for f in fs if f.endswith(('.ipynb', '.db'))][:50])
    for name in os.listdir('.'):
        look(lambda: lurking(open(name, errors='replace').read()))
    """,
)
in_cell(
    FAMILY,
    "environment",
    "prints its own, the kernel's and its parents' environment",
    """
    look(lambda: dict(os.environ))
    for pid in ('self', os.getppid(), 1):
        look(lambda: open(f'/proc/{pid}/environ').read())
    import ctypes
    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), 'environ')
    look(lambda: [environ[i] for i in range(200) if environ[i]])
    """,
)
in_cell(
    FAMILY,
    "memory by the garbage collector",
    "looks through every object of its process, before and during a check",
    """
    def search():
        found = []
        for thing in gc.get_objects():
            try:
                for part in ([thing] if isinstance(thing, str) else list(vars(thing).values()) if hasattr(thing, '__dict__') else thing.values() if isinstance(thing, dict) else thing if isinstance(thing, (list, tuple)) else ()):
                    if isinstance(part, str) and (WORD in part or 'vault_' in part) and 'sword" + "fish' not in part:
                        found.append(part)
            except Exception:
                pass
        return found
    look(search)
    def double(x):
        look(search)
    """,
)
in_cell(
    FAMILY,
    "memory of the process",
    "reads its own heap and its parent's through /proc and process_vm_readv",
    """
    import ctypes
    for pid in ('self', os.getppid()):
        look(lambda: open(f'/proc/{pid}/maps').read())
        look(lambda: open(f'/proc/{pid}/mem', 'rb').read(10))
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(64)
    class Vector(ctypes.Structure):
        _fields_ = [('base', ctypes.c_void_p), ('size', ctypes.c_size_t)]
    local, remote = Vector(ctypes.addressof(buffer), 64), Vector(id(gc), 64)
    look(lambda: libc.process_vm_readv(os.getppid(), ctypes.byref(local), 1, ctypes.byref(remote), 1, 0))
    """,
)
in_cell(
    FAMILY,
    "heap behind the collector's back",
    "scans the raw bytes of its own memory for the secret",
    """
    import ctypes, re
    def scan():
        found, start = [], id(gc) & ~0xFFFFF
        libc = ctypes.CDLL(None)
        resident = (ctypes.c_ubyte * 1)()
        for page in range(start - 2**26, start + 2**26, 4096):
            if libc.mincore(ctypes.c_void_p(page), 4096, resident) == 0:
                data = ctypes.string_at(page, 4096)
                for match in re.finditer(b'vault_(numbers|combination)' + b'|' + WORD.encode() + b'-', data):
                    found.append(bytes(data[match.start():match.end() + 20]))
        return found
    def double(x):
        look(scan)
    """,
)
in_cell(
    FAMILY,
    "frames",
    "walks up the stack of its caller during a check",
    """
    def double(x):
        frame = sys._getframe()
        while frame is not None:
            for names in (frame.f_globals, frame.f_locals):
                for key, value in list(names.items()):
                    if 'vault' in str(key):
                        print(key, value)
                    look(lambda: lurking(value)) if isinstance(value, str) and value != WORD and 'sword" + ' not in value else None
            frame = frame.f_back
    """,
)
in_cell(
    FAMILY,
    "history and source caches",
    "prints IPython's history and every cached source line",
    """
    import linecache
    def double(x):
        look(lambda: [s for s in get_ipython().user_ns.get('In', []) if 'check' in s])
        look(lambda: [k for k, v in linecache.cache.items() if 'vault_' in str(v)])
        look(lambda: list(get_ipython().history_manager.get_range()))
    """,
)
in_cell(
    FAMILY,
    "open descriptors",
    "reads whatever descriptors it inherited",
    """
    import fcntl
    for fd in range(3, 64):
        try:
            os.set_blocking(fd, False)
            look(lambda: os.readlink(f'/proc/self/fd/{fd}'))
            look(lambda: os.read(fd, 100000))
        except OSError:
            pass
    """,
    deserves=(0.0, 10.0),
)
in_cell(
    FAMILY,
    "inside a function of the check",
    "takes apart the function that a check hands over",
    """
    def apply(f, x):
        for name in ('__globals__', '__closure__', '__code__', '__defaults__', '__kwdefaults__', '__dict__', '__doc__'):
            look(lambda: getattr(f, name))
        look(lambda: vars(f))
        import inspect
        look(lambda: inspect.getsource(f))
    """,
    cell="apply",
)
in_cell(
    FAMILY,
    "inside an error of the check",
    "makes a function of the check fail and reads the traceback",
    """
    def apply(f, x):
        try:
            f(None, None, None)
        except BaseException as error:
            print(error)
            trace = error.__traceback__
            while trace:
                print(lurking(dict(trace.tb_frame.f_locals)))
                trace = trace.tb_next
    """,
    cell="apply",
)
in_cell(
    FAMILY,
    "what a check left behind",
    "keeps the arguments of the hidden checks, to print them from a later cell",
    """
    kept = []
    def double(x):
        kept.append(x)
        open('kept.txt', 'a').write('vault_' + 'numbers')
        return None
    """,
)


@on_notebook(FAMILY, "prints from a later cell what checks put into globals, files and class attributes")
def later_cell(notebook):
    notebook["cells"][2]["source"] = (
        "class Keeper: seen = []\n"
        "def double(x):\n    Keeper.seen.append('vault_' + 'numbers')\n    globals()['seen'] = 'vault_' + 'numbers'\n"
    )
    notebook["cells"].append(own_cell("print(Keeper.seen, globals().get('seen'))"))


in_cell(
    FAMILY,
    "our own modules",
    "imports the grading code and asks it for the assignment's cells",
    """
    def ask():
        from autograder.grading.bundle import Bundle
        from pathlib import Path
        return Bundle.from_source(Path('<SOURCE>'))
    look(ask)
    look(lambda: __import__('nbgrader.api'))
    look(lambda: sys.modules['autograder.execution.checker'].__dict__)
    """,
)
in_cell(
    FAMILY,
    "a link to a secret",
    "links to the gradebook from its own folder and opens the link",
    """
    for link in (os.symlink, os.link):
        look(lambda: link('<GRADEBOOK>', 'mine'))
    look(lambda: open('mine').read())
    """,
)
