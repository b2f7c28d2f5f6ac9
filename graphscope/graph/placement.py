"""Where operations are said to run. There is one device, and all run on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from graphscope.graph.devices import merged

if TYPE_CHECKING:
    from graphscope.graph.graph import Operation


class Placement:
    """The scopes of devices of a graph, and the operations beside which others are to be.

    groups: of each operation that is beside others, the names of those: ``loc:@name``.
    """

    def __init__(self) -> None:
        self._scopes: tuple[str | Callable[[Operation], Any] | None, ...] = ()
        self._beside: tuple[Operation, ...] = ()
        self._label: list[bytes] = []
        self.groups: dict[Operation, list[bytes]] = {}

    @contextmanager
    def device(self, name_or_function: Any) -> Iterator[None]:
        """Operations made inside carry the name, or what the function says of them; None forgets
        the outer scopes. Errors: ValueError for what is no name of a device."""
        before, scope = self._scopes, name_or_function
        if scope is not None and not callable(scope):
            scope = merged("", _text(scope))
        self._scopes = (*before, scope) if scope is not None else ()
        try:
            yield
        finally:
            self._scopes = before

    @contextmanager
    def colocate_with(self, op: Any, ignore_existing: bool) -> Iterator[None]:
        """Operations made inside are where `op` is; None, with `ignore_existing`, where they are.

        Errors: ValueError for None alone.
        """
        if op is None and not ignore_existing:
            raise ValueError(
                "Trying to reset colocation (op is None) but ignore_existing is not True"
            )
        before = self._scopes, self._beside
        outer = () if ignore_existing else self._beside
        self._scopes, self._beside = (), outer if op is None else (*outer, getattr(op, "op", op))
        try:
            yield
        finally:
            self._scopes, self._beside = before

    @contextmanager
    def labelled(self, name: str) -> Iterator[None]:
        """Operations made inside are beside the one of that name, which is made inside too."""
        before, self._label = self._label, [f"loc:@{name}".encode()]
        try:
            yield
        finally:
            self._label = before

    def place(self, op: Operation) -> None:
        """Say where a new operation is: one that writes variables is beside those."""
        if not (self._scopes or self._beside or self._label or op.definition.writes):
            return
        for scope in reversed(self._scopes):
            op.device = merged(scope, op.device) if isinstance(scope, str) else _said(scope, op)
        places = (tensor.op for tensor in op.inputs[: op.definition.writes])
        beside = [*self._beside, *(place for place in places if place.type != "VarHandleOp")]
        if beside:
            groups = {group for other in beside for group in other.colocation_groups()}
            self.groups[op] = sorted(groups)
            op.device = next((o.device for o in reversed(beside) if o.device), op.device)
        elif self._label:
            self.groups[op] = self._label


def _said(function: Any, op: Operation) -> str:
    """What a function says of an operation."""
    said = function(op)
    return "" if said is None else merged("", _text(said))


def _text(device: Any) -> str:
    """A name, of a name or a DeviceSpec."""
    return device if isinstance(device, str) else str(device.to_string())
