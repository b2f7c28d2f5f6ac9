"""The steps of the fast path: which tasks of a program are done together.

- A matrix product takes what is done to its result alone: a bias, a relu, a sum, or the step of
  gradient descent, which are then done while the result is still in registers.
- Elementwise tasks of one shape become a *chain*, which goes over the data once.

Neither changes a number: see `graphscope.kernels.chain` and `graphscope.kernels.matmul`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

import numpy as np

from graphscope.engine.lowering import Program, Task, Value
from graphscope.graph.graph import Operation
from graphscope.kernels import chain, matmul


@dataclass(eq=False)
class Step:
    """Tasks that are done in one call: by default one task, by its kernel.

    hidden: values between its tasks, which nobody else takes: they are nowhere in memory.
    """

    tasks: list[Task]
    hidden: set[Value] = field(default_factory=set)

    @property
    def ops(self) -> tuple[Operation, ...]:
        return tuple(task.op for task in self.tasks)

    @property
    def makes(self) -> tuple[Value, ...]:
        return tuple(v for task in self.tasks for v in task.outputs if v not in self.hidden)

    @property
    def takes(self) -> tuple[Value, ...]:
        """What has to be there before it, each once."""
        inside = {value for task in self.tasks for value in task.outputs}
        taken = (value for task in self.tasks for value in task.inputs if value is not None)
        return tuple(dict.fromkeys(value for value in taken if value not in inside))


@dataclass(eq=False)
class Product(Step):
    """A matrix product and what is done to its result: `bias`, `relu`, added to `base`, or times
    `rate` taken from it."""

    bias: Value | None = None
    relu: bool = False
    base: Value | None = None
    rate: Value | None = None


@dataclass(eq=False)
class Chain(Step):
    """Elementwise tasks of one shape. code: per task its instructions: see `chain.expand`."""

    code: list[Any] = field(default_factory=list)


@dataclass(eq=False)
class Join(Step):
    """Values that are joined along an axis, in memory where some of them may be made already.

    parts: where each of them is in the whole."""

    parts: tuple[tuple[slice, ...], ...] = ()


def fuse(program: Program) -> list[Step]:
    """The steps of a program, in an order in which each comes after what it takes."""
    tasks = list(_split_sums(program.tasks))
    uses = Counter(v for task in tasks for v in task.inputs if v is not None)
    uses.update((*program.results.values(), *program.finish.values()))
    return _ordered(_with_products(tasks, uses), uses)


# ---- products ----------------------------------------------------------------------------------


def _with_products(tasks: list[Task], uses: Counter[Value]) -> list[Step]:
    """A step for each task, but products have taken what follows them."""
    users: dict[Value, Task] = {}
    for task in tasks:
        users.update((value, task) for value in task.inputs if value is not None)
    absorbed: dict[Task, Product] = {}
    steps: list[Step] = []
    for task in tasks:
        if task in absorbed:
            continue
        step = Step([task])
        if (parts := _joined(task)) is not None:
            step = Join([task], parts=parts)
        elif is_product(task):
            step = Product([task])
            _absorb(step, users, uses, absorbed)
        steps.append(step)
    return steps


def _joined(task: Task) -> tuple[tuple[slice, ...], ...] | None:
    """Where in the whole the parts are that the task joins; None if it does something else."""
    if task.op.type != "ConcatV2":
        return None
    whole = task.outputs[0]
    if not whole.fixed or not whole.sample.flags.c_contiguous:
        return None  # numpy joins columns that lie one behind the other to such ones
    *values, axis = task.inputs
    if axis is None or not axis.constant or any(v is None or not v.fixed for v in values):
        return None
    at, parts = int(axis.sample) % whole.sample.ndim, []
    end = 0
    for value in values:
        assert value is not None
        begin, end = end, end + value.sample.shape[at]
        parts.append((*(slice(None),) * at, slice(begin, end)))
    return tuple(parts)


def _absorb(
    product: Product, users: dict[Value, Task], uses: Counter[Value], absorbed: dict[Task, Product]
) -> None:
    """Give the product what is done to its result, as far as nobody else takes that."""

    def follower() -> Task | None:
        result = product.tasks[-1].outputs[0]
        return users.get(result) if uses[result] == 1 else None

    def take(task: Task) -> None:
        product.hidden.add(product.tasks[-1].outputs[0])
        product.tasks.append(task)
        absorbed[task] = product

    task, result = follower(), product.tasks[0].outputs[0]
    if task is None or task in absorbed:
        return
    if (bias := _bias(task, result)) is not None:
        product.bias = bias
        take(task)
        task = follower()
        if task is not None and task.op.type == "Relu":
            product.relu = True
            take(task)
        return
    if task.op.type in _SUMS and len(task.inputs) == 2:
        (other,) = (value for value in task.inputs if value is not result)
        if other is not None and _alike(other, result):
            product.base = other
            take(task)
    elif task.op.type in _DESCENTS and task.inputs[2] is result:
        base, rate = task.inputs[:2]
        if base is not None and rate is not None and _alike(base, result):
            product.base, product.rate = base, rate
            take(task)


_SUMS = ("Add", "AddV2", "AddN")
_DESCENTS = ("ApplyGradientDescent", "ResourceApplyGradientDescent")


def _alike(base: Value, result: Value) -> bool:
    return base.fixed and base.layout == result.layout


def _bias(task: Task, result: Value) -> Value | None:
    """The row that the task adds to each row of the result; None if it does something else."""
    kind = task.op.type
    if kind == "BiasAdd" and task.op.attrs["data_format"] != "NHWC":
        return None
    if kind not in ("BiasAdd", "BiasAddV1", "Add", "AddV2") or task.inputs[0] is not result:
        return None
    row = task.inputs[1]
    columns = result.sample.shape[1]
    right = row is not None and row.fixed and row.sample.dtype == result.sample.dtype
    return row if right and row is not None and row.sample.shape == (columns,) else None


def is_product(task: Task) -> bool:
    """True for a product of matrices of known shapes that our own C does."""
    if task.op.type != "MatMul" or not all(v is not None and v.fixed for v in task.inputs):
        return False
    (rows, columns), attrs = task.outputs[0].sample.shape, task.op.attrs
    return matmul.in_c(
        rows,
        inner(task),
        columns,
        task.outputs[0].sample.dtype,
        attrs["transpose_a"],
        attrs["transpose_b"],
    )


def inner(task: Task) -> int:
    """How many products are summed up for each element of the result."""
    a = task.inputs[0]
    assert a is not None
    size: int = a.sample.shape[0 if task.op.attrs["transpose_a"] else 1]
    return size


def _split_sums(tasks: list[Task]) -> Iterator[Task]:
    """The tasks; a sum of many products as many sums of two, each of which a product may take."""
    products = {task.outputs[0] for task in tasks if is_product(task)}
    for task in tasks:
        terms = task.inputs
        if task.op.type != "AddN" or len(terms) < 3 or products.isdisjoint(terms):
            yield task
            continue
        total = terms[0]
        for term in terms[1:-1]:
            more = Value(task.outputs[0].sample, fixed=task.outputs[0].fixed)
            yield Task(task.op, (total, term), (more,))
            total = more
        yield Task(task.op, (total, terms[-1]), task.outputs)


# ---- chains ------------------------------------------------------------------------------------

#: A chain that takes and makes more values than this goes on as another one: C has room for them.
_MOST_VALUES = 100

#: To keep an array of so many bytes until it is needed costs less than another call.
_SMALL = 8192


def _kind(step: Step) -> Any:
    """Steps of the same kind can be one chain; None for what cannot be in any."""
    if type(step) is not Step:
        return None
    (task,) = step.tasks
    values = (*task.inputs, *task.outputs)
    if any(value is None or not value.fixed for value in values) or not task.outputs:
        return None
    if len(values) > _MOST_VALUES:
        return None
    shape, dtype = task.outputs[0].sample.shape, task.outputs[0].sample.dtype
    if any(value is None or value.sample.dtype != dtype for value in values):
        return None
    if chain.expand(task.op.type, task.op.attrs, len(task.inputs), dtype) is None:
        return None
    if any(v.sample.shape != shape or not v.sample.flags.c_contiguous for v in task.outputs):
        return None
    taken = (value.sample.shape for value in task.inputs if value is not None)
    return (shape, dtype) if np.broadcast_shapes(shape, *taken) == shape else None


def _ordered(steps: list[Step], uses: Counter[Value]) -> list[Step]:
    """The steps in order: that of creation, but for what is pulled forward into a chain.

    What is elementwise is done with what is of its kind and can be done then. Large results are
    pulled forward only over what has to wait: what comes long after, as a slope does after its
    function, would lie in memory until then.
    """
    makers = {value: i for i, step in enumerate(steps) for value in step.makes}
    needs = [{makers[v] for v in step.takes if v in makers} for step in steps]
    followers: list[list[int]] = [[] for _ in steps]
    for i, needed in enumerate(needs):
        for j in needed:
            followers[j].append(i)
    kinds = [_kind(step) for step in steps]
    ready: dict[Any, list[int]] = {}
    turns: list[int] = []
    done = [False] * len(steps)

    def release(i: int) -> None:
        done[i] = True
        for j in followers[i]:
            needs[j].discard(i)
            if not needs[j]:
                offer(j)

    def offer(i: int) -> None:
        heappush(turns, i)
        heappush(ready.setdefault(kinds[i], []), i)

    def turn_of_another(kind: Any) -> int:
        """The next that can be done and is not of the kind."""
        return min((heap[0] for k, heap in ready.items() if heap and k != kind), default=len(steps))

    for i, needed in enumerate(needs):
        if not needed:
            offer(i)
    ordered: list[Step] = []
    while turns:
        first = heappop(turns)
        if done[first]:
            continue
        kind = kinds[first]
        same = ready[kind]
        if kind is None:
            ordered.append(steps[heappop(same)])
            release(first)
            continue
        small = steps[first].tasks[0].outputs[0].sample.nbytes <= _SMALL
        tasks: list[Task] = []
        values: set[Value | None] = set()
        while same and (small or same[0] < turn_of_another(kind)):
            (task,) = steps[same[0]].tasks
            values.update(task.inputs, task.outputs)
            if tasks and len(values) > _MOST_VALUES:
                break
            tasks.append(task)
            release(heappop(same))
        ordered.append(_chained(tasks, uses))
    return ordered


def _chained(tasks: list[Task], uses: Counter[Value]) -> Chain:
    inside = Counter(v for task in tasks for v in task.inputs if v is not None)
    made = [value for task in tasks for value in task.outputs]
    code = [
        chain.expand(t.op.type, t.op.attrs, len(t.inputs), t.outputs[0].sample.dtype) for t in tasks
    ]
    return Chain(tasks, {v for v in made if inside[v] == uses[v]}, code)


def in_one_call(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps that do several tasks."""
    return (step for step in steps if len(step.tasks) > 1)
