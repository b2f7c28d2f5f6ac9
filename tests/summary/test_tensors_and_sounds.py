"""Sounds, tensors and texts in summaries; tensors in messages; files that writers share."""

import io
import wave

import numpy as np
import pytest
from tensorboard.compat.proto.summary_pb2 import Summary as RealSummary
from tensorboard.compat.proto.tensor_pb2 import TensorProto as RealTensor
from tensorboard.util.tensor_util import make_ndarray as real_ndarray
from tensorboard.util.tensor_util import make_tensor_proto as real_proto

import graphscope as gs
from graphscope.platform.tensors import TensorProto, make_ndarray, make_tensor_proto
from graphscope.summary import FileWriter, Summary, SummaryMetadata, audio, tensor_summary, text
from graphscope.summary.events import summary_iterator
from graphscope.summary.plugins import PluginAsset, get_plugin_asset


@pytest.fixture(autouse=True)
def session():
    with gs.Graph().as_default(), gs.Session() as session:
        yield session


def test_sounds(session):
    waves = np.array([[[0.1, -0.1], [1.0, -1.5], [2.5 / 32768, 0]]] * 2, np.float32)
    with gs.name_scope("outer"):
        record = audio("sound", waves, 22050.7, max_outputs=2, family="f")
    assert (record.op.name, record.op.type) == ("outer/f/sound", "AudioSummaryV2")
    values = RealSummary.FromString(session.run(record)).value
    assert [value.tag for value in values] == [f"f/outer/f/sound/audio/{i}" for i in (0, 1)]
    sound = values[1].audio
    assert (sound.num_channels, sound.length_frames, sound.content_type) == (2, 3, "audio/wav")
    assert sound.sample_rate == np.float32(22050.7)
    with wave.open(io.BytesIO(sound.encoded_audio_string)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 22051)
        samples = np.frombuffer(file.readframes(3), "<i2").reshape(3, 2)
    assert samples.tolist() == [[3277, -3277], [32767, -32768], [3, 0]]
    (one,) = RealSummary.FromString(session.run(audio("one", waves[..., 0], 8.0, 1))).value
    assert (one.tag, one.audio.num_channels) == ("one/audio", 1)


@pytest.mark.parametrize(
    ("shape", "rate", "message"),
    [([3], 1.0, "3-D or 2-D"), ([1, 3], -1.0, "must be > 0"), ([1, 2, 0], 1.0, "is null")],
)
def test_what_is_no_sound(session, shape, rate, message):
    record = audio("a", gs.zeros(shape), rate)
    with pytest.raises(gs.errors.InvalidArgumentError, match=message):
        session.run(record)


@pytest.mark.parametrize(
    "value",
    [
        np.array([[1.5, 2], [3, 4]], np.float32),
        np.array(3 + 1j, np.complex64),
        np.array([True, False]),
        np.zeros([0, 3]),
        np.array([[b"a", b"bc"]], object),
        np.array([1.5, 2], np.float16),
        np.array(-7, np.int64),
    ],
    ids=lambda value: value.dtype.name,
)
def test_tensors(session, value):
    record = tensor_summary("t", value)
    assert [tensor.name for tensor in record.op.inputs][:2] == ["t/tag:0", "t/tensor:0"]
    (found,) = RealSummary.FromString(session.run(record)).value
    assert found.tag == "t"
    assert np.array_equal(real_ndarray(found.tensor), value)
    own = Summary.FromString(session.run(record)).value[0]
    assert own.WhichOneof("value") == "tensor"
    assert make_ndarray(own.tensor).dtype == value.dtype
    assert np.array_equal(make_ndarray(own.tensor), value)


def test_what_is_known_of_a_tag(session):
    metadata = SummaryMetadata(display_name="given", plugin_data={"plugin_name": "own"})
    record = tensor_summary("t", 1, summary_metadata=metadata, summary_description="words")
    found = RealSummary.FromString(session.run(record)).value[0].metadata
    assert (found.display_name, found.summary_description) == ("given", "words")
    assert found.plugin_data.plugin_name == "own"
    words = RealSummary.FromString(session.run(text("w", gs.constant(["a", "b"])))).value[0]
    assert words.metadata.plugin_data.plugin_name == "text"
    with pytest.raises(ValueError, match="to have dtype string, got"):
        text("w", gs.constant(1))


def test_names_and_types_of_what_is_recorded(session):
    assert gs.summary.scalar("/a b/$c", 1.0).op.name == "a_b/_c"
    assert session.run(gs.summary.histogram("h", [True, False]))
    assert session.run(gs.summary.image("i", np.ones([1, 2, 2, 1], np.int32)))
    with pytest.raises(ValueError, match="less than minimum 1"):
        gs.summary.image("i", gs.ones([1, 2, 2, 1]), max_outputs=0)
    with pytest.raises(gs.errors.InvalidArgumentError, match="must have non-zero dims"):
        session.run(gs.summary.image("i", gs.ones([1, 0, 2, 1])))
    with pytest.raises(ValueError, match="minimum length 1"):
        gs.summary.merge([])


VALUES = [
    (1, {}),
    ([1.0, 2.0], {}),
    (b"abc", {}),
    ([["a", "b"]], {}),
    (True, {}),
    ([1, 2, 3], {"dtype": gs.int64}),
    (7, {"shape": [2, 2]}),
    ([1, 2], {"shape": [3]}),
    (1 + 2j, {}),
    (np.float16(1.5), {}),
    (np.zeros([0, 3]), {}),
    ([1, 2], {"dtype": gs.float64, "shape": [2, 1]}),
    (np.array([2**63], np.uint64), {"dtype": gs.uint64}),
]


@pytest.mark.parametrize(("value", "more"), VALUES, ids=str)
def test_tensors_in_messages(value, more):
    """As TensorBoard's own function, which is TensorFlow's, writes and reads them."""
    proto = make_tensor_proto(value, **more)
    real = RealTensor.FromString(proto.SerializeToString())
    again = TensorProto.FromString(real.SerializeToString())
    assert again == proto
    array = make_ndarray(again)
    if not more:
        assert real.SerializeToString() == real_proto(value).SerializeToString()
        assert np.array_equal(array, real_ndarray(real))
    wanted = session_value(value, more)
    wanted = np.asarray(wanted, object if isinstance(wanted, bytes) else None)
    assert (array.dtype, array.shape) == (wanted.dtype, wanted.shape)
    assert np.array_equal(array, wanted)


def session_value(value, more):
    return gs.get_default_session().run(gs.constant(value, **more))


def test_what_is_no_message_of_a_tensor():
    with pytest.raises(ValueError, match="Too many elements"):
        make_tensor_proto([1, 2, 3], shape=[2])
    with pytest.raises(TypeError, match="Expected Tensor's shape"):
        make_tensor_proto([1, 2], shape=[3], verify_shape=True)
    with pytest.raises(TypeError, match="Unsupported tensor type"):
        make_ndarray(TensorProto(dtype=99))


def test_a_value_is_one_of_its_kinds():
    value = Summary.Value(tag="a", simple_value=0.0)
    assert value.WhichOneof("value") == "simple_value"
    value.audio.CopyFrom(Summary.Audio(num_channels=2))
    value.ClearField("simple_value")
    assert value.WhichOneof("value") == "audio"
    value.simple_value = 0.1
    assert (value.WhichOneof("value"), value.simple_value) == ("simple_value", np.float32(0.1))
    assert repr(value) == 'tag: "a"\nsimple_value: 0.1\n'
    with pytest.raises(ValueError, match='no "b" field'):
        value.ClearField("b")
    with pytest.raises(ValueError, match='no oneof "b"'):
        value.WhichOneof("b")


def tags(folder):
    (file,) = folder.glob("events*")
    return [v.tag for event in summary_iterator(str(file)) for v in event.summary.value]


def tagged(tag):
    return Summary(value=[Summary.Value(tag=tag)])


def test_writers_of_a_session_share_a_file(tmp_path, session):
    with gs.Session() as other:
        for tag, own, folder in (("a", session, "x"), ("b", other, "y"), ("c", session, "x")):
            writer = FileWriter(str(tmp_path / folder), session=own)
            writer.add_summary(tagged(tag), 1)
            writer.flush()
    assert tags(tmp_path / "x") == ["a", "c"]
    assert tags(tmp_path / "y") == ["b"]


def test_metadata_of_a_tag_is_written_once(tmp_path, session):
    records = [session.run(text("w", gs.constant("a"))), session.run(gs.summary.scalar("s", 1.0))]
    with FileWriter(str(tmp_path)) as writer:
        for record in records * 2:
            writer.add_summary(record)
    (file,) = tmp_path.glob("events*")
    found = [v for event in summary_iterator(str(file)) for v in event.summary.value]
    assert [v.HasField("metadata") for v in found] == [True, False, False, False]


def test_files_of_plugins(tmp_path):
    class Words(PluginAsset):
        plugin_name = "words"

        def assets(self):
            return {"a.txt": "A"}

    class Others(Words):
        pass

    assert get_plugin_asset(Words) is get_plugin_asset(Words)
    with pytest.raises(ValueError, match="Plugin name collision"):
        get_plugin_asset(Others)
    with pytest.raises(ValueError, match="has no plugin_name"):
        get_plugin_asset(PluginAsset)
    with pytest.raises(NotImplementedError):
        PluginAsset().assets()
    FileWriter(str(tmp_path), gs.get_default_graph()).close()
    assert (tmp_path / "plugins" / "words" / "a.txt").read_text() == "A"


def test_a_graph_once(tmp_path):
    graph = gs.get_default_graph()
    with pytest.raises(ValueError, match="not both"):
        FileWriter(str(tmp_path), graph, graph_def=graph)
    with pytest.raises(TypeError, match="must be an instance of `Graph`"):
        FileWriter(str(tmp_path), graph_def="graph")
