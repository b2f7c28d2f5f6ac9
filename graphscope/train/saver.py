"""`Saver`: checkpoints of a session's variables, and the graph beside them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from numbers import Integral
from typing import Any

from graphscope.engine.session import Session
from graphscope.errors import InvalidArgumentError, NotFoundError, OpError
from graphscope.formats import exporting, meta_graphs
from graphscope.formats.messages import MetaGraphDef, SaverDef
from graphscope.graph.graph import get_default_graph
from graphscope.ops.graph_keys import GraphKeys
from graphscope.platform import logging
from graphscope.train.checkpoint_state import (
    checkpoint_exists,
    get_checkpoint_mtimes,
    meta_graph_filename,
    remove_checkpoint,
    update_checkpoint_state,
)
from graphscope.train.global_step import global_step as value_of_step
from graphscope.train.saveables import all_saveable_objects, saveables_of
from graphscope.train.saver_graph import build

__all__ = ["Saver", "export_meta_graph", "import_meta_graph"]

_MISMATCH = (
    "Restoring from checkpoint failed. This is most likely due to a {} the checkpoint. Please "
    "ensure that you have not altered the graph expected based on the checkpoint. Original error:"
)


class Saver:
    """Saves the variables of a session into checkpoints, and restores them.

    var_list: a list of variables, or a dictionary of them by the names under which they are saved;
    all that can be saved when left out. reshape: a value takes the shape of its variable. sharded:
    a file for each device, and one checkpoint of them. max_to_keep: how many checkpoints are kept,
    the newest; all with 0 or None. keep_checkpoint_every_n_hours: one in so many hours is kept
    beside. allow_empty: without variables nothing is saved. defer_build: the operations are made
    by `build`. save_relative_paths: for a folder that is to be moved. saver_def: one whose
    operations are there. write_version: accepted; checkpoints are of the second version.
    Errors: ValueError without variables, or with two of one name; TypeError for what is none.
    Source: tf.train.Saver.
    """

    def __init__(
        self,
        var_list: Any = None,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        restore_sequentially: bool = False,
        saver_def: SaverDef | None = None,
        builder: Any = None,
        defer_build: bool = False,
        allow_empty: bool = False,
        write_version: int = SaverDef.V2,
        pad_step_number: bool = False,
        save_relative_paths: bool = False,
        filename: str | None = None,
    ) -> None:
        if defer_build and var_list:
            raise ValueError(
                "If `var_list` is provided then build cannot be deferred. Either set "
                "defer_build=False or var_list=None."
            )
        self._var_list, self._name, self._filename = var_list, name, filename
        self._reshape, self._sharded, self._allow_empty = reshape, sharded, allow_empty
        self._max_to_keep = max_to_keep or 0
        self._hours = keep_checkpoint_every_n_hours
        self._pad, self._relative = pad_step_number, save_relative_paths
        self._is_empty = False
        self.saver_def = saver_def
        #: The checkpoints that are kept, the oldest first, each with the time of its saving.
        self._kept: list[tuple[str, float]] = []
        self._next_kept = time.time() + self._hours * 3600
        if saver_def is not None:
            self._check(saver_def)
        elif not defer_build:
            self.build()

    def build(self) -> None:
        """Make the operations, when that was deferred. Errors: as for making a Saver."""
        if self.saver_def is not None or self._is_empty:
            return
        variables = all_saveable_objects() if self._var_list is None else self._var_list
        if not variables:
            if not self._allow_empty:
                raise ValueError("No variables to save")
            self._is_empty = True
            return
        self.saver_def = build(
            saveables_of(variables),
            name=self._name,
            filename=self._filename,
            sharded=self._sharded,
            reshape=self._reshape,
            max_to_keep=self._max_to_keep,
            keep_checkpoint_every_n_hours=self._hours,
        )

    def _check(self, saver_def: SaverDef) -> None:
        """Errors: ValueError for a definition that is not whole."""
        if not isinstance(saver_def, SaverDef):
            raise ValueError(f"saver_def must be a saver_pb2.SaverDef: {saver_def!r}")
        for part in ("save_tensor_name", "restore_op_name"):
            if not getattr(saver_def, part):
                raise ValueError(f"saver_def must specify the {part}: {saver_def}")
        self._max_to_keep = saver_def.max_to_keep
        self._hours = saver_def.keep_checkpoint_every_n_hours
        self._next_kept = time.time() + self._hours * 3600

    # ---- what is kept --------------------------------------------------------------------------

    @property
    def last_checkpoints(self) -> list[str]:
        """The checkpoints that were saved and not deleted, the oldest first."""
        return [path for path, _ in self._kept]

    def set_last_checkpoints(self, last_checkpoints: Sequence[str]) -> None:
        """The checkpoints that are kept, the oldest first, of unknown times."""
        self._kept = [(path, float("inf")) for path in last_checkpoints]

    def set_last_checkpoints_with_time(self, pairs: Sequence[tuple[str, float]]) -> None:
        """The checkpoints that are kept, the oldest first, with the times of their saving."""
        self._kept = list(pairs)

    def recover_last_checkpoints(self, checkpoint_paths: Sequence[str]) -> None:
        """Go on with the checkpoints of an earlier process, those of them that are there."""
        there = [path for path in checkpoint_paths if checkpoint_exists(path)]
        self._kept = list(zip(there, get_checkpoint_mtimes(there), strict=True))

    def _record(self, path: str) -> list[str]:
        """Note a new checkpoint. Returns the oldest, which are too many now."""
        if not self._max_to_keep:
            return []
        too_many = []
        self._kept = [(other, at) for other, at in self._kept if other != path]
        self._kept.append((path, time.time()))
        while len(self._kept) > self._max_to_keep:
            oldest, at = self._kept.pop(0)
            if at > self._next_kept:
                self._next_kept += self._hours * 3600
            else:
                too_many.append(oldest)
        return too_many

    # ---- saving and restoring ------------------------------------------------------------------

    def save(
        self,
        sess: Session,
        save_path: Any,
        global_step: Any = None,
        latest_filename: str | None = None,
        meta_graph_suffix: str = "meta",
        write_meta_graph: bool = True,
        write_state: bool = True,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> str | None:
        """Write the variables of the session, and the graph. Returns the path of the checkpoint.

        global_step: a number, or a tensor or variable whose value is put behind `save_path`.
        latest_filename: of the file that names the newest checkpoint; "checkpoint" when left out.
        Errors: TypeError without a session, ValueError for names that do not go together,
        FailedPreconditionError for a variable without a value. Source: tf.train.Saver.save.
        """
        name = latest_filename or "checkpoint"
        path = os.fsdecode(os.fspath(save_path))
        if os.path.split(name)[0]:
            raise ValueError("'latest_filename' must not contain path components")
        if os.path.basename(path) == name and not self._sharded:
            raise ValueError(f"'latest_filename' collides with 'save_path': '{name}' and '{path}'")
        if global_step is not None:
            if not isinstance(global_step, Integral):
                global_step = value_of_step(sess, global_step)
            path = f"{path}-{global_step:08d}" if self._pad else f"{path}-{global_step}"
        session = _session(sess)
        if not self._is_empty:
            definition = self._definition("save")
            session.run(definition.save_tensor_name, {definition.filename_tensor_name: path})
            if write_state:
                too_many = self._record(path)
                update_checkpoint_state(
                    os.path.dirname(path) or ".",
                    path,
                    self.last_checkpoints,
                    name,
                    save_relative_paths=self._relative,
                )
                for oldest in too_many:  # nothing names them any more
                    _removed(oldest, meta_graph_suffix)
        if write_meta_graph:
            with session.graph.as_default():
                self.export_meta_graph(
                    meta_graph_filename(path, meta_graph_suffix),
                    strip_default_attrs=strip_default_attrs,
                )
        return None if self._is_empty else path

    def restore(self, sess: Session, save_path: Any) -> None:
        """Give the variables of the session the values of a checkpoint.

        Errors: ValueError when there is no checkpoint; NotFoundError for a variable that is not in
        it; InvalidArgumentError for a value of another shape; DataLossError for a damaged file.
        Source: tf.train.Saver.restore.
        """
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        path = os.fsdecode(os.fspath(save_path))
        if not checkpoint_exists(path):
            raise ValueError(f"The passed save_path is not a valid checkpoint: {path}")
        logging.info("Restoring parameters from %s", path)
        definition = self._definition("restore")
        try:
            _session(sess).run(definition.restore_op_name, {definition.filename_tensor_name: path})
        except NotFoundError as error:
            why = "Variable name or other graph key that is missing from"
            raise _explained(error, why) from error.__cause__
        except InvalidArgumentError as error:
            why = "mismatch between the current graph and the graph from"
            raise _explained(error, why) from error.__cause__

    def _definition(self, function: str) -> SaverDef:
        """Errors: RuntimeError before `build`."""
        if self.saver_def is None:
            raise RuntimeError(f"`build()` should be called before {function} if defer_build==True")
        return self.saver_def

    # ---- messages ------------------------------------------------------------------------------

    def as_saver_def(self) -> SaverDef | None:
        """How its operations are called, and what is kept. Source: tf.train.Saver.as_saver_def."""
        return self.saver_def

    def to_proto(self, export_scope: str | None = None) -> SaverDef | None:
        """The same, with the scope left out of the names; None when it is not in the scope."""
        definition = self._definition("to_proto")
        if export_scope is None:
            return definition
        prefix = f"{export_scope}/"
        if not definition.filename_tensor_name.startswith(prefix):
            return None
        return meta_graphs.renamed(definition, lambda name: name.removeprefix(prefix))

    @staticmethod
    def from_proto(saver_def: SaverDef, import_scope: str | None = None) -> Saver:
        """A Saver whose operations are there. Source: tf.train.Saver.from_proto."""
        prefix = f"{import_scope}/" if import_scope else ""
        named = meta_graphs.renamed(saver_def, lambda name: prefix + name)
        return Saver(saver_def=named, name=import_scope)

    def export_meta_graph(
        self,
        filename: Any = None,
        collection_list: Sequence[str] | None = None,
        as_text: bool = False,
        export_scope: str | None = None,
        clear_devices: bool = False,
        clear_extraneous_savers: bool = False,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> MetaGraphDef:
        """The graph with its collections and this Saver; written to a file, if one is named."""
        return export_meta_graph(
            filename,
            collection_list=collection_list,
            saver_def=self.saver_def,
            as_text=as_text,
            export_scope=export_scope,
            clear_devices=clear_devices,
            strip_default_attrs=strip_default_attrs,
        )


def _removed(path: str, suffix: str) -> None:
    try:
        remove_checkpoint(path, meta_graph_suffix=suffix)
    except OpError as error:
        logging.warning("Ignoring: %s", error)


def saver_or_default() -> Saver:
    """The Saver of the default graph, or a new one of all its variables, which becomes that.

    Errors: RuntimeError when the graph has several.
    """
    graph = get_default_graph()
    kept = graph.get_collection(GraphKeys.SAVERS)
    if len(kept) > 1:
        raise RuntimeError(
            f"More than one item in collection {GraphKeys.SAVERS}. Please indicate which one to "
            "use by passing it to the constructor."
        )
    if kept:
        saver: Saver = kept[0]
        return saver
    made = Saver(sharded=True, allow_empty=True)
    graph.add_to_collection(GraphKeys.SAVERS, made)
    return made


def _session(sess: Any) -> Session:
    """The session itself. Errors: TypeError for something else."""
    inner = sess
    while not isinstance(inner, Session) and hasattr(inner, "_sess"):
        inner = inner._sess
    if not isinstance(inner, Session) and hasattr(inner, "raw_session"):
        inner = inner.raw_session()
    if not isinstance(inner, Session):
        raise TypeError(f"'sess' must be a Session; {sess}")
    return inner


def _explained(error: OpError, why: str) -> OpError:
    """The error of a failed restoring, with what it means before its message."""
    text = f"{_MISMATCH.format(why)}\n\n{error.message}"
    explained = type(error)(error.node_def, error.op, text)
    explained.__dict__.update(
        {name: value for name, value in error.__dict__.items() if name not in explained.__dict__}
    )
    return explained


def export_meta_graph(
    filename: Any = None,
    meta_info_def: Any = None,
    graph_def: Any = None,
    saver_def: SaverDef | None = None,
    collection_list: Sequence[str] | None = None,
    as_text: bool = False,
    graph: Any = None,
    export_scope: str | None = None,
    clear_devices: bool = False,
    clear_extraneous_savers: bool = False,
    strip_default_attrs: bool = False,
    save_debug_info: bool = False,
    **kwargs: Any,
) -> MetaGraphDef:
    """The default graph with its collections, as a message; written to a file, if one is named.

    collection_list: which collections; all when left out. export_scope: only what is in that name
    scope, with the scope left out of the names. Source: tf.train.export_meta_graph.
    """
    exported = meta_graphs.exported(
        graph or get_default_graph(),
        graph_def=graph_def,
        saver_def=saver_def,
        collections=collection_list,
        scope=export_scope,
        clear_devices=clear_devices,
        meta_info_def=meta_info_def,
    )
    if filename is not None:
        exporting.write_message(os.fsdecode(os.fspath(filename)), exported, as_text)
    return exported


def import_meta_graph(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    import_scope: str | None = None,
    **kwargs: Any,
) -> Saver | None:
    """Put a saved graph into the default graph, with its collections. Returns its Saver, or one of
    all its variables; None when it has neither.

    import_scope: the name scope of all names. kwargs: as for `import_graph_def`, input_map and
    return_elements. Errors: OSError when there is no such file, or it is no meta graph.
    Source: tf.train.import_meta_graph.
    """
    if isinstance(meta_graph_or_file, MetaGraphDef):
        meta_graph = meta_graph_or_file
    else:
        meta_graph = meta_graphs.read(os.fsdecode(os.fspath(meta_graph_or_file)))
    scope = meta_graphs.imported(
        meta_graph,
        scope=import_scope,
        clear_devices=clear_devices,
        input_map=kwargs.get("input_map"),
    )
    if meta_graph.HasField("saver_def"):
        return Saver.from_proto(meta_graph.saver_def, scope or None)
    if all_saveable_objects():
        return Saver()
    return None
