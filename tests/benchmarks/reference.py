"""The models in plain numpy, in whatever type the weights have: what all others are held against.

`loss_and_slopes(name, weights, x, y)` is one pass forwards and back, as one writes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[Any]
Slopes = tuple[Any, list[Array]]


def cross_entropy(logits: Array, y: Array) -> tuple[Any, Array]:
    """The mean over the batch, and its slope along the logits."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    sums = powers.sum(axis=1, keepdims=True)
    loss = -(y * (shifted - np.log(sums))).sum(axis=1).mean()
    return loss, (powers / sums - y) / len(y)


def perceptron(w: list[Array], x: Array, y: Array) -> Slopes:
    layers = [x]
    for i in range(0, len(w) - 2, 2):
        layers.append(np.maximum(layers[-1] @ w[i] + w[i + 1], 0))
    loss, slope = cross_entropy(layers[-1] @ w[-2] + w[-1], y)
    slopes: list[Array] = []
    for i in range(len(w) - 2, -1, -2):
        layer = layers[i // 2]
        slopes = [layer.T @ slope, slope.sum(axis=0), *slopes]
        slope = slope @ w[i].T * (layer > 0)
    return loss, slopes


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def lstm(w: list[Array], x: Array, y: Array) -> Slopes:
    """BasicLSTMCell: the gates are i, j, f, o; forget_bias is 1."""
    kernel, gates, last, bias = w
    units = kernel.shape[1] // 4
    c = h = np.zeros((len(x), units), x.dtype)
    kept = []
    for t in range(x.shape[1]):
        both = np.concatenate([x[:, t], h], axis=1)
        i, j, f, o = np.split(both @ kernel + gates, 4, axis=1)
        i, j, f, o = sigmoid(i), np.tanh(j), sigmoid(f + 1), sigmoid(o)
        before, c = c, c * f + i * j
        active = np.tanh(c)
        h = active * o
        kept.append((both, i, j, f, o, before, active))
    loss, slope = cross_entropy(h @ last + bias, y)
    slopes = [np.zeros_like(kernel), np.zeros_like(gates), h.T @ slope, slope.sum(axis=0)]
    dh, dc = slope @ last.T, np.zeros_like(c)
    for both, i, j, f, o, before, active in reversed(kept):
        dc = dc + dh * o * (1 - active**2)
        parts = [
            dc * j * i * (1 - i),
            dc * i * (1 - j**2),
            dc * before * f * (1 - f),
            dh * active * o * (1 - o),
        ]
        whole = np.concatenate(parts, axis=1)
        slopes[0] += both.T @ whole
        slopes[1] += whole.sum(axis=0)
        dh, dc = (whole @ kernel.T)[:, x.shape[2] :], dc * f
    return loss, slopes


def unfolded(x: Array, size: int) -> Array:
    """The windows of SAME padding as rows: [batch * rows * columns, size * size * channels]."""
    around = size // 2
    wide = np.pad(x, [(0, 0), (around, around), (around, around), (0, 0)])
    windows = sliding_window_view(wide, (size, size), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
    return windows.reshape(-1, size * size * x.shape[3])


def folded(rows: Array, shape: tuple[int, ...], size: int) -> Array:
    """The slope of `unfolded`."""
    batch, height, width, channels = shape
    around = size // 2
    wide = np.zeros((batch, height + 2 * around, width + 2 * around, channels), rows.dtype)
    parts = rows.reshape(batch, height, width, size, size, channels)
    for i in range(size):
        for j in range(size):
            wide[:, i : i + height, j : j + width] += parts[:, :, :, i, j]
    return wide[:, around : around + height, around : around + width]


def halves(x: Array) -> Array:
    """The windows of 2 x 2 as a last axis."""
    batch, height, width, channels = x.shape
    parts = x.reshape(batch, height // 2, 2, width // 2, 2, channels)
    return parts.transpose(0, 1, 3, 5, 2, 4).reshape(batch, height // 2, width // 2, channels, 4)


def unpooled(slope: Array, windows: Array) -> Array:
    """What flows back goes to the first largest element of each window."""
    batch, height, width, channels, _ = windows.shape
    wide = np.zeros(windows.shape, slope.dtype)
    np.put_along_axis(wide, windows.argmax(axis=-1)[..., None], slope[..., None], axis=-1)
    parts = wide.reshape(batch, height, width, channels, 2, 2).transpose(0, 1, 4, 2, 5, 3)
    return parts.reshape(batch, 2 * height, 2 * width, channels)


def cnn(w: list[Array], x: Array, y: Array) -> Slopes:
    """Twice: convolution, bias, relu, max pool; then two dense layers."""
    kept = []
    for i in (0, 2):
        rows = unfolded(x, len(w[i]))
        taps = w[i].reshape(-1, w[i].shape[3])
        active = np.maximum((rows @ taps).reshape(*x.shape[:3], -1) + w[i + 1], 0)
        windows = halves(active)
        kept.append((rows, taps, x.shape, active, windows))
        x = windows.max(axis=-1)
    flat = x.reshape(len(x), -1)
    hidden = np.maximum(flat @ w[4] + w[5], 0)
    loss, slope = cross_entropy(hidden @ w[6] + w[7], y)
    slopes = [hidden.T @ slope, slope.sum(axis=0)]
    slope = slope @ w[6].T * (hidden > 0)
    slopes = [flat.T @ slope, slope.sum(axis=0), *slopes]
    slope = (slope @ w[4].T).reshape(x.shape)
    for i, (rows, taps, shape, active, windows) in zip((2, 0), reversed(kept), strict=True):
        slope = unpooled(slope, windows) * (active > 0)
        flow = slope.reshape(-1, slope.shape[3])
        slopes = [(rows.T @ flow).reshape(w[i].shape), flow.sum(axis=0), *slopes]
        if i:
            slope = folded(flow @ taps.T, shape, len(w[i]))
    return loss, slopes


def tiny(w: list[Array], x: Array, y: Array) -> Slopes:
    a, b, c, d, e = w
    h = np.maximum(a * x + b, 0)
    error = (h * c + d) * e - y
    g = 2 * error
    dh = g * e * c * (h > 0)
    return error * error + b * b, [dh * x, dh + 2 * b, g * e * h, g * e, g * (h * c + d)]


MODELS: dict[str, Callable[[list[Array], Array, Array], Slopes]] = {
    "softmax": perceptron,
    "mlp1": perceptron,
    "mlp2": perceptron,
    "lstm": lstm,
    "cnn50": cnn,
    "cnn100": cnn,
    "tiny": tiny,
    "tiny_fed": tiny,
}


def trained(name: str, arrays: dict[str, Array], steps: int) -> tuple[list[float], list[Array]]:
    """The losses of so many steps in float64, and the weights after them."""
    wide = {key: value.astype(np.float64) for key, value in arrays.items()}
    weights = [wide[key] for key in sorted(wide) if key[0] == "w"]
    losses = []
    for _ in range(steps):
        loss, slopes = MODELS[name](weights, wide["x"], wide["y"])
        losses.append(float(loss))
        weights = [w - wide["rate"] * slope for w, slope in zip(weights, slopes, strict=True)]
    return losses, weights
