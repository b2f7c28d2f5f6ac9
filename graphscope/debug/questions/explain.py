"""What does this error mean, at which node and line did it happen, and what is there to try?

Errors carry a lesson (`graphscope.errors`) with what was known where they were raised. Here it is
put beside what only the graph and the session know: which initializer leaves a variable out, what
was fed in place of what is missing, where the gradient ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

from graphscope.debug.answers import Answer
from graphscope.debug.facts import Facts
from graphscope.debug.names import Names
from graphscope.debug.questions.why import way_around
from graphscope.debug.timeline import Timeline
from graphscope.debug.translations import in_the_graph
from graphscope.errors import FailedPreconditionError, Lesson, OpError, lesson_of
from graphscope.graph.graph import Operation, Tensor
from graphscope.graph.source import Source, line_of


class Kind(Enum):
    """What sort of mistake an error shows."""

    UNINITIALIZED = "a variable has no value"
    UNFED = "a placeholder is not fed"
    FEED_SHAPE = "a feed has another shape"
    FEED_TYPE = "a feed has another type"
    OTHER_GRAPH = "something belongs to another graph"
    NO_VALUE = "a tensor was used as a value while the graph is built"
    EXISTS = "a variable of this name exists"
    NO_GRADIENTS = "no gradient comes to any variable"
    BUILD = "an operation cannot be made of these inputs"
    NODE = "a node cannot work with its inputs"
    OTHER = "something else"


@dataclass(frozen=True)
class Axis:
    """One axis of a feed, and of the tensor that it was fed to.

    None where there is no such axis, or where any size is wanted (`free`).
    """

    number: int
    fed: int | None
    wanted: int | None
    free: bool
    fits: bool


@dataclass(frozen=True)
class TwoGraphs:
    """Side by side: what was given and its graph, and what the session's graph has of its name.

    given: None when it is not known. operations: how many the two graphs have.
    """

    given: Operation | None
    own: Operation | None
    operations: tuple[int, int]


@dataclass(frozen=True)
class Explanation(Answer):
    """An error, explained.

    kind:  what sort of mistake it is. name: the exception's type. sentence: what happened.
    node:  the guilty operation. said: the node in words, also where it is in no graph of ours.
    line:  the user's line that made the node; at: the line at which the error was raised.
    inputs, path: of the lesson: what came in, and why the node was needed.
    axes:  the shapes of a feed side by side. graphs: two graphs side by side.
    use:   the operation of the graph to use.
    known: what the graph and the session know of it, a sentence each. tries: what to try.
    """

    kind: Kind
    name: str
    sentence: str
    node: Operation | None = None
    said: str = ""
    line: str = ""
    at: str = ""
    inputs: tuple[str, ...] = ()
    path: str = ""
    axes: tuple[Axis, ...] = ()
    use: str = ""
    graphs: TwoGraphs | None = None
    known: tuple[str, ...] = ()
    tries: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Case:
    """An error with all that is known around it."""

    error: BaseException
    facts: Facts
    names: Names
    timeline: Timeline | None
    lesson: Lesson = field(default_factory=Lesson)

    @property
    def message(self) -> str:
        """The error's sentence, without the lesson that older Pythons have at its end."""
        text = getattr(self.error, "message", None) or str(self.error)
        lesson = str(self.lesson)
        return str(text).replace(lesson, "").strip() if lesson else str(text)

    def find(self, name: str) -> Operation | None:
        """The operation of this name, or of the tensor of this name."""
        wanted = name.partition(":")[0]
        return next((op for op in self.facts.graph.operations if op.name == wanted), None)

    def base(self, kind: Kind) -> Explanation:
        """The explanation as far as the lesson gives it."""
        raised = line_of(self.error.__traceback__)
        return Explanation(
            kind=kind,
            name=type(self.error).__name__,
            sentence=self.message,
            said=self.lesson.node,
            line=self.lesson.line,
            at=str(raised or ""),
            inputs=tuple(self.lesson.inputs),
            path=self.lesson.path,
            tries=tuple(self.lesson.hint),
        )


Explainer = Callable[[_Case], Explanation]


def explain(
    error: BaseException, facts: Facts, names: Names, timeline: Timeline | None
) -> Explanation:
    """Explain an error that concerns the graph of `facts`.

    timeline: the run in which it happened, if it was in one.
    """
    case = _Case(error, facts, names, timeline, lesson_of(error))
    text = case.message
    for pattern, explainer in _BY_MESSAGE.items():
        if re.search(pattern, text):
            return explainer(case)
    if isinstance(error, FailedPreconditionError) and _node(case) is not None:
        return _uninitialized(case)
    if isinstance(error, OpError) and _node(case) is not None:
        return _failed_node(case)
    return case.base(Kind.BUILD if case.lesson.inputs else Kind.OTHER)


def _node(case: _Case) -> Operation | None:
    op = getattr(case.error, "op", None)
    return op if isinstance(op, Operation) else None


def _at(op: Operation) -> str:
    return f" ({op.source.where})" if op.source else ""


# ---- in a run ----------------------------------------------------------------------------------


def _uninitialized(case: _Case) -> Explanation:
    """Which initializer should have given the variable its value?"""
    variable = _node(case)
    assert variable is not None
    covering = [op for op, variables in case.facts.initializers.items() if variable in variables]
    earlier = [op for op in case.facts.initializers if op._id < variable._id]
    base = replace(case.base(Kind.UNINITIALIZED), node=variable)
    name = case.names.of(variable)
    if covering:
        init = covering[-1]
        known = f"{init.name}{_at(init)} initializes it, and has not run in this session."
        return replace(base, known=(known,), tries=(f"sess.run({case.names.as_fetched(init)})",))
    if earlier:
        init = earlier[-1]
        return replace(
            base,
            known=(
                f"{init.name}{_at(init)} was made before {name}{_at(variable)}: it initializes "
                "what there was then.",
            ),
            tries=("make tf.global_variables_initializer() after everything else, and run it",),
        )
    return replace(base, known=("No initializer was made for the whole graph.",))


_NUMBERED = re.compile(r"_\d+$")
_AUTOMATIC = re.compile(r"(.*/)?Placeholder(_\d+)?$")


def _unfed(case: _Case) -> Explanation:
    """What was fed in its place, and is there another placeholder of the same name?"""
    placeholder = _node(case)
    assert placeholder is not None
    known = []
    if case.timeline is not None:
        fed = [tensor.name for tensor in case.timeline.run.feeds]
        known.append(f"Fed are: {', '.join(fed) or 'none'}.")
    tries = list(case.lesson.hint)
    twin = next((op for op in case.facts.graph.operations if _is_twin(op, placeholder)), None)
    if twin is not None:
        known.append(
            f"{twin.name}{_at(twin)} is another placeholder of that name, and the model uses "
            f"{placeholder.name}{_at(placeholder)}."
        )
        tries = ["make the graph once: tf.reset_default_graph() before it is built again"]
    return replace(case.base(Kind.UNFED), node=placeholder, known=tuple(known), tries=tuple(tries))


def _is_twin(op: Operation, placeholder: Operation) -> bool:
    """A placeholder that was to have the same name, and got a number behind it."""
    if op is placeholder or op.type != placeholder.type or _AUTOMATIC.match(op.name):
        return False
    return _NUMBERED.sub("", op.name) == _NUMBERED.sub("", placeholder.name)


def _failed_node(case: _Case) -> Explanation:
    node = _node(case)
    sentence = re.sub(r"\s*\[\[node .*?\]\]", "", case.message)
    tries = (
        (*case.lesson.hint, f"look at what goes in: until {node.name}, back, where") if node else ()
    )
    return replace(case.base(Kind.NODE), node=node, sentence=sentence, tries=tries)


# ---- feeds -------------------------------------------------------------------------------------

_SHAPE = re.compile(r"Cannot feed value of shape \((.*?)\) for Tensor '(.+?)'")


def _wrong_shape(case: _Case) -> Explanation:
    """The two shapes, axis by axis, and what is usually behind such a pair."""
    match = _SHAPE.search(case.message)
    assert match is not None
    fed = tuple(int(size) for size in match[1].split(",") if size.strip())
    op = case.find(match[2])
    base = replace(case.base(Kind.FEED_SHAPE), node=op)
    if op is None or op.outputs[0].shape.sizes is None:
        return base
    wanted = op.outputs[0].shape.sizes
    axes = tuple(_axis(i, fed, wanted) for i in range(max(len(fed), len(wanted))))
    cause = _cause(fed, wanted)
    return replace(base, axes=axes, tries=(cause,) if cause else base.tries)


def _axis(number: int, fed: tuple[int, ...], wanted: tuple[int | None, ...]) -> Axis:
    mine = fed[number] if number < len(fed) else None
    there = number < len(wanted)
    other = wanted[number] if there else None
    free = there and other is None
    return Axis(number, mine, other, free, mine is not None and (free or mine == other))


def _cause(fed: tuple[int, ...], wanted: tuple[int | None, ...]) -> str:
    """What usually makes such a pair of shapes."""
    rest, asked = fed[1:], wanted[1:]
    if len(fed) == len(wanted) - 1 and _fit(fed, asked):
        return "one example was fed where a batch is wanted: value[None], or value.reshape(1, -1)"
    if len(fed) == 1 and len(wanted) == 2 and wanted[1] is not None:
        if wanted[1] == 1:
            return "a vector was fed where a column is wanted: value.reshape(-1, 1)"
        return f"are these class numbers? feed np.eye({wanted[1]})[labels], one row for each"
    if None not in asked and _count(rest) == _count(asked) and len(fed) > 1 and len(wanted) > 1:
        sizes = ", ".join(["-1", *(str(size) for size in asked)])
        return f"the examples have as many numbers in another form: value.reshape({sizes})"
    if len(fed) == len(wanted) == 2 and _fit(fed[::-1], wanted):
        return "rows and columns are swapped: value.T"
    if len(fed) == len(wanted) and fed[-1] and wanted[-1]:
        large, small = max(fed[-1], wanted[-1]), min(fed[-1], wanted[-1])
        if large % small == 0:
            factor = large // small
            part = " (colour channels?)" if factor == 3 else ""
            return f"{large} = {factor} x {small}: the last axis has {factor} parts{part}"
    return ""


def _fit(fed: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(fed) == len(wanted) and all(
        w is None or f == w for f, w in zip(fed, wanted, strict=True)
    )


def _count(sizes: tuple[int | None, ...]) -> int:
    count = 1
    for size in sizes:
        count *= size or 0
    return count


def _wrong_type(case: _Case) -> Explanation:
    name = case.lesson.node.partition(" ")[0]
    return replace(case.base(Kind.FEED_TYPE), node=case.find(name))


def _other_graph(case: _Case) -> Explanation:
    """Is there something of that name in the session's graph, which was meant?"""
    match = re.search(r"Tensor\(\"(.+?)\"|Operation '(.+?)'", case.message)
    name = (match[1] or match[2]) if match else ""
    own = case.find(name)
    given = _element(case.error)
    count = len(case.facts.graph.operations)
    graphs = TwoGraphs(given, own, (len(given.graph.operations) if given else 0, count))
    known = [f"The session's graph has {count} operations."]
    tries = ["make tensors and session in the same graph: tf.Session(graph=...), or no second "
             "tf.Graph() and no tf.reset_default_graph() between them"]  # fmt: skip
    if own is not None:
        known.append(
            f"It has one of this name, {own.name}{_at(own)}; the one that was given is of another "
            "graph."
        )
        tries = [f"use that one: {case.names.as_fetched(own)}", *tries]
    else:
        known.append(f"It has nothing with the name {name!r}.")
    return replace(
        case.base(Kind.OTHER_GRAPH),
        node=own,
        graphs=graphs,
        known=tuple(known),
        tries=tuple(tries),
    )


def _element(error: BaseException | None) -> Operation | None:
    """The operation that the error, or the one behind it, is about."""
    while error is not None:
        element = getattr(error, "element", None)
        if isinstance(element, Operation | Tensor):
            return element if isinstance(element, Operation) else element.op
        error = error.__cause__ or error.__context__
    return None


# ---- while the graph is built ------------------------------------------------------------------


def _no_value(case: _Case) -> Explanation:
    """Which function left the graph, and which one of the graph does the same?"""
    base = case.base(Kind.NO_VALUE)
    op = case.find(case.lesson.node.partition(" ")[0])
    line = line_of(case.error.__traceback__)
    use = in_the_graph(line.text if line else "", case.message)
    tries = (f"{use} does it inside the graph",) if use else base.tries[1:]
    value = case.names.as_fetched(op) if op is not None else "..."
    return replace(
        base, node=op, use=use, tries=(*tries, f"or get its value first: sess.run({value})")
    )


def _exists(case: _Case) -> Explanation:
    """Where the variable was made first, and where it is made again."""
    match = re.search(r"Variable (\S+) already exists", case.message)
    assert match is not None
    first = case.find(match[1])
    second = line_of(case.error.__traceback__)
    known = [f"{match[1]} was made at {_where(first.source if first else None)}, and is asked for "
             f"again at {_where(second)}."]  # fmt: skip
    again = first is not None and first.source is not None and second is not None
    if again and first.source.where == second.where:  # type: ignore[union-attr]
        known.append("It is the same line: the cell, or the function, ran twice in one graph.")
    tries = (
        "tf.reset_default_graph() before the graph is built again",
        "to share the variable: with tf.variable_scope(..., reuse=tf.AUTO_REUSE)",
    )
    sentence = case.message.partition(" Originally defined")[0]
    line = str((first.source if first else None) or case.lesson.line)
    base = replace(case.base(Kind.EXISTS), line=line)
    return replace(base, sentence=sentence, node=first, known=tuple(known), tries=tries)


def _where(source: Source | None) -> str:
    return source.where if source else "an unknown line"


def _no_gradients(case: _Case) -> Explanation:
    """At which operation does the gradient end on its way to each variable?"""
    variables = re.search(r"variables \[(.*?)\]", case.message)
    loss = re.search(r"loss Tensor\(\"(.+?)\"", case.message)
    target = case.find(loss[1]) if loss else None
    known, tries, guilty = [], [], None
    for name in variables[1].replace("'", "").split(", ") if variables else []:
        variable = case.find(name)
        if variable is None or target is None:
            continue
        cut = case.facts.cut(variable, target)
        if cut is None:
            known.append(f"{case.names.of(variable)}: {target.name} is not computed from it.")
            continue
        known.append(f"{case.names.of(variable)}: cut by {cut.name} [{cut.type}]{_at(cut)}.")
        tries.append(way_around(cut))
        guilty = guilty or cut
    return replace(
        case.base(Kind.NO_GRADIENTS),
        node=guilty or target,
        line=str((guilty.source if guilty else None) or case.lesson.line),
        known=tuple(known),
        tries=tuple(dict.fromkeys(tries)) or ("use the variables in what the loss is made of",),
    )


#: What the message of each kind of error begins with, or has in it.
_BY_MESSAGE: dict[str, Explainer] = {
    r"^You must feed a value for placeholder": _unfed,
    r"^Cannot feed value of shape": _wrong_shape,
    r"is not an element of this graph": _other_graph,
    r"has a value only while a session runs": _no_value,
    r"^Variable \S+ already exists": _exists,
    r"^No gradients provided for any variable": _no_gradients,
    r"^The value of a feed cannot be a tf.Tensor|^Type of feed value": _wrong_type,
}
