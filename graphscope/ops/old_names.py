"""Operations of old files that have gone into others since, under their names of then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from graphscope.graph.declare import Any_, Index, OpDef, T, op
from graphscope.graph.graph import Tensor
from graphscope.graph.registry import OLD_OPS, OPS
from graphscope.graph.shapes import UNKNOWN, TensorShape
from graphscope.ops.batch_norm import fused_batch_norm_grad_v3, fused_batch_norm_v3

#: The name of then, and the operation that does the same now.
_SAME = {
    "Inv": "Reciprocal",
    "InvGrad": "ReciprocalGrad",
    "BatchMatrixDeterminant": "MatrixDeterminant",
    "BatchMatrixDiag": "MatrixDiag",
    "BatchMatrixDiagPart": "MatrixDiagPart",
    "BatchMatrixInverse": "MatrixInverse",
    "BatchMatrixSolve": "MatrixSolve",
    "PlaceholderV2": "Placeholder",
    "RefEnter": "Enter",
    "RefExit": "Exit",
    "RefNextIteration": "NextIteration",
    "Stack": "StackV2",
    "StackPop": "StackPopV2",
    "StackPush": "StackPushV2",
    "Variable": "VariableV2",
}


def _again(declared: OpDef, type: str) -> OpDef:
    return replace(declared, type=type)


for _old, _new in _SAME.items():
    if _new in OPS:
        OLD_OPS[_old] = _again(OPS[_new], _old)


@op("Div", kind="math", shape=OPS["RealDiv"].shape_rule, symbol="/", table=OLD_OPS)
def _div(x: T, y: T) -> T:
    """x / y; of whole numbers without the rest, towards zero."""
    kernel = OPS["TruncateDiv" if x.dtype.kind in "iu" else "RealDiv"].kernel
    quotient: T = kernel(x, y)
    return quotient


@_div.gradient
def _(dz: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Any:
    rule = OPS["RealDiv"].gradient_rule
    assert rule is not None
    return rule(dz, z, x, y)


OLD_OPS["Div"].broadcasts = True


@op(
    "Gather",
    kind="array",
    shape=lambda params, indices, **_: indices.shape.concatenate(params.shape[1:]),
    dtype=lambda params, indices, **_: params.dtype.base_dtype,
    table=OLD_OPS,
)
def _gather(params: T, indices: Index, *, validate_indices: bool = True) -> T:
    """The rows of params at these places."""
    rows: T = OPS["GatherV2"].kernel(params, indices, 0)
    return rows


@_gather.gradient
def _(dy: Tensor, y: Tensor, params: Tensor, indices: Tensor, **_: Any) -> Any:
    new = OPS["GatherV2"](params, indices, 0)
    rule = OPS["GatherV2"].gradient_rule
    assert rule is not None
    return rule(dy, new, params, indices, new.op.inputs[2], batch_dims=0)[:2]


def _joined(concat_dim: Tensor, values: list[Tensor], **_: Any) -> TensorShape:
    shape: TensorShape = OPS["ConcatV2"].shape_rule(values, concat_dim)
    return shape


@op(
    "Concat",
    kind="array",
    shape=_joined,
    dtype=lambda concat_dim, values, **_: values[0].dtype.base_dtype,
    table=OLD_OPS,
)
def _concat(concat_dim: Any_, values: list[T], *, N: int = 2) -> T:
    """The values one after the other along an axis."""
    joined: T = OPS["ConcatV2"].kernel(values, concat_dim)
    return joined


@_concat.gradient
def _(dy: Tensor, y: Tensor, concat_dim: Tensor, values: list[Tensor], **_: Any) -> Any:
    rule = OPS["ConcatV2"].gradient_rule
    assert rule is not None
    *slopes, axis = rule(dy, y, values, concat_dim)
    return [axis, *slopes]


@op(
    "MirrorPadGrad",
    kind="array",
    shape=lambda dy, paddings, *, mode: UNKNOWN,
    dtype=lambda dy, paddings, *, mode: dy.dtype.base_dtype,
    differentiable=False,
    table=OLD_OPS,
)
def mirror_pad_grad(dy: T, paddings: Index, *, mode: str) -> T:
    """The slope of MirrorPad: what mirrored elements got is added to their originals."""
    like = np.empty(np.subtract(dy.shape, paddings.sum(axis=1)), np.bool_)
    slope: T = OPS["MirrorPadGrad"].kernel(dy, like, paddings, mode=mode)
    return slope


# ---- batch normalization, whose last output and input are new -----------------------------------


def _normalized(*inputs: T, **attrs: Any) -> Any:
    """What FusedBatchNormV3 gives, without the last output."""
    return fused_batch_norm_v3.kernel(*inputs, **attrs)[:5]


def _normalized_slopes(*inputs: T, **attrs: Any) -> Any:
    """What FusedBatchNormGradV3 gives, whose last input it does not use."""
    return fused_batch_norm_grad_v3.kernel(*inputs, inputs[-1], **attrs)


for _old in ("FusedBatchNorm", "FusedBatchNormV2"):
    OLD_OPS[_old] = replace(
        fused_batch_norm_v3,
        type=_old,
        kernel=_normalized,
        outputs=fused_batch_norm_v3.outputs[:5],
        shape_rule=lambda *args, **attrs: fused_batch_norm_v3.shape_rule(*args, **attrs)[:5],
        dtype_rule=lambda *args, **attrs: fused_batch_norm_v3.dtype_rule(*args, **attrs)[:5],
        gradient_rule=None,
    )
for _old in ("FusedBatchNormGrad", "FusedBatchNormGradV2"):
    OLD_OPS[_old] = replace(
        fused_batch_norm_grad_v3,
        type=_old,
        kernel=_normalized_slopes,
        parameters=fused_batch_norm_grad_v3.parameters[:5],
        gradient_rule=None,
    )

OLD_OPS["RefMerge"] = replace(OPS["Merge"], type="RefMerge")


@op(
    "Einsum",
    kind="math",
    dtype=lambda inputs, **_: inputs[0].dtype.base_dtype,
    shape=lambda *_, **__: TensorShape(None),
    table=OLD_OPS,
)
def einsum(inputs: list[T], *, equation: str) -> T:
    """Sums of products of elements, as Einstein wrote them. Here `tf.einsum` is made of products
    and sums, which can be stepped through."""
    return np.asarray(np.einsum(equation, *inputs, optimize=True), inputs[0].dtype)
