"""Sliders that redraw a figure and bars that show progress; still ones wherever nobody looks on.

Knows how to tell a live front end from a batch run. Refuses to know what is drawn or waited for.
"""

import inspect
import os
import sys
import time

FLUENT = 0.25  # seconds to draw, up to which a figure follows a moving slider


def sliders(function, *, static=None, **ranges):
    """Redraw a figure whenever a slider moves.

    In JupyterLab (Notebook, VS Code, Colab) each range becomes a slider: click it or reach it with Tab, then move it with
    the arrow keys, or type a number into its readout. Where no front end is there to move it (a script, nbconvert,
    grading, ipywidgets not installed), the figure is drawn once at the defaults and stays as it is.

    Parameters
    ----------
    function : callable
        Takes the ranges' names as keyword arguments and returns a figure.
    static : bool, optional
        Draw one still figure (True) or sliders (False); by default found out.
    **ranges
        For each argument: ``(low, high)`` or ``(low, high, step)`` for numbers, a list for a choice, ``True`` or
        ``False`` for a tick box. The default is the function's own, else the middle, the first, the value given.

    Returns
    -------
    Drawing or None
        The still figure; with sliders None, since they show themselves.

    Raises
    ------
    TypeError
        When a range is none of these.

    Examples
    --------
    >>> sliders(lambda w=1.0: plot_function(lambda x: w * x), w=(-2.0, 2.0))    # doctest: +SKIP
    """
    choices = {name: _choice(function, name, spec) for name, spec in ranges.items()}
    if static is None:
        static = not has_front_end()
    if not static:
        try:
            import ipywidgets
        except ImportError:
            static = True
    if static:
        return function(**{name: default for name, (_, default) in choices.items()})
    return _live(ipywidgets, function, choices)


def progress(items, label="", *, static=None):
    """Hand out the items one by one, and show how many are done.

    In JupyterLab a bar grows; elsewhere (a script, nbconvert, ipywidgets not installed) a line of text does.

    Parameters
    ----------
    items : sequence
        What a ``for`` loop runs over.
    label : str
        What is going on, in a word or two.
    static : bool, optional
        A line of text (True) or a bar (False); by default found out.

    Yields
    ------
    object
        The items, in their order.

    Examples
    --------
    >>> for trial in progress([1, 2], "trials", static=True):
    ...     pass
    trials |####################| 2 of 2, 0 s
    """
    items, start = list(items), time.perf_counter()
    if static is None:
        static = not has_front_end()
    if not static:
        try:
            import ipywidgets
        except ImportError:
            static = True
    begin, step, finish = _line(label, len(items)) if static else _bar(ipywidgets, label, len(items))
    begin()
    for done, item in enumerate(items, start=1):
        yield item
        step(done)
    finish(f"{len(items)} of {len(items)}, {time.perf_counter() - start:.0f} s")


def _line(label, total, width=20):
    """A line of text that only ever grows; where nobody watches it grow, it is written when it is complete."""
    written = [f"{label} |".lstrip()]

    def write(text):
        written.append(text)
        if sys.stdout.isatty():
            sys.stdout.write("".join(written))
            sys.stdout.flush()
            written.clear()

    def begin():
        write("")

    def step(done):
        write("#" * (width * done // total - width * (done - 1) // total))

    def finish(words):
        write(f"| {words}\n")
        sys.stdout.write("".join(written))

    return begin, step, finish


def _bar(ipywidgets, label, total):
    bar = ipywidgets.IntProgress(min=0, max=total, layout=ipywidgets.Layout(width="24em"))
    words = ipywidgets.Label(f"{label}: 0 of {total}".lstrip(": "))

    def step(done):
        bar.value, words.value = done, f"{label}: {done} of {total}".lstrip(": ")

    def finish(last):
        bar.bar_style, words.value = "success", f"{label}: {last}".lstrip(": ")

    def begin():
        from IPython.display import display

        display(ipywidgets.HBox([bar, words]))

    return begin, step, finish


def has_front_end():
    """Whether somebody can move a slider: the code runs in a kernel which a notebook application started.

    Returns
    -------
    bool
        False for plain Python, IPython in a terminal, and kernels that nbconvert or a grader started: those have no
        application behind them, and a widget there would leave an empty box.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or getattr(shell, "kernel", None) is None:
        return False
    return (
        "JPY_SESSION_NAME" in os.environ  # set by Jupyter Server for the kernel of an open notebook
        or "__vsc_ipynb_file__" in shell.user_ns  # VS Code
        or "google.colab" in sys.modules
        or sys.platform == "emscripten"  # JupyterLite
    )


def _choice(function, name, spec):
    """A range as (specification, default)."""
    parameter = inspect.signature(function).parameters.get(name)
    own = parameter.default if parameter is not None else inspect.Parameter.empty
    given = own is not inspect.Parameter.empty
    if isinstance(spec, bool):
        return spec, own if given else spec
    if isinstance(spec, list) and spec:
        return spec, own if given and own in spec else spec[0]
    if isinstance(spec, tuple) and len(spec) in (2, 3) and spec[0] < spec[1]:
        low, high, *step = spec
        whole = all(isinstance(number, int) for number in spec)
        step = step[0] if step else (1 if whole else (high - low) / 40)
        middle = low + step * round((high - low) / 2 / step)
        return (low, high, step), min(max(own, low), high) if given else middle
    raise TypeError(
        f"The range of {name!r} is {spec!r}. Give (low, high) or (low, high, step) with low < high, "
        "a list of choices, or True or False."
    )


def _live(ipywidgets, function, choices):
    controls = {}
    for name, (spec, default) in choices.items():
        common = {
            "description": name.replace("_", " "),
            "value": default,
            "style": {"description_width": "8em"},
        }
        if isinstance(spec, bool):
            controls[name] = ipywidgets.Checkbox(**common)
        elif isinstance(spec, list):
            controls[name] = ipywidgets.Dropdown(options=spec, **common)
        else:
            low, high, step = spec
            whole = all(isinstance(number, int) for number in (low, high, step, default))
            kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
            layout = ipywidgets.Layout(width="32em")
            controls[name] = kind(min=low, max=high, step=step, layout=layout, **common)
    start = time.perf_counter()
    panel = ipywidgets.interactive(function, {"auto_display": True}, **controls)  # draws once
    fluent = time.perf_counter() - start < FLUENT
    for control in controls.values():
        if hasattr(control, "continuous_update"):
            # A slow figure is drawn when the slider rests, else moves would queue up behind it.
            control.continuous_update = fluent
    from IPython.display import display

    display(panel)
