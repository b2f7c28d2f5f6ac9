"""`make_template`: a function that makes its variables when it is first called, and shares them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from graphscope.graph.graph import get_default_graph
from graphscope.ops.graph_keys import GraphKeys
from graphscope.ops.variable_scope import variable_scope
from graphscope.ops.variable_store import VariableScope


class Template:
    """A function with a variable scope of its own, in which all its calls are.

    Errors: ValueError for no name, and when a later call makes a trained variable.
    Source: the object that tf.make_template returns.
    """

    def __init__(
        self,
        name: str,
        func: Callable[..., Any],
        create_scope_now: bool = False,
        unique_name: str | None = None,
        custom_getter: Any = None,
    ) -> None:
        if name is None:
            raise ValueError("name cannot be None.")
        self._name, self._func = name, func
        self._unique_name, self._custom_getter = unique_name, custom_getter
        self._scope: VariableScope | None = None
        self._called = False
        if create_scope_now:
            with self._first_scope(auxiliary_name_scope=False) as scope:
                self._scope = scope

    def _first_scope(self, **options: Any) -> variable_scope:
        return variable_scope(
            self._unique_name, self._name, custom_getter=self._custom_getter, **options
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._scope is None:
            opened = self._first_scope()
        else:
            opened = variable_scope(self._scope, reuse=self._called)
        with opened as scope:
            self._scope = self._scope or scope
            trained = len(self._of(GraphKeys.TRAINABLE_VARIABLES, None))
            result = self._func(*args, **kwargs)
            new = self._of(GraphKeys.TRAINABLE_VARIABLES, None)[trained:]
            if self._called and new:
                raise ValueError(
                    "Trainable variable created when calling a template after the first time, "
                    "perhaps you used tf.Variable when you meant tf.get_variable: "
                    f"{[variable.name for variable in new]}"
                )
            self._called = True
            return result

    @staticmethod
    def _of(key: str, prefix: str | None) -> list[Any]:
        return list(get_default_graph().get_collection(key, prefix))

    def _own(self, key: str) -> list[Any]:
        """Those of its variables that are in a collection; none before it was called."""
        return self._of(key, self.variable_scope_name) if self._called else []

    @property
    def name(self) -> str:
        return self._name

    @property
    def func(self) -> Callable[..., Any]:
        return self._func

    @property
    def variable_scope(self) -> VariableScope | None:
        return self._scope

    @property
    def variable_scope_name(self) -> str | None:
        """The name of its scope with a slash; None before there is one."""
        return None if self._scope is None else f"{self._scope.name}/".removeprefix("/")

    @property
    def global_variables(self) -> list[Any]:
        return self._own(GraphKeys.GLOBAL_VARIABLES)

    @property
    def local_variables(self) -> list[Any]:
        return self._own(GraphKeys.LOCAL_VARIABLES)

    @property
    def variables(self) -> list[Any]:
        return self.global_variables + self.local_variables

    weights = variables

    @property
    def trainable_variables(self) -> list[Any]:
        return self._own(GraphKeys.TRAINABLE_VARIABLES)

    trainable_weights = trainable_variables

    @property
    def non_trainable_variables(self) -> list[Any]:
        trained = set(self.trainable_variables)
        return [variable for variable in self.global_variables if variable not in trained]

    non_trainable_weights = non_trainable_variables


def make_template(
    name_: str,
    func_: Callable[..., Any],
    create_scope_now_: bool = False,
    unique_name_: str | None = None,
    custom_getter_: Any = None,
    **kwargs: Any,
) -> Template:
    """The function, so that all calls share the variables that its first call gets.

    name_: of the variable scope, made unique. unique_name_: the name as it is. create_scope_now_:
    opens the scope now, not at the first call. custom_getter_: of the scope. kwargs: are given to
    the function with each call. Source: tf.make_template. Errors: ValueError, see `Template`.
    """
    func = functools.partial(func_, **kwargs) if kwargs else func_
    return Template(name_, func, create_scope_now_, unique_name_, custom_getter_)
