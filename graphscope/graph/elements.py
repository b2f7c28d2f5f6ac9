"""`Tensor` and `Operation`: what a graph is made of.

Both know their graph, and neither knows of a value: see `graphscope.graph.graph`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from graphscope.errors import Lesson, OperatorNotAllowedInGraphError, teach
from graphscope.graph.body import Body
from graphscope.graph.defaults import session_for
from graphscope.graph.dtypes import DType
from graphscope.graph.shapes import TensorShape, as_shape, different
from graphscope.graph.source import Source

if TYPE_CHECKING:
    from graphscope.graph.declare import OpDef
    from graphscope.graph.graph import Graph


class Tensor:
    """A value that an operation will produce when it runs: a promise, not a value.

    `op` makes it, as its output number `value_index`; `dtype` and `shape` are what is known of it
    before anything runs.
    """

    __slots__ = ("__dict__", "__weakref__", "_shape", "dtype", "op", "value_index")
    __array_priority__ = 100  # so that ``np.float32(2) * t`` asks the tensor, not numpy

    def __init__(self, op: Operation, value_index: int, dtype: DType, shape: TensorShape) -> None:
        self.op = op
        self.value_index = value_index
        self.dtype = dtype
        self._shape = shape

    @property
    def name(self) -> str:
        """``dense/MatMul:0``: the operation's name and the number of the output."""
        return f"{self.op.name}:{self.value_index}"

    @property
    def graph(self) -> Graph:
        return self.op.graph

    @property
    def device(self) -> str:
        return self.op.device

    @property
    def shape(self) -> TensorShape:
        return self._shape

    def get_shape(self) -> TensorShape:
        return self._shape

    def set_shape(self, shape: Any) -> None:
        """Add to what is known of the shape. Errors: ValueError when it contradicts what is."""
        shape = as_shape(shape)
        if not self._shape.is_compatible_with(shape):
            raise ValueError(
                f"{different(self._shape, shape)}. "
                f"Shapes are {self._shape.short} and {shape.short}."
            )
        self._shape = self._shape.merge_with(shape)

    def consumers(self) -> list[Operation]:
        """The operations that take this tensor as an input, in order of creation."""
        return self.graph.consumers(self)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """The value, computed by `session` or by the default session."""
        return session_for(self.graph, session, "evaluate tensor", "eval").run(self, feed_dict)

    def __repr__(self) -> str:
        return f"<tf.Tensor {self.name!r} shape={self._shape} dtype={self.dtype.name}>"

    def __str__(self) -> str:
        shape = "" if self._shape.ndims is None else f", shape={self._shape}"
        device = f", device={self.device}" if self.device else ""
        return f'Tensor("{self.name}"{shape}, dtype={self.dtype.name}{device})'

    # A tensor has no value while the graph is built: each of these is a beginner's first mistake.

    def __bool__(self) -> bool:
        raise self._misused(
            OperatorNotAllowedInGraphError,
            "using a `tf.Tensor` as a Python `bool` is not allowed in Graph execution",
            "tf.cond or tf.where choose inside the graph; `is None` asks whether there is a tensor",
        )

    def __iter__(self) -> Iterator[Any]:
        raise self._misused(
            OperatorNotAllowedInGraphError,
            "iterating over `tf.Tensor` is not allowed in Graph execution",
            "tf.unstack or tf.map_fn go through it inside the graph",
        )

    def __len__(self) -> int:
        raise self._misused(
            TypeError, "len is not well defined for symbolic Tensors", "its shape is x.shape"
        )

    def __float__(self) -> float:
        raise self._misused(
            TypeError, "float() argument must be a string or a number, not 'Tensor'"
        )

    def __int__(self) -> int:
        raise self._misused(TypeError, "int() argument must be a string or a number, not 'Tensor'")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise self._misused(
            NotImplementedError,
            "Cannot convert a symbolic Tensor to a numpy array",
            "use the graph's own function: tf.log for np.log",
        )

    def _misused(self, kind: type[Exception], sentence: str, hint: str = "") -> Exception:
        """The error for taking a promise for a value."""
        error = kind(f"{sentence}: {self.name} has a value only while a session runs.")
        lesson = Lesson(
            node=f"{self.name} [{self.op.type}], {self.dtype.base_dtype.short}{self.shape.short}",
            line=str(self.op.source or ""),
            hint=["get its value: sess.run(...)", *([hint] if hint else [])],
        )
        return teach(error, lesson)

    if TYPE_CHECKING:  # set by graphscope.ops.operators, which knows the vocabulary

        def __add__(self, y: Any) -> Tensor: ...
        def __radd__(self, x: Any) -> Tensor: ...
        def __sub__(self, y: Any) -> Tensor: ...
        def __rsub__(self, x: Any) -> Tensor: ...
        def __mul__(self, y: Any) -> Tensor: ...
        def __rmul__(self, x: Any) -> Tensor: ...
        def __truediv__(self, y: Any) -> Tensor: ...
        def __rtruediv__(self, x: Any) -> Tensor: ...
        def __floordiv__(self, y: Any) -> Tensor: ...
        def __rfloordiv__(self, x: Any) -> Tensor: ...
        def __mod__(self, y: Any) -> Tensor: ...
        def __rmod__(self, x: Any) -> Tensor: ...
        def __pow__(self, y: Any) -> Tensor: ...
        def __rpow__(self, x: Any) -> Tensor: ...
        def __matmul__(self, y: Any) -> Tensor: ...
        def __rmatmul__(self, x: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __lt__(self, y: Any) -> Tensor: ...
        def __le__(self, y: Any) -> Tensor: ...
        def __gt__(self, y: Any) -> Tensor: ...
        def __ge__(self, y: Any) -> Tensor: ...
        def __getitem__(self, key: Any) -> Tensor: ...


class Operation:
    """A node of the graph: what is computed (`type`, `attrs`), from which tensors, and after what.

    source:       the user's line that made it.
    gradient_of:  the forward operation that this one differentiates, or None.
    body:         the branch or loop inside which it was made, or None.
    """

    __slots__ = (
        "_id",
        "attrs",
        "body",
        "control_inputs",
        "definition",
        "device",
        "gradient_of",
        "graph",
        "inputs",
        "name",
        "outputs",
        "source",
    )

    def __init__(
        self,
        graph: Graph,
        definition: OpDef,
        name: str,
        inputs: list[Tensor],
        attrs: dict[str, Any],
        control_inputs: list[Operation],
        outputs: Sequence[tuple[DType, TensorShape]],
        number: int,
        source: Source | None,
        gradient_of: Operation | None,
        body: Body | None,
    ) -> None:
        self.graph = graph
        self.definition = definition
        self.name = name
        self.inputs = inputs
        self.attrs = attrs
        self.control_inputs = control_inputs
        self.outputs: list[Tensor] = []
        for i, (dtype, shape) in enumerate(outputs):
            self.outputs.append(Tensor(self, i, dtype, shape))
        self.source = source
        self.gradient_of = gradient_of
        self.body = body
        self.device = ""
        self._id = number

    @property
    def type(self) -> str:
        """TensorFlow's name of the computation: ``MatMul``, ``Tanh``."""
        return self.definition.type

    @property
    def node_def(self) -> Operation:
        return self

    @property
    def bound_to(self) -> str | None:
        """The Python name that the user gave to the result of the call that made this, or None."""
        return self.graph.python_name(self)

    def own_attr(self, name: str) -> Any:
        """The value of an attribute that it was made with, of text its bytes.

        Errors: ValueError when there is none of that name.
        """
        if name in self.attrs:
            return value.encode() if isinstance(value := self.attrs[name], str) else value
        if name == "_class" and self in self.graph.placement.groups:
            return self.colocation_groups()
        raise ValueError(f"Operation '{self.name}' has no attr named '{name}'.")

    get_attr = own_attr

    @property
    def _original_op(self) -> Operation | None:
        """TensorFlow's name of what it differentiates."""
        return self.gradient_of

    def values(self) -> tuple[Tensor, ...]:
        return tuple(self.outputs)

    def colocation_groups(self) -> list[bytes]:
        """The operations beside which it is to be, ``loc:@name``: itself when nothing is said."""
        return self.graph.placement.groups.get(self, [f"loc:@{self.name}".encode()])

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Run the operation by `session` or by the default session."""
        session_for(self.graph, session, "execute operation", "run").run(self, feed_dict)

    def __repr__(self) -> str:
        return f"<tf.Operation {self.name!r} type={self.type}>"
