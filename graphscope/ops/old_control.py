"""Branches and loops of old files, as TensorFlow 1 wrote them into its graphs.

A Switch sends a value to one of two sides; on the other one everything is dead, until a Merge takes
what is alive. A loop's frame is entered by Enter and left by Exit; what NextIteration gives goes
round to a Merge. Here a frame is a `Body`, which `OldLoop`, an operation that no file has, runs
again and again; so a debugger sees it as any other loop. Dead values are `DEAD`: see the engine.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from graphscope.errors import Lesson, teach
from graphscope.graph.body import DEAD, Body, Call
from graphscope.graph.declare import Any_, Bool, Index, T, op
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Tensor
from graphscope.graph.registry import OPS
from graphscope.graph.shapes import SCALAR, UNKNOWN, TensorShape
from graphscope.ops.logic import equal


def _on_both_sides(data: Tensor, pred: Tensor) -> tuple[TensorShape, TensorShape]:
    return data.shape, data.shape


@op(
    "Switch",
    kind="control",
    outputs=("output_false", "output_true"),
    shape=_on_both_sides,
)
def switch(data: T, pred: Bool) -> tuple[T, T]:
    """The data on the side that `pred` says; the other side is dead."""
    return (DEAD, data) if pred else (data, DEAD)


@switch.gradient
def _(dys: Any, ys: Any, data: Tensor, pred: Tensor) -> Any:
    zeros = OPS["ZerosLike"]  # an operation, that is dead where its input is, and no constant
    both = [zeros(y) if dy is None else dy for dy, y in zip(dys, ys, strict=True)]
    return merge(both, N=2)[0], None


@op(
    "RefSwitch",
    kind="control",
    outputs=("output_false", "output_true"),
    shape=_on_both_sides,
    dtype=lambda data, pred: data.dtype,
    takes_uninitialized=True,
    differentiable=False,
)
def ref_switch(data: T, pred: Bool) -> tuple[T, T]:
    """The place of a variable on the side that `pred` says; the other side is dead."""
    place = np.empty(0) if data is None else data
    return (DEAD, place) if pred else (place, DEAD)


def _merged_types(inputs: list[Tensor], **_: Any) -> Any:
    return inputs[0].dtype.base_dtype, int32


@op(
    "Merge",
    kind="control",
    outputs=("output", "value_index"),
    shape=lambda inputs, **_: (UNKNOWN, SCALAR),
    dtype=_merged_types,
)
def merge(inputs: list[T], *, N: int = 2) -> tuple[T, Index]:
    """The input that is alive, and which one it is. In a loop what comes round comes first."""
    alive = [i for i, value in enumerate(inputs) if value is not DEAD]
    return inputs[alive[-1]], np.asarray(alive[-1], np.int32)


@merge.gradient
def _(dys: Any, ys: Any, inputs: list[Tensor], *, N: int) -> Any:
    """To the input that was alive; the others are dead again."""
    return [[switch(dys[0], equal(ys[1], i))[1] for i in range(N)]]


@op("Enter", kind="control", differentiable=False)
def enter(
    data: T, *, frame_name: str = "", is_constant: bool = False, parallel_iterations: int = 10
) -> T:
    """The data, inside of a loop's frame."""
    return data


@op("Exit", kind="control")
def exit_(data: T) -> T:
    """The data, outside of the loop's frame once the loop has ended."""
    return data


@exit_.gradient
def _(dy: Tensor, y: Tensor, data: Tensor) -> Any:
    return dy


@op("NextIteration", kind="control", differentiable=False)
def next_iteration(data: T) -> T:
    """The data, for the loop's next iteration."""
    return data


@op("LoopCond", kind="control", differentiable=False)
def loop_cond(input: Bool) -> Bool:
    """Whether the loop goes on."""
    return input


@op("ControlTrigger", kind="control", outputs=0, differentiable=False)
def control_trigger() -> None:
    """Nothing; it is alive whatever it waits for."""


def _exit_shapes(entering: list[Tensor], *, leaving: Any, **_: Any) -> tuple[TensorShape, ...]:
    return tuple(tensor.shape for tensor in leaving)


@op(
    "OldLoop",
    kind="control",
    outputs=("exits",),
    shape=_exit_shapes,
    dtype=lambda entering, *, leaving, **_: tuple(tensor.dtype.base_dtype for tensor in leaving),
)
def old_loop(
    entering: list[Any_], *, body: Body, leaving: tuple[Tensor, ...]
) -> Generator[Call, Any, tuple[Any, ...]]:
    """Runs the frame of a loop again and again, until nothing goes round any more.

    entering: what the frame uses from around it. leaving: what its Exits take.
    """
    count = len(body.parameters)
    round_ = (DEAD,) * count
    iteration = 0
    while True:
        results = yield Call(body, round_, iteration)
        round_ = results[:count]
        if all(value is DEAD for value in round_):
            return tuple(results[count:])
        iteration += 1


@op("DisableCopyOnRead", kind="control", outputs=0, takes_uninitialized=True, differentiable=False)
def disable_copy_on_read(resource: Any_) -> None:
    """Nothing: here a read of a variable is a value that stays."""


@old_loop.gradient
def _(dys: Any, ys: Any, entering: list[Tensor], **_: Any) -> Any:
    op = (ys[0] if isinstance(ys, tuple | list) else ys).op
    raise teach(
        TypeError(
            f"A gradient cannot go through the loop {op.name}, which came from a file: it is a "
            "ring of operations, and no function that could be differentiated."
        ),
        Lesson(
            hint=[
                "train with the operations that the file has: its gradients are in it",
                "or cut the gradient before it: tf.stop_gradient",
            ]
        ),
    )
