"""The DOT text of a picture, made with the `graphviz` package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from html import escape as html_escape
from itertools import pairwise

from graphviz import Digraph, escape, quoting

from graphscope.show.faces import MONO, SMALL, TITLE, Face
from graphscope.show.layout import LABEL
from graphscope.show.legend import Sample, samples
from graphscope.show.letters import printable
from graphscope.show.looks import SAVED, WAY, box_look
from graphscope.show.metrics import shortened, text_width
from graphscope.show.place import Band, Path, Placed, Point, Rect, box_size, shape_of
from graphscope.show.sketch import Box, Edge, EdgeKind, Sketch
from graphscope.show.strengths import Strengths, edge_words, width_of
from graphscope.show.theme import NOW, Theme

#: The largest picture: this many inches each way, which is 15 million dots of a bitmap.
_SIZE = "27,27"
_TEXT = "Helvetica"
#: How much of an edge its head takes: an arrow, a ring, a bar.
_ARROW, _RING, _BAR = 7.0, 5.0, 1.8
_CORNER = 7.0
#: By which part of its half height a tag is lower than its box.
_TAG = 0.25
#: A row of the legend may be so wide, in points, also below a narrow picture.
_ROW = 620.0

# Width of the line and how it is drawn, by what an edge stands for.
_EDGES: dict[EdgeKind, tuple[float, str]] = {
    "data": (2.0, ""),
    "feed": (2.0, ""),
    "variable": (1.5, ""),
    "gradient": (2.0, ""),
    "turn": (2.0, ""),
    "write": (3.0, ""),
    "control": (1.5, "dotted"),
    "ghost": (1.1, "dashed"),
    "blocked": (1.5, ""),
    "saved": (SAVED, ""),
}


class Drawing:
    """Boxes, edges, title and legend in one theme, as DOT text.

    samples: the legend: the kinds of things that occur.
    room:    the least width of the title.
    prefix:  stands before the names of the boxes, where one text has several drawings.
    """

    def __init__(
        self, drawn: Sketch, faces: Mapping[Box, Face], theme: Theme, prefix: str = ""
    ) -> None:
        self.drawn, self.faces, self.theme, self.prefix = drawn, faces, theme, prefix
        self.strengths = Strengths(drawn)
        self.edge_words = edge_words(drawn)
        self.samples: list[Sample] = samples(drawn, faces, self.strengths, theme)
        self.room = 0.0

    def text(self, placed: Placed | None, title: str, sentence: str) -> str:
        """The DOT text. Without places, Graphviz is to find them; an empty title is not drawn."""
        if placed is None:
            return self.flowing(title, sentence)
        return self.placed(placed, title, sentence)

    # ---- a picture that is placed --------------------------------------------------------------

    def placed(self, placed: Placed, title: str, sentence: str) -> str:
        """The text for ``neato -n2``: every position is given."""
        graph = self.canvas()
        self.add(graph, placed)
        if title:
            self.title(graph, title, sentence, placed.left, placed.top)
        self.legend(graph, self.samples, placed.left, placed.right, placed.bottom + 30)
        return str(graph.source)

    def canvas(self) -> Digraph:
        """A text for ``neato -n2`` in which there is nothing yet."""
        graph = self._graph()
        graph.attr("graph", splines="line", outputorder="edgesfirst", pad="0.3")
        return graph

    def add(self, graph: Digraph, placed: Placed) -> None:
        """Bands, boxes and edges."""
        for number, band in enumerate(placed.bands):
            self._band(graph, number, band)
        for box in self.drawn.boxes:
            rect = placed.rects[box]
            look = self._node(box, rect.width, rect.height)
            _add_node(graph, self.prefix + box.key, **look, pos=_at((rect.x, rect.y)), pin="true")
        for path in placed.paths:
            self._edge(graph, path.edge, _from_tag(path, placed.rects))
        for number, (edge, at) in enumerate(placed.labels.items()):
            word = self.edge_words.get(edge, "")
            self._words(graph, f"edge {number}", self._edge_word(word), at)
        zeros = [path for path in placed.paths if self._is_zero(path.edge)]
        for number, path in enumerate(zeros):
            label = bold(self._font("0", SMALL, self.theme.ink))
            self._words(graph, f"zero {number}", label, _beside(path))

    def _edge_word(self, word: str) -> str:
        return self._font(word, LABEL, face="Courier")

    def _band(self, graph: Digraph, number: int, band: Band) -> None:
        area = band.area
        corners = f"{area.left:.1f},{-area.bottom:.1f},{area.right:.1f},{-area.top:.1f}"
        with graph.subgraph(name=f"cluster_{self.prefix}{number}") as cluster:
            fill = self.theme.background if band.depth % 2 else self.theme.band
            cluster.attr(bb=corners, color=self.theme.band_line, fillcolor=fill)
            cluster.attr(style="rounded,filled", label="")
        if band.scope:
            name = _fitting(band.scope, area.width - 24)
            at = (area.left + 14 + text_width(name, 11, bold=True) / 2, area.top + 14)
            self._words(graph, f"scope {number}", bold(self._font(name, 11)), at)

    def title(self, graph: Digraph, title: str, sentence: str, left: float, top: float) -> None:
        """Two lines above the picture."""
        lines = [(title, 16.0, True, 48.0), (sentence, 11.0, False, 27.0)]
        for number, (text, size, strong, above) in enumerate(lines):
            color = self.theme.ink if strong else self.theme.small
            label = self._font(text, size, color)
            width = text_width(text, size, bold=strong)
            at = (left + width / 2, top - above)
            self._words(graph, f"title {number}", bold(label) if strong else label, at)
        if self.room:
            # It begins left of everything: so the picture's edge is that of this box, to the dot.
            middle = _at((left + self.room / 2, top - lines[0][-1]))
            wide = {"width": f"{self.room / 72 + 0.03:.3f}", "height": "0.01", "fixedsize": "true"}
            _add_node(graph, "title room", label="", style="invis", pos=middle, pin="true", **wide)

    def heading(self, graph: Digraph, text: str, left: float, y: float) -> None:
        """A line above a part of the picture."""
        label, width = self._font(text, 13, self.theme.ink), text_width(text, 13, bold=True)
        self._words(graph, "heading", bold(label), (left + width / 2, y))

    def _words(self, graph: Digraph, key: str, label: str, at: Point) -> None:
        key = self.prefix + key
        look = {"shape": "plain", "pos": _at(at), "pin": "true", "tooltip": " "}
        _add_node(graph, key, label=f"<{label}>", **look)

    def legend(
        self, graph: Digraph, found: Sequence[Sample], left: float, right: float, y: float
    ) -> None:
        """Rows below the picture: a small thing of each kind that occurs, with its word."""
        number = 0
        for row in _rows(found, max(right - left, _ROW)):
            x = max((left + right - sum(map(_room, row)) + 20) / 2, left)
            for sample in row:
                wide = _wide(sample)
                self._sample(graph, number, sample, (x + wide / 2, y))
                at = (x + wide + 5 + text_width(sample.word, 10) / 2, y)
                self._words(graph, f"legend word {number}", self._font(sample.word, 10), at)
                x += _room(sample)
                number += 1
            y += 22

    def _sample(self, graph: Digraph, number: int, sample: Sample, at: Point) -> None:
        if sample.sign:
            label = bold(self._font(sample.sign, 10, self.theme.ink))
            self._words(graph, f"legend {number}", label, at)
            return
        look = sample.look
        if look is None:
            color = self.theme.line(sample.role)
            look = {"shape": "box", "style": "filled", "color": color, "fillcolor": color,
                    "penwidth": "0"}  # fmt: skip
        small = 8 if "peripheries" in look else 0  # a ring is drawn around the size
        high = sample.width or 14 - small
        _add_node(graph, f"{self.prefix}legend {number}", label="", fixedsize="true", pos=_at(at),
                  pin="true", tooltip=" ", width=f"{(24 - small) / 72:.3f}",
                  height=f"{high / 72:.3f}", **look)  # fmt: skip

    # ---- a picture that Graphviz places --------------------------------------------------------

    def flowing(self, title: str, sentence: str) -> str:
        """The text for `dot`: top to bottom, without positions."""
        graph = self._graph()
        lines = (bold(self._font(title, 16, self.theme.ink)), self._font(sentence, 11))
        wide = f' WIDTH="{self.room:.0f}"' if self.room else ""
        words = [f'<TR><TD ALIGN="LEFT"{wide}>{line}</TD></TR>' for line in lines if title]
        rows = [*words, f'<TR><TD ALIGN="LEFT">{self._table()}</TD></TR>']
        label = f'<<TABLE BORDER="0" CELLSPACING="4" CELLPADDING="0">{"".join(rows)}</TABLE>>'
        graph.attr(
            "graph",
            rankdir=self.drawn.asked.rankdir,
            nodesep="0.25",
            ranksep="0.35",
            pad="0.3",
            label=label,
        )
        graph.attr("graph", labelloc="t", labeljust="l", outputorder="edgesfirst")
        for box in self.drawn.boxes:
            width, height = box_size(self.faces[box], shape_of(box))
            _add_node(graph, box.key, **self._node(box, width, height))
        for edge in self.drawn.edges:
            self._edge(graph, edge, None)
        return str(graph.source)

    def _table(self) -> str:
        """The legend as rows of cells."""
        found = _rows(self.samples, _ROW)
        widths = [sum(map(_room, row)) for row in found]
        tables = []
        for row, width in zip(found, widths, strict=True):
            rest = round(max(widths) - width)  # Graphviz would spread the samples over it
            cells = "".join(map(self._cells, row)) + f'<TD WIDTH="{rest}"></TD>' * bool(rest)
            tables.append(f'<TABLE BORDER="0" CELLSPACING="3"><TR>{cells}</TR></TABLE>')
        return '</TD></TR><TR><TD ALIGN="LEFT">'.join(tables)

    def _cells(self, sample: Sample) -> str:
        words = f'<TD>{self._font(sample.word, 10)}</TD><TD WIDTH="10"></TD>'
        if sample.sign:
            return f"<TD>{bold(self._font(sample.sign, 10, self.theme.ink))}</TD>{words}"
        if sample.look is None:
            color, height = self.theme.line(sample.role), round(sample.width)
            return (
                f'<TD WIDTH="20"><TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>'
                f'<TD WIDTH="20" HEIGHT="{height}" FIXEDSIZE="TRUE" BGCOLOR="{color}"></TD>'
                f"</TR></TABLE></TD>{words}"
            )
        look = sample.look
        styles = [word for word in ("rounded", "dashed") if word in look["style"]]
        style = f' STYLE="{",".join(styles).upper()}"' if styles else ""
        line = max(1, round(float(look["penwidth"])))
        return (
            f'<TD WIDTH="20" HEIGHT="12" FIXEDSIZE="TRUE" BORDER="{line}" COLOR="{look["color"]}"'
            f' BGCOLOR="{look["fillcolor"]}"{style}></TD>{words}'
        )

    # ---- parts ---------------------------------------------------------------------------------

    def _graph(self) -> Digraph:
        graph = Digraph("graphscope")
        graph.attr("graph", bgcolor=self.theme.background, fontname=_TEXT, size=_SIZE)
        graph.attr("node", fontname=_TEXT, fontcolor=self.theme.ink)
        graph.attr("edge", arrowsize="0.7")
        return graph

    def _node(self, box: Box, width: float, height: float) -> dict[str, str]:
        face = self.faces[box]
        return {
            "label": f"<{self._label(box, face)}>",
            "tooltip": escape(face.tooltip),
            "fixedsize": "true",
            "width": f"{width / 72:.3f}",
            "height": f"{height / 72:.3f}",
            **box_look(self.theme, box, face),
        }

    def _label(self, box: Box, face: Face) -> str:
        ink, small = self.theme.ink, self.theme.small
        if face.part in ("faint", "gone") or (box.role == "ghost" and not face.part):
            ink = small = self.theme.faint
        elif face.state == "next":
            ink = small = self.theme.next_text
        lines = [bold(self._font(face.title, TITLE, ink))]
        if face.shape:
            lines.append(self._font(face.shape, MONO, small, face="Courier"))
        if face.small:
            heavy = face.bad or face.part in ("culprit", "first")
            strong = heavy or face.part or face.small.startswith((NOW, "fetch"))
            words = self._font(face.small, SMALL, ink if strong else small)
            lines.append(bold(words) if heavy else words)
        return "<BR/>".join(lines)

    def _font(self, text: str, size: float, color: str = "", face: str = "") -> str:
        color = color or self.theme.small
        family = f' FACE="{face}"' if face else ""
        inside = html_escape(printable(text), quote=False).replace("  ", " &#160;")
        inside = inside if inside.strip() else "&#160;"  # a label of spaces is none
        return f'<FONT{family} POINT-SIZE="{size:g}" COLOR="{color}">{inside}</FONT>'

    def _edge(self, graph: Digraph, edge: Edge, path: Path | None) -> None:
        look = self._line(edge)
        if edge.kind == "control":
            look.update(arrowhead="odot", arrowsize="0.6")
        if edge.kind == "blocked":
            look["arrowhead"] = "tee"
        if edge.kind == "saved":
            look["arrowhead"] = "empty"
        if path is not None:
            look["pos"] = spline(path.points, head=_head(edge, path))
            if path.stub:
                look.update(arrowhead="none")
        else:
            if edge.kind in ("write", "saved"):
                look["constraint"] = "false"
            if self._is_zero(edge):
                look["label"] = f"<{bold(self._font('0', SMALL, self.theme.ink))}>"
            elif edge in self.edge_words:
                look["label"] = f"<{self._edge_word(self.edge_words[edge])}>"
        ends = (_quoted(self.prefix + box.key) for box in (edge.tail, edge.head))
        graph.body.append(f"\t{' -> '.join(ends)} [{_listed(look)}]\n")

    def _line(self, edge: Edge) -> dict[str, str]:
        """The colour, the width and the dashes of an edge."""
        width, style = _EDGES[edge.kind]
        color, ends = self._edge_color(edge), (self.faces[edge.tail], self.faces[edge.head])
        norm = self.strengths.norm(edge)
        if norm is not None:
            width = width_of(norm)
        if not style and any(face.state in ("todo", "next") for face in ends):
            style = "dashed"
        if norm == 0 or (edge.kind == "turn" and edge.tail.role == "ghost"):
            style = "dashed"
        if self.drawn.scene.answers:
            if self._leads(edge):
                width = max(width, WAY)
            else:
                color, width = self.theme.line("ghost"), min(width, 1.0)
        elif self.strengths.is_bad(edge):
            color, width = self.theme.ink, max(width, WAY)
        return {"color": color, "penwidth": f"{width:.3g}", **({"style": style} if style else {})}

    def _is_zero(self, edge: Edge) -> bool:
        """Whether a gradient goes along the edge that is zero everywhere, and it is said so."""
        return self.strengths.norm(edge) == 0 and not self.drawn.scene.answers

    def _leads(self, edge: Edge) -> bool:
        """Whether the answer that is drawn goes along the edge."""
        if edge.kind == "blocked":
            return self.faces[edge.head].part == "way"
        return frozenset((edge.tail, edge.head)) in self._pairs

    @cached_property
    def _pairs(self) -> set[frozenset[Box]]:
        highlight = self.drawn.scene.highlight
        home = {tensor.op: box for tensor, box in self.drawn.feeds.items()} | self.drawn.home
        pairs = highlight.pairs if highlight is not None else ()
        return {frozenset((home[a], home[b])) for a, b in pairs if a in home and b in home}

    def _edge_color(self, edge: Edge) -> str:
        theme = self.theme
        if edge.kind == "ghost" or (edge.kind == "blocked" and edge.tail.role == "ghost"):
            return theme.line("ghost")
        if edge.kind == "control":
            return theme.small
        if edge.kind in ("gradient", "turn", "blocked"):
            return theme.line("gradient")
        if edge.kind == "write":
            return theme.line("update")
        if edge.kind in ("feed", "variable"):
            return theme.line(edge.tail.role)
        return theme.rail if edge.tail.role == "forward" else theme.line(edge.tail.role)


def _from_tag(path: Path, rects: Mapping[Box, Rect]) -> Path:
    """Graphviz draws a tag less high than it is said to be: an edge begins where it is seen."""
    (x, y), (u, v), *rest = path.points
    if shape_of(path.edge.tail) != "cds" or x != u:
        return path
    middle = rects[path.edge.tail].y
    return replace(path, points=((x, y + (middle - y) * _TAG), (u, v), *rest))


# Graphs have thousands of nodes and films hundreds of graphs, with the same few colours, widths and
# words: each is quoted once. The lines are those of `Digraph.node` and `Digraph.edge`.
_quoted = lru_cache(maxsize=1 << 12, typed=True)(quoting.quote)


def _add_node(graph: Digraph, key: str, **look: str) -> None:
    graph.body.append(f"\t{_quoted(key)} [{_listed(look)}]\n")


def _listed(look: Mapping[str, str]) -> str:
    """The attributes: the label, and then the others by their names."""
    names = sorted(look, key=lambda name: (name != "label", name))
    return " ".join(f"{name}={_quoted(look[name])}" for name in names)


def _fitting(name: str, width: float) -> str:
    """The name of a scope in so many points: whole, or its two ends."""
    count = len(name)
    while count > 3 and text_width(shortened(name, count), 11, bold=True) > width:
        count -= 1
    return shortened(name, count)


def bold(label: str) -> str:
    return f"<B>{label}</B>"


def _room(sample: Sample) -> float:
    """How wide a sample with its word and the gap behind it is."""
    return text_width(sample.word, 10) + _wide(sample) + 26


def _wide(sample: Sample) -> float:
    """How wide a sample is without its word."""
    return max(24.0, text_width(sample.sign, 10, bold=True))


def _rows(found: Sequence[Sample], width: float) -> list[list[Sample]]:
    """The samples in rows that are not wider."""
    rows: list[list[Sample]] = [[]]
    for sample in found:
        if rows[-1] and sum(map(_room, rows[-1])) + _room(sample) > width + 20:
            rows.append([])
        rows[-1].append(sample)
    return rows


def _beside(path: Path) -> Point:
    """A place beside the middle of the longest piece of a path."""
    pieces = list(pairwise(path.points))
    (x, y), (u, v) = max(pieces, key=lambda piece: _distance(*piece))
    return ((x + u) / 2 + (7 if x == u else 0), (y + v) / 2 - (0 if x == u else 7))


def _at(point: Point) -> str:
    return f"{point[0]:.1f},{-point[1]:.1f}!"


def _head(edge: Edge, path: Path) -> float:
    """The length of the edge's head."""
    if path.stub:
        return 0.0
    return {"control": _RING, "blocked": _BAR}.get(edge.kind, _ARROW)


def spline(points: Sequence[Point], *, head: float) -> str:
    """Graphviz's text of a line with rounded corners that leaves room for the head."""
    corners = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
    end = corners[-1]
    corners[-1] = _towards(end, corners[-2], head)
    pieces: list[Point] = [corners[0]]
    for i in range(1, len(corners) - 1):
        before = min(_CORNER, _distance(corners[i - 1], corners[i]) / 2)
        after = min(_CORNER, _distance(corners[i], corners[i + 1]) / 2)
        pieces += _straight(pieces[-1], _towards(corners[i], corners[i - 1], before))
        pieces += [corners[i], corners[i], _towards(corners[i], corners[i + 1], after)]
    pieces += _straight(pieces[-1], corners[-1])
    text = " ".join(f"{x:.1f},{-y:.1f}" for x, y in pieces)
    return f"e,{end[0]:.1f},{-end[1]:.1f} {text}" if head else text


def _straight(start: Point, end: Point) -> Iterable[Point]:
    """The rest of a Bezier curve that is a straight line."""
    thirds = (1 / 3, 2 / 3)
    x, y = end[0] - start[0], end[1] - start[1]
    return [*((start[0] + x * part, start[1] + y * part) for part in thirds), end]


def _distance(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _towards(start: Point, goal: Point, length: float) -> Point:
    """The point `length` away from start on the way to the goal."""
    whole = _distance(start, goal)
    part = length / whole if whole > length else 1.0
    return (start[0] + (goal[0] - start[0]) * part, start[1] + (goal[1] - start[1]) * part)
