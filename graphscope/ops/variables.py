"""`Variable`: a value that lasts from run to run, and that an optimizer may train."""

from __future__ import annotations

import inspect
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from functools import cache, partial
from importlib import import_module
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, as_dtype
from graphscope.graph.graph import (
    Graph,
    Operation,
    Tensor,
    get_default_graph,
    get_default_session,
)
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.shapes import TensorShape
from graphscope.ops import indexing, operators, partitions, scatter, state
from graphscope.ops.array import identity
from graphscope.ops.graph_keys import GraphKeys as GraphKeys
from graphscope.ops.variable_def import VariableDef, definition_of, elements_of
from graphscope.ops.variable_lists import (
    assert_variables_initialized as assert_variables_initialized,
)
from graphscope.ops.variable_lists import global_variables as global_variables
from graphscope.ops.variable_lists import (
    global_variables_initializer as global_variables_initializer,
)
from graphscope.ops.variable_lists import local_variables as local_variables
from graphscope.ops.variable_lists import local_variables_initializer as local_variables_initializer
from graphscope.ops.variable_lists import model_variables as model_variables
from graphscope.ops.variable_lists import moving_average_variables as moving_average_variables
from graphscope.ops.variable_lists import (
    report_uninitialized_variables as report_uninitialized_variables,
)
from graphscope.ops.variable_lists import trainable_variables as trainable_variables
from graphscope.ops.variable_lists import variables_initializer as variables_initializer
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
        bound = _signature(cls).bind(None, *args, **kwargs)
        bound.apply_defaults()
        given = {name: value for name, value in bound.arguments.items() if name != "self"}
        getter = _made
        for creator in variable_store().creators:
            getter = partial(creator, getter)
        return getter(**given)


@cache
def _signature(cls: type) -> inspect.Signature:
    """What its calls may give."""
    return inspect.signature(cls.__dict__["__init__"])


def _made(next_creator: Any = None, use_resource: bool | None = None, **options: Any) -> Any:
    """The variable itself: what stands at the end of all functions that may make one."""
    definition = options.get("variable_def")
    if definition is not None:
        return _kind(definition.is_resource)._again(definition, options.get("import_scope"))
    return _kind(is_resource_wanted(use_resource))(**options)


def _kind(is_resource: bool) -> type[Variable]:
    """The class of variables of one sort."""
    if is_resource:
        import_module("graphscope.ops.resource_variable")  # it is made from this one
    return KINDS[is_resource]


class VariableV2(metaclass=_Choosing):
    """What a variable is in TensorFlow 2, and in the modules below tensorflow.python: calling it
    makes a `ResourceVariable`. Source: tensorflow.python.ops.variables.Variable.
    """

    _makes_itself = False
    SaveSliceInfo = partitions.SaveSliceInfo

    _slice_info: partitions.SaveSliceInfo | None = None
    _handle: Tensor
    _initial_value: Any
    _initializer: Operation

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        shape: Any = None,
        use_resource: bool | None = True,
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

    @classmethod
    def _again(cls, definition: VariableDef, import_scope: str | None) -> Any:
        """A variable that the default graph has already, by the names of its operations."""
        variable = cls.__new__(cls)
        variable.synchronization = VariableSynchronization(definition.synchronization)
        variable.aggregation = VariableAggregation(definition.aggregation)
        variable._trainable = definition.trainable
        variable.constraint = None
        variable._find(*elements_of(definition, import_scope))
        return variable

    def _find(self, place: Tensor, initializer: Operation, read: Tensor, initial: Any) -> None:
        """Take over the operations of a variable that is there."""
        self._handle, self._initializer, self._initial_value = place, initializer, initial

    def _reading(self) -> Tensor:
        """The reading that was made with the variable."""
        raise NotImplementedError

    def to_proto(self, export_scope: str | None = None) -> VariableDef | None:
        """The names of its operations; None when it is not in the scope."""
        return definition_of(self, export_scope)

    @staticmethod
    def from_proto(variable_def: VariableDef, import_scope: str | None = None) -> Any:
        """The variable of the default graph that a definition tells of."""
        return _made(variable_def=variable_def, import_scope=import_scope)

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
    def initial_value(self) -> Any:
        """The tensor that it begins with; None when nobody knows it any more."""
        return self._initial_value

    @property
    def initializer(self) -> Operation:
        """The operation that gives the variable its initial value."""
        return self._initializer

    @property
    def _distribute_strategy(self) -> None:
        """Variables are not distributed."""

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
        if self._initial_value is None:
            raise ValueError(f"nobody knows the initial value of {self.name}")
        with graph.control_dependencies(None), graph.name_scope("cond"):
            value: Tensor = state.initialized_value(self._handle, self._initial_value, name="Merge")
            graph.uncounted += 8 if self.dtype.is_ref else 9  # the rest of a tf.cond
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

    def __iter__(self) -> Any:
        raise TypeError("'Variable' object is not iterable.")

    def __array__(self, *_: Any, **__: Any) -> Any:
        return self._as_graph_element().__array__()

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"

    __array_priority__ = 100


class Variable(VariableV2):
    """A variable: operations of the graph, and the value that each session keeps for it.

    initial_value: a value, a tensor, or a function without arguments that returns one.
    trainable: whether optimizers train it when they are not told what to train.
    caching_device: the device of the reading that is shared by all who use it.
    collections: where the graph keeps it; GraphKeys.GLOBAL_VARIABLES when left out.
    constraint: a function of the value, that an optimizer applies after each step.
    validate_shape: False allows an initial value of unknown shape, and later ones of others.
    use_resource: True for a `ResourceVariable`, False for a `RefVariable`; as the scope says when
    left out.
    Errors: ValueError without an initial value, or without its shape.
    Source: tf.Variable (of 1.x).
    """

    _makes_itself = False

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


def _member(kind: Any, value: Any, name: str | None) -> Any:
    """The member of an enumeration that a value stands for. Errors: ValueError."""
    try:
        return kind(getattr(value, "value", value))
    except ValueError:
        what = kind.__name__.removeprefix("Variable").lower()
        raise ValueError(f"Invalid variable {what} mode: {value} for variable: {name}") from None


operators.install(VariableV2)


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
            with beside_itself(graph, initial_value, scope):
                self._initial_value = value = initial(initial_value, dtype)
                if validate_shape and not value.shape.is_fully_defined():
                    raise ValueError(f"initial_value must have a shape specified: {value}")
                known = value.shape if validate_shape else TensorShape(None)
                self._handle = state.variable_v2(
                    shape=known if shape is None else TensorShape(shape),
                    dtype=value.dtype.base_dtype,
                    name=scope,
                )
            self._initializer = state.assign(self._handle, value, validate_shape, name="Assign").op
            near = graph.colocate_with(self._handle.op)
            with graph.device(caching_device) if caching_device else near:
                self._snapshot = identity(self._handle, name="read")
        graph.add_to_collections(kept, self)

    def _as_graph_element(self) -> Tensor:
        return self._handle

    def _find(self, place: Tensor, initializer: Operation, read: Tensor, initial: Any) -> None:
        super()._find(place, initializer, read, initial)
        self._snapshot = read

    def _reading(self) -> Tensor:
        return self._snapshot

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


def beside_itself(graph: Graph, value: Any, scope: str) -> AbstractContextManager[None]:
    """The block of a variable whose initial value a function makes: it is where the variable is."""
    return graph.placement.labelled(scope[:-1]) if callable(value) else nullcontext()


def initial(value: Any, dtype: Any) -> Tensor:
    """The initial value; one that a function makes is on no device of its own."""
    dtype = None if dtype is None else as_dtype(dtype)
    if not callable(value):
        return convert_to_tensor(value, dtype, name="initial_value")
    graph = get_default_graph()
    with graph.name_scope("Initializer"), graph.device(None):
        return convert_to_tensor(value(), dtype, name="initial_value")
