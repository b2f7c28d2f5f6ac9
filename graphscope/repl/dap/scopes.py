"""What a stop shows: the frames around the place, and the scopes with their values."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Sequence

from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError
from graphscope.engine.interpreter import Value
from graphscope.engine.lessons import called
from graphscope.graph.graph import Tensor
from graphscope.kernels.stats import described
from graphscope.repl.dap.values import Item, Scope, array_item
from graphscope.repl.dap.wire import Message
from graphscope.show.document import Document


def frames(
    debugger: Debugger, plan: Document, source: Message, python: Sequence[traceback.FrameSummary]
) -> list[Message]:
    """The frames, the innermost first: the node in the plan, the loops and branches around it, its
    name scopes, the line that made it; then the script's own frames that called the run.

    plan, source: the plan's document, and how the protocol names it.
    """
    found = list(_frames(debugger, plan, source, python))
    return [{"id": number, "column": 1, **frame} for number, frame in enumerate(found, 1)]


def _frames(
    debugger: Debugger, plan: Document, source: Message, python: Sequence[traceback.FrameSummary]
) -> Iterator[Message]:
    stop, names = debugger.stop, debugger.names
    here = debugger.timeline.here
    time = f"t={debugger.t}/{debugger.timeline.last}"
    if here is None:
        yield {"name": f"the run begins  {time}", "source": source, "line": 1}
    else:
        node = here.node
        label = f"{names.of(node)} [{node.type}]  {time} {here.phase}"
        yield {"name": label, "source": source, "line": plan.line(node)}
        for owner, iteration in reversed(here.frames):
            yield {"name": called(owner, iteration), "source": source, "line": plan.line(owner)}
        for owner, iteration in reversed(here.frame.backwards):
            name = f"back through {called(owner, iteration)}"
            yield {"name": name, "source": source, "line": plan.line(owner)}
        scopes = node.name.split("/")[:-1]
        for depth in range(len(scopes), 0, -1):
            name = f"in {'/'.join(scopes[:depth])}"
            yield {"name": name, "line": 0, "presentationHint": "label"}
        if node.source is not None:
            yield {
                "name": f"made by {node.source.code.co_name}",
                "source": file_source(node.source.filename),
                "line": node.source.lineno,
                "presentationHint": "subtle",
            }
    run = f"sess.run({plan.title})  run {stop.run}"
    for number, frame in enumerate(python):
        yield {
            "name": f"{frame.name}: {run}" if not number else frame.name,
            "source": file_source(frame.filename),
            "line": frame.lineno or 0,
        }


def file_source(path: str) -> Message:
    return {"name": os.path.basename(path), "path": os.path.abspath(path)}


def scopes(debugger: Debugger) -> list[tuple[str, Scope]]:
    """The scopes of this place, by their names."""
    parts = {
        "Inputs": _inputs,
        "Output": _outputs,
        "Feeds": _feeds,
        "Variables": _variables,
        "Gradients": _gradients,
    }
    return [(name, Scope(lambda make=make: make(debugger))) for name, make in parts.items()]  # type: ignore[misc]


def _shown(
    name: str, tensor: Tensor, debugger: Debugger, value: Value | None, prefix: str = ""
) -> Item:
    """The line of a tensor. prefix: what stands before its name there."""
    label = f"{prefix}{name}"
    if value is None:
        return Item(label, "no value yet", evaluate=tensor.name)
    return array_item(
        label, value, evaluate=tensor.name, command=setting(tensor, debugger), data=_data(tensor)
    )


def setting(tensor: Tensor, debugger: Debugger) -> str:
    """The words that set a tensor."""
    if tensor in debugger.plan.feeds:
        return f"feed {tensor.name}"
    return f"set %{tensor.op.name}" if tensor.op.definition.is_variable else f"set {tensor.name}"


def _data(tensor: Tensor) -> str:
    return f"%{tensor.op.name}" if tensor.op.definition.is_variable else tensor.name


def _name(tensor: Tensor, debugger: Debugger) -> str:
    name = debugger.names.of(tensor.op)
    return f"{name}:{tensor.value_index}" if len(tensor.op.outputs) > 1 else name


def _inputs(debugger: Debugger) -> Iterator[Item]:
    here = debugger.timeline.here
    if here is None:
        return
    values = debugger.timeline.inputs(here)
    for number, (tensor, value) in enumerate(zip(here.node.inputs, values, strict=False)):
        yield _shown(_name(tensor, debugger), tensor, debugger, value, f"x{number} ")


def _outputs(debugger: Debugger) -> Iterator[Item]:
    here = debugger.timeline.here
    if here is None:
        return
    for tensor, value in here.outputs.items():
        yield _shown(_name(tensor, debugger), tensor, debugger, value)
    for name, delta in debugger.stop.changed.items():
        yield Item(f"writes {name}", delta.written(name))


def _feeds(debugger: Debugger) -> Iterator[Item]:
    """What is fed, and what would have to be."""
    fed, missing = debugger.timeline.run.feeds, debugger.plan.missing
    for tensor in sorted({*fed, *missing}, key=lambda tensor: tensor.op._id):
        name = _name(tensor, debugger)
        if tensor in fed:
            yield _shown(name, tensor, debugger, fed[tensor])
        else:
            yield Item(name, "not fed", command=f"feed {tensor.name}")


def _variables(debugger: Debugger) -> Iterator[Item]:
    """The variables: first those that differ from the start of the run."""
    now, changed = debugger.timeline.variables(), debugger.changed()
    rows = [(debugger.names.of(op), op) for op in debugger.facts.variables]
    for name, op in sorted(rows, key=lambda row: row[0] not in changed):
        spec = f"%{op.name}"
        value = now.get(op.name)
        if value is None:
            yield Item(name, "not initialized", command=f"set {spec}", data=spec)
            continue
        moved = f"  changed: {changed[name].written(name)}" if name in changed else ""
        yield Item(name, f"{described(value)}{moved}", value.dtype.name, value,
                   op.outputs[0].name, f"set {spec}", spec)  # fmt: skip


def _gradients(debugger: Debugger) -> Iterator[Item]:
    """The gradients by which the run trains its variables, and those that it fetches."""
    for name, tensor in gradients(debugger):
        try:
            value = debugger.value(tensor)
        except DebugError as error:
            yield Item(name, str(error), evaluate=tensor.name)
            continue
        yield array_item(
            name, value, evaluate=tensor.name, command=setting(tensor, debugger), data=tensor.name
        )


def gradients(debugger: Debugger) -> Iterator[tuple[str, Tensor]]:
    facts, names, plan = debugger.facts, debugger.names, debugger.plan
    seen: set[Tensor] = set()
    for variable in facts.variables:
        for trainer in facts.trainers(variable):
            if trainer not in plan or not facts.is_trainer(trainer):
                continue
            slope = facts.slope(trainer)
            seen.add(slope)
            loss = facts.loss(trainer)
            yield f"grad({loss.bound_to or loss.name},{names.of(variable)})", slope
    for element in plan.fetches:
        if isinstance(element, Tensor) and element.op.gradient_of and element not in seen:
            yield names.of(element.op), element
