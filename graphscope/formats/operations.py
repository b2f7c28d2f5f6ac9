"""Which declaration runs a node of a file; one that nothing here runs is declared on the spot."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Sequence
from typing import Any, NoReturn

from graphscope.errors import UnimplementedError
from graphscope.formats import bodies
from graphscope.formats.attributes import default_of, value_of
from graphscope.formats.messages import NodeDef
from graphscope.formats.signatures import Argument, Signature, signature
from graphscope.graph.declare import OpDef, Parameter
from graphscope.graph.dtypes import DType, as_dtype, variant
from graphscope.graph.graph import Tensor
from graphscope.graph.registry import OLD_OPS, OPS
from graphscope.graph.shapes import UNKNOWN, TensorShape
from graphscope.ops.functions import CALLING

#: Declared here for graphs that are made here; in a file they look otherwise.
_OTHERWISE = (
    *(*CALLING, "PyFunc", "PyFuncStateless", "ParseExample", "ParseSingleExample"),
    *("ParseSingleSequenceExample", "TileGrad"),
)


def definition_of(node: NodeDef, count: int) -> OpDef:
    """The declaration that runs a node with so many inputs, or that of what nothing here runs."""
    return _declared(node, count) or unknown(node.op)


def runs_here(node: NodeDef, count: int, functions: Collection[str] = ()) -> bool:
    """Whether a node with so many inputs can be run, and not only be looked at. functions: those
    that the file has."""
    if node.op in CALLING and functions:
        _, names = CALLING[node.op]
        called = [node.attr[name].func.name for name in names.values() if name in node.attr]
        return len(called) == len(names) and set(called) <= set(functions)
    return _declared(node, count) is not None


def _declared(node: NodeDef, count: int) -> OpDef | None:
    if (bodies.owned(node) or bodies.is_own(node)) and node.op in OPS:  # it was made here
        return OPS[node.op]
    found = OLD_OPS.get(node.op) or OPS.get(node.op)
    if found is None or node.op in _OTHERWISE or bodies.brings_data(node.op):
        return None
    fits = len(found.parameters) == count
    return found if fits or any(p.is_list for p in found.parameters) else None


def unknown(type: str) -> OpDef:
    """The declaration of an operation that is drawn and inspected, and cannot be run."""

    def refused(inputs: Sequence[Any]) -> NoReturn:
        """An operation of a file that GraphScope does not run."""
        if bodies.brings_data(type):
            raise UnimplementedError(
                None,
                None,
                f"{type} brings in data, and is not run here: feed what it gives, "
                "feed_dict={tensor: value}",
            )
        raise UnimplementedError(
            None,
            None,
            f"There is no kernel for the operation {type} here: its outputs can be fed, and what "
            "does not need them runs",
        )

    return OpDef(
        type=type,
        kernel=refused,
        kind="input" if bodies.brings_data(type) else "math",
        doc=f"{type}: an operation of a file that GraphScope does not run.",
        parameters=(Parameter("inputs", "Any_", True),),
        attrs={},
        outputs=("output",),
        types=(),
        symbol="",
        shape_rule=lambda *_, **__: UNKNOWN,
        dtype_rule=None,
        given=False,
        writes=0,
        is_variable=False,
        private_state=False,
        shared_state=False,
        takes_uninitialized=True,
        broadcasts=False,
    )


def attributes_of(node: NodeDef, definition: OpDef) -> dict[str, Any]:
    """The attributes that the declaration asks for; one that is left out is as TensorFlow says.

    Errors: ValueError, TypeError, when one is not what it should be.
    """
    known = signature(node.op)
    found = {}
    for name, own in definition.attrs.items():
        told = value_of(node.attr[name]) if name in node.attr else None
        if told is not None or (name in node.attr and _kind(known, name) == "shape"):
            found[name] = _list_or_one(told, known, name)
        elif known is not None and name in known.attrs and known.attrs[name].is_optional:
            attribute = known.attrs[name]
            found[name] = default_of(attribute.kind, attribute.default)
        elif known is not None and name in known.attrs and own is inspect.Parameter.empty:
            raise ValueError(f"NodeDef missing attr {name!r}")
        else:
            found[name] = own
    return found


def _list_or_one(value: Any, known: Signature | None, name: str) -> Any:
    kind = _kind(known, name)
    if kind == "shape" and value is None:
        return TensorShape(None)
    return tuple(value) if kind == "list(type)" else value


def _kind(known: Signature | None, name: str) -> str:
    """Of which kind an attribute is; "" for one that is not known."""
    return "" if known is None or name not in known.attrs else known.attrs[name].kind


def types_of(
    node: NodeDef, inputs: Sequence[Tensor], known: Signature | None = None
) -> list[DType] | None:
    """The types of the outputs, as the table of signatures tells; None when it does not.

    known: the signature of the node, where that is not in the table.
    """
    known = known or signature(node.op)
    if known is None:
        return None
    try:
        return [dtype for argument in known.outputs for dtype in _types(argument, node, known)]
    except (KeyError, TypeError, ValueError):
        return None


def _types(argument: Argument, node: NodeDef, known: Signature) -> list[DType]:
    def told(name: str) -> Any:
        if name in node.attr:
            return value_of(node.attr[name])
        attribute = known.attrs[name]
        return default_of(attribute.kind, attribute.default)

    if argument.many:
        return [as_dtype(dtype) for dtype in told(argument.type)]
    one = argument.type
    dtype = as_dtype(int(one[1:])) if one.startswith("@") else as_dtype(told(one))
    many = int(told(argument.number)) if argument.number else 1
    if not 0 <= many <= _MOST_OUTPUTS:
        raise ValueError(f"{many} outputs")
    return [dtype.ref if argument.is_ref else dtype] * many


_MOST_OUTPUTS = 1 << 16


def guessed_types(count: int) -> list[DType]:
    """Types for the outputs of an operation of which nothing is known."""
    return [variant] * count
