"""Training steps of tf.contrib.training and tf.contrib.slim, and hyperparameters with names."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import get_default_graph
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.scopes import name_scope
from graphscope.ops.checks import check_numerics
from graphscope.ops.clipping import clip_by_norm, global_norm
from graphscope.ops.control_flow import no_op, with_dependencies
from graphscope.ops.math import multiply
from graphscope.ops.summary import histogram, scalar
from graphscope.ops.variable_lists import trainable_variables
from graphscope.ops.variables import GraphKeys
from graphscope.platform import logging
from graphscope.train.global_step import get_or_create_global_step
from graphscope.train.optimizer import Optimizer

__all__ = [
    "HParams",
    "add_gradients_summaries",
    "clip_gradient_norms",
    "clip_gradient_norms_fn",
    "create_train_op",
    "multiply_gradients",
]

#: What stands for the graph's own counter of steps, where None stands for no counter.
_OF_THE_GRAPH = object()


def _changed(gradient: Any, change: Callable[[Any], Any]) -> Any:
    """The gradient with its values changed, also where it is of some rows."""
    if isinstance(gradient, IndexedSlices):
        return IndexedSlices(change(gradient.values), gradient.indices, gradient.dense_shape)
    return change(gradient)


def _times(number: Any, values: Any) -> Any:
    return multiply(values, number)


def clip_gradient_norms(gradients_to_variables: Any, max_norm: Any) -> list[Any]:
    """The pairs, each gradient scaled down to be no longer than `max_norm`.

    Source: tf.contrib.training.clip_gradient_norms.
    """
    return [
        (g if g is None else _changed(g, lambda x: clip_by_norm(x, max_norm)), v)
        for g, v in gradients_to_variables
    ]


def clip_gradient_norms_fn(max_norm: Any) -> Callable[[Any], list[Any]]:
    """`clip_gradient_norms` as a function of the pairs."""
    return lambda gradients_to_variables: clip_gradient_norms(gradients_to_variables, max_norm)


def multiply_gradients(grads_and_vars: Any, gradient_multipliers: Any) -> list[Any]:
    """The pairs, gradients multiplied by the numbers for their variables or these names.

    Source: tf.contrib.training.multiply_gradients. Errors: ValueError for what is no list, no
    dict or an empty one, and for a variable without a gradient.
    """
    if not isinstance(grads_and_vars, list):
        raise ValueError("`grads_and_vars` must be a list.")
    if not gradient_multipliers:
        raise ValueError("`gradient_multipliers` is empty.")
    if not isinstance(gradient_multipliers, dict):
        raise ValueError("`gradient_multipliers` must be a dict.")
    multiplied = []
    for gradient, var in grads_and_vars:
        factor = gradient_multipliers.get(var, gradient_multipliers.get(var.op.name))
        if factor is not None:
            if gradient is None:
                raise ValueError("Requested multiple of `None` gradient.")
            number = convert_to_tensor(factor, gradient.dtype)
            gradient = _changed(gradient, functools.partial(_times, number))
        multiplied.append((gradient, var))
    return multiplied


def add_gradients_summaries(grads_and_vars: Any) -> list[Any]:
    """A histogram and the length of each gradient. Source: tf.contrib.training."""
    summaries = []
    for gradient, var in grads_and_vars:
        if gradient is None:
            logging.info("Var %s has no gradient", var.op.name)
            continue
        values = gradient.values if isinstance(gradient, IndexedSlices) else gradient
        summaries.append(histogram(f"{var.op.name}_gradient", values))
        summaries.append(scalar(f"{var.op.name}_gradient_norm", global_norm([values])))
    return summaries


def create_train_op(
    total_loss: Any,
    optimizer: Optimizer,
    global_step: Any = _OF_THE_GRAPH,
    update_ops: Any = None,
    variables_to_train: Sequence[Any] | None = None,
    transform_grads_fn: Callable[[Any], Any] | None = None,
    summarize_gradients: bool = False,
    gate_gradients: int = Optimizer.GATE_OP,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    check_numerics: bool = True,
) -> Any:
    """A tensor of the loss whose run is a step of training, with all update operations before.

    global_step: counts the steps; that of the graph when left out, None for none. update_ops: those
    of GraphKeys.UPDATE_OPS when left out. transform_grads_fn: of the pairs of gradients and
    variables. check_numerics: stops the run where the loss is infinite or no number.
    Source: tf.contrib.training.create_train_op.
    """
    if global_step is _OF_THE_GRAPH:
        global_step = get_or_create_global_step()
    graph = get_default_graph()
    known = list(dict.fromkeys(graph.get_collection(GraphKeys.UPDATE_OPS)))
    updates = known if update_ops is None else list(dict.fromkeys(update_ops))
    if not set(known) <= set(updates):
        logging.warning(
            "update_ops in create_train_op does not contain all the update_ops in "
            "GraphKeys.UPDATE_OPS"
        )
    if updates:
        with graph.control_dependencies(updates):
            barrier = no_op(name="update_barrier")
        total_loss = with_dependencies([barrier], total_loss)
    chosen = trainable_variables() if variables_to_train is None else list(variables_to_train)
    grads = optimizer.compute_gradients(
        total_loss, chosen, gate_gradients, aggregation_method, colocate_gradients_with_ops
    )
    if transform_grads_fn:
        grads = transform_grads_fn(grads)
    if summarize_gradients:
        with name_scope("summarize_grads"):
            add_gradients_summaries(grads)
    step = optimizer.apply_gradients(grads, global_step=global_step)
    with name_scope("train_op"):
        if check_numerics:
            total_loss = _check(total_loss, "LossTensor is inf or nan")
        train_op = with_dependencies([step], total_loss)
    if train_op not in graph.get_collection(GraphKeys.TRAIN_OP):
        graph.add_to_collection(GraphKeys.TRAIN_OP, train_op)
    return train_op


_check = check_numerics


class HParams:
    """Named numbers, texts and lists of them, as attributes: ``HParams(rate=0.1, sizes=[5, 3])``.

    Source: tf.contrib.training.HParams. Errors: ValueError for a name that it has, an empty list,
    a value of another type, or text that cannot be read.
    """

    def __init__(self, hparam_def: Any = None, model_structure: Any = None, **values: Any) -> None:
        self._kinds: dict[str, tuple[type, bool]] = {}
        self._model_structure = model_structure
        for name, value in values.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """One more, of the type of its first value. Errors: ValueError, see the class."""
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        many = isinstance(value, list | tuple)
        if many and not value:
            raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
        self._kinds[name] = (type(value[0] if many else value), many)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Another value, cast to the type of the first. Errors: KeyError, ValueError."""
        kind, many = self._kinds[name]
        if isinstance(value, list) != many:
            raise ValueError(
                f"Must pass a list for multi-valued parameter: {name}."
                if many
                else f"Must not pass a list for single-valued parameter: {name}"
            )
        new = [_cast(name, kind, v) for v in value] if many else _cast(name, kind, value)
        setattr(self, name, new)

    def del_hparam(self, name: str) -> None:
        if hasattr(self, name):
            delattr(self, name)
            del self._kinds[name]

    def parse(self, values: str) -> HParams:
        """Values from a text such as ``rate=0.1,sizes=[5,3],name=x``; returns itself."""
        return self.override_from_dict(_parsed(values, self._kinds))

    def parse_json(self, values_json: str) -> HParams:
        return self.override_from_dict(json.loads(values_json))

    def override_from_dict(self, values_dict: Mapping[str, Any]) -> HParams:
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._kinds}

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or the default. Errors: ValueError for a default of another type."""
        if key not in self._kinds:
            return default
        kind, many = self._kinds[key]
        if default is not None and (
            isinstance(default, list) != many
            or not all(isinstance(d, kind) for d in (default if many else [default]))
        ):
            raise ValueError(f"Type of the default {default!r} is not that of hparam {key!r}.")
        return getattr(self, key)

    def get_model_structure(self) -> Any:
        return self._model_structure

    def set_model_structure(self, model_structure: Any) -> None:
        self._model_structure = model_structure

    def to_json(self, indent: Any = None, separators: Any = None, sort_keys: bool = False) -> str:
        return json.dumps(self.values(), indent=indent, separators=separators, sort_keys=sort_keys)

    def __contains__(self, key: str) -> bool:
        return key in self._kinds

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.values().items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sorted(self.values().items())})"


def _cast(name: str, kind: type, value: Any) -> Any:
    """The value in this type, where nothing of it is lost."""
    wrong = ValueError(f"Could not cast hparam '{name}' of type '{kind}' from value {value!r}")
    if issubclass(kind, type(None)):
        return value
    if issubclass(kind, str) != isinstance(value, str):
        raise wrong
    if issubclass(kind, bool) != isinstance(value, bool):
        raise wrong
    if issubclass(kind, int) and not isinstance(value, int):
        raise wrong
    cast: Any = kind
    return cast(value)


#: A name, perhaps the place of one element, and a value or a list of values.
_ENTRY = re.compile(r"\s*(\w+)\s*(?:\[\s*(\d+)\s*\])?\s*=\s*(?:\[([^\]]*)\]|([^,\[]*))\s*(?:,|$)")


def _parsed(text: str, kinds: Mapping[str, tuple[type, bool]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    place = 0
    while place < len(text):
        match = _ENTRY.match(text, place)
        if match is None:
            raise ValueError(f"Malformed hyperparameter value: {text[place:]}")
        place = match.end()
        name, _, many, one = match.groups()
        if name not in kinds:
            raise ValueError(f"Unknown hyperparameter type for {name}")
        kind, _ = kinds[name]
        if many is None:
            found[name] = _read(name, kind, one)
        else:
            words = [word for word in many.split(",") if word.strip()]
            found[name] = [_read(name, kind, word) for word in words]
    return found


def _read(name: str, kind: type, word: str) -> Any:
    wrong = ValueError(
        f"Could not parse hparam '{name}' of type '{kind.__name__}' with value {word!r}"
    )
    word = word.strip()
    if kind is bool:
        known = {"true": True, "1": True, "false": False, "0": False}
        if word.lower() not in known:
            raise wrong
        return known[word.lower()]
    cast: Any = kind
    try:
        return cast(word)
    except ValueError:
        raise wrong from None
