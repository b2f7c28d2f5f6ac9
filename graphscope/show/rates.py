"""The renderer of learning rates: `lr`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.console import Group, RenderableType

from graphscope.debug.questions.rates import Rate, Rates
from graphscope.engine.interpreter import Value
from graphscope.kernels.stats import brief
from graphscope.show.text import line, plural, render, strong

#: So many names are shown.
_NAMES = 6


@render.register
def _(found: Rates) -> RenderableType:
    if not found.rates:
        said = "No update in this graph takes a learning rate."
        return Group(line(strong(said)), line("try: updates says what each variable is written by"))
    return Group(*(part for rate in found.rates for part in _rate(rate)))


def _rate(rate: Rate) -> Iterator[RenderableType]:
    yield line(strong(f"{rate.tensor.name} is the learning rate"), f": {_number(rate.value)}")
    where = rate.tensor.op.source
    made = f" ({where.where})" if where else ""
    yield line(f"{_what(rate)}{made}, for {_few(list(rate.trains))}", indent=3)
    if rate.sources:
        parts = ", ".join(
            name if value is None else f"{name} = {_number(value)}"
            for name, value in rate.sources.items()
        )
        yield line(f"computed from {parts}", indent=3)
    if len(rate.used) > 1 or (rate.used and rate.used[0].how):
        yield line(f"it was {_history(rate)}", indent=3)
    for word, way in zip(("to change it:", "or"), _ways(rate), strict=False):
        yield line(f"{word} {way}", indent=3)


def _what(rate: Rate) -> str:
    type = rate.tensor.op.type
    return {
        "constant": "a constant of the graph",
        "placeholder": "a placeholder: it is fed",
        "variable": f"the variable {rate.name}",
    }.get(rate.kind, f"computed by {rate.name} [{type}]")


def _history(rate: Rate) -> str:
    """The values in the runs, those that follow each other together."""
    parts = []
    for (value, how), group in groupby(rate.used, lambda u: (_number(u.value), u.how)):
        runs = [used.run for used in group]
        some = f"runs {runs[0]}-{runs[-1]}" if len(runs) > 1 else f"run {runs[0]}"
        parts.append(f"{value} in {some}{f' ({how})' if how else ''}")
    return ", ".join(parts)


def _ways(rate: Rate) -> Iterator[str]:
    new, name = brief(rate.example), rate.tensor.op.name
    if rate.kind == "variable":
        yield f"set %{rate.name} = {new} here; variable.load({new}, session) in a program"
    else:
        yield f"set {name} = {new} here; feed_dict={{'{rate.tensor.name}': {new}}} in a program"
    if rate.kind == "constant":
        yield f"in a saved file: graphscope edit FILE.meta --set-lr {name}={new} -o NEW.meta"
    elif rate.kind == "computed":
        yield f"where it begins, in a file: graphscope edit FILE.meta --set-lr {new} -o NEW.meta"


def _number(value: Value | None) -> str:
    return "not known" if value is None else brief(value.reshape(-1)[0]) if value.size else "empty"


def _few(names: list[str]) -> str:
    more = len(names) - _NAMES
    count = f"{len(names)} {plural(len(names), 'variable')}: "
    return count + ", ".join(names[:_NAMES]) + (f" and {more} more" if more > 0 else "")
