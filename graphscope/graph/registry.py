"""Every declared operation, by TensorFlow's name of it. Filled by ``@op``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphscope.graph.declare import OpDef

OPS: dict[str, OpDef] = {}
#: Those that work otherwise in the graphs of old files than in those that are made here.
OLD_OPS: dict[str, OpDef] = {}
