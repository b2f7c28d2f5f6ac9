"""Where TensorFlow has its recurrent networks: tf.nn.rnn_cell, tf.contrib.rnn, and older places."""

from __future__ import annotations

from typing import Any

from graphscope import nn
from graphscope.rnn import base, contrib, legacy, rnn_cell, seq2seq


def _public(module: Any) -> dict[str, Any]:
    return {name: getattr(module, name) for name in module.__all__}


_CELLS = _public(rnn_cell)
_RNNS = {
    name: getattr(nn, name)
    for name in (
        "bidirectional_dynamic_rnn",
        "dynamic_rnn",
        "raw_rnn",
        "static_bidirectional_rnn",
        "static_rnn",
        "static_state_saving_rnn",
    )
}
_INNER_CELLS = {
    **_CELLS,
    "LayerRNNCell": base.LayerRNNCell,
    "assert_like_rnncell": base.assert_like_rnncell,
}

#: Names of TensorFlow 0.x in tf.nn.
OLD_NAMES = {
    "bidirectional_rnn": nn.static_bidirectional_rnn,
    "rnn": nn.static_rnn,
    "state_saving_rnn": nn.static_state_saving_rnn,
}

RECURRENT: dict[str, dict[str, Any]] = {
    "tensorflow.nn.rnn_cell": _CELLS,
    "tensorflow.contrib.rnn": {
        **_CELLS,
        **{name: value for name, value in _RNNS.items() if name.startswith("static")},
        **_public(contrib),
        "LayerRNNCell": base.LayerRNNCell,
    },
    "tensorflow.contrib.seq2seq": _public(seq2seq),
    "tensorflow.contrib.legacy_seq2seq": _public(legacy),
    "tensorflow.nn.seq2seq": _public(legacy),
    "tensorflow.python.ops.seq2seq": _public(legacy),
    "tensorflow.python.ops.rnn": {**_RNNS, **OLD_NAMES},
    "tensorflow.python.ops.rnn_cell": _INNER_CELLS,
    "tensorflow.python.ops.rnn_cell_impl": _INNER_CELLS,
}
