"""`get_variable` and `variable_scope`: variables that are shared by their names.

A variable scope prefixes the names of variables, and carries what its variables have in common:
whether they are reused, their initializer, regularizer, type. It opens a name scope of the same
name too, but the names of variables follow from variable scopes alone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from graphscope.graph.dtypes import float32
from graphscope.graph.scopes import graph_of
from graphscope.ops.get_variable import get_local_variable as get_local_variable
from graphscope.ops.get_variable import get_variable as get_variable
from graphscope.ops.resource_variable import ResourceVariable as ResourceVariable
from graphscope.ops.variable_store import AUTO_REUSE as AUTO_REUSE
from graphscope.ops.variable_store import VariableScope as VariableScope
from graphscope.ops.variable_store import get_variable_scope as get_variable_scope
from graphscope.ops.variable_store import variable_store
from graphscope.ops.variables import Variable


def no_regularizer(_: Any) -> None:
    """No regularization, also where the scope has one. Source: tf.no_regularizer."""


class variable_scope:
    """Open a variable scope, and a name scope with it, for a ``with`` block.

    name_or_scope: its name, inside the one that is open; or a scope from before, to open it again.
    default_name: the name when there is none, made unique.
    values: tensors whose graph is used.
    initializer, regularizer, dtype, custom_getter, reuse: for the variables inside that do not say
    otherwise; inherited by scopes inside. reuse: True, AUTO_REUSE, or None: as outside.
    auxiliary_name_scope: False opens no name scope.
    Errors: TypeError without a name, ValueError for another value of reuse. Source:
    tf.variable_scope.
    """

    def __init__(
        self,
        name_or_scope: Any,
        default_name: str | None = None,
        values: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        reuse: Any = None,
        dtype: Any = None,
        use_resource: Any = None,
        constraint: Any = None,
        auxiliary_name_scope: bool = True,
    ) -> None:
        if default_name is None and name_or_scope is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        if reuse not in (None, True, False, AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or None.")
        if not isinstance(auxiliary_name_scope, bool):
            raise TypeError(
                f"The auxiliary_name_scope must be `True` or `False`, not {auxiliary_name_scope}"
            )
        self._name_or_scope = name_or_scope
        self._default_name = default_name
        self._graph = graph_of(values or ())
        self._reuse = reuse or None  # a scope cannot end the reuse of the one outside
        self._auxiliary = auxiliary_name_scope
        self._constraint = constraint
        changes = {
            "initializer": initializer,
            "regularizer": regularizer,
            "caching_device": caching_device,
            "partitioner": partitioner,
            "custom_getter": custom_getter,
            "dtype": dtype,
            "use_resource": use_resource,
        }
        self._changes = {name: value for name, value in changes.items() if value is not None}
        self._entered: list[tuple[VariableScope, ExitStack]] = []

    def __enter__(self) -> VariableScope:
        with ExitStack() as stack:
            stack.enter_context(self._graph.as_default())
            scope = stack.enter_context(self._opened())
            self._entered.append((scope, stack.pop_all()))
        return scope

    def __exit__(self, *error: Any) -> None:
        """Errors: RuntimeError while a scope inside is open."""
        scope, stack = self._entered[-1]
        with self._graph.as_default():
            if variable_store().current is not scope:
                raise RuntimeError("Improper nesting of variable_scope.")
        self._entered.pop()
        stack.__exit__(*error)

    @contextmanager
    def _opened(self) -> Iterator[VariableScope]:
        given = self._name_or_scope
        if given is None:
            if self._reuse:
                raise ValueError("reuse=True cannot be used without a name_or_scope")
            with self._name_scope(self._default_name) as prefix:
                assert self._default_name is not None
                self._name_or_scope = variable_store().unique(self._default_name)
                with self._inside(self._name_or_scope, prefix) as scope:
                    yield scope
        elif isinstance(given, VariableScope):
            with self._name_scope(given.name.rpartition("/")[2]), self._again(given) as scope:
                yield scope
        elif isinstance(given, str):
            with self._name_scope(given) as prefix, self._inside(given, prefix) as scope:
                yield scope
        else:
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")

    @contextmanager
    def _name_scope(self, name: str | None) -> Iterator[str]:
        """The name scope that goes with it: a new one, or the present one again."""
        graph = self._graph
        if not self._auxiliary:
            name = f"{graph.get_name_scope()}/" if graph.get_name_scope() else None
        elif not name:  # the root scope, opened again: names go on as they are
            yield ""
            return
        with graph.name_scope(name) as prefix:
            yield prefix

    @contextmanager
    def _inside(self, name: str, prefix: str) -> Iterator[VariableScope]:
        """A scope inside the current one."""
        store = variable_store()
        old = store.current
        full = f"{old.name}/{name}" if old.name else name
        scope = self._changed(old, full, self._reuse or old.reuse, prefix)
        store.open(full)
        store.current = scope
        try:
            yield scope
        finally:
            store.forget_inside(full)
            store.current = old

    @contextmanager
    def _again(self, given: VariableScope) -> Iterator[VariableScope]:
        """A scope from before, wherever we are."""
        store = variable_store()
        old = store.current
        scope = self._changed(
            given, given.name, self._reuse or given.reuse, given.original_name_scope
        )
        store.open(given.name)
        opened = {outer: dict(counts) for outer, counts in store.opened.items()}
        store.current = scope
        try:
            yield scope
        finally:
            store.opened = opened
            store.current = old

    def _changed(self, old: VariableScope, name: str, reuse: Any, prefix: str) -> VariableScope:
        scope = VariableScope(
            reuse,
            name,
            old.initializer,
            old.regularizer,
            old.caching_device,
            old.partitioner,
            old.custom_getter,
            prefix,
            old.dtype,
            old.use_resource,
            self._constraint,
        )
        for attribute, value in self._changes.items():
            setattr(scope, attribute, value)
        if "custom_getter" in self._changes and old.custom_getter is not None:
            scope.custom_getter = _nested(self._changes["custom_getter"], old.custom_getter)
        return scope


def _nested(custom_getter: Callable[..., Any], outer: Callable[..., Any]) -> Callable[..., Any]:
    """The getter of an inner scope, which calls that of the outer one where it calls the getter."""

    def both(getter: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return custom_getter(functools.partial(outer, getter), *args, **kwargs)

    return both


@contextmanager
def variable_op_scope(
    values: Any, name_or_scope: Any, default_name: str | None = None, **options: Any
) -> Iterator[VariableScope]:
    """`variable_scope` with its arguments in the order of 2016. Source: tf.variable_op_scope."""
    with variable_scope(name_or_scope, default_name, values, **options) as scope:
        yield scope


def variable(
    initial_value: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    validate_shape: bool = True,
    caching_device: Any = None,
    name: str | None = None,
    dtype: Any = None,
    **options: Any,
) -> Any:
    """A new `Variable`. Source: tensorflow.python.ops.variable_scope.variable."""
    return Variable(
        initial_value,
        trainable,
        collections,
        validate_shape,
        caching_device,
        name,
        dtype=dtype,
        **options,
    )


def create_partitioned_variables(
    shape: Any,
    slicing: Any,
    initializer: Any,
    dtype: Any = float32,
    trainable: bool = True,
    collections: Any = None,
    name: str | None = None,
    reuse: Any = None,
) -> list[Any]:
    """The parts of a variable, as many along each axis as `slicing` says.

    Source: tf.create_partitioned_variables. Errors: ValueError when the ranks differ, or are 0.
    """
    if len(shape) != len(slicing):
        raise ValueError(
            "The 'shape' and 'slicing' of a partitioned Variable must have the length: shape: "
            f"{shape}, slicing: {slicing}"
        )
    if len(shape) < 1:
        raise ValueError(f"A partitioned Variable must have rank at least 1: shape: {shape}")
    with variable_scope(name, "PartitionedVariable", reuse=reuse):
        made = get_variable(
            None,
            shape,
            dtype,
            initializer,
            trainable=trainable,
            collections=collections,
            partitioner=lambda **_: slicing,
        )
        return list(made)
