"""What does not run, as far as it belongs in the picture: faint boxes beside what does."""

from __future__ import annotations

from graphscope.engine.plan import is_given
from graphscope.graph.graph import Operation, Tensor
from graphscope.show.sketch import Box, Sketch, begin, is_read, is_seed, is_word

#: With more groups than this, one box stands for all of them.
_GROUPS = 3


def add_ghosts(drawn: Sketch) -> None:
    """The forward operations whose gradient runs without them, and the groups of operations that
    would use what runs."""
    if drawn.asked.ghosts in (None, "none"):
        return
    for box in list(drawn.gradients.values()):
        about = box.about
        if about is None or about in drawn.home:
            continue
        ghost = Box("ghost", about, [about])
        drawn.home[about] = ghost
        drawn.boxes.append(ghost)
    for ghost in [box for box in drawn.boxes if box.role == "ghost"]:
        for tensor in ghost.main.inputs:
            if not is_word(drawn, tensor):
                drawn.join(_behind(drawn, tensor), ghost, "ghost")
    for box in drawn.gradients.values():
        begin(drawn, box)
    _add_blocks(drawn)
    if drawn.asked.ghosts == "all":
        _add_all(drawn)
    else:
        _add_groups(drawn)
    shown = sum(len(box.ops) for box in drawn.boxes if box.role == "ghost")
    drawn.elsewhere = count_pruned(drawn) - shown
    drawn.boxes.sort(key=lambda box: box.main._id)


def _add_groups(drawn: Sketch) -> None:
    """What is near, a box for each group."""
    groups = _groups(drawn)
    if len(groups) > _GROUPS:
        groups = [sorted((op for group in groups for op in group), key=lambda op: op._id)]
    for group in groups:
        ghost = Box("ghost", group[-1], group)
        drawn.boxes.append(ghost)
        for op in group:
            for tensor in op.inputs:
                if tensor.op not in group:
                    drawn.join(drawn.source(tensor), ghost, "ghost")


def _add_all(drawn: Sketch) -> None:
    """All that would run for other fetches, a box for each operation."""
    made: dict[Operation, Box] = {}
    for op in drawn.scene.plan.skipped():
        if is_given(op) or op in drawn.home or any(t.op is op for t in drawn.feeds):
            continue
        ghost = made[op] = Box("ghost", op, [op])
        drawn.boxes.append(ghost)
        for tensor in op.inputs:
            if not is_word(drawn, tensor):
                drawn.join(drawn.source(tensor) or made.get(tensor.op), ghost, "ghost")
        for other in op.control_inputs:
            drawn.join(drawn.home.get(other) or made.get(other), ghost, "ghost")
    for fed, box in drawn.feeds.items():  # what is fed hides what is above it
        for tensor in fed.op.inputs:
            drawn.join(made.get(tensor.op), box, "blocked")


def _behind(drawn: Sketch, tensor: Tensor) -> Box | None:
    """Where a value comes from; for the read of a variable that does not run, the variable."""
    found = drawn.source(tensor)
    if found is None and is_read(tensor.op):
        return drawn.home.get(tensor.op.inputs[0].op)
    return found


def _add_blocks(drawn: Sketch) -> None:
    """Where a gradient ends on its way to a trainable variable: a faint box with the reason."""
    facts = drawn.scene.facts
    losses = [b.about for b in drawn.gradients.values() if b.about and is_seed(drawn, b)]
    if not any(op.definition.writes for op in drawn.scene.plan.nodes):
        return
    found: dict[Operation, None] = {}
    for variable in drawn.scene.plan.variables:
        if variable in facts.trainable and not facts.trainers(variable):
            cuts = (facts.cut(variable, loss) for loss in losses)
            found.update(dict.fromkeys(op for op in cuts if op is not None))
    for op in found:
        cut = drawn.home.get(op)
        users = [e.head for e in drawn.out_of(cut) if e.kind == "data"] if cut else []
        gradients = [g for g in drawn.gradients.values()
                     if g.about and drawn.home.get(g.about) in users]  # fmt: skip
        if cut is None or cut.role != "forward" or not gradients:
            continue
        ghost = Box("ghost", op, about=op, blocked=reason_of(op))
        drawn.boxes.append(ghost)
        for gradient in gradients:
            drawn.join(gradient, ghost, "blocked")


def reason_of(op: Operation) -> str:
    """Why no gradient passes an operation."""
    if op.type == "StopGradient":
        return "stop_gradient"
    if not op.definition.differentiable:
        return f"{op.type} has no gradient"
    return "no gradient passes here"


def count_pruned(drawn: Sketch) -> int:
    """How many operations would run for another fetch, and do not run for this one."""
    return sum(not is_given(op) for op in drawn.scene.plan.skipped())


def _groups(drawn: Sketch) -> list[list[Operation]]:
    """Operations that do not run but hang on one that does, joined with all that hangs on them.

    Other backward passes, updates and initializers are left out: there would be no end of them.
    """
    facts, plan = drawn.scene.facts, drawn.scene.plan
    group_of: dict[Operation, list[Operation]] = {}
    for op in plan.skipped():
        if is_given(op) or op in drawn.home or op in facts.backward or not op.outputs:
            continue
        if op.definition.takes_uninitialized or op.definition.writes or is_read(op):
            continue
        if any(t.op is op for t in drawn.feeds):
            continue
        touches = any(drawn.source(tensor) is not None for tensor in op.inputs)
        joined = [group_of[t.op] for t in op.inputs if t.op in group_of]
        if not touches and not joined:
            continue
        merged = [other for i, g in enumerate(joined) if g not in joined[:i] for other in g]
        merged.append(op)
        for other in merged:
            group_of[other] = merged
    unique = {id(group): sorted(group, key=lambda op: op._id) for group in group_of.values()}
    return sorted(unique.values(), key=lambda group: group[0]._id)
