"""The session that Keras keeps, the names it counts, the learning phase, and running.

Scripts of Keras name no session, so there is one for each default graph, made when it is needed.
Source: tensorflow.python.keras.backend of 1.15.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import numpy as np

from graphscope.engine.session import Session
from graphscope.errors import InvalidArgumentError, lesson_of, teach
from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.dtypes import as_dtype
from graphscope.graph.graph import (
    Graph,
    Tensor,
    get_default_graph,
    get_default_session,
    reset_default_graph,
)
from graphscope.graph.scopes import graph_of
from graphscope.ops import array, state
from graphscope.ops.control_flow import group
from graphscope.ops.sparse import SparseTensor, sparse_tensor_to_dense
from graphscope.ops.variables import Variable, VariableV2, variables_initializer

_PHASE = "keras_learning_phase"
_NO_VALUE_YET = (
    "a symbolic tensor stands for numbers that only a run has, and K.eval has none to feed: "
    "compute with functions of K on the tensor itself, so that it becomes part of the graph",
    "to see its value for some input x, K.function([x], [it])([array of numbers])",
)


@dataclass
class _Kept:
    """What Keras remembers between calls, by graph; nothing here keeps a graph alive."""

    session: Any = None
    manual_initialization: bool = False
    #: 0, 1, or the name of the tensor that is fed with the phase.
    phases: WeakKeyDictionary[Graph, int | str] = field(default_factory=WeakKeyDictionary)
    counters: WeakKeyDictionary[Graph, defaultdict[Any, int]] = field(
        default_factory=WeakKeyDictionary
    )
    variables: WeakKeyDictionary[Graph, WeakSet[Any]] = field(default_factory=WeakKeyDictionary)
    optimizers: WeakKeyDictionary[Graph, WeakSet[Any]] = field(default_factory=WeakKeyDictionary)
    initialized: WeakKeyDictionary[Session, WeakSet[Any]] = field(default_factory=WeakKeyDictionary)


_KEPT = _Kept()


def get_graph() -> Graph:
    return get_default_graph()


# ---- names -------------------------------------------------------------------------------------


def get_default_graph_uid_map() -> defaultdict[Any, int]:
    """How often each name was given in the default graph."""
    return _KEPT.counters.setdefault(get_graph(), defaultdict(int))


def get_uid(prefix: str = "") -> int:
    """1, 2, 3... for one prefix in the default graph."""
    counters = get_default_graph_uid_map()
    counters[prefix] += 1
    return counters[prefix]


def reset_uids() -> None:
    _KEPT.counters.clear()


def unique_object_name(
    name: str,
    name_uid_map: Any = None,
    avoid_names: Any = None,
    namespace: str = "",
    zero_based: bool = False,
) -> str:
    """``dense_1``, ``dense_2``...; with `zero_based` ``dense``, ``dense_1``...

    name_uid_map: counts the names; that of the default graph when left out.
    avoid_names: names that are not given.
    """
    counters = get_default_graph_uid_map() if name_uid_map is None else name_uid_map
    avoided = avoid_names or ()
    key = (namespace, name)
    while True:
        number = counters[key] if zero_based else counters[key] + 1
        counters[key] += 1
        proposed = f"{name}_{number}" if number else name
        if proposed not in avoided:
            return proposed


# ---- the learning phase ------------------------------------------------------------------------


def learning_phase() -> Any:
    """0 for testing, 1 for training, or a bool tensor [] that is fed, False when it is not."""
    return symbolic_learning_phase()


def symbolic_learning_phase() -> Any:
    """What was set for the default graph, or its placeholder ``keras_learning_phase``."""
    graph = get_graph()
    if graph not in _KEPT.phases:
        # Also when a loop's body asks first: what is fed is outside.
        with graph.inside(None), graph.control_dependencies(None), graph.name_scope(None):
            made = array.placeholder_with_default(False, shape=(), name=_PHASE)
        _KEPT.phases[graph] = made.name
    phase = _KEPT.phases[graph]
    return graph.get_tensor_by_name(phase) if isinstance(phase, str) else phase


def set_learning_phase(value: int) -> None:
    """Fix the phase of the default graph. Errors: ValueError for other numbers than 0 and 1."""
    if value not in (0, 1):
        raise ValueError("Expected learning phase to be 0 or 1.")
    _KEPT.phases[get_graph()] = value


@contextmanager
def learning_phase_scope(value: int) -> Iterator[None]:
    """The phase inside the block."""
    graph = get_graph()
    before = _KEPT.phases.get(graph)
    set_learning_phase(value)
    try:
        yield
    finally:
        if before is None:
            _KEPT.phases.pop(graph, None)
        else:
            _KEPT.phases[graph] = before


# ---- the session -------------------------------------------------------------------------------


def get_session(op_input_list: Any = ()) -> Any:
    """The default session, or the one kept for the graph; its Keras variables have values."""
    session = get_default_session() or _own_session(op_input_list)
    if not _KEPT.manual_initialization:
        with session.graph.as_default(), session.graph.bookkeeping():
            _initialize(session)
    return session


def _own_session(inputs: Any) -> Any:
    graph = graph_of(list(inputs) if isinstance(inputs, list | tuple) else [inputs])
    if _KEPT.session is None or _KEPT.session.graph is not graph:
        _KEPT.session = Session(graph=graph)
    return _KEPT.session


def set_session(session: Any) -> None:
    """Use this session from now on."""
    _KEPT.session = session


def clear_session() -> None:
    """Forget the session and the names, and begin a new default graph."""
    reset_default_graph()
    reset_uids()
    _KEPT.session = None
    _KEPT.phases.clear()
    symbolic_learning_phase()


def manual_variable_initialization(value: bool) -> None:
    """True: variables get their values from the script alone."""
    _KEPT.manual_initialization = value


def track_variable(v: Any) -> None:
    """Initialize it before the next run that Keras does."""
    _KEPT.variables.setdefault(v.graph, WeakSet()).add(v)


def track_tf_optimizer(tf_optimizer: Any) -> None:
    """Initialize its variables, also those that are made later."""
    _KEPT.optimizers.setdefault(get_graph(), WeakSet()).add(tf_optimizer)


def _initialize(session: Any) -> None:
    """Give their initial values to the variables that have none in this session."""
    graph = get_graph()
    known = set(_KEPT.variables.get(graph, ()))
    for optimizer in _KEPT.optimizers.get(graph, ()):
        known.update(optimizer.optimizer.variables())
    done = _KEPT.initialized.setdefault(session, WeakSet())
    new = sorted((v for v in known if v not in done), key=lambda v: v.op._id)
    if not new:
        return
    flags = _aside(session, [state.is_variable_initialized(v) for v in new])
    done.update(new)
    missing = [v for v, flag in zip(new, flags, strict=True) if not flag]
    if missing:
        _aside(session, variables_initializer(missing))


def _aside(session: Any, fetches: Any, feed_dict: Any = None) -> Any:
    """A run at which no debugger stops, so that the first one is the script's own."""
    run = getattr(session, "aside", session.run)  # a session around a session has only `run`
    return run(fetches, feed_dict)


# ---- values ------------------------------------------------------------------------------------


def is_sparse(tensor: Any) -> bool:
    return isinstance(tensor, SparseTensor)


def to_dense(tensor: Any) -> Any:
    return sparse_tensor_to_dense(tensor) if is_sparse(tensor) else tensor


def eval(x: Any) -> Any:
    """The value of a tensor or variable in the session of Keras.

    Errors: InvalidArgumentError for a tensor that needs a feed: it has no value of its own.
    """
    try:
        return get_value(to_dense(x))
    except InvalidArgumentError as error:
        if error.op is None or error.op.type != "Placeholder":
            raise
        same = InvalidArgumentError(error.node_def, error.op, error.message)
        raise teach(same, replace(lesson_of(error), hint=_NO_VALUE_YET)) from None


def get_value(x: Any) -> Any:
    """The value of a variable or tensor as an array; what is none stays."""
    return x.eval(session=get_session((x,))) if is_tensor_like(x) else x


def batch_get_value(tensors: Sequence[Any]) -> list[Any]:
    """The values of all of them, in one run."""
    values: list[Any] = _aside(get_session(tensors), tensors) if tensors else []
    return values


def set_value(x: Any, value: Any) -> None:
    """Give a variable a value, an array of its shape, in the session of Keras."""
    batch_set_value([(x, value)])


def batch_set_value(tuples: Sequence[tuple[Any, Any]]) -> None:
    """Give variables values, in one run."""
    if not tuples:
        return
    with get_graph().as_default(), get_graph().bookkeeping():
        feed, assignments = {}, []
        for x, value in tuples:
            array_ = np.asarray(value, dtype=x.dtype.base_dtype.name)
            place, assignment = _assignment(x, array_.ndim)
            feed[place] = array_
            assignments.append(assignment)
        _aside(get_session(), assignments, feed)


def _assignment(x: Any, rank: int) -> tuple[Tensor, Any]:
    """The placeholder of any size and the operation that sets the variable; made once."""
    made: tuple[Tensor, Any] | None = getattr(x, "_keras_assignment", None)
    if made is None:
        place = array.placeholder(x.dtype.base_dtype, shape=[None] * rank)
        made = x._keras_assignment = (place, x.assign(place))
    return made


# ---- functions of the graph --------------------------------------------------------------------


class GraphExecutionFunction:
    """The outputs for values of the inputs, with updates: one run for each call.

    inputs, outputs: tensors, also in lists. updates: operations, or pairs (variable, new value),
    which run after the first output. fetches, feed_dict: more to run and to feed each time;
    `fetch_callbacks` maps a fetch to a function that is given its value. Source: K.function.
    """

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        updates: Any = None,
        name: str | None = None,
        feed_dict: Any = None,
        fetches: Any = None,
        options: Any = None,
        run_metadata: Any = None,
    ) -> None:
        if not isinstance(updates, list | tuple | None):
            raise TypeError("`updates` in a Keras backend function should be a list or tuple.")
        self.name = name
        self.inputs = nest.flatten(inputs)
        self._structure = outputs
        self.outputs = cast_variables_to_tensor(nest.flatten(outputs))
        with get_graph().control_dependencies(self.outputs[:1]):
            self.updates_op = group(*map(_update, updates or ()))
        self.feed_dict = feed_dict
        wanted = fetches if isinstance(fetches, list) else [] if fetches is None else [fetches]
        self.fetches = [array.identity(x) for x in wanted]
        self.fetch_callbacks: dict[Any, Any] = {}
        self.run_options, self.run_metadata = options, run_metadata

    def __call__(self, inputs: Any) -> Any:
        """inputs: an array for each input, in their order; None leaves one to its default.

        Returns: arrays in the structure of the outputs.
        """
        given = nest.flatten(inputs)
        session = get_session(given)
        feed: dict[Any, Any] = {
            key: np.asarray(value, dtype=key.dtype.base_dtype.numpy)
            for key, value in (self.feed_dict or {}).items()
        }
        pairs = [(t, v) for t, v in zip(self.inputs, given, strict=False) if v is not None]
        symbols = [value for _, value in pairs if is_tensor_like(value)]
        arrays = iter(session.run(symbols) if symbols else ())
        for tensor, value in pairs:
            known = next(arrays) if is_tensor_like(value) else value
            feed[tensor] = np.asarray(known, dtype=as_dtype(tensor.dtype).base_dtype.numpy)
        values, fetched, _ = session.run(
            [self.outputs, self.fetches, self.updates_op],
            feed,
            options=self.run_options,
            run_metadata=self.run_metadata,
        )
        for fetch, value in zip(self.fetches, fetched, strict=True):
            if fetch in self.fetch_callbacks:
                self.fetch_callbacks[fetch](value)
        return nest.pack_sequence_as(self._structure, values)


def _update(update: Any) -> Any:
    return state.assign(*update) if isinstance(update, tuple) else update


def function(
    inputs: Any, outputs: Any, updates: Any = None, name: str | None = None, **kwargs: Any
) -> GraphExecutionFunction:
    """A `GraphExecutionFunction`. Errors: ValueError for an argument that a run does not know."""
    known = inspect.signature(GraphExecutionFunction).parameters
    for key in kwargs:
        if key not in known:
            raise ValueError(
                f'Invalid argument "{key}" passed to K.function with TensorFlow backend'
            )
    return GraphExecutionFunction(inputs, outputs, updates=updates, name=name, **kwargs)


def cast_variables_to_tensor(tensors: Any) -> Any:
    """The same structure, with a reading of each variable."""
    return nest.map_structure(
        lambda t: array.identity(t) if isinstance(t, Variable | VariableV2) else t, tensors
    )
