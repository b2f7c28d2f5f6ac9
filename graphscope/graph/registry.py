"""Every declared operation, by TensorFlow's name of it. Filled by ``@op``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphscope.graph.declare import OpDef

OPS: dict[str, OpDef] = {}
