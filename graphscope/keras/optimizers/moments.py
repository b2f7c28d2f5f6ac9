"""Adam, Adamax and Nadam of Keras: steps by the running mean of the gradient and of its size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, int64
from graphscope.keras import backend as K
from graphscope.keras.optimizers.base import Numbers, Optimizer, step
from graphscope.keras.optimizers.descent import decayed_rows
from graphscope.keras.optimizers.schedules import LearningRateSchedule
from graphscope.ops import array, math
from graphscope.ops.control_flow import group
from graphscope.ops.indexing import gather
from graphscope.ops.scatter import scatter_update
from graphscope.ops.state import assign, assign_sub
from graphscope.train.adam import rows_added


class _OfMoments(Optimizer):
    """What is the same for the three: two betas, and the slots m and v."""

    _hypers = ("learning_rate", "decay", "beta_1", "beta_2")
    _options: tuple[str, ...] = ("epsilon",)
    _kept: tuple[str, ...] = ("m", "v")

    def __init__(
        self,
        learning_rate: Any,
        beta_1: Any,
        beta_2: Any,
        epsilon: float | None,
        name: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self._set_hyper("beta_1", beta_1)
        self._set_hyper("beta_2", beta_2)
        self.epsilon = epsilon or K.epsilon()

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for name in self._kept:
            for var in var_list:
                self.add_slot(var, name)

    def _slots_of(self, var: Any) -> list[Any]:
        return [self.get_slot(var, name) for name in self._kept]

    def _betas(self, dtype: DType) -> Numbers:
        names = "beta_1", "beta_2"
        return {f"{name}_t": array.identity(self._get_hyper(name, dtype)) for name in names}


class Adam(_OfMoments):
    """m, the mean of the gradient, over the root of v, the mean of its square.

    amsgrad: over the largest v so far. Source: tf.keras.optimizers.Adam; Kingma & Ba 2015.
    """

    _options = ("epsilon", "amsgrad")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: Any = 0.9,
        beta_2: Any = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
        name: str = "Adam",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, name, **kwargs)
        self.amsgrad = amsgrad
        if amsgrad:
            self._kept = ("m", "v", "vhat")

    def _numbers(self, dtype: DType) -> Numbers:
        own = super()._numbers(dtype)
        now = math.cast(self.iterations + 1, dtype)
        own |= self._betas(dtype)
        own["beta_1_power"] = math.pow_(own["beta_1_t"], now)
        own["beta_2_power"] = math.pow_(own["beta_2_t"], now)
        root = math.sqrt(1 - own["beta_2_power"])
        own["lr"] = own["lr_t"] * (root / (1 - own["beta_1_power"]))
        own["epsilon"] = convert_to_tensor(self.epsilon, dtype)
        own["one_minus_beta_1_t"] = 1 - own["beta_1_t"]
        own["one_minus_beta_2_t"] = 1 - own["beta_2_t"]
        return own

    def _dense(self, grad: Any, var: Any, own: Numbers) -> Any:
        names = ("beta_1_power", "beta_2_power", "lr_t", "beta_1_t", "beta_2_t", "epsilon")
        kind = "ApplyAdamWithAmsgrad" if self.amsgrad else "ApplyAdam"
        return step(kind, [var, *self._slots_of(var)], *(own[name] for name in names), grad)

    def _rows(self, grad: Any, var: Any, indices: Any, own: Numbers) -> Any:
        """The means decay everywhere, and every row moves, also those without a gradient."""
        m, v, *largest = self._slots_of(var)
        means = grad * own["one_minus_beta_1_t"]
        mean = decayed_rows(m, own["beta_1_t"], indices, means)
        squares = (grad * grad) * own["one_minus_beta_2_t"]
        under = square = decayed_rows(v, own["beta_2_t"], indices, squares)
        written = [mean, square]
        for slot in largest:
            under = math.maximum(slot, square)
            with slot.graph.control_dependencies([under]):
                under = assign(slot, under)
            written.append(under)
        root = math.sqrt(under)
        moved = assign_sub(var, own["lr"] * mean / (root + own["epsilon"]))
        return group(moved, *written)


class Adamax(_OfMoments):
    """Adam by v, the largest recent gradient. Source: Kingma & Ba 2015, section 7."""

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: Any = 0.9,
        beta_2: Any = 0.999,
        epsilon: float | None = 1e-7,
        name: str = "Adamax",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, name, **kwargs)

    def _numbers(self, dtype: DType) -> Numbers:
        own = super()._numbers(dtype)
        now = math.cast(self.iterations + 1, dtype)
        own |= self._betas(dtype)
        own["beta_1_power"] = math.pow_(own["beta_1_t"], now)
        own["neg_scaled_lr"] = -own["lr_t"] / (1 - own["beta_1_power"])
        own["epsilon"] = convert_to_tensor(self.epsilon, dtype)
        own["one_minus_beta_1_t"] = 1 - own["beta_1_t"]
        own["zero"] = array.zeros((), dtype=int64)
        return own

    def _dense(self, grad: Any, var: Any, own: Numbers) -> Any:
        names = ("beta_1_power", "lr_t", "beta_1_t", "beta_2_t", "epsilon")
        places = [var, *self._slots_of(var)]
        return step("ApplyAdaMax", places, *(own[name] for name in names), grad)

    def _rows(self, grad: Any, var: Any, indices: Any, own: Numbers) -> Any:
        m, v = self._slots_of(var)
        some = gather(m, indices)
        mean = some * own["beta_1_t"] + grad * own["one_minus_beta_1_t"]
        with var.graph.control_dependencies([mean]):
            new_m = scatter_update(m, indices, mean)._as_graph_element()
        some = gather(v, indices)
        largest = math.maximum(some * own["beta_2_t"], math.abs_(grad))
        with var.graph.control_dependencies([largest]):
            new_v = scatter_update(v, indices, largest)._as_graph_element()
        moves = own["neg_scaled_lr"] * (mean / (largest + own["epsilon"]))
        return group(rows_added(var, indices, moves), new_m, new_v)


class Nadam(_OfMoments):
    """Adam with Nesterov's look ahead, by a momentum that grows with the steps.

    schedule_decay: how fast. Source: tf.keras.optimizers.Nadam; Dozat 2016.
    Errors: ValueError for a schedule as the learning rate.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: Any = 0.9,
        beta_2: Any = 0.999,
        epsilon: float | None = 1e-7,
        name: str = "Nadam",
        **kwargs: Any,
    ) -> None:
        kwargs["decay"] = kwargs.pop("schedule_decay", 0.004)
        if isinstance(kwargs.get("lr", learning_rate), LearningRateSchedule):
            raise ValueError(
                "The Nadam optimizer does not support tf.keras.optimizers.LearningRateSchedules "
                "as the learning rate."
            )
        super().__init__(learning_rate, beta_1, beta_2, epsilon, name, **kwargs)
        self._m_cache: Any = None

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        if self._m_cache is None:
            kind = var_list[0].dtype.base_dtype
            self._m_cache = self.add_weight(
                "momentum_cache", shape=[], dtype=kind, initializer="ones", trainable=False
            )
            self._weights.append(self._m_cache)
        super()._create_slots(var_list)

    def _prepare(self, var_list: Sequence[Any]) -> dict[DType, Numbers]:
        self._cached = array.identity(self._m_cache)
        return super()._prepare(var_list)

    def _numbers(self, dtype: DType) -> Numbers:
        rate = array.identity(self._get_hyper("learning_rate", dtype))
        own = {"lr_t": rate, **self._betas(dtype)}
        now = math.cast(self.iterations + 1, dtype)
        later = math.cast(self.iterations + 2, dtype)
        base = math.cast(0.96, dtype)

        def momentum(at: Any) -> Any:
            power = math.pow_(base, self._initial_decay * at)
            return own["beta_1_t"] * (1.0 - 0.5 * power)

        own["m_t"], own["m_t_1"] = momentum(now), momentum(later)
        product = math.cast(self._cached, dtype) * own["m_t"]
        if dtype is self._m_cache.dtype.base_dtype:
            product = array.identity(assign(self._m_cache, product))
        following = product * own["m_t_1"]
        own["neg_lr_t"] = -rate
        own["epsilon"] = convert_to_tensor(self.epsilon, dtype)
        own["one_minus_beta_1_t"] = 1 - own["beta_1_t"]
        own["one_minus_beta_2_t"] = 1 - own["beta_2_t"]
        own["one_minus_m_t"] = 1.0 - own["m_t"]
        own["one_minus_now"] = 1.0 - product
        own["one_minus_following"] = 1.0 - following
        own["under_v"] = 1.0 - math.pow_(own["beta_2_t"], now)
        return own

    def _ahead(self, grad: Any, mean: Any, own: Numbers) -> Any:
        """The mean gradient as it will be at the next step."""
        return own["one_minus_m_t"] * grad + own["m_t_1"] * mean

    def _dense(self, grad: Any, var: Any, own: Numbers) -> Any:
        m, v = self._slots_of(var)
        now = grad / own["one_minus_now"]
        mean = assign(m, own["beta_1_t"] * m + own["one_minus_beta_1_t"] * grad)
        mean = mean / own["one_minus_following"]
        square = own["beta_2_t"] * v + own["one_minus_beta_2_t"] * math.square(grad)
        square = assign(v, square) / own["under_v"]
        ahead = self._ahead(now, mean, own)
        moved = var - own["lr_t"] * ahead / (math.sqrt(square) + own["epsilon"])
        return assign(var, moved).op

    def _rows(self, grad: Any, var: Any, indices: Any, own: Numbers) -> Any:
        m, v = self._slots_of(var)
        now = grad / own["one_minus_now"]
        means = grad * own["one_minus_beta_1_t"]
        mean = gather(decayed_rows(m, own["beta_1_t"], indices, means), indices)
        ahead = self._ahead(now, mean / own["one_minus_following"], own)
        squares = (grad * grad) * own["one_minus_beta_2_t"]
        square = decayed_rows(v, own["beta_2_t"], indices, squares)
        under = math.sqrt(gather(square, indices) / own["under_v"]) + own["epsilon"]
        return group(rows_added(var, indices, own["neg_lr_t"] * ahead / under), ahead, square)
