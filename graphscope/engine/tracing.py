"""When each node of a run began and ended, for those who ask by ``tf.RunOptions.FULL_TRACE``."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from graphscope.engine.devices import devices
from graphscope.engine.interpreter import Ran


def traced(steps: Iterable[Ran], options: Any, metadata: Any) -> None:
    """Take all steps; when a trace is wanted, write it into the `tf.RunMetadata`."""
    if metadata is None or not getattr(options, "trace_level", 0):
        for _ in steps:
            pass
        return
    times, began = [], _now()
    for ran in steps:
        ended = _now()
        times.append((ran.op, began, ended))
        began = ended
    metadata.step_stats.dev_stats.clear()
    device = metadata.step_stats.dev_stats.add(device=devices(None)[0].name)
    for op, start, end in times:
        device.node_stats.add(
            node_name=op.name,
            all_start_micros=start,
            op_end_rel_micros=end - start,
            all_end_rel_micros=end - start,
            timeline_label=f"{op.name} = {op.type}({', '.join(t.op.name for t in op.inputs)})",
        )


def _now() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000
