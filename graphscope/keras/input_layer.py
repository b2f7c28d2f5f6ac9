"""`Input`: where data enters a model of Keras. Source: tf.keras.Input of 1.15."""

from __future__ import annotations

from typing import Any

from graphscope.keras import backend
from graphscope.keras.base_layer import Layer
from graphscope.keras.history import Node, remember


class InputLayer(Layer):
    """The layer of a placeholder. input_shape: without the batch; batch_size: None for any.

    input_tensor: a tensor to take instead of a new placeholder. Source: tf.keras.layers.InputLayer.
    Errors: ValueError when both shapes are given.
    """

    def __init__(
        self,
        input_shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        input_tensor: Any = None,
        sparse: bool = False,
        name: str | None = None,
        ragged: bool = False,
        batch_input_shape: Any = None,
        **kwargs: Any,
    ) -> None:
        if batch_input_shape is not None and input_shape is not None:
            raise ValueError(
                "Only provide the input_shape OR batch_input_shape argument to InputLayer, not "
                "both at the same time."
            )
        if batch_input_shape is not None:
            batch_size, *inner = batch_input_shape
            input_shape = tuple(inner)
        if name is None:
            name = f"input_{backend.get_uid('input')}"
        kind = dtype or (backend.floatx() if input_tensor is None else input_tensor.dtype.name)
        super().__init__(name=name, dtype=kind)
        self.built = True
        self.sparse = sparse
        self.batch_size = batch_size
        self.supports_masking = True
        self.is_placeholder = input_tensor is None or backend.is_placeholder(input_tensor)
        if input_tensor is None:
            shape = (batch_size, *(input_shape or ()))
            self._batch_input_shape = shape
            input_tensor = backend.placeholder(shape=shape, dtype=kind, name=self.name)
        else:
            self._batch_input_shape = tuple(input_tensor.shape.as_list())
        remember(Node(self, [], [input_tensor]))

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_input_shape": self._batch_input_shape,
            "dtype": self.dtype,
            "sparse": self.sparse,
            "ragged": False,
            "name": self.name,
        }


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    name: str | None = None,
    dtype: Any = None,
    sparse: bool = False,
    tensor: Any = None,
    ragged: bool = False,
    batch_shape: Any = None,
    **kwargs: Any,
) -> Any:
    """A placeholder to build a model from.

    shape: without the batch, as in ``Input(shape=(784,))``; batch_shape: with it. dtype: K.floatx()
    when left out. tensor: an existing tensor to wrap. Source: tf.keras.Input.
    Errors: ValueError when there is no shape, or two.
    """
    whole = batch_shape if batch_shape is not None else kwargs.pop("batch_input_shape", None)
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments: {list(kwargs)}")
    if shape is not None and whole is not None:
        raise ValueError(
            "Only provide the `shape` OR `batch_input_shape` argument to Input, not both at the "
            "same time."
        )
    if shape is None and whole is None and tensor is None:
        raise ValueError(
            "Please provide to Input either a `shape` or a `tensor` argument. Note that `shape` "
            "does not include the batch dimension."
        )
    if whole is not None:
        batch_size, *inner = whole
        shape = tuple(inner)
    shape = (shape,) if isinstance(shape, int) else shape
    layer = InputLayer(shape, batch_size, dtype, tensor, sparse, name)
    return layer.calls[0].outputs[0]
