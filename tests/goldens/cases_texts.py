"""Cases of texts: patterns, parts, joins, numbers in words, and base 64."""

import numpy as np
from goldens.case import case, forms, ints


def characters(tf, texts):
    """Texts as numbers, with their lengths: goldens hold arrays of numbers."""
    joined = tf.reduce_join(tf.reshape(texts, [-1]), 0, separator="|")
    return tf.decode_raw(joined, tf.uint8)


def texts(name, build):
    case(f"text/{name}", lambda tf: characters(tf, build(tf)))


LINE = ["aXb", "", "caaat"]
TABLE = [["ab", "c d"], ["aab", " e "]]
SPLIT = ["a b  c", "", "d,e", "f"]


def add_patterns():
    for name, pattern, rewrite in (("words", "a+", "<\\0>"), ("group", "(a)(.)", r"\2\1")):
        for every in (True, False):
            for kind, lines in (("line", LINE), ("table", TABLE)):
                texts(
                    f"static_regex_replace/{name}/{every}/{kind}",
                    lambda tf, x=lines, p=pattern, r=rewrite, e=every: tf.strings.regex_replace(
                        x, p, r, replace_global=e
                    ),
                )
                texts(
                    f"regex_replace/{name}/{every}/{kind}",
                    lambda tf, x=lines, p=pattern, r=rewrite, e=every: tf.raw_ops.RegexReplace(
                        input=x, pattern=p, rewrite=r, replace_global=e
                    ),
                )
    for pattern in ("a.*", "[ab]+", ""):
        for kind, lines in (("line", LINE), ("table", TABLE)):
            case(
                f"regex_full_match/{pattern}/{kind}",
                lambda tf, x=lines, p=pattern: [
                    tf.strings.regex_full_match(x, p),
                    tf.raw_ops.RegexFullMatch(input=x, pattern=p),
                ],
            )


def add_parts():
    for separator, most in (("", -1), (" ", -1), (",", 1), (" ", 1)):
        for kind, lines in (("four", SPLIT), ("one", [" x  y z "])):
            split = lambda tf, x=lines, s=separator, m=most: tf.raw_ops.StringSplitV2(  # noqa: E731
                input=x, sep=s, maxsplit=m
            )
            label = f"string_split_v2/{separator!r}{most}/{kind}"
            case(label, lambda tf, f=split: [f(tf)[0], f(tf)[2]])
            texts(f"{label}/values", lambda tf, f=split: f(tf)[1])
    for name in ("lower", "upper"):
        texts(f"{name}/table", lambda tf, n=name: getattr(tf.strings, n)(TABLE))
    texts("strip/table", lambda tf: tf.string_strip(TABLE))
    texts("substr/each", lambda tf: tf.substr(LINE, [0, 0, 1], [2, 0, 9]))
    texts("substr/back", lambda tf: tf.substr(TABLE, [-2, -1], [1, 2]))
    texts("string_join/table", lambda tf: tf.string_join([TABLE, "-", TABLE]))
    case("string_length/table", lambda tf: tf.strings.length(TABLE))


def add_joins():
    for ids, label in (([0, 2, 0], "line"), ([[1, 0], [0, 1]], "table")):
        texts(
            f"unsorted_segment_join/{label}",
            lambda tf, i=ids: tf.strings.unsorted_segment_join(
                LINE if np.ndim(i) == 1 else TABLE, i, num_segments=3, separator="+"
            ),
        )
    for keep in (True, False):
        texts(
            f"reduce_join/keep/{keep}",
            lambda tf, k=keep: tf.reduce_join(TABLE, axis=1, keep_dims=k, separator=","),
        )


def add_numbers():
    for dtype in ("float32", "float64", "int32", "int64"):
        case(f"string_to_number/{dtype}", lambda tf, d=dtype: tf.string_to_number(
            [["12", "-3"], ["0", "77"]], d))  # fmt: skip
    forms(
        "decode_raw/again", lambda tf, a: tf.decode_raw(tf.as_string(a), tf.uint8), (ints(12, 34),)
    )
    for pad in (True, False):
        texts(f"encode_base64/{pad}", lambda tf, p=pad: tf.encode_base64(["a", "bc", "déf?>"], p))
        texts(
            f"decode_base64/{pad}",
            lambda tf, p=pad: tf.decode_base64(tf.encode_base64([["abcd"], ["~~?"]], p)),
        )
    texts("encode_base64/one", lambda tf: tf.encode_base64("one"))
    texts("decode_base64/one", lambda tf: tf.decode_base64("b25l"))


for _add in (add_patterns, add_parts, add_joins, add_numbers):
    _add()
