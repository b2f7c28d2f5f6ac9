"""Make clusters.json with real TensorFlow: clusters, servers of one task, devices of replicas.

Run from the root of the repository, with a Python that has TensorFlow 1.15:

    python tests/goldens/make_clusters.py
"""

import json
import os
import pathlib
import sys
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import tensorflow as tf  # noqa: E402
from goldens.running_clusters import answers  # noqa: E402

with (HERE / "clusters.json").open("w") as file:
    json.dump(answers(tf), file, indent=1, sort_keys=True)
    file.write("\n")
