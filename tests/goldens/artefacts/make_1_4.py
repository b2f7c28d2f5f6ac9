"""Writes models as TensorFlow 1.4 writes them.

    python tests/goldens/artefacts/make_1_4.py

Runs with TensorFlow 1.4.1.
"""

import make
import tensorflow as tf

# It has the name of later versions not yet, and the same loss.
tf.nn.softmax_cross_entropy_with_logits_v2 = tf.nn.softmax_cross_entropy_with_logits

for name in ("softmax_adam", "dynamic_lstm"):
    make.make(name, name + "_by_1_4")
