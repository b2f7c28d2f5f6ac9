"""What layers share: numbers for each axis, lengths of what windows make, what depends on what.

Source: tensorflow.python.layers.utils of 1.15.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.graph import Operation, Tensor
from graphscope.layers.smart_cond import smart_cond, smart_constant_value
from graphscope.ops.windows import FORMATS

constant_value = smart_constant_value

__all__ = [
    "constant_value",
    "conv_input_length",
    "conv_output_length",
    "convert_data_format",
    "deconv_output_length",
    "get_reachable_from_inputs",
    "normalize_data_format",
    "normalize_padding",
    "normalize_tuple",
    "object_list_uid",
    "smart_cond",
    "static_shape",
]

_ORDERS = ("channels_last", "channels_first")


def convert_data_format(data_format: str, ndim: int) -> str:
    """``NHWC`` for ``channels_last`` and four axes. Errors: ValueError for another of either."""
    if data_format not in _ORDERS:
        raise ValueError(f"Invalid data_format: {data_format}")
    if ndim not in FORMATS:
        raise ValueError(f"Input rank not supported: {ndim}")
    return FORMATS[ndim][_ORDERS.index(data_format)]


def normalize_data_format(value: str) -> str:
    """``channels_last`` or ``channels_first``. Errors: ValueError."""
    data_format = value.lower()
    if data_format not in _ORDERS:
        raise ValueError(
            'The `data_format` argument must be one of "channels_first", "channels_last". '
            f"Received: {value}"
        )
    return data_format


def normalize_padding(value: str, *more: str) -> str:
    """``valid`` or ``same``, or one of those that are possible besides. Errors: ValueError."""
    padding = value.lower()
    if padding not in ("valid", "same", *more):
        raise ValueError(
            f'The `padding` argument must be one of "valid", "same". Received: {padding}'
        )
    return padding


def normalize_tuple(value: Any, n: int, name: str) -> tuple[Any, ...]:
    """One number for all of n axes, or one for each. Errors: ValueError."""
    if isinstance(value, int):
        return (value,) * n
    wrong = f"The `{name}` argument must be a tuple of {n} integers. Received: {value}"
    try:
        items = tuple(value)
    except TypeError:
        raise ValueError(wrong) from None
    if len(items) != n:
        raise ValueError(wrong)
    for item in items:
        try:
            int(item)
        except (TypeError, ValueError):
            raise ValueError(f"{wrong} including element {item} of type {type(item)}") from None
    return items


# ---- lengths -----------------------------------------------------------------------------------


def conv_output_length(
    input_length: int | None, filter_size: int, padding: str, stride: int, dilation: int = 1
) -> int | None:
    """How many windows there are along an axis.

    padding: "same", "valid", "full", or "causal", which keeps the length as "same" does.
    """
    if input_length is None:
        return None
    reach = (filter_size - 1) * dilation
    more = {"same": 0, "causal": 0, "valid": -reach, "full": reach}[padding]
    return (input_length + more + stride - 1) // stride


def conv_input_length(
    output_length: int | None, filter_size: int, padding: str, stride: int
) -> int | None:
    """The shortest length with so many windows."""
    if output_length is None:
        return None
    around = {"same": filter_size // 2, "valid": 0, "full": filter_size - 1}[padding]
    return (output_length - 1) * stride - 2 * around + filter_size


def deconv_output_length(input_length: Any, filter_size: int, padding: str, stride: int) -> Any:
    """The length that a transposed convolution makes of a length, a number or a tensor."""
    if input_length is None:
        return None
    grown = input_length * stride
    if padding == "valid":
        return grown + max(filter_size - stride, 0)
    return grown - (stride + filter_size - 2) if padding == "full" else grown


# ---- tensors -----------------------------------------------------------------------------------


def object_list_uid(object_list: Any) -> str:
    """A text that tells lists of objects apart, by the objects."""
    return ", ".join(str(abs(id(item))) for item in nest.flatten(object_list))


def static_shape(x: Any) -> tuple[int | None, ...] | None:
    """The sizes of a tensor as far as they are known; None without a rank, and for None."""
    if x is None:
        return None
    sizes: tuple[int | None, ...] | None = x.get_shape().sizes
    return sizes


def get_reachable_from_inputs(inputs: Iterable[Any], targets: Any = None) -> set[Any]:
    """All tensors and operations that depend on the inputs, and the inputs.

    inputs: tensors, operations or variables. targets: the search may stop when all are found.
    """
    reachable, queue = set(inputs), list(inputs)
    wanted = set(targets or ())
    while queue and not (wanted and wanted <= reachable):
        item = queue.pop()
        if is_tensor_like(item) and not isinstance(item, Tensor):
            item = item.op  # a variable: what reads it
        users = item.consumers() if isinstance(item, Tensor) else item.outputs
        for user in users:
            outputs = user.outputs if isinstance(user, Operation) else [user]
            for found in (user, *outputs):
                if found not in reachable:
                    reachable.add(found)
                    queue.append(found)
    return reachable
