"""`Layer`: variables and nodes under one scope, made at the first call, reused at later ones.

Source: tensorflow.python.layers.base of 1.15. The variables and nodes have its names.
"""

from __future__ import annotations

import copy
import inspect
from collections import Counter
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from graphscope.graph import nest
from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import as_dtype, float32
from graphscope.graph.graph import Graph, Operation, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.layers.named import initializer_of, snake_case
from graphscope.layers.utils import get_reachable_from_inputs
from graphscope.ops import array, math
from graphscope.ops.partitions import PartitionedVariable
from graphscope.ops.variable_scope import VariableScope, get_variable, variable_scope
from graphscope.ops.variables import (
    GraphKeys,
    Variable,
    VariableAggregation,
    VariableSynchronization,
)


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
        self.dtype = None if dtype is None else as_dtype(dtype).name
        self.shape = shape
        self.ndim = ndim if shape is None else len(shape)
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}

    def __repr__(self) -> str:
        known = {name: value for name, value in vars(self).items() if value}
        return f"InputSpec({', '.join(f'{name}={value}' for name, value in known.items())})"

    def check(self, tensor: Tensor, layer: str) -> None:
        """Errors: ValueError when this input does not do."""
        start = f"Input 0 of layer {layer} is incompatible with the layer: "
        wrong = self._wrong_rank(tensor.shape)
        kind = tensor.dtype.base_dtype.name
        if wrong is None and self.dtype not in (None, kind):
            wrong = f"expected dtype={self.dtype}, found dtype={kind}"
        if wrong is None and tensor.shape.ndims is not None:
            wrong = self._wrong_sizes(tensor.shape.as_list())
        if wrong is not None:
            raise ValueError(start + wrong)
        sizes = tensor.shape.as_list() if tensor.shape.ndims is not None else []
        for wanted, found in zip(self.shape or (), sizes, strict=False):
            if None not in (wanted, found) and wanted != found:
                raise ValueError(
                    f"Input 0 is incompatible with layer {layer}: expected shape="
                    f"{tuple(self.shape or ())}, found shape={sizes}"
                )

    def _wrong_rank(self, shape: TensorShape) -> str | None:
        if shape.ndims is None:
            wanted = (self.ndim, self.min_ndim, self.max_ndim)
            return (
                "its rank is undefined, but the layer requires a defined rank."
                if wanted != (None, None, None)
                else None
            )
        rank, full = shape.ndims, f" Full shape received: {shape.as_list()}"
        if self.ndim not in (None, rank):
            return f"expected ndim={self.ndim}, found ndim={rank}.{full}"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}, found ndim={rank}"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f": expected min_ndim={self.min_ndim}, found ndim={rank}.{full}"
        return None

    def _wrong_sizes(self, sizes: list[int | None]) -> str | None:
        for axis, size in self.axes.items():
            if size is not None and sizes[axis] not in (size, None):
                return (
                    f"expected axis {axis} of input shape to have value {size} but received input "
                    f"with shape {sizes}"
                )
        return None


#: For each graph, how many layers without a name it has of each kind.
_NAMELESS: WeakKeyDictionary[Graph, Counter[str]] = WeakKeyDictionary()
_OPTIONS = ("autocast", "batch_input_shape", "batch_size", "experimental_autocast", "input_shape")


class Layer:
    """A layer: call it with a tensor. Subclasses say `build` (its variables) and `call`.

    trainable: whether optimizers train its variables. name: its scope, ``dense``, ``dense_1``...
    when left out; the layer itself is then named ``dense_1``, ``dense_2``... as in TensorFlow.
    _scope, _reuse: the variable scope to work in, and whether its variables are there already.
    Source: tf.layers.Layer. Errors: TypeError for an argument that no layer knows.
    """

    def __init__(
        self,
        trainable: bool = True,
        name: Any = None,
        dtype: Any = None,
        activity_regularizer: Any = None,
        _scope: Any = None,
        _reuse: Any = None,
        **options: Any,
    ) -> None:
        for option in options:
            if option not in _OPTIONS:
                raise TypeError("Keyword argument not understood:", option)
        self.trainable = trainable
        self.built = False
        self.dtype: Any = None if dtype is None else as_dtype(dtype).name
        self.input_spec: Any = None
        scope_name = name.name if isinstance(name, VariableScope) else name
        self._base_name: str = scope_name or self._kind()
        self._name: str = scope_name or self._numbered(self._base_name)
        self.activity_regularizer = activity_regularizer
        self._reuse = _reuse
        self._scope: VariableScope | None = None
        self._made: list[Any] = []
        self._losses: list[tuple[Any, bool]] = []  # the loss, and whether it depends on an input
        self._updates: list[tuple[Operation, bool]] = []
        self._called_with: list[Any] = []
        self._last: tuple[Any, Any] = (None, None)
        if _scope:
            with variable_scope(_scope) as scope:
                self._scope = scope

    @classmethod
    def _kind(cls) -> str:
        """The name of a layer without one: ``conv2d`` for Conv2D."""
        return snake_case(cls.__name__)

    @staticmethod
    def _numbered(kind: str) -> str:
        counter = _NAMELESS.setdefault(get_default_graph(), Counter())
        counter[kind] += 1
        return f"{kind}_{counter[kind]}"

    def __deepcopy__(self, memo: dict[int, Any]) -> Layer:
        """A layer with its own lists; tensors, variables and the scope are the same ones."""
        copied = type(self).__new__(type(self))
        memo[id(self)] = copied
        for name, value in vars(self).items():
            if is_tensor_like(value):
                memo[id(value)] = value
            elif any(is_tensor_like(item) for item in nest.flatten(value)) or isinstance(
                value, VariableScope
            ):
                memo[id(value)] = copy.copy(value)
            setattr(copied, name, copy.deepcopy(value, memo))
        return copied

    # ---- what subclasses say ----

    def build(self, input_shape: Any) -> None:
        """Make the variables, by `add_weight`."""
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The output for the inputs, the first argument."""
        return args[0]

    # ---- calling ----

    def __call__(self, inputs: Any, *args: Any, scope: Any = None, **kwargs: Any) -> Any:
        """The output for a tensor; the variables are made at the first call.

        inputs: a tensor, or a list or dict of tensors; `scope` opens its variable scope, and comes
        to a `call` that asks for it.
        """
        self._set_scope(scope)
        reuse = True if self.built else self._reuse
        with (
            variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as current,
            name_scope(current.original_name_scope),
        ):
            if "scope" in inspect.signature(self.call).parameters:
                kwargs["scope"] = current
            outputs = self._outputs(inputs, args, kwargs)
        graph = get_default_graph()
        kept = graph.get_collection(GraphKeys.UPDATE_OPS)
        for update in self.updates:
            if update not in kept:
                graph.add_to_collection(GraphKeys.UPDATE_OPS, update)
        return outputs

    apply = __call__

    def _outputs(self, inputs: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        inputs = nest.map_structure(_as_input, inputs)
        tensors = nest.flatten(inputs)
        self._check(tensors)
        if self.dtype is None and tensors:
            self.dtype = tensors[0].dtype.base_dtype.name
        if not self.built:
            self.build(nest.map_structure(lambda tensor: as_shape(tensor.shape), inputs))
            self.built = True
            self._check(tensors)  # by what build found out
        self._called_with = tensors
        try:
            outputs = self.call(inputs, *args, **kwargs)
            if self.activity_regularizer is not None:
                self._regularize(nest.flatten(outputs), inputs)
        finally:
            self._called_with = []
        self._last = inputs, outputs
        return outputs

    def _regularize(self, outputs: Sequence[Any], inputs: Any) -> None:
        with name_scope("ActivityRegularizer"):
            for output in outputs:
                whole = self.activity_regularizer(output)
                batch = math.cast(array.shape(output)[0], whole.dtype)
                self.add_loss(whole / batch, inputs=inputs)

    def _check(self, tensors: Sequence[Any]) -> None:
        if self.input_spec is None:
            return
        specs = nest.flatten(self.input_spec)
        if len(specs) != len(tensors):
            raise ValueError(
                f"Layer {self._name} expects {len(specs)} inputs, but it received {len(tensors)} "
                f"input tensors. Inputs received: {list(tensors)}"
            )
        for spec, tensor in zip(specs, tensors, strict=True):
            spec.check(tensor, self._name)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output for an input's shape. Errors: NotImplementedError."""
        raise NotImplementedError(f"{type(self).__name__} does not say its output's shape")

    def _set_scope(self, scope: Any = None) -> None:
        if self._scope is None:
            named = self._reuse and scope is None
            with variable_scope(
                self._base_name if named else scope, None if named else self._base_name
            ) as captured:
                self._scope = captured

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
        use_resource: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        partitioner: Any = None,
    ) -> Any:
        """A variable of the layer: made, or found when the layer is reused.

        regularizer: a function of the variable, whose result is kept as a loss.
        Errors: ValueError for a variable that is summed up on reading and trained.
        """
        trainable = trained(trainable, synchronization)
        self._set_scope()
        before = set(map(id, get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES)))
        with (
            variable_scope(
                self._scope, reuse=self.built or self._reuse, auxiliary_name_scope=False
            ) as current,
            name_scope(current.original_name_scope),
        ):
            variable = get_variable(
                name,
                shape=shape,
                dtype=dtype or self.dtype or float32,
                initializer=initializer_of(initializer),
                trainable=(trainable is not False) and self.trainable,
                constraint=constraint,
                partitioner=partitioner,
                use_resource=use_resource,
                synchronization=synchronization,
                aggregation=aggregation,
            )
            parts = list(variable) if isinstance(variable, PartitionedVariable) else [variable]
            if regularizer is not None and not any(id(part) in before for part in parts):
                for part in parts:
                    with name_scope(f"{name}/Regularizer"):
                        self.add_loss(regularizer(part))
        if not any(variable is known for known in self._made):
            self._made.append(variable)
        return variable

    add_variable = add_weight

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Keep losses with the layer, and in GraphKeys.REGULARIZATION_LOSSES.

        losses: tensors, or functions without arguments that make them. inputs: what they depend
        on; None when they hold for any input.
        """
        for given in losses if isinstance(losses, list | tuple) else [losses]:
            loss = given() if callable(given) and not is_tensor_like(given) else given
            if loss is not None:
                self._losses.append((loss, inputs is not None))
                get_default_graph().add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Keep operations that a training step must run; they come into GraphKeys.UPDATE_OPS.

        updates: operations or tensors, or functions without arguments that make them.
        """
        for given in updates if isinstance(updates, list | tuple) else [updates]:
            made = given() if callable(given) and not is_tensor_like(given) else given
            update = made if isinstance(made, Operation) else convert_to_tensor(made).op
            depends = update in get_reachable_from_inputs(self._called_with, [update])
            self._updates.append((update, depends))

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
    def losses(self) -> list[Any]:
        return [loss for loss, _ in self._losses]

    @property
    def updates(self) -> list[Operation]:
        """The operations of `add_update`; none of a layer that is not trained."""
        return [update for update, _ in self._updates] if self.trainable else []

    def get_losses_for(self, inputs: Any = None) -> list[Any]:
        """The losses that depend on these inputs; with None, those that depend on none."""
        return _depending(self._losses, inputs)

    def get_updates_for(self, inputs: Any = None) -> list[Operation]:
        """The updates that depend on these inputs; with None, those that depend on none."""
        return _depending(self._updates if self.trainable else [], inputs)

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
        """The number of elements of the variables. Errors: ValueError before there are any."""
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on {self._name}, but the layer isn't built. You "
                "can build it manually via: `" + f"{self._name}.build(batch_input_shape)`."
            )
        return sum(int(v.shape.num_elements() or 0) for v in self._made)


def trained(trainable: bool | None, synchronization: Any) -> bool | None:
    """Whether a variable is trained: as it is said, but never when it is summed up on reading.

    Errors: ValueError when both are asked for.
    """
    if synchronization != VariableSynchronization.ON_READ:
        return trainable
    if trainable:
        raise ValueError(
            "Synchronization value can be set to VariableSynchronization.ON_READ only for "
            "non-trainable variables. You have specified trainable=True and "
            "synchronization=VariableSynchronization.ON_READ."
        )
    return False


def _as_input(value: Any) -> Any:
    return value if is_tensor_like(value) else convert_to_tensor(value)


def _depending(kept: Sequence[tuple[Any, bool]], inputs: Any) -> list[Any]:
    if inputs is None:
        return [item for item, depends in kept if not depends]
    found = [item for item, depends in kept if depends]
    reachable = get_reachable_from_inputs(nest.flatten(inputs), found)
    return [item for item in found if item in reachable]
