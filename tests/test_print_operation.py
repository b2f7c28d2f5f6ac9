"""tf.print: what a run prints, where to, and when; the texts of values have goldens."""

import sys

import numpy as np
import pytest

import graphscope as gs
from graphscope import compat
from graphscope.keras import backend as K
from graphscope.ops.printing import print_v2, string_format
from graphscope.ops.sparse import SparseTensor


@pytest.fixture(autouse=True)
def fresh():
    gs.reset_default_graph()


def printed(capsys, *inputs, **options):
    with gs.Session() as sess:
        sess.run(print_v2(*inputs, **options))
    return capsys.readouterr()


def test_texts_tensors_and_nestings(capsys):
    x, y = gs.constant([1.5, 2.0]), gs.constant([[1, 2], [3, 4]])
    given = ["x:", x, {"b": y, "a": [gs.constant(7), "word"]}, 3.25, (x,)]
    said = printed(capsys, *given, output_stream=sys.stdout)
    assert said.out == "x: [1.5 2] {'a': [7, 'word'], 'b': [[1 2]\n [3 4]]} 3.25 ([1.5 2],)\n"
    assert said.err == ""


def test_standard_error_is_meant_when_nothing_is_said(capsys):
    assert printed(capsys, "a", gs.constant(1), sep="|", end="!").err == "a|1!"


def test_a_text_alone_is_printed_as_it_is(capsys):
    text = gs.constant("say {} it")
    assert printed(capsys, text).err == "say {} it\n"
    assert [op.type for op in gs.get_default_graph().get_operations()] == ["Const", "PrintV2"]


def test_a_text_with_the_placeholder_in_it(capsys):
    assert printed(capsys, "{}", gs.constant([1])).err == "{} [1]\n"


def test_a_sparse_tensor(capsys):
    sparse = SparseTensor(np.array([[0, 1]]), np.array([5.0], np.float32), np.array([2, 2]))
    assert printed(capsys, sparse).err == (
        "'SparseTensor(indices=[[0 1]], values=[5], shape=[2 2])'\n"
    )


def test_many_elements(capsys):
    many = gs.constant(np.arange(10))
    assert printed(capsys, many).err == "[0 1 2 ... 7 8 9]\n"
    assert printed(capsys, many, summarize=1).err == "[0 ... 9]\n"
    assert printed(capsys, many, summarize=-1).err == "[0 1 2 3 4 5 6 7 8 9]\n"


def test_a_file(tmp_path):
    path = tmp_path / "log.txt"
    with gs.Session() as sess:
        step = print_v2("step", gs.constant(1), output_stream=f"file://{path}")
        sess.run(step)
        sess.run(step)
    assert path.read_text() == "step 1\nstep 1\n"


def test_it_is_printed_when_something_waits_for_it(capsys):
    with compat.installed() as tf:
        x = tf.constant(2)
        with tf.control_dependencies([tf.print("x is", x, output_stream=sys.stdout)]):
            doubled = x * 2
        tf.print("never")
        with tf.Session() as sess:
            assert capsys.readouterr().out == ""
            assert sess.run(doubled) == 4
        assert capsys.readouterr().out == "x is 2\n"
        assert tf.Session().run(tf.strings.format("<{}>", x)) == b"<2>"


def test_k_print_tensor(capsys):
    K.clear_session()
    x = K.placeholder((2,))
    shown = K.print_tensor(x * 2, message="twice:")
    assert K.function([x], [shown])([np.array([1, 2])])[0].tolist() == [2, 4]
    assert capsys.readouterr().out == "twice: [2 4]\n"


def test_refused():
    with pytest.raises(ValueError, match=r"1 placeholder\(s\) in template does not match 0"):
        string_format("{}", [])
    with pytest.raises(ValueError, match="Unsupported output stream"):
        print_v2("a", output_stream="somewhere")
    assert print_v2("a", output_stream=20).get_attr("output_stream") == b"log(info)"


# ---- tf.Print ----------------------------------------------------------------------------------

ROWS = np.arange(24.0).reshape(2, 3, 4)
#: What TensorFlow 1.15.5 prints of a value for a number of elements; None: when nothing is said.
AS_TENSORFLOW_PRINTS = [
    (np.float32(24), None, "24"),
    (np.float32(1 / 3), None, "0.333333343"),
    (np.float64(1 / 3), None, "0.33333333333333331"),
    (np.float16(20.65625), None, "20.65625"),
    (np.float32(1e10), None, "1e+10"),
    (np.float32(-0.0), None, "-0"),
    ([True, False], None, "1 0"),
    (["a", "b c"], None, "a b c"),
    (np.zeros(0, np.float32), None, ""),
    ([1.5, 2, 3, 4], None, "1.5 2 3..."),
    (ROWS, None, "[[0 1 2...]]..."),
    (ROWS, 4, "[[0 1 2 3]]..."),
    (ROWS, 5, "[[0 1 2 3][4...]]..."),
    (ROWS, 13, "[[0 1 2 3][4 5 6 7][8 9 10 11]][[12...]]..."),
    (ROWS[0, :, :1], 2, "[0][4]..."),
    (ROWS[:1, :2], -1, "[[0 1 2 3][4 5 6 7]]"),
]


@pytest.mark.parametrize(("value", "summarize", "text"), AS_TENSORFLOW_PRINTS)
def test_print_of_tensorflow_1_shows_the_first_elements(capsys, value, summarize, text):
    with gs.Session() as sess:
        sess.run(gs.Print(0, [gs.constant(value)], "x ", summarize=summarize))
    assert capsys.readouterr().err == f"x [{text}]\n"
