"""A run is a question: three numbers come of one list, and each run asks for some of them."""

import graphscope as tf

price = tf.constant([2.0, 4.0, 6.0], name="price")
count = tf.constant([4.0, 1.0, 2.0], name="count")

cost = price * count
total = tf.reduce_sum(cost)
noted = tf.Print(total, [total], "the total is ")
dearest = tf.reduce_max(cost)
share = dearest / total

sess = tf.Session()
print("total:", sess.run(noted))
print("share:", sess.run(share))
