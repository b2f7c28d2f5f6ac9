"""How notebooks show things: answers as HTML made by their own renderers, graphs as pictures.

A class of a lower floor does not know how it looks. It is told from here, as `str(answer)` is: the
methods by which IPython asks a value how it looks are given to it when `graphscope.show` is
imported.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from html import escape
from typing import Any

from graphscope.debug.answers import Answer
from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import Output, Transcript
from graphscope.debug.errors import DebugError
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.options import Options
from graphscope.debug.scene import Highlight, scene_of_fetch
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.show.console import recorded
from graphscope.show.moving import Film
from graphscope.show.picture import Picture, paint
from graphscope.show.text import plural, render

#: An answer with more lines is cut in a notebook, which keeps what it shows.
LINES = 300
#: A graph with more operations is not drawn by itself.
DRAWN = 3000
#: A page with more letters is not kept in a notebook.
_LETTERS = 4_000_000

_PRE = (
    '<pre style="white-space:pre;overflow-x:auto;line-height:1.35;margin:0;'
    "font-family:Menlo,Consolas,'DejaVu Sans Mono',monospace\">{}</pre>"
)


# ---- answers -------------------------------------------------------------------------------------


def html(answer: Answer) -> str:
    """The answer as it stands at the prompt, with its colours; cut where it is very long."""
    lines = recorded(render(answer)).rstrip("\n").split("\n")
    return _PRE.format("\n".join(cut(lines)))


def text(answer: object) -> str:
    """The same without colours."""
    return "\n".join(cut(str(answer).split("\n")))


def cut(lines: list[str]) -> list[str]:
    """The first of many lines, and how many are left out."""
    more = len(lines) - LINES
    if more <= 0:
        return lines
    return [*lines[:LINES], f" and {more} more {plural(more, 'line')}; print(...) shows all"]


# ---- graphs --------------------------------------------------------------------------------------


def picture_of(element: Tensor | Operation) -> Picture:
    """What a tensor or an operation needs. Errors: DebugError for what is in a branch or loop."""
    if not element.graph.is_fetchable(element.op if isinstance(element, Tensor) else element):
        raise DebugError(f"{element.name} is inside a branch or a loop.")
    return _painted([element], element.graph)


def picture_of_graph(graph: Graph) -> Picture:
    """All that can be computed in a graph: what nothing else waits for, and what that needs.

    What only initializes, saves or restores variables is left out, and so are gradients that
    nothing uses; unless there is nothing else.
    """
    facts = Facts(graph)
    leaves = [op for op in graph.operations if op.body is None and not facts.users(op)]
    wanted = [op for op in leaves if _is_worth_it(op, facts)]
    about = Highlight("the graph", said_of_graph(graph)[1:-1].removeprefix("tf.Graph of "), {})
    return _painted(wanted or leaves, graph, about)


def _is_worth_it(op: Operation, facts: Facts) -> bool:
    if op.definition.is_variable or op.definition.given or op in facts.initializers:
        return False
    if op.name.startswith("save/") or op.name.endswith("/Assign"):
        return False
    reads = op.type in ("Identity", "ReadVariableOp") and op.inputs[0].op.definition.is_variable
    return op.bound_to is not None or not (reads or op.gradient_of is not None)


def _painted(
    elements: Iterable[Tensor | Operation], graph: Graph, about: Highlight | None = None
) -> Picture:
    elements, facts, names = list(elements), Facts(graph), Names(graph)
    ops = [e.op if isinstance(e, Tensor) else e for e in elements]
    fetched = tuple(names.as_fetched(op) for op in ops)
    scene = scene_of_fetch(elements, {}, fetched, facts, names)
    return paint(replace(scene, highlight=about), Options())


def said_of_graph(graph: Graph) -> str:
    """A graph in a line."""
    facts, count = Facts(graph), len(graph.operations)
    variables = len(facts.variables)
    return (
        f"<tf.Graph of {count} {plural(count, 'operation')}, "
        f"{variables} {plural(variables, 'variable')}>"
    )


def _svg(picture: Callable[[Any], Picture]) -> Callable[[Any], str | None]:
    """The method by which a notebook asks for a picture; None where there is none to show."""

    def svg(shown: Any) -> str | None:
        graph = getattr(shown, "graph", shown)
        if not 0 < len(graph.operations) <= DRAWN:
            return None
        try:
            return picture(shown)._repr_svg_()
        except (DebugError, ValueError):  # ValueError: what cannot be fetched
            return None

    return svg


# ---- films ---------------------------------------------------------------------------------------


def widget(film: Film) -> str | None:
    """A film as a page in the notebook, stepped by keys and by a slider, without a server.

    Before it is its last picture, for what shows no scripts: GitHub takes the page and the styles
    away, and the picture appears that they have hidden. None when nothing can draw, or where the
    page is too large to be kept in a notebook.
    """
    try:
        page, still = film.html(), still_of(film)
    except DebugError:
        return None
    if len(page) > _LETTERS:
        return None
    height = min(max(_height(page) + 170, 360), 900)
    alt = escape(f"{film.title}: {film.sentences[-1]}", quote=True)
    return (
        '<div style="height:0;overflow:hidden">'
        f'<img src="data:image/png;base64,{still}" alt="{alt}"></div>'
        f'<iframe srcdoc="{escape(page, quote=True)}" sandbox="allow-scripts" title="{alt}" '
        f'style="width:100%;height:{height}px;border:0"></iframe>'
    )


def still_of(film: Film) -> str:
    """The last picture of a film as PNG, in letters. Errors: DebugError when nothing can draw."""
    return base64.b64encode(film.pictures[-1].png()).decode()


def _png(film: Film) -> str | None:
    try:
        return still_of(film)
    except DebugError:
        return None


def _height(page: str) -> int:
    """The height of the picture in a page."""
    found = re.search(r'<svg[^>]* height="(\d+)', page)
    return int(found[1]) if found else 0


# ---- the methods ---------------------------------------------------------------------------------


def _in_words(shown: Any, include: object = None, exclude: object = None) -> dict[str, str]:
    """The text of a value, also in IPython's terminal, in place of how Python writes its fields."""
    if isinstance(shown, Graph):
        return {"text/plain": said_of_graph(shown)}
    return {"text/plain": text(shown.stop if isinstance(shown, Debugger) else shown)}


def _where(debugger: Debugger) -> str:
    """A debugger is shown as the place where it stands."""
    return html(debugger.stop)


def register() -> None:
    """Tell the classes how notebooks show them. IPython asks only for what it can show: in a
    terminal, nothing is drawn."""
    methods: dict[type, dict[str, Callable[..., Any] | None]] = {
        Answer: {"_repr_html_": html, "_repr_mimebundle_": _in_words},
        Picture: {"_repr_html_": None},  # it is drawn
        Film: {"_repr_html_": widget, "_repr_png_": _png},
        Graph: {"_repr_svg_": _svg(picture_of_graph), "_repr_mimebundle_": _in_words},
        Tensor: {"_repr_svg_": _svg(picture_of)},
        Operation: {"_repr_svg_": _svg(picture_of)},
        Debugger: {"_repr_html_": _where, "_repr_mimebundle_": _in_words},
        Transcript: {"_repr_mimebundle_": _in_words},
        Output: {"_repr_mimebundle_": _in_words},
    }
    for kind, known in methods.items():
        for name, method in known.items():
            setattr(kind, name, method)


register()
