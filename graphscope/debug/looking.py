"""Looking at a place: where we are, the plan around it, values, variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.debug import answers
from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError
from graphscope.debug.expressions import Expression
from graphscope.debug.place import Place
from graphscope.graph.convert import as_array
from graphscope.graph.graph import Operation
from graphscope.kernels.stats import digest

#: What `list` says of the present node and of the one after it.
_STATES = {0: "now", 1: "next"}
#: How many lines of the plan `list` shows before and after the present one.
_WINDOW = 5


class Looking(Place):
    """The commands that show what is there."""

    @command("where", "w", "bt", group="Look")
    def where(self) -> answers.Where:
        """Where we are: the node, its scopes, its line, and why it runs at all."""
        node = self.timeline.here.node if self.timeline.here else None
        scopes = tuple(node.name.split("/")[:-1]) if node else ()
        return answers.Where(self.stop, scopes, self.fetched)

    @command("list", "l", "lt", "lsn", group="Look")
    def list(self, window: str = "") -> answers.Listing:
        """The plan around this place; ``list 5,20``; ``list all``."""
        first, last = self._window(window.strip().lower())
        stopping = frozenset(node for item in self.stops for node in item.nodes)
        pending = self.timeline.pending
        rows = [self._row(t, stopping, pending) for t in range(first, last + 1)]
        return answers.Listing(
            tuple(rows), self.timeline.end, self.names, self.timeline.end_is_known
        )

    def _row(
        self, t: int, stopping: frozenset[Operation], pending: Sequence[Operation]
    ) -> answers.Row:
        timeline, value, known = self.timeline, None, True
        if t <= timeline.newest:
            step = timeline.steps[t - 1]
            node, frames = step.node, step.frames
            value = next(iter(step.outputs.values()), None) if t <= self.t else None
        else:
            ahead = t - timeline.newest - 1
            node, coming = pending[ahead], timeline.ahead(timeline.newest)
            known = ahead == 0 or timeline.time_of(node) is not None
            frames = coming.frame.around if coming is not None and ahead == 0 else ()
        return answers.Row(
            t=t,
            node=node,
            phase=self.plan.phases[node],
            state="done" if t < self.t else _STATES.get(t - self.t, "later"),
            python=self.names.python(node),
            value=value,
            breakpoint=node in stopping,
            t_is_known=known,
            frames=frames,
        )

    def _window(self, words: str) -> tuple[int, int]:
        end = self.timeline.end
        if words == "all":
            return 1, end
        if not words:
            middle = max(self.t, 1)
            return max(1, middle - _WINDOW), min(end, middle + _WINDOW)
        first, _, last = words.partition(",")
        if not first.strip().isdigit() or (last and not last.strip().isdigit()):
            raise DebugError(f"list takes two times, as in list 5,20, or all; not {words!r}.")
        start = min(max(int(first), 1), end)
        return start, min(max(int(last), start) if last else start + 2 * _WINDOW, end)

    @command("print", "p", "pt", group="Look", takes="node")
    def card(self, expression: Any) -> answers.Card:
        """A value with its statistics: of a node, a variable, or an expression: np.max(y) - 1."""
        if not isinstance(expression, str):
            tensor = self.locations.tensor(expression)
        else:
            try:
                tensor = self.locations.tensor(expression)
            except DebugError as unknown:
                return self._calculated(expression, unknown)
        value = self.value(tensor)
        python = self.names.python(tensor.op)
        return answers.Card(tensor.name, value, self.t, self.timeline.end, tensor, python)

    def _calculated(self, text: str, unknown: DebugError) -> answers.Card:
        if text.replace("/", "").replace(":", "").isidentifier():
            raise unknown  # a single name, and there is no such node
        value = self._evaluated(text)
        try:
            array = as_array(value)
        except (TypeError, ValueError):
            raise DebugError(f"{text!r} is no array: it is {value!r}") from None
        return answers.Card(text, array, self.t, self.timeline.end)

    def _shown_text(self, expression: str) -> str:
        """An expression's value in a line, for tracepoints; v is the value just computed."""
        try:
            here = self.timeline.here
            value = next(iter(here.outputs.values())) if here and here.outputs else None
            return digest(Expression(expression).evaluate(self.value, v=value, t=self.t))
        except DebugError as error:
            return str(error)

    @command("vars", group="Look")
    def variables(self) -> answers.Variables:
        """All variables: their value now, whether they are trainable, what changed so far."""
        now, changed = self.timeline.variables(), self.changed()
        rows = []
        for op in self.facts.variables:
            name = self.names.of(op)
            trainable = op in self.facts.trainable
            rows.append(
                answers.VariableRow(name, op, trainable, now.get(op.name), changed.get(name))
            )
        return answers.Variables(tuple(rows), self.t)
