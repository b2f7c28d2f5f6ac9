"""What `graphscope open` tells of a file: plain data, from which text and JSON are made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

#: The sizes of a tensor, None where one is not known; None where not even their number is.
Sizes = tuple[int | None, ...] | None


@dataclass(frozen=True)
class TensorFact:
    """A tensor by its name, which is how it is fed and fetched. dtype: "" where it is not told."""

    name: str
    dtype: str
    sizes: Sizes


@dataclass(frozen=True)
class Input:
    """A placeholder. default: what it is when nothing is fed, None where something must be."""

    tensor: TensorFact
    default: str | None = None


@dataclass(frozen=True)
class Pipeline:
    """An operation that brings in data, and what it gives: these tensors are fed here."""

    name: str
    type: str
    gives: tuple[TensorFact, ...]


@dataclass(frozen=True)
class VariableFact:
    """A variable. memory: "ref", or "resource" where what is read is a copy. trained: by which
    optimizers. is_trainable: None where the file does not say.

    slot_of: the variable beside which an optimizer keeps it, and slot: as what.
    """

    tensor: TensorFact
    memory: str
    is_trainable: bool | None
    trained: tuple[str, ...] = ()
    slot_of: str = ""
    slot: str = ""

    @property
    def elements(self) -> int | None:
        sizes = self.tensor.sizes
        known = sizes is not None and None not in sizes
        return math.prod(size or 0 for size in sizes or ()) if known else None


@dataclass(frozen=True)
class Rate:
    """A number that updates take, such as the learning rate.

    tensor: what is fed to change it for a run. is_a: "constant", "placeholder", "variable" or
    "computed". value: of a constant, a default, or of a variable in the checkpoint beside. source:
    the constant, placeholder or variable behind it. behind: of one that is computed, what it is
    computed from, each with its value where there is one.
    """

    tensor: str
    is_a: str
    value: float | None
    source: str
    behind: tuple[tuple[str, float | None], ...] = ()


@dataclass(frozen=True)
class OptimizerFact:
    """Updates of one kind with one learning rate.

    name: the scope of its updates. method: as ``Adam``; types: of the operations. run_by: the
    operations that are run for a step. numbers: the others that the updates take, by name.
    """

    name: str
    method: str
    types: tuple[str, ...]
    variables: tuple[str, ...]
    slots: tuple[str, ...]
    run_by: tuple[str, ...]
    rate: Rate | None
    numbers: dict[str, Rate] = field(default_factory=dict)


@dataclass(frozen=True)
class SaverFact:
    """A Saver by the names of its operations. variables: how many values it saves."""

    filename: str
    save: str
    restore: str
    version: str
    sharded: bool
    variables: int


@dataclass(frozen=True)
class Guess:
    """A tensor that may be wanted, and why it is thought so."""

    tensor: TensorFact
    because: str


@dataclass(frozen=True)
class NotRun:
    """Operations of one type that nothing here runs: how many, and the first of them."""

    type: str
    count: int
    first: str
    inside: str = ""


@dataclass(frozen=True)
class FunctionFact:
    """A function of the file, or a body that an operation owns. used_by: types of operations."""

    name: str
    inputs: int
    outputs: int
    nodes: int
    used_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class SignatureFact:
    """What a SavedModel takes and gives under a key, by the names that callers use."""

    key: str
    method: str
    inputs: dict[str, TensorFact]
    outputs: dict[str, TensorFact]


@dataclass(frozen=True)
class Version:
    """Who wrote a graph. producer: the version of its graphs, 0 where that is not told."""

    tensorflow: str
    producer: int
    min_consumer: int
    source: str = ""


@dataclass(frozen=True)
class GraphFact:
    """What is in a graph. types: how many types of operations. tags: of a SavedModel.

    fed: the tensors that have to be fed for the first loss and a step. loops, conditions: how
    many, as old graphs and as functions have them. collections: their names with the number of
    their items. problems: what does not fit together.
    """

    version: Version
    nodes: int
    types: int
    tags: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    signatures: tuple[SignatureFact, ...] = ()
    variables: tuple[VariableFact, ...] = ()
    optimizers: tuple[OptimizerFact, ...] = ()
    global_step: str = ""
    losses: tuple[Guess, ...] = ()
    outputs: tuple[Guess, ...] = ()
    fed: tuple[str, ...] = ()
    saver: SaverFact | None = None
    loops: int = 0
    conditions: int = 0
    functions: tuple[FunctionFact, ...] = ()
    not_run: tuple[NotRun, ...] = ()
    collections: dict[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredFact:
    """A tensor in a checkpoint, with its value where it is a single number."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    parts: int = 0
    value: float | None = None


@dataclass(frozen=True)
class CheckpointFact:
    """The values beside a graph, or alone. files: their names and sizes, None for one that is not
    there. graph: the .meta file beside it."""

    prefix: str
    version: str
    files: dict[str, int | None]
    stored: tuple[StoredFact, ...]
    graph: str = ""

    def value(self, name: str) -> float | None:
        """The number that is stored under a name."""
        return next((each.value for each in self.stored if each.name == name), None)


@dataclass(frozen=True)
class RunFact:
    """A run whose times an event file has: nodes and microseconds."""

    tag: str
    step: int
    nodes: int
    microseconds: int


@dataclass(frozen=True)
class EventsFact:
    """What an event file holds beside a graph. tags: how many values of each."""

    events: int
    first_step: int
    last_step: int
    tags: dict[str, int]
    runs: tuple[RunFact, ...]
    cut_off: str = ""


@dataclass(frozen=True)
class NextStep:
    """What may be done with the file: a line of Python or a command, and what for."""

    code: str
    purpose: str


@dataclass(frozen=True)
class OpenedFile:
    """What a file is and what is in it. what: "meta graph", "graph", "SavedModel", "checkpoint" or
    "event file". format: "binary" or "text". size: bytes. assets: names of files that a SavedModel
    says lie beside it. beside: other checkpoints in the folder."""

    #: Turns it into text. Set by `graphscope.show`.
    presenter: ClassVar[Callable[[OpenedFile], str] | None] = None

    path: str
    what: str
    format: str
    size: int
    graphs: tuple[GraphFact, ...] = ()
    checkpoint: CheckpointFact | None = None
    events: EventsFact | None = None
    assets: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()

    def __str__(self) -> str:
        return repr(self) if OpenedFile.presenter is None else OpenedFile.presenter(self)
