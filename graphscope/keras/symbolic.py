"""Calling a user's loss or metric on tensors without values, and saying so when it wants some."""

from __future__ import annotations

from typing import Any

from graphscope.errors import Lesson, teach
from graphscope.graph.source import line_of

_HINTS = (
    "a symbolic tensor is a place in the graph where numbers come by in each run, as x stands in "
    "an equation; while the graph is built it has none, and no session can give them",
    "write the loss as an expression of tensors (keras.backend, tf): then it can be "
    "differentiated; F1 on probabilities is 2 * K.sum(y_true * y_pred) / (K.sum(y_true) + "
    "K.sum(y_pred))",
    "what needs numpy or scikit-learn can be measured after an epoch, on model.predict(x), in a "
    "callback",
)


def called(function: Any, endpoint: Any, **more: Any) -> Any:
    """function(target, output, ...).

    An error out of it keeps its type and text, and is told what a symbolic tensor is, which line of
    the user's wanted numbers, and what to write instead.
    """
    try:
        return function(endpoint.target, endpoint.output, **more)
    except Exception as error:
        own = getattr(function, "__self__", function)
        name = getattr(own, "name", None) or getattr(own, "__name__", type(own).__name__)
        code = getattr(getattr(own, "fn", function), "__code__", None)
        line = line_of(error.__traceback__, code) or line_of(error.__traceback__)
        tensors = {"y_true": endpoint.target, "y_pred": endpoint.output}
        lesson = Lesson(
            node=f"{name}(y_true, y_pred), called once, while the graph is built",
            inputs=[
                f"{which} is the symbolic tensor {t.name} {t.shape}" for which, t in tensors.items()
            ],
            line=str(line or ""),
            hint=_HINTS,
        )
        raise teach(error, lesson) from None
