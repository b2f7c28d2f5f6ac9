"""Files that lie beside the program that asks for them (tf.resource_loader)."""

from __future__ import annotations

import os
import sys


def _folder_of_caller() -> str:
    return os.path.dirname(os.path.abspath(sys._getframe(2).f_code.co_filename))


def get_data_files_path() -> str:
    """The folder of the file that calls this."""
    return _folder_of_caller()


def get_root_dir_with_all_resources() -> str:
    """The folder of the file that calls this."""
    return _folder_of_caller()


def get_path_to_datafile(path: str) -> str:
    """A path beside the file that calls this."""
    return os.path.join(_folder_of_caller(), path)


def load_resource(path: str) -> bytes:
    """The contents of a file beside the file that calls this. Errors: FileNotFoundError."""
    with open(os.path.join(_folder_of_caller(), path), "rb") as file:
        return file.read()


def readahead_file_path(path: str, readahead: str = "128M") -> str:
    """The path as it is."""
    return path
