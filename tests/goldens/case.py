"""How a case of a public function is written, and the numbers that cases are given."""

import operator
import typing
import zlib

import numpy as np

CASES = {}


class Case(typing.NamedTuple):
    build: typing.Callable
    inputs: tuple  # numpy arrays, fed to the placeholders
    shapes: tuple  # their static shapes; None stands for a size or a rank nobody knows


def case(name, build, *inputs, shapes=None):
    """Add a case; the placeholders know the shapes of their inputs unless `shapes` says less."""
    assert name not in CASES, name
    static = tuple(array.shape for array in inputs) if shapes is None else tuple(shapes)
    CASES[name] = Case(build, tuple(inputs), static)


def forms(name, build, *groups):
    """A case for each group of inputs, named by their types and sizes."""
    for inputs in groups:
        kinds = [
            "x".join([array.dtype.str[1:], *map(str, array.shape)])
            for array in map(np.asarray, inputs)
        ]
        case("/".join([name, *kinds]), build, *inputs)


def public(name):
    """A builder that gives all inputs to one function, by its name in the tensorflow module."""
    return lambda tf, *inputs: operator.attrgetter(name)(tf)(*inputs)


def normal(*shape):
    """Standard normal float32 numbers, the same at each call of the same shape."""
    seed = zlib.crc32(repr(shape).encode())
    return np.random.RandomState(seed).normal(size=shape).astype(np.float32)


def positive(*shape):
    """Numbers between 0.1 and 3."""
    seed = zlib.crc32(repr(shape).encode()) + 1
    return np.random.RandomState(seed % 2**32).uniform(0.1, 3.0, shape).astype(np.float32)


def wide(*shape):
    """Numbers of either sign up to a few units, for functions that saturate or round."""
    return normal(*shape) * np.float32(3)


def floats(*values):
    return np.array(values, np.float32)


def ints(*values):
    return np.array(values, np.int32)


def bools(*values):
    return np.array(values, np.bool_)
