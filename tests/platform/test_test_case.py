"""`tf.test.TestCase`, used as in TensorFlow's own tests, and its failures."""

import sys

import numpy as np
import pytest

import graphscope as gs
from graphscope.platform import test as tf_test


class ArithmeticTest(tf_test.TestCase):
    def testSession(self):
        with self.test_session() as sess:
            x = gs.constant([1.0, 2.0])
            self.assertAllClose(sess.run(x * 2), [2.0, 4.0])
            self.assertAllEqual(x, [1.0, 2.0])
            self.assertShapeEqual(np.zeros(2), x)

    def testSeedsAndGraphAreFresh(self):
        assert gs.get_default_graph().get_operations() == []
        self.assertAllInRange(self.evaluate(gs.random_uniform([50])), 0, 1, open_upper_bound=True)

    def testErrors(self):
        with self.cached_session():
            with self.assertRaisesOpError("Assign|uninitialized"):
                gs.Variable(1.0).eval()
            with self.assertRaisesWithPredicateMatch(ValueError, "must be"):
                raise ValueError("it must be so")

    def testGradient(self):
        with self.session():
            x = gs.constant(np.array([[0.5, 1.5]]), name="x")
            y = gs.tanh(x)
            assert tf_test.compute_gradient_error(x, [1, 2], y, [1, 2]) < 1e-5

    def testNested(self):
        self.assertAllClose({"a": [1.0, 2.0], "b": (3.0,)}, {"a": [1.0, 2.0], "b": (3.0,)})
        self.assertAllCloseAccordingToType(np.float16([1]), np.float16([1.0005]))
        self.assertNotAllClose([1.0], [2.0])
        self.assertNotAllEqual([1], [2])
        self.assertAllInSet([1, 2, 1], {1, 2})
        thread = self.checkedThread(lambda: None)
        thread.start()
        thread.join()


class SequenceAndTextTest(tf_test.TestCase):
    def testSequences(self):
        self.assertLen("abc", 3)
        self.assertNotEmpty([1])
        self.assertSameElements([1, 2, 2], {2, 1})
        self.assertContainsSubset([1], [2, 1])
        self.assertNoCommonElements([1], [2])
        self.assertSequenceStartsWith("ab", "abc")
        self.assertSequenceAlmostEqual([1.0, 2.0], [1.0, 2.001], places=2)
        self.assertContainsSubsequence([1, 2, 3], [1, 3])
        self.assertContainsExactSubsequence([1, 2, 3], [2, 3])
        self.assertContainsInOrder(["a", "b"], "xaxb")
        self.assertTotallyOrdered([1, 1], [2])
        self.assertSameStructure({"a": [1, (2,)]}, {"a": [1, (2,)]})
        self.assertBetween(2, 1, 3)

    def testTexts(self):
        self.assertEndsWith("abc", "bc")
        self.assertNotStartsWith("abc", "b")
        self.assertRegexMatch("abc", ["x", "b+"])
        with self.assertRaisesWithLiteralMatch(ValueError, "this"):
            raise ValueError("this")
        with self.captureWritesToStream(sys.stdout) as printed:
            print("hello")
        assert printed.contents() == "hello\n"
        self.assertProtoEquals("tag: 'a' simple_value: 1", 'simple_value: 1.0\ntag: "a"')
        self.assertProtoEquals("a { b: 1 b: 2 }", "a: < b: [1, 2] >  # the same\n")

    def testAnErrorNamesItsOperation(self):
        with self.session(), self.assertRaisesOpError("Caused by: unfed"):
            gs.placeholder(gs.float32, name="unfed").eval()


class Empty(tf_test.TestCase):
    def runTest(self):
        pass


@pytest.mark.parametrize(
    "call",
    [
        lambda case: case.assertAllClose([1.0], [1.1]),
        lambda case: case.assertAllClose([1.0], [1.0, 2.0]),
        lambda case: case.assertAllEqual([1], [2]),
        lambda case: case.assertNear(1.0, 2.0, 0.5),
        lambda case: case.assertAllInRange([0, 3], 0, 2),
        lambda case: case.assertAllInSet([1, 5], {1}),
        lambda case: case.assertNotAllEqual([1], [1]),
        lambda case: case.assertStartsWith("abc", "b"),
        lambda case: case.assertEndsWith("abc", "b"),
        lambda case: case.assertNotStartsWith("abc", "a"),
        lambda case: case.assertNotEndsWith("abc", "c"),
        lambda case: case.assertLen("abc", 2),
        lambda case: case.assertNotEmpty([]),
        lambda case: case.assertSameElements([1], [1, 2]),
        lambda case: case.assertContainsSubset([3], [2, 1]),
        lambda case: case.assertNoCommonElements([1], [1]),
        lambda case: case.assertSequenceStartsWith("b", "abc"),
        lambda case: case.assertSequenceAlmostEqual([1.0], [1.1]),
        lambda case: case.assertContainsSubsequence([1, 2, 3], [3, 1]),
        lambda case: case.assertContainsExactSubsequence([1, 2, 3], [1, 3]),
        lambda case: case.assertContainsInOrder(["b", "a"], "ab"),
        lambda case: case.assertTotallyOrdered([1], [1]),
        lambda case: case.assertSameStructure([1, [2]], [1, [3]]),
        lambda case: case.assertBetween(4, 1, 3),
        lambda case: case.assertRegexMatch("abc", ["x"]),
        lambda case: case.assertProtoEquals("a: 1", "a: 2"),
        lambda case: case.assertDeviceEqual("/cpu:0", "/cpu:1"),
    ],
)
def test_failures(call):
    with pytest.raises(AssertionError):
        call(Empty())
