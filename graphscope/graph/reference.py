"""`Reference`: a thing itself, whatever it compares as."""

from __future__ import annotations

from typing import Any


class Reference:
    """Stands for one thing, to be a key of dictionaries and a member of sets.

    Source: the result of `tf.Tensor.experimental_ref`.
    """

    __slots__ = ("_referenced",)

    def __init__(self, referenced: Any) -> None:
        self._referenced = referenced

    def deref(self) -> Any:
        """The thing."""
        return self._referenced

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._referenced is other._referenced

    def __hash__(self) -> int:
        return id(self._referenced)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._referenced!r}>"
