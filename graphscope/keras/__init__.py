"""Keras, small: what tf.keras of TensorFlow 1.15 offers, as a library over the graph language."""
