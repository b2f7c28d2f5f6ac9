"""GraphScope, by its public API."""

import tensorflow_models
from protocol import best_of, serve

import graphscope as tf


def construction(length, rounds, clock):
    return best_of(rounds, lambda: tensorflow_models.construction(tf, tf.Session, length, clock))


if __name__ == "__main__":
    serve(tensorflow_models.models(tf, tf.Session), {"construction": construction})
