"""Requests are methods: the decorator that names them, and how a message finds its method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from graphscope.repl.dap.wire import Message, Refused

Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(frozen=True)
class Reply:
    """The body of a response, and what is done once it has been sent; what that returns goes to
    whoever does the requests."""

    body: Message | None = None
    then: Callable[[], Any] | None = None


def request(*names: str) -> Callable[[Method], Method]:
    """Let a method answer a request. It takes the arguments, and returns a body, a `Reply`, or None
    for an empty response. Errors: Refused, with the sentence of the response."""

    def mark(method: Method) -> Method:
        vars(method)["requests"] = names
        return method

    return mark


def requests_of(cls: type) -> dict[str, Callable[..., Any]]:
    """The methods of a class by the names of the requests that they answer."""
    return {
        name: member
        for base in reversed(cls.__mro__)
        for member in vars(base).values()
        for name in getattr(member, "requests", ())
    }


def replied(method: Callable[..., Any], owner: Any, message: Message) -> Reply:
    """What the method answers. Errors: Refused, also for arguments that are none."""
    arguments = message.get("arguments")
    if arguments is not None and not isinstance(arguments, dict):
        raise Refused("The arguments of a request are a JSON object.")
    answer = method(owner, arguments or {})
    return answer if isinstance(answer, Reply) else Reply(answer)
