"""The words that a command may be given: commands, nodes, variables, types, stops, files ...

Each comes with what it is: a few words, or the operation, of which `about` says it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from graphscope.debug.debugger import Debugger
from graphscope.debug.triggers import CATCHES
from graphscope.graph.graph import Operation
from graphscope.show.text import plural, static
from graphscope.show.theme import THEMES

#: A word, and what it is.
Pair = tuple[str, str | Operation]
#: Makes the words that begin, or go on, like what has been typed.
Source = Callable[[Debugger, str], Iterable[Pair]]

#: More nodes than these are offered scope by scope.
_MANY = 40


def about(debugger: Debugger, what: str | Operation) -> str:
    """What a word is; of a node its type, what it gives, and whether it runs."""
    if isinstance(what, str):
        return what
    words = [what.type, *map(static, what.outputs[:1])]
    if what in debugger.facts.variables:
        words[0] = "trainable" if what in debugger.facts.trainable else "not trainable"
    elif any(tensor in debugger.plan.feeds for tensor in what.outputs):
        words.append("fed")
    elif what not in debugger.plan:
        words.append("not in this run")
    return "  ".join(words)


# ---- commands ----------------------------------------------------------------------------------


def commands(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """Commands, those of the prompt itself, and the user's own words."""
    for command in debugger.commands_by_name.values():
        yield command.name, command.sentence
    yield from ((other.name, other.summary) for other in debugger.history.others)
    for alias, line in debugger.words.aliases.items():
        yield alias, f"= {line}"


# ---- the graph ---------------------------------------------------------------------------------


def nodes(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """Nodes of the plan first, then variables, Python names, and the rest of the graph."""
    if begun[:1] == "%":
        yield from variables(debugger, begun)
    elif begun[:1] == "@":
        yield from types(debugger, begun)
    else:
        yield from named(debugger.plan.everything, begun)
        yield from variables(debugger)
        yield from ((n, op) for n, op in debugger.names.by_python_name.items())
        rest = (op for op in debugger.session.graph.operations if op not in debugger.plan)
        yield from named(rest, begun)


def absent(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """What does not run first, then the rest."""
    rest = (op for op in debugger.session.graph.operations if op not in debugger.plan)
    return chain(named(rest, begun), nodes(debugger, begun))


def _stopped_at(debugger: Debugger, begun: str, ops: Iterable[Operation]) -> Iterator[Pair]:
    if begun[:1] in ("%", "@"):
        return nodes(debugger, begun)
    meant = [*ops]
    phases = dict.fromkeys(debugger.plan.phases[op] for op in meant)
    return chain(named(meant, begun), ((str(p).lower(), "phase") for p in phases))


def stopping(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """Where one can stop: nodes of the plan, phases, writes of variables, types."""
    return _stopped_at(debugger, begun, debugger.plan.everything)


def ahead(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """The same, of nodes that can still come."""
    timeline = debugger.timeline
    coming = (
        op
        for op in debugger.plan.everything
        if timeline.may_come(op) or any(t > timeline.t for t in timeline.times_of(op))
    )
    return _stopped_at(debugger, begun, coming)


def behind(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """The same, of nodes that have run before this place."""
    timeline = debugger.timeline
    past = (
        op for op in debugger.plan.everything if any(t < timeline.t for t in timeline.times_of(op))
    )
    return _stopped_at(debugger, begun, past)


def places(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """Where one can go: ends, marks, and nodes."""
    ends = (("start", "of this run"), ("end", "of this run"))
    marks = ((m, f"t={t} of run {run}") for m, (run, t) in debugger.history.marks.items())
    return chain(ends, marks, stopping(debugger, begun))


def named(ops: Iterable[Operation], begun: str) -> Iterator[Pair]:
    """Operations by their names; scope by scope where many begin alike."""
    known = list(ops)
    begin = [op for op in known if op.name.startswith(begun)]
    if len(begin) <= _MANY:
        yield from ((op.name, op) for op in begin or known)
        return
    scopes = Counter(_up_to_scope(op.name, len(begun)) for op in begin)
    by_name = {op.name: op for op in begin}
    for word, count in scopes.items():
        yield word, by_name.get(word) or f"{count} {plural(count, 'node')}"


def _up_to_scope(name: str, begun: int) -> str:
    """The name up to the end of the scope behind what has been typed."""
    slash = name.find("/", begun)
    return name if slash < 0 else name[: slash + 1]


def variables(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    prefix = "%" if begun[:1] == "%" else ""
    return ((prefix + debugger.names.of(op), op) for op in debugger.facts.variables)


def watched(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """Variables first, then nodes."""
    return chain(variables(debugger, begun), named(debugger.plan.everything, begun))


def types(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """The types of the nodes of the run, and how many are of each."""
    prefix = "@" if begun[:1] == "@" else ""
    counts = Counter(op.type for op in debugger.plan.everything)
    return ((prefix + name, f"{n} {plural(n, 'node')}") for name, n in counts.items())


# ---- what has been set -------------------------------------------------------------------------


def fed(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    return ((debugger.names.of(tensor.op), tensor.op) for tensor in debugger.timeline.run.feeds)


def feedable(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """What is fed, placeholders, and everything else: any tensor can be fed."""
    graph = debugger.session.graph.operations
    placeholders = ((debugger.names.of(op), op) for op in graph if op.type == "Placeholder")
    return chain(fed(debugger), placeholders, nodes(debugger, begun))


def overridden(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    return ((tensor.op.name, tensor.op) for tensor in debugger.timeline.overrides)


def kinds(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    return iter(CATCHES.items())


def stops(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    return ((str(item.id), item.as_command()) for item in debugger.stops)


def displays(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    return ((str(number), text) for number, text in debugger.displays.items())


def ways(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """Forks, and the runs of the history."""
    forks = ((name, "a fork") for name in debugger.history.forks)
    return chain(forks, ((str(run.number), "a run") for run in debugger.history.runs))


# ---- files -------------------------------------------------------------------------------------


def files(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """The files and folders whose path begins like this; hidden ones only when asked for."""
    folder, name = os.path.split(begun)
    try:
        entries = sorted(os.scandir(os.path.expanduser(folder) or "."), key=lambda e: e.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(name) and (name[:1] == "." or entry.name[0] != "."):
            path = os.path.join(folder, entry.name)
            yield (f"{path}/", "folder") if entry.is_dir() else (path, "file")


def themes(debugger: Debugger, begun: str = "") -> Iterator[Pair]:
    """Themes by name, and files with one."""
    return chain(
        ((name, "") for name in THEMES),
        (pair for pair in files(debugger, begun) if pair[0].endswith(("/", ".json"))),
    )


#: The source of what a command takes, as its declaration says.
SOURCES: dict[str, Source] = {
    "absent": absent,
    "ahead": ahead,
    "behind": behind,
    "command": commands,
    "display": displays,
    "fed": fed,
    "feedable": feedable,
    "file": files,
    "kind": kinds,
    "node": nodes,
    "overridden": overridden,
    "place": places,
    "stop": stops,
    "stopping": stopping,
    "theme": themes,
    "type": types,
    "variable": variables,
    "watched": watched,
    "way": ways,
}
