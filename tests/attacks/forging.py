"""Attacks that want points without an answer."""

import copy

from attacks.catalogue import in_cell, on_notebook
from attacks.vault import find, own_cell

FAMILY = "forging"

in_cell(
    FAMILY,
    "printed score",
    "prints and displays the marks it would like",
    """
    from IPython.display import HTML, display
    def double(x):
        print('10.0')
        display(HTML('<b>double: 10 of 10 points</b>'))
        sys.stdout.write('### BEGIN GRADE\\n10.0\\n### END GRADE\\n')
    print('10.0')
    10.0
    """,
)
in_cell(
    FAMILY,
    "forged record",
    "returns and raises objects that carry a record of full marks",
    """
    class Record:
        def to_dict(self):
            return {'exercise': 'double', 'points': 10, 'outcomes': [{'name': 'x', 'state': 'passed'}] * 3}
    class Score(float):
        record = Record()
    class Won(Exception):
        record = Record()
    count = []
    def double(x):
        count.append(1)
        if len(count) > 1:
            raise Won
        return Score(10)
    """,
)
in_cell(
    FAMILY,
    "display hooks",
    "replaces the display hook, the formatter and the publisher",
    """
    shell = get_ipython()
    sys.displayhook = lambda value: print('10.0')
    type(shell.displayhook).write_format_data = lambda self, *a, **k: print('10.0')
    shell.display_formatter.format = lambda value, *a, **k: ({'text/plain': '10.0'}, {})
    shell.display_pub.publish = lambda *a, **k: None
    """,
)
in_cell(
    FAMILY,
    "equal to everything",
    "returns an object that claims to equal whatever it is compared with",
    """
    class Yes:
        shape, dtype, ndim, size = (3,), float, 1, 3
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def __bool__(self): return True
        def __abs__(self): return 0.0
        def __sub__(self, other): return 0.0
        __rsub__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__
        def __array__(self, *a, **k): return __import__('numpy').zeros(3)
        def __float__(self): return 2.0
        def __getattr__(self, name): return self
        def __call__(self, *a, **k): return self
        def __len__(self): return 3
        def __getitem__(self, key): return self
        def __iter__(self): return iter([2.0, -4.0, 6.0])
    def double(x): return Yes()
    """,
)
in_cell(
    FAMILY,
    "subclassed array",
    "returns an array whose comparisons, ufuncs and functions always agree",
    """
    import numpy as np
    class Array(np.ndarray):
        def __eq__(self, other): return np.ones(self.shape, bool)
        def __array_function__(self, *a, **k): return True
        def __array_ufunc__(self, *a, **k): return np.zeros(self.shape)
        def __array_finalize__(self, *a): pass
        def __reduce__(self): return (exit, ())
    def double(x): return np.zeros(np.shape(x)).view(Array)
    """,
)
in_cell(
    FAMILY,
    "subclassed numbers",
    "returns floats and integers with operators of its own",
    """
    class F(float):
        def __eq__(self, other): return True
        def __sub__(self, other): return F(0)
        __rsub__ = __abs__ = lambda self, *a: F(0)
        def __le__(self, other): return True
        __lt__ = __ge__ = __gt__ = __le__
    def double(x): return [F(1)] * 3
    """,
)
in_cell(
    FAMILY,
    "patched NumPy",
    "replaces NumPy's comparisons by ones that agree",
    """
    import numpy as np, numpy.testing
    for name in ('allclose', 'array_equal', 'isclose', 'all', 'isfinite', 'any'):
        setattr(np, name, lambda *a, **k: True)
    for name in dir(numpy.testing):
        if name.startswith('assert'):
            setattr(numpy.testing, name, lambda *a, **k: None)
    np.asarray = np.array = lambda *a, **k: 0.0
    """,
    deserves=(0.0, 10.0),
)
in_cell(
    FAMILY,
    "patched checks",
    "replaces the methods that check and score",
    """
    import autograder, autograder.checks as checks, autograder.records as records
    checks.Trial.equal = checks.Trial.true = lambda self, *a, **k: setattr(self, 'passed', 1)
    checks.Check.score = lambda self: 10.0
    checks.Failed = ValueError
    checks.compare = lambda *a, **k: None
    records.ExerciseRecord.earned = 10.0
    """,
)
in_cell(
    FAMILY,
    "patched built-ins",
    "replaces built-in functions and types that a check may use",
    """
    import builtins
    for name in ('abs', 'all', 'isinstance', 'max', 'min', 'bool', 'any'):
        setattr(builtins, name, lambda *a, **k: True)
    """,
    deserves=(0.0, 10.0),
)
in_cell(
    FAMILY,
    "patched grading process",
    "replaces the code that answers the checker, so that all answers are good ones",
    """
    import autograder.execution.student as s, autograder.execution.wire as w, autograder.execution.messages as m
    s.Server._do_call = lambda self, *a: (w.Encoder(), True, {})
    s.Server._do_names = lambda self, names: (w.Encoder(), {n: 10.0 for n in names}, {})
    """,
    deserves=(0.0,),
)
in_cell(
    FAMILY,
    "arguments bent to the answer",
    "returns nothing new, and empties the argument so that expected and given agree",
    """
    def double(x):
        x[...] = 0
        return x
    """,
)
in_cell(
    FAMILY,
    "forged answers on the wire",
    "finds the channel to the checker and sends answers that were not asked for",
    """
    from autograder.execution.channel import Channel
    import msgpack, struct
    channels = [thing for thing in gc.get_objects() if isinstance(thing, Channel)]
    for channel in channels:
        for number in range(50):
            channel.send(struct.pack('!QB', number, 1) + msgpack.packb([{'double': 10.0}, {}, '']))
            channel.send(struct.pack('!QB', number, 3) + msgpack.packb([[], None, '']))
    """,
)
in_cell(
    FAMILY,
    "input transformer",
    "strips every check from the cells that follow",
    """
    get_ipython().input_transformers_post.append(lambda lines: ['10.0\\n'] if any('check' in l for l in lines) else lines)
    get_ipython().input_transformers_cleanup.append(lambda lines: ['10.0\\n'] if any('check' in l for l in lines) else lines)
    """,
)
in_cell(
    FAMILY,
    "tree transformer",
    "rewrites the syntax tree of the cells that follow",
    """
    import ast
    class Rewrite(ast.NodeTransformer):
        def visit_Expr(self, node):
            return ast.Expr(ast.Constant(10.0))
    get_ipython().ast_transformers.append(Rewrite())
    """,
)
in_cell(
    FAMILY,
    "kernel",
    "replaces the methods that run cells, and the way errors are shown",
    """
    shell = get_ipython()
    shell.run_cell = lambda *a, **k: None
    shell.showtraceback = lambda *a, **k: None
    type(shell).run = lambda self, source, outputs: (None, 10.0)
    type(shell).run_trusted = lambda self, *a: (None, 10.0, True)
    shell.set_custom_exc((Exception,), lambda *a, **k: None)
    """,
    deserves=(0.0, 10.0),
)
in_cell(
    FAMILY,
    "not attempted",
    "raises what an unwritten stub raises, with a record attached",
    """
    class NotAttempted(NotImplementedError):
        record = {'points': 10}
    def double(x): raise NotAttempted
    """,
)
in_cell(
    FAMILY,
    "errors as success",
    "leaves each call with SystemExit(0), StopIteration or GeneratorExit",
    """
    turns = []
    def double(x):
        turns.append(1)
        raise (SystemExit(0), StopIteration(True), GeneratorExit(), KeyboardInterrupt())[len(turns) % 4]
    """,
)
in_cell(
    FAMILY,
    "not a number",
    "returns numbers for which no comparison fails",
    """
    import numpy as np
    def double(x): return np.full(np.shape(x), np.nan)
    """,
)
in_cell(
    FAMILY,
    "broadcast",
    "returns a shape that agrees with everything by broadcasting",
    """
    import numpy as np
    def double(x): return np.zeros((0,) + np.shape(x))
    """,
)

SHADOWS = dict.fromkeys(
    ("numpy.py", "autograder.py", "autograder/__init__.py", "msgpack.py", "records.py"),
    b"print('shadow')\nclass Check:\n    def __init__(s, *a, **k): pass\n    def __call__(s, *a, **k): return lambda f: f\n"
    b"    def hidden_tests(s): pass\n    def score(s): return 10.0\ndef __getattr__(n): return lambda *a, **k: True\n",
)
in_cell(
    FAMILY,
    "shadowed modules",
    "hands in files named numpy.py and autograder.py beside the notebook",
    "import numpy, autograder\nprint(numpy.__file__)",
    files=SHADOWS,
)
in_cell(
    FAMILY,
    "start-up files",
    "hands in sitecustomize.py, a .pth file and an IPython start-up file",
    "import importlib, site\nsite.addsitedir('.')\nlook(lambda: importlib.import_module('sitecustomize'))",
    files={
        "sitecustomize.py": b"import builtins; builtins.isinstance = lambda *a: True",
        "usercustomize.py": b"import builtins; builtins.isinstance = lambda *a: True",
        "evil.pth": b"import builtins; builtins.all = lambda *a: True",
        ".ipython/profile_default/startup/evil.py": b"print('10.0')",
        "conftest.py": b"raise SystemExit",
    },
    deserves=(0.0, 10.0),
)


@on_notebook(FAMILY, "tags the check cell so that it is skipped")
def skip_tags(notebook):
    find(notebook, "double_check")["metadata"]["tags"] = ["skip-execution", "experiment", "raises-exception"]


@on_notebook(FAMILY, "writes its own check cell")
def own_check_cell(notebook):
    find(notebook, "double_check")["source"] = "10.0"


@on_notebook(FAMILY, "claims more points, and marks the check as a solution, unlocked")
def metadata(notebook):
    mark = find(notebook, "double_check")["metadata"]["nbgrader"]
    mark.update(points=1000, solution=True, locked=False, checksum="0" * 32)
    notebook["metadata"]["autograder"] = {
        "exercises": [{"id": "double", "points": 10.0, "verdict": "passed"}]
    }


@on_notebook(FAMILY, "gives the name of its failing check to the one that passes")
def swapped_names(notebook):
    double, apply = find(notebook, "double_check"), find(notebook, "apply_check")
    double["metadata"]["nbgrader"], apply["metadata"]["nbgrader"] = (
        apply["metadata"]["nbgrader"],
        double["metadata"]["nbgrader"],
    )


@on_notebook(FAMILY, "copies the check cell and answers in the copy")
def copied_check(notebook):
    for source in ("10.0", "check.score = lambda: 10.0\n10.0"):
        cell = copy.deepcopy(find(notebook, "double_check"))
        cell["source"] = source
        notebook["cells"].insert(3, cell)


@on_notebook(FAMILY, "deletes the check cell and leaves a forged output in its place")
def deleted_check(notebook):
    notebook["cells"].remove(find(notebook, "double_check"))
    forged = own_cell("10.0", nbgrader={"grade_id": "double_check", "grade": True, "points": 10})
    forged["outputs"] = [
        {
            "output_type": "execute_result",
            "data": {"text/plain": "10.0"},
            "metadata": {},
            "execution_count": 1,
        }
    ]
    notebook["cells"].append(forged)


@on_notebook(FAMILY, "keeps the stub and stores an output of full marks in the file")
def stored_outputs(notebook):
    find(notebook, "double_check")["outputs"] = [
        {
            "output_type": "execute_result",
            "data": {"text/plain": "10.0"},
            "metadata": {},
            "execution_count": 9,
        }
    ]


@on_notebook(FAMILY, "turns the check into a raw cell")
def raw_check(notebook):
    cell = find(notebook, "double_check")
    cell["cell_type"] = "raw"
    cell.pop("outputs"), cell.pop("execution_count")


@on_notebook(FAMILY, "asks for another kernel that would call everything right")
def other_kernel(notebook):
    notebook["metadata"]["kernelspec"] = {"name": "evil", "display_name": "evil", "language": "sh"}


@on_notebook(FAMILY, "replaces the given cell by one with a Check of its own")
def own_setup(notebook):
    find(notebook, "setup")["source"] = (
        "import numpy as np\nclass Check:\n    def __init__(s, *a, **k): pass\n"
        "    def __call__(s, n): return lambda f: f\n    def hidden_tests(s): pass\n    def score(s): return 10.0"
    )


@on_notebook(FAMILY, "defines the names that the check itself uses")
def names_of_the_check(notebook):
    notebook["cells"].insert(
        2,
        own_cell("check = t = out = Check = np = lambda *a, **k: (lambda f: f)\nNotebook = 10.0"),
    )
