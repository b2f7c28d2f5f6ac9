"""What the habits look at: a training, and one step of it that was taken on the side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from graphscope.debug.classes import CrossEntropy, cross_entropies
from graphscope.debug.rules.view import View
from graphscope.debug.timeline import Timeline
from graphscope.debug.trials import Training, Trial


@dataclass(frozen=True)
class Subject:
    """A training under examination.

    view: its graph. trained: what it fetches, in the learner's words.
    """

    training: Training
    view: View
    trained: tuple[str, ...]

    @cached_property
    def step(self) -> Timeline:
        """One run from where the variables are now."""
        return self.training.step(self.training.current)

    @cached_property
    def later(self) -> Timeline:
        """One run after some others: what is zero only at the very beginning is not here."""
        return self.training.step(self.training.trial(5, state=self.training.current).state)

    @cached_property
    def trial(self) -> Trial:
        """Many runs with the feeds of the present run."""
        return self.training.trial(self.training.runs, enough=0.5)

    @cached_property
    def classes(self) -> CrossEntropy | None:
        """The cross entropy that the loss is made of, if it is made of one."""
        behind = sorted(self.view.behind(self.training.loss.outputs[0]), key=lambda op: op._id)
        return next(cross_entropies(behind), None)
