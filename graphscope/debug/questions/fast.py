"""How a run is done when nobody looks: what the fast path makes of a plan."""

from __future__ import annotations

from graphscope.debug.answers import FastPath
from graphscope.debug.side.runs import run_on_the_side, state_at
from graphscope.debug.timeline import Timeline
from graphscope.engine.compiled import compile_run
from graphscope.engine.fast import not_for_functions
from graphscope.engine.lowering import NotCompiled
from graphscope.engine.plan import Plan


def fast_path(timeline: Timeline, plan: Plan) -> FastPath:
    """What `Session.run` makes of the plan, with the feeds and the variables of this run.

    The plan is run on the side for it, since the shapes have to be known.
    Errors: DebugError when a placeholder is not fed.
    """
    reason = not_for_functions(plan)
    if reason:
        return FastPath(reason=reason)
    ran = run_on_the_side(timeline, plan)
    if ran.error is not None:
        return FastPath(reason=f"the run fails: {ran.error.message}")
    try:
        made = compile_run(plan, ran.values, state_at(timeline, 0).variables)
    except NotCompiled as refused:
        return FastPath(reason=str(refused))
    return FastPath(made.steps, made.folded, made.shared, made.nbytes)
