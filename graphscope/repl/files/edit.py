"""``graphscope edit``: a graph in a file is changed, and written to another file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

from graphscope.formats import edits, exporting, meta_graphs
from graphscope.formats.edits import Edited
from graphscope.formats.messages import GraphDef, MetaGraphDef
from graphscope.kernels.files import content
from graphscope.repl.words import Words, Wrong, guarded, pair


def _words() -> Words:
    words = Words(
        "graphscope edit",
        description="Change the graph in a file, and write it to another one.",
    )
    words.add_argument("file", help="a .meta file, or a GraphDef (.pb, .pbtxt)")
    words.add_argument(
        "--set-lr",
        metavar="[NAME=]RATE",
        action="append",
        default=[],
        help="train with another learning rate",
    )
    for name, what in (
        ("--freeze", "train on without changing a variable"),
        ("--unfreeze", "change it again"),
    ):
        words.add_argument(name, metavar="VARIABLE", action="append", default=[], help=what)
    words.add_argument(
        "--rename",
        metavar="OLD=NEW",
        action="append",
        default=[],
        help="another name for a variable, a node or a scope",
    )
    words.add_argument(
        "--remove-output-shapes",
        action="store_true",
        help="leave out what TensorFlow 2 does not accept",
    )
    words.add_argument(
        "--for",
        dest="version",
        choices=[*edits.VERSIONS],
        help="say it as this version of TensorFlow understands it",
    )
    words.add_argument(
        "--checkpoint",
        metavar="PREFIX",
        help="write this checkpoint beside, with what is changed in it",
    )
    words.add_argument("-o", "--output", metavar="FILE", required=True, help="where it is written")
    return words


def edit(arguments: Sequence[str]) -> int:
    """Do what the words after ``graphscope edit`` say. Returns the exit code."""
    return guarded(lambda: _edit(arguments))


def _edit(arguments: Sequence[str]) -> int:
    given = _words().parse_args(arguments)
    message = read(given.file)
    names = dict(pair(text, "OLD=NEW, two names") for text in given.rename)
    rates = [_rate(text) for text in given.set_lr]
    inside, beside = _split(message, rates, given.checkpoint)
    steps: list[Callable[[MetaGraphDef], Edited]] = [
        partial(edits.set_learning_rate, value=value, of=of) for of, value in inside
    ]
    if given.freeze:
        steps.append(lambda m: edits.freeze(m, *given.freeze))
    if given.unfreeze:
        steps.append(lambda m: edits.unfreeze(m, *given.unfreeze))
    if names:
        steps.append(partial(edits.rename, names=names, checkpoint=given.checkpoint is not None))
    if given.remove_output_shapes:
        steps.append(edits.remove_output_shapes)
    if given.version is not None:
        steps.append(partial(edits.for_version, version=given.version))
    if not steps and not beside:
        raise Wrong(_what_can_be(message, given.file))
    said: list[str] = []
    for step in steps:
        edited: Edited = step(message)
        message = edited.meta_graph
        said += edited.changes
    _write(given.output, message, given.file)
    if given.checkpoint is not None:
        prefix = os.path.splitext(given.output)[0]
        said += edits.changed_checkpoint(given.checkpoint, prefix, names, beside)
        said.append(f"{prefix}: the checkpoint for it")
    print("\n".join([*said, f"{given.output} is written"]))
    return 0


def _rate(text: str) -> tuple[str | None, float]:
    name, _, number = text.rpartition("=")
    try:
        return name or None, float(number)
    except ValueError:
        raise Wrong(f"--set-lr takes a number, or NAME=NUMBER, not {text!r}.") from None


def _split(
    message: MetaGraphDef, rates: list[tuple[str | None, float]], checkpoint: str | None
) -> tuple[list[tuple[str | None, float]], dict[str, float]]:
    """Which rates are in the graph, and which are variables, whose values are in the checkpoint."""
    if checkpoint is None or not rates:
        return rates, {}
    known = edits.learning_rates(message)
    kept = {rate.name for rate in known if rate.kind == "variable"}
    alone = known[0].name if len(known) == 1 else None
    named = [((of or alone or "").partition(":")[0], of, value) for of, value in rates]
    beside = {name: value for name, _, value in named if name in kept}
    return [(of, value) for name, of, value in named if name not in kept], beside


def _what_can_be(message: MetaGraphDef, file: str) -> str:
    """What to say when nothing is to be changed."""
    rates = "; ".join(map(str, edits.learning_rates(message))) or "none"
    options = "--set-lr, --freeze, --rename, --for ..."
    return f"say what to change in {file}: {options} Its learning rates: {rates}"


def read(file: str) -> MetaGraphDef:
    """The meta graph in a file; a graph alone is one without collections.

    Errors: OSError when there is none in it.
    """
    if not _is_graph(file):
        return meta_graphs.read(file)
    message, graph = MetaGraphDef(), GraphDef()
    try:
        exporting.read_message(content(file), graph)
    except (ValueError, TypeError) as error:
        raise OSError(f"Cannot parse file {file}: {error}.") from None
    message.adopt("graph_def", graph)
    return message


def _is_graph(file: str) -> bool:
    return file.endswith((".pb", ".pbtxt"))


def _write(path: str, message: MetaGraphDef, source: str) -> None:
    as_text = path.endswith((".pbtxt", ".txt"))
    exporting.write_message(path, message.graph_def if _is_graph(source) else message, as_text)
