"""Every program of tests/programs, run as it is and with each of its runs under the debugger: the
results are the same, bit by bit."""

import contextlib
import importlib
import os
from pathlib import Path

import pytest
from goldens.running import run_program

from graphscope import compat
from graphscope.debug.debugger import Debugger
from graphscope.engine.session import Session

PROGRAMS = Path(__file__).parent / "programs"
PLAIN = Session.run


@contextlib.contextmanager
def debugged():
    """Every run is stepped, gone back through, and finished, in place of being run."""

    def run(session, fetches, feed_dict=None, options=None, run_metadata=None):
        debugger = Debugger(session, fetches, feed_dict)
        if debugger.plan.nodes:
            debugger.step(max(1, len(debugger.plan) // 2))
            debugger.goto("start")
        debugger.run_to_end()
        debugger.close()
        return debugger.result

    Session.run = run
    try:
        yield
    finally:
        Session.run = PLAIN


@pytest.mark.parametrize("name", sorted(path.stem for path in PROGRAMS.glob("*.py")))
def test_program(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with compat.installed():
        tf = importlib.import_module("tensorflow")
        plain = run_program(tf, PROGRAMS / f"{name}.py")
        for file in os.listdir(tmp_path):
            if os.path.isfile(file):
                os.unlink(file)
        with debugged():
            stepped = run_program(tf, PROGRAMS / f"{name}.py")
    assert repr(stepped["results"]) == repr(plain["results"])
