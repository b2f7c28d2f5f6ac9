"""What may be done with a file that was opened: lines of Python and commands, to be copied."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Sequence

from graphscope.formats.opened.facts import CheckpointFact, GraphFact, NextStep

#: Of more inputs only the first are written into a line.
_MOST_FED = 4


def next_steps(
    path: str,
    kind: str,
    graphs: Sequence[GraphFact],
    checkpoint: CheckpointFact | None,
) -> Iterable[NextStep]:
    """The lines for a file, in the order in which they are run."""
    if not graphs or not graphs[0].nodes:
        if checkpoint is not None:
            prefix = checkpoint.prefix
            yield NextStep(f"gs.train.load_variable({prefix!r}, NAME)", "the value of a tensor")
            if not checkpoint.graph:
                yield NextStep(f"gs.train.Saver().restore(sess, {prefix!r})", _WITHOUT_GRAPH)
        return
    graph = graphs[0]
    yield NextStep("import graphscope as gs; sess = gs.Session()", "in Python")
    yield from _loading(path, kind, graph, checkpoint)
    wanted = [guess.tensor.name for guess in graph.losses[:1]]
    called = [signature for signature in graph.signatures if signature.outputs][:1]
    inputs = [tensor.name for signature in called for tensor in signature.inputs.values()]
    wanted = wanted or [t.name for signature in called for t in signature.outputs.values()][:1]
    wanted = wanted or [guess.tensor.name for guess in graph.outputs[-1:]]
    steps = [name for optimizer in graph.optimizers for name in optimizer.run_by[:1]]
    if wanted:
        yield NextStep(f"gs.draw({wanted[0]!r})", "a picture of what it needs")
    fetches = [*wanted, *steps[:1]]
    if fetches:
        listed = repr(fetches[0]) if len(fetches) == 1 else repr(fetches)
        run = f"sess.run({listed}{_fed(graph, inputs)})"
        yield NextStep(f"gs.set_trace(); {run}", "step through it at the prompt")
    value = _first_rate(graph)
    if kind == "meta graph" and value is not None:
        made = re.sub(r"(\.meta)?$", ".new.meta", path, count=1)
        of = f"{graph.optimizers[0].name}=" if len(graph.optimizers) > 1 else ""
        words = ["graphscope", "edit", path, "--set-lr", f"{of}{value / 10:g}", "-o", made]
        yield NextStep(shlex.join(words), "the same with another learning rate")


def _first_rate(graph: GraphFact) -> float | None:
    """The learning rate of the first optimizer, or the one with which it begins to decay."""
    rate = graph.optimizers[0].rate if graph.optimizers else None
    if rate is None or rate.is_a == "constant":
        return None if rate is None else rate.value
    begins = (value for name, value in rate.behind if name.endswith("initial_learning_rate"))
    return next(begins, None)


_WITHOUT_GRAPH = "into the graph that your script builds: no .meta file lies beside it"


def _loading(
    path: str, kind: str, graph: GraphFact, checkpoint: CheckpointFact | None
) -> Iterable[NextStep]:
    if kind == "SavedModel":
        folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
        tags = list(graph.tags)
        yield NextStep(
            f"gs.saved_model.loader.load(sess, {tags!r}, {folder!r})", "the graph and its values"
        )
        return
    meta = path if path.endswith(".meta") else checkpoint.graph if checkpoint else ""
    if kind in ("meta graph", "checkpoint") and meta:
        yield NextStep(f"saver = gs.train.import_meta_graph({meta!r})", "the graph")
        if checkpoint is not None:
            yield NextStep(f"saver.restore(sess, {checkpoint.prefix!r})", "its values")
            return
    else:
        yield NextStep(f"gs.import_file({path!r})", "the graph")
    if graph.variables and kind in ("meta graph", "checkpoint"):
        init = "sess.run(gs.global_variables_initializer())"
        yield NextStep(init, "first values: no checkpoint of this name lies beside it")


def _fed(graph: GraphFact, inputs: Iterable[str]) -> str:
    """What has to be fed, as the rest of a call. inputs: those of the signature that is called."""
    names = [*graph.fed] if graph.losses or graph.optimizers or not graph.signatures else [*inputs]
    shown = [f"{name!r}: ..." for name in names[:_MOST_FED]]
    more = ["..."] if len(names) > _MOST_FED else []
    return f", {{{', '.join([*shown, *more])}}}" if names else ""
