"""The callback that writes the graph and the metrics for TensorBoard.

Source: tensorflow.python.keras.callbacks_v1.TensorBoard of 1.15. Left out are histograms of
gradients and of what layers give (they need data), pictures of weights, embeddings and profiles.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope import summary
from graphscope.keras import backend as K
from graphscope.keras.callbacks.base import Callback, Logs

_NO_METRICS = ("batch", "size", "num_steps")


class TensorBoard(Callback):
    """Writes event files into `log_dir`: tags ``epoch_loss``, ``epoch_val_loss``...

    histogram_freq: after how many epochs the weights are written, 0 for never. write_graph: also
    the graph. update_freq: ``epoch``, ``batch``, or after how many samples tags ``batch_loss``...
    are written. The other arguments are accepted, and without effect.
    """

    def __init__(
        self,
        log_dir: str = "./logs",
        histogram_freq: int = 0,
        batch_size: int = 32,
        write_graph: bool = True,
        write_grads: bool = False,
        write_images: bool = False,
        embeddings_freq: int = 0,
        embeddings_layer_names: Any = None,
        embeddings_metadata: Any = None,
        embeddings_data: Any = None,
        update_freq: Any = "epoch",
        profile_batch: int = 2,
    ) -> None:
        super().__init__()
        self.log_dir = log_dir
        self.histogram_freq = histogram_freq
        self.batch_size = batch_size
        self.write_graph = write_graph
        self.write_grads = write_grads
        self.write_images = write_images
        self.embeddings_freq = embeddings_freq
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.merged: Any = None
        self.writer: Any = None
        self._total_batches_seen = 0
        self._samples_seen = 0
        self._samples_seen_at_last_write = 0

    def set_model(self, model: Any) -> None:
        self.model = model
        graph = K.get_graph() if self.write_graph else None
        self.writer = summary.FileWriter(self.log_dir, graph)
        if self.histogram_freq and self.merged is None:
            weights = [weight for layer in model.layers for weight in layer.weights]
            made = [summary.histogram(w.name.replace(":", "_"), w, collections=[]) for w in weights]
            self.merged = summary.merge(made, collections=[]) if made else None

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        logs = logs or {}
        self._samples_seen += logs.get("size", 1)
        since = self._samples_seen - self._samples_seen_at_last_write
        if self.update_freq != "epoch" and since >= self.update_freq:
            self._write("batch_", logs, self._total_batches_seen)
            self._samples_seen_at_last_write = self._samples_seen
        self._total_batches_seen += 1

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        step = epoch if self.update_freq == "epoch" else self._samples_seen
        self._write("epoch_", logs or {}, step)
        if self.merged is not None and epoch % self.histogram_freq == 0:
            self.writer.add_summary(K.get_session().run(self.merged), epoch)

    def on_train_end(self, logs: Logs = None) -> None:
        self.writer.close()

    def _write(self, prefix: str, logs: dict[str, Any], step: int) -> None:
        for name, value in logs.items():
            if name not in _NO_METRICS:
                number = float(np.asarray(value).item())
                one = summary.Summary.Value(tag=prefix + name, simple_value=number)
                self.writer.add_summary(summary.Summary(value=[one]), step)
        self.writer.flush()
