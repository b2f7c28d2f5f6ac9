"""What tests of Keras share: a layer tried in all its roles, small models, how a test is run.

Source: tensorflow.python.keras.testing_utils of 1.15. Here there is one way to run, a graph, so
`should_run_eagerly` and `should_run_tf_function` are always False.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from graphscope.graph.shapes import as_shape
from graphscope.keras import backend, optimizers
from graphscope.keras.input_layer import Input, InputLayer
from graphscope.keras.layers.core import Dense
from graphscope.keras.model import Model
from graphscope.keras.sequential import Sequential
from graphscope.platform.eager import TensorSpec

__all__ = [
    "experimental_run_tf_function_scope",
    "get_model_from_layers",
    "get_model_type",
    "get_multi_io_model",
    "get_small_functional_mlp",
    "get_small_mlp",
    "get_small_sequential_mlp",
    "get_small_subclass_mlp",
    "get_small_subclass_mlp_with_custom_build",
    "get_test_data",
    "get_v2_optimizer",
    "layer_test",
    "model_type_scope",
    "run_eagerly_scope",
    "should_run_eagerly",
    "should_run_tf_function",
]

# ---- a layer in all its roles ------------------------------------------------------------------


def get_test_data(
    train_samples: int,
    test_samples: int,
    input_shape: tuple[int, ...],
    num_classes: int,
    random_seed: int | None = None,
) -> Any:
    """Examples around one random centre for each class: (x, y) to train on, and (x, y) to test."""
    if random_seed is not None:
        np.random.seed(random_seed)
    centres = 2 * num_classes * np.random.random((num_classes, *input_shape))
    count = train_samples + test_samples
    y = np.random.randint(0, num_classes, size=(count,))
    x = np.zeros((count, *input_shape), dtype=np.float32)
    for i in range(count):
        x[i] = centres[y[i]] + np.random.normal(loc=0, scale=1.0, size=input_shape)
    return (x[:train_samples], y[:train_samples]), (x[train_samples:], y[train_samples:])


def _random_data(input_shape: Any, dtype: str) -> Any:
    sizes = [np.random.randint(1, 4) if size is None else size for size in input_shape]
    data = 10 * np.random.random(sizes)
    return (data - 0.5 if dtype.startswith("float") else data).astype(dtype)


def _check_sizes(layer: str, expected: Any, found: Any) -> None:
    """Errors: AssertionError when a size that is expected is another."""
    wanted, sizes = as_shape(expected).as_list(), as_shape(found).as_list()
    known = [(a, b) for a, b in zip(wanted, sizes, strict=False) if a is not None]
    if len(wanted) != len(sizes) or any(a != b for a, b in known):
        raise AssertionError(f"{layer}: the output's shape is {sizes}, and not {wanted}")


def _check_copy(model: Any, data: Any, output: Any) -> None:
    """The model made again from its configuration computes the same with the same weights."""
    copy = type(model).from_config(model.get_config())
    if model.weights:
        copy.set_weights(model.get_weights())
        np.testing.assert_allclose(copy.predict(data), output, rtol=1e-3, atol=1e-6)


def layer_test(
    layer_cls: Any,
    kwargs: dict[str, Any] | None = None,
    input_shape: Any = None,
    input_dtype: Any = None,
    input_data: Any = None,
    expected_output: Any = None,
    expected_output_dtype: Any = None,
    expected_output_shape: Any = None,
    validate_training: bool = True,
    adapt_data: Any = None,
) -> Any:
    """Try a layer of one input and one output: its shapes and type, in a model, made again from its
    configuration, trained one step, and as the first of a Sequential, whose output is returned.

    input_data: random numbers of input_shape and input_dtype when left out.
    Errors: AssertionError for what does not fit; ValueError without data and shape.
    """
    if input_data is None:
        if input_shape is None:
            raise ValueError("input_shape is None")
        input_dtype = input_dtype or "float32"
        input_data = _random_data(input_shape, input_dtype)
    input_shape = input_data.shape if input_shape is None else input_shape
    input_dtype = input_data.dtype if input_dtype is None else input_dtype
    kwargs = dict(kwargs or {})
    layer, name = layer_cls(**kwargs), layer_cls.__name__
    weights = layer.get_weights()
    layer.set_weights(weights)
    if "weights" in inspect.signature(layer_cls.__init__).parameters:
        layer = layer_cls(**kwargs, weights=weights)

    x = Input(shape=tuple(input_shape)[1:], dtype=input_dtype)
    y = layer(x)
    wanted = expected_output_dtype or input_dtype
    if backend.dtype(y) != wanted:
        raise AssertionError(f"{name}: the output's type is {backend.dtype(y)}, and not {wanted}")
    if expected_output_shape is not None:
        _check_sizes(name, expected_output_shape, y.shape)
    model = Model(x, y)
    output = model.predict(input_data)
    told = layer.compute_output_shape(as_shape(input_shape))
    signature = layer.compute_output_signature(TensorSpec(shape=input_shape, dtype=input_dtype))
    _check_sizes(name, told, output.shape)
    _check_sizes(name, signature.shape, output.shape)
    if signature.dtype != output.dtype:
        raise AssertionError(f"{name}: the output is {output.dtype}, and not {signature.dtype}")
    if expected_output is not None:
        np.testing.assert_allclose(output, expected_output, rtol=1e-3, atol=1e-6)
    _check_copy(model, input_data, output)
    if validate_training:
        trained = Model(x, layer(x))
        trained.compile("rmsprop", "mse", weighted_metrics=["acc"])
        trained.train_on_batch(input_data, output)
    return _as_first(layer, input_shape, input_data, told, expected_output)


def _as_first(layer: Any, input_shape: Any, data: Any, told: Any, expected: Any) -> Any:
    """The output of a layer like this one as the first of a Sequential."""
    config = layer.get_config()
    config["batch_input_shape"] = input_shape
    model = Sequential()
    model.add(type(layer).from_config(config))
    output = model.predict(data)
    _check_sizes(f"{type(layer).__name__} after deserialization", told, output.shape)
    if expected is not None:
        np.testing.assert_allclose(output, expected, rtol=1e-3, atol=1e-6)
    _check_copy(model, data, output)
    return output


# ---- how a test is run -------------------------------------------------------------------------

_EAGERLY: ContextVar[bool | None] = ContextVar("eagerly", default=None)
_TF_FUNCTION: ContextVar[bool | None] = ContextVar("tf_function", default=None)
_MODEL_TYPE: ContextVar[str | None] = ContextVar("model_type", default=None)


@contextmanager
def _holding(place: ContextVar[Any], value: Any) -> Iterator[Any]:
    before = place.set(value)
    try:
        yield value
    finally:
        place.reset(before)


def run_eagerly_scope(value: bool) -> Any:
    """A block in which `should_run_eagerly` may be asked."""
    return _holding(_EAGERLY, value)


def experimental_run_tf_function_scope(value: bool) -> Any:
    """A block in which `should_run_tf_function` may be asked."""
    return _holding(_TF_FUNCTION, value)


def model_type_scope(value: str | None) -> Any:
    """A block in which models are "functional", "sequential", "subclass" or another type."""
    return _holding(_MODEL_TYPE, value)


def _said(place: ContextVar[Any], question: str, scope: str) -> Any:
    value = place.get()
    if value is None:
        raise ValueError(f"Cannot call `{question}()` outside of a `{scope}()` or decorator.")
    return value


def should_run_eagerly() -> bool:
    """False: models run as graphs. Errors: ValueError outside of a `run_eagerly_scope`."""
    _said(_EAGERLY, "should_run_eagerly", "run_eagerly_scope")
    return False


def should_run_tf_function() -> bool:
    """False. Errors: ValueError outside of an `experimental_run_tf_function_scope`."""
    _said(_TF_FUNCTION, "should_run_tf_function", "experimental_run_tf_function_scope")
    return False


def get_model_type() -> str:
    """The type of models of this block. Errors: ValueError outside of a `model_type_scope`."""
    kind: str = _said(_MODEL_TYPE, "get_model_type", "model_type_scope")
    return kind


# ---- small models ------------------------------------------------------------------------------


def _small_layers(num_hidden: int, num_classes: int, **first: Any) -> list[Any]:
    last = "sigmoid" if num_classes == 1 else "softmax"
    return [
        Dense(num_hidden, activation="relu", **first),
        Dense(num_classes, activation=last),
    ]


def get_small_sequential_mlp(num_hidden: int, num_classes: int, input_dim: Any = None) -> Any:
    """Two dense layers one after the other."""
    first = {"input_dim": input_dim} if input_dim else {}
    return Sequential(_small_layers(num_hidden, num_classes, **first))


def _chain(layers: Any, tensor: Any) -> Any:
    for layer in layers:
        tensor = layer(tensor)
    return tensor


def get_small_functional_mlp(num_hidden: int, num_classes: int, input_dim: int) -> Any:
    """Two dense layers between an input and an output."""
    inputs = Input(shape=(input_dim,))
    return Model(inputs, _chain(_small_layers(num_hidden, num_classes), inputs))


class _Chained(Model):
    """A model of the user's class: its layers one after the other."""

    def __init__(self, layers: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chain = list(layers)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        return _chain(self.chain, inputs)


class _ChainedWhenBuilt(Model):
    """A model of the user's class whose layers are made when it is built."""

    def __init__(self, make: Callable[[], Sequence[Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._make_layers = make
        self.chain: list[Any] = []

    def build(self, input_shape: Any = None) -> None:
        self.chain = list(self._make_layers())

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        return _chain(self.chain, inputs)


def get_small_subclass_mlp(num_hidden: int, num_classes: int) -> Any:
    """Two dense layers in a class of a model."""
    return _Chained(_small_layers(num_hidden, num_classes))


def get_small_subclass_mlp_with_custom_build(num_hidden: int, num_classes: int) -> Any:
    """Two dense layers in a class of a model that makes them when it is built."""
    return _ChainedWhenBuilt(lambda: _small_layers(num_hidden, num_classes))


def _unknown(kind: str) -> ValueError:
    return ValueError(f"Unknown model type {kind}")


def get_small_mlp(num_hidden: int, num_classes: int, input_dim: int) -> Any:
    """Two dense layers in a model of this block's type. Errors: ValueError for another type."""
    kind = get_model_type()
    if kind == "subclass":
        return get_small_subclass_mlp(num_hidden, num_classes)
    if kind == "subclass_custom_build":
        return get_small_subclass_mlp_with_custom_build(num_hidden, num_classes)
    if kind == "sequential":
        return get_small_sequential_mlp(num_hidden, num_classes, input_dim)
    if kind == "functional":
        return get_small_functional_mlp(num_hidden, num_classes, input_dim)
    raise _unknown(kind)


def get_model_from_layers(
    layers: Sequence[Any],
    input_shape: Any = None,
    input_dtype: Any = None,
    name: str | None = None,
    input_ragged: Any = None,
    input_sparse: Any = None,
) -> Any:
    """The layers one after the other in a model of this block's type.

    Errors: ValueError for another type, and for a functional model without a shape;
    NotImplementedError for ragged and sparse inputs.
    """
    if input_ragged or input_sparse:
        raise NotImplementedError("GraphScope's Keras has no ragged or sparse inputs")
    kind = get_model_type()
    if kind == "subclass":
        return _Chained(layers, name=name)
    if kind == "subclass_custom_build":
        return _ChainedWhenBuilt(lambda: layers, name=name)
    if kind == "sequential":
        first = [InputLayer(input_shape=input_shape, dtype=input_dtype)] if input_shape else []
        return Sequential([*first, *layers], name=name)
    if kind != "functional":
        raise _unknown(kind)
    if not input_shape:
        raise ValueError("Cannot create a functional model from layers with no input shape.")
    inputs = Input(shape=input_shape, dtype=input_dtype)
    return Model(inputs, _chain(layers, inputs), name=name)


def _branches(inputs: Any, shared: Any, a: Any, b: Any, joined: Any) -> Any:
    """Both branches over the inputs, or over what shared layers make of one input."""
    first, second = [_chain(shared, inputs)] * 2 if shared else inputs
    outputs = [_chain(a, first), _chain(b, second)]
    return _chain(joined, outputs) if joined else outputs


class _Branched(Model):
    """A model of the user's class with two branches."""

    def __init__(self, make: Callable[[], tuple[Any, ...]], when_built: bool) -> None:
        super().__init__()
        self._make_parts = make
        self.parts: Any = None if when_built else self._listed()

    def _listed(self) -> Any:
        shared, *rest = self._make_parts()
        self.all_layers = [layer for part in (shared, *rest) for layer in part or ()]
        return (shared, *rest)

    def build(self, input_shape: Any = None) -> None:
        self.parts = self.parts or self._listed()

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        return _branches(inputs, *self.parts)


def get_multi_io_model(
    branch_a: Sequence[Any],
    branch_b: Sequence[Any],
    shared_input_branch: Any = None,
    shared_output_branch: Any = None,
) -> Any:
    """Two branches of layers, in a model of this block's type; the first of a branch is its Input.

    shared_input_branch: an Input and layers before both. shared_output_branch: layers after both.
    Errors: ValueError for a sequential model, and for another type.
    """
    if shared_input_branch:
        inputs, *shared = shared_input_branch
    else:
        inputs, shared = [branch_a[0], branch_b[0]], []
        branch_a, branch_b = branch_a[1:], branch_b[1:]
    parts = (shared, branch_a, branch_b, shared_output_branch)
    kind = get_model_type()
    if kind in ("subclass", "subclass_custom_build"):
        return _Branched(lambda: parts, when_built=kind != "subclass")
    if kind == "sequential":
        raise ValueError("Cannot use `get_multi_io_model` to construct sequential models")
    if kind == "functional":
        return Model(inputs, _branches(inputs, *parts))
    raise _unknown(kind)


def get_v2_optimizer(name: str, **kwargs: Any) -> Any:
    """The optimizer of Keras of that name. Errors: ValueError for another name."""
    known = {kind.__name__.lower(): kind for kind in optimizers.KINDS}
    if name not in known:
        raise ValueError(f"Could not find requested v2 optimizer: {name}")
    return known[name](**kwargs)
