"""What the elements of a dataset are: parts, nested in tuples and dicts.

Other than elsewhere a list is no nesting but a tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import as_dtype
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.ops.sparse import SparseTensor, SparseTensorValue
from graphscope.ops.streams import Part


def is_nest(value: Any) -> bool:
    """Whether other values are in it."""
    plain = isinstance(value, SparseTensorValue | TensorShape)
    return isinstance(value, tuple | Mapping) and not plain


def flatten(nested: Any) -> list[Any]:
    """All values, in order; those of a dict by the order of its keys."""
    if not is_nest(nested):
        return [nested]
    items = [nested[key] for key in sorted(nested)] if isinstance(nested, Mapping) else nested
    return [value for item in items for value in flatten(item)]


def packed(like: Any, values: Iterable[Any]) -> Any:
    """The values in the nesting of another structure."""
    return _packed(like, iter(values))


def _packed(like: Any, values: Iterator[Any]) -> Any:
    if not is_nest(like):
        return next(values)
    if isinstance(like, Mapping):
        made = {key: _packed(like[key], values) for key in sorted(like)}
        ordered = {key: made[key] for key in like}
        return ordered if type(like) is dict else type(like)(ordered)  # type: ignore[call-arg]
    items = [_packed(item, values) for item in like]
    return type(like)(*items) if hasattr(like, "_fields") else tuple(items)


def mapped(function: Callable[..., Any], nested: Any, *others: Any) -> Any:
    """The function of the values at the same places, in the nesting of the first."""
    columns = zip(*(flatten(each) for each in (nested, *others)), strict=True)
    return packed(nested, [function(*values) for values in columns])


def normalized(element: Any) -> Any:
    """The element as tensors, sparse tensors and datasets."""
    with name_scope("normalize_element"):
        values = [as_tensor(value, f"component_{i}") for i, value in enumerate(flatten(element))]
    return packed(element, values)


def as_tensor(value: Any, name: str | None) -> Any:
    if isinstance(value, SparseTensorValue):
        return SparseTensor.from_value(value)
    if isinstance(value, SparseTensor) or hasattr(value, "_variant_tensor"):
        return value
    return convert_to_tensor(value, name=name)


def structure_of(element: Any) -> Any:
    """The parts of an element that is made of tensors, sparse tensors and datasets."""
    return mapped(part_of, element)


def part_of(value: Any) -> Part:
    if isinstance(value, SparseTensor):
        return Part("sparse", value.dtype, value.shape)
    if hasattr(value, "_variant_tensor"):
        held = value._variant_tensor
        return Part("dataset", held.dtype, held.shape, value.element_spec)
    return Part("dense", value.dtype.base_dtype, value.shape)


def declared(types: Any, shapes: Any = None, classes: Any = None) -> Any:
    """The parts that types, shapes and classes, nested alike, tell of."""
    dtypes = [as_dtype(each) for each in flatten(types)]
    unknown = [TensorShape(None)] * len(dtypes)
    sizes = unknown if shapes is None else [as_shape(each) for each in flat_shapes(types, shapes)]
    kinds = [None] * len(dtypes) if classes is None else flatten(classes)
    return packed(
        types,
        [
            Part("sparse" if kind is SparseTensor else "dense", dtype, size)
            for dtype, size, kind in zip(dtypes, sizes, kinds, strict=True)
        ],
    )


def flat_shapes(like: Any, shapes: Any) -> list[Any]:
    """The shapes in the nesting of another structure; a shape may be a tuple itself."""
    if not is_nest(like):
        return [shapes]
    if isinstance(like, Mapping):
        return [s for key in sorted(like) for s in flat_shapes(like[key], shapes[key])]
    if len(like) != len(shapes):
        raise ValueError(
            f"The two structures don't have the same number of elements: {len(like)} types and "
            f"{len(shapes)} shapes."
        )
    return [s for each, own in zip(like, shapes, strict=True) for s in flat_shapes(each, own)]


def raw_tensors(element: Any) -> list[Tensor]:
    """The tensors that an element is made of."""
    found: list[Tensor] = []
    for value in flatten(element):
        if isinstance(value, SparseTensor):
            found += [value.indices, value.values, value.dense_shape]
        else:
            found.append(getattr(value, "_variant_tensor", value))
    return found


def types(structure: Any) -> Any:
    return mapped(lambda part: part.dtype, structure)


def shapes(structure: Any) -> Any:
    return mapped(lambda part: part.shape, structure)


def classes(structure: Any) -> Any:
    of = {"dense": Tensor, "sparse": SparseTensor}
    return mapped(lambda part: of.get(part.kind, Part), structure)


def reshaped(structure: Any, change: Callable[[TensorShape], TensorShape]) -> Any:
    """The same parts with other shapes."""
    return mapped(lambda p: Part(p.kind, p.dtype, change(p.shape), p.inner), structure)


def agreed(first: Any, second: Any) -> Any:
    """What two structures have in common. Errors: TypeError where types differ."""
    own, other = types(first), types(second)
    if own != other:
        raise TypeError(
            f"Two datasets to concatenate have different types {own} and {other}: each part of "
            "their elements has to be of the same type"
        )
    return mapped(
        lambda a, b: Part(a.kind, a.dtype, most_specific(a.shape, b.shape), a.inner),
        first,
        second,
    )


def most_specific(a: TensorShape, b: TensorShape) -> TensorShape:
    """The sizes that are the same in both; the others are unknown."""
    if a.sizes is None or b.sizes is None or len(a.sizes) != len(b.sizes):
        return TensorShape(None)
    return TensorShape([i if i == j else None for i, j in zip(a.sizes, b.sizes, strict=True)])
