"""Flags of the command line: ``--name=value``, ``--name value``, ``--[no]switch`` (tf.flags).

Source: tf.app.flags of 1.15, which is absl.flags. Flags are read the first time that one is asked
for, or by `graphscope.platform.app.run`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any


class Error(Exception):
    """Something is wrong with the flags."""


class UnrecognizedFlagError(Error):
    """A flag was given that nobody defined."""


class IllegalFlagValueError(Error):
    """A flag was given a value that it cannot have."""


class UnparsedFlagAccessError(Error):
    """A flag was read that has no value yet."""


class Flag:
    """One flag. parser: text to value; a switch takes no word of its own."""

    def __init__(
        self, name: str, default: Any, help: str, parser: Callable[[Any], Any], switch: bool
    ) -> None:
        self.name = name
        self.help = help
        self.boolean = switch
        self.present = 0
        self._parser = parser
        self.default = None if default is None else self._read(default)
        self.value = self.default

    def parse(self, text: Any) -> None:
        self.value = self._read(text)
        self.present += 1

    def _read(self, text: Any) -> Any:
        try:
            return self._parser(text)
        except (TypeError, ValueError) as error:
            raise IllegalFlagValueError(f"flag --{self.name}={text}: {error}") from None


class FlagValues:
    """All flags; their values are its attributes."""

    def __init__(self) -> None:
        self.__dict__["__flags"] = {}
        self.__dict__["_parsed"] = False

    def _flags(self) -> dict[str, Flag]:
        flags: dict[str, Flag] = self.__dict__["__flags"]
        return flags

    def __call__(self, argv: Sequence[str], known_only: bool = False) -> list[str]:
        """Read a command line, the program's name first; returns what is not a flag.

        known_only: leaves unknown flags in the result. Errors: UnrecognizedFlagError,
        IllegalFlagValueError.
        """
        beside = _beside(self)
        words = list(argv) if beside is None else list(beside(argv, known_only=True))
        rest = [words.pop(0)]
        while words:
            word = words.pop(0)
            if word == "--":
                rest += words
                break
            if not word.startswith("-") or word == "-":
                rest.append(word)
            elif not self._take(word, words):
                if not known_only:
                    raise UnrecognizedFlagError(
                        f"Unknown command line flag {word.lstrip('-').partition('=')[0]!r}"
                    )
                rest.append(word)
        self.mark_as_parsed()
        return rest

    def _take(self, word: str, words: list[str]) -> bool:
        """Read one flag, and its value from the words behind it; False when there is none."""
        name, equals, value = word.lstrip("-").partition("=")
        flags = self._flags()
        flag = flags.get(name)
        if flag is None:
            negated = flags.get(name[2:]) if name.startswith("no") and not equals else None
            if negated is None or not negated.boolean:
                return False
            negated.parse(False)
        elif equals:
            flag.parse(value)
        elif flag.boolean:
            flag.parse(True)
        elif words:
            flag.parse(words.pop(0))
        else:
            raise Error(f"Missing value for flag --{name}")
        return True

    def is_parsed(self) -> bool:
        return bool(self.__dict__["_parsed"])

    def mark_as_parsed(self) -> None:
        self.__dict__["_parsed"] = True

    def unparse_flags(self) -> None:
        self.__dict__["_parsed"] = False

    def _parse_flags(self, args: Sequence[str] | None = None) -> None:
        """What scripts of TensorFlow 1.0 to 1.4 call before they read a flag."""
        self(sys.argv if args is None else [sys.argv[0], *args], known_only=True)

    def flag_values_dict(self) -> dict[str, Any]:
        return {name: flag.value for name, flag in self._flags().items()}

    def get_flag_value(self, name: str, default: Any) -> Any:
        flag = self._flags().get(name)
        return default if flag is None or flag.value is None else flag.value

    def set_default(self, name: str, value: Any) -> None:
        flag = self[name]
        flag.default = value
        if not flag.present:
            flag.value = value

    def __getattr__(self, name: str) -> Any:
        flag = self._flags().get(name)
        if flag is None:
            beside = _beside(self)
            if beside is None or name not in beside:
                raise AttributeError(name)
            return getattr(beside, name)
        if not self.is_parsed():
            self(sys.argv)
        return flag.value

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._flags():
            raise AttributeError(name)
        self._flags()[name].value = value

    def __delattr__(self, name: str) -> None:
        if name not in self._flags():
            raise AttributeError(name)
        del self._flags()[name]

    def __getitem__(self, name: str) -> Flag:
        return self._flags()[name]

    def __setitem__(self, name: str, flag: Flag) -> None:
        self._flags()[name] = flag

    def __contains__(self, name: str) -> bool:
        return name in self._flags()

    def __iter__(self) -> Iterator[str]:
        return iter(self._flags())

    def __len__(self) -> int:
        return len(self._flags())

    def __dir__(self) -> list[str]:
        return sorted(self._flags())

    def get_help(self) -> str:
        lines = []
        for name, flag in sorted(self._flags().items()):
            switch = "[no]" if flag.boolean else ""
            lines += [f"  --{switch}{name}: {flag.help}", f"    (default: {flag.default!r})"]
        return "\n".join(lines)


FLAGS = FlagValues()


def _beside(values: FlagValues) -> Any:
    """The flags of the library absl, when the program uses it too: in TensorFlow they are these."""
    others = getattr(sys.modules.get("absl.flags"), "FLAGS", None)
    return others if values is FLAGS and others is not FLAGS else None


_TRUE = ("true", "t", "1", "yes", "y")
_FALSE = ("false", "f", "0", "no", "n")


def _boolean(value: Any) -> bool:
    text = str(value).lower()
    if text not in _TRUE + _FALSE:
        raise ValueError("Non-boolean argument to boolean flag")
    return text in _TRUE


def _whole(value: Any) -> int:
    return int(value, 0) if isinstance(value, str) else int(value)


def _list(value: Any) -> list[str]:
    if isinstance(value, list):
        return value
    return [item.strip() for item in value.split(",")] if value else []


def _define(parser: Callable[[Any], Any], switch: bool = False) -> Callable[..., None]:
    def define(
        name: str | None = None,
        default: Any = None,
        help: str = "",
        flag_values: FlagValues = FLAGS,
        flag_name: str | None = None,
        default_value: Any = None,
        docstring: str = "",
        **_: Any,
    ) -> None:
        """Define a flag. `flag_name`, `default_value` and `docstring` are its arguments of 2016.

        A flag that is defined again takes the place of the one before.
        """
        called = name or flag_name
        if called is None:
            raise TypeError("a flag needs a name")
        first = default_value if default is None else default
        flag_values[called] = Flag(called, first, help or docstring, parser, switch)

    return define


DEFINE_string = _define(str)
DEFINE_integer = _define(_whole)
DEFINE_float = _define(float)
DEFINE_boolean = _define(_boolean, switch=True)
DEFINE_bool = DEFINE_boolean
DEFINE_list = _define(_list)


def DEFINE_enum(
    name: str,
    default: Any,
    enum_values: Sequence[str],
    help: str = "",
    flag_values: FlagValues = FLAGS,
    **_: Any,
) -> None:
    """Define a flag that has one of a few values."""

    def one_of(value: Any) -> Any:
        if value not in enum_values:
            raise ValueError(f"value should be one of <{'|'.join(enum_values)}>")
        return value

    flag_values[name] = Flag(name, default, help, one_of, False)


def mark_flag_as_required(flag_name: str, flag_values: FlagValues = FLAGS) -> None:
    """`app.run` ends the program when the flag is not given."""
    required: set[str] = flag_values.__dict__.setdefault("_required", set())
    required.add(flag_name)


def mark_flags_as_required(flag_names: Sequence[str], flag_values: FlagValues = FLAGS) -> None:
    for name in flag_names:
        mark_flag_as_required(name, flag_values)


def check_required(flag_values: FlagValues = FLAGS) -> None:
    """Errors: IllegalFlagValueError when a flag that must be given was not."""
    for name in sorted(flag_values.__dict__.get("_required", ())):
        if flag_values[name].value is None:
            raise IllegalFlagValueError(f"flag --{name}=None: Flag --{name} must have a value.")
