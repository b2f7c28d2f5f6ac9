"""`Embedding`: a row of a table for each whole number.

Source: tf.keras.layers.Embedding of 1.15.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph.dtypes import as_dtype
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras.base_layer import Layer
from graphscope.keras.configured import configured
from graphscope.ops import logic, math
from graphscope.ops.embedding import embedding_lookup


@configured()
class Embedding(Layer):
    """[batch, steps] of whole numbers to [batch, steps, output_dim].

    input_dim: how many rows the table has; an index outside is an error of the run. mask_zero: 0
    stands for a step that does not count. input_length: the number of steps, when it is fixed.
    Source: tf.keras.layers.Embedding.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        activity_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        input_length: Any = None,
        **kwargs: Any,
    ) -> None:
        if "input_shape" not in kwargs and "batch_input_shape" not in kwargs:
            kwargs["input_shape"] = (input_length,) if input_length else (None,)
        kwargs.setdefault("dtype", "float32")
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.embeddings_initializer = embeddings_initializer
        self.embeddings_regularizer = embeddings_regularizer
        self.embeddings_constraint = embeddings_constraint
        self.mask_zero = self.supports_masking = mask_zero
        self.input_length = input_length
        self.embeddings: Any = None

    def build(self, input_shape: Any) -> None:
        self.embeddings = self.add_weight(
            shape=(self.input_dim, self.output_dim),
            initializer=self.embeddings_initializer,
            name="embeddings",
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )
        self.built = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return logic.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """[batch, ..., output_dim]. Errors: ValueError for another length than input_length."""
        shape = as_shape(input_shape)
        if self.input_length is not None:
            batch, *sizes = shape.as_list()
            said = self.input_length if isinstance(self.input_length, list | tuple) else ()
            lengths = list(said or [self.input_length])
            pairs = list(zip(lengths, sizes, strict=False))
            if len(lengths) != len(sizes) or any(None not in p and p[0] != p[1] for p in pairs):
                raise ValueError(
                    f'"input_length" is {self.input_length}, but received input has shape '
                    f"{(batch, *sizes)}"
                )
            shape = as_shape([batch, *(b if a is None else a for a, b in pairs)])
        return shape.concatenate([self.output_dim])

    def call(self, inputs: Any) -> Any:
        if inputs.dtype.base_dtype.name not in ("int32", "int64"):
            inputs = math.cast(inputs, as_dtype("int32"))
        return embedding_lookup(self.embeddings, inputs)
