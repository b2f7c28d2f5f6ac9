"""What preprocessing and datasets of Keras refuse, and the digits; the rest has goldens."""

import numpy as np
import pytest

from graphscope.errors import lesson_of
from graphscope.keras.datasets import mnist
from graphscope.keras.preprocessing import image, sequence, text
from graphscope.keras.utils import get_file


def test_the_digits_are_those_that_come_along(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (x, y), (x_test, y_test) = mnist.load_data()
    assert (x.shape, y.shape, x_test.shape, y_test.shape) == (
        (9000, 28, 28),
        (9000,),
        (1000, 28, 28),
        (1000,),
    )
    assert x.dtype == np.uint8
    assert (x.max(), y.max()) == (255, 9)
    said = "mnist.npz is not there: using the 10,000 digits that come with GraphScope\n"
    assert capsys.readouterr().out == said


def test_a_file_of_digits_is_read(tmp_path, capsys):
    arrays = {
        "x_train": np.zeros((3, 28, 28), np.uint8),
        "y_train": np.arange(3),
        "x_test": np.ones((1, 28, 28), np.uint8),
        "y_test": np.array([7]),
    }
    np.savez(tmp_path / "digits.npz", **arrays)
    (x, y), (x_test, y_test) = mnist.load_data(str(tmp_path / "digits.npz"))
    assert (len(x), y.tolist(), x_test[0, 0, 0], y_test.tolist()) == (3, [0, 1, 2], 1, [7])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: sequence.pad_sequences([1, 2]), "must be a list of iterables"),
        (lambda: sequence.pad_sequences(3), "must be iterable"),
        (lambda: sequence.pad_sequences([[1]], padding="left"), "Padding type"),
        (lambda: sequence.pad_sequences([[1]], truncating="left"), "Truncating type"),
        (lambda: sequence.pad_sequences([["a"]], value="x"), "is not compatible"),
        (lambda: sequence.pad_sequences([[[1, 2]], [[3]]]), "different from expected shape"),
        (lambda: sequence.TimeseriesGenerator([1, 2], [1], 1), "of same length"),
        (lambda: sequence.TimeseriesGenerator([1, 2], [1, 2], 5), "is disallowed"),
        (lambda: text.Tokenizer().texts_to_matrix(["a"]), "Specify a dimension"),
        (lambda: text.Tokenizer(3).texts_to_matrix(["a"], "tfidf"), "Fit the Tokenizer"),
        (lambda: text.Tokenizer(3).texts_to_matrix(["a"], "many"), "Unknown vectorization"),
        (lambda: image.ImageDataGenerator(data_format="nhwc"), "data_format"),
        (lambda: image.ImageDataGenerator(validation_split=2), "strictly between 0 and 1"),
        (lambda: image.ImageDataGenerator(zoom_range="far"), "zoom_range"),
        (lambda: image.ImageDataGenerator().fit(np.zeros(3)), "should have rank 4"),
        (lambda: image.ImageDataGenerator().flow(np.zeros((2, 3))), "should have rank 4"),
        (lambda: image.img_to_array(np.zeros(3)), "Unsupported image shape"),
    ],
)
def test_refused(wrong, message):
    with pytest.raises(ValueError) as caught:
        wrong()
    assert message in " ".join(map(str, caught.value.args))


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (np.zeros((4, 2, 2, 1)), {"y": np.zeros(3)}, "labels"),
        (np.zeros((4, 2, 2, 1)), {"sample_weight": np.zeros(3)}, "weights"),
        ([np.zeros((4, 2, 2, 1)), np.zeros(3)], {}, "All of the arrays"),
        (np.zeros((4, 2, 2, 1)), {"subset": "test"}, "Invalid subset"),
        (np.zeros((4, 2, 2, 1)), {"y": np.arange(4), "subset": "training"}, "number of classes"),
    ],
)
def test_a_flow_refused(images, options, message):
    with pytest.raises(ValueError, match=message):
        image.ImageDataGenerator(validation_split=0.5).flow(images, **options)


def test_what_is_left_out_says_what_to_do():
    with pytest.raises(NotImplementedError, match="give a preprocessing_function"):
        image.ImageDataGenerator(zca_whitening=True)
    with pytest.raises(NotImplementedError, match=r"given to flow\(x, y\)"):
        image.ImageDataGenerator().flow_from_directory("pictures")
    with pytest.raises(ValueError, match="take 'nearest' or 'constant'"):
        image.apply_affine_transform(np.zeros((2, 2, 1)), theta=5, fill_mode="wrap")


def test_other_inputs_and_weights_come_along():
    images, more = np.arange(4.0).reshape(4, 1, 1, 1), np.arange(4) * 10
    flow = image.ImageDataGenerator().flow(
        [images, more], np.arange(4), 3, shuffle=False, sample_weight=np.ones(4)
    )
    (batch, other), labels, weights = next(flow)
    assert batch[:, 0, 0, 0].tolist() == [0, 1, 2]
    assert (other.tolist(), labels.tolist(), len(weights)) == ([0, 10, 20], [0, 1, 2], 3)


def test_a_generator_that_never_saw_images_says_so():
    generator = image.ImageDataGenerator(featurewise_center=True)
    with pytest.warns(UserWarning, match="hasn't been fit on any training data"):
        next(generator.flow(np.zeros((1, 2, 2, 1))))


def test_words_by_python_s_hash_are_the_same_in_one_process():
    numbers = text.one_hot("a b a", 50)
    assert numbers[0] == numbers[2]
    assert all(1 <= number < 50 for number in numbers)


def test_a_list_is_written_down_as_json():
    series = sequence.TimeseriesGenerator([[1], [2], [3]], [1, 2, 3], 1, batch_size=1)
    assert '"data": "[[1], [2], [3]]"' in series.to_json()
    with pytest.raises(TypeError):
        sequence.TimeseriesGenerator([{1}, {2}, {3}], [1, 2, 3], 1).to_json()


def test_a_file_is_looked_for_and_not_loaded(tmp_path):
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "a.txt").write_text("a")
    here = get_file("a.txt", "http://example.org/a.txt", cache_dir=str(tmp_path))
    assert here == str(tmp_path / "datasets" / "a.txt")
    with pytest.raises(OSError, match="URL fetch failure on http") as caught:
        get_file("b.txt", "http://example.org/b.txt", cache_dir=str(tmp_path))
    assert lesson_of(caught.value).hint[0].startswith("load the file yourself, and put it at ")
