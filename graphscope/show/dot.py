"""The DOT text of a picture, made with the `graphviz` package."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape as html_escape

from graphviz import Digraph, escape

from graphscope.show.faces import MONO, SMALL, TITLE, Face
from graphscope.show.letters import printable
from graphscope.show.metrics import text_width
from graphscope.show.place import Band, Path, Placed, Point, box_size, shape_of
from graphscope.show.sketch import Box, Edge, EdgeKind, Sketch
from graphscope.show.theme import FOLDED, NOT_RUN, NOW, ROLES, RoleName, Theme

#: The largest picture: this many inches each way, which is 15 million dots of a bitmap.
_SIZE = "27,27"
_TEXT = "Helvetica"
#: How much of an edge its head takes: an arrow, a ring, a bar.
_ARROW, _RING, _BAR = 7.0, 5.0, 1.8
_CORNER = 7.0

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
}


class Drawing:
    """Boxes, edges, title and legend in one theme, as DOT text.

    legend: the kinds of boxes that occur: a word, and how a sample looks.
    room:   the least width of the title.
    """

    def __init__(self, drawn: Sketch, faces: dict[Box, Face], theme: Theme) -> None:
        self.drawn, self.faces, self.theme = drawn, faces, theme
        self.legend = self._samples()
        self.room = 0.0

    def text(self, placed: Placed | None, title: str, sentence: str) -> str:
        """The DOT text. Without places, Graphviz is to find them; an empty title is not drawn."""
        if placed is None:
            return self.flowing(title, sentence)
        return self.placed(placed, title, sentence)

    # ---- a picture that is placed --------------------------------------------------------------

    def placed(self, placed: Placed, title: str, sentence: str) -> str:
        """The text for ``neato -n2``: every position is given."""
        graph = self._graph()
        graph.attr("graph", splines="line", outputorder="edgesfirst", pad="0.3")
        for number, band in enumerate(placed.bands):
            self._band(graph, number, band)
        for box in self.drawn.boxes:
            rect = placed.rects[box]
            graph.node(
                box.key,
                **self._node(box, rect.width, rect.height),
                pos=_at((rect.x, rect.y)),
                pin="true",
            )
        for path in placed.paths:
            self._edge(graph, path.edge, path)
        if title:
            self._title(graph, title, sentence, placed.left, placed.top)
        self._legend(graph, (placed.left + placed.right) / 2, placed.bottom + 30)
        return str(graph.source)

    def _band(self, graph: Digraph, number: int, band: Band) -> None:
        area = band.area
        corners = f"{area.left:.1f},{-area.bottom:.1f},{area.right:.1f},{-area.top:.1f}"
        with graph.subgraph(name=f"cluster_{number}") as cluster:
            fill = self.theme.background if band.depth % 2 else self.theme.band
            cluster.attr(bb=corners, color=self.theme.band_line, fillcolor=fill)
            cluster.attr(style="rounded,filled", label="")
        if band.scope:
            width = text_width(band.scope, 11, bold=True)
            at = (area.left + 14 + width / 2, area.top + 14)
            self._words(graph, f"scope {number}", bold(self._font(band.scope, 11)), at)

    def _title(self, graph: Digraph, title: str, sentence: str, left: float, top: float) -> None:
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
            graph.node("title room", label="", style="invis", pos=middle, pin="true", **wide)

    def _words(self, graph: Digraph, key: str, label: str, at: Point) -> None:
        graph.node(key, label=f"<{label}>", shape="plain", pos=_at(at), pin="true", tooltip=" ")

    def _legend(self, graph: Digraph, middle: float, y: float) -> None:
        """One row: a small box of each kind that occurs, with its word."""
        samples = self.legend
        widths = [text_width(word, 10) for word, _ in samples]
        x = middle - (sum(widths) + 50 * len(samples) - 20) / 2
        for number, ((word, look), width) in enumerate(zip(samples, widths, strict=True)):
            small = 8 if "peripheries" in look else 0  # a ring is drawn around the size
            size = {"width": f"{(24 - small) / 72:.3f}", "height": f"{(14 - small) / 72:.3f}"}
            graph.node(f"legend {number}", label="", fixedsize="true", pos=_at((x + 12, y)),
                       pin="true", tooltip=" ", **size, **look)  # fmt: skip
            at = (x + 29 + width / 2, y)
            self._words(graph, f"legend word {number}", self._font(word, 10), at)
            x += width + 50

    def _samples(self) -> list[tuple[str, dict[str, str]]]:
        roles = {box.role for box in self.drawn.boxes}
        samples = [
            (role.word, self._look(name, role.width)) for name, role in ROLES.items()
            if name in roles and name != "fetch"
        ]  # fmt: skip
        if any(box.fetched for box in self.drawn.boxes):
            samples.append(("fetch", {**self._look("fetch", 1.2), "peripheries": "2"}))
        for kind, word in (("scope", "closed: can be opened"), ("series", "series of copies")):
            shapes = [shape_of(box) for box in self.drawn.boxes]
            if FOLDED[kind] in shapes:
                look = self._look("control", 1.2)
                samples.append((word, {**look, "shape": FOLDED[kind], "style": "filled"}))
        states = {face.state for face in self.faces.values()}
        if "next" in states:
            samples.append(("next to run", {**self._look("forward", 1.8), **self._next_colors()}))
        if "todo" in states:
            look = self._look("control", 1.2)
            look.update(style="dashed", fillcolor=self.theme.background)
            samples.append((f"hollow: {NOT_RUN}", look))
        return samples

    # ---- a picture that Graphviz places --------------------------------------------------------

    def flowing(self, title: str, sentence: str) -> str:
        """The text for `dot`: top to bottom, without positions."""
        graph = self._graph()
        lines = (bold(self._font(title, 16, self.theme.ink)), self._font(sentence, 11))
        wide = f' WIDTH="{self.room:.0f}"' if self.room else ""
        words = [f'<TR><TD ALIGN="LEFT"{wide}>{line}</TD></TR>' for line in lines if title]
        rows = [*words, f'<TR><TD ALIGN="LEFT">{self._table()}</TD></TR>']
        label = f'<<TABLE BORDER="0" CELLSPACING="4" CELLPADDING="0">{"".join(rows)}</TABLE>>'
        graph.attr("graph", rankdir="TB", nodesep="0.25", ranksep="0.35", pad="0.3", label=label)
        graph.attr("graph", labelloc="t", labeljust="l", outputorder="edgesfirst")
        for box in self.drawn.boxes:
            width, height = box_size(self.faces[box], shape_of(box))
            graph.node(box.key, **self._node(box, width, height))
        for edge in self.drawn.edges:
            self._edge(graph, edge, None)
        return str(graph.source)

    def _table(self) -> str:
        """The legend as a row of cells."""
        cells = []
        for word, look in self.legend:
            rounded = ' STYLE="ROUNDED"' if "rounded" in look["style"] else ""
            cells.append(
                f'<TD WIDTH="20" HEIGHT="12" FIXEDSIZE="TRUE" BORDER="1" COLOR="{look["color"]}"'
                f' BGCOLOR="{look["fillcolor"]}"{rounded}></TD>'
                f'<TD>{self._font(word, 10)}</TD><TD WIDTH="10"></TD>'
            )
        return f'<TABLE BORDER="0" CELLSPACING="3"><TR>{"".join(cells)}</TR></TABLE>'

    # ---- parts ---------------------------------------------------------------------------------

    def _graph(self) -> Digraph:
        graph = Digraph("graphscope")
        graph.attr("graph", bgcolor=self.theme.background, fontname=_TEXT, size=_SIZE)
        graph.attr("node", fontname=_TEXT, fontcolor=self.theme.ink)
        graph.attr("edge", arrowsize="0.7")
        return graph

    def _look(self, name: RoleName, width: float) -> dict[str, str]:
        role = ROLES[name]
        style = ",".join(word for word in (role.style, "filled") if word)
        return {
            "shape": role.shape,
            "style": style,
            "penwidth": f"{width:g}",
            "color": self.theme.line(name),
            "fillcolor": self.theme.fill(name),
        }

    def _next_colors(self) -> dict[str, str]:
        return {"color": self.theme.next_line, "fillcolor": self.theme.next_fill}

    def _node(self, box: Box, width: float, height: float) -> dict[str, str]:
        face, role = self.faces[box], ROLES[box.role]
        look = self._look(box.role, role.width)
        if (shape := shape_of(box)) != role.shape:
            look.update(shape=shape, style="filled")
        if box.fetched:
            look.update(color=self.theme.ink, peripheries="2")
        if face.state == "next":
            look.update(self._next_colors(), penwidth="3.2")
        elif face.state == "todo" or box.missing:
            dashed = dict.fromkeys([*look["style"].split(","), "dashed"])
            look.update(style=",".join(dashed), fillcolor=self.theme.background)
        if face.state == "now":
            look["penwidth"] = "2.8"
        if box.main.type == "StopGradient" and box.role == "forward":
            look.update(color=self.theme.ink, penwidth="2.4")
        if face.bad:
            look.update(color=self.theme.ink, penwidth="3.2")
        return {
            "label": f"<{self._label(box, face)}>",
            "tooltip": escape(face.tooltip),
            "fixedsize": "true",
            "width": f"{width / 72:.3f}",
            "height": f"{height / 72:.3f}",
            **look,
        }

    def _label(self, box: Box, face: Face) -> str:
        ink, small = self.theme.ink, self.theme.small
        if box.role == "ghost":
            ink = small = self.theme.faint
        if face.state == "next":
            ink = small = self.theme.next_text
        lines = [bold(self._font(face.title, TITLE, ink))]
        if face.shape:
            lines.append(self._font(face.shape, MONO, small, face="Courier"))
        if face.small:
            strong = face.bad or face.small.startswith((NOW, "fetch"))
            words = self._font(face.small, SMALL, ink if strong else small)
            lines.append(bold(words) if face.bad else words)
        return "<BR/>".join(lines)

    def _font(self, text: str, size: float, color: str = "", face: str = "") -> str:
        color = color or self.theme.small
        family = f' FACE="{face}"' if face else ""
        inside = html_escape(printable(text), quote=False).replace("  ", " &#160;")
        inside = inside if inside.strip() else "&#160;"  # a label of spaces is none
        return f'<FONT{family} POINT-SIZE="{size:g}" COLOR="{color}">{inside}</FONT>'

    def _edge(self, graph: Digraph, edge: Edge, path: Path | None) -> None:
        width, style = _EDGES[edge.kind]
        look = {"color": self._edge_color(edge), "penwidth": f"{width:g}"}
        waiting = self.faces[edge.head].state in ("todo", "next")
        waiting = waiting or self.faces[edge.tail].state in ("todo", "next")
        if waiting and not style:
            style = "dashed"
        if edge.kind == "turn" and edge.tail.role == "ghost":
            style = "dashed"
        if style:
            look["style"] = style
        if edge.kind == "control":
            look.update(arrowhead="odot", arrowsize="0.6")
        if edge.kind == "blocked":
            look["arrowhead"] = "tee"
        if path is not None:
            look["pos"] = spline(path.points, head=_head(edge, path))
            if path.stub:
                look.update(arrowhead="none")
        elif edge.kind == "write":
            look["constraint"] = "false"
        graph.edge(edge.tail.key, edge.head.key, **look)

    def _edge_color(self, edge: Edge) -> str:
        theme = self.theme
        if edge.kind == "ghost":
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


def bold(label: str) -> str:
    return f"<B>{label}</B>"


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
