"""What the errors of a missing gradient teach: where it ends, and what to use instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphscope.errors import Lesson, about, teach
from graphscope.gradients.ends import depends_on, gradient_ends
from graphscope.graph.graph import Operation

_SOFT_COUNTS = (
    "count softly: a sum of probabilities, K.sum(y_true * y_pred), instead of a sum of decisions"
)
#: What to use instead of an operation that hands no gradient on.
_INSTEAD = {
    "ArgMax": (
        "K.argmax gives a position, which does not change with a small change of the numbers: "
        "compare y_true with the probabilities y_pred themselves",
        _SOFT_COUNTS,
    ),
    "ArgMin": ("K.argmin gives a position, which has no slope: use the numbers themselves",),
    "Round": (
        "rounded numbers move in jumps: leave the probabilities as they are",
        _SOFT_COUNTS,
    ),
    "PyFunc": (
        "tf.py_func calls Python, through which no gradient flows: compute with functions of K",
    ),
    "StopGradient": ("K.stop_gradient makes a constant of its input: leave it out of the loss",),
}
_INSTEAD |= dict.fromkeys(("Rint", "Floor", "Ceil", "Sign"), _INSTEAD["Round"])
_COMPARED = (
    "a comparison is true or false, and has no slope: K.sigmoid(10 * (x - threshold)) is a smooth "
    "stand-in",
    _SOFT_COUNTS,
)
_INSTEAD |= dict.fromkeys(
    ("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual"), _COMPARED
)
_AS_METRIC = "what only measures goes to model.compile(metrics=[...]): metrics need no gradient"


def no_gradient(loss: Any, variable: Any) -> ValueError:
    """The error of a variable that the loss has no gradient by."""
    sentence = (
        f"Variable {variable} has `None` for gradient. Please make sure that all of your ops have "
        "a gradient defined (i.e. are differentiable). Common ops without gradient: K.argmax, "
        "K.round, K.eval."
    )
    return _explained(sentence, loss, variable)


def no_gradient_at_all(loss: Any, variables: Sequence[Any]) -> ValueError:
    """The error of tf.train's optimizers, of a loss that has no gradient by any variable."""
    names = [str(variable) for variable in variables]
    return _explained(f"No gradients provided for any variable: {names}.", loss, variables[0])


def _explained(sentence: str, loss: Any, variable: Any) -> ValueError:
    """The error, with the operation at which the gradient ends."""
    place = variable._ref() if hasattr(variable, "_ref") else variable
    ends = gradient_ends(loss, place)
    if ends:
        return _ending(sentence, ends[0])
    if depends_on(loss, place):
        return ValueError(sentence)
    unused = ValueError(f"{sentence} The loss does not depend on this variable.")
    hint = "no operation leads from the variable to the loss: is the loss made of y_pred at all?"
    return teach(about(unused, place.op), Lesson(line=str(loss.op.source or ""), hint=[hint]))


def _ending(sentence: str, op: Operation) -> ValueError:
    error = ValueError(f"{sentence} The gradient ends at {op.name} ({op.type}).")
    hints = (*_INSTEAD.get(op.type, ()), _AS_METRIC)
    node = f"{op.name} [{op.type}], where the gradient ends"
    return teach(about(error, op), Lesson(node=node, line=str(op.source or ""), hint=hints))


def no_gradients(variables: Sequence[Any]) -> ValueError:
    """The error of a step without any gradient."""
    names = [variable.name for variable in variables]
    error = ValueError(f"No gradients provided for any variable: {names}.")
    hint = "ask the debugger: `why VARIABLE` names the operation at which the path ends"
    return teach(error, Lesson(hint=[hint]))


def behind_no_handle(variable: Any) -> AttributeError:
    """The error of a variable that is none of Keras'."""
    error = AttributeError(
        "'RefVariable' object has no attribute 'handle': an optimizer of Keras trains resource "
        f"variables, and {variable.name} is none"
    )
    lesson = Lesson(
        node=f"{variable.op.name} [{variable.op.type}]",
        line=str(variable.op.source or ""),
        hint=[
            "make it with K.variable(value), or with tf.Variable(value, use_resource=True)",
            "or train it with an optimizer of tf.train",
        ],
    )
    return teach(about(error, variable.op), lesson)
