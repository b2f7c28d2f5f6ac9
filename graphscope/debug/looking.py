"""Looking at a place: where we are, the plan around it, values, variables, any Python."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from graphscope.debug import answers
from graphscope.debug.answers import Band, Card, Elements
from graphscope.debug.classes import source_of
from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError, NotExecuted, UnknownPlace
from graphscope.debug.expressions import Expression
from graphscope.debug.locations import in_rounds
from graphscope.debug.place import Place
from graphscope.debug.questions.examples import ByExample, by_example
from graphscope.debug.questions.find import compiled
from graphscope.debug.questions.listing import FILTERS, KEYS, Choice, last, listing
from graphscope.debug.questions.promise import Promise, is_promise, promise
from graphscope.debug.questions.slots import Slots, slots
from graphscope.debug.questions.units import units_of
from graphscope.debug.questions.uses import uses_of
from graphscope.debug.side.gradients import slope
from graphscope.debug.sights import VIEWS, likeness, sight
from graphscope.engine.interpreter import Value
from graphscope.engine.lessons import dotted
from graphscope.graph.convert import as_array
from graphscope.graph.graph import Operation
from graphscope.kernels.stats import digest
from graphscope.ops.png import png

#: How many lines of the plan `list` shows before and after the present one.
_WINDOW = 5
#: ``print y > y.npy``, and ``print x[0] > x.png``.
_INTO_FILE = re.compile(r"^(.*\S)\s*>\s*(\S+\.(?:npy|png))$")
#: ``y[~isfinite]``: a test of the elements, without saying of which.
_MASK = re.compile(r"(?<![\w.])(isfinite|isnan|isinf)(?!\s*\()\b")


class Looking(Place):
    """The commands that show what is there."""

    @command("where", "w", "bt", group="Look", example="where")
    def where(self) -> answers.Where:
        """Where we are: the node, its scopes, its line, and why it runs at all."""
        node = self.timeline.here.node if self.timeline.here else None
        scopes = tuple(node.name.split("/")[:-1]) if node else ()
        return answers.Where(self.stop, scopes, self.fetched)

    @command(
        "list",
        "l",
        "lt",
        "lsn",
        group="Look",
        example="list 5,20",
        choices={"f": FILTERS, "s": tuple(KEYS), "window": ("all",)},
    )
    def list(
        self,
        window: str = "",
        *,
        n: str = "",
        t: str = "",
        f: str = "",
        s: str = "t",
        r: bool = False,
    ) -> answers.Listing:
        """The plan around this place; ``list 5,20``; ``list all``.

        -n: only names in which this regular expression is found. -t: only this type, or a pattern:
        -t *Grad. -f: only what has changed (changed), has NaN or Inf (bad), is zero everywhere
        (zero). -s: sorted by t, name, type, size or time. -r: the other way round. With -n, -t or
        -f all of the plan is looked through.
        """
        choice = Choice(compiled(n) if n else None, t, f, s, r)
        words = window.strip().lower()
        if not words and (choice.is_filter or s != "t"):
            words = "all"
        first, final = self._window(words)
        stopping = frozenset(node for item in self.stops for node in item.nodes)
        return listing(range(first, final + 1), choice, self.history, self.names, stopping)

    def _window(self, words: str) -> tuple[int, int]:
        end = last(self.timeline)
        if words == "all":
            return 1, end
        if not words:
            middle = max(self.t, 1)
            return max(1, middle - _WINDOW), min(end, middle + _WINDOW)
        first, _, final = words.partition(",")
        if not first.strip().isdigit() or (final and not final.strip().isdigit()):
            raise DebugError(f"list takes two times, as in list 5,20, or all; not {words!r}.")
        start = max(min(int(first), end), 1)
        return start, min(max(int(final), start) if final else start + 2 * _WINDOW, end)

    # ---- values --------------------------------------------------------------------------------

    @command(
        "print",
        "p",
        "pt",
        group="Look",
        takes="node",
        example="print y[0:2, :]",
        choices={"view": ("numbers", *VIEWS)},
    )
    def card(
        self,
        expression: Any,
        *,
        s: bool = False,
        a: bool = False,
        r: str = "",
        t: int | None = None,
        f: str = "",
        view: str = "",
        by_example: bool = False,
    ) -> Card | Promise | ByExample:
        """A value with its statistics: of a node, a variable, or an expression: np.max(y) - 1.

        Parts of it: print y[0:2, :], print y[~isfinite] (also isnan, isinf). A gradient: print
        grad(loss,W), the run's own or computed on the side. print y > y.npy writes it to a file,
        print x[0] > x.png the picture that it is.
        Inside of a loop print NODE@3 is what it was in the third iteration.

        Of a node that has not run it says what it will be made of, and its value in the run before.

        -s: only the statistics. -a: all elements. -r: ranges whose elements are counted and marked:
        -r [[0,1],[5,inf]]. -t: as it was at time T. -f: how numbers are written: -f .2f

        view: instead of the numbers heat, a map of their sizes and signs; picture, as print x[0]
        --view picture for a digit of 784 numbers; bars, how often which numbers are there.

        by-example: what each example of the batch gives to a gradient, the largest first.
        """
        if by_example:
            return self._by_example(expression)
        file = _INTO_FILE.match(expression) if isinstance(expression, str) else None
        made = self._card(file[1] if file else expression, self.t if t is None else t)
        if isinstance(made, Promise):
            return made
        return replace(
            made,
            elements=Elements.NONE if s else Elements.ALL if a else Elements.SOME,
            format=_format(f, made.value),
            bands=tuple(_band(low, high, made.value) for low, high in _ranges(r)),
            written=_saved(file[2], made.value) if file else "",
            sight=sight(made.value, view),
        )

    def _by_example(self, expression: Any) -> ByExample:
        pair = self.locations.gradient(expression)
        if pair is None:
            raise DebugError("by-example takes a gradient: print grad(loss,W) --by-example")
        return by_example(*pair, self.timeline, self.names)

    def _card(self, expression: Any, t: int) -> Card | Promise:
        """The card of a tensor, a gradient or an expression, at a time."""
        end = self.timeline.end
        pair = self.locations.gradient(expression)
        if pair is not None:
            found = slope(self.timeline, *pair, t)
            return Card(found.name, found.value, t, end, slope=found)
        place, wanted = in_rounds(expression)
        try:
            tensor = self.locations.tensor(place)
        except DebugError as unknown:
            is_text = isinstance(expression, str)
            if not is_text or (_is_single_name(expression) and expression not in self._rounds(t)):
                raise
            return self._calculated(expression, t, unknown)
        if wanted:
            value, text = self.value(expression, t), f"{tensor.name}@{dotted(wanted)}"
            return Card(text, value, t, end, tensor, self.names.python(tensor.op))
        try:
            value = self.timeline.value(tensor, t)
        except NotExecuted as reason:
            if not 0 <= t <= self.timeline.newest or not is_promise(tensor):
                raise
            return promise(tensor, t, self.history, self.names, reason)
        python = self.names.python(tensor.op)
        units = units_of(tensor, value, t, self.timeline, self.facts, self.names)
        held = self._held(tensor, t)
        return Card(tensor.name, value, t, end, tensor, python, units=units, held=held)

    def _calculated(self, text: str, t: int, unknown: DebugError) -> Card:
        """The card of an expression. unknown: what is wrong with it as the name of a node."""
        base, index = _indexed(text)
        places = None
        if base and _MASK.search(index):
            value, places = self._masked(base, index, t)
        else:
            try:
                Expression(text)
            except DebugError:
                if isinstance(unknown, UnknownPlace):
                    raise
                raise unknown from None
            value = self._evaluated(text, t)
        try:
            array = as_array(value)
        except (TypeError, ValueError):
            raise DebugError(f"{text!r} is no array: it is {value!r}") from None
        return Card(text, array, t, self.timeline.end, places=places)

    def _masked(self, base: str, index: str, t: int) -> tuple[Any, Value | None]:
        """The elements that a test of them chooses, and where they are in the whole value."""
        found = self._card(base, t)
        if isinstance(found, Promise):
            raise NotExecuted(found.reason)
        whole = found.value
        try:
            tests = {test.__name__: test(whole) for test in (np.isfinite, np.isnan, np.isinf)}
        except TypeError:
            raise DebugError(f"{base} holds no numbers, so there is no NaN or Inf in it.") from None
        value = self._evaluated(f"value{index}", t, value=whole, **tests)
        chosen = self._evaluated(f"{index}[0]", t, value=whole, **tests)
        is_mask = np.shape(chosen) == whole.shape and np.asarray(chosen).dtype == bool
        return value, np.argwhere(chosen) if is_mask else None

    def _shown_text(self, expression: str) -> str:
        """An expression's value in a line, for tracepoints; v is the value just computed."""
        try:
            here = self.timeline.here
            value = next(iter(here.outputs.values())) if here and here.outputs else None
            known = {"v": value, "t": self.t, "run": self.timeline.number, **self._rounds(self.t)}
            shown = Expression(expression).evaluate(self._stands_here, **known)
            return shown if isinstance(shown, str) else digest(shown)
        except DebugError as error:
            return str(error)

    @command("eval", "ev", "!", group="Look", takes="python", example="eval np.abs(v('W')).max()")
    def evaluate(self, text: str) -> answers.Evaluated:
        """Any Python: an expression, whose value is shown, or statements.

        Names of the graph stand for their values; dbg is the debugger, np is numpy,
        v('dense/MatMul') a value by its name. What it assigns is there for the next one: eval big =
        np.abs(y) > 3
        """
        if not text.strip():
            raise DebugError("eval needs Python behind it, as in: eval big = np.abs(y).max()")
        before = self._workspace.names
        with redirect_stdout(io.StringIO()) as printed:
            value = self._workspace.run(text)
        assigned = {
            name: new
            for name, new in self._workspace.names.items()
            if name not in before or before[name] is not new
        }
        return answers.Evaluated(text.strip(), value, printed.getvalue(), assigned)

    # ---- variables -----------------------------------------------------------------------------

    @command("vars", group="Look", example="vars")
    def variables(self, prefix: str = "", *, slots: bool = False) -> answers.Variables | Slots:
        """All variables: their value now, whether they are trainable, what changed so far; vars
        layer1 shows those whose name begins so, with the parts of their matrices, as the gates of a
        cell.

        slots: what optimizers and moving averages keep beside them, by its keeper.
        """
        if slots:
            return self._slots(prefix)
        now, changed = self.timeline.variables(), self.changed()
        groups = self.facts.initializers
        initializers = {op: group for group, several in groups.items() for op in several}
        fed = {source_of(tensor).op for tensor in self.plan.feeds}
        rows = []
        for op in self.facts.variables:
            name = self.names.of(op)
            if not (name.startswith(prefix) or op.name.startswith(prefix)):
                continue
            trainers = [self.facts.train_op(trainer) for trainer in self.facts.trainers(op)]
            rows.append(
                answers.VariableRow(
                    name=name,
                    node=op,
                    trainable=op in self.facts.trainable,
                    value=now.get(op.name),
                    delta=changed.get(name),
                    trained_by=tuple(dict.fromkeys(map(self.names.as_fetched, trainers))),
                    initializer=initializers.get(op),
                    missed_by=None if op in initializers else _last_before(op, groups),
                    uses=uses_of(op, self.facts) if prefix else None,
                    fed=op in fed,
                )
            )
        if prefix and not rows:
            raise DebugError(f"No variable's name begins with {prefix!r}. Try: vars")
        return answers.Variables(tuple(rows), self.t, prefix, self.names)

    def _slots(self, prefix: str) -> Slots:
        return slots(self.timeline, self.facts, self.names, prefix)


def _last_before(variable: Operation, groups: Iterable[Operation]) -> Operation | None:
    """The last of some operations that was made before the variable."""
    earlier = [op for op in groups if op._id < variable._id]
    return max(earlier, key=lambda op: op._id, default=None)


def _is_single_name(text: str) -> bool:
    return text.replace("/", "").replace(":", "").isidentifier()


def _indexed(text: str) -> tuple[str, str]:
    """``y[0]`` in two: what is indexed, and the index with its brackets, the last one if there are
    several. Two empty texts when nothing is."""
    text = text.strip()
    depth = 0
    for at in range(len(text) - 1, -1, -1) if text.endswith("]") else ():
        depth += {"]": 1, "[": -1}.get(text[at], 0)
        if depth == 0:
            return text[:at].strip(), text[at:]
    return "", ""


def _ranges(text: str) -> list[tuple[float, float]]:
    """``[[0,1],[5,inf]]``, or one of them. Errors: DebugError for anything else."""
    if not text:
        return []
    wrong = DebugError(f"-r takes ranges, as in -r [[0,1],[5,inf]]; not {text!r}.")
    try:
        found = np.asarray(Expression(text).evaluate(_no_name, inf=np.inf), np.float64)
    except (DebugError, TypeError, ValueError):
        raise wrong from None
    found = found[np.newaxis] if found.ndim == 1 else found
    if found.ndim != 2 or found.shape[1] != 2:
        raise wrong
    return [(float(low), float(high)) for low, high in found]


def _no_name(name: str) -> Any:
    raise DebugError(f"{name} is not known here.")


def _band(low: float, high: float, value: Value) -> Band:
    if value.dtype.kind not in "biuf":
        raise DebugError("Only numbers lie in ranges, and these are none.")
    inside = np.argwhere((value >= low) & (value <= high))
    return Band(low, high, len(inside), tuple(map(int, inside[0])) if len(inside) else None)


def _format(text: str, value: Value) -> str:
    """``.2f`` of ``.2f`` or ``%.2f``. Errors: DebugError for what Python cannot write so."""
    spec = text.removeprefix("%")
    if spec and value.size:
        try:
            format(value.flat[0].item() if value.dtype != object else value.flat[0], spec)
        except (TypeError, ValueError):
            raise DebugError(
                f"-f {text} cannot write a {value.dtype.name}. It takes what Python's format() "
                "takes: .2f, .3e, 8.1f"
            ) from None
    return spec


def _saved(name: str, value: Value) -> str:
    path = Path(name).expanduser()
    try:
        if path.suffix == ".png":
            path.write_bytes(_picture(value))
        else:
            np.save(path, value, allow_pickle=False)
    except OSError as error:
        raise DebugError(f"{name} cannot be written: {error.strerror}.") from None
    except ValueError:
        raise DebugError(f"Texts cannot be written to {name}: .npy files hold numbers.") from None
    return name


def _picture(value: Value) -> bytes:
    """The value as a PNG in greys, one dot for each element."""
    greys = likeness(value).greys
    if not greys.size:
        raise DebugError("There is nothing in it: a picture has at least one dot.")
    return png(greys[..., None])
