"""Models of Keras as other libraries want them (tf.keras.wrappers)."""

from graphscope.keras.wrappers import scikit_learn as scikit_learn
