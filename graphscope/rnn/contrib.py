"""Cells and networks of tf.contrib.rnn beside those of tf.nn: projections, blocks, stacks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from graphscope.graph.dtypes import int32
from graphscope.graph.scopes import device
from graphscope.ops.array import constant, reshape
from graphscope.ops.bias import bias_add
from graphscope.ops.embedding import embedding_lookup
from graphscope.ops.initializers import Constant, RandomUniform
from graphscope.ops.joining import concat
from graphscope.ops.linalg import matmul
from graphscope.ops.variable_scope import get_variable, get_variable_scope, variable_scope
from graphscope.rnn.base import RNNCell
from graphscope.rnn.cells import GRUCell, LSTMCell
from graphscope.rnn.dynamic import bidirectional_dynamic_rnn
from graphscope.rnn.static import static_bidirectional_rnn
from graphscope.rnn.wrappers import CellWrapper

__all__ = [
    "EmbeddingWrapper",
    "GRUBlockCell",
    "GRUBlockCellV2",
    "InputProjectionWrapper",
    "LSTMBlockCell",
    "OutputProjectionWrapper",
    "stack_bidirectional_dynamic_rnn",
    "stack_bidirectional_rnn",
]


class Linear:
    """args @ kernel + bias, with the variables of the open scope.

    args: tensors [batch, size], side by side. Source: tensorflow.contrib.rnn's core_rnn_cell.
    """

    def __init__(
        self,
        args: Any,
        output_size: int,
        build_bias: bool,
        bias_initializer: Any = None,
        kernel_initializer: Any = None,
    ) -> None:
        parts = args if isinstance(args, list | tuple) else [args]
        height = sum(int(part.shape[1]) for part in parts)
        dtype = parts[0].dtype
        with variable_scope(get_variable_scope()) as scope:
            self._weights = get_variable(
                "kernel", [height, output_size], dtype=dtype, initializer=kernel_initializer
            )
            self._biases = None
            if build_bias:
                with variable_scope(scope) as inner:
                    inner.set_partitioner(None)
                    self._biases = get_variable(
                        "bias",
                        [output_size],
                        dtype=dtype,
                        initializer=bias_initializer or Constant(0.0, dtype=dtype),
                    )

    def __call__(self, args: Any) -> Any:
        parts = list(args) if isinstance(args, list | tuple) else [args]
        joined = parts[0] if len(parts) == 1 else concat(parts, constant(1, int32))
        found = matmul(joined, self._weights)
        return found if self._biases is None else bias_add(found, self._biases)


class _Around(CellWrapper):
    """A cell around a cell that has variables of its own, under its own name."""

    def __init__(self, cell: Any, reuse: Any = None) -> None:
        super().__init__(cell, _reuse=reuse)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:  # type: ignore[override]
        return RNNCell.__call__(self, inputs, state, scope)

    @property
    def trainable_variables(self) -> list[Any]:
        return [v for v in self._made if v.trainable]

    @property
    def non_trainable_variables(self) -> list[Any]:
        return [v for v in self._made if not v.trainable]


class EmbeddingWrapper(_Around):
    """A cell whose inputs are numbers of rows of a table, int [batch].

    initializer: of the table; numbers between -sqrt(3) and sqrt(3) when left out, also by the
    scope. Source: tf.contrib.rnn.EmbeddingWrapper. Errors: ValueError for sizes below 1.
    """

    def __init__(
        self,
        cell: Any,
        embedding_classes: int,
        embedding_size: int,
        initializer: Any = None,
        reuse: Any = None,
    ) -> None:
        super().__init__(cell, reuse)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError(
                "Both embedding_classes and embedding_size must be > 0: "
                f"{embedding_classes}, {embedding_size}."
            )
        self._sizes = [embedding_classes, embedding_size]
        self._initializer = initializer

    def call(self, inputs: Any, state: Any) -> Any:
        side = math.sqrt(3)
        initializer = self._initializer or get_variable_scope().initializer
        with device("/cpu:0"):
            table = get_variable(
                "embedding",
                self._sizes,
                initializer=initializer or RandomUniform(-side, side),
                dtype=(state[0] if isinstance(state, tuple) else state).dtype,
            )
            return self.cell(embedding_lookup(table, reshape(inputs, [-1])), state)


class InputProjectionWrapper(_Around):
    """A cell whose inputs come through a linear map. Source: tf.contrib.rnn.

    num_proj: their width behind it. activation: applied to them.
    """

    def __init__(
        self,
        cell: Any,
        num_proj: int,
        activation: Callable[[Any], Any] | None = None,
        input_size: Any = None,
        reuse: Any = None,
    ) -> None:
        super().__init__(cell, reuse)
        self._num_proj = num_proj
        self._activation = activation or (lambda x: x)
        self._linear: Linear | None = None

    def call(self, inputs: Any, state: Any) -> Any:
        if self._linear is None:
            self._linear = Linear(inputs, self._num_proj, True)
        return self.cell(self._activation(self._linear(inputs)), state)


class OutputProjectionWrapper(_Around):
    """A cell whose output goes through a linear map. Source:
    tf.contrib.rnn.OutputProjectionWrapper.

    output_size: its width behind it. activation: applied to it.
    Errors: ValueError for a size below 1.
    """

    def __init__(
        self,
        cell: Any,
        output_size: int,
        activation: Callable[[Any], Any] | None = None,
        reuse: Any = None,
    ) -> None:
        super().__init__(cell, reuse)
        if output_size < 1:
            raise ValueError(f"Parameter output_size must be > 0: {output_size}.")
        self._output_size = output_size
        self._activation = activation or (lambda x: x)
        self._linear: Linear | None = None

    @property
    def output_size(self) -> Any:
        return self._output_size

    def call(self, inputs: Any, state: Any) -> Any:
        output, new = self.cell(inputs, state)
        if self._linear is None:
            self._linear = Linear(output, self._output_size, True)
        return self._activation(self._linear(output)), new


class LSTMBlockCell(LSTMCell):
    """An `LSTMCell` under the name that it has as one operation in TensorFlow; here it is made of
    the same operations as the other. Source: tf.contrib.rnn.LSTMBlockCell."""

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        cell_clip: float | None = None,
        use_peephole: bool = False,
        dtype: Any = None,
        reuse: Any = None,
        name: str = "lstm_cell",
    ) -> None:
        clip = None if cell_clip is not None and cell_clip <= 0 else cell_clip
        super().__init__(
            num_units, use_peephole, clip, forget_bias=forget_bias, dtype=dtype, reuse=reuse,
            name=name,
        )  # fmt: skip

    def _peepholes(self) -> list[Any]:
        i, f, o = (self._peephole(gate) for gate in "ifo")  # they are made in this order
        return [f, i, o]


class GRUBlockCellV2(GRUCell):
    """A `GRUCell` under the name that it has as one operation in TensorFlow. Source:
    tf.contrib.rnn.GRUBlockCellV2."""

    def __init__(
        self,
        num_units: int | None = None,
        cell_size: int | None = None,
        reuse: Any = None,
        name: str = "gru_cell",
    ) -> None:
        size = cell_size if num_units is None else num_units
        if size is None:
            raise ValueError("num_units is needed")
        super().__init__(size, reuse=reuse, name=name)


class GRUBlockCell(GRUBlockCellV2):
    """As `GRUBlockCellV2`. Source: tf.contrib.rnn.GRUBlockCell."""


def _checked(cells_fw: Any, cells_bw: Any, states_fw: Any, states_bw: Any) -> list[Any]:
    """For each layer both cells and both states. Errors: ValueError for lists that do not fit."""
    for side, cells in (("fw", cells_fw), ("bw", cells_bw)):
        if not cells:
            raise ValueError(f"Must specify at least one {side} cell for BidirectionalRNN.")
        if not isinstance(cells, list):
            raise ValueError(f"cells_{side} must be a list of RNNCells (one per layer).")
    if len(cells_fw) != len(cells_bw):
        raise ValueError("Forward and Backward cells must have the same depth.")
    for side, states in (("fw", states_fw), ("bw", states_bw)):
        if states is not None and not (isinstance(states, list) and len(states) == len(cells_fw)):
            raise ValueError(
                f"initial_states_{side} must be a list of state tensors (one per layer)."
            )
    none = [None] * len(cells_fw)
    return list(zip(cells_fw, cells_bw, states_fw or none, states_bw or none, strict=True))


def stack_bidirectional_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    initial_states_fw: Any = None,
    initial_states_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> Any:
    """Layers of `static_bidirectional_rnn`, each on the outputs of the one before.

    Returns: the outputs, and the last states of all layers in both directions.
    Source: tf.contrib.rnn.stack_bidirectional_rnn.
    """
    layers = _checked(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    states = []
    with variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (forwards, backwards, state_fw, state_bw) in enumerate(layers):
            with variable_scope(f"cell_{i}") as own:
                inputs, *found = static_bidirectional_rnn(
                    forwards,
                    backwards,
                    inputs,
                    initial_state_fw=state_fw,
                    initial_state_bw=state_bw,
                    sequence_length=sequence_length,
                    dtype=dtype,
                    scope=own,
                )
            states.append(found)
    return inputs, tuple(a for a, _ in states), tuple(b for _, b in states)


def stack_bidirectional_dynamic_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    initial_states_fw: Any = None,
    initial_states_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    parallel_iterations: int | None = None,
    time_major: bool = False,
    scope: Any = None,
    swap_memory: bool = False,
) -> Any:
    """Layers of `bidirectional_dynamic_rnn`, each on both outputs of the one before.

    Returns: the outputs [..., 2 * size], and the last states of all layers in both directions.
    Source: tf.contrib.rnn.stack_bidirectional_dynamic_rnn.
    """
    layers = _checked(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    states = []
    with variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (forwards, backwards, state_fw, state_bw) in enumerate(layers):
            with variable_scope(f"cell_{i}"):
                outputs, found = bidirectional_dynamic_rnn(
                    forwards,
                    backwards,
                    inputs,
                    initial_state_fw=state_fw,
                    initial_state_bw=state_bw,
                    sequence_length=sequence_length,
                    dtype=dtype,
                    swap_memory=swap_memory,
                    time_major=time_major,
                )
                inputs = concat(outputs, 2)
            states.append(found)
    return inputs, tuple(a for a, _ in states), tuple(b for _, b in states)
