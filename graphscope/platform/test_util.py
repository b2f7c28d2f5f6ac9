"""What unit tests of TensorFlow's own take from tensorflow.python.framework.test_util.

Here there is one way to run: a graph, on the CPU. So a decorator that chooses another way skips
the test, and one that chooses this way leaves it as it is.
"""

from __future__ import annotations

import functools
import itertools
import unittest
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np

from graphscope.graph.graph import Graph, get_default_graph
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import transpose
from graphscope.platform.test import (
    TestCase,
    assert_equal_graph_def,
    gpu_device_name,
    is_gpu_available,
)

__all__ = [
    "GpuSupportsHalfMatMulAndConv",
    "IsBuiltWithROCm",
    "IsGoogleCudaEnabled",
    "IsMklEnabled",
    "NCHWToNHWC",
    "NHWCToNCHW",
    "TensorFlowTestCase",
    "also_run_as_tf_function",
    "assert_equal_graph_def",
    "assert_equal_graph_def_v1",
    "assert_no_garbage_created",
    "assert_no_new_pyobjects_executing_eagerly",
    "assert_no_new_tensors",
    "assert_ops_in_graph",
    "build_as_function_and_v1_graph",
    "deprecated_graph_mode_only",
    "device",
    "disable_control_flow_v2",
    "disable_xla",
    "enable_c_shapes",
    "enable_control_flow_v2",
    "enable_output_all_intermediates",
    "enable_tf_xla_constant_folding",
    "for_all_test_methods",
    "force_cpu",
    "force_gpu",
    "generate_combinations_with_testcase_name",
    "get_node_def_from_graph",
    "gpu_device_name",
    "is_gpu_available",
    "is_xla_enabled",
    "no_xla_auto_jit",
    "py_func_if_in_function",
    "run_all_in_graph_and_eager_modes",
    "run_cuda_only",
    "run_deprecated_v1",
    "run_gpu_only",
    "run_in_graph_and_eager_modes",
    "run_v1_only",
    "run_v2_only",
    "skip_if",
    "use_deterministic_cudnn",
    "use_gpu",
    "with_c_shapes",
    "with_control_flow_v2",
    "xla_allow_fallback",
]

TensorFlowTestCase = TestCase
assert_equal_graph_def_v1 = assert_equal_graph_def

Test = Callable[..., Any]


def _no(*_: Any, **__: Any) -> bool:
    return False


IsGoogleCudaEnabled = IsBuiltWithROCm = GpuSupportsHalfMatMulAndConv = _no
IsMklEnabled = is_xla_enabled = _no


# ---- decorators that leave a test as it is -------------------------------------------------------


def deprecated_graph_mode_only(func: Any = None) -> Any:
    """A test of graphs alone; with or without parentheses."""
    return (lambda f: f) if func is None else func


run_deprecated_v1 = deprecated_graph_mode_only
use_deterministic_cudnn = deprecated_graph_mode_only


def run_v1_only(reason: str, func: Any = None) -> Any:
    """A test that TensorFlow 2 could not run."""
    return deprecated_graph_mode_only(func)


def disable_xla(description: str) -> Callable[[Any], Any]:
    """A test whose description says why a compiler would fail it."""
    return lambda f: f


no_xla_auto_jit = xla_allow_fallback = enable_tf_xla_constant_folding = disable_xla
disable_control_flow_v2 = disable_xla


def _unchanged(test: Any) -> Any:
    """The test, or the class of tests."""
    return test


enable_c_shapes = with_c_shapes = enable_output_all_intermediates = _unchanged
enable_control_flow_v2 = with_control_flow_v2 = _unchanged
assert_no_new_pyobjects_executing_eagerly = assert_no_garbage_created = _unchanged
assert_no_new_tensors = py_func_if_in_function = _unchanged


# ---- decorators that choose how a test runs, and whether -----------------------------------------


def skip_if(condition: Any) -> Callable[[Test], Test]:
    """The test does nothing when the condition, or what it returns, is true."""

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            skipped = condition() if callable(condition) else condition
            return None if skipped else test(*args, **kwargs)

        return decorated

    return decorate


def _skipped(reason: str) -> Callable[..., Any]:
    def decorate(func: Any = None) -> Any:
        return decorate if func is None else unittest.skip(reason)(func)

    return decorate


run_gpu_only = run_cuda_only = _skipped("there is no GPU")
run_v2_only = _skipped("a test of TensorFlow 2")
also_run_as_tf_function = _skipped("a test of code that runs eagerly")


def run_in_graph_and_eager_modes(
    func: Any = None,
    config: Any = None,
    use_gpu: bool = True,
    reset_test: bool = True,
    assert_no_eager_garbage: bool = False,
) -> Any:
    """The test runs in a session of the test's; with or without parentheses."""

    def decorate(test: Test) -> Test:
        if isinstance(test, type):
            raise ValueError("use run_all_in_graph_and_eager_modes for a class of tests")

        @functools.wraps(test)
        def decorated(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.test_session(use_gpu=use_gpu, config=config):
                return test(self, *args, **kwargs)

        return decorated

    return decorate if func is None else decorate(func)


def build_as_function_and_v1_graph(func: Any = None) -> Any:
    """The test runs in a graph of its own."""

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            with Graph().as_default():
                return test(*args, **kwargs)

        return decorated

    return decorate if func is None else decorate(func)


def for_all_test_methods(decorator: Any, *args: Any, **kwargs: Any) -> Callable[[type], type]:
    """A decorator of classes that does ``decorator(*args, **kwargs)`` to each of its tests."""

    def decorate(cls: type) -> type:
        for name in dir(cls):
            method = getattr(cls, name)
            if name.startswith("test") and name != "test_session" and callable(method):
                setattr(cls, name, decorator(*args, **kwargs)(method))
        return cls

    return decorate


def run_all_in_graph_and_eager_modes(cls: type) -> type:
    """`run_in_graph_and_eager_modes` for all tests of a class."""
    return for_all_test_methods(run_in_graph_and_eager_modes)(cls)


def generate_combinations_with_testcase_name(**kwargs: Any) -> list[OrderedDict[str, Any]]:
    """All choices of one value for each keyword, each with the name that tells it from others."""
    values = [v if isinstance(v, list) else [v] for _, v in sorted(kwargs.items())]
    named = []
    for chosen in itertools.product(*values):
        choice = OrderedDict(zip(sorted(kwargs), chosen, strict=True))
        words = (
            "".join(c for c in f"{k}_{v}" if c.isalnum() or c == "_") for k, v in choice.items()
        )
        choice["testcase_name"] = "_test_" + "_".join(words)
        named.append(choice)
    return named


# ---- devices: there is one -----------------------------------------------------------------------


@contextmanager
def use_gpu() -> Iterator[None]:
    """A block that runs on the GPU if there is one."""
    yield


force_cpu = use_gpu


def force_gpu() -> NoReturn:
    """A block for the GPU. Errors: SkipTest, there is none."""
    raise unittest.SkipTest("there is no GPU")


def device(use_gpu: bool) -> Any:
    """A block on the GPU or on the CPU: on what there is."""
    return force_cpu()


# ---- graphs and layouts --------------------------------------------------------------------------


def assert_ops_in_graph(expected_ops: dict[str, str], graph: Graph | None = None) -> dict[str, Any]:
    """The nodes of the graph by name. Errors: ValueError when one is missing or of another type."""
    found = {op.name: op for op in (graph or get_default_graph()).get_operations()}
    for name, kind in expected_ops.items():
        if name not in found:
            raise ValueError(f"Expected ops for the following names: {name}")
        if found[name].type != kind:
            raise ValueError(f"Expected op for node {name} is different. {kind} vs {found[name]}")
    return {name: found[name] for name in expected_ops}


def get_node_def_from_graph(node_name: str, graph_def: Any) -> Any:
    """The description of the node of that name; None without one."""
    return next((node for node in graph_def.node if node.name == node_name), None)


def _moved(value: Any, order: Callable[[int], Sequence[int]]) -> Any:
    """A tensor transposed, or the sizes of a shape in the new order."""
    if isinstance(value, Iterable) and not hasattr(value, "dtype"):
        sizes = list(value.as_list() if isinstance(value, TensorShape) else value)
        return [sizes[axis] for axis in order(len(sizes))]
    return transpose(value, np.asarray(order(len(value.shape)), np.int32))


def NHWCToNCHW(input_tensor: Any) -> Any:
    """Channels from the last axis to the second, of a tensor or of a list of sizes."""
    return _moved(input_tensor, lambda rank: [0, rank - 1, *range(1, rank - 1)])


def NCHWToNHWC(input_tensor: Any) -> Any:
    """Channels from the second axis to the last, of a tensor or of a list of sizes."""
    return _moved(input_tensor, lambda rank: [0, *range(2, rank), 1])
