"""What flows back where nothing comes back, and at points where slopes are infinite: as in TF 1.15.

An infinite slope times 0 is NaN; the operations that TensorFlow makes exceptions of give 0.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from goldens import zero_slopes
from goldens.zero_slopes import CASES, run_case

from graphscope import compat

GOLDEN = json.loads((Path(zero_slopes.__file__).parent / "zero_slopes.json").read_text())

#: Their slopes are one operation, which is named as in TensorFlow.
ROOTS = ("sqrt", "rsqrt", "math.reciprocal")


def test_the_golden_is_of_these_cases():
    assert list(CASES) == list(GOLDEN)


@pytest.mark.parametrize("name", CASES)
def test_slopes_at_awkward_points(name):
    with compat.installed() as tf:
        found = run_case(tf, name)
    golden = GOLDEN[name]
    for given in ("0", "1"):
        for ours, theirs in zip(found[given], golden[given], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6, err_msg=given)
    if name in ROOTS:
        assert found["node"] == golden["node"]
