"""Recurrent layers: a cell along a sequence.

Source: tensorflow.python.keras.layers.recurrent of 1.15.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np

from graphscope.graph import nest
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras import backend
from graphscope.keras.base_layer import InputSpec, Layer
from graphscope.keras.configured import configured
from graphscope.keras.layers.arguments import arguments_of
from graphscope.keras.layers.cells import (
    GRUCell,
    LSTMCell,
    SimpleRNNCell,
    StackedRNNCells,
    _as_given,
    _as_sizes,
    _build,
    _first_states,
    _has_several,
    _output_size,
)
from graphscope.keras.layers.lessons import no_sequence
from graphscope.keras.utils.objects import has_arg
from graphscope.ops import array
from graphscope.ops.state import assign
from graphscope.rnn.sizes import flat_sizes, map_sizes

Kind = TypeVar("Kind", bound=type)

_HOW_TO_SAY_THE_BATCH = (
    "If a RNN is stateful, it needs to know its batch size. Specify the batch size of your input "
    "tensors:\n- If using a Sequential model, specify the batch size by passing a "
    "`batch_input_shape` argument to your first layer.\n- If using the functional API, specify the "
    "batch size by passing a `batch_shape` argument to your Input layer."
)
_HOW_TO_SAY_THE_STEPS = (
    "Cannot unroll a RNN if the time dimension is undefined.\n- If using a Sequential model, "
    "specify the time dimension by passing an `input_shape` or `batch_input_shape` argument to "
    "your first layer. If your first layer is an Embedding, you can also use the `input_length` "
    "argument.\n- If using the functional API, specify the time dimension by passing a `shape` or "
    "`batch_shape` argument to your Input layer."
)


class RNN(Layer):
    """A cell, or cells one on the other, along a sequence.

    inputs: [batch, steps, ...], or [steps, batch, ...] when `time_major`, or a tuple of such. The
    result: the last output [batch, units], or all of them [batch, steps, units] when
    `return_sequences`; in a list with the last states when `return_state`. go_backwards: the last
    step comes first, also in the result. stateful: a batch begins with the states of the batch
    before it; see `reset_states`. unroll: nodes for each step in place of a loop. When it is
    called, initial_state: the states to begin with; constants: tensors that a cell gets in each
    step. A step that does not count, by the mask, changes nothing. Source: tf.keras.layers.RNN.
    Errors: ValueError for what is no cell, for other numbers or sizes of states, and for an unknown
    number of steps that are unrolled.
    """

    told: tuple[str, ...] = (
        "return_sequences",
        "return_state",
        "go_backwards",
        "stateful",
        "unroll",
    )

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        time_major: bool = False,
        **kwargs: Any,
    ) -> None:
        if isinstance(cell, list | tuple):
            cell = StackedRNNCells(cell)
        if not hasattr(cell, "call"):
            raise ValueError("`cell` should have a `call` method. The RNN was passed:", cell)
        if not hasattr(cell, "state_size"):
            raise ValueError(
                "The RNN cell should have an attribute `state_size` (tuple of integers, one "
                "integer per RNN state)."
            )
        self.zero_output_for_mask = kwargs.pop("zero_output_for_mask", False)
        if "input_shape" not in kwargs and ("input_dim" in kwargs or "input_length" in kwargs):
            kwargs["input_shape"] = (
                kwargs.pop("input_length", None),
                kwargs.pop("input_dim", None),
            )
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.time_major = time_major
        self.supports_masking = True
        self.state_spec: Any = None
        self.constants_spec: Any = None
        self._states: Any = None
        self._num_constants = 0

    # ---- states ----

    @property
    def states(self) -> Any:
        """The variables of a stateful layer, in the nesting of the states; None for each before."""
        if self._states is not None:
            return self._states
        nothing = map_sizes(lambda _: None, self.cell.state_size)
        return nothing if nest.is_sequence(nothing) else [nothing]

    @states.setter
    def states(self, states: Any) -> None:
        self._states = states

    @property
    def _own(self) -> list[Any]:
        states = nest.flatten(self._states)
        return [v for v in super()._own if not any(v is state for state in states)]

    def get_initial_state(self, inputs: Any) -> list[Any]:
        """What the cell begins with, for as many sequences as these inputs have."""
        first = nest.flatten(inputs)[0]
        batch = array.shape(first)[1 if self.time_major else 0]
        found = _first_states(self.cell, None, batch, first.dtype)
        return list(found) if nest.is_sequence(found) else [found]

    def reset_states(self, states: Any = None) -> None:
        """Let the next batch begin with zeros, or with these arrays.

        Errors: AttributeError for a layer that keeps no states; ValueError for an unknown batch
        size and for arrays that do not fit.
        """
        if not self.stateful:
            raise AttributeError("Layer must be stateful.")
        known = self.input_spec[0].shape if self.input_spec else None
        batch = known[1 if self.time_major else 0] if known else None
        sizes = [size for state in flat_sizes(self.cell.state_size) for size in _as_sizes(state)]
        if not batch or None in sizes:
            raise ValueError(_HOW_TO_SAY_THE_BATCH)
        if self._states is None:
            made = map_sizes(
                lambda size: backend.zeros([batch, *_as_sizes(size)]), self.cell.state_size
            )
            self._states = made if nest.is_sequence(made) else [made]
        elif states is None:
            for state in nest.flatten(self._states):
                backend.set_value(state, np.zeros(state.shape.as_list()))
        else:
            self._set_states(nest.flatten(self._states), nest.flatten(states), states)

    def _set_states(self, own: list[Any], values: list[Any], given: Any) -> None:
        if len(values) != len(own):
            raise ValueError(
                f"Layer {self.name} expects {len(own)} states, but it received {len(values)} state "
                f"values. Input received: {given}"
            )
        for i, (state, value) in enumerate(zip(own, values, strict=True)):
            if tuple(value.shape) != tuple(state.shape.as_list()):
                raise ValueError(
                    f"State {i} is incompatible with layer {self.name}: expected "
                    f"shape={tuple(state.shape.as_list())}, found shape={value.shape}"
                )
        backend.batch_set_value(list(zip(own, values, strict=True)))

    # ---- shapes ----

    def build(self, input_shape: Any) -> None:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        specs = _of_shapes(self._spec, shape)
        self.input_spec = [specs, *(self.input_spec or [None])[1:]]
        _build(self.cell, _of_shapes(self._step_shape, shape))
        sizes = self.cell.state_size
        sizes = list(sizes) if _has_several(sizes) else [sizes]
        if self.state_spec is not None:
            self._check_states(sizes)
        else:
            self.state_spec = map_sizes(
                lambda size: InputSpec(shape=[None, *_as_sizes(size)]), sizes
            )
        if self.stateful:
            self.reset_states()
        self.built = True

    def _spec(self, sizes: list[Any]) -> InputSpec:
        batch, time = (1, 0) if self.time_major else (0, 1)
        sizes[time] = None
        if not self.stateful:
            sizes[batch] = None
        return InputSpec(shape=tuple(sizes))

    def _step_shape(self, sizes: list[Any]) -> tuple[Any, ...]:
        return tuple(sizes[1:] if self.time_major else [sizes[0], *sizes[2:]])

    def _check_states(self, sizes: list[Any]) -> None:
        specs, wanted = nest.flatten(self.state_spec), flat_sizes(sizes)
        fit = len(specs) == len(wanted) and all(
            as_shape(spec.shape[1:]).is_compatible_with(TensorShape(_as_sizes(size)))
            for spec, size in zip(specs, wanted, strict=True)
        )
        if not fit:
            raise ValueError(
                "An `initial_state` was passed that is not compatible with `cell.state_size`. "
                f"Received `state_spec`={self.state_spec}; however `cell.state_size` is {sizes}"
            )

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output; with return_state a list of it and the shapes of the states."""
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        batch, time, *_ = nest.flatten(_of_shapes(TensorShape, shape))[0].as_list()
        if self.time_major:
            batch, time = time, batch
        before = [time, batch] if self.time_major else [batch, time]
        before = before if self.return_sequences else [batch]
        output_sizes, state_sizes = self._sizes(shape)
        outputs = [TensorShape([*before, *_as_sizes(size)]) for size in output_sizes]
        if self.return_state:
            return outputs + [TensorShape([batch, *_as_sizes(size)]) for size in state_sizes]
        return outputs[0] if len(outputs) == 1 else outputs

    def _sizes(self, shape: Any) -> tuple[list[Any], list[Any]]:
        """The sizes of outputs and of states in one step, for a shape of the input."""
        return flat_sizes(_output_size(self.cell)), flat_sizes(self.cell.state_size)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        first = nest.flatten(mask)[0]
        found = first if self.return_sequences else None
        return [found, *(None for _ in nest.flatten(self.states))] if self.return_state else found

    # ---- calling ----

    def __call__(  # type: ignore[override]
        self, inputs: Any, initial_state: Any = None, constants: Any = None, **kwargs: Any
    ) -> Any:
        """The output, and the states when asked for.

        Errors: ValueError when some of the states and constants are tensors of layers, and some
        are not.
        """
        inputs, initial_state, constants = _separated(
            inputs, initial_state, constants, self._num_constants
        )
        if initial_state is None and constants is None:
            return super().__call__(inputs, **kwargs)
        specs = self._specs_of(initial_state, constants)
        more = [*(initial_state or []), *(constants or [])]
        if not _of_layers(more, "The initial state or constants of an RNN layer"):
            given = {"initial_state": initial_state, "constants": constants}
            kwargs.update({name: value for name, value in given.items() if value is not None})
            return super().__call__(inputs, **kwargs)
        # They are inputs then, so that a model finds the layers that they come from.
        self.input_spec = [nest.map_structure(lambda _: InputSpec(), inputs), *specs]
        output = super().__call__([inputs, *more], **kwargs)
        self.input_spec = self.input_spec[: -len(specs)]
        return output

    def _check(self, tensors: Any) -> None:
        try:
            super()._check(tensors)
        except ValueError as error:
            raise no_sequence(error, self, tensors[0]) from None

    def _specs_of(self, initial_state: Any, constants: Any) -> list[Any]:
        """What is known of the states and the constants; the layer remembers it."""
        specs: list[Any] = []
        if initial_state is not None:
            self.state_spec = nest.map_structure(_spec_of, initial_state)
            specs += self.state_spec
        if constants is not None:
            self.constants_spec = [_spec_of(constant) for constant in constants]
            self._num_constants = len(constants)
            specs += self.constants_spec
        return specs

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: Any = None,
        initial_state: Any = None,
        constants: Any = None,
    ) -> Any:
        if hasattr(self.cell, "forget_masks"):
            self.cell.forget_masks()
        whole = inputs
        inputs, initial_state, constants = self._begun(inputs, initial_state, constants)
        steps = nest.flatten(inputs)[0].shape[0 if self.time_major else 1].value
        if self.unroll and steps is None:
            raise ValueError(_HOW_TO_SAY_THE_STEPS)
        last, outputs, states = backend.rnn(
            self._step(training, constants),
            inputs,
            initial_state,
            constants=constants,
            go_backwards=self.go_backwards,
            mask=nest.flatten(mask)[0],
            **self._way(inputs),
        )
        if self.stateful:
            pairs = zip(nest.flatten(self.states), nest.flatten(states), strict=True)
            self.add_update([assign(state, new) for state, new in pairs], inputs=whole)
        output = outputs if self.return_sequences else last
        if not self.return_state:
            return output
        return [*(output if isinstance(output, list) else [output]), *states]

    def _begun(self, inputs: Any, initial_state: Any, constants: Any) -> tuple[Any, Any, Any]:
        """The inputs alone, the states to begin with, and the constants."""
        if isinstance(inputs, list):
            count = len(inputs) - self._num_constants
            if self._num_constants:
                constants = inputs[count:]
            inputs, initial_state = inputs[0], inputs[1:count] or None
        if initial_state is None:
            initial_state = self.states if self.stateful else self.get_initial_state(inputs)
        if len(initial_state) != len(self.states):
            raise ValueError(
                f"Layer has {len(self.states)} states but was passed {len(initial_state)} initial "
                "states."
            )
        return inputs, initial_state, constants

    def _step(self, training: Any, constants: Any) -> Callable[[Any, Any], tuple[Any, Any]]:
        """A step of the cell, for `backend.rnn`."""
        more = {"training": training} if has_arg(self.cell.call, "training") else {}
        count = len(constants or ())
        if count and not has_arg(self.cell.call, "constants"):
            raise ValueError("RNN cell does not support constants")

        def step(inputs: Any, states: Any) -> tuple[Any, Any]:
            if count:
                more["constants"] = states[-count:]
                states = states[:-count]
            output, new = self.cell.call(inputs, _as_given(self.cell, states), **more)
            return output, new if nest.is_sequence(new) else [new]

        return step

    def _way(self, inputs: Any) -> dict[str, Any]:
        """In which way `backend.rnn` goes along the inputs."""
        return {
            "unroll": self.unroll,
            "time_major": self.time_major,
            "zero_output_for_mask": self.zero_output_for_mask,
        }

    # ---- telling ----

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in (*RNN.told, "time_major")}
        told = {**super().get_config(), **own}
        if self._num_constants:
            told["num_constants"] = self._num_constants
        if self.zero_output_for_mask:
            told["zero_output_for_mask"] = self.zero_output_for_mask
        cell = {"class_name": type(self.cell).__name__, "config": self.cell.get_config()}
        return {**told, "cell": cell}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        from graphscope.keras.layers import deserialize

        rest = {k: v for k, v in config.items() if k not in ("cell", "num_constants")}
        layer = cls(deserialize(config["cell"], custom_objects), **rest)
        layer._num_constants = config.get("num_constants", 0)
        return layer


def _of_shapes(function: Callable[[list[Any]], Any], shape: Any) -> Any:
    """What the function makes of the sizes of one shape, or of each of a nesting of shapes."""
    if isinstance(shape, TensorShape):
        return function(shape.as_list())
    if isinstance(shape, dict):
        return {name: _of_shapes(function, item) for name, item in shape.items()}
    if any(isinstance(item, TensorShape | tuple | list | dict) for item in shape):
        return tuple(_of_shapes(function, item) for item in shape)
    return function(as_shape(shape).as_list())


def _spec_of(tensor: Any) -> InputSpec:
    return InputSpec(shape=backend.int_shape(tensor))


def _separated(inputs: Any, initial_state: Any, constants: Any, count: int) -> tuple[Any, Any, Any]:
    """Inputs, states and constants, which may come in one list: [inputs, *states, *constants]."""
    if isinstance(inputs, list):
        if count:
            inputs, constants = inputs[:-count], inputs[-count:]
        inputs, initial_state = inputs[0], inputs[1:] or None
    return inputs, _list_of(initial_state), _list_of(constants)


def _list_of(given: Any) -> Any:
    if given is None or isinstance(given, list):
        return given
    return list(given) if isinstance(given, tuple) else [given]


def _of_layers(tensors: Any, what: str) -> bool:
    """Whether layers made these tensors. Errors: ValueError when they made some of them."""
    made = {backend.is_keras_tensor(tensor) for tensor in nest.flatten(tensors)}
    if len(made) > 1:
        raise ValueError(
            f"{what} cannot be specified with a mix of Keras tensors and non-Keras tensors (a "
            '"Keras tensor" is a tensor that was returned by a Keras layer, or by `Input`)'
        )
    return made.pop()


# ---- layers of one cell ------------------------------------------------------------------------

_OF_SEQUENCES = {
    "return_sequences": False,
    "return_state": False,
    "go_backwards": False,
    "stateful": False,
    "unroll": False,
}


def _along_a_sequence(
    cell: type, last: str, arguments: dict[str, Any] = _OF_SEQUENCES, ndim: int = 3
) -> Callable[[Kind], Kind]:
    """For a subclass of `RNN`: its arguments are those of the cell and of `RNN`, and what was told
    to the cell can be read of the layer.

    last: behind which argument of the cell those of `RNN` come. ndim: the rank of the input.
    """
    own = list(cell.told)  # type: ignore[attr-defined]
    more: Any = {"bias_regularizer": {"activity_regularizer": None}, last: arguments}
    signature = arguments_of(cell.__init__, more)  # type: ignore[misc]

    def of(kind: Kind) -> Kind:
        def made(self: Any, *args: Any, **kwargs: Any) -> None:
            bound = signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            given, rest = bound.arguments, bound.arguments.pop("kwargs")
            given.pop("self")
            made_of = {name: given.pop(name) for name in own}
            inner = cell(**made_of, dtype=rest.get("dtype"))
            RNN.__init__(self, inner, **given, **rest)
            self.input_spec = [InputSpec(ndim=ndim)]

        made.__signature__ = signature  # type: ignore[attr-defined]
        kind.__init__ = made  # type: ignore[misc]
        for name in own:
            setattr(kind, name, property(attrgetter(f"cell.{name}")))
        return kind

    return of


class _OfOneCell(RNN):
    """A layer that makes its cell itself: what makes it again are the arguments of the cell."""

    def get_config(self) -> dict[str, Any]:
        return {name: told for name, told in super().get_config().items() if name != "cell"}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        old = config.get("implementation") == 0
        return cls(**{**config, "implementation": 1} if old else config)


@configured()
@_along_a_sequence(SimpleRNNCell, last="recurrent_dropout")
class SimpleRNN(_OfOneCell):
    """A layer whose output in one step is part of its input in the next: see `SimpleRNNCell`, and
    `RNN` for the arguments about sequences. Source: tf.keras.layers.SimpleRNN.
    """


@configured()
@_along_a_sequence(GRUCell, last="implementation")
class GRU(_OfOneCell):
    """Gated recurrent units: see `GRUCell`, and `RNN` for the arguments about sequences.

    Source: tf.keras.layers.GRU.
    """


@configured()
@_along_a_sequence(LSTMCell, last="implementation")
class LSTM(_OfOneCell):
    """Long short-term memory: see `LSTMCell`, and `RNN` for the arguments about sequences.

    Source: tf.keras.layers.LSTM.
    """


class CuDNNGRU(_OfOneCell):
    """A GRU that only runs on a GPU of NVIDIA. Errors: NotImplementedError."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        raise NotImplementedError(
            "CuDNNGRU runs only on a GPU with the library cuDNN. GRU(units, "
            "recurrent_activation='sigmoid', reset_after=True) computes the same here."
        )


class CuDNNLSTM(_OfOneCell):
    """An LSTM that only runs on a GPU of NVIDIA. Errors: NotImplementedError."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        raise NotImplementedError(
            "CuDNNLSTM runs only on a GPU with the library cuDNN. LSTM(units, "
            "recurrent_activation='sigmoid') computes the same here."
        )
