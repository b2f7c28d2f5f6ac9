"""What a Saver saves: variables, parts of variables, and objects that say how to save them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.ops import state
from graphscope.ops.array import identity, reshape
from graphscope.ops.graph_keys import GraphKeys
from graphscope.ops.partitions import PartitionedVariable
from graphscope.ops.resource import assign_variable_op
from graphscope.ops.variable_lists import global_variables
from graphscope.ops.variables import VariableV2


class SaveSpec(NamedTuple):
    """A tensor that is saved: which part of a larger one it is, and under which name.

    Source: tensorflow.python.training.saver.BaseSaverBuilder.SaveSpec.
    """

    tensor: Any
    slice_spec: str
    name: str
    dtype: Any = None


class SaveableObject:
    """Something that is saved and restored as a whole.

    op: what it is about. specs: its tensors.
    Source: tensorflow.python.training.saving.saveable_object.SaveableObject.
    """

    def __init__(self, op: Any, specs: Sequence[Any], name: str) -> None:
        self.op = op
        self.specs = list(specs)
        self.name = name

    def restore(self, restored_tensors: Sequence[Tensor], restored_shapes: Any) -> Any:
        """An operation that puts the tensors back. Errors: ValueError by default."""
        raise ValueError("Calling an abstract method.")


class _RefVariable(SaveableObject):
    """A ref variable, or part of one."""

    def __init__(self, variable: Any, slice_spec: str, name: str) -> None:
        place = variable._ref() if hasattr(variable, "_ref") else variable
        saved = variable.value() if slice_spec else place
        super().__init__(place, [SaveSpec(saved, slice_spec, name)], name)

    def restore(self, restored_tensors: Sequence[Tensor], restored_shapes: Any) -> Any:
        value = restored_tensors[0]
        if restored_shapes is not None:
            value = reshape(value, restored_shapes[0])
        checked = restored_shapes is None and self.op.shape.is_fully_defined()
        return state.assign(self.op, value, validate_shape=checked)


class _ResourceVariable(SaveableObject):
    """A resource variable, or part of one."""

    def __init__(self, variable: Any, slice_spec: str, name: str) -> None:
        saved = variable._as_graph_element()
        super().__init__(variable, [SaveSpec(saved, slice_spec, name)], name)

    def restore(self, restored_tensors: Sequence[Tensor], restored_shapes: Any) -> Any:
        value = restored_tensors[0]
        if restored_shapes is not None:
            value = reshape(value, restored_shapes[0])
        value = identity(value)
        if not self.op.shape.is_compatible_with(value.shape):
            raise ValueError(f"Shapes {self.op.shape} and {value.shape} are incompatible")
        return assign_variable_op(self.op.handle, value, dtype=self.op.dtype)


def all_saveable_objects() -> list[Any]:
    """The global variables of the default graph, and its objects that are saved."""
    kept = get_default_graph().get_collection(GraphKeys.SAVEABLE_OBJECTS)
    return [*global_variables(), *kept]


def saveables_of(var_list: Any) -> list[SaveableObject]:
    """What is saved for a list of variables, or a dictionary with their names, in order of names.

    Errors: ValueError for a name that is there twice, TypeError for what is no variable.
    """
    named = var_list if isinstance(var_list, Mapping) else _named(var_list)
    found: list[SaveableObject] = []
    taken: set[Operation] = set()
    for name in sorted(named):
        for saveable in _of(name, named[name]):
            op = getattr(saveable.op, "op", None)
            if op in taken:
                raise ValueError(f"The same saveable will be restored with two names: {name}")
            if isinstance(op, Operation):
                taken.add(op)
            found.append(saveable)
    return found


def _named(variables: Any) -> dict[str, Any]:
    """Variables by the names under which they are saved."""
    if not isinstance(variables, list | tuple | set):
        raise TypeError(f"Variables to save should be passed in a dict or a list: {variables}")
    named: dict[str, Any] = {}
    for variable in variables:
        part = getattr(variable, "_slice_info", None)
        name = _own_name(variable) if part is None else part.full_name
        if part is not None and isinstance(named.get(name, []), list):
            named.setdefault(name, []).append(variable)
        elif part is not None:
            raise ValueError(f"Mixing slices and non-slices with the same name: {name}")
        elif name in named:
            raise ValueError(f"At least two variables have the same name: {name}")
        else:
            named[name] = variable
    return named


def _own_name(variable: Any) -> str:
    """Errors: AttributeError for what has no name, TypeError for what is no variable."""
    name: str = variable.name
    if isinstance(variable, SaveableObject | PartitionedVariable):
        return name
    if not isinstance(variable, VariableV2) and not _is_place(variable):
        raise TypeError(f"Variable to save is not a Variable: {variable}")
    if isinstance(variable, VariableV2):
        return variable._shared_name
    return name.partition(":")[0]


def _is_place(value: Any) -> bool:
    return isinstance(value, Tensor) and value.dtype.is_ref


def _of(name: str, value: Any) -> Iterator[SaveableObject]:
    if not isinstance(name, str):
        raise TypeError(
            "names_to_saveables must be a dict mapping string names to checkpointable operations. "
            f"Name is not a string: {name}"
        )
    if isinstance(value, SaveableObject):
        yield value
    elif isinstance(value, list | tuple | PartitionedVariable):
        for part in value:
            yield _kind(part)(part, part._slice_info.spec, name)
    elif isinstance(value, VariableV2) or _is_place(value):
        yield _kind(value)(value, "", name)
    else:
        raise TypeError(
            "names_to_saveables must be a dict mapping string names to Tensors/Variables. Not a "
            f"variable: {value}"
        )


def _kind(variable: Any) -> Callable[..., SaveableObject]:
    return _ResourceVariable if state.is_resource(variable) else _RefVariable
