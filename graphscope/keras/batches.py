"""Where the batches of an epoch come from: arrays, a generator or `Sequence`, or a dataset.

Each kind says how many there are, and gives for an epoch one batch after the other. The order of
arrays is shuffled by numpy's global generator, as in Keras, so numpy.random.seed repeats it.
Source: training_arrays.py and training_generator.py in tensorflow.python.keras.engine of 1.15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from graphscope.graph import nest

#: From what the user gives, (inputs, targets, weights), to what is fed.
Prepare = Callable[..., list[Any]]


class Batch(NamedTuple):
    """size: how many samples it counts for in the logs. feeds: an array for each placeholder.

    weight: how much its loss counts in the epoch's.
    """

    size: int
    feeds: list[Any]
    weight: int


class Batches(Protocol):
    """samples, steps: how many there are in an epoch; None where it is not known or not counted."""

    samples: int | None
    steps: int | None
    by_samples: bool

    def epoch(self) -> Iterator[Batch]: ...


@dataclass
class ArrayBatches:
    """Slices of arrays. shuffle: True for a new order in each epoch, "batch" for whole batches."""

    feeds: list[Any]
    batch_size: int
    shuffle: Any
    steps: int | None = None
    by_samples: bool = True

    def __post_init__(self) -> None:
        lengths = [len(array) for array in self.feeds]
        if not lengths:
            raise ValueError("If there is no input data, `steps_per_epoch` must be given.")
        self.samples: int | None = lengths[0]

    def epoch(self) -> Iterator[Batch]:
        total = self.samples or 0
        order = np.arange(total)
        if self.shuffle == "batch":
            whole = total // self.batch_size * self.batch_size
            rows = order[:whole].reshape(-1, self.batch_size)
            np.random.shuffle(rows)
            order = np.append(rows.ravel(), order[whole:])
        elif self.shuffle:
            np.random.shuffle(order)
        if total <= self.batch_size:  # one batch is fed as it is
            yield Batch(total, self.feeds, total)
            return
        for start in range(0, total, self.batch_size):
            chosen = order[start : start + self.batch_size]
            yield Batch(
                len(chosen), [np.asarray(array)[chosen] for array in self.feeds], len(chosen)
            )


@dataclass
class RepeatedBatches:
    """The same arrays in every step; for models whose data is in their graph, none at all."""

    feeds: list[Any]
    steps: int | None
    samples: int | None = None
    by_samples: bool = False

    def epoch(self) -> Iterator[Batch]:
        for _ in range(self.steps or 0):
            yield Batch(1, self.feeds, 1)


@dataclass
class GeneratorBatches:
    """Batches that a generator or a `Sequence` gives: (inputs, targets) or with weights.

    steps: how many make an epoch; until the generator ends when None. seen: until so many samples
    were seen, as Keras 1 counted an epoch.
    """

    items: Iterator[Any]
    prepare: Prepare
    steps: int | None
    seen: int | None = None
    samples: int | None = None
    by_samples: bool = False
    on_epoch_end: Callable[[], Any] | None = None
    ended: bool = False  # the generator gave less than was asked for

    def epoch(self) -> Iterator[Batch]:
        count = seen = 0
        while self._more(count, seen):
            item = next(self.items, None)
            if item is None:
                self.ended = self.steps is not None or self.seen is not None
                break
            given = item if isinstance(item, tuple) else (item,)
            if len(given) not in (1, 2, 3):
                raise ValueError(
                    "Output of generator should be a tuple of 1 or 2 or 3 elements: (input,) or "
                    f"(input, target) or (input, target, sample_weights). Received {item}"
                )
            size = len(nest.flatten(given[0])[0])
            yield Batch(size, self.prepare(*given), 1)
            count, seen = count + 1, seen + size
        if self.on_epoch_end is not None:
            self.on_epoch_end()

    def _more(self, count: int, seen: int) -> bool:
        if self.seen is not None:
            return seen < self.seen
        return self.steps is None or count < self.steps


@dataclass
class DatasetBatches:
    """Batches of a tf.data.Dataset, started again for each epoch when no steps are asked for."""

    restart: Callable[[], Iterator[Any]]
    prepare: Prepare
    steps: int | None
    samples: int | None = None
    by_samples: bool = False
    ended: bool = False

    def __post_init__(self) -> None:
        self._items: Iterator[Any] | None = None

    def epoch(self) -> Iterator[Batch]:
        if self._items is None or self.steps is None:
            self._items = self.restart()
        count = 0
        while self.steps is None or count < self.steps:
            item = next(self._items, None)
            if item is None:
                self.ended = self.steps is not None
                return
            given = item if isinstance(item, tuple) else (item,)
            yield Batch(1, self.prepare(*given), 1)
            count += 1
