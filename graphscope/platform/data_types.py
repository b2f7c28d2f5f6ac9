"""`DataType`: the numbers of the element types, as the messages of graphs have them.

Source: tensorflow/core/framework/types.proto.
"""

from __future__ import annotations

from graphscope.graph.dtypes import NAMED

_NAMES = {"float16": "HALF", "float32": "FLOAT", "float64": "DOUBLE"}

_PLAIN = {
    "DT_INVALID": 0,
    **{f"DT_{_NAMES.get(t.name, t.name.upper())}": t.as_datatype_enum for t in NAMED},
}

#: ``DT_FLOAT``, ``DT_FLOAT_REF``... with their numbers.
NUMBERS: dict[str, int] = {
    **_PLAIN,
    **{f"{name}_REF": number + 100 for name, number in _PLAIN.items() if number},
}
_BY_NUMBER = {number: name for name, number in NUMBERS.items()}


class DataType:
    """The enumeration: names and numbers, one from the other."""

    @staticmethod
    def keys() -> list[str]:
        return [name for name, _ in DataType.items()]

    @staticmethod
    def values() -> list[int]:
        return sorted(_BY_NUMBER)

    @staticmethod
    def items() -> list[tuple[str, int]]:
        return sorted(NUMBERS.items(), key=lambda item: item[1])

    @staticmethod
    def Name(number: int) -> str:
        """Errors: ValueError when the enumeration has no such number."""
        if number not in _BY_NUMBER:
            raise ValueError(f"Enum DataType has no name defined for value {number}")
        return _BY_NUMBER[number]

    @staticmethod
    def Value(name: str) -> int:
        """Errors: ValueError when the enumeration has no such name."""
        if name not in NUMBERS:
            raise ValueError(f"Enum DataType has no value defined for name {name!r}")
        return NUMBERS[name]
