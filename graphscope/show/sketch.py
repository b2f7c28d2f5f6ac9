"""What is in a picture: which operations share a box, and what leads from box to box.

A scene has too many operations to draw one box for each. The read of a variable belongs to its
variable, a constant to what uses it, and all that differentiates one operation is one box beside
it. No operation that is needed is left out or drawn twice.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from graphscope.debug.options import Options
from graphscope.debug.scene import Scene
from graphscope.engine.plan import Phase, bodies, operation
from graphscope.graph.graph import Operation, Tensor
from graphscope.ops.state import variable_of
from graphscope.show.bodies import Opened, opened
from graphscope.show.theme import RoleName

EdgeKind = Literal[
    "data", "feed", "variable", "gradient", "turn", "write", "control", "ghost", "blocked", "saved"
]

Chip = tuple[Operation, int, Operation]

#: A constant of more elements than this is data, and is drawn; a smaller one is a word in a box.
FEW = 4


@dataclass(frozen=True)
class Fold:
    """What a box stands for that is many.

    kind:   a name scope, a series of copies one after the other, a run of operations, or what an
            optimizer keeps.
    name:   the scope, or the first and the last of the others. Opening it goes by this name.
    copies: how many are in a series. shared: they use the same weights.
    types:  the types of the operations of one copy, in their order, each once.
    """

    kind: Literal["scope", "series", "run", "kept"]
    name: str
    copies: int = 1
    shared: bool = False
    types: tuple[str, ...] = ()


@dataclass(eq=False)
class Box:
    """A box of the picture.

    main:     the operation it is named after. ops: all operations it stands for.
    tensor:   the fed tensor, for a feed.
    chips:    the constants that are used here: (user, index of the input, constant).
    about:    for a gradient, the operation that is differentiated.
    order:    2 for the gradient of a gradient.
    scope:    of what is made of gradients: all operations of this scope are in the box.
    blocked:  for a ghost: the gradient ends here, and why.
    opens:    it is a cond or a loop whose inside is not drawn.
    fold:     what is folded together here; None for one thing. `parts`: what was folded.
    """

    role: RoleName
    main: Operation
    ops: list[Operation] = field(default_factory=list)
    tensor: Tensor | None = None
    chips: list[Chip] = field(default_factory=list)
    about: Operation | None = None
    order: int = 1
    scope: str = ""
    blocked: str = ""
    fetched: bool = False
    missing: bool = False
    opens: bool = False
    fold: Fold | None = None
    parts: list[Box] = field(default_factory=list)

    @property
    def operations(self) -> list[Operation]:
        """All operations that it stands for; of a fed tensor the one that is not run."""
        return self.ops if self.tensor is None else [self.main, *self.ops]

    @property
    def key(self) -> str:
        """Its name in the DOT text: no other box has it. A backslash, which could hide the
        quotation mark behind it, is a letter that is in no name."""
        return self._key.replace("\\", "|")

    @property
    def _key(self) -> str:
        if self.fold is not None:
            return f"{self.fold.kind} {self.role} {self.main.name}"
        if self.tensor is not None:
            return f"feed {self.main.name} {self.tensor.value_index}"  # a colon would be a port
        # What begins with "<" would be HTML.
        alone = self.role not in ("gradient", "ghost") and not self.main.name.startswith("<")
        return self.main.name if alone else f"{self.role} {self.main.name}"


@dataclass(frozen=True)
class Edge:
    tail: Box
    head: Box
    kind: EdgeKind


@dataclass
class Sketch:
    """The boxes in order of creation, the edges, and where each needed operation is shown.

    asked: what is asked of the picture.
    elsewhere: how many operations do not run and are not drawn either.
    opened: the conds and loops whose inside is drawn.
    """

    scene: Scene
    asked: Options = field(default_factory=Options)
    opened: Opened = field(default_factory=Opened)
    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    home: dict[Operation, Box] = field(default_factory=dict)
    feeds: dict[Tensor, Box] = field(default_factory=dict)
    gradients: dict[Hashable, Box] = field(default_factory=dict)
    #: The box of each forward operation that has parts.
    wholes: dict[Operation, Box] = field(default_factory=dict)
    elsewhere: int = 0

    def source(self, tensor: Tensor) -> Box | None:
        """The box that a value comes from."""
        return self.feeds.get(tensor) or self.home.get(tensor.op)

    def join(self, tail: Box | None, head: Box | None, kind: EdgeKind) -> None:
        """An edge, unless it is there already or stays inside of one box."""
        if tail is None or head is None or tail is head:
            return
        edge = Edge(tail, head, kind)
        if edge not in self._seen:
            self._seen.add(edge)
            self.edges.append(edge)
            self._into.setdefault(head, []).append(edge)
            self._out_of.setdefault(tail, []).append(edge)

    def __post_init__(self) -> None:
        self._seen: set[Edge] = set()
        self._into: dict[Box, list[Edge]] = {}
        self._out_of: dict[Box, list[Edge]] = {}
        self.by_name = {op.name: op for op in self.scene.plan.graph.operations}

    def emptied(self) -> Sketch:
        """A sketch of the same, in which there is nothing yet."""
        return Sketch(self.scene, self.asked, self.opened, elsewhere=self.elsewhere)

    def into(self, box: Box) -> list[Edge]:
        """The edges that end at the box."""
        return self._into.get(box, [])

    def out_of(self, box: Box) -> list[Edge]:
        """The edges that begin at the box."""
        return self._out_of.get(box, [])

    def drivers(self, box: Box) -> Iterator[Box]:
        """The boxes from which an edge leads to this one."""
        return (edge.tail for edge in self.into(box))


def sketch(scene: Scene, asked: Options = Options()) -> Sketch:  # noqa: B008
    """Sort the operations of the scene into boxes, and join them by edges.

    Of the conds and loops that are asked to be open, the inside is drawn.
    """
    drawn = Sketch(scene, asked, opened(scene.plan, asked.expand))
    inside = drawn.opened.operations
    shown = dict.fromkeys((*scene.plan.nodes, *scene.plan.given, *inside))
    needed = sorted(shown, key=lambda op: op._id)
    for tensor in sorted(scene.plan.used_feeds, key=lambda t: (t.op._id, t.value_index)):
        box = Box("feed", tensor.op, tensor=tensor)
        drawn.feeds[tensor] = box
        drawn.boxes.append(box)
    for op in needed:
        _place(drawn, op)
    for alias, op in drawn.opened.aliases.items():
        drawn.home[alias] = drawn.home[op]
        drawn.home[op].ops.append(alias)
    _place_constants(drawn, needed)
    for element in scene.plan.fetches:
        op = operation(element)
        fed = drawn.feeds.get(element) if isinstance(element, Tensor) else None
        (fed or drawn.home[op]).fetched = True
    for op in needed:
        _join(drawn, op)
    for gradient in drawn.gradients.values():
        begin(drawn, gradient)
    drawn.boxes.sort(key=lambda box: box.main._id)
    return drawn


def _gradient_key(drawn: Sketch, op: Operation) -> Hashable:
    """What a gradient belongs to. The gradient of a gradient stands beside that gradient."""
    about = op.gradient_of
    assert about is not None
    if about.gradient_of is not None:
        return ("gradient of", _gradient_key(drawn, about))
    return variable_of(about.inputs[0]) if is_read(about) else _owner(drawn, about)


def _owner(drawn: Sketch, op: Operation) -> Operation:
    """The operation that this one is a part of: ``loss/Slice`` was made on the way to ``loss``.

    Library functions give their scope's name to their result; nothing else has such a name.
    """
    end = op.name.find("/")
    while end >= 0:
        found = drawn.by_name.get(op.name[:end])
        if found is not None and _has_parts(found):
            return found
        end = op.name.find("/", end + 1)
    return op


def _has_parts(op: Operation) -> bool:
    definition = op.definition
    plain = not (definition.writes or definition.given or definition.calls)
    return plain and bool(op.outputs) and op.gradient_of is None


def is_read(op: Operation) -> bool:
    """True for the Identity through which the rest of the graph reads a variable."""
    return (
        op.type == "Identity" and op.inputs[0].op.definition.is_variable and not op.control_inputs
    )


def _place(drawn: Sketch, op: Operation) -> None:
    """Put one operation into its box; constants wait until their users have one."""
    scene = drawn.scene
    if op in drawn.opened.aliases:
        return
    if op.gradient_of is not None and not op.definition.writes:
        _place_gradient(drawn, op)
        return
    if op.type == "Const":
        return
    if is_read(op) and op.inputs[0] not in scene.plan.feeds:
        box = drawn.home[op.inputs[0].op]
        box.ops.append(op)
        drawn.home[op] = box
        return
    role, whole = _role(scene, op), _owner(drawn, op)
    if role == "forward" and whole is not op and _is_forward(scene, whole):
        if whole not in drawn.wholes:
            drawn.wholes[whole] = Box(role, whole)
            drawn.boxes.append(drawn.wholes[whole])
        drawn.wholes[whole].ops.append(op)
        drawn.home[op] = drawn.wholes[whole]
        return
    if op in drawn.wholes:
        drawn.wholes[op].ops.append(op)
        drawn.home[op] = drawn.wholes[op]
        return
    if role == "gradient":
        _place_beside(drawn, op)
        return
    box = Box(role, op, [op], opens=bool(bodies(op)) and op not in drawn.opened.inside)
    drawn.wholes[op] = box
    box.missing = op.type == "Placeholder"
    drawn.home[op] = box
    drawn.boxes.append(box)


def _is_forward(scene: Scene, op: Operation) -> bool:
    return scene.plan.phases.get(op) is Phase.FORWARD and _role(scene, op) == "forward"


def _role(scene: Scene, op: Operation) -> RoleName:
    if op.definition.is_variable:
        return "variable" if op in scene.facts.trainable else "frozen"
    if op.definition.writes:
        return "update"
    if op.type == "Placeholder":
        return "feed"
    if op.type == "NoOp":
        return "fetch" if op in map(operation, scene.plan.fetches) else "control"
    return "gradient" if scene.plan.phases.get(op) is Phase.BACKWARD else "forward"


def _place_gradient(drawn: Sketch, op: Operation) -> None:
    key = _gradient_key(drawn, op)
    box = drawn.gradients.get(key)
    if box is None:
        base, order = key, 1
        while isinstance(base, tuple):
            base, order = base[1], order + 1
        assert isinstance(base, Operation)
        box = drawn.gradients[key] = Box("gradient", op, about=base, order=order)
        drawn.boxes.append(box)
    box.ops.append(op)
    drawn.home[op] = box


def _place_beside(drawn: Sketch, op: Operation) -> None:
    """What is made of gradients, such as their norm, is one box for each scope."""
    scope = op.name.rpartition("/")[0]
    outer, _, last = scope.rpartition("/")
    if last and outer.rpartition("/")[2] == last:  # clip_by_global_norm/clip_by_global_norm/_0
        scope = outer
    box = drawn.gradients.get(scope) if scope else None
    if box is None:
        box = Box("gradient", op, scope=scope)
        drawn.boxes.append(box)
        drawn.gradients[scope or op] = box
    box.ops.append(op)
    drawn.home[op] = box


def _place_constants(drawn: Sketch, needed: list[Operation]) -> None:
    users: dict[Operation, list[tuple[Operation, int]]] = {}
    for op in needed:
        for i, tensor in enumerate(op.inputs):
            if tensor not in drawn.feeds:
                users.setdefault(tensor.op, []).append((op, i))
        for other in op.control_inputs:
            users.setdefault(other, []).append((op, -1))
    fetched = set(map(operation, drawn.scene.plan.fetches))
    for op in needed:
        if op in drawn.home:
            continue
        if op not in users or op in fetched or _is_data(drawn, op, users[op]):
            drawn.home[op] = Box("const", op, [op])
            drawn.boxes.append(drawn.home[op])
            continue
        first = drawn.home.get(users[op][0][0])
        assert first is not None  # what uses a constant is no constant, and has its box
        drawn.home[op] = first
        first.ops.append(op)
        for user, i in users[op]:
            drawn.home[user].chips.append((user, i, op))


def _is_data(drawn: Sketch, op: Operation, users: list[tuple[Operation, int]]) -> bool:
    """True for a constant that is worth a box of its own: more than a few numbers, or any when
    nothing is to be folded."""
    size = op.outputs[0].shape.num_elements()
    if drawn.asked.fold and size is not None and size <= FEW:
        return False
    return any(drawn.home[user].role == "forward" for user, _ in users)


def _join_inside(drawn: Sketch, op: Operation) -> None:
    """What goes into an open cond or loop goes to what uses it there; its results come out."""
    head = drawn.home[op]
    for tensor, parameter in drawn.opened.given(op):
        tail = drawn.source(tensor)
        if tail is not None and not is_word(drawn, tensor):
            drawn.join(tail, drawn.home[parameter.op], _kind(tail))
    if "then" in op.attrs:
        tail = drawn.source(op.inputs[0])
        if tail is not None and head.role == "forward":
            drawn.join(tail, head, _kind(tail))
    for body, _ in drawn.opened.inside[op]:
        for tensor in body.results:
            tail = drawn.source(tensor)
            if tail is not None and not is_word(drawn, tensor):
                drawn.join(tail, head, _kind(tail))


def _join(drawn: Sketch, op: Operation) -> None:
    if op in drawn.opened.inside:
        _join_inside(drawn, op)
        return
    head = drawn.home[op]
    for tensor in op.inputs:
        tail = drawn.source(tensor)
        if tail is not None and not (head.role == "gradient" and _is_saved(tail, head)):
            if is_word(drawn, tensor):
                continue
            if (
                op.definition.writes
                and tail.role in ("variable", "frozen")
                and (tensor in op.inputs[: op.definition.writes])
            ):
                continue  # a variable that is written: the arrow goes the other way
            drawn.join(tail, head, _kind(tail))
    for variable in drawn.scene.plan.written_by(op):
        drawn.join(head, drawn.home.get(variable), "write")
    for other in op.control_inputs:
        if other.type != "Const" or drawn.home[other].role == "const":
            drawn.join(drawn.home[other], head, "control")


def is_word(drawn: Sketch, tensor: Tensor) -> bool:
    """True for a constant that is written in the boxes that use it."""
    home = drawn.home.get(tensor.op)
    return (
        tensor.op.type == "Const"
        and tensor not in drawn.feeds
        and home is not None
        and home.role != "const"
    )


def _is_saved(tail: Box, head: Box) -> bool:
    """True for a value of the forward pass that a gradient uses again; a word says so instead."""
    if head.about is None or tail.role in ("gradient", "update", "control"):
        return False
    return not is_gradient(tail)


def add_saved(drawn: Sketch) -> None:
    """The values of the forward pass that gradients use again, as edges."""
    for head in drawn.boxes:
        if head.role == "gradient":
            for tail in saved_by(drawn, head):
                drawn.join(tail, head, "saved")


def saved_by(drawn: Sketch, box: Box) -> Iterator[Box]:
    """Where the values come from that a gradient uses again."""
    for op in box.ops:
        for tensor in op.inputs:
            tail = drawn.source(tensor)
            if tail is None or tail is box or tail.role in ("gradient", "const"):
                continue
            if op.type in ("SumLike", "Shape") or tensor.op.type == "Const":
                continue  # the shape of a value is used, not the value
            yield tail


def _kind(tail: Box) -> EdgeKind:
    if is_gradient(tail):
        return "gradient"
    if tail.role in ("feed", "const"):
        return "feed"
    if tail.role in ("variable", "frozen"):
        return "variable"
    return "data"


def is_gradient(box: Box) -> bool:
    """True for a gradient, also for one that is fed."""
    return box.role == "gradient" or (box.role == "feed" and box.main.gradient_of is not None)


def begin(drawn: Sketch, box: Box) -> None:
    """A backward pass begins here when nothing comes from another gradient."""
    if is_seed(drawn, box) and box.about is not None and box.order == 1:
        drawn.join(drawn.home.get(box.about), box, "turn")


def is_seed(drawn: Sketch, box: Box) -> bool:
    """True for the gradient of a loss: the first of the backward pass."""
    return box.about is not None and not any(map(is_gradient, drawn.drivers(box)))
