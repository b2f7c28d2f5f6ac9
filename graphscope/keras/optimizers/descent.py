"""SGD, RMSprop, Adagrad, Adadelta and Ftrl of Keras: steps by the gradient and its squares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import DType, int64
from graphscope.graph.registry import OPS
from graphscope.keras import backend as K
from graphscope.keras.optimizers.base import Numbers, Optimizer, step
from graphscope.ops import array, math
from graphscope.ops import keras_steps as _keras_steps  # noqa: F401 (declares operations)
from graphscope.ops.control_flow import group
from graphscope.ops.indexing import gather
from graphscope.ops.initializers import Constant
from graphscope.ops.state import assign
from graphscope.train.adam import rows_added


def has_momentum(momentum: Any) -> bool:
    """Whether a velocity is kept. Errors: ValueError for a number outside [0, 1]."""
    if isinstance(momentum, int | float) and not 0 <= momentum <= 1:
        raise ValueError("`momentum` must be between [0, 1].")
    return is_tensor_like(momentum) or callable(momentum) or momentum > 0


class SGD(Optimizer):
    """var - learning_rate * gradient, with momentum if wanted. Source: tf.keras.optimizers.SGD."""

    _hypers = ("learning_rate", "decay", "momentum")
    _options = ("nesterov",)

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: Any = 0.0,
        nesterov: bool = False,
        name: str = "SGD",
        **kwargs: Any,
    ) -> None:
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self._momentum = has_momentum(momentum)
        self._set_hyper("momentum", momentum)
        self.nesterov = nesterov

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        if self._momentum:
            for var in var_list:
                self.add_slot(var, "momentum")

    def _numbers(self, dtype: DType) -> Numbers:
        own = super()._numbers(dtype)
        own["momentum"] = array.identity(self._get_hyper("momentum", dtype))
        return own

    def _dense(self, grad: Any, var: Any, own: Numbers) -> Any:
        if not self._momentum:
            return step("ApplyGradientDescent", [var], own["lr_t"], grad)
        places = [var, self.get_slot(var, "momentum")]
        return step(
            "ApplyKerasMomentum",
            places,
            own["lr_t"],
            grad,
            own["momentum"],
            use_nesterov=self.nesterov,
        )

    def _all_rows(self, values: Any, var: Any, rows: Any, own: Numbers) -> Any:
        if self._momentum:
            return super()._all_rows(values, var, rows, own)
        return OPS["ResourceScatterAdd"](var.handle, rows, -values * own["lr_t"])

    def _rows(self, grad: Any, var: Any, indices: Any, own: Numbers) -> Any:
        places = [var, self.get_slot(var, "momentum")]
        return step(
            "SparseApplyKerasMomentum",
            places,
            own["lr_t"],
            grad,
            indices,
            own["momentum"],
            use_nesterov=self.nesterov,
        )


class RMSprop(Optimizer):
    """The gradient over the root of the running mean of its square.

    centered: by the variance of the gradient. Source: tf.keras.optimizers.RMSprop.
    """

    _hypers = ("learning_rate", "decay", "rho", "momentum")
    _options = ("epsilon", "centered")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: Any = 0.9,
        momentum: Any = 0.0,
        epsilon: float | None = 1e-7,
        centered: bool = False,
        name: str = "RMSprop",
        **kwargs: Any,
    ) -> None:
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self._set_hyper("rho", rho)
        self._momentum = has_momentum(momentum)
        self._set_hyper("momentum", momentum)
        self.epsilon = epsilon or K.epsilon()
        self.centered = centered

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        wanted = {"rms": True, "momentum": self._momentum, "mg": self.centered}
        for name in (name for name, is_wanted in wanted.items() if is_wanted):
            for var in var_list:
                self.add_slot(var, name)

    def _numbers(self, dtype: DType) -> Numbers:
        own = super()._numbers(dtype)
        own["rho"] = array.identity(self._get_hyper("rho", dtype))
        own["neg_lr_t"] = -own["lr_t"]
        own["epsilon"] = convert_to_tensor(self.epsilon, dtype)
        own["momentum"] = array.identity(self._get_hyper("momentum", dtype))
        own["one_minus_rho"] = 1.0 - own["rho"]
        return own

    def _with_momentum(self, sparse: str, var: Any, own: Numbers, *grad: Any) -> Any:
        """The one operation that steps when there is a velocity."""
        names = ["mg", "rms", "momentum"] if self.centered else ["rms", "momentum"]
        slots = [self.get_slot(var, name) for name in names]
        numbers = [own[name] for name in ("lr_t", "rho", "momentum", "epsilon")]
        kind = "ApplyCenteredRMSProp" if self.centered else "ApplyRMSProp"
        return step(f"{sparse}{kind}", [var, *slots], *numbers, *grad)

    def _dense(self, grad: Any, var: Any, own: Numbers) -> Any:
        if self._momentum:
            return self._with_momentum("", var, own, grad)
        rms = self.get_slot(var, "rms")
        square = assign(rms, own["rho"] * rms + own["one_minus_rho"] * math.square(grad))
        under = square
        if self.centered:
            mg = self.get_slot(var, "mg")
            mean = assign(mg, own["rho"] * mg + own["one_minus_rho"] * grad)
            under = square - math.square(mean)
        moved = var - own["lr_t"] * grad / (math.sqrt(under) + own["epsilon"])
        return assign(var, moved).op

    def _rows(self, grad: Any, var: Any, indices: Any, own: Numbers) -> Any:
        if self._momentum:
            return self._with_momentum("Sparse", var, own, grad, indices)
        squares = (grad * grad) * own["one_minus_rho"]
        square = decayed_rows(self.get_slot(var, "rms"), own["rho"], indices, squares)
        under = gather(square, indices)
        written = [square]
        if self.centered:
            means = grad * own["one_minus_rho"]
            mean = decayed_rows(self.get_slot(var, "mg"), own["rho"], indices, means)
            under = under - math.square(gather(mean, indices))
            written.append(mean)
        moves = own["neg_lr_t"] * grad / (math.sqrt(under) + own["epsilon"])
        return group(rows_added(var, indices, moves), *written)


def decayed_rows(slot: Any, factor: Any, indices: Any, rows: Any) -> Any:
    """The slot after all of it was scaled, and then the rows were added."""
    scaled = assign(slot, slot * factor)
    with slot.graph.control_dependencies([scaled]):
        return rows_added(slot, indices, rows)


class Adagrad(Optimizer):
    """The gradient over the root of the sum of all its squares. Source: tf.keras.optimizers.

    Errors: ValueError for a negative start.
    """

    _hypers = ("learning_rate", "decay")
    _options = ("initial_accumulator_value", "epsilon")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float | None = 1e-7,
        name: str = "Adagrad",
        **kwargs: Any,
    ) -> None:
        if initial_accumulator_value < 0.0:
            raise ValueError(
                f"initial_accumulator_value must be non-negative: {initial_accumulator_value}"
            )
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon or K.epsilon()

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for var in var_list:
            start = Constant(self.initial_accumulator_value, dtype=var.dtype.base_dtype)
            self.add_slot(var, "accumulator", start)

    def _numbers(self, dtype: DType) -> Numbers:
        own = super()._numbers(dtype)
        own["epsilon"] = convert_to_tensor(self.epsilon, dtype)
        own["neg_lr_t"] = -own["lr_t"]
        own["zero"] = array.zeros((), dtype=int64)
        return own

    def _dense(self, grad: Any, var: Any, own: Numbers) -> Any:
        places = [var, self.get_slot(var, "accumulator")]
        return step("ApplyAdagradV2", places, own["lr_t"], own["epsilon"], grad)

    def _rows(self, grad: Any, var: Any, indices: Any, own: Numbers) -> Any:
        places = [var, self.get_slot(var, "accumulator")]
        return step("SparseApplyAdagradV2", places, own["lr_t"], own["epsilon"], grad, indices)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        return super().from_config({"initial_accumulator_value": 0.0, **config}, custom_objects)


class Adadelta(Optimizer):
    """Steps as long as the recent ones were, by the recent gradients. Source: Zeiler 2012."""

    _hypers = ("learning_rate", "decay", "rho")
    _options = ("epsilon",)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: Any = 0.95,
        epsilon: float | None = 1e-7,
        name: str = "Adadelta",
        **kwargs: Any,
    ) -> None:
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self._set_hyper("rho", rho)
        self.epsilon = epsilon or K.epsilon()

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for name in ("accum_grad", "accum_var"):
            for var in var_list:
                self.add_slot(var, name)

    def _numbers(self, dtype: DType) -> Numbers:
        own = super()._numbers(dtype)
        own["epsilon"] = convert_to_tensor(self.epsilon, dtype)
        own["rho"] = array.identity(self._get_hyper("rho", dtype))
        return own

    def _places(self, var: Any) -> list[Any]:
        return [var, self.get_slot(var, "accum_grad"), self.get_slot(var, "accum_var")]

    def _dense(self, grad: Any, var: Any, own: Numbers) -> Any:
        numbers = own["lr_t"], own["rho"], own["epsilon"]
        return step("ApplyAdadelta", self._places(var), *numbers, grad)

    def _rows(self, grad: Any, var: Any, indices: Any, own: Numbers) -> Any:
        numbers = own["lr_t"], own["rho"], own["epsilon"]
        return step("SparseApplyAdadelta", self._places(var), *numbers, grad, indices)


class Ftrl(Optimizer):
    """Follow the regularized leader. Source: tf.keras.optimizers.Ftrl; McMahan et al. 2013.

    Errors: ValueError for a positive power and for negative strengths.
    """

    _PENALTIES = (
        "learning_rate_power",
        "l1_regularization_strength",
        "l2_regularization_strength",
    )
    _hypers = ("learning_rate", "decay", *_PENALTIES)
    _options = ("initial_accumulator_value", "l2_shrinkage_regularization_strength")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        name: str = "Ftrl",
        l2_shrinkage_regularization_strength: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, **kwargs)
        not_negative = {
            "initial_accumulator_value": initial_accumulator_value,
            "l1_regularization_strength": l1_regularization_strength,
            "l2_regularization_strength": l2_regularization_strength,
            "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
        }
        for key, value in not_negative.items():
            if value < 0.0:
                raise ValueError(f"{key} {value:f} needs to be positive or zero")
        if learning_rate_power > 0.0:
            raise ValueError(
                f"learning_rate_power {learning_rate_power:f} needs to be negative or zero"
            )
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self._set_hyper("learning_rate_power", learning_rate_power)
        self._set_hyper("l1_regularization_strength", l1_regularization_strength)
        self._set_hyper("l2_regularization_strength", l2_regularization_strength)
        self.initial_accumulator_value = initial_accumulator_value
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for var in var_list:
            start = Constant(self.initial_accumulator_value, dtype=var.dtype.base_dtype)
            self.add_slot(var, "accumulator", start)
            self.add_slot(var, "linear")

    def _numbers(self, dtype: DType) -> Numbers:
        own = super()._numbers(dtype)
        for name in self._PENALTIES:
            own[name] = array.identity(self._get_hyper(name, dtype))
        own["shrinkage"] = math.cast(self.l2_shrinkage_regularization_strength, dtype)
        return own

    def _take(self, kind: str, var: Any, own: Numbers, *grad: Any) -> Any:
        shrinks = self.l2_shrinkage_regularization_strength > 0.0
        power, l1, l2 = (own[name] for name in self._PENALTIES)
        penalties = [l1, l2, own["shrinkage"], power] if shrinks else [l1, l2, power]
        places = [var, self.get_slot(var, "accumulator"), self.get_slot(var, "linear")]
        return step(f"{kind}V2" if shrinks else kind, places, *grad, own["lr_t"], *penalties)

    def _dense(self, grad: Any, var: Any, own: Numbers) -> Any:
        return self._take("ApplyFtrl", var, own, grad)

    def _rows(self, grad: Any, var: Any, indices: Any, own: Numbers) -> Any:
        return self._take("SparseApplyFtrl", var, own, grad, indices)
