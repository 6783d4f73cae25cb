"""Sliders where somebody can move them, a still figure where nobody can."""

import builtins
import sys
from types import SimpleNamespace

import pytest

from utils import widgets
from utils.widgets import has_front_end, progress, sliders


def seen(**defaults):
    """A function that notes what it is called with."""
    calls = []

    def draw(**arguments):
        calls.append(arguments)
        return "figure"

    draw.calls = calls
    return draw


def in_a_kernel(monkeypatch, **user_names):
    shell = SimpleNamespace(kernel=object(), user_ns=user_names)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def test_without_a_front_end_the_figure_is_drawn_once_at_the_defaults():
    draw = seen()

    figure = sliders(draw, w=(-2.0, 2.0), n=(1, 9), kind=["relu", "tanh"], bias=True)

    assert figure == "figure"
    assert draw.calls == [{"w": 0.0, "n": 5, "kind": "relu", "bias": True}]


def test_the_functions_own_defaults_win():
    calls = []

    sliders(
        lambda w=1.5, kind="tanh", bias=False: calls.append((w, kind, bias)),
        w=(-2.0, 2.0),
        kind=["relu", "tanh"],
        bias=True,
    )

    assert calls == [(1.5, "tanh", False)]


def test_a_default_outside_its_range_moves_to_the_edge():
    calls = []

    sliders(lambda w=7: calls.append(w), w=(0, 5))

    assert calls == [5]


def test_the_middle_lies_on_a_step():
    draw = seen()

    sliders(draw, w=(0.0, 1.0, 0.3))

    assert draw.calls[0]["w"] == pytest.approx(0.6)


@pytest.mark.parametrize("spec", [(2, 1), (1,), [], "relu", 3, (0, 1, 2, 3)])
def test_a_range_that_is_none_is_refused_with_the_forms(spec):
    with pytest.raises(TypeError, match=r"The range of 'w' is .*Give \(low, high\)"):
        sliders(seen(), w=spec)


def test_plain_python_has_no_front_end(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook.ipynb")

    assert not has_front_end()


def test_a_kernel_alone_is_no_front_end_since_nbconvert_starts_one_too(monkeypatch):
    in_a_kernel(monkeypatch)

    assert not has_front_end()


def test_a_kernel_of_jupyter_server_has_a_front_end(monkeypatch):
    in_a_kernel(monkeypatch)
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook.ipynb")

    assert has_front_end()


def test_a_kernel_of_vs_code_has_a_front_end(monkeypatch):
    in_a_kernel(monkeypatch, __vsc_ipynb_file__="notebook.ipynb")

    assert has_front_end()


def test_without_ipywidgets_the_figure_stands_still(monkeypatch):
    in_a_kernel(monkeypatch, __vsc_ipynb_file__="notebook.ipynb")
    genuine = builtins.__import__

    def without(name, *rest):
        if name == "ipywidgets":
            raise ImportError(name)
        return genuine(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)

    assert sliders(seen(), w=(0, 2)) == "figure"


def test_with_a_front_end_each_range_becomes_a_control(monkeypatch):
    ipywidgets = pytest.importorskip("ipywidgets")
    panels = []
    monkeypatch.setattr("IPython.display.display", lambda panel, *rest, **more: panels.append(panel))
    calls = []

    result = sliders(
        lambda w, n, kind, bias: calls.append((w, n, kind, bias)),
        static=False,
        w=(-2.0, 2.0, 0.5),
        n=(1, 9),
        kind=["relu", "tanh"],
        bias=False,
    )

    *controls, _ = panels[0].children
    kinds = [ipywidgets.FloatSlider, ipywidgets.IntSlider, ipywidgets.Dropdown, ipywidgets.Checkbox]
    assert result is None
    assert [type(control) for control in controls] == kinds
    assert (controls[0].min, controls[0].max, controls[0].step) == (-2.0, 2.0, 0.5)
    assert calls == [(0.0, 5, "relu", False)]
    controls[0].value = 1.5
    assert calls[-1] == (1.5, 5, "relu", False)


def test_the_figure_that_the_function_returns_is_displayed_and_redrawn(monkeypatch):
    pytest.importorskip("ipywidgets")
    panels, figures = [], []
    monkeypatch.setattr("IPython.display.display", lambda panel, *rest, **more: panels.append(panel))
    monkeypatch.setattr("ipywidgets.widgets.interaction.display", figures.append)

    sliders(lambda w=1: f"figure of {w}", static=False, w=(0, 5))
    panels[0].children[0].value = 4

    assert figures == ["figure of 1", "figure of 4"]


def test_a_slow_figure_waits_until_the_slider_rests(monkeypatch):
    pytest.importorskip("ipywidgets")
    panels = []
    monkeypatch.setattr("IPython.display.display", lambda panel, *rest, **more: panels.append(panel))
    monkeypatch.setattr(widgets, "FLUENT", 0.0)

    sliders(lambda w: None, static=False, w=(0, 5))

    assert panels[0].children[0].continuous_update is False


def test_progress_hands_out_the_items_and_writes_one_line(capsys):
    given = list(progress("abcdefg", "letters", static=True))

    assert given == list("abcdefg")
    assert capsys.readouterr().out == f"letters |{20 * '#'}| 7 of 7, 0 s\n"


@pytest.mark.parametrize("length", [1, 19, 20, 21, 500])
def test_the_line_of_progress_has_the_same_length_for_any_number_of_items(capsys, length):
    list(progress(range(length), static=True))

    assert capsys.readouterr().out.count("#") == 20


def test_progress_of_nothing_ends_at_once(capsys):
    assert list(progress([], "nothing", static=True)) == []
    assert "0 of 0" in capsys.readouterr().out


def test_with_a_front_end_a_bar_grows(monkeypatch):
    ipywidgets = pytest.importorskip("ipywidgets")
    bars, shown = [], []
    make = ipywidgets.IntProgress
    monkeypatch.setattr(ipywidgets, "IntProgress", lambda **how: bars.append(make(**how)) or bars[-1])
    monkeypatch.setattr("IPython.display.display", shown.append)

    for done, _ in enumerate(progress(range(3), "trials", static=False)):
        assert bars[0].value == done

    assert (bars[0].value, bars[0].bar_style) == (3, "success")
    assert len(shown) == 1
