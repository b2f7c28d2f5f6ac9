"""Datasets of Keras that are there without a network (tf.keras.datasets)."""

from graphscope.keras.datasets import mnist as mnist
