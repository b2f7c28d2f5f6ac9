"""Models and weights in files: HDF5 as Keras writes it (with h5py), and models as JSON.

Source: tensorflow.python.keras.saving of 1.15.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.keras import backend, losses, optimizers
from graphscope.keras.history import Node, made_by
from graphscope.platform import logging

VERSION = "2.2.4-tf"

_SUFFIXES = (".h5", ".keras", ".hdf5")


def _h5py(what: str) -> Any:
    try:
        import h5py  # type: ignore[import-untyped]
    except ImportError:
        raise ImportError(
            f"`{what}` requires h5py: pip install h5py. Without it, weights can be kept by "
            "model.get_weights() and numpy.savez."
        ) from None
    return h5py


def plain(value: Any) -> Any:
    """A value as JSON can keep it. Errors: TypeError."""
    if hasattr(value, "get_config"):
        return {"class_name": type(value).__name__, "config": value.get_config()}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if callable(value):
        return value.__name__
    raise TypeError("Not JSON Serializable:", value)


# ---- how a network is connected ----------------------------------------------------------------


def config_of(model: Any) -> dict[str, Any]:
    """The layers of a network, with what each call took: [layer, call, output, arguments]."""
    kept = {id(node) for node in model._nodes}
    numbers: dict[int, int] = {}
    for layer in model.layers:
        for node in layer.calls:
            if id(node) in kept:
                earlier = [n for n in layer.calls if id(n) in numbers]
                numbers[id(node)] = len(earlier) + _own_call(layer)

    def place(tensor: Any, *more: Any) -> list[Any]:
        made = made_by(tensor)
        assert made is not None
        return [made.layer.name, numbers[id(made.node)], made.tensor_index, *more]

    def taken(node: Node) -> list[Any]:
        told = _arguments(node)
        return [place(tensor, told) for tensor in nest.flatten(node.inputs)]

    layers = [
        {
            "name": layer.name,
            "class_name": type(layer).__name__,
            "config": layer.get_config(),
            "inbound_nodes": [taken(n) for n in layer.calls if id(n) in numbers and n.tensors_in],
        }
        for layer in model.layers
    ]
    return {
        "name": model.name,
        "layers": layers,
        "input_layers": [place(tensor) for tensor in model.inputs],
        "output_layers": [place(tensor) for tensor in model.outputs],
    }


def _own_call(layer: Any) -> int:
    """A model that was connected has one call that no other layer made."""
    return 1 if getattr(layer, "is_graph_network", False) else 0


def _arguments(node: Node) -> dict[str, Any]:
    try:
        json.dumps(node.arguments, default=plain)
    except TypeError:
        logging.warning(
            f"Layer {node.layer.name} was passed non-serializable keyword arguments: "
            f"{node.arguments}. They will not be included in the serialized model (and thus will "
            "be missing at deserialization time)."
        )
        return {}
    if any(is_tensor_like(value) for value in nest.flatten(node.arguments)):
        return {}
    return node.arguments


def network_of(kind: Any, config: dict[str, Any], custom_objects: Any = None) -> Any:
    """The network that `config_of` told. Errors: ValueError for layers that nobody knows."""
    from graphscope.keras.layers import deserialize

    made: dict[str, Any] = {}
    waiting: list[tuple[Any, int, list[Any]]] = []
    for told in config["layers"]:
        layer = made[told["name"]] = deserialize(told, custom_objects)
        nodes = enumerate(told["inbound_nodes"])
        waiting += [(layer, number + _own_call(layer), taken) for number, taken in nodes]
    while waiting:
        later = []
        for layer, number, taken in waiting:
            ready = len(layer.calls) == number and all(len(made[t[0]].calls) > t[1] for t in taken)
            if not ready:
                later.append((layer, number, taken))
                continue
            tensors = [_output(made, place) for place in taken]
            layer(
                tensors[0] if len(tensors) == 1 else tensors,
                **(taken[0][3] if len(taken[0]) > 3 else {}),
            )
        if len(later) == len(waiting):
            names = sorted({layer.name for layer, _, _ in later})
            raise ValueError(f"These layers take what no layer of the configuration gives: {names}")
        waiting = later
    inputs = [_output(made, place) for place in config["input_layers"]]
    outputs = [_output(made, place) for place in config["output_layers"]]
    return kind(_one(inputs), _one(outputs), name=config.get("name"))


def _output(made: dict[str, Any], place: Any) -> Any:
    return nest.flatten(made[place[0]].calls[place[1]].outputs)[place[2]]


def _one(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors


def model_from_config(config: Any, custom_objects: Any = None) -> Any:
    """A model by its configuration, without weights. Source: tf.keras.models.model_from_config."""
    from graphscope.keras.layers import deserialize

    if isinstance(config, list):
        raise TypeError(
            "`model_from_config` expects a dictionary, not a list. Maybe you meant to use "
            "`Sequential.from_config(config)`?"
        )
    return deserialize(config, custom_objects)


def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
    """A model by the text of `to_json`, without weights."""
    return model_from_config(json.loads(json_string), custom_objects)


def clone_model(model: Any, input_tensors: Any = None, clone_function: Any = None) -> Any:
    """A model like this one, with layers and weights of its own.

    Source: tf.keras.models.clone_model.
    Errors: ValueError for subclassed models and for other inputs.
    """
    if not model.is_graph_network or input_tensors is not None or clone_function is not None:
        raise ValueError(
            f"Expected `model` argument to be a functional or Sequential model, got {model}, and "
            "no other inputs or functions."
        )
    return type(model).from_config(model.get_config())


# ---- weights -----------------------------------------------------------------------------------


def _may_write(filepath: str, overwrite: bool) -> bool:
    if overwrite or not os.path.isfile(filepath):
        return True
    answer = ""
    while answer not in ("y", "n"):
        answer = input(f"[WARNING] {filepath} already exists - overwrite? [y/n]").strip().lower()
    return answer == "y"


def save_weights(model: Any, filepath: str, overwrite: bool, save_format: str | None) -> None:
    """The weights in a file: HDF5 for .h5, .hdf5 and .keras or with save_format="h5".

    Errors: ImportError without h5py; ValueError for a model without weights.
    """
    if not model.built:
        raise ValueError(
            f"Weights for model {model.name} have not yet been created. Weights are created when "
            "the Model is first called on inputs or `build()` is called with an `input_shape`."
        )
    form = save_format or ("h5" if filepath.endswith(_SUFFIXES) else "tf")
    if form in ("tf", "tensorflow"):
        raise NotImplementedError(
            "save_weights: TensorFlow's own object checkpoints are not written here. Name the file "
            "with .h5 for HDF5, or save the variables by tf.train.Saver()."
        )
    if _may_write(filepath, overwrite):
        with _h5py("save_weights").File(filepath, "w") as file:
            _write_layers(file, model.layers)


def _write_layers(group: Any, layers: list[Any]) -> None:
    group.attrs["layer_names"] = [layer.name.encode() for layer in layers]
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = VERSION.encode()
    for layer in layers:
        own = group.create_group(layer.name)
        weights = _in_file_order(layer)
        own.attrs["weight_names"] = [weight.name.encode() for weight in weights]
        for weight, value in zip(weights, backend.batch_get_value(weights), strict=True):
            own.create_dataset(weight.name, data=value)


def _in_file_order(layer: Any) -> list[Any]:
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def load_weights(model: Any, filepath: str, by_name: bool) -> None:
    """Weights from an HDF5 file, in the layers' order or by their names.

    Errors: ValueError for a file of another model; ImportError without h5py.
    """
    if not model.built:
        raise ValueError(
            "Unable to load weights saved in HDF5 format into a subclassed Model which has not "
            "created its variables yet. Call the Model first, then load the weights."
        )
    with _h5py("load_weights").File(filepath, "r") as file:
        group = file["model_weights"] if "layer_names" not in file.attrs else file
        _read_layers(group, model.layers, by_name)


def _texts(values: Any) -> list[str]:
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values]


def _read_layers(group: Any, layers: list[Any], by_name: bool) -> None:
    names = _texts(group.attrs["layer_names"])
    saved = {name: _texts(group[name].attrs["weight_names"]) for name in names}
    if by_name:
        pairs = [(layer, layer.name) for layer in layers if layer.name in saved]
    else:
        with_weights = [layer for layer in layers if layer.weights]
        kept = [name for name in names if saved[name]]
        if len(kept) != len(with_weights):
            raise ValueError(
                f"You are trying to load a weight file containing {len(kept)} layers into a model "
                f"with {len(with_weights)} layers."
            )
        pairs = list(zip(with_weights, kept, strict=True))
    found: list[tuple[Any, Any]] = []
    for layer, name in pairs:
        weights = _in_file_order(layer)
        values = [np.asarray(group[name][weight]) for weight in saved[name]]
        if len(values) != len(weights):
            raise ValueError(
                f'Layer "{layer.name}" in the current model expects {len(weights)} weights, but '
                f'the saved layer "{name}" has {len(values)}.'
            )
        for weight, value in zip(weights, values, strict=True):
            if tuple(weight.shape.as_list()) != value.shape:
                raise ValueError(
                    f'Layer "{layer.name}": {weight.name} has shape {weight.shape}, the saved one '
                    f"{value.shape}."
                )
        found += zip(weights, values, strict=True)
    backend.batch_set_value(found)


# ---- whole models ------------------------------------------------------------------------------


def save_model(
    model: Any, filepath: str, overwrite: bool = True, include_optimizer: bool = True, **_: Any
) -> None:
    """Layers, weights, and how the model is trained, in an HDF5 file.

    Source: tf.keras.models.save_model. Errors: NotImplementedError for subclassed models;
    ImportError without h5py.
    """
    if not model.is_graph_network:
        raise NotImplementedError(
            "Saving the model to HDF5 format requires the model to be a Functional model or a "
            "Sequential model. It does not work for subclassed models, because such models are "
            "defined via the body of a Python method, which isn't safely serializable."
        )
    if not _may_write(filepath, overwrite):
        return
    with _h5py("save_model").File(filepath, "w") as file:
        told = {"class_name": type(model).__name__, "config": model.get_config()}
        file.attrs["model_config"] = json.dumps(told, default=plain).encode()
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = VERSION.encode()
        _write_layers(file.create_group("model_weights"), model.layers)
        if include_optimizer and model.is_compiled:
            file.attrs["training_config"] = json.dumps(_training(model), default=plain).encode()
            _write_optimizer(file, model.optimizer)


def _training(model: Any) -> dict[str, Any]:
    asked = model._asked
    return {
        "optimizer_config": optimizers.serialize(model.optimizer),
        "loss": asked["loss"],
        "metrics": asked["metrics"],
        "weighted_metrics": asked["weighted_metrics"],
        "sample_weight_mode": asked["sample_weight_mode"],
        "loss_weights": asked["loss_weights"],
    }


def _write_optimizer(file: Any, optimizer: Any) -> None:
    weights = getattr(optimizer, "weights", [])
    if weights:
        group = file.create_group("optimizer_weights")
        group.attrs["weight_names"] = [weight.name.encode() for weight in weights]
        for weight, value in zip(weights, backend.batch_get_value(weights), strict=True):
            group.create_dataset(weight.name, data=value)


def load_model(filepath: str, custom_objects: Any = None, compile: bool = True) -> Any:
    """The model of `save_model`, with its weights, compiled as it was.

    custom_objects: classes and functions by the names that the file has for them.
    Source: tf.keras.models.load_model. Errors: ValueError for a file that holds no model.
    """
    with _h5py("load_model").File(filepath, "r") as file:
        if "model_config" not in file.attrs:
            raise ValueError("No model found in config file.")
        model = model_from_config(json.loads(file.attrs["model_config"]), custom_objects)
        _read_layers(file["model_weights"], model.layers, False)
        if compile and "training_config" in file.attrs:
            told = json.loads(file.attrs["training_config"])
            optimizer = optimizers.deserialize(told.pop("optimizer_config"), custom_objects)
            found = _known(custom_objects or {})
            model.compile(optimizer, **{name: found(value) for name, value in told.items()})
            _read_optimizer(file, model)
        return model


def _known(custom_objects: dict[str, Any]) -> Callable[[Any], Any]:
    """For names in losses and metrics, the custom objects of these names."""

    def known(value: Any) -> Any:
        if isinstance(value, list):
            return [known(item) for item in value]
        if isinstance(value, dict) and "class_name" in value:
            return losses.deserialize(value, custom_objects)
        if isinstance(value, dict):
            return {key: known(item) for key, item in value.items()}
        return custom_objects.get(value, value) if isinstance(value, str) else value

    return known


def _read_optimizer(file: Any, model: Any) -> None:
    if "optimizer_weights" not in file:
        return
    model._ready.function("train")  # makes the slots
    group = file["optimizer_weights"]
    values = [np.asarray(group[name]) for name in _texts(group.attrs["weight_names"])]
    model.optimizer.set_weights(values)
