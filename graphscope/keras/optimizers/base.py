"""What all optimizers of Keras share: hyper-parameters as variables, slots, one update each.

Source: tensorflow.python.keras.optimizer_v2.optimizer_v2 of 1.15; variables and nodes have its
names: `Adam/learning_rate`, `Adam/iter`, `Adam/dense/kernel/m` inside the scope that the caller
opens.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from graphscope.gradients import gradients
from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.dtypes import FLOATS, DType, float32, int64
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.indexed_slices import IndexedSlices
from graphscope.graph.registry import OPS
from graphscope.keras import backend as K
from graphscope.keras import initializers
from graphscope.keras.optimizers.lessons import behind_no_handle, no_gradient, no_gradients
from graphscope.keras.optimizers.schedules import LearningRateSchedule
from graphscope.keras.optimizers.schedules import deserialize as schedule_of
from graphscope.keras.optimizers.schedules import serialize as written_schedule
from graphscope.ops import apply, array, clipping, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.segment import unsorted_segment_sum
from graphscope.ops.sets import unique
from graphscope.ops.state import is_resource
from graphscope.ops.variables import RefVariable, VariableAggregation, VariableV2
from graphscope.platform import logging

#: The numbers of a step, in the type of the variables that they are used for.
Numbers = dict[str, Any]


def step(type: str, variables: Sequence[Any], *inputs: Any, **attrs: Any) -> Operation:
    """The operation that takes a step. variables: the trained one, and what is kept beside it."""
    places = [variable.handle for variable in variables]
    if type in OPS:
        return apply.take(OPS[type], *places, *inputs, use_locking=True, **attrs)
    return OPS[f"Resource{type}"].node(*places, *inputs, use_locking=True, **attrs)


class Optimizer:
    """The base of optimizers. A subclass makes its slots in `_create_slots`, its numbers in
    `_numbers`, and says how a variable is updated in `_dense`, and how some of its rows are in
    `_rows`.

    name: of the scope. clipnorm, clipvalue: bounds of each gradient's length, of its elements.
    lr: the old name of `learning_rate`. decay: the rate is divided by 1 + decay * iterations.
    Hyper-parameters are read and set as attributes; after the first use each is a variable.
    Errors: TypeError for another argument, ValueError for a negative one.
    """

    #: Hyper-parameters that `get_config` writes down, then plain attributes.
    _hypers: tuple[str, ...] = ()
    _options: tuple[str, ...] = ()

    def __init__(self, name: str, **kwargs: Any) -> None:
        for key, value in kwargs.items():
            if key not in ("clipnorm", "clipvalue", "lr", "decay"):
                raise TypeError(f"Unexpected keyword argument passed to optimizer: {key}")
            if value < 0:
                raise ValueError(f"Expected {key} >= 0, received: {value}")
        self._hyper: dict[str, Any] = {}
        self._slots: dict[str, dict[str, Any]] = {}
        self._slot_names: list[str] = []
        self._weights: list[Any] = []
        self._iterations: Any = None
        self._hypers_created = False
        self._name = name
        self._initial_decay: float = kwargs.get("decay", 0.0)
        for bound in ("clipnorm", "clipvalue"):
            if bound in kwargs:
                setattr(self, bound, kwargs[bound])

    # ---- the way of a step ---------------------------------------------------------------------

    def minimize(
        self, loss: Any, var_list: Any, grad_loss: Any = None, name: str | None = None
    ) -> Operation:
        """An operation that takes one step. loss: a function that makes the loss, as Keras wants.

        Errors: TypeError for a loss that is no function.
        """
        return self.apply_gradients(self._compute_gradients(loss, var_list, grad_loss), name=name)

    def _compute_gradients(self, loss: Any, var_list: Any, grad_loss: Any = None) -> Any:
        if not callable(loss):
            raise TypeError(
                f"{type(loss).__name__!r} object is not callable: an optimizer of Keras wants a "
                "function that makes the loss, `lambda: loss`; or use get_updates(loss, params)"
            )
        value = loss()
        variables = nest.flatten(var_list() if callable(var_list) else var_list)
        with K.name_scope(f"{self._name}/gradients"):
            slopes = self._clipped(gradients(value, variables, grad_loss))
        self._check_types([v for g, v in zip(slopes, variables, strict=True) if g is not None])
        return list(zip(slopes, variables, strict=True))

    def get_gradients(self, loss: Any, params: Any) -> list[Any]:
        """The gradient of the loss by each variable. Errors: ValueError where there is none; it
        says at which operation the gradient ends."""
        variables = nest.flatten(params)
        with K.name_scope(f"{self._name}/gradients"):
            slopes = gradients(loss, variables)
            for slope, variable in zip(slopes, variables, strict=True):
                if slope is None:
                    raise no_gradient(loss, variable)
            return self._clipped(slopes)

    def _clipped(self, slopes: list[Any]) -> list[Any]:
        for bound, clip in (("clipnorm", _by_norm), ("clipvalue", _by_value)):
            most = getattr(self, bound, None)
            if most is not None:
                slopes = [slope if slope is None else clip(slope, most) for slope in slopes]
        return slopes

    def get_updates(self, loss: Any, params: Any) -> list[Operation]:
        """The operation that takes one step, in a list."""
        variables = nest.flatten(params)
        pairs = list(zip(self.get_gradients(loss, variables), variables, strict=True))
        self._check_types(variables)
        return [self.apply_gradients(pairs)]

    def apply_gradients(self, grads_and_vars: Any, name: str | None = None) -> Operation:
        """An operation that updates each variable by its gradient, and counts the iterations.

        Errors: ValueError when there is no gradient at all, AttributeError for a variable that is
        no resource variable.
        """
        pairs = _with_gradients(list(grads_and_vars))
        variables = [variable for _, variable in pairs]
        for variable in variables:
            if isinstance(variable, RefVariable):
                raise behind_no_handle(variable)
        graph = get_default_graph()
        with K.name_scope(self._name):
            with graph.control_dependencies(None):
                self._counter()
                self._create_hypers()
                self._create_slots(variables)
            numbers = self._prepare(variables)
            with K.name_scope(name or self._name):
                updates = []
                for slope, variable in pairs:
                    near = graph.colocate_with(_place(variable))
                    with K.name_scope(f"update_{variable.op.name}"), near:
                        updates.append(self._update(slope, variable, numbers))
                with graph.control_dependencies(updates):
                    counted: Operation = self.iterations.assign_add(1).op
                    return counted

    def _update(self, slope: Any, variable: Any, numbers: dict[DType, Numbers]) -> Any:
        """The operation that updates one variable, and then holds it to its constraint."""
        if isinstance(variable, Tensor):
            raise NotImplementedError("Trying to update a Tensor ", variable)
        own = numbers[variable.dtype.base_dtype]
        if isinstance(slope, IndexedSlices):
            if variable.constraint is not None:
                raise RuntimeError("Cannot use a constraint function on a sparse variable.")
            return self._all_rows(slope.values, variable, slope.indices, own)
        update = self._apply(self._resource_apply_dense, own, slope, variable)
        if variable.constraint is None:
            return update
        with get_default_graph().control_dependencies([update]):
            return variable.assign(variable.constraint(variable)).op

    def _all_rows(self, values: Any, var: Any, rows: Any, own: Numbers) -> Any:
        """The update of some rows; the gradients of a row that comes twice add up."""
        each, places = unique(rows)
        sums = unsorted_segment_sum(values, places, shape_of(each)[0])
        return self._apply(self._resource_apply_sparse, own, sums, var, each)

    # ---- what a subclass says ------------------------------------------------------------------

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        """Make the variables that the method keeps beside each trained one."""

    def _numbers(self, dtype: DType) -> Numbers:
        """The numbers of a step: ``lr_t``, the learning rate, and what else the method needs."""
        if "learning_rate" not in self._hyper:
            return {}
        return {"lr_t": array.identity(self._decayed_lr(dtype))}

    def _dense(self, grad: Any, var: Any, own: Numbers) -> Any:
        """The operation that updates one variable."""
        raise NotImplementedError(f"{type(self).__name__} does not say how a variable is updated")

    def _rows(self, grad: Any, var: Any, indices: Any, own: Numbers) -> Any:
        """The operation that updates some rows of a variable; no row comes twice."""
        raise NotImplementedError(f"{type(self).__name__} does not say how rows are updated")

    # The same in TensorFlow's words, for optimizers that scripts write.

    def _resource_apply_dense(self, grad: Any, handle: Any, apply_state: Any = None) -> Any:
        return self._dense(grad, handle, self._own(handle, apply_state))

    def _resource_apply_sparse(
        self, grad: Any, handle: Any, indices: Any, apply_state: Any = None
    ) -> Any:
        return self._rows(grad, handle, indices, self._own(handle, apply_state))

    def _prepare_local(self, var_device: str, var_dtype: DType, apply_state: Any) -> None:
        """Put more numbers of a step into ``apply_state[var_device, var_dtype]``."""

    def _own(self, var: Any, apply_state: Any) -> Numbers:
        """The numbers of a step that were made for all variables, or those made now."""
        found: Numbers | None = (apply_state or {}).get((var.device, var.dtype.base_dtype))
        return self._numbers(var.dtype.base_dtype) if found is None else found

    def _apply(self, function: Any, own: Numbers, grad: Any, var: Any, *rows: Any) -> Any:
        """One of the two above, with the numbers if it takes them."""
        if "apply_state" not in inspect.signature(function).parameters:
            return function(grad, var, *rows)
        return function(grad, var, *rows, apply_state={(var.device, var.dtype.base_dtype): own})

    def _prepare(self, var_list: Sequence[Any]) -> dict[DType, Numbers]:
        places = {variable.dtype.base_dtype: variable.device for variable in var_list}
        numbers = {dtype: self._numbers(dtype) for dtype in places}
        for dtype, device in places.items():
            self._prepare_local(device, dtype, {(device, dtype): numbers[dtype]})
        return numbers

    def _check_types(self, variables: Sequence[Any]) -> None:
        for variable in variables:
            if variable.dtype.base_dtype not in FLOATS:
                raise ValueError(
                    f"Invalid type {variable.dtype.base_dtype!r} for {variable.name}, expected: "
                    f"{[dtype.name for dtype in FLOATS]}."
                )

    # ---- hyper-parameters ----------------------------------------------------------------------

    def _set_hyper(self, name: str, value: Any) -> None:
        """Set a number; one that is a variable already gets the value in the session of Keras."""
        before = self._hyper.get(name)
        if is_resource(before) and not isinstance(value, LearningRateSchedule):
            K.set_value(before, value)
        else:
            self._hyper[name] = value

    def _get_hyper(self, name: str, dtype: DType | None = None) -> Any:
        self._create_hypers()
        value = self._hyper[name]
        if isinstance(value, LearningRateSchedule):
            return value
        value = value() if callable(value) else value
        # A variable of the type stays one: what uses it names the reading.
        same = dtype is None or getattr(value, "dtype", None) is dtype
        return value if same else math.cast(value, dtype)

    def _create_hypers(self) -> None:
        """Make a variable of each number, once."""
        if self._hypers_created:
            return
        self._hypers_created = True
        for name, value in sorted(self._hyper.items()):
            if not (is_tensor_like(value) or callable(value)):
                self._hyper[name] = self.add_weight(
                    name, shape=[], trainable=False, initializer=value
                )

    def __getattr__(self, name: str) -> Any:
        known = "learning_rate" if name == "lr" else name
        if known in self.__dict__.get("_hyper", ()):
            return self._get_hyper(known)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        known = "learning_rate" if name == "lr" else name
        if known in self.__dict__.get("_hyper", ()):
            self._set_hyper(known, value)
        else:
            super().__setattr__(known, value)

    def _decayed_lr(self, dtype: DType) -> Any:
        rate = self._get_hyper("learning_rate", dtype)
        if isinstance(rate, LearningRateSchedule):
            rate = math.cast(rate(math.cast(self.iterations, dtype)), dtype)
        if self._initial_decay > 0:
            done = math.cast(self.iterations, dtype)
            rate = rate / (1.0 + self._get_hyper("decay", dtype) * done)
        return rate

    # ---- variables -----------------------------------------------------------------------------

    def _counter(self) -> Any:
        if self._iterations is None:
            self._iterations = self.add_weight("iter", shape=[], dtype=int64, trainable=False)
            self._weights.append(self._iterations)
        return self._iterations

    @property
    def iterations(self) -> Any:
        """How many steps were taken, a variable. Errors: RuntimeError for a second one."""
        return self._counter()

    @iterations.setter
    def iterations(self, variable: Any) -> None:
        if self._iterations is not None:
            raise RuntimeError(
                "Cannot set `iterations` to a new Variable after the Optimizer weights have been "
                "created"
            )
        self._iterations = variable
        self._weights.append(variable)

    def add_weight(
        self,
        name: str,
        shape: Any,
        dtype: Any = None,
        initializer: Any = "zeros",
        trainable: bool | None = None,
        aggregation: Any = VariableAggregation.NONE,
    ) -> Any:
        """A variable of the optimizer itself. initializer: a name, a function, or the value."""
        kind = dtype or float32
        begin: Any = initializer
        if isinstance(initializer, str) or callable(initializer):
            begin = partial(initializers.get(initializer), shape, dtype=kind)
            options: dict[str, Any] = {"dtype": kind}
        else:
            options = {}
        made = VariableV2(
            begin, name=name, trainable=trainable is not False, shape=shape, **options
        )
        K.track_variable(made)
        return made

    def add_slot(self, var: Any, slot_name: str, initializer: Any = "zeros") -> Any:
        """The slot of that name beside a variable; made when there is none."""
        if slot_name not in self._slot_names:
            self._slot_names.append(slot_name)
        slots = self._slots.setdefault(var.op.name, {})
        if slot_name not in slots:
            if isinstance(initializer, str) or callable(initializer):
                begin: Callable[[], Any] = partial(
                    initializers.get(initializer), shape=var.shape, dtype=var.dtype.base_dtype
                )
            else:
                begin = initializer
            with get_default_graph().colocate_with(_place(var)):
                made = VariableV2(
                    begin,
                    name=f"{var.op.name}/{slot_name}",
                    dtype=var.dtype.base_dtype,
                    trainable=False,
                )
            K.track_variable(made)
            slots[slot_name] = made
            self._weights.append(made)
        return slots[slot_name]

    def get_slot(self, var: Any, slot_name: str) -> Any:
        """The slot of that name beside a variable. Errors: KeyError without one."""
        return self._slots[var.op.name][slot_name]

    def get_slot_names(self) -> list[str]:
        """The names of the slots that each variable has: ``["m", "v"]`` for Adam."""
        return self._slot_names

    def variables(self) -> list[Any]:
        """The count of iterations and the slots, in the order in which they were made."""
        return self._weights

    @property
    def weights(self) -> list[Any]:
        return self._weights

    def get_weights(self) -> list[Any]:
        """The values of `weights`."""
        return K.batch_get_value(self.weights)

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of `weights`. Errors: ValueError for another number or shape."""
        params = self.weights
        if len(params) != len(weights):
            raise ValueError(
                f"You called `set_weights(weights)` on optimizer {self._name} with a  weight list "
                f"of length {len(weights)}, but the optimizer was expecting {len(params)} weights. "
                f"Provided weights: {str(weights)[:50]}..."
            )
        for present, new in zip(K.batch_get_value(params), weights, strict=True):
            if present.shape != new.shape:
                raise ValueError(
                    f"Optimizer weight shape {present.shape} not compatible with provided weight "
                    f"shape {new.shape}"
                )
        K.batch_set_value(list(zip(params, weights, strict=True)))

    # ---- written down --------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same optimizer again, with the numbers as they are now."""
        config: dict[str, Any] = {"name": self._name}
        for bound in ("clipnorm", "clipvalue"):
            if bound in self.__dict__:
                config[bound] = getattr(self, bound)
        config.update((name, self._serialize_hyperparameter(name)) for name in self._hypers)
        config.update((name, getattr(self, name)) for name in self._options)
        return config

    def _serialize_hyperparameter(self, hyperparameter_name: str) -> Any:
        value = self._hyper[hyperparameter_name]
        if isinstance(value, LearningRateSchedule):
            return written_schedule(value)
        return K.get_value(value() if callable(value) else value)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        given = dict(config)
        if "lr" in given:
            given["learning_rate"] = given.pop("lr")
        if isinstance(given.get("learning_rate"), dict):
            given["learning_rate"] = schedule_of(given["learning_rate"], custom_objects)
        return cls(**given)


OptimizerV2 = Optimizer


def _place(variable: Any) -> Any:
    return variable.handle.op if is_resource(variable) else variable.op


def _by_norm(slope: Any, most: float) -> Any:
    return clipping.clip_by_norm(slope, most)


def _by_value(slope: Any, most: float) -> Any:
    return clipping.clip_by_value(slope, -most, most)


def _with_gradients(pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The pairs that have a gradient. Errors: ValueError when none has."""
    used = [(slope, variable) for slope, variable in pairs if slope is not None]
    if pairs and not used:
        raise no_gradients([variable for _, variable in pairs])
    left_out = [variable.name for slope, variable in pairs if slope is None]
    if left_out:
        logging.warning(
            "Gradients do not exist for variables %s when minimizing the loss.", left_out
        )
    return used
