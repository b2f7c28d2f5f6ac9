"""Convolutions and pools beside loops over every window, in shapes that try the edges: several
blocks of images, strides, dilations, padding of both kinds, ties and NaN."""

import itertools

import numpy as np
import pytest

from graphscope.ops import conv, pooling, windows

CONVOLUTIONS = [
    # image, filter, stride, dilation, padding
    ((3, 6, 7, 2), (3, 3, 2, 4), (1, 1), (1, 1), "SAME"),
    ((3, 6, 7, 2), (3, 2, 2, 4), (1, 1), (1, 1), "VALID"),
    ((2, 9, 8, 3), (3, 3, 3, 2), (2, 3), (1, 1), "SAME"),
    ((2, 9, 8, 3), (2, 3, 3, 2), (1, 1), (2, 3), "SAME"),
    ((2, 5, 5, 1), (1, 1, 1, 3), (1, 1), (1, 1), "VALID"),
    ((2, 5, 5, 1), (2, 2, 1, 9), (1, 1), (1, 1), "SAME"),  # many more filters than channels
    ((2, 4, 5, 2), (2, 2, 2, 2), (1, 1), (1, 1), [3, 0, 1, 2]),  # more padding than is reached
    ((2, 4, 5, 2), (3, 3, 2, 2), (1, 1), (1, 1), [1, 0, 2, 1]),
    ((0, 4, 4, 2), (2, 2, 2, 3), (1, 1), (1, 1), "SAME"),
]


def convolved(images, taps, axes):
    """Each number by a loop."""
    wide = np.pad(images, [(0, 0), *[(a.before, a.after) for a in axes], (0, 0)])
    result = np.zeros((len(images), axes[0].number, axes[1].number, taps.shape[3]))
    for y, x in np.ndindex(*result.shape[1:3]):
        for i, j in np.ndindex(*taps.shape[:2]):
            row = y * axes[0].stride + i * axes[0].dilation
            column = x * axes[1].stride + j * axes[1].dilation
            result[:, y, x] += wide[:, row, column] @ taps[i, j]
    return result


@pytest.mark.parametrize("small_blocks", [False, True])
@pytest.mark.parametrize("case", CONVOLUTIONS, ids=str)
def test_a_convolution_and_its_slopes(case, small_blocks, monkeypatch):
    sizes, taps_sizes, strides, dilations, padding = case
    if small_blocks:
        monkeypatch.setattr(windows, "_BYTES_OF_A_BLOCK", 1)
    random = np.random.RandomState(1)
    images, taps = random.randn(*sizes), random.randn(*taps_sizes)
    attrs = {
        "strides": [1, *strides, 1],
        "dilations": [1, *dilations, 1],
        "padding": padding if isinstance(padding, str) else "EXPLICIT",
        "explicit_paddings": [] if isinstance(padding, str) else [0, 0, *padding, 0, 0],
        "data_format": "NHWC",
    }
    axes = windows.known(
        windows.axes_of(
            sizes[1:3], taps_sizes[:2], strides, attrs["padding"], dilations,
            [] if isinstance(padding, str) else padding,
        )
    )  # fmt: skip
    right = convolved(images, taps, axes)
    assert np.allclose(conv.conv2d.kernel(images, taps, **attrs), right)

    # It is linear in both: the slopes are its transposes.
    flow = random.randn(*right.shape)
    dx = conv.conv2d_backprop_input.kernel(np.array(sizes), taps, flow, **attrs)
    dw = conv.conv2d_backprop_filter.kernel(images, np.array(taps_sizes), flow, **attrs)
    assert (dx.shape, dw.shape) == (sizes, taps_sizes)
    other_images, other_taps = random.randn(*sizes), random.randn(*taps_sizes)
    moved = (convolved(other_images, taps, axes) * flow).sum()
    assert np.isclose((dx * other_images).sum(), moved)
    assert np.isclose((dw * other_taps).sum(), (convolved(images, other_taps, axes) * flow).sum())


POOLS = [
    # image, window, stride, padding
    ((2, 4, 6, 3), (2, 2), (2, 2), "VALID"),
    ((2, 5, 7, 2), (2, 2), (2, 2), "SAME"),
    ((2, 6, 6, 2), (3, 3), (2, 2), "SAME"),
    ((2, 6, 7, 2), (3, 2), (1, 1), "VALID"),
    ((1, 7, 7, 1), (2, 2), (3, 3), "VALID"),
    ((1, 3, 3, 2), (3, 3), (1, 1), "SAME"),
]


def first_largest(images, axes):
    """For each window the place of its first largest element, as TensorFlow's loop finds it: the
    first one, and then whatever is larger than the best so far."""
    places = {}
    for b, y, x, c in np.ndindex(len(images), axes[0].number, axes[1].number, images.shape[-1]):
        best = None
        for i, j in itertools.product(range(axes[0].window), range(axes[1].window)):
            row = y * axes[0].stride + i - axes[0].before
            column = x * axes[1].stride + j - axes[1].before
            if 0 <= row < images.shape[1] and 0 <= column < images.shape[2]:
                value = images[b, row, column, c]
                if best is None or value > best:
                    best, places[b, y, x, c] = value, (b, row, column, c)
    return places


@pytest.mark.parametrize("kind", ["numbers", "ties", "negative", "nan", "whole"])
@pytest.mark.parametrize("case", POOLS, ids=str)
def test_the_slopes_of_a_pool(case, kind):
    sizes, window, strides, padding = case
    random = np.random.RandomState(2)
    images = {
        "numbers": lambda: random.randn(*sizes).astype("f4"),
        "ties": lambda: random.randint(0, 2, sizes).astype("f4"),
        "negative": lambda: -1 - random.rand(*sizes),
        "nan": lambda: np.where(random.rand(*sizes) < 0.3, np.nan, random.randn(*sizes)),
        "whole": lambda: random.randint(-5, 5, sizes),
    }[kind]()
    axes = windows.known(windows.axes_of(sizes[1:3], window, strides, padding))
    places = first_largest(images, axes)
    attrs = {"ksize": [1, *window, 1], "strides": [1, *strides, 1], "padding": padding}
    shape = (len(images), axes[0].number, axes[1].number, images.shape[-1])
    flow = random.randint(1, 9, shape).astype(images.dtype)

    right = np.zeros(sizes, images.dtype)
    for output, place in places.items():
        right[place] += flow[output]
    largest = np.zeros(shape, images.dtype)  # nobody reads it
    assert np.array_equal(pooling.max_pool_grad.kernel(images, largest, flow, **attrs), right)

    back = random.randint(1, 9, sizes).astype(images.dtype)
    taken = np.zeros(shape, images.dtype)
    for output, place in places.items():
        taken[output] = back[place]
    found = pooling.max_pool_grad_grad.kernel(images, largest, back, **attrs)
    assert np.array_equal(found, taken)

    values, argmax = pooling.max_pool_with_argmax.kernel(images, **attrs)
    flat = {o: (r * sizes[2] + w) * sizes[3] + c for o, (_, r, w, c) in places.items()}
    assert all(argmax[output] == place for output, place in flat.items())
    assert np.array_equal(values, [[[[images[places[b, y, x, c]] for c in range(shape[3])]
        for x in range(shape[2])] for y in range(shape[1])] for b in range(shape[0])],
        equal_nan=images.dtype.kind == "f")  # fmt: skip
