"""Each question of a thread is asked of the thread's own program."""

import gc
from pathlib import Path

import pytest

import graphscope as gs

PROGRAMS = Path(__file__).parent.parent / "programs"


@pytest.fixture
def at_run():
    """A debugger of a program's run number N."""
    return lambda program, run: gs.testing.at_run(PROGRAMS / program, run)


@pytest.fixture(autouse=True)
def graph():
    """A graph of its own; the interactive sessions of programs that were left in the middle are
    closed."""
    with gs.Graph().as_default() as made:
        yield made
    for session in gc.get_objects():
        if type(session) is gs.InteractiveSession:
            session.close()
