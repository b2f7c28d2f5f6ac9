"""`Layer` of Keras: variables by name scope, calls that are remembered, weights that can be set.

Source: tensorflow.python.keras.engine.base_layer of 1.15. The variables and nodes have its names.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from graphscope.graph import nest
from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.declare import OpDef
from graphscope.graph.dtypes import as_dtype, bool_
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras import backend, constraints, regularizers
from graphscope.keras.additions import CALLED_WITH, Additions
from graphscope.keras.calls import Calls
from graphscope.keras.history import Node, all_made, mask_of, remember, set_mask
from graphscope.keras.utils.inner import is_shape, map_structure_with_atomic
from graphscope.layers import base
from graphscope.layers.base import InputSpec as InputSpec
from graphscope.layers.named import initializer_of
from graphscope.ops import array, math
from graphscope.ops.initializers import GlorotUniform, Zeros
from graphscope.ops.variables import (
    VariableAggregation,
    VariableSynchronization,
    VariableV2,
)
from graphscope.platform.eager import TensorSpec

#: Whether the layer being called was called for training: what the layers in it start from.
_TRAINING: ContextVar[Any] = ContextVar("training", default=None)

_OPTIONS = (
    "autocast",
    "batch_input_shape",
    "batch_size",
    "experimental_autocast",
    "implementation",
    "input_dim",
    "input_length",
    "input_shape",
    "weights",
)


class Layer(Calls, Additions, base.Layer):
    """A layer of Keras: call it with a tensor. Subclasses say `build` (its variables) and `call`.

    name: ``dense``, ``dense_1``... when left out. trainable: whether training changes its weights;
    it may be set at any time before `compile`. input_shape (without the batch) or
    batch_input_shape: the shape that a first layer of a model takes. weights: arrays to start from.
    Source: tf.keras.layers.Layer. Errors: TypeError for an argument that no layer knows.
    """

    supports_masking = False
    stateful = False
    told: tuple[str, ...] = ()  # the arguments that `get_config` tells
    _bookkeeping: tuple[str, ...] = (
        "calls",
        "taken",
        "_last",
        "_made",
        "_called_with",
        "_losses",
        "_updates",
        "_metrics",
    )

    def __init__(
        self,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
        dynamic: bool = False,
        **kwargs: Any,
    ) -> None:
        regularizer = kwargs.pop("activity_regularizer", None)
        for option in kwargs:
            if option not in _OPTIONS:
                raise TypeError("Keyword argument not understood:", option)
        self.calls: list[Node] = []
        self.taken: list[Node] = []
        self._trainable = trainable
        self._makers: list[Callable[[], Any]] = []  # of losses that are made when asked for
        self._metrics: list[Any] = []
        shape = kwargs.get("batch_input_shape")
        if shape is None and "input_shape" in kwargs:
            shape = (kwargs.get("batch_size"), *kwargs["input_shape"])
        elif shape is None and "input_dim" in kwargs and "input_length" not in kwargs:
            shape = (kwargs.get("batch_size"), kwargs["input_dim"])
        super().__init__(
            trainable, name or backend.unique_object_name(self._kind(), zero_based=True), dtype
        )
        if shape is not None:
            self._batch_input_shape = tuple(shape)
        self._starting_weights = kwargs.get("weights")
        self.dynamic = dynamic
        self.activity_regularizer = regularizer

    # ---- calling ----

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The output for a tensor, or for a list or dict of tensors.

        Errors: ValueError for an input that does not fit, or a `call` that gives nothing back.
        """
        inputs = nest.map_structure(_as_tensor, inputs)
        tensors = nest.flatten(inputs)
        masks = self._masks_of(inputs, args, kwargs)
        arguments = dict(kwargs)
        if masks is not None and self._takes("mask") and self._said("mask", args, kwargs) is None:
            arguments["mask"] = masks
        training = self._training_of(args, arguments)
        self._check(tensors)
        before, outside = _TRAINING.set(training), CALLED_WITH.set(tensors)
        try:
            with name_scope(self._name_scope()):
                self._build_for(inputs)
                outputs = self.call(inputs, *args, **arguments)
                for variable in self._own:  # also those that the user's class made by itself
                    backend.track_variable(variable)
                if outputs is None:
                    raise ValueError(
                        "A layer's `call` method should return a Tensor or a list of Tensors, not "
                        f"None (layer: {self.name})."
                    )
                outputs = self._remembered(inputs, outputs, args, kwargs)
                if self.activity_regularizer is not None:
                    self._regularize(nest.flatten(outputs), inputs)
                self._pass_masks_on(inputs, outputs, masks)
        finally:
            _TRAINING.reset(before)
            CALLED_WITH.reset(outside)
        self._last = inputs, outputs
        return outputs

    apply = __call__

    def _name_scope(self) -> str:
        return self.name

    def _takes(self, argument: str) -> bool:
        parameters = inspect.signature(self.call).parameters
        return argument in parameters

    def _training_of(self, args: tuple[Any, ...], arguments: dict[str, Any]) -> Any:
        """Whether this call trains: as it was said, or as around it."""
        if not self._takes("training"):
            return arguments.pop("training", _TRAINING.get())
        if "training" in arguments:
            return arguments["training"]
        names = [name for name in inspect.signature(self.call).parameters if name != "self"]
        if "training" in names[1 : len(args) + 1]:
            return args[names.index("training") - 1]
        around = _TRAINING.get()
        if around is not None:
            is_tensor = is_tensor_like(around)
            arguments["training"] = math.cast(around, bool_) if is_tensor else bool(around)
        return around

    def _build_for(self, inputs: Any) -> None:
        if not self.built:
            self._build_once(inputs)
        if self._starting_weights is not None:  # also when a layer around this one has built it
            self.set_weights(self._starting_weights)
            self._starting_weights = None

    def _build_once(self, inputs: Any) -> None:
        tensors = nest.flatten(inputs)
        if self.dtype is None and tensors:
            kind = tensors[0].dtype.base_dtype
            self.dtype = kind.name
        shapes = nest.map_structure(lambda tensor: as_shape(tensor.shape), inputs)
        self.build(shapes)
        self.built = True
        self._check(tensors)  # by what build found out

    def build(self, input_shape: Any) -> None:
        self.built = True

    def _remembered(self, inputs: Any, outputs: Any, args: tuple[Any, ...], kwargs: Any) -> Any:
        from graphscope.keras.layers_of_operations import wrap

        tensors = nest.flatten(inputs)
        wrap(tensors)
        if not tensors or not all_made(tensors):
            return outputs
        own = [tensor for tensor in tensors if isinstance(tensor, Tensor)]
        outputs = nest.map_structure(
            lambda out: self._another(out) if any(out is t for t in own) else out, outputs
        )
        names = [name for name in inspect.signature(self.call).parameters if name != "self"]
        arguments = {**dict(zip(names[1:], args, strict=False)), **kwargs}
        remember(Node(self, inputs, outputs, arguments))
        return outputs

    def _another(self, tensor: Tensor) -> Tensor:
        with name_scope(self.name):
            return array.identity(tensor)

    # ---- masks ----

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Which elements of the output count, from those of the input.

        Errors: TypeError for a mask that comes to a layer that has no use for it.
        """
        if self.supports_masking:
            return mask
        if any(part is not None for part in nest.flatten(mask)):
            raise TypeError(
                f"Layer {self.name} does not support masking, but was passed an input_mask: {mask}"
            )
        return None

    def _said(self, argument: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a call says of an argument, by name or by place; None when it says nothing."""
        names = [name for name in inspect.signature(self.call).parameters if name != "self"]
        return kwargs.get(argument, dict(zip(names[1:], args, strict=False)).get(argument))

    def _masks_of(self, inputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        said = self._said("mask", args, kwargs)
        if said is not None or "mask" in kwargs:
            return said
        found = nest.map_structure(mask_of, inputs)
        return found if any(mask is not None for mask in nest.flatten(found)) else None

    def _pass_masks_on(self, inputs: Any, outputs: Any, masks: Any) -> None:
        if all(mask_of(tensor) is not None for tensor in nest.flatten(outputs)):
            return
        found = self.compute_mask(inputs, masks)
        if found is None:
            return
        for tensor, mask in zip(nest.flatten(outputs), nest.flatten(found), strict=True):
            set_mask(tensor, mask)

    # ---- weights ----

    def add_weight(
        self,
        name: str | None = None,
        shape: Any = None,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool | None = None,
        constraint: Any = None,
        use_resource: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        partitioner: Any = None,
        **_: Any,
    ) -> Any:
        """A weight of the layer: a variable ``NAME`` in the layer's name scope.

        shape: () when left out. initializer: Glorot's uniform numbers for floats, zeros for whole
        numbers when left out. Errors: ValueError for a kind of number that has neither.
        """
        regularizer, constraint = regularizers.get(regularizer), constraints.get(constraint)
        kind = as_dtype(dtype or self.dtype or backend.floatx())
        self.dtype = self.dtype or kind.base_dtype.name
        made = initializer_of(initializer) or _initializer_for(kind, name)
        trainable = base.trained(trainable, synchronization)
        sizes = as_shape(() if shape is None else shape)
        variable = VariableV2(
            lambda: _initial(made, sizes, kind),
            trainable=trainable is not False,
            name=name,
            dtype=kind,
            constraint=constraint,
            use_resource=True if use_resource is None else use_resource,
            synchronization=synchronization,
            aggregation=aggregation,
            validate_shape=sizes.is_fully_defined(),
        )
        if regularizer is not None:
            self._makers.append(
                lambda: _penalty(f"{variable.op.name}/Regularizer", regularizer, variable)
            )
        backend.track_variable(variable)
        self._made.append(variable)
        return variable

    add_variable = add_weight

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = value
        for layer in self.sublayers:
            layer.trainable = value

    @property
    def sublayers(self) -> list[Layer]:
        """The layers among the attributes, in the order in which they came there."""
        return list(_unique(v for v in self._attributes() if isinstance(v, base.Layer)))

    def _attributes(self) -> Iterator[Any]:
        """What the user's class has put on the layer, lists and dicts item by item."""
        waiting = [v for name, v in reversed(vars(self).items()) if name not in self._bookkeeping]
        while waiting:
            value = waiting.pop()
            if isinstance(value, list | tuple | dict):
                items = value.values() if isinstance(value, dict) else value
                waiting.extend(reversed(list(items)))
            else:
                yield value

    @property
    def submodules(self) -> tuple[Any, ...]:
        """The layers in this one, and those in them."""
        return tuple(layer for layer in self.within() if layer is not self)

    @property
    def _own(self) -> list[Any]:
        return list(
            _unique([*self._made, *(v for v in self._attributes() if isinstance(v, VariableV2))])
        )

    @property
    def trainable_weights(self) -> list[Any]:
        if not self.trainable:
            return []
        inner = [weight for layer in self.sublayers for weight in layer.trainable_weights]
        return list(_unique([*(v for v in self._own if v.trainable), *inner]))

    @property
    def non_trainable_weights(self) -> list[Any]:
        if not self.trainable:
            inner = [weight for layer in self.sublayers for weight in layer.weights]
            return list(_unique([*self._in_order(), *inner]))
        inner = [weight for layer in self.sublayers for weight in layer.non_trainable_weights]
        return list(_unique([*(v for v in self._own if not v.trainable), *inner]))

    def _in_order(self) -> list[Any]:
        own = self._own
        return [v for v in own if v.trainable] + [v for v in own if not v.trainable]

    @property
    def weights(self) -> list[Any]:
        return list(_unique([*self.trainable_weights, *self.non_trainable_weights]))

    @property
    def variables(self) -> list[Any]:
        return self.weights

    @property
    def trainable_variables(self) -> list[Any]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Any]:
        return self.non_trainable_weights

    def get_weights(self) -> list[np.ndarray]:
        """The values of the weights in Keras' session."""
        found: list[np.ndarray] = backend.batch_get_value(self.weights)
        return found

    def set_weights(self, weights: Any) -> None:
        """Write arrays into the weights, in their order. Errors: ValueError for other shapes."""
        own = self.weights
        if len(own) != len(weights):
            raise ValueError(
                f'You called `set_weights(weights)` on layer "{self.name}" with a  weight list of '
                f"length {len(weights)}, but the layer was expecting {len(own)} weights. Provided "
                f"weights: {str(weights)[:50]}..."
            )
        for variable, value in zip(own, weights, strict=True):
            if tuple(variable.shape.as_list()) != np.shape(value):
                raise ValueError(
                    f"Layer weight shape {tuple(variable.shape.as_list())} not compatible with "
                    f"provided weight shape {np.shape(value)}"
                )
        if own:
            backend.batch_set_value(list(zip(own, weights, strict=True)))

    def count_params(self) -> int:
        """The number of elements of the weights. Errors: ValueError before there are any."""
        if not self.built:
            return super().count_params()
        return sum(int(weight.shape.num_elements() or 0) for weight in self.weights)

    # ---- telling and making again ----

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output for an input's shape. Errors: NotImplementedError."""
        raise NotImplementedError(
            "We could not automatically infer the static shape of the layer's output. Please "
            f"implement the `compute_output_shape` method on your layer ({type(self).__name__})."
        )

    def compute_output_signature(self, input_signature: Any) -> Any:
        """The output's shape and type for those of the input, as TensorSpecs.

        Errors: TypeError for anything else than a TensorSpec.
        """
        given = nest.flatten(input_signature)
        for spec in given:
            if not isinstance(spec, TensorSpec):
                raise TypeError(
                    "Only TensorSpec signature types are supported, but saw signature signature "
                    f"entry: {spec}."
                )
        shape = self.compute_output_shape(
            nest.map_structure(lambda spec: spec.shape, input_signature)
        )
        kind = self.dtype or given[0].dtype
        return map_structure_with_atomic(
            is_shape, lambda one: TensorSpec(shape=one, dtype=kind), shape
        )

    def get_config(self) -> dict[str, Any]:
        """What makes an equal layer again: name, trainable, and what the layer adds."""
        told: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        if hasattr(self, "_batch_input_shape"):
            told["batch_input_shape"] = self._batch_input_shape
        told["dtype"] = self.dtype
        if self.dynamic:
            told["dynamic"] = True
        told |= {name: _plain(getattr(self, name)) for name in self.told}
        self._check_told(told)
        return told

    def _check_told(self, told: dict[str, Any]) -> None:
        """Errors: NotImplementedError for a user's class that takes more than it tells."""
        parameters = inspect.signature(self.__init__).parameters.values()  # type: ignore[misc]
        taken = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        more = [name for name in taken if name not in told and name != "dynamic"]
        if more and not self.told and type(self).get_config is Layer.get_config:
            raise NotImplementedError(
                "Layers with arguments in `__init__` must override `get_config`. "
                f"{type(self).__name__} takes {', '.join(more)}."
            )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer like the one whose `get_config` this is; without its weights."""
        return cls(**config)


@contextmanager
def training_as(value: Any) -> Iterator[None]:
    """Layers called inside start from this about training, unless it is said otherwise."""
    before = _TRAINING.set(value)
    try:
        yield
    finally:
        _TRAINING.reset(before)


def _as_tensor(value: Any) -> Any:
    return convert_to_tensor(value) if isinstance(value, np.ndarray | float | int) else value


def _unique(items: Any) -> Iterator[Any]:
    seen: set[int] = set()
    for item in items:
        if id(item) not in seen:
            seen.add(id(item))
            yield item


def _initializer_for(kind: Any, name: str | None) -> Any:
    if kind.is_floating:
        return GlorotUniform()
    if kind.is_integer or kind.is_unsigned or kind.is_bool:
        return Zeros()
    raise ValueError(f"An initializer for variable {name} of type {kind.base_dtype} is required")


def _initial(make: Any, shape: TensorShape, kind: Any) -> Any:
    takes = inspect.signature(make).parameters
    return make(shape.as_list(), dtype=kind) if "dtype" in takes else make(shape.as_list())


def _plain(value: Any) -> Any:
    """An argument as `get_config` tells it."""
    if hasattr(value, "get_config"):
        return {"class_name": type(value).__name__, "config": value.get_config()}
    return value.__name__ if inspect.isfunction(value) or isinstance(value, OpDef) else value


def _penalty(scope: str, regularizer: Any, variable: Any) -> Any:
    with name_scope(scope):
        return regularizer(variable)
