"""Cases of Keras' preprocessing: sequences, texts, images."""

import random

import numpy as np
from goldens.case import normal
from goldens.keras_scripts import script

TEXTS = ["The cat sat on the mat.", "The dog; the dog sat!", "A\tcat & a dog, a bird", ""]
ROWS = [[1, 2, 3], [4], [], [5, 6]]


@script("preprocessing.sequence.pad_sequences")
def _padded(tf, keras):
    pad = keras.preprocessing.sequence.pad_sequences
    return {
        "plain": pad(ROWS),
        "longer": pad(ROWS, maxlen=5, value=9),
        "shorter": pad(ROWS, maxlen=2),
        "post": pad(ROWS, maxlen=2, padding="post", truncating="post"),
        "floats": pad([[0.5], [1.5, 2.5]], dtype="float32", value=-1.0),
        "vectors": pad([[[1, 2]], [[3, 4], [5, 6]]]),
    }


@script("preprocessing.sequence.skipgrams")
def _skipgrams(tf, keras):
    sequence = keras.preprocessing.sequence
    random.seed(3)
    words = [1, 2, 0, 3, 4, 2]
    return {
        "table": sequence.make_sampling_table(6),
        "plain": sequence.skipgrams(words, 5, window_size=1, negative_samples=0, shuffle=False),
        "drawn": sequence.skipgrams(words, 5, window_size=2, seed=4),
        "categorical": sequence.skipgrams(words, 5, window_size=1, categorical=True),
        "kept": sequence.skipgrams(words, 5, sampling_table=np.full(6, 0.5)),
    }


@script("preprocessing.sequence.TimeseriesGenerator")
def _series(tf, keras):
    generator = keras.preprocessing.sequence.TimeseriesGenerator
    data, targets = np.arange(20).reshape(10, 2), np.arange(10) * 10
    first = generator(data, targets, length=3, batch_size=2)
    second = generator(data, targets, 4, sampling_rate=2, stride=2, reverse=True, end_index=8)
    third = generator(data, targets, 2, shuffle=True, batch_size=3)
    found = {"sizes": [len(first), len(second), len(third)]}
    for name, one in (("first", first), ("second", second), ("third", third)):
        found[name + " x"], found[name + " y"] = one[0]
    found["config"] = second.get_config()
    return found


@script("preprocessing.text")
def _words(tf, keras):
    text = keras.preprocessing.text
    return {
        "words": [text.text_to_word_sequence(one) for one in TEXTS],
        "others": text.text_to_word_sequence("One-two_THREE", filters="_", lower=False, split="-"),
        "md5": text.hashing_trick(TEXTS[0], 10, "md5"),
    }


def _tokenized(text, **options):
    tokenizer = text.Tokenizer(**options)
    tokenizer.fit_on_texts(TEXTS)
    sequences = tokenizer.texts_to_sequences([*TEXTS, "the unknown cat"])
    return {
        "index": tokenizer.word_index,
        "counts": sorted(tokenizer.word_counts.items()),
        "docs": sorted(tokenizer.index_docs.items()),
        "documents": tokenizer.document_count,
        "sequences": sequences,
        "texts": tokenizer.sequences_to_texts([*sequences, [99]]),
        "again": text.tokenizer_from_json(tokenizer.to_json()).texts_to_sequences(TEXTS),
        "matrices": [
            tokenizer.texts_to_matrix(TEXTS, mode).tolist()
            for mode in ("binary", "count", "freq", "tfidf")
        ],
    }


@script("preprocessing.text.Tokenizer")
def _tokenizer(tf, keras):
    text = keras.preprocessing.text
    return {
        "plain": _tokenized(text),
        "few": _tokenized(text, num_words=4),
        "unknown": _tokenized(text, num_words=5, oov_token="?"),
        "letters": _tokenized(text, char_level=True, lower=False),
    }


@script("preprocessing.text.Tokenizer of lists and sequences")
def _lists(tf, keras):
    tokenizer = keras.preprocessing.text.Tokenizer(num_words=5)
    tokenizer.fit_on_texts([["A", "b", "a"], ["b"]])
    tokenizer.fit_on_sequences([[1, 2, 2], [4]])
    return {
        "index": tokenizer.word_index,
        "tfidf": tokenizer.sequences_to_matrix([[1, 1, 2], [7], []], "tfidf"),
    }


def _flow(keras, options, **flowing):
    generator = keras.preprocessing.image.ImageDataGenerator(**options)
    images, labels = normal(5, 3, 4, 1) * 10, np.array([0, 1, 0, 1, 1])
    generator.fit(images)
    np.random.seed(7)
    batches = generator.flow(images, labels, batch_size=2, **flowing)
    found = {"size": len(batches)}
    for i in range(4):
        found["x%d" % i], found["y%d" % i] = next(batches)
    found["item x"], found["item y"] = batches[0]
    return found


FLOWS = {
    "plain": ({}, {}),
    "in order": ({"rescale": 0.1}, {"shuffle": False}),
    "seeded": ({}, {"seed": 3}),
    "flipped": ({"horizontal_flip": True, "vertical_flip": True}, {}),
    "of samples": ({"samplewise_std_normalization": True, "samplewise_center": True}, {}),
    "of features": ({"featurewise_center": True, "featurewise_std_normalization": True}, {}),
    "turned": ({"rotation_range": 40, "zoom_range": 0.3, "shear_range": 20}, {}),
    "shifted": ({"width_shift_range": 0.4, "fill_mode": "constant", "cval": 1.5}, {}),
    "brighter": ({"channel_shift_range": 5.0}, {}),
    "a function": ({"preprocessing_function": np.abs}, {}),
    "training": ({"validation_split": 0.4}, {"subset": "training"}),
    "validation": ({"validation_split": 0.4}, {"subset": "validation"}),
}
for _name, (_options, _flowing) in FLOWS.items():

    @script("preprocessing.image.ImageDataGenerator %s" % _name)
    def _images(tf, keras, options=_options, flowing=_flowing):
        return _flow(keras, options, **flowing)


@script("preprocessing.image draws its changes")
def _changes(tf, keras):
    generator = keras.preprocessing.image.ImageDataGenerator(
        rotation_range=20,
        width_shift_range=0.2,
        height_shift_range=3,
        shear_range=10,
        zoom_range=0.3,
        channel_shift_range=2.0,
        horizontal_flip=True,
    )
    lists = keras.preprocessing.image.ImageDataGenerator(
        width_shift_range=[1, 2], zoom_range=[1, 2]
    )
    changes = [generator.get_random_transform((8, 6, 3), seed=i) for i in range(3)]
    changes += [lists.get_random_transform((8, 6, 3), seed=i) for i in range(2)]
    return {
        "names": sorted(changes[0]),
        "changes": [[float(change[name] or 0) for name in sorted(change)] for change in changes],
    }


@script("preprocessing.image.apply_transform")
def _transformed(tf, keras):
    found = {}
    for fill in ("nearest", "constant"):
        for order in ("channels_last", "channels_first"):
            generator = keras.preprocessing.image.ImageDataGenerator(
                fill_mode=fill, cval=2.0, data_format=order
            )
            image = normal(5, 6, 2) if order == "channels_last" else normal(2, 5, 6)
            for name, change in CHANGES.items():
                key = " ".join([name, fill, order])
                found[key] = generator.apply_transform(image, change)
    return found


CHANGES = {
    "turned": {"theta": 30},
    "moved": {"tx": 1.5, "ty": -0.75},
    "whole": {"tx": 2, "ty": 1},
    "sheared": {"shear": 25},
    "zoomed": {"zx": 0.7, "zy": 1.4},
    "all": {"theta": -15, "tx": 0.5, "shear": 10, "zx": 1.2, "zy": 0.8, "flip_vertical": True},
}


@script("preprocessing.image.img_to_array")
def _arrays(tf, keras):
    convert = keras.preprocessing.image.img_to_array
    image = np.arange(12).reshape(2, 2, 3)
    return {
        "last": convert(image),
        "first": convert(image, "channels_first"),
        "gray": convert(image[..., 0], dtype="uint8"),
    }
