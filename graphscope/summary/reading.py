"""The newest event file of a folder, read again.

Source: tensorflow.contrib.testing.python.framework.util_test.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

from graphscope.summary.events import Event, summary_iterator
from graphscope.summary.messages import Summary


def latest_event_file(base_dir: str) -> str | None:
    """The newest event file of the folder; None when there is none."""
    found = sorted(Path(base_dir).glob("events.*"))
    return str(found[-1]) if found else None


def latest_events(base_dir: str) -> list[Event]:
    """What is in the newest event file."""
    file = latest_event_file(base_dir)
    return [] if file is None else list(summary_iterator(file))


def latest_summaries(base_dir: str) -> list[Event]:
    """The events with a summary in the newest event file."""
    return [event for event in latest_events(base_dir) if event.HasField("summary")]


def simple_values_from_events(events: Iterable[Event], tags: Collection[str]) -> dict[str, float]:
    """The last number of each of the tags. Errors: ValueError when one is no number."""
    steps: dict[str, int] = {}
    numbers: dict[str, float] = {}
    for event in events:
        for value in event.summary.value:
            if value.tag in tags and event.step > steps.get(value.tag, -1):
                if not value.HasField("simple_value"):
                    raise ValueError(f"Summary for {value.tag} is not a simple_value.")
                steps[value.tag], numbers[value.tag] = event.step, value.simple_value
    return numbers


def to_summary_proto(summary_str: bytes) -> Summary:
    """A summary operation's value as a message."""
    return Summary.FromString(summary_str)


def assert_summary(
    expected_tags: Iterable[str],
    expected_simple_values: dict[str, float],
    summary_proto: Summary,
) -> None:
    """Errors: ValueError for other tags, AssertionError for other numbers (two decimals)."""
    for value in summary_proto.value:
        if value.tag in expected_simple_values:
            np.testing.assert_almost_equal(
                value.simple_value, expected_simple_values[value.tag], 2, value.tag
            )
    tags = {value.tag for value in summary_proto.value}
    if tags != set(expected_tags):
        raise ValueError(f"Expected tags {set(expected_tags)}, got {tags}.")
