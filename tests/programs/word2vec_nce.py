"""Word vectors by noise-contrastive estimation: embedding_lookup, nce_loss, nearest words."""

import collections
import math

import numpy as np
import tensorflow as tf

text = ["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "and", "the", "lazy", "cat", "sleeps", "under", "the", "warm", "sun", "while", "the", "quick", "dog", "runs", "after", "the", "brown", "cat", "and", "the", "sun", "shines", "over", "the", "fox"]
counts = collections.Counter(text)
words = sorted(counts, key=lambda word: (-counts[word], word))
dictionary = {word: i for i, word in enumerate(words)}
data = [dictionary[word] for word in text]
pairs = [(data[i], data[j]) for i in range(len(data)) for j in (i - 1, i + 1)
         if 0 <= j < len(data)]

vocabulary_size, embedding_size, batch_size, num_sampled = len(words), 8, 16, 5
np.random.seed(0)
graph = tf.get_default_graph()
with graph.as_default(), tf.device("/cpu:0"):
    tf.set_random_seed(5)
    train_inputs = tf.placeholder(tf.int32, shape=[batch_size])
    train_labels = tf.placeholder(tf.int32, shape=[batch_size, 1])
    valid_dataset = tf.constant([0, 1, 2], dtype=tf.int32)
    embeddings = tf.Variable(tf.random_uniform([vocabulary_size, embedding_size], -1.0, 1.0))
    embed = tf.nn.embedding_lookup(embeddings, train_inputs)
    nce_weights = tf.Variable(tf.truncated_normal([vocabulary_size, embedding_size],
                                                  stddev=1.0 / math.sqrt(embedding_size)))
    nce_biases = tf.Variable(tf.zeros([vocabulary_size]))
    loss = tf.reduce_mean(tf.nn.nce_loss(weights=nce_weights, biases=nce_biases,
                                         labels=train_labels, inputs=embed,
                                         num_sampled=num_sampled, num_classes=vocabulary_size))
    optimizer = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    norm = tf.sqrt(tf.reduce_sum(tf.square(embeddings), 1, keep_dims=True))
    normalized_embeddings = embeddings / norm
    valid_embeddings = tf.nn.embedding_lookup(normalized_embeddings, valid_dataset)
    similarity = tf.matmul(valid_embeddings, normalized_embeddings, transpose_b=True)
    init = tf.global_variables_initializer()

with tf.Session(graph=graph) as session:
    session.run(init)
    before = session.run(embeddings)
    for step in range(30):
        chosen = [pairs[i] for i in np.random.randint(len(pairs), size=batch_size)]
        batch_inputs = np.array([a for a, _ in chosen])
        batch_labels = np.array([[b] for _, b in chosen])
        session.run(optimizer, {train_inputs: batch_inputs, train_labels: batch_labels})
    sim = session.run(similarity)
    after = session.run(embeddings)
print("nearest", [words[i] for i in (-sim).argsort(axis=1)[:, 1]])

# The candidates of the sampler are drawn by TensorFlow in an order of its own: what does not
# depend on them is compared.
RESULTS = {
    "before": before,
    "itself": sim[[0, 1, 2], [0, 1, 2]],
    "moved": bool(np.abs(after - before).max() > 0.01),
    "vocabulary": words,
}
