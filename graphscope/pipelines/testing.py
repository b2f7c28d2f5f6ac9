"""What tests of datasets share. Source: tensorflow.python.data.kernel_tests.test_base of 1.15."""

# ruff: noqa: PT009, PT027 (it is unittest's, as TensorFlow's is)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.errors import OutOfRangeError
from graphscope.graph.dtypes import int64, string
from graphscope.ops import array
from graphscope.pipelines.dataset import Dataset
from graphscope.pipelines.iterator import make_initializable_iterator, make_one_shot_iterator
from graphscope.pipelines.structure import flatten
from graphscope.platform.combinations import combine
from graphscope.platform.test import TestCase

__all__ = ["DatasetTestBase", "default_test_combinations"]


def default_test_combinations() -> list[dict[str, Any]]:
    """The ways to run a test of datasets; of them a graph of TensorFlow 1 is here."""
    return combine(tf_api_version=[1, 2], mode=["eager", "graph"])


class DatasetTestBase(TestCase):
    """A test that looks at the elements of datasets."""

    def assertValuesEqual(self, expected: Any, actual: Any) -> None:
        """Two arrays, or two sparse values part by part."""
        if hasattr(expected, "dense_shape"):
            for part in ("indices", "values", "dense_shape"):
                self.assertAllEqual(getattr(expected, part), getattr(actual, part))
        else:
            self.assertAllEqual(expected, actual)

    def getNext(
        self, dataset: Any, requires_initialization: bool = False, shared_name: str | None = None
    ) -> Callable[[], Any]:
        """A function that gives what to evaluate for the next element."""
        if requires_initialization:
            iterator = make_initializable_iterator(dataset, shared_name)
            self.evaluate(iterator.initializer)
        else:
            iterator = make_one_shot_iterator(dataset)
        element = iterator.get_next()
        return lambda: element

    def assertDatasetProduces(
        self,
        dataset: Any,
        expected_output: Any = None,
        expected_shapes: Any = None,
        expected_error: Any = None,
        requires_initialization: bool = False,
        num_test_iterations: int = 1,
        assert_items_equal: bool = False,
        expected_error_iter: int = 1,
    ) -> None:
        """The dataset gives these elements and then ends, or ends in this error.

        expected_error: a type, and a text or a function of the error. assert_items_equal: the order
        does not count.
        """
        if (expected_error is None) == (expected_output is None):
            self.fail("Exactly one of expected_output or expected error should be provided.")
        if expected_error:
            with self.assertRaisesWithPredicateMatch(*expected_error):
                get_next = self.getNext(dataset, requires_initialization)
                for _ in range(expected_error_iter):
                    self.evaluate(get_next())
            return
        if expected_shapes:
            self.assertEqual(expected_shapes, dataset.output_shapes)
        for _ in range(num_test_iterations):
            get_next = self.getNext(dataset, requires_initialization)
            found = [self.evaluate(get_next()) for _ in range(len(expected_output))]
            if assert_items_equal:
                self.assertCountEqual(found, expected_output)
            else:
                self._each_equal(found, expected_output)
            for _ in range(2):
                self.assertRaises(OutOfRangeError, self.evaluate, get_next())

    def _each_equal(self, found: list[Any], expected: Any) -> None:
        for one, other in zip(found, expected, strict=True):
            for value, wanted in zip(flatten(one), flatten(other), strict=True):
                self.assertValuesEqual(wanted, value)

    def assertDatasetsEqual(self, dataset1: Any, dataset2: Any) -> None:
        """Both have the same types, and the same elements in the same order."""
        self.assertEqual(dataset1.output_types, dataset2.output_types)
        kinds = flatten(dataset1.output_types)
        next1, next2 = self.getNext(dataset1), self.getNext(dataset2)
        while True:
            try:
                first = flatten(self.evaluate(next1()))
            except OutOfRangeError:
                self.assertRaises(OutOfRangeError, self.evaluate, next2())
                return
            second = flatten(self.evaluate(next2()))
            for one, other, kind in zip(first, second, kinds, strict=True):
                same = self.assertAllEqual if kind == string else self.assertAllClose
                same(one, other)

    def structuredDataset(
        self, dataset_structure: Any, shape: Any = None, dtype: Any = int64
    ) -> Any:
        """A dataset of one element: zeros in this nesting of tuples, in which None is a tensor."""
        if dataset_structure is None:
            return Dataset.from_tensors(array.zeros(shape or [], dtype=dtype))
        return Dataset.zip(
            tuple(self.structuredDataset(part, shape, dtype) for part in dataset_structure)
        )

    def structuredElement(
        self, element_structure: Any, shape: Any = None, dtype: Any = int64
    ) -> Any:
        """Zeros in this nesting of tuples, in which None is a tensor."""
        if element_structure is None:
            return array.zeros(shape or [], dtype=dtype)
        return tuple(self.structuredElement(part, shape, dtype) for part in element_structure)
