"""Summaries of tensors and of texts, with what TensorBoard's plugins have to know of them."""

from __future__ import annotations

from typing import Any

from graphscope.graph.dtypes import string
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.ops.summary import collected, scope_name, tag_of, tensor_summary_v2
from graphscope.summary.messages import SummaryMetadata


def tensor_summary(
    name: str,
    tensor: Any,
    summary_description: str | None = None,
    collections: Any = None,
    summary_metadata: SummaryMetadata | None = None,
    family: str | None = None,
    display_name: str | None = None,
) -> Tensor:
    """A record of a tensor of any type. Source: tf.summary.tensor_summary.

    summary_metadata: says for which plugin the record is. The description and the name for display
    come before those in it.
    """
    metadata = SummaryMetadata() if summary_metadata is None else summary_metadata
    if summary_description is not None:
        metadata.summary_description = summary_description
    if display_name is not None:
        metadata.display_name = display_name
    with name_scope(scope_name(name, family), values=[tensor]) as scope:
        record: Tensor = tensor_summary_v2(
            tag_of(scope, family), tensor, metadata.SerializeToString(), name=scope
        )
        return collected(record, collections)


def text(name: str, tensor: Tensor, collections: Any = None) -> Tensor:
    """A record of texts, which TensorBoard shows as Markdown. Source: tf.summary.text.

    Errors: ValueError for a tensor of another type.
    """
    if tensor.dtype != string:
        raise ValueError(f"Expected tensor {tensor.name} to have dtype string, got {tensor.dtype}")
    metadata = SummaryMetadata(plugin_data={"plugin_name": "text"})
    return tensor_summary(name, tensor, summary_metadata=metadata, collections=collections)
