"""What the tests of networks use: each has a graph of its own."""

import pytest

import graphscope as gs


@pytest.fixture(autouse=True)
def graph():
    with gs.Graph().as_default() as graph:
        yield graph
