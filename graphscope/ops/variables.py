"""`Variable`: a value that lasts from run to run, and that an optimizer may train."""

from __future__ import annotations

import inspect
from enum import Enum
from functools import partial
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, as_dtype, string
from graphscope.graph.graph import (
    Graph,
    Operation,
    Tensor,
    get_default_graph,
    get_default_session,
)
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.registry import OPS
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import indexing, operators, partitions, scatter, state
from graphscope.ops.array import constant, identity
from graphscope.ops.control_flow import group
from graphscope.ops.graph_keys import GraphKeys as GraphKeys
from graphscope.ops.indexing import boolean_mask
from graphscope.ops.joining import stack
from graphscope.ops.logic import logical_not
from graphscope.ops.variable_store import is_resource_wanted, variable_store


class VariableSynchronization(Enum):
    """When copies of a variable on several devices agree; here there is one.

    Source: tf.VariableSynchronization.
    """

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


class VariableAggregation(Enum):
    """How updates of several devices come together; here there is one.

    Source: tf.VariableAggregation.
    """

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3
    ONLY_FIRST_TOWER = 3


class _Choosing(type):
    """Calling `Variable` makes a variable of the kind that is wanted, through the functions of
    `variable_creator_scope`."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls.__dict__.get("_makes_itself", True):
            return super().__call__(*args, **kwargs)
        bound = inspect.signature(Variable.__init__).bind(None, *args, **kwargs)
        bound.apply_defaults()
        given = {name: value for name, value in bound.arguments.items() if name != "self"}
        getter = _made
        for creator in variable_store().creators:
            getter = partial(creator, getter)
        return getter(**given)


def _made(next_creator: Any = None, use_resource: bool | None = None, **options: Any) -> Any:
    """The variable itself: what stands at the end of all functions that may make one."""
    return KINDS[is_resource_wanted(use_resource)](**options)


class Variable(metaclass=_Choosing):
    """A variable: operations of the graph, and the value that each session keeps for it.

    initial_value: a value, a tensor, or a function without arguments that returns one.
    trainable: whether optimizers train it when they are not told what to train.
    collections: where the graph keeps it; GraphKeys.GLOBAL_VARIABLES when left out.
    constraint: a function of the value, that an optimizer applies after each step.
    validate_shape: False allows an initial value of unknown shape, and later ones of others.
    use_resource: True for a `ResourceVariable`, False for a `RefVariable`; as the scope says when
    left out.
    Errors: ValueError without an initial value, or without its shape.
    Source: tf.Variable (of 1.x).
    """

    SaveSliceInfo = partitions.SaveSliceInfo

    _makes_itself = False
    _slice_info: partitions.SaveSliceInfo | None = None
    _handle: Tensor
    _initial_value: Tensor
    _initializer: Operation

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: Any = None,
        constraint: Any = None,
        use_resource: bool | None = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        shape: Any = None,
    ) -> None:
        raise NotImplementedError("a variable is of one of the two kinds")

    def _describe(
        self,
        initial_value: Any,
        trainable: bool | None,
        collections: Any,
        constraint: Any,
        synchronization: Any,
        aggregation: Any,
        name: str | None,
    ) -> list[Any]:
        """Check what was given, and keep what is to be known. Returns the collections."""
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        if not isinstance(collections, list | tuple | set | None):
            raise ValueError(
                "collections argument to Variable constructor must be a list, tuple, or set. "
                f"Got {collections} of type {type(collections)}"
            )
        if constraint is not None and not callable(constraint):
            raise ValueError("The `constraint` argument must be a callable.")
        self.synchronization = _member(VariableSynchronization, synchronization or 0, name)
        self.aggregation = _member(VariableAggregation, aggregation or 0, name)
        if trainable is None:
            trainable = self.synchronization is not VariableSynchronization.ON_READ
        self._trainable = trainable
        self.constraint = constraint
        kept = [GraphKeys.GLOBAL_VARIABLES] if collections is None else list(collections)
        if trainable and GraphKeys.TRAINABLE_VARIABLES not in kept:
            kept.append(GraphKeys.TRAINABLE_VARIABLES)
        return kept

    # What the rest of the library asks of anything that stands for a tensor.

    def _as_tensor(self) -> Tensor:
        return self.value()

    def _ref(self) -> Tensor:
        return self._handle

    @property
    def op(self) -> Operation:
        return self._handle.op

    @property
    def graph(self) -> Graph:
        return self._handle.graph

    @property
    def name(self) -> str:
        return self._handle.name

    @property
    def shape(self) -> TensorShape:
        return self._handle.shape

    @property
    def device(self) -> str:
        return self._handle.device

    @property
    def trainable(self) -> bool:
        return self._trainable

    @property
    def initial_value(self) -> Tensor:
        return self._initial_value

    @property
    def initializer(self) -> Operation:
        """The operation that gives the variable its initial value."""
        return self._initializer

    @property
    def _shared_name(self) -> str:
        return self.name.partition(":")[0]

    @property
    def dtype(self) -> DType:
        return self._handle.dtype

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        self._handle.set_shape(shape)

    def _get_save_slice_info(self) -> partitions.SaveSliceInfo | None:
        return self._slice_info

    def _set_save_slice_info(self, save_slice_info: partitions.SaveSliceInfo) -> None:
        self._slice_info = save_slice_info

    def value(self) -> Tensor:
        """The variable's value, as a tensor."""
        raise NotImplementedError

    def read_value(self) -> Tensor:
        """A new reading of the variable, at the time at which it runs."""
        raise NotImplementedError

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """An operation that sets the variable, or what stands for the variable after it.

        read_value: False for the operation itself.
        """
        raise NotImplementedError

    def assign_add(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """An operation that adds to the variable."""
        raise NotImplementedError

    def assign_sub(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """An operation that subtracts from the variable."""
        raise NotImplementedError

    def initialized_value(self) -> Tensor:
        """The value, or the initial value while there is none: for the initial value of another
        variable."""
        graph = self.graph
        with graph.control_dependencies(None), graph.name_scope("cond"):
            value: Tensor = state.initialized_value(self._handle, self._initial_value, name="Merge")
            return value

    def eval(self, session: Any = None) -> Any:
        """The value in `session`, or in the default session."""
        return self._as_graph_element().eval(session=session)

    def _as_graph_element(self) -> Tensor:
        raise NotImplementedError

    def count_up_to(self, limit: int) -> Tensor:
        """Adds 1, and gives what it was before; OutOfRangeError once it has reached `limit`."""
        counted: Tensor = state.count_up_to(self, limit)
        return counted

    # ---- some rows -----------------------------------------------------------------------------

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows at `indices`."""
        return indexing.gather(self, indices, name=name)

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements, or slices, at the positions in the rows of `indices`."""
        found: Tensor = indexing.gather_nd(self, indices, name=name)
        return found

    def scatter_update(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """The rows at the indices of `sparse_delta` become its values."""
        return self._scatter(scatter.scatter_update, sparse_delta, name)

    def scatter_add(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Adds the values of `sparse_delta` to the rows at its indices."""
        return self._scatter(scatter.scatter_add, sparse_delta, name)

    def scatter_sub(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Subtracts the values of `sparse_delta` from the rows at its indices."""
        return self._scatter(scatter.scatter_sub, sparse_delta, name)

    def scatter_mul(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Multiplies the rows at the indices of `sparse_delta` by its values."""
        return self._scatter(scatter.scatter_mul, sparse_delta, name)

    def scatter_div(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """Divides the rows at the indices of `sparse_delta` by its values."""
        return self._scatter(scatter.scatter_div, sparse_delta, name)

    def scatter_min(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """The rows become the smaller of themselves and the values of `sparse_delta`."""
        return self._scatter(scatter.scatter_min, sparse_delta, name)

    def scatter_max(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Any:
        """The rows become the larger of themselves and the values of `sparse_delta`."""
        return self._scatter(scatter.scatter_max, sparse_delta, name)

    def _scatter(self, write: Any, sparse_delta: Any, name: str | None) -> Any:
        """Errors: TypeError for what is no IndexedSlices."""
        if not isinstance(sparse_delta, IndexedSlices):
            raise TypeError(f"sparse_delta is not IndexedSlices: {sparse_delta}")
        return write(self, sparse_delta.indices, sparse_delta.values, name=name)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return scatter.scatter_nd_update(self, indices, updates, name=name)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return scatter.scatter_nd_add(self, indices, updates, name=name)

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        return scatter.scatter_nd_sub(self, indices, updates, name=name)

    def load(self, value: Any, session: Any = None) -> None:
        """Set the value in a session, at once.

        Errors: ValueError when there is neither a session nor a default one.
        """
        session = session or get_default_session()
        if session is None:
            raise ValueError(
                "Either session argument should be provided or default session should be "
                "established"
            )
        session.run(self.initializer, {self.initializer.inputs[1]: value})

    def __bool__(self) -> bool:
        return bool(self._as_tensor())

    def __iter__(self) -> Any:
        raise TypeError("'Variable' object is not iterable.")

    def __array__(self, *_: Any, **__: Any) -> Any:
        return self._as_graph_element().__array__()

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"

    __array_priority__ = 100


def _member(kind: Any, value: Any, name: str | None) -> Any:
    """The member of an enumeration that a value stands for. Errors: ValueError."""
    try:
        return kind(getattr(value, "value", value))
    except ValueError:
        what = kind.__name__.removeprefix("Variable").lower()
        raise ValueError(f"Invalid variable {what} mode: {value} for variable: {name}") from None


operators.install(Variable)


class RefVariable(Variable):
    """A variable whose memory operations share: whoever reads it and waits for a write sees what
    was written. Source: tf.Variable without ``use_resource``.
    """

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: Any = None,
        constraint: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ) -> None:
        kept = self._describe(
            initial_value, trainable, collections, constraint, synchronization, aggregation, name
        )
        graph = get_default_graph()
        with graph.control_dependencies(None), graph.name_scope(name or "Variable") as scope:
            self._initial_value = _initial(initial_value, dtype, scope)
            value = self._initial_value
            if validate_shape and not value.shape.is_fully_defined():
                raise ValueError(f"initial_value must have a shape specified: {value}")
            known = value.shape if validate_shape else TensorShape(None)
            self._handle = state.variable_v2(
                shape=known if shape is None else TensorShape(shape),
                dtype=value.dtype.base_dtype,
                name=scope,
            )
            self._initializer = state.assign(self._handle, value, validate_shape, name="Assign").op
            self._snapshot = identity(self._handle, name="read")
        graph.add_to_collections(kept, self)

    def _as_graph_element(self) -> Tensor:
        return self._handle

    def set_shape(self, shape: Any) -> None:
        self._handle.set_shape(shape)
        self._snapshot.set_shape(shape)

    def value(self) -> Tensor:
        return self._snapshot

    def read_value(self) -> Tensor:
        return identity(self._handle, name="read")

    def eval(self, session: Any = None) -> Any:
        return self._snapshot.eval(session=session)

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        return _result(state.assign(self, value, name=name), read_value)

    def assign_add(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        return _result(state.assign_add(self, delta, name=name), read_value)

    def assign_sub(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        return _result(state.assign_sub(self, delta, name=name), read_value)


def _result(written: Tensor, read_value: bool) -> Tensor | Operation:
    return written if read_value else written.op


#: The kind of variable by whether a resource variable is wanted.
KINDS: dict[bool, type[Variable]] = {False: RefVariable}


def _initial(value: Any, dtype: Any, scope: str) -> Tensor:
    dtype = None if dtype is None else as_dtype(dtype)
    if not callable(value):
        return convert_to_tensor(value, dtype, name="initial_value")
    with get_default_graph().name_scope("Initializer"):
        return convert_to_tensor(value(), dtype, name="initial_value")


# ---- collections of variables ------------------------------------------------------------------


def global_variables(scope: str | None = None) -> list[Variable]:
    """All variables that are shared by a whole training. Source: tf.global_variables."""
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list[Variable]:
    """The variables that are not saved. Source: tf.local_variables."""
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Variable]:
    """The variables that optimizers train by default. Source: tf.trainable_variables."""
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list[Variable]:
    """The variables of the model, as far as it says which. Source: tf.model_variables."""
    return get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list[Variable]:
    """The variables of which an ExponentialMovingAverage is kept (tf.moving_average_variables)."""
    return get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def variables_initializer(var_list: Any, name: str = "init") -> Operation:
    """One operation that initializes all variables of the list. Source:
    tf.variables_initializer."""
    return group(*(variable.initializer for variable in var_list), name=name)


def global_variables_initializer() -> Operation:
    """One operation that initializes all variables made so far. Source:
    tf.global_variables_initializer."""
    return variables_initializer(global_variables())


def local_variables_initializer() -> Operation:
    """One operation that initializes all local variables made so far. Source:
    tf.local_variables_initializer."""
    return variables_initializer(local_variables())


def report_uninitialized_variables(
    var_list: Any = None, name: str = "report_uninitialized_variables"
) -> Tensor:
    """The names of the variables without a value, in the run in which it is fetched: strings, [n].

    var_list: all global and local variables when left out.
    Source: tf.report_uninitialized_variables.
    """
    variables = _all_variables() if var_list is None else list(var_list)
    with name_scope(name):
        if not variables:
            return constant([], string)
        missing = logical_not(stack([state.is_variable_initialized(v) for v in variables]))
        return boolean_mask(constant([v.op.name for v in variables]), missing)


def assert_variables_initialized(var_list: Any = None) -> Tensor | None:
    """A tensor that fails with FailedPreconditionError, in a run, when one of them has no value.

    var_list: all global and local variables when left out. None when there is none.
    Source: tf.assert_variables_initialized.
    """
    variables = _all_variables() if var_list is None else list(var_list)
    if not variables:
        return None
    ranks = [OPS["Rank"](v._ref() if isinstance(v, Variable) else v) for v in variables]
    return ranks[0] if len(ranks) == 1 else stack(ranks)


def _all_variables() -> list[Any]:
    """The global and local variables, or the places of all variables when no collection has any."""
    found: list[Any] = [*global_variables(), *local_variables()]
    places = (op for op in get_default_graph().operations if op.definition.is_variable)
    return found or [op.outputs[0] for op in places]
