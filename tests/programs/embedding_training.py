"""Word vectors trained by the rows that a batch touches: gradients are IndexedSlices."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(4)
pairs = rng.randint(0, 20, size=(12, 8, 2))

centers = tf.placeholder(tf.int32, [None])
contexts = tf.placeholder(tf.int32, [None])
embeddings = tf.Variable(rng.uniform(-1, 1, (20, 5)).astype(np.float32), name="embeddings")
outputs = tf.Variable(rng.uniform(-1, 1, (20, 5)).astype(np.float32), name="outputs")
vectors = tf.nn.embedding_lookup(embeddings, centers)
answers = tf.gather(outputs, contexts)
score = tf.reduce_sum(vectors * answers, axis=1)
loss = tf.reduce_mean(tf.nn.softplus(-score)) + 0.01 * tf.nn.l2_loss(vectors)

RESULTS = {}
trains = {}
slopes = tf.gradients(loss, [embeddings, outputs])
for optimizer in (tf.train.GradientDescentOptimizer(0.5), tf.train.AdamOptimizer(0.05),
                  tf.train.MomentumOptimizer(0.1, 0.9), tf.train.AdagradOptimizer(0.2)):
    clipped, _ = tf.clip_by_global_norm(slopes, 1.0)
    trains[optimizer.get_name()] = optimizer.apply_gradients(zip(clipped, [embeddings, outputs]))

norm = tf.sqrt(tf.reduce_sum(tf.square(embeddings), 1, keep_dims=True))
similarity = tf.matmul(embeddings / norm, embeddings / norm, transpose_b=True)
init = tf.global_variables_initializer()
with tf.Session() as sess:
    for name, train in trains.items():
        sess.run(init)
        for batch in pairs:
            feed = {centers: batch[:, 0], contexts: batch[:, 1]}
            sess.run(train, feed)
        RESULTS[name] = [float(sess.run(loss, feed)), sess.run(embeddings).tolist()]
    rows = sess.run(slopes[0], feed)
    RESULTS["slices"] = [type(slopes[0]).__name__, type(rows).__name__, rows.indices.tolist(),
                         rows.dense_shape.tolist(), rows.values.shape]
    RESULTS["dense"] = sess.run(tf.convert_to_tensor(slopes[1]), feed)
    RESULTS["similarity"] = sess.run(similarity)[0]
