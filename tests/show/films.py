"""Films of the graphs in scenes.py."""

from __future__ import annotations

from typing import Any

import scenes

import graphscope as tf
from graphscope.debug.debugger import Debugger
from graphscope.engine.session import Session
from graphscope.show import Film


def debugged(model: scenes.Model, *fetched: str) -> Debugger:
    """A debugger at the start of a run."""
    with model.graph.as_default():
        session = Session(graph=model.graph)
        session.run(tf.global_variables_initializer())
    return tf.debug(session, [model.fetches[name] for name in fetched], model.feeds)


def film_of(model: scenes.Model, *fetched: str, **options: Any) -> Film:
    film = debugged(model, *fetched).film(**options)
    assert isinstance(film, Film)
    return film
