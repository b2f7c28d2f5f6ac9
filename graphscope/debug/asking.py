"""Asking about a run: what it needs, what runs and what does not, what is trained and why."""

from __future__ import annotations

from collections import Counter
from typing import Any

from graphscope.debug import answers
from graphscope.debug.commands import command
from graphscope.debug.place import Place
from graphscope.debug.questions.fast import fast_path
from graphscope.debug.questions.feedable import feedable
from graphscope.debug.questions.needs import Needs, needs
from graphscope.debug.questions.rates import Rates, rates
from graphscope.debug.questions.updates import Updates, updates
from graphscope.debug.questions.why import Why, why
from graphscope.debug.questions.why_not import WhyNot, why_not
from graphscope.debug.scene import scene_of_fetch
from graphscope.engine.plan import Plan, operation, plan
from graphscope.graph.graph import Tensor

#: The operations whose only use is that they say something.
_PRINTING = ("Print", "PrintV2")


class Asking(Place):
    """The questions about the plan and the variables of a run."""

    @command("plan", group="Ask", takes="node", example="plan loss")
    def summary(self, *fetches: Any, fast: bool = False) -> answers.PlanSummary:
        """What will run, phase by phase, and what will not, and which tf.Print stays silent.

        plan a b: for other fetches, with these feeds, and what they compute together only once.
        fast: also how Session.run does it when nobody looks: what it does in one call, what it
        need not do. A debugged run goes node by node, and gives the same numbers bit by bit.
        """
        elements = [self._fetched(fetch) for fetch in fetches]
        feeds, graph = self.plan.feeds, self.session.graph
        chosen = plan(graph, elements, feeds) if elements else self.plan
        fetched = tuple(self.names.as_fetched(operation(element)) for element in chosen.fetches)
        alone = [plan(graph, [element], feeds) for element in elements]
        alone = alone if len(alone) > 1 else []
        return answers.PlanSummary(
            plan=chosen,
            fetched=fetched,
            skipped=self._only_for(chosen),
            names=self.names,
            apart=tuple((name, len(other)) for name, other in zip(fetched, alone, strict=False)),
            shared=tuple(op for op in chosen.nodes if sum(op in p.position for p in alone) > 1),
            silent=tuple(
                why_not(op, chosen, self.facts, self.names, fetched)
                for op in graph.operations
                if op.type in _PRINTING and op not in chosen
            ),
            fast=fast_path(self.timeline, chosen) if fast else None,
        )

    def _only_for(self, chosen: Plan) -> tuple[tuple[str, int], ...]:
        """What would have to be fetched so that the rest of the graph runs, and how much of it.
        What is hidden by a feed would run for what is fetched, and so is counted by itself."""
        only_for: Counter[str] = Counter()
        for op in chosen.skipped():
            if not op.definition.given:
                root = self.facts.roots[op]
                unwanted = root.gradient_of is not None and root.bound_to is None
                name = "gradients that nothing uses" if unwanted else self.names.as_fetched(root)
                name = "hidden by a feed" if root in chosen.needed else name
                only_for[name] += 1
        return tuple(only_for.items())

    @command("lr", "rates", group="Ask", example="lr")
    def lr(self) -> Rates:
        """Which tensor is the learning rate, what changes it, and what it was in each run."""
        return rates(self.history, self.facts, self.names)

    @command("why-not", "whynot", group="Ask", takes="absent", example="why-not init")
    def why_not(self, spec: Any) -> WhyNot:
        """Why a node does not run for this fetch, or where it does."""
        node = self.locations.one(spec)
        times = self.timeline.times_of(node)
        return why_not(node, self.plan, self.facts, self.names, self.fetched, times)

    @command("feeds", "pf", "ri", group="Ask", example="feeds")
    def feeds(self, *, all: bool = False) -> answers.Feeds:
        """What was fed, to which tensor, and which nodes took it.

        all: also what else can be fed, which is every tensor, and what would not run then.
        """
        rows = []
        for tensor in sorted({*self.plan.feeds, *self.plan.missing}, key=lambda t: t.op._id):
            users = [op for op in self.session.graph.consumers(tensor) if op in self.plan]
            value = self.timeline.run.feeds.get(tensor)
            held, name = self._held(tensor), self.names.of(tensor.op)
            rows.append(answers.Feed(tensor, name, value, tuple(users), held))
        hidden = {tensor: self._hidden_by(tensor) for tensor in self.plan.feeds if tensor.op.inputs}
        more = feedable(self.plan, self.names) if all else ()
        return answers.Feeds(tuple(rows), hidden, self.names, more)

    def _hidden_by(self, tensor: Tensor) -> int:
        """How many operations do not run because this tensor is fed."""
        without = scene_of_fetch(
            self.plan.fetches,
            {t: v for t, v in self.timeline.run.feeds.items() if t is not tensor},
            self.fetched,
            self.facts,
            self.names,
        ).plan
        return sum(op not in self.plan for op in without.nodes)

    @command("needs", group="Ask", takes="node", example="needs train_step")
    def needs(self, *fetches: Any) -> Needs:
        """What a fetch needs: which placeholders, and by which path; which variables."""
        elements = [self._fetched(fetch) for fetch in fetches] or list(self.plan.fetches)
        ops = [e.op if isinstance(e, Tensor) else e for e in elements]
        fetched = tuple(self.names.as_fetched(op) for op in ops)
        known = set(self.timeline.variables())
        return needs(elements, self.timeline.run.feeds, known, self.facts, self.names, fetched)

    @command("updates", group="Ask", example="updates")
    def updates(self) -> Updates:
        """Exactly which variables this run trains, which not, and why."""
        return updates(self.timeline, self.facts, self.names, self.fetched)

    @command("why", group="Ask", takes="variable", example="why W")
    def why(self, variable: Any) -> Why:
        """Why a variable is trained by this run, or why not: seven checks in order."""
        op = self.locations.variable(variable)
        return why(op, self.timeline, self.facts, self.names)
