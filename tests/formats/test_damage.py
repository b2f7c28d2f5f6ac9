"""Damaged and hostile files: one clear error, in no time, and nothing outside of the folder."""

import random
import re
import shutil
import tracemalloc

import numpy as np
import pytest
from formats.conftest import ARTEFACTS, Artefact

import graphscope as gs
from graphscope.formats import meta_graphs
from graphscope.formats.messages import MetaGraphDef
from graphscope.kernels import bundles, snappy, tables
from graphscope.kernels.protobuf import data, varint, whole
from graphscope.kernels.records import crc32c
from graphscope.ops import checkpoints
from graphscope.platform.textformat import parsed

ERRORS = (gs.errors.DataLossError, gs.errors.NotFoundError)


def read_all(prefix):
    """Every value of a checkpoint."""
    checkpoint = checkpoints.Checkpoint(str(prefix))
    return {name: checkpoint.value(name) for name in checkpoint.held}


def mutated(content, rng):
    """The content with a few bytes changed, left out, or put in."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(changed))
        what = rng.randrange(4)
        if what == 0:
            changed[at] ^= 1 << rng.randrange(8)
        elif what == 1:
            changed[at] = rng.choice((0, 1, 127, 128, 255))
        elif what == 2:
            del changed[at : at + rng.randrange(1, 4)]
        else:
            changed[at:at] = rng.randbytes(rng.randrange(1, 4))
    return bytes(changed or b"\0")


@pytest.fixture
def copied(tmp_path):
    """A folder with a copy of an artefact's checkpoint."""

    def copy(name):
        for path in (ARTEFACTS / name).glob("model*"):
            shutil.copy(path, tmp_path)
        return tmp_path / "model"

    return copy


@pytest.mark.parametrize("name", ["all_types", "partitioned_ftrl", "first_version"])
def test_damaged_checkpoints(copied, name):
    """Bits flip anywhere; most of it is found by a checksum."""
    prefix, rng = copied(name), random.Random(1)
    before = read_all(prefix)
    files = [path for path in prefix.parent.iterdir() if path.suffix != ".meta"]
    refused = 0
    for _ in range(30):
        path = rng.choice(files)
        content = path.read_bytes()
        path.write_bytes(mutated(content, rng))
        try:
            found = read_all(prefix)
        except ERRORS:
            refused += 1
        else:  # what nobody reads may be damaged
            for key, value in found.items():
                np.testing.assert_array_equal(value, before[key])
        path.write_bytes(content)
    assert refused > 20


@pytest.mark.parametrize("name", ["all_types", "partitioned_ftrl", "first_version"])
def test_hostile_checkpoints(copied, name):
    """What the table holds is changed, and its checksums are right again."""
    prefix, rng = copied(name), random.Random(2)
    index = prefix.with_suffix(".index") if name != "first_version" else prefix
    entries = list(tables.entries(index.read_bytes()))
    refused = 0
    for _ in range(50):
        changed = list(entries)
        at = rng.randrange(len(changed))
        key, value = changed[at]
        if rng.random() < 0.2 and key:
            key = mutated(key, rng)
        else:
            value = mutated(value, rng) if value else b"\x80"
        changed[at] = key, value
        index.write_bytes(tables.written(sorted(dict(changed).items())))
        try:
            read_all(prefix)
        except ERRORS:
            refused += 1
    assert refused > 12


@pytest.mark.parametrize("size", [0, 1, 47, 48, 100, -1])
def test_truncated_indexes(copied, size):
    prefix = copied("linear_sgd")
    index = prefix.with_suffix(".index")
    index.write_bytes(index.read_bytes()[:size])
    with pytest.raises(gs.errors.DataLossError, match=re.escape(f"Unable to read {index}")):
        read_all(prefix)


def test_missing_data(copied):
    prefix = copied("linear_sgd")
    data_file = prefix.with_name("model.data-00000-of-00001")
    data_file.write_bytes(data_file.read_bytes()[:-1])
    with pytest.raises(gs.errors.DataLossError, match=r"w in .* is too short"):
        read_all(prefix)
    data_file.unlink()
    with pytest.raises(gs.errors.NotFoundError, match=r"model\.data-00000-of-00001"):
        read_all(prefix)


def bundle(prefix, *entries, header=None):
    """An index with these entries."""
    head = whole(1, 1) if header is None else header
    table = tables.written([(b"", head), *entries])
    prefix.with_suffix(".index").write_bytes(table)
    return prefix


def tensor(*sizes, dtype=1, offset=0, size=4):
    shape = b"".join(data(2, whole(1, n)) for n in sizes)
    return whole(1, dtype) + data(2, shape) + whole(4, offset) + whole(5, size)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (tensor(1 << 40), "4 bytes are not the 1099511627776 elements"),
        (tensor(1 << 40, size=1 << 42), "too short"),
        (tensor(1 << 32, 1 << 32), "impossible shape"),
        (tensor(-1), "impossible shape"),
        (tensor(1, dtype=99), "99"),
        (tensor(1, dtype=20, size=8), "too short"),
        (tensor(1, offset=1 << 60), "too short"),
        (tensor(1) + whole(3, 7), "no data file 7 of 1"),
        (tensor(1 << 30, dtype=7), "do not fit into 4 bytes"),
        (tensor(4) + data(7, data(1, whole(1, 2) + whole(2, 9))), "not inside of"),
        (tensor(4) + data(7, data(1, whole(2, 2)) * 2), "a part along 2 axes"),
        (b"\x08", "ends in the middle"),
    ],
)
def test_entries_that_lie(tmp_path, entry, message):
    prefix = bundle(tmp_path / "m", (b"w", entry))
    (tmp_path / "m.data-00000-of-00001").write_bytes(b"\0\0\0\0")
    tracemalloc.start()
    with pytest.raises(ERRORS, match=message):
        read_all(prefix)
    assert tracemalloc.get_traced_memory()[1] < 1 << 22
    tracemalloc.stop()


def test_headers_that_lie(tmp_path):
    for header in (b"", whole(1, 0), whole(1, 1 << 40), data(1, b"x")):
        with pytest.raises(gs.errors.DataLossError, match="claims"):
            read_all(bundle(tmp_path / "m", header=header))
    with pytest.raises(gs.errors.DataLossError, match="another byte order"):
        read_all(bundle(tmp_path / "m", header=whole(1, 1) + whole(2, 1)))


def test_parts_that_do_not_cover_the_whole(tmp_path):
    part = ((0, 2),)
    whole_one = whole(1, 1) + data(2, data(2, whole(1, 4))) + data(7, data(1, whole(2, 2)))
    crc = 6 << 3 | 5
    check = varint(crc) + (bundles.masked(crc32c(bytes(8)))).to_bytes(4, "little")
    piece = tensor(2, size=8) + check
    key = bundles.slice_key("w", part)
    prefix = bundle(tmp_path / "m", (key, piece), (b"w", whole_one))
    (tmp_path / "m.data-00000-of-00001").write_bytes(bytes(8))
    assert checkpoints.Checkpoint(str(prefix)).value("w", part).tolist() == [0, 0]
    with pytest.raises(gs.errors.DataLossError, match="its parts do not cover it"):
        read_all(prefix)


def test_packed_blocks():
    assert snappy.unpacked(b"\x0a\x08abc\x0d\x03") == b"abcabcabca"
    assert snappy.unpacked(b"\x05\x10hello") == b"hello"
    for packed in (b"\xff\xff\xff\xff\x0f", b"\x05\x08abc", b"\x05\x12\x00\x00", b"\x05", b""):
        with pytest.raises(ValueError, match=r"packed block|the middle of a number"):
            snappy.unpacked(packed)


# ---- graphs -------------------------------------------------------------------------------------


def test_damaged_graphs():
    content = (ARTEFACTS / "branches" / "model.meta").read_bytes()
    content = meta_graph_without_shapes(content)
    rng = random.Random(3)
    refused = 0
    for _ in range(8):
        with gs.Graph().as_default():
            try:
                message = MetaGraphDef.FromString(mutated(content, rng))
                meta_graphs.imported(message)
            except (ValueError, TypeError, KeyError, OverflowError):
                refused += 1
    assert refused > 1


def meta_graph_without_shapes(content):
    """The nodes without their largest attributes, so that there is less to go through."""
    message = MetaGraphDef.FromString(content)
    message.ClearField("meta_info_def")
    for node in message.graph_def.node:
        node.attr.pop("_output_shapes", None)
    return message.SerializeToString()


def test_a_constant_that_claims_to_be_large(graph):
    message = gs.GraphDef()
    node = message.node.add(name="c", op="Const")
    node.attr["dtype"].type = 1
    tensor = node.attr["value"].tensor
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=1 << 40)
    tensor.float_val.append(2.0)
    tracemalloc.start()
    gs.import_graph_def(message, name="")
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    assert graph.get_tensor_by_name("c:0").shape.as_list() == [1 << 40]
    again = graph.as_graph_def().node[0].attr["value"].tensor
    assert (len(again.float_val), again.tensor_shape.dim[0].size) == (1, 1 << 40)
    tensor.float_val.append(3.0)
    with gs.Graph().as_default(), pytest.raises(ValueError, match="are to fill the shape"):
        gs.import_graph_def(message)


def test_messages_in_each_other():
    deep = b""
    for _ in range(200):
        deep = data(10, data(2, data(1, b"k") + data(2, deep)))
    message = gs.AttrValue()
    with pytest.raises(ValueError, match="in each other more than 64 deep"):
        message.ParseFromString(deep)
    with pytest.raises(ValueError, match="in each other more than 64 deep"):
        parsed("a {" * 200 + "}" * 200)
    with pytest.raises(ValueError, match="the text ends after 'a'"):
        parsed("a:")


def test_an_unknown_field_is_kept():
    message = gs.GraphDef.FromString(data(1, data(1, "x") + whole(77, 5)))
    assert message.node[0].name == "x"
    assert message.SerializeToString() == data(1, data(1, "x") + whole(77, 5))


# ---- paths --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/m", "C:\\\\models\\\\m", "a/../../m"])
def test_no_path_leads_out_of_the_folder(tmp_path, path):
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "checkpoint").write_text(
        f'model_checkpoint_path: "{path}"\nall_model_checkpoint_paths: "{path}"\n'
    )
    state = gs.train.get_checkpoint_state(str(folder))
    for found in [state.model_checkpoint_path, *state.all_model_checkpoint_paths]:
        assert found in (str(folder / "m"), str(folder / "passwd"))
    assert gs.train.latest_checkpoint(str(folder)) is None


@pytest.mark.parametrize("text", ["", "x: 1", "model_checkpoint_path: 3", "\0\1", "all: {"])
def test_damaged_state_files(tmp_path, text):
    (tmp_path / "checkpoint").write_text(text)
    assert gs.train.get_checkpoint_state(str(tmp_path)) is None


def test_python_in_a_file_is_shown_and_never_run(graph):
    message = gs.GraphDef()
    node = message.node.add(name="py", op="PyFunc")
    node.attr["token"].s = b"pyfunc_0"
    node.attr["Tin"].list.type.extend([])
    node.attr["Tout"].list.type.extend([1])
    gs.import_graph_def(message, name="")
    with gs.Session() as session, pytest.raises(gs.errors.UnimplementedError, match="PyFunc"):
        session.run("py:0")


def test_artefacts_are_whole():
    assert len(Artefact("gan").open().last_checkpoints) == 0
