"""``graphscope export``: a graph with its values, so that TensorFlow itself runs it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from graphscope.engine.session import Session
from graphscope.engine.state import State
from graphscope.formats import edits, exporting
from graphscope.formats.edits.constants import frozen, inputs_of
from graphscope.formats.edits.draft import Draft
from graphscope.formats.messages import GraphDef, MetaGraphDef
from graphscope.ops.graph_keys import GraphKeys
from graphscope.repl.attach import PLAIN_RUN, Feeds, replace_run
from graphscope.repl.files.edit import read
from graphscope.repl.script import run_script
from graphscope.repl.words import Words, Wrong, guarded
from graphscope.train.checkpoint_state import checkpoint_exists, update_checkpoint_state
from graphscope.train.saver import Saver

#: How TensorFlow 2 is told to take graphs, in programs that read what was exported.
_IMPORTS = {"tf2": "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()"}
_NAME = "model"


def export(arguments: Sequence[str]) -> int:
    """Do what the words after ``graphscope export`` say. Returns the exit code."""
    return guarded(lambda: _export(arguments))


def _words() -> Words:
    words = Words("graphscope export", description="A graph with its values, for TensorFlow.")
    words.add_argument("file", help="a .meta file, a GraphDef, or a script, which is run")
    words.add_argument("arguments", nargs="*", help="what the script is given")
    words.add_argument(
        "--for",
        dest="version",
        choices=[*edits.VERSIONS],
        default="tf2",
        help="the version of TensorFlow; tf2 when left out",
    )
    words.add_argument("--checkpoint", metavar="PREFIX", help="the values, if not beside the file")
    words.add_argument(
        "--frozen", action="store_true", help="one graph, with the values as constants"
    )
    words.add_argument(
        "--output", metavar="NODE", action="append", default=[], help="what the frozen graph gives"
    )
    words.add_argument(
        "-o", "--directory", metavar="DIR", required=True, help="where it is written"
    )
    return words


def _export(arguments: Sequence[str]) -> int:
    given = _words().parse_intermixed_args(arguments)
    if given.output and not given.frozen:
        raise Wrong("--output goes with --frozen: it says what the frozen graph gives.")
    target = os.path.join(given.directory, _NAME)
    if given.file.endswith(".py"):
        message = _of_script(given.file, given.arguments, target)
        prefix: str | None = target
    else:
        message = read(given.file)
        prefix = given.checkpoint or _beside(given.file)
    if given.frozen:
        if prefix is None:
            raise Wrong(f"There are no values beside {given.file}: --checkpoint PREFIX names them.")
        graph = frozen(message, prefix, given.output)
        message = MetaGraphDef()
        message.adopt("graph_def", graph)
    edited = edits.for_version(message, given.version)
    if given.frozen:
        said = _write_frozen(edited.meta_graph.graph_def, given.output, given.directory)
    else:
        said = _write(edited.meta_graph, prefix, target, given.version)
    print("\n".join([*edited.changes, *said]))
    return 0


def _beside(file: str) -> str | None:
    prefix = os.path.splitext(file)[0]
    return prefix if checkpoint_exists(prefix) else None


def _write_frozen(graph: GraphDef, outputs: list[str], directory: str) -> list[str]:
    path = exporting.write_message(os.path.join(directory, "frozen.pb"), graph, False)
    feeds = ", ".join(f"{name}:0" for name in inputs_of(graph)) or "nothing"
    fetches = ", ".join(f"{name.partition(':')[0]}:0" for name in outputs)
    return [f"{path}: {len(graph.node)} nodes; fed: {feeds}; fetched: {fetches}"]


def _write(message: MetaGraphDef, prefix: str | None, target: str, version: str) -> list[str]:
    path = exporting.write_message(f"{target}.meta", message, False)
    said = [f"{path}: {len(message.graph_def.node)} nodes"]
    if prefix is not None:
        if os.path.abspath(prefix) != os.path.abspath(target):
            edits.changed_checkpoint(prefix, target)
        update_checkpoint_state(os.path.dirname(target), target, [target], save_relative_paths=True)
        said.append(f"{target}.index, {target}.data-00000-of-00001: the values")
    return [*said, "TensorFlow goes on with it:", *_program(message, target, prefix, version)]


def _program(message: MetaGraphDef, target: str, prefix: str | None, version: str) -> list[str]:
    """What a program says to read it."""
    lines = [
        _IMPORTS.get(version, "import tensorflow as tf"),
        f'saver = tf.train.import_meta_graph("{target}.meta")',
        "session = tf.Session()",
    ]
    if prefix is not None and message.saver_def.restore_op_name:
        lines.append(f'saver.restore(session, "{target}")')
    draft = Draft(message)
    train = [name for name in draft.train_ops if name in draft.nodes][:1]
    if train:
        needed = draft.before(train)
        feeds = [name for name in inputs_of(message.graph_def) if name in needed]
        fed = ", ".join(f'"{name}:0": ...' for name in feeds)
        lines.append(f'session.run("{train[0]}", {{{fed}}})')
    return [f"    {line}" for line in lines]


# ---- of a script --------------------------------------------------------------------------------


def _of_script(file: str, arguments: Sequence[str], target: str) -> MetaGraphDef:
    """Run a script to its end, and save what its last session held.

    Errors: Wrong when it fails, or runs no session.
    """
    if not os.path.isfile(file):
        raise Wrong(f"there is no file {file}")
    last: list[tuple[Session, State]] = []

    def noted(
        session: Session, fetches: Any, feed_dict: Feeds = None, *more: Any, **named: Any
    ) -> Any:
        last[:] = [(session, session.state)]  # it lets go of it when it is closed
        return PLAIN_RUN(session, fetches, feed_dict, *more, **named)

    before = Session.run
    replace_run(noted)
    try:
        code = run_script(file, arguments)
    finally:
        replace_run(before)
    if code:
        raise Wrong(f"{file} ended with an error: nothing is exported.")
    if not last:
        raise Wrong(f"{file} runs no session: there are no values to export.")
    session, state = last[0]
    return _saved(session, state, target)


def _saved(session: Session, state: State, target: str) -> MetaGraphDef:
    """Save the graph and the values; what has no value yet is left out of the checkpoint."""
    graph = session.graph
    graph._unsafe_unfinalize()
    with graph.as_default(), Session(graph=graph) as again:
        again.state = state.copy()
        kept = [v for v in _variables(graph) if v.op.name in state.variables]
        if not kept:
            raise Wrong("The script leaves no variable with a value: there is nothing to export.")
        Saver(kept).save(again, target)
    return read(f"{target}.meta")


def _variables(graph: Any) -> list[Any]:
    return list(dict.fromkeys(graph.get_collection(GraphKeys.GLOBAL_VARIABLES)))
