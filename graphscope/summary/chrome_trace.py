"""`Timeline`: the trace of a run as Chrome draws it (chrome://tracing)."""

from __future__ import annotations

import json
import re
from typing import Any

_LABEL = re.compile(r"(?P<name>.*) = (?P<type>\w+)\((?P<inputs>.*)\)")


class Timeline:
    """When each node of a run ran, one row for each device.

    step_stats: of the RunMetadata of a run with FULL_TRACE.
    Source: tensorflow.python.client.timeline.Timeline.
    """

    def __init__(self, step_stats: Any, graph: Any = None) -> None:
        self._devices = list(step_stats.dev_stats)

    def generate_chrome_trace_format(
        self, show_dataflow: bool = True, show_memory: bool = False, op_time: str = "schedule"
    ) -> str:
        """The trace, in JSON. Nodes run one after the other, so that nothing flows between rows;
        memory is not traced."""
        events: list[dict[str, Any]] = []
        for row, device in enumerate(self._devices):
            name = {"name": f"{device.device} Compute"}
            events.append({"name": "process_name", "ph": "M", "pid": row, "args": name})
        for row, device in enumerate(self._devices):
            events += [_event(row, stats) for stats in device.node_stats]
        return json.dumps({"traceEvents": events}, indent=4)


def _event(row: int, stats: Any) -> dict[str, Any]:
    """The box of one node: where it is, how long, and what it is about."""
    label = _LABEL.match(stats.timeline_label)
    kind = label["type"] if label else "unknown"
    inputs = label["inputs"].split(", ") if label and label["inputs"] else []
    about = {"name": stats.node_name, "op": kind}
    about |= {f"input{i}": name for i, name in enumerate(inputs)}
    return {
        "ph": "X",
        "cat": "Op",
        "name": kind,
        "pid": row,
        "tid": stats.thread_id,
        "ts": stats.all_start_micros,
        "dur": stats.all_end_rel_micros,
        "args": about,
    }
