"""Questions about numbers: where a gradient stops, where a NaN was born, what changed, the cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import numpy as np

from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError, NotExecuted
from graphscope.debug.expressions import Expression
from graphscope.debug.names import Names
from graphscope.debug.place import Place
from graphscope.debug.questions.bad import Bad, first_bad
from graphscope.debug.questions.compare import Comparison, compare
from graphscope.debug.questions.cost import Cost, cost
from graphscope.debug.questions.diff import (
    Changes,
    RunsDiffer,
    ValueDiffers,
    changes,
    runs_differ,
    value_differs,
)
from graphscope.debug.questions.flow import Flow, flow
from graphscope.debug.questions.gradcheck import GradCheck, gradcheck
from graphscope.debug.questions.growth import Growth, growth
from graphscope.debug.questions.saved import StateDiffers, files_differ, state_differs
from graphscope.debug.questions.track import Track, track
from graphscope.debug.questions.two_trainings import UpdatesDiffer
from graphscope.debug.questions.updates import Updates, updates
from graphscope.debug.side.runs import finished, state_at
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.graph.convert import as_array
from graphscope.graph.graph import Operation, Tensor

#: What `diff` answers with.
Difference = Changes | RunsDiffer | ValueDiffers | Growth | UpdatesDiffer | StateDiffers


class _Topic(NamedTuple):
    """Something that `diff` compares. least, most: how many words follow."""

    answer: Callable[..., Difference]
    least: int
    most: int = 100


class Measuring(Place):
    """The commands that measure what a run has computed."""

    @command("flow", group="Ask", takes="node", example="flow loss %W")
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

    @command("nan", "blame", group="Ask", takes="node", example="nan")
    def first_bad(self, spec: Any = "") -> Bad:
        """Where the first NaN or infinity was born, of which numbers, and what it came to.

        It is looked for forwards and backwards, in everything that has run: the first that reaches
        a fetch, a loss or a variable. nan NODE: the one that made this node's value bad. A variable
        that was bad when the run began is traced to the run that made it so.
        """
        asked = self.locations.tensor(spec) if not isinstance(spec, str) or spec else None
        found = first_bad(self.timeline, self.facts, self.names, asked)
        before = reversed(self.history.runs[: self.history.at])
        for timeline in self.history.looked_through(before):
            if found.t != 0 or found.tensor is None or not found.tensor.op.definition.is_variable:
                break
            earlier = first_bad(timeline, self.facts, self.names, found.tensor)
            if not earlier:
                break
            found = earlier
        return found

    nan = blame = first_bad

    @command("gradcheck", group="Ask", takes="node", example="gradcheck loss %W")
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

    @command("hist", "history", group="Look", takes="variable", example="hist %W")
    def hist(self, spec: Any, *, runs: int = 0, chart: str = "") -> Track:
        """How a value has changed: hist %W at every write of a variable, hist NODE at every
        execution; hist loss is its curve. Over all runs that are known; runs: over the last so
        many. chart: a curve of the norm, the mean or the change: hist %W --chart norm
        """
        if runs < 0:
            raise DebugError(f"A number of runs is 1 or more, not {runs}.")
        tensor = self.locations.tensor(spec)
        return track(tensor, self.history, self.names, self.fetched, runs, chart)

    @command(
        "diff",
        group="Look",
        takes="node",
        example="diff 3 9",
        choices={"words": ("run", "graph", "updates", "session", "files")},
    )
    def diff(self, *words: Any) -> Difference:
        """What has changed: since the start of the run; diff 3 9 between two times.

        diff run 1 run 2, or diff 2:5 3:5: between two runs, and the first node that differs.
        diff np.max(y): the value of an expression here, and at the start or in the run before.

        diff graph: what was added to the graph since it was run first, and by which lines. diff
        updates A B: what two train ops do to each variable. diff session FILE: the variables here,
        and those of a checkpoint or an .npz; diff files A B: those of two files. Behind them names
        can be changed: OLD=NEW, a regular expression and what takes its place.
        """
        text = " ".join(str(word) for word in words).strip()
        topic = self._TOPICS.get(str(words[0])) if words else None
        if topic is not None and topic.least <= len(words) - 1 <= topic.most:
            return topic.answer(self, *words[1:])
        if not text:
            return changes(self.timeline, 0, self.t, self.facts, self.names)
        if len(words) == 1 and (text.startswith("%") or not isinstance(words[0], str | int)):
            tensor = self.locations.tensor(words[0])
            return self._value_differs(self.names.of(tensor.op), lambda at: at(tensor))
        places = self._places(text)
        if places is None:
            return self._expression_differs(text)
        (one, first), (other, last) = places
        if one is other and "run" not in text:
            return changes(one, first, last, self.facts, self.names)
        return runs_differ(one, other, (first, last), self.facts, self.names)

    def _graph_grew(self) -> Growth:
        graph = self.session.graph
        return growth(graph, self._sizes(), Names(graph) if self.facts.is_outdated else self.names)

    def _updates_differ(self, *train: Any) -> UpdatesDiffer:
        first, second = (self._updates_of(self._fetched(op)) for op in train)
        return UpdatesDiffer(first, second)

    def _updates_of(self, train: Tensor | Operation) -> Updates:
        """What another run of only this would do, with the feeds of this one; it is not run."""
        run = self.session.prepare(train, self.timeline.run.feeds)
        beside = Timeline(run, state_at(self.timeline, self.t))
        op = train.op if isinstance(train, Tensor) else train
        return updates(beside, self.facts, self.names, (self.names.as_fetched(op),))

    def _session_differs(self, path: Any, *renames: Any) -> StateDiffers:
        state = state_at(self.timeline, self.t)
        return state_differs(str(path), state, self.facts, self.names, map(str, renames))

    def _files_differ(self, first: Any, second: Any, *renames: Any) -> StateDiffers:
        return files_differ(str(first), str(second), map(str, renames))

    #: What `diff` compares when it is asked for it by a word.
    _TOPICS: ClassVar[dict[str, _Topic]] = {
        "graph": _Topic(_graph_grew, 0, 0),
        "updates": _Topic(_updates_differ, 2, 2),
        "session": _Topic(_session_differs, 1),
        "files": _Topic(_files_differ, 2),
    }

    def _places(self, text: str) -> list[tuple[Timeline, int]] | None:
        """The two places that the words mean; None when they are no places."""
        words = re.findall(r"run\s+\d+|\S+", text.replace(",", " "))
        found = [self._place(word) for word in words]
        if None in found or len(found) > 2:
            return None
        places = [place for place in found if place is not None]
        return places if len(places) == 2 else [*places, (self.timeline, self.t)]

    def _place(self, word: str) -> tuple[Timeline, int] | None:
        if word in self.history.marks:
            word = ":".join(map(str, self.history.marks[word]))
        match = re.fullmatch(r"run\s+(\d+)|(?:(\d+):)?#?(\d+)", word)
        if match is None:
            return None
        number = int(match[1] or match[2] or self.timeline.number)
        timeline = self.history.number(number)
        if timeline is None:
            known = ", ".join(str(timeline.number) for timeline in self.history.runs)
            raise DebugError(f"There is no run {number} in the history; there are: {known}.")
        t = timeline.newest if match[3] is None else int(match[3])
        if t > timeline.newest:
            raise DebugError(f"Run {number} has come to t={timeline.newest}, and not to {t}.")
        return timeline, t

    def _expression_differs(self, text: str) -> ValueDiffers:
        expression = Expression(text)

        def evaluated(at: Callable[[Tensor], Value]) -> Value:
            found = expression.evaluate(lambda name: at(self.locations.tensor(name)))
            return found if isinstance(found, np.ndarray) else as_array(found)

        return self._value_differs(text, evaluated)

    def _value_differs(
        self, text: str, evaluated: Callable[[Callable[[Tensor], Value]], Value]
    ) -> ValueDiffers:
        """A value here, and at the start of the run, if it was there already; or else at the end of
        the run before. evaluated: works it out from the values of tensors."""
        here, previous = self.timeline, self.history.previous
        now = evaluated(here.value)
        try:
            before = evaluated(lambda tensor: here.value(tensor, 0))
            then = f"at the start of run {here.number}"
        except NotExecuted:
            if previous is None:
                raise
            before = evaluated(lambda tensor: previous.value(tensor, previous.newest))
            then = f"at the end of run {previous.number}"
        return value_differs(text, then, before, now)

    @command("cost", group="Ask", takes="node", example="cost")
    def cost(self, *fetches: Any) -> Cost:
        """How long each node of this run took, in C, in numpy and in the engine between them.

        cost FETCH: that fetch is run on the side, with the same feeds, and measured.
        """
        if not fetches:
            if not self.timeline.newest:
                raise DebugError("Nothing has run yet. Try: continue, or cost FETCH")
            return cost(self.timeline, self.fetched, self.names, aside=False)
        elements = [self._fetched(fetch) for fetch in fetches]
        run = self.session.prepare(elements, self.timeline.run.feeds)
        beside = Timeline(run, state_at(self.timeline, self.t))
        ops = [e.op if isinstance(e, Tensor) else e for e in elements]
        fetched = tuple(self.names.as_fetched(op) for op in ops)
        return cost(finished(beside), fetched, self.names, aside=True)

    def _loss_of(self, target: Tensor) -> Tensor:
        """The loss for which a variable is trained, or the only one that there is."""
        facts = self.facts
        trainers = [op for op in self.session.graph.operations if facts.is_trainer(op)]
        own = facts.trainers(target.op) if target.op.definition.is_variable else []
        losses = {facts.loss(op): None for op in own or trainers}
        if len(losses) != 1:
            known = ", ".join(op.name for op in losses) or "none"
            name = self.names.of(target.op)
            raise DebugError(f"Which loss? flow LOSS {name}; optimizers have these: {known}")
        return next(iter(losses)).outputs[0]


def first_divergence(d: Measuring, base: Measuring) -> Comparison:
    """The first node at which the run of one debugger is another than that of a second one: of a
    fork in which something was changed, and of what it was forked from.

    Both are run to their ends on the side: neither debugger moves.
    """
    return compare(finished(d.timeline), finished(base.timeline), d.names)
