"""What a decoder is fed with: the right words in training, its own words afterwards."""

from __future__ import annotations

from typing import Any

from graphscope.graph import nest
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops.array import shape, size, zeros_like
from graphscope.ops.branches import cond
from graphscope.ops.embedding import embedding_lookup
from graphscope.ops.logic import equal
from graphscope.ops.math import cast
from graphscope.ops.reduction import argmax, reduce_all
from graphscope.ops.repeating import tile
from graphscope.ops.shuffling import categorical
from graphscope.ops.tensor_array import TensorArray
from graphscope.rnn.dynamic import swapped


class Helper:
    """Source: tf.contrib.seq2seq.Helper. Subclasses say what is read, sampled and read next."""

    @property
    def batch_size(self) -> Any:
        raise NotImplementedError("batch_size has not been implemented")

    @property
    def sample_ids_shape(self) -> TensorShape:
        """The shape of the sample of one sequence."""
        return TensorShape([])

    @property
    def sample_ids_dtype(self) -> Any:
        return int32

    def initialize(self, name: str | None = None) -> Any:
        """(which sequences have ended, the first inputs)."""
        raise NotImplementedError("initialize has not been implemented")

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """What the outputs say."""
        raise NotImplementedError("sample has not been implemented")

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        """(which sequences have ended, the next inputs, the next state)."""
        raise NotImplementedError("next_inputs has not been implemented")


class CustomHelper(Helper):
    """A helper of three functions. Source: tf.contrib.seq2seq.CustomHelper."""

    def __init__(
        self,
        initialize_fn: Any,
        sample_fn: Any,
        next_inputs_fn: Any,
        sample_ids_shape: Any = None,
        sample_ids_dtype: Any = None,
    ) -> None:
        self._initialize_fn = initialize_fn
        self._sample_fn = sample_fn
        self._next_inputs_fn = next_inputs_fn
        self._batch_size: Any = None
        self._shape = TensorShape(sample_ids_shape or [])
        self._dtype = sample_ids_dtype or int32

    @property
    def batch_size(self) -> Any:
        """Errors: ValueError before `initialize`."""
        if self._batch_size is None:
            raise ValueError("batch_size accessed before initialize was called")
        return self._batch_size

    @property
    def sample_ids_shape(self) -> TensorShape:
        return self._shape

    @property
    def sample_ids_dtype(self) -> Any:
        return self._dtype

    def initialize(self, name: str | None = None) -> Any:
        with name_scope(name, f"{type(self).__name__}Initialize"):
            finished, inputs = self._initialize_fn()
            if self._batch_size is None:
                self._batch_size = size(finished)
        return finished, inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        with name_scope(name, f"{type(self).__name__}Sample"):
            return self._sample_fn(time=time, outputs=outputs, state=state)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        with name_scope(name, f"{type(self).__name__}NextInputs"):
            return self._next_inputs_fn(
                time=time, outputs=outputs, state=state, sample_ids=sample_ids
            )


def _unstacked(x: Tensor) -> TensorArray:
    array = TensorArray(x.dtype, shape(x)[0], element_shape=x.shape[1:])
    return array.unstack(x)


class TrainingHelper(Helper):
    """The inputs of a sequence, one after the other, whatever is put out.

    inputs: [batch, time, ...], [time, batch, ...] when `time_major`, or a nesting of such.
    sequence_length: int [batch]. Source: tf.contrib.seq2seq.TrainingHelper.
    Errors: ValueError for lengths that are no vector.
    """

    def __init__(
        self, inputs: Any, sequence_length: Any, time_major: bool = False, name: str | None = None
    ) -> None:
        with name_scope(name, "TrainingHelper", None):
            inputs = convert_to_tensor(inputs, name="inputs")
            self.inputs = inputs
            if not time_major:
                inputs = nest.map_structure(swapped, inputs)
            self._arrays = nest.map_structure(_unstacked, inputs)
            self.sequence_length = convert_to_tensor(sequence_length, name="sequence_length")
            if self.sequence_length.shape.ndims != 1:
                raise ValueError(
                    "Expected sequence_length to be a vector, but received shape: "
                    f"{self.sequence_length.shape}"
                )
            self._zeros = nest.map_structure(lambda x: zeros_like(x[0, :]), inputs)
            self._batch_size = size(sequence_length)

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    def _read(self, finished: Tensor, time: Any) -> Any:
        return cond(
            reduce_all(finished),
            lambda: self._zeros,
            lambda: nest.map_structure(lambda array: array.read(time), self._arrays),
        )

    def initialize(self, name: str | None = None) -> Any:
        with name_scope(name, "TrainingHelperInitialize"):
            finished = equal(0, self.sequence_length)
            return finished, self._read(finished, 0)

    def sample(
        self, time: Any, outputs: Any, state: Any = None, name: str | None = None, **_: Any
    ) -> Any:
        with name_scope(name, "TrainingHelperSample", None):
            return cast(argmax(outputs, axis=-1), int32)

    def next_inputs(
        self,
        time: Any,
        outputs: Any,
        state: Any,
        sample_ids: Any = None,
        name: str | None = None,
        **_: Any,
    ) -> Any:
        with name_scope(name, "TrainingHelperNextInputs", None):
            following = time + 1
            finished = following >= self.sequence_length
            return finished, self._read(finished, following), state


class GreedyEmbeddingHelper(Helper):
    """The most likely word of the outputs, through a table, as the next input.

    embedding: the table, or a function of numbers of words. start_tokens: int [batch]. end_token:
    the word behind which a sequence has ended. Source: tf.contrib.seq2seq.GreedyEmbeddingHelper.
    Errors: ValueError for tokens of another rank.
    """

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any) -> None:
        self._embedding_fn = (
            embedding if callable(embedding) else lambda ids: embedding_lookup(embedding, ids)
        )
        self._start_tokens = convert_to_tensor(start_tokens, int32, name="start_tokens")
        self._end_token = convert_to_tensor(end_token, int32, name="end_token")
        if self._start_tokens.shape.ndims != 1:
            raise ValueError("start_tokens must be a vector")
        self._batch_size = size(start_tokens)
        if self._end_token.shape.ndims != 0:
            raise ValueError("end_token must be a scalar")
        self._start_inputs = self._embedding_fn(self._start_tokens)

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    def initialize(self, name: str | None = None) -> Any:
        return tile([False], [self._batch_size]), self._start_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        if not isinstance(outputs, Tensor):
            raise TypeError(f"Expected outputs to be a single Tensor, got: {type(outputs)}")
        return argmax(outputs, axis=-1, output_type=int32)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None
    ) -> Any:
        finished = equal(sample_ids, self._end_token)
        following = cond(
            reduce_all(finished),
            lambda: self._start_inputs,
            lambda: self._embedding_fn(sample_ids),
        )
        return finished, following, state


class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """As `GreedyEmbeddingHelper`, with a word that is drawn by its probability.

    softmax_temperature: by which the outputs are divided. Source:
    tf.contrib.seq2seq.SampleEmbeddingHelper.
    """

    def __init__(
        self,
        embedding: Any,
        start_tokens: Any,
        end_token: Any,
        softmax_temperature: Any = None,
        seed: int | None = None,
    ) -> None:
        super().__init__(embedding, start_tokens, end_token)
        self._temperature = softmax_temperature
        self._seed = seed

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        logits = outputs if self._temperature is None else outputs / self._temperature
        drawn = categorical(logits, 1, seed=self._seed, dtype=int32)
        return drawn[:, 0]
