"""What `graphscope open` tells, as text: a word at the left says what each line is about."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.text import Text

from graphscope.formats.opened.facts import (
    CheckpointFact,
    EventsFact,
    GraphFact,
    OpenedFile,
    OptimizerFact,
    Rate,
    Sizes,
    TensorFact,
    VariableFact,
)
from graphscope.graph.dtypes import as_dtype
from graphscope.show.console import plain
from graphscope.show.text import Copied, grid, line, render

#: So many lines are there of one kind; of more, the first ones and how many are left out.
_MOST = 12
_FEW = 6

Row = tuple[str, str]

_WHAT = {
    "meta graph": "a meta graph: a graph with its collections and its Saver",
    "graph": "a graph (GraphDef)",
    "SavedModel": "a SavedModel: graphs with signatures, and their values",
    "checkpoint": "a checkpoint: values of variables, by their names",
    "event file": "an event file, as TensorBoard reads them",
}


@render.register
def _(found: OpenedFile) -> RenderableType:
    rows: list[Row] = [] if found.events is None else list(_events(found.events))
    for graph in found.graphs:
        rows += _graph(graph, found)
    if found.checkpoint is not None:
        rows += (_checkpoint if found.what == "checkpoint" else _values)(found.checkpoint)
    parts = [_head(found), _rows([*rows, *_around(found)])]
    if found.next_steps:
        parts.append(line("What next:"))
        for step in found.next_steps:
            parts.append(line(f"# {step.purpose}", indent=3))
            parts.append(Copied(safe(step.code), indent=3))
    return Group(*parts)


def _head(found: OpenedFile) -> RenderableType:
    name = Text(safe(found.path), style="gs.strong")
    form = ", as text" if found.format == "text" else ""
    return line(name, f": {_WHAT[found.what]}{form}, {_bytes(found.size)}")


def _rows(rows: Iterable[Row]) -> RenderableType:
    """Rows under each other; a word that is that of the row above is not said again."""
    shown, before = [], ""
    for label, text in rows:
        shown.append((Text("" if label == before else label, style="gs.faint"), safe(text)))
        before = label
    return grid(shown, wrap=1) if shown else Group()


def safe(text: str) -> str:
    """A text of a file as it can be shown: letters that steer a terminal by their numbers."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


# ---- parts of a line ----------------------------------------------------------------------------


def _bytes(count: int) -> str:
    for unit, size in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _type(tensor: TensorFact) -> str:
    """``f32[?,6]``."""
    try:
        dtype = as_dtype(tensor.dtype).short
    except (TypeError, ValueError, KeyError):
        dtype = tensor.dtype or "?"
    return f"{dtype}{_sizes(tensor.sizes)}"


def _sizes(sizes: Sizes) -> str:
    if sizes is None:
        return "[..]"
    return f"[{','.join('?' if size is None else str(size) for size in sizes)}]"


def _tensor(tensor: TensorFact) -> str:
    return f"{tensor.name} {_type(tensor)}"


def _some(names: Sequence[str], most: int = _FEW) -> str:
    left = len(names) - most
    shown = ", ".join(names[:most])
    return f"{shown} and {left:,} more" if left > 0 else shown


def _listed(label: str, lines: Sequence[str], most: int = _MOST) -> Iterator[Row]:
    for text in lines[:most]:
        yield label, text
    if len(lines) > most:
        yield label, f"... and {len(lines) - most:,} more"


def _number(value: float | None) -> str:
    return "not told" if value is None else f"{value:.6g}"


# ---- a graph ------------------------------------------------------------------------------------


def _graph(graph: GraphFact, found: OpenedFile) -> Iterator[Row]:
    if found.what == "SavedModel":
        yield "tags", ", ".join(graph.tags) or "none"
    yield from _written_by(graph)
    inside = _count(graph.nodes, "node")
    if graph.nodes:
        inside += f" of {_count(graph.types, 'type')}"
    parts = [_count(graph.loops, "loop"), _count(graph.conditions, "condition")]
    counts = [p for p, n in zip(parts, (graph.loops, graph.conditions), strict=True) if n]
    yield "graph", ", ".join([inside, *counts])
    for problem in graph.problems:
        yield "problem", problem
    yield from _inputs(graph)
    yield from _signatures(graph)
    yield from _variables(graph)
    for optimizer in graph.optimizers:
        yield from _optimizer(optimizer, several=len(graph.optimizers) > 1)
    yield from _steps(graph, found.checkpoint)
    yield from _listed("loss", [f"{_tensor(g.tensor)}: {g.because}" for g in graph.losses])
    yield from _listed("output", [f"{_tensor(g.tensor)}: {g.because}" for g in graph.outputs])
    if graph.saver is not None:
        saver = graph.saver
        yield (
            "Saver",
            (f"{_count(saver.variables, 'value')}, " if saver.variables else "")
            + f"format {saver.version}"
            f"{', sharded' if saver.sharded else ''}: save {saver.save}, restore {saver.restore}, "
            f"name of the file {saver.filename}",
        )
    yield from _functions(graph)
    yield from _not_run(graph)


def _written_by(graph: GraphFact) -> Iterator[Row]:
    version, parts = graph.version, []
    if version.tensorflow:
        parts.append(f"TensorFlow {version.tensorflow}")
    if version.producer:
        parts.append(f"graphs of version {version.producer}")
    yield "written by", ", ".join(parts) or "not told: the file has no version"


def _inputs(graph: GraphFact) -> Iterator[Row]:
    lines = [
        f"{_tensor(each.tensor)}: "
        + ("to be fed" if each.default is None else f"may be fed, otherwise {each.default}")
        for each in graph.inputs
    ]
    yield from _listed("input", lines)
    for pipeline in graph.pipelines[:_MOST]:
        gives = ", ".join(_tensor(tensor) for tensor in pipeline.gives)
        yield "pipeline", f"{pipeline.name} ({pipeline.type}) brings in data: feed here {gives}"
    if not graph.inputs and not graph.pipelines:
        yield "input", "none: nothing has to be fed"


def _signatures(graph: GraphFact) -> Iterator[Row]:
    for signature in graph.signatures:
        method = f" ({signature.method})" if signature.method else ""
        yield "signature", f"{signature.key}{method}"
        for word, side in (("takes", signature.inputs), ("gives", signature.outputs)):
            lines = [f"  {word} {name} = {_tensor(t)}" for name, t in side.items()]
            yield from _listed("signature", lines)


def _variables(graph: GraphFact) -> Iterator[Row]:
    slots = [v for v in graph.variables if v.slot_of]
    rest = [v for v in graph.variables if not v.slot_of]
    is_known = any(v.is_trainable is not None for v in rest)
    trained = [v for v in rest if v.is_trainable or (not is_known and v.trained)]
    word = "trained" if graph.optimizers else "trainable"
    lines = [
        _variable(v) + ("" if v.trained or not graph.optimizers else ", and no update here does it")
        for v in trained
    ]
    yield from _listed(word, lines)
    if trained:
        counts = [v.elements for v in trained]
        total = sum(count or 0 for count in counts)
        unknown = "at least " if None in counts else ""
        size = sum((v.elements or 0) * _size(v.tensor) for v in trained)
        yield (
            "in all",
            f"{_count(len(trained), 'variable')}, {unknown}{_count(total, 'number')}, "
            f"{_bytes(size)}",
        )
    others = [v for v in rest if v not in trained]
    if others:
        word = "not trained" if graph.optimizers or is_known else "variable"
        yield from _listed(word, list(map(_variable, others)), _FEW if trained else _MOST)
    if slots:
        names = [f"{v.tensor.name.removesuffix(':0')} ({v.slot} of {v.slot_of})" for v in slots]
        many = _count(len(slots), "variable")
        yield "slots", f"{many} beside those that are trained: {_some(names, 3)}"


def _variable(variable: VariableFact) -> str:
    text = f"{variable.tensor.name.removesuffix(':0')} {_type(variable.tensor)}"
    if variable.memory == "resource":
        text += ", a resource"
    return text


def _size(tensor: TensorFact) -> int:
    try:
        return as_dtype(tensor.dtype).size
    except (TypeError, ValueError, KeyError):
        return 0


def _optimizer(optimizer: OptimizerFact, several: bool) -> Iterator[Row]:
    updates = _count(len(optimizer.variables), "variable")
    only = f" ({_some(optimizer.variables)})" if several else ""
    run = _some(optimizer.run_by, 3)
    verb = "updates" if len(optimizer.types) == 1 else "update"
    name = f" in the scope {optimizer.name}" if optimizer.name not in ("", optimizer.method) else ""
    yield (
        "optimizer",
        f"{optimizer.method}{name}: {_some(optimizer.types, 3)} {verb} {updates}{only}; run {run}",
    )
    if optimizer.rate is not None:
        yield "rate", _rate(optimizer.rate)
    numbers = [f"{name} {_number(n.value)} ({n.tensor})" for name, n in optimizer.numbers.items()]
    if numbers:
        yield "with", ", ".join(numbers)


def _rate(rate: Rate) -> str:
    """Which tensor the learning rate is, and what changes it."""
    if rate.is_a == "constant":
        return (
            f"the learning rate is the tensor {rate.tensor}, the constant {_number(rate.value)}: "
            "feed it, or change the file by graphscope edit --set-lr"
        )
    if rate.is_a == "placeholder":
        default = "" if rate.value is None else f", otherwise it is {_number(rate.value)}"
        return f"the learning rate is the placeholder {rate.source}:0: feed it{default}"
    if rate.is_a == "variable":
        value = "" if rate.value is None else f", {_number(rate.value)} in the checkpoint"
        return (
            f"the learning rate is the variable {rate.source}{value}: assign it, or feed "
            f"{rate.tensor}"
        )
    behind = [name if value is None else f"{name} {_number(value)}" for name, value in rate.behind]
    return (
        f"the learning rate is the tensor {rate.tensor}, computed from {_some(behind)}: feed it "
        "or what it is computed from, or change the file by graphscope edit --set-lr"
    )


def _steps(graph: GraphFact, checkpoint: CheckpointFact | None) -> Iterator[Row]:
    if graph.global_step:
        value = checkpoint.value(graph.global_step) if checkpoint is not None else None
        told = "" if value is None else f", {value:.0f} in the checkpoint"
        yield "global step", f"{graph.global_step}{told}"


def _functions(graph: GraphFact) -> Iterator[Row]:
    lines = [
        f"{f.name}: {_count(f.nodes, 'node')}, {f.inputs} in, {f.outputs} out"
        + (f", called by {_some(f.used_by, 3)}" if f.used_by else "")
        for f in graph.functions
    ]
    yield from _listed("function", lines, _FEW)


def _not_run(graph: GraphFact) -> Iterator[Row]:
    if not graph.not_run:
        if graph.nodes:
            data = " but the input pipeline" if graph.pipelines else ""
            yield "runs here", f"every operation{data}"
        return
    by_type = groupby(sorted(graph.not_run, key=lambda each: each.type), lambda each: each.type)
    lines = []
    for type, members in by_type:
        each = list(members)
        where = f"{each[0].first} in {each[0].inside}" if each[0].inside else each[0].first
        lines.append(f"{type}: {sum(m.count for m in each)}, the first {where}")
    yield from _listed("not run", lines)
    yield "", "they are drawn and looked at; only running one is an error: feed what it gives"


# ---- values and events --------------------------------------------------------------------------


def _files(checkpoint: CheckpointFact) -> str:
    parts = [
        f"{name} ({_bytes(size)})" if size is not None else f"{name} (missing)"
        for name, size in checkpoint.files.items()
    ]
    return _some(parts, 4)


def _values(checkpoint: CheckpointFact) -> Iterator[Row]:
    """The checkpoint that lies beside a graph."""
    many = _count(len(checkpoint.stored), "tensor")
    yield "values", f"{many} in the checkpoint {checkpoint.prefix}: {_files(checkpoint)}"


def _checkpoint(checkpoint: CheckpointFact) -> Iterator[Row]:
    total = sum(_elements(each.shape) for each in checkpoint.stored)
    yield (
        "holds",
        f"{_count(len(checkpoint.stored), 'tensor')}, {_count(total, 'element')}, "
        f"format {checkpoint.version}",
    )
    yield "files", _files(checkpoint)
    lines = []
    for each in checkpoint.stored:
        text = f"{each.name} {_type(TensorFact(each.name, each.dtype, each.shape))}"
        if each.parts:
            text += f" in {each.parts} parts"
        lines.append(text if each.value is None else f"{text} = {_number(each.value)}")
    yield from _listed("tensor", lines, 4 * _MOST)
    if not checkpoint.graph:
        yield "graph", "no .meta file beside it: only the values are known"


def _elements(shape: Sequence[int]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _events(events: EventsFact) -> Iterator[Row]:
    yield (
        "holds",
        f"{_count(events.events, 'event')}, from step {events.first_step} to {events.last_step}",
    )
    if events.cut_off:
        yield "problem", f"it is told up to its damage: {events.cut_off}"
    lines = [f"{tag}: {_count(count, 'value')}" for tag, count in events.tags.items()]
    yield from _listed("tag", lines)
    runs = [
        f"{run.tag}, step {run.step}: {_count(run.nodes, 'node')} in {run.microseconds:,} us"
        for run in events.runs
    ]
    yield from _listed("run", runs)


def _around(found: OpenedFile) -> Iterator[Row]:
    if found.assets:
        yield "assets", _some([os.path.basename(name) for name in found.assets])
    if found.beside:
        yield "beside", f"other checkpoints in the folder: {_some(found.beside)}"


def _as_text(found: OpenedFile) -> str:
    return plain(render(found))


OpenedFile.presenter = _as_text
