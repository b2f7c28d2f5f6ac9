"""`get_variable` and `variable_scope`: variables that are shared by their names.

A variable scope prefixes the names of variables, and carries what its variables have in common:
whether they are reused, their initializer, regularizer, type. It opens a name scope of the same
name too, but the names of variables follow from variable scopes alone.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphscope.errors import Lesson, teach
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import DType, as_dtype, float32, string
from graphscope.graph.graph import get_default_graph
from graphscope.graph.scopes import graph_of, name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops.initializers import GlorotUniform, Zeros
from graphscope.ops.variables import GraphKeys, Variable


class _ReuseMode(Enum):
    AUTO_REUSE = 1


#: Variables of a scope are made where they do not exist, and reused where they do.
AUTO_REUSE = _ReuseMode.AUTO_REUSE

#: Under which the default graph keeps its store; no text, so that it is no user's collection.
_KEY = ("graphscope", "variable store")


def no_regularizer(_: Any) -> None:
    """No regularization, also where the scope has one. Source: tf.no_regularizer."""


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
        self.dtype = dtype
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
        self.dtype = dtype

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

    def trainable_variables(self) -> list[Variable]:
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list[Variable]:
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list[Variable]:
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)


@dataclass
class _Store:
    """What a graph keeps: its variables by name, the scope that is open, and how often each scope
    was opened."""

    variables: dict[str, Variable] = field(default_factory=dict)
    current: VariableScope = field(default_factory=lambda: VariableScope(False))
    opened: dict[str, int] = field(default_factory=dict)

    def open(self, name: str) -> None:
        self.opened[name] = self.opened.get(name, 0) + 1

    def forget_inside(self, name: str) -> None:
        """Scopes inside this one count from the beginning when it is opened again."""
        for inner in self.opened:
            if inner.startswith(f"{name}/"):
                self.opened[inner] = 0

    def unique(self, default: str) -> str:
        """``default``, ``default_1``...: the first that was not opened in the current scope."""
        prefix = f"{self.current.name}/" if self.current.name else ""
        name, number = default, 0
        while self.opened.get(prefix + name, 0):
            number += 1
            name = f"{default}_{number}"
        return name


def _store() -> _Store:
    kept = get_default_graph().get_collection_ref(_KEY)
    if not kept:
        kept.append(_Store())
    store: _Store = kept[0]
    return store


def get_variable_scope() -> VariableScope:
    """The variable scope that is open. Source: tf.get_variable_scope."""
    return _store().current


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
        self._entered: list[ExitStack] = []

    def __enter__(self) -> VariableScope:
        with ExitStack() as stack:
            stack.enter_context(self._graph.as_default())
            scope = stack.enter_context(self._opened())
            self._entered.append(stack.pop_all())
        return scope

    def __exit__(self, *error: Any) -> None:
        self._entered.pop().__exit__(*error)

    @contextmanager
    def _opened(self) -> Iterator[VariableScope]:
        given = self._name_or_scope
        if given is None:
            if self._reuse:
                raise ValueError("reuse=True cannot be used without a name_or_scope")
            with self._name_scope(self._default_name) as prefix:
                assert self._default_name is not None
                self._name_or_scope = _store().unique(self._default_name)
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
        store = _store()
        old = store.current
        full = f"{old.name}/{name}" if old.name else name
        scope = self._changed(old, full, self._reuse or old.reuse, prefix)
        store.open(full)
        store.current = scope
        try:
            yield scope
        finally:
            store.forget_inside(full)
            self._left(store, scope, old)

    @contextmanager
    def _again(self, given: VariableScope) -> Iterator[VariableScope]:
        """A scope from before, wherever we are."""
        store = _store()
        old = store.current
        scope = self._changed(
            given, given.name, self._reuse or given.reuse, given.original_name_scope
        )
        store.open(given.name)
        opened = dict(store.opened)
        store.current = scope
        try:
            yield scope
        finally:
            store.opened = opened
            self._left(store, scope, old)

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

    def _left(self, store: _Store, scope: VariableScope, old: VariableScope) -> None:
        if store.current is not scope:
            raise RuntimeError("Improper nesting of variable_scope.")
        store.current = old


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


# ---- getting variables -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Wanted:
    """What is asked of a variable, once the scope has filled in what the call left out."""

    name: str
    shape: TensorShape
    dtype: DType
    initializer: Any
    regularizer: Any
    reuse: Any
    trainable: bool | None
    collections: Any
    validate_shape: bool
    constraint: Any


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    custom_getter: Any = None,
    constraint: Any = None,
    synchronization: Any = None,
    aggregation: Any = None,
) -> Any:
    """The variable of this name in the open variable scope: a new one, or the one there is.

    initializer: a function of a shape, a class of such, a function without arguments, or a value
    (then without `shape`); that of the scope, or glorot_uniform for floats and zeros for the rest,
    when left out. regularizer: a function of the variable; what it returns is added to
    GraphKeys.REGULARIZATION_LOSSES.
    Errors: ValueError when the scope does not reuse and there is one, when it reuses and there is
    none, when there is one of another shape or type, or when no shape is known.
    Source: tf.get_variable. A partitioner is refused with ValueError: variables have one part.
    """
    store = _store()
    scope = store.current
    if (partitioner or scope.partitioner) is not None:
        raise ValueError(f"{name}: variables are never cut into parts: leave out the partitioner")
    custom_getter = custom_getter or scope.custom_getter
    full_name = f"{scope.name}/{name}" if scope.name else name
    with get_default_graph().name_scope(None):
        if dtype is not None and initializer is not None and not callable(initializer):
            given = convert_to_tensor(initializer).dtype.base_dtype
            if given is not as_dtype(dtype).base_dtype:
                raise ValueError(
                    f"Initializer type '{given}' and explicit dtype '{as_dtype(dtype)}' don't "
                    "match."
                )
        arguments = {
            "name": full_name,
            "shape": shape,
            "dtype": as_dtype(scope.dtype if dtype is None else dtype).base_dtype,
            "initializer": scope.initializer if initializer is None else initializer,
            "regularizer": scope.regularizer if regularizer is None else regularizer,
            "reuse": scope.reuse,
            "trainable": trainable,
            "collections": collections,
            "validate_shape": validate_shape,
            "constraint": scope.constraint if constraint is None else constraint,
        }
        if custom_getter is None:
            return _get(**arguments)
        unused = ("caching_device", "partitioner", "use_resource", "synchronization", "aggregation")
        return custom_getter(_get, **arguments, **dict.fromkeys(unused))


_ORDER = ("shape", "dtype", "initializer", "regularizer")


def get_local_variable(name: str, *args: Any, **kwargs: Any) -> Any:
    """`get_variable` for a variable that is not saved, and not trained.

    Source: tf.get_local_variable.
    """
    given = kwargs.pop("collections", None)
    kwargs.pop("trainable", None)
    collections = [*(given or ()), GraphKeys.LOCAL_VARIABLES]
    arguments = dict(zip(_ORDER, args, strict=False)) | kwargs
    arguments |= {"trainable": False, "collections": collections}
    return get_variable(name, **arguments)


def _get(
    name: str,
    shape: Any = None,
    dtype: Any = float32,
    initializer: Any = None,
    regularizer: Any = None,
    reuse: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    constraint: Any = None,
    synchronization: Any = None,
    aggregation: Any = None,
) -> Variable:
    """What a custom getter calls: the variable of this full name."""
    if shape is not None and initializer is not None and not callable(initializer):
        raise ValueError("If initializer is a constant, do not specify shape.")
    wanted = _Wanted(
        name,
        as_shape(shape),
        as_dtype(dtype).base_dtype,
        initializer,
        regularizer,
        reuse,
        trainable,
        collections,
        validate_shape,
        constraint,
    )
    found = _store().variables.get(name)
    if found is not None:
        return _checked(found, wanted)
    if reuse is True:
        raise ValueError(
            f"Variable {name} does not exist, or was not created with tf.get_variable(). Did you "
            "mean to set reuse=tf.AUTO_REUSE in VarScope?"
        )
    variable = _new(wanted)
    _store().variables[name] = variable
    _regularize(variable, wanted)
    return variable


def _checked(found: Variable, wanted: _Wanted) -> Variable:
    """The variable that there is, if it may be reused and is what is asked for."""
    if wanted.reuse is False:
        error = ValueError(
            f"Variable {wanted.name} already exists, disallowed. Did you mean to set reuse=True or "
            f"reuse=tf.AUTO_REUSE in VarScope? Originally defined at:\n\n{found.op.source or '?'}"
        )
        hint = "once the program has run, tf.reset_default_graph() begins a new graph"
        raise teach(error, Lesson(node=f"{found.op.name} [variable]", hint=[hint]))
    if not wanted.shape.is_compatible_with(found.shape):
        raise ValueError(
            f"Trying to share variable {wanted.name}, but specified shape {wanted.shape} and found "
            f"shape {found.shape}."
        )
    if not wanted.dtype.is_compatible_with(found.dtype):
        raise ValueError(
            f"Trying to share variable {wanted.name}, but specified dtype {wanted.dtype.name} and "
            f"found dtype {found.dtype.name}."
        )
    return found


def _new(wanted: _Wanted) -> Variable:
    initializer = wanted.initializer
    if initializer is None:
        initializer = _default_initializer(wanted)
    dtype = None
    if inspect.isclass(initializer):
        initializer = initializer()
    if not callable(initializer):
        value = initializer
    elif wanted.shape.is_fully_defined():
        value = functools.partial(
            initializer, wanted.shape.as_list(), dtype=wanted.dtype, partition_info=None
        )
        dtype = wanted.dtype
    elif _needs_no_arguments(initializer):
        value = initializer
    else:
        raise ValueError(
            "The initializer passed is not valid. It should be a callable with no arguments and "
            "the shape should not be provided or an instance of `tf.keras.initializers.*' and "
            "`shape` should be fully defined."
        )
    return Variable(
        value,
        trainable=wanted.trainable,
        collections=wanted.collections,
        validate_shape=wanted.validate_shape,
        name=wanted.name,
        dtype=dtype,
        constraint=wanted.constraint,
    )


def _default_initializer(wanted: _Wanted) -> Any:
    dtype = wanted.dtype
    if dtype.is_floating:
        return GlorotUniform()
    if dtype.is_integer or dtype.is_bool or dtype is string:
        return Zeros()
    raise ValueError(f"An initializer for variable {wanted.name} of {dtype} is required")


def _needs_no_arguments(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind()
    except TypeError:
        return False
    return True


def _regularize(variable: Variable, wanted: _Wanted) -> None:
    if wanted.regularizer is None:
        return
    graph = variable.graph
    with graph.control_dependencies(None), name_scope(f"{wanted.name}/Regularizer/"):
        loss = wanted.regularizer(variable)
    if loss is not None:
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
