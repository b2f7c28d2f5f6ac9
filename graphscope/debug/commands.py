"""Commands are methods: the decorator that names them, and how words become arguments.

The prompt, help and completion are made from the signature and the docstring of the method.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, cast

from graphscope.debug.errors import DebugError
from graphscope.debug.flags import (
    BEGINNING,
    behind_option,
    bracketed,
    flag_of,
    is_switch,
    is_word,
    key_of,
    option_of,
    unquoted,
)

Method = TypeVar("Method", bound=Callable[..., Any])

#: Where a sentence ends; a colon goes before examples.
_END = re.compile(r"(?<!\be\.g)[.:;](?:\s|$)")

GROUPS = ("Go", "Stop", "Look", "Ask", "State", "Draw", "Session")


@dataclass(frozen=True)
class Command:
    """A method that the prompt can call.

    takes: what its words are, for completion: ``node``, ``variable``, ``place`` or nothing;
    ``python`` for one that is given its text as it stands. example: a line that uses it. choices:
    by the name of a parameter, the words that it may be.
    """

    name: str
    aliases: tuple[str, ...]
    group: str
    takes: str
    method: Callable[..., Any]
    example: str = ""
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict, hash=False)

    @property
    def doc(self) -> str:
        return inspect.getdoc(self.method) or ""

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.partition("\n")[0]

    @property
    def sentence(self) -> str:
        """What it does, in its first sentence, without examples."""
        text = " ".join(self.doc.partition("\n\n")[0].split())
        return _END.split(text.replace("``", ""), maxsplit=1)[0].rstrip(".")

    def said_of(self, option: str) -> str:
        """What the docstring says of an option, where it stands as ``option: what it is.``"""
        text = " ".join(self.doc.split())
        word = option.replace("_", "[-_]")
        said = re.search(rf"(?<![\w-])-?{word}(?:, \w+)*: +(.+?)(?=\.(?:\s|$)|;|$)", text)
        return "" if said is None else said[1]

    @property
    def usage(self) -> str:
        """``step [N]``, ``draw [FETCHES...] [--output OUTPUT]``."""
        words = [self.name]
        for parameter in filter(is_word, self._parameters()):
            word = parameter.name.upper()
            if parameter.kind is parameter.VAR_POSITIONAL:
                word = f"[{word}...]"
            elif parameter.kind is parameter.KEYWORD_ONLY:
                flag = flag_of(parameter)
                word = f"[{flag}]" if is_switch(parameter) else f"[{flag} {word}]"
            elif parameter.default is not parameter.empty:
                word = f"[{word}]"
            words.append(word)
        return " ".join(words)

    @property
    def options(self) -> list[inspect.Parameter]:
        """What can be given by a word that begins with a dash."""
        return [p for p in self._parameters() if p.kind is p.KEYWORD_ONLY and is_word(p)]

    @property
    def places(self) -> list[inspect.Parameter]:
        """What is given by the other words, in order."""
        places = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}
        return [p for p in self._parameters() if p.kind in places]

    @property
    def flags(self) -> list[str]:
        """The words of its options: ``--output``, ``--no-fold``."""
        return [flag_of(option) for option in self.options]

    @property
    def switches(self) -> list[str]:
        """Those of its options that have no word after them."""
        return [flag_of(option) for option in self.options if is_switch(option)]

    def option(self, word: str) -> inspect.Parameter | None:
        """The option that a word with dashes means."""
        return option_of(word, {key_of(option): option for option in self.options})

    def call(self, owner: Any, text: str) -> Any:
        """Call the method with the words of the text. Errors: DebugError for wrong words."""
        if self.takes == "python":
            return self.method(owner, text)
        positional, options = self._split(text)
        arguments: list[Any] = []
        for parameter in self._parameters():
            if parameter.kind is parameter.VAR_POSITIONAL:
                arguments.extend(positional)
                positional = []
            elif parameter.kind is not parameter.KEYWORD_ONLY and positional:
                takes_all = self._takes_rest(parameter)
                rest = " ".join(positional) if takes_all else positional[0]
                positional = [] if takes_all else positional[1:]
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

    def _texts(self) -> list[inspect.Parameter]:
        return [p for p in self._parameters() if p.kind is p.POSITIONAL_OR_KEYWORD]

    def _takes_rest(self, parameter: inspect.Parameter) -> bool:
        """Whether a text takes the rest of the line, since an expression may have spaces: not when
        another text comes behind it."""
        if str(parameter.annotation).startswith("int"):
            return False
        texts = self._texts()
        behind = texts[texts.index(parameter) + 1 :]
        return not any(str(other.annotation).startswith("str") for other in behind)

    def _split(self, text: str) -> tuple[list[str], dict[str, Any]]:
        """Words, and options: ``--output file`` or ``-o file``; an option that is a switch has no
        word after it: ``--dtypes``, ``--no-fold``.

        Beside a text, which may be an expression with a minus, options have two dashes. Those of
        one letter have one, and stand before the text or behind it: ``print y -s``; what stands in
        the middle is arithmetic.
        """
        parameters = [parameter for parameter in self._parameters() if is_word(parameter)]
        switches = {key_of(p): p for p in parameters if p.kind is p.KEYWORD_ONLY}
        if not switches:
            return text.split(), {}
        try:
            words = shlex.split(text, posix=False)  # quotes stay: an expression may have some
        except ValueError as error:
            raise DebugError(f"{text!r}: {error}.") from None
        options: dict[str, Any] = {}
        if not any(is_word(p) for p in self._texts()):
            return self._without(words, "-", switches, options), options
        words = self._without(words, "--", switches, options)
        letters = {name: p for name, p in switches.items() if len(name) == 1}
        begin, end = self._text_between(words, letters)
        for part in (words[:begin], words[end:]):
            self._without(part, "-", letters, options)
        return words[begin:end], options

    def _without(
        self,
        words: list[str],
        dash: str,
        known: dict[str, inspect.Parameter],
        options: dict[str, Any],
    ) -> list[str]:
        """The words that belong to no option; the options are added to `options`."""
        left: list[str] = []
        at = 0
        while at < len(words):
            word = words[at]
            parameter = option_of(word, known) if word.startswith(dash) else None
            at += 1
            if parameter is None:
                left.append(word)
            elif is_switch(parameter):
                options[parameter.name] = not parameter.default
            elif at < len(words):
                value, at = bracketed(words, at)
                options[parameter.name] = self._converted(parameter, unquoted(value))
            else:
                raise DebugError(f"{word} needs a word after it: {self.usage}")
        return left

    def _text_between(
        self, words: list[str], letters: dict[str, inspect.Parameter]
    ) -> tuple[int, int]:
        """Where the text begins and ends between the one-letter options around it."""
        text = self._texts()[0]
        least = 0 if text.default is not text.empty else 1
        is_expression = text.name == "expression"
        begin = 0
        while (after := behind_option(words, begin, letters)) is not None:
            begin = after
        if len(words) - begin < least or (
            is_expression and begin < len(words) and not BEGINNING.match(words[begin])
        ):
            begin = 0
        for end in range(begin + least, len(words)):
            at: int | None = end
            while at is not None and at < len(words):
                at = behind_option(words, at, letters)
            if at is not None:
                return begin, end
        last = words[-1] if len(words) > begin else ""
        if not is_expression and last[:1] == "-" and last[1:] in letters:
            raise DebugError(f"{words[-1]} needs a word after it: {self.usage}")
        return begin, len(words)

    def _converted(self, parameter: inspect.Parameter, word: str) -> Any:
        for kind, name in ((int, "whole number"), (float, "number")):
            if str(parameter.annotation).startswith(kind.__name__):
                try:
                    return kind(word)
                except ValueError:
                    raise DebugError(
                        f"{self.name} takes a {name}, and {word!r} is none: {self.usage}"
                    ) from None
        return word


def keywords(of: type) -> Callable[[Method], Method]:
    """The ``**options`` of a function are the fields of a dataclass: they get into its signature,
    from which the prompt makes help and completion, and what the dataclass says of them is added to
    its docstring."""

    def extended(method: Method) -> Method:
        signature = inspect.signature(method)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        more = [
            inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default,
                              annotation=f.type)
            for f in dataclasses.fields(of)
        ]  # fmt: skip
        vars(method)["__signature__"] = signature.replace(parameters=[*own, *more])
        vars(method)["choices"] = getattr(of, "choices", {})
        told = (inspect.getdoc(of) or "").partition("\n\n")[2]
        method.__doc__ = f"{inspect.getdoc(method)}\n\n{told}"
        return method

    return extended


class Commanded:
    """Who has commands: it is told when one begins, and when it ends."""

    def command_begins(
        self, command: Command, arguments: tuple[Any, ...], options: Mapping[str, Any]
    ) -> Any:
        """Called before a command does anything; what it gives is given to `command_ends`."""

    def command_ends(self, begun: Any, succeeded: bool) -> None:
        """Called behind a command, also when it has failed."""


def command(
    name: str,
    *aliases: str,
    group: str,
    takes: str = "",
    example: str = "",
    choices: Mapping[str, Sequence[str]] = {},
) -> Callable[[Method], Method]:
    """Make a method of `Debugger` a command of the prompt. See `Command`."""

    def mark(method: Method) -> Method:
        @wraps(method)
        def noted(self: Commanded, *arguments: Any, **options: Any) -> Any:
            begun, succeeded = self.command_begins(declared, arguments, options), False
            try:
                answer = method(self, *arguments, **options)
                succeeded = True
            finally:
                self.command_ends(begun, succeeded)
            return answer

        words = {**vars(method).get("choices", {}), **choices}
        declared = Command(name, aliases, group, takes, noted, example, words)
        vars(noted)["command"] = declared
        return cast(Method, noted)

    return mark


def commands_of(cls: type) -> dict[str, Command]:
    """The commands of a class by name, in the order in which its methods are written."""
    members = [member for base in cls.__mro__ for member in vars(base).values()]
    found = [getattr(member, "command", None) for member in members]
    return {item.name: item for item in found if isinstance(item, Command)}
