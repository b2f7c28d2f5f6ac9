"""What can be fetched and fed beside tensors: types that a program registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Conversion(NamedTuple):
    """How a session takes the objects of a type.

    fetch: of an object the list of what is fetched for it, and the function that makes the result
    of their values. feed: of an object and a value the pairs of what is fed. feed_keys: of an
    object what of it can be fed, for partial runs.
    """

    kind: type
    fetch: Callable[[Any], tuple[list[Any], Callable[[list[Any]], Any]]]
    feed: Callable[[Any, Any], Iterable[tuple[Any, Any]]] | None
    feed_keys: Callable[[Any], list[Any]] | None


_CONVERSIONS: list[Conversion] = []


def register_session_run_conversion_functions(
    tensor_type: type,
    fetch_function: Callable[..., Any],
    feed_function: Callable[..., Any] | None = None,
    feed_function_for_partial_run: Callable[..., Any] | None = None,
) -> None:
    """Let sessions fetch, and feed, objects of a type. See `Conversion` for the functions.

    Errors: ValueError for a type that is registered, or derived from one that is.
    Source: tensorflow.python.client.session.register_session_run_conversion_functions.
    """
    for known in _CONVERSIONS:
        if issubclass(tensor_type, known.kind):
            raise ValueError(
                f"{tensor_type} has already been registered so ignore it. Unregister first."
            )
    _CONVERSIONS.insert(
        0, Conversion(tensor_type, fetch_function, feed_function, feed_function_for_partial_run)
    )


def conversion_of(item: Any) -> Conversion | None:
    """How an object is fetched and fed, when its type is registered."""
    return next((known for known in _CONVERSIONS if isinstance(item, known.kind)), None)
