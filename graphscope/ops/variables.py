"""`Variable`: a value that lasts from run to run, and that an optimizer may train."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, as_dtype, string
from graphscope.graph.graph import Graph, Operation, Tensor, get_default_graph
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.registry import OPS
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import operators, scatter, state
from graphscope.ops.array import constant, identity
from graphscope.ops.control_flow import group
from graphscope.ops.indexing import boolean_mask
from graphscope.ops.joining import stack
from graphscope.ops.logic import logical_not


class GraphKeys:
    """The names of the standard collections. Source: tf.GraphKeys."""

    GLOBAL_VARIABLES = "variables"
    VARIABLES = GLOBAL_VARIABLES
    TRAINABLE_VARIABLES = "trainable_variables"
    LOCAL_VARIABLES = "local_variables"
    MODEL_VARIABLES = "model_variables"
    METRIC_VARIABLES = "metric_variables"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    TRAINABLE_RESOURCE_VARIABLES = "trainable_resource_variables"
    CONCATENATED_VARIABLES = "concatenated_variables"
    GLOBAL_STEP = "global_step"
    EVAL_STEP = "eval_step"
    TRAIN_OP = "train_op"
    INIT_OP = "init_op"
    LOCAL_INIT_OP = "local_init_op"
    READY_OP = "ready_op"
    READY_FOR_LOCAL_INIT_OP = "ready_for_local_init_op"
    TABLE_INITIALIZERS = "table_initializer"
    LOSSES = "losses"
    REGULARIZATION_LOSSES = "regularization_losses"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    SUMMARIES = "summaries"
    SUMMARY_OP = "summary_op"
    UPDATE_OPS = "update_ops"
    QUEUE_RUNNERS = "queue_runners"
    SAVERS = "savers"
    SAVEABLE_OBJECTS = "saveable_objects"
    ASSET_FILEPATHS = "asset_filepaths"
    COND_CONTEXT = "cond_context"
    WHILE_CONTEXT = "while_context"


class Variable:
    """A variable: four operations of the graph, and the value that each session keeps for it.

    initial_value: a value, a tensor, or a function without arguments that returns one.
    trainable: whether optimizers train it when they are not told what to train.
    collections: where the graph keeps it; GraphKeys.GLOBAL_VARIABLES when left out.
    constraint: a function of the value, that an optimizer applies after each step.
    validate_shape: False allows an initial value of unknown shape, and later ones of others.
    Errors: ValueError without an initial value, or without its shape.
    Source: tf.Variable (the ref variables of 1.x).
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
        use_resource: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
    ) -> None:
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        if not isinstance(collections, list | tuple | set | None):
            raise ValueError(
                "collections argument to Variable constructor must be a list, tuple, or set. "
                f"Got {collections} of type {type(collections)}"
            )
        if constraint is not None and not callable(constraint):
            raise ValueError("The `constraint` argument must be a callable.")
        self._trainable = trainable is not False
        self.constraint = constraint
        graph = get_default_graph()
        with (
            graph.outside_bodies(),
            graph.control_dependencies(None),
            graph.name_scope(name or "Variable") as scope,
        ):
            self._initial_value = _initial(initial_value, dtype, scope)
            value = self._initial_value
            if validate_shape and not value.shape.is_fully_defined():
                raise ValueError(f"initial_value must have a shape specified: {value}")
            shape = value.shape if validate_shape else TensorShape(None)
            self._handle: Tensor = state.variable_v2(
                shape=shape, dtype=value.dtype.base_dtype, name=scope
            )
            self._initializer = state.assign(self._handle, value, validate_shape, name="Assign").op
            self._snapshot = identity(self._handle, name="read")
        kept = [GraphKeys.GLOBAL_VARIABLES] if collections is None else list(collections)
        if self._trainable and GraphKeys.TRAINABLE_VARIABLES not in kept:
            kept.append(GraphKeys.TRAINABLE_VARIABLES)
        graph.add_to_collections(kept, self)

    # What the rest of the library asks of anything that stands for a tensor.

    def _as_tensor(self) -> Tensor:
        return self._snapshot

    def _as_graph_element(self) -> Tensor:
        return self._handle

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
    def dtype(self) -> DType:
        return self._handle.dtype

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

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        self._handle.set_shape(shape)
        self._snapshot.set_shape(shape)

    def value(self) -> Tensor:
        """The variable's value, as a tensor."""
        return self._snapshot

    def read_value(self) -> Tensor:
        """A new reading of the variable, at the time at which it runs."""
        return identity(self._handle, name="read")

    def initialized_value(self) -> Tensor:
        """The value, or the initial value while there is none: for the initial value of another
        variable."""
        graph = self.graph
        with graph.control_dependencies(None), graph.name_scope("cond"):
            value: Tensor = state.initialized_value(self._handle, self._initial_value, name="Merge")
            return value

    def eval(self, session: Any = None) -> Any:
        return self._snapshot.eval(session=session)

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Tensor:
        return state.assign(self, value, name=name)

    def assign_add(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Tensor:
        return state.assign_add(self, delta, name=name)

    def assign_sub(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Tensor:
        return state.assign_sub(self, delta, name=name)

    def count_up_to(self, limit: int) -> Tensor:
        """Adds 1, and gives what it was before; OutOfRangeError once it has reached `limit`."""
        return state.count_up_to(self, limit)

    def scatter_update(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """The rows at the indices of `sparse_delta` become its values."""
        return scatter.scatter_update(self, sparse_delta.indices, sparse_delta.values, name=name)

    def scatter_add(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """Adds the values of `sparse_delta` to the rows at its indices."""
        return scatter.scatter_add(self, sparse_delta.indices, sparse_delta.values, name=name)

    def scatter_sub(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Tensor:
        """Subtracts the values of `sparse_delta` from the rows at its indices."""
        return scatter.scatter_sub(self, sparse_delta.indices, sparse_delta.values, name=name)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        return scatter.scatter_nd_update(self, indices, updates, name=name)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        return scatter.scatter_nd_add(self, indices, updates, name=name)

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Tensor:
        return scatter.scatter_nd_sub(self, indices, updates, name=name)

    def load(self, value: Any, session: Any = None) -> None:
        """Set the value in a session, at once."""
        self.initializer.run({self.initializer.inputs[1]: value}, session)

    def __bool__(self) -> bool:
        return bool(self._snapshot)

    def __iter__(self) -> Any:
        raise TypeError("'Variable' object is not iterable.")

    def __array__(self, *_: Any, **__: Any) -> Any:
        return self._snapshot.__array__()

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"

    __array_priority__ = 100


operators.install(Variable)


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
