"""The words of the language: `Graph`, `Operation` and `Tensor`, with TensorFlow's names and rules.

A graph only grows. Nothing about a run is ever stored here: values belong to a run, variables to a
session, positions to a timeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from graphscope.errors import about, did_you_mean
from graphscope.graph.body import Body
from graphscope.graph.collections import Collections, Limits
from graphscope.graph.controls import ControlScope, out_of_sight
from graphscope.graph.defaults import Defaults, default_sessions
from graphscope.graph.dtypes import DType
from graphscope.graph.elements import Operation as Operation
from graphscope.graph.elements import Tensor as Tensor
from graphscope.graph.placement import Placement
from graphscope.graph.shapes import TensorShape
from graphscope.graph.source import Source, user_source

if TYPE_CHECKING:
    from graphscope.graph.declare import OpDef

_OP_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/-]*$")
_SCOPE_NAME = re.compile(r"^[A-Za-z0-9_.\\/-]*$")


class Call:
    """A call of the user's that made operations, one after the other: the last of them, and those
    that are variables."""

    def __init__(self) -> None:
        self.variables: list[Operation] = []
        self.last: Operation


class Graph(Collections, Limits):
    """A set of operations, with their names, scopes and collections."""

    def __init__(self) -> None:
        Collections.__init__(self)
        Limits.__init__(self)
        self.operations: list[Operation] = []
        self.seed: int | None = None
        self._by_name: dict[str, Operation] = {}
        self._named = 0  # so many of the first operations are among them
        self._names_in_use: dict[str, int] = {}
        self._scope = ""
        self._controls: list[ControlScope] = []
        self._gradient_of: Operation | None = None
        self._body: Body | None = None
        self._beside = False
        self._sourced = True
        self._source: Source | None = None
        self.open_bodies: list[Body] = []
        self.placement = Placement()
        self._consumers: dict[Tensor, list[Operation]] = {}
        self._consuming = 0  # so many of the first operations are among them
        self._calls: list[Call] = []  # by the number of each operation, as far as somebody asked
        self._sources: dict[tuple[int, int, bool], Source] = {}
        self.uncounted = 0  # operations that TensorFlow would have made more, for its seeds
        self.undone_shapes: set[Any] = set()
        #: Of operations that come from a file: what it says of them that nothing here asks for.
        self.file_attrs: dict[Operation, dict[str, Any]] = {}
        #: Operations that stand for what a file says otherwise: with what of it they are told.
        self.unwritten: dict[Operation, tuple[Tensor, ...]] = {}

    # ---- making operations ---------------------------------------------------------------------

    def create_op(
        self,
        definition: OpDef,
        inputs: Sequence[Tensor],
        attrs: dict[str, Any],
        outputs: Sequence[tuple[DType, TensorShape]],
        name: str,
    ) -> Operation:
        """Add an operation. A name that ends in ``/`` is taken as it is, any other made unique."""
        if self.finalized:
            self._check_not_finalized()
        body = self._body
        for tensor in inputs:
            if tensor.op.body is not body and not self._sees(tensor.op):
                raise out_of_sight(tensor)
        name = name[:-1] if name[-1:] == "/" else self.unique_name(name)
        source = None
        if self._sourced:
            source = self._source or user_source(self._beside, self._sources)
        op = Operation(
            self,
            definition,
            name,
            [*inputs],
            attrs,
            self._controls_for(inputs) if self._controls else [],
            outputs,
            len(self.operations),
            source,
            self._gradient_of,
            body,
        )
        self.operations.append(op)
        self.placement.place(op)
        for scope in self._controls:
            scope.made.add(op)
        if body is not None:
            body.operations.append(op)
        return op

    # ---- bodies --------------------------------------------------------------------------------

    @contextmanager
    def body(self, mirror: Body | None = None, kind: type[Body] = Body) -> Iterator[Body]:
        """Operations made inside belong to a new body, which some operation will own.

        mirror: the body whose gradient is made inside. kind: the class of the new one.
        """
        made = kind(self._body, mirror)
        if mirror is not None:
            mirror.mirrored = True
        self.open_bodies.append(made)
        try:
            with self.inside(made):
                yield made
        finally:
            self.open_bodies.pop()

    @property
    def current_body(self) -> Body | None:
        """The body to which operations are being added."""
        return self._body

    @contextmanager
    def inside(self, body: Body | None) -> Iterator[None]:
        """Operations made inside belong to this body, or with None to the graph itself."""
        before = self._body, self._controls
        if body is not before[0]:  # what comes first outside comes before the owner
            self._body, self._controls = body, []
        try:
            yield
        finally:
            self._body, self._controls = before

    def _sees(self, op: Operation) -> bool:
        return op.body is None or (self._body is not None and self._body.sees(op))

    def source_here(self) -> Source | None:
        """The user's line from which operations are being made."""
        return self._source or user_source(self._beside, self._sources)

    def differentiating(self, op: Operation) -> AbstractContextManager[None]:
        """Operations made inside are the gradient of `op`."""
        return Differentiating(self, op)

    #: TensorFlow's name of it.
    _original_op = differentiating

    def beside(self) -> AbstractContextManager[None]:
        """Operations made inside are no result of the user's call: they get no Python name."""
        return Within(self, "_beside", True)

    def bookkeeping(self) -> AbstractContextManager[None]:
        """Operations made inside serve a library: they come from no line of the user's."""
        return Within(self, "_sourced", False)

    # ---- names ---------------------------------------------------------------------------------

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """``MatMul``, then ``MatMul_1``...: the name inside the current scope, made unique.

        As in TensorFlow, names that differ only in case count as the same.
        """
        if self._scope:
            name = f"{self._scope}/{name}"
        key, used = name.lower(), self._names_in_use
        count = used.get(key, 0)
        if mark_as_used:
            used[key] = count + 1
        if count == 0:
            return name
        while (numbered := f"{key}_{count}") in used:
            count += 1
        if mark_as_used:
            used[numbered] = 1
        return f"{name}_{count}"

    def name_scope(self, name: str | bytes | None) -> NameScope:
        """Names made inside get this prefix. A name that ends in ``/`` re-enters a scope.

        Errors: ValueError, when it is entered, for a name with characters that are not allowed.
        """
        return NameScope(self, name)

    def naming(self, name: str | bytes | None) -> Naming:
        """The same, and this is the default graph inside."""
        return Naming(self, name)

    def scope_of(self, name: str | bytes | None) -> str:
        """What a `name_scope` of that name yields: the prefix, which is the name made unique."""
        if isinstance(name, bytes):
            name = name.decode()
        if not name or name == "/":
            return ""
        if name[-1] == "/":
            return name
        plain = name.isidentifier() and name.isascii() and name[0] != "_"  # as most names are
        if not plain and not (_SCOPE_NAME if self._scope else _OP_NAME).match(name):
            raise ValueError(
                f"'{name}' is not a valid scope name: use letters, digits, '_', '.', '-' and "
                "'/', and begin with a letter, a digit or '.'"
            )
        return f"{self.unique_name(name)}/"

    def get_name_scope(self) -> str:
        return self._scope

    def python_name(self, op: Operation) -> str | None:
        """The Python name that the call which made `op` was assigned to.

        One call makes several operations. The last of them is the result, and has the name; when
        it was made for the only variable of the call (``tf.Variable`` makes four), that one has.
        """
        if op.source is None or op.gradient_of is not None:
            return None
        name = op.source.bound_to
        if name is None:
            return None
        call = self._call_of(op)
        alone = len(call.variables) == 1 and call.last.name.startswith(call.variables[0].name)
        return name if op is (call.variables[0] if alone else call.last) else None

    def _call_of(self, op: Operation) -> Call:
        """The call that made the operation. Each operation is looked at once, however often it is
        asked."""
        for made in self.operations[len(self._calls) :]:
            before = self._calls[-1] if self._calls else None
            call = before if before is not None and before.last.source == made.source else Call()
            call.last = made
            call.variables += [made] if made.definition.is_variable else []
            self._calls.append(call)
        return self._calls[op._id]

    # ---- looking up ----------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """A number that grows with the graph."""
        return len(self.operations)

    def get_operations(self) -> list[Operation]:
        return [op for op in self.operations if op not in self.unwritten]

    def consumers(self, tensor: Tensor) -> list[Operation]:
        """The operations that take the tensor, in order of creation."""
        for op in self.operations[self._consuming :]:  # those made since somebody asked
            self._consuming += 1
            for taken in op.inputs:
                users = self._consumers.setdefault(taken, [])
                if not users or users[-1] is not op:
                    users.append(op)
        return list(self._consumers.get(tensor, ()))

    def operation_named(self, name: str) -> Operation | None:
        """The operation of this name; None without one."""
        if self._named < len(self.operations):
            self._by_name |= {op.name: op for op in self.operations[self._named :]}
            self._named = len(self.operations)
        return self._by_name.get(name)

    def get_operation_by_name(self, name: str) -> Operation:
        """Errors: KeyError when the graph has no such operation, ValueError for a tensor's name."""
        element = self.as_graph_element(name, allow_tensor=False)
        assert isinstance(element, Operation)
        return element

    def get_tensor_by_name(self, name: str) -> Tensor:
        """Errors: KeyError when there is no such tensor, ValueError for an operation's name."""
        element = self.as_graph_element(name, allow_operation=False)
        assert isinstance(element, Tensor)
        return element

    def as_graph_element(
        self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True
    ) -> Tensor | Operation:
        """The Tensor or Operation that an object or a name stands for.

        Errors: TypeError for what cannot stand for one, ValueError for another graph's element or
        the wrong sort of name, KeyError for a name that does not exist.
        """
        wanted = " or ".join(
            w for w, ok in (("Tensor", allow_tensor), ("Operation", allow_operation)) if ok
        )
        if hasattr(obj, "_as_graph_element"):
            obj = obj._as_graph_element()
        if isinstance(obj, str | bytes):
            text = obj.decode() if isinstance(obj, bytes) else obj
            return self._looked_up(text, allow_tensor, allow_operation)
        if (isinstance(obj, Tensor) and allow_tensor) or (
            isinstance(obj, Operation) and allow_operation
        ):
            if obj.graph is not self:
                kind = "Tensor" if isinstance(obj, Tensor) else "Operation"
                raise about(ValueError(f"{kind} {obj} is not an element of this graph."), obj)
            return obj
        raise TypeError(f"Can not convert a {type(obj).__name__} into a {wanted}.")

    def _looked_up(
        self, name: str, allow_tensor: bool, allow_operation: bool
    ) -> Tensor | Operation:
        op_name, colon, index = name.partition(":")
        op = self.operation_named(op_name)
        if colon:
            if not allow_tensor:
                raise ValueError(
                    f"Name {name!r} appears to refer to a Tensor, not an Operation; "
                    f"the operation is {op_name!r}."
                )
            if not index.isdigit():
                raise ValueError(
                    f"The name {name!r} looks like a Tensor name, but is not a valid one. "
                    "Tensor names must be of the form '<op_name>:<output_index>'."
                )
            if op is None:
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                    f"{op_name!r}, does not exist in the graph.{self._near(op_name)}"
                )
            if int(index) >= len(op.outputs):
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                    f"{op_name!r}, exists but only has {len(op.outputs)} outputs."
                )
            return op.outputs[int(index)]
        if op is not None and allow_operation:
            return op
        if op is not None:
            raise ValueError(
                f"The name {name!r} refers to an Operation, not a Tensor. "
                f"Tensor names must be of the form '<op_name>:<output_index>': try '{name}:0'."
            )
        if not allow_operation:
            raise ValueError(
                f"The name {name!r} looks like an (invalid) Operation name, not a Tensor. "
                "Tensor names must be of the form '<op_name>:<output_index>'."
            )
        raise KeyError(
            f"The name {name!r} refers to an Operation not in the graph.{self._near(name)}"
        )

    def _near(self, name: str) -> str:
        hint = did_you_mean(name, self._by_name)
        return f" ({hint})" if hint else ""

    # ---- control dependencies and devices ------------------------------------------------------

    @contextmanager
    def control_dependencies(self, control_inputs: Iterable[Any] | None) -> Iterator[None]:
        """Operations made inside run after `control_inputs`; None forgets the outer ones, and the
        branches and loops around: so a variable is made for all of the graph."""
        body, before = self._body, self._controls
        if control_inputs is None:
            self._body, self._controls = None, []
        else:
            ops: dict[Operation, None] = {}
            for item in control_inputs:  # of a variable, a tensor or rows of one: what makes it
                element = self.as_graph_element(item.op if hasattr(item, "op") else item)
                ops[element.op if isinstance(element, Tensor) else element] = None
            self._controls = [*before, ControlScope(tuple(ops))]
        try:
            yield
        finally:
            self._body, self._controls = body, before

    def _controls_for(self, inputs: Sequence[Tensor]) -> list[Operation]:
        """What the scopes ask for, less what an input made in the same scope waits for already."""
        found: dict[Operation, None] = {}
        for scope in self._controls:
            if not any(tensor.op in scope.made for tensor in inputs):
                found.update(dict.fromkeys(scope.ops))
        makers = {tensor.op for tensor in inputs}
        return [op for op in found if op not in makers]

    def device(self, device_name_or_function: Any) -> AbstractContextManager[None]:
        """Operations made inside carry the name of a device, or what the function says of them.

        None forgets outer names. There is one device, and all run on it.
        """
        return self.placement.device(device_name_or_function)

    def colocate_with(self, op: Any, ignore_existing: bool = False) -> AbstractContextManager[None]:
        """Operations made inside are on the device of `op`."""
        return self.placement.colocate_with(op, ignore_existing)

    def as_default(self) -> AbstractContextManager[Graph]:
        """Make this the graph to which operations are added, inside the block."""
        return default_graphs.pushed(self)


# ---- blocks. Every operation is made in some of them, so they are no generators, which cost more


class NameScope:
    """A block inside which names get a prefix; see `Graph.name_scope`."""

    __slots__ = ("_before", "_graph", "_name")

    def __init__(self, graph: Graph, name: str | bytes | None) -> None:
        self._graph = graph
        self._name = name

    def __enter__(self) -> str:
        graph = self._graph
        self._before = graph._scope
        scope = graph.scope_of(self._name)
        graph._scope = scope[:-1]
        return scope

    def __exit__(self, *_: object) -> None:
        self._graph._scope = self._before


class Naming(NameScope):
    """A block inside which names in a graph, which is the default one there, get a prefix."""

    __slots__ = ()

    def __enter__(self) -> str:
        graph = self._graph
        self._before = graph._scope
        scope = graph.scope_of(self._name)  # may fail: nothing is left behind then
        graph._scope = scope[:-1]
        default_graphs.push(graph)
        return scope

    def __exit__(self, *_: object) -> None:
        self._graph._scope = self._before
        default_graphs.pop(self._graph)


class Differentiating:
    """A block inside which the operations that are made are the gradient of one.

    source: the line from which they are made, where no function of the user's is called.
    scope: a name that they all get as a prefix, made unique.
    """

    __slots__ = ("_before", "_graph", "_inside")

    def __init__(
        self, graph: Graph, op: Operation, source: Source | None = None, scope: str | None = None
    ) -> None:
        self._graph = graph
        self._inside = op, source, scope

    def __enter__(self) -> None:
        graph = self._graph
        self._before = graph._gradient_of, graph._source, graph._scope
        graph._gradient_of, graph._source, scope = self._inside
        if scope is not None:
            graph._scope = graph.unique_name(scope)

    def __exit__(self, *_: object) -> None:
        graph = self._graph
        graph._gradient_of, graph._source, graph._scope = self._before


class Within:
    """A block inside which an attribute of a graph has another value."""

    __slots__ = ("_before", "_graph", "_name", "_value")

    def __init__(self, graph: Graph, name: str, value: Any) -> None:
        self._graph = graph
        self._name = name
        self._value = value

    def __enter__(self) -> None:
        self._before = getattr(self._graph, self._name)
        setattr(self._graph, self._name, self._value)

    def __exit__(self, *_: object) -> None:
        setattr(self._graph, self._name, self._before)


# ---- the defaults: one stack of graphs, one of sessions, per thread -----------------------------


default_graphs = Defaults(Graph)


def get_default_graph() -> Graph:
    """The graph to which operations are added."""
    graph: Graph = default_graphs.top()
    return graph


def reset_default_graph() -> None:
    """Begin a new default graph. Errors: AssertionError inside a ``with graph.as_default()``."""
    default_graphs.reset()


def get_default_session() -> Any:
    """The session of the innermost ``with``, or None."""
    return default_sessions.top()
