"""Functions of a file (`FunctionDef`): where one is called, its nodes become a body.

A call gets a body of its own, whose operations have the names of the function's nodes, behind the
names of the call and the function. The place of a variable that is passed to a function is used in
it as it is.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphscope.formats.messages import AttrValue, FunctionDef, FunctionDefLibrary, NodeDef
from graphscope.formats.operations import definition_of, types_of
from graphscope.formats.signatures import signature
from graphscope.graph.body import Function
from graphscope.graph.declare import OpDef
from graphscope.graph.dtypes import resource
from graphscope.graph.graph import Graph, Tensor
from graphscope.ops.array import identity
from graphscope.ops.constants import constant
from graphscope.ops.functions import CALLING, call_of
from graphscope.ops.loops import loop_variables

if TYPE_CHECKING:
    from graphscope.formats.importing import Importing

#: With more nodes in the functions of one call, or functions in each other deeper, a call is not
#: made into bodies.
_MOST_NODES, _DEEPEST = 100_000, 32

#: The functions of the graphs that came from files.
_libraries: weakref.WeakKeyDictionary[Graph, dict[str, FunctionDef]] = weakref.WeakKeyDictionary()


def remember(graph: Graph, library: FunctionDefLibrary) -> None:
    """Keep the functions of a file for the graph. Errors: ValueError for two of one name that are
    not the same."""
    known = _libraries.setdefault(graph, {})
    for function in library.function:
        name = function.signature.name
        if name in known and known[name] != function:
            raise ValueError(
                f"Cannot add function '{name}' because a different function with the same name "
                "already exists."
            )
        if name not in known:
            known[name] = copy.deepcopy(function)


def tell(graph: Graph, library: FunctionDefLibrary) -> None:
    """Put the functions of a graph into a message."""
    library.function.extend(copy.deepcopy(list(_libraries.get(graph, {}).values())))


class Calls:
    """What becomes of the calls in one import. functions: those of the file, by their names."""

    def __init__(self, graph: Graph, functions: Mapping[str, FunctionDef]) -> None:
        self._graph = graph
        self.functions = functions
        self._sizes: dict[str, int] = {}

    def owner(
        self, node: NodeDef, inputs: Sequence[Tensor], around: Importing
    ) -> tuple[OpDef, dict[str, Any]] | None:
        """The declaration of a node that calls functions, and its bodies; None for another node,
        and where a function is not there, is in itself, or is too large."""
        if not self.functions:
            return None
        told: dict[str, tuple[str, Mapping[str, AttrValue]]]
        if node.op in self.functions:
            definition, told = call_of(node.op), {"called": (node.op, node.attr)}
        elif node.op in CALLING:
            definition, names = CALLING[node.op]
            funcs = {own: node.attr[name].func for own, name in names.items() if name in node.attr}
            told = {own: (func.name, func.attr) for own, func in funcs.items()}
            if len(told) < len(names):
                return None
        else:
            return None
        if any(self._size(name, ()) > _MOST_NODES for name, _ in told.values()):
            return None
        arguments = list(inputs)[1:] if "then" in told else list(inputs)
        made = {
            own: self._body(self._scope(node.name, own, around), name, attrs, arguments, around)
            for own, (name, attrs) in told.items()
        }
        counts = {body.returned for own, body in made.items() if own != "tested"}
        if "repeated" in made:
            counts |= {len(arguments)}
        if len(counts) > 1 or ("tested" in made and made["tested"].returned != 1):
            both = " and ".join(name for name, _ in told.values())
            raise ValueError(f"the functions {both} do not give back what is expected of them")
        return definition, made

    def _scope(self, call: str, own: str, around: Importing) -> str:
        """The name scope of a body: the name of the call, and where several would be in it what
        the body is to it."""
        is_alone = own == "called" and call not in around.scopes
        parts = [self._graph.get_name_scope(), call, "" if is_alone else own]
        return "/".join(filter(None, parts))

    def _size(self, name: str, inside: tuple[str, ...]) -> int:
        """How many nodes a call has, with those of the calls in it; too many for a function that is
        not there, or in itself."""
        if name not in self.functions or name in inside or len(inside) > _DEEPEST:
            return _MOST_NODES + 1
        if name not in self._sizes:
            nodes = self.functions[name].node_def
            total = len(nodes)
            for node in nodes:
                for called in _called(node, self.functions):
                    total += self._size(called, (*inside, name))
                    if total > _MOST_NODES:
                        break
            self._sizes[name] = min(total, _MOST_NODES + 1)
        return self._sizes[name]

    def _body(
        self,
        scope: str,
        name: str,
        attrs: Mapping[str, AttrValue],
        arguments: Sequence[Tensor],
        around: Importing,
    ) -> Function:
        """The body for a call of a function. Errors: ValueError for other than as many arguments as
        it takes."""
        graph, function = self._graph, self.functions[name]
        told = function.signature
        if len(told.input_arg) != len(arguments):
            raise ValueError(
                f"the function {name} takes {len(told.input_arg)} arguments, not {len(arguments)}"
            )
        before = len(graph.operations)
        with graph.name_scope(f"{scope}/"), graph.body(kind=Function) as body:
            assert isinstance(body, Function)
            parameters = [
                loop_variables([(value.dtype, value.shape)], argument.name)[0]
                for argument, value in zip(told.input_arg, arguments, strict=True)
            ]
            seen = {
                argument.name: value if _is_place(value) else parameter
                for argument, value, parameter in zip(
                    told.input_arg, arguments, parameters, strict=True
                )
            }
            results = around.inside(flat_nodes(function, attrs, self.functions), seen)
            returned = [
                parameters[list(seen).index(text)] if text in seen else results.tensor(place)
                for text, place in _returned(function, self.functions)
            ]
            body.parameters = tuple(parameters)
            body.returned = len(returned)
            body.results = (*returned, *self._only_run(results, function))
        for op in graph.operations[before:]:
            graph.unwritten.setdefault(op, tuple(op.outputs))
        graph.uncounted -= len(graph.operations) - before  # no file has them
        return body

    def _only_run(self, made: Importing, function: FunctionDef) -> list[Tensor]:
        """A result that is there when all has run that leaves something behind; nothing where
        nothing does."""
        names = [*function.control_ret.values(), *function.signature.control_output]
        wanted = [made.made[name] for name in names if name in made.made]
        wanted += [
            op
            for op in made.made.values()
            if op.body is self._graph.current_body
            and (op.definition.writes or op.definition.keeps or op.definition.calls)
            and op not in wanted
        ]
        if not wanted:
            return []
        with self._graph.control_dependencies(wanted):
            return [identity(constant(0), name="done")]


def _is_place(tensor: Tensor) -> bool:
    """Whether a tensor is no value, but the place of a variable or of something else."""
    return tensor.dtype.is_ref or tensor.dtype is resource


def _called(node: NodeDef, functions: Mapping[str, FunctionDef]) -> list[str]:
    if node.op in functions:
        return [node.op]
    _, names = CALLING.get(node.op, (None, {}))
    return [node.attr[name].func.name for name in names.values() if name in node.attr]


# ---- nodes of functions as those of graphs ------------------------------------------------------


def flat_nodes(
    function: FunctionDef, attrs: Mapping[str, AttrValue], functions: Mapping[str, FunctionDef]
) -> list[NodeDef]:
    """The nodes of a function, with inputs as graphs have them. attrs: of the call, for what the
    function leaves open."""
    by_name = {node.name: node for node in function.node_def}
    made = []
    for node in function.node_def:
        flat = copy.deepcopy(node)
        flat.input[:] = [
            reference if reference.startswith("^") else _flat(reference, by_name, functions)
            for reference in node.input
        ]
        for name, value in flat.attr.items():
            if value.WhichOneof("value") == "placeholder" and value.placeholder in attrs:
                flat.attr[name].CopyFrom(attrs[value.placeholder])
        made.append(flat)
    return made


def _flat(
    reference: str, nodes: Mapping[str, NodeDef], functions: Mapping[str, FunctionDef]
) -> str:
    """``node:output:1`` of a function as ``node:2`` of a graph; an argument as it is."""
    name, _, rest = reference.partition(":")
    if not rest or name not in nodes:
        return name
    output, _, number = rest.partition(":")
    if not number and output.isdecimal():
        return reference
    first = _first_output(nodes[name], output, functions)
    return f"{name}:{first + (int(number) if number.isdecimal() else 0)}"


def _first_output(node: NodeDef, output: str, functions: Mapping[str, FunctionDef]) -> int:
    """The place of an output, by its name, among all that a node gives.

    Errors: ValueError when there is none of that name.
    """
    at = 0
    if node.op in functions:
        names = [argument.name for argument in functions[node.op].signature.output_arg]
        if output in names:
            return names.index(output)
    elif (known := signature(node.op)) is not None:
        for argument in known.outputs:
            if argument.name == output:
                return at
            alone = known._replace(outputs=(argument,))
            at += len(types_of(node, (), alone) or ())
    else:  # nothing is known of it: its outputs are taken as they come
        declared = definition_of(node, len(node.input)).outputs
        return declared.index(output) if output in declared else 0
    raise ValueError(f"{node.op} has no output {output}, which a function takes of {node.name}")


def _returned(function: FunctionDef, functions: Mapping[str, FunctionDef]) -> list[tuple[str, str]]:
    """For each result: what the function says of it, and the tensor that it is."""
    by_name = {node.name: node for node in function.node_def}
    found = []
    for argument in function.signature.output_arg:
        told = function.ret.get(argument.name, argument.name)
        found.append(
            (
                told.partition(":")[0] if told.partition(":")[0] not in by_name else told,
                _flat(told, by_name, functions),
            )
        )
    return found
