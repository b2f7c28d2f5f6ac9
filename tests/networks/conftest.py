"""What the tests of training use."""

import pytest

import graphscope as gs


@pytest.fixture
def graph():
    with gs.Graph().as_default() as graph:
        yield graph


@pytest.fixture
def session(graph):
    with gs.Session(graph=graph) as session:
        yield session
