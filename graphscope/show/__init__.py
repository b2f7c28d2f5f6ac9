"""Data to text and to pictures. Importing it makes ``str(answer)`` the text of the prompt, and
gives the debugger its painter."""

from collections.abc import Mapping
from typing import Any

from graphscope.debug.answers import Answer
from graphscope.debug.commands import keywords
from graphscope.debug.debugger import Debugger, debug
from graphscope.debug.facts import Facts
from graphscope.debug.filming import Filming
from graphscope.debug.names import Names
from graphscope.debug.options import Options
from graphscope.debug.scene import Scene, scene_of_fetch
from graphscope.debug.teaching import Teaching
from graphscope.engine.plan import operation
from graphscope.engine.session import Session
from graphscope.graph import nest
from graphscope.graph.graph import Graph
from graphscope.show import advice as advice  # registers its renderers
from graphscope.show import differences as differences  # registers its renderers
from graphscope.show import help as help  # registers its renderers
from graphscope.show import listing as listing  # registers its renderers
from graphscope.show import measures as measures  # registers its renderers
from graphscope.show import navigation as navigation  # registers its renderers
from graphscope.show import notebooks as notebooks  # tells classes how notebooks show them
from graphscope.show import opened as opened  # registers its renderers
from graphscope.show import plans as plans  # registers its renderers
from graphscope.show import questions as questions  # registers its renderers
from graphscope.show import rates as rates  # registers its renderers
from graphscope.show import stopping as stopping  # registers its renderers
from graphscope.show import values as values  # registers its renderers
from graphscope.show.answers_drawn import highlighted, scene_of_answer
from graphscope.show.console import console, plain
from graphscope.show.engines import set_engine
from graphscope.show.handout import handed_out
from graphscope.show.moving import Film, filmed
from graphscope.show.picture import Picture, paint
from graphscope.show.side_by_side import side_by_side
from graphscope.show.text import render

__all__ = [
    "Film",
    "Picture",
    "console",
    "draw",
    "film",
    "paint",
    "plain",
    "render",
    "set_engine",
]


@keywords(Options)
def draw(
    fetches: Any,
    feed_dict: Mapping[Any, Any] | None = None,
    *,
    beside: Any = None,
    graph: Graph | None = None,
    **options: Any,
) -> Picture:
    """A picture of the part of the graph that the fetches need; nothing is run.

    fetches, feed_dict: as for `Session.run`; a placeholder that is not fed is drawn hollow. Or the
    answer to a question of the debugger, such as ``d.flow("W")``: what of the graph it is about.
    beside: the fetches of another graph, or others of this one: both are drawn side by side, and
    what is only in one of them is marked. feed_dict goes by the names of its tensors there.
    graph: the default graph when left out. Names, for `expand`, may also be tensors and operations.
    Errors: those of `Session.run` for fetches and feeds that do not fit; DebugError for options.
    """
    wanted = Options(**options)
    if isinstance(fetches, Answer):
        return paint(scene_of_answer(fetches, lambda op: _scene([], None, op.graph)), wanted)
    scene = _scene(fetches, feed_dict, graph)
    if beside is None:
        return paint(scene, wanted)
    there = next((e.graph for e in nest.flatten(beside) if hasattr(e, "graph")), scene.plan.graph)
    known = {op.name for op in there.operations}
    fed = {t.name: scene.values[t] for t in scene.plan.feeds if t.op.name in known}
    return side_by_side(scene, _scene(beside, fed, there), wanted)


def _scene(fetches: Any, feed_dict: Mapping[Any, Any] | None, graph: Graph | None) -> Scene:
    run = Session(graph=graph).prepare(fetches, feed_dict)
    facts, python = Facts(run.plan.graph), Names(run.plan.graph)
    fetched = tuple(python.as_fetched(operation(e)) for e in run.plan.fetches)
    return scene_of_fetch(run.plan.fetches, run.feeds, fetched, facts, python)


def film(
    session: Session, fetches: Any, feed_dict: Mapping[Any, Any] | None = None, **options: Any
) -> Film:
    """A run as moving pictures: ``gs.film(sess, train_step, feed).save("run.html")``, or
    ``"run.gif"``.

    The session's variables stay as they are. options: those of `Debugger.film`, such as start,
    end, every, changes, seconds, theme.
    Errors: those of `Session.run` for fetches and feeds that do not fit; DebugError for options.
    """
    made: Film = debug(session, fetches, feed_dict, on_exit="rollback").film(**options)
    return made


def _as_text(answer: Answer) -> str:
    return plain(render(answer))


Answer.presenter = _as_text


def _paint(scene: Scene, beside: Scene | None = None, *, asked: Options,
           answer: Answer | None) -> Picture:  # fmt: skip
    """answer: the answer that is drawn. beside: a second scene, when it is a difference."""
    if beside is not None:
        return side_by_side(scene, beside, asked, answer)
    return paint(scene if answer is None else highlighted(scene, answer), asked)


Debugger.painter = _paint


Filming.filmer = filmed
Teaching.printer = handed_out
