"""Which runs of a session take the fast path: those that have come often enough before.

A run is known by what is fetched, what is fed, and the shapes of the feeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphscope.engine.compiled import CompiledRun, compile_run
from graphscope.engine.fetches import Fetches
from graphscope.engine.lowering import Array, NotCompiled
from graphscope.engine.plan import Plan
from graphscope.engine.state import State
from graphscope.graph.dtypes import string
from graphscope.graph.graph import Operation, Tensor

#: Making the function of a plan takes about as long as so many of its nodes take in a run.
_NODES_A_RUN = 500

#: For so many shapes of the feeds functions are made; a plan of which more come stays as it is.
_MOST_SHAPES = 16

#: After so many runs one after the other that it could not do a function is given up.
_MOST_FAILURES = 3


class _TooVaried(Exception):
    """Fetches or feeds that are no plain nesting of tensors."""


def call_key(fetches: Any, feed_dict: Any) -> Any:
    """What stands for the call in a dictionary; None if it is not simple enough to tell."""
    try:
        if feed_dict is None:
            return _key(fetches), ()
        if type(feed_dict) is not dict:
            return None
        return _key(fetches), tuple(feed_dict)
    except (_TooVaried, TypeError):
        return None


def _key(item: Any) -> Any:
    kind = type(item)
    if kind is Tensor or kind is Operation or kind is str or hasattr(item, "_as_graph_element"):
        return item
    if kind is list or kind is tuple:
        return (kind, *map(_key, item))
    if kind is dict:
        return (kind, *((name, _key(part)) for name, part in item.items()))
    raise _TooVaried


class KnownCall:
    """One way of calling `Session.run`: its fetches, and its functions by the shapes of the feeds.

    convert: makes an array of what is fed for a tensor, or says why it is none.
    """

    def __init__(
        self, fetches: Fetches, plan: Plan, convert: Callable[[Tensor, Any], Array]
    ) -> None:
        self.fetches, self.plan, self._convert = fetches, plan, convert
        self._made: dict[Any, CompiledRun | int] = {}
        self._failures = 0
        #: Why there is no function, if that is for ever.
        self.reason = not_for_functions(plan)

    def run(self, feed_dict: Mapping[Any, Any] | None, state: State) -> tuple[Any] | None:
        """What the call returns, in a tuple; None if there is no function for it, or none that
        could do it."""
        if self.reason:
            return None
        feeds = {} if feed_dict is None else self._arrays(feed_dict)
        made = self._made.get(layout_of(feeds))
        if type(made) is not CompiledRun:
            return None
        results = made([feeds[tensor] for tensor in made.feeds], state)
        if results is None:
            self._failures += 1
            if self._failures > _MOST_FAILURES:
                self.reason = "it failed again and again"
            return None
        self._failures = 0
        found = dict(zip(made.fetched, results, strict=True))
        return (self.fetches.rebuild(found.__getitem__),)

    def ran(
        self, feeds: Mapping[Tensor, Array], values: Mapping[Tensor, Array], before: State
    ) -> None:
        """The interpreter did the call; when it has done so often enough, make a function."""
        layout = layout_of(feeds)
        runs = self._made.get(layout, 0)
        if self.reason or type(runs) is not int or len(self._made) > _MOST_SHAPES:
            return
        if runs < 1 + len(self.plan.nodes) // _NODES_A_RUN:
            self._made[layout] = runs + 1
            return
        try:
            self._made[layout] = compile_run(self.plan, values, before.variables)
        except NotCompiled as error:
            self.reason = str(error)

    def _arrays(self, feed_dict: Mapping[Any, Any]) -> dict[Tensor, Array]:
        """The feeds as arrays: the very ones that are given if they are such, since nothing of
        them is kept."""
        feeds = {}
        for tensor, value in feed_dict.items():
            right = type(value).__name__ == "ndarray" and value.dtype is tensor.dtype.numpy
            feeds[tensor] = value if right else self._convert(tensor, value)
        return feeds


def layout_of(feeds: Mapping[Tensor, Array]) -> Any:
    return tuple([(array.shape, array.strides) for array in feeds.values()])


def not_for_functions(plan: Plan) -> str:
    """Why a plan is not for the fast path, as far as that can be told at once."""
    if any(fetch in plan.feeds for fetch in plan.fetches):
        return "what is fed is fetched"
    if any(tensor.dtype is string for tensor in plan.feeds):
        return "text is fed"
    return ""
