"""What can be fed, beside placeholders, and what would not run then?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from graphscope.debug.answers import Feedable
from graphscope.debug.names import Names
from graphscope.engine.plan import Phase, Plan, operation, parents, plan
from graphscope.graph.graph import Operation, Tensor


def feedable(chosen: Plan, names: Names) -> tuple[Feedable, ...]:
    """All that the forward pass computes and that could be fed in its place, in order."""
    hidden_by = _again(chosen) if chosen.inner else _Taken(chosen).hidden_by
    found = []
    for op in chosen.nodes:
        if chosen.phases[op] is not Phase.FORWARD:
            continue
        for tensor in op.outputs:
            if tensor not in chosen.feeds and chosen.graph.is_feedable(tensor):
                hidden, spares = hidden_by(tensor)
                hides = tuple(sorted(hidden - {op}, key=chosen.position.__getitem__))
                found.append(Feedable(tensor, names.of(op), hides, spares))
    return tuple(found)


class _Taken:
    """How often each operation and each feed of a plan is taken: what nobody takes any more does
    not run. That is to be had without another plan, in as many steps as there are such."""

    def __init__(self, chosen: Plan) -> None:
        self._plan = chosen
        self._needed = chosen.needed
        self._placeholders = chosen.placeholders
        wanted = (f for f in chosen.fetches if f not in chosen.feeds)
        self._taken: Counter[Operation] = Counter(map(operation, wanted))
        self._fed: Counter[Tensor] = Counter(t for t in chosen.fetches if isinstance(t, Tensor))
        for op in self._needed:
            self._taken.update(parents(op, chosen.feeds))
            self._fed.update(op.inputs)

    def hidden_by(self, tensor: Tensor) -> tuple[set[Operation], tuple[Tensor, ...]]:
        """What does not run when the tensor is fed, and which placeholders nobody needs then."""
        left: Counter[Operation] = Counter({tensor.op: self._fed[tensor]})
        fed: Counter[Tensor] = Counter()
        hidden: set[Operation] = set()
        stack = [tensor.op]
        while stack:
            op = stack.pop()
            if left[op] < self._taken[op] or op in hidden:
                continue
            hidden.add(op)
            above = parents(op, self._plan.feeds)
            left.update(above)
            fed.update(op.inputs)
            stack += above
        untaken = (t for t in self._placeholders if fed[t] == self._fed[t])
        spared = (t for t in untaken if t.op in hidden or t.op not in self._needed)
        return {op for op in hidden if op in self._plan.position}, tuple(spared)


def _again(chosen: Plan) -> Callable[[Tensor], tuple[set[Operation], tuple[Tensor, ...]]]:
    """The same by making the plan again: loops decide for themselves what of them is needed."""

    def hidden_by(tensor: Tensor) -> tuple[set[Operation], tuple[Tensor, ...]]:
        other = plan(chosen.graph, chosen.fetches, {*chosen.feeds, tensor})
        spares = tuple(t for t in chosen.placeholders if t not in other.placeholders)
        return {op for op in chosen.nodes if op not in other.position}, spares

    return hidden_by
