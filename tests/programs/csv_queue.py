"""Lines of two files, through a queue of names, a reader and a queue of batches, into a model."""

import os
import tempfile

import tensorflow as tf

tf.set_random_seed(6)
folder = tempfile.mkdtemp()
names = [os.path.join(folder, "part%d.csv" % part) for part in range(2)]
for part, name in enumerate(names):
    with open(name, "w") as file:
        file.write("x,y,color\n")
        for i in range(6):
            x = 0.1 * i + part
            file.write("%.1f,%.2f,%s\n" % (x, 2 * x - 1, ["red", "blue"][i % 2]))

queue = tf.train.string_input_producer(names, num_epochs=4, shuffle=False)
reader = tf.TextLineReader(skip_header_lines=1)
key, line = reader.read(queue)
x, y, color = tf.decode_csv(line, [[0.0], [0.0], ["none"]])
is_red = tf.cast(tf.equal(color, "red"), tf.float32)
row = tf.stack([x, is_red])
rows, targets = tf.train.batch([row, y], batch_size=8, capacity=32)

weights = tf.Variable(tf.zeros([2, 1]), name="weights")
bias = tf.Variable(0.0, name="bias")
predicted = tf.squeeze(tf.matmul(rows, weights), 1) + bias
loss = tf.reduce_mean(tf.square(predicted - targets))
train = tf.train.GradientDescentOptimizer(0.3).minimize(loss)

losses = []
with tf.Session() as sess:
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    coordinator = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess=sess, coord=coordinator)
    try:
        while not coordinator.should_stop():
            losses.append(sess.run([loss, train])[0])
    except tf.errors.OutOfRangeError:
        print("all lines are read")
    finally:
        coordinator.request_stop()
    coordinator.join(threads)
    RESULTS = {"losses": losses, "weights": sess.run(weights), "bias": sess.run(bias)}
