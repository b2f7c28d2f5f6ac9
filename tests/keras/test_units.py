"""Tests of tests: what unit tests of Keras import, and what they hold layers and models to."""

import importlib
import unittest

import numpy as np
import pytest

import graphscope.layers
from graphscope import compat, keras
from graphscope.errors import InvalidArgumentError
from graphscope.keras import backend, keras_parameterized, testing_utils
from graphscope.keras.metrics import choices
from graphscope.keras.network import Network
from graphscope.keras.utils import inner
from graphscope.ops import checks, reduction, state, variables
from graphscope.pipelines import testing
from graphscope.pipelines.dataset import Dataset
from graphscope.platform import combinations, parameterized
from graphscope.train import AdamOptimizer

layers = keras.layers


@pytest.fixture(autouse=True)
def cleared():
    backend.clear_session()
    yield
    backend.clear_session()


def outcome(case):
    """The names of a class's tests, and how many of them passed, failed and were skipped."""
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    result = unittest.TestResult()
    suite.run(result)
    bad = [text for _, text in [*result.failures, *result.errors]]
    names = sorted(test for test in dir(case) if test.startswith("test_") and "session" not in test)
    return names, result.testsRun - len(bad) - len(result.skipped), bad, len(result.skipped)


# ---- tests that are made of one ----------------------------------------------------------------


def test_each_argument_is_a_test_of_its_own():
    seen = []

    class Case(parameterized.TestCase):
        @parameterized.parameters((1, 2), {"a": 3, "b": 4})
        def test_pairs(self, a, b):
            seen.append((a, b))

        @parameterized.named_parameters(("one", 1), {"testcase_name": "_two", "value": 2})
        def test_named(self, value):
            seen.append(value)

        @parameterized.product(a=[1, 2], b=[3])
        def test_grid(self, a, b):
            seen.append(a * b)

        @parameterized.parameters("ab", "c")
        def test_words(self, word):
            seen.append(word)

    names, passed, bad, _ = outcome(Case)
    assert names == [
        *("test_grid0", "test_grid1", "test_named_one", "test_named_two"),
        *("test_pairs0", "test_pairs1", "test_words0", "test_words1"),
    ]
    assert (passed, bad) == (8, [])
    assert seen == [3, 6, 1, 2, (1, 2), (3, 4), "ab", "c"]


def test_a_class_of_tests_takes_arguments_too():
    seen = []

    @parameterized.parameters(1, 2)
    class Case(parameterized.TestCase):
        def test_it(self, value):
            seen.append(value)

    assert outcome(Case)[:2] == (["test_it0", "test_it1"], 2)
    assert seen == [1, 2]


def test_several_tests_in_a_class_that_does_not_take_them_apart():
    class Case(unittest.TestCase):
        @parameterized.parameters(1, 2)
        def test_it(self, value):
            pass

    assert "inherit" not in outcome(Case)[2][0]
    assert "has to be a parameterized.TestCase" in outcome(Case)[2][0]
    with pytest.raises(ValueError, match="did not generate any tests"):
        parameterized.parameters([])
    with pytest.raises(ValueError, match="Duplicate parameterized test name in Case: test_x_a"):

        class Case(parameterized.TestCase):
            @parameterized.named_parameters(("a", 1), ("a", 2))
            def test_x(self, value):
                pass


def test_modes_and_types_of_models():
    seen = []

    @keras_parameterized.run_all_keras_modes
    class Case(keras_parameterized.TestCase):
        @keras_parameterized.run_with_all_model_types(exclude_models="sequential")
        def test_types(self):
            seen.append(testing_utils.get_model_type())
            assert not testing_utils.should_run_eagerly()
            assert not testing_utils.should_run_tf_function()

        @keras_parameterized.run_all_keras_modes(always_skip_v1=True)
        def test_eager(self):
            raise AssertionError

    _, passed, bad, skipped = outcome(Case)
    assert (passed, bad, skipped) == (2, [], 2)  # and test_session, which is no test
    assert seen == ["functional", "subclass"]
    for ask in ("should_run_eagerly", "should_run_tf_function", "get_model_type"):
        with pytest.raises(ValueError, match=f"Cannot call `{ask}"):
            getattr(testing_utils, ask)()


def test_combinations_of_which_some_run():
    seen = []
    numbers = combinations.combine(tf_api_version=[1, 2], mode=["graph", "eager"], n=[1, 2])

    @combinations.generate(combinations.times(numbers, [{"word": "a"}]))
    class Case(parameterized.TestCase):
        def test_it(self, n, word):
            seen.append((n, word))

    names, passed, bad, _ = outcome(Case)
    assert (passed, bad, seen) == (2, [], [(1, "a"), (2, "a")])
    assert names[0] == "test_it_test_tf_api_version_1_mode_graph_n_1_word_a"
    only = combinations.generate(combinations.combine(mode="eager"))(lambda self: None)
    with pytest.raises(unittest.SkipTest, match="GraphScope runs graphs"):
        only(None)
    with pytest.raises(ValueError, match="Keys need to not overlap"):
        combinations.times([{"a": 1}], [{"a": 2}])


def test_datasets_are_compared():
    class Case(testing.DatasetTestBase):
        def test_good(self):
            rows = Dataset.from_tensor_slices(([[1, 2], [3, 4]], [b"a", b"b"]))
            self.assertDatasetProduces(
                rows, [([1, 2], b"a"), ([3, 4], b"b")], num_test_iterations=2
            )
            self.assertDatasetProduces(Dataset.range(3), [2, 0, 1], assert_items_equal=True)
            self.assertDatasetsEqual(rows, rows.take(2))
            bad = Dataset.from_tensors(1.0).map(
                lambda x: x + checks.check_numerics(x / 0.0, "here")
            )
            self.assertDatasetProduces(bad, expected_error=(InvalidArgumentError, "here"))
            pair = self.structuredDataset((None, (None, None)), [2])
            self.assertDatasetProduces(pair, [([0, 0], ([0, 0], [0, 0]))])

        def test_longer(self):
            self.assertDatasetProduces(Dataset.range(3), [0, 1])

        def test_other(self):
            self.assertDatasetsEqual(Dataset.range(2), Dataset.range(1, 3))

    _, passed, bad, _ = outcome(Case)
    assert (passed, len(bad)) == (1, 2)


def test_the_modules_are_where_tests_look_for_them():
    with compat.installed():
        for name, inside in (
            ("keras_parameterized", "run_all_keras_modes"),
            ("testing_utils", "layer_test"),
            ("optimizer_v2.gradient_descent", "SGD"),
            ("engine.network", "Network"),
            ("utils.losses_utils", "ReductionV2"),
            ("utils.metrics_utils", "AUCCurve"),
            ("utils.tf_utils", "convert_shapes"),
            ("utils.generic_utils", "to_snake_case"),
        ):
            module = importlib.import_module(f"tensorflow.python.keras.{name}")
            assert hasattr(module, inside), name


# ---- a layer in all its roles ------------------------------------------------------------------


class Wrong(layers.Layer):
    """A layer that says another shape than it gives."""

    def call(self, inputs):
        return inputs * 2

    def compute_output_shape(self, input_shape):
        return input_shape[:1].concatenate([7])


def test_a_layer_is_tried():
    given = np.array([[1.0, -2.0]], "f")
    found = testing_utils.layer_test(
        layers.Activation, {"activation": "relu"}, input_data=given, expected_output=given * [1, 0]
    )
    assert found.tolist() == [[1, 0]]
    with pytest.raises(AssertionError, match=r"Wrong: the output's shape is \[2, 3\], and not"):
        testing_utils.layer_test(Wrong, input_shape=(2, 3))
    with pytest.raises(AssertionError, match="the output's type is float32, and not int32"):
        testing_utils.layer_test(layers.ReLU, input_shape=(2, 3), expected_output_dtype="int32")


@pytest.mark.parametrize("kind", ["functional", "sequential", "subclass", "subclass_custom_build"])
def test_small_models(kind):
    with testing_utils.model_type_scope(kind):
        small = testing_utils.get_small_mlp(3, 2, 4)
        chain = testing_utils.get_model_from_layers([layers.Dense(2)], input_shape=(4,))
        for model in (small, chain):
            model.compile("sgd", "mse")
            assert model.predict(np.ones((5, 4))).shape == (5, 2)
        first = [keras.Input((4,)), layers.Dense(2)], [keras.Input((3,)), layers.Dense(1)]
        if kind == "sequential":
            with pytest.raises(ValueError, match="sequential models"):
                testing_utils.get_multi_io_model(*first)
        else:
            many = testing_utils.get_multi_io_model(*first, None, [layers.Concatenate()])
            assert many.predict([np.ones((5, 4)), np.ones((5, 3))]).shape == (5, 3)


# ---- what they found ---------------------------------------------------------------------------


def test_variables_that_a_layer_makes_by_itself_are_initialized_and_trained():
    class Raw(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.kept = [variables.VariableV2(1.0), {"a": [variables.VariableV2(2.0)]}]

        def call(self, inputs):
            return inputs * self.kept[0] * self.kept[1]["a"][0]

    model = keras.Sequential([Raw(input_shape=(3,))])
    model.compile("sgd", "mse")
    assert model.fit(np.ones((4, 3)), np.ones((4, 3)), verbose=0).history["loss"] == [1.0]
    assert len(model.trainable_weights) == 2


def test_a_function_that_makes_a_variable_makes_it_once():
    layer = layers.Lambda(lambda x: x * variables.VariableV2(3.0, name="v"))
    first, second = layer(keras.Input((2,))), layer(keras.Input((2,)))
    assert [v.op.name for v in layer.trainable_weights] == ["lambda/v"]
    assert first is not second
    assert backend.get_value(layer.weights[0]) == 3.0


def test_a_function_is_written_down_and_read():
    more = 5
    layer = layers.Lambda(lambda x, by=2: x * by + more, output_shape=(4,), mask=lambda x, m: m)
    config = layer.get_config()
    assert (config["function_type"], config["output_shape_type"]) == ("lambda", "raw")
    again = layers.deserialize({"class_name": "Lambda", "config": config})
    assert again.function(3) == 11
    assert again.mask(1, True) is True
    assert again._output_shape == (4,)
    named = layers.Lambda(max)
    assert named.get_config()["function_type"] == "function"
    dumped = inner.func_dump(lambda a: a + more)
    assert inner.func_load(list(dumped))(1) == 6


def test_shapes_of_functions():
    both = layers.Lambda(lambda x: (x[1], x[0]))
    found = both.compute_output_shape([(2, 3), (None, 4)])
    assert [shape.as_list() for shape in found] == [[None, 4], [2, 3]]
    said = layers.Lambda(lambda x: x, output_shape=[(10,), (20,)])
    assert [s.as_list() for s in said.compute_output_shape([(2, 3), (2, 4)])] == [[2, 10], [2, 20]]


def test_a_network_has_the_losses_and_updates_of_its_own_inputs():
    class Counting(layers.Layer):
        def build(self, _):
            self.n = self.add_weight("n", (1, 1), trainable=False)
            self.add_loss(reduction.reduce_sum(self.n))
            self.built = True

        def call(self, inputs):
            self.add_loss(reduction.reduce_sum(inputs), inputs=True)
            self.add_update(state.assign_add(self.n, inputs), inputs=True)
            return inputs + 1

    layer = Counting()
    layer(keras.Input((1,)))
    second = keras.Input((1,))
    network = Network(second, layer(second))
    assert (len(layer.losses), len(layer.updates)) == (3, 2)
    assert (len(network.losses), len(network.updates)) == (2, 1)
    network(keras.Input((1,)))
    assert (len(network.losses), len(network.updates)) == (3, 2)
    network.add_loss(reduction.reduce_sum(layer.n))
    assert len(network.losses) == 4


def test_nodes_and_what_made_a_tensor():
    x = keras.Input((4,))
    first = layers.Dense(2)
    y = first(x)
    z = layers.Dense(1)(y)
    source, number, place = x._keras_history
    assert (number, place) == (0, 0)
    node = source._inbound_nodes[0]
    assert (node.input_tensors, node.input_shapes, node.inbound_layers) == ([x], [(None, 4)], [])
    assert first._inbound_nodes[0].inbound_layers == [source]
    assert first._outbound_nodes[0].output_tensors == [z]
    assert first._outbound_nodes[0].outbound_layer is z._keras_history.layer
    assert y._keras_mask is None
    assert not hasattr(backend.constant(1.0), "_keras_history")


def test_what_layers_refuse():
    class Untold(layers.Layer):
        def __init__(self, size, **kwargs):
            super().__init__(**kwargs)

    with pytest.raises(NotImplementedError, match="must override `get_config`"):
        Untold(3).get_config()
    with pytest.raises(TypeError, match=r"The following are legacy tf\.layers\.Layers"):
        keras.Sequential([graphscope.layers.Dense(1)])
    with pytest.raises(ValueError, match=r"Weights for model .* have not yet been created"):
        _ = keras.Sequential([layers.Dense(1)]).weights
    with pytest.raises(TypeError, match="Unable to build `Dense` layer with non-floating"):
        layers.Dense(2)(backend.constant([[1, 2]], dtype="int32"))
    steps = layers.TimeDistributed(layers.Dense(5))
    steps(keras.Input((10, 13)))
    with pytest.raises(ValueError, match=r"is incompatible with layer time_distributed: expected"):
        steps(keras.Input((1, 18)))
    with pytest.raises(ValueError, match="Duplicate axis"):
        layers.LayerNormalization([1, -1])(keras.Input((2,)))


def test_what_layers_take():
    whole = backend.constant([[1, 2]], dtype="int32")
    assert layers.Dense(2, dtype="float32")(whole).dtype == "float32"
    layer = layers.Layer()
    layer.add_weight(shape=(3,), regularizer="l2", constraint="nonneg")
    assert len(layer.losses) == 1
    rows = layers.Dropout(0.5, noise_shape=(None, 1))(backend.ones((6, 40)), training=True)
    assert all(len(set(row)) == 1 for row in backend.get_value(rows).tolist())
    given = keras.Sequential([layers.Dense(3), layers.Dense(5)])
    assert given.compute_output_shape((None, 7)).as_list() == [None, 5]


def test_lengths_of_rows_that_are_embedded():
    free, four, two = (layers.Embedding(5, 6, input_length=n) for n in (None, 4, (None, 2)))
    assert free.compute_output_shape((3, 4, 5)).as_list() == [3, 4, 5, 6]
    assert four.compute_output_shape((3, None)).as_list() == [3, 4, 6]
    assert two.compute_output_shape((3, 4, 2)).as_list() == [3, 4, 2, 6]
    for layer, shape in ((four, (3, 4, 5)), (four, (3, 3)), (two, (3, 4, 3))):
        with pytest.raises(ValueError, match=r'"input_length" is .*, but received input has shape'):
            layer.compute_output_shape(shape)


def test_an_optimizer_of_tf_train_that_the_user_wrapped():
    model = keras.Sequential([layers.Dense(1, input_shape=(2,), kernel_initializer="zeros")])
    model.compile(keras.optimizers.TFOptimizer(AdamOptimizer()), "mse")
    assert model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0).history["loss"] == [1.0]


def test_counts_under_the_names_of_tensorflow():
    positives = backend.zeros((1,))
    kinds = {choices.ConfusionMatrix.TRUE_POSITIVES: positives}
    update = choices.update_confusion_matrix_variables(kinds, [1, 1, 0], [0.9, 0.2, 0.8], [0.5])
    backend.get_value(positives)
    backend.get_session().run(update)
    assert backend.get_value(positives).tolist() == [1.0]
    with pytest.raises(ValueError, match="at least one valid confusion matrix variable"):
        choices.update_confusion_matrix_variables({"x": positives}, [1], [1.0], [0.5])
    assert choices.AUCCurve.from_str("pr") == "PR"
    assert keras.metrics.AUC(curve=choices.AUCCurve.PR).curve == choices.AUCCurve.PR
