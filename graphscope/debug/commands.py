"""Commands are methods: the decorator that names them, and how words become arguments.

The prompt, help and completion are made from the signature and the docstring of the method.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from graphscope.debug.errors import DebugError

Method = TypeVar("Method", bound=Callable[..., Any])

GROUPS = ("Go", "Stop", "Look", "Ask", "State", "Draw", "Session")


@dataclass(frozen=True)
class Command:
    """A method that the prompt can call.

    takes: what its words are, for completion: ``node``, ``variable``, ``phase`` or nothing;
    ``python`` for one that is given its text as it stands.
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
                flag = _flag(parameter)
                word = f"[{flag}]" if _is_switch(parameter) else f"[{flag} {word}]"
            elif parameter.default is not parameter.empty:
                word = f"[{word}]"
            words.append(word)
        return " ".join(words)

    @property
    def flags(self) -> list[str]:
        """The words of its options: ``--output``, ``--no-fold``."""
        return [_flag(p) for p in self._parameters() if p.kind is p.KEYWORD_ONLY and _is_word(p)]

    @property
    def switches(self) -> list[str]:
        """Those of its options that have no word after them."""
        return [_flag(p) for p in self._parameters() if p.kind is p.KEYWORD_ONLY and _is_switch(p)]

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
        parameters = [parameter for parameter in self._parameters() if _is_word(parameter)]
        switches = {_key(p): p for p in parameters if p.kind is p.KEYWORD_ONLY}
        if not switches:
            return text.split(), {}
        try:
            words = shlex.split(text, posix=False)  # quotes stay: an expression may have some
        except ValueError as error:
            raise DebugError(f"{text!r}: {error}.") from None
        options: dict[str, Any] = {}
        if not any(_is_word(p) for p in self._texts()):
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
            parameter = _option(word, known) if word.startswith(dash) else None
            at += 1
            if parameter is None:
                left.append(word)
            elif _is_switch(parameter):
                options[parameter.name] = not parameter.default
            elif at < len(words):
                value, at = _bracketed(words, at)
                options[parameter.name] = self._converted(parameter, _unquoted(value))
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
        while (after := _behind_option(words, begin, letters)) is not None:
            begin = after
        if len(words) - begin < least or (
            is_expression and begin < len(words) and not _BEGINNING.match(words[begin])
        ):
            begin = 0
        for end in range(begin + least, len(words)):
            at: int | None = end
            while at is not None and at < len(words):
                at = _behind_option(words, at, letters)
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


#: What an expression can begin with behind an option: no operator, as in ``-s + 1``.
_BEGINNING = re.compile(r"(?!(?:if|else|and|or|not|in|is|for)$)[%@/]?[\w(]")


def _option(word: str, switches: dict[str, inspect.Parameter]) -> inspect.Parameter | None:
    """The option that a word like ``--output`` or ``--out`` means; one letter is the first option
    that begins with it."""
    begun = word.lstrip("-").replace("-", "_")
    if not begun:
        return None
    if begun in switches:
        return switches[begun]
    fits = [parameter for name, parameter in switches.items() if name.startswith(begun)]
    return fits[0] if len(fits) == 1 or (fits and len(begun) == 1) else None


def _behind_option(words: list[str], at: int, letters: dict[str, inspect.Parameter]) -> int | None:
    """Where the words go on behind the one-letter option at this place; None when there is none."""
    word = words[at] if at < len(words) else ""
    if len(word) != 2 or word[0] != "-" or word[1] not in letters:
        return None
    if _is_switch(letters[word[1]]):
        return at + 1
    return _bracketed(words, at + 1)[1] if at + 1 < len(words) else None


def _bracketed(words: list[str], at: int) -> tuple[str, int]:
    """The value of an option, and where the words go on: ``[[0, 1], [2, 3]]`` is one value."""
    end = at + 1
    while end < len(words) and _open("".join(words[at:end])):
        end += 1
    return " ".join(words[at:end]), end


def _open(text: str) -> bool:
    return text.count("[") > text.count("]")


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _is_switch(parameter: inspect.Parameter) -> bool:
    """An option that has no word after it: it turns something on, or off what is on by itself."""
    return isinstance(parameter.default, bool)


def _key(parameter: inspect.Parameter) -> str:
    """What an option goes by: ``no_fold`` turns off `fold`."""
    return f"no_{parameter.name}" if parameter.default is True else parameter.name


def _flag(parameter: inspect.Parameter) -> str:
    dashes = "-" if len(parameter.name) == 1 else "--"
    return dashes + _key(parameter).replace("_", "-")


def _is_word(parameter: inspect.Parameter) -> bool:
    """False for what can only be given in Python: a function."""
    return not str(parameter.annotation).startswith("Condition")


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
        told = (inspect.getdoc(of) or "").partition("\n\n")[2]
        method.__doc__ = f"{inspect.getdoc(method)}\n\n{told}"
        return method

    return extended


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
