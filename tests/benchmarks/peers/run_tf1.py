"""TensorFlow 1: Session.run."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import warnings

warnings.filterwarnings("ignore")

import tensorflow as tf  # noqa: E402
import tensorflow_models  # noqa: E402
from protocol import best_of, serve  # noqa: E402

if hasattr(tf, "compat"):
    tf = tf.compat.v1
    tf.disable_v2_behavior()
tf.logging.set_verbosity(tf.logging.ERROR)


THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))


def session(graph):
    config = tf.ConfigProto(
        intra_op_parallelism_threads=THREADS, inter_op_parallelism_threads=THREADS
    )
    return tf.Session(graph=graph, config=config)


def construction(length, rounds, clock):
    return best_of(rounds, lambda: tensorflow_models.construction(tf, session, length, clock))


if __name__ == "__main__":
    serve(
        tensorflow_models.models(tf, session),
        {"construction": construction},
        {"tensorflow": tf.VERSION if hasattr(tf, "VERSION") else tf.__version__},
    )
