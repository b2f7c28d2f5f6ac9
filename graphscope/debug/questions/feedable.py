"""What can be fed, beside placeholders, and what would not run then?"""

from __future__ import annotations

from graphscope.debug.answers import Feedable
from graphscope.debug.names import Names
from graphscope.engine.plan import Phase, Plan, plan


def feedable(chosen: Plan, names: Names) -> tuple[Feedable, ...]:
    """All that the forward pass computes and that could be fed in its place, in order."""
    found = []
    for op in chosen.nodes:
        if chosen.phases[op] is not Phase.FORWARD:
            continue
        for tensor in op.outputs:
            if tensor in chosen.feeds or not chosen.graph.is_feedable(tensor):
                continue
            other = plan(chosen.graph, chosen.fetches, {*chosen.feeds, tensor})
            hides = tuple(o for o in chosen.nodes if o not in other.position and o is not op)
            spares = tuple(t for t in chosen.placeholders if t not in other.placeholders)
            found.append(Feedable(tensor, names.of(op), hides, spares))
    return tuple(found)
