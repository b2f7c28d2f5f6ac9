"""What can be said of how a dataset is to be read: accepted, and without effect."""

from __future__ import annotations

from typing import Any


class Options:
    """Settings, under any name, also below others: ``options.experimental_threading.x = 1``.

    Source: tf.data.Options.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        made = Options()
        setattr(self, name, made)
        return made

    def merge(self, options: Options) -> Options:
        """Both together; what the other one says counts."""
        made = Options()
        vars(made).update({**vars(self), **vars(options)})
        return made
