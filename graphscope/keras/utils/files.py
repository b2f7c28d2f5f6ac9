"""Files that Keras loads from a network: here they are looked for, and not loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphscope.errors import Lesson, teach


def get_file(
    fname: str,
    origin: str,
    untar: bool = False,
    md5_hash: Any = None,
    file_hash: Any = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: str | None = None,
) -> str:
    """The path of a file of that name in the cache, ~/.keras/datasets when nothing else is said.

    Errors: OSError when it is not there: nothing is loaded from a network.
    Source: tf.keras.utils.get_file.
    """
    folder = Path(cache_dir or Path.home() / ".keras").expanduser() / cache_subdir
    path = folder / fname
    if path.exists():
        return str(path)
    error = OSError(f"URL fetch failure on {origin}: GraphScope loads nothing from a network")
    raise teach(error, Lesson(hint=[f"load the file yourself, and put it at {path}"]))
