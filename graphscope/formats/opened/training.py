"""How a graph trains: its optimizers, told by the operations of their updates, and what these
take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from graphscope.formats.edits.draft import rate_argument
from graphscope.formats.messages import NodeDef
from graphscope.formats.opened.facts import OptimizerFact, Rate
from graphscope.formats.opened.nodes import PASSING, Nodes, Output, attr, number_in, written
from graphscope.formats.signatures import Argument, signature

#: What is a variable's place.
VARIABLES = ("Variable", "VariableV2", "VarHandleOp", "AutoReloadVariable")
_UPDATE = re.compile(r"^(Resource)?(Sparse)?Apply(\w+)$")
#: Methods whose operations are not called as their optimizers are.
_METHODS = {"AdaMax": "Adamax", "AdamWithAmsgrad": "AMSGrad", "KerasMomentum": "Momentum"}
#: Arguments of updates that are the gradient, or where it is.
_OF_GRADIENT = ("grad", "delta", "indices", "local_step", "global_step")


class Update(NamedTuple):
    """An operation that changes a variable by a gradient."""

    node: NodeDef
    method: str
    variable: str
    slots: dict[str, str]
    rate: Output | None
    numbers: dict[str, Output]


def updates_of(nodes: Nodes) -> list[Update]:
    """All updates of a graph."""
    found = []
    for node in nodes.all:
        match = _UPDATE.match(node.op)
        known = signature(node.op) if match else None
        if match is None or known is None:
            continue
        places, numbers, rate = {}, {}, None
        for argument, output in zip(known.inputs, nodes.data(node), strict=False):
            if _is_place(argument):
                places[argument.name] = nodes.source(output)[0]
            elif argument.name == rate_argument(node):
                rate = output
            elif argument.name not in _OF_GRADIENT:
                numbers[argument.name] = output
        if not places:
            continue
        variable, *_ = places.values()
        slots = {name: place for name, place in places.items() if place != variable}
        method = _METHODS.get(match[3], match[3].removesuffix("V2"))
        found.append(Update(node, method, variable, slots, rate, numbers))
    return found


def _is_place(argument: Argument) -> bool:
    return argument.is_ref or argument.type == "@20"


def optimizers_of(
    nodes: Nodes,
    updates: Iterable[Update],
    train_ops: Iterable[str],
    value_of: Callable[[str], float | None],
) -> list[OptimizerFact]:
    """The optimizers of a graph: updates of one method, scope and learning rate are of one.

    train_ops: those that a collection names. value_of: what a checkpoint holds under a name.
    """
    groups: dict[tuple[str, str, Output | None], list[Update]] = {}
    for update in updates:
        groups.setdefault((_scope(update.node.name), update.method, update.rate), []).append(update)
    named = set(train_ops)
    found = []
    for (scope, method, rate), members in groups.items():
        slots = [place for member in members for place in member.slots.values()]
        numbers = {
            name: number_of(nodes, output, value_of)
            for name, output in members[0].numbers.items()
            if not name.endswith("_power") or name == "lr_power"
        }
        found.append(
            OptimizerFact(
                name=scope,
                method=method,
                types=tuple(dict.fromkeys(member.node.op for member in members)),
                variables=tuple(dict.fromkeys(member.variable for member in members)),
                slots=tuple(dict.fromkeys(slots)),
                run_by=_run_by(nodes, [member.node.name for member in members], named),
                rate=None if rate is None else number_of(nodes, rate, value_of),
                numbers=numbers,
            )
        )
    return found


def _scope(name: str) -> str:
    """The optimizer's scope, from ``Adam/update_W/ApplyAdam``."""
    before, found, _ = name.rpartition("/update")
    return before if found else name.rpartition("/")[0]


def _run_by(nodes: Nodes, updates: list[str], named: set[str]) -> tuple[str, ...]:
    """What is run for a step: what comes after all updates, and before nothing.

    named: operations that are known to be run: of several they are the first.
    """
    reached: dict[str, int] = {}
    for update in updates:
        names, at = [update], 0
        known = {update}
        while at < len(names) and len(names) < _MOST:
            for user, number in nodes.users.get(names[at], ()):
                if user not in known and (at or number < 0):
                    known.add(user)
                    names.append(user)
            at += 1
        for name in names[1:]:
            reached[name] = reached.get(name, 0) + 1
    most = max(reached.values(), default=0)
    whole = [name for name, count in reached.items() if count == most]
    last = [
        name
        for name in whole
        if not nodes.users.get(name) and nodes.by_name[name].op not in PASSING
    ]
    known_ops = [name for name in whole if name in named]
    first = last if len(last) == 1 else known_ops
    return tuple(dict.fromkeys([*first, *known_ops, *last])) or tuple(updates[:1])


#: A graph in which more waits for updates is not looked through.
_MOST = 2000


def number_of(nodes: Nodes, output: Output, value_of: Callable[[str], float | None]) -> Rate:
    """A number that updates take: which tensor it is, and what is behind it."""
    source = nodes.source(output)
    node = nodes.by_name.get(source[0])
    kind = _kind(node)
    value = _value(nodes, node, value_of)
    behind: tuple[tuple[str, float | None], ...] = ()
    if kind == "computed":
        leaves = (n for n in nodes.behind(source) if _kind(n) != "computed" or not n.input)
        behind = tuple((n.name, _value(nodes, n, value_of)) for n in leaves)[:_FEW]
    return Rate(written(output), kind, value, source[0], behind)


#: So much is told of what a number is computed from.
_FEW = 8


def _kind(node: NodeDef | None) -> str:
    if node is None:
        return "computed"
    if node.op == "Const":
        return "constant"
    if node.op.startswith("Placeholder"):
        return "placeholder"
    return "variable" if node.op in VARIABLES else "computed"


def _value(
    nodes: Nodes, node: NodeDef | None, value_of: Callable[[str], float | None]
) -> float | None:
    """The number that a node stands for, where one can know that without running it."""
    if node is None:
        return None
    if node.op in VARIABLES:
        return value_of(stored_name(node))
    if node.op == "PlaceholderWithDefault":
        taken = nodes.data(node)
        return number_in(nodes.by_name.get(nodes.source(taken[0])[0])) if taken else None
    return number_in(node)


def stored_name(node: NodeDef) -> str:
    """Under which name a checkpoint has a variable, as a rule."""
    shared = attr(node, "shared_name")
    return shared if node.op == "VarHandleOp" and isinstance(shared, str) and shared else node.name


def slots_by_place(updates: Iterable[Update]) -> Mapping[str, tuple[str, str]]:
    """For each slot the variable beside which it is kept, and as what."""
    return {
        place: (update.variable, name) for update in updates for name, place in update.slots.items()
    }
