"""How long a large file takes: to be read, to be imported, and to be told by `graphscope open`.

    python -m tests.benchmarks.opening [FILE]

Without a FILE the graph of a deep network, of some 9,000 nodes, is made and written. Times are
those of this process alone, the best of several, and so are little disturbed by others.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable

import graphscope as gs
from graphscope.formats import meta_graphs

LAYERS, ROUNDS = 150, 5


def made(folder: str) -> str:
    """A .meta file of a deep network that Adam trains."""
    with gs.Graph().as_default():
        x = gs.placeholder(gs.float32, [None, 16], name="x")
        y = gs.placeholder(gs.float32, [None, 16], name="y")
        h = x
        for i in range(LAYERS):
            with gs.variable_scope(f"layer{i}"):
                w = gs.get_variable("w", [16, 16])
                b = gs.get_variable("b", [16], initializer=gs.zeros_initializer())
                h = gs.nn.relu(gs.matmul(h, w) + b) + h
        loss = gs.reduce_mean(gs.square(h - y), name="loss")
        gs.train.AdamOptimizer(0.001).minimize(loss)
        gs.train.Saver()
        path = os.path.join(folder, "deep.meta")
        gs.train.export_meta_graph(path)
    return path


def best(call: Callable[[], object]) -> float:
    """Seconds of this process for a call, the best of several."""
    found = []
    for _ in range(ROUNDS):
        gc.collect()
        began = time.process_time()
        kept = call()
        found.append(time.process_time() - began)
        del kept
    return min(found)


def imported(message: object) -> object:
    with gs.Graph().as_default() as graph:
        gs.train.import_meta_graph(message)
    return graph


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = sys.argv[1] if len(sys.argv) > 1 else made(folder)
        told = gs.open_file(path)
        message = meta_graphs.read(path)
        print(f"{told.graphs[0].nodes:,} nodes, {told.size / 1e6:.1f} MB")
        for name, call in (
            ("read", lambda: meta_graphs.read(path)),
            ("import", lambda: imported(message)),
            ("open_file", lambda: gs.open_file(path)),
        ):
            print(f"{name:12}{best(call):8.3f} s")


if __name__ == "__main__":
    main()
