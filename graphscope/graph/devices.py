"""Names of devices, as operations carry them: ``/job:worker/task:0/device:GPU:1``.

They say what a script asked for. Here all of them run on the one device that there is.
"""

from __future__ import annotations

from collections.abc import Mapping

_ORDER = ("job", "replica", "task", "device")


def merged(outer: str, inner: str) -> str:
    """The device inside two scopes: what the inner one does not say is as the outer one says.

    Errors: ValueError for what is no name of a device.
    """
    return _name(_parts(outer) | _parts(inner))


def _parts(name: str) -> dict[str, str]:
    """``/cpu:0`` is short for ``/device:CPU:0``."""
    found: dict[str, str] = {}
    for part in name.split("/"):
        key, _, value = part.partition(":")
        if key in _ORDER[:3]:
            found[key] = value
        elif key.lower() in ("cpu", "gpu"):
            found["device"] = f"{key.upper()}:{value or '*'}"
        elif key == "device":
            kind, _, number = value.partition(":")
            found["device"] = f"{kind.upper()}:{number or '*'}"
        elif part:
            raise ValueError(
                f"Unknown attribute: {key!r} in {name!r}, which is no name of a device"
            )
    return found


def _name(parts: Mapping[str, str]) -> str:
    return "".join(f"/{key}:{parts[key]}" for key in _ORDER if key in parts)
