"""Make the goldens with real TensorFlow.

Run from the root of the repository, with a Python that has TensorFlow 1.15 (Python 3.7, numpy
1.18, `pip install tensorflow==1.15.5 "protobuf<3.21"`):

    python tests/goldens/make.py DIGITS.npz [ops] [errors] [programs]

DIGITS.npz holds the ten thousand handwritten digits that come with GraphScope: `images`, uint8
[10000, 784], and `labels`, [10000]. Written beside this file: ops.npz and ops.json (values,
gradients, names and shapes of cases.py), errors.json (error_cases.py) and programs.json
(tests/programs).
"""

import gzip
import json
import os
import pathlib
import struct
import sys
import tempfile
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.simplefilter("ignore")

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = HERE.parent / "programs"
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from goldens.cases import CASES  # noqa: E402
from goldens.error_cases import ERRORS  # noqa: E402
from goldens.running import directory, run_case, run_program, run_snippet  # noqa: E402

TEST_DIGITS = 1000
VALIDATION_DIGITS = 1000


def make_ops():
    descriptions, arrays = {}, {}
    for name, case in CASES.items():
        descriptions[name], own = run_case(tf, case)
        arrays.update((f"{name}|{key}", value) for key, value in own.items())
    write_json("ops.json", descriptions)
    np.savez_compressed(str(HERE / "ops.npz"), **arrays)


def make_errors():
    table = {}
    for name, (snippet, fragments) in ERRORS.items():
        raised = run_snippet(tf, name, snippet)
        if raised is None:
            sys.exit(f"{name} raises nothing")
        lost = [fragment for fragment in fragments if fragment not in str(raised)]
        if lost:
            sys.exit(f"{name}: not in TensorFlow's message: {lost}\n{raised}")
        message = getattr(raised, "message", str(raised)).splitlines()
        table[name] = {
            "snippet": snippet.splitlines(),
            "raises": type(raised).__name__,
            "message": message[0] if message else "",
            "must_contain": list(fragments),
        }
    write_json("errors.json", table)


def make_programs(digits):
    table = {}
    with tempfile.TemporaryDirectory() as folder, directory(folder):
        write_digits(pathlib.Path("MNIST_data"), digits)
        for path in sorted(PROGRAMS.glob("*.py")):
            table[path.stem] = run_program(tf, path, validation_size=VALIDATION_DIGITS)
    write_json("programs.json", table)


def write_digits(folder, digits):
    """Write the four files that `read_data_sets` looks for; the last digits are the test set."""
    folder.mkdir()
    images = digits["images"].reshape(-1, 28, 28).astype(np.uint8)
    labels = digits["labels"].astype(np.uint8)
    for prefix, part in [("train", slice(-TEST_DIGITS)), ("t10k", slice(-TEST_DIGITS, None))]:
        for kind, array in [("images-idx3", images[part]), ("labels-idx1", labels[part])]:
            header = struct.pack(">HBB", 0, 8, array.ndim)  # zero, "unsigned bytes", rank
            sizes = struct.pack(f">{array.ndim}I", *array.shape)
            with gzip.open(str(folder / f"{prefix}-{kind}-ubyte.gz"), "wb") as file:
                file.write(header + sizes + array.tobytes())


def write_json(name, table):
    lines = ",\n".join(
        f"{json.dumps(key)}: {json.dumps(value, sort_keys=True)}" for key, value in table.items()
    )
    (HERE / name).write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    wanted = sys.argv[2:] or ["ops", "errors", "programs"]
    if "ops" in wanted:
        make_ops()
    if "errors" in wanted:
        make_errors()
    if "programs" in wanted:
        make_programs(np.load(sys.argv[1]))
