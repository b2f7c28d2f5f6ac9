"""`RNNCell`: what a recurrent network does in one step, from an input and a state to the next."""

from __future__ import annotations

from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.dtypes import as_dtype
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.layers.base import Layer
from graphscope.ops.array import shape
from graphscope.ops.partitions import PartitionedVariable
from graphscope.ops.variable_scope import get_variable_scope, variable_scope
from graphscope.rnn.sizes import zero_states


def assert_like_rnncell(cell_name: str, cell: Any) -> None:
    """Errors: TypeError for what cannot stand for a cell, with what it lacks."""
    has = {
        "'output_size' property is missing": _has(cell, "output_size"),
        "'state_size' property is missing": _has(cell, "state_size"),
        "either 'zero_state' or 'get_initial_state' method is required": (
            _has(cell, "get_initial_state") or _has(cell, "zero_state")
        ),
        "is not callable": callable(cell),
    }
    lacking = [what for what, there in has.items() if not there]
    if lacking:
        raise TypeError(
            f"The argument {cell_name!r} ({cell}) is not an RNNCell: {', '.join(lacking)}."
        )


def _has(cell: Any, name: str) -> bool:
    try:
        return hasattr(cell, name)
    except NotImplementedError:
        return True


def check_floating(dtype: Any) -> None:
    """Errors: ValueError for a type without fractions."""
    if dtype is None:
        return
    found = as_dtype(dtype)
    if not (found.is_floating or found.is_complex):
        raise ValueError(f"RNN cell only supports floating point inputs, but saw dtype: {found}")


class RNNCell(Layer):
    """A step of a recurrent network: ``output, next_state = cell(input, state)``.

    Subclasses say `state_size` (a number, a shape, or a nesting of such), `output_size` and
    `call`. Source: tf.nn.rnn_cell.RNNCell.
    """

    def __init__(
        self, trainable: bool = True, name: Any = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(trainable=trainable, name=name, dtype=dtype, **kwargs)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:  # type: ignore[override]
        """The output and the next state.

        inputs: [batch, size]. state: [batch, state_size], or a nesting of such. scope: of the
        variables; the open one when left out.
        """
        if scope is not None:
            with variable_scope(scope, custom_getter=self._kept_variable) as opened:
                return super().__call__(inputs, state, scope=opened)
        known = vars(self)
        if "_rnn_scope" not in known:
            self._rnn_scope = get_variable_scope()
        with variable_scope(self._rnn_scope, custom_getter=self._kept_variable):
            return super().__call__(inputs, state)

    def _kept_variable(self, getter: Any, *args: Any, **kwargs: Any) -> Any:
        """The variable; it counts as one of the cell."""
        variable = getter(*args, **kwargs)
        parts = list(variable) if isinstance(variable, PartitionedVariable) else [variable]
        for part in parts:
            if not any(part is known for known in self._made):
                self._made.append(part)
        return variable

    @property
    def state_size(self) -> Any:
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self) -> Any:
        raise NotImplementedError("Abstract method")

    def build(self, input_shape: Any) -> None:
        """The variables, where they are not made by `call`."""

    def get_initial_state(
        self, inputs: Any = None, batch_size: Any = None, dtype: Any = None
    ) -> Any:
        """Zeros for the batch of the inputs, or of this size and type.

        Errors: ValueError when they do not fit each other, or neither is given.
        """
        if inputs is not None:
            inputs = convert_to_tensor(inputs, name="inputs")
            known = inputs.shape[0].value
            if batch_size is not None:
                tensor = isinstance(batch_size, Tensor)
                given = constant_value(batch_size) if tensor else batch_size
                if known != given:
                    raise ValueError(
                        "batch size from input tensor is different from the input param. Input "
                        f"tensor batch: {known}, batch_size: {batch_size}"
                    )
            if dtype is not None and inputs.dtype != dtype:
                raise ValueError(
                    "dtype from input tensor is different from the input param. Input tensor "
                    f"dtype: {inputs.dtype}, dtype: {dtype}"
                )
            batch_size, dtype = known or shape(inputs)[0], inputs.dtype
        if batch_size is None or dtype is None:
            raise ValueError(
                "batch_size and dtype cannot be None while constructing initial state: "
                f"batch_size={batch_size}, dtype={dtype}"
            )
        return self.zero_state(batch_size, dtype)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Zeros of [batch_size, state_size], in the nesting of the state."""
        with name_scope(f"{type(self).__name__}ZeroState", None, [batch_size]):
            return zero_states(self.state_size, batch_size, dtype)


class LayerRNNCell(RNNCell):
    """A cell that makes its variables in `build`, and keeps the names of its layer."""

    def __call__(  # type: ignore[override]
        self, inputs: Any, state: Any, scope: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        return Layer.__call__(self, inputs, state, *args, scope=scope, **kwargs)

    def _input_size(self, input_shape: Any) -> int:
        """How wide the input is. Errors: ValueError when it is not known."""
        last = input_shape[-1].value
        if last is None:
            raise ValueError(f"Expected inputs.shape[-1] to be known, saw shape: {input_shape}")
        check_floating(self.dtype)
        return int(last)

    @staticmethod
    def _check_types(*values: Any) -> None:
        for value in nest.flatten(values):
            check_floating(value.dtype)
