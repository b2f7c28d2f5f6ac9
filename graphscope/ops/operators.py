"""What Python's operators mean for tensors. Importing this module installs them.

``x + 1`` makes an AddV2 named ``add``, as in TensorFlow, where ``tf.add(x, 1)`` makes an Add named
``Add``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import string
from graphscope.graph.graph import Tensor
from graphscope.graph.reference import Reference
from graphscope.graph.scopes import name_scope
from graphscope.ops import complex_numbers, linalg, logic, math, slice_assign, slicing


def _add(x: Any, y: Any, name: str) -> Any:
    """AddV2 for numbers; for texts Add, which joins them."""
    tensor = x if is_tensor_like(x) else y
    function = math.add if tensor.dtype.base_dtype is string else math.add_v2
    return function(x, y, name=name)


def _xor(x: Any, y: Any, name: str) -> Any:
    """Some operations, all of them in the scope of that name."""
    with name_scope(name, values=[x, y]) as scope:
        return logic.logical_xor(x, y, name=scope)


_BINARY: dict[str, tuple[str, Callable[..., Any]]] = {
    "add": ("add", _add),
    "sub": ("sub", math.subtract),
    "mul": ("mul", math.multiply),
    "truediv": ("truediv", math.truediv),
    "floordiv": ("floordiv", math.floordiv),
    "mod": ("mod", math.floormod),
    "pow": ("pow", math.pow_),
    "and": ("and", logic.logical_and),
    "or": ("or", logic.logical_or),
    "xor": ("xor", _xor),
    "matmul": ("matmul", linalg.matmul),
}
_COMPARISON: dict[str, Callable[..., Any]] = {
    "lt": logic.less,
    "le": logic.less_equal,
    "gt": logic.greater,
    "ge": logic.greater_equal,
}
_UNARY: dict[str, Callable[..., Any]] = {
    "neg": math.negative,
    "abs": complex_numbers.absolute,
    "invert": logic.logical_not,
}


#: The methods that `install` gives.
METHODS = (
    *(f"__{side}{name}__" for name in [*_BINARY, "div"] for side in ("", "r")),
    *(f"__{name}__" for name in [*_COMPARISON, *_UNARY, "getitem"]),
)


def _forward(name: str, function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def operator(x: Any, y: Any) -> Any:
        if is_tensor_like(y):
            return function(x, y, name=name)
        with x.graph.naming(name) as scope:
            y = convert_to_tensor(y, x.dtype.base_dtype, name="y")
        return function(x, y, name=scope)

    return operator


def _reversed(name: str, function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def operator(y: Any, x: Any) -> Any:
        with y.graph.naming(name) as scope:
            x = convert_to_tensor(x, y.dtype.base_dtype, name="x")
        return function(x, y, name=scope)

    return operator


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    def operator(*operands: Any) -> Any:
        return function(*operands)

    return operator


def install(cls: type) -> None:
    """Give the class the operators of a tensor."""
    operators: dict[str, Callable[..., Any]] = {}
    for method, (name, function) in _BINARY.items():
        operators[f"__{method}__"] = _forward(name, function)
        operators[f"__r{method}__"] = _reversed(name, function)
    operators["__div__"], operators["__rdiv__"] = (
        operators["__truediv__"],
        operators["__rtruediv__"],
    )
    for method, function in {**_COMPARISON, **_UNARY}.items():
        operators[f"__{method}__"] = _plain(function)
    operators["__getitem__"] = _plain(slicing.getitem)
    operators["experimental_ref"] = _plain(Reference)
    for method, operator in operators.items():
        operator.__name__ = operator.__qualname__ = method
        setattr(cls, method, operator)


install(Tensor)
slice_assign.install()
