"""Six slopes by hand: each None is to be replaced by a product or a sum of tensors."""

import graphscope as tf

x = tf.placeholder(tf.float32, [], name="x")
w = tf.placeholder(tf.float32, [], name="w")
b = tf.placeholder(tf.float32, [], name="b")

product = tf.multiply(w, x, name="product")
total = tf.add(product, b, name="total")
y = tf.tanh(total, name="y")
loss = tf.multiply(y, product, name="loss")

# The slope of the loss along each of these, from the loss back.
by_hand = {}
by_hand["y"] = None
by_hand["total"] = None
by_hand["b"] = None
by_hand["product"] = None
by_hand["w"] = None
by_hand["x"] = None

sess = tf.Session()
feed = {x: 2.0, w: 0.5, b: -0.5}
print(f"loss     {sess.run(loss, feed):.4f}")
for name, slope in by_hand.items():
    if slope is not None:
        print(f"{name:8} {sess.run(tf.convert_to_tensor(slope), feed):.4f}")
