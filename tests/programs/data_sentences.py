"""Sentences of many lengths from a generator, filled up in batches, and averaged as vectors."""

import tensorflow as tf

tf.set_random_seed(3)
sentences = ["the cat sat", "a dog", "the dog saw the cat", "cat", "a cat and a dog", "dogs sat"]
words = sorted({word for sentence in sentences for word in sentence.split()})
number = {word: i + 1 for i, word in enumerate(words)}


def encoded():
    for sentence in sentences:
        yield [number[word] for word in sentence.split()], "cat" in sentence


dataset = tf.data.Dataset.from_generator(encoded, (tf.int32, tf.bool), ([None], []))
dataset = dataset.map(lambda ids, cat: (ids, tf.size(ids), tf.cast(cat, tf.float32)))
dataset = dataset.cache().repeat(5).padded_batch(3, ([None], [], []))
ids, lengths, has_cat = dataset.make_one_shot_iterator().get_next()

table = tf.get_variable("table", [len(words) + 1, 4])
mask = tf.sequence_mask(lengths, dtype=tf.float32)
vectors = tf.nn.embedding_lookup(table, ids) * tf.expand_dims(mask, -1)
mean = tf.reduce_sum(vectors, 1) / tf.expand_dims(tf.cast(lengths, tf.float32), -1)
logits = tf.squeeze(tf.layers.dense(mean, 1), 1)
loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=has_cat, logits=logits))
train = tf.train.AdamOptimizer(0.1).minimize(loss)

losses, shapes = [], []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    while True:
        try:
            value, seen, _ = sess.run([loss, ids, train])
        except tf.errors.OutOfRangeError:
            break
        losses.append(value)
        shapes.append(seen.shape)
    print("batches", shapes[:2])
    RESULTS = {"losses": losses, "shapes": shapes}
