"""How long it takes to draw a training step of 50, 500, 5,000 and 10,000 operations.

    python tests/benchmarks/pictures.py [SIZE ...]
    pip install torch torchviz torchview torchlens    # for the rows of those, which need `dot`

The model is a chain of layers, each a product, a sum and a relu. `draw` is from the graph to the
DOT text, `svg` from there to the SVG, the quickest of three times; `drawn` is how many boxes the
picture has. The libraries beside it draw a PyTorch model of as many layers: torchviz its backward
pass, torchview and TorchLens its forward pass; TorchLens makes its SVG as it draws. An SVG that
takes longer than a minute is given up. The last line is of a film of a small run. Nothing here is
timed by the test suite.
"""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import graphscope as gs

SIZES = (50, 500, 5000, 10000)
#: Operations of one layer: forward, backward and update, variables and their initializers.
PER_LAYER = 17
PATIENCE = 60.0


def graph_of(size: int) -> Any:
    """A training step with about so many operations in its graph."""
    gs.reset_default_graph()
    x = h = gs.placeholder(gs.float32, [8, 16], name="x")
    for number in range(max(1, size // PER_LAYER)):
        with gs.name_scope(f"layer{number}"):
            weights = gs.Variable(gs.zeros([16, 16]), name="W")
            bias = gs.Variable(gs.zeros([16]), name="b")
            h = gs.nn.relu(gs.matmul(h, weights) + bias)
    loss = gs.reduce_mean(gs.square(h - x), name="loss")
    return gs.train.GradientDescentOptimizer(0.01).minimize(loss, name="train")


def ours(size: int, fold: bool) -> tuple[float, float, int, int]:
    """Seconds to the DOT text and to the SVG, operations of the graph, boxes."""
    train = graph_of(size)
    picture, drawn = best(lambda: gs.draw(train, fold=fold))
    _, svg = best(picture.svg)
    return drawn, svg, len(train.graph.get_operations()), picture.boxes


def best(make: Callable[[], Any]) -> tuple[Any, float]:
    """What is made, and the seconds of the quickest of three times: other programs are running."""
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        made = make()
        seconds.append(time.perf_counter() - begin)
    return made, min(seconds)


def film() -> str:
    """The seconds of a page and of an animation of the run of two layers."""
    gs.reset_default_graph()
    x = gs.placeholder(gs.float32, [8, 16], name="x")
    loss = gs.reduce_mean(gs.square(gs.layers.dense(gs.layers.dense(x, 16, gs.nn.relu), 1)))
    train = gs.train.GradientDescentOptimizer(0.01).minimize(loss, name="train")
    session = gs.Session()
    session.run(gs.global_variables_initializer())
    made, seconds = best(lambda: gs.film(session, train, {x: np.ones((8, 16), np.float32)}))
    _, html = best(made.html)
    _, gif = best(made.gif)
    frames = len(made.times)
    return f"film of {frames} frames: {seconds:.2f} s, its page {html:.2f} s, its GIF {gif:.2f} s"


def chain_in_torch(torch: Any, size: int) -> tuple[Any, Any]:
    layers = []
    for _ in range(max(1, size // PER_LAYER)):
        layers += [torch.nn.Linear(16, 16), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers), torch.zeros(8, 16)


def by_torchviz(torch: Any, size: int) -> str:
    torchviz = importlib.import_module("torchviz")
    model, x = chain_in_torch(torch, size)
    loss = (model(x) - x).pow(2).mean()
    return str(torchviz.make_dot(loss, params=dict(model.named_parameters())).source)


def by_torchview(torch: Any, size: int) -> str:
    torchview = importlib.import_module("torchview")
    model, x = chain_in_torch(torch, size)
    return str(torchview.draw_graph(model, input_data=x, depth=9).visual_graph.source)


def by_torchlens(torch: Any, size: int) -> str:
    torchlens = importlib.import_module("torchlens")
    model, x = chain_in_torch(torch, size)
    with tempfile.TemporaryDirectory() as folder:
        outpath = str(Path(folder) / "model")
        torchlens.trace(model, x).draw(
            vis_save_only=True, vis_outpath=outpath, vis_fileformat="svg"
        )
        return Path(outpath + ".svg").read_text()


def svg_of(dot: str) -> str:
    """The seconds that Graphviz takes, or why there are none."""
    if dot.lstrip().startswith("<"):
        return "       -"
    begin = time.perf_counter()
    try:
        subprocess.run(
            ["dot", "-Tsvg"], input=dot.encode(), capture_output=True, timeout=PATIENCE, check=True
        )
    except subprocess.TimeoutExpired:
        return f"    > {PATIENCE:.0f}"
    except (OSError, subprocess.CalledProcessError):
        return "  failed"
    return f"{time.perf_counter() - begin:8.3f}"


def peer(name: str, make: Callable[[Any, int], str], size: int) -> str:
    """One row for a library beside ours."""
    try:
        torch = importlib.import_module("torch")
        importlib.import_module(name)
    except ImportError:
        return f"{name:>22}  not installed"
    make(torch, PER_LAYER)  # what is loaded at the first use is loaded
    begin = time.perf_counter()
    try:
        text = make(torch, size)
    except RecursionError:
        return f"{name:>22}  too deep for its recursion"
    drawn = time.perf_counter() - begin
    nodes = len(re.findall(r"^\s*[^\s>]+ \[(?!.*->)|class=\"node\"", text, re.MULTILINE))
    return f"{name:>22}  {drawn:8.3f}  {svg_of(text)}  {nodes:>7,}"


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    print(f"{'':>22}  {'draw s':>8}  {'svg s':>8}  {'drawn':>7}")
    for size in sizes:
        drawn, svg, operations, boxes = ours(size, fold=True)
        print(f"{operations:,} operations")
        print(f"{'folded':>22}  {drawn:8.3f}  {svg:8.3f}  {boxes:>7,}")
        drawn, svg, _, boxes = ours(size, fold=False)
        print(f"{'unfolded':>22}  {drawn:8.3f}  {svg:8.3f}  {boxes:>7,}")
        for name, make in PEERS.items():
            print(peer(name, make, size), flush=True)
    print(film())


PEERS = {"torchviz": by_torchviz, "torchview": by_torchview, "torchlens": by_torchlens}

if __name__ == "__main__":
    main()
