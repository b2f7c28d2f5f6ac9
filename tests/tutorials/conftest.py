"""One lesson alone: pytest -m lesson05."""

import pytest

import graphscope as gs


def pytest_configure(config):
    for number in [*(f"{n:02}" for n in range(11)), "why_c"]:
        config.addinivalue_line("markers", f"lesson{number}: the tests of this lesson")


@pytest.fixture(autouse=True)
def an_empty_graph():
    """As for a program that is started in a shell."""
    gs.reset_default_graph()
