"""Damaged and hostile files through `open_file`: it tells them, or there is one clear error; it
comes to an end, takes no more memory than a few times the file, and opens nothing that is outside
of the folder. GRAPHSCOPE_FUZZ says how many files are tried."""

import json
import os
import random
import re
import shutil
import sys
import tracemalloc
from contextlib import contextmanager
from pathlib import Path

import pytest
from formats.conftest import ARTEFACTS
from formats.mutations import bombs, mutated, sealed
from rich.cells import cell_len

import graphscope as gs
from graphscope.debug.dispatch import as_json
from graphscope.formats.assets import asset_path
from graphscope.formats.messages import AssetFileDef, MetaGraphDef, SavedModel
from graphscope.kernels.protobuf import data, varint
from graphscope.show import plain, render

FILES = [
    "all_types/model.index",
    "as_in_1/model.meta",
    "events/events.out.tfevents.1",
    "first_version/model",
    "frozen/graph.pb",
    "frozen/graph.pbtxt",
    "functions/model.meta",
    "partitioned_ftrl/model.index",
    "pipelines/model.meta",
    "saved_model/saved_model.pb",
    "saved_model/variables/variables.index",
    "saved_model_2/saved_model.pb",
    "saved_model_2/variables/variables.index",
    "sharded/checkpoint",
    "softmax_adam/model.meta",
]
COUNT = int(os.environ.get("GRAPHSCOPE_FUZZ", "8"))
#: Calls of functions, and bytes, for the largest of these files.
MOST_CALLS, MOST_BYTES = 3_000_000, 48 << 20
#: Lines that are not broken, since they are to be copied.
TO_COPY = re.compile(r" {3}[^ #]")

opened_paths = []
is_watching = [False]


def watch(event, arguments):
    if is_watching[0] and event == "open" and isinstance(arguments[0], str | bytes):
        opened_paths.append(os.fsdecode(arguments[0]))


sys.addaudithook(watch)


@contextmanager
def limited():
    """Errors: AssertionError after too many calls of functions."""
    left = MOST_CALLS

    def count(frame, event, argument):
        nonlocal left
        if event == "call":
            left -= 1
            if left < 0:
                sys.setprofile(None)
                raise AssertionError("it does not come to an end")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)


def attempt(path, folder):
    """Open a file and tell it in all ways. Returns the error, if there is one."""
    opened_paths.clear()
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    error = None
    try:
        is_watching[0] = True
        with limited():
            found = gs.open_file(path)
            json.loads(as_json(found))
            shown = plain(render(found))
            wrapped = [line for line in shown.split("\n") if not TO_COPY.match(line)]
            assert all(cell_len(line) <= 80 for line in wrapped)
            assert shown.replace("\n", "").isprintable()
    except gs.errors.OpError as raised:
        error = raised
    finally:
        is_watching[0] = False
    assert tracemalloc.get_traced_memory()[1] - before < MOST_BYTES
    outside = [p for p in opened_paths if not Path(p).resolve().is_relative_to(folder.resolve())]
    assert [p for p in outside if not p.endswith((".py", ".pyc", ".tsv", ".so"))] == []
    return error


@pytest.fixture
def traced():
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("file", FILES)
def test_mutated_files(file, tmp_path, traced):
    """Most of what is changed is found."""
    rng = random.Random(file)
    name, _, inner = file.partition("/")
    folder = tmp_path / name
    shutil.copytree(ARTEFACTS / name, folder)
    path = folder / inner
    content = path.read_bytes()
    refused = 0
    for number in range(COUNT):
        change = sealed(path, content, rng) if number % 3 else mutated(content, rng)
        path.write_bytes(change)
        refused += attempt(path if number % 2 else opening_of(path, folder), tmp_path) is not None
    assert refused or "events" in file  # which are told up to their damage


def opening_of(path, folder):
    """What somebody would name to open a file."""
    is_part = path.name.startswith(("saved_model", "checkpoint")) or "variables" in str(path)
    return folder if is_part else path


@pytest.mark.parametrize(("name", "content"), list(bombs()), ids=[name for name, _ in bombs()])
def test_small_files_that_claim_to_be_large(name, content, tmp_path, traced):
    (tmp_path / name).write_bytes(content)
    attempt(tmp_path / name, tmp_path)


def test_functions_that_call_themselves(tmp_path, traced, graph):
    """They are told; importing them leaves the call as an operation that is not run."""
    message = gs.GraphDef()
    for name, called in (("f", "g"), ("g", "f")):
        function = message.library.function.add()
        function.signature.name = name
        function.node_def.add(name="inner", op=called)
    message.node.add(name="call", op="PartitionedCall").attr["f"].func.name = "f"
    path = tmp_path / "ring.pb"
    path.write_bytes(message.SerializeToString())
    assert attempt(path, tmp_path) is None
    gs.import_file(path)
    with gs.Session() as session, pytest.raises(gs.errors.UnimplementedError):
        session.run("call")


def test_functions_that_grow(tmp_path, graph):
    """Each calls the next one ten times: that is not made into bodies."""
    message = gs.GraphDef()
    for number in range(12):
        function = message.library.function.add()
        function.signature.name = f"f{number}"
        for i in range(10):
            node = function.node_def.add(name=f"n{i}", op="PartitionedCall")
            node.attr["f"].func.name = f"f{number + 1}"
    function = message.library.function.add()
    function.signature.name = "f12"
    message.node.add(name="call", op="PartitionedCall").attr["f"].func.name = "f0"
    gs.import_graph_def(message, name="")
    assert len(graph.operations) == 1


@pytest.mark.parametrize("name", ["../words.txt", "/etc/passwd", "..", "", "a\\b", "a\0b"])
def test_assets_stay_in_the_folder(name, tmp_path, graph):
    with pytest.raises(gs.errors.InvalidArgumentError, match="outside of the folder"):
        asset_path(str(tmp_path), AssetFileDef(filename=name))
    folder = tmp_path / "model"
    shutil.copytree(ARTEFACTS / "saved_model", folder)
    model = SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    for meta_graph in model.meta_graphs:
        meta_graph.asset_file_def.add(filename=name).tensor_info.name = "words:0"
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())
    gs.open_file(folder)
    with gs.Session() as session, pytest.raises(gs.errors.InvalidArgumentError, match="outside"):
        gs.saved_model.loader.load(session, ["serve"], str(folder))


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../etc/passwd", "..\\m", "\0"])
def test_state_files_lead_nowhere_else(path, tmp_path, traced):
    (tmp_path / "checkpoint").write_text(f'model_checkpoint_path: "{path!r}"\n'.replace("'", ""))
    assert attempt(tmp_path, tmp_path) is not None


def test_numbers_that_no_type_has(tmp_path, traced):
    """Types, kinds and shapes that there are not are told as numbers, or left out."""
    message = MetaGraphDef()
    node = message.graph_def.node.add(name="w", op="VariableV2")
    node.attr["dtype"].type = 77
    node.attr["shape"].shape.dim.add(size=-5)
    message.graph_def.node.add(name="x", op="Placeholder").attr["dtype"].s = b"text"
    message.saver_def.version = 99
    info = message.signature_def["serve"].inputs["x"]
    info.name, info.dtype = "x:0", 1234
    path = tmp_path / "a.meta"
    path.write_bytes(message.SerializeToString() + data(9, varint(5)))
    assert attempt(path, tmp_path) is None
    (graph,) = gs.open_file(path).graphs
    assert graph.variables[0].tensor.dtype == "type 77"
    assert graph.variables[0].tensor.sizes is None
