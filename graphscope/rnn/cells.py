"""The cells: BasicRNNCell, GRUCell, BasicLSTMCell, LSTMCell, and MultiRNNCell of several."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from graphscope.graph import nest
from graphscope.graph.dtypes import int32
from graphscope.graph.scopes import name_scope
from graphscope.layers.base import InputSpec, Layer
from graphscope.layers.named import activation_of, initializer_of
from graphscope.ops.array import constant
from graphscope.ops.bias import bias_add
from graphscope.ops.clipping import clip_by_value
from graphscope.ops.initializers import Constant, Zeros
from graphscope.ops.joining import concat, slice_, split
from graphscope.ops.linalg import matmul
from graphscope.ops.math import add, multiply, sigmoid, tanh
from graphscope.ops.partitions import fixed_size_partitioner
from graphscope.ops.variable_scope import variable_scope
from graphscope.rnn.base import LayerRNNCell, RNNCell, check_floating


class LSTMStateTuple(namedtuple("LSTMStateTuple", ("c", "h"))):
    """The state of an LSTM: what is kept, and what is put out. Source:
    tf.nn.rnn_cell.LSTMStateTuple."""

    __slots__ = ()

    @property
    def dtype(self) -> Any:
        """Errors: TypeError when the two differ."""
        c, h = self
        if c.dtype != h.dtype:
            raise TypeError(f"Inconsistent internal state: {c.dtype} vs {h.dtype}")
        return c.dtype


class _Units(LayerRNNCell):
    """A cell of so many units, with an activation, whose inputs are [batch, size]."""

    def __init__(
        self, num_units: int, activation: Any, reuse: Any, name: Any, dtype: Any, **kwargs: Any
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        check_floating(self.dtype)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._activation = activation_of(activation) if activation else tanh

    @property
    def state_size(self) -> Any:
        return self._num_units

    @property
    def output_size(self) -> Any:
        return self._num_units


class BasicRNNCell(_Units):
    """activation([input, state] @ kernel + bias). Source: tf.nn.rnn_cell.BasicRNNCell."""

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: Any = None,
        name: Any = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)

    def build(self, input_shape: Any) -> None:
        units = self._num_units
        self._kernel = self.add_weight("kernel", [self._input_size(input_shape) + units, units])
        self._bias = self.add_weight("bias", [units], initializer=Zeros(dtype=self.dtype))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        self._check_types(inputs, state)
        weighted = matmul(concat([inputs, state], 1), self._kernel)
        output = self._activation(bias_add(weighted, self._bias))
        return output, output


class GRUCell(_Units):
    """A gated recurrent unit: http://arxiv.org/abs/1406.1078. Source: tf.nn.rnn_cell.GRUCell."""

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: Any = None,
        kernel_initializer: Any = None,
        bias_initializer: Any = None,
        name: Any = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._kernel_initializer = initializer_of(kernel_initializer)
        self._bias_initializer = initializer_of(bias_initializer)

    def build(self, input_shape: Any) -> None:
        units = self._num_units
        height = self._input_size(input_shape) + units
        given = self._bias_initializer
        self._gate_kernel = self.add_weight(
            "gates/kernel", [height, 2 * units], initializer=self._kernel_initializer
        )
        self._gate_bias = self.add_weight(
            "gates/bias",
            [2 * units],
            initializer=Constant(1.0, dtype=self.dtype) if given is None else given,
        )
        self._candidate_kernel = self.add_weight(
            "candidate/kernel", [height, units], initializer=self._kernel_initializer
        )
        self._candidate_bias = self.add_weight(
            "candidate/bias",
            [units],
            initializer=Zeros(dtype=self.dtype) if given is None else given,
        )
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        self._check_types(inputs, state)
        gates = matmul(concat([inputs, state], 1), self._gate_kernel)
        value = sigmoid(bias_add(gates, self._gate_bias))
        r, u = split(value=value, num_or_size_splits=2, axis=1)
        r_state = r * state
        candidate = matmul(concat([inputs, r_state], 1), self._candidate_kernel)
        c = self._activation(bias_add(candidate, self._candidate_bias))
        new = u * state + (1 - u) * c
        return new, new


class BasicLSTMCell(_Units):
    """A long short-term memory: http://arxiv.org/abs/1409.2329.

    forget_bias: added to the forget gate. state_is_tuple: the state is an `LSTMStateTuple`, else
    both side by side. Source: tf.nn.rnn_cell.BasicLSTMCell.
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: Any = None,
        name: Any = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        units = self._num_units
        return LSTMStateTuple(units, units) if self._state_is_tuple else 2 * units

    def build(self, input_shape: Any) -> None:
        units = self._num_units
        height = self._input_size(input_shape) + units
        self._kernel = self.add_weight("kernel", [height, 4 * units])
        self._bias = self.add_weight("bias", [4 * units], initializer=Zeros(dtype=self.dtype))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        self._check_types(inputs, state)
        one = constant(1, int32)
        c, h = state if self._state_is_tuple else split(state, 2, one)
        gates = bias_add(matmul(concat([inputs, h], 1), self._kernel), self._bias)
        i, j, f, o = split(value=gates, num_or_size_splits=4, axis=one)
        forget_bias = constant(self._forget_bias, f.dtype)
        kept = multiply(c, sigmoid(add(f, forget_bias)))
        new_c = add(kept, multiply(sigmoid(i), self._activation(j)))
        new_h = multiply(self._activation(new_c), sigmoid(o))
        if self._state_is_tuple:
            return new_h, LSTMStateTuple(new_c, new_h)
        return new_h, concat([new_c, new_h], 1)


class LSTMCell(_Units):
    """A long short-term memory: https://research.google.com/pubs/archive/43905.pdf.

    use_peepholes: the gates see what is kept. cell_clip, proj_clip: the largest size of what is
    kept, and of what is projected. num_proj: the width of a projection of the output.
    num_unit_shards, num_proj_shards: into how many parts the variables are cut.
    Source: tf.nn.rnn_cell.LSTMCell.
    """

    def __init__(
        self,
        num_units: int,
        use_peepholes: bool = False,
        cell_clip: float | None = None,
        initializer: Any = None,
        num_proj: int | None = None,
        proj_clip: float | None = None,
        num_unit_shards: int | None = None,
        num_proj_shards: int | None = None,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: Any = None,
        name: Any = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._use_peepholes = use_peepholes
        self._cell_clip = cell_clip
        self._initializer = initializer_of(initializer)
        self._num_proj = num_proj
        self._proj_clip = proj_clip
        self._num_unit_shards = num_unit_shards
        self._num_proj_shards = num_proj_shards
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        both = (self._num_units, self.output_size)
        return LSTMStateTuple(*both) if self._state_is_tuple else sum(both)

    @property
    def output_size(self) -> Any:
        return self._num_proj or self._num_units

    def build(self, input_shape: Any) -> None:
        units = self._num_units
        self._kernel = self.add_weight(
            "kernel",
            [self._input_size(input_shape) + self.output_size, 4 * units],
            initializer=self._initializer,
            partitioner=_cut(self._num_unit_shards),
        )
        self._bias = self.add_weight("bias", [4 * units], initializer=Zeros(dtype=self.dtype))
        if self._use_peepholes:
            self._f_diag, self._i_diag, self._o_diag = self._peepholes()
        if self._num_proj is not None:
            self._proj_kernel = self.add_weight(
                "projection/kernel",
                [units, self._num_proj],
                initializer=self._initializer,
                partitioner=_cut(self._num_proj_shards),
            )
        self.built = True

    def _peepholes(self) -> list[Any]:
        """What the gates f, i and o see of what is kept."""
        return [self._peephole(gate) for gate in "fio"]

    def _peephole(self, gate: str) -> Any:
        return self.add_weight(f"w_{gate}_diag", [self._num_units], initializer=self._initializer)

    def call(self, inputs: Any, state: Any) -> Any:
        self._check_types(inputs, state)
        if self._state_is_tuple:
            c, m = state
        else:
            c = slice_(state, [0, 0], [-1, self._num_units])
            m = slice_(state, [0, self._num_units], [-1, self.output_size])
        gates = bias_add(matmul(concat([inputs, m], 1), self._kernel), self._bias)
        i, j, f, o = split(value=gates, num_or_size_splits=4, axis=1)
        if self._use_peepholes:
            kept = sigmoid(f + self._forget_bias + self._f_diag * c) * c
            new_c = kept + sigmoid(i + self._i_diag * c) * self._activation(j)
        else:
            kept = sigmoid(f + self._forget_bias) * c
            new_c = kept + sigmoid(i) * self._activation(j)
        if self._cell_clip is not None:
            new_c = clip_by_value(new_c, -self._cell_clip, self._cell_clip)
        seen = o + self._o_diag * new_c if self._use_peepholes else o
        new_m = self._projected(sigmoid(seen) * self._activation(new_c))
        if self._state_is_tuple:
            return new_m, LSTMStateTuple(new_c, new_m)
        return new_m, concat([new_c, new_m], 1)

    def _projected(self, output: Any) -> Any:
        if self._num_proj is None:
            return output
        output = matmul(output, self._proj_kernel)
        if self._proj_clip is not None:
            output = clip_by_value(output, -self._proj_clip, self._proj_clip)
        return output


def _cut(parts: int | None) -> Any:
    return None if parts is None else fixed_size_partitioner(parts)


class MultiRNNCell(RNNCell):
    """Several cells on top of each other, under the names cell_0, cell_1...

    state_is_tuple: the state is a tuple of their states, else one beside the other.
    Errors: ValueError for no cell, TypeError for what is no list. Source:
    tf.nn.rnn_cell.MultiRNNCell.
    """

    def __init__(self, cells: Any, state_is_tuple: bool = True) -> None:
        super().__init__()
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        if not nest.is_sequence(cells):
            raise TypeError(f"cells must be a list or tuple, but saw: {cells}.")
        self._cells = cells
        self._state_is_tuple = state_is_tuple
        if not state_is_tuple and any(nest.is_sequence(cell.state_size) for cell in cells):
            raise ValueError(
                "Some cells return tuples of states, but the flag state_is_tuple is not set.  "
                f"State sizes are: {[cell.state_size for cell in cells]}"
            )

    @property
    def state_size(self) -> Any:
        sizes = tuple(cell.state_size for cell in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        return self._cells[-1].output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The zero states of the cells."""
        with name_scope(f"{type(self).__name__}ZeroState", None, [batch_size]):
            if not self._state_is_tuple:
                return super().zero_state(batch_size, dtype)
            return tuple(cell.zero_state(batch_size, dtype) for cell in self._cells)

    @property
    def trainable_variables(self) -> list[Any]:
        return self._of_cells("trainable_variables") if self.trainable else []

    @property
    def non_trainable_variables(self) -> list[Any]:
        found = self._of_cells("non_trainable_variables")
        return found if self.trainable else self._of_cells("trainable_variables") + found

    def _of_cells(self, attribute: str) -> list[Any]:
        layers = [cell for cell in self._cells if isinstance(cell, Layer)]
        return [variable for cell in layers for variable in getattr(cell, attribute)]

    def call(self, inputs: Any, state: Any) -> Any:
        at, current, states = 0, inputs, []
        for i, cell in enumerate(self._cells):
            with variable_scope(f"cell_{i}"):
                if not self._state_is_tuple:
                    own = slice_(state, [0, at], [-1, cell.state_size])
                    at += cell.state_size
                elif nest.is_sequence(state):
                    own = state[i]
                else:
                    raise ValueError(
                        f"Expected state to be a tuple of length {len(self.state_size)}, but "
                        f"received: {state}"
                    )
                current, new = cell(current, own)
                states.append(new)
        return current, (tuple(states) if self._state_is_tuple else concat(states, 1))
