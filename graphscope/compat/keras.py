"""The modules of Keras: tensorflow.keras, tensorflow.python.keras, and keras by itself."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from graphscope import keras
from graphscope.compat.plot_model import plot_model
from graphscope.keras import backend, history, input_layer, layers, losses, models, network, utils
from graphscope.keras.datasets import (
    boston_housing,
    cifar10,
    cifar100,
    fashion_mnist,
    imdb,
    mnist,
    reuters,
)
from graphscope.keras.layers import (
    cells,
    convolution,
    convolutional_recurrent,
    core,
    depthwise,
    embeddings,
    functions,
    merge,
    normalization,
    pooling,
    rectifiers,
    recurrent,
    wrappers,
)
from graphscope.keras.metrics import choices, confusion
from graphscope.keras.optimizers import descent, moments, schedules
from graphscope.keras.preprocessing import image, sequence, text
from graphscope.keras.spellings import sizes_one_by_one
from graphscope.keras.utils import arrays, inner, objects, sequences
from graphscope.keras.wrappers import scikit_learn
from graphscope.layers import utils as layer_utils


def _own(module: ModuleType) -> dict[str, Any]:
    """What a module defines, and the other names that it has for it."""
    return {
        name: value
        for name, value in vars(module).items()
        if name[0] != "_" and getattr(value, "__module__", "") == module.__name__
    }


def _shown(module: ModuleType) -> dict[str, Any]:
    """What a module has under a name without an underscore, from wherever it is in the package."""
    return {
        name: value
        for name, value in vars(module).items()
        if name[0] != "_" and getattr(value, "__module__", "").startswith("graphscope.")
    }


def _public(module: ModuleType) -> dict[str, Any]:
    return {name: getattr(module, name) for name in module.__all__}


_LAYERS = {
    **layers.PUBLIC,
    "deserialize": layers.deserialize,
    "serialize": layers.serialize,
}
_MODELS = {name: getattr(models, name) for name in models.__all__}
_ENGINE = {name: _LAYERS[name] for name in ("Input", "InputLayer", "InputSpec", "Layer")}
_TOP = {"Input": keras.Input, "Model": keras.Model, "Sequential": keras.Sequential}
_UTILS = {**_shown(utils), "plot_model": plot_model}
_OPTIMIZERS: dict[str, dict[str, Any]] = {
    **{f"optimizer_v2.{k.__name__.lower()}": {k.__name__: k} for k in keras.optimizers.KINDS},
    "optimizer_v2.gradient_descent": {"SGD": descent.SGD},
    "optimizer_v2.learning_rate_schedule": _own(schedules),
    "optimizer_v2.optimizer_v2": {
        **_own(moments),
        "OptimizerV2": keras.optimizers.OptimizerV2,
    },
}
_GENERIC: dict[str, Any] = {
    **_UTILS,
    **_own(objects),
    **_own(arrays),
    **_own(inner),
    "Progbar": utils.Progbar,
}
_LOSSES: dict[str, Any] = {
    **{name: getattr(losses, name) for name in ("compute_weighted_loss", "reduce_weighted_loss")},
    "ReductionV2": losses.Reduction,
}
_COUNTING: dict[str, Any] = {
    **_own(choices),
    "parse_init_thresholds": confusion.thresholds_of,
}

#: By the module's name below the root.
_ROOMS: dict[str, dict[str, Any]] = {
    "": {**_TOP, "__version__": keras.__version__},
    "backend": _shown(backend),
    "datasets": {},
    **{
        f"datasets.{module.__name__.rpartition('.')[2]}": _own(module)
        for module in (boston_housing, cifar10, cifar100, fashion_mnist, imdb, mnist, reuters)
    },
    "engine": {**_ENGINE, **_TOP},
    "engine.base_layer": _ENGINE,
    "engine.input_layer": _own(input_layer),
    "engine.network": {"Network": network.Network, "Node": history.Node},
    "engine.node": {"Node": history.Node},
    "engine.sequential": _TOP,
    "engine.input_spec": _ENGINE,
    "engine.topology": {**_ENGINE, **_TOP},
    "engine.training": _TOP,
    "layers": _LAYERS,
    "layers.advanced_activations": _own(rectifiers),
    "layers.convolutional": {**_own(convolution), **_own(depthwise), **_own(pooling)},
    "layers.convolutional_recurrent": _own(convolutional_recurrent),
    "layers.core": {**_own(core), **_own(functions)},
    "layers.embeddings": _own(embeddings),
    "layers.merge": _own(merge),
    "layers.noise": _own(rectifiers),
    "layers.normalization": _own(normalization),
    "layers.pooling": _own(pooling),
    "layers.recurrent": {**_own(cells), **_own(recurrent)},
    "layers.wrappers": _own(wrappers),
    "models": _MODELS,
    "optimizers.schedules": _own(schedules),
    "preprocessing": {},
    "preprocessing.image": _own(image),
    "preprocessing.sequence": _own(sequence),
    "preprocessing.text": _own(text),
    "utils": _UTILS,
    **_OPTIMIZERS,
    "utils.conv_utils": _public(layer_utils),
    "utils.data_utils": {**_own(sequences), "get_file": utils.get_file},
    "utils.generic_utils": _GENERIC,
    "utils.losses_utils": _LOSSES,
    "utils.metrics_utils": _COUNTING,
    "utils.np_utils": _UTILS,
    "utils.tf_utils": {**_GENERIC, **_public(layer_utils)},
    "utils.vis_utils": {"plot_model": plot_model},
    "utils.visualize_util": {"plot": plot_model, "plot_model": plot_model},
    "wrappers": {},
    "wrappers.scikit_learn": _own(scikit_learn),
    **{
        name: _shown(getattr(keras, name))
        for name in (
            "activations",
            "callbacks",
            "constraints",
            "initializers",
            "losses",
            "metrics",
            "optimizers",
            "regularizers",
        )
    },
}
_ROOMS["objectives"] = _ROOMS["losses"]

#: What differs in keras by itself: the window of a convolution may be numbers in a row (Keras 1).
_CONVOLUTIONS = {
    name: sizes_one_by_one(kind, rank)
    for rank, kind in (
        (2, convolution.Conv2D),
        (2, convolution.Conv2DTranspose),
        (3, convolution.Conv3D),
    )
    for name, known in _LAYERS.items()
    if known is kind
}
_ALONE = {
    "layers": {**_LAYERS, **_CONVOLUTIONS},
    "layers.convolutional": {**_ROOMS["layers.convolutional"], **_CONVOLUTIONS},
}

#: Everything under each of the names that scripts import it by.
KERAS: dict[str, dict[str, Any]] = {
    f"{root}.{name}".rstrip("."): contents
    for root in ("tensorflow.keras", "tensorflow.python.keras", "tensorflow.contrib.keras", "keras")
    for name, contents in {**_ROOMS, **(_ALONE if root == "keras" else {})}.items()
}
