"""Variables that begin with the values of a checkpoint, under the same names or others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from graphscope.errors import Lesson, did_you_mean, teach
from graphscope.graph.graph import Operation, get_default_graph
from graphscope.ops import saving
from graphscope.ops.control_flow import group
from graphscope.ops.graph_keys import GraphKeys
from graphscope.ops.partitions import PartitionedVariable
from graphscope.platform import logging
from graphscope.train.checkpoint_reader import NewCheckpointReader, load_checkpoint
from graphscope.train.saver import Saver


def init_from_checkpoint(ckpt_dir_or_file: Any, assignment_map: Any) -> None:
    """From now on the initializers of these variables take the values of a checkpoint.

    assignment_map: names in the checkpoint, each with a variable, its name or a list of its parts;
    ``"scope/": "other/"`` for all variables of a scope.
    Errors: ValueError for a name that is not in the checkpoint, or a value of another shape.
    Source: tf.train.init_from_checkpoint.
    """
    reader = load_checkpoint(ckpt_dir_or_file)
    path = reader._checkpoint.prefix
    for stored, variable in _pairs(reader, assignment_map):
        parts = list(variable) if isinstance(variable, list | PartitionedVariable) else [variable]
        for part in parts:
            _begin_with(part, path, stored, reader)
            logging.info(
                "Initialize variable %s from checkpoint %s with %s", part.name, path, stored
            )


def _pairs(reader: NewCheckpointReader, assignment_map: Any) -> Iterator[tuple[str, Any]]:
    """Names in the checkpoint, with the variables that take the values."""
    found = assignment_map.items() if isinstance(assignment_map, Mapping) else assignment_map
    shapes = reader.get_variable_to_shape_map()
    for stored, wanted in found:
        if not isinstance(wanted, str):
            yield _known(stored, shapes, reader), wanted
        elif not stored.endswith("/"):
            yield _known(stored, shapes, reader), _variable(wanted)
        else:
            scope = wanted if wanted.endswith("/") or not wanted else f"{wanted}/"
            yield from _in_scope(stored.removeprefix("/"), scope.removeprefix("/"), shapes)


def _known(stored: str, shapes: Mapping[str, Any], reader: NewCheckpointReader) -> str:
    if stored not in shapes:
        error = ValueError(
            f"Tensor {stored} is not found in {reader._checkpoint.prefix} checkpoint {shapes}"
        )
        raise teach(error, Lesson(hint=[did_you_mean(stored, shapes)]))
    return stored


def _variables() -> dict[str, Any]:
    """The variables of the default graph, by their names; parts of one together."""
    found: dict[str, Any] = {}
    for variable in get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES):
        part = variable._get_save_slice_info()
        if part is None:
            found[variable._shared_name] = variable
        else:
            found.setdefault(part.full_name, []).append(variable)
    return found


def _variable(name: str) -> Any:
    found = _variables()
    if name not in found:
        hint = did_you_mean(name, found)
        raise teach(ValueError(f"Variable {name} is not found in the graph"), Lesson(hint=[hint]))
    return found[name]


def _in_scope(stored: str, scope: str, shapes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, variable in _variables().items():
        if name.startswith(scope):
            other = stored + name.removeprefix(scope)
            if other not in shapes:
                raise ValueError(
                    f"Tensor {name} ({other} in {stored}) is not found in the checkpoint"
                )
            yield other, variable


def _begin_with(variable: Any, path: str, stored: str, reader: NewCheckpointReader) -> None:
    """Give a variable an initializer that takes the stored value."""
    part = variable._get_save_slice_info()
    whole = list(part.full_shape) if part is not None else variable.shape.as_list()
    found = reader.get_variable_to_shape_map()[stored]
    if list(found) != list(whole):
        raise ValueError(
            f"Shape of variable {variable.name} ({whole}) doesn't match with shape of tensor "
            f"{stored} ({found}) from checkpoint reader."
        )
    with variable.graph.as_default(), variable.graph.device("/device:CPU:0"):
        spec = "" if part is None else part.spec
        (value,) = saving.restore_v2(
            path, [stored], [spec], [variable.dtype.base_dtype], name="checkpoint_initializer"
        )
        value.set_shape(variable.shape)
        written = variable.assign(value, read_value=False)
    variable._initializer = written
    variable._initial_value = value


# ---- of tf.contrib.framework --------------------------------------------------------------------


def assign_from_values(var_names_to_values: Mapping[str, Any]) -> tuple[Operation, dict[Any, Any]]:
    """An operation that sets variables, and what to feed it: values by the variables' names.

    Errors: ValueError for a name of no variable. Source: tf.contrib.framework.assign_from_values.
    """
    graph, feeds, written = get_default_graph(), {}, []
    for name, value in var_names_to_values.items():
        kept = graph.get_collection(GraphKeys.GLOBAL_VARIABLES)
        variable = next((v for v in kept if v._shared_name == name), None)
        if variable is None:
            raise ValueError(f"Variable {name} wasn't found")
        initializer = variable.initializer
        place = graph.as_graph_element(initializer.inputs[1])
        feeds[place] = np.asarray(value).reshape(variable.shape.as_list())
        written.append(initializer)
    return group(*written, name="assign_from_values"), feeds


def assign_from_checkpoint(
    model_path: Any, var_list: Any, ignore_missing_vars: bool = False
) -> tuple[Operation, dict[Any, Any]]:
    """An operation that sets variables to the values of a checkpoint, and what to feed it.

    var_list: variables, or a dictionary of them by their names in the checkpoint.
    ignore_missing_vars: leave out those that the checkpoint does not have.
    Errors: ValueError for one that it does not have, or of another size.
    Source: tf.contrib.framework.assign_from_checkpoint.
    """
    reader = NewCheckpointReader(model_path)
    named = var_list if isinstance(var_list, Mapping) else {v._shared_name: v for v in var_list}
    feeds, written = {}, []
    for name, variable in named.items():
        if not reader.has_tensor(name):
            text = f"Checkpoint is missing variable [{name}]"
            if not ignore_missing_vars:
                raise ValueError(text)
            logging.warning(text)
            continue
        value = np.asarray(reader.get_tensor(name))
        if value.size != (variable.shape.num_elements() or 0):
            raise ValueError(
                f"Total size of new array must be unchanged for {name} lh_shape: "
                f"[{value.shape}], rh_shape: [{tuple(variable.shape.as_list())}]"
            )
        feeds[variable.initializer.inputs[1]] = value.reshape(variable.shape.as_list())
        written.append(variable.initializer)
    return group(*written), feeds


def assign_from_checkpoint_fn(
    model_path: Any,
    var_list: Any,
    ignore_missing_vars: bool = False,
    reshape_variables: bool = False,
) -> Callable[[Any], None] | None:
    """A function of a session that sets its variables to the values of a checkpoint.

    Errors: ValueError without variables. Source: tf.contrib.framework.assign_from_checkpoint_fn.
    """
    if not var_list:
        raise ValueError("var_list cannot be empty")
    if ignore_missing_vars:
        reader = NewCheckpointReader(model_path)
        named = var_list if isinstance(var_list, Mapping) else {v._shared_name: v for v in var_list}
        var_list = {name: v for name, v in named.items() if reader.has_tensor(name)}
        for name in named.keys() - var_list.keys():
            logging.warning("Variable %s missing in checkpoint %s", name, model_path)
    if not var_list:
        logging.warning("No Variables to restore")
        return None
    saver = Saver(var_list, reshape=reshape_variables, write_version=1)
    return lambda session: saver.restore(session, model_path)
