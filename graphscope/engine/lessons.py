"""The lessons of errors that happen in a run: the node, its line, its path, the way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from graphscope.engine.plan import Plan, operation
from graphscope.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    Lesson,
    OpError,
    did_you_mean,
    teach,
)
from graphscope.graph.graph import Operation, Tensor
from graphscope.kernels.stats import described

if TYPE_CHECKING:
    from graphscope.engine.interpreter import Frame

#: A longer path is shown with its middle left out.
_LONGEST_PATH = 7


def about(op: Operation, call: Frame, inputs: Sequence[Any]) -> Lesson:
    """What to say of a node that failed, in which call of a body."""
    run, nodes = call.outermost.plan, call.plan.nodes
    lines = [
        f"{tensor.name}  {described(value)}" if value is not None else f"{tensor.name}  no value"
        for tensor, value in zip(op.inputs, inputs, strict=False)
    ]
    return Lesson(
        node=f"{op.name} [{op.type}], node {nodes.index(op) + 1} of {len(nodes)}{inside(call)}, "
        f"{run.phases[op]}",
        inputs=lines,
        line=str(op.source or ""),
        path=written(run.path(op)),
    )


def inside(call: Frame) -> str:
    """`` in iteration 3 of while/While, in cond/If``: the innermost first; empty for the run."""
    return "".join(f", in {called(owner, i)}" for owner, i in reversed(call.around))


def called(owner: Operation, iteration: int) -> str:
    """``iteration 3 of while/While``, ``cond/If``."""
    return f"iteration {iteration + 1} of {owner.name}" if is_loop(owner) else owner.name


def is_loop(owner: Operation) -> bool:
    """Whether it runs a body more than once."""
    return "then" not in owner.attrs and "called" not in owner.attrs


#: In which iteration of each loop around it something is, the outermost first, counted from 1.
Rounds = tuple[int, ...]


def rounds(frames: Iterable[tuple[Operation, int]]) -> Rounds:
    """The iterations among the branches and loops around a place."""
    return tuple(iteration + 1 for owner, iteration in frames if is_loop(owner))


def is_in(call: Frame, wanted: Rounds) -> bool:
    """Whether a call is in these iterations: of the innermost loops, as many as are named."""
    return not wanted or rounds(call.around)[-len(wanted) :] == wanted


def dotted(iterations: Rounds) -> str:
    """``2.3``, as in ``b@2.3``."""
    return ".".join(map(str, iterations))


def written(path: Sequence[Operation]) -> str:
    """``train_step <- update_W <- MatMul``: a path from the fetch down."""
    names = [op.name for op in path]
    if len(names) > _LONGEST_PATH:
        names = [*names[:3], "...", *names[-3:]]
    return " <- ".join(names)


def uninitialized(variable: Operation, reader: Operation, plan: Plan) -> OpError:
    error = FailedPreconditionError(
        variable.node_def, variable, f"Attempting to use uninitialized value {variable.name}"
    )
    fetched = reader is variable
    lesson = Lesson(
        node=f"{variable.name} [variable], "
        + ("fetched itself" if fetched else f"read by {reader.name} [{reader.type}]"),
        line=str(variable.source or ""),
        path="" if fetched else written([*plan.path(reader), variable]),
        hint=[
            "run tf.global_variables_initializer() in this session first; it initializes the "
            "variables that were made before it"
        ],
    )
    return teach(error, lesson)


def dead(tensor: Tensor) -> OpError:
    """A tensor was fetched that is on the side of a Switch that was not taken."""
    error = InvalidArgumentError(
        tensor.op.node_def, tensor.op, f"Retval[0] does not have value: {tensor.name} did not run"
    )
    hint = "it is in a branch that was not taken: fetch the Merge behind it, or feed the condition"
    node = f"{tensor.op.name} [{tensor.op.type}]"
    return teach(error, Lesson(node=node, line=str(tensor.op.source or ""), hint=[hint]))


def unfed(plan: Plan) -> OpError:
    """The first placeholder that was not fed. Fed tensors that nothing needs are named too."""
    tensor = plan.missing[0]
    op = tensor.op
    shape = f" and shape {tensor.shape.short}" if tensor.shape.ndims is not None else ""
    error = InvalidArgumentError(
        op.node_def,
        op,
        f"You must feed a value for placeholder tensor '{op.name}' with dtype "
        f"{_cpp_name(tensor)}{shape}",
    )
    pairs = ", ".join(f"{_python(tensor)}: ..." for tensor in plan.missing)
    hints = [f"feed {'it' if len(plan.missing) == 1 else 'them'}: feed_dict={{{pairs}}}"]
    unused = sorted(t.name for t in plan.feeds - plan.used_feeds)
    if unused:
        hints.append(f"fed, and needed by nothing here: {', '.join(unused)}")
    lesson = Lesson(
        node=f"{op.name} [{op.type}]",
        line=str(op.source or ""),
        path=written(plan.path(op)),
        hint=hints,
    )
    return teach(error, lesson)


def _cpp_name(tensor: Tensor) -> str:
    """TensorFlow's C++ name of the type, which its runtime's messages use."""
    name = tensor.dtype.base_dtype.name
    return {"float32": "float", "float64": "double", "float16": "half"}.get(name, name)


def _python(tensor: Tensor) -> str:
    return tensor.op.bound_to or repr(tensor.name)


def bad_feed(error: Exception, tensor: Tensor, value: Any, hint: Iterable[str] = ()) -> Exception:
    """The value fed to a tensor does not fit it."""
    shape = getattr(value, "shape", None)
    lesson = Lesson(
        node=f"{tensor.op.name} [{tensor.op.type}], "
        f"{tensor.dtype.base_dtype.short}{tensor.shape.short}",
        inputs=[f"fed: {type(value).__name__}{'' if shape is None else f' of shape {shape}'}"],
        line=str(tensor.op.source or ""),
        hint=list(hint),
    )
    return teach(error, lesson)


def shape_hint(tensor: Tensor, shape: tuple[int, ...]) -> list[str]:
    """The axes at which a fed shape differs, and the usual cause when there is one."""
    wanted = tensor.shape.sizes
    if wanted is None:
        return []
    if len(shape) == len(wanted) - 1 and _fits(shape, wanted[1:]):
        return ["one example was fed where a batch is wanted: add an axis, value[None]"]
    if len(shape) != len(wanted):
        return [f"it has {len(shape)} axes where {len(wanted)} are wanted: reshape it"]
    axes = [
        f"axis {i}: fed {have}, wanted {want}"
        for i, (have, want) in enumerate(zip(shape, wanted, strict=True))
        if want is not None and have != want
    ]
    if len(shape) == 2 and _fits(shape[::-1], wanted):
        axes.append("the axes may be swapped: transpose it")
    return axes


def _fits(shape: Sequence[int], wanted: Sequence[int | None]) -> bool:
    return all(w is None or s == w for s, w in zip(shape, wanted, strict=True))


def near_names(name: str, elements: Iterable[Any]) -> list[str]:
    """``did you mean ...`` among the names of operations."""
    hint = did_you_mean(name.partition(":")[0], [operation(e).name for e in elements])
    return [hint] if hint else []
