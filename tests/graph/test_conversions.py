"""Values and users' own classes as tensors, names with scopes, and what a graph keeps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphscope as gs
from graphscope.graph import conversions as registry
from graphscope.graph.conversions import register_tensor_conversion_function
from graphscope.platform import conversions


@pytest.fixture(autouse=True)
def graph(monkeypatch):
    monkeypatch.setattr(registry, "_registered", [])
    with gs.Graph().as_default() as graph:
        yield graph


class Money:
    """Something of a user's own."""

    def __init__(self, amount):
        self.amount = amount


def as_money(value, dtype=None, name=None, as_ref=False):
    return gs.constant(value.amount, dtype=dtype, name=name)


def test_a_class_with_a_function():
    register_tensor_conversion_function(Money, as_money)
    found = conversions.convert_to_tensor(Money(3), name="money")
    total = gs.constant(1.0) + Money(3)
    with gs.Session() as session:
        assert session.run([found, total]) == [3, 4.0]
    assert (found.name, total.dtype) == ("money:0", gs.float32)


def test_the_order_of_functions():
    register_tensor_conversion_function(Money, lambda *_, **__: gs.constant(2))
    register_tensor_conversion_function((Money, list), lambda *_, **__: NotImplemented, priority=50)
    register_tensor_conversion_function(Money, lambda *_, **__: gs.constant(7), priority=60)
    found = conversions.convert_to_tensor(Money(3))
    with gs.Session() as session:
        assert session.run(found) == 7


@pytest.mark.parametrize(
    ("result", "sentence"),
    [(lambda: "text", "returned non-Tensor"), (lambda: gs.constant(1), "incompatible dtype")],
)
def test_a_function_that_does_something_else(result, sentence):
    register_tensor_conversion_function(Money, lambda *_, **__: result())
    with pytest.raises(RuntimeError, match=sentence):
        conversions.convert_to_tensor(Money(3), gs.float32)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("Money", as_money), "must be a type"),
        ((Money, None), "must be callable"),
        ((int, as_money), "numeric types"),
    ],
)
def test_what_cannot_be_registered(arguments, sentence):
    with pytest.raises(TypeError, match=sentence):
        register_tensor_conversion_function(*arguments)


def test_a_class_without_a_function():
    with pytest.raises(TypeError):
        conversions.convert_to_tensor(Money(3))
    with pytest.raises(TypeError, match="Can't convert Operation 'x' to Tensor"):
        conversions.convert_to_tensor(gs.no_op(name="x"))


def test_a_preferred_type():
    def dtype(*args, **kwargs):
        return conversions.convert_to_tensor(*args, **kwargs).dtype

    assert dtype([2, 3], preferred_dtype=gs.float32) is gs.float32
    assert dtype([2, 3], dtype_hint=gs.int64) is gs.int64
    assert dtype([1.5], preferred_dtype=gs.int32) is gs.float32
    assert dtype([2], gs.int32, preferred_dtype=gs.string) is gs.int32
    two = conversions.convert_n_to_tensor([1, 2.0], name="n")
    assert [(t.name, t.dtype) for t in two] == [("n_0:0", gs.int32), ("n_1:0", gs.float32)]
    with pytest.raises(TypeError, match="must be a sequence"):
        conversions.convert_n_to_tensor(1)


def test_rows_stay_rows():
    rows = gs.IndexedSlices(gs.constant([[1.0]]), gs.constant([0]))
    found = conversions.convert_n_to_tensor_or_indexed_slices([rows, None, 1.0])
    assert found[:2] == [rows, None]
    assert found[2].dtype is gs.float32
    with pytest.raises(ValueError, match="requested dtype"):
        conversions.convert_to_tensor_or_indexed_slices(rows, gs.int32)
    assert conversions.is_dense_tensor_like(gs.Variable(1))
    assert not conversions.is_dense_tensor_like(rows)


@pytest.mark.parametrize(
    ("name", "stripped", "prepended"),
    [
        ("a/a/w", "a/w", "b/a/a/w"),
        ("a///a/w", "a/w", "b/a///a/w"),
        ("^a/w", "^w", "^b/a/w"),
        ("loc:@a/w", "loc:@w", "loc:@b/a/w"),
        (b"loc:@a/w", "loc:@w", "loc:@b/a/w"),
        ("aa/w", "aa/w", "b/aa/w"),
        ("a", "a", "b/a"),
    ],
)
def test_names_with_scopes(name, stripped, prepended):
    assert conversions.strip_name_scope(name, "a/") == stripped
    assert conversions.prepend_name_scope(name, "b") == prepended
    assert conversions.strip_name_scope(name, "") == name
    assert conversions.prepend_name_scope(name, None) == name


def test_what_is_asked_of_the_default_graph(graph):
    with gs.name_scope("outer") as scope:
        assert conversions.get_name_scope() == conversions.name_from_scope_name(scope) == "outer"
    graph.add_to_collection("mine", 1)
    assert conversions.get_all_collection_keys() == graph.collections == ["mine"]
    assert conversions.has_default_graph()
    assert not conversions.inside_function()
    assert conversions.uid() != conversions.uid()
    rule = conversions.get_gradient_function(gs.tanh(1.0).op)
    assert callable(rule)
    with pytest.raises(LookupError, match="No gradient registered for NoOp"):
        conversions.get_gradient_function(gs.no_op())
    for wrong, kind in (((1,), TypeError), ((None, None, [1]), ValueError)):
        with pytest.raises(kind), gs.name_scope(*wrong):
            pass


def test_what_a_session_may_not_do(graph):
    t = gs.constant(1.0, name="t")
    assert (graph.version, graph.is_fetchable(t), graph.is_feedable(t)) == (1, True, True)
    graph.prevent_fetching(t.op)
    graph.prevent_feeding(t)
    assert (graph.is_fetchable(t), graph.is_feedable(t)) == (False, False)
    graph.finalize()
    with pytest.raises(RuntimeError, match="finalized"):
        gs.constant(1)
    graph._unsafe_unfinalize()
    gs.constant(1)


def test_what_is_waited_for(graph):
    a, rows = gs.constant(1.0), gs.IndexedSlices(gs.constant([1.0]), gs.constant([0]))
    v = gs.get_variable("v", [], use_resource=True)
    with gs.control_dependencies([a, rows, v, a]):
        after = gs.constant(2.0).op
    assert after.control_inputs == [a.op, rows.op, v.op]


def test_references():
    t, v = gs.constant(1.0), gs.Variable(1.0)
    assert t.experimental_ref().deref() is t
    assert {t.experimental_ref(): 1}[t.experimental_ref()] == 1
    assert v.experimental_ref() != t.experimental_ref()
    assert "Const:0" in repr(t.experimental_ref())


def test_names_in_bytes(graph):
    t = gs.add(gs.constant(1.0), 2.0, name=b"sum")
    assert graph.get_tensor_by_name(b"sum:0") is t
    with gs.Session() as session:
        assert session.run(b"sum:0") == 3.0


def test_text_among_the_attributes_is_bytes():
    y = gs.nn.max_pool(gs.ones([1, 2, 2, 1]), [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    assert y.op.get_attr("padding") == b"VALID"
    assert list(y.op.get_attr("ksize")) == [1, 2, 2, 1]


@given(
    st.one_of(st.floats(), st.integers(-(2**62), 2**62)),
    st.sampled_from([gs.float16, gs.float32, gs.float64, gs.bfloat16]),
)
def test_numbers_of_python_are_as_numpy_has_them(number, dtype):
    with np.errstate(over="ignore"), gs.Graph().as_default():
        wanted = np.asarray(np.asarray(number).astype(dtype.numpy))
        found = gs.constant(number, dtype).op.attrs
    assert found["dtype"] is dtype
    np.testing.assert_array_equal(found["value"], wanted, strict=True)


def test_types_that_were_right_make_no_others_right():
    number, whole = gs.constant(1.0), gs.constant(1)
    for _ in range(2):
        assert gs.add(number, number).dtype is gs.float32
        assert gs.add(whole, whole).dtype is gs.int32
        with pytest.raises(TypeError, match="Input 'y' of 'Add' Op has type int32 that does not"):
            gs.add(number, whole)
        with pytest.raises(TypeError, match="parameter 'x' of LogicalNot has DataType float32"):
            gs.logical_not(number)
    assert gs.add(gs.Variable(2.0), number).op.inputs[1] is number
