"""`Variable`: a value that lasts from run to run, and that an optimizer may train."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, as_dtype
from graphscope.graph.graph import Graph, Operation, Tensor, get_default_graph
from graphscope.graph.shapes import TensorShape
from graphscope.ops import operators, state
from graphscope.ops.array import identity
from graphscope.ops.control_flow import group


class GraphKeys:
    """The names of the standard collections. Source: tf.GraphKeys."""

    GLOBAL_VARIABLES = "variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    LOCAL_VARIABLES = "local_variables"
    MODEL_VARIABLES = "model_variables"
    GLOBAL_STEP = "global_step"
    TRAIN_OP = "train_op"
    INIT_OP = "init_op"
    LOSSES = "losses"
    REGULARIZATION_LOSSES = "regularization_losses"
    SUMMARIES = "summaries"
    UPDATE_OPS = "update_ops"


class Variable:
    """A variable: four operations of the graph, and the value that each session keeps for it.

    initial_value: a value, a tensor, or a function without arguments that returns one.
    trainable: whether optimizers train it when they are not told what to train.
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
    ) -> None:
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        self._trainable = trainable is not False
        self.constraint = constraint
        graph = get_default_graph()
        with graph.control_dependencies(None), graph.name_scope(name or "Variable") as scope:
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
        """The initial value, for the initial value of another variable."""
        return self._initial_value

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
