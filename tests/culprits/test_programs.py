"""lint on whole scripts in the style of the tutorials: what it finds in them is there."""

from contextlib import suppress
from pathlib import Path

import pytest
from goldens.running import directory, run_program

import graphscope as gs
from graphscope import compat
from graphscope.engine.session import Session
from graphscope.repl.attach import PLAIN_RUN, replace_run

PROGRAMS = [
    path
    for path in sorted((Path(__file__).parents[1] / "programs").glob("*.py"))
    if "mnist" not in path.stem  # they take their time, and are like the others
]

#: What is wrong with some of them, on purpose or as their authors wrote them.
FOUND = {
    "feed_anything": {("learning-rate", "GradientDescent/learning_rate")},  # 0 is fed
    "thread1_train_ops": {("log-of-zero", "Log")},  # of a softmax
    "tiny_gan": {("log-of-zero", "Log"), ("log-of-zero", "Log_1"), ("log-of-zero", "Log_2")},
    "two_optimizers_one_step": {("counted-twice", "New")},
}


#: So many runs of a script are enough: later ones fetch nothing new.
RUNS = 150


class Enough(Exception):
    """The script need not run on."""


@pytest.fixture
def findings():
    """What lint finds at the first run of each fetch, in all sessions."""
    seen, found, left = set(), set(), iter(range(RUNS))

    def run(session, fetches, feed_dict=None, *options, **more):
        if next(left, None) is None:
            raise Enough
        prepared = Session.prepare(session, fetches, feed_dict)
        key = (id(session), prepared.plan.fetches, prepared.plan.feeds)
        if key not in seen:
            seen.add(key)
            debugger = gs.debug(session, fetches, feed_dict)
            found.update((f.rule, f.node.name) for f in debugger.lint().findings)
        return PLAIN_RUN(session, fetches, feed_dict, *options, **more)

    replace_run(run)
    yield found
    replace_run(PLAIN_RUN)


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_what_lint_finds_in_a_script(path, findings, tmp_path):
    with compat.installed() as tf, directory(tmp_path), suppress(Enough):
        run_program(tf, path)
    assert findings == FOUND.get(path.stem, set())
