"""Draw a computational graph: gates, forward values above the edges, gradients below.

Knows names, gates' signs and numbers. Refuses to compute: it shows what a graph already holds.
"""

from dataclasses import dataclass

from utils.figures import shown

SIGNS = {
    "add": "+",
    "exp": "exp",
    "log": "log",
    "max": "max",
    "mul": "×",
    "multiply": "×",
    "negate": "× −1",
    "reciprocal": "1/x",
    "relu": "relu",
    "sigmoid": "σ",
    "square": "x²",
    "subtract": "−",
    "tanh": "tanh",
}


@dataclass(frozen=True)
class Node:
    """One node: its name, the sign drawn for its gate (None for a graph input), and the names of its inputs."""

    name: str
    sign: str | None = None
    inputs: tuple[str, ...] = ()


def draw_graph(
    graph, values=None, gradients=None, *, downstream=None, highlight=(), title="", digits=2, alt=None
):
    """Draw a computational graph from left to right.

    A value stands above the edge that leaves its node, the gradient of the result with respect to it below.
    Numbers that are not there yet are left out, so the same call works before ``forward``, after it, and after
    ``backward``. A graph too long for one row goes on in the next.

    Parameters
    ----------
    graph : Graph or list of (name, gate, inputs)
        A graph object with ``nodes``, such a list of triples, and perhaps ``values`` and ``gradients``, two dicts
        from name to number; or the list itself. A gate is an object, whose class gives the sign
        (``MultiplyGate`` becomes ×; an attribute ``symbol`` wins), or directly a sign such as ``"+"``.
    values, gradients : dict of str to float, optional
        Numbers to show instead of the graph's own. An array is shown as its shape.
    downstream : dict of str to tuple of float, optional
        What a gate's backward returns, one number for each input: shown where the edges arrive. Where a value fans out,
        these are what its gradient sums.
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
        When the graph is empty, defines a name twice, or has a cycle.

    Examples
    --------
    >>> draw_graph([("q", "+", ["x", "y"]), ("f", "×", ["q", "z"])],
    ...            values={"x": -2, "y": 5, "z": -4, "q": 3, "f": -12})
    <Drawing: Computational graph. x = −2.00; y = 5.00; q = x + y = 3.00; z = −4.00; f = q × z = −12.00.>
    """
    from utils.painting import paint

    nodes = read(graph)
    numbers = _numbers(graph, values, "values"), _numbers(graph, gradients, "gradients")
    return paint(
        nodes,
        *numbers,
        downstream=downstream or {},
        highlight={highlight} if isinstance(highlight, str) else set(highlight),
        title=title,
        digits=digits,
        alt=alt or in_words(nodes, *numbers, digits),
    )


def read(graph):
    """The nodes of a graph, inputs included.

    Parameters
    ----------
    graph : Graph or list of (name, gate, inputs)

    Returns
    -------
    dict of str to Node

    Raises
    ------
    TypeError
        When no list of triples can be found.
    ValueError
        When the graph is empty or defines a name twice.
    """
    triples = graph if isinstance(graph, (list, tuple)) else getattr(graph, "nodes", None)
    if triples is None:
        # A student may have called the list something else: take the attribute that looks like one.
        triples = next((v for v in vars(graph).values() if _is_triples(v) and v), None)
    if isinstance(triples, dict):
        triples = [(name, *rest) for name, rest in triples.items()]
    if not _is_triples(triples):
        raise TypeError(
            f"draw_graph needs (name, gate, inputs) triples, and found none in a {type(graph).__name__}. "
            "Give it a list of them, or a graph object that keeps them in graph.nodes."
        )
    if not triples:
        raise ValueError("The graph has no nodes. Give draw_graph at least one (name, gate, inputs) triple.")
    nodes = {}
    for name, gate, inputs in triples:
        if name in nodes:
            raise ValueError(f"The graph defines {name!r} twice. Give each node a name of its own.")
        nodes[name] = Node(name, sign(gate), (inputs,) if isinstance(inputs, str) else tuple(inputs))
    for node in list(nodes.values()):
        for name in node.inputs:
            nodes.setdefault(name, Node(name))
    return nodes


def sign(gate):
    """The sign drawn for a gate.

    Parameters
    ----------
    gate : str or object
        A sign; or an object with an attribute ``symbol``, or whose class is named like ``AddGate``.

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
    return SIGNS.get(name, name or "?")


def in_words(nodes, values, gradients, digits=2):
    """A graph as a sentence, for alt text.

    Parameters
    ----------
    nodes : dict of str to Node
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
        if node.sign is not None:
            infix = len(node.inputs) > 1 and len(node.sign) == 1
            part += f" = {f' {node.sign} '.join(node.inputs) if infix else f'{node.sign} of ' + ', '.join(node.inputs)}"
        if name in values:
            part += f" = {shown(values[name], digits)}"
        if name in gradients:
            part += f", gradient {shown(gradients[name], digits)}"
        parts.append(part)

    for name in nodes:
        say(name)
    return f"Computational graph. {'; '.join(parts)}."


def _is_triples(something):
    return isinstance(something, (list, tuple)) and all(
        isinstance(entry, (list, tuple)) and len(entry) == 3 and isinstance(entry[0], str)
        for entry in something
    )


def _numbers(graph, given, which):
    own = given if given is not None else getattr(graph, which, None)
    return {name: n for name, n in own.items() if n is not None} if isinstance(own, dict) else {}
