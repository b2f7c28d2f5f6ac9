"""`Iterator`: where somebody is in a dataset, as the session keeps it (tf.data.Iterator)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphscope.graph.body import Body, Rerun
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import string
from graphscope.graph.graph import Operation, Tensor, get_default_graph
from graphscope.graph.scopes import name_scope
from graphscope.graph.walk import reach
from graphscope.ops import datasets
from graphscope.pipelines import structure
from graphscope.pipelines.dataset import Dataset, elements_of

#: What TensorFlow does to each dataset unless it is told otherwise.
_OPTIMIZATIONS = ["map_and_batch_fusion", "noop_elimination", "shuffle_and_repeat_fusion"]


class Iterator:
    """Gives the elements of a dataset, one in each run. Source: tf.data.Iterator.

    initializer: the operation with which it begins anew. Where it is belongs to the session.
    """

    def __init__(
        self,
        iterator_resource: Tensor,
        initializer: Operation | None,
        element_spec: Any,
        bodies: list[Body],
    ) -> None:
        self._iterator_resource = iterator_resource
        self._initializer = initializer
        self.element_spec = element_spec
        self._bodies = bodies
        _all_bodies(iterator_resource).extend(bodies)
        self._string_handle: Tensor = datasets.iterator_to_string_handle(iterator_resource)

    @property
    def initializer(self) -> Operation:
        """The operation that sets it to the beginning. Errors: ValueError for an iterator that is
        initialized otherwise."""
        if self._initializer is None:
            raise ValueError("Iterator does not have an initializer.")
        return self._initializer

    @property
    def output_types(self) -> Any:
        return structure.types(self.element_spec)

    @property
    def output_shapes(self) -> Any:
        return structure.shapes(self.element_spec)

    @property
    def output_classes(self) -> Any:
        return structure.classes(self.element_spec)

    def get_next(self, name: str | None = None) -> Any:
        """The next element, another one in each run: tensors, nested as in the dataset.

        Errors, in a run: OutOfRangeError at the end, FailedPreconditionError before the beginning.
        """
        node = datasets.iterator_get_next.node(
            self._iterator_resource,
            parts=tuple(structure.flatten(self.element_spec)),
            bodies=self._bodies,
            name=name,
        )
        return elements_of(self.element_spec, node.outputs)

    def string_handle(self, name: str | None = None) -> Tensor:
        """Its name, to be fed where an iterator is made with `from_string_handle`."""
        if name is None:
            return self._string_handle
        named: Tensor = datasets.iterator_to_string_handle(self._iterator_resource, name=name)
        return named

    def make_initializer(self, dataset: Dataset, name: str | None = None) -> Operation:
        """An operation that sets the iterator to the beginning of the dataset. Errors: TypeError
        when its elements are of another kind."""
        for what, own, other in (
            ("types", self.output_types, dataset.output_types),
            ("classes", self.output_classes, dataset.output_classes),
        ):
            if own != other:
                raise TypeError(
                    f"Expected output {what} {own!r} but got dataset with output {what} {other!r}."
                )
        shapes = structure.flatten(self.output_shapes), structure.flatten(dataset.output_shapes)
        if not all(a.is_compatible_with(b) for a, b in zip(*shapes, strict=True)):
            raise TypeError(
                f"Expected output shapes compatible with {self.output_shapes!r} but got dataset "
                f"with output shapes {dataset.output_shapes!r}."
            )
        for known in (self._bodies, _all_bodies(self._iterator_resource)):
            known.extend(dataset._own)
        with name_scope(name, "make_initializer") as scope:
            return _initializer(self._iterator_resource, dataset._variant_tensor, scope)

    @staticmethod
    def from_structure(
        output_types: Any,
        output_shapes: Any = None,
        shared_name: str | None = None,
        output_classes: Any = None,
    ) -> Iterator:
        """An iterator that each of several datasets of this kind may initialize: see
        `make_initializer`. Source: tf.data.Iterator.from_structure."""
        spec = structure.declared(output_types, output_shapes, output_classes)
        return Iterator(_handle(shared_name), None, spec, [])

    @staticmethod
    def from_string_handle(
        string_handle: Any,
        output_types: Any,
        output_shapes: Any = None,
        output_classes: Any = None,
    ) -> Iterator:
        """The iterator whose name is fed in a run. Source: tf.data.Iterator.from_string_handle."""
        spec = structure.declared(output_types, output_shapes, output_classes)
        handle = convert_to_tensor(string_handle, string)
        made = Iterator(datasets.iterator_from_string_handle(handle), None, spec, [])
        made._bodies = _all_bodies(handle)
        return made


def _all_bodies(tensor: Tensor) -> list[Body]:
    """The bodies of all datasets that iterators of the graph go through."""
    found: list[Body] = tensor.graph.get_collection_ref(("graphscope", "bodies of iterators"))
    return found


def optimized(dataset: Dataset) -> Tensor:
    """The dataset as TensorFlow reads it: with the nodes that make it fast."""
    names = convert_to_tensor(_OPTIMIZATIONS, string, name="optimizations")
    made: Tensor = datasets.model_dataset(datasets.optimize_dataset(dataset._variant_tensor, names))
    return made


def _handle(shared_name: str | None) -> Tensor:
    with name_scope(None, "IteratorV2", []) as scope:
        made: Tensor = datasets.iterator_v2(handle=shared_name or scope[:-1], name=scope)
        return made


def _initializer(resource: Tensor, dataset: Tensor, name: str | None) -> Operation:
    with get_default_graph().colocate_with(resource.op):
        return datasets.make_iterator.node(resource, dataset, name=name)


def make_initializable_iterator(dataset: Dataset, shared_name: str | None = None) -> Iterator:
    """An iterator that begins anew whenever its `initializer` runs. Source:
    tf.data.make_initializable_iterator."""
    variant = optimized(dataset)
    resource = _handle(shared_name)
    initializer = _initializer(resource, variant, None)
    return Iterator(resource, initializer, dataset.element_spec, dataset._own)


def make_one_shot_iterator(dataset: Dataset) -> Iterator:
    """An iterator that begins by itself, and goes through the elements once.

    Errors: ValueError for a dataset that depends on a placeholder, or on something that has a
    state, as a variable. Source: tf.data.make_one_shot_iterator.
    """
    inside = (t.op for body in dataset._own for t in body.free if t.dtype.is_ref)
    for op in (*reach([dataset._variant_tensor.op], _behind), *inside):
        _check_captured(op)
    with name_scope(None, "OneShotIterator", []) as scope:
        resource = datasets.one_shot_iterator(
            handle=scope[:-1],
            dataset_factory=Rerun(results=(dataset._variant_tensor,)),
            name=scope,
        )
    return Iterator(resource, None, dataset.element_spec, dataset._own)


def _behind(op: Operation) -> Iterable[Operation]:
    return (tensor.op for tensor in op.inputs)


def _check_captured(op: Operation) -> None:
    if op.type in ("Placeholder", "PlaceholderV2"):
        raise ValueError(
            f"Cannot capture a placeholder (name:{op.name}, type:{op.type}) by value: make an "
            "initializable iterator, and feed the placeholder when its initializer runs"
        )
    if op.definition.is_stateful:
        raise ValueError(
            "Failed to create a one-shot iterator for a dataset. `Dataset.make_one_shot_iterator()`"
            " does not support datasets that capture stateful objects, such as a `Variable` or "
            "`LookupTable`. In these cases, use `Dataset.make_initializable_iterator()`. (Original "
            f"error: Cannot capture a stateful node (name:{op.name}, type:{op.type}) by value.)"
        )
