"""The four programs of the Rosetta page do the same, and stand on the page as they are.

The libraries are not needed for the suite: GRAPHSCOPE_PYTORCH, GRAPHSCOPE_JAX and
GRAPHSCOPE_TENSORFLOW_2 name Pythons that have them.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import graphscope as gs
from graphscope.learn import shelf

from . import pictures

PAGE = shelf.folder() / "rosetta.md"
PROGRAMS = shelf.folder() / "rosetta"
PYTHONS = {
    "tf1": sys.executable,
    "torch": os.environ.get("GRAPHSCOPE_PYTORCH"),
    "jax": os.environ.get("GRAPHSCOPE_JAX"),
    "tf2": os.environ.get("GRAPHSCOPE_TENSORFLOW_2"),
}


@pytest.mark.parametrize("name", PYTHONS)
def test_a_program_prints_what_the_page_says(name):
    python = PYTHONS[name]
    if python is None:
        pytest.skip(f"no Python that has what step_{name}.py needs is named")
    paths = {"PYTHONPATH": str(Path(gs.__file__).parents[1])} if name == "tf1" else {}
    done = subprocess.run(
        [python, str(PROGRAMS / f"step_{name}.py")],
        env={**os.environ, **paths},
        capture_output=True,
        text=True,
        timeout=120,
    )
    (printed,) = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    assert done.stdout == printed, done.stderr


def test_the_listings_are_those_of_the_programs():
    listings = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    for listing, name in zip(listings, PYTHONS, strict=True):
        assert listing in (PROGRAMS / f"step_{name}.py").read_text()


def test_its_picture_is_of_that_step():
    with gs.testing.at_run(PROGRAMS / "step_tf1.py", 2) as d:
        d.run_to_end()
        assert d.draw().dot == (pictures.ASSETS / "rosetta.dot").read_text()
