"""Learning rates that change with the number of steps (tf.keras.optimizers.schedules)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from graphscope.keras.utils.objects import deserialize_keras_object, serialize_keras_object
from graphscope.train import learning_rate_decay as decays


class LearningRateSchedule:
    """A function of the step that gives the learning rate: subclasses say `__call__`."""

    def __call__(self, step: Any) -> Any:
        raise NotImplementedError("Learning rate schedule must override __call__")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same schedule again."""
        raise NotImplementedError("Learning rate schedule must override get_config")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def _schedule(class_name: str, decay: Callable[..., Any], step: str = "global_step") -> Any:
    """The class of a decay of tf.train: all of its arguments but the step."""
    renamed = {"learning_rate": "initial_learning_rate"}
    given = inspect.signature(decay).parameters
    own = {renamed.get(name, name): p for name, p in given.items() if name != step}
    old = {new: name for name, new in renamed.items()}
    signature = inspect.Signature([p.replace(name=name) for name, p in own.items()])

    class Schedule(LearningRateSchedule):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            self._config = dict(bound.arguments)

        def __call__(self, step_now: Any) -> Any:
            arguments = {old.get(name, name): value for name, value in self._config.items()}
            return decay(**{step: step_now}, **arguments)

        def get_config(self) -> dict[str, Any]:
            return dict(self._config)

    Schedule.__name__ = Schedule.__qualname__ = class_name
    Schedule.__doc__ = decay.__doc__
    Schedule.__signature__ = signature  # type: ignore[attr-defined]
    return Schedule


ExponentialDecay = _schedule("ExponentialDecay", decays.exponential_decay)
InverseTimeDecay = _schedule("InverseTimeDecay", decays.inverse_time_decay)
PolynomialDecay = _schedule("PolynomialDecay", decays.polynomial_decay)
PiecewiseConstantDecay = _schedule("PiecewiseConstantDecay", decays.piecewise_constant, "x")


def serialize(learning_rate_schedule: Any) -> Any:
    return serialize_keras_object(learning_rate_schedule)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    return deserialize_keras_object(
        config,
        module_objects=globals(),
        custom_objects=custom_objects,
        printable_module_name="decay",
    )
