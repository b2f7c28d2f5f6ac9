"""Modules that are left out: imported without harm, named with the reason when they are used."""

import importlib

import pytest

import graphscope as gs
from graphscope import compat
from graphscope.keras import Model
from graphscope.platform import logging


@pytest.fixture
def tf():
    with compat.installed():
        yield importlib.import_module("tensorflow")


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        ("tensorflow.python.distribute.distribute_coordinator", "one process"),
        ("tensorflow.python.keras.saving", "the small Keras of its tf.keras"),
        ("tensorflow.python.keras.anything", "the small Keras of its tf.keras"),
    ],
)
def test_what_is_left_out(tf, module, sentence):
    found = importlib.import_module(module)
    with pytest.raises(AttributeError, match=sentence):
        found.Something  # noqa: B018


def test_what_a_test_puts_into_a_module(tf):
    inner = importlib.import_module("tensorflow.python.platform.tf_logging")
    before, said = inner.info, []
    inner.info = said.append
    logging.info("told")
    inner.info = before
    assert said == ["told"]
    assert logging.info is before


def test_a_model_is_a_layer_with_resource_variables():
    class Scale(Model):
        def build(self, _):
            self.w = self.add_weight("w", [], initializer=gs.ones_initializer())

        def call(self, inputs):
            return inputs * self.w

    with gs.Graph().as_default(), gs.Session() as session:
        model = Scale()
        y = model(gs.constant(3.0))
        assert model.w.op.type == "VarHandleOp"
        session.run(gs.global_variables_initializer())
        assert session.run(y) == 3.0
