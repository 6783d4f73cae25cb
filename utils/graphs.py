"""Draw a computational graph: gates, forward values above the edges, gradients below.

Knows names, gates' symbols and numbers. Refuses to compute: it shows what a graph already holds.
"""

from collections import Counter
from dataclasses import dataclass

from matplotlib.patches import Circle, FancyBboxPatch, PathPatch
from matplotlib.path import Path

from utils import style
from utils.figures import Drawing, shown
from utils.layout import place

SYMBOLS = {
    "add": "+",
    "multiply": "×",
    "mul": "×",
    "max": "max",
    "reciprocal": "1/x",
    "exp": "exp",
    "sigmoid": "σ",
    "relu": "relu",
    "negate": "×(−1)",
    "subtract": "−",
    "square": "x²",
    "log": "log",
    "tanh": "tanh",
}
# Inches, since all letters have a size in inches too.
PITCH = 1.32  # from column to column
RISE = 0.92  # from row to row
RADIUS = 0.25
STUB = 0.60  # straight piece of edge after a node, on which its numbers stand
MARGIN = 0.30


@dataclass(frozen=True)
class _Node:
    name: str
    symbol: str | None  # None for a graph input
    inputs: tuple[str, ...] = ()


def draw_graph(graph, values=None, gradients=None, *, highlight=(), title="", digits=2, alt=None):
    """Draw a computational graph from left to right.

    A value stands above the edge that leaves its node, the gradient of the result with respect to it below.
    Numbers that are not there yet are left out, so the same call works before ``forward``, after it, and after
    ``backward``.

    Parameters
    ----------
    graph : Graph or list of (name, gate, inputs)
        A graph object with ``nodes``, such a list of triples, and perhaps ``values`` and ``gradients``, two dicts
        from name to number; or the list itself. A gate is an object, whose class gives the symbol
        (``MultiplyGate`` becomes ×; a ``symbol`` attribute wins), or directly a symbol such as ``"+"``.
    values, gradients : dict of str to float, optional
        Numbers to show instead of the graph's own. An array is shown as its shape.
    highlight : str or list of str
        Nodes to emphasise.
    title : str
    digits : int
        Decimals of the numbers.
    alt : str, optional
        Alt text; by default the graph in words, with its numbers.

    Returns
    -------
    Drawing

    Raises
    ------
    TypeError
        When no list of triples can be found.
    ValueError
        When the graph is empty or has a cycle.

    Examples
    --------
    >>> draw_graph([("q", "+", ["x", "y"]), ("f", "×", ["q", "z"])],
    ...            values={"x": -2, "y": 5, "z": -4, "q": 3, "f": -12})
    <Drawing: Computational graph. x = −2.00; y = 5.00; q = x + y = 3.00; z = −4.00; f = q × z = −12.00.>
    """
    gates = _gates(graph)
    values = _numbers(graph, values, "values")
    gradients = _numbers(graph, gradients, "gradients")
    highlight = {highlight} if isinstance(highlight, str) else set(highlight)
    layout = place({gate.name: list(gate.inputs) for gate in gates})
    nodes = {gate.name: gate for gate in gates}
    for name in layout.layer:
        nodes.setdefault(name, _Node(name, None))

    top, bottom = max(layout.height.values()), min(layout.height.values())
    for *_, points in layout.routes:
        top = max([top, *(h for _, h in points)])
        bottom = min([bottom, *(h for _, h in points)])
    width = PITCH * max(layout.layer.values()) + STUB + 2 * RADIUS + 2 * MARGIN + 0.30
    head = 0.34 if title else 0.0
    height = RISE * (top - bottom) + 2 * RADIUS + 2 * MARGIN + 0.26 + head

    with style.styled():
        fig = Drawing(width, height, alt=alt or in_words(nodes, values, gradients, digits), layout=None)
        ax = fig.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
        ax.axis("off")
        if title:
            ax.text(MARGIN, height - 0.16, title, va="top", ha="left", fontsize=12)

        def spot(name):
            x = MARGIN + RADIUS + PITCH * layout.layer[name]
            return x, MARGIN + RADIUS + 0.20 + RISE * (layout.height[name] - bottom)

        def passing(point):
            x = MARGIN + RADIUS + PITCH * point[0]
            return x, MARGIN + RADIUS + 0.20 + RISE * (point[1] - bottom)

        for source, target, slot, points in layout.routes:
            via = [passing(p) for p in points]
            _draw_edge(ax, spot(source), spot(target), via, slot, _slots(layout, target), spot)
        used = {source for source, *_ in layout.routes}
        for name, node in nodes.items():
            x, y = spot(name)
            _draw_node(ax, node, x, y, name in highlight)
            _draw_stub(ax, x, y, ends=name not in used)
            _draw_numbers(ax, x, y, values.get(name), gradients.get(name), digits)
    return fig


def in_words(nodes, values, gradients, digits=2):
    """A graph as a sentence, for alt text.

    Parameters
    ----------
    nodes : dict of str to node
    values, gradients : dict of str to float
    digits : int

    Returns
    -------
    str
    """
    said, parts = set(), []

    def say(name):
        if name in said:
            return
        said.add(name)
        node = nodes[name]
        for source in node.inputs:
            say(source)
        part = name
        if node.symbol is not None:
            joined = f" {node.symbol} ".join(node.inputs)
            infix = len(node.inputs) > 1 and len(node.symbol) == 1
            part += f" = {joined}" if infix else f" = {node.symbol}({', '.join(node.inputs)})"
        if name in values:
            part += f" = {shown(values[name], digits)}"
        if name in gradients:
            part += f", gradient {shown(gradients[name], digits)}"
        parts.append(part)

    for name in nodes:
        say(name)
    return f"Computational graph. {'; '.join(parts)}."


def _gates(graph):
    triples = graph if isinstance(graph, (list, tuple)) else getattr(graph, "nodes", None)
    if triples is None:
        # A student may have called the list something else: take the attribute that looks like one.
        triples = next((v for v in vars(graph).values() if _is_triples(v)), None)
    if isinstance(triples, dict):
        triples = [(name, *rest) for name, rest in triples.items()]
    if not _is_triples(triples):
        raise TypeError(
            f"draw_graph needs (name, gate, inputs) triples, and found none in a {type(graph).__name__}. "
            "Give it a list of them, or a graph object that keeps them in graph.nodes."
        )
    if not triples:
        raise ValueError("The graph has no nodes. Give draw_graph at least one (name, gate, inputs) triple.")
    return [_Node(name, symbol(gate), tuple(inputs)) for name, gate, inputs in triples]


def _is_triples(something):
    return isinstance(something, (list, tuple)) and all(
        isinstance(entry, (list, tuple)) and len(entry) == 3 and isinstance(entry[0], str)
        for entry in something
    )


def symbol(gate):
    """The sign drawn for a gate.

    Parameters
    ----------
    gate : str or object
        A sign; or an object with a ``symbol``, or whose class is named like ``AddGate``.

    Returns
    -------
    str
    """
    if isinstance(gate, str):
        return {"*": "×", "-": "−", "/": "÷"}.get(gate, gate)
    own = getattr(gate, "symbol", None)
    if isinstance(own, str):
        return own
    kind = gate if isinstance(gate, type) else type(gate)
    name = kind.__name__.removesuffix("Gate").removesuffix("Node").strip("_").lower()
    return SYMBOLS.get(name, name or "?")


def _numbers(graph, given, which):
    if given is not None:
        return dict(given)
    own = getattr(graph, which, None)
    if not isinstance(own, dict):
        return {}
    return {name: number for name, number in own.items() if number is not None}


def _slots(layout, target):
    return Counter(route[1] for route in layout.routes)[target]


def _draw_edge(ax, start, end, via, slot, slots, spot):
    """From the end of the source's stub, through free places of the columns between, to the rim of the target."""
    x, y = start[0] + RADIUS + STUB, start[1]
    # Edges arrive spread over the left side of the circle, the first input highest.
    lift = ((slots - 1) / 2 - slot) * min(0.17, 0.36 / max(slots - 1, 1))
    tip = (end[0] - (RADIUS**2 - lift**2) ** 0.5 - 0.02, end[1] + lift)
    vertices, codes = [(x, y)], [Path.MOVETO]
    for px, py in via:
        _curve(vertices, codes, (px - RADIUS, py))
        vertices.append((px + RADIUS + STUB, py))
        codes.append(Path.LINETO)
    _curve(vertices, codes, tip)
    path = PathPatch(Path(vertices, codes), facecolor="none", edgecolor="#8A8A8A", linewidth=1.4, zorder=1)
    ax.add_patch(path)
    _arrow_head(ax, tip)


def _curve(vertices, codes, end):
    (x0, y0), (x1, y1) = vertices[-1], end
    middle = (x0 + x1) / 2
    vertices += [(middle, y0), (middle, y1), (x1, y1)]
    codes += [Path.CURVE4] * 3


def _arrow_head(ax, tip):
    x, y = tip
    ax.fill([x, x - 0.10, x - 0.10], [y, y + 0.045, y - 0.045], color="#8A8A8A", linewidth=0, zorder=3)


def _draw_node(ax, node, x, y, highlighted):
    edge = style.ERROR if highlighted else style.INK
    line = 2.6 if highlighted else 1.3
    if node.symbol is None:
        half = RADIUS - 0.03
        ax.add_patch(
            FancyBboxPatch(
                (x - half, y - half * 0.8),
                2 * half,
                1.6 * half,
                boxstyle="round,pad=0,rounding_size=0.07",
                facecolor="#F3F3F3",
                edgecolor=edge if highlighted else "#B5B5B5",
                linewidth=line,
                zorder=2,
            )
        )
        _fit(ax, x, y, node.name, 2 * half - 0.06, 12)
        return
    ax.add_patch(Circle((x, y), RADIUS, facecolor=style.PAPER, edgecolor=edge, linewidth=line, zorder=2))
    _fit(ax, x, y, node.symbol, 2 * RADIUS - 0.10, 15 if len(node.symbol) == 1 else 11)
    ax.text(x, y - RADIUS - 0.05, node.name, ha="center", va="top", fontsize=9.5, color=style.QUIET, zorder=4)


def _fit(ax, x, y, text, room, size):
    # DejaVu Sans is 0.62 em wide on average; 72 points make an inch.
    size = min(size, room * 72 / (0.62 * len(text)))
    ax.text(x, y, text, ha="center", va="center", fontsize=size, zorder=4)


def _draw_stub(ax, x, y, ends):
    end = x + RADIUS + STUB
    ax.plot([x + RADIUS, end], [y, y], color="#8A8A8A", linewidth=1.4, zorder=1, solid_capstyle="butt")
    if ends:
        _arrow_head(ax, (end + 0.10, y))


def _draw_numbers(ax, x, y, value, gradient, digits):
    middle = x + RADIUS + STUB / 2 + 0.02
    common = {"ha": "center", "fontsize": 10.5, "zorder": 5}
    if value is not None:
        ax.text(middle, y + 0.05, shown(value, digits), va="bottom", color=style.VALUE, **common)
    if gradient is not None:
        ax.text(middle, y - 0.05, shown(gradient, digits), va="top", color=style.GRADIENT, **common)
