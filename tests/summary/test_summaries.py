"""Summaries and event files. TensorBoard's own reader opens what is written."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import errors
from graphscope.kernels import protobuf, records
from graphscope.kernels.histogram import histogram
from graphscope.summary import FileWriter, FileWriterCache, Summary, merge, merge_all, scalar
from graphscope.summary import histogram as histogram_summary

# What TensorFlow 1.15.5 gives for these, byte for byte.
LOSS = b"\n\x0b\n\x04loss\x15\x00\x00\x80?"
LIMITS = [
    -1.0089710279437536, -0.917246389039776, 0.0, 1e-12, 0.47069243095356195,
    0.5177616740489182, 2.8787120958073054, 3.1665833053880363, 1.7976931348623157e308,
]  # fmt: skip
COUNTS = [0.0, 1.0, 0.0, 1.0, 0.0, 2.0, 0.0, 1.0, 0.0]


@pytest.fixture
def session():
    with gs.Graph().as_default(), gs.Session() as session:
        yield session


def test_names_tags_and_bytes_are_tensorflows(session):
    x = gs.constant(1.0)
    first, second = scalar("loss", x), scalar("loss", x)
    spaced = histogram_summary("h h", gs.constant([1.0, 2.0]))
    in_family = scalar("a", x, family="fam")
    with gs.name_scope("s"):
        scoped = scalar("q", x)
    assert session.run(first) == LOSS
    assert [t.op.name for t in (first, second, spaced, in_family, scoped)] == [
        "loss", "loss_1", "h_h", "fam/a", "s/q",
    ]  # fmt: skip
    assert b"fam/fam/a" in session.run(in_family)
    everything = merge_all()
    assert everything.op.name == "Merge/MergeSummary"
    parts = session.run([first, second, spaced, in_family, scoped])
    assert session.run(everything) == b"".join(parts)


def test_no_summaries_are_no_operation(session):
    assert merge_all() is None


def test_the_buckets_are_tensorflows():
    message = histogram(np.array([-1.0, 0.0, 0.5, 0.5, 3.0]))
    found = dict(protobuf.fields(message))
    assert [np.frombuffer(found[i], np.float64)[0] for i in range(1, 6)] == [-1, 3, 5, 3, 10.5]
    np.testing.assert_allclose(np.frombuffer(found[6], np.float64), LIMITS, rtol=1e-15)
    assert np.frombuffer(found[7], np.float64).tolist() == COUNTS


def test_an_empty_tensor_has_one_empty_bucket():
    found = dict(protobuf.fields(histogram(np.zeros(0))))
    assert np.frombuffer(found[6], np.float64).tolist() == [1.7976931348623157e308]
    assert np.frombuffer(found[7], np.float64).tolist() == [0.0]


@pytest.mark.parametrize(("number", "word"), [(np.nan, "Nan"), (np.inf, "Infinity")])
def test_a_histogram_of_what_is_not_finite_is_refused(session, number, word):
    record = histogram_summary("h", gs.constant([1.0, number]))
    with pytest.raises(errors.InvalidArgumentError, match=f"{word} in summary histogram for: h"):
        session.run(record)


def test_two_records_with_one_tag_are_refused(session):
    with pytest.raises(errors.InvalidArgumentError, match="Duplicate tag loss"):
        session.run(merge([gs.constant(LOSS), scalar("loss", 1.0)]))


def test_checksums():
    assert records.crc32c(b"123456789") == 0xE3069283  # RFC 3720's test value
    framed = records.framed(b"one") + records.framed(b"")
    assert records.unframed(framed) == [b"one", b""]
    for damaged in (framed[:-1], framed[:13] + b"X" + framed[14:], b"\x01" + framed[1:]):
        with pytest.raises(ValueError, match="damaged"):
            records.unframed(damaged)


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**40, -1])
def test_whole_numbers_survive_the_wire(number):
    ((field, value),) = protobuf.fields(protobuf.whole(3, number))
    assert (field, value) == (3, number % 2**64)


def test_tensorboard_reads_the_file(session, tmp_path):
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="needs tensorboard"
    )
    x = gs.placeholder(gs.float32, [None, 3], name="x")
    records_of = merge([scalar("average", gs.reduce_mean(x)), histogram_summary("values", x)])
    with FileWriter(str(tmp_path), session.graph) as writer:
        for step in range(3):
            feed = {x: np.full((2, 3), step)}
            writer.add_summary(session.run(records_of, feed), global_step=step)
        writer.add_summary(Summary(value=[Summary.Value(tag="own", simple_value=0.25)]), 7)
    read = reader.EventAccumulator(str(tmp_path), {"histograms": 0})  # 0: keep all
    read.Reload()
    assert [(e.step, e.value) for e in read.Scalars("average")] == [(0, 0.0), (1, 1.0), (2, 2.0)]
    assert [(e.step, e.value) for e in read.Scalars("own")] == [(7, 0.25)]
    assert [e.histogram_value.num for e in read.Histograms("values")] == [6.0, 6.0, 6.0]
    nodes = {node.name: node for node in read.Graph().node}
    assert nodes["average"].op == "ScalarSummary"
    assert list(nodes["average"].input) == ["average/tags", "Mean"]
    assert nodes["x"].attr["_output_shapes"].list.shape[0].dim[0].size == -1


def test_a_closed_writer_writes_nothing(tmp_path):
    writer = FileWriter(str(tmp_path), filename_suffix=".one")
    writer.close()
    (file,) = tmp_path.glob("events.out.tfevents.*.one")
    size = file.stat().st_size
    with pytest.warns(UserWarning, match="closed FileWriter"):
        writer.add_summary(LOSS, 1)
    with pytest.warns(UserWarning, match="closed FileWriter"):
        writer.flush()
    assert file.stat().st_size == size
    writer.reopen()
    writer.add_summary(LOSS, 1)
    writer.close()
    assert sum(found.stat().st_size for found in tmp_path.iterdir()) > 2 * size
    assert FileWriterCache.get(str(tmp_path)) is FileWriterCache.get(str(tmp_path))
    FileWriterCache.clear()


def test_what_is_no_summary_and_no_graph_is_refused(tmp_path):
    with FileWriter(str(tmp_path)) as writer:
        with pytest.raises(TypeError, match="not a float"):
            writer.add_summary(0.5)
        with pytest.raises(TypeError, match="must be an instance of `Graph`"):
            writer.add_graph("graph")
