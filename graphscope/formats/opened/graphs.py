"""What is in a graph: inputs, variables, what trains them, what comes out, and what cannot run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphscope.formats import bodies
from graphscope.formats.messages import GraphDef, MetaGraphDef, NodeDef, VariableMessage
from graphscope.formats.opened import training
from graphscope.formats.opened.facts import (
    FunctionFact,
    GraphFact,
    Guess,
    Input,
    NotRun,
    OptimizerFact,
    Pipeline,
    SaverFact,
    SignatureFact,
    TensorFact,
    VariableFact,
    Version,
)
from graphscope.formats.opened.nodes import (
    Nodes,
    attr,
    calls,
    dtype_name,
    number_in,
    output_types,
    sizes_of,
    texts_in,
    told_sizes,
)
from graphscope.formats.operations import runs_here
from graphscope.ops.graph_keys import GraphKeys

_OF_GRADIENTS = re.compile(r"(?:^|/)gradients(?:_\d+)?/")
_BEGINNING = re.compile(r"(?:^|/)gradients(?:_\d+)?/(?:Fill|grad_ys_\d+)$")
_SUMMARIES = re.compile(r"(?:Summary(?:V2)?|MergeSummary)$")
_PLACES = training.VARIABLES
_SAVING = ("SaveV2", "SaveSlices", "Save", "MergeV2Checkpoints", "RestoreV2", "ShardedFilename")
#: What is made around a model and is no result of it.
_NO_RESULT = (
    *("Const", "NoOp", "Assert", "Print", "Placeholder", "PlaceholderWithDefault", *_PLACES),
    *("Assign", "AssignAdd", "AssignSub", "AssignVariableOp", "VarIsInitializedOp", *_SAVING),
    *("IsVariableInitialized", "ReportUninitializedVariables", "ControlTrigger", "Merge", "Switch"),
    *("ReadVariableOp", "Cast"),
)
#: So many tensors are told that nothing takes.
_MOST_OUTPUTS = 6

Stored = Callable[[str], float | None]


def graph_fact(message: MetaGraphDef, stored: Stored) -> GraphFact:
    """What is in a graph. stored: the number that a checkpoint has under a name."""
    graph_def = message.graph_def
    nodes = Nodes(graph_def.node)
    collections = _Collections(message)
    updates = training.updates_of(nodes)
    optimizers = training.optimizers_of(nodes, updates, collections.train_ops, stored)
    losses = _losses(nodes, collections)
    outputs = list(_outputs(nodes, {guess.tensor.name for guess in losses}))
    everything = [*graph_def.node, *(n for f in graph_def.library.function for n in f.node_def)]
    return GraphFact(
        version=_version(message),
        nodes=len(graph_def.node),
        types=len({node.op for node in graph_def.node}),
        tags=tuple(message.meta_info_def.tags),
        inputs=tuple(_inputs(nodes, maker_of(message.saver_def.filename_tensor_name))),
        pipelines=tuple(_pipelines(nodes)),
        signatures=tuple(_signatures(message)),
        variables=tuple(_variables(nodes, collections, updates, optimizers)),
        optimizers=tuple(optimizers),
        global_step=_global_step(nodes, collections),
        losses=tuple(losses),
        outputs=tuple(outputs),
        fed=tuple(_fed(nodes, losses, outputs, optimizers)),
        saver=_saver(nodes, message),
        loops=_loops(nodes, everything),
        conditions=_conditions(nodes, everything),
        functions=tuple(_functions(graph_def)),
        not_run=tuple(_not_run(graph_def)),
        collections=collections.counts,
        problems=(*nodes.problems, *collections.problems),
    )


def _version(message: MetaGraphDef) -> Version:
    info, versions = message.meta_info_def, message.graph_def.versions
    return Version(
        info.tensorflow_version,
        versions.producer,
        versions.min_consumer,
        info.tensorflow_git_version,
    )


# ---- collections --------------------------------------------------------------------------------


class _Collections:
    """What the collections of a meta graph tell."""

    def __init__(self, message: MetaGraphDef) -> None:
        held = message.collection_def
        self.counts: dict[str, int] = {}
        self.problems: list[str] = []
        for key, collection in sorted(held.items()):
            kind = collection.WhichOneof("kind")
            values = getattr(getattr(collection, kind), "value", ()) if kind else ()
            self.counts[key] = len(values)
        self.train_ops = self._names(held, GraphKeys.TRAIN_OP)
        self.losses = self._names(held, GraphKeys.LOSSES)
        self.global_steps = [
            *self._names(held, GraphKeys.GLOBAL_STEP),
            *(told.variable_name for told in self._variables(held, GraphKeys.GLOBAL_STEP)),
        ]
        names = (GraphKeys.GLOBAL_VARIABLES, GraphKeys.TRAINABLE_VARIABLES)
        self.known, trainable = ({v.variable_name for v in self._variables(held, n)} for n in names)
        self.trainable = {maker_of(name) for name in trainable}
        self.tells_trainable = bool(held)
        if message.HasField("object_graph_def"):
            objects = message.object_graph_def.nodes
            variables = [o.variable for o in objects if o.HasField("variable")]
            self.trainable |= {v.name for v in variables if v.trainable}
            self.tells_trainable = True

    def _names(self, held: Any, key: str) -> list[str]:
        return list(held[key].node_list.value) if key in held else []

    def _variables(self, held: Any, key: str) -> list[VariableMessage]:
        if key not in held:
            return []
        found = []
        for told in held[key].bytes_list.value:
            try:
                found.append(VariableMessage.FromString(told))
            except ValueError:
                self.problems.append(f"the collection {key} holds what is no variable")
                break
        return found


def maker_of(tensor: str) -> str:
    return tensor.partition(":")[0]


# ---- what goes in -------------------------------------------------------------------------------


def _inputs(nodes: Nodes, filename: str) -> Iterable[Input]:
    """The placeholders, without those for the names of a Saver's files. filename: one of these."""
    saving = {filename} | {
        maker_of(name)
        for node in nodes.of(*_SAVING)
        for name, number in nodes.data(node)[:1]
        for name in (name, nodes.source((name, number))[0])
    }
    for node in nodes.of("Placeholder", "PlaceholderV2", "PlaceholderWithDefault"):
        users = [user for user, _ in nodes.users.get(node.name, ())]
        if node.name in saving or any(user in saving for user in users):
            continue
        yield Input(nodes.tensor((node.name, 0)), _default(nodes, node))


def _default(nodes: Nodes, node: NodeDef) -> str | None:
    taken = nodes.data(node)
    if node.op != "PlaceholderWithDefault" or not taken:
        return None
    source = nodes.by_name.get(nodes.source(taken[0])[0])
    number = number_in(source)
    if number is None:
        return f"what {taken[0][0]} is"
    is_truth = nodes.tensor((node.name, 0)).dtype == "bool"
    return str(bool(number)) if is_truth else f"{number:.6g}"


def _pipelines(nodes: Nodes) -> Iterable[Pipeline]:
    """The last operations of input pipelines: what they give is fed in their place."""
    for node in nodes.all:
        if node.op in bodies.FED:
            count = len(output_types(node)) or 1
            gives = tuple(nodes.tensor((node.name, i)) for i in range(min(count, _MOST_GIVEN)))
            yield Pipeline(node.name, node.op, gives)


_MOST_GIVEN = 64


def _signatures(message: MetaGraphDef) -> Iterable[SignatureFact]:
    for key, told in sorted(message.signature_def.items()):
        if key.startswith("__"):  # what the loader runs
            continue
        sides = [
            {name: _told_tensor(info) for name, info in sorted(side.items())}
            for side in (told.inputs, told.outputs)
        ]
        yield SignatureFact(key, told.method_name, *sides)


def _told_tensor(info: Any) -> TensorFact:
    return TensorFact(info.name, dtype_name(info.dtype), told_sizes(info.tensor_shape))


# ---- variables ----------------------------------------------------------------------------------


def _variables(
    nodes: Nodes, collections: _Collections, updates: Any, optimizers: Any
) -> Iterable[VariableFact]:
    slots = training.slots_by_place(updates)
    trained: dict[str, list[str]] = {}
    for optimizer in optimizers:
        for name in optimizer.variables:
            trained.setdefault(name, []).append(optimizer.name)
    for node in nodes.of(*_PLACES):
        sizes = sizes_of(attr(node, "shape"))
        told = node.attr["dtype"].type if "dtype" in node.attr else 0
        slot_of, slot = slots.get(node.name, ("", ""))
        trainable = node.name in collections.trainable if collections.tells_trainable else None
        yield VariableFact(
            TensorFact(f"{node.name}:0", dtype_name(told), sizes),
            "resource" if node.op == "VarHandleOp" else "ref",
            trainable,
            tuple(trained.get(node.name, ())),
            slot_of,
            slot,
        )


def _global_step(nodes: Nodes, collections: _Collections) -> str:
    named = [maker_of(name) for name in collections.global_steps]
    named += [node.name for node in nodes.of(*_PLACES) if node.name.endswith("global_step")]
    return next((name for name in named if name in nodes.by_name), "")


# ---- what comes out -----------------------------------------------------------------------------


def _losses(nodes: Nodes, collections: _Collections) -> list[Guess]:
    """What the collection of losses names, and where gradients begin."""
    found: dict[str, str] = {}
    for name in collections.losses:
        if maker_of(name) in nodes.by_name:
            found[name] = "in the collection of losses"
    for node in nodes.all:
        if not _BEGINNING.search(node.name):
            continue
        for user, _ in nodes.users.get(node.name, ()):
            _, _, rest = user.rpartition("gradients")[2].partition("/")
            of = rest.split("_grad/")[0] if "_grad/" in rest else ""
            if of in nodes.by_name:
                found[f"{of}:0"] = "the gradients begin here"
    return [Guess(nodes.tensor((maker_of(name), 0)), why) for name, why in found.items()]


def _outputs(nodes: Nodes, losses: set[str]) -> Iterable[Guess]:
    """Tensors that nothing takes but gradients and summaries: the last ones."""
    found: list[Guess] = []
    for node in reversed(nodes.all):
        if len(found) == _MOST_OUTPUTS:
            break
        if node.op in _NO_RESULT or _is_aside(node) or f"{node.name}:0" in losses:
            continue
        types = output_types(node)
        if not types or types[0].is_ref or not (types[0].is_floating or node.op in _CHOICES):
            continue
        users = [nodes.by_name[user] for user, _ in nodes.users.get(node.name, ())]
        if not all(map(_only_looks, users)):
            continue
        why = "only gradients and summaries take it" if users else "nothing takes it"
        found.append(Guess(nodes.tensor((node.name, 0)), why))
    return reversed(found)


#: What gives a result that is no floating-point number.
_CHOICES = ("ArgMax", "ArgMin", "TopKV2", "Equal")


def _fed(
    nodes: Nodes, losses: list[Guess], outputs: list[Guess], optimizers: list[OptimizerFact]
) -> Iterable[str]:
    """What has to be fed for the first loss and a step, or for the last output: placeholders, and
    what pipelines give."""
    guesses = [*losses[:1], *([] if losses or optimizers else outputs[-1:])]
    wanted = [maker_of(guess.tensor.name) for guess in guesses]
    wanted += [name for optimizer in optimizers[:1] for name in optimizer.run_by[:1]]
    queue = list(dict.fromkeys(wanted))
    known = set(queue)
    found: dict[str, None] = {}
    for name in queue:
        node = nodes.by_name.get(name)
        if node is None:
            continue
        if node.op in ("Placeholder", "PlaceholderV2"):
            found[f"{name}:0"] = None
        for other, number in nodes.taken[name]:
            source = nodes.by_name.get(other)
            if source is not None and source.op in bodies.FED and number >= 0:
                found[f"{other}:{number}"] = None
            elif other not in known:
                known.add(other)
                queue.append(other)
    order = {name: i for i, name in enumerate(nodes.by_name)}
    return sorted(found, key=lambda tensor: (order[maker_of(tensor)], tensor))


def _only_looks(node: NodeDef) -> bool:
    """Whether a node is of a backward pass, or for TensorBoard."""
    return bool(_OF_GRADIENTS.search(node.name) or _SUMMARIES.search(node.op))


def _is_aside(node: NodeDef) -> bool:
    """Whether a node is of a backward pass, of updates, of a Saver, or of first values."""
    return bool(
        _only_looks(node)
        or "Apply" in node.op
        or "/Initializer/" in node.name
        or node.name.startswith(("save/", "save_"))
        or node.name.endswith(("/read", "/Read/ReadVariableOp", "/initial_value"))
    )


def _saver(nodes: Nodes, message: MetaGraphDef) -> SaverFact | None:
    told = message.saver_def
    if not message.HasField("saver_def"):
        return None
    count = 0
    scope, _, _ = told.restore_op_name.rpartition("/")
    for node in nodes.of("SaveV2", "SaveSlices", "Save"):
        taken = nodes.data(node)
        if len(taken) > 1 and node.name.rpartition("/")[0] == scope:
            count += len(texts_in(nodes.by_name.get(taken[1][0])))
    version = {0: "V1", 1: "V1", 2: "V2"}.get(told.version, str(told.version))
    return SaverFact(
        told.filename_tensor_name,
        told.save_tensor_name,
        told.restore_op_name,
        version,
        bool(told.sharded),
        count,
    )


# ---- bodies, functions, what does not run -------------------------------------------------------


def _loops(nodes: Nodes, everything: Iterable[NodeDef]) -> int:
    frames = {attr(node, "frame_name") for node in nodes.of("Enter", "RefEnter")}
    owned = sum(node.op in ("While", "StatelessWhile", "WhileLoop") for node in everything)
    return len(frames) + owned


def _conditions(nodes: Nodes, everything: Iterable[NodeDef]) -> int:
    """Conditions: the values that Switches outside of loops go by, and those that own bodies."""
    loops = {name for node in nodes.of("LoopCond") for name in (node.name,)}
    switched = {
        nodes.source(taken[1])[0]
        for node in nodes.of("Switch", "RefSwitch")
        if len(taken := nodes.data(node)) > 1
    }
    owned = sum(node.op in ("If", "StatelessIf", "Case") for node in everything)
    return len(switched - loops) + owned


def _functions(graph_def: GraphDef) -> Iterable[FunctionFact]:
    used: dict[str, dict[str, None]] = {}
    library = graph_def.library.function
    if not library:
        return
    for node in [*graph_def.node, *(n for f in library for n in f.node_def)]:
        for name in calls(node):
            used.setdefault(name, {})[node.op] = None
    for function in library:
        told = function.signature
        yield FunctionFact(
            told.name,
            len(told.input_arg),
            len(told.output_arg),
            len(function.node_def),
            tuple(used.get(told.name, ())),
        )


def _not_run(graph_def: GraphDef) -> Iterable[NotRun]:
    """The operations that nothing here runs, by their types, also those in functions."""
    known: dict[tuple[str, int, bool], bool] = {}
    library = {
        function.signature.name: function.node_def for function in graph_def.library.function
    }
    for inside, nodes in {"": graph_def.node, **library}.items():
        counts: Counter[str] = Counter()
        first: dict[str, str] = {}
        for node in nodes:
            if node.op not in library and not _is_run(node, known, library):
                counts[node.op] += 1
                first.setdefault(node.op, node.name)
        for type, count in counts.items():
            yield NotRun(type, count, first[type], inside)


def _is_run(
    node: NodeDef, known: dict[tuple[str, int, bool], bool], library: Mapping[str, Any]
) -> bool:
    """Whether a node can be run here, or fed where data comes in. known: what was found before.
    library: the functions of the file."""
    count = sum(not reference.startswith("^") for reference in node.input)
    key = node.op, count, bodies.is_own(node)
    if key not in known or bodies.owned(node) or library:
        known[key] = bodies.brings_data(node.op) or runs_here(node, count, library)
    return known[key]
