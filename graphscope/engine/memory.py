"""The memory of the fast path: where the results of chains and products lie, run after run.

A place is given to the next result of its size as soon as nobody will look at it any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

import numpy as np

from graphscope.engine.fusing import Chain, Join, Product, Step, inner
from graphscope.engine.lowering import Array, Program, Task, Value, cannot_fail
from graphscope.kernels import matmul

#: As wide as the widest vectors.
_ALIGNED = 64


def lay_out(steps: Sequence[Step], program: Program) -> tuple[dict[Value, Array], list[Step]]:
    """The memory of all values that lie in the same place in each run; and the steps without those
    that only look at such a place in another way, which is done here, once."""
    layout = _Layout(steps, program)
    kept = [step for i, step in enumerate(steps) if layout.stays(i, step)]
    return layout.memory, kept


class _Layout:
    """Gives out memory, step by step. blocks: the memory of each value that has some of its own."""

    def __init__(self, steps: Sequence[Step], program: Program) -> None:
        taken = [value for step in steps for value in step.takes]
        self.memory = {v: v.sample for v in (*taken, *program.results.values()) if v.constant}
        self.variables = set(program.finish.values())
        self.places = _places(steps, program)
        self.last = _last_looks(steps, program)
        for part, (whole, _) in self.places.items():
            self.last[whole] = max(self.last[whole], self.last[part])
        self.leaving: dict[float, list[Value]] = {}
        self.blocks: dict[Value, Array] = {}
        self.free: dict[int, list[Array]] = {}

    def stays(self, i: int, step: Step) -> bool:
        """Give its results their memory; False for a step that has nothing more to do in a run."""
        views = None
        if type(step) is Step:
            views = _views(step, self.memory)
            self.memory.update(views or {})
        else:
            for value in step.makes:
                if value not in self.variables:
                    self.memory[value] = self._given(step, i, value)
        for value in self.leaving.pop(i, ()):
            if value in self.blocks:
                block = self.blocks.pop(value)
                self.free.setdefault(block.nbytes, []).append(block)
        return views is None

    def _given(self, step: Step, i: int, value: Value) -> Array:
        if value in self.places:
            whole, part = self.places[value]
            return self._whole(whole)[part]
        heir = _heir(step, i, self.blocks, self.last)
        if heir is not None:
            return self._owned(value, self.blocks.pop(heir))
        return self._whole(value)

    def _whole(self, value: Value) -> Array:
        if value not in self.memory:
            size = -(-value.sample.nbytes // _ALIGNED) * _ALIGNED
            left = self.free.get(size)
            self.memory[value] = self._owned(value, left.pop() if left else _block(size))
        return self.memory[value]

    def _owned(self, value: Value, block: Array) -> Array:
        self.blocks[value] = block
        self.leaving.setdefault(self.last[value], []).append(value)
        return _shaped(block, value.sample)


def _places(
    steps: Sequence[Step], program: Program
) -> dict[Value, tuple[Value, tuple[slice, ...]]]:
    """Values that may be made where they are joined with others, and where that is: those of which
    chains and products alone take something, whose numbers do not depend on where they lie."""
    fixed = {*program.results.values(), *program.finish.values()}
    made = {v for step in steps if isinstance(step, Chain) for v in step.makes}
    fixed.update(v for step in steps if type(step) is Step for v in step.takes)
    found: dict[Value, tuple[Value, tuple[slice, ...]]] = {}
    for step in steps:
        if isinstance(step, Join):
            (task,), (whole,) = step.tasks, step.makes
            for value, part in zip(task.inputs, step.parts, strict=False):
                if value in made and value not in fixed and value not in found:
                    assert value is not None
                    found[value] = whole, part
    return found


def _last_looks(steps: Sequence[Step], program: Program) -> dict[Value, float]:
    """For each value that is made in place the last step that looks at its memory, also by what
    other operations have made of it: their results may be a part of it."""
    roots: dict[Value, frozenset[Value]] = {}
    last: dict[Value, float] = {}
    for i, step in enumerate(steps):
        in_place = type(step) is not Step
        seen = frozenset[Value]().union(*(roots.get(value, ()) for value in step.takes))
        inside = any(task.inside is not None for task in step.tasks)  # its gradient may look again
        last.update((root, inf if inside else max(i, last[root])) for root in seen)
        for value in step.makes:
            roots[value] = frozenset([value]) if in_place else seen
        last.update((value, i) for value in step.makes if in_place)
    for value in program.results.values():
        last.update((root, inf) for root in roots.get(value, ()))
    return last


def rewritten(steps: Sequence[Step], program: Program) -> set[Value]:
    """The next states of variables that may be written where the present ones lie: nobody reads
    those any more, and nothing that comes after can fail, so that the run will have been done."""
    fetched = set(program.results.values())
    readers: dict[Value, int] = {}
    elsewhere: set[Value] = set()
    for i, step in enumerate(steps):
        readers.update((value, i) for value in step.takes)
        if not isinstance(step, Chain | Product):  # what it makes may be a part of what it takes
            elsewhere.update(step.takes)
    found: set[Value] = set()
    for i in reversed(range(len(steps))):
        step = steps[i]
        for task in step.tasks if isinstance(step, Chain | Product) else ():
            for name, new in zip(task.writes, task.outputs, strict=False):
                old = program.start.get(name)
                if old is None or program.finish[name] is not new or old in fetched | elsewhere:
                    continue
                if readers.get(old, i) == i and _reads_first(step, task, old):
                    found.add(new)
        if type(step) is Step and not cannot_fail(step.tasks[0]):
            break
    return found


def _reads_first(step: Step, task: Task, old: Value) -> bool:
    """Nothing in the step reads the old state behind the task that writes the new one."""
    later = step.tasks[step.tasks.index(task) + 1 :]
    if isinstance(step, Product) and (inner(step.tasks[0]) > matmul.DEPTH or step.base is not old):
        return False
    return not any(old in other.inputs for other in later)


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
