"""`Scaffold`: what makes a graph ready for training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.engine.session import Session
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.ops.control_flow import group
from graphscope.ops.graph_keys import GraphKeys
from graphscope.ops.joining import concat
from graphscope.ops.resource_variable import (
    initialize_resources,
    report_uninitialized_resources,
    shared_resources,
)
from graphscope.ops.summary import merge_all
from graphscope.ops.variable_lists import (
    global_variables,
    global_variables_initializer,
    local_variables_initializer,
    report_uninitialized_variables,
    tables_initializer,
)
from graphscope.train.saver import Saver, saver_or_default

_NAMES = (
    "init_op",
    "init_feed_dict",
    "ready_op",
    "ready_for_local_init_op",
    "local_init_op",
    "summary_op",
    "saver",
)


class Scaffold:
    """What makes a graph ready for training; what is left out is made by `finalize`.

    init_op: initializes the variables. init_fn: a function of the scaffold and the session, called
    after it. local_init_op: initializes the local variables and tables. ready_op,
    ready_for_local_init_op: give the names of the variables without a value. summary_op: all
    summaries. saver: saves and restores the variables; one of all of them when left out.
    copy_from_scaffold: another one, whose values are taken where nothing is given.
    Errors: TypeError when that is no Scaffold. Source: tf.train.Scaffold.
    """

    init_op: Any
    init_feed_dict: Any
    ready_op: Any
    ready_for_local_init_op: Any
    local_init_op: Any
    summary_op: Any
    saver: Any

    def __init__(
        self,
        init_op: Any = None,
        init_feed_dict: Any = None,
        init_fn: Callable[[Scaffold, Session], Any] | None = None,
        ready_op: Any = None,
        ready_for_local_init_op: Any = None,
        local_init_op: Any = None,
        summary_op: Any = None,
        saver: Any = None,
        copy_from_scaffold: Scaffold | None = None,
    ) -> None:
        other = copy_from_scaffold
        if other is not None and not isinstance(other, Scaffold):
            raise TypeError("copy_from_scaffold is not a Scaffold instance.")
        given = (
            init_op,
            init_feed_dict,
            ready_op,
            ready_for_local_init_op,
            local_init_op,
            summary_op,
            saver,
        )
        for name, value in zip(_NAMES, given, strict=True):
            setattr(self, name, getattr(other, name, None) if value is None else value)
        self.init_fn: Callable[[Session], Any] | None = None if other is None else other.init_fn
        if init_fn is not None:
            self.init_fn = lambda session: init_fn(self, session)

    def finalize(self) -> Scaffold:
        """Make what is missing, and forbid changes of the graph from here on.

        Errors: RuntimeError when a collection has several candidates.
        """
        for name, key, make in (
            ("init_op", GraphKeys.INIT_OP, _init_op),
            ("ready_op", GraphKeys.READY_OP, _ready_op),
            ("ready_for_local_init_op", GraphKeys.READY_FOR_LOCAL_INIT_OP, _ready_for_local),
            ("local_init_op", GraphKeys.LOCAL_INIT_OP, self.default_local_init_op),
            ("summary_op", GraphKeys.SUMMARY_OP, merge_all),
        ):
            if getattr(self, name) is None:
                setattr(self, name, self.get_or_default(name, key, make))
        if self.saver is None:
            self.saver = saver_or_default()
        if isinstance(self.saver, Saver):
            self.saver.build()
        get_default_graph().finalize()
        return self

    @staticmethod
    def get_or_default(arg_name: str, collection_key: str, default_constructor: Any) -> Any:
        """What the collection holds, or what the function makes, which is put there.

        Errors: RuntimeError when it holds more than one.
        """
        graph = get_default_graph()
        kept = graph.get_collection(collection_key)
        if len(kept) > 1:
            raise RuntimeError(
                f'More than one item in the collection "{collection_key}". Say which one to use: '
                f"tf.train.Scaffold({arg_name}=...)"
            )
        if kept:
            return kept[0]
        made = default_constructor()
        if made is not None:
            graph.add_to_collection(collection_key, made)
        return made

    @staticmethod
    def default_local_init_op() -> Operation:
        """Initializes the local variables and the tables."""
        return group(local_variables_initializer(), tables_initializer(), initialize_resources([]))


def _init_op() -> Operation:
    return group(global_variables_initializer(), initialize_resources(shared_resources()))


def _ready_op() -> Tensor:
    return concat([report_uninitialized_variables(), report_uninitialized_resources()], 0)


def _ready_for_local() -> Tensor:
    missing = report_uninitialized_variables(global_variables())
    return concat([missing, report_uninitialized_resources(shared_resources())], 0)
