"""Batch normalization as a layer (tf.layers)."""

from __future__ import annotations

from functools import partial
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import float32
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import as_shape
from graphscope.layers.base import InputSpec, Layer
from graphscope.layers.named import initializer_of
from graphscope.layers.smart_cond import known, smart_cond
from graphscope.ops import array, math
from graphscope.ops.array import zeros_like
from graphscope.ops.batch_norm import fused_batch_norm
from graphscope.ops.initializers import Ones, Zeros
from graphscope.ops.joining import where
from graphscope.ops.nn import moments
from graphscope.ops.normalization import batch_normalization as nn_batch_normalization
from graphscope.ops.rectifiers import relu
from graphscope.ops.reduction import reduce_mean
from graphscope.ops.state import assign, assign_sub
from graphscope.ops.variables import Variable, VariableAggregation, VariableSynchronization
from graphscope.train.moving_averages import assign_moving_average


class BatchNormalization(Layer):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, each channel by itself.

    In training the mean and the variance are those of the batch, and moving averages of them are
    kept by operations in GraphKeys.UPDATE_OPS, which the training step must run; else the averages
    are used. axis: that of the channels, or a list of axes that are not averaged over. momentum: of
    the averages. center, scale: whether there is a beta, a gamma.
    renorm: correct the batch's mean and variance towards moving ones, within renorm_clipping (rmin,
    rmax, dmax), which move by renorm_momentum. virtual_batch_size: the batch is cut into batches of
    this size, each with its own mean and variance. adjustment: a function of the input's shape that
    gives a factor and a shift for training.
    Source: tf.layers.BatchNormalization; Ioffe & Szegedy 2015; Ioffe 2017 (renorm).
    Errors: ValueError for an axis that is not there, and for an unknown number of channels.
    """

    def __init__(
        self,
        axis: Any = -1,
        momentum: Any = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = Zeros(),  # noqa: B008 (it keeps nothing)
        gamma_initializer: Any = Ones(),  # noqa: B008
        moving_mean_initializer: Any = Zeros(),  # noqa: B008
        moving_variance_initializer: Any = Ones(),  # noqa: B008
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: Any = 0.99,
        fused: Any = None,
        trainable: bool = True,
        virtual_batch_size: Any = None,
        adjustment: Any = None,
        name: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable, name, **kwargs)
        if not isinstance(axis, int | list):
            raise TypeError(f"axis must be int or list, type given: {type(axis)}")
        unknown = set(renorm_clipping or {}) - {"rmax", "rmin", "dmax"}
        if unknown:
            raise ValueError(
                f"renorm_clipping {renorm_clipping} contains keys not in ['rmax', 'rmin', 'dmax']"
            )
        self.axis: Any = axis[:] if isinstance(axis, list) else axis
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.renorm = renorm
        self.renorm_clipping = renorm_clipping or {}
        self.renorm_momentum = renorm_momentum
        self.virtual_batch_size = virtual_batch_size
        self.adjustment = adjustment
        self.fused = fused
        self.beta_initializer = initializer_of(beta_initializer)
        self.gamma_initializer = initializer_of(gamma_initializer)
        self.moving_mean_initializer = initializer_of(moving_mean_initializer)
        self.moving_variance_initializer = initializer_of(moving_variance_initializer)
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        self.beta: Any = None
        self.gamma: Any = None
        self.moving_mean: Any = None
        self.moving_variance: Any = None
        # TensorFlow's tests switch it off, to compare variances divided by count.
        self._bessels_correction_test_only = True

    # ---- variables ----

    def build(self, input_shape: Any) -> None:
        shape = as_shape(input_shape)
        if not shape.ndims:
            raise ValueError("Input has undefined rank:", shape)
        self.axis = self._axes(shape.ndims)
        channels: dict[int, Any] = {axis: shape.as_list()[axis] for axis in self.axis}
        if None in channels.values():
            raise ValueError("Input has undefined `axis` dimension. Input shape: ", shape)
        if self.fused is not False:
            self.fused = shape.ndims == 4 and self.axis in ([1], [3]) and self._plain
        self.input_spec = InputSpec(ndim=shape.ndims, axes=channels)
        sizes = [channels[self.axis[0]]]
        if len(channels) > 1 or self.virtual_batch_size is not None:
            sizes = [channels.get(i, 1) for i in range(shape.ndims)]
        if self.virtual_batch_size is not None:
            sizes.insert(1, 1)  # the axis of the batches that the batch is cut into
            self.axis = [axis + 1 for axis in self.axis]
        self._build_trained(sizes)
        self._build_moving(sizes)
        self.built = True

    @property
    def _plain(self) -> bool:
        """One operation does it all."""
        return not (self.renorm or self.adjustment or self.virtual_batch_size is not None)

    def _axes(self, rank: int) -> list[int]:
        given = [self.axis] if isinstance(self.axis, int) else self.axis
        axes = [axis + rank if axis < 0 else axis for axis in given]
        for axis in axes:
            if not 0 <= axis < rank:
                raise ValueError(f"Invalid axis: {axis}")
        if len(axes) != len(set(axes)):
            raise ValueError(f"Duplicate axis: {axes}")
        if self.virtual_batch_size is not None:
            if self.virtual_batch_size <= 0:
                raise ValueError(
                    "virtual_batch_size must be a positive integer that divides the true batch "
                    "size of the input Tensor"
                )
            if 0 in axes:
                raise ValueError(
                    "When using virtual_batch_size, the batch dimension must be 0 and thus axis "
                    "cannot include 0"
                )
            if self.adjustment is not None:
                raise ValueError("When using virtual_batch_size, adjustment cannot be specified")
        return axes

    @property
    def _param_dtype(self) -> Any:
        return float32 if self.dtype == "float16" else self.dtype or float32

    def _build_trained(self, sizes: list[int]) -> None:
        # In fused normalization constants stand for what is left out.
        if self.scale:
            self.gamma = self.add_weight(
                "gamma",
                sizes,
                self._param_dtype,
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        self._gamma = self.gamma
        if self.fused and not self.scale:
            self._gamma = array.constant(1.0, shape=sizes)
        if self.center:
            self.beta = self.add_weight(
                "beta",
                sizes,
                self._param_dtype,
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )
        self._beta = self.beta
        if self.fused and not self.center:
            self._beta = array.constant(0.0, shape=sizes)

    def _build_moving(self, sizes: list[int]) -> None:
        def moving(name: str, initializer: Any) -> Any:
            return self.add_weight(
                name,
                sizes,
                self._param_dtype,
                initializer=initializer,
                trainable=False,
                synchronization=VariableSynchronization.ON_READ,
                aggregation=VariableAggregation.MEAN,
            )

        def root(*args: Any, **kwargs: Any) -> Tensor:
            first: Tensor = math.sqrt(self.moving_variance_initializer(*args, **kwargs))
            return first

        partitioner = self._scope.partitioner if self._scope else None
        if self._scope and partitioner:
            self._scope.set_partitioner(None)  # averages are whole
        self.moving_mean = moving("moving_mean", self.moving_mean_initializer)
        self.moving_variance = moving("moving_variance", self.moving_variance_initializer)
        if self.renorm:
            self.moving_stddev = moving("moving_stddev", root)
            self.renorm_mean = moving("renorm_mean", self.moving_mean_initializer)
            self.renorm_stddev = moving("renorm_stddev", root)
        if self._scope and partitioner:
            self._scope.set_partitioner(partitioner)

    # ---- calling ----

    def call(self, inputs: Any, training: Any = False, **_: Any) -> Any:
        images = convert_to_tensor(inputs)
        if self.fused:
            return self._fused(images, training)
        if self.virtual_batch_size is None:
            return self._by_parts(images, training)
        whole = [-1, *images.shape.as_list()[1:]]
        batches = array.reshape(images, [self.virtual_batch_size, -1, *whole[1:]])
        return array.reshape(self._by_parts(batches, training), whole)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def _fused(self, images: Tensor, training: Any) -> Any:
        order = "NCHW" if self.axis == [1] else "NHWC"

        def of_batch() -> Any:
            return fused_batch_norm(
                images, self._gamma, self._beta, epsilon=self.epsilon, data_format=order
            )

        def of_averages() -> Any:
            return fused_batch_norm(
                images,
                self._gamma,
                self._beta,
                self.moving_mean,
                self.moving_variance,
                self.epsilon,
                order,
                is_training=False,
            )

        output, mean, variance = smart_cond(training, of_batch, of_averages)
        if not self._bessels_correction_test_only:
            count = math.cast(array.size(images) / array.size(variance), variance.dtype)
            variance = variance * ((count - 1) / count)
        trained = known(training)
        if trained is None:
            momentum = smart_cond(
                training, lambda: array.constant(self.momentum), lambda: array.constant(1.0)
            )
        else:
            momentum = convert_to_tensor(self.momentum)
        if trained is not False:
            for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
                self.add_update(assign_moving_average(average, value, momentum, False).op)
        return output

    def _by_parts(self, images: Tensor, training: Any) -> Any:
        rank = len(images.shape.as_list())
        axes = [i for i in range(rank) if i not in self.axis]
        if self.virtual_batch_size is not None:
            del axes[1]  # each batch has a mean of its own
        laid = partial(self._laid, images.shape.as_list(), axes)
        scale, offset = laid(self.gamma), laid(self.beta)
        mean: Any = self.moving_mean
        variance: Any = self.moving_variance
        if known(training) is not False:
            if self.adjustment is not None:
                factor, shift = self._adjusted(images, training)
                scale, offset = _composed(factor, shift, scale, offset)
            keep = self.virtual_batch_size is not None or len(self.axis) > 1
            own = moments(math.cast(images, self._param_dtype), axes, keep_dims=keep)
            spread = self.virtual_batch_size is not None and known(training) is None

            def kept(average: Any, like: Tensor) -> Any:
                value = convert_to_tensor(average)
                return value + zeros_like(like) if spread else value

            mean = smart_cond(training, lambda: own[0], lambda: kept(self.moving_mean, own[0]))
            variance = smart_cond(
                training, lambda: own[1], lambda: kept(self.moving_variance, own[1])
            )
            new_mean, new_variance = mean, variance
            if self.virtual_batch_size is not None:
                new_mean, new_variance = (
                    reduce_mean(value, 1, keepdims=True) for value in (mean, variance)
                )
            if self.renorm:
                factor, shift, new_mean, new_variance = self._renormed(
                    new_mean, new_variance, training
                )
                factor = laid(array.stop_gradient(factor, name="renorm_r"))
                shift = laid(array.stop_gradient(shift, name="renorm_d"))
                scale, offset = _composed(factor, shift, scale, offset)
            self.add_update(self._moved(self.moving_mean, new_mean, self.momentum, training))
            self.add_update(self._moved_variance(new_variance, training))
        kind = images.dtype
        mean, variance = math.cast(laid(mean), kind), math.cast(laid(variance), kind)
        offset, scale = (v if v is None else math.cast(v, kind) for v in (offset, scale))
        result = nn_batch_normalization(images, mean, variance, offset, scale, self.epsilon)
        result.set_shape(images.shape)
        return result

    def _laid(self, sizes: list[Any], axes: list[int], vector: Any) -> Any:
        """A vector over the channels, where these are not the last axis."""
        rank = len(sizes)
        if vector is None or len(vector.shape) == rank or axes == list(range(rank - 1)):
            return vector
        return array.reshape(vector, [sizes[i] if i == self.axis[0] else 1 for i in range(rank)])

    def _adjusted(self, images: Tensor, training: Any) -> tuple[Tensor, Tensor]:
        factor, shift = self.adjustment(array.shape(images))
        return (
            smart_cond(training, lambda: factor, lambda: array.ones_like(factor)),
            smart_cond(training, lambda: shift, lambda: zeros_like(shift)),
        )

    def _renormed(self, mean: Tensor, variance: Tensor, training: Any) -> tuple[Tensor, ...]:
        """A factor and a shift towards the moving mean and deviation, which move after that."""
        stddev = math.sqrt(variance + self.epsilon)
        least = math.sqrt(stddev.dtype.as_numpy_dtype(self.epsilon))
        usual = math.maximum(self.renorm_stddev, least)
        factor = stddev / usual
        shift = (mean - self.renorm_mean) / usual
        graph = get_default_graph()
        with graph.control_dependencies([factor, shift]):
            mean, stddev = array.identity(mean), array.identity(stddev)
        low, high, far = (self.renorm_clipping.get(key) for key in ("rmin", "rmax", "dmax"))
        factor = factor if low is None else math.maximum(factor, low)
        factor = factor if high is None else math.minimum(factor, high)
        shift = shift if far is None else math.minimum(math.maximum(shift, -far), far)
        clipped, shifted = factor, shift
        factor = smart_cond(training, lambda: clipped, lambda: array.ones_like(clipped))
        shift = smart_cond(training, lambda: shifted, lambda: zeros_like(shifted))
        moved = [
            self._moved(variable, array.identity(value), self.renorm_momentum, training)
            for variable, value in ((self.renorm_mean, mean), (self.renorm_stddev, stddev))
        ]
        with graph.control_dependencies(moved):
            return factor, shift, array.identity(mean), array.identity(variance)

    # ---- moving averages ----

    def _moved(self, average: Variable, value: Tensor, momentum: Any, training: Any) -> Tensor:
        """A step of a moving average; none in a run that is not for training."""
        if known(training):
            moved: Tensor = assign_moving_average(average, value, momentum, False)
            return moved
        with name_scope("cond"):
            kept: Tensor = array.identity(
                self._moved_in_training(average, value, momentum, training), name="Merge"
            )
            kept.graph.uncounted += _COND_OF_STEP
            return kept

    def _moved_in_training(
        self, average: Variable, value: Tensor, momentum: Any, training: Any
    ) -> Tensor:
        with name_scope("AssignMovingAvg") as scope:
            change = convert_to_tensor(1.0 - momentum, name="decay")
            step = average - math.cast(value, average.dtype)
            step = step * math.cast(change, step.dtype)
            still = zeros_like(step, optimize=False)  # one node, however large it is
            step = where(convert_to_tensor(training), step, still)
            written: Tensor = assign_sub(average, step, name=scope)
            return written

    def _moved_variance(self, value: Tensor, training: Any) -> Tensor:
        if not self.renorm:
            return self._moved(self.moving_variance, value, self.momentum, training)
        deviation = math.sqrt(value + self.epsilon)
        if known(training):
            moved = self._moved(self.moving_stddev, deviation, self.momentum, training)
            return self._written(relu(moved * moved - self.epsilon))
        with name_scope("cond"):
            moved = self._moved_in_training(self.moving_stddev, deviation, self.momentum, training)
            wanted = relu(moved * moved - self.epsilon)
            kept = where(convert_to_tensor(training), wanted, self.moving_variance)
            merged: Tensor = array.identity(self._written(kept), name="Merge")
            return merged

    def _written(self, variance: Tensor) -> Tensor:
        with name_scope("AssignNewValue") as scope:
            written: Tensor = assign(self.moving_variance, variance, name=scope)
            return written


#: How many operations more TensorFlow makes, of a tf.cond around a step that writes.
_COND_OF_STEP = 6


def _composed(factor: Tensor, shift: Tensor, scale: Any, offset: Any) -> tuple[Tensor, Tensor]:
    """The factor and shift of one transformation after another, which may lack either."""
    if scale is not None:
        factor, shift = factor * scale, shift * scale
    return factor, shift if offset is None else shift + offset


def batch_normalization(
    inputs: Any,
    axis: Any = -1,
    momentum: Any = 0.99,
    epsilon: float = 1e-3,
    center: bool = True,
    scale: bool = True,
    beta_initializer: Any = Zeros(),  # noqa: B008 (it keeps nothing)
    gamma_initializer: Any = Ones(),  # noqa: B008
    moving_mean_initializer: Any = Zeros(),  # noqa: B008
    moving_variance_initializer: Any = Ones(),  # noqa: B008
    beta_regularizer: Any = None,
    gamma_regularizer: Any = None,
    beta_constraint: Any = None,
    gamma_constraint: Any = None,
    training: Any = False,
    trainable: bool = True,
    name: Any = None,
    reuse: Any = None,
    renorm: bool = False,
    renorm_clipping: Any = None,
    renorm_momentum: Any = 0.99,
    fused: Any = None,
    virtual_batch_size: Any = None,
    adjustment: Any = None,
) -> Any:
    """Batch normalization: see `BatchNormalization`. Source: tf.layers.batch_normalization.

    training: a bool, or a boolean tensor []. Run the operations of
    tf.get_collection(tf.GraphKeys.UPDATE_OPS) with each training step.
    """
    layer = BatchNormalization(
        axis,
        momentum,
        epsilon,
        center,
        scale,
        beta_initializer,
        gamma_initializer,
        moving_mean_initializer,
        moving_variance_initializer,
        beta_regularizer,
        gamma_regularizer,
        beta_constraint,
        gamma_constraint,
        renorm,
        renorm_clipping,
        renorm_momentum,
        fused,
        trainable,
        virtual_batch_size,
        adjustment,
        name,
        _scope=name,
        _reuse=reuse,
    )
    return layer(inputs, training=training)


BatchNorm = BatchNormalization
batch_norm = batch_normalization
