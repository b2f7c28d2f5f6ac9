"""Loops as rings of operations: Enter, Merge, LoopCond, Switch, NextIteration, Exit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graphscope.formats.attributes import message_of, tensor_message
from graphscope.formats.flattening import Flattening
from graphscope.formats.messages import NodeDef
from graphscope.graph.body import Body
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Operation, Tensor

_INT = int32.as_datatype_enum


def output_name(op: Operation, number: int) -> str:
    """What the Exit of a loop's output is called, and the Merge of a condition's."""
    return f"{op.name}_{number}" if number else op.name


class Rings:
    """The loops of a graph, written by `flat`. controls: what the loop waits for, as inputs."""

    def __init__(self, flat: Flattening) -> None:
        self._flat = flat

    def nodes(self, op: Operation, controls: list[str]) -> Iterator[NodeDef]:
        """The nodes of a loop, but for what its bodies compute."""
        if op.type == "While":
            yield from self._loop(op, controls)
        else:
            yield from self._backwards(op, controls)

    # ---- a loop --------------------------------------------------------------------------------

    def _loop(self, op: Operation, controls: list[str]) -> Iterator[NodeDef]:
        test, body = op.attrs["test"], op.attrs["body"]
        holds = self._flat.tensor(test.results[0], test)
        yield _node(f"{op.name}/LoopCond", "LoopCond", [holds])
        for i, parameter in enumerate(body.parameters):
            merge = test.parameters[i].op.name
            yield from self._round(
                op,
                i,
                start=self._flat.tensor(op.inputs[i], op.body),
                merge=merge,
                identity=parameter.op.name,
                again=self._flat.tensor(body.results[i], body),
                type=self._flat.type_of(parameter),
                controls=controls,
            )
        if op.graph.consumers(op.outputs[-1]):
            yield from self._counter(op, len(body.parameters), controls, body)

    def _counter(
        self, op: Operation, number: int, controls: list[str], body: Body
    ) -> Iterator[NodeDef]:
        """One more variable: how often the body has run."""
        name, pivot = f"{op.name}/counter", f"^{self._flat.pivot(body)}"
        around = [f"^{self._flat.pivot(op.body)}"] if op.body in self._flat.regions else []
        yield _constant(f"{name}/start", 0, around)
        yield _constant(f"{name}/one", 1, [pivot])
        given = [f"{name}/Identity", f"{name}/one", f"^{self._flat.all_pushed(op)}"]
        yield _node(f"{name}/Add", "Add", given, T=_INT)
        yield from self._round(
            op,
            number,
            start=f"{name}/start",
            merge=f"{name}/Merge",
            identity=f"{name}/Identity",
            again=f"{name}/Add",
            type=_INT,
            controls=controls,
        )

    def _round(
        self,
        op: Operation,
        number: int,
        *,
        start: str,
        merge: str,
        identity: str,
        again: str,
        type: int,
        controls: list[str],
    ) -> Iterator[NodeDef]:
        """What a variable goes through. again: what the body gives back for it."""
        names = [f"{op.name}/{word}_{number}" for word in ("Enter", "Switch", "NextIteration")]
        enter, switch, following = names
        entering = _node(enter, "Enter", [start, *controls], T=type)
        self._flat.say_frame(entering, op)
        yield entering
        merging = _node(merge, "Merge", [enter, following], T=type)
        merging.attr["N"].CopyFrom(message_of("int", 2))
        yield merging
        yield _node(switch, "Switch", [merge, f"{op.name}/LoopCond"], T=type)
        yield _node(identity, "Identity", [f"{switch}:1"], T=type)
        yield _node(following, "NextIteration", [again, f"^{identity}"], T=type)
        yield _node(output_name(op, number), "Exit", [switch], T=type)

    # ---- its gradient --------------------------------------------------------------------------

    def _backwards(self, op: Operation, controls: list[str]) -> Iterator[NodeDef]:
        """A loop that counts down to 0 from how often the forward loop has run."""
        body: Body = op.attrs["body"]
        name = f"{op.name}/counter"
        yield _constant(f"{name}/zero", 0, [f"^{name}/Merge"])
        yield _node(f"{name}/Greater", "Greater", [f"{name}/Merge", f"{name}/zero"], T=_INT)
        yield _node(f"{op.name}/LoopCond", "LoopCond", [f"{name}/Greater"])
        yield _constant(f"{name}/one", 1, [f"^{name}/Identity"])
        yield _node(f"{name}/Sub", "Sub", [f"{name}/Identity", f"{name}/one"], T=_INT)
        count, starts = op.inputs[0], op.inputs[1:]
        rounds = [(f"{name}/Merge", f"{name}/Identity", f"{name}/Sub", _INT, count)]
        for i, parameter in enumerate(body.parameters):
            merge = f"{op.name}/Merge_{i}"
            again = self._flat.tensor(body.results[i], body)
            type = self._flat.type_of(parameter)
            rounds.append((merge, parameter.op.name, again, type, starts[i]))
        for i, (merge, identity, again, type, start) in enumerate(rounds):
            yield from self._round(
                op,
                i - 1 if i else len(body.parameters),
                start=self._start(start, op),
                merge=merge,
                identity=identity,
                again=again,
                type=type,
                controls=controls,
            )

    def _start(self, tensor: Tensor, op: Operation) -> str:
        return self._flat.tensor(tensor, op.body)


def _node(name: str, op: str, inputs: list[str], **types: int) -> NodeDef:
    made = NodeDef(name=name, op=op, input=inputs)
    for attr, number in types.items():
        made.attr[attr].CopyFrom(message_of("type", number))
    return made


def _constant(name: str, value: int, waits: list[str]) -> NodeDef:
    made = _node(name, "Const", waits, dtype=_INT)
    made.attr["value"].CopyFrom(message_of("tensor", tensor_message(np.int32(value), int32)))
    return made
