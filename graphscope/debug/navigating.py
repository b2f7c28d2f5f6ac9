"""Finding one's way in a graph: nodes, their inputs and users, paths, writers, the source."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from graphscope.debug.answers import Breakpoints
from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError
from graphscope.debug.place import Place
from graphscope.debug.questions.code import Code, code, file_named
from graphscope.debug.questions.find import Findings, find
from graphscope.debug.questions.node import NodeCard, node_card
from graphscope.debug.questions.order import Orders, in_other_order, order, turned
from graphscope.debug.questions.path import Way, path
from graphscope.debug.questions.tree import DEEPEST, Direction, Tree, tree
from graphscope.debug.questions.who import Writers, who

_LINE = re.compile(r"^(.+):(\d+)$")
#: The words behind `info` that mean the list of stops.
_STOPS = ("", "b", "break", "breakpoints")


class Navigating(Place):
    """The commands that show how things hang together."""

    # ---- variables and the order of reads and writes -------------------------------------------

    @command("who", group="Ask", takes="variable", example="who %W")
    def who(
        self, var: Any, *, w: bool = False, r: bool = False, other_order: bool = False
    ) -> Writers:
        """Who writes and who reads a variable, and whether it is settled who comes first.

        -w: only the writers; -r: only the readers. other-order: run the plan on the side, with the
        reads and writes whose order nothing settles the other way round, and show what differs.
        """
        found = who(self.locations.variable(var), self.timeline, self.facts, self.names)
        if w != r:
            found = replace(found, shows="writers" if w else "readers")
        if other_order and found.hazards:
            plan = turned(self.plan, found.hazards)
            other = in_other_order(self.timeline, found.hazards, plan, self.names)
            found = replace(found, other=other)
        return found

    @command("order", group="Ask", example="order")
    def order(self, *, shuffle: int | None = None) -> Orders:
        """Which values depend on the order of reads and writes that nothing settles.

        The run is repeated on the side, with these the other way round; nothing of the session
        changes. shuffle: repeat it in an order that is left to chance, by this number.
        """
        return order(self.timeline, self.facts, self.names, shuffle)

    # ---- nodes ---------------------------------------------------------------------------------

    @command("path", group="Ask", takes="node", example="path x loss")
    def path(self, start: Any, goal: str | Any) -> Way:
        """A shortest path between two nodes, with the values on it, and where it is cut:
        path W loss. One along which a gradient comes back is preferred."""
        first, last = self.locations.one(start), self.locations.one(goal)
        return path(first, last, self.timeline, self.facts, self.names)

    @command("find", group="Look", example="find soft")
    def find(self, pattern: str, *, t: str = "") -> Findings:
        """Search the graph: names, Python names, types, and the lines of the program. The words are
        a regular expression.

        -t: only this type, or a pattern: find relu -t *Grad
        """
        return find(pattern.strip(), t, self.timeline, self.facts, self.names)

    @command("info", group="Look", takes="node", example="info loss", choices={"what": ("b",)})
    def info(self, what: Any = "") -> NodeCard | Breakpoints:
        """What is known of a node: info dense/MatMul. Alone, or info b: the breakpoints.

        A node that is called b: info node b.
        """
        if isinstance(what, str):
            if what.strip() in _STOPS:
                return self._stops()
            first, _, rest = what.strip().partition(" ")
            what = rest if first == "node" and rest else what
        return self.node(what)

    def _stops(self) -> Breakpoints:
        return Breakpoints(tuple(item.row() for item in self.stops))

    @command("node", "ni", group="Look", takes="node", example="node loss")
    def node(self, spec: Any = ".") -> NodeCard:
        """A node's card: what it is, what it takes and gives, who made it, and whether it runs."""
        op = self.locations.one(spec)
        return node_card(op, self.timeline, self.facts, self.names, self.fetched)

    @command("inputs", "li", group="Look", takes="node", example="inputs loss -r")
    def inputs(
        self, spec: Any = ".", *, r: bool = False, d: int | None = None, c: bool = False
    ) -> Tree:
        """What goes into a node. -r: and into that, and so on. -d: at most so many levels.
        -c: also what only has to come first."""
        return self._tree(spec, Direction.INPUTS, r, d, c)

    @command("outputs", "lo", group="Look", takes="node", example="outputs x")
    def outputs(
        self, spec: Any = ".", *, r: bool = False, d: int | None = None, c: bool = False
    ) -> Tree:
        """What takes what a node gives. -r: and what comes of that, and so on. -d: at most so many
        levels. -c: also what only waits for it."""
        return self._tree(spec, Direction.OUTPUTS, r, d, c)

    def _tree(
        self, spec: Any, direction: Direction, r: bool, depth: int | None, control: bool
    ) -> Tree:
        levels = depth if depth is not None else DEEPEST if r else 1
        if levels < 1:
            raise DebugError(f"-d is a number of levels, 1 or more; not {levels}.")
        return tree(
            self.locations.one(spec),
            direction,
            self.timeline,
            self.facts,
            self.names,
            depth=levels,
            control=control,
        )

    # ---- the program ---------------------------------------------------------------------------

    @command("code", "ls", "ps", group="Look", takes="node", example="code")
    def code(self, what: Any = ".") -> Code:
        """The lines of the program, with the nodes that they made, their values and gradients.

        Without a word: around the present node. |grad| is the length of the loss's gradient.

        code model.py shows the whole file, code model.py:42 what is around a line, code NODE what
        is around the line that made it.
        """
        file, line = self._lines(what)
        return code(file, line, self.timeline, self.facts, self.names)

    def _lines(self, what: Any) -> tuple[str, int | None]:
        """The file that is meant, and the line in it; None for all of it."""
        graph = self.session.graph
        if isinstance(what, str):
            word = what.strip()
            numbered = _LINE.match(word)
            if numbered and numbered[1].endswith(".py"):
                return file_named(numbered[1], graph), int(numbered[2])
            if word.endswith(".py"):
                return file_named(word, graph), None
        here = isinstance(what, str) and what.strip() == "."
        op = self.timeline.upcoming() if here and not self.timeline.here else None
        op = op or self.locations.operations(what)[0]
        if op.source is None:
            raise DebugError(f"Nothing is known of the line that made {op.name}.")
        return op.source.filename, op.source.lineno
