"""The argument names of Keras 1 in `fit` and `fit_generator`, which old scripts still have."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphscope.platform import logging

_WITHOUT_MEANING = ("max_q_size", "nb_worker", "pickle_safe")


class Counts(NamedTuple):
    """What Keras 1 counted in samples; None for what was not said."""

    epochs: int | None
    samples: int | None
    validation_samples: int | None


def epochs(given: int, more: dict[str, Any]) -> int:
    """The number of epochs. Errors: TypeError for another argument."""
    found = counts(more, ("nb_epoch",))
    return found.epochs or given


def counts(
    more: dict[str, Any],
    known: tuple[str, ...] = ("nb_epoch", "samples_per_epoch", "nb_val_samples"),
) -> Counts:
    """What old names say. Errors: TypeError for a name that no Keras had."""
    for name in more:
        if name not in (*known, *_WITHOUT_MEANING):
            raise TypeError(f"Unrecognized keyword arguments: {more}")
    if "nb_epoch" in more:
        logging.warning("The `nb_epoch` argument has been renamed `epochs`.")
    return Counts(more.get("nb_epoch"), more.get("samples_per_epoch"), more.get("nb_val_samples"))
