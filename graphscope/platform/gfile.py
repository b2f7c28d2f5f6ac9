"""Files and folders of this computer, under TensorFlow's names (tf.gfile).

Paths of other systems (gs://, hdfs://) are not reached: they raise NotFoundError like any path
that is not there.
"""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator
from typing import Any, NamedTuple

from graphscope.errors import AlreadyExistsError, NotFoundError, PermissionDeniedError
from graphscope.kernels.files import told


class GFile:
    """A file that is opened when it is first read or written.

    mode: as for `open`; text is UTF-8. Errors: NotFoundError when there is none to read.
    """

    def __init__(self, name: Any, mode: str = "r") -> None:
        self.name = os.fspath(name)
        self.mode = mode
        self._file: Any = None

    def _opened(self) -> Any:
        if self._file is None:
            with told(self.name):
                encoding = None if "b" in self.mode else "utf-8"
                self._file = open(self.name, self.mode, encoding=encoding)  # noqa: SIM115
        return self._file

    def read(self, n: int = -1) -> Any:
        """The next n characters or bytes; the rest when n is left out."""
        if "r" not in self.mode and "+" not in self.mode:
            raise PermissionDeniedError(None, None, "File isn't open for reading")
        return self._opened().read(n)

    def readline(self) -> Any:
        return self._opened().readline()

    def readlines(self) -> list[Any]:
        lines: list[Any] = self._opened().readlines()
        return lines

    def write(self, file_content: Any) -> None:
        if not set("wa+x") & set(self.mode):
            raise PermissionDeniedError(None, None, "File isn't open for writing")
        text = file_content.decode() if isinstance(file_content, bytes) else file_content
        self._opened().write(text.encode() if "b" in self.mode else text)

    def seek(self, offset: int, whence: int = 0) -> None:
        self._opened().seek(offset, whence)

    def tell(self) -> int:
        place: int = self._opened().tell()
        return place

    def size(self) -> int:
        return Stat(self.name).length

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is None and "w" in self.mode:
            self._opened()  # a file opened to be written is there, also when nothing was
        if self._file is not None:
            self._file.close()
            self._file = None

    def __iter__(self) -> Iterator[Any]:
        return iter(self._opened())

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


Open = FastGFile = GFile


class FileStatistics(NamedTuple):
    """length: bytes. mtime_nsec: the time of the last change."""

    length: int
    mtime_nsec: int
    is_directory: bool


def Exists(filename: Any) -> bool:
    return os.path.exists(filename)


def IsDirectory(dirname: Any) -> bool:
    return os.path.isdir(dirname)


def Stat(filename: Any) -> FileStatistics:
    with told(filename):
        found = os.stat(filename)
    return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(filename))


def MkDir(dirname: Any) -> None:
    """Make a folder in a folder that is there. Errors: AlreadyExistsError, NotFoundError."""
    with told(dirname):
        os.mkdir(dirname)


def MakeDirs(dirname: Any) -> None:
    """Make a folder and those above it; nothing happens when it is there."""
    with told(dirname):
        os.makedirs(dirname, exist_ok=True)


def ListDirectory(dirname: Any) -> list[str]:
    """The names in a folder. Errors: NotFoundError when it is no folder."""
    if not os.path.isdir(dirname):
        raise NotFoundError(None, None, f"Could not find directory {os.fspath(dirname)}")
    return sorted(os.listdir(dirname))


def Glob(filename: Any) -> list[str]:
    """The paths that fit a pattern, or one of several, in order."""
    patterns = [filename] if isinstance(filename, str | os.PathLike) else filename
    return sorted(path for pattern in patterns for path in glob.glob(os.fspath(pattern)))


def Remove(filename: Any) -> None:
    with told(filename):
        os.remove(filename)


def DeleteRecursively(dirname: Any) -> None:
    """Delete a folder with all that is in it. Errors: NotFoundError."""
    with told(dirname):
        if os.path.isdir(dirname) and not os.path.islink(dirname):
            shutil.rmtree(dirname)
        else:
            os.remove(dirname)


def _free(path: Any, overwrite: bool) -> None:
    if os.path.exists(path) and not overwrite:
        raise AlreadyExistsError(None, None, "file already exists")


def Copy(oldpath: Any, newpath: Any, overwrite: bool = False) -> None:
    _free(newpath, overwrite)
    with told(oldpath):
        shutil.copyfile(oldpath, newpath)


def Rename(oldname: Any, newname: Any, overwrite: bool = False) -> None:
    _free(newname, overwrite)
    with told(oldname):
        os.replace(oldname, newname)


def Walk(top: Any, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """(folder, folders in it, files in it), from the top down, or from the bottom up."""
    return os.walk(os.fspath(top), topdown=in_order)
