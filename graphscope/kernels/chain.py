"""Chains of elementwise instructions, done by our own C in one pass over memory.

A chain is made once and called often: `Chain(operands, code)`. Between its instructions nothing is
written to memory, and each rounds as numpy's function does, so that the numbers are those of the
kernels of `graphscope.ops`, bit for bit. Which instructions an operation consists of says `expand`.

Where a NaN comes out it may have another payload. Without the compiled extension there are no
chains: `expand` knows no operation, and `sigmoid` and `tanh` are numpy's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from graphscope.kernels import _native
except ImportError:  # installed without a C compiler
    _KNOWN: dict[str, tuple[int, bool]] = {}
else:
    from graphscope.kernels._native import Chain, Operand

    _KNOWN = _native.CHAIN_INSTRUCTIONS if _native.VECTORS else {}

__all__ = ["Chain", "Instruction", "Operand", "assemble", "expand", "sigmoid", "supports", "tanh"]

#: (name, where the result goes, first input[, second input]). Places are named "i0", "i1" ... for
#: the operation's inputs, "o0" ... for its outputs and "t0" ... for what is between; an input may
#: also be a Python float.
Instruction = tuple[Any, ...]

_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


def supports(name: str, dtype: Any) -> bool:
    """Whether there is an instruction of that name for arrays of the dtype."""
    if name not in _KNOWN:
        return False
    only_float32 = _KNOWN[name][1]
    return dtype == _FLOAT32 or (dtype == _FLOAT64 and not only_float32)


# ---- what operations consist of ----------------------------------------------------------------

# The order of operations is that of the kernels, to the last bracket. An output is written when the
# input of the same number is no longer needed, and any input if there is only one output: so a
# variable may be written where it lies.

_MOMENTUM = "t0 = mul i1 i4; o1 = add t0 i3; "
_ADAM = (
    "t0 = sub 1. i4; t1 = sqrt t0; t2 = mul i5 t1; t3 = sub 1. i3; t4 = div t2 t3; "
    "t5 = sub i9 i1; t6 = sub 1. i6; t7 = mul t5 t6; o1 = add i1 t7; "
    "t8 = mul i9 i9; t9 = sub t8 i2; t10 = sub 1. i7; t11 = mul t9 t10; o2 = add i2 t11; "
)
_ADAM_END = "t16 = sqrt o2; t17 = add t16 i8; t18 = div t15 t17; o0 = sub i0 t18"
_ADAGRAD = "t1 = mul i3 i2; t2 = sqrt o1; t3 = div t1 t2; o0 = sub i0 t3"
_KERAS_MOMENTUM = "t0 = mul i1 i4; t1 = mul i2 i3; o1 = sub t0 t1; "

_TABLE: dict[str, str] = {
    # sums, differences, products, quotients
    "Add": "o0 = add i0 i1",
    "AddV2": "o0 = add i0 i1",
    "BiasAdd": "o0 = add i0 i1",
    "BiasAddV1": "o0 = add i0 i1",
    "Sub": "o0 = sub i0 i1",
    "Mul": "o0 = mul i0 i1",
    "RealDiv": "o0 = div i0 i1",
    "Maximum": "o0 = maximum i0 i1",
    "Minimum": "o0 = minimum i0 i1",
    "SquaredDifference": "o0 = squared_difference i0 i1",
    # functions of one number
    "Neg": "o0 = neg i0",
    "Abs": "o0 = abs i0",
    "Square": "o0 = square i0",
    "Sqrt": "o0 = sqrt i0",
    "Rsqrt": "o0 = rsqrt i0",
    "Reciprocal": "o0 = reciprocal i0",
    "Sigmoid": "o0 = sigmoid i0",
    "Tanh": "o0 = tanh i0",
    "Relu": "o0 = relu i0",
    "Relu6": "t0 = maximum 0. i0; o0 = minimum t0 6.",
    "Softsign": "t0 = abs i0; t1 = add 1. t0; o0 = div i0 t1",
    "Snapshot": "o0 = copy i0",
    "ZerosLike": "o0 = copy 0.",
    # slopes
    "ReluGrad": "o0 = relu_grad i0 i1",
    "Relu6Grad": "t0 = relu_grad i0 i1; t1 = sub 6. i1; o0 = relu_grad t0 t1",
    "SigmoidGrad": "o0 = sigmoid_grad i0 i1",
    "TanhGrad": "o0 = tanh_grad i0 i1",
    "SqrtGrad": "t0 = mul i1 .5; t1 = div t0 i0; o0 = where_nonzero t1 i1",
    "RsqrtGrad": "t0 = mul i1 i0; t1 = mul -.5 t0; t2 = mul i0 i0; t3 = mul t1 t2; "
    "o0 = where_nonzero t3 i1",
    "ReciprocalGrad": "t0 = neg i1; t1 = mul t0 i0; t2 = mul t1 i0; o0 = where_nonzero t2 i1",
    "InvGrad": "t0 = neg i1; t1 = mul t0 i0; t2 = mul t1 i0; o0 = where_nonzero t2 i1",
    "SoftplusGrad": "t0 = sigmoid i1; o0 = mul t0 i0",
    "SoftsignGrad": "t0 = abs i1; t1 = add 1. t0; t2 = square t1; o0 = div i0 t2",
    # what writes variables
    "Assign": "o0 = copy i1",
    "AssignAdd": "o0 = add i0 i1",
    "AssignSub": "o0 = sub i0 i1",
    "AssignVariableOp": "o0 = copy i1",
    "AssignAddVariableOp": "o0 = add i0 i1",
    "AssignSubVariableOp": "o0 = sub i0 i1",
    "ApplyGradientDescent": "t0 = mul i1 i2; o0 = sub i0 t0",
    "ApplyMomentum": _MOMENTUM + "t1 = mul o1 i2; o0 = sub i0 t1",
    "ApplyMomentum use_nesterov": _MOMENTUM
    + "t1 = mul i3 i2; t2 = mul o1 i4; t3 = mul t2 i2; t4 = add t1 t3; o0 = sub i0 t4",
    "ApplyKerasMomentum": _KERAS_MOMENTUM + "o0 = add i0 o1",
    "ApplyKerasMomentum use_nesterov": _KERAS_MOMENTUM
    + "t2 = mul o1 i4; t3 = sub t2 t1; o0 = add i0 t3",
    "ApplyAdagrad update_slots": "t0 = mul i3 i3; o1 = add i1 t0; " + _ADAGRAD,
    "ApplyAdagrad": "o1 = copy i1; " + _ADAGRAD,
    "ApplyAdagradV2 update_slots": "t0 = mul i4 i4; o1 = add i1 t0; "
    "t1 = mul i2 i4; t2 = sqrt o1; t3 = add t2 i3; t4 = div t1 t3; o0 = sub i0 t4",
    "ApplyAdadelta": "t0 = mul i1 i4; t1 = mul i6 i6; t2 = sub 1. i4; t3 = mul t1 t2; "
    "o1 = add t0 t3; t4 = add i2 i5; t5 = sqrt t4; t6 = add o1 i5; t7 = sqrt t6; t8 = div t5 t7; "
    "t9 = mul t8 i6; t10 = mul t9 i3; o0 = sub i0 t10; "
    "t11 = mul i2 i4; t12 = mul t9 t9; t13 = mul t12 t2; o2 = add t11 t13",
    "ApplyAdam": _ADAM + "t15 = mul o1 t4; " + _ADAM_END,
    "ApplyAdam use_nesterov": _ADAM
    + "t12 = mul i9 t6; t13 = mul i6 o1; t14 = add t12 t13; t15 = mul t14 t4; "
    + _ADAM_END,
    "ApplyAdaMax": "t0 = sub i8 i1; t1 = sub 1. i5; t2 = mul t0 t1; o1 = add i1 t2; "
    "t3 = mul i6 i2; t4 = abs i8; o2 = maximum t3 t4; t5 = sub 1. i3; t6 = div i4 t5; "
    "t7 = add o2 i7; t8 = div o1 t7; t9 = mul t6 t8; o0 = sub i0 t9",
    "ApplyAdamWithAmsgrad": "t0 = sub 1. i5; t1 = sqrt t0; t2 = mul i6 t1; t3 = sub 1. i4; "
    "t4 = div t2 t3; t5 = sub i10 i1; t6 = sub 1. i7; t7 = mul t5 t6; o1 = add i1 t7; "
    "t8 = mul i10 i10; t9 = sub t8 i2; t10 = sub 1. i8; t11 = mul t9 t10; o2 = add i2 t11; "
    "o3 = maximum i3 o2; t12 = mul o1 t4; t13 = sqrt o3; t14 = add t13 i9; t15 = div t12 t14; "
    "o0 = sub i0 t15",
    "ApplyRMSProp": "t0 = mul i7 i7; t1 = sub t0 i1; t2 = sub 1. i4; t3 = mul t1 t2; "
    "o1 = add i1 t3; t4 = mul i2 i5; t5 = mul i7 i3; t6 = add o1 i6; t7 = sqrt t6; "
    "t8 = div t5 t7; o2 = add t4 t8; o0 = sub i0 o2",
    "ApplyCenteredRMSProp": "t0 = mul i8 i8; t1 = sub t0 i2; t2 = sub 1. i5; t3 = mul t1 t2; "
    "o2 = add i2 t3; t4 = sub i8 i1; t5 = mul t4 t2; o1 = add i1 t5; "
    "t6 = mul i3 i6; t7 = mul i8 i4; t8 = mul o1 o1; t9 = sub o2 t8; t10 = add t9 i7; "
    "t11 = sqrt t10; t12 = div t7 t11; o3 = add t6 t12; o0 = sub i0 o3",
}

#: A sum of more terms is no chain: the places of a chain are numbered, and not without end.
MOST_TERMS = 100

#: The attributes that choose between two lines of the table.
_CHOICES = ("use_nesterov", "update_slots")


def expand(
    op_type: str, attrs: Mapping[str, Any], inputs: int, dtype: Any
) -> tuple[Instruction, ...] | None:
    """The instructions that an operation consists of; None if chains cannot do it.

    op_type: TensorFlow's name of it. inputs: how many it has, all of them of the dtype.
    """
    if attrs.get("data_format", "NHWC") != "NHWC":
        return None
    choice = next((f" {name}" for name in _CHOICES if attrs.get(name)), "")
    found = _expand(op_type.removeprefix("Resource"), choice, inputs)
    if found is None or not all(supports(name, dtype) for name, *_ in found):
        return None
    return found


@cache
def _expand(op_type: str, choice: str, inputs: int) -> tuple[Instruction, ...] | None:
    if op_type == "AddN" and inputs <= MOST_TERMS:
        text = _sum_of(inputs)
    elif op_type + choice in _TABLE:
        text = _TABLE[op_type + choice]
    else:
        return None
    return tuple(map(_instruction, text.split(";")))


def _sum_of(inputs: int) -> str:
    """From left to right."""
    if inputs == 1:
        return "o0 = copy i0"
    terms = ["i0", *(f"t{i}" for i in range(1, inputs - 1))]
    sums = [*terms[1:], "o0"]
    return "; ".join(
        f"{total} = add {term} i{i}"
        for i, (total, term) in enumerate(zip(sums, terms, strict=True), 1)
    )


def _instruction(text: str) -> Instruction:
    out, _, name, *inputs = text.split()
    return (name, out, *(place if place[0] in "iot" else float(place) for place in inputs))


def assemble(
    instructions: Sequence[Instruction],
    inputs: Sequence[int],
    outputs: Sequence[int],
    unused: int,
) -> tuple[list[Instruction], int]:
    """An operation's instructions with numbers in place of names, as `Chain` takes them.

    inputs, outputs: the numbers of its inputs and outputs. unused: from here on numbers are free
    for what is between. Returns the code and the next number that is free.
    """
    numbers: dict[Any, Any] = {f"i{i}": number for i, number in enumerate(inputs)}
    numbers.update((f"o{i}", number) for i, number in enumerate(outputs))
    code: list[Instruction] = []
    for name, out, *taken in instructions:
        found = [place if type(place) is float else numbers[place] for place in taken]
        if out not in numbers:
            numbers[out] = unused
            unused += 1
        code.append((name, numbers[out], *found))
    return code, unused


# ---- two functions that numpy computes otherwise -----------------------------------------------


def sigmoid(x: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
    """1 / (1 + exp(-x)), elementwise, for floating-point and complex numbers. x: any shape.

    float32 is done in C, below 2 ulp for every x. Returns `out`, of x's shape and dtype, or a new
    array.
    """
    if x.dtype == _FLOAT32 and supports("sigmoid", _FLOAT32):
        return _in_c("sigmoid", x, out)
    if x.dtype.kind == "c":
        found = 1 / (1 + np.exp(-x))
    else:
        small = np.exp(-np.abs(x))  # never overflows
        found = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    if out is None:
        return np.asarray(found, x.dtype)
    out[...] = found
    return out


def tanh(x: NDArray[Any], out: NDArray[Any] | None = None) -> NDArray[Any]:
    """Hyperbolic tangent, elementwise, for floating-point and complex numbers. x: any shape.

    float32 is done in C, below 2 ulp for every x. Returns `out`, of x's shape and dtype, or a new
    array.
    """
    if x.dtype == _FLOAT32 and supports("tanh", _FLOAT32):
        return _in_c("tanh", x, out)
    return np.asarray(np.tanh(x, out=out))


def _in_c(name: str, x: NDArray[Any], out: NDArray[Any] | None) -> NDArray[Any]:
    result = np.empty_like(x) if out is None else out  # in x's order, without gaps
    direct = x.flags.forc and x.flags.aligned and result.flags.aligned
    apart = out is None or _same_place(x, out) or not np.may_share_memory(x, out)
    if direct and apart and x.strides == result.strides:
        _native.apply(name, x, result)
        return result
    dense = np.array(x, order="C")
    _native.apply(name, dense, dense)
    result[...] = dense
    return result


def _same_place(x: NDArray[Any], y: NDArray[Any]) -> bool:
    return bool(x.ctypes.data == y.ctypes.data)
