"""Questions about numbers: where a gradient stops, where a NaN was born, what changed, the cost."""

from __future__ import annotations

from typing import Any

from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError
from graphscope.debug.place import Place
from graphscope.debug.questions.flow import Flow, flow
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
