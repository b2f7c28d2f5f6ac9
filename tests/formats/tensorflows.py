"""The Pythons with real TensorFlow that the environment names, and what they make of files."""

import json
import os
import subprocess
from pathlib import Path

import pytest

PYTHONS = {
    "tf1.15": "GRAPHSCOPE_TENSORFLOW",
    "tf1.4": "GRAPHSCOPE_TENSORFLOW_1_4",
    "tf2": "GRAPHSCOPE_TENSORFLOW_2",
}


def read(folder, version="tf1.15", script="read_by_tensorflow.py"):
    """What TensorFlow computes from the files in a folder, by the models' names."""
    python = os.environ.get(PYTHONS[version])
    if python is None:
        pytest.skip(f"{PYTHONS[version]} names no Python with TensorFlow {version[2:]}")
    done = subprocess.run(
        [python, Path(__file__).with_name(script), folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
