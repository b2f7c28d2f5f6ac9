"""Each test has a graph of its own."""

import pytest

import graphscope as gs


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as made:
        yield made


@pytest.fixture
def lesson():
    """What an error teaches, as text: its notes, or the end of its message in Python 3.10."""
    return lambda error: "\n".join(getattr(error, "__notes__", [str(error)]))
