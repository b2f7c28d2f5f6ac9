"""How is a variable used, and which parts do its axes have there?"""

from __future__ import annotations

from collections.abc import Iterator

from graphscope.debug.answers import Blocks, Uses
from graphscope.debug.classes import source_of
from graphscope.debug.facts import Facts
from graphscope.graph.graph import Operation, Tensor

#: What changes the numbers of a product and leaves its columns where they are.
_KEEPING = ("Add", "AddV2", "BiasAdd", "Identity")
_SPLITS = ("Split", "SplitV")


def uses_of(variable: Operation, facts: Facts) -> Uses:
    """What takes the value of a variable in the forward pass, and the parts of its axes."""
    nodes = tuple(
        op
        for op in facts.graph.operations
        if op not in facts.backward
        and not op.definition.writes
        and any(tensor.op is not op and source_of(tensor).op is variable for tensor in op.inputs)
        and not _is_handing_on(op, variable)
    )
    found: dict[tuple[int, tuple[int, ...]], Blocks] = {}
    for op in nodes:
        if op.type == "MatMul" and not op.attrs.get("transpose_b"):
            for blocks in (*_rows(op, variable), *_columns(op)):
                found.setdefault((blocks.axis, blocks.parts), blocks)
    return Uses(nodes, tuple(found.values()))


def _is_handing_on(op: Operation, variable: Operation) -> bool:
    """A reading of the variable: what takes that uses it."""
    return bool(op.outputs) and source_of(op.outputs[0]).op is variable


def _rows(product: Operation, variable: Operation) -> Iterator[Blocks]:
    """The rows of the right factor, where the left one was joined of several tensors."""
    left, right = product.inputs
    joined = source_of(left).op
    if source_of(right).op is variable and joined.type == "ConcatV2":
        sizes = [_last(tensor) for tensor in joined.inputs[:-1]]
        total = variable.outputs[0].shape.sizes
        if total and None not in sizes and sum(size or 0 for size in sizes) == total[0]:
            yield Blocks(0, tuple(size or 0 for size in sizes), joined)


def _columns(product: Operation) -> Iterator[Blocks]:
    """The columns, where the product, or its sum with a bias, is split."""
    queue = list(product.outputs)
    for tensor in queue:  # grows on the way
        for user in tensor.graph.consumers(tensor):
            if user.type in _SPLITS and tensor in user.inputs:
                sizes = [_last(part) for part in user.outputs]
                if None not in sizes and sum(size or 0 for size in sizes) == _last(tensor):
                    yield Blocks(1, tuple(size or 0 for size in sizes), user)
            elif user.type in _KEEPING:
                queue += user.outputs


def _last(tensor: Tensor) -> int | None:
    """The size of the last axis."""
    sizes = tensor.shape.sizes
    return sizes[-1] if sizes else None
