"""`Session`: runs parts of a graph and keeps the variables between the runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphscope.engine import lessons
from graphscope.engine.fetches import Fetches
from graphscope.engine.interpreter import Value, interpret
from graphscope.engine.plan import Plan, plan
from graphscope.engine.state import State
from graphscope.errors import Lesson, did_you_mean, teach
from graphscope.graph.convert import as_array
from graphscope.graph.dtypes import string
from graphscope.graph.graph import (
    Graph,
    Operation,
    Tensor,
    default_graphs,
    default_sessions,
    get_default_graph,
)
from graphscope.ops.state import variable_of


@dataclass(frozen=True)
class Run:
    """One call of `Session.run`, understood and checked, before anything ran.

    feeds: the fed values, converted to the tensors' types; copies, that nobody else can change.
    """

    fetches: Fetches
    feeds: dict[Tensor, Value]
    plan: Plan

    def result(self, values: dict[Tensor, Value], before: dict[str, Value]) -> Any:
        """What the call returns: the fetched values in the nesting of the fetches."""

        def value_of(tensor: Tensor) -> Any:
            if tensor in values:
                value = values[tensor]
            else:  # the variable itself: what it held when the run began
                variable = variable_of(tensor)
                if variable.name not in before:
                    raise lessons.uninitialized(variable, variable, self.plan)
                value = before[variable.name]
            return value.copy()[()]

        return self.fetches.rebuild(value_of)


class Session:
    """Runs operations of one graph, and holds the values of its variables. Source: tf.Session.

    graph: the default graph when left out. `target` and `config` are accepted and without effect.
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        self.graph = get_default_graph() if graph is None else graph
        self.state = State()
        self.sess_str = target
        self._closed = False
        self._plans: dict[Any, Plan] = {}
        self._entered: list[AbstractContextManager[Any]] = []

    def run(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        options: Any = None,
        run_metadata: Any = None,
    ) -> Any:
        """Compute the fetches and return their values, in the same nesting.

        fetches: a tensor, an operation (its value is None), a variable, a name, or a nesting of
        these in lists, tuples and dictionaries.
        feed_dict: values for tensors; any tensor can be fed, and hides what is above it.
        Errors: those of TensorFlow, with a lesson: a placeholder that is not fed
        (InvalidArgumentError), a variable without a value (FailedPreconditionError), a feed that
        does not fit (ValueError, TypeError), an operation that fails (InvalidArgumentError).
        """
        run = self.prepare(fetches, feed_dict)
        if run.plan.missing:
            raise lessons.unfed(run.plan)
        values, before = dict(run.feeds), dict(self.state.variables)
        with np.errstate(all="ignore"):
            for _ in interpret(run.plan, values, self.state):
                pass
        return run.result(values, before)

    def prepare(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Run:
        """Check and plan a run, without running it. Placeholders may still be missing."""
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if not self.graph.operations:
            raise RuntimeError(
                "The Session graph is empty.  Add operations to the graph before calling run()."
            )
        parsed = Fetches(self.graph, fetches)
        feeds = {}
        for key, value in self._fed_pairs({} if feed_dict is None else feed_dict):
            tensor = self._fed_tensor(key)
            feeds[tensor] = fed_value(tensor, value)
        known = (parsed.elements, frozenset(feeds))
        if known not in self._plans:
            self._plans[known] = plan(self.graph, parsed.elements, feeds)
        return Run(parsed, feeds, self._plans[known])

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans of all runs so far, each once, in the order in which they were first made."""
        return tuple(self._plans.values())

    def _fed_pairs(self, feed_dict: Any) -> Iterator[tuple[Any, Any]]:
        """Key and value one by one, also where a tuple of keys is given a tuple of values."""
        if not isinstance(feed_dict, Mapping):
            raise TypeError(
                f"feed_dict must be a dictionary, {{x: value}}, and is a {type(feed_dict).__name__}"
            )
        for key, value in feed_dict.items():
            if not isinstance(key, list | tuple):
                yield key, value
            elif isinstance(value, list | tuple) and len(key) == len(value):
                yield from self._fed_pairs(dict(zip(key, value, strict=True)))
            else:
                raise ValueError(
                    f"the {len(key)} keys {key!r} are not given as many values in feed_dict"
                )

    def _fed_tensor(self, key: Any) -> Tensor:
        try:
            element = self.graph.as_graph_element(key, allow_operation=False)
        except (KeyError, ValueError, TypeError) as cause:
            error = TypeError(f"Cannot interpret feed_dict key as Tensor: {cause.args[0]}")
            placeholders = [op.name for op in self.graph.operations if op.type == "Placeholder"]
            near = did_you_mean(key.partition(":")[0], placeholders) if isinstance(key, str) else ""
            hint, line = near or "feed the tensor that tf.placeholder returned", ""
            if isinstance(key, Tensor):
                hint = "the session belongs to another graph: make both in the same one"
                line = str(key.op.source or "")
            raise teach(error, Lesson(line=line, hint=[hint])) from None
        assert isinstance(element, Tensor)
        if not self.graph.is_feedable(element):
            raise ValueError(f"Tensor {element} may not be fed.")
        return element

    def as_default(self) -> AbstractContextManager[Any]:
        """Make this the session that ``t.eval()`` and ``op.run()`` use, inside the block."""
        return default_sessions.pushed(self)

    def close(self) -> None:
        """Release the variables. Every later run raises RuntimeError."""
        self._closed = True
        self.state = State()

    def __enter__(self) -> Session:
        for manager in (default_graphs.pushed(self.graph), self.as_default()):
            manager.__enter__()
            self._entered.append(manager)
        return self

    def __exit__(self, *error: Any) -> None:
        for _ in range(2):
            self._entered.pop().__exit__(*error)
        self.close()


class InteractiveSession(Session):
    """A session that is the default one as soon as it is made. Source: tf.InteractiveSession."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        super().__init__(target, graph, config)
        self._managers = [default_graphs.pushed(self.graph), self.as_default()]
        for manager in self._managers:
            manager.__enter__()

    def close(self) -> None:
        super().close()
        while self._managers:
            self._managers.pop().__exit__(None, None, None)


def fed_value(tensor: Tensor, value: Any) -> Value:
    """A copy of the value as an array of the tensor's type, that cannot be written.

    Errors: TypeError for a tensor as a value, ValueError for another shape or what is no number.
    """
    if isinstance(value, Tensor | Operation) or hasattr(value, "_as_tensor"):
        error = TypeError(
            "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include "
            f"Python scalars, strings, lists, numpy ndarrays. The tensor was {value}."
        )
        hint = "get its value with sess.run first, or use it in the graph in place of the feed"
        raise lessons.bad_feed(error, tensor, value, [hint])
    dtype = tensor.dtype.base_dtype
    if isinstance(value, int) and dtype.is_integer and not dtype.min <= value <= dtype.max:
        wide = TypeError(f"Type of feed value {value} is not compatible with Tensor type {dtype}.")
        raise lessons.bad_feed(wide, tensor, value, [f"it holds {dtype.min} to {dtype.max}"])
    try:
        array = as_array(value) if dtype is string else np.array(value, dtype.numpy)
    except (TypeError, ValueError, OverflowError) as error:
        raise lessons.bad_feed(error, tensor, value) from None
    if not tensor.shape.is_compatible_with(array.shape):
        wrong = ValueError(
            f"Cannot feed value of shape {array.shape} for Tensor {tensor.name!r}, which has shape "
            f"'{tensor.shape}'"
        )
        raise lessons.bad_feed(wrong, tensor, array, lessons.shape_hint(tensor, array.shape))
    array.flags.writeable = False
    return array
