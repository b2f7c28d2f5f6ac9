"""Images in other sizes by kernels, boxes that are found, and what is refused."""

import numpy as np
import pytest

import graphscope as gs
from graphscope import image
from graphscope.ops import scaling

rng = np.random.RandomState(5)
IMAGES = rng.rand(2, 6, 9, 3).astype(np.float32)


def run(tensor, feed=None):
    with gs.Session() as session:
        return session.run(tensor, feed)


def sinc(x):
    return np.sinc(x) * np.sinc(x / 3) * (np.abs(x) < 3)


def bell(x):
    return np.exp(-(x**2) / (2 * 0.5**2)) * (np.abs(x) < 1.5)


def triangle(x):
    return np.maximum(0, 1 - np.abs(x))


def resized(axis, images, new, kernel, antialias):
    """Each place of the new axis takes the old ones by their distance, in weights of sum 1."""
    old = images.shape[axis]
    step = old / new
    wide = max(step, 1.0) if antialias else 1.0
    centers = (np.arange(new) + 0.5) * step
    weights = kernel((np.arange(old) + 0.5 - centers[:, None]) / wide)
    weights /= weights.sum(1, keepdims=True)
    return np.moveaxis(np.tensordot(weights, images, [[1], [axis]]), 0, axis)


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("size", [(3, 4), (11, 5), (12, 18)])
@pytest.mark.parametrize(
    ("method", "kernel"), [("lanczos3", sinc), ("gaussian", bell), ("bilinear", triangle)]
)
def test_sizes_by_kernels(method, kernel, size, antialias):
    expected = resized(1, IMAGES.astype(float), size[0], kernel, antialias)
    expected = resized(2, expected, size[1], kernel, antialias)
    found = scaling.resize_images_v2(IMAGES, size, method, antialias=antialias)
    assert found.shape == (2, *size, 3)
    np.testing.assert_allclose(run(found), expected, rtol=1e-5, atol=1e-5)


def test_a_method_that_there_is_not():
    with pytest.raises(ValueError, match="Resize method is not implemented"):
        scaling.resize_images_v2(IMAGES, [3, 3], "finest")


@pytest.mark.parametrize("rows", [4, 6])
def test_a_frame_around_what_keeps_its_proportions(rows):
    found = run(image.resize_image_with_pad(IMAGES, rows, 20))
    width = round(rows * 9 / 6)
    left = (20 - width) // 2
    assert found.shape == (2, rows, 20, 3)
    assert not found[:, :, :left].any()
    assert not found[:, :, left + width :].any()
    assert found[:, :, left : left + width].all()


def test_images_that_are_the_same():
    assert run(image.psnr(IMAGES, IMAGES, 1.0)).tolist() == [np.inf, np.inf]
    wide = rng.rand(1, 12, 15, 2).astype(np.float32)
    np.testing.assert_allclose(run(image.ssim(wide, wide, 1.0)), [1.0], rtol=1e-6)
    assert run(image.total_variation(np.ones([4, 4, 1], np.float32))) == 0


@pytest.mark.parametrize("measure", [image.psnr, image.ssim])
def test_images_that_are_not_comparable(measure):
    with pytest.raises(ValueError, match=r"must be equal|incompatible"):
        measure(IMAGES[:, :5], IMAGES, 1.0)
    with pytest.raises(ValueError, match=r"[rR]ank|dimension"):
        measure(IMAGES[0, 0], IMAGES[0, 0], 1.0)


def test_overlaps_of_things_are_read_from_what_comes_later():
    """What waits is left out by its own row, not by that of what was chosen."""
    overlaps = np.array([[1, 0.9, 0], [0, 1, 0], [0.9, 0, 1]], np.float32)
    chosen = image.non_max_suppression_overlaps(overlaps, [3.0, 2.0, 1.0], 3, 0.5)
    assert run(chosen).tolist() == [0, 1]


def test_boxes_without_an_area():
    """They do not overlap themselves, and are chosen until there are enough; not so by classes."""
    boxes = np.array([[0, 0, 1, 1], [0, 0, 0.5, 1], [0, 0, 0, 0]], np.float32)
    scores = np.array([0.9, 0.8, 0.7], np.float32)
    found = image.non_max_suppression_padded(boxes, scores, 5)
    assert run(found.selected_indices).tolist() == [0, 2, 2, 2, 2]
    apart = image.combined_non_max_suppression(boxes[None, :, None], scores[None, :, None], 5, 5)
    assert run(apart.nmsed_scores).tolist() == [[*scores.tolist(), 0, 0]]
    assert run(apart.valid_detections).tolist() == [3]


@pytest.mark.parametrize("threshold", [-0.1, 1.5])
def test_shares_that_are_none(threshold):
    boxes = np.zeros([1, 4], np.float32)
    found = image.non_max_suppression(boxes, [1.0], 1, iou_threshold=threshold)
    with pytest.raises(gs.errors.InvalidArgumentError, match=r"must be in \[0, 1\]"):
        run(found)


def test_boxes_of_images_that_there_are_not():
    cut = image.crop_and_resize(IMAGES, [[0.0, 0.0, 1.0, 1.0]], [2], [3, 3])
    with pytest.raises(gs.errors.OutOfRangeError, match=r"[0-9]"):
        run(cut)


def test_turns_by_a_tensor():
    k = gs.placeholder(gs.int32, [])
    turned = image.rot90(IMAGES[0], k)
    for quarters in range(-1, 5):
        assert np.array_equal(run(turned, {k: quarters}), np.rot90(IMAGES[0], quarters))


def test_rows_of_no_ids():
    """A row without ids that count gives zeros, or the default row."""
    table = rng.rand(5, 2).astype(np.float32)
    where = np.array([[0, 0], [0, 1], [2, 0]], np.int64)
    ids = gs.SparseTensor(where, np.array([1, 3, -1], np.int64), np.array([4, 2], np.int64))
    zeros = run(gs.nn.safe_embedding_lookup_sparse(table, ids))
    expected = np.array([table[[1, 3]].mean(0), [0, 0], [0, 0], [0, 0]])
    np.testing.assert_allclose(zeros, expected, rtol=1e-6)
    filled = run(gs.nn.safe_embedding_lookup_sparse(table, ids, combiner="sum", default_id=4))
    np.testing.assert_allclose(filled[0], table[[1, 3]].sum(0), rtol=1e-6)
    assert np.array_equal(filled[1:], table[[4, 4, 4]])
