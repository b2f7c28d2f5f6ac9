"""Files that Keras loads from a network: here they are looked for, and not loaded."""

from __future__ import annotations

import tarfile
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

    untar: it is a folder, which may still be packed in a file of that name and .tar.gz.

    Errors: OSError when it is not there: nothing is loaded from a network.
    Source: tf.keras.utils.get_file.
    """
    folder = Path(cache_dir or Path.home() / ".keras").expanduser() / cache_subdir
    path = folder / fname
    archive = folder / f"{fname}.tar.gz"
    if untar and archive.is_file() and not path.exists():
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    if path.exists():
        return str(path)
    error = OSError(f"URL fetch failure on {origin}: GraphScope loads nothing from a network")
    where = archive if untar else path
    raise teach(error, Lesson(hint=[f"load the file yourself, and put it at {where}"]))
