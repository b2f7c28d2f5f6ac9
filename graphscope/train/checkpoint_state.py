"""The file ``checkpoint`` in a folder, which says what has been saved there; and what is there.

A path in that file that leads out of the folder is looked for in the folder: a folder that was
moved still works, and a file of strangers names nothing elsewhere.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Sequence
from typing import Any

from graphscope.errors import OpError
from graphscope.formats.messages import CheckpointState
from graphscope.kernels.files import content, told, write_whole
from graphscope.platform import logging, textformat

_DEFAULT_NAME = "checkpoint"


def _text(path: Any) -> str:
    return os.fsdecode(os.fspath(path))


def generate_checkpoint_state_proto(
    save_dir: Any,
    model_checkpoint_path: Any,
    all_model_checkpoint_paths: Sequence[Any] | None = None,
    all_model_checkpoint_timestamps: Any = None,
    last_preserved_timestamp: Any = None,
) -> CheckpointState:
    """What the file will say. Paths are relative to it where `save_dir` is relative.

    Errors: ValueError for other than as many timestamps as paths.
    Source: tf.train.generate_checkpoint_state_proto.
    """
    folder, newest = _text(save_dir), _text(model_checkpoint_path)
    paths = [_text(path) for path in all_model_checkpoint_paths or []]
    if newest not in paths:
        paths.append(newest)
    times = list(all_model_checkpoint_timestamps or [])
    if times and len(times) != len(paths):
        raise ValueError(
            "Checkpoint timestamps, if provided, must match checkpoint paths (got paths "
            f"{paths} and timestamps {times})"
        )
    if not os.path.isabs(folder):
        newest, *paths = (
            path if os.path.isabs(path) else os.path.relpath(path, folder)
            for path in (newest, *paths)
        )
    return CheckpointState(
        model_checkpoint_path=newest,
        all_model_checkpoint_paths=paths,
        all_model_checkpoint_timestamps=times,
        last_preserved_timestamp=last_preserved_timestamp,
    )


def update_checkpoint_state(
    save_dir: Any,
    model_checkpoint_path: Any,
    all_model_checkpoint_paths: Sequence[Any] | None = None,
    latest_filename: str | None = None,
    all_model_checkpoint_timestamps: Any = None,
    last_preserved_timestamp: Any = None,
    save_relative_paths: bool = False,
) -> None:
    """Write the file, at once or not at all.

    Errors: RuntimeError when a checkpoint has the file's name. Source:
    tf.train.update_checkpoint_state.
    """
    file = _state_file(save_dir, latest_filename)
    newest, paths = _text(model_checkpoint_path), list(all_model_checkpoint_paths or [])
    if save_relative_paths:
        newest = _inside(save_dir, newest)
        paths = [_inside(save_dir, path) for path in paths]
    state = generate_checkpoint_state_proto(
        save_dir, newest, paths, all_model_checkpoint_timestamps, last_preserved_timestamp
    )
    if file == state.model_checkpoint_path:
        raise RuntimeError(
            f"Save path '{newest}' conflicts with path used for checkpoint state.  Please use a "
            "different save path."
        )
    write_whole(file, str(state).encode())


def _inside(folder: Any, path: Any) -> str:
    path = _text(path)
    return os.path.relpath(path, _text(folder)) if os.path.isabs(path) else path


def _state_file(folder: Any, name: str | None) -> str:
    return os.path.join(_text(folder), name or _DEFAULT_NAME)


def get_checkpoint_state(
    checkpoint_dir: Any, latest_filename: str | None = None
) -> CheckpointState | None:
    """What the file in the folder says, its paths as they can be opened; None without one.

    Source: tf.train.get_checkpoint_state.
    """
    folder = _text(checkpoint_dir)
    file = _state_file(folder, latest_filename)
    if not os.path.isfile(file):
        return None
    try:
        state = state_in(file)
    except (OpError, ValueError, TypeError) as error:
        logging.warning("%s: %s", type(error).__name__, error)
        logging.warning("%s: Checkpoint ignored", file)
        return None
    if not state.model_checkpoint_path:
        logging.error(
            "Invalid checkpoint state loaded from %s: no model_checkpoint_path.", checkpoint_dir
        )
        return None
    state.model_checkpoint_path = beside(folder, state.model_checkpoint_path)
    state.all_model_checkpoint_paths[:] = [
        beside(folder, path) for path in state.all_model_checkpoint_paths
    ]
    return state


def state_in(file: str) -> CheckpointState:
    """What a file says, its paths as they stand there.

    Errors: ValueError and TypeError for what is no such file, and those of `content`.
    """
    state = CheckpointState()
    textformat.merge(content(file).decode(), state)
    return state


def beside(folder: str, path: str) -> str:
    """A path of the file, seen from here: one that leads out of its folder is the same name in
    it."""
    joined = os.path.join(folder, path)
    own, there = os.path.realpath(folder), os.path.realpath(joined)
    if os.path.commonpath([own, there]) == own and "\\" not in path:
        return joined
    return os.path.join(folder, re.split(r"[\\/]", path)[-1])


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """The path of the newest checkpoint in the folder; None without one.

    Source: tf.train.latest_checkpoint.
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    newest: str = state.model_checkpoint_path
    if checkpoint_exists(newest):
        return newest
    logging.error("Couldn't match files for checkpoint %s", newest)
    return None


def checkpoint_exists(checkpoint_prefix: Any) -> bool:
    """Whether there is a checkpoint of either version. Source: tf.train.checkpoint_exists."""
    return bool(_newest_files(_text(checkpoint_prefix)))


def _newest_files(prefix: str) -> list[str]:
    """The index of a checkpoint of the second version, or the files of one of the first."""
    if os.path.exists(prefix + ".index"):
        return [prefix + ".index"]
    if os.path.isfile(prefix):
        return [prefix]
    return sorted(glob.glob(glob.escape(prefix) + "-?????-of-?????"))


def get_checkpoint_mtimes(checkpoint_prefixes: Iterable[Any]) -> list[float]:
    """When each checkpoint was written, in seconds since 1970; those that are not there are left
    out. Source: tf.train.get_checkpoint_mtimes."""
    files = (_newest_files(_text(prefix)) for prefix in checkpoint_prefixes)
    return [os.path.getmtime(found[0]) for found in files if found]


def remove_checkpoint(
    checkpoint_prefix: Any, checkpoint_format_version: int = 2, meta_graph_suffix: str = "meta"
) -> None:
    """Remove the files of a checkpoint, and its graph. Source: tf.train.remove_checkpoint."""
    prefix = _text(checkpoint_prefix)
    escaped = glob.escape(prefix)
    patterns = (".index", ".data-?????-of-?????", "-?????-of-?????")
    found = [path for pattern in patterns for path in glob.glob(escaped + pattern)]
    for path in [meta_graph_filename(prefix, meta_graph_suffix), prefix, *found]:
        if os.path.isfile(path):
            with told(path):
                os.remove(path)


def meta_graph_filename(checkpoint_filename: Any, meta_graph_suffix: str = "meta") -> str:
    """Where the graph of a checkpoint is. Source: tensorflow.python.training.
    checkpoint_management.meta_graph_filename."""
    name = re.sub(r"-[\d\?]+-of-\d+$", "", _text(checkpoint_filename))
    return f"{name}.{meta_graph_suffix}"
