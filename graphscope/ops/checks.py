"""Assertions, checks and prints inside a graph, and Python functions as operations."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphscope.errors import InvalidArgumentError
from graphscope.graph import shapes
from graphscope.graph.convert import (
    as_array,
    constant_value,
    convert_to_tensor,
    is_tensor_like,
)
from graphscope.graph.declare import Any_, Bool, T, op
from graphscope.graph.dtypes import (
    FLOATS,
    NUMBERS,
    DType,
    as_dtype,
    float16,
    float32,
    float64,
    int32,
    string,
)
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.scopes import control_dependencies, name_scope
from graphscope.ops import array, logic, math
from graphscope.ops.control_flow import group, no_op, with_dependencies
from graphscope.ops.printing import leading
from graphscope.ops.reduction import reduce_all

# ---- assertions --------------------------------------------------------------------------------


@op("Assert", kind="control", outputs=0, differentiable=False)
def _assert(condition: Bool, data: list[Any_], *, summarize: int = 3) -> None:
    """Nothing, when the condition holds; else an error that shows the data."""
    if not np.all(condition):
        shown = " ".join(f"[{leading(value, summarize)}]" for value in data)
        raise ValueError(f"assertion failed: {shown}")


def _guarding(data: Sequence[Any]) -> int:
    """How many operations TensorFlow makes around an Assert."""
    tensors = [item for item in data if is_tensor_like(item)]
    others = [item for item in data if not is_tensor_like(item)]
    types = [item.dtype.base_dtype for item in tensors] + [
        as_dtype(as_array(item).dtype) for item in others
    ]
    if all(dtype in (int32, string) for dtype in types):
        return len(others)
    return len(data) + _GUARD


#: A cond of its condition, a branch that does nothing, and what joins both.
_GUARD = 9


def assert_(
    condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None
) -> Operation:
    """An operation that fails when the condition does not hold. Source: tf.Assert.

    data: what the message shows. TensorFlow wraps it in a cond when data holds other numbers than
    int32; here it is always the operation alone.
    Errors: InvalidArgumentError, in a run.
    """
    get_default_graph().uncounted += _guarding(data)
    with name_scope(name, "Assert", [condition, *data]):
        result: Operation = _assert(
            condition, list(data), summarize=3 if summarize is None else summarize, name="Assert"
        )
        return result


def _comparison(sign: str, opname: str, compare: Any) -> Callable[..., Operation]:
    def check(
        x: Any,
        y: Any,
        data: Sequence[Any] | None = None,
        summarize: int | None = None,
        message: str | None = None,
        name: str | None = None,
    ) -> Operation:
        if compare is logic.equal:
            with name_scope(name, opname, [x, y]):  # TensorFlow opens the scope twice
                if x is y:
                    same: Operation = no_op()
                    return same
        with name_scope(name, opname, [x, y]):
            x = convert_to_tensor(x, name="x")
            y = convert_to_tensor(y, x.dtype.base_dtype, name="y", preferred=True)
            if data is None:
                data = [
                    f"Condition x {sign} y did not hold element-wise:",
                    f"x ({x.name}) = ",
                    x,
                    f"y ({y.name}) = ",
                    y,
                ]
            if message is not None:
                data = [message, *data]
            condition = reduce_all(compare(x, y))
            _refuse_known(compare, x, y, data)
            return assert_(condition, data, summarize=summarize)

    check.__name__ = check.__qualname__ = opname
    check.__doc__ = f"""An operation that fails unless x {sign} y for all elements.

        message: what the error begins with. data: what it shows instead of x and y.
        Source: tf.{opname}. Errors: InvalidArgumentError, in a run, or now where both are known.
        """
    return check


def _refuse_known(compare: Any, x: Tensor, y: Tensor, data: Sequence[Any]) -> None:
    """Fail now when both sides are known and the condition does not hold."""
    known = constant_value(x), constant_value(y)
    if known[0] is None or known[1] is None or np.all(compare.kernel(*known)):
        return
    parts = [constant_value(d) if isinstance(d, Tensor) else d for d in data]
    raise InvalidArgumentError(None, None, "\n".join(str(part) for part in parts))


assert_equal = _comparison("==", "assert_equal", logic.equal)
assert_none_equal = _comparison("!=", "assert_none_equal", logic.not_equal)
assert_less = _comparison("<", "assert_less", logic.less)
assert_less_equal = _comparison("<=", "assert_less_equal", logic.less_equal)
assert_greater = _comparison(">", "assert_greater", logic.greater)
assert_greater_equal = _comparison(">=", "assert_greater_equal", logic.greater_equal)


def _against_zero(sign: str, opname: str, check: Callable[..., Operation], swap: bool) -> Any:
    def check_sign(
        x: Any,
        data: Sequence[Any] | None = None,
        summarize: int | None = None,
        message: str | None = None,
        name: str | None = None,
    ) -> Operation:
        with name_scope(name, opname, [x]):
            x = convert_to_tensor(x, name="x")
            if data is None:
                begin = f"Condition x {sign} 0 did not hold element-wise:"
                data = [message or "", begin, f"x ({x.name}) = ", x]
            zero = convert_to_tensor(0, x.dtype)
            pair = (zero, x) if swap else (x, zero)
            return check(*pair, data=data, summarize=summarize)

    check_sign.__name__ = check_sign.__qualname__ = opname
    check_sign.__doc__ = f"""An operation that fails unless x {sign} 0 for all elements.

        Source: tf.{opname}. Errors: InvalidArgumentError, in a run, or now where x is known.
        """
    return check_sign


assert_positive = _against_zero(">", "assert_positive", assert_less, True)
assert_negative = _against_zero("<", "assert_negative", assert_less, False)
assert_non_negative = _against_zero(">=", "assert_non_negative", assert_less_equal, True)
assert_non_positive = _against_zero("<=", "assert_non_positive", assert_less_equal, False)


def assert_near(
    x: Any,
    y: Any,
    rtol: Any = None,
    atol: Any = None,
    data: Sequence[Any] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Operation:
    """An operation that fails unless |x - y| < atol + rtol * |y|. Source: tf.assert_near.

    rtol, atol: ten times the rounding of the type when left out.
    """
    with name_scope(name, "assert_near", [x, y, rtol, atol]):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, x.dtype, name="y")
        least = 10 * float(np.finfo(x.dtype.numpy).eps)
        rtol = convert_to_tensor(least if rtol is None else rtol, x.dtype, name="rtol")
        atol = convert_to_tensor(least if atol is None else atol, x.dtype, name="atol")
        if data is None:
            begin = f"x and y not equal to tolerance rtol = {rtol}, atol = {atol}"
            data = [message or "", begin, f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        limit = atol + rtol * math.abs_(y)
        return assert_(reduce_all(math.abs_(x - y) < limit), data, summarize=summarize)


def _rank_check(opname: str, relation: str, compare: Any) -> Callable[..., Operation]:
    def check(
        x: Any,
        rank: Any,
        data: Sequence[Any] | None = None,
        summarize: int | None = None,
        message: str | None = None,
        name: str | None = None,
    ) -> Operation:
        with name_scope(name, opname, [x, rank]):
            x = convert_to_tensor(x, name="x")
            return _ranked(x, (rank,), relation, compare, data, summarize, message or "")

    check.__name__ = check.__qualname__ = opname
    check.__doc__ = f"""An operation that fails unless the rank of x is {relation}`rank`.

        Source: tf.{opname}. Errors: TypeError for a rank that is no whole number, ValueError for
        one that is no scalar, or where the rank is known; else InvalidArgumentError in a run.
        """
    return check


def _ranked(
    x: Tensor,
    ranks: Sequence[Any],
    relation: str,
    compare: Any,
    data: Sequence[Any] | None,
    summarize: int | None,
    message: str,
) -> Operation:
    """Fail unless the comparison of the rank of x with one of `ranks` holds."""
    wanted = [convert_to_tensor(rank, name="rank") for rank in ranks]
    if data is None:
        begin = f"Tensor {x.name} must have rank {relation}".strip()
        data = [message, begin, *wanted, "Received shape: ", array.shape(x)]
    scalar = []
    for rank in wanted:
        assert_type(rank, int32)
        if rank.shape.ndims not in (None, 0):
            raise ValueError("Rank must be a scalar.")
        if rank.shape.ndims is None:
            is_scalar = logic.equal(array.rank(rank), 0)
            scalar.append(assert_(is_scalar, ["Rank must be a scalar: rank = ", rank]))
    known = [constant_value(rank) for rank in wanted]
    own = x.shape.ndims
    if own is not None and all(value is not None for value in known):
        if not any(compare.kernel(np.asarray(own), value) for value in known):
            numbers = [int(value) for value in known if value is not None]
            shown = tuple(numbers) if relation == "in " else numbers[0]
            raise ValueError(
                f"{message}.  Tensor {x.name} must have rank {relation}{shown}.  Received rank "
                f"{own}, shape {x.shape}"
            )
        done: Operation = no_op(name="static_checks_determined_all_ok")
        return done
    with control_dependencies(scalar):
        holds = compare(array.rank(x), wanted[0])
        for rank in wanted[1:]:
            holds = logic.logical_or(holds, compare(array.rank(x), rank))
        return assert_(holds, data, summarize=summarize)


assert_rank = _rank_check("assert_rank", "", logic.equal)
assert_rank_at_least = _rank_check("assert_rank_at_least", "at least ", logic.greater_equal)


def assert_rank_in(
    x: Any,
    ranks: Sequence[Any],
    data: Sequence[Any] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Operation:
    """An operation that fails unless the rank of x is one of `ranks`. Source: tf.assert_rank_in.

    Errors: as those of tf.assert_rank.
    """
    with name_scope(name, "assert_rank_in", [x, *ranks]):
        x = convert_to_tensor(x, name="x")
        return _ranked(x, tuple(ranks), "in ", logic.equal, data, summarize, message or "")


def assert_scalar(tensor: Any, name: str | None = None, message: str | None = None) -> Tensor:
    """The tensor itself. Source: tf.assert_scalar. Errors: ValueError for one with axes."""
    tensor = convert_to_tensor(tensor, name=name)
    if tensor.shape.ndims != 0:
        raise ValueError(
            f"{message or ''}Expected scalar shape for {tensor.name}, saw shape: {tensor.shape}."
        )
    result: Tensor = tensor
    return result


def assert_type(
    tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None
) -> Operation:
    """Fail now unless the tensor is of the type. Source: tf.assert_type. Errors: TypeError."""
    with name_scope(name, "assert_type", [tensor]):
        if not array.is_sparse(tensor):
            tensor = convert_to_tensor(tensor, name="tensor")
        wanted = as_dtype(tf_type)
        if tensor.dtype.base_dtype is not wanted:
            which = getattr(tensor, "name", "tensor")
            raise TypeError(f"{message or ''}  {which} must be of type {wanted}")
        done: Operation = no_op(name="statically_determined_correct_type")
        return done


def is_numeric_tensor(tensor: Any) -> bool:
    """True for a tensor of numbers. Source: tf.is_numeric_tensor."""
    return isinstance(tensor, Tensor) and tensor.dtype.base_dtype in NUMBERS


# ---- numbers that are none ---------------------------------------------------------------------


@op("CheckNumerics", kind="control", types=FLOATS)
def _check_numerics(tensor: T, *, message: str) -> T:
    """The same value; an error when it holds NaN or infinity."""
    found = [word for word, test in (("Inf", np.isinf), ("NaN", np.isnan)) if np.any(test(tensor))]
    if found:
        raise ValueError(f"{message} : Tensor had {' and '.join(found)} values")
    return tensor


@_check_numerics.gradient
def _(dy: Tensor, y: Tensor, tensor: Tensor, *, message: str) -> Any:
    return _check_numerics(
        dy, message="Not a number (NaN) or infinity (Inf) values detected in gradient."
    )


def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """The same value; an error when it holds NaN or infinity. Source: tf.check_numerics.

    Errors: InvalidArgumentError, in a run, that begins with `message`.
    """
    result: Tensor = _check_numerics(tensor, message=message, name=name)
    return result


def verify_tensor_all_finite(
    t: Any = None,
    msg: Any = None,
    name: str | None = None,
    x: Any = None,
    message: Any = None,
) -> Tensor:
    """The same value, once it is known to be finite. Source: tf.verify_tensor_all_finite."""
    value = x if t is None else t
    with name_scope(name, "VerifyFinite", [value]):
        value = convert_to_tensor(value, name="x")
        checked = check_numerics(value, message=message if msg is None else msg)
        return with_dependencies([checked], value)


def add_check_numerics_ops() -> Operation:
    """One operation that checks every floating-point tensor of the default graph, in order.

    Source: tf.add_check_numerics_ops.
    """
    last: list[Tensor] = []
    for operation in list(get_default_graph().get_operations()):
        for output in operation.outputs:
            if output.dtype.base_dtype in (float16, float32, float64):
                with control_dependencies(last):
                    last = [check_numerics(output, message=output.name)]
    return group(*last)


# ---- prints ------------------------------------------------------------------------------------


@op("Print", kind="control", private_state=True, shape=lambda input, *_, **__: input.shape)
def _print(
    times: int | None,
    input: T,
    data: list[Any_],
    *,
    message: str = "",
    first_n: int = -1,
    summarize: int = 3,
) -> tuple[T, int]:
    """The same value; prints the data to standard error, in the first first_n runs or in all."""
    count = (times or 0) + 1
    if first_n < 0 or count <= first_n:
        shown = "".join(f"[{leading(value, summarize)}]" for value in data)
        print(f"{message}{shown}", file=sys.stderr)
    return input, count


@_print.gradient
def _(dy: Tensor, y: Tensor, input: Tensor, data: list[Tensor], **_: Any) -> Any:
    return dy, *[None for _ in data]


def print_(
    input_: Any,
    data: Sequence[Any],
    message: str | None = None,
    first_n: int | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Tensor:
    """The same value; when it is computed, prints `data` to standard error. Source: tf.Print.

    first_n: only in so many runs. summarize: how many elements of each tensor, 3 when left out.
    """
    result: Tensor = _print(
        input_,
        list(data),
        message=message or "",
        first_n=-1 if first_n is None else first_n,
        summarize=3 if summarize is None else summarize,
        name=name,
    )
    return result


# ---- Python functions --------------------------------------------------------------------------


def _called(func: Callable[..., Any], inputs: list[T], Tout: Sequence[DType]) -> tuple[T, ...]:
    result = func(*[np.array(value) if value.ndim else value[()] for value in inputs])
    results = list(result) if isinstance(result, list | tuple) else [result]
    if result is None and not Tout:
        return ()
    if len(results) != len(Tout):
        raise ValueError(f"{func!r} returns {len(results)} values, but expects {len(Tout)}")
    arrays = []
    for value, dtype in zip(results, Tout, strict=True):
        made = as_array(value, dtype if dtype is string else None)
        wide = made.dtype.kind == dtype.numpy.kind and not isinstance(value, np.ndarray)
        if made.dtype != dtype.numpy and not wide:
            raise ValueError(
                f"{func!r} returns {made.dtype}, but expects {dtype.name}: give Tout the type "
                "that it returns"
            )
        arrays.append(made.astype(dtype.numpy))
    return tuple(arrays)


_PY_FUNC: dict[str, Any] = {
    "kind": "control",
    "shape": lambda input, *, func, Tout: (shapes.UNKNOWN,) * len(Tout),
    "dtype": lambda input, *, func, Tout: tuple(Tout),
    "differentiable": False,
}


@op("PyFunc", private_state=True, **_PY_FUNC)
def _py_func(
    runs: int | None, input: list[Any_], *, func: Any, Tout: Sequence[DType]
) -> tuple[tuple[T, ...], int]:
    """What a Python function makes of the arrays; it is called in every run."""
    return _called(func, input, Tout), (runs or 0) + 1


@op("PyFuncStateless", **_PY_FUNC)
def _py_func_stateless(input: list[Any_], *, func: Any, Tout: Sequence[DType]) -> tuple[T, ...]:
    """What a Python function makes of the arrays, and makes again of the same arrays."""
    return _called(func, input, Tout)


def py_func(
    func: Callable[..., Any],
    inp: Sequence[Any],
    Tout: Any,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """A Python function of numpy arrays as an operation. Source: tf.py_func.

    Tout: the type of its result, or a list of types. No gradient flows through it, and the shape
    of a result is not known.
    Returns: a tensor, or a list for a list of types (the Operation when that is empty).
    Errors: ValueError for what cannot be called; InvalidArgumentError, in a run, when the results
    are not of these types or the function fails.
    """
    if not callable(func):
        raise ValueError(f"Expected func to be callable, got func of type {type(func)}")
    types = [as_dtype(t) for t in (Tout if isinstance(Tout, list | tuple) else [Tout])]
    definition = _py_func if stateful else _py_func_stateless
    node = definition.node(
        [convert_to_tensor(value) for value in inp], func=func, Tout=types, name=name
    )
    if isinstance(Tout, list | tuple):
        return node.outputs or node
    return node.outputs[0]
