"""`DeviceSpec`: the name of a device in its parts (tensorflow.python.framework.device)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.graph.devices import merged

_PARTS = ("job", "replica", "task", "device_type", "device_index")


class DeviceSpec:
    """Which device, as far as it is said: job, replica, task, device_type, device_index.

    Errors: ValueError, of `from_string`, for what is no name of a device. Source: tf.DeviceSpec.
    """

    def __init__(
        self,
        job: str | None = None,
        replica: int | None = None,
        task: int | None = None,
        device_type: str | None = None,
        device_index: int | None = None,
    ) -> None:
        self.job = None if job is None else str(job)
        self.replica = None if replica is None else int(replica)
        self.task = None if task is None else int(task)
        if device_type is not None and str(device_type).lower() in ("cpu", "gpu"):
            device_type = device_type.upper()
        self.device_type = device_type
        self.device_index = None if device_index is None else int(device_index)

    @classmethod
    def from_string(cls, spec: str) -> DeviceSpec:
        """The device that a name as ``/job:worker/gpu:0`` stands for."""
        return cls().parse_from_string(spec)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        types = {part.lower().partition(":")[0] for part in spec.split("/")}
        if len(types & {"cpu", "gpu", "device"}) > 1:
            raise ValueError(f"Cannot specify multiple device types: {spec}")
        parts = dict(part.split(":", 1) for part in merged("", spec).split("/") if part)
        kind, _, number = parts.get("device", ":").partition(":")
        self.__init__(  # type: ignore[misc]
            parts.get("job"),
            parts.get("replica"),
            parts.get("task"),
            kind or None,
            None if number in ("", "*") else int(number),
        )
        return self

    def merge_from(self, dev: DeviceSpec) -> None:
        """Take over what the other one says."""
        for name in _PARTS:
            if getattr(dev, name) is not None:
                setattr(self, name, getattr(dev, name))

    def make_merged_spec(self, dev: DeviceSpec) -> DeviceSpec:
        """A new one with what both say; where they differ, the other one counts."""
        made = self.replace()
        made.merge_from(dev)
        return made

    def replace(self, **parts: Any) -> DeviceSpec:
        """A new one with some parts changed."""
        return DeviceSpec(**{name: getattr(self, name) for name in _PARTS} | parts)

    def to_string(self) -> str:
        """``/job:worker/task:0/device:GPU:*``"""
        parts = [
            f"/{name}:{getattr(self, name)}"
            for name in _PARTS[:3]
            if getattr(self, name) is not None
        ]
        if self.device_type is not None:
            number = "*" if self.device_index is None else self.device_index
            parts.append(f"/device:{self.device_type}:{number}")
        return "".join(parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self.to_string() == other.to_string()

    def __hash__(self) -> int:
        return hash(self.to_string())

    def __repr__(self) -> str:
        return f"DeviceSpec({self.to_string()!r})"


def canonical_name(device: DeviceSpec | str | None) -> str:
    """The full form of a name: ``/device:CPU:0`` for ``/cpu:0``."""
    if device is None:
        return ""
    return device.to_string() if isinstance(device, DeviceSpec) else merged("", device)


def check_valid(spec: str) -> None:
    """Errors: ValueError for what is no name of a device."""
    DeviceSpec.from_string(spec)


def is_device_spec(obj: Any) -> bool:
    return isinstance(obj, DeviceSpec)


def merge_device(spec: Any) -> Callable[[Any], str]:
    """A function for tf.device: what an operation's own device does not say is as `spec` says."""
    name = canonical_name(spec)
    return lambda op: merged(name, canonical_name(op.device))
