"""Loads a SavedModel with real TensorFlow 1.15, and prints what its signature gives.

python load_by_tensorflow.py FOLDER FED
"""

import json
import sys

import tensorflow as tf

folder, fed = sys.argv[1], json.loads(sys.argv[2])
with tf.Session(graph=tf.Graph()) as sess:
    meta_graph = tf.saved_model.loader.load(sess, ["serve"], folder)
    signature = meta_graph.signature_def["serving_default"]
    scores = sess.run(signature.outputs["scores"].name, {signature.inputs["images"].name: fed})
    told = {
        "scores": scores.tolist(),
        "used": sess.run("used:0").decode(),
        "valid": tf.saved_model.is_valid_signature(signature),
    }
print(json.dumps(told))
