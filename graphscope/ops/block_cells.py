"""Recurrent cells that are one operation each in old files, and their gradients.

What is made here from such cells is made of small operations, which can be stepped through; a file
has them whole. B examples, T steps, I inputs, C units. Source: tensorflow/core/kernels/rnn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphscope.graph.declare import Index, T, op
from graphscope.graph.graph import Tensor
from graphscope.graph.registry import OLD_OPS
from graphscope.graph.shapes import TensorShape

Array = NDArray[Any]
_GATES = ("i", "cs", "f", "o", "ci", "co", "h")
_SLOPES = ("cs_prev_grad", "dicfo", "wci_grad", "wcf_grad", "wco_grad")


def _sigmoid(x: Array) -> Array:
    found: Array = 1 / (1 + np.exp(-x))
    return found


def _like(count: int) -> Any:
    """A shape rule: all outputs are as the second input."""

    def rule(first: Tensor, second: Tensor, *_: Tensor, **__: Any) -> tuple[TensorShape, ...]:
        return (second.shape,) * count

    return rule


def _unknown(count: int) -> Any:
    return lambda *_, **__: (TensorShape(None),) * count


def _steps(
    seq_len_max: Tensor, x: Tensor, cs_prev: Tensor, *_: Tensor, **__: Any
) -> tuple[TensorShape, ...]:
    steps = TensorShape(None if x.shape.sizes is None else x.shape.sizes[:1])
    return (steps.concatenate(cs_prev.shape),) * len(_GATES)


def _lstm(
    x: Array,
    cs_prev: Array,
    h_prev: Array,
    w: Array,
    peepholes: tuple[Array, Array, Array] | None,
    b: Array,
    forget_bias: float,
    cell_clip: float,
) -> tuple[Array, ...]:
    """One step: gates, states and output, in the order of the operation's outputs."""
    gates = np.concatenate([x, h_prev], 1) @ w + b
    i, ci, f, o = np.split(gates, 4, 1)
    bias = x.dtype.type(forget_bias)
    if peepholes is not None:
        i, f = i + cs_prev * peepholes[0], f + cs_prev * peepholes[1]
    i, ci, f = _sigmoid(i), np.tanh(ci), _sigmoid(f + bias)
    cs = ci * i + cs_prev * f
    if cell_clip > 0:
        cs = np.clip(cs, -cell_clip, cell_clip)
    o = _sigmoid(o if peepholes is None else o + cs * peepholes[2])
    co = np.tanh(cs)
    return i, cs, f, o, ci, co, o * co


def _lstm_slopes(
    cs_prev: Array,
    peepholes: tuple[Array, Array, Array] | None,
    kept: tuple[Array, ...],
    cs_grad: Array,
    h_grad: Array,
) -> tuple[Array, ...]:
    """The slopes of one step. kept: i, cs, f, o, ci and co of it."""
    i, cs, f, o, ci, co = kept
    do = o * (1 - o) * h_grad * co
    dcs = (1 - co * co) * h_grad * o + cs_grad
    if peepholes is not None:
        dcs = dcs + do * peepholes[2]
    di, dci, df = i * (1 - i) * dcs * ci, (1 - ci * ci) * dcs * i, f * (1 - f) * dcs * cs_prev
    before = dcs * f
    slopes = [np.zeros(cs.shape[1], cs.dtype)] * 3
    if peepholes is not None:
        before = before + di * peepholes[0] + df * peepholes[1]
        slopes = [(di * cs_prev).sum(0), (df * cs_prev).sum(0), (do * cs).sum(0)]
    return before, np.concatenate([di, dci, df, do], 1), *slopes


@op("LSTMBlockCell", kind="nn", outputs=_GATES, shape=_like(7), table=OLD_OPS)
def lstm_block_cell(
    x: T,
    cs_prev: T,
    h_prev: T,
    w: T,
    wci: T,
    wcf: T,
    wco: T,
    b: T,
    *,
    forget_bias: float = 1.0,
    cell_clip: float = 3.0,
    use_peephole: bool = False,
) -> tuple[T, T, T, T, T, T, T]:
    """One step of an LSTM. x: [B, I]; states: [B, C]; w: [I + C, 4 C], its columns are input gate,
    new state, forget gate, output gate."""
    peepholes = (wci, wcf, wco) if use_peephole else None
    i, cs, f, o, ci, co, h = _lstm(x, cs_prev, h_prev, w, peepholes, b, forget_bias, cell_clip)
    return i, cs, f, o, ci, co, h


@op("LSTMBlockCellGrad", kind="nn", outputs=_SLOPES, shape=_unknown(5), table=OLD_OPS)
def lstm_block_cell_grad(
    x: T,
    cs_prev: T,
    h_prev: T,
    w: T,
    wci: T,
    wcf: T,
    wco: T,
    b: T,
    i: T,
    cs: T,
    f: T,
    o: T,
    ci: T,
    co: T,
    cs_grad: T,
    h_grad: T,
    *,
    use_peephole: bool,
) -> tuple[T, T, T, T, T]:
    """The slopes of a step of an LSTM: of its state before, of its gates, of the peepholes."""
    peepholes = (wci, wcf, wco) if use_peephole else None
    kept = (i, cs, f, o, ci, co)
    before, gates, *slopes = _lstm_slopes(cs_prev, peepholes, kept, cs_grad, h_grad)
    return before, gates, slopes[0], slopes[1], slopes[2]


@op("BlockLSTM", kind="nn", outputs=_GATES, shape=_steps, table=OLD_OPS)
def block_lstm(
    seq_len_max: Index,
    x: T,
    cs_prev: T,
    h_prev: T,
    w: T,
    wci: T,
    wcf: T,
    wco: T,
    b: T,
    *,
    forget_bias: float = 1.0,
    cell_clip: float = 3.0,
    use_peephole: bool = False,
) -> tuple[T, T, T, T, T, T, T]:
    """An LSTM over all steps. x: [T, B, I]; after seq_len_max steps all is zero."""
    peepholes = (wci, wcf, wco) if use_peephole else None
    found = [np.zeros((len(x), *cs_prev.shape), x.dtype) for _ in _GATES]
    for t in range(int(seq_len_max)):
        step = _lstm(x[t], cs_prev, h_prev, w, peepholes, b, forget_bias, cell_clip)
        for values, value in zip(found, step, strict=True):
            values[t] = value
        cs_prev, h_prev = step[1], step[6]
    i, cs, f, o, ci, co, h = found
    return i, cs, f, o, ci, co, h


@op(
    "BlockLSTMGrad",
    kind="nn",
    outputs=(*("x_grad", "cs_prev_grad", "h_prev_grad", "w_grad"), *_SLOPES[2:], "b_grad"),
    shape=_unknown(8),
    table=OLD_OPS,
)
def block_lstm_grad(
    seq_len_max: Index,
    x: T,
    cs_prev: T,
    h_prev: T,
    w: T,
    wci: T,
    wcf: T,
    wco: T,
    b: T,
    i: T,
    cs: T,
    f: T,
    o: T,
    ci: T,
    co: T,
    h: T,
    cs_grad: T,
    h_grad: T,
    *,
    use_peephole: bool,
) -> tuple[T, T, T, T, T, T, T, T]:
    """The slopes of an LSTM over all steps, the last step first."""
    peepholes = (wci, wcf, wco) if use_peephole else None
    x_grad, w_grad, b_grad = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
    dcs, dh = np.zeros_like(cs_prev), np.zeros_like(h_prev)
    totals = [np.zeros_like(each) for each in (wci, wcf, wco)]
    for t in reversed(range(int(seq_len_max))):
        cs_before, h_before = (cs[t - 1], h[t - 1]) if t else (cs_prev, h_prev)
        kept = (i[t], cs[t], f[t], o[t], ci[t], co[t])
        slopes = _lstm_slopes(cs_before, peepholes, kept, cs_grad[t] + dcs, h_grad[t] + dh)
        dcs, gates, *of_peepholes = slopes
        both = gates @ w.T
        x_grad[t], dh = both[:, : x.shape[2]], both[:, x.shape[2] :]
        w_grad += np.concatenate([x[t], h_before], 1).T @ gates
        b_grad += gates.sum(0)
        for total, slope in zip(totals, of_peepholes, strict=True):
            total += slope
    return x_grad, dcs, dh, w_grad, totals[0], totals[1], totals[2], b_grad


@op("GRUBlockCell", kind="nn", outputs=("r", "u", "c", "h"), shape=_like(4), table=OLD_OPS)
def gru_block_cell(x: T, h_prev: T, w_ru: T, w_c: T, b_ru: T, b_c: T) -> tuple[T, T, T, T]:
    """One step of a GRU. x: [B, I]; h_prev: [B, C]; w_ru: [I + C, 2 C]; w_c: [I + C, C]."""
    r, u = np.split(_sigmoid(np.concatenate([x, h_prev], 1) @ w_ru + b_ru), 2, 1)
    c = np.tanh(np.concatenate([x, h_prev * r], 1) @ w_c + b_c)
    return r, u, c, u * h_prev + (1 - u) * c


@op(
    "GRUBlockCellGrad",
    kind="nn",
    outputs=("d_x", "d_h_prev", "d_c_bar", "d_r_bar_u_bar"),
    shape=_unknown(4),
    table=OLD_OPS,
)
def gru_block_cell_grad(
    x: T, h_prev: T, w_ru: T, w_c: T, b_ru: T, b_c: T, r: T, u: T, c: T, d_h: T
) -> tuple[T, T, T, T]:
    """The slopes of a step of a GRU: of what it takes, and of its gates before squashing."""
    d_c = d_h * (1 - u) * (1 - c * c)
    d_u = d_h * (h_prev - c) * u * (1 - u)
    size = x.shape[1]
    through_c = d_c @ w_c.T
    d_hr = through_c[:, size:]
    d_ru = np.concatenate([d_hr * h_prev * r * (1 - r), d_u], 1)
    through_ru = d_ru @ w_ru.T
    d_h_prev = through_ru[:, size:] + d_hr * r + d_h * u
    return through_c[:, :size] + through_ru[:, :size], d_h_prev, d_c, d_ru
