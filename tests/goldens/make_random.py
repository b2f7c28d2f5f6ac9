"""Make random.npz: what TensorFlow 1.15's random ops draw on a CPU.

Run it with an interpreter that has TensorFlow 1.15 (1.15.5 and numpy 1.18 were used):

    python tests/goldens/make_random.py

Every array is named "op|dtype|seed|seed2|low|high" (low and high are empty but for
RandomUniformInt) and holds the results of two runs of one op in one session, [2, ...]. Where the
second run starts tells how many samples the first one reserved.
"""

import os

import numpy as np
import tensorflow as tf

KEYS = [
    (87654321, 0),
    (0, 42),
    (1, 2),
    (-3, 2**40 + 5),
    (2**63 - 1, -(2**62)),
]
SMALL = [7, 5]
LARGE = [3, 91]  # odd, and long enough that some truncated normals are drawn again

FLOATS = ["RandomUniform", "RandomStandardNormal", "TruncatedNormal"]
RANGES = [
    ("int32", 0, 10),
    ("int32", -(2**31), 2**31 - 1),
    ("int64", -7, 2**40),
    ("int64", -(2**63), 2**63 - 1),
]


def ops():
    """The name and the tensor of every draw."""
    for index, (seed, seed2) in enumerate(KEYS):
        shape = LARGE if index == 0 else SMALL
        for name in FLOATS:
            for dtype in "float16", "float32", "float64":
                draw = getattr(tf.raw_ops, name)
                key = "|".join([name, dtype, str(seed), str(seed2), "", ""])
                yield key, draw(shape=shape, dtype=dtype, seed=seed, seed2=seed2)
        for dtype, low, high in RANGES:
            key = "|".join(map(str, ["RandomUniformInt", dtype, seed, seed2, low, high]))
            yield (
                key,
                tf.raw_ops.RandomUniformInt(
                    shape=SMALL,
                    minval=tf.constant(low, dtype),
                    maxval=tf.constant(high, dtype),
                    seed=seed,
                    seed2=seed2,
                ),
            )


def main():
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tensors = dict(ops())
        runs = [session.run(tensors) for _ in range(2)]
    arrays = {name: np.stack([run[name] for run in runs]) for name in tensors}
    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), "random.npz")
    np.savez_compressed(place, **arrays)
    print(place, os.path.getsize(place), "bytes")


if __name__ == "__main__":
    main()
