"""Put a laid-out computational graph on paper: circles, edges, numbers.

Knows nodes, places and strokes. Refuses to know gates or to compute a number.
"""

import math
from collections import defaultdict
from itertools import pairwise

from matplotlib.patches import Circle, FancyBboxPatch, PathPatch
from matplotlib.path import Path

from utils import style
from utils.figures import Drawing, shown
from utils.layout import place

# All lengths are inches, since letters have a size in inches too.
RADIUS = 0.25
STUB = 0.58  # straight piece of edge after a node, on which its numbers stand
ARRIVAL = 0.62  # straight piece before a node, for downstream gradients
PITCH = (1.15, 1.32)  # from column to column: narrowest, widest
RISE = 0.92  # from row to row
ROOM = 9.0  # for the columns of one row; with the margins, a notebook's width
MARGIN = 0.28
BELOW = 0.19  # a gate's name under its circle
EDGE = "#8A8A8A"


def paint(nodes, values, gradients, *, downstream, highlight, title, digits, alt):
    """Draw a graph.

    Parameters
    ----------
    nodes : dict of str to Node
    values, gradients : dict of str to float
    downstream : dict of str to sequence of float
    highlight : set of str
    title : str
    digits : int
    alt : str

    Returns
    -------
    Drawing
    """
    layout = place({node.name: list(node.inputs) for node in nodes.values() if node.sign is not None})
    paper = _Paper(layout, arrival=ARRIVAL if downstream else 0.0, head=0.36 if title else 0.0)
    with style.styled():
        fig = Drawing(paper.width, paper.height, alt=alt, layout=None)
        ax = fig.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, paper.width), ylim=(0, paper.height), aspect="equal")
        ax.axis("off")
        if title:
            ax.text(MARGIN, paper.height - 0.17, title, va="top", ha="left", fontsize=12)
        for target, edges in _arrivals(layout).items():
            numbers = downstream.get(target, ())
            spread = min(0.24 if numbers else 0.17, 0.40 / max(len(edges) - 1, 1))
            for rank, (source, slot, stops) in enumerate(edges):
                number = shown(numbers[slot], digits) if slot < len(numbers) else ""
                _edge(ax, paper, stops, ((len(edges) - 1) / 2 - rank) * spread, number, source)
        used = {source for source, *_ in layout.routes}
        for name, node in nodes.items():
            x, y = paper.spot(*layout.spot(name))
            _node(ax, node, x, y, name in highlight)
            _stub(ax, x, y, ends=name not in used)
            if name in values:
                _number(ax, x, y + 0.05, shown(values[name], digits), style.VALUE, "bottom")
            if name in gradients:
                _number(ax, x, y - 0.05, shown(gradients[name], digits), style.GRADIENT, "top")
    return fig


def _arrivals(layout):
    """The edges into each node, the one that comes from highest first, so that they do not cross at its rim."""
    edges = defaultdict(list)
    for source, target, slot, points in layout.routes:
        edges[target].append((source, slot, [layout.spot(source), *points, layout.spot(target)]))
    return {
        target: sorted(into, key=lambda edge: (-edge[2][-2][1], edge[1])) for target, into in edges.items()
    }


class _Paper:
    """Where the columns and rows of a layout lie on paper; long graphs take several bands of columns."""

    def __init__(self, layout, *, arrival, head):
        columns = max(layout.layer.values()) + 1
        narrowest, widest = (pitch + arrival for pitch in PITCH)
        bands = math.ceil(columns / (1 + math.floor(ROOM / narrowest + 0.3)))
        self.per_band = math.ceil(columns / bands)
        self.pitch = min(widest, max(narrowest, ROOM / max(self.per_band - 1, 1)))
        self.arrival = arrival
        self.lead = 0.55 if bands > 1 else 0.0  # on both sides, for edges that go on in the next band

        places = [(layout.layer[name], height) for name, height in layout.height.items()]
        places += [point for *_, points in layout.routes for point in points]
        self.tops, depth = [], 0.0
        for band in range(bands):
            heights = [h for layer, h in places if layer // self.per_band == band]
            self.tops.append((max(heights), depth))
            depth += (
                RISE * (max(heights) - min(heights)) + 2 * RADIUS + BELOW + (0.34 if band < bands - 1 else 0)
            )
        self.height = depth + 2 * MARGIN + head - 0.14  # little stands below the last names
        self.width = self.pitch * (self.per_band - 1) + 2 * RADIUS + STUB + 0.12 + 2 * MARGIN + 2 * self.lead
        self.start = self.height - MARGIN - head - RADIUS

    def band(self, layer):
        return layer // self.per_band

    def spot(self, layer, height):
        highest, depth = self.tops[self.band(layer)]
        x = MARGIN + self.lead + RADIUS + self.pitch * (layer % self.per_band)
        return x, self.start - depth - RISE * (highest - height)


def _edge(ax, paper, stops, lift, number, name):
    """From the end of the source's stub, through free places of the columns between, to the rim of the target."""
    x, y = paper.spot(*stops[0])
    stroke = [(x + RADIUS + STUB, y)]
    codes = [Path.MOVETO]
    for before, stop in pairwise(stops):
        x, y = paper.spot(*stop)
        arrives = stop is stops[-1]
        if paper.band(before[0]) != paper.band(stop[0]):
            _leave(ax, paper, stroke, codes, name)
            left = MARGIN + paper.lead - 0.12
            stroke, codes = [(left, y + lift * arrives)], [Path.MOVETO]
            ax.text(
                left - 0.05,
                y + lift * arrives,
                name,
                ha="right",
                va="center",
                fontsize=9.5,
                color=style.QUIET,
            )
        if not arrives:
            _curve(stroke, codes, (x - RADIUS, y))
            _line(stroke, codes, (x + RADIUS + STUB, y))
    y += lift
    rim = x - math.sqrt(RADIUS**2 - lift**2) - 0.02
    _curve(stroke, codes, (x - RADIUS - 0.02 - paper.arrival, y))
    _line(stroke, codes, (rim, y))
    _draw(ax, stroke, codes)
    if number:
        side = 1 if lift > 0 else -1
        middle = x - RADIUS - paper.arrival / 2 - 0.06
        va = "bottom" if side > 0 else "top"
        _fitted(ax, middle, y + side * 0.04, number, paper.arrival - 0.06, 9.5, color=style.GRADIENT, va=va)


def _leave(ax, paper, stroke, codes, name):
    y = stroke[-1][1]
    right = paper.width - MARGIN - paper.lead + 0.12
    _line(stroke, codes, (right, y))
    _draw(ax, stroke, codes)
    ax.text(right + 0.05, y, name, ha="left", va="center", fontsize=9.5, color=style.QUIET)


def _curve(stroke, codes, end):
    (x0, y0), (x1, y1) = stroke[-1], end
    middle = (x0 + x1) / 2
    stroke += [(middle, y0), (middle, y1), (x1, y1)]
    codes += [Path.CURVE4] * 3


def _line(stroke, codes, end):
    stroke.append(end)
    codes.append(Path.LINETO)


def _draw(ax, stroke, codes):
    ax.add_patch(PathPatch(Path(stroke, codes), facecolor="none", edgecolor=EDGE, linewidth=1.4, zorder=1))
    _arrow_head(ax, *stroke[-1])


def _arrow_head(ax, x, y):
    ax.fill([x, x - 0.10, x - 0.10], [y, y + 0.045, y - 0.045], color=EDGE, linewidth=0, zorder=3)


def _node(ax, node, x, y, highlighted):
    look = {
        "linewidth": 2.4 if highlighted else 1.3,
        "zorder": 2,
        "facecolor": "#FFF1B8" if highlighted else None,
    }
    if node.sign is None:
        look["facecolor"] = look["facecolor"] or "#F1F1F1"
        half = min(max(0.22, 0.055 * len(node.name)), 0.32)
        box = FancyBboxPatch((x - half, y - 0.18), 2 * half, 0.36, edgecolor="#9A9A9A", **look)
        box.set_boxstyle("round", pad=0, rounding_size=0.07)
        ax.add_patch(box)
        _fitted(ax, x, y, node.name, 2 * half - 0.06, 12)
        return
    look["facecolor"] = look["facecolor"] or style.PAPER
    ax.add_patch(Circle((x, y), RADIUS, edgecolor=style.INK, **look))
    _fitted(ax, x, y, node.sign, 2 * RADIUS - 0.08, 15 if len(node.sign) == 1 else 11)
    room = 2 * RADIUS + 0.22
    _fitted(ax, x, y - RADIUS - 0.05, node.name, room, 9.5, color=style.QUIET, va="top")


def _stub(ax, x, y, ends):
    start, end = x + RADIUS, x + RADIUS + STUB
    ax.plot([start, end], [y, y], color=EDGE, linewidth=1.4, zorder=1, solid_capstyle="butt")
    if ends:
        _arrow_head(ax, end + 0.10, y)


def _number(ax, x, y, text, colour, va):
    _fitted(ax, x + RADIUS + STUB / 2 + 0.02, y, text, STUB, 10.5, color=colour, va=va)


def _fitted(ax, x, y, text, room, size, *, color=style.INK, va="center"):
    # A letter of DejaVu Sans is 0.62 em wide on average; 72 points make an inch.
    size = min(size, room * 72 / (0.62 * max(len(text), 1)))
    ax.text(x, y, text, ha="center", va=va, fontsize=size, color=color, zorder=5)
