"""What calls functions of a file: conditions and loops as TensorFlow has since 1.14, and calls.

The functions are bodies here, one for each place that calls them, so that they are stepped into.
Their gradients are those that the file has: here no more can be made of them.
These operations are for graphs of files; what is made here owns its bodies in `branches` and
`loops`.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from graphscope.graph.body import Call, Function
from graphscope.graph.declare import Any_, OpDef, op
from graphscope.graph.graph import Tensor
from graphscope.graph.registry import OLD_OPS
from graphscope.graph.shapes import TensorShape
from graphscope.ops.branches import common_shape

_NOTHING = np.zeros((), np.int8)
_NOTHING.setflags(write=False)


def _given(values: Any) -> tuple[Any, ...]:
    """What a function is given. A variable's place is seen inside as it is; its value, which it may
    not have yet, is not."""
    return tuple(_NOTHING if value is None else value for value in values)


def given_back(body: Function) -> tuple[Tensor, ...]:
    """What a function gives back."""
    return body.results[: body.returned]


def _types(*_: Any, **bodies: Function) -> tuple[Any, ...]:
    body = list(bodies.values())[-1]
    return tuple(tensor.dtype.base_dtype for tensor in given_back(body))


def _called_shapes(*_: Any, called: Function) -> tuple[TensorShape, ...]:
    return tuple(tensor.shape for tensor in given_back(called))


def _either(*_: Any, then: Function, orelse: Function) -> tuple[TensorShape, ...]:
    pairs = zip(given_back(then), given_back(orelse), strict=True)
    return tuple(common_shape(a.shape, b.shape) for a, b in pairs)


def _start_shapes(args: list[Tensor], **_: Function) -> tuple[TensorShape, ...]:
    return tuple(TensorShape(None) for _ in args)


def _partitioned_call(
    args: list[Any_], *, called: Function
) -> Generator[Call, Any, tuple[Any, ...]]:
    """Calls a function."""
    results = yield Call(called, _given(args))
    return tuple(results[: called.returned])


def _if(
    cond: Any_, input: list[Any_], *, then: Function, orelse: Function
) -> Generator[Call, Any, tuple[Any, ...]]:
    """Calls one of two functions: the first where the condition is no zero, no empty text."""
    holds = bool(cond) if not cond.ndim else cond.size > 0
    called = then if holds else orelse
    results = yield Call(called, _given(input))
    return tuple(results[: called.returned])


def _while(
    input: list[Any_], *, tested: Function, repeated: Function
) -> Generator[Call, Any, tuple[Any, ...]]:
    """Calls the second function again and again, as long as the first says so."""
    values = _given(input)
    count = 0
    while True:
        holds, *_ = yield Call(tested, values, count)
        if not (bool(holds) if not holds.ndim else holds.size > 0):
            return values
        results = yield Call(repeated, values, count)
        values = tuple(results[: repeated.returned])
        count += 1


_KERNELS = (_partitioned_call, _if, _while)


def _declared(type: str, kernel: Any, shape: Any) -> OpDef:
    declare = op(
        type,
        kind="control",
        outputs=("output",),
        shape=shape,
        dtype=_types,
        table=OLD_OPS,
    )
    return declare(kernel)


#: For each of them: its declaration, and for its bodies the attributes that name the functions.
CALLING: dict[str, tuple[OpDef, dict[str, str]]] = {
    type: (_declared(type, kernel, shape), functions)
    for kernel, shape, functions, types in (
        (
            _partitioned_call,
            _called_shapes,
            {"called": "f"},
            ("PartitionedCall", "StatefulPartitionedCall"),
        ),
        (
            _if,
            _either,
            {"then": "then_branch", "orelse": "else_branch"},
            ("If", "StatelessIf"),
        ),
        (
            _while,
            _start_shapes,
            {"tested": "cond", "repeated": "body"},
            ("While", "StatelessWhile"),
        ),
    )
    for type in types
}


@cache
def call_of(name: str) -> OpDef:
    """The declaration of a node whose type is the name of a function: it calls it."""
    return replace(CALLING["PartitionedCall"][0], type=name)


def calls_functions(definition: OpDef) -> bool:
    """Whether a declaration is one of these."""
    return definition.kernel in _KERNELS
