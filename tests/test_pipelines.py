"""Data in, where TensorFlow is no measure: the past of a session, waiting, what is refused."""

import sys

import numpy as np
import pytest

import graphscope as gs
from graphscope import compat
from graphscope.pipelines.dataset import Dataset
from graphscope.pipelines.iterator import make_one_shot_iterator


@pytest.fixture
def tf():
    with compat.installed() as module, module.Graph().as_default():
        yield module


def test_the_place_of_an_iterator_is_of_the_session(tf):
    following = make_one_shot_iterator(Dataset.range(10).shuffle(5)).get_next()
    with tf.Session() as one, tf.Session() as two:
        first = [one.run(following) for _ in range(4)]
        assert len(set(first)) == 4
        before = one.state.copy()
        rest = [one.run(following) for _ in range(6)]
        one.state = before  # back in time: the same numbers come again
        assert [one.run(following) for _ in range(6)] == rest
        assert sorted(first + rest) == list(range(10))
        assert len({two.run(following).item() for _ in range(10)}) == 10


def test_a_generator_is_asked_once_for_each_element(tf):
    asked = []

    def generate():
        for i in range(4):
            asked.append(i)
            yield i

    following = make_one_shot_iterator(Dataset.from_generator(generate, tf.int32, [])).get_next()
    with tf.Session() as sess:
        sess.run(following)
        before = sess.state.copy()
        assert [sess.run(following) for _ in range(2)] == [1, 2]
        sess.state = before
        assert [sess.run(following) for _ in range(3)] == [1, 2, 3]
        assert asked == [0, 1, 2, 3]


def test_the_debugger_steps_back_into_a_function(tf):
    dataset = Dataset.from_tensor_slices(np.arange(6.0)).map(lambda x: tf.square(x, name="sq"))
    following = make_one_shot_iterator(dataset.batch(2)).get_next()
    total = tf.reduce_sum(following)
    with tf.Session() as sess:
        assert sess.run(total) == 1
        with gs.debug(sess, total) as d:
            seen = [d.step() for _ in range(4)]
            assert [stop.node.name for stop in seen[1:3]] == ["Dataset_map/sq"] * 2
            d.back(3)
            assert d.step().node.name == "Dataset_map/sq"
            d.run_to_end()
        assert sess.run(total) == 16 + 25
        with pytest.raises(tf.errors.OutOfRangeError):
            sess.run(total)


def test_the_debugger_steps_into_what_fills_a_queue(tf):
    row = tf.train.slice_input_producer([np.arange(4.0)], num_epochs=1, shuffle=False)[0]
    rows = tf.train.batch([tf.negative(row, name="turned")], 2)
    with tf.Session() as sess:
        sess.run(tf.local_variables_initializer())
        tf.train.start_queue_runners(sess)
        with gs.debug(sess, rows) as d:
            names = []
            while (stop := d.step()).node is not None and stop.node.name != "batch":
                names.append(stop.node.name)
            assert names.count("turned") == 2
            d.back(2)
            d.run_to_end()
        np.testing.assert_array_equal(sess.run(rows), [-2, -3])
        with pytest.raises(tf.errors.OutOfRangeError, match="insufficient elements"):
            sess.run(rows)


@pytest.mark.parametrize("question", ["list", "needs", "updates", "lint", "draw"])
def test_questions_in_the_middle_of_what_fills_a_queue(tf, question):
    name = tf.train.string_input_producer(["a", "b"], shuffle=False)
    value = tf.train.batch(tf.IdentityReader().read(name), 2)
    with tf.Session() as sess:
        tf.train.start_queue_runners(sess)
        with gs.debug(sess, value) as d:
            for _ in range(4):
                assert d.step().node is not None
                assert getattr(d, question)() is not None
            d.run_to_end()
        assert sess.run(value)[1].tolist() == [b"a", b"b"]


def test_waiting_for_ever_is_an_error_that_says_why(tf):
    queue = tf.FIFOQueue(2, tf.int32, [[]])
    put, take = queue.enqueue(1), queue.dequeue()
    row = tf.train.slice_input_producer([[1, 2]])[0]
    with tf.Session() as sess:
        with pytest.raises(tf.errors.DeadlineExceededError, match="nobody fills it"):
            sess.run(take)
        with pytest.raises(tf.errors.DeadlineExceededError, match="start_queue_runners"):
            sess.run(row)
        sess.run(put)
        sess.run(put)
        with pytest.raises(tf.errors.DeadlineExceededError, match="full"):
            sess.run(put)
        assert sess.run(take) == 1


def test_an_error_of_what_fills_a_queue_is_told_where_it_is_read(tf):
    name = tf.train.string_input_producer(["none"], shuffle=False)
    value = tf.train.batch(tf.WholeFileReader().read(name), 1)
    with tf.Session() as sess:
        tf.train.start_queue_runners(sess)
        with pytest.raises(tf.errors.NotFoundError, match="none; No such file"):
            sess.run(value)


def test_a_shuffle_without_a_seed_goes_on_from_its_place(tf):
    both = tf.train.shuffle_batch(
        tf.train.slice_input_producer([np.arange(8)], num_epochs=1, shuffle=False), 4, 50, 3
    )
    with tf.Session() as sess:
        sess.run(tf.local_variables_initializer())
        tf.train.start_queue_runners(sess)
        assert sorted([*sess.run(both), *sess.run(both)]) == list(range(8))


def test_what_comes_through_a_condition_is_kept_or_not(tf):
    row = tf.train.slice_input_producer([np.arange(6)], num_epochs=1, shuffle=False)[0]
    odd = tf.train.maybe_batch([row], tf.equal(row % 2, 1), 3)
    with tf.Session() as sess:
        sess.run(tf.local_variables_initializer())
        tf.train.start_queue_runners(sess)
        np.testing.assert_array_equal(sess.run(odd), [1, 3, 5])


def test_sampled_datasets_have_their_weights(tf):
    sources = [Dataset.range(1).repeat(), Dataset.range(1, 2).repeat()]
    mixed = tf.data.experimental.sample_from_datasets(sources, [0.25, 0.75], seed=1)
    following = make_one_shot_iterator(mixed.batch(400)).get_next()
    with tf.Session() as sess:
        assert 0.65 < sess.run(following).mean() < 0.85


def test_jpeg_is_refused_with_a_sentence(tf):
    with pytest.raises(AttributeError, match="PNG only"):
        tf.image.decode_jpeg  # noqa: B018


def test_a_damaged_record_is_told(tf, tmp_path):
    path = str(tmp_path / "records")
    with tf.python_io.TFRecordWriter(path) as writer:
        writer.write(b"some bytes")
    damaged = bytearray((tmp_path / "records").read_bytes())
    damaged[14] ^= 1
    (tmp_path / "records").write_bytes(damaged)
    with pytest.raises(tf.errors.DataLossError, match="corrupted record at 0"):
        list(tf.python_io.tf_record_iterator(path))


def test_a_long_generator_is_not_kept(tf):
    """Places that nobody keeps are forgotten, also more of them than Python's stack holds."""
    count = 3 * sys.getrecursionlimit()
    rows = Dataset.from_generator(lambda: iter(range(count)), tf.int32, []).batch(count)
    following = make_one_shot_iterator(rows).get_next()
    with tf.Session() as sess:
        assert sess.run(following).sum() == count * (count - 1) // 2
