"""Files and folders under the names of tf.io.gfile: those of Python's own modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphscope.platform import gfile
from graphscope.platform.gfile import GFile as GFile


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    gfile.Copy(src, dst, overwrite)


def exists(path: Any) -> bool:
    return gfile.Exists(path)


def glob(pattern: Any) -> list[str]:
    """The files that match, or that match one of several patterns."""
    return gfile.Glob(pattern)


def isdir(path: Any) -> bool:
    return gfile.IsDirectory(path)


def listdir(path: Any) -> list[str]:
    return gfile.ListDirectory(path)


def makedirs(path: Any) -> None:
    gfile.MakeDirs(path)


def mkdir(path: Any) -> None:
    gfile.MkDir(path)


def remove(path: Any) -> None:
    gfile.Remove(path)


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    gfile.Rename(src, dst, overwrite)


def rmtree(path: Any) -> None:
    gfile.DeleteRecursively(path)


def stat(path: Any) -> gfile.FileStatistics:
    return gfile.Stat(path)


def walk(
    top: Any, topdown: bool = True, onerror: Any = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """(folder, folders in it, files in it). onerror: without effect."""
    return gfile.Walk(top, topdown)
