"""`tf.test.TestCase`, used as in TensorFlow's own tests, and its failures."""

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
    ],
)
def test_failures(call):
    with pytest.raises(AssertionError):
        call(Empty())
