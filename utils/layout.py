"""Places for the nodes of a small directed graph: layers from left to right, few crossings, even spacing.

The method is Sugiyama's: longest-path layers, a placeholder wherever an edge passes a layer, orders improved by
sweeps of averages, then heights that keep the order (K. Sugiyama, S. Tagawa and M. Toda, "Methods for visual
understanding of hierarchical system structures", IEEE Trans. SMC 11, 1981).

Pure Python. Knows names and edges; refuses to know what a gate is or how anything is drawn.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean

SWEEPS = 12  # orders settle within a handful on graphs of 15 nodes
RELAXATIONS = 300  # a chain of 15 nodes straightens like heat spreads: about 15 ** 2 steps


@dataclass
class Layout:
    """Where everything is.

    Attributes
    ----------
    layer : dict of str to int
        Column of each node, 0 on the left.
    height : dict of str to float
        Vertical place of each node, one unit from its neighbour at least; larger is higher.
    routes : list of (source, target, slot, points)
        One entry per edge; `slot` counts the inputs of the target; `points` is a list of (layer, height) of the
        layers which the edge passes between its ends.
    """

    layer: dict = field(default_factory=dict)
    height: dict = field(default_factory=dict)
    routes: list = field(default_factory=list)

    def spot(self, name):
        """Column and height of a node."""
        return self.layer[name], self.height[name]


def place(inputs_of):
    """Lay a graph out.

    Parameters
    ----------
    inputs_of : dict of str to list of str
        The inputs of each gate. A name that occurs only as an input is a graph input.

    Returns
    -------
    Layout

    Raises
    ------
    ValueError
        When the graph has a cycle: such a graph has no order in which to compute it.
    """
    layer = _layers(inputs_of)
    chains, links = _with_placeholders(inputs_of, layer)
    order = _orders(layer, links, _first_order(inputs_of, layer, chains))
    height = _heights(order, links)
    routes = [
        (source, target, slot, [(layer[p], height[p]) for p in passed])
        for source, target, slot, passed in chains
    ]
    names = set(inputs_of) | {name for inputs in inputs_of.values() for name in inputs}
    return Layout({n: layer[n] for n in names}, {n: height[n] for n in names}, routes)


def _layers(inputs_of):
    layer, open_names = {}, set()

    def depth(name):
        if name in open_names:
            raise ValueError(
                f"The graph has a cycle through {name!r}: a node cannot need its own result. "
                "Look at the inputs listed for that node."
            )
        if name not in layer:
            open_names.add(name)
            layer[name] = 1 + max((depth(i) for i in inputs_of.get(name, ())), default=-1)
            open_names.remove(name)
        return layer[name]

    for name in inputs_of:
        depth(name)
    # A graph input stands right before its first user, so that its edge is short.
    users = defaultdict(list)
    for name, inputs in inputs_of.items():
        for i in inputs:
            users[i].append(layer[name])
    for name in users:
        if name not in inputs_of:
            layer[name] = min(users[name]) - 1
    return layer


def _with_placeholders(inputs_of, layer):
    """Edges as chains through placeholders, which get a layer of their own; and links between next layers."""
    chains, links = [], []
    for target, inputs in inputs_of.items():
        for slot, source in enumerate(inputs):
            passed = []
            for between in range(layer[source] + 1, layer[target]):
                name = (source, target, slot, between)
                layer[name] = between
                passed.append(name)
            stops = [source, *passed, target]
            links += list(pairwise(stops))
            chains.append((source, target, slot, passed))
    return chains, links


def _first_order(inputs_of, layer, chains):
    """Order by a walk from the results to the inputs, which draws every tree without a crossing."""
    columns = defaultdict(list)
    passed_by = {(source, target, slot): passed for source, target, slot, passed in chains}
    seen = set()

    def visit(name):
        if name in seen:
            return
        seen.add(name)
        columns[layer[name]].append(name)
        for slot, source in enumerate(inputs_of.get(name, ())):
            for placeholder in passed_by[source, name, slot]:
                columns[layer[placeholder]].append(placeholder)
            visit(source)

    used = {i for inputs in inputs_of.values() for i in inputs}
    for result in [name for name in inputs_of if name not in used]:
        visit(result)
    return [columns[i] for i in range(max(columns) + 1)]


def _orders(layer, links, order):
    before, after = defaultdict(list), defaultdict(list)
    for left, right in links:
        after[left].append(right)
        before[right].append(left)
    best, best_crossings = [list(c) for c in order], _crossings(order, links, layer)
    for sweep in range(SWEEPS):
        rightwards = sweep % 2 == 0
        neighbours = before if rightwards else after
        columns = range(1, len(order)) if rightwards else range(len(order) - 2, -1, -1)
        for column in columns:
            rank = {name: i for names in order for i, name in enumerate(names)}
            order[column] = sorted(
                order[column],
                key=lambda name, rank=rank, near=neighbours: (
                    fmean(rank[other] for other in near[name]) if near[name] else rank[name]
                ),
            )
        crossings = _crossings(order, links, layer)
        if crossings < best_crossings:
            best, best_crossings = [list(c) for c in order], crossings
    return best


def _crossings(order, links, layer):
    rank = {name: i for names in order for i, name in enumerate(names)}
    total = 0
    for i, (a, b) in enumerate(links):
        for c, d in links[i + 1 :]:
            if layer[a] == layer[c] and (rank[a] - rank[c]) * (rank[b] - rank[d]) < 0:
                total += 1
    return total


def _heights(order, links):
    """Heights that keep the order, at least one unit apart, and make the squares of all edges' rises least.

    Column by column, each column's best heights given the others: descent on a convex sum, so it settles.
    """
    near = defaultdict(list)
    for left, right in links:
        near[left].append(right)
        near[right].append(left)
    height = {name: (len(names) - 1) / 2 - i for names in order for i, name in enumerate(names)}
    for sweep in range(RELAXATIONS):
        moved = 0.0
        for names in order if sweep % 2 == 0 else reversed(order):
            wanted = [fmean(height[o] for o in near[n]) if near[n] else height[n] for n in names]
            for name, h in zip(names, _apart(wanted, [max(len(near[n]), 1) for n in names]), strict=True):
                moved = max(moved, abs(h - height[name]))
                height[name] = h
        if moved < 1e-4:
            break
    return height


def _apart(wanted, weights):
    """The falling sequence with steps of at least one that lies nearest to `wanted` (pool adjacent violators)."""
    blocks = []  # of mean, weight and count, once steps of one are added: then the sequence may not rise
    for i, (want, weight) in enumerate(zip(wanted, weights, strict=True)):
        blocks.append((want + i, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] < blocks[-1][0]:
            (m1, w1, c1), (m2, w2, c2) = blocks[-2:]
            blocks[-2:] = [((m1 * w1 + m2 * w2) / (w1 + w2), w1 + w2, c1 + c2)]
    flat = [mean for mean, _, count in blocks for _ in range(count)]
    return [f - i for i, f in enumerate(flat)]
