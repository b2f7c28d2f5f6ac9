"""The stacks of defaults as unit tests ask them: ``ops._default_session_stack.get_default()``."""

from __future__ import annotations

from typing import Any

from graphscope.graph.defaults import Defaults


class DefaultStack:
    """A stack of which the top is the default."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults

    @property
    def stack(self) -> list[Any]:
        return self._defaults.stack

    def get_default(self) -> Any:
        return self._defaults.top()

    def reset(self) -> None:
        """Forget all that was made the default."""
        self._defaults.stack.clear()
        self._defaults.reset()

    def is_cleared(self) -> bool:
        return not self._defaults.stack
