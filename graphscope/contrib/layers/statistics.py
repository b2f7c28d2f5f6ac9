"""Batch normalization from moments: for any rank, with weights of examples, and late updates."""

from __future__ import annotations

from typing import Any

from graphscope.contrib.layers.parts import part_variable
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor, get_default_graph
from graphscope.layers.smart_cond import known, smart_cond
from graphscope.nn import batch_normalization, moments, weighted_moments
from graphscope.ops import array
from graphscope.ops.variable_scope import get_variable_scope, variable_scope
from graphscope.train.moving_averages import assign_moving_average


def by_moments(
    updates_collections: Any, zero_debias: bool, batch_weights: Any, **given: Any
) -> Tensor:
    """The inputs of any rank, normalized: see `batch_norm`, which it serves."""
    inputs, training = given["inputs"], given["is_training"]
    shape, rank = inputs.shape, inputs.shape.ndims
    if rank is None:
        raise ValueError(f"Inputs {inputs.name} has undefined rank.")
    if batch_weights is not None:
        batch_weights = convert_to_tensor(batch_weights)
        shape[0:1].assert_is_compatible_with(batch_weights.shape)
        batch_weights = array.reshape(batch_weights, [-1] + [1] * (rank - 1))
    axis = 1 if given["data_format"] == "NCHW" else rank - 1
    sizes = shape[axis : axis + 1]
    if not sizes.is_fully_defined():
        raise ValueError(f"Inputs {inputs.name} has undefined channels dimension {sizes}.")
    beta = _parameter("beta", sizes, given) if given["center"] else None
    gamma = _parameter("gamma", sizes, given) if given["scale"] else None
    with variable_scope(get_variable_scope()) as opened:
        opened.set_partitioner(None)
        averages = [
            _parameter(name, sizes, given | {"trainable": False})
            for name in ("moving_mean", "moving_variance")
        ]
    mean, variance = averages
    if known(training) is not False:
        statistics = _of_the_batch(inputs, axis, batch_weights)
        updates = Updates(averages, statistics, given["decay"], zero_debias)
        if updates_collections is None:
            mean, variance = updates.forced(training, statistics, tuple(averages))
        else:
            updates.kept(training, updates_collections)
            mean, variance = smart_cond(training, lambda: statistics, lambda: tuple(averages))
    parts = [mean, variance, beta, gamma]
    if given["data_format"] == "NCHW":
        beside = [1, *sizes.as_list(), *[1] * (rank - 2)]
        parts = [None if part is None else array.reshape(part, beside) for part in parts]
    mean, variance, beta, gamma = parts
    outputs = batch_normalization(inputs, mean, variance, beta, gamma, given["epsilon"])
    outputs.set_shape(shape)
    return outputs


def _parameter(name: str, sizes: Any, given: dict[str, Any]) -> Any:
    return part_variable(
        name,
        sizes,
        given["inputs"].dtype.base_dtype,
        given["collections"],
        initializer=given["initializers"][name],
        trainable=given["trainable"],
    )


def _of_the_batch(inputs: Tensor, axis: int, weights: Any) -> tuple[Tensor, Tensor]:
    """The mean and the variance of each channel."""
    rank = inputs.shape.ndims
    assert rank is not None
    axes = [i for i in range(rank) if i != axis]
    first = axis != rank - 1  # kept sizes first, then one axis: as TensorFlow does it
    if weights is None:
        found = moments(inputs, axes, keep_dims=first)
    else:
        found = weighted_moments(inputs, axes, weights, keepdims=first)
    mean, variance = (array.reshape(part, [-1]) if first else part for part in found)
    return mean, variance


class Updates:
    """The steps of two averages towards the mean and the variance of a batch."""

    def __init__(self, averages: Any, statistics: Any, decay: Any, zero_debias: bool) -> None:
        self.averages, self.statistics = tuple(averages), tuple(statistics)
        self._decay, self._debias = decay, (zero_debias, False)

    def _made(self) -> tuple[Tensor, ...]:
        triples = zip(self.averages, self.statistics, self._debias, strict=True)
        return tuple(assign_moving_average(a, v, self._decay, debias) for a, v, debias in triples)

    def forced(self, training: Any, values: tuple[Any, ...], otherwise: tuple[Any, ...]) -> Any:
        """In training the values, after the steps; else the others."""

        def after_the_steps() -> tuple[Tensor, ...]:
            with get_default_graph().control_dependencies(self._made()):
                return tuple(array.identity(value) for value in values)

        return smart_cond(training, after_the_steps, lambda: otherwise)

    def kept(self, training: Any, collections: Any) -> None:
        """The steps, in these collections; which change nothing out of training."""
        for update in smart_cond(training, self._made, lambda: self.averages):
            get_default_graph().add_to_collections(collections, update)
