"""`import_graph_def`: the nodes of a file become operations of a graph.

A node that nothing here can run is an operation like any other, which can be drawn, looked at and
fed; only running it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from graphscope.formats import bodies, frames, wholes
from graphscope.formats.attributes import value_of
from graphscope.formats.frames import Frame, maker
from graphscope.formats.functions import Calls, remember
from graphscope.formats.messages import GraphDef, NodeDef
from graphscope.formats.operations import attributes_of, definition_of, guessed_types, types_of
from graphscope.graph.body import Body, Ring
from graphscope.graph.declare import OpDef
from graphscope.graph.dtypes import DType, resource
from graphscope.graph.graph import Graph, Operation, Tensor, get_default_graph
from graphscope.graph.shapes import UNKNOWN, TensorShape
from graphscope.kernels import collecting
from graphscope.ops import block_cells as block_cells
from graphscope.ops import old_arrays as old_arrays
from graphscope.ops import old_names as old_names
from graphscope.ops import tensor_lists as tensor_lists
from graphscope.ops.functions import calls_functions, given_back
from graphscope.ops.loops import loop_variables
from graphscope.ops.old_control import old_loop

_NODE_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")
_OF_GRADIENT = re.compile(r"(?:^|(.*)/)gradients(?:_\d+)?/(.+?)_grad/")
_OF_GRADIENTS = re.compile(r"^((?:.*/)?)gradients(?:_\d+)?/")
_MERGING, _GOING_ROUND = ("Merge", "RefMerge"), ("NextIteration", "RefNextIteration")
#: From this version of graphs on, a placeholder without a shape is a scalar.
_SHAPED_PLACEHOLDERS = 24


def import_graph_def(
    graph_def: Any,
    input_map: Mapping[str, Any] | None = None,
    return_elements: Sequence[str] | None = None,
    name: str | None = None,
    op_dict: Any = None,
    producer_op_list: Any = None,
) -> list[Any] | None:
    """Put the graph of a file into the default graph. Source: tf.import_graph_def.

    input_map: tensors in place of those that the file's names tell. return_elements: names in the
    file; their tensors and operations are returned. name: the scope of all names, "import" when
    left out, "" for none. op_dict, producer_op_list: accepted, and not needed.
    Errors: TypeError when `graph_def` is no GraphDef, ValueError when it does not fit together, and
    for names that it does not have.
    """
    if not isinstance(graph_def, GraphDef):
        raise TypeError("graph_def must be a GraphDef proto.")
    mapped = _mapped(input_map)
    wanted = _names(return_elements)
    graph = get_default_graph()
    scope = graph.name_scope("import" if name is None else name)
    remember(graph, graph_def.library)
    with scope, graph.beside(), collecting.paused():
        calls = Calls(graph, {f.signature.name: f for f in graph_def.library.function})
        importing = Importing(graph, graph_def, mapped, calls)
        importing.make(frames.ordered(importing.nodes), graph.current_body)
        importing.tell_gradients()
    importing.check_mapped()
    return None if return_elements is None else [importing.element(each) for each in wanted]


def _mapped(input_map: Any) -> dict[str, Any]:
    mapped = dict(input_map or {})
    if not all(isinstance(key, str | bytes) for key in mapped):
        raise TypeError(
            "input_map must be a dictionary mapping strings to Tensor objects: its keys are names"
        )
    return {key.decode() if isinstance(key, bytes) else key: v for key, v in mapped.items()}


def _names(return_elements: Any) -> list[str]:
    names = list(return_elements or [])
    if not all(isinstance(name, str | bytes) for name in names):
        raise TypeError("return_elements must be a list of strings.")
    return [name.decode() if isinstance(name, bytes) else name for name in names]


class Importing:
    """One import: what has been made of the file's nodes so far.

    nodes: those of the file by their names. made: the operations for them.
    """

    def __init__(
        self, graph: Graph, graph_def: GraphDef, mapped: dict[str, Any], calls: Calls
    ) -> None:
        self.graph = graph
        self._calls = calls
        self.version = graph_def.versions.producer
        self.nodes: dict[str, NodeDef] = {}
        for node in wholes.restored(graph_def.node):
            if not _NODE_NAME.match(node.name):
                raise ValueError(f"Node '{node.name}': Node name contains invalid characters")
            if node.name in self.nodes:
                raise ValueError(f"Node '{node.name}' is not unique")
            self.nodes[node.name] = node
        self.made: dict[str, Operation] = {}
        self._mapped = {maker(name): self._tensor_for(value) for name, value in mapped.items()}
        self._unused = {maker(name): name for name in mapped}
        self._exits: dict[Tensor, Tensor] = {}
        owned = {name: bodies.owned(node) for name, node in self.nodes.items()}
        #: The bodies of graphs of GraphScope's own: what their owners tell of each.
        self._owned = {name: found for name, found in owned.items() if found}
        self._told = {told.name: told for found in self._owned.values() for told in found.values()}
        self._bodies: dict[str, Body] = {}
        self._loops: dict[str, Operation] = {}
        #: What goes round in loops, by the names of the NextIterations: what came round.
        self._before: dict[str, Tensor] = {}
        #: What each node takes: the makers, and which of their outputs.
        self._taken = {
            name: [(r, 0) if r in self.nodes else maker(r) for r in node.input]
            for name, node in self.nodes.items()
        }
        self._outputs_used = self._count_outputs()
        self._prefix = f"{scope}/" if (scope := graph.get_name_scope()) else ""

    @cached_property
    def scopes(self) -> set[str]:
        """The name scopes in which nodes of the file are."""
        return {name.rpartition("/")[0] for name in self.nodes}

    def _tensor_for(self, value: Any) -> Any:
        element = self.graph.as_graph_element(value)
        if isinstance(element, Operation) and element.outputs and not isinstance(value, Operation):
            return element.outputs[0]
        return element

    def _count_outputs(self) -> dict[str, int]:
        """How many outputs of each node others take: what is known of an unknown operation."""
        used = dict.fromkeys(self.nodes, 0)
        for taker, references in self._taken.items():
            for i, (name, number) in enumerate(references):
                if name not in used:
                    if (name, number) not in self._mapped:
                        raise ValueError(
                            f"Node '{taker}': Unknown input node '{self.nodes[taker].input[i]}': "
                            "the graph has no such node"
                        )
                elif number >= used[name]:
                    used[name] = number + 1
        return used

    def make(self, frame: Frame, outer: Body | None) -> None:
        """Make the operations of a frame, and those of the loops in it."""
        for item in frame.items:
            if isinstance(item, Frame) and item.path[-1] in self._told:
                self._make_body(item)
            elif isinstance(item, Frame):
                self._make_loop(item)
            else:
                op = self._make_one(item)
                if not frame.path or _OF_GRADIENTS.match(frame.path[0]):
                    op.gradient_of = self._differentiated(item.name)
                if op.gradient_of is not None and calls_functions(op.definition):
                    for inner in _inside(op):
                        inner.gradient_of = op.gradient_of

    # ---- one operation -------------------------------------------------------------------------

    def _make_one(self, node: NodeDef) -> Operation:
        inputs, controls = self._inputs(node)
        try:
            calling = self._calls.owner(node, inputs, self)
            if calling is None:
                definition = definition_of(node, len(inputs))
                attrs = attributes_of(node, definition)
            else:
                definition, attrs = calling
            for name, told in self._owned.get(node.name, {}).items():
                if told.name not in self._bodies:  # nothing is in it
                    self._make_body(Frame((told.name,)))
                attrs[name] = self._bodies[told.name]
            if node.op == "Placeholder" and self.version < _SHAPED_PLACEHOLDERS:
                attrs["shape"] = attrs["shape"] if attrs["shape"].ndims else TensorShape(None)
            outputs = self._outputs(node, definition, inputs, attrs)
        except (TypeError, ValueError) as error:
            raise ValueError(f"Node '{node.name}' ({node.op}): {error}") from None
        op = self.graph.create_op(definition, inputs, attrs, outputs, node.name)
        if "handle" in definition.attrs:  # under which the session keeps what belongs to it
            op.attrs["handle"] = op.name
        known = set(op.control_inputs)
        op.control_inputs += [control for control in controls if control not in known]
        if node.device:
            op.device = node.device
        others = {name: value for name, value in node.attr.items() if name not in attrs}
        if "_class" in others:
            self._place_beside(op, others.pop("_class"))
        if others:
            self.graph.file_attrs[op] = others
        self.made[node.name] = op
        if calling is not None:
            self._pass_places(op, inputs)
        return op

    def _pass_places(self, op: Operation, inputs: list[Tensor]) -> None:
        """What a call gives back that is the place of a variable is the place that it was given."""
        first = 1 if "then" in op.attrs else 0
        for body in op.attrs.values():
            places = dict(zip(body.parameters, inputs[first:], strict=True))
            for output, result in zip(op.outputs, given_back(body), strict=False):
                if result in places and (places[result].dtype.is_ref or output.dtype is resource):
                    self._exits[output] = places[result]

    def inside(self, nodes: list[NodeDef], arguments: dict[str, Tensor]) -> Importing:
        """Make the nodes of a function that is called here. Returns what made them."""
        mapped: dict[str, Any] = dict(arguments)
        inner = Importing(self.graph, GraphDef(node=nodes), mapped, self._calls)
        inner.version = self.version
        inner.make(frames.ordered(inner.nodes), self.graph.current_body)
        return inner

    def tensor(self, name: str) -> Tensor:
        """A tensor that was made. Errors: ValueError when there is none of that name."""
        op, number = maker(name)
        if op not in self.made or not 0 <= number < len(self.made[op].outputs):
            raise ValueError(f"a function gives back {name!r}, which it does not have")
        tensor = self.made[op].outputs[number]
        return self._exits.get(tensor, tensor)

    def _inputs(self, node: NodeDef) -> tuple[list[Tensor], list[Operation]]:
        """The tensors that a node takes, and the operations for which it waits."""
        tensors, controls = [], []
        made, is_merge = self.made, node.op in _MERGING
        for name, number in self._taken[node.name]:
            mapped = self._mapped.get((name, number)) if self._mapped else None
            if mapped is not None:
                self._unused.pop((name, number), None)
                if number < 0:
                    controls.append(mapped if isinstance(mapped, Operation) else mapped.op)
                else:
                    tensors.append(mapped)
            elif is_merge and self.nodes[name].op in _GOING_ROUND:
                tensors.append(self._from_before(node, name))
            elif name in made and number < 0:
                controls.append(made[name])
            elif name in made:
                if number >= len(made[name].outputs):
                    raise ValueError(
                        f"Node '{node.name}': Connecting to invalid output {number} of source node "
                        f"{name} which has {len(made[name].outputs)} outputs"
                    )
                tensor = made[name].outputs[number]
                tensors.append(self._exits.get(tensor, tensor))
        return tensors, controls

    def _outputs(
        self, node: NodeDef, definition: OpDef, inputs: list[Tensor], attrs: dict[str, Any]
    ) -> list[tuple[DType, TensorShape]]:
        """Type and shape of each output: as the declaration infers and the table tells."""
        types = types_of(node, inputs)
        try:
            inferred = definition._infer(inputs, attrs, f"{node.name}/")
        except (TypeError, ValueError, IndexError, AttributeError):
            inferred = []
        if types is None or (inferred and bodies.is_own(node)):
            types = [dtype for dtype, _ in inferred]
            if not types or definition.takes_uninitialized:
                types = guessed_types(self._outputs_used.get(node.name, 0))
        if definition.is_variable or len(inferred) != len(types):
            own = [dtype for dtype, _ in inferred]
            types = own if definition.is_variable else types
        known = [shape for _, shape in inferred] if len(inferred) == len(types) else []
        shapes = known or [UNKNOWN] * len(types)
        told = value_of(node.attr["_output_shapes"]) if "_output_shapes" in node.attr else []
        if len(told) == len(shapes):
            shapes = [_with(a, b) for a, b in zip(shapes, told, strict=True)]
        places = [_place_type(dtype, definition, own) for dtype, own in _paired(types, inferred)]
        return list(zip(places, shapes, strict=True))

    def _place_beside(self, op: Operation, message: Any) -> None:
        groups = []
        for text in value_of(message):
            place = text.removeprefix("loc:@") if isinstance(text, str) else ""
            groups.append(f"loc:@{self._prefix}{place}".encode())
        self.graph.placement.groups[op] = groups

    def _differentiated(self, name: str) -> Operation | None:
        """The operation whose gradient a node is, as its name tells."""
        found = _OF_GRADIENT.search(name)
        if found is None:
            return None
        scope, of = found[1], found[2]
        return self.made.get(of) or (self.made.get(f"{scope}/{of}") if scope else None)

    def tell_gradients(self) -> None:
        """What a gradient begins with, as the ones for a loss, belongs to what it goes back to. The
        stacks on which a loop keeps its values for the gradient are there before it."""
        for op in self.made.values():
            if op.type in ("Stack", "StackV2"):
                for kept in (op, *(tensor.op for tensor in op.inputs)):
                    kept.gradient_of = None
        for name, op in reversed(self.made.items()):
            if op.gradient_of is not None or op.body is not None or "Stack" in op.type:
                continue
            if _OF_GRADIENTS.match(name):
                users = (user for tensor in op.outputs for user in self.graph.consumers(tensor))
                found = (user.gradient_of for user in users if user.gradient_of is not None)
                op.gradient_of = next(found, None)

    # ---- a loop --------------------------------------------------------------------------------

    def _make_body(self, frame: Frame) -> None:
        """Make a body of a graph of GraphScope's own; its owner comes after it."""
        told = self._told[frame.path[-1]]
        with self.graph.body(bodies.mirror(told, self._bodies)) as body:
            self.make(frame, body)
        bodies.filled(body, told, self._tensor_named)
        self._bodies[told.name] = body

    def _tensor_named(self, name: str) -> Tensor:
        op, number = maker(name)
        return self.made[op].outputs[number]

    def _make_loop(self, frame: Frame) -> None:
        """Make the body of a loop, and after it the operation that runs it again and again."""
        graph = self.graph
        with graph.body(kind=Ring) as body:
            self.make(frame, body)
        names = [n.name for n in frame.items if not isinstance(n, Frame) and n.name in self._before]
        rounds = tuple(self.made[name].outputs[0] for name in names)
        body.parameters = tuple(self._before[name] for name in names)
        for parameter, round_ in zip(body.parameters, rounds, strict=True):
            graph.unwritten[parameter.op] = (round_,)
        leaving = tuple(dict.fromkeys(self._leaving(frame)))
        body.results = (*rounds, *leaving)
        free = list(dict.fromkeys(body.free))
        attrs = {"body": body, "leaving": leaving}
        outputs = [(tensor.dtype.base_dtype, tensor.shape) for tensor in leaving]
        owner = graph.create_op(old_loop, free, attrs, outputs, frame.path[-1])
        graph.unwritten[owner] = leaving
        graph.uncounted -= 1 + len(rounds)  # no file has them
        name = frame.path[-1]
        self._loops[name] = owner
        owner.gradient_of = self._loops.get(_OF_GRADIENTS.sub(r"\1", name, count=1))
        owner.gradient_of = None if owner.gradient_of is owner else owner.gradient_of
        inside = set(owner.control_inputs)
        owner.control_inputs += [op for op in dict.fromkeys(body.awaited) if op not in inside]
        self._exits.update(zip(leaving, owner.outputs, strict=True))

    def _from_before(self, merge: NodeDef, name: str) -> Tensor:
        """What the NextIteration of that name gave in the iteration before."""
        if name not in self._before:
            types = types_of(merge, ()) or guessed_types(1)
            variable = loop_variables([(types[0], UNKNOWN)], f"{name}/before")
            self._before[name] = variable[0]
        return self._before[name]

    def _leaving(self, frame: Frame) -> Iterable[Tensor]:
        """What the Exits of a loop take."""
        names = {node.name for node in frame.items if not isinstance(node, Frame)}
        for node in self.nodes.values():
            if node.op in ("Exit", "RefExit"):
                name, number = maker(node.input[0])
                if name in names:
                    yield self.made[name].outputs[number]

    # ---- what was asked for --------------------------------------------------------------------

    def element(self, name: str) -> Tensor | Operation:
        """Errors: ValueError when the file has none of that name."""
        node, number = maker(name)
        if ":" in name and (node, number) in self._mapped:
            self._unused.pop((node, number), None)
            mapped: Tensor = self._mapped[node, number]
            return mapped
        op = self.made.get(node)
        if op is None or number >= len(op.outputs) > 0:
            raise ValueError(f"Requested return_element {name!r} not found in graph_def.")
        return op.outputs[number] if ":" in name else op

    def check_mapped(self) -> None:
        """Errors: ValueError for names of `input_map` that nothing in the file takes."""
        unknown = [text for (name, _), text in self._unused.items() if name not in self.nodes]
        if unknown:
            raise ValueError(
                f"Attempted to map inputs that were not found in graph_def: [{', '.join(unknown)}]"
            )


def _inside(op: Operation) -> Iterable[Operation]:
    """The operations of the functions that a call calls, also of those inside."""
    queue = [op]
    for owner in queue:
        for value in owner.attrs.values():
            if isinstance(value, Body):
                queue += [inner for inner in value.operations if inner.definition.calls]
                yield from value.operations


def _with(inferred: TensorShape, told: TensorShape) -> TensorShape:
    """What is known of a shape; what was inferred here is right where both differ."""
    if inferred.sizes == told.sizes or not inferred.is_compatible_with(told):
        return inferred
    return inferred.merge_with(told)


def _paired(
    types: list[DType], inferred: list[tuple[DType, TensorShape]]
) -> Iterable[tuple[DType, DType | None]]:
    own = [dtype for dtype, _ in inferred]
    return zip(types, own if len(own) == len(types) else [None] * len(types), strict=True)


def _place_type(dtype: DType, definition: OpDef, own: DType | None) -> DType:
    """A variable's handle is a place here, whose type is that of its elements."""
    return own if definition.is_variable and own is not None else dtype
