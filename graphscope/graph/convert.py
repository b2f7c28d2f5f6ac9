"""Python values to tensors, and back again where a tensor's value is known without a run."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.graph.conversions import conversions_of
from graphscope.graph.dtypes import DType, as_dtype, bool_, float32, float64, int32, int64, string
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.registry import OPS
from graphscope.graph.shapes import UNKNOWN, Dimension, TensorShape

#: Larger results are not worked out while the graph is built.
_SMALL = 1000

_SIZES = (TensorShape, Dimension)
_LISTS = (list, tuple)
_ARRAYS = (np.ndarray, np.generic)
_FLOAT64, _INT64 = np.dtype(np.float64), np.dtype(np.int64)

#: Whole numbers below it are floating-point ones too.
_EXACT = 2**53

#: The types of tensors that are worked out.
_FOLDED = (int32, int64, float32, float64, bool_)


def is_tensor_like(value: Any) -> bool:
    """True for a Tensor, and for what stands for one: a Variable."""
    return isinstance(value, Tensor) or hasattr(value, "_as_tensor")


def convert_to_tensor(
    value: Any, dtype: Any = None, name: str | None = None, preferred: bool = False
) -> Tensor:
    """A Tensor for `value`: itself, the reading of a variable, or a new constant.

    dtype: the type wanted. With `preferred`, a value that is a tensor or an array of another type
    already keeps its own.

    Errors: TypeError when the value cannot be of that type, ValueError when it is ragged.
    """
    dtype = None if dtype is None else as_dtype(dtype).base_dtype
    if not isinstance(value, Tensor) and hasattr(value, "_as_tensor"):
        value = value._as_tensor()
    if isinstance(value, Tensor):
        if dtype is not None and not preferred and value.dtype.base_dtype is not dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype "
                f"{value.dtype.name}: {str(value)!r}"
            )
        return value
    converted = _registered(value, dtype, name, preferred)
    if converted is not None:
        return converted
    if isinstance(value, _SIZES):
        value = _known_sizes(value)
        dtype = _size_type(value, dtype, preferred)
    elif isinstance(value, _LISTS):
        inside = _first_tensor(value)
        if inside is not None:
            return _packed(value, dtype or inside.dtype.base_dtype, name or "packed", inside.graph)
    attrs = constant_attrs(as_array(value, dtype), dtype)
    constant: Tensor = OPS["Const"](**attrs, name=name or "Const")
    return constant


def _registered(
    value: Any, dtype: DType | None, name: str | None, preferred: bool
) -> Tensor | None:
    """What a function that a user registered makes of the value; None when there is none.

    Errors: RuntimeError when it makes something else than a tensor, or one of another type.
    """
    for function in conversions_of(value):
        made = function(value, dtype=dtype, name=name, as_ref=False)
        if made is NotImplemented:
            continue
        if not isinstance(made, Tensor):
            raise RuntimeError(f"Conversion function {function!r} returned non-Tensor: {made!r}")
        if dtype is not None and not preferred and made.dtype.base_dtype is not dtype:
            raise RuntimeError(
                f"Conversion function {function!r} returned incompatible dtype: requested = "
                f"{dtype.name}, actual = {made.dtype.name}"
            )
        return made
    return None


def _known_sizes(value: TensorShape | Dimension) -> NDArray[Any]:
    """The numbers of a static shape, or of one size. Errors: ValueError when some are unknown."""
    sizes = value.value if isinstance(value, Dimension) else value.sizes
    if sizes is None or (isinstance(sizes, tuple) and None in sizes):
        unknown = "an unknown Dimension", "a partially known TensorShape"
        kind = unknown[not isinstance(value, Dimension)]
        raise ValueError(f"Cannot convert {kind} to a Tensor: {value}. tf.shape gives it in a run.")
    return np.asarray(sizes, np.int64)


def _size_type(sizes: NDArray[Any], dtype: DType | None, preferred: bool) -> DType:
    """int32 or int64: what static sizes become.

    Errors: TypeError for another type, ValueError where a size does not fit into int32.
    """
    largest = int(sizes.max(initial=0))
    if dtype is None or (preferred and dtype not in (int32, int64)):
        return int32 if largest < 2**31 else int64
    if dtype not in (int32, int64):
        raise TypeError(f"Cannot convert a TensorShape to dtype {dtype.name}: its sizes are int32.")
    if dtype is int32 and largest >= 2**31:
        raise ValueError(
            f"Cannot convert a TensorShape to int32; a dimension is too large ({largest})"
        )
    return dtype


def _first_tensor(value: Any) -> Any:
    """The first tensor in nested lists, or None."""
    if is_tensor_like(value):
        return value
    items = value if isinstance(value, list | tuple) else ()
    return next((t for t in map(_first_tensor, items) if t is not None), None)


def _packed(values: Any, dtype: DType, name: str, graph: Graph) -> Tensor:
    """A list with tensors in it as one tensor; its numbers are constants named by their place."""
    with graph.naming(name) as scope:
        parts = []
        for i, v in enumerate(values):
            if isinstance(v, list | tuple) and _first_tensor(v) is None:
                graph.unique_name(str(i))  # TensorFlow uses the name up: the constant is 1_1
            parts.append(v if is_tensor_like(v) else convert_to_tensor(v, dtype, name=str(i)))
        tensor: Tensor = OPS["Pack"](parts, name=scope)
        return tensor


def constant_attrs(array: NDArray[Any], dtype: DType | None = None) -> dict[str, Any]:
    """The attributes of a constant. The array is copied: the graph must not change with it.

    dtype: the type that was asked for, where the array's own does not tell (bfloat16).
    """
    array = array.copy()
    array.setflags(False)  # type: ignore[call-arg]  # twice as quick as by name
    wanted = dtype is not None and dtype.numpy == array.dtype
    return {"value": array, "dtype": dtype if wanted else as_dtype(array.dtype)}


def as_array(value: Any, dtype: DType | None = None) -> NDArray[Any]:
    """An array of the type that TensorFlow would give the value.

    Python floats are float32, Python ints int32 (int64 where they do not fit), text is bytes, and
    so it is in a list, where numpy's numbers count as Python's.
    Errors: TypeError when `dtype` does not fit, ValueError when the value is ragged.
    """
    if dtype is not None and dtype.is_floating and _is_plain(value):
        return np.asarray(value, dtype.numpy)
    if isinstance(value, _SIZES):
        value = _known_sizes(value).tolist()
    if value is None:
        raise ValueError("None values not supported: None is not a value that a tensor can hold.")
    try:
        array = np.asarray(value)
    except UnicodeDecodeError:  # bytes that are no text beside text
        array = np.asarray(value, object)
    except ValueError:
        raise ValueError(
            f"Argument must be a dense tensor: {value!r} is ragged: its rows differ in length "
            "(setting an array element with a sequence)"
        ) from None
    if array.dtype.kind == "O" and any(isinstance(leaf, Dimension) for leaf in array.flat):
        array = np.asarray([index(leaf) for leaf in array.flat]).reshape(array.shape)
    if array.dtype.kind in "SUO":
        array = _as_strings(value)
    elif not isinstance(value, _ARRAYS):
        if _holds_arrays(value):
            raise ValueError(
                f"Argument must be a dense tensor: {value!r} is a list of arrays; tf.stack makes "
                "a tensor of them"
            )
        if array.dtype == _FLOAT64:
            exact = dtype is not None and dtype.is_floating
            array = array.astype(dtype.numpy if dtype and exact else np.float32)
        elif array.dtype == _INT64 and array.size == 0 and not isinstance(value, int):
            array = array.astype(np.float32)
        elif array.dtype == _INT64 and _fits_int32(array):
            array = array.astype(np.int32)
    if dtype is None or as_dtype(array.dtype) is dtype:
        return array
    if not _fits(array, dtype, value):
        raise TypeError(
            f"Expected {dtype.name}, got {value!r} of type {type(value).__name__!r} instead, "
            f"which is {as_dtype(array.dtype).name}."
        )
    return array.astype(dtype.numpy)


def _is_plain(value: Any) -> bool:
    """A number of Python that any floating-point type takes, as most numbers in formulas are."""
    return type(value) is float or (type(value) is int and -_EXACT < value < _EXACT)


def _fits_int32(array: NDArray[Any]) -> bool:
    if array.ndim == 0:
        return bool(-(2**31) <= array.item() < 2**31)
    return bool(np.all((array >= -(2**31)) & (array < 2**31)))


def _holds_arrays(value: Any) -> bool:
    """True when the first leaf of nested lists is an array of numbers, and not a number."""
    while isinstance(value, _LISTS) and value:
        value = value[0]
    return isinstance(value, np.ndarray) and value.ndim > 0


def _as_strings(value: Any) -> NDArray[Any]:
    array = np.asarray(value, dtype=object)  # as text, numpy would take numbers too
    leaves = [
        leaf.encode() if isinstance(leaf, str) else bytes(leaf) if isinstance(leaf, bytes) else None
        for leaf in array.ravel().tolist()
    ]
    if None in leaves:
        raise TypeError(f"Failed to convert object of type {type(value)} to Tensor: {value!r}")
    result = np.empty(array.size, dtype=object)
    result[:] = leaves
    return result.reshape(array.shape)


def _fits(array: NDArray[Any], dtype: DType, value: Any) -> bool:
    kind, wanted = str(array.dtype.kind), str(dtype.numpy.kind)
    if array.size == 0 and not isinstance(value, np.ndarray):
        return True
    if dtype is string or array.dtype == object:
        return False
    if isinstance(value, _ARRAYS):  # TensorFlow converts arrays within numbers
        return True
    if wanted == "b":
        return kind == "b"
    return kind in "biu" or (kind == "f" and wanted in "fc") or (kind == wanted == "c")


# ---- values that are known without a run -------------------------------------------------------


def constant_value(tensor: Any) -> NDArray[Any] | None:
    """The tensor's value if it follows from constants and static shapes alone, else None.

    Used by shape rules: the shape given to Reshape, the axes given to Sum.
    """
    tensor = tensor._as_tensor() if hasattr(tensor, "_as_tensor") else tensor
    values: dict[Operation, NDArray[Any] | None] = {}
    stack = [tensor.op]
    while stack:
        op = stack[-1]
        if op in values:
            stack.pop()
            continue
        known = _from_shape(op)
        if known is None and _can_fold(op):
            pending = [t.op for t in op.inputs if t.op not in values]
            if pending:
                stack.extend(pending)
                continue
            inputs = [values[t.op] for t in op.inputs]
            if all(value is not None for value in inputs):
                arguments = op.definition.arguments(inputs)
                known = np.asarray(op.definition.kernel(*arguments, **op.attrs))
        values[op] = known
        stack.pop()
    return values[tensor.op]


def _from_shape(op: Operation) -> NDArray[Any] | None:
    if op.type == "Const":
        value: NDArray[Any] = op.attrs["value"]
        return value
    if op.type in ("Shape", "Size", "Rank"):
        shape = op.inputs[0].shape
        dtype = op.outputs[0].dtype.numpy
        if op.type == "Rank" and shape.ndims is not None:
            return np.asarray(shape.ndims, dtype)
        if shape.is_fully_defined():
            sizes = shape.as_list()
            return np.asarray(sizes if op.type == "Shape" else shape.num_elements(), dtype)
    return None


def _can_fold(op: Operation) -> bool:
    definition = op.definition
    if len(op.outputs) != 1 or definition.given or definition.is_stateful or not op.inputs:
        return False
    if op.type == "PlaceholderWithDefault":  # a run may feed it
        return False
    if op.outputs[0].dtype not in _FOLDED:
        return False
    count = op.outputs[0].shape.num_elements()
    return count is not None and count <= _SMALL


def constant_shape(tensor: Tensor) -> TensorShape:
    """The shape that an integer vector stands for, as far as it is known without a run."""
    sizes = _partly_known(tensor)
    if sizes is None:
        return UNKNOWN
    return TensorShape([None if size == -1 else int(size) for size in np.atleast_1d(sizes)])


#: Operations that only move elements, with the number of inputs at the end that say where to.
_MOVING = {"ConcatV2": 1, "StridedSlice": 3, "Identity": 0, "ExpandDims": 1}


def _partly_known(tensor: Tensor) -> NDArray[Any] | None:
    """The value of an integer tensor, with -1 for elements that only a run can tell."""
    known: dict[Tensor, NDArray[Any] | None] = {}
    stack = [tensor]
    while stack:
        current = stack[-1]
        if current in known:
            stack.pop()
            continue
        op, sizes = current.op, _known_at_sight(current)
        if sizes is None and op.type in _MOVING:
            moved = op.inputs[: len(op.inputs) - _MOVING[op.type]]
            pending = [t for t in moved if t not in known]
            if pending:
                stack.extend(pending)
                continue
            sizes = _moved(op, [known[t] for t in moved])
        if sizes is None and current.shape.is_fully_defined():
            sizes = np.full(tuple(map(int, current.shape)), -1)
        known[current] = sizes
        stack.pop()
    return known[tensor]


def _known_at_sight(tensor: Tensor) -> NDArray[Any] | None:
    """What is known of a tensor of sizes from its own operation."""
    value, op = constant_value(tensor), tensor.op
    if value is not None:
        return value
    if op.type == "Shape" and op.inputs[0].shape.sizes is not None:
        return np.asarray([-1 if s is None else s for s in op.inputs[0].shape.sizes])
    if op.type == "Pack" and tensor.shape.ndims == 1:
        sizes = [constant_value(part) for part in op.inputs]
        return np.asarray([-1 if size is None else size for size in sizes])
    return None


def _moved(op: Operation, moved: list[NDArray[Any] | None]) -> NDArray[Any] | None:
    """The result of an operation that only moves elements, whether they are known or not."""
    places = [constant_value(t) for t in op.inputs[len(moved) :]]
    inputs = [*moved, *places]
    if any(value is None for value in inputs):
        return None
    return np.asarray(op.definition.kernel(*op.definition.arguments(inputs), **op.attrs))
