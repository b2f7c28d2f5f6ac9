"""What a graph keeps beside its operations: collections, and what a session may not do with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphscope.graph.graph import Operation, Tensor


class Collections:
    """Lists of anything, each under a name."""

    def __init__(self) -> None:
        self._collections: dict[Any, list[Any]] = {}
        self.finalized = False

    def finalize(self) -> None:
        """Make the graph read-only, so that a loop which grows it by accident is an error."""
        self.finalized = True

    def _unsafe_unfinalize(self) -> None:
        """Let it be changed again."""
        self.finalized = False

    def _check_not_finalized(self) -> None:
        if self.finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")

    @property
    def collections(self) -> list[Any]:
        """The names of the collections."""
        return list(self._collections)

    def add_to_collection(self, name: Any, value: Any) -> None:
        self._check_not_finalized()
        self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        for name in {names: None} if isinstance(names, str) else dict.fromkeys(names):
            self.add_to_collection(name, value)

    def get_collection(self, name: Any, scope: str | None = None) -> list[Any]:
        """The collection's items; with `scope` (a regular expression), those whose name matches."""
        items = self._collections.get(name, [])
        if scope is None:
            return list(items)
        pattern = re.compile(scope)
        return [item for item in items if hasattr(item, "name") and pattern.match(item.name)]

    def get_collection_ref(self, name: Any) -> list[Any]:
        return self._collections.setdefault(name, [])

    def clear_collection(self, name: Any) -> None:
        self._collections.pop(name, None)

    def get_all_collection_keys(self) -> list[Any]:
        return [name for name in self._collections if isinstance(name, str)]


class Limits:
    """Which tensors may be fed, and what may be fetched."""

    def __init__(self) -> None:
        self.unfeedable: set[Tensor] = set()
        self.unfetchable: set[Operation] = set()

    def is_feedable(self, tensor: Tensor) -> bool:
        return tensor not in self.unfeedable and tensor.op.body is None

    def is_fetchable(self, element: Tensor | Operation) -> bool:
        """False inside a body: how often it runs, and whether, is its owner's business."""
        op: Any = getattr(element, "op", element)
        return op.body is None and op not in self.unfetchable

    def prevent_feeding(self, tensor: Tensor) -> None:
        self.unfeedable.add(tensor)

    def prevent_fetching(self, op: Operation) -> None:
        self.unfetchable.add(op)
