"""Variables that are cut into parts along one axis, and functions that say into how many."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphscope.graph.dtypes import DType, string
from graphscope.graph.graph import Graph, Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import operators
from graphscope.ops.array import identity
from graphscope.ops.joining import concat, split

Partitioner = Callable[..., Sequence[int]]


class PartitionInfo:
    """Which part of a variable an initializer is asked for.

    full_shape: the sizes of the whole variable. var_offset: where the part begins, for each axis.
    Errors: TypeError for what is no list or tuple, ValueError for an offset outside.
    """

    def __init__(self, full_shape: Any, var_offset: Any) -> None:
        self.full_shape = _listed("full_shape", full_shape)
        self.var_offset = _listed("var_offset", var_offset)
        if len(var_offset) != len(full_shape):
            raise ValueError(
                f"Expected equal length, but `var_offset` is of length {len(var_offset)} while "
                f"full_shape is of length {len(full_shape)}."
            )
        if any(not 0 <= at < size for at, size in zip(var_offset, full_shape, strict=True)):
            raise ValueError(
                f"Expected 0 <= offset < shape, but var_offset={var_offset} and "
                f"full_shape={full_shape}"
            )

    def single_offset(self, shape: Any) -> int:
        """Where the part of this shape begins, along the axis that is cut; 0 without any."""
        axis = self.single_slice_dim(shape)
        return 0 if axis is None else int(self.var_offset[axis])

    def single_slice_dim(self, shape: Any) -> int | None:
        """The axis that is cut, when the part is of this shape; None when none is.

        Errors: TypeError for what is no list or tuple, ValueError for a shape of another rank, that
        ends outside, or that is cut along several axes.
        """
        shape = _listed("shape", shape)
        if len(shape) != len(self.full_shape):
            raise ValueError(
                f"Expected equal length, but received shape={shape} of length {len(shape)} while "
                f"self.full_shape={self.full_shape} is of length {len(self.full_shape)}."
            )
        ends = [at + size for at, size in zip(self.var_offset, shape, strict=True)]
        if any(end > size for end, size in zip(ends, self.full_shape, strict=True)):
            raise ValueError(
                f"With self.var_offset={self.var_offset}, a partition of shape={shape} would "
                f"exceed self.full_shape={self.full_shape}."
            )
        cut = [i for i, size in enumerate(shape) if size != self.full_shape[i]]
        if len(cut) > 1:
            raise ValueError(
                f"Cannot use single_slice_dim() with shape={shape} and self.full_shape="
                f"{self.full_shape} since slice dim could be any of {cut}."
            )
        return cut[0] if cut else None


def _listed(name: str, value: Any) -> Sequence[int]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError(
            f"`{name}` must be a sequence (like tuple or list) instead of {type(value).__name__}"
        )
    return value


@dataclass(frozen=True)
class SaveSliceInfo:
    """Which part of which whole a variable is. Source: tf.Variable.SaveSliceInfo."""

    full_name: str
    full_shape: Sequence[int]
    var_offset: Sequence[int]
    var_shape: Sequence[int]

    @property
    def spec(self) -> str:
        """``sizes begin,size:begin,size``: how a checkpoint names the part."""
        whole = " ".join(str(size) for size in self.full_shape)
        parts = zip(self.var_offset, self.var_shape, strict=True)
        return whole + " " + ":".join(f"{at},{size}" for at, size in parts)


class PartitionedVariable:
    """The parts of a variable. Where a tensor is wanted, they are one after the other.

    variable_list: the parts, each with its `SaveSliceInfo`. partitions: how many there are along
    each axis. Source: tf.PartitionedVariable.
    Errors: TypeError and ValueError when the arguments do not fit together.
    """

    __array_priority__ = 100

    def __init__(
        self, name: str, shape: Any, dtype: DType, variable_list: Any, partitions: Any
    ) -> None:
        if not isinstance(variable_list, list | tuple):
            raise TypeError(f"variable_list is not a list or tuple: {variable_list}")
        if not isinstance(partitions, list | tuple):
            raise TypeError(f"partitions is not a list or tuple: {partitions}")
        if not all(count >= 1 for count in partitions):
            raise ValueError(f"partition values must be positive: {partitions}")
        if not variable_list:
            raise ValueError("variable_list may not be empty")
        self._shape = TensorShape(shape)
        infos = [part._get_save_slice_info() for part in variable_list]
        if None in infos:
            raise ValueError("All variables must have a save_slice_info available")
        if self._shape.ndims != len(partitions):
            raise ValueError(f"len(shape) != len(partitions): {shape} vs. {partitions}")
        if any(self._shape != info.full_shape for info in infos):
            raise ValueError(f"All variables' full shapes must match shape: {shape}")
        self._parts = sorted(variable_list, key=lambda v: v._get_save_slice_info().var_offset)
        self._name, self._dtype, self._partitions = name, dtype, partitions

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parts)

    def __len__(self) -> int:
        self._axis("get a length")
        return len(self._parts)

    def _axis(self, doing: str, error: type[Exception] = ValueError) -> int:
        """The one axis that is cut; the first without any."""
        cut = [i for i, count in enumerate(self._partitions) if count > 1] or [0]
        if len(cut) > 1:
            raise error(f"Cannot {doing} for {len(cut)} > 1 partition axes")
        return cut[0]

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def graph(self) -> Graph:
        graph: Graph = self._parts[0].graph
        return graph

    def get_shape(self) -> TensorShape:
        return self._shape

    def _get_variable_list(self) -> list[Any]:
        return self._parts

    def _get_partitions(self) -> Any:
        return self._partitions

    def as_tensor(self) -> Tensor:
        """All parts in one tensor."""
        axis = self._axis("concatenate", NotImplementedError)
        with self.graph.control_dependencies(None):
            whole = self._parts[0]
            if len(self._parts) > 1:
                with name_scope(f"{self._name}/ConcatPartitions/"):
                    whole = concat(self._parts, axis)
            with name_scope(None):
                return identity(whole, name=self._name)

    _as_tensor = as_tensor

    # ---- writing: each part takes its part of the value -----------------------------------------

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> list[Any]:
        return self._write("assign", value, name, read_value)

    def assign_add(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> list[Any]:
        return self._write("assign_add", value, name, read_value)

    def assign_sub(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> list[Any]:
        return self._write("assign_sub", value, name, read_value)

    def _write(self, method: str, value: Any, name: str | None, read_value: bool) -> list[Any]:
        axis = self._axis("assign", NotImplementedError)
        if not isinstance(value, list | PartitionedVariable):
            value = split(value, [int(part.shape[axis]) for part in self._parts], axis=axis)
        pairs = zip(self._parts, value, strict=True)
        written = [getattr(part, method)(own, name=name) for part, own in pairs]
        return written if read_value else [item.op for item in written]


operators.install(PartitionedVariable)


# ---- into how many parts -----------------------------------------------------------------------


def partitions_of(partitioner: Any, shape: TensorShape, dtype: DType) -> Sequence[int]:
    """What the partitioner says of a variable, checked. Errors: ValueError."""
    if not callable(partitioner):
        raise ValueError(f"Partitioner must be callable, but received: {partitioner}")
    if not shape.is_fully_defined():
        raise ValueError(
            f"Shape of a new partitioned variable must be fully defined, but instead was {shape}."
        )
    if not shape.ndims:
        raise ValueError(f"A partitioned Variable must have rank at least 1, shape: {shape}")
    counts = partitioner(shape=shape, dtype=dtype)
    if not isinstance(counts, Sequence):
        raise ValueError(f"Partitioner must return a sequence, but saw: {counts}")
    if len(counts) != shape.ndims:
        raise ValueError(
            "Partitioner returned a partition list that does not match the Variable's rank: "
            f"{counts} vs. {shape}"
        )
    if any(count < 1 for count in counts):
        raise ValueError(f"Partitioner returned zero partitions for some axes: {counts}")
    if sum(count > 1 for count in counts) > 1:
        raise ValueError(
            f"Can only slice a variable along one dimension: shape: {shape}, partitioning: {counts}"
        )
    return counts


def cuts(sizes: Sequence[int], counts: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    """The offset and the shape of each part; the first ones are larger by 1 where it must be."""
    axis = next((i for i, count in enumerate(counts) if count > 1), len(counts) - 1)
    length, longer = divmod(sizes[axis], counts[axis])
    at = 0
    for i in range(counts[axis]):
        own = length + (i < longer)
        offset = [0] * len(sizes)
        offset[axis] = at
        yield offset, [*sizes[:axis], own, *sizes[axis + 1 :]]
        at += own


def fixed_size_partitioner(num_shards: int, axis: int = 0) -> Partitioner:
    """A partitioner: so many parts along the axis, or one for each row where there are fewer.

    Source: tf.fixed_size_partitioner.
    """

    def partitioner(shape: TensorShape, **_: Any) -> list[int]:
        counts = [1] * len(shape)
        counts[axis] = min(num_shards, int(shape[axis]))
        return counts

    return partitioner


def variable_axis_size_partitioner(
    max_shard_bytes: int,
    axis: int = 0,
    bytes_per_string_element: int = 16,
    max_shards: int | None = None,
) -> Partitioner:
    """A partitioner: parts of at most so many bytes, and at most `max_shards` of them.

    Errors: ValueError for numbers that are not positive; of the partitioner, for what is no
    complete shape or no type. Source: tf.variable_axis_size_partitioner.
    """
    if max_shard_bytes < 1 or bytes_per_string_element < 1:
        raise ValueError("Both max_shard_bytes and bytes_per_string_element must be positive.")
    if max_shards and max_shards < 1:
        raise ValueError("max_shards must be positive.")

    def partitioner(shape: Any, dtype: Any) -> list[int]:
        if not isinstance(shape, TensorShape):
            raise ValueError(f"shape is not a TensorShape: {shape}")
        if not shape.is_fully_defined():
            raise ValueError(f"shape is not fully defined: {shape}")
        if not isinstance(dtype, DType):
            raise ValueError(f"dtype is not a DType: {dtype}")
        rows = int(shape[axis])
        bytes_of_row = _elements(shape) / rows * _bytes(dtype, bytes_per_string_element)
        rows_in_part = max(1, math.floor(max_shard_bytes / bytes_of_row))
        counts = [1] * len(shape)
        counts[axis] = math.ceil(rows / rows_in_part)
        if max_shards:
            counts[axis] = min(max_shards, counts[axis])
        return counts

    return partitioner


def min_max_variable_partitioner(
    max_partitions: int = 1,
    axis: int = 0,
    min_slice_size: int = 256 << 10,
    bytes_per_string_element: int = 16,
) -> Partitioner:
    """A partitioner: parts of at least `min_slice_size` bytes, and at most so many of them.

    Errors: ValueError of the partitioner, for a variable without the axis.
    Source: tf.min_max_variable_partitioner.
    """

    def partitioner(shape: TensorShape, dtype: DType) -> list[int]:
        if axis >= len(shape):
            raise ValueError(
                f"Can not partition variable along axis {axis} when shape is only {shape}"
            )
        total = _elements(shape) * _bytes(dtype, bytes_per_string_element)
        counts = [1] * len(shape)
        wanted = math.ceil(total / min_slice_size)
        counts[axis] = max(1, min(int(shape[axis]), max_partitions, wanted))
        return counts

    return partitioner


def _elements(shape: TensorShape) -> int:
    return shape.num_elements() or 0


def _bytes(dtype: DType, of_string: int) -> int:
    return of_string if dtype.base_dtype is string else dtype.size
