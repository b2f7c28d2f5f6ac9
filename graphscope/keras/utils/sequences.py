"""Batches by number, and what hands them out one after the other.

Source: tensorflow.python.keras.utils.data_utils of 1.15. There workers fetch batches ahead in
threads; here they are fetched when they are asked for, in the same order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any


class Sequence:
    """A dataset by batches: subclasses say ``__getitem__``, a batch, and ``__len__``, how many.

    Source: tf.keras.utils.Sequence.
    """

    def __getitem__(self, index: int) -> Any:
        """The batch of that number."""
        raise NotImplementedError

    def __len__(self) -> int:
        """How many batches there are."""
        raise NotImplementedError

    def on_epoch_end(self) -> None:
        """Called after each epoch, for example to shuffle."""

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))


class SequenceEnqueuer:
    """What hands out batches: `start`, then as many of `get` as wanted, then `stop`."""

    def __init__(self, sequence: Any, use_multiprocessing: bool = False) -> None:
        self.sequence = sequence
        self.use_multiprocessing = use_multiprocessing
        self._running = False

    def is_running(self) -> bool:
        return self._running

    def start(self, workers: int = 1, max_queue_size: int = 10) -> None:
        self._running = True

    def stop(self, timeout: float | None = None) -> None:
        self._running = False

    def get(self) -> Iterator[Any]:
        """The batches, one after the other."""
        raise NotImplementedError


class OrderedEnqueuer(SequenceEnqueuer):
    """The batches of a `Sequence` over and over, in order or shuffled anew each epoch."""

    def __init__(
        self, sequence: Any, use_multiprocessing: bool = False, shuffle: bool = False
    ) -> None:
        super().__init__(sequence, use_multiprocessing)
        self.shuffle = shuffle

    def get(self) -> Iterator[Any]:
        while self.is_running():
            order = list(range(len(self.sequence)))
            if self.shuffle:
                random.shuffle(order)
            for i in order:
                if not self.is_running():
                    return
                yield self.sequence[i]
            self.sequence.on_epoch_end()


class GeneratorEnqueuer(SequenceEnqueuer):
    """What a generator yields, until it ends."""

    def __init__(
        self,
        generator: Any,
        use_multiprocessing: bool = False,
        random_seed: int | None = None,
    ) -> None:
        super().__init__(generator, use_multiprocessing)
        self.random_seed = random_seed

    def get(self) -> Iterator[Any]:
        while self.is_running():
            try:
                batch = next(self.sequence)
            except StopIteration:
                return
            if batch is not None:
                yield batch
