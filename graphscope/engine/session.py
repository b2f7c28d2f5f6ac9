"""`Session`: runs parts of a graph and keeps the variables between the runs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphscope.engine import lessons
from graphscope.engine.conversions import conversion_of
from graphscope.engine.devices import DeviceAttributes, devices
from graphscope.engine.fast import KnownCall, call_key
from graphscope.engine.fetches import Fetches, parts_of
from graphscope.engine.interpreter import Value, interpret
from graphscope.engine.partial import PartialRun, running
from graphscope.engine.plan import Plan, plan
from graphscope.engine.state import State
from graphscope.engine.tracing import traced
from graphscope.errors import Lesson, NotFoundError, OpError, did_you_mean, teach
from graphscope.graph.body import DEAD
from graphscope.graph.convert import as_array
from graphscope.graph.defaults import default_sessions
from graphscope.graph.dtypes import string
from graphscope.graph.graph import (
    Graph,
    Operation,
    Tensor,
    default_graphs,
    get_default_graph,
)
from graphscope.kernels.pool import recycled
from graphscope.kernels.stats import is_same
from graphscope.ops.state import variable_of


@dataclass(frozen=True)
class Run:
    """One call of `Session.run`, understood and checked, before anything ran.

    feeds: the fed values, converted to the tensors' types; copies, that nobody else can change.
    texts: the fed texts as they were given: who fetches what was fed gets them back.
    """

    fetches: Fetches
    feeds: dict[Tensor, Value]
    plan: Plan
    texts: dict[Tensor, Value] = field(default_factory=dict)

    def result(self, values: dict[Tensor, Value], before: dict[str, Value]) -> Any:
        """What the call returns: the fetched values in the nesting of the fetches."""

        def value_of(tensor: Tensor) -> Any:
            if tensor in values:
                value = values[tensor]
                if value is DEAD:
                    raise lessons.dead(tensor)
            else:  # the variable itself: what it held when the run began
                variable = variable_of(tensor)
                if variable.name not in before:
                    raise lessons.uninitialized(variable, variable, self.plan)
                value = before[variable.name]
            if tensor in self.feeds and value is self.feeds[tensor]:
                return self.texts.get(tensor, value).copy()
            return value.copy()[()]

        return self.fetches.rebuild(value_of)


@dataclass(frozen=True)
class Failure:
    """A run that failed, and what the session held when it began: enough to run it again.

    It hangs on the error, as `OpError.failure`.
    """

    session: Session
    run: Run
    before: State


class Session:
    """Runs operations of one graph, and holds the values of its variables. Source: tf.Session.

    graph: the default graph when left out. config: a tf.ConfigProto, without effect.
    target: nothing, or that of a tf.train.Server of this process.
    Errors: TypeError for arguments of another type, NotFoundError for another `target`: there is
    one machine.
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        if not isinstance(target, str | bytes):
            raise TypeError(
                f"target must be a string, but got {type(target)}: write Session(graph=...) for a "
                "graph, and Session(config=...) for options"
            )
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(f"graph must be a tf.Graph, but got {type(graph)}")
        if config is not None and not hasattr(config, "graph_options"):
            raise TypeError(f"config must be a tf.ConfigProto, but got {type(config)}")
        if target not in ("", b"", "local"):
            raise NotFoundError(
                None,
                None,
                "No session factory registered for the given session options: "
                f'{{target: "{target}"}}: GraphScope runs in this process',
            )
        self.graph = get_default_graph() if graph is None else graph
        self._config = config
        self.state = State()
        self.sess_str = target
        self._closed = False
        self._plans: dict[Any, Plan] = {}
        self._calls: dict[Any, KnownCall] = {}
        #: Fetches and feeds that have been understood before, by `call_key`.
        self._prepared: dict[Any, tuple[Fetches, Plan]] = {}
        #: What others have worked out of its graph, to be used again.
        self.notes: dict[str, Any] = {}
        self._entered: list[AbstractContextManager[Any]] = []
        self._partial: dict[str, PartialRun] = {}

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
        key = call_key(fetches, feed_dict) if options is None and run_metadata is None else None
        known = self._calls.get(key)
        if known is not None and (done := known.run(feed_dict, self.state)) is not None:
            return done[0]
        run = self.prepare(fetches, feed_dict)
        if run.plan.missing:
            raise lessons.unfed(run.plan)
        values, before = dict(run.feeds), self.state.copy()
        try:
            with np.errstate(all="ignore"):
                traced(interpret(run.plan, values, self.state), options, run_metadata)
        except OpError as error:
            error.failure = Failure(self, run, before)
            raise error.with_traceback(None) from error.__cause__  # without the engine's lines
        result = run.result(values, before.variables)  # what has no value is said here
        if known is None and key is not None and all(type(fed) is Tensor for fed in key[1]):
            known = self._calls[key] = KnownCall(run.fetches, run.plan, fed_value)
        if known is not None:
            known.ran(run.feeds, values, before)
        return result

    #: The same, for the bookkeeping of a library. Who stands in for `run` does not stop in it.
    aside = run

    def prepare(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        fed_before: Mapping[Tensor, Value] | None = None,
    ) -> Run:
        """Check and plan a run, without running it. Placeholders may still be missing.

        fed_before: the feeds of an earlier run. Where the numbers are the same, its copies are
        taken, and no new ones are made.
        """
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if not self.graph.operations:
            raise RuntimeError(
                "The Session graph is empty.  Add operations to the graph before calling run()."
            )
        key = call_key(fetches, feed_dict)
        known = None if key is None else self._prepared.get(key)
        before = {} if fed_before is None else fed_before
        if known is not None:
            with recycled():
                fed = {
                    tensor: before[tensor]
                    if tensor in before and is_same(before[tensor], value)
                    else fed_value(tensor, value)
                    for tensor, value in (feed_dict or {}).items()
                }
            return Run(known[0], fed, known[1])
        parsed = Fetches(self.graph, fetches)
        feeds, texts = {}, {}
        for item, value in self._fed_pairs({} if feed_dict is None else feed_dict):
            tensor = self._fed_tensor(item)
            feeds[tensor] = fed_value(tensor, value)
            if tensor.dtype is string:
                texts[tensor] = np.asarray(value, object)
        wanted = (parsed.elements, frozenset(feeds))
        if wanted not in self._plans:
            self._plans[wanted] = plan(self.graph, parsed.elements, feeds)
        if key is not None and not texts and all(type(fed) is Tensor for fed in key[1]):
            self._prepared[key] = parsed, self._plans[wanted]
        return Run(parsed, feeds, self._plans[wanted], texts)

    def make_callable(
        self, fetches: Any, feed_list: Any = None, accept_options: bool = False
    ) -> Callable[..., Any]:
        """A function that runs `fetches`; its arguments are the values of `feed_list`.

        accept_options: it also takes `options` and `run_metadata`.
        Source: tf.Session.make_callable.
        """
        fed = list(feed_list or [])

        def call(*values: Any, options: Any = None, run_metadata: Any = None) -> Any:
            if len(values) != len(fed):
                raise TypeError(
                    f"the callable takes {len(fed)} values for its feed_list, not {len(values)}"
                )
            return self.run(fetches, dict(zip(fed, values, strict=True)), options, run_metadata)

        return call

    def _make_callable_from_options(self, callable_options: Any) -> Callable[..., list[Any]]:
        """The same by a tf.CallableOptions: names of what is fed and fetched."""
        fetches = [*callable_options.fetch, *callable_options.target]
        run = self.make_callable(fetches, list(callable_options.feed))

        def call(*values: Any, run_metadata: Any = None) -> list[Any]:
            found = run(*values, options=callable_options.run_options, run_metadata=run_metadata)
            return list(found[: len(callable_options.fetch)])

        return call

    def list_devices(self) -> list[DeviceAttributes]:
        """The devices; they are names of the one that there is. Source: tf.Session.list_devices."""
        return devices(self._config)

    def partial_run_setup(self, fetches: Any, feeds: Any = None) -> str:
        """Begin a run of several calls of `partial_run`. Returns its handle.

        fetches, feeds: all that will be fetched and fed. Source: tf.Session.partial_run_setup.
        """
        fed = [part for key in feeds or [] for part in _feedable_parts(key)]
        wanted = Fetches(self.graph, fetches).elements
        handle = f"partial_run_{len(self._partial)}"
        self._partial[handle] = PartialRun(self.graph, wanted, map(self._fed_tensor, fed))
        return handle

    def partial_run(self, handle: str, fetches: Any, feed_dict: Any = None) -> Any:
        """Go on with a run: feed a part, and fetch what can be computed by now.

        Errors: InvalidArgumentError for an unknown handle, and for what was not promised.
        Source: tf.Session.partial_run.
        """
        partial = running(self._partial, handle)
        run, before = self.prepare(fetches, feed_dict), dict(self.state.variables)
        partial.take(run.fetches.elements, run.feeds, self.state)
        return run.result(partial.values, before)

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
            parts, conversion = parts_of(key), conversion_of(key)
            if conversion is not None and conversion.feed is not None:
                yield from conversion.feed(key, value)
            elif parts is not None:
                yield from zip(parts, value, strict=False)  # rows may be fed without their shape
            elif not isinstance(key, list | tuple):
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
        self._calls.clear()
        self._prepared.clear()
        self.notes.clear()

    def __enter__(self) -> Session:
        if self._entered:
            raise RuntimeError(
                "Session context managers are not re-entrant. Use `Session.as_default()` if you "
                "want to enter a session multiple times."
            )
        for manager in (default_graphs.pushed(self.graph), self.as_default()):
            manager.__enter__()
            self._entered.append(manager)
        return self

    def __exit__(self, *error: Any) -> None:
        for _ in range(2):
            self._entered.pop().__exit__(*error)
        self.close()


class InteractiveSession(Session):
    """A session that is the default one as soon as it is made, until it is closed; a `graph` that
    it is given is the default graph as long. A second one while there is one open is warned of.

    Source: tf.InteractiveSession.
    """

    _active_session_count = 0

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        super().__init__(target, graph, config)
        if InteractiveSession._active_session_count > 0:
            warnings.warn(
                "An interactive session is already active. This can cause out-of-memory errors in "
                "some cases. You must explicitly call `InteractiveSession.close()` to release "
                "resources held by the other session(s).",
                stacklevel=2,
            )
        InteractiveSession._active_session_count += 1
        self._explicit_graph = graph
        default_sessions.push(self)
        if graph is not None:
            default_graphs.push(graph)

    def close(self) -> None:
        if not self._closed:
            InteractiveSession._active_session_count -= 1
        super().close()
        default_sessions.drop(self)
        if self._explicit_graph is not None:
            default_graphs.drop(self._explicit_graph)
            self._explicit_graph = None


def _feedable_parts(key: Any) -> list[Any]:
    """What is fed for an object: the tensors that it is made of, or itself."""
    conversion = conversion_of(key)
    if conversion is not None and conversion.feed_keys is not None:
        return conversion.feed_keys(key)
    return parts_of(key) or [key]


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
        array = as_array(value, dtype) if dtype is string else np.array(value, dtype.numpy)
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
