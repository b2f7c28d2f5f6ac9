"""Layers, losses and tf.contrib refuse what TensorFlow 1.15 refuses, with its exceptions."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import layers, losses, metrics
from graphscope.contrib import distributions, framework, preprocessing
from graphscope.contrib import layers as contrib


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as graph:
        yield graph


def x(*shape):
    return gs.placeholder(gs.float32, shape)


ERRORS = [
    (lambda: layers.dense(x(3), 2), ValueError, "expected min_ndim=2, found ndim=1"),
    (lambda: layers.dense(x(3, None), 2), ValueError, "last dimension of the inputs to `Dense`"),
    (lambda: layers.dense(x(3, 2), 2, "rel"), ValueError, "Unknown activation function:rel"),
    (lambda: layers.dense(gs.placeholder(gs.float32), 2), ValueError, "its rank is undefined"),
    (lambda: layers.conv2d(x(3, 4), 2, 3), ValueError, "expected ndim=4, found ndim=2"),
    (lambda: layers.conv2d(x(1, 4, 4, None), 2, 3), ValueError, "channel dimension"),
    (lambda: layers.conv2d(x(1, 4, 4, 1), 2, [3, 3, 3]), ValueError, "tuple of 2 integers"),
    (lambda: layers.conv2d(x(1, 4, 4, 1), 2, 3, padding="full"), ValueError, "`padding`"),
    (lambda: layers.max_pooling2d(x(1, 4), 2, 2), ValueError, "expected ndim=4"),
    (lambda: layers.batch_normalization(x(2, None)), ValueError, "undefined `axis` dimension"),
    (lambda: layers.batch_normalization(x(2, 3), axis=4), ValueError, "Invalid axis"),
    (lambda: layers.dropout(x(2, 3), 1.5, training=True), ValueError, "rate must be a scalar"),
    (lambda: losses.mean_squared_error(None, x(2)), ValueError, "labels must not be None"),
    (lambda: losses.mean_squared_error(x(2), x(3)), ValueError, "incompatible"),
    (lambda: losses.mean_squared_error(x(2), x(2), x(3)), ValueError, "can not be broadcast"),
    (lambda: losses.absolute_difference(x(2), x(2), x(2, 1)), ValueError, "weights.rank=2"),
    (lambda: losses.log_loss(x(2), x(2), reduction="mean"), ValueError, "Invalid ReductionKey"),
    (lambda: losses.cosine_distance(x(2), x(2)), ValueError, "You must specify 'axis'"),
    (lambda: losses.get_total_loss(), ValueError, ""),
    (lambda: metrics.auc(x(2), x(2), curve="X"), ValueError, "curve must be either ROC or PR"),
    (lambda: contrib.l2_regularizer(1), ValueError, "scale cannot be an integer"),
    (lambda: contrib.l1_regularizer(-0.5), ValueError, "scale less than 0"),
    (lambda: contrib.apply_regularization(contrib.l2_regularizer(0.1)), ValueError, "No weights"),
    (lambda: contrib.xavier_initializer(dtype=gs.int32), TypeError, "non-floating point"),
    (lambda: contrib.fully_connected(x(2, 3), 2.5), ValueError, "num_outputs type"),
    (lambda: contrib.conv2d(x(2, 3), 2, 3), ValueError, "not supported for input with rank"),
    (lambda: contrib.optimize_loss(x(), None, -0.1, "SGD"), ValueError, "Invalid learning_rate"),
    (lambda: contrib.optimize_loss(x(), None, 0.1, "Sgd"), ValueError, "Optimizer name should be"),
    (lambda: framework.arg_scope([len]).__enter__(), ValueError, "not decorated"),
    (lambda: framework.get_unique_variable("w"), ValueError, "Couldn't find variable w"),
]


@pytest.mark.parametrize(("call", "error", "sentence"), ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, sentence):
    with pytest.raises(error) as raised:
        call()
    assert sentence in str(raised.value)


def test_weights_of_unknown_shape_are_checked_in_the_run():
    weights = gs.placeholder(gs.float32, [None, 1])
    loss = losses.mean_squared_error(gs.zeros([2, 3]), gs.ones([2, 3]), weights)
    with gs.Session() as sess:
        assert sess.run(loss, {weights: [[1.0], [0.0]]}) == 1.0
        with pytest.raises(gs.errors.InvalidArgumentError, match="can not be broadcast"):
            sess.run(loss, {weights: [[1.0], [0.0], [1.0]]})


def test_a_layer_of_ones_own():
    class Scale(layers.Layer):
        def build(self, input_shape):
            self.factor = self.add_variable("factor", [int(input_shape[-1])], initializer="ones")
            self.built = True

        def call(self, inputs):
            return inputs * self.factor

    scale = Scale(name="mine")
    with pytest.raises(ValueError, match="has not been used yet"):
        _ = scale.scope_name
    once, twice = scale(x(2, 3)), scale.apply(x(4, 3))
    assert (once.op.name, twice.op.name) == ("mine/mul", "mine/mul_1")
    assert [v.name for v in scale.variables] == ["mine/factor:0"]
    assert scale.scope_name == "mine"
    assert scale.output_shape == (4, 3)


def test_arguments_of_scopes_nest():
    fully = contrib.fully_connected
    with framework.arg_scope([fully], activation_fn=None, trainable=False) as outer:
        fully(x(2, 3), 2, scope="a")
        with framework.arg_scope([fully], trainable=True):
            last = fully(x(2, 3), 2, scope="b")
    assert [v.op.name for v in gs.trainable_variables()] == ["b/weights", "b/biases"]
    assert last.op.type == "BiasAdd"
    with framework.arg_scope(outer):
        fully(x(2, 3), 2, scope="c")
    assert len(gs.trainable_variables()) == 2
    assert len(framework.get_variables("c")) == len(framework.get_model_variables("c")) == 2
    assert [v.op.name for v in framework.get_variables_by_name("biases", "a")] == ["a/biases"]


def test_the_normal_distribution():
    normal = distributions.Normal([0.0, 1.0], 2.0)
    other = distributions.Normal(0.0, 1.0)
    with gs.Session() as sess:
        found = sess.run(
            [normal.log_prob(1.0), normal.cdf(1.0), normal.entropy(), normal.prob(0.0)]
        )
        np.testing.assert_allclose(found[0], [-1.7370857, -1.6120857], rtol=1e-6)
        np.testing.assert_allclose(found[1], [0.6914625, 0.5], rtol=1e-6)
        np.testing.assert_allclose(found[2], [2.1120857, 2.1120857], rtol=1e-6)
        np.testing.assert_allclose(found[3], [0.19947114, 0.17603266], rtol=1e-6)
        divergence = sess.run(distributions.kl_divergence(normal, other))
        np.testing.assert_allclose(divergence, [0.8068528, 1.3068528], rtol=1e-6)
        assert sess.run(normal.sample(5, seed=1)).shape == (5, 2)
        assert sess.run([normal.mean(), normal.stddev()])[1].tolist() == [2.0, 2.0]


def test_texts_to_rows():
    processor = preprocessing.VocabularyProcessor(4, min_frequency=1)
    texts = ["the cat and the dog", "the dog", "a bird"]
    assert [row.tolist() for row in processor.fit_transform(texts)] == [
        [1, 0, 0, 1],
        [1, 2, 0, 0],
        [0, 0, 0, 0],
    ]
    assert len(processor.vocabulary_) == 3
    assert list(processor.reverse([[1, 2, 0]])) == ["the dog <UNK>"]


def test_the_seeds_after_batch_norm_in_a_cond():
    """The numbers of operations that TensorFlow makes, by which it seeds what comes after."""
    counts = {(None, False): 54, (None, True): 73, ("mine", False): 54, ("mine", True): 73}
    for (kept, debias), count in counts.items():
        with gs.Graph().as_default() as graph:
            training, x = gs.placeholder(gs.bool), gs.ones([2, 3, 3, 4])
            before = len(graph.operations)
            contrib.batch_norm(
                x,
                is_training=training,
                updates_collections=kept,
                zero_debias_moving_mean=debias,
            )
            assert len(graph.operations) - before + graph.uncounted == count
