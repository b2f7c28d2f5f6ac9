"""A run in several calls: each feeds and fetches a part, and nothing is computed twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphscope.engine import lessons
from graphscope.engine.interpreter import Value, interpret
from graphscope.engine.plan import plan
from graphscope.engine.state import State
from graphscope.errors import InvalidArgumentError
from graphscope.graph.graph import Graph, Operation, Tensor


class PartialRun:
    """What was promised to be fetched and fed, and what is known so far.

    What was computed before counts as fed: it hides what is above it.
    """

    def __init__(
        self, graph: Graph, fetches: Iterable[Tensor | Operation], feeds: Iterable[Tensor]
    ) -> None:
        self._graph = graph
        self._fetches, self._feeds = set(fetches), set(feeds)
        self.values: dict[Tensor, Value] = {}
        self._ran: set[Operation] = set()

    def take(
        self, elements: Iterable[Tensor | Operation], feeds: dict[Tensor, Value], state: State
    ) -> None:
        """Compute what is still missing for these elements, into `values`.

        Errors: InvalidArgumentError for what was not promised, or is fed for a second time.
        """
        for item in {*elements} - self._fetches | {*feeds} - self._feeds:
            raise _wrong(f"{item.name} was not specified in partial_run_setup.")
        for tensor in feeds:
            if tensor in self.values:
                raise _wrong(f"The feed {tensor.name} had already been fed.")
        self.values |= feeds
        wanted = [item for item in elements if item not in self._ran]
        part = plan(self._graph, wanted, self.values)
        if part.missing:
            raise lessons.unfed(part)
        with np.errstate(all="ignore"):
            for ran in interpret(part, self.values, state):
                self._ran.add(ran.op)


def _wrong(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, text)


def running(runs: dict[str, PartialRun], handle: Any) -> PartialRun:
    """The run of that handle. Errors: InvalidArgumentError without one."""
    if handle not in runs:
        raise _wrong("Must run 'setup' before performing partial runs!")
    return runs[handle]
