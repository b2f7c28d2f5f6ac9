"""Where TensorFlow's C++ headers and libraries are: here are none (tf.sysconfig)."""

from __future__ import annotations

import os

import graphscope.kernels

CXX11_ABI_FLAG = 0
MONOLITHIC_BUILD = 0


def get_include() -> str:
    """The folder of the C sources of the kernels."""
    return os.path.dirname(os.path.abspath(graphscope.kernels.__file__))


def get_lib() -> str:
    """The folder of the compiled kernels."""
    return get_include()


def get_compile_flags() -> list[str]:
    return [f"-I{get_include()}"]


def get_link_flags() -> list[str]:
    return [f"-L{get_lib()}"]
