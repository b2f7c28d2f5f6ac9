"""Looking into checkpoints without a graph."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.graph.dtypes import DType
from graphscope.graph.shapes import TensorShape
from graphscope.ops.checkpoints import Checkpoint
from graphscope.train.checkpoint_state import latest_checkpoint


class NewCheckpointReader:
    """The tensors in a checkpoint of either version.

    filepattern: as `Saver.save` returned it. Source: tf.train.NewCheckpointReader.
    Errors: NotFoundError when there is none, DataLossError when it is damaged.
    """

    def __init__(self, filepattern: Any) -> None:
        self._checkpoint = Checkpoint(os.fsdecode(os.fspath(filepattern)))

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The shape of each tensor, by its name."""
        return {name: list(held.shape) for name, held in self._checkpoint.held.items()}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """The type of each tensor, by its name."""
        return {name: held.dtype for name, held in self._checkpoint.held.items()}

    def has_tensor(self, tensor_str: str) -> bool:
        return tensor_str in self._checkpoint.held

    def get_tensor(self, tensor_str: str) -> Any:
        """The value of a tensor. Errors: NotFoundError without one of that name."""
        value = self._checkpoint.value(tensor_str)
        return value if value.ndim else value[()]

    def debug_string(self) -> bytes:
        """A line for each tensor: name, type and shape."""
        lines = (
            f"{name} (DT_{_word(held.dtype)}) {TensorShape(held.shape).short}\n"
            for name, held in self._checkpoint.held.items()
        )
        return "".join(lines).encode()


def _word(dtype: DType) -> str:
    words = {"float16": "HALF", "float32": "FLOAT", "float64": "DOUBLE"}
    return words.get(dtype.name, dtype.name.upper())


def load_checkpoint(ckpt_dir_or_file: Any) -> NewCheckpointReader:
    """A reader of a checkpoint, or of the newest in a folder. Source: tf.train.load_checkpoint.

    Errors: ValueError for a folder without one.
    """
    path = os.fsdecode(os.fspath(ckpt_dir_or_file))
    if os.path.isdir(path):
        newest = latest_checkpoint(path)
        if newest is None:
            raise ValueError(
                f"Couldn't find 'checkpoint' file or checkpoints in given directory {path}"
            )
        path = newest
    return NewCheckpointReader(path)


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """Names and shapes of what is in a checkpoint, by name. Source: tf.train.list_variables."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def load_variable(ckpt_dir_or_file: Any, name: str) -> NDArray[Any] | np.generic:
    """The value of one tensor in a checkpoint. Source: tf.train.load_variable."""
    value: NDArray[Any] | np.generic = load_checkpoint(ckpt_dir_or_file).get_tensor(
        name.removesuffix(":0")
    )
    return value
