"""An optimizer outside the graph: scipy.optimize works on the variables of a session.

Source: tf.contrib.opt of 1.15. It needs scipy, which does not come with GraphScope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from graphscope.gradients import gradients
from graphscope.graph.graph import Tensor, get_default_session
from graphscope.ops.array import placeholder, reshape, zeros_like
from graphscope.ops.joining import concat
from graphscope.ops.variable_lists import trainable_variables
from graphscope.platform import logging

__all__ = ["ExternalOptimizerInterface", "ScipyOptimizerInterface"]


class ExternalOptimizerInterface:
    """Hands the loss and its gradient to an algorithm, as functions of one long vector.

    loss: a scalar. var_list: all trainable variables when left out. equalities: scalars to hold
    at 0. inequalities: scalars to hold at 0 or above. var_to_bounds: for some variables, the
    lowest and the highest value, of a shape that broadcasts to that of the variable.
    optimizer_kwargs: what the algorithm takes besides.

    A subclass has the algorithm, in its method `_minimize`.
    """

    def __init__(
        self,
        loss: Any,
        var_list: Any = None,
        equalities: Sequence[Any] | None = None,
        inequalities: Sequence[Any] | None = None,
        var_to_bounds: Mapping[Any, Any] | None = None,
        **optimizer_kwargs: Any,
    ) -> None:
        self._loss = loss
        self._equalities = list(equalities or ())
        self._inequalities = list(inequalities or ())
        self._vars = trainable_variables() if var_list is None else list(var_list)
        self._shapes = [tuple(var.shape.as_list()) for var in self._vars]
        self._packed_bounds = self._bounds(var_to_bounds)
        self.optimizer_kwargs = optimizer_kwargs
        self._given = [placeholder(var.dtype.base_dtype) for var in self._vars]
        self._writes = [
            var.assign(reshape(given, shape))
            for var, given, shape in zip(self._vars, self._given, self._shapes, strict=True)
        ]
        slopes = [self._slopes(y) for y in (loss, *self._equalities, *self._inequalities)]
        self._packed_var = _packed(self._vars)
        packed = [_packed(some) for some in slopes]
        equal = 1 + len(self._equalities)
        self._loss_slope, self._equality_slopes = packed[0], packed[1:equal]
        self._inequality_slopes = packed[equal:]
        ends = np.cumsum([0, *map(prod, self._shapes)]).tolist()
        self._slices = [slice(start, end) for start, end in pairwise(ends)]

    def _slopes(self, y: Any) -> list[Any]:
        found = gradients(y, self._vars)
        return [
            zeros_like(var) if dy is None else dy for var, dy in zip(self._vars, found, strict=True)
        ]

    def _bounds(self, given: Mapping[Any, Any] | None) -> list[tuple[Any, Any]] | None:
        if given is None:
            return None
        pairs: list[tuple[Any, Any]] = []
        for var, shape in zip(self._vars, self._shapes, strict=True):
            sides = given.get(var, (-np.inf, np.inf))
            low, high = (np.broadcast_to(side, shape).ravel().tolist() for side in sides)
            pairs.extend(zip(low, high, strict=True))
        return pairs

    def minimize(
        self,
        session: Any = None,
        feed_dict: Any = None,
        fetches: Sequence[Any] | None = None,
        step_callback: Callable[[Any], Any] | None = None,
        loss_callback: Callable[..., Any] | None = None,
        **run_kwargs: Any,
    ) -> None:
        """Run the algorithm to its end, and write what it finds into the variables.

        fetches: tensors for `loss_callback`, which is called after each evaluation of the loss.
        step_callback: is called after each step, with all variables as one vector.
        run_kwargs: for the run that writes.
        """
        session = session or get_default_session()
        fetches = list(fetches or ())

        def function(tensors: list[Any], callback: Callable[..., Any] | None = None) -> Any:
            def at(x: Any) -> list[Any]:
                parts = [x[part].reshape(s) for part, s in self._parts()]
                feeds = dict(zip(self._vars, parts, strict=True)) | dict(feed_dict or {})
                values = session.run(tensors + fetches, feed_dict=feeds)
                if callback is not None:
                    callback(*values[len(tensors) :])
                return list(values[: len(tensors)])

            return at

        def functions(tensors: Sequence[Any]) -> list[Any]:
            return [function([tensor]) for tensor in tensors]

        found = self._minimize(
            initial_val=session.run(self._packed_var),
            loss_grad_func=function([self._loss, self._loss_slope], loss_callback),
            equality_funcs=functions(self._equalities),
            equality_grad_funcs=functions(self._equality_slopes),
            inequality_funcs=functions(self._inequalities),
            inequality_grad_funcs=functions(self._inequality_slopes),
            packed_bounds=self._packed_bounds,
            step_callback=step_callback or (lambda x: None),
            optimizer_kwargs=self.optimizer_kwargs,
        )
        values = [found[part] for part in self._slices]
        session.run(self._writes, dict(zip(self._given, values, strict=True)), **run_kwargs)

    def _parts(self) -> list[tuple[slice, tuple[int, ...]]]:
        return list(zip(self._slices, self._shapes, strict=True))

    def _minimize(self, **_: Any) -> Any:
        """The vector that is best. Errors: NotImplementedError: a subclass knows how."""
        raise NotImplementedError("a subclass of ExternalOptimizerInterface defines _minimize")


class ScipyOptimizerInterface(ExternalOptimizerInterface):
    """Works by `scipy.optimize.minimize`, with the method L-BFGS-B unless `method` says otherwise.

    Its other keywords are those of the function: `options`, `tol`, ...
    Source: tf.contrib.opt.ScipyOptimizerInterface.
    """

    def _minimize(self, **given: Any) -> Any:
        from scipy.optimize import minimize  # type: ignore[import-untyped,unused-ignore]

        def loss(x: Any) -> tuple[Any, Any]:
            value, slope = given["loss_grad_func"](x)
            return float(value), slope.astype(np.float64)

        options = dict(given["optimizer_kwargs"])
        for fixed in ("fun", "x0", "jac", "bounds", "constraints", "callback"):
            if fixed in options:
                raise ValueError(f"Optimizer keyword arg '{fixed}' is set automatically")
        constraints = [
            {"type": kind, "fun": _scalar(function), "jac": _vector(slope)}
            for kind, names in (("eq", "equality"), ("ineq", "inequality"))
            for function, slope in zip(
                given[f"{names}_funcs"], given[f"{names}_grad_funcs"], strict=True
            )
        ]
        if constraints:
            options["constraints"] = constraints
        result = minimize(
            loss,
            given["initial_val"].astype(np.float64),
            jac=True,
            bounds=given["packed_bounds"],
            callback=given["step_callback"],
            **{"method": "L-BFGS-B", **options},
        )
        logging.info(
            "Optimization terminated with:\n  Message: %s\n  Objective function value: %f\n"
            "  Number of iterations: %s\n  Number of functions evaluations: %s",
            *(result.message, result.fun, result.get("nit"), result.nfev),
        )
        return result["x"]


def _scalar(function: Callable[[Any], list[Any]]) -> Callable[[Any], float]:
    return lambda x: float(function(x)[0])


def _vector(function: Callable[[Any], list[Any]]) -> Callable[[Any], Any]:
    return lambda x: function(x)[0].astype(np.float64)


def _packed(tensors: Sequence[Any]) -> Tensor:
    """The tensors as one vector."""
    flat = [reshape(tensor, [-1]) for tensor in tensors]
    return flat[0] if len(flat) == 1 else concat(flat, 0)
