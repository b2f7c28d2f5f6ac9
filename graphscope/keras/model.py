"""`Model`: a network that trains. Source: tf.keras.Model of 1.15."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph import nest
from graphscope.graph.convert import is_tensor_like
from graphscope.graph.scopes import name_scope
from graphscope.keras import backend, data, fitting, legacy, optimizers
from graphscope.keras.compiled import Compiled, feedable, with_phase
from graphscope.keras.feeding import arrays_of, check_lengths, check_targets, weights_of
from graphscope.keras.network import Network


class Model(Network):
    """Layers with inputs and outputs, which can be compiled, trained, measured and asked.

    Model(inputs, outputs) connects tensors of `Input` and of layers called on them; a subclass
    makes layers in __init__ and says `call`. Source: tf.keras.Model.
    """

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, **kwargs: Any
    ) -> None:
        self._compiled: Compiled | None = None
        self._asked: dict[str, Any] | None = None
        self._predict: Any = None
        self.history: Any = None
        self.stop_training = False
        super().__init__(inputs, outputs, name, **kwargs)

    # ---- compiling ----

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        sample_weight_mode: Any = None,
        weighted_metrics: Any = None,
        target_tensors: Any = None,
        **kwargs: Any,
    ) -> None:
        """Say how the model trains: the nodes of targets, losses and metrics come into the graph.

        optimizer: a name or an optimizer. loss: a name, a function (y_true, y_pred), a Loss, or one
        for each output in a list or a dict. metrics: measured beside it. loss_weights: how much
        each output's loss counts. sample_weight_mode: "temporal" for weights of single steps.
        Errors: ValueError. An error out of a loss function says what its arguments are.
        """
        for option in set(kwargs) - {"distribute", "run_eagerly", "experimental_run_tf_function"}:
            raise TypeError(f"compile() got an unexpected keyword argument {option!r}")
        self._asked = {
            "optimizer": optimizers.get(optimizer),
            "loss": loss,
            "metrics": metrics,
            "loss_weights": loss_weights,
            "sample_weight_mode": sample_weight_mode,
            "weighted_metrics": weighted_metrics,
            "target_tensors": target_tensors,
        }
        if self.outputs:
            self._compiled = Compiled(self, **self._asked)

    @property
    def is_compiled(self) -> bool:
        return self._compiled is not None

    @property
    def _ready(self) -> Compiled:
        if self._compiled is None:
            raise RuntimeError(
                "You must compile your model before training/testing. Use "
                "`model.compile(optimizer, loss)`."
            )
        return self._compiled

    @property
    def optimizer(self) -> Any:
        if self._compiled is not None:
            return self._compiled.optimizer
        return self._asked["optimizer"] if self._asked else None

    @property
    def loss(self) -> Any:
        return self._asked["loss"] if self._asked else None

    @property
    def total_loss(self) -> Any:
        """The tensor that training makes smaller."""
        return self._ready.total_loss

    @property
    def loss_functions(self) -> list[Any]:
        """The loss of each output; None for one that nothing is asked of."""
        return [endpoint.loss for endpoint in self._ready.endpoints]

    @property
    def _loss_weights_list(self) -> list[Any]:
        return [endpoint.loss_weight for endpoint in self._ready.endpoints]

    @property
    def run_eagerly(self) -> bool:
        """False: a model is a graph."""
        return False

    @property
    def targets(self) -> list[Any]:
        """The tensors that the targets are fed to."""
        return [endpoint.target for endpoint in self._ready.asked]

    @property
    def added_metrics(self) -> list[Any]:
        """The metrics of `add_metric`, of the model and its layers."""
        return [metric for layer in self.within() for metric in layer._metrics]

    @property
    def metrics(self) -> list[Any]:
        own = self._compiled.metrics if self._compiled is not None else []
        return own + self.added_metrics

    @property
    def metrics_names(self) -> list[str]:
        """What the numbers are that training and measuring give back."""
        own = self._compiled.names if self._compiled is not None else []
        return ["loss", *own, *(metric.name for metric in self.added_metrics)]

    def reset_metrics(self) -> None:
        losses = self._compiled.loss_metrics if self._compiled is not None else []
        for metric in losses + self.metrics:
            metric.reset_states()

    # ---- one batch ----

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        reset_metrics: bool = True,
    ) -> Any:
        """One step of training. The loss, or a list of the loss and the metrics."""
        feeds = self._feeds(x, y, sample_weight, class_weight)
        results = self._step("train")(feeds)
        if reset_metrics:
            self.reset_metrics()
        return results[0] if len(results) == 1 else results

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, reset_metrics: bool = True
    ) -> Any:
        """The loss, or a list of the loss and the metrics, for one batch."""
        feeds = self._feeds(x, y, sample_weight)
        results = self._step("test")(feeds)
        if reset_metrics:
            self.reset_metrics()
        return results[0] if len(results) == 1 else results

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        results = self._answer(self._inputs(x))
        return results[0] if len(results) == 1 else results

    def _step(self, kind: str, batches: Any = None) -> fitting.Step:
        """Runs one batch. For arrays its function is made now, otherwise at the first batch."""
        phase = 1 if kind == "train" else 0
        if batches is not None and batches.by_samples:
            self._ready.function(kind)

        def step(feeds: list[Any]) -> list[Any]:
            function = self._ready.function(kind)
            extra = len(with_phase([]))
            results: list[Any] = function([*_values(feeds), *[phase] * extra])
            return results

        return step

    def _answer(self, feeds: list[Any]) -> list[Any]:
        inputs = feedable(self)
        if self._predict is None or self._predict[0] is not self.outputs:
            with backend.get_graph().bookkeeping(), name_scope("predict"):
                function = backend.function(
                    with_phase(inputs),
                    self.outputs,
                    updates=self.state_updates,
                    name="predict_function",
                )
            self._predict = (self.outputs, function)
        found: list[Any] = self._predict[1]([*_values(feeds), *[0] * len(with_phase([]))])
        return found

    # ---- what comes in ----

    def _inputs(self, x: Any, y: Any = None) -> list[Any]:
        self._build_on(x)
        names = [
            name
            for name, t in zip(self.input_names, self.inputs, strict=True)
            if t in feedable(self)
        ]
        shapes = [t.shape.as_list() if t.shape.ndims is not None else None for t in feedable(self)]
        return arrays_of(x, names, shapes if self.is_graph_network else None, "input")

    def _feeds(
        self, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None
    ) -> list[Any]:
        """The arrays for the placeholders: inputs, targets, and weights where there are some.

        Errors: ValueError for arrays that do not fit; RuntimeError before `compile`.
        """
        inputs = self._inputs(x, y)
        ready = self._ready
        fed = ready.fed
        targets = arrays_of(y, [endpoint.name for endpoint in fed], None, "target")
        symbolic = any(is_tensor_like(value) for value in [*inputs, *targets])
        weights = weights_of(sample_weight, class_weight, targets, fed)
        if not symbolic:
            check_lengths(inputs, targets, weights)
            check_targets(targets, fed)
        with_phase([])  # its placeholder comes before those of the weights
        ready.weigh_samples(weights)
        for end, weight, target in zip(fed, weights, targets, strict=True):
            if end.sample_weight is not None:
                ones = np.ones(
                    np.shape(np.asarray(target))[: 2 if end.weight_mode == "temporal" else 1]
                )
                inputs = [*inputs, (ones if weight is None else weight)]
        count = len(feedable(self))
        return [*inputs[:count], *targets, *inputs[count:]]

    def _build_on(self, x: Any) -> None:
        """Build and compile a model that learns its inputs' shapes only from the data."""
        if not self.outputs:
            self._set_inputs(x)
        if self._compiled is None and self._asked is not None:
            self._compiled = Compiled(self, **self._asked)

    def _set_inputs(self, x: Any) -> None:
        """Make placeholders like the data, and call the model on them."""
        arrays = list(x) if isinstance(x, list | tuple) else x
        if self._takes("training"):
            backend.learning_phase()  # its placeholder comes before the inputs
        self._start_from(nest.map_structure(data.place_for, arrays))

    def _start_from(self, tensors: Any) -> None:
        """Call the subclass on placeholders, which are its inputs from then on."""
        phase = {"training": backend.learning_phase()} if self._takes("training") else {}
        outputs = self(tensors, **phase)
        self.inputs, self.outputs = nest.flatten(tensors), nest.flatten(outputs)
        self.input_names = [f"input_{number + 1}" for number in range(len(self.inputs))]
        self.output_names = [f"output_{number + 1}" for number in range(len(self.outputs))]
        self.built = True

    # ---- many batches ----

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int = 1,
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Train over epochs. Returns the `History`: its `history` has a list for each number.

        x, y: arrays (or lists, or dicts by name), a generator or `Sequence` of batches, or a
        tf.data.Dataset. batch_size: 32 when left out. validation_split: the part at the end of the
        arrays that is measured and not trained on. verbose: 0, 1 or 2.
        Errors: RuntimeError before `compile`; ValueError for data that does not fit.
        """
        epochs = legacy.epochs(epochs, kwargs)
        if validation_split:
            x, y, sample_weight, validation_data = data.split(x, y, sample_weight, validation_split)
        batches = data.batches(
            self,
            self._feeds,
            x,
            y,
            sample_weight,
            class_weight,
            batch_size,
            shuffle,
            steps_per_epoch,
        )
        validate = self._validation(validation_data, batch_size, validation_steps, shuffle=True)
        if verbose and batches.by_samples:
            print(data.announcement(batches, validation_data))
        return fitting.train(
            self,
            batches,
            self._step("train", batches),
            callbacks,
            validate,
            epochs,
            initial_epoch,
            verbose,
            batch_size or (32 if batches.by_samples else None),
            validation_freq,
        )

    def _validation(
        self, given: Any, batch_size: Any, steps: Any, shuffle: bool, samples: int | None = None
    ) -> Any:
        """What measures once on the data of a validation; None without any. TensorFlow's `fit`
        shuffles arrays for it too, which counts for who draws random numbers after it."""
        if given is None:
            return None
        pairs = given if isinstance(given, tuple | list) else (given,)
        found = data.batches(
            self, self._feeds, *data.parts(pairs), None, batch_size, shuffle, steps, samples
        )
        return lambda callbacks: fitting.measure(self, found, self._step("test", found), callbacks)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int = 1,
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
    ) -> Any:
        """The loss, or a list of the loss and the metrics, over all the data."""
        batches = data.batches(
            self, self._feeds, x, y, sample_weight, None, batch_size, False, steps
        )
        results = fitting.measure(self, batches, self._step("test", batches), callbacks, verbose)
        return results[0] if len(results) == 1 else results

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int = 0,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
    ) -> Any:
        """The outputs for all inputs: an array, or a list of one for each output."""
        batches = data.batches(
            self, lambda x, *_: self._inputs(x), x, None, None, None, batch_size, False, steps
        )
        found = fitting.foretell(self, batches, self._answer, callbacks, verbose)
        return found[0] if len(found) == 1 else found

    def fit_generator(
        self,
        generator: Any,
        steps_per_epoch: int | None = None,
        epochs: int = 1,
        verbose: int = 1,
        callbacks: Any = None,
        validation_data: Any = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
        class_weight: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        shuffle: bool = True,
        initial_epoch: int = 0,
        **kwargs: Any,
    ) -> Any:
        """Train on the batches of a generator or `Sequence`: see `fit`.

        The names that Keras 1 had are understood: samples_per_epoch and nb_val_samples (an epoch
        ends when so many samples were seen), nb_epoch, max_q_size, nb_worker, pickle_safe.
        """
        old = legacy.counts(kwargs)
        epochs = old.epochs or epochs
        batches = data.batches(
            self,
            self._feeds,
            generator,
            None,
            None,
            class_weight,
            None,
            shuffle,
            steps_per_epoch,
            samples=old.samples,
        )
        validate = self._validation(
            validation_data, None, validation_steps, False, old.validation_samples
        )
        return fitting.train(
            self,
            batches,
            self._step("train", batches),
            callbacks,
            validate,
            epochs,
            initial_epoch,
            verbose,
            None,
            validation_freq,
        )

    def evaluate_generator(
        self,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: int = 0,
        **kwargs: Any,
    ) -> Any:
        """`evaluate` on the batches of a generator or `Sequence`."""
        return self.evaluate(generator, steps=steps, callbacks=callbacks, verbose=verbose)

    def predict_generator(
        self,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: int = 0,
        **kwargs: Any,
    ) -> Any:
        """`predict` on the batches of a generator or `Sequence`."""
        return self.predict(generator, steps=steps, callbacks=callbacks, verbose=verbose)


def _values(feeds: list[Any]) -> list[Any]:
    """Arrays for what is fed; tensors are run first."""
    symbolic = [value for value in feeds if is_tensor_like(value)]
    if not symbolic:
        return feeds
    found = iter(backend.get_session().run(symbolic))
    return [next(found) if is_tensor_like(value) else value for value in feeds]
