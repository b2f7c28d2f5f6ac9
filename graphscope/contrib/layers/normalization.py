"""Batch normalization of tf.contrib.layers: no gamma unless it is asked for, a slower average."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graphscope.contrib.arg_scope import add_arg_scope
from graphscope.contrib.framework import model_variable
from graphscope.contrib.layers.parts import activated, keep, layer_getter, of_part
from graphscope.contrib.layers.statistics import Updates, by_moments
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import float32
from graphscope.graph.graph import Tensor
from graphscope.layers.normalization import BatchNormalization
from graphscope.layers.smart_cond import known, smart_cond
from graphscope.ops import array
from graphscope.ops.batch_norm import fused_batch_norm
from graphscope.ops.initializers import Ones, Zeros
from graphscope.ops.variable_scope import variable_scope
from graphscope.ops.variables import GraphKeys

_FIRST = {"beta": Zeros, "gamma": Ones, "moving_mean": Zeros, "moving_variance": Ones}


@add_arg_scope
def batch_norm(
    inputs: Any,
    decay: Any = 0.999,
    center: bool = True,
    scale: bool = False,
    epsilon: float = 0.001,
    activation_fn: Any = None,
    param_initializers: Any = None,
    param_regularizers: Any = None,
    updates_collections: Any = GraphKeys.UPDATE_OPS,
    is_training: Any = True,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    batch_weights: Any = None,
    fused: Any = None,
    data_format: str = "NHWC",
    zero_debias_moving_mean: bool = False,
    scope: Any = None,
    renorm: bool = False,
    renorm_clipping: Any = None,
    renorm_decay: Any = 0.99,
    adjustment: Any = None,
) -> Any:
    """Batch normalization, each channel by itself.

    updates_collections: where the updates of the averages are kept; None runs them with the
    result. is_training: a bool, or a boolean tensor []. param_initializers, param_regularizers:
    by the names beta, gamma, moving_mean, moving_variance. batch_weights: how much each example
    counts [batch]. fused: False for single operations. data_format: "NCHW" for channels in front.
    zero_debias_moving_mean: correct the average of the mean for having begun at 0. renorm,
    renorm_clipping, renorm_decay, adjustment: see `BatchNormalization`.
    Source: tf.contrib.layers.batch_norm. Errors: ValueError for an unknown rank or number of
    channels, for another format, and for renorm with what it does not go with.
    """
    if data_format not in ("NCHW", "NHWC"):
        raise ValueError("data_format has to be either NCHW or NHWC.")
    inputs = convert_to_tensor(inputs)
    given: dict[str, Any] = {
        "inputs": inputs,
        "decay": decay,
        "center": center,
        "scale": scale,
        "epsilon": epsilon,
        "is_training": is_training,
        "trainable": trainable,
        "initializers": {k: make() for k, make in _FIRST.items()} | (param_initializers or {}),
        "regularizers": param_regularizers or {},
        "collections": variables_collections,
        "data_format": data_format,
    }
    options = {
        "renorm": renorm,
        "renorm_clipping": renorm_clipping,
        "renorm_momentum": renorm_decay,
        "adjustment": adjustment,
        "fused": fused is None or bool(fused),
    }
    late = (updates_collections, zero_debias_moving_mean)
    with _opened(scope, reuse, late, batch_weights, options, inputs) as (opened, kind):
        if kind is _fused:
            outputs = _fused(*late, **given)
        elif kind is by_moments:
            outputs = by_moments(*late, batch_weights, **given)
        else:
            outputs = _layer(opened, reuse, options, **given)
        return activated(outputs, activation_fn, outputs_collections, opened.name)


@contextmanager
def _opened(
    scope: Any, reuse: Any, late: Any, weights: Any, options: dict[str, Any], inputs: Tensor
) -> Iterator[tuple[Any, Any]]:
    """The scope of the variables, and which function makes the outputs.

    Errors: ValueError for renorm with weights or with updates of one's own.
    """
    own = late[1] or late[0] != GraphKeys.UPDATE_OPS
    plain = weights is None and not options["renorm"] and options["adjustment"] is None
    rank = inputs.shape.ndims
    if options["fused"] and plain and rank in (2, 4) and (rank == 2 or own):
        with variable_scope(scope, "BatchNorm", [inputs], reuse=reuse) as opened:
            yield opened, _fused
            return
    getter = layer_getter({})
    with variable_scope(scope, "BatchNorm", [inputs], reuse=reuse, custom_getter=getter) as opened:
        if not own and weights is None:
            yield opened, _layer
            return
        if options["renorm"]:
            raise ValueError(
                "renorm is not supported with batch_weights, updates_collections or "
                "zero_debias_moving_mean"
            )
        yield opened, by_moments


def _layer(scope: Any, reuse: Any, options: dict[str, Any], **given: Any) -> Any:
    start, penalties = given["initializers"], given["regularizers"]
    layer = BatchNormalization(
        axis=1 if given["data_format"] == "NCHW" else -1,
        momentum=given["decay"],
        epsilon=given["epsilon"],
        center=given["center"],
        scale=given["scale"],
        beta_initializer=start["beta"],
        gamma_initializer=start["gamma"],
        moving_mean_initializer=start["moving_mean"],
        moving_variance_initializer=start["moving_variance"],
        beta_regularizer=penalties.get("beta"),
        gamma_regularizer=penalties.get("gamma"),
        trainable=given["trainable"],
        name=scope.name,
        **options,
        _scope=scope,
        _reuse=reuse,
    )
    outputs = layer(given["inputs"], training=given["is_training"])
    for name in _FIRST:
        keep(getattr(layer, name), given["collections"], name)
    return outputs


def _fused(updates_collections: Any, zero_debias: bool, **given: Any) -> Any:
    original: Tensor = given["inputs"]
    order = given["data_format"]
    channels = original.shape.as_list()[1 if order == "NCHW" else -1]
    if channels is None:
        raise ValueError(f"Inputs {original.name} has undefined `C` dimension.")
    images = original
    if original.shape.ndims == 2:
        beside = [-1, channels, 1, 1] if order == "NCHW" else [-1, 1, 1, channels]
        images = array.reshape(original, beside)

    def parameter(name: str, wanted: bool, otherwise: float, trained: bool) -> Any:
        if not wanted:
            return array.constant(otherwise, float32, [channels])
        return model_variable(
            name,
            [channels],
            float32,
            given["initializers"][name],
            given["regularizers"].get(name),
            collections=of_part(given["collections"], name),
            trainable=trained,
        )

    beta = parameter("beta", given["center"], 0.0, given["trainable"])
    gamma = parameter("gamma", given["scale"], 1.0, given["trainable"])
    averages = [parameter(n, True, 0.0, False) for n in ("moving_mean", "moving_variance")]
    epsilon, training = given["epsilon"], given["is_training"]
    outputs, mean, variance = smart_cond(
        training,
        lambda: fused_batch_norm(images, gamma, beta, epsilon=epsilon, data_format=order),
        lambda: fused_batch_norm(
            images, gamma, beta, averages[0], averages[1], epsilon, order, is_training=False
        ),
    )
    if known(training) is not False:
        updates = Updates(averages, (mean, variance), given["decay"], zero_debias)
        if updates_collections is None:
            (outputs,) = _tuple(updates.forced(training, (outputs,), (outputs,)))
        else:
            updates.kept(training, updates_collections)
    outputs.set_shape(images.shape)
    if original.shape.ndims == 2:
        outputs = array.reshape(outputs, array.shape(original))
    return outputs


def _tuple(found: Any) -> tuple[Any, ...]:
    """What a cond of one tensor gives back, which is the tensor itself, as it is without one."""
    return found if isinstance(found, tuple) else (found,)
