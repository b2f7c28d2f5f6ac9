"""``@op``: an operation is declared once, and everything else is read from the declaration.

A declaration is a plain function on arrays, the kernel. Its parameters are the operation's inputs
under TensorFlow's names; its keyword-only parameters are the attributes; its docstring is the help.
Annotations say which inputs share an element type::

    @op("Tanh", kind="math", types=FLOATS)
    def tanh(x: T) -> T:
        \"\"\"Hyperbolic tangent, elementwise. x: any shape, float.\"\"\"
        return np.tanh(x)

    @tanh.gradient
    def _(dy, y, x):
        return dy * (1 - square(y))

The decorated name is no longer the kernel but the `OpDef`. Called with tensors it adds a node to
the graph and returns its output; the kernel is at ``tanh.kernel``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.errors import Lesson, teach
from graphscope.graph import shapes
from graphscope.graph.convert import convert_to_tensor, is_tensor_like
from graphscope.graph.dtypes import (
    ALL,
    DType,
    as_dtype,
    bool_,
    int32,
    int64,
    resource,
    string,
    variant,
)
from graphscope.graph.graph import Graph, Operation, Tensor
from graphscope.graph.registry import OPS, VOCABULARY, Registry
from graphscope.graph.scopes import graph_of
from graphscope.graph.shapes import TensorShape
from graphscope.graph.source import user_source

# How a kernel's parameters are annotated. Inputs with the same annotation have the same dtype.
T = NDArray[Any]  # the operation's main type
U = NDArray[Any]  # a second type, independent of the first
Index = NDArray[Any]  # int32 or int64: axes, shapes, positions
Bool = NDArray[Any]
String = NDArray[Any]
Any_ = NDArray[Any]  # any type, shared with no other input
Handle = NDArray[Any]  # the name of something that the session keeps
Variant = NDArray[Any]  # one object of Python, or the list of arrays in a TensorArray

_ALLOWED: dict[str, tuple[DType, ...]] = {
    "Index": (int32, int64),
    "Bool": (bool_,),
    "String": (string,),
    "Handle": (resource,),
    "Variant": (variant,),
}

_EVERY = (*ALL, resource, variant)

#: Who uses a value of the operation, in a word: the theme table maps these to colours and shapes.
KINDS = (
    "input",
    "const",
    "state",
    "math",
    "linear",
    "reduce",
    "array",
    "logic",
    "nn",
    "random",
    "control",
    "summary",
)


@dataclass(frozen=True)
class Parameter:
    """One input of an operation: its name, its type variable, and whether it is a list."""

    name: str
    type: str
    is_list: bool = False


@dataclass(eq=False)
class OpDef:
    """The declaration of one operation.

    type:     TensorFlow's name of the operation; it is also the default name of its nodes.
    kind:     its meaning in a word (one of `KINDS`); the picture is chosen by it.
    shape_rule: the shape rule: tensors and attributes in, one TensorShape per output out.
    dtype_rule: the output's type: a DType, the name of an attribute that holds it, or a rule; the
              type of the inputs annotated ``T`` when left out.
    types:    what ``T`` may be.
    outputs:  how many outputs there are, or their names; with several (their number may be left to
              the shape rule) the kernel returns a tuple.
    symbol:   how a formula writes it, for pictures: ``+``.
    given:    known before a run begins, so that it is no step: a constant, a variable, a feed.
    writes:   how many of the first inputs are variables that it writes. The kernel gets their
              values and returns the new ones, a tuple when there are several. The output is the
              first variable; with a `dtype`, what the kernel returns after the new values.
    is_variable: it is a variable: the session holds its value under the operation's name.
    private_state: the session keeps something for this node alone, as the position of a random
              generator: the kernel gets it first and returns ``(result, new private state)``.
    shared_state: the same with what is kept under the name that is the value of its first input,
              a handle: the position of an iterator. Who owns bodies is given, in place of what is
              kept, a function that tells it, since a body may change it.
    takes_uninitialized: its first input may be a variable without a value, for which the kernel
              gets None: Assign.
    broadcasts: inputs may be repeated along axes, so that their gradients are summed back; so it is
              with the shape rule `broadcast`.
    differentiable: False when no gradient flows through it by definition (ArgMax, Equal).
    """

    type: str
    kernel: Callable[..., Any]
    kind: str
    doc: str
    parameters: tuple[Parameter, ...]
    attrs: dict[str, Any]
    outputs: tuple[str, ...]
    types: tuple[DType, ...]
    symbol: str
    shape_rule: Callable[..., Any]
    dtype_rule: Any
    given: bool
    writes: int
    is_variable: bool
    private_state: bool
    shared_state: bool
    takes_uninitialized: bool
    broadcasts: bool
    gradient_rule: Callable[..., Any] | None = None
    differentiable: bool = True

    def __post_init__(self) -> None:
        #: Its kernel is a generator of calls: it owns bodies, branches or loops, and has them run.
        self.calls = inspect.isgeneratorfunction(self.kernel)
        #: Its gradient rule is of the vocabulary, and calls no function of the user's: it has no
        #: bodies.
        self.has_own_rule = False
        #: The session keeps something for it that is no variable.
        self.keeps = self.private_state or self.shared_state
        #: Running it twice with the same inputs may give two results, or leave a trace.
        self.is_stateful = self.is_variable or self.writes > 0 or self.keeps
        if self.gradient_rule is not None:
            self.gradient(self.gradient_rule)
        types = [p.type for p in self.parameters]
        #: It takes a list of tensors.
        self.has_list = any(p.is_list for p in self.parameters)
        self._list_at = next((i for i, p in enumerate(self.parameters) if p.is_list), None)
        self._main = types.index("T") if "T" in types else None
        ruled = self.dtype_rule is not None or self.writes or self.has_list
        #: The input of whose type the outputs are, where no more is to be said.
        self._typed_by = None if ruled else self._main
        self._keywords = frozenset((*self.attrs, "name"))
        self._needed = [n for n, v in self.attrs.items() if v is inspect.Parameter.empty]
        self._allowed = {t: {dtype.as_datatype_enum for dtype in self._types_of(t)} for t in types}
        #: The types of tensors that have been inputs before: they fit, and need no more checks.
        self._fitting: set[tuple[int, ...]] = set()

    def _types_of(self, annotation: str) -> tuple[DType, ...]:
        """What an input that is annotated so may be."""
        if annotation == "T":
            return self.types
        return _ALLOWED.get(annotation, _EVERY if annotation == "Any_" else ALL)

    @property
    def __name__(self) -> str:
        return self.kernel.__name__

    def gradient(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Declare the gradient: ``rule(dy, y, *inputs, **attrs)`` returns one tensor per input.

        It works on tensors, so that the backward pass is ordinary graph. None stands for an input
        through which no gradient flows. Broadcasting is not its business. With several outputs,
        `dy` and `y` are tuples.
        """
        self.gradient_rule = rule
        self.has_own_rule = not self.calls and rule.__module__.startswith(VOCABULARY)
        return rule

    def shape(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Declare the shape rule, where it does not fit into the decorator."""
        self.shape_rule = rule
        return rule

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Add a node to the graph; the output, a tuple of outputs, or the Operation without any.

        Arguments: the inputs, the attributes and `name`, in this order or by keyword.
        """
        op = self._added(args, kwargs)
        if len(op.outputs) == 1:
            return op.outputs[0]
        return tuple(op.outputs) if op.outputs else op

    def node(self, *args: Any, **kwargs: Any) -> Operation:
        """Add a node to the graph and return it. Errors: TypeError, ValueError, with a lesson."""
        return self._added(args, kwargs)

    def _added(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Operation:
        inputs, attrs = args, kwargs
        if len(args) != len(self.parameters) or not kwargs.keys() <= self._keywords:
            inputs, attrs = self._sorted(args, kwargs)
        name = attrs.pop("name", None)
        try:
            graph = graph_of(inputs)
            scope = graph.scope_of(name) if name else f"{graph.unique_name(self.type)}/"
            types = [v.dtype.as_datatype_enum if type(v) is Tensor else None for v in inputs]
            fit = tuple(types) in self._fitting
            tensors = inputs if fit else self._convert(inputs, graph, scope)
            attrs = self._complete(attrs) if self.attrs else {}
            return graph.create_op(self, tensors, attrs, self._infer(tensors, attrs, scope), scope)
        except (TypeError, ValueError) as error:
            raise teach(error, self._lesson(inputs)) from None

    def arguments(self, flat: Sequence[Any]) -> list[Any]:
        """The kernel's positional arguments, made from the operation's flat inputs."""
        if self._list_at is None:
            return list(flat)
        first = self._list_at
        last = len(flat) - (len(self.parameters) - first - 1)
        return [*flat[:first], list(flat[first:last]), *flat[last:]]

    def _sorted(
        self, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> tuple[Sequence[Any], dict[str, Any]]:
        """A call's arguments as the inputs, and the attributes with the name among them."""
        order = [*(p.name for p in self.parameters), *self.attrs, "name"]
        given = dict(zip(order, args, strict=False))
        twice = given.keys() & kwargs.keys()
        given.update(kwargs)
        missing = [p.name for p in self.parameters if p.name not in given]
        unknown = given.keys() - set(order)
        if len(args) > len(order) or twice or missing or unknown:
            wrong = ", ".join(sorted(twice | unknown)) or ", ".join(missing) or "too many"
            raise TypeError(f"{self.type}({', '.join(order)}) was called wrongly: {wrong}")
        return [given.pop(p.name) for p in self.parameters], given

    def _convert(self, inputs: Sequence[Any], graph: Graph, scope: str) -> list[Tensor]:
        """The inputs as tensors, in a row. What is no tensor is made one inside the scope."""
        known: dict[str, tuple[DType, str]] = {}
        flat: list[Tensor] = []
        if self.writes:
            places = [v._ref() if hasattr(v, "_ref") else v for v in inputs[: self.writes]]
            inputs = [*places, *inputs[len(places) :]]
        for place, parameter in enumerate(self.parameters):
            value = inputs[place]
            if parameter.is_list:
                values = list(value)
                # A Python number takes the type of its neighbours.
                if parameter.type not in (*known, "Any_"):
                    for item in filter(is_tensor_like, values):
                        known[parameter.type] = (item.dtype.base_dtype, f"{parameter.name}_0")
                        break
                for i, item in enumerate(values):
                    name = f"{parameter.name}_{i}"
                    flat.append(self._convert_one(parameter, name, item, known, graph, scope))
            else:
                name = parameter.name
                flat.append(self._convert_one(parameter, name, value, known, graph, scope))
        if all(type(value) is Tensor for value in inputs):
            self._fitting.add(tuple([tensor.dtype.as_datatype_enum for tensor in flat]))
        return flat

    def _convert_one(
        self,
        parameter: Parameter,
        name: str,
        value: Any,
        known: dict[str, tuple[DType, str]],
        graph: Graph,
        scope: str,
    ) -> Tensor:
        first = known.get(parameter.type)
        if isinstance(value, Tensor):
            tensor = value
        else:
            expected = first[0] if first else self._usual(parameter, value)
            with graph.naming(scope):
                tensor = self._constant(name, value, expected)
        dtype = tensor.dtype.base_dtype
        if first is not None and dtype is not first[0]:
            raise TypeError(
                f"Input {name!r} of {self.type!r} Op has type {dtype.name} that does not match "
                f"type {first[0].name} of argument {first[1]!r}."
            )
        if dtype.as_datatype_enum not in self._allowed[parameter.type]:
            allowed = ", ".join(t.name for t in self._types_of(parameter.type))
            raise TypeError(
                f"Value passed to parameter {name!r} of {self.type} has DataType {dtype.name} not "
                f"in list of allowed values: {allowed}"
            )
        if first is None and parameter.type != "Any_":
            known[parameter.type] = dtype, name
        return tensor

    def _usual(self, parameter: Parameter, value: Any) -> DType | None:
        """The type of a constant that nothing else tells: what the annotation stands for."""
        if parameter.type not in _ALLOWED or is_tensor_like(value):
            return None
        return None if isinstance(value, (np.ndarray, np.generic)) else _ALLOWED[parameter.type][0]

    def _constant(self, name: str, value: Any, expected: DType | None) -> Tensor:
        try:
            return convert_to_tensor(value, expected, name=name, preferred=True)
        except TypeError as error:
            raise TypeError(f"Input {name!r} of {self.type!r} Op: {error}") from None

    def _complete(self, attrs: dict[str, Any]) -> dict[str, Any]:
        complete = {**self.attrs, **attrs}
        for name in self._needed:
            if complete[name] is inspect.Parameter.empty:
                raise TypeError(f"{self.type} needs the attribute {name!r}")
        return complete

    def _infer(
        self, tensors: Sequence[Tensor], attrs: dict[str, Any], scope: str
    ) -> list[tuple[DType, TensorShape]]:
        if not self.outputs:
            return []
        arguments = self.arguments(tensors) if self.has_list else tensors
        try:
            found = self.shape_rule(*arguments, **attrs)
        except ValueError as error:
            sizes = ", ".join(tensor.shape.short for tensor in tensors)
            raise ValueError(
                f"{error} for {scope[:-1]!r} (op: {self.type!r}) with input shapes: {sizes}."
            ) from None
        if self._typed_by is None:
            dtype = self._dtype(arguments, attrs)
        else:
            dtype = arguments[self._typed_by].dtype.base_dtype
        if not isinstance(found, tuple):
            return [(dtype[0] if isinstance(dtype, tuple) else dtype, found)]
        dtypes = dtype if isinstance(dtype, tuple) else (dtype,) * len(found)
        return list(zip(dtypes, found, strict=True))

    def _dtype(self, arguments: Sequence[Any], attrs: dict[str, Any]) -> Any:
        """The type of the outputs, or a tuple with that of each."""
        rule = self.dtype_rule
        if rule is None:
            if self._main is None:
                raise TypeError(f"{self.type} does not say of which type its output is")
            first = arguments[self._main]
            dtype = (first[0] if type(first) is list else first).dtype.base_dtype
            return dtype.ref if self.writes else dtype  # the variable, that can be written again
        if isinstance(rule, str):
            return attrs[rule]
        return rule if isinstance(rule, DType | tuple) else rule(*arguments, **attrs)

    def _lesson(self, inputs: Sequence[Any]) -> Lesson:
        described = []
        for parameter, value in zip(self.parameters, inputs, strict=False):
            if is_tensor_like(value):
                where = value.op.source.where if value.op.source else "?"
                dtype, shape = value.dtype.base_dtype.short, value.shape.short
                described.append(f"{parameter.name}: {value.name} {dtype}{shape}, made at {where}")
            elif not parameter.is_list:
                described.append(f"{parameter.name}: {_brief(value)}")
        source = user_source()
        return Lesson(inputs=described, line=str(source) if source else "")


def op(
    type: str,
    *,
    kind: str,
    shape: Callable[..., Any] = shapes.same,
    dtype: Any = None,
    types: tuple[DType, ...] = ALL,
    outputs: int | Sequence[str] = 1,
    symbol: str = "",
    given: bool = False,
    writes: int = 0,
    is_variable: bool = False,
    private_state: bool = False,
    shared_state: bool = False,
    takes_uninitialized: bool = False,
    broadcasts: bool | None = None,
    differentiable: bool = True,
    table: Registry = OPS,
) -> Callable[[Callable[..., Any]], OpDef]:
    """Declare an operation; the decorated function is its kernel.

    The arguments are the fields of `OpDef`; `shape` and `dtype` are the rules. table: where it is
    kept.
    """
    if kind not in KINDS:
        raise ValueError(f"{type}: kind {kind!r} is not one of {', '.join(KINDS)}")

    def declare(kernel: Any) -> OpDef:
        known = table.declared(type)
        if known is not None:
            first = known.kernel.__code__
            raise ValueError(
                f"{type} is declared twice: first at {first.co_filename}:{first.co_firstlineno}"
            )
        parameters, attrs = _signature(kernel, private_state or shared_state)
        names = tuple(f"output_{i}" for i in range(outputs)) if isinstance(outputs, int) else ()
        table[type] = declared = OpDef(
            type=type,
            kernel=kernel,
            kind=kind,
            doc=_doc(kernel),
            parameters=tuple(parameters),
            attrs=attrs,
            outputs=names or tuple(outputs if not isinstance(outputs, int) else ()),
            types=types,
            symbol=symbol,
            shape_rule=shape,
            dtype_rule=as_dtype(dtype) if dtype in (bool, int, float) else dtype,
            given=given,
            writes=writes,
            is_variable=is_variable,
            private_state=private_state,
            shared_state=shared_state,
            takes_uninitialized=takes_uninitialized,
            broadcasts=shape is shapes.broadcast if broadcasts is None else broadcasts,
            differentiable=differentiable,
        )
        declared.__doc__ = declared.doc
        return declared

    return declare


def _signature(kernel: FunctionType, keeps: bool) -> tuple[list[Parameter], dict[str, Any]]:
    """The inputs, and the attributes with their defaults, that a kernel's parameters stand for."""
    code = kernel.__code__
    names, kwdefaults = code.co_varnames, kernel.__kwdefaults__ or {}
    parameters = []
    for name in names[keeps : code.co_argcount]:
        annotation = str(kernel.__annotations__.get(name, ""))
        is_list = annotation.startswith("list[")
        parameters.append(Parameter(name, annotation[5:-1] if is_list else annotation, is_list))
    after = code.co_argcount + code.co_kwonlyargcount
    attrs = names[code.co_argcount : after]
    return parameters, {name: kwdefaults.get(name, inspect.Parameter.empty) for name in attrs}


def _doc(kernel: FunctionType) -> str:
    doc = kernel.__doc__ or ""
    return inspect.cleandoc(doc) if "\n" in doc else doc


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
