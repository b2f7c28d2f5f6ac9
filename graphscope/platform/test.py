"""Unit tests of graphs: `TestCase` and what goes with it (tf.test)."""

from __future__ import annotations

import math
import os
import random
import tempfile
import threading
import unittest
import unittest.mock as mock
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from graphscope.engine.session import Session
from graphscope.errors import OpError
from graphscope.graph.devices import merged
from graphscope.graph.graph import (
    Graph,
    Tensor,
    default_graphs,
    get_default_session,
    reset_default_graph,
)
from graphscope.ops.random import set_random_seed
from graphscope.platform.assertions import Assertions, matches
from graphscope.platform.gradient_checker import compute_gradient, compute_gradient_error

__all__ = [
    "StubOutForTesting",
    "TestCase",
    "assert_equal_graph_def",
    "compute_gradient",
    "compute_gradient_error",
    "get_temp_dir",
    "gpu_device_name",
    "is_built_with_cuda",
    "is_built_with_gpu_support",
    "is_built_with_rocm",
    "is_gpu_available",
    "main",
    "mock",
    "test_src_dir_path",
]

#: The seed of graphs in tests. Source: tensorflow.python.framework.random_seed.
DEFAULT_GRAPH_SEED = 87654321


def get_temp_dir() -> str:
    """A folder for files of tests."""
    return tempfile.gettempdir()


def test_src_dir_path(relative_path: str) -> str:
    """The path in the folder in which the tests were started."""
    return os.path.join(os.getcwd(), relative_path)


def is_built_with_cuda() -> bool:
    return False


def is_built_with_gpu_support() -> bool:
    return False


def is_built_with_rocm() -> bool:
    return False


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    return False


def gpu_device_name() -> str:
    return ""


def main(argv: Any = None) -> None:
    """Run the tests of the program, and end it (tf.test.main)."""
    unittest.main(argv=argv)


def assert_equal_graph_def(actual: Any, expected: Any, checkpoint_v2: bool = False) -> None:
    """Errors: AssertionError when two graphs differ in a node's name, type or inputs."""
    first, second = ({op.name: _described(op) for op in _operations(g)} for g in (actual, expected))
    differing = [name for name in {**first, **second} if first.get(name) != second.get(name)]
    if differing:
        raise AssertionError(f"the graphs differ in {', '.join(sorted(differing))}")


def _operations(graph: Any) -> Sequence[Any]:
    if not isinstance(graph, Graph):
        raise TypeError(f"a graph is expected, not a {type(graph).__name__}")
    return graph.get_operations()


def _described(op: Any) -> tuple[Any, ...]:
    return op.type, [t.name for t in op.inputs], sorted(o.name for o in op.control_inputs)


class StubOutForTesting:
    """Replaces attributes until it is told to put them back."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def Set(self, parent: Any, child_name: str, new_child: Any) -> None:
        self._before.append((parent, child_name, getattr(parent, child_name)))
        setattr(parent, child_name, new_child)

    SmartSet = Set

    def UnsetAll(self) -> None:
        while self._before:
            setattr(*self._before.pop())

    SmartUnsetAll = CleanUp = UnsetAll

    def __enter__(self) -> StubOutForTesting:
        return self

    def __exit__(self, *error: Any) -> None:
        self.UnsetAll()


class _CheckedThread:
    """A thread whose error is the test's failure, when it is joined."""

    def __init__(self, test: TestCase, target: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self._test = test
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(target, args or (), kwargs or {}))

    def _run(self, target: Callable[..., Any], args: Any, kwargs: Any) -> None:
        try:
            target(*args, **kwargs)
        except Exception as error:  # told when the thread is joined
            self._error = error

    def start(self) -> None:
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> None:
        self._thread.join()
        if self._error is not None:
            self._test.fail(f"Error in checkedThread: {self._error}")


class TestCase(Assertions):
    """A test with a fresh default graph, seeds set, and comparisons of arrays (tf.test.TestCase).

    Whatever is compared may be a tensor: it is evaluated first.
    """

    __test__ = True

    def __init__(self, methodName: str = "runTest") -> None:
        super().__init__(methodName)
        self._kept: Session | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def setUp(self) -> None:
        self._close_session()
        random.seed(DEFAULT_GRAPH_SEED)
        np.random.seed(DEFAULT_GRAPH_SEED)
        default_graphs.stack.clear()  # a test that failed inside of graphs may have left some
        reset_default_graph()
        set_random_seed(DEFAULT_GRAPH_SEED)
        if self.id().endswith(".test_session"):
            self.skipTest("Not a test.")

    def tearDown(self) -> None:
        self._close_session()

    def _close_session(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def get_temp_dir(self) -> str:
        """A folder of this test alone."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory()
            self.addCleanup(self._folder.cleanup)
        return self._folder.name

    # ---- sessions ----

    @contextmanager
    def session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = False, force_gpu: bool = False
    ) -> Iterator[Session]:
        """A new session, closed at the end of the block."""
        with Session(graph=graph, config=config) as sess, sess.graph.as_default():
            yield sess

    @contextmanager
    def cached_session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = False, force_gpu: bool = False
    ) -> Iterator[Session]:
        """The test's session: made at the first call, and kept to the end of the test."""
        if self._kept is None:
            self._kept = Session(graph=graph, config=config)
        with self._kept.graph.as_default(), self._kept.as_default():
            yield self._kept

    @contextmanager
    def test_session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = False, force_gpu: bool = False
    ) -> Iterator[Session]:
        """A session of the given graph; the test's session when there is none."""
        opened = self.cached_session if graph is None else self.session
        with opened(graph, config) as sess:
            yield sess

    def evaluate(self, tensors: Any) -> Any:
        """The values of tensors, in the default session, or in the test's."""
        sess = get_default_session()
        if sess is not None:
            return sess.run(tensors)
        with self.cached_session() as own:
            return own.run(tensors)

    def checkedThread(
        self, target: Callable[..., Any], args: Any = None, kwargs: Any = None
    ) -> _CheckedThread:
        return _CheckedThread(self, target, args, kwargs)

    # ---- numbers ----

    def _array(self, value: Any) -> np.ndarray[Any, Any]:
        if isinstance(value, Tensor) or hasattr(value, "_as_tensor"):
            value = self.evaluate(value)
        return value if isinstance(value, np.ndarray) else np.array(value)

    def assertNear(self, f1: float, f2: float, err: float, msg: Any = None) -> None:
        self.assertTrue(
            f1 == f2 or math.fabs(f1 - f2) <= err, f"{f1:f} != {f2:f} +/- {err:f} ({msg})"
        )

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg: Any = None) -> None:
        self.assertEqual(len(farray1), len(farray2), msg)
        for f1, f2 in zip(farray1, farray2, strict=True):
            self.assertNear(float(f1), float(f2), err, msg)

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: Any = None) -> None:
        self.assertTrue(float(np.linalg.norm(ndarray1 - ndarray2)) < err, msg)

    def assertAllClose(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: Any = None
    ) -> None:
        """Equal within atol + rtol * |b|, in dicts, lists and named tuples too; NaN equals NaN."""
        a, b = (x._asdict() if hasattr(x, "_asdict") else x for x in (a, b))
        if isinstance(a, Mapping) or isinstance(b, Mapping):
            if not (isinstance(a, Mapping) and isinstance(b, Mapping)):
                raise ValueError(f"Can't compare dict to non-dict, a vs b. {msg}")
            self.assertCountEqual(a.keys(), b.keys(), msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, msg)
            return
        if isinstance(a, list | tuple) and _ragged(a):
            if len(a) != len(b):
                raise ValueError(f"Mismatched length: {len(a)} items and {len(b)}. {msg}")
            for first, second in zip(a, b, strict=True):
                self.assertAllClose(first, second, rtol, atol, msg)
            return
        actual, expected = self._array(a), self._array(b)
        self.assertEqual(
            actual.shape,
            expected.shape,
            f"Shape mismatch: expected {actual.shape}, got {expected.shape}.",
        )
        np.testing.assert_allclose(actual, expected, rtol, atol, True, str(msg or ""))

    def assertAllCloseAccordingToType(
        self,
        a: Any,
        b: Any,
        rtol: float = 1e-6,
        atol: float = 1e-6,
        float_rtol: float = 1e-6,
        float_atol: float = 1e-6,
        half_rtol: float = 1e-3,
        half_atol: float = 1e-3,
        bfloat16_rtol: float = 1e-2,
        bfloat16_atol: float = 1e-2,
        msg: Any = None,
    ) -> None:
        """`assertAllClose` with wider bounds for float32 and float16."""
        a, b = self._array(a), self._array(b)
        types = {a.dtype.name, b.dtype.name}
        if types & {"float32", "complex64"}:
            rtol, atol = max(rtol, float_rtol), max(atol, float_atol)
        if "float16" in types:
            rtol, atol = max(rtol, half_rtol), max(atol, half_atol)
        self.assertAllClose(a, b, rtol, atol, msg)

    def assertNotAllClose(self, a: Any, b: Any, **kwargs: Any) -> None:
        try:
            self.assertAllClose(a, b, **kwargs)
        except AssertionError:
            return
        raise AssertionError("The two values are close at all elements")

    def assertAllEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        """Equal shapes and elements; NaN equals NaN."""
        a, b = self._array(a), self._array(b)
        self.assertEqual(
            a.shape, b.shape, f"Shape mismatch: expected {a.shape}, got {b.shape}. {msg or ''}"
        )
        np.testing.assert_array_equal(a, b, str(msg or ""))

    def assertNotAllEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        try:
            self.assertAllEqual(a, b, msg)
        except AssertionError:
            return
        raise AssertionError("The two values are equal at all elements")

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        self.assertGreater(np.min(self._array(a)), comparison_target)

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        self.assertLess(np.max(self._array(a)), comparison_target)

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        self.assertGreaterEqual(np.min(self._array(a)), comparison_target)

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        self.assertLessEqual(np.max(self._array(a)), comparison_target)

    def assertAllInRange(
        self,
        target: Any,
        lower_bound: Any,
        upper_bound: Any,
        open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:
        """All elements lie between the bounds, which are inside unless they are open."""
        values = self._array(target)
        low = values > lower_bound if open_lower_bound else values >= lower_bound
        high = values < upper_bound if open_upper_bound else values <= upper_bound
        outside = values[~(low & high)]
        if outside.size:
            left, right = "(" if open_lower_bound else "[", ")" if open_upper_bound else "]"
            raise AssertionError(
                f"{outside.size} of the {values.size} element(s) are outside the range "
                f"{left}{lower_bound}, {upper_bound}{right}: {outside[:10]}"
            )

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        others = np.setdiff1d(self._array(target).ravel(), list(expected_set))
        if others.size:
            raise AssertionError(
                f"{others.size} unique element(s) are not in the set {expected_set}: {others}"
            )

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        self.assertEqual(self._array(target).dtype, expected_dtype)

    # ---- the rest ----

    def assertShapeEqual(self, np_array: Any, tf_tensor: Any, msg: Any = None) -> None:
        """The array's shape is the tensor's static shape."""
        if not isinstance(np_array, np.ndarray | np.generic):
            raise TypeError("np_array must be a Numpy ndarray or Numpy scalar")
        if not isinstance(tf_tensor, Tensor):
            raise TypeError("tf_tensor must be a Tensor")
        self.assertAllEqual(np_array.shape, tf_tensor.get_shape().as_list(), msg)

    def assertDeviceEqual(self, device1: Any, device2: Any, msg: Any = None) -> None:
        """Two names of one device, however they are written."""
        self.assertEqual(merged("", device1 or ""), merged("", device2 or ""), msg)

    @contextmanager
    def assertRaisesWithPredicateMatch(
        self, exception_type: type[BaseException], expected_err_re_or_predicate: Any
    ) -> Iterator[None]:
        """The block raises; the error's text has a match, or the function is true of the error."""
        wanted = expected_err_re_or_predicate
        try:
            yield
        except exception_type as error:
            text = error.message if isinstance(error, OpError) else str(error)
            if not matches(wanted, error, text):
                raise AssertionError(f"Exception of type {type(error)}: {error}") from error
        else:
            self.fail(f"{exception_type.__name__} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        return self.assertRaisesWithPredicateMatch(OpError, expected_err_re_or_predicate)


def _ragged(values: Any) -> bool:
    """Whether a list cannot be one array: it has parts of several shapes, or dicts."""
    if any(isinstance(v, Mapping) or hasattr(v, "_asdict") for v in values):
        return True
    return len(
        {np.shape(v) for v in values if not isinstance(v, Tensor | list | tuple)}
    ) > 1 or any(isinstance(v, list | tuple) and _ragged(v) for v in values)


# Their names are TensorFlow's; pytest takes them for tests unless it is told.
for _function in (test_src_dir_path, TestCase.test_session):
    vars(_function)["__test__"] = False
