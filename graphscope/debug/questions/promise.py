"""What is a node that has no value here: what will it be made of, and what was it last?"""

from __future__ import annotations

from dataclasses import dataclass

from graphscope.debug.answers import Answer
from graphscope.debug.errors import NotExecuted
from graphscope.debug.history import History
from graphscope.debug.names import Names
from graphscope.engine.interpreter import Value
from graphscope.graph.graph import Operation, Tensor


@dataclass(frozen=True)
class Promise(Answer):
    """A tensor that has no value at this place.

    inputs: what it is computed from. runs: whether it is part of this run. reason: why it has no
    value, and what to try.
    last_run, last_t, last_value: when it had one last, in a run before this one; None for never.
    """

    tensor: Tensor
    t: int
    end: int
    inputs: tuple[Operation, ...]
    runs: bool
    reason: str
    last_run: int | None
    last_t: int | None
    last_value: Value | None
    names: Names

    @property
    def never_ran(self) -> bool:
        """Whether no run that is known of has computed it."""
        return self.last_run is None


def promise(tensor: Tensor, t: int, history: History, names: Names, reason: NotExecuted) -> Promise:
    """What is known of a tensor that has no value at a time of the run at which we look."""
    found: tuple[int, int, Value] | None = None
    for timeline in history.looked_through(reversed(history.runs[: history.at])):
        for at in timeline.times_of(tensor.op)[-1:]:
            found = timeline.number, at, timeline.steps[at - 1].outputs[tensor]
        if found is not None:
            break
    run, last_t, value = found or (None, None, None)
    timeline = history.here
    return Promise(
        tensor=tensor,
        t=t,
        end=timeline.end,
        inputs=tuple(dict.fromkeys(given.op for given in tensor.op.inputs)),
        runs=tensor.op in timeline.plan,
        reason=str(reason),
        last_run=run,
        last_t=last_t,
        last_value=value,
        names=names,
    )


def is_promise(tensor: Tensor) -> bool:
    """Whether a tensor can be without a value although nothing is missing: not a variable, and not
    what has to be fed."""
    return not tensor.op.definition.is_variable and tensor.op.type != "Placeholder"
