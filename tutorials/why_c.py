"""Python builds the graph, C runs it: one product in three ways, and many runs against one."""

import numpy as np

import graphscope as tf

random = np.random.RandomState(0)
left = random.randn(60, 80).astype(np.float32)
right = random.randn(80, 40).astype(np.float32)

a = tf.placeholder(tf.float32, [None, 80], name="a")
b = tf.constant(right, name="b")
product = tf.matmul(a, b, name="product")


def loops(x, y):
    rows, inner, columns = len(x), len(y), len(y[0])
    result = np.zeros((rows, columns), np.float32)
    for i in range(rows):
        for j in range(columns):
            for k in range(inner):
                result[i, j] += x[i, k] * y[k, j]
    return result


sess = tf.Session()
by_graph = sess.run(product, {a: left})
row_by_row = [sess.run(product, {a: left[i : i + 1]})[0] for i in range(60)]

print("loops in Python:", np.allclose(loops(left, right), by_graph, atol=1e-4))
print("numpy:", np.allclose(left @ right, by_graph, atol=1e-4))
print("row by row:", np.allclose(row_by_row, by_graph, atol=1e-4))
