"""What is written in a box: its name, its shape, and a third line: what it is, or its value now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from graphscope.debug.scene import Part
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import variable_of
from graphscope.show.amounts import Amounts
from graphscope.show.bodies import around, inside_words, test_of
from graphscope.show.folded import folded_sizes, folded_title, folded_words
from graphscope.show.metrics import shortened, text_width
from graphscope.show.sketch import FEW, Box, Chip, Sketch, is_seed, saved_by
from graphscope.show.states import State, States, number
from graphscope.show.theme import MISSING, NEW, NEXT, NOW

TITLE, MONO, SMALL = 12, 9, 9
_LONGEST = 28
_LONGEST_FULL = 60
#: The words of a box that stands for many.
_WIDER = 48
#: The longest word of an answer.
_LONGEST_WORD = 40


#: Of several parts of an answer in one box the first of these is shown.
_RANK: tuple[Part, ...] = (
    "first",
    "culprit",
    "missing",
    "new",
    "gone",
    "differs",
    "way",
    "plain",
)


@dataclass(frozen=True)
class Face:
    """The text of a box. width: of the widest line it has or will have in this run.

    signs: what stands before the title. failed: the error was raised here.
    part: what the box is in the answer that is drawn; "faint" when it is nothing in it.
    """

    title: str
    shape: str
    small: str
    state: State
    bad: bool
    width: float
    tooltip: str
    signs: tuple[str, ...] = ()
    failed: bool = False
    part: Part | Literal["", "faint"] = ""

    @property
    def lines(self) -> int:
        return 1 + bool(self.shape) + bool(self.small)


class Faces:
    """Writes the faces of one sketch. scopes: boxes whose scope is written elsewhere already."""

    def __init__(self, drawn: Sketch, scopes: dict[Box, str] | None = None) -> None:
        self.drawn, self.scene = drawn, drawn.scene
        self.names = drawn.scene.names
        self.scopes = scopes or {}
        self.states = States(drawn)
        self.full = drawn.asked.names == "full"
        self.longest = _LONGEST_FULL if self.full else _LONGEST
        self.amounts = Amounts(drawn, self.output, self.states.home)
        self._abouts = {drawn.home.get(g.about) for g in drawn.gradients.values() if g.about}
        self._written = {edge.head for edge in drawn.edges if edge.kind == "write"}
        self._trained = self._gradients_of_variables()

    def face(self, box: Box) -> Face:
        title = self.title(box)
        shape = self._shape(box)
        still = self._still(box)
        state = self.states.state(box)
        small, bad = still, False
        if self.scene.t is not None:
            small, bad = self.states.line(box, state, still, self.output(box))
        amount = self.amounts.words(box)
        if amount and not bad and state not in ("next", "todo"):
            small = f"{NOW}: {amount}" if state == "now" else amount
        part, word = self._answer(box)
        before = [*self._when(box), *self.states.words(box)]
        if part in ("differs", "first", "new") and word:
            before.append(word)
        elif word:
            small = shortened(word, _LONGEST_WORD)
        small = self._with_words(box, before, small)
        signs = [*self.states.signs(box), *([NEW] if part == "new" else [])]
        marked = " ".join([*signs, title])
        widest, lines, shapes = [marked], [small], [shape]
        if self.scene.t is not None and self.states.planned(box):
            if state != "next":
                widest.append(f"{NEXT} {marked}")
            reserved = [*self.states.reserved(box, self.output(box)), still]
            reserved += [f"{NOW}: {line}" for line in self.amounts.widest]
            lines += [self._with_words(box, before, line) for line in reserved]
        if self.scene.t is not None:
            shapes.append(shape.replace("?", "1000"))
        strong = bad or part in ("culprit", "first")
        width = max(
            *(text_width(text, TITLE, bold=True) for text in widest),
            *(text_width(text, MONO, mono=True) for text in shapes),
            *(text_width(text, SMALL, bold=strong) for text in lines),
        )
        return Face(
            title=marked,
            shape=shape,
            small=small,
            state=state,
            bad=bad,
            width=width,
            tooltip=self._tooltip(box),
            signs=tuple(signs),
            failed=self.states.failed(box),
            part=part,
        )

    def title(self, box: Box) -> str:
        """The box's name, in its first line and in a sentence."""
        return shortened(self._title(box), self.longest)

    def _when(self, box: Box) -> list[str]:
        """When it runs, where that is asked."""
        known = self.scene.times if self.drawn.asked.order else {}
        times = self._order([known[op] for op in box.ops if op in known])
        return [times] if times else []

    def _answer(self, box: Box) -> tuple[Part | Literal["", "faint"], str]:
        """What the box is in the answer that is drawn, and the word for it."""
        highlight = self.scene.highlight
        if highlight is None:
            return "", ""
        if highlight.times:
            return "", self._order([highlight.times[op] for op in box.ops if op in highlight.times])
        if not highlight.marks:
            return "", ""
        if box.blocked:
            return ("way" if any(box.about is op for op, *_ in highlight.cuts) else "faint"), ""
        found = [highlight.marks[op] for op in box.operations if op in highlight.marks]
        if not found:
            return "faint", ""
        first = min(found, key=lambda mark: _RANK.index(mark.part))
        return first.part, first.word

    def _order(self, times: list[int]) -> str:
        """``t=3``, ``t=8 to 11``, ``t=8 ... 20, 3 ops``."""
        if not times:
            return ""
        first, last = min(times), max(times)
        if first == last:
            return f"t={first}"
        close = last - first + 1 == len(times)
        return f"t={first} to {last}" if close else f"t={first} … {last}, {len(times)} ops"

    # ---- the first line: a name ----------------------------------------------------------------

    def _title(self, box: Box) -> str:
        if box.fold is not None:
            own = self._formula(box.main) if box.role == "update" else ""
            return folded_title(box, self._around(box), own, self.name if self.full else self._leaf)
        if box.role == "gradient" and box.about is not None:
            return self._gradient_title(box, box.about)
        if box.blocked:
            return "gradient stops"
        if box.role == "update" and not self.full:
            return self._formula(box.main)
        if box.scope and len(box.ops) > 1:
            return box.scope
        name = self.name(box.main, self._around(box))
        if box.tensor is not None and len(box.main.outputs) > 1:
            name = f"{name}:{box.tensor.value_index}"
        python = self.names.python(box.main)
        if self.full and box.main.bound_to != name:
            python = box.main.bound_to
        if python is None:
            return name
        alone = box.role in ("fetch", "control", "ghost") and not self.full
        return python if alone else f"{python} = {name}"

    def _around(self, box: Box) -> str:
        """The scope that need not be said again, since it is written around the box."""
        beside = box.role == "ghost" and self.drawn.asked.ghosts == "all"
        return "" if self.full or beside else self.scopes.get(box, "")

    def name(self, op: Operation, scope: str = "") -> str:
        """The name without the scope that is written around it."""
        return (
            op.name if self.full else self.names.of(op).removeprefix(f"{scope}/" if scope else "")
        )

    def _gradient_title(self, box: Box, about: Operation) -> str:
        name = shortened(self.name(about, self._around(box)), self.longest - 6)
        whole = name + " grad" * box.order
        output = self.output(box)
        if self.full and output is not None:
            whole = output.op.name
        elif about.definition.is_variable and all(op.type == "AddN" for op in box.ops):
            whole = "sum of grads"
        variables = self._trained.get(box, [])
        if not variables:
            return whole
        return f"{', '.join(f'd{self._leaf(v)}' for v in variables)} = {whole}"

    def _leaf(self, op: Operation) -> str:
        return self.names.of(op).rpartition("/")[2]

    def _gradients_of_variables(self) -> dict[Box, list[Operation]]:
        """For each gradient box, the variables whose gradient comes out of it."""
        found: dict[Box, list[Operation]] = {}
        for edge in self.drawn.edges:
            if edge.tail.role == "gradient" and edge.head.role == "update":
                found.setdefault(edge.tail, []).append(variable_of(edge.head.main.inputs[0]))
        return found

    def _formula(self, op: Operation) -> str:
        """``W – 0.5·dW``: what the update makes of the variable."""
        name = self._leaf(variable_of(op.inputs[0]))
        if op.type == "ApplyGradientDescent":
            return f"{name} – {self._word(op.inputs[1])}·d{name}"
        if op.type == "Assign":
            return f"{name} := {self._word(op.inputs[1])}"
        if op.type in ("AssignAdd", "AssignSub"):
            sign = "+" if op.type == "AssignAdd" else "–"
            return f"{name} {sign} {self._word(op.inputs[1])}"
        return f"{op.type}({name})"

    def _word(self, tensor: Tensor) -> str:
        """A tensor in a formula: a number when it is a constant, otherwise its name."""
        known = tensor not in self.drawn.feeds and tensor.op.type == "Const"
        if known and np.size(tensor.op.attrs["value"]) <= FEW:
            return constant(tensor.op)
        return self.names.python(tensor.op) or self._leaf(tensor.op)

    # ---- the second line: type and shape -------------------------------------------------------

    def _shape(self, box: Box) -> str:
        if box.role == "ghost" and box.fold is None:
            return self._hidden(box)
        if box.fold is not None and box.role in ("variable", "frozen"):
            return folded_sizes(box, types=self.drawn.asked.dtypes)
        tensor = self.output(box)
        if tensor is None:
            return ""
        parts = []
        plain = box.about is None and box.fold is None
        if box.role in ("forward", "gradient") and plain and not _says_its_type(box):
            parts.append(box.main.type)
        parts.append(self.states.shape(tensor))
        more = len(box.main.outputs) - 1 if box.role == "forward" and box.fold is None else 0
        return " ".join(parts) + (f" +{more}" if more else "")

    def _hidden(self, box: Box) -> str:
        if box.blocked:
            return ""
        if len(box.ops) == 1:
            return "" if _says_its_type(box) else box.main.type
        return f"{len(box.ops)} ops"

    def output(self, box: Box) -> Tensor | None:
        """The tensor that the box is about: what it gives to others."""
        if box.tensor is not None:
            return box.tensor
        if len(box.ops) < 2 or box.role not in ("gradient", "forward"):
            return box.main.outputs[0] if box.main.outputs else None
        inside, home = set(box.ops), self.drawn.home

        def leaves(op: Operation) -> bool:
            if not op.outputs or op.type == "Const":
                return False
            users = self.drawn.scene.plan.graph.consumers(op.outputs[0])
            return any(user not in inside and home.get(user) is not None for user in users)

        if box.fold is not None:  # there may be thousands of operations in it
            end = next(filter(leaves, reversed(box.ops)), None)
            if end is not None:
                return end.outputs[0]
        leaving = [op.outputs[0] for op in filter(leaves, box.ops)]
        trained = [t for t in leaving if any(u.definition.writes for u in t.consumers())]
        last = next((op for op in reversed(box.ops) if op.outputs and op.type != "Const"), box.main)
        return [*trained, *leaving, last.outputs[0]][0] if last.outputs else None

    # ---- the third line, without a run ---------------------------------------------------------

    def _still(self, box: Box) -> str:
        if box.fold is not None:
            seed = box.role == "gradient" and is_seed(self.drawn, box)
            return shortened(folded_words(box, seed, len(self.states.planned(box))), _WIDER)
        if box.role == "gradient":
            return self._gradient_words(box)
        if box.role == "update":
            return self._formula(box.main) if self.full else box.main.type.removeprefix("Apply")
        if box.role == "frozen":
            return "trainable=False"
        if box.role == "variable":
            return "" if box in self._written or not self._written else "not updated here"
        if box.missing:
            return MISSING
        given = self._given(box)
        if given is not None and self.drawn.asked.values:
            return self.states.summary(box, given)[0]
        if box.role == "feed" and box.main.type != "Placeholder":
            return f"fed instead of {box.main.type}"
        if box.blocked:
            return box.blocked
        if box.role == "ghost":
            if any(tensor in self.drawn.feeds for tensor in box.main.outputs):
                return "its value is fed"
            return "its value is not needed" if box in self._abouts else "not needed"
        if box.role == "forward":
            control = self._control_words(box)
            if control:
                return shortened(control, _WIDER)
            chips = self._chips([chip for chip in box.chips if chip[0] is box.main])
            count = len(self.states.planned(box))
            chips += [f"{count} nodes"] if count > 1 else []
            return shortened(" · ".join(chips), _LONGEST)
        return ""

    def _given(self, box: Box) -> Any:
        """The value that is known without a run: of a feed, or of a constant."""
        if box.role == "const":
            return box.main.attrs["value"]
        return self.scene.values.get(box.tensor) if box.tensor is not None else None

    def _control_words(self, box: Box) -> str:
        """What a cond or a loop does, and how a loop variable goes on; empty for others."""
        found = self.drawn.opened
        pair = around(found, box.main)
        if pair is not None:
            begin, after = map(self._word, pair)
            return f"starts at {begin}, then {after}"
        test = test_of(found, box.main)
        if test is None:
            return inside_words(box.main, self.scene.plan)
        word = "if" if "then" in box.main.attrs else "as long as"
        return f"{word} {self._leaf(test)}"

    def _gradient_words(self, box: Box) -> str:
        words = []
        if is_seed(self.drawn, box):
            words.append("starts at 1")
        else:
            saved = self._saved(box)
            if saved:
                words.append(f"needs {shortened(', '.join(saved), 16)}")
        count = len(self.states.planned(box))
        if count > 1:
            words.append(f"{count} nodes")
        return " · ".join(words)

    def _saved(self, box: Box) -> list[str]:
        """The values of the forward pass that the gradient uses again."""
        if self.drawn.asked.saved:
            return []  # an edge says it
        used = (tail.main for tail in saved_by(self.drawn, box))
        return list(dict.fromkeys(self.names.python(op) or self._leaf(op) for op in used))

    def _chips(self, chips: list[Chip]) -> list[str]:
        if len(chips) == 2 and all(i >= 0 and user.definition.symbol for user, i, _ in chips):
            (user, _, left), (_, _, right) = chips
            return [f"{constant(left)} {user.definition.symbol} {constant(right)}"]
        return [self._chip(*chip) for chip in chips]

    def _chip(self, user: Operation, i: int, const: Operation) -> str:
        if i < 0:
            return f"after {self._leaf(const)}"
        definition, value = user.definition, constant(const)
        if definition.symbol and len(user.inputs) == 2:
            return f"{definition.symbol} {value}" if i else f"{value} {definition.symbol}"
        names = [p.name for p in definition.parameters if not p.is_list]
        listed = len(names) != len(definition.parameters)
        name = "" if listed or i >= len(names) else names[i]
        if user.type == "PlaceholderWithDefault":
            name = "default"
        name = {"reduction_indices": "axis"}.get(name, name)
        return f"{name} {value}".strip()

    def _with_words(self, box: Box, before: list[str], small: str) -> str:
        """The third line behind what has to be said first."""
        words = [*(["fetch"] if box.fetched else []), *before, *([small] if small else [])]
        return " · ".join(words)

    # ---- the tooltip ---------------------------------------------------------------------------

    def _tooltip(self, box: Box) -> str:
        main = box.about if box.role == "gradient" and box.about is not None else box.main
        words = f"{main.name}  ({main.type})"
        if box.role == "gradient" and box.about is not None:
            words = f"gradient of {words}"
        if len(box.ops) > 1:
            shown = [op.name for op in box.ops[:12]]
            more = len(box.ops) - len(shown)
            words += "\n" + "\n".join(shown) + (f"\nand {more} more" if more else "")
        return f"{words}\n{main.source}" if main.source else words


def _says_its_type(box: Box) -> bool:
    """True for the name ``mul_1`` of a Mul: the type need not be written beside it."""
    leaf = box.main.name.rpartition("/")[2].lower().replace("_", "")
    return leaf.startswith(box.main.type.lower().removesuffix("v2"))


def constant(op: Operation) -> str:
    """A constant in a few letters: its number, or its shape."""
    value = np.asarray(op.attrs["value"])
    if value.dtype == object:
        return shortened(repr(value.item()), 12) if value.ndim == 0 else "text"
    if value.size == 1:
        return number(value.reshape(-1)[0])
    if value.size <= FEW and value.ndim == 1:
        return "[" + ", ".join(number(v) for v in value) + "]"
    return "[" + ", ".join(map(str, value.shape)) + "]"
