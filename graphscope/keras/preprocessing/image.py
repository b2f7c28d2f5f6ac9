"""Images changed by chance, batch by batch, so that a network sees more of them.

Source: tf.keras.preprocessing.image of 1.15 (keras_preprocessing 1.1), as far as it works on
arrays. Left out are files, brightness and whitening.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from warnings import warn

import numpy as np

from graphscope.keras.utils.sequences import Sequence


def img_to_array(img: Any, data_format: str = "channels_last", dtype: Any = "float32") -> Any:
    """An image, also one of Pillow, as [rows, columns, channels], or with the channels first.

    Errors: ValueError for another order or rank.
    """
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError(f"Unknown data_format: {data_format}")
    x = np.asarray(img, dtype=dtype)
    if x.ndim not in (2, 3):
        raise ValueError(f"Unsupported image shape: {x.shape}")
    x = x[..., None] if x.ndim == 2 else x
    return x.transpose(2, 0, 1) if data_format == "channels_first" else x


def apply_channel_shift(x: Any, intensity: float, channel_axis: int = 0) -> Any:
    """All channels brighter by the intensity, within the range of the image."""
    return np.clip(x + intensity, x.min(), x.max())


def apply_affine_transform(
    x: Any,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 0,
    col_axis: int = 1,
    channel_axis: int = 2,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> Any:
    """An image turned by theta degrees, shifted, sheared by degrees, and zoomed, about its middle.

    tx, ty: pixels along rows and columns; zx, zy: factors of what is seen. Each pixel is mixed of
    the four around its place. fill_mode: what is beyond the edge, the ``nearest`` pixel or the
    ``constant`` cval. Errors: ValueError for another fill_mode or order.
    """
    if fill_mode not in ("nearest", "constant") or order != 1:
        raise ValueError(
            f"fill_mode={fill_mode!r} with order {order} is not known here: take 'nearest' or "
            "'constant' with order 1"
        )
    turn, slant = np.deg2rad(theta), np.deg2rad(shear)
    steps: list[Any] = [
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]],
        [[1, 0, tx], [0, 1, ty], [0, 0, 1]],
        [[1, -np.sin(slant), 0], [0, np.cos(slant), 0], [0, 0, 1]],
        [[zx, 0, 0], [0, zy, 0], [0, 0, 1]],
    ]
    matrix = np.linalg.multi_dot(steps)
    if np.array_equal(matrix, np.eye(3)):
        return x
    images = np.moveaxis(x, (row_axis, col_axis), (0, 1))
    middle = np.array([size / 2 + 0.5 for size in images.shape[:2]])
    places = np.indices(images.shape[:2]).reshape(2, -1) - middle[:, None]
    seen = matrix[:2, :2] @ places + (matrix[:2, 2] + middle)[:, None]
    mixed = _mixed(images, seen, None if fill_mode == "nearest" else cval)
    return np.moveaxis(mixed.astype(x.dtype), (0, 1), (row_axis, col_axis))


def _mixed(images: Any, places: Any, beyond: float | None) -> Any:
    """The pixels at places [2, rows * columns] that need not be whole numbers."""
    last = np.array(images.shape[:2])[:, None] - 1
    inside = np.clip(places, 0, last)
    low = np.minimum(inside.astype(int), np.maximum(last - 1, 0))
    high = np.minimum(low + 1, last)
    share = (inside - low).reshape(2, -1, *[1] * (images.ndim - 2))
    above = images[low[0], low[1]] * (1 - share[1]) + images[low[0], high[1]] * share[1]
    below = images[high[0], low[1]] * (1 - share[1]) + images[high[0], high[1]] * share[1]
    mixed = above * (1 - share[0]) + below * share[0]
    if beyond is not None:
        mixed[((places < 0) | (places > last)).any(axis=0)] = beyond
    return mixed.reshape(images.shape)


class ImageDataGenerator:
    """Gives out images that are changed by chance.

    featurewise_center, featurewise_std_normalization: less the mean of all images that `fit` saw,
    over their deviation; samplewise_...: of each image its own. rotation_range, shear_range:
    degrees. width_shift_range, height_shift_range: a share of the size, or pixels. zoom_range: a
    share, or two factors. channel_shift_range: how much brighter or darker. rescale: a factor.
    preprocessing_function: called with each image. validation_split: the share of the first images
    that is kept for ``subset="validation"``.
    Errors: ValueError for another order of axes, NotImplementedError for what is left out.
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Any = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[Any], Any] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        dtype: Any = "float32",
    ) -> None:
        if zca_whitening or brightness_range is not None:
            raise NotImplementedError(
                "zca_whitening and brightness_range are not known here: give a "
                "preprocessing_function that does it"
            )
        data_format = data_format or "channels_last"
        if data_format not in ("channels_last", "channels_first"):
            raise ValueError(
                '`data_format` should be `"channels_last"` (channel after row and column) or '
                f'`"channels_first"` (channel before row and column). Received: {data_format}'
            )
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(
                "`validation_split` must be strictly between 0 and 1.  Received: "
                f"{validation_split}"
            )
        self.featurewise_center = featurewise_center or featurewise_std_normalization
        self.samplewise_center = samplewise_center or samplewise_std_normalization
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.shear_range = shear_range
        self.zoom_range = _zoom(zoom_range)
        self.channel_shift_range = channel_shift_range
        self.fill_mode = fill_mode
        self.cval = cval
        self.horizontal_flip = horizontal_flip
        self.vertical_flip = vertical_flip
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        self.dtype = dtype
        self.data_format = data_format
        first = data_format == "channels_first"
        self.channel_axis, self.row_axis, self.col_axis = (1, 2, 3) if first else (3, 1, 2)
        self._validation_split = validation_split
        self.mean: Any = None
        self.std: Any = None

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        subset: str | None = None,
    ) -> NumpyArrayIterator:
        """Batches of images [n, rows, columns, channels], with their labels, without an end."""
        return NumpyArrayIterator(
            x, y, self, batch_size, shuffle, sample_weight, seed, subset, self.dtype
        )

    def flow_from_directory(self, directory: str, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(
            "images are read by what you like best, into an array, and given to flow(x, y)"
        )

    # ---- one image -----------------------------------------------------------------------------

    def get_random_transform(self, img_shape: Any, seed: int | None = None) -> dict[str, Any]:
        """How an image is to be changed, drawn from numpy's random numbers."""
        if seed is not None:
            np.random.seed(seed)
        rotation = self.rotation_range
        theta = np.random.uniform(-rotation, rotation) if rotation else 0
        tx = _shift(self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _shift(self.width_shift_range, img_shape[self.col_axis - 1])
        slant = self.shear_range
        shear = np.random.uniform(-slant, slant) if slant else 0
        least, most = self.zoom_range
        zx, zy = (1, 1) if least == most == 1 else np.random.uniform(least, most, 2)
        flips = {
            "flip_horizontal": (np.random.random() < 0.5) * self.horizontal_flip,
            "flip_vertical": (np.random.random() < 0.5) * self.vertical_flip,
        }
        brighter = self.channel_shift_range
        by = np.random.uniform(-brighter, brighter) if brighter else None
        moved = {"theta": theta, "tx": tx, "ty": ty, "shear": shear, "zx": zx, "zy": zy}
        return {**moved, **flips, "channel_shift_intensity": by, "brightness": None}

    def apply_transform(self, x: Any, transform_parameters: dict[str, Any]) -> Any:
        """The image [rows, columns, channels], changed so."""
        names = ("theta", "tx", "ty", "shear", "zx", "zy")
        x = apply_affine_transform(
            x,
            **{n: transform_parameters[n] for n in names if n in transform_parameters},
            row_axis=self.row_axis - 1,
            col_axis=self.col_axis - 1,
            channel_axis=self.channel_axis - 1,
            fill_mode=self.fill_mode,
            cval=self.cval,
        )
        if transform_parameters.get("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, transform_parameters["channel_shift_intensity"])
        if transform_parameters.get("flip_horizontal"):
            x = np.flip(x, self.col_axis - 1)
        if transform_parameters.get("flip_vertical"):
            x = np.flip(x, self.row_axis - 1)
        return x

    def random_transform(self, x: Any, seed: int | None = None) -> Any:
        """The image, changed by chance."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def standardize(self, x: Any) -> Any:
        """The image, or images, rescaled and normalized as the arguments say."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x = x * self.rescale
        if self.samplewise_center:
            x = x - np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x = x / (np.std(x, keepdims=True) + 1e-6)
        if self.featurewise_center:
            x = x if self.mean is None else x - self.mean
        if self.featurewise_std_normalization:
            x = x if self.std is None else x / (self.std + 1e-6)
        if self.featurewise_center and self.mean is None:
            warn(
                "This ImageDataGenerator specifies `featurewise_center`, but it hasn't been fit on "
                "any training data. Fit it first by calling `.fit(numpy_data)`.",
                stacklevel=2,
            )
        return x

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Learn the mean and the deviation of images [n, rows, columns, channels].

        augment: of changed ones, `rounds` times as many. Errors: ValueError for another rank.
        """
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ValueError(
                f"Input to `.fit()` should have rank 4. Got array with shape: {x.shape}"
            )
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.stack([self.random_transform(one) for _ in range(rounds) for one in x])
        sizes = [1, 1, 1]
        sizes[self.channel_axis - 1] = x.shape[self.channel_axis]
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axis=axes).reshape(sizes)
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=axes).reshape(sizes)


def _zoom(given: Any) -> list[float]:
    if isinstance(given, int | float):
        return [1 - given, 1 + given]
    if len(given) == 2 and all(isinstance(one, int | float) for one in given):
        return list(given)
    raise ValueError(
        f"`zoom_range` should be a float or a tuple or list of two floats. Received: {given}"
    )


def _shift(given: Any, size: int) -> Any:
    """So many pixels: drawn from a list or up to a whole number, or a share of the size."""
    if not given:
        return 0
    try:
        moved = np.random.choice(given)
        moved *= np.random.choice([-1, 1])
    except ValueError:  # a number that is not whole
        moved = np.random.uniform(-given, given)
    return moved * size if np.max(given) < 1 else moved


class BatchIterator(Sequence):
    """Batches of n examples, shuffled anew in each epoch; `next` goes on without an end."""

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None) -> None:
        self.n = n
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.batch_index = 0
        self.total_batches_seen = 0
        self.index_array: Any = None
        self.index_generator = self._flow_index()

    def __len__(self) -> int:
        return (self.n + self.batch_size - 1) // self.batch_size

    def __getitem__(self, idx: int) -> Any:
        if idx >= len(self):
            raise ValueError(
                f"Asked to retrieve element {idx}, but the Sequence has length {len(self)}"
            )
        self._seeded()
        self.total_batches_seen += 1
        if self.index_array is None:
            self._set_index_array()
        first = self.batch_size * idx
        return self._batch(self.index_array[first : first + self.batch_size])

    def on_epoch_end(self) -> None:
        self._set_index_array()

    def reset(self) -> None:
        self.batch_index = 0

    def _seeded(self) -> None:
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)

    def _set_index_array(self) -> None:
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _flow_index(self) -> Iterator[Any]:
        while True:
            self._seeded()
            if self.batch_index == 0:
                self._set_index_array()
            first = self.batch_index * self.batch_size % self.n if self.n else 0
            more = self.n > first + self.batch_size
            self.batch_index = self.batch_index + 1 if more else 0
            self.total_batches_seen += 1
            yield self.index_array[first : first + self.batch_size]

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return self._batch(next(self.index_generator))

    def next(self) -> Any:
        return self.__next__()

    def _batch(self, rows: Any) -> Any:
        raise NotImplementedError


class NumpyArrayIterator(BatchIterator):
    """What `ImageDataGenerator.flow` gives: batches of images, and of labels and weights.

    x: images, or a pair of images and other inputs. subset: ``training`` or ``validation``.
    Errors: ValueError for different lengths, another rank, another subset, and where a class is
    in one subset only.
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: ImageDataGenerator,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        subset: str | None = None,
        dtype: Any = "float32",
    ) -> None:
        others: list[Any] = []
        if isinstance(x, tuple | list):
            given = x[1] if isinstance(x[1], list) else [x[1]]
            x, others = x[0], [np.asarray(other) for other in given]
        for other in others:
            if len(other) != len(x):
                raise ValueError(
                    "All of the arrays in `x` should have the same length. Found a pair with: "
                    f"len(x[0]) = {len(x)}, len(x[?]) = {len(other)}"
                )
        for name, told, beside in (("y", "labels", y), ("sample_weight", "weights", sample_weight)):
            if beside is not None and len(beside) != len(x):
                raise ValueError(
                    f"`x` (images tensor) and `{name}` ({told}) should have the same length. "
                    f"Found: x.shape = {np.shape(x)}, {name}.shape = {np.shape(beside)}"
                )
        chosen = _subset(y, len(x), image_data_generator._validation_split, subset)
        self.x = np.asarray(x[chosen], dtype=dtype)
        self.x_misc = [other[chosen] for other in others]
        self.y = None if y is None else np.asarray(y[chosen])
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight[chosen])
        if self.x.ndim != 4:
            raise ValueError(
                "Input data in `NumpyArrayIterator` should have rank 4. You passed an array with "
                f"shape {self.x.shape}"
            )
        self.image_data_generator = image_data_generator
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _batch(self, rows: Any) -> Any:
        change = self.image_data_generator
        images = [change.standardize(change.random_transform(self.x[row].copy())) for row in rows]
        batch = np.zeros((len(rows), *self.x.shape[1:]), self.x.dtype)
        for i, image in enumerate(images):
            batch[i] = image
        first = [batch, *(other[rows] for other in self.x_misc)] if self.x_misc else batch
        if self.y is None:
            return first
        beside = [self.y] if self.sample_weight is None else [self.y, self.sample_weight]
        return (first, *(array[rows] for array in beside))


def _subset(y: Any, count: int, split: float, subset: str | None) -> slice:
    """The first examples are the validation's."""
    if subset is None:
        return slice(None)
    if subset not in ("training", "validation"):
        raise ValueError(f'Invalid subset name: {subset}; expected "training" or "validation".')
    at = int(count * split)
    if y is not None and not np.array_equal(np.unique(y[:at]), np.unique(y[at:])):
        raise ValueError(
            "Training and validation subsets have different number of classes after the split. If "
            "your numpy arrays are sorted by the label, you might want to shuffle them."
        )
    return slice(None, at) if subset == "validation" else slice(at, None)
