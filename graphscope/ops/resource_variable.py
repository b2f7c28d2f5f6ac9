"""`ResourceVariable`: a variable behind a handle, of which every reading is an operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, as_dtype
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import operators, resource
from graphscope.ops.array import identity
from graphscope.ops.control_flow import group
from graphscope.ops.variables import KINDS, Variable, report_uninitialized_variables


class BaseResourceVariable(Variable):
    """What is the same for a variable, and for what writing it returns."""

    _dtype: DType
    _graph_element: Tensor
    _cached: Tensor | None = None

    @property
    def handle(self) -> Tensor:
        """What operations take that read or write the variable."""
        return self._handle

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def create(self) -> Operation:
        return self._initializer

    def _as_graph_element(self) -> Tensor:
        return self._graph_element

    def _find(self, place: Tensor, initializer: Operation, read: Tensor, initial: Any) -> None:
        super()._find(place, initializer, read, initial)
        self._graph_element, self._dtype = read, read.dtype.base_dtype

    def _reading(self) -> Tensor:
        return self._graph_element

    def value(self) -> Tensor:
        """A new reading, at the time at which it runs; the one on a caching device if there is."""
        if self._cached is not None:
            return self._cached
        graph = self.graph
        anywhere = graph.colocate_with(None, ignore_existing=True)
        with graph.as_default(), anywhere, graph.device(self._handle.device):
            read: Tensor = resource.read_variable_op(self._handle, dtype=self._dtype)
            return read

    def read_value(self) -> Tensor:
        with self.graph.as_default():
            with name_scope("Read"):
                read = self.value()
            return identity(read)

    def __bool__(self) -> bool:
        return bool(self.read_value())

    def is_initialized(self, name: str | None = None) -> Tensor:
        """True when the variable has a value."""
        result: Tensor = resource.var_is_initialized_op(self._handle, name=name)
        return result

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows at `indices`."""
        with name_scope("Gather" if name is None else name) as scope:
            rows = resource.resource_gather(self._handle, indices, dtype=self._dtype, name=scope)
        return identity(rows)

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        with name_scope("GatherNd" if name is None else name) as scope:
            found = resource.resource_gather_nd(
                self._handle, indices, dtype=self._dtype, name=scope
            )
        return identity(found)

    # ---- writing -------------------------------------------------------------------------------

    def after(self, written: Operation) -> UnreadVariable:
        """The variable, of which every reading waits for `written`."""
        return UnreadVariable(self, written)

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        """An operation that sets the variable. Returns the variable as it is after that.

        read_value: False for the operation itself.
        Errors: ValueError for a value of another shape.
        """
        return self._write(resource.assign_variable_op, value, name, read_value)

    def assign_add(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        return self._write(resource.assign_add_variable_op, delta, name, read_value)

    def assign_sub(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        return self._write(resource.assign_sub_variable_op, delta, name, read_value)

    def _write(
        self, definition: Callable[..., Any], value: Any, name: str | None, read_value: bool
    ) -> Any:
        with self.graph.as_default():
            tensor = convert_to_tensor(value, self._dtype)
            self.shape.assert_is_compatible_with(tensor.shape)
            written = definition(self._handle, tensor, dtype=self._dtype, name=name)
            return self.after(written) if read_value else written


def _through_a_reading(method: str) -> Callable[..., Any]:
    def operator(self: BaseResourceVariable, *operands: Any) -> Any:
        return getattr(self.value(), method)(*operands)

    operator.__name__ = operator.__qualname__ = method
    return operator


for _method in operators.METHODS:
    setattr(BaseResourceVariable, _method, _through_a_reading(_method))


class ResourceVariable(BaseResourceVariable):
    """A variable behind a handle; what was read of it does not change.

    The arguments are those of `Variable`. Source: tf.Variable with ``use_resource=True``.
    """

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        dtype: Any = None,
        variable_def: Any = None,
        import_scope: Any = None,
        constraint: Any = None,
        distribute_strategy: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
        expected_shape: Any = None,
    ) -> None:
        kept = self._describe(
            initial_value, trainable, collections, constraint, synchronization, aggregation, name
        )
        graph = get_default_graph()
        with graph.control_dependencies(None), graph.name_scope(name or "Variable") as scope:
            with graph.placement.labelled(scope[:-1]):
                with graph.name_scope("Initializer"), graph.device(None):
                    value = initial_value() if callable(initial_value) else initial_value
                    wanted = None if dtype is None else as_dtype(dtype)
                    self._initial_value = convert_to_tensor(value, wanted, name="initial_value")
                self._dtype = self._initial_value.dtype.base_dtype
                known = self._initial_value.shape if shape is None else TensorShape(shape)
                self._handle = resource.var_handle_op(
                    dtype=self._dtype, shape=known, shared_name=scope[:-1], name=scope
                )
            with graph.name_scope("IsInitialized"):
                self._is_initialized = resource.var_is_initialized_op(self._handle)
            self._initializer = resource.assign_variable_op(
                self._handle, self._initial_value, dtype=self._dtype, name="Assign"
            )
            with graph.name_scope("Read"):
                self._graph_element = self.value()
            if caching_device:
                with graph.device(caching_device):
                    self._cached = resource.read_variable_op(self._handle, dtype=self._dtype)
        graph.add_to_collections(kept, self)


class UnreadVariable(BaseResourceVariable):
    """A variable after a write: every reading of it waits for the write."""

    def __init__(self, variable: BaseResourceVariable, written: Operation) -> None:
        self._handle = variable.handle
        self._dtype = variable.dtype
        self._trainable = variable.trainable
        self.constraint = variable.constraint
        self.synchronization, self.aggregation = variable.synchronization, variable.aggregation
        self._initial_value, self._initializer = variable.initial_value, variable.initializer
        self._written = written
        self._graph_element = self.value()

    @property
    def name(self) -> str:
        return self._written.name

    @property
    def op(self) -> Operation:
        """The operation that writes."""
        return self._written

    def value(self) -> Tensor:
        with self.graph.control_dependencies([self._written]):
            return super().value()

    def after(self, written: Operation) -> UnreadVariable:
        return UnreadVariable(self, written)

    def _write(
        self, definition: Callable[..., Any], value: Any, name: str | None, read_value: bool
    ) -> Any:
        with self.graph.control_dependencies([self._written]):
            return super()._write(definition, value, name, read_value)


KINDS[True] = ResourceVariable


def is_resource_variable(var: Any) -> bool:
    """Whether it is a resource variable, and no ref variable or tensor."""
    return isinstance(var, BaseResourceVariable)


def shared_resources() -> list[Any]:
    """The resources of the graph other than variables: here there are none."""
    return []


def initialize_resources(resource_list: Sequence[Any], name: str = "init") -> Operation:
    """One operation that initializes all of them.

    Source: tensorflow.python.ops.resources.initialize_resources.
    """
    return group(*(item.create for item in resource_list), name=name)


def report_uninitialized_resources(
    resource_list: Any = None, name: str = "report_uninitialized_resources"
) -> Tensor:
    """The names of the resources that are not initialized, in the run in which it is fetched.

    Source: tensorflow.python.ops.resources.report_uninitialized_resources.
    """
    return report_uninitialized_variables(resource_list or [], name)
