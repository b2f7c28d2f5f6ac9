"""Make zero_slopes.json: what TensorFlow 1.15 does with the cases of zero_slopes.py.

Run it with an interpreter that has TensorFlow 1.15 (1.15.5 and numpy 1.18 were used):

    python tests/goldens/make_zero_slopes.py
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
from goldens.zero_slopes import CASES, run_case  # noqa: E402


def main():
    lines = ",\n".join(
        "%s: %s" % (json.dumps(name), json.dumps(run_case(tf, name), sort_keys=True))
        for name in CASES
    )
    (HERE / "zero_slopes.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
