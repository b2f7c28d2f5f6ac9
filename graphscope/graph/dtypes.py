"""The element types of tensors, under TensorFlow's names, and their numpy counterparts."""

from __future__ import annotations

from typing import Any

import numpy as np


class BFloat16(np.float32):
    """The scalar type of bfloat16, which numpy does not have: float32 that is rounded to it."""


class DType:
    """The type of a tensor's elements: ``float32``, ``int64``, ``string``...

    A *ref* type (``float32_ref``) marks the output of a variable: a place that can be assigned to.
    ``DType(1)`` is the type of that number. Errors: TypeError when there is none.
    """

    __slots__ = (
        *("_kind", "_ref", "_scalar", "as_datatype_enum", "base_dtype", "is_ref", "name", "numpy"),
        *("is_bool", "is_complex", "is_floating", "is_integer", "is_unsigned"),
    )

    base_dtype: DType

    def __new__(cls, name: str | int, *_: Any, **__: Any) -> DType:
        if isinstance(name, str):
            return super().__new__(cls)
        if name not in _BY_NUMBER:
            raise TypeError(f"type_enum is not a valid types_pb2.DataType: {name}")
        return _BY_NUMBER[name]

    def __init__(
        self, name: str | int, numpy: Any = None, enum: int = 0, base: DType | None = None
    ) -> None:
        if not isinstance(name, str):
            return  # one that there is already
        self.name = name
        self.numpy: np.dtype[Any] = np.dtype(numpy)
        self._scalar = numpy if numpy is BFloat16 else self.numpy.type
        self._kind = kind = str(self.numpy.kind)
        self.is_floating, self.is_complex, self.is_bool = kind == "f", kind == "c", kind == "b"
        self.is_integer, self.is_unsigned = kind in "iu", kind == "u"
        self.as_datatype_enum = enum
        self.is_ref = base is not None
        self.base_dtype = base or self
        self._ref: DType | None = None if base is None else self

    @property
    def as_numpy_dtype(self) -> Any:
        """The numpy scalar type (``np.float32``); ``object`` for strings, as in TensorFlow.

        Errors: KeyError for what no array holds: resources and variants.
        """
        if not self.is_numpy_compatible:
            raise KeyError(self.name)
        if self.is_quantized:
            return self.numpy
        return self._scalar if self.numpy != np.dtype(object) else object

    @property
    def real_dtype(self) -> DType:
        """The type of the real part of complex numbers; other types themselves."""
        real = {complex64: float32, complex128: float64}.get(self.base_dtype, self.base_dtype)
        return real.ref if self.is_ref else real

    @property
    def ref(self) -> DType:
        """The ref type of the same elements."""
        if self._ref is None:
            held = self.numpy if self._kind == "V" else self._scalar
            self._ref = DType(f"{self.name}_ref", held, self.as_datatype_enum + 100, base=self)
        return self._ref

    _as_ref = ref

    @property
    def _is_ref_dtype(self) -> bool:
        return self.is_ref

    @property
    def is_quantized(self) -> bool:
        return self.base_dtype in QUANTIZED

    @property
    def is_numpy_compatible(self) -> bool:
        """Whether arrays hold such values: all but resources and variants."""
        return self.base_dtype not in (resource, variant)

    @property
    def size(self) -> int:
        """Bytes of one element."""
        return 2 if self._scalar is BFloat16 else int(self.numpy.itemsize)

    @property
    def min(self) -> Any:
        """The smallest value of the type. Errors: TypeError for what is no real number."""
        return -self.max if self._scalar is BFloat16 else self._range("minimum").min

    @property
    def max(self) -> Any:
        """The largest value of the type. Errors: TypeError for what is no real number."""
        if self._scalar is BFloat16:
            return float.fromhex("0x1.FEp127")  # eight bits of a float32
        return self._range("maximum").max

    def _range(self, which: str) -> Any:
        if not self.is_floating and not self.is_integer:
            raise TypeError(f"Cannot find {which} value of {self}.")
        return np.finfo(self.numpy) if self.is_floating else np.iinfo(self.numpy)

    @property
    def limits(self) -> tuple[Any, Any]:
        """The range of brightness in pictures of the type: 0 and 1, or 0 and the largest number.

        Errors: KeyError for what is no picture's.
        """
        if self.base_dtype in (float32, float64):
            return 0, 1
        if not self.is_integer:
            raise KeyError(self.name)
        return 0, self.max

    @property
    def short(self) -> str:
        """How the type is written in a debugger: ``f32``, ``i64``, ``bool``, ``str``."""
        kind = {"f": "f", "i": "i", "u": "u", "c": "c"}.get(self._kind)
        if self._kind == "V" or not self.is_numpy_compatible:
            return self.base_dtype.name
        if kind is None:
            return "str" if self.numpy == np.dtype(object) else "bool"
        return f"{'b' if self._scalar is BFloat16 else ''}{kind}{self.size * 8}"

    def is_compatible_with(self, other: Any) -> bool:
        return self.base_dtype is as_dtype(other).base_dtype

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        try:
            return as_dtype(other) is self
        except TypeError:
            return False

    def __hash__(self) -> int:
        return self.as_datatype_enum

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __reduce__(self) -> Any:
        return as_dtype, (self.name,)


float16 = DType("float16", np.float16, 19)
float32 = DType("float32", np.float32, 1)
float64 = DType("float64", np.float64, 2)
bfloat16 = DType("bfloat16", BFloat16, 14)
int8 = DType("int8", np.int8, 6)
int16 = DType("int16", np.int16, 5)
int32 = DType("int32", np.int32, 3)
int64 = DType("int64", np.int64, 9)
uint8 = DType("uint8", np.uint8, 4)
uint16 = DType("uint16", np.uint16, 17)
uint32 = DType("uint32", np.uint32, 22)
uint64 = DType("uint64", np.uint64, 23)
complex64 = DType("complex64", np.complex64, 8)
complex128 = DType("complex128", np.complex128, 18)
bool_ = DType("bool", np.bool_, 10)
string = DType("string", np.object_, 7)

half, double = float16, float64


def _beside(name: str, numpy: Any, enum: int) -> DType:
    """A type of which there are no arrays here: its values go by in no operation."""
    return DType(name, np.dtype([(name, numpy)]), enum)


qint8, quint8 = _beside("qint8", np.int8, 11), _beside("quint8", np.uint8, 12)
qint16, quint16 = _beside("qint16", np.int16, 15), _beside("quint16", np.uint16, 16)
qint32 = _beside("qint32", np.int32, 13)
# Of these a value is one object: the name of something that the session keeps, a dataset.
resource, variant = DType("resource", np.object_, 20), DType("variant", np.object_, 21)

#: Numbers of few bits that stand for real ones.
QUANTIZED = (qint8, quint8, qint16, quint16, qint32)

ALL = (
    *(float16, float32, float64, bfloat16),
    *(int8, int16, int32, int64, uint8, uint16, uint32, uint64),
    *(complex64, complex128, bool_, string),
)
FLOATS = (float16, float32, float64, bfloat16)
INTEGERS = tuple(t for t in ALL if t.is_integer)
REALS = FLOATS + INTEGERS
NUMBERS = (*REALS, complex64, complex128)
FLOATS_AND_COMPLEX = (*FLOATS, complex64, complex128)

#: Every type that has a name, with those that no operation here takes.
NAMED = (*ALL, *QUANTIZED, resource, variant)

_BY_NAME = {t.name: t for t in NAMED} | {"half": half, "float": float32, "double": double}
_BY_NUMBER = {t.as_datatype_enum: t for t in NAMED}
_BY_NUMBER |= {number + 100: t.ref for number, t in _BY_NUMBER.items()}
_BY_NUMPY = {t.numpy: t for t in (*ALL, *QUANTIZED) if t is not bfloat16}


def as_dtype(value: Any) -> DType:
    """The `DType` that a DType, a name, a numpy type or a Python type stands for.

    Errors: TypeError when it stands for none.
    """
    if isinstance(value, DType):
        return value
    if isinstance(value, np.dtype) and value in _BY_NUMPY:
        return _BY_NUMPY[value]
    if isinstance(value, str):
        if value in _BY_NAME:
            return _BY_NAME[value]
        if value.endswith("_ref") and value[:-4] in _BY_NAME:
            return _BY_NAME[value[:-4]].ref
    elif type(value) is int and value in _BY_NUMBER:
        return _BY_NUMBER[value]
    elif value is float:
        return float32
    elif value is BFloat16:
        return bfloat16
    elif any(
        value is plain for plain in (int, str, bytes, None)
    ):  # of numpy's they would be others
        raise TypeError(f"Cannot convert value {value!r} to a TensorFlow DType.")
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = None
    if dtype is not None:
        if dtype.kind in "SU":
            return string
        if dtype in _BY_NUMPY:
            return _BY_NUMPY[dtype]
    raise TypeError(f"Cannot convert value {value!r} to a TensorFlow DType.")
