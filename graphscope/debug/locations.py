"""One grammar of places for every command.

``dense/MatMul`` a node · ``dense/MatMul:0`` its output · ``y`` a Python name · ``dense/*`` a
pattern · ``/regex/`` · ``@MatMul`` an operation type · ``%W`` a variable (as a stop: what writes
it) · ``#12`` the node at a time · ``model.py:42`` the line that made it, in a notebook
``In[3]:2`` · ``grad(loss,W)`` what computes a gradient · ``fwd`` ``bwd`` ``upd`` a phase · ``.``
here · ``$`` the last node

Where a time or a value is meant, behind a node inside of a loop: ``b@3`` in its third iteration,
``b@2.3`` in the third one within the second one of the loop around that
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from graphscope.debug.errors import DebugError, UnknownPlace
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.side.gradients import own_gradients
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Frame
from graphscope.engine.lessons import Rounds, is_in
from graphscope.engine.plan import Phase, Plan
from graphscope.errors import did_you_mean
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.ops.state import written

_PHASES = {phase.value.lower(): phase for phase in Phase}
_LINE = re.compile(r"^(.+\.py|In\[\d+\]):(\d+)$")
_OUTPUT = re.compile(r"^(.+):(\d+)$")
_IN_ROUND = re.compile(r"^(.*[^@.])@(\d+(?:\.\d+)*)$", re.DOTALL)
_GRADIENT = re.compile(r"^grad\(([^(),]+),([^(),]+)\)$")


def in_rounds(spec: object) -> tuple[object, Rounds]:
    """``b@2.3`` in two: the place, and the iterations; none of these for other words."""
    found = _IN_ROUND.match(spec.strip()) if isinstance(spec, str) and "@" in spec else None
    if found is None:
        return spec, ()
    return found[1], tuple(map(int, found[2].split(".")))


class Meant(NamedTuple):
    """The nodes that words mean, and in which iterations of loops: any, when none are named."""

    nodes: frozenset[Operation]
    rounds: Rounds

    def has(self, op: Operation, frame: Frame) -> bool:
        """Whether an operation in a call of a body is meant."""
        return op in self.nodes and is_in(frame, self.rounds)


class Locations:
    """Turns the words of the grammar into operations of one graph and one run."""

    def __init__(self, graph: Graph, timeline: Timeline, names: Names, facts: Facts) -> None:
        self._graph = graph
        self._timeline = timeline
        self._names = names
        self._facts = facts

    @property
    def beginning(self) -> tuple[Plan, Names, Facts] | None:
        """On what it depends alone which places are meant where a run begins; None elsewhere."""
        at_start = not self._timeline.newest
        return (self._timeline.plan, self._names, self._facts) if at_start else None

    def nodes(self, spec: object) -> list[Operation]:
        """The nodes of the plan that the words mean, in order; for ``%W`` those that write it.

        Errors: UnknownPlace, and DebugError for a place that does not run.
        """
        found = self.operations(spec)
        if isinstance(spec, str) and spec.startswith("%"):
            found = [
                op
                for op in self._timeline.plan.everything
                if any(variable in found for variable in written(op))
            ]
            if not found:
                raise DebugError(f"Nothing writes {spec[1:]} in this run. Try: why {spec[1:]}")
        meant = set(found)
        here = [op for op in self._timeline.plan.everything if op in meant]
        if not here:
            name = found[0].name
            if found[0].definition.is_variable:
                raise DebugError(
                    f"{name} is a variable, and no step of the run. What writes it: "
                    f"%{self._names.of(found[0])}"
                )
            if any(tensor in self._timeline.plan.feeds for tensor in found[0].outputs):
                raise DebugError(f"{name} is fed; it is no step of the run.")
            if found[0].type == "LoopVariable" and found[0] in self._timeline.plan:
                raise DebugError(
                    f"{name} is what each iteration is given; it is no step. Try: print {name}"
                )
            if found[0] in self._timeline.plan:
                raise DebugError(f"{name} is there before the run begins; it is no step of it.")
            raise DebugError(f"{name} does not run for this fetch. Try: why-not {name}")
        return here

    def meant(self, spec: object) -> Meant:
        """The places of the run that the words mean. Errors: as `nodes`, and DebugError for an
        iteration of what is in no loop."""
        place, wanted = in_rounds(spec)
        nodes = frozenset(self.nodes(place))
        if wanted and not any(map(self._timeline.in_loop, nodes)):
            few = ", ".join(sorted(op.name for op in nodes)[:4])
            raise DebugError(f"{few} is in no loop, so it has no iterations.")
        return Meant(nodes, wanted)

    def one(self, spec: object) -> Operation:
        """The single operation that the words mean. Errors: DebugError when there are several."""
        found = self.operations(spec)
        if len(found) > 1:
            few = ", ".join(op.name for op in found[:4]) + (", ..." if len(found) > 4 else "")
            raise DebugError(f"{spec!r} means {len(found)} operations, {few}: name one of them.")
        return found[0]

    def known(self, word: str) -> Operation | None:
        """The operation of a name, or the variable of ``%W``; None when there is none, or several.
        This is asked while somebody types, and suggests nothing."""
        found = self._named(word.removeprefix("%"))
        if word.startswith("%"):
            found = [op for op in found if op.definition.is_variable]
        return found[0] if len(found) == 1 else None

    def variable(self, spec: object) -> Operation:
        """The variable that the words mean. Errors: UnknownPlace."""
        words = spec if not isinstance(spec, str) or spec.startswith("%") else f"%{spec}"
        op = self.one(words)
        if not op.definition.is_variable:
            raise UnknownPlace(f"{op.name} is not a variable; it is a {op.type}.")
        return op

    def tensor(self, spec: object) -> Tensor:
        """The tensor that the words mean: an output, or the only one. Errors: UnknownPlace."""
        element = _place(spec) if not isinstance(spec, str) else None
        if hasattr(element, "_as_graph_element"):
            element = element._as_graph_element()
        if isinstance(element, Tensor):
            self._graph.as_graph_element(element)  # ValueError when it is of another graph
            return element
        exact = self._exact(spec)
        if exact is not None and exact.outputs:
            return exact.outputs[0]
        pair = self.gradient(spec)
        if pair is not None:
            return self._own(*pair)
        index = 0
        if isinstance(spec, str) and not _LINE.match(spec):
            output = _OUTPUT.match(spec)
            if output:
                spec, index = output[1], int(output[2])
        op = self.one(spec)
        if not op.outputs:
            raise DebugError(f"{op.name} [{op.type}] has no value: it only waits for others.")
        if index >= len(op.outputs):
            last = op.outputs[-1].name
            raise UnknownPlace(f"{op.name} has no output {index}; its last one is {last}.")
        return op.outputs[index]

    def gradient(self, spec: object) -> tuple[Tensor, Tensor] | None:
        """What ``grad(y,x)`` asks for: the two tensors. None for other words.

        Errors: UnknownPlace when one of the two is not known.
        """
        parts = _GRADIENT.match(spec.strip()) if isinstance(spec, str) and "(" in spec else None
        return (
            None
            if parts is None
            else (self.tensor(parts[1].strip()), self.tensor(parts[2].strip()))
        )

    def _own(self, y: Tensor, x: Tensor) -> Tensor:
        """The tensor of the graph that is a gradient. Errors: UnknownPlace when there is none."""
        (own,) = own_gradients(y, [x], self._timeline.plan)
        if own is None:
            raise UnknownPlace(
                f"The graph has no node that computes the gradient of {y.name} along {x.name}. "
                f"print grad({y.op.name},{x.op.name}) computes it on the side."
            )
        return own

    def operations(self, spec: object) -> list[Operation]:
        """All operations of the graph that the words mean, in order of creation; never none."""
        if not isinstance(spec, str):
            element = self._graph.as_graph_element(_place(spec))
            return [element.op if isinstance(element, Tensor) else element]
        spec = spec.strip()
        found = list(self._matching(spec))
        if not found:
            raise UnknownPlace(self._unknown(spec))
        return found

    def _exact(self, spec: object) -> Operation | None:
        """The operation whose name in the graph is just this, and that no other word means."""
        if not isinstance(spec, str) or spec.lower() in _PHASES:
            return None
        return self._graph.operation_named(spec)

    def _matching(self, spec: str) -> Iterable[Operation]:
        timeline, everything = self._timeline, self._graph.operations
        nodes = timeline.plan.everything
        if spec == ".":
            return [timeline.here.node] if timeline.here else []
        if spec == "$":
            return timeline.plan.nodes[-1:]
        if (pair := self.gradient(spec)) is not None:
            return [self._own(*pair).op]
        if spec.lower() in _PHASES:
            return (op for op in nodes if timeline.plan.phases[op] is _PHASES[spec.lower()])
        if spec.startswith("#") and spec[1:].isdigit():
            return self._at_time(int(spec[1:]))
        if spec.startswith("@"):
            wanted = spec[1:].lower()
            return (op for op in everything if fnmatchcase(op.type.lower(), wanted))
        if spec.startswith("%"):
            return (op for op in self._named(spec[1:]) if op.definition.is_variable)
        if len(spec) > 2 and spec[0] == spec[-1] == "/":
            pattern = _compiled(spec[1:-1])
            return (op for op in everything if pattern.search(op.name))
        line = _LINE.match(spec)
        if line:
            return (op for op in everything if op.source and op.source.where == spec)
        if "*" in spec or "?" in spec:
            return (op for op in everything if fnmatchcase(op.name, spec))
        return self._named(spec)

    def _at_time(self, t: int) -> Iterable[Operation]:
        """The node of a time that has run, or that is known to come."""
        timeline = self._timeline
        if 0 < t <= timeline.newest:
            return [timeline.steps[t - 1].node]
        ahead = timeline.plan.nodes if not timeline.plan.inner else ()
        return ahead[t - 1 : t] if t else []

    def _named(self, word: str) -> list[Operation]:
        """By the name in the graph, by the Python name, or by the end of one name."""
        word = _OUTPUT.sub(r"\1", word)
        exact = self._graph.operation_named(word)
        if exact is not None:
            return [exact]
        if word in self._names.by_python_name:
            return [self._names.by_python_name[word]]
        ends = [op for op in self._graph.operations if op.name.endswith(f"/{word}")]
        return ends if len(ends) == 1 else []

    def _unknown(self, spec: str) -> str:
        place, wanted = in_rounds(spec)
        if wanted:
            return (
                f"{spec} means one iteration, and here {place} is asked for. It is known by print, "
                "goto, until and break."
            )
        if spec == ".":
            return "The run has not begun: nothing has run yet."
        if spec.startswith("#"):
            return f"There is no time {spec[1:]!r}: the run goes from 1 to {self._timeline.end}."
        if spec.startswith("@"):
            hint = did_you_mean(spec[1:], {op.type for op in self._graph.operations})
            return _sentence(f"The graph has no operation of type {spec[1:]!r}", hint)
        if spec.startswith("%"):
            known = [self._names.of(op) for op in self._facts.variables]
            hint = did_you_mean(spec[1:], known) or f"it has {', '.join(known) or 'none'}"
            return _sentence(f"The graph has no variable {spec[1:]!r}", hint)
        if _LINE.match(spec):
            return f"No node was made at {spec}."
        if spec.lower() in _PHASES:
            return f"This run has no node of the phase {_PHASES[spec.lower()]}."
        known = [*(op.name for op in self._graph.operations), *self._names.by_python_name]
        return _sentence(f"The graph has no node {spec!r}", did_you_mean(spec, known))


def _place(spec: object) -> object:
    """A resource variable stands for its place, as any variable does, and not for one reading."""
    return getattr(spec, "handle", spec)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UnknownPlace(f"/{pattern}/ is not a regular expression: {error}.") from None


def _sentence(text: str, hint: str) -> str:
    if not hint:
        return f"{text}."
    return f"{text}; {hint}" if hint.endswith("?") else f"{text}; {hint}."
