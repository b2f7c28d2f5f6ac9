"""A session as a pytest file: the same commands, with what they found as assertions."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from graphscope.debug.answers import Card, Stop
from graphscope.debug.dispatch import Output
from graphscope.debug.history import Script
from graphscope.debug.questions.updates import Updates
from graphscope.debug.questions.why import Why
from graphscope.engine.interpreter import Value

#: Values with more elements are compared by their norm.
_ELEMENTS = 8

_HEAD = '''"""A debugging session as a test."""

from pathlib import Path

import numpy as np

import graphscope as gs

HERE = Path(__file__).parent


def test_{name}():
    with gs.testing.at_run(
        HERE / {path!r}, {run}, arguments={arguments!r}, recording=HERE / {recording!r}
    ) as d:
'''


def test_of(outputs: list[Output], script: Script, target: str) -> str:
    """The text of a test file.

    outputs: what was asked and answered. script: the program, in which the test begins at the same
    run. target: where the file will be; its recording lies beside it.
    """
    folder = os.path.dirname(os.path.abspath(target))
    stem = os.path.splitext(os.path.basename(target))[0]
    head = _HEAD.format(
        name=stem.removeprefix("test_") or "session",
        path=os.path.relpath(os.path.abspath(script.path), folder),
        run=script.run,
        arguments=list(script.arguments),
        recording=f"{stem}.gsr",
    )
    lines = [line for output in outputs for line in _asserted(output)]
    return head + "".join(f"        {line}\n" for line in lines or ["assert d.t == 0"])


def _asserted(output: Output) -> list[str]:
    """The command, and what is to be true of its answer."""
    if output.error is not None:
        kind = type(output.error).__name__
        return [
            f"failed = d.onecmd({output.line!r})",
            f"assert type(failed.error).__name__ == {kind!r}",
        ]
    found, data = f"d.onecmd({output.line!r}).data", output.data
    if isinstance(data, Stop):
        return [f"stop = {found}", *_stop(data)]
    if isinstance(data, Card):
        return [f"card = {found}", *_value("card.value", data.value)]
    if isinstance(data, Updates):
        done = sorted(row.name for row in data.rows if row.done)
        return [
            f"updates = {found}",
            f"assert sorted(row.name for row in updates.rows if row.done) == {done!r}",
        ]
    if isinstance(data, Why):
        return [f"why = {found}", f"assert why.cause.name == {data.cause.name!r}"]
    return [f"assert d.onecmd({output.line!r}).error is None"]


def _stop(stop: Stop) -> list[str]:
    name = None if stop.node is None else stop.node.name
    lines = [
        f"assert stop.t == {stop.t}",
        f"assert {'stop.node' if name is None else 'stop.node.name'} "
        + ("is None" if name is None else f"== {name!r}"),
    ]
    if stop.changed:
        lines.append(f"assert sorted(stop.changed) == {sorted(stop.changed)!r}")
    return lines


def _value(what: str, value: Value) -> list[str]:
    if value.dtype == object or value.dtype.kind not in "fiub":
        return [f"assert {what}.shape == {value.shape!r}"]
    if value.size <= _ELEMENTS:
        return [f"np.testing.assert_allclose({what}, {_literal(value)}, rtol=1e-4)"]
    norm = float(np.linalg.norm(value.astype(np.float64).ravel()))
    return [
        f"assert {what}.shape == {value.shape!r}",
        f"np.testing.assert_allclose(np.linalg.norm({what}.astype(float)), {norm:.7g}, rtol=1e-4)",
    ]


def _literal(value: Value) -> Any:
    """The elements as Python text, in which NaN and infinity are numpy's."""
    text = repr(value.tolist())
    return text.replace("nan", "np.nan").replace("inf", "np.inf")
