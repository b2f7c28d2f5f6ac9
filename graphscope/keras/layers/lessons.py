"""What to try when something that is no sequence comes to a recurrent layer."""

from __future__ import annotations

from typing import Any

from graphscope.errors import Lesson, teach
from graphscope.graph.source import user_source
from graphscope.keras.history import made_by

_WHAT_IT_TAKES = "a recurrent layer takes sequences: [batch, steps, features]"


def no_sequence(error: ValueError, layer: Any, tensor: Any) -> ValueError:
    """The error, with what to try for a tensor of this rank."""
    hints = _hints(tensor)
    if not hints:
        return error
    lesson = Lesson(
        node=f"layer {layer.name}",
        inputs=[f"{tensor.name} {tensor.shape}"],
        line=str(user_source() or ""),
        hint=hints,
    )
    return teach(error, lesson)


def _hints(tensor: Any) -> list[str]:
    rank = tensor.shape.ndims
    made = made_by(tensor)
    if rank == 2 and made is not None and hasattr(made.layer, "return_sequences"):
        return [
            f"the layer before, {made.layer.name}, puts out its last step only; with "
            "return_sequences=True it puts out all of them, [batch, steps, units]"
        ]
    if rank == 2:
        return [
            _WHAT_IT_TAKES,
            "a series of numbers is a sequence of one feature: x[..., np.newaxis], or "
            "Reshape((steps, 1)); word numbers become features in an Embedding",
        ]
    if rank is not None and rank > 3:
        return [_WHAT_IT_TAKES, "TimeDistributed(Flatten()) makes one row of features of each step"]
    return []
