"""Values to tensors, as tensorflow.python.framework.ops does it, and names with scopes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor as converted
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.ops.gradient_registry import declared_gradient

_numbers = itertools.count()


def convert_to_tensor(
    value: Any,
    dtype: Any = None,
    name: str | None = None,
    preferred_dtype: Any = None,
    dtype_hint: Any = None,
) -> Tensor:
    """A tensor for the value, which may be one already.

    preferred_dtype, dtype_hint: the type where the value can be of it, and `dtype` is left out.
    Source: tf.convert_to_tensor. Errors: TypeError for what no tensor holds, ValueError for a
    tensor of another type.
    """
    preferred = preferred_dtype if dtype_hint is None else dtype_hint
    if isinstance(value, Operation):
        raise TypeError(f"Can't convert Operation {value.name!r} to Tensor")
    if dtype is not None or preferred is None:
        return converted(value, dtype, name)
    try:
        return converted(value, preferred, name)
    except (TypeError, ValueError):
        return converted(value, None, name)


def convert_n_to_tensor(
    values: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None
) -> list[Tensor]:
    """Each of the values as a tensor; with a name, they are called ``name_0``, ``name_1``...

    Errors: TypeError when it is no sequence.
    """
    names = _names(values, name)
    return [
        convert_to_tensor(value, dtype, part, preferred_dtype)
        for value, part in zip(values, names, strict=True)
    ]


def convert_to_tensor_or_indexed_slices(
    value: Any, dtype: Any = None, name: str | None = None
) -> Any:
    """A tensor, or the IndexedSlices that it is. Errors: ValueError for those of another type."""
    if not isinstance(value, IndexedSlices):
        return convert_to_tensor(value, dtype, name)
    if dtype is not None and not value.dtype.is_compatible_with(dtype):
        raise ValueError(
            f"Tensor conversion requested dtype {dtype} for Tensor with dtype {value.dtype.name}"
        )
    return value


def convert_n_to_tensor_or_indexed_slices(
    values: Any, dtype: Any = None, name: str | None = None
) -> list[Any]:
    """Each of the values; None stays None. Errors: TypeError when it is no sequence."""
    names = _names(values, name)
    return [
        None if value is None else convert_to_tensor_or_indexed_slices(value, dtype, part)
        for value, part in zip(values, names, strict=True)
    ]


def _names(values: Any, name: str | None) -> list[str | None]:
    if not isinstance(values, Sequence):
        raise TypeError("values must be a sequence.")
    return [None if name is None else f"{name}_{i}" for i in range(len(values))]


def is_dense_tensor_like(t: Any) -> bool:
    """Whether it is a tensor or a variable."""
    return is_tensor_like(t) and not isinstance(t, IndexedSlices)


def strip_name_scope(name: Any, export_scope: str | None) -> Any:
    """The name without the scope: of ``scope/x``, ``^scope/x`` and ``loc:@scope/x``."""
    if not export_scope:
        return name
    text = name.decode() if isinstance(name, bytes) else name
    scope = re.escape(export_scope.rstrip("/"))
    return re.sub(rf"^(\^|loc:@)?{scope}/+", r"\1", text)


def prepend_name_scope(name: Any, import_scope: str | None) -> Any:
    """The name in the scope, after the ``^`` or ``loc:@`` that it begins with."""
    if not import_scope:
        return name
    text = name.decode() if isinstance(name, bytes) else name
    begin = next((sign for sign in ("^", "loc:@") if text.startswith(sign)), "")
    return f"{begin}{import_scope.rstrip('/')}/{text[len(begin) :]}"


def name_from_scope_name(name: str) -> str:
    """The name of the operation after which a scope is called: ``dense`` of ``dense/``."""
    return name.removesuffix("/")


def get_name_scope() -> str:
    """The scope of names around, without ``/`` at its end."""
    return get_default_graph().get_name_scope()


def get_all_collection_keys() -> list[Any]:
    """The names of the default graph's collections."""
    return get_default_graph().get_all_collection_keys()


def get_gradient_function(op: Operation) -> Any:
    """The gradient that was declared for the operation by a user, or its rule.

    Errors: LookupError when it has none.
    """
    declared = declared_gradient(op)
    if declared is None and op.definition.gradient_rule is None:
        raise LookupError(f"No gradient registered for {op.type}")
    return declared or op.definition.gradient_rule


def uid() -> int:
    """A number that was not given out before, in this process."""
    return next(_numbers)


def tensor_id(tensor: Any) -> int:
    """A number of its own for each tensor."""
    return id(tensor)


def has_default_graph() -> bool:
    """True: there always is one."""
    return True


def inside_function() -> bool:
    """False: there is one graph, and functions are parts of it."""
    return False
