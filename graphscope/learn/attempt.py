"""A learner's program, run to its end, and the facts that a lesson asks of it."""

from __future__ import annotations

import ast
import io
import runpy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import graphscope
from graphscope import compat
from graphscope.debug.debugger import Debugger
from graphscope.engine.session import Session
from graphscope.graph.graph import Graph, get_default_graph, reset_default_graph
from graphscope.learn.answers import Verdict
from graphscope.learn.lesson import BadLesson, Exercise
from graphscope.repl.attach import PLAIN_RUN, Call, Feeds, replace_run


class Called(Call):
    """A call that the program made."""

    def debug(self) -> Debugger:
        """A debugger of that call as it would be now; the session keeps nothing of it."""
        return Debugger(self.session, self.fetches, self.feeds, on_exit="rollback")


@dataclass
class Attempt:
    """What a program left behind. graph: its default graph at the end. names: its variables. error:
    what it raised, if it did."""

    path: Path
    graph: Graph = field(default_factory=Graph)
    names: dict[str, Any] = field(default_factory=dict)
    runs: list[Called] = field(default_factory=list)
    error: BaseException | None = None

    def debug(self, fetches: Any, feeds: Feeds = None) -> Debugger:
        """One more run on the side, done to its end; the program's session keeps nothing of it."""
        debugger = Called(self.runs[-1].session, fetches, feeds).debug()
        debugger.run_to_end()
        return debugger


def attempted(path: Path) -> Attempt:
    """Run the program with a new default graph. Its calls of `Session.run` are listed; what it
    prints is not shown, since facts are about graphs and runs and never about text."""
    attempt = Attempt(path)
    before = Session.run

    def run(
        session: Session, fetches: Any, feed_dict: Feeds = None, *more: Any, **named: Any
    ) -> Any:
        attempt.runs.append(Called(session, fetches, feed_dict))
        return PLAIN_RUN(session, fetches, feed_dict, *more, **named)

    reset_default_graph()
    replace_run(run)
    try:
        with compat.installed(), _silence():
            attempt.names = runpy.run_path(str(path))
    except (Exception, SystemExit) as error:
        attempt.error = error
    finally:
        replace_run(before)
        attempt.graph = get_default_graph()
    return attempt


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing is printed, also not by a tf.Print."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield


def checked(attempt: Attempt, exercise: Exercise) -> Verdict:
    """Whether the facts of the exercise hold, in their order, up to the first that does not.

    Errors: BadLesson when a check itself fails in a way that is not the learner's.
    """
    tree = ast.parse(exercise.check, "check")
    asked = sum(isinstance(statement, ast.Assert) for statement in tree.body)
    if attempt.error is not None:
        error = attempt.error
        said = getattr(error, "message", None) or str(error)
        return Verdict(0, asked, f"The program fails with {type(error).__name__}: {said}")
    names: dict[str, Any] = {
        **attempt.names,
        "np": np,
        "gs": graphscope,
        "graph": attempt.graph,
        "runs": attempt.runs,
        "debug": attempt.debug,
    }
    given, held = dict(names), 0
    with attempt.graph.as_default(), _silence():
        for statement in tree.body:
            try:
                exec(compile(ast.Module([statement], []), "check", "exec"), names)
            except AssertionError as wrong:
                return Verdict(held, asked, str(wrong), _found(names, given))
            except NameError as missing:
                if missing.name in names or missing.name is None:
                    raise
                said = f"The program has no {missing.name} any more, and the check needs it."
                return Verdict(held, asked, said, _found(names, given))
            except Exception as error:
                line = ast.unparse(statement).partition("\n")[0]
                raise BadLesson(f"The check fails at `{line}`: {error}") from error
            held += isinstance(statement, ast.Assert)
    return Verdict(held, asked, "", _found(names, given))


def _found(names: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What the check has named itself."""
    return {n: v for n, v in names.items() if n not in given and n.isupper()}
