"""Pictures in summaries, summaries of TensorFlow 0.x, and messages made by hand."""

import numpy as np
import pytest
from tensorboard.compat.proto.summary_pb2 import Summary as RealSummary

import graphscope as gs
from graphscope import errors
from graphscope.ops import summary as summary_ops
from graphscope.ops.png import decode_png
from graphscope.summary import FileWriter, HistogramProto, Summary, image, projector

NAN = np.nan
# What TensorFlow 1.15.5 gives for these, pixel by pixel.
PIXELS = [
    ("positive", np.float32, [[[[0.0], [1.0]], [[2.0], [4.0]]]], [[[[0], [63]], [[127], [255]]]]),
    ("negative", np.float32, [[[[-1.0], [1.0], [-4.0]]]], [[[[96], [159], [1]]]]),
    ("bad", np.float32, [[[[1.0, 2, 3], [NAN, 0, 0]]]], [[[[85, 170, 255], [255, 0, 0]]]]),
    ("dark", np.float32, [[[[0.0], [0.0]]]], [[[[0], [0]]]]),
    ("half", np.float16, [[[[0.25], [0.5]]]], [[[[127], [255]]]]),
    ("double", np.float64, [[[[0.3, 0.6, 0.9, 1.0]]]], [[[[76, 153, 229, 255]]]]),
    (
        "each",
        np.float32,
        [[[[1.0], [2.0]]], [[[10.0], [5.0]]]],
        [[[[127], [255]]], [[[255], [127]]]],
    ),
    ("colours", np.uint8, [[[[7], [200]]]], [[[[7], [200]]]]),
]


@pytest.fixture
def session():
    with gs.Graph().as_default(), gs.Session() as session:
        yield session


@pytest.mark.parametrize(("name", "dtype", "values", "pixels"), PIXELS, ids=[p[0] for p in PIXELS])
def test_pictures(session, name, dtype, values, pixels):
    record = image(name, gs.constant(np.array(values, dtype)))
    assert (record.op.name, record.op.type) == (name, "ImageSummary")
    message = RealSummary.FromString(session.run(record))
    assert [v.tag for v in message.value] == [f"{name}/image/{i}" for i in range(len(pixels))]
    for value, expected in zip(message.value, pixels, strict=True):
        found = session.run(decode_png(value.image.encoded_image_string))
        assert found.tolist() == expected
        size = value.image.height, value.image.width, value.image.colorspace
        assert size == np.shape(expected)


def test_how_many_pictures(session):
    images = gs.zeros([5, 2, 2, 1])
    for count, tags in ((1, ["p/image"]), (2, ["p_1/image/0", "p_1/image/1"])):
        message = RealSummary.FromString(session.run(image("p", images, count)))
        assert [v.tag for v in message.value] == tags
    with pytest.raises(errors.InvalidArgumentError, match="last dim 1, 3, or 4"):
        session.run(image("wrong", gs.zeros([1, 2, 2, 2])))


def test_summaries_of_2016(session):
    loss = summary_ops.scalar_summary("a tag", gs.constant(2.0))
    several = summary_ops.scalar_summary(["x", "y"], gs.constant([1.0, 2.0]), name="several")
    spread = summary_ops.histogram_summary("h", gs.constant([1.0]))
    picture = summary_ops.image_summary("i", gs.zeros([1, 2, 2, 3]), max_images=1)
    merged = summary_ops.merge_all_summaries()
    names = [t.op.name for t in (loss, several, spread, picture, merged)]
    assert names == [
        "ScalarSummary",
        "several",
        "HistogramSummary",
        "ImageSummary",
        "MergeSummary/MergeSummary",
    ]
    message = RealSummary.FromString(session.run(merged))
    assert [v.tag for v in message.value] == ["a tag", "x", "y", "h", "i/image"]
    assert [v.simple_value for v in message.value][:3] == [2, 1, 2]


def test_messages_made_by_hand():
    summary = Summary(value=[Summary.Value(tag="a", simple_value=0.5)])
    summary.value.add(tag="b", simple_value=2)
    picture = Summary.Image(encoded_image_string=b"png", height=2, width=3)
    summary.value.add(tag="c", image=picture)
    spread = HistogramProto(min=1.0, max=2.0, num=2.0, sum=3.0, sum_squares=5.0)
    spread.bucket_limit.append(2.0)
    spread.bucket.append(2)
    summary.value.add(tag="d", histo=spread)
    real = RealSummary.FromString(summary.SerializeToString())
    assert [v.tag for v in real.value] == ["a", "b", "c", "d"]
    assert [v.simple_value for v in real.value[:2]] == [0.5, 2.0]
    assert (real.value[2].image.height, real.value[2].image.width) == (2, 3)
    assert (real.value[3].histo.sum, list(real.value[3].histo.bucket)) == (3.0, [2.0])
    again = Summary.FromString(summary.SerializeToString())
    assert [(v.tag, v.simple_value) for v in again.value][:2] == [("a", 0.5), ("b", 2.0)]
    assert [v.WhichOneof("value") for v in again.value[1:]] == ["simple_value", "image", "histo"]
    assert again.SerializeToString() == summary.SerializeToString()


def test_a_fetched_summary_is_parsed_with_all_in_it_and_added_to(session):
    gs.summary.histogram("h", gs.constant([1.0, 3.0]))
    gs.summary.image("i", gs.zeros([1, 2, 3, 1]))
    gs.summary.scalar("s", 2.5)
    fetched = session.run(gs.summary.merge_all())
    summary = Summary()
    summary.ParseFromString(fetched)
    histogram, image, scalar = summary.value
    assert (histogram.histo.num, histogram.histo.max, image.image.width) == (2.0, 3.0, 3)
    assert (scalar.simple_value, scalar.histo.num, histogram.simple_value) == (2.5, 0.0, 0.0)
    summary.value.add(tag="precision", simple_value=1, node_name="by hand")
    real = RealSummary.FromString(summary.SerializeToString())
    assert real.SerializeToString().startswith(RealSummary.FromString(fetched).SerializeToString())
    assert (real.value[3].node_name, real.value[3].simple_value) == ("by hand", 1.0)


def test_the_settings_of_the_projector(tmp_path):
    config = projector.ProjectorConfig()
    embedding = config.embeddings.add()
    embedding.tensor_name = "embedding:0"
    embedding.metadata_path = "words.tsv"
    embedding.sprite.image_path = "sprite.png"
    embedding.sprite.single_image_dim.extend([28, 28])
    with FileWriter(str(tmp_path)) as writer:
        projector.visualize_embeddings(writer, config)
    assert (tmp_path / projector.FILE_NAME).read_text().splitlines() == [
        "embeddings {",
        '  tensor_name: "embedding:0"',
        '  metadata_path: "words.tsv"',
        "  sprite {",
        '    image_path: "sprite.png"',
        "    single_image_dim: 28",
        "    single_image_dim: 28",
        "  }",
        "}",
    ]
