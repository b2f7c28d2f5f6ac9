"""What a graph knows of its variables: those of `get_variable` by name, the scope that is open, and
who makes new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphscope.graph.dtypes import as_dtype, float32
from graphscope.graph.graph import Graph, get_default_graph
from graphscope.later import Member
from graphscope.ops.graph_keys import GraphKeys


class _ReuseMode(Enum):
    AUTO_REUSE = 1


#: Variables of a scope are made where they do not exist, and reused where they do.
AUTO_REUSE = _ReuseMode.AUTO_REUSE

#: Under which the default graph keeps its store; no text, so that it is no user's collection.
_KEY = ("graphscope", "variable store")


class VariableScope:
    """What the variables of a scope have in common. Source: tf.VariableScope.

    name: the prefix of their names. reuse: False, True or AUTO_REUSE.
    original_name_scope: the name scope that was opened with it, ``scope/``.
    """

    def __init__(
        self,
        reuse: Any,
        name: str = "",
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        name_scope: str = "",
        dtype: Any = float32,
        use_resource: Any = None,
        constraint: Any = None,
    ) -> None:
        self.reuse = reuse
        self.name = name
        self.initializer = initializer
        self.regularizer = regularizer
        self.caching_device = caching_device
        self.partitioner = partitioner
        self.custom_getter = custom_getter
        self.original_name_scope = name_scope
        self.dtype = as_dtype(dtype)
        self.use_resource = use_resource
        self.constraint = constraint

    def reuse_variables(self) -> None:
        """From here on variables of this scope are reused; none is made."""
        self.reuse = True

    def set_initializer(self, initializer: Any) -> None:
        self.initializer = initializer

    def set_regularizer(self, regularizer: Any) -> None:
        self.regularizer = regularizer

    def set_dtype(self, dtype: Any) -> None:
        self.dtype = as_dtype(dtype)

    def set_custom_getter(self, custom_getter: Any) -> None:
        self.custom_getter = custom_getter

    def set_partitioner(self, partitioner: Any) -> None:
        self.partitioner = partitioner

    def set_caching_device(self, caching_device: Any) -> None:
        self.caching_device = caching_device

    def set_use_resource(self, use_resource: Any) -> None:
        self.use_resource = use_resource

    def get_collection(self, name: str) -> list[Any]:
        """The items of a collection that are of this scope."""
        return get_default_graph().get_collection(name, f"{self.name}/" if self.name else "")

    def trainable_variables(self) -> list[Any]:
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list[Any]:
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list[Any]:
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)


@dataclass
class Store:
    """What a graph keeps: its variables by name, whole and in parts, the scope that is open, how
    often each scope was opened, and the functions that stand between a call of `Variable` and the
    variable.

    opened: by the scope around, and the name inside it.
    """

    variables: dict[str, Any] = field(default_factory=dict)
    in_parts: dict[str, Any] = field(default_factory=dict)
    current: VariableScope = field(default_factory=lambda: VariableScope(False))
    opened: dict[str, dict[str, int]] = field(default_factory=dict)
    creators: list[Callable[..., Any]] = field(default_factory=list)

    get_variable = Member("get_variable", "graphscope.ops.get_variable")

    @property
    def _vars(self) -> dict[str, Any]:
        """The variables, under the name by which TensorFlow's own tests read them."""
        return self.variables

    def open(self, name: str) -> None:
        outer = ""
        *around, last = name.split("/")
        for part in around:
            self.opened.setdefault(outer, {}).setdefault(part, 0)
            outer = f"{outer}/{part}" if outer else part
        counts = self.opened.setdefault(outer, {})
        counts[last] = counts.get(last, 0) + 1

    def _times_opened(self, name: str) -> int:
        outer, _, last = name.rpartition("/")
        return self.opened.get(outer, {}).get(last, 0)

    def forget_inside(self, name: str) -> None:
        """Scopes inside this one count from the beginning when it is opened again."""
        for outer in (queue := [name]):
            queue += [f"{outer}/{part}" for part in self.opened.pop(outer, ())]

    def unique(self, default: str) -> str:
        """``default``, ``default_1``...: the first that was not opened in the current scope."""
        prefix = f"{self.current.name}/" if self.current.name else ""
        name, number = default, 0
        while self._times_opened(prefix + name):
            number += 1
            name = f"{default}_{number}"
        return name


def variable_store() -> Store:
    """The store of the default graph."""
    kept = get_default_graph().get_collection_ref(_KEY)
    if not kept:
        kept.append(Store())
    store: Store = kept[0]
    return store


@contextmanager
def with_variable_store(store: Store) -> Iterator[None]:
    """Variables are got from, and made in, another store of the default graph, inside the block."""
    kept = get_default_graph().get_collection_ref(_KEY)
    before, kept[:] = list(kept), [store]
    try:
        yield
    finally:
        kept[:] = before


class EagerVariableStore:
    """A store of its own: variables got inside ``with store.as_default()`` are shared there alone.

    Source: tf.contrib.eager.EagerVariableStore; here it keeps variables of the graph.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store or Store()

    def as_default(self) -> AbstractContextManager[None]:
        return with_variable_store(self._store)

    def variables(self) -> list[Any]:
        return sorted(self._store.variables.values(), key=lambda variable: variable.name)

    def trainable_variables(self) -> list[Any]:
        return [variable for variable in self.variables() if variable.trainable]

    def non_trainable_variables(self) -> list[Any]:
        return [variable for variable in self.variables() if not variable.trainable]


def get_variable_scope() -> VariableScope:
    """The variable scope that is open. Source: tf.get_variable_scope."""
    return variable_store().current


@contextmanager
def variable_creator_scope(variable_creator: Callable[..., Any]) -> Iterator[None]:
    """Variables made inside are made by ``variable_creator(next_creator, **kwargs)``.

    It calls `next_creator` with the arguments, changed or not, or returns something else. Of
    several the innermost is asked first. Source: tf.variable_creator_scope.
    """
    store = variable_store()
    before = store.creators
    store.creators = own = [*before, variable_creator]
    try:
        yield
    finally:
        if store.creators is not own:
            raise RuntimeError(
                "Exiting variable_creator_scope without proper nesting: another one is still open"
            )
        store.creators = before


def _set_creators(_: Graph, creators: list[Callable[..., Any]]) -> None:
    variable_store().creators = creators


# Under TensorFlow's name: what a test puts back that leaves a scope without leaving it.
setattr(  # noqa: B010
    Graph,
    "_variable_creator_stack",
    property(lambda _: variable_store().creators, _set_creators),
)


# ---- which kind of variable --------------------------------------------------------------------


@dataclass
class _Default:
    resource: bool = False


_DEFAULT = _Default()


def enable_resource_variables() -> None:
    """Variables are resource variables where nobody says otherwise.

    Source: tf.enable_resource_variables.
    """
    _DEFAULT.resource = True


def disable_resource_variables() -> None:
    """Variables are ref variables where nobody says otherwise, as from the beginning.

    Source: tf.disable_resource_variables.
    """
    _DEFAULT.resource = False


def resource_variables_enabled() -> bool:
    """Whether variables are resource variables where nobody says otherwise.

    Source: tf.resource_variables_enabled.
    """
    return _DEFAULT.resource


def is_resource_wanted(use_resource: bool | None) -> bool:
    """What was asked for, else what the open scope says, else the default of the program."""
    if use_resource is None:
        use_resource = get_variable_scope().use_resource
    return _DEFAULT.resource if use_resource is None else bool(use_resource)
