"""What errors of Keras teach: where a gradient ends, and what a symbolic tensor is."""

import numpy as np
import pytest

import graphscope as gs
from graphscope.errors import InvalidArgumentError, lesson_of
from graphscope.gradients.ends import depends_on, gradient_ends
from graphscope.keras import backend as K
from graphscope.keras import losses, optimizers


@pytest.fixture(autouse=True)
def fresh():
    K.clear_session()


def kernel():
    return K.variable([[0.5, -0.3], [0.2, 0.8]], name="dense/kernel")


def predicted(weights):
    return K.softmax(K.dot(K.placeholder((None, 2), name="x"), weights))


def of_argmax(y_true, y_pred):
    return 1.0 - K.mean(K.cast(K.equal(K.argmax(y_true), K.argmax(y_pred)), "float32"))


def of_round(y_true, y_pred):
    return 1.0 - K.mean(y_true * K.round(y_pred))


def of_comparison(y_true, y_pred):
    return -K.sum(y_true * K.cast(y_pred > 0.5, "float32"))


def of_stop(y_true, y_pred):
    return K.mean(K.square(K.stop_gradient(y_pred)))


@pytest.mark.parametrize(
    ("loss", "name", "type", "hint"),
    [
        (of_argmax, "Equal", "Equal", "a comparison is true or false"),
        (of_round, "Round", "Round", "rounded numbers move in jumps"),
        (of_comparison, "Greater", "Greater", "a comparison is true or false"),
        (of_stop, "StopGradient", "StopGradient", "makes a constant of its input"),
    ],
)
def test_the_operation_at_which_the_gradient_ends(loss, name, type, hint):
    weights = kernel()
    made = loss(K.placeholder((None, 2)), predicted(weights))
    with pytest.raises(ValueError) as caught:
        optimizers.Adam().get_updates(made, [weights])
    assert str(caught.value).startswith(
        "Variable <tf.Variable 'dense/kernel:0' shape=(2, 2) dtype=float32> has `None` for "
        "gradient. Please make sure that all of your ops have a gradient defined (i.e. are "
        "differentiable). Common ops without gradient: K.argmax, K.round, K.eval. "
        f"The gradient ends at {name} ({type})."
    )
    lesson = lesson_of(caught.value)
    assert lesson.node == f"{name} [{type}], where the gradient ends"
    assert "test_keras_lessons.py" in lesson.line
    assert "K." in lesson.line or ">" in lesson.line
    assert any(hint in line for line in lesson.hint)


def test_a_loss_of_something_else():
    weights, other = kernel(), K.variable([1.0, 2.0])
    made = K.sum(other)
    with pytest.raises(ValueError, match="The loss does not depend on this variable"):
        optimizers.SGD().get_updates(made, [weights])


def test_a_wrapped_optimizer_says_the_same():
    weights = kernel()
    made = K.cast(K.argmax(K.sum(weights, axis=0)), "float32")
    wrapped = optimizers.get(gs.train.AdamOptimizer())
    wanted = r"No gradients provided for any .*\. The gradient ends at ArgMax \(ArgMax\)"
    with pytest.raises(ValueError, match=wanted):
        wrapped.get_updates(made, [weights])


def test_the_gradient_of_a_whole_loss_does_not_end():
    weights = kernel()
    y = predicted(weights)
    made = losses.CategoricalCrossentropy()(K.placeholder((None, 2)), y)
    assert gradient_ends(made, weights._ref()) == []
    assert depends_on(made, weights._ref())
    assert not depends_on(y, made)


def test_of_two_ends_the_one_nearest_to_the_loss_comes_first():
    x = K.variable([1.0, 2.0])
    first, second = K.round(x), K.stop_gradient(x)
    made = K.sum(first) + K.sum(second)
    assert gradient_ends(made, x._ref()) == [second.op, first.op]


def test_a_whole_number_is_an_end_itself():
    x = K.variable([1.0, 2.0])
    position = K.argmax(x)
    assert gradient_ends(position, x._ref()) == [position.op]


def test_k_eval_of_what_needs_a_feed():
    y_true = K.placeholder((None, 2), name="target")
    with pytest.raises(
        InvalidArgumentError, match="You must feed a value for placeholder"
    ) as caught:
        K.eval(y_true * 2)
    lesson = lesson_of(caught.value)
    assert lesson.node == "target [Placeholder]"
    assert "a symbolic tensor stands for numbers that only a run has" in lesson.hint[0]
    assert K.function([y_true], [y_true * 2])([np.ones((1, 2))])[0].tolist() == [[2.0, 2.0]]


def test_another_session_has_its_variables_initialized_too():
    weights = kernel()
    assert K.eval(weights).shape == (2, 2)
    K.set_session(gs.Session())
    assert K.eval(weights).shape == (2, 2)


def test_manual_initialization_leaves_variables_alone():
    K.manual_variable_initialization(True)
    try:
        with pytest.raises(gs.errors.FailedPreconditionError):
            K.eval(kernel())
    finally:
        K.manual_variable_initialization(False)


def test_an_argument_that_no_function_knows():
    with pytest.raises(ValueError, match='Invalid argument "speed" passed to K'):
        K.function([], [K.constant(1)], speed=3)
    with pytest.raises(TypeError, match="should be a list or tuple"):
        K.function([], [K.constant(1)], updates=K.constant(1))


def test_unknown_names_suggest_known_ones():
    with pytest.raises(ValueError, match=r"Unknown loss function:mean_square_error; did you mean"):
        losses.get("mean_square_error")
    with pytest.raises(ValueError, match=r"Unknown optimizer: adm"):
        optimizers.get("adm")
    with pytest.raises(ValueError, match="Could not interpret"):
        losses.get(3)


def test_a_variable_that_is_none_of_keras():
    place = gs.Variable([1.0, 2.0], name="W")
    with pytest.raises(AttributeError, match="'RefVariable' object has no attribute") as caught:
        optimizers.SGD(momentum=0.5).get_updates(K.sum(place * place), [place])
    assert lesson_of(caught.value).node == "W [VariableV2]"
    assert "use_resource=True" in lesson_of(caught.value).hint[0]


def test_the_phase_is_outside_also_when_a_body_asks_first():
    x = K.placeholder((3,))
    rows = K.map_fn(lambda row: K.in_train_phase(row * 2.0, row), x)
    run = K.function([x, K.learning_phase()], [rows])
    assert run([np.ones(3), 1])[0].tolist() == [2.0, 2.0, 2.0]
    assert run([np.ones(3), 0])[0].tolist() == [1.0, 1.0, 1.0]
    assert K.learning_phase().op.body is None


def test_settings():
    try:
        K.set_image_dim_ordering("th")
        assert (K.image_data_format(), K.image_dim_ordering()) == ("channels_first", "th")
        K.set_floatx("float64")
        K.set_epsilon(1e-3)
        assert (K.variable(1.0).dtype.name, K.epsilon()) == ("float64", 1e-3)
    finally:
        K.set_image_data_format("channels_last")
        K.set_floatx("float32")
        K.set_epsilon(1e-7)
    for wrong, value, message in (
        (K.set_floatx, "float3", "Unknown floatx type: float3; did you mean 'float32'"),
        (K.set_image_data_format, "nhwc", "Unknown data_format: nhwc"),
        (K.set_image_dim_ordering, "nhwc", "Unknown dim_ordering: nhwc"),
        (K.set_learning_phase, 2, "Expected learning phase to be 0 or 1"),
    ):
        with pytest.raises(ValueError, match=message):
            wrong(value)
