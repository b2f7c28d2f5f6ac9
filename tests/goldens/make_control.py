"""Make control.npz and control.json: what TensorFlow 1.15 does with cases_control.py.

In the same way recurrent.npz and recurrent.json of cases_recurrent.py, and seq2seq.npz and
seq2seq.json of cases_seq2seq.py.

Run it with an interpreter that has TensorFlow 1.15 (1.15.5 and numpy 1.18 were used):

    python tests/goldens/make_control.py [control] [recurrent] [seq2seq]
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

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from goldens.cases_recurrent import RECURRENT, RECURRENT_ERRORS  # noqa: E402
from goldens.cases_seq2seq import SEQ2SEQ, SEQ2SEQ_ERRORS  # noqa: E402
from goldens.cases_tensor_arrays import CONTROL, CONTROL_ERRORS  # noqa: E402
from goldens.running import run_snippet  # noqa: E402
from goldens.running_control import run_control  # noqa: E402

TABLES = {
    "control": (CONTROL, CONTROL_ERRORS),
    "recurrent": (RECURRENT, RECURRENT_ERRORS),
    "seq2seq": (SEQ2SEQ, SEQ2SEQ_ERRORS),
}


def make(table, cases, mistakes):
    descriptions, arrays, errors = {}, {}, {}
    for name, build in cases.items():
        descriptions[name], own = run_control(tf, build)
        arrays.update(("%s|%s" % (name, key), value) for key, value in own.items())
    for name, (snippet, fragments) in mistakes.items():
        raised = run_snippet(tf, name, snippet)
        if raised is None:
            sys.exit("%s raises nothing" % name)
        lost = [fragment for fragment in fragments if fragment not in str(raised)]
        if lost:
            sys.exit("%s: not in TensorFlow's message: %s\n%s" % (name, lost, raised))
        errors[name] = [type(raised).__name__, str(raised).splitlines()[0]]
    lines = ",\n".join(
        "%s: %s" % (json.dumps(name), json.dumps(value))
        for name, value in [*descriptions.items(), *errors.items()]
    )
    (HERE / (table + ".json")).write_text("{\n" + lines + "\n}\n")
    np.savez_compressed(str(HERE / (table + ".npz")), **arrays)


if __name__ == "__main__":
    for table in sys.argv[1:] or TABLES:
        make(table, *TABLES[table])
