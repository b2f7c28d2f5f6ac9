"""Advice: the habits of debugging, run for the learner on the learner's own graph."""

from __future__ import annotations

from typing import Any

from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError
from graphscope.debug.facts import Facts
from graphscope.debug.habits.subject import Subject
from graphscope.debug.names import Names
from graphscope.debug.place import Place
from graphscope.debug.questions.check import Checkup, check
from graphscope.debug.questions.explain import Explanation, explain
from graphscope.debug.questions.lint import Lint, lint
from graphscope.debug.rules.view import View
from graphscope.debug.trials import Training
from graphscope.engine.lessons import unfed
from graphscope.engine.plan import operation, plan
from graphscope.errors import uncaught


class Advising(Place):
    """The commands that look for what is usually wrong."""

    @command("lint", group="Ask", takes="node", example="lint")
    def lint(self, *fetches: Any) -> Lint:
        """What is usually wrong and can be seen without running: in the graph of this run, or of a
        fetch.

        Softmax twice, shapes that are repeated, a step counted twice, log(0), a gradient that is
        cut, updates left out, and more. Each finding names the node, its line, and a way out.
        """
        view = self._view([self._fetched(fetch) for fetch in fetches])
        return lint(view, self._called(view))

    def _view(self, elements: list[Any]) -> View:
        """The graph of these fetches, or of the present run when there are none."""
        facts, names = self._knowledge()
        chosen = plan(self.session.graph, elements, self.plan.feeds) if elements else self.plan
        return View(
            plan=chosen,
            timeline=self.timeline,
            plans=self.session.plans,
            sizes=self._sizes(),
            facts=facts,
            names=names,
            state=self.timeline.before,
            whole=not elements,
        )

    def _called(self, view: View) -> tuple[str, ...]:
        return tuple(view.names.as_fetched(operation(element)) for element in view.plan.fetches)

    @command("check", group="Ask", takes="node", example="check")
    def check(self, *train: Any) -> Checkup:
        """The habits of debugging a training, run on the side: check; check TRAIN_OP.

        Finite numbers, the loss at the start against ln K, gradients for every variable, the size
        of a step, dead and saturated units, one batch again and again, the learning rate, and
        whether labels belong to the inputs. It uses the feeds of this run; the session keeps
        nothing of it.
        """
        view = self._view([self._fetched(op) for op in train] or self._training())
        if view.plan.missing:
            raise DebugError(str(unfed(view.plan).args[0]) + ". check uses the feeds of this run.")
        if not view.trains:
            raise DebugError(f"{', '.join(self._called(view))} trains nothing. Try: check TRAIN_OP")
        training = Training(
            graph=view.graph,
            facts=view.facts,
            fetches=view.plan.fetches,
            loss=view.losses[0],
            trainers=view.trainers,
            feeds=dict(self.timeline.run.feeds),
            now=self.timeline.before,
        )
        return check(Subject(training, view, self._called(view)))

    @command("explain", group="Ask", example="explain")
    def explain(self, error: Any = None) -> Explanation:
        """What the last error means: the node, your line, and what to use or to try.

        The error is that of this run; without one, the last that a command has shown; then the last
        that Python's prompt or a notebook has shown. From Python it takes any exception.
        """
        error = error or self._last_error()
        if not isinstance(error, BaseException):
            said = "explain takes an exception of Python" if error else "Nothing has failed here"
            raise DebugError(f"{said}. From Python: d.explain(error)")
        facts, names = self._knowledge()
        here = error in (self.stop.error, self.timeline.failure)
        return explain(error, facts, names, self.timeline if here else None)

    def _last_error(self) -> BaseException | None:
        """The last error that is known of and that is not about the words of a command."""
        own = self.stop.error or self.timeline.failure
        shown = [output.error for *_, output in self.history.log if output.error is not None]
        failed = [error for error in shown if not isinstance(error, DebugError)]
        return next((error for error in (own, *reversed(failed)) if error), None) or uncaught()

    def _training(self) -> list[Any]:
        """What is fetched, if it trains; otherwise the only train op of the graph."""
        if any(self.facts.is_trainer(op) for op in self.plan.nodes):
            return []
        facts, names = self._knowledge()
        found = dict.fromkeys(
            facts.roots[op] for op in facts.graph.operations if facts.is_trainer(op)
        )
        if len(found) == 1:
            return list(found)
        known = ", ".join(names.as_fetched(op) for op in found) or "none"
        raise DebugError(f"Which train op is to be checked? There are: {known}.")

    def _knowledge(self) -> tuple[Facts, Names]:
        """What is known of the graph as it is now; it may have grown since the run began."""
        if not self.facts.is_outdated:
            return self.facts, self.names
        return Facts(self.session.graph), Names(self.session.graph)
