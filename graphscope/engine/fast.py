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


class Functions:
    """What is made of a plan once it has come often enough, by the shapes of the feeds.

    reason: why nothing is made, if that is for ever.
    """

    def __init__(self, plan: Plan, reason: str) -> None:
        self._plan, self.reason = plan, reason
        self._made: dict[Any, Any] = {}
        self._runs: dict[Any, int] = {}

    def made(self) -> list[Any]:
        return list(self._made.values())

    def get(self, feeds: Mapping[Tensor, Array]) -> Any:
        """What there is for feeds of these shapes, or None."""
        return None if self.reason else self._made.get(_layout(feeds))

    def ran(self, feeds: Mapping[Tensor, Array], make: Callable[[], Any]) -> None:
        """The interpreter did a run; when it has done so often enough, `make`, which may raise
        NotCompiled."""
        layout = _layout(feeds)
        if self.reason or layout in self._made or len(self._runs) > _MOST_SHAPES:
            return
        self._runs[layout] = runs = self._runs.get(layout, 0) + 1
        if runs > 1 + len(self._plan.nodes) // _NODES_A_RUN:
            try:
                self._made[layout] = make()
            except NotCompiled as error:
                self.reason = str(error)


class KnownCall:
    """One way of calling `Session.run`: its fetches, and its functions by the shapes of the feeds.

    convert: makes an array of what is fed for a tensor, or says why it is none.
    """

    def __init__(
        self, fetches: Fetches, plan: Plan, convert: Callable[[Tensor, Any], Array]
    ) -> None:
        self.fetches, self.plan, self._convert = fetches, plan, convert
        self.functions = Functions(plan, not_for_functions(plan))
        self._failures = 0

    def run(self, feed_dict: Mapping[Any, Any] | None, state: State) -> tuple[Any] | None:
        """What the call returns, in a tuple; None if there is no function for it, or none that
        could do it."""
        if self.functions.reason:
            return None
        feeds = {} if feed_dict is None else self._arrays(feed_dict)
        made: CompiledRun | None = self.functions.get(feeds)
        if made is None:
            return None
        results = made([feeds[tensor] for tensor in made.feeds], state)
        if results is None:
            self._failures += 1
            if self._failures > _MOST_FAILURES:
                self.functions.reason = "it failed again and again"
            return None
        self._failures = 0
        found = dict(zip(made.fetched, results, strict=True))
        return (self.fetches.rebuild(found.__getitem__),)

    def ran(
        self, feeds: Mapping[Tensor, Array], values: Mapping[Tensor, Array], before: State
    ) -> None:
        """The interpreter did the call; when it has done so often enough, make a function."""
        self.functions.ran(feeds, lambda: compile_run(self.plan, values, before.variables))

    def _arrays(self, feed_dict: Mapping[Any, Any]) -> dict[Tensor, Array]:
        """The feeds as arrays: the very ones that are given if they are such, since nothing of
        them is kept."""
        feeds = {}
        for tensor, value in feed_dict.items():
            right = type(value).__name__ == "ndarray" and value.dtype is tensor.dtype.numpy
            feeds[tensor] = value if right else self._convert(tensor, value)
        return feeds


def _layout(feeds: Mapping[Tensor, Array]) -> Any:
    return tuple([(array.shape, array.strides) for array in feeds.values()])


def not_for_functions(plan: Plan) -> str:
    """Why a plan is not for the fast path, as far as that can be told at once."""
    if any(fetch in plan.feeds for fetch in plan.fetches):
        return "what is fed is fetched"
    if any(tensor.dtype is string for tensor in plan.feeds):
        return "text is fed"
    return ""
