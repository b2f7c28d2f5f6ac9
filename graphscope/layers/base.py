"""`Layer`: variables and nodes under one scope, made at the first call, reused at later ones.

Source: tensorflow.python.layers.base of 1.15. The variables and nodes have its names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import as_dtype, float32
from graphscope.graph.graph import Graph, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops import array, initializers, math, rectifiers
from graphscope.ops import nn as nn_ops
from graphscope.ops.variable_scope import VariableScope, get_variable, variable_scope
from graphscope.ops.variables import GraphKeys, Variable

_ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "elu": rectifiers.elu,
    "exponential": math.exp,
    "linear": lambda x: x,
    "relu": rectifiers.relu,
    "selu": rectifiers.selu,
    "sigmoid": math.sigmoid,
    "softmax": nn_ops.softmax,
    "softplus": rectifiers.softplus,
    "softsign": rectifiers.softsign,
    "tanh": math.tanh,
}

_INITIALIZERS: dict[str, Callable[[], Any]] = {
    "glorot_normal": initializers.GlorotNormal,
    "glorot_uniform": initializers.GlorotUniform,
    "he_normal": initializers.he_normal,
    "he_uniform": initializers.he_uniform,
    "identity": initializers.Identity,
    "lecun_normal": initializers.lecun_normal,
    "lecun_uniform": initializers.lecun_uniform,
    "ones": initializers.Ones,
    "orthogonal": initializers.Orthogonal,
    "random_normal": initializers.RandomNormal,
    "random_uniform": initializers.RandomUniform,
    "truncated_normal": initializers.TruncatedNormal,
    "zeros": initializers.Zeros,
}


def activation_of(given: Any) -> Any:
    """A function for its name; functions and None stay. Errors: ValueError."""
    if isinstance(given, str):
        if given not in _ACTIVATIONS:
            raise ValueError(f"Unknown activation function:{given}")
        return _ACTIVATIONS[given]
    return given


def initializer_of(given: Any) -> Any:
    """An initializer for its name; initializers and None stay. Errors: ValueError."""
    if isinstance(given, str):
        if given not in _INITIALIZERS:
            raise ValueError(f"Unknown initializer: {given}")
        return _INITIALIZERS[given]()
    return given


class InputSpec:
    """What a layer asks of its input. Source: tf.layers.InputSpec.

    ndim, min_ndim, max_ndim: the rank. axes: sizes by axis. shape: all sizes, None for any.
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int] | None = None,
    ) -> None:
        self.dtype = None if dtype is None else as_dtype(dtype)
        self.shape = shape
        self.ndim = ndim if shape is None else len(shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = axes or {}

    def check(self, shape: TensorShape, layer: str) -> None:
        """Errors: ValueError when an input of this shape does not do."""
        start = f"Input 0 of layer {layer} is incompatible with the layer: "
        wanted = self.ndim is not None or self.min_ndim is not None or self.max_ndim is not None
        if shape.ndims is None:
            if wanted:
                raise ValueError(
                    f"{start}its rank is undefined, but the layer requires a defined rank."
                )
            return
        full = f" Full shape received: {shape.as_list()}"
        if self.ndim is not None and shape.ndims != self.ndim:
            raise ValueError(f"{start}expected ndim={self.ndim}, found ndim={shape.ndims}.{full}")
        if self.max_ndim is not None and shape.ndims > self.max_ndim:
            raise ValueError(f"{start}expected max_ndim={self.max_ndim}, found ndim={shape.ndims}")
        if self.min_ndim is not None and shape.ndims < self.min_ndim:
            raise ValueError(
                f"{start}expected min_ndim={self.min_ndim}, found ndim={shape.ndims}.{full}"
            )
        for axis, size in self.axes.items():
            found = shape.as_list()[axis]
            if found not in (size, None):
                raise ValueError(
                    f"{start}expected axis {axis} of input shape to have value {size} but received "
                    f"input with shape {shape.as_list()}"
                )


class Layer:
    """A layer: call it with a tensor. Subclasses say `build` (its variables) and `call`.

    trainable: whether optimizers train its variables. name: its scope, ``dense``, ``dense_1``...
    when left out. _scope, _reuse: the variable scope to work in, and whether its variables are
    there already. Source: tf.layers.Layer.
    """

    def __init__(
        self,
        trainable: bool = True,
        name: Any = None,
        dtype: Any = None,
        activity_regularizer: Any = None,
        _scope: Any = None,
        _reuse: Any = None,
        **_: Any,
    ) -> None:
        self.trainable = trainable
        self.built = False
        self.dtype: Any = None if dtype is None else as_dtype(dtype).name
        self.input_spec: InputSpec | None = None
        self._name: str = name.name if isinstance(name, VariableScope) else (name or self._kind())
        self._activity_regularizer = activity_regularizer
        self._reuse = _reuse
        self._scope: VariableScope | None = None
        self._made: list[Variable] = []
        self._losses: list[Tensor] = []
        self._updates: list[Any] = []
        self._last: tuple[Any, Any] = (None, None)
        if _scope:
            with variable_scope(_scope) as scope:
                self._scope = scope

    @classmethod
    def _kind(cls) -> str:
        """The name of a layer without one: ``conv2d`` for Conv2D."""
        words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", cls.__name__)
        return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower().lstrip("_")

    # ---- what subclasses say ----

    def build(self, input_shape: Any) -> None:
        """Make the variables, by `add_weight`."""
        self.built = True

    def call(self, inputs: Any, **kwargs: Any) -> Any:
        """The output."""
        return inputs

    # ---- calling ----

    def __call__(self, inputs: Any, *args: Any, scope: Any = None, **kwargs: Any) -> Any:
        """The output for a tensor; the variables are made at the first call."""
        self._set_scope(scope)
        reuse = True if self.built else self._reuse
        with (
            variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as current,
            name_scope(current.original_name_scope),
        ):
            outputs = self._called(inputs, args, kwargs)
        graph = get_default_graph()
        kept = graph.get_collection(GraphKeys.UPDATE_OPS)
        for update in self._updates:
            if update not in kept:
                graph.add_to_collection(GraphKeys.UPDATE_OPS, update)
        return outputs

    apply = __call__

    def _called(self, inputs: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        shape: Any = None
        if not isinstance(inputs, list | tuple | dict):
            inputs = convert_to_tensor(inputs) if not is_tensor_like(inputs) else inputs
            shape = as_shape(inputs.shape)
            self._check(shape)
            self.dtype = self.dtype or inputs.dtype.base_dtype.name
        else:
            shape = [as_shape(item.shape) for item in inputs]
        if not self.built:
            self.build(shape)
            self.built = True
            if isinstance(shape, TensorShape):
                self._check(shape)
        outputs = self.call(inputs, *args, **kwargs)
        if self._activity_regularizer is not None:
            with name_scope("ActivityRegularizer"):
                whole = self._activity_regularizer(outputs)
                batch = math.cast(array.shape(outputs)[0], whole.dtype)
                self.add_loss(whole / batch)
        self._last = inputs, outputs
        return outputs

    def _check(self, shape: TensorShape) -> None:
        if self.input_spec is not None:
            self.input_spec.check(shape, self._name)

    def _set_scope(self, scope: Any = None) -> None:
        if self._scope is None:
            named = self._reuse and scope is None
            with variable_scope(
                self._name if named else scope, None if named else self._default_scope()
            ) as captured:
                self._scope = captured

    def _default_scope(self) -> str:
        return self._name

    # ---- variables, losses, updates ----

    def add_weight(
        self,
        name: str,
        shape: Any = None,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool | None = None,
        constraint: Any = None,
        **_: Any,
    ) -> Variable:
        """A variable of the layer: made, or found when the layer is reused."""
        self._set_scope()
        trainable = (trainable is not False) and self.trainable
        graph = get_default_graph()
        before = set(map(id, graph.get_collection(GraphKeys.GLOBAL_VARIABLES)))
        with (
            variable_scope(
                self._scope, reuse=self.built or self._reuse, auxiliary_name_scope=False
            ) as current,
            name_scope(current.original_name_scope),
        ):
            variable: Variable = get_variable(
                name,
                shape=shape,
                dtype=dtype or self.dtype or float32,
                initializer=initializer_of(initializer),
                trainable=trainable,
                constraint=constraint,
            )
            if regularizer is not None and id(variable) not in before:
                with name_scope(f"{name}/Regularizer"):
                    loss = regularizer(variable)
                if loss is not None:
                    self.add_loss(loss)
        if variable not in self._made:
            self._made.append(variable)
        return variable

    add_variable = add_weight

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Keep losses with the layer, and in GraphKeys.REGULARIZATION_LOSSES."""
        for loss in losses if isinstance(losses, list | tuple) else [losses]:
            self._losses.append(loss)
            get_default_graph().add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Keep operations that a training step must run; they come into GraphKeys.UPDATE_OPS."""
        self._updates += updates if isinstance(updates, list | tuple) else [updates]

    @property
    def name(self) -> str:
        return self._name

    @property
    def scope_name(self) -> str:
        if self._scope is None:
            raise ValueError(
                f'No name available for layer scope because the layer "{self._name}" has not been '
                "used yet. The scope name is determined the first time the layer instance is "
                "called. You must therefore call the layer before querying `scope_name`."
            )
        return self._scope.name

    @property
    def graph(self) -> Graph | None:
        return None

    @property
    def variables(self) -> list[Variable]:
        return self.trainable_variables + self.non_trainable_variables

    @property
    def trainable_variables(self) -> list[Variable]:
        return [v for v in self._made if v.trainable] if self.trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        return [v for v in self._made if not (v.trainable and self.trainable)]

    weights = variables
    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables

    @property
    def losses(self) -> list[Tensor]:
        return list(self._losses)

    @property
    def updates(self) -> list[Any]:
        return list(self._updates)

    def get_losses_for(self, inputs: Any = None) -> list[Tensor]:
        return list(self._losses)

    def get_updates_for(self, inputs: Any = None) -> list[Any]:
        return list(self._updates)

    @property
    def input(self) -> Any:
        return self._last[0]

    @property
    def output(self) -> Any:
        return self._last[1]

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        return tuple(self._last[0].shape.as_list())

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        return tuple(self._last[1].shape.as_list())

    def count_params(self) -> int:
        """The number of elements of the variables."""
        return sum(int(v.shape.num_elements() or 0) for v in self._made)


def sizes(value: Any, count: int, name: str) -> tuple[int, ...]:
    """One number for all axes, or one each. Errors: ValueError."""
    error = f"The `{name}` argument must be a tuple of {count} integers. Received: {value}"
    if isinstance(value, int):
        return (value,) * count
    try:
        items = tuple(int(item) for item in value)
    except (TypeError, ValueError):
        raise ValueError(error) from None
    if len(items) != count:
        raise ValueError(error)
    return items


def padding_of(value: str) -> str:
    """``VALID`` or ``SAME``. Errors: ValueError."""
    padding = value.lower()
    if padding not in ("valid", "same"):
        raise ValueError(
            'The `padding` argument must be a list/tuple or one of "valid", "same" (or "causal", '
            f"only for `Conv1D). Received: {padding}"
        )
    return padding.upper()


def channels_last(data_format: str) -> None:
    """Errors: ValueError for another order of the axes than [batch, ..., channels]."""
    if str(data_format).lower() != "channels_last":
        raise ValueError(f"data_format {data_format!r} is not supported: use 'channels_last'")
