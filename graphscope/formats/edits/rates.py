"""The learning rates of a training that is in a file: where they are, and how they are changed.

An optimizer's operations take the rate as an input, by whatever name. Going back from there, it is
a constant (which is changed), a placeholder with a default (whose default is changed), a variable
(whose value is in the checkpoint), or a computed value.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from graphscope.errors import Lesson, did_you_mean, teach
from graphscope.formats.attributes import message_of, tensor_message
from graphscope.formats.edits.draft import VARIABLES, Draft, Edited, rate_argument
from graphscope.formats.frames import maker
from graphscope.formats.messages import MetaGraphDef, NodeDef
from graphscope.graph.dtypes import as_dtype
from graphscope.platform.tensors import array_of

#: What hands on a value, so that the rate is looked for behind it.
_PASSING = ("Identity", "Cast", "ReadVariableOp", "Enter", "StopGradient", "Snapshot")
_CALLED = re.compile(r"^learning_rate(_\d+)?$")
_DECAYED = "initial_learning_rate"
#: A rate is looked for behind so many nodes that hand it on.
_FAR = 64


@dataclass(frozen=True)
class Rate:
    """A learning rate of a file.

    name:      the node that holds it, or computes it.
    kind:      ``constant``, ``default`` (of a placeholder), ``placeholder``, ``variable`` or
               ``computed``.
    value:     what it is, where the file tells: of a constant or a default.
    trains:    the variables that are updated with it.
    sources:   of a computed one: the constants that it is computed from, with their values, and
               the variables and placeholders, with None.
    """

    name: str
    kind: str
    value: float | None
    trains: tuple[str, ...]
    sources: dict[str, float | None]

    def __str__(self) -> str:
        what = "" if self.value is None else f" ({self.value:g})"
        count = len(self.trains)
        of = f", for {count} variable{'' if count == 1 else 's'}" if count else ""
        return f"{self.name}{what}{of}"


def learning_rates(meta_graph: MetaGraphDef) -> tuple[Rate, ...]:
    """The learning rates of a file's training, in the order of their nodes."""
    return _rates(Draft(meta_graph))


def set_learning_rate(meta_graph: MetaGraphDef, value: float, of: str | None = None) -> Edited:
    """Train with another rate.

    value: the rate. of: the name of the node that holds it, as ``Adam/learning_rate``, of the
    optimizer (``Adam``), or of any scalar constant that a rate is computed from; where it names
    what computes the rate, a constant takes its place. Without it there has to be one rate only.
    A rate that decays begins with the value, and decays from there.
    Errors: ValueError when there is no such rate, several, or one that the file does not tell.
    """
    if not math.isfinite(value):
        raise ValueError(f"A learning rate is a finite number, not {value}.")
    draft = Draft(meta_graph)
    rates = _rates(draft)
    if of is None:
        _set(draft, _only(rates), value)
    else:
        _set_named(draft, rates, value, of.partition(":")[0])
    return draft.edited()


# ---- looking ------------------------------------------------------------------------------------


def _rates(draft: Draft) -> tuple[Rate, ...]:
    trains: dict[str, dict[str, None]] = {}
    for node in draft.nodes.values():
        argument = rate_argument(node)
        reference = None if argument is None else draft.takes(node, argument)
        if reference is not None:
            root = _root(draft, maker(reference)[0])
            trained = trains.setdefault(root, {})
            trained.update(dict.fromkeys(list(draft.written_by(node))[:1]))
    for name in _by_name(draft, trains):  # of steps that are made of several operations
        trains[name] = {}
    order = {name: i for i, name in enumerate(draft.nodes)}
    names = sorted(trains, key=lambda name: order.get(name, -1))
    return tuple(_rate(draft, name, tuple(trains[name])) for name in names if name in draft.nodes)


def _by_name(draft: Draft, known: dict[str, dict[str, None]]) -> list[str]:
    """Scalars that an optimizer has called its learning rate, and that no other rate is made of."""
    found = [
        name
        for name, node in draft.nodes.items()
        if _CALLED.match(name.rpartition("/")[2])
        and node.op in ("Const", "PlaceholderWithDefault")
        and name not in known
    ]
    if not found:
        return []
    needed = draft.before(draft.train_ops)
    made_of = draft.before(known)
    return [name for name in found if name in needed and name not in made_of]


def _root(draft: Draft, name: str) -> str:
    """What a rate is, behind what only hands it on."""
    return _way(draft, name)[-1]


def _way(draft: Draft, name: str) -> list[str]:
    """The nodes from an input back to what it is."""
    way = [name]
    while len(way) < _FAR:
        node = draft.nodes.get(way[-1])
        if node is None or node.op not in _PASSING or not node.input:
            break
        way.append(maker(node.input[0])[0])
    return way


def _ways(draft: Draft) -> set[str]:
    """The nodes by which the rates come to the optimizers' operations."""
    found: set[str] = set()
    for node in draft.nodes.values():
        argument = rate_argument(node)
        reference = None if argument is None else draft.takes(node, argument)
        if reference is not None:
            found.update(_way(draft, maker(reference)[0]))
    return found


def _rate(draft: Draft, name: str, trains: tuple[str, ...]) -> Rate:
    node = draft.nodes[name]
    sources: dict[str, float | None] = {}
    value = None
    if node.op == "Const":
        kind, value = "constant", scalar(node)
    elif node.op == "PlaceholderWithDefault":
        kind = "default"
        value = scalar(draft.nodes[_root(draft, maker(node.input[0])[0])])
    elif node.op in ("Placeholder", "PlaceholderV2"):
        kind = "placeholder"
    elif node.op in VARIABLES:
        kind = "variable"
    else:
        kind, sources = "computed", _sources(draft, name)
    return Rate(name, kind, value, trains, sources)


def _sources(draft: Draft, name: str) -> dict[str, float | None]:
    """What a computed rate is made of."""
    found: dict[str, float | None] = {}
    needed = draft.before([name])
    for other in (each for each in draft.nodes if each in needed):
        node = draft.nodes[other]
        if node.op == "Const" and (value := scalar(node)) is not None:
            found[other] = value
        elif node.op in (*VARIABLES, "Placeholder", "PlaceholderV2", "PlaceholderWithDefault"):
            found[other] = None
    return found


def scalar(node: NodeDef) -> float | None:
    """The number that a constant is; None for another node, or a tensor of several."""
    if node.op != "Const" or "value" not in node.attr:
        return None
    held = node.attr["value"].tensor
    if any(dim.size != 1 for dim in held.tensor_shape.dim) or as_dtype(held.dtype).is_bool:
        return None
    array = np.asarray(array_of(held))
    return float(array.reshape(-1)[0]) if array.size == 1 and array.dtype.kind in "fiu" else None


# ---- changing -----------------------------------------------------------------------------------


def _only(rates: tuple[Rate, ...]) -> Rate:
    """Errors: ValueError when there is not one rate."""
    if not rates:
        raise teach(
            ValueError("The file trains nothing: no operation in it takes a learning rate."),
            Lesson(hint=["make an optimizer after importing it: minimize(loss)"]),
        )
    if len(rates) > 1:
        names = "; ".join(map(str, rates))
        raise teach(
            ValueError(f"The file has {len(rates)} learning rates: {names}."),
            Lesson(hint=[f"say which: --set-lr {rates[0].name}=VALUE"]),
        )
    return rates[0]


def _set_named(draft: Draft, rates: tuple[Rate, ...], value: float, of: str) -> None:
    rate = next((rate for rate in rates if rate.name == of), None)
    if rate is None:
        rate = _of_optimizer(rates, of)
    if rate is not None and (rate.kind != "computed" or rate.name != of):
        _set(draft, rate, value)
        return
    node = draft.nodes.get(of)
    if node is None:
        names = [name for rate in rates for name in (rate.name, *rate.sources)]
        near = did_you_mean(of, [*names, *draft.nodes])
        told = "; ".join(map(str, rates)) or "none"
        raise teach(
            ValueError(f"The file has no node {of!r}. Its learning rates: {told}."),
            Lesson(hint=[near] if near else []),
        )
    if of in _ways(draft) and node.op not in ("Const", "PlaceholderWithDefault", *VARIABLES):
        _put_constant(draft, node, value)
        return
    if node.op in ("Const", "PlaceholderWithDefault") and _reaches(draft, of, rates):
        _set(draft, _rate(draft, of, ()), value)
        return
    told = "; ".join(map(str, rates)) or "none"
    raise ValueError(f"No learning rate depends on {of} [{node.op}]. Learning rates: {told}.")


def _of_optimizer(rates: tuple[Rate, ...], name: str) -> Rate | None:
    """The rate of the optimizer whose operations are in that scope."""
    found = [rate for rate in rates if rate.name.startswith(f"{name}/")]
    return found[0] if len(found) == 1 else None


def _reaches(draft: Draft, name: str, rates: tuple[Rate, ...]) -> bool:
    return name in draft.before([rate.name for rate in rates])


def _set(draft: Draft, rate: Rate, value: float) -> None:
    """Errors: ValueError when the file does not tell what the rate is."""
    if rate.kind == "constant":
        _set_constant(draft, rate.name, value)
    elif rate.kind == "default":
        held = _root(draft, maker(draft.nodes[rate.name].input[0])[0])
        if draft.nodes[held].op != "Const":
            raise ValueError(
                f"The default of {rate.name} is computed, by {held}: name what to set."
            )
        _set_constant(draft, held, value, f", the default of {rate.name}")
    elif rate.kind == "placeholder":
        raise teach(
            ValueError(f"The learning rate is fed: {rate.name} is a placeholder."),
            Lesson(
                hint=[
                    f"feed_dict={{'{rate.name}:0': {value:g}}} in each run; the file need not "
                    "be changed"
                ]
            ),
        )
    elif rate.kind == "variable":
        _set_variable(draft, rate, value)
    else:
        _set_computed(draft, rate, value)


def _set_computed(draft: Draft, rate: Rate, value: float) -> None:
    """A rate that decays is changed where it begins. Errors: ValueError for another one."""
    begins = [name for name in rate.sources if name.rpartition("/")[2] == _DECAYED]
    if len(begins) == 1 and rate.sources[begins[0]] is not None:
        _set_constant(draft, begins[0], value, f", from which {rate.name} is computed")
        return
    parts = ", ".join(
        name if known is None else f"{name} = {known:g}" for name, known in rate.sources.items()
    )
    raise teach(
        ValueError(f"The learning rate {rate.name} is computed, from {parts}."),
        Lesson(
            hint=[
                f"change one of the constants: --set-lr NAME={value:g}",
                f"or put a constant in its place: --set-lr {rate.name}={value:g}",
            ]
        ),
    )


def _set_variable(draft: Draft, rate: Rate, value: float) -> None:
    """The value of a variable is in the checkpoint; the file has what it begins with."""
    reader = _reader(draft, rate)
    raise teach(
        ValueError(
            f"The learning rate is the variable {rate.name}: its value is in the checkpoint, not "
            "in this file."
        ),
        Lesson(
            hint=[
                f"change it in the checkpoint: --set-lr {value:g} --checkpoint PREFIX",
                f"or in the session, after restoring: variable.load({value:g}, session)",
                f"or let the optimizer read a constant: --set-lr {reader}={value:g}",
            ]
        ),
    )


def _reader(draft: Draft, rate: Rate) -> str:
    """The node through which the optimizers read a variable."""
    for node in draft.nodes.values():
        argument = rate_argument(node)
        reference = None if argument is None else draft.takes(node, argument)
        if reference is not None and _root(draft, maker(reference)[0]) == rate.name:
            return maker(reference)[0]
    return rate.name


def _set_constant(draft: Draft, name: str, value: float, note: str = "") -> None:
    before = scalar(draft.nodes[name])
    node = draft.changed(name)
    held = node.attr["value"].tensor
    dtype = as_dtype(held.dtype)
    array = np.full(np.shape(array_of(held)), value, dtype.numpy)
    node.attr["value"].CopyFrom(message_of("tensor", tensor_message(array, dtype)))
    old = "its values" if before is None else f"{before:g}"
    draft.said.append(f"{name}: {old} -> {value:g}{note}")


def _put_constant(draft: Draft, node: NodeDef, value: float) -> None:
    """A constant in the place of what computes a rate, under its name."""
    attr = next((a for a in ("T", "dtype", "DstT") if a in node.attr), None)
    dtype = as_dtype(1 if attr is None else node.attr[attr].type)
    made = NodeDef(name=node.name, op="Const", device=node.device)
    array = np.asarray(value, dtype.numpy)
    made.attr["dtype"].CopyFrom(message_of("type", dtype))
    made.attr["value"].CopyFrom(message_of("tensor", tensor_message(array, dtype)))
    draft.replace(node.name, made)
    draft.said.append(f"{node.name}: {node.op} -> the constant {value:g}")
