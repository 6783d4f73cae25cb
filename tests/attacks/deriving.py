"""Attacks that want a made-up derivative to agree. They run against the notebook of slopes, where perfect work earns 20."""

from attacks.catalogue import in_cell

FAMILY = "deriving"

in_cell(
    FAMILY,
    "two faces",
    "answers the value checks rightly, and otherwise while it is being differentiated",
    """
    import numpy as np
    seen = []
    def relu_forward(x):
        for other in seen:
            near = other.shape == x.shape and np.abs(other - x).max() < 1e-2 and (other != x).any()
            if near: return np.maximum(other, 0) + (x - other).sum(), x
        seen.append(x.copy())
        return np.maximum(x, 0), x
    def relu_backward(dout, cache): return 0 * cache + dout.sum()
    """,
    cell="relu_backward",
    deserves=(10.0, 15.0),
)
in_cell(
    FAMILY,
    "another forward for its backward",
    "defines the forward again, as one that is easy to differentiate, once it has been checked",
    """
    import numpy as np
    def relu_backward(dout, cache): return 0 * cache + dout.sum()
    def relu_forward(x): return np.zeros(x.shape) + x.sum(), x
    """,
    cell="relu_backward",
)
in_cell(
    FAMILY,
    "kinks everywhere",
    "adds a wiggle too small for the value checks, so that every entry looks like a kink, which is set aside",
    """
    import numpy as np, zlib
    def half_square(x):
        wiggle = np.random.default_rng(zlib.crc32(x.tobytes())).uniform(-1, 1)
        return 0.5 * np.sum(x**2) * (1 + 4e-7 * wiggle), 0 * x
    """,
    cell="half_square",
    deserves=(17.5,),
)
in_cell(
    FAMILY,
    "an infinite gradient",
    "returns one infinite entry, so that any error is allowed",
    """
    import numpy as np
    def half_square(x):
        dx = np.zeros(x.shape)
        dx.flat[0] = np.inf
        return 0.5 * np.sum(x**2), dx
    """,
    cell="half_square",
    deserves=(17.5,),
)
in_cell(
    FAMILY,
    "an emptied upstream gradient",
    "empties what it is handed, so that the expected gradient becomes 0",
    """
    def relu_backward(dout, cache):
        dout[...] = 0
        return 0 * cache
    """,
    cell="relu_backward",
)
in_cell(
    FAMILY,
    "finished layers",
    "takes the layers that a later notebook brings along, by import and from their file",
    """
    import importlib
    def finished():
        try:
            return importlib.import_module('utils.layers').relu_backward
        except Exception:
            pass
        import utils
        for folder in (os.path.dirname(utils.__file__), os.path.dirname(utils.__file__) + '/__pycache__'):
            for name in os.listdir(folder):
                if name.startswith('layers'): return open(os.path.join(folder, name), 'rb').read()
    look(lambda: finished())
    relu_backward = finished()
    """,
    cell="relu_backward",
)
in_cell(
    FAMILY,
    "foreseen directions",
    "foresees along which directions its gradient is compared, and has the right slope along those alone",
    """
    import time, zlib
    import numpy as np
    from autograder.gradients.measure import draw_directions
    time.perf_counter = lambda: 0.0
    def relu_backward(dout, cache):
        rng = np.random.default_rng([zlib.crc32(b'relu_backward/gradients'), 0])
        drawn, first = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
        if not np.array_equal(drawn, cache): return 0 * cache
        scale = np.maximum(1, np.abs(cache))
        moves = [scale * along for along in draw_directions(rng.spawn(1)[0], cache.shape)]
        def slope(move):
            return np.sum((np.maximum(cache + 1e-6 * move, 0) - np.maximum(cache - 1e-6 * move, 0)) * first) / 2e-6
        table = np.array([move.ravel() for move in moves])
        found = np.linalg.lstsq(table, np.array([slope(move) for move in moves]), rcond=None)[0]
        return found.reshape(cache.shape) * np.sum(dout * first) / np.sum(first**2)
    """,
    cell="relu_backward",
)
in_cell(
    FAMILY,
    "passes that lie",
    "answers for the passes itself: times that are none, arguments that were kept, too few answers and too many",
    """
    import autograder.execution.student as s
    run, turns = s.run_all_here, []
    def lie(programs, patience):
        turns.append(1)
        found = [[one[0], one[1], float('nan'), -1e300, {}, 'x', 1, []] for one in run(programs, patience)]
        return (found, found[:1], found * 2, [None] * len(found))[len(turns) % 4]
    s.run_all_here = lie
    def relu_backward(dout, cache): return 0 * cache
    """,
    cell="relu_backward",
)
in_cell(
    FAMILY,
    "right in the first pass",
    "computes what the solution computes once, where that is compared, and something simpler ever after",
    """
    turns = []
    def relu_forward(x):
        turns.append(1)
        return (np.maximum(x, 0) if len(turns) == 1 else np.zeros(x.shape) + x.sum()), x
    def relu_backward(dout, cache): return 0 * cache + dout.sum()
    """,
    cell="relu_backward",
)
in_cell(
    FAMILY,
    "more than can be handed back",
    "answers so much that the next question cannot be asked, and nobody would be to blame but the grader",
    """
    import numpy as np
    def relu_forward(x): return np.zeros(900_000, np.int8), np.zeros(62 * 2**20, np.int8)
    def relu_backward(dout, cache): return 0
    """,
    cell="relu_backward",
)
in_cell(
    FAMILY,
    "objects instead of numbers",
    "returns what holds no numbers where they are measured, which looks as though the grader could not go on",
    """
    class Thing:
        def __float__(self): return 0.0
        def __array__(self, *_, **__): return np.zeros(())
    def half_square(x): return Thing(), (i for i in range(10**9))
    """,
    cell="half_square",
    deserves=(15.0,),
)
