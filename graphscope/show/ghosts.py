"""What does not run, as far as it belongs in the picture: faint boxes beside what does."""

from __future__ import annotations

from graphscope.engine.plan import is_given
from graphscope.graph.graph import Operation
from graphscope.show.sketch import Box, Sketch, is_read, is_seed

#: With more groups than this, one box stands for all of them.
_GROUPS = 3


def add_ghosts(drawn: Sketch) -> None:
    """The forward operations whose gradient runs without them, and the groups of operations that
    would use what runs."""
    for box in list(drawn.gradients.values()):
        about = box.about
        if about is None or about in drawn.home or about.gradient_of is not None:
            continue
        if any(tensor in drawn.feeds for tensor in about.outputs):
            continue
        ghost = Box("ghost", about, [about])
        drawn.home[about] = ghost
        drawn.boxes.append(ghost)
    for ghost in [box for box in drawn.boxes if box.role == "ghost"]:
        for tensor in ghost.main.inputs:
            tail = drawn.source(tensor)
            if tail is not None and not (tensor.op.type == "Const" and tail.role != "const"):
                drawn.join(tail, ghost, "ghost")
    for box in drawn.gradients.values():
        if is_seed(drawn, box) and box.about is not None:
            drawn.join(drawn.home.get(box.about), box, "turn")
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
    shown = sum(len(box.ops) for box in drawn.boxes if box.role == "ghost")
    drawn.elsewhere = count_pruned(drawn) - shown
    drawn.boxes.sort(key=lambda box: box.main._id)


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
        if op.definition.writes or is_read(op) or any(t.op is op for t in drawn.feeds):
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
