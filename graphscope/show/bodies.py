"""The branches of a cond and the body of a loop, where a picture shows what is in them.

What is inside is drawn like everything else, beside its gradient. The owner stands for the result:
of the branch that was taken, or of the last time round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from graphscope.engine.lessons import is_loop
from graphscope.engine.plan import Plan, bodies
from graphscope.graph.body import Body
from graphscope.graph.graph import Operation, Tensor


@dataclass
class Opened:
    """The owners that are open, with the plans of their bodies.

    aliases: parameters that get the same values as another one: those of a loop's test.
    """

    inside: dict[Operation, list[tuple[Body, Plan]]] = field(default_factory=dict)
    aliases: dict[Operation, Operation] = field(default_factory=dict)

    @property
    def operations(self) -> Iterator[Operation]:
        """What is drawn besides the plan's own operations; parameters among it."""
        for pairs in self.inside.values():
            for body, inner in pairs:
                yield from (tensor.op for tensor in body.parameters)
                yield from inner.nodes
                yield from inner.given

    def parameters(self, owner: Operation) -> tuple[Tensor, ...]:
        """The loop variables of an owner, or nothing: in a loop of an old file nodes bring them."""
        if owner not in self.inside or owner.type == "OldLoop":
            return ()
        return self.inside[owner][-1][0].parameters

    def starts(self, owner: Operation) -> tuple[Tensor, ...]:
        """The inputs of an owner that its loop variables begin with."""
        count = len(self.parameters(owner))
        begin = len(owner.inputs) - len(_listed(owner))
        return tuple(owner.inputs[begin : begin + count])

    def given(self, owner: Operation) -> Iterator[tuple[Tensor, Tensor]]:
        """What an owner takes that its loop variables begin with, or that its functions are given:
        each with the parameter that it becomes."""
        if not self.parameters(owner):
            return
        found = [body for body, _ in self.inside[owner]]
        for body in found[-1:] if is_loop(owner) else found:
            yield from zip(self.starts(owner), body.parameters, strict=True)


def _listed(owner: Operation) -> tuple[Tensor, ...]:
    """The inputs after those that the owner itself uses: a condition, or a count."""
    whole = owner.type in _REPEATING or "called" in owner.attrs
    return tuple(owner.inputs if whole else owner.inputs[1:])


#: What owns a test and a body.
_REPEATING = ("While", "StatelessWhile")


def opened(plan: Plan, names: Collection[str]) -> Opened:
    """What is open by these names: of owners, or of the scopes that they were made in. With an
    owner its gradient is open."""
    found = Opened()
    wanted = set(names)
    rest = list(plan.nodes)
    while rest and wanted:
        op = rest.pop()
        if not bodies(op) or not _is_wanted(op, wanted):
            continue
        pairs = [(body, plan.of_body(body)) for body in bodies(op)]
        found.inside[op] = pairs
        rest += [inner for _, part in pairs for inner in part.nodes]
        if op.type in _REPEATING:
            test, body = (pair[0] for pair in pairs)
            pairs_of = zip(test.parameters, body.parameters, strict=True)
            found.aliases.update({a.op: b.op for a, b in pairs_of})
    return found


def _is_wanted(op: Operation, names: Collection[str]) -> bool:
    about = op if op.gradient_of is None else op.gradient_of
    return about.name in names or about.name.rpartition("/")[0] in names


def around(found: Opened, parameter: Operation) -> tuple[Tensor, Tensor] | None:
    """What a loop variable begins with, and what it becomes each time; None for others."""
    for owner, pairs in found.inside.items():
        if owner.type == "OldLoop" or not is_loop(owner):  # in a loop of old, nodes go round
            continue
        body = pairs[-1][0]
        for i, tensor in enumerate(body.parameters):
            if tensor.op is parameter:
                return found.starts(owner)[i], body.results[i]
    return None


def test_of(found: Opened, owner: Operation) -> Operation | None:
    """What decides in an open cond or loop."""
    if owner not in found.inside or owner.gradient_of is not None:
        return None
    if owner.type in _REPEATING:
        return found.inside[owner][0][0].results[0].op
    if owner.type == "OldLoop":
        inner = found.inside[owner][0][1]
        return next((op for op in inner.nodes if op.type == "LoopCond"), None)
    return None if "called" in owner.attrs else owner.inputs[0].op


def inside_words(op: Operation, plan: Plan) -> str:
    """What a closed cond or loop does, in a few words; empty for what owns nothing."""
    parts = [_types(plan.of_body(body)) for body in bodies(op)]
    if not parts:
        return ""
    if op.type in (*_REPEATING, "OldLoop"):
        return f"repeats {parts[-1]}"
    return f"either {parts[0]} or {parts[1]}" if len(parts) == 2 else parts[0]


def _types(inner: Plan) -> str:
    types = dict.fromkeys(op.type for op in inner.nodes if op.type != "LoopVariable")
    return ", ".join(types) or "nothing"
