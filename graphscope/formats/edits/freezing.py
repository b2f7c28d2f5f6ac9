"""Variables that a training in a file does not change any more, or changes again.

The updates are in the file already, so that a mark on the variable is not enough: what writes the
variable in a training step is cut off from what is fetched. It stays in the file with a note of
who waited for it, so that it can be put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphscope.formats.attributes import message_of, value_of
from graphscope.formats.edits.draft import VARIABLES, Draft, Edited, is_step
from graphscope.formats.frames import maker
from graphscope.formats.messages import CollectionDef, MetaGraphDef, VariableMessage

#: On what is cut off: who took it or waited for it, as ``NODE INPUT``.
CUT = "_graphscope_cut"
_TRAINABLE = "trainable_variables"


def freeze(meta_graph: MetaGraphDef, *variables: str) -> Edited:
    """Train on without changing these variables. A scope stands for all trainable ones in it.

    They leave the trainable variables, and nothing that is fetched runs their updates. Their
    gradients still count where all gradients are clipped by one norm, as they did before.
    Errors: ValueError for a name that is no variable's.
    """
    draft = Draft(meta_graph)
    trainable = [maker(v.variable_name)[0] for v in draft.variables(_TRAINABLE)]
    for name in variables:
        for variable in _meant(draft, name, trainable):
            _freeze(draft, variable)
    return draft.edited()


def unfreeze(meta_graph: MetaGraphDef, *variables: str) -> Edited:
    """Train these variables again: the contrary of `freeze`.

    A variable that the file never trained becomes a trainable one, and has no update: what was done
    says so. Errors: ValueError for a name that is no variable's.
    """
    draft = Draft(meta_graph)
    every = [maker(v.variable_name)[0] for v in draft.variables("variables")]
    cut = [name for name in every if _cut_updates(draft, name)]
    for name in variables:
        for variable in _meant(draft, name, cut):
            _unfreeze(draft, variable)
    return draft.edited()


def _meant(draft: Draft, name: str, known: list[str]) -> list[str]:
    """The variable of that name, or those of the known ones that are in that scope."""
    scope = name.rstrip("/")
    inside = [variable for variable in known if variable.startswith(f"{scope}/")]
    is_one = draft.nodes.get(scope) is not None and draft.nodes[scope].op in VARIABLES
    return inside if inside and not is_one else [draft.variable_named(name)]


# ---- freezing -----------------------------------------------------------------------------------


def _freeze(draft: Draft, name: str) -> None:
    parts = list(_updates(draft, name))
    was_trainable = any(_is_of(v, name) for v in draft.variables(_TRAINABLE))
    _mark(draft, name, False)
    if not parts:
        why = "" if was_trainable else ", and it is not among the trainable variables"
        draft.said.append(f"{name}: nothing in the file updates it{why}")
        return
    cut = [head for part in parts for head in _cut(draft, part)]
    draft.said.append(f"{name}: frozen; {', '.join(cut)} is not run any more")
    left = _left(draft)
    if not left:
        draft.said.append(f"{', '.join(draft.train_ops)} trains no variable any more")
    writers = [n for n in draft.writers.get(name, []) if n not in draft.before(draft.train_ops)]
    inside = {node for part in parts for node in part}
    others = [n for n in writers if n not in inside and not _begins(draft, n, name)]
    if others:
        draft.said.append(f"{', '.join(others)} writes {name} too, when it is fetched itself")


def _updates(draft: Draft, name: str) -> Iterator[list[str]]:
    """What changes a variable in a step: each the nodes that do it together."""
    # What waits for a step runs in the training too, as an average of the variables does.
    steps = [n for n, node in draft.nodes.items() if is_step(node)]
    trained = draft.before([*draft.train_ops, *draft.after([*steps, *draft.train_ops])])
    found: set[str] = set()
    for writer in draft.writers.get(name, []):
        if writer in found or writer not in trained or _begins(draft, writer, name):
            continue
        scope = _scope(writer, name)
        part = [n for n in draft.nodes if n == writer or (scope and n.startswith(scope))]
        found.update(part)
        if list(_edges_out(draft, part)):
            yield part


def _scope(writer: str, name: str) -> str:
    """The scope of an optimizer's operations for one variable; empty for another writer."""
    head, found, _ = writer.rpartition(f"/update_{name}/")
    return f"{head}{found}" if found else ""


def _begins(draft: Draft, writer: str, name: str) -> bool:
    """Whether it gives the variable its first value, or that of a checkpoint."""
    known = draft.initializers.get(name, set())
    if writer in known or writer in (f"{name}/Assign", f"{name}/initializer"):
        return True
    node = draft.nodes[writer]
    needed = draft.before(maker(r)[0] for r in node.input[1:] if not r.startswith("^"))
    return any(draft.nodes[n].op.startswith("Restore") for n in needed)


def _edges_out(draft: Draft, part: Iterable[str]) -> Iterator[tuple[str, int, str]]:
    """Who outside of a part takes something of it or waits for it, and where in its inputs."""
    inside = set(part)
    for name in inside:
        for user in draft.users.get(name, ()):
            if user not in inside:
                for i, reference in enumerate(draft.nodes[user].input):
                    if maker(reference)[0] == name:
                        yield user, i, reference


def _cut(draft: Draft, part: list[str]) -> list[str]:
    """Let nothing outside run this part. Returns the names of what is cut off.

    A writer hands on the variable's place: who took it takes the place itself.
    """
    edges = list(dict.fromkeys(_edges_out(draft, part)))
    notes: dict[str, list[str]] = {}
    for user, _, reference in edges:
        notes.setdefault(maker(reference)[0], []).append(f"{user} {reference}")
    for user in dict.fromkeys(user for user, _, _ in edges):
        lost = {reference for other, _, reference in edges if other == user}
        kept = []
        for reference in draft.nodes[user].input:
            if reference not in lost:
                kept.append(reference)
            elif not reference.startswith("^"):
                kept.append(_place(draft, reference, user))
        draft.rewire(user, kept)
    for name, told in notes.items():
        draft.changed(name).attr[CUT].CopyFrom(message_of("list(string)", told))
    return list(notes)


def _place(draft: Draft, reference: str, user: str) -> str:
    """The place that a writer hands on. Errors: ValueError when it gives something else."""
    node = draft.nodes[maker(reference)[0]]
    if not node.input or draft.place_of(node.input[0]) is None:
        raise ValueError(
            f"{user} computes with {reference}, which the update of the variable computes: it "
            "cannot be cut off."
        )
    place: str = node.input[0]
    return place


def _left(draft: Draft) -> bool:
    """Whether the training still changes a variable."""
    return any(is_step(draft.nodes[n]) for n in draft.before(draft.train_ops))


# ---- unfreezing ---------------------------------------------------------------------------------


def _unfreeze(draft: Draft, name: str) -> None:
    cut = _cut_updates(draft, name)
    running = list(_updates(draft, name))
    was = any(_is_of(v, name) for v in draft.variables(_TRAINABLE))
    _mark(draft, name, True)
    if cut:
        for update in cut:
            _put_back(draft, update, name)
        draft.said.append(f"{name}: trained again, by {', '.join(cut)}")
    elif running:
        draft.said.append(f"{name}: it is trained already" if was else f"{name}: trainable")
    else:
        draft.said.append(
            f"{name}: trainable now, and nothing in the file updates it: its train op was made "
            "without it. A new optimizer trains it: after importing, "
            "tf.train.GradientDescentOptimizer(rate).minimize(loss)"
        )


def _cut_updates(draft: Draft, name: str) -> list[str]:
    return [n for n in draft.nodes if CUT in draft.nodes[n].attr and _is_update(draft, n, name)]


def _is_update(draft: Draft, update: str, name: str) -> bool:
    """Whether it changes the variable, and not only what is kept beside it."""
    first = next(iter(draft.written_by(draft.nodes[update])), None)
    return first == name or f"/update_{name}/" in update


def _put_back(draft: Draft, update: str, name: str) -> None:
    """Give an update back to those who waited for it."""
    for note in value_of(draft.nodes[update].attr[CUT]):
        user, _, reference = str(note).partition(" ")
        if user not in draft.nodes:
            continue
        inputs = list(draft.nodes[user].input)
        if reference.startswith("^"):
            inputs.append(reference)
        else:
            place = draft.nodes[update].input[0]
            at = next((i for i, r in enumerate(inputs) if r == place), None)
            if at is not None:
                inputs[at] = reference
        draft.rewire(user, inputs)
    node = draft.changed(update)
    del node.attr[CUT]


# ---- collections --------------------------------------------------------------------------------


def _is_of(told: VariableMessage, name: str) -> bool:
    return str(told.variable_name).partition(":")[0] == name


def _mark(draft: Draft, name: str, trainable: bool) -> None:
    """Say in all collections whether the variable is trainable."""

    def change(key: str, collection: CollectionDef) -> CollectionDef | None:
        if not _is_of_variables(key):
            return collection
        made = CollectionDef()
        for told in collection.bytes_list.value:
            message = VariableMessage.FromString(told)
            if not _is_of(message, name):
                made.bytes_list.value.append(told)
            elif trainable or key != _TRAINABLE:
                message.trainable = trainable
                made.bytes_list.value.append(message.SerializeToString())
        return made if made.bytes_list.value else None

    draft.change_collections(change)
    if trainable and not any(_is_of(v, name) for v in draft.variables(_TRAINABLE)):
        _add(draft, name)


def _is_of_variables(key: str) -> bool:
    """Whether a collection is of variables."""
    return key in ("variables", _TRAINABLE, "model_variables", "moving_average_variables")


def _add(draft: Draft, name: str) -> None:
    """Put a variable into the trainable ones, in their order among all variables."""
    every = draft.variables("variables")
    known = {str(v.variable_name) for v in draft.variables(_TRAINABLE)}
    chosen = [v for v in every if str(v.variable_name) in known or _is_of(v, name)]
    made = CollectionDef()
    made.bytes_list.value.extend(v.SerializeToString() for v in chosen)
    if chosen:
        draft.meta_graph.collection_def[_TRAINABLE] = made
