"""Questions about numbers: where a gradient stops, where a NaN was born, what changed, the cost."""

from __future__ import annotations

from typing import Any

from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError
from graphscope.debug.place import Place
from graphscope.debug.questions.bad import Bad, first_bad
from graphscope.debug.questions.flow import Flow, flow
from graphscope.debug.questions.gradcheck import GradCheck, gradcheck
from graphscope.graph.graph import Tensor


class Measuring(Place):
    """The commands that measure what a run has computed."""

    @command("flow", group="Ask", takes="node")
    def flow(self, *words: Any) -> Flow:
        """Where the gradient of a loss goes on its way back to a variable: flow LOSS %VARIABLE.

        For each node on the way the length of the gradient that arrives, and where it stops,
        vanishes, explodes or is cut, and why. Without a loss, the one for which the variable is
        trained. What the run has not computed is computed on the side.
        """
        if not 1 <= len(words) <= 2:
            raise DebugError("flow needs a loss and a variable: flow loss %W")
        target = self.locations.tensor(words[-1])
        loss = self.locations.tensor(words[0]) if len(words) == 2 else self._loss_of(target)
        return flow(loss, target, self.timeline, self.facts, self.names)

    @command("nan", "blame", group="Ask", takes="node")
    def first_bad(self, spec: Any = "") -> Bad:
        """Where the first NaN or infinity was born, of which numbers, and what it came to.

        It is looked for forwards and backwards, in everything that has run: the first that reaches
        a fetch, a loss or a variable. nan NODE: the one that made this node's value bad. A variable
        that was bad when the run began is traced to the run that made it so.
        """
        asked = self.locations.tensor(spec) if not isinstance(spec, str) or spec else None
        found = first_bad(self.timeline, self.facts, self.names, asked)
        for timeline in reversed(self.history.runs[: self.history.at]):
            if found.t != 0 or found.tensor is None or not found.tensor.op.definition.is_variable:
                break
            earlier = first_bad(timeline, self.facts, self.names, found.tensor)
            if not earlier:
                break
            found = earlier
        return found

    nan = blame = first_bad

    @command("gradcheck", group="Ask", takes="node")
    def gradcheck(self, *words: Any, eps: float = 0.0) -> GradCheck:
        """The gradient of a loss or a node against differences of its value: gradcheck loss %W.

        Along the variables and feeds that are named, or all of them; of large ones some elements
        are checked. On the side, in double precision where that is possible: nothing is changed.
        eps: the step.
        """
        if not words:
            raise DebugError("gradcheck needs a loss or a node: gradcheck loss %W")
        y, *xs = [self.locations.tensor(word) for word in words]
        if eps < 0:
            raise DebugError(f"The step is a number above 0, not {eps}.")
        return gradcheck(y, xs, self.timeline, self.names, eps)

    def _loss_of(self, target: Tensor) -> Tensor:
        """The loss for which a variable is trained, or the only one that there is."""
        facts = self.facts
        trainers = [op for op in self.session.graph.operations if facts.is_trainer(op)]
        own = facts.trainers(target.op) if target.op.definition.is_variable else []
        losses = {facts.loss(op): None for op in own or trainers}
        if len(losses) != 1:
            known = ", ".join(op.name for op in losses) or "none"
            raise DebugError(
                f"Which loss? flow LOSS {self.names.of(target.op)}; there are: {known}"
            )
        return next(iter(losses)).outputs[0]
