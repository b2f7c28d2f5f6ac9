"""One small picture of each kind, by name. Run as a script, this writes their texts again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import small

import graphscope as gs
from graphscope.debug.options import Options
from graphscope.show.picture import Picture, paint

FOLDER = Path(__file__).parent / "dots"


def _at(t: int, **options: bool) -> Picture:
    d = small.debugged(small.line(**options))
    d.step(t)
    return d.draw()


def _ended(*question: str, **options: bool) -> Picture:
    d = small.debugged(small.line(**options))
    d.run_to_end()
    return d.draw(*question)


def _marked() -> Picture:
    d = small.debugged(small.line())
    d.brk("squares")
    d.brk("y if v > 1")
    d.watch("%b")
    d.step(3)
    d.set("product", 0.0)
    d.step(2)
    return d.draw()


def _failed() -> Picture:
    d = small.failing()
    try:
        d.run_to_end()
    except gs.errors.InvalidArgumentError:
        return d.draw()
    raise AssertionError("it does not fail")


def _inside() -> Picture:
    d = small.counting()
    d.step(6)
    return d.draw()


def _missing() -> Picture:
    model = small.line()
    with model["graph"].as_default():
        return gs.debug(gs.Session(graph=model["graph"]), model["loss"]).draw("needs")


def _runs() -> Picture:
    d = small.debugged(small.line())
    d.run_to_end()
    d.run()
    d.run_to_end()
    return d.draw("diff", "run", "1", "run", "2")


def _graphs() -> Picture:
    one, other = small.line(), small.line(cut=True)
    return gs.draw(one["train"], graph=one["graph"], beside=other["train"])


def _asked(**options: Any) -> Picture:
    """Without a run."""
    model = small.line()
    return gs.draw(model["train"], model["feed"], graph=model["graph"], **options)


def _measured(t: int = 9, **options: Any) -> Picture:
    """A run in which every node takes the square of its place in the order, in microseconds."""
    d = small.debugged(small.line())
    d.step(t)
    scene = d._scene_at(d.timeline, d.t)
    seconds = {op: 1e-6 * at**2 for op, at in scene.times.items() if op in scene.done}
    return paint(replace(scene, seconds=seconds), Options(**options))


PICTURES: dict[str, Callable[[], Picture]] = {
    "run": lambda: _at(9),
    "ended": _ended,
    "not_finite": lambda: _ended(bad=True),
    "marked": _marked,
    "failed": _failed,
    "loop": _inside,
    "flow": lambda: _ended("flow", "%w"),
    "flow_cut": lambda: _ended("flow", "loss", "%w", cut=True),
    "why": lambda: _ended("why", "%w", cut=True),
    "nan": lambda: _ended("nan", bad=True),
    "path": lambda: _ended("path", "x", "loss"),
    "needs": _missing,
    "updates": lambda: _ended("updates", cut=True),
    "plan": lambda: _ended("plan"),
    "changes": lambda: _ended("diff", "5", "9"),
    "runs": _runs,
    "graphs": _graphs,
    "names": lambda: _asked(names="full", dtypes=True, order=True),
    "numbers": lambda: _measured(values=True, order=True),
    "bytes": lambda: _asked(overlay="bytes", values=True),
    "norm": lambda: _measured(14, overlay="norm"),
    "time": lambda: _measured(overlay="time"),
    "saved": lambda: _asked(saved=True, edges="shape"),
    "saved_flowing": lambda: _asked(saved=True, edges="shape", ladder=False, rankdir="LR"),
    "right": lambda: _asked(rankdir="LR"),
    "all": lambda: _asked(ghosts="all"),
    "none": lambda: _asked(ghosts="none"),
}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, made in PICTURES.items():
        (FOLDER / f"{name}.dot").write_text(made().dot, encoding="utf-8")
