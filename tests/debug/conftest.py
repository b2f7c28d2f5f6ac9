"""Each test has a graph of its own."""

import pytest
from stepped import Program
from wayfinding import Trained

import graphscope as gs


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as made:
        yield made


@pytest.fixture
def lesson():
    """What an error teaches, as text: its notes, or the end of its message in Python 3.10."""
    return lambda error: "\n".join(getattr(error, "__notes__", [str(error)]))


@pytest.fixture
def program():
    return Program()


@pytest.fixture
def d(program):
    return program.debug()


@pytest.fixture
def trained():
    """A debugger that stands behind the loss of `Trained`."""
    d = Trained().debug()
    d.until("loss")
    return d
