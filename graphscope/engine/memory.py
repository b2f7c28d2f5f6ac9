"""The memory of the fast path: where the results of chains and products lie, run after run.

A place is given to the next result of its size as soon as nobody will look at it any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

import numpy as np

from graphscope.engine.fusing import Chain, Product, Step, inner
from graphscope.engine.lowering import Array, Program, Value
from graphscope.kernels import matmul

#: As wide as the widest vectors.
_ALIGNED = 64


def lay_out(steps: Sequence[Step], program: Program) -> tuple[dict[Value, Array], list[Step]]:
    """The memory of all values that lie in the same place in each run; and the steps without those
    that only look at such a place in another way, which is done here, once."""
    taken = [value for step in steps for value in step.takes]
    memory = {v: v.sample for v in (*taken, *program.results.values()) if v.constant}
    variables = set(program.finish.values())
    last = _last_looks(steps, program)
    free: dict[int, list[Array]] = {}
    blocks: dict[Value, Array] = {}
    kept = []
    for i, step in enumerate(steps):
        own = [v for v in step.makes if v not in variables] if _in_place(step) else []
        for value in own:
            heir = _heir(step, i, blocks, last)
            size = -(-value.sample.nbytes // _ALIGNED) * _ALIGNED
            if heir is not None:
                blocks[value] = blocks.pop(heir)
            else:
                blocks[value] = free.get(size, []).pop() if free.get(size) else _block(size)
            memory[value] = _shaped(blocks[value], value.sample)
        views = None if _in_place(step) else _views(step, memory)
        if views is None:
            kept.append(step)
        else:
            memory.update(views)
        for value in [v for v in blocks if last.get(v, i) <= i]:
            block = blocks.pop(value)
            free.setdefault(block.nbytes, []).append(block)
    return memory, kept


def _in_place(step: Step) -> bool:
    return isinstance(step, Chain | Product)


def _last_looks(steps: Sequence[Step], program: Program) -> dict[Value, float]:
    """For each result of a chain or product the last step that looks at its memory, also by what
    other operations have made of it: their results may be a part of it."""
    roots: dict[Value, frozenset[Value]] = {}
    last: dict[Value, float] = {}
    for i, step in enumerate(steps):
        seen = frozenset[Value]().union(*(roots.get(value, ()) for value in step.takes))
        inside = any(task.inside is not None for task in step.tasks)  # its gradient may look again
        last.update((root, inf if inside else max(i, last[root])) for root in seen)
        for value in step.makes:
            roots[value] = frozenset([value]) if _in_place(step) else seen
        last.update((value, i) for value in step.makes if _in_place(step))
    for value in program.results.values():
        last.update((root, inf) for root in roots.get(value, ()))
    return last


def _heir(step: Step, i: int, blocks: dict[Value, Array], last: dict[Value, float]) -> Value | None:
    """A sum that the product is added to, and that nobody needs after that: it grows in place."""
    if not isinstance(step, Product) or step.rate is not None or step.base not in blocks:
        return None
    assert step.base is not None
    return step.base if last[step.base] <= i and inner(step.tasks[0]) <= matmul.DEPTH else None


def _block(size: int) -> Array:
    raw = np.empty(size + _ALIGNED, np.uint8)
    start = -raw.ctypes.data % _ALIGNED
    return raw[start : start + size]


def _shaped(block: Array, sample: Array) -> Array:
    found: Array = block[: sample.nbytes].view(sample.dtype).reshape(sample.shape)
    return found


def _views(step: Step, memory: dict[Value, Array]) -> dict[Value, Array] | None:
    """What a step makes, if that is just the memory of its inputs, seen in another way."""
    (task,) = step.tasks
    taken = [memory.get(value) if value is not None else None for value in task.inputs]
    moving = [v for v in step.takes if not v.constant]
    if task.op.definition.kind != "array" or not task.is_pure or not moving:
        return None
    if any(array is None for array in taken) or not all(v.fixed for v in task.outputs):
        return None
    if not all(_overlap(value.sample, [v.sample for v in moving]) for value in task.outputs):
        return None
    result = task.op.definition.kernel(*task.op.definition.arguments(taken), **task.op.attrs)
    arrays = result if isinstance(result, tuple) else (result,)
    places = [memory[value] for value in moving]
    same = [a.shape == v.sample.shape for a, v in zip(arrays, task.outputs, strict=True)]
    if not all(same) or not all(_overlap(array, places) for array in arrays):
        return None
    return dict(zip(task.outputs, arrays, strict=True))


def _overlap(array: Array, others: Iterable[Array]) -> bool:
    return any(np.may_share_memory(array, other) for other in others)
