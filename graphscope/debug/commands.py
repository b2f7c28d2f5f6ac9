"""Commands are methods: the decorator that names them, and how words become arguments.

The prompt, help and completion are made from the signature and the docstring of the method.
"""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from graphscope.debug.errors import DebugError

Method = TypeVar("Method", bound=Callable[..., Any])

#: How words become numbers, by the annotation of a parameter.
_NUMBERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "int": (int, "whole number"),
    "float": (float, "number"),
}

GROUPS = ("Go", "Stop", "Look", "Ask", "State", "Draw")


@dataclass(frozen=True)
class Command:
    """A method that the prompt can call.

    takes: what its words are, for completion: ``node``, ``variable``, ``phase`` or nothing.
    """

    name: str
    aliases: tuple[str, ...]
    group: str
    takes: str
    method: Callable[..., Any]

    @property
    def doc(self) -> str:
        return inspect.getdoc(self.method) or ""

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.partition("\n")[0]

    @property
    def usage(self) -> str:
        """``step [N]``, ``draw [FETCHES...] [--output OUTPUT]``."""
        words = [self.name]
        for parameter in filter(_is_word, self._parameters()):
            word = parameter.name.upper()
            if parameter.kind is parameter.VAR_POSITIONAL:
                word = f"[{word}...]"
            elif parameter.kind is parameter.KEYWORD_ONLY:
                flag = f"--{parameter.name}"
                word = f"[{flag}]" if parameter.default is False else f"[{flag} {word}]"
            elif parameter.default is not parameter.empty:
                word = f"[{word}]"
            words.append(word)
        return " ".join(words)

    def call(self, owner: Any, text: str) -> Any:
        """Call the method with the words of the text. Errors: DebugError for wrong words."""
        positional, options = self._split(text)
        arguments: list[Any] = []
        for parameter in self._parameters():
            if parameter.kind is parameter.VAR_POSITIONAL:
                arguments.extend(positional)
                positional = []
            elif parameter.kind is not parameter.KEYWORD_ONLY and positional:
                # A single text takes the rest of the line: an expression may have spaces.
                rest = " ".join(positional) if _is_text(parameter) else positional[0]
                positional = [] if _is_text(parameter) else positional[1:]
                arguments.append(self._converted(parameter, rest))
            elif parameter.kind is not parameter.KEYWORD_ONLY and (
                parameter.default is parameter.empty
            ):
                raise DebugError(f"{self.name} needs a word after it: {self.usage}")
        if positional:
            raise DebugError(f"{self.name} has no use for {positional[0]!r}: {self.usage}")
        return self.method(owner, *arguments, **options)

    def _parameters(self) -> list[inspect.Parameter]:
        return list(inspect.signature(self.method).parameters.values())[1:]

    def _split(self, text: str) -> tuple[list[str], dict[str, Any]]:
        """Words, and options: ``--output file`` or ``-o file``; an option that is a switch has no
        word after it. Beside a text, which may be an expression with a minus, options have two
        dashes."""
        parameters = [parameter for parameter in self._parameters() if _is_word(parameter)]
        switches = {p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY}
        if not switches:
            return text.split(), {}
        dash = "--" if any(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters) else "-"
        try:
            words = shlex.split(text, posix=False)  # quotes stay: an expression may have some
        except ValueError as error:
            raise DebugError(f"{text!r}: {error}.") from None
        positional: list[str] = []
        options: dict[str, Any] = {}
        while words:
            word = words.pop(0)
            parameter = _option(word, switches) if word.startswith(dash) else None
            if parameter is None:
                positional.append(word)
            elif parameter.default is False:
                options[parameter.name] = True
            elif words:
                value = words.pop(0)
                quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
                options[parameter.name] = self._converted(
                    parameter, value[1:-1] if quoted else value
                )
            else:
                raise DebugError(f"{word} needs a word after it: {self.usage}")
        return positional, options

    def _converted(self, parameter: inspect.Parameter, word: str) -> Any:
        for kind, (make, what) in _NUMBERS.items():
            if str(parameter.annotation).startswith(kind):
                try:
                    return make(word)
                except ValueError:
                    raise DebugError(
                        f"{self.name} takes a {what}, and {word!r} is none: {self.usage}"
                    ) from None
        return word


def _option(word: str, switches: dict[str, inspect.Parameter]) -> inspect.Parameter | None:
    """The option that a word like ``--output`` or ``-o`` means."""
    begun = word.lstrip("-").replace("-", "_")
    if not begun:
        return None
    fits = [parameter for name, parameter in switches.items() if name.startswith(begun)]
    return fits[0] if len(fits) == 1 else None


def _is_word(parameter: inspect.Parameter) -> bool:
    """False for what can only be given in Python: a function."""
    return not str(parameter.annotation).startswith("Condition")


def _is_text(parameter: inspect.Parameter) -> bool:
    return not str(parameter.annotation).startswith("int")


def command(name: str, *aliases: str, group: str, takes: str = "") -> Callable[[Method], Method]:
    """Make a method of `Debugger` a command of the prompt."""

    def mark(method: Method) -> Method:
        declared = Command(name, aliases, group, takes, method)
        vars(method)["command"] = declared
        return method

    return mark


def commands_of(cls: type) -> dict[str, Command]:
    """The commands of a class by name, in the order in which its methods are written."""
    members = [member for base in cls.__mro__ for member in vars(base).values()]
    found = [getattr(member, "command", None) for member in members]
    return {item.name: item for item in found if isinstance(item, Command)}
