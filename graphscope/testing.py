"""Debugging in tests: one-line assertions about runs, whose messages explain what is wrong.

``gs.testing.assert_updates(train_op, {"W", "b"}, feed={x: ..})`` runs on the side: the session is
as it was afterwards. The session is the default one, or `session`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from graphscope.debug.debugger import Debugger
from graphscope.debug.errors import DebugError
from graphscope.debug.questions.recording import read
from graphscope.engine.session import Session
from graphscope.graph.graph import get_default_session
from graphscope.repl.replay import located
from graphscope.repl.script import debugger_at

Feed = Mapping[Any, Any] | None


def assert_updates(
    fetches: Any,
    expected: Collection[Any],
    feed: Feed = None,
    *,
    session: Session | None = None,
) -> None:
    """One run of `fetches` changes exactly these variables (names or variables).

    Errors: AssertionError, which says for each variable why it was changed or why not.
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    with _on_the_side(fetches, feed, session) as d:
        d.run_to_end()
        changed = set(d.changed())
        wanted = {d.names.of(d.locations.variable(item)) for item in expected}
        if changed == wanted:
            return
        parts = [f"{_fetched(d)} changes {_set(changed)}, and not {_set(wanted)}."]
        parts += [str(d.why(name)) for name in sorted(changed ^ wanted)]
    raise AssertionError("\n".join(parts))


def assert_needs(
    fetches: Any,
    expected: Collection[Any],
    feed: Feed = None,
    *,
    session: Session | None = None,
) -> None:
    """The fetches need exactly these placeholders (names or tensors), fed or not.

    Errors: AssertionError, with the way by which each placeholder is needed.
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    with _on_the_side(fetches, feed, session) as d:
        needs = d.needs()
        found = {need.feed.name for need in needs.placeholders}
        wanted = {d.names.of(d.locations.one(item)) for item in expected}
        if found == wanted:
            return
        text = f"{_fetched(d)} needs {_set(found)}, and not {_set(wanted)}.\n{needs}"
    raise AssertionError(text)


def assert_not_run(
    fetches: Any, spec: Any, feed: Feed = None, *, session: Session | None = None
) -> None:
    """Nothing that `spec` means (``@Assign``, ``init*``, a node) is part of the run.

    Errors: AssertionError, with the path by which it is; UnknownPlace when the graph has no such
    node.
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    with _on_the_side(fetches, feed, session) as d:
        running = [op for op in d.locations.operations(spec) if op in d.plan.everything]
        if not running:
            return
        text = f"{_fetched(d)} runs {running[0].name}.\n{d.why_not(running[0])}"
    raise AssertionError(text)


def assert_finite(fetches: Any, feed: Feed = None, *, session: Session | None = None) -> None:
    """No node of the run makes a NaN or an infinity.

    Errors: AssertionError, with where the first one was born.
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    with _on_the_side(fetches, feed, session) as d:
        d.run_to_end()
        bad = d.first_bad()
        if bad.node is None:
            return
        text = str(bad)
    raise AssertionError(text)


def assert_grad_flows(
    loss: Any, variable: Any, feed: Feed = None, *, session: Session | None = None
) -> None:
    """A gradient that is not zero comes back from the loss to the variable.

    Errors: AssertionError, with where it stops.
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    with _on_the_side(loss, feed, session) as d:
        flow = d.flow(loss, variable)
        if flow.stops_at is None:
            return
        text = str(flow)
    raise AssertionError(text)


@contextmanager
def at_run(
    script: Any,
    run: int = 1,
    *,
    arguments: Collection[str] = (),
    recording: Any = None,
) -> Iterator[Debugger]:
    """A debugger of a script's run number `run`. The script itself ends there.

    recording: a file that `record` wrote: its variables, feeds and generators are used.
    Errors: DebugError when the script has fewer runs; what the script raises.
    """
    kept = None if recording is None else located(read(os.fspath(recording)), os.fspath(recording))
    yield debugger_at(os.fspath(script), run, tuple(arguments), kept)


@contextmanager
def _on_the_side(fetches: Any, feed: Feed, session: Session | None) -> Iterator[Debugger]:
    session = get_default_session() if session is None else session
    if session is None:
        raise DebugError("There is no default session: give one, or use `with session:`")
    with Debugger(session, fetches, feed, on_exit="rollback") as d:
        yield d


def _fetched(d: Debugger) -> str:
    return f"[{', '.join(d.fetched)}]"


def _set(names: Collection[str]) -> str:
    return f"{{{', '.join(sorted(names))}}}" if names else "nothing"
