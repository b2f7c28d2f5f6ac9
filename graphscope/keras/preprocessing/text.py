"""Texts as numbers of words.

Source: tf.keras.preprocessing.text of 1.15 (keras_preprocessing 1.1).
"""

from __future__ import annotations

import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from hashlib import md5
from typing import Any

import numpy as np

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(
    text: str, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """The words of a text. filters: characters that are taken for `split`, what parts words."""
    text = text.lower() if lower else text
    text = text.translate({ord(letter): split for letter in filters})
    return [word for word in text.split(split) if word]


def one_hot(
    text: str, n: int, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[int]:
    """A number from 1 to n - 1 for each word, by Python's `hash`; words may share one."""
    return hashing_trick(text, n, hash, filters, lower, split)


def hashing_trick(
    text: str,
    n: int,
    hash_function: Any = None,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
) -> list[int]:
    """A number from 1 to n - 1 for each word. hash_function: Python's, ``md5``, or a function."""
    number: Callable[[str], int] = hash_function or hash
    if hash_function == "md5":
        number = _md5
    words = text_to_word_sequence(text, filters=filters, lower=lower, split=split)
    return [number(word) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


class Tokenizer:
    """Numbers for words: 1 for the most frequent one. 0 is no word.

    num_words: only words with smaller numbers are used. char_level: letters are the words.
    oov_token: the word that stands for all unknown ones, number 1; without it they are left out.
    Errors: TypeError for an unknown argument.
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = _FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        document_count: int = 0,
        **kwargs: Any,
    ) -> None:
        num_words = kwargs.pop("nb_words", num_words)
        if kwargs:
            raise TypeError(f"Unrecognized keyword arguments: {kwargs}")
        self.word_counts: OrderedDict[str, int] = OrderedDict()
        self.word_docs: defaultdict[str, int] = defaultdict(int)
        self.filters = filters
        self.split = split
        self.lower = lower
        self.num_words = num_words
        self.document_count = document_count
        self.char_level = char_level
        self.oov_token = oov_token
        self.index_docs: defaultdict[int, int] = defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    # ---- learning the words --------------------------------------------------------------------

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Learn the words of texts, each a string or a list of words."""
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        ordered = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        if self.oov_token is not None:
            ordered.insert(0, self.oov_token)
        self.word_index = {word: i for i, word in enumerate(ordered, 1)}
        self.index_word = {i: word for word, i in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Any) -> None:
        """Learn in how many sequences of numbers each is, for `sequences_to_matrix`."""
        self.document_count += len(sequences)
        for sequence in sequences:
            for i in set(sequence):
                self.index_docs[i] += 1

    def _words(self, text: Any) -> Any:
        if not (self.char_level or isinstance(text, list)):
            return text_to_word_sequence(text, self.filters, self.lower, self.split)
        if not self.lower:
            return text
        return [w.lower() for w in text] if isinstance(text, list) else text.lower()

    # ---- there and back ------------------------------------------------------------------------

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        unknown = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for text in texts:
            found = (self._used(self.word_index.get(word), unknown) for word in self._words(text))
            yield [i for i in found if i is not None]

    def _used(self, number: int | None, unknown: int | None) -> int | None:
        """The number of a word, or of the word that stands for it."""
        if number is None or (self.num_words and number >= self.num_words):
            return unknown
        return number

    def sequences_to_texts(self, sequences: Iterable[Any]) -> list[str]:
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Any]) -> Iterator[str]:
        unknown = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for sequence in sequences:
            known = (i if i in self.index_word else None for i in sequence)
            used = (self._used(i, unknown) for i in known)
            yield " ".join(self.index_word[i] for i in used if i is not None)

    # ---- matrices ------------------------------------------------------------------------------

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> Any:
        """`sequences_to_matrix` of the texts' numbers."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode=mode)

    def sequences_to_matrix(self, sequences: Any, mode: str = "binary") -> Any:
        """A row for each sequence and a column for each number.

        mode: ``binary``, ``count``, ``freq`` or ``tfidf``: whether a word is there, how often, in
        which share, and how telling it is. Errors: ValueError before any word is known.
        """
        if not self.num_words and not self.word_index:
            raise ValueError(
                "Specify a dimension (`num_words` argument), or fit on some text data first."
            )
        if mode == "tfidf" and not self.document_count:
            raise ValueError("Fit the Tokenizer on some data before using tfidf mode.")
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError("Unknown vectorization mode:", mode)
        columns = self.num_words or len(self.word_index) + 1
        matrix = np.zeros((len(sequences), columns))
        for row, sequence in enumerate(sequences):
            for i, count in Counter(j for j in sequence if j < columns).items():
                matrix[row, i] = self._entry(mode, i, count, len(sequence))
        return matrix

    def _entry(self, mode: str, number: int, count: int, length: int) -> float:
        if mode == "tfidf":
            rarity = np.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
            return float((1 + np.log(count)) * rarity)
        return {"binary": 1, "count": count, "freq": count / length}[mode]

    # ---- written down --------------------------------------------------------------------------

    _OPTIONS = ("num_words", "filters", "lower", "split", "char_level", "oov_token")
    _TABLES = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")

    def get_config(self) -> dict[str, Any]:
        """The arguments, and what was learned, as JSON."""
        own = {name: getattr(self, name) for name in (*self._OPTIONS, "document_count")}
        return {**own, **{name: json.dumps(getattr(self, name)) for name in self._TABLES}}

    def to_json(self, **kwargs: Any) -> str:
        return json.dumps(
            {"class_name": type(self).__name__, "config": self.get_config()}, **kwargs
        )


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer that `Tokenizer.to_json` wrote down."""
    config = json.loads(json_string)["config"]
    tables = {name: json.loads(config.pop(name)) for name in Tokenizer._TABLES}
    for name in ("index_docs", "index_word"):
        tables[name] = {int(number): value for number, value in tables[name].items()}
    tokenizer = Tokenizer(**config)
    vars(tokenizer).update(tables)
    return tokenizer
