"""What a session says of the devices that it runs on: there is one, under one or more names."""

from __future__ import annotations

from typing import Any

from graphscope.graph.devices import merged


class DeviceAttributes:
    """A device. Source: what tf.Session.list_devices lists."""

    def __init__(
        self, name: str, device_type: str, memory_limit_bytes: int, incarnation: int
    ) -> None:
        self.name = merged("", name)
        self.device_type = device_type
        self.memory_limit_bytes = memory_limit_bytes
        self.incarnation = incarnation

    def __repr__(self) -> str:
        return (
            f"_DeviceAttributes({self.name}, {self.device_type}, {self.memory_limit_bytes}, "
            f"{self.incarnation})"
        )


def devices(config: Any) -> list[DeviceAttributes]:
    """As many processors as the settings ask for: names of the one that there is."""
    count = getattr(config, "device_count", {}).get("CPU", 1)
    where = "/job:localhost/replica:0/task:0/device:CPU"
    return [DeviceAttributes(f"{where}:{i}", "CPU", 0, 0) for i in range(count)]
