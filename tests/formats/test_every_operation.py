"""Every operation with attributes goes into a file and comes back, and gives the same as before.

What only GraphScope has goes through TensorFlow's operations instead, and still gives the same.
"""

from functools import partial

import numpy as np
import pytest
from test_ops import EXAMPLES, build

import graphscope as gs
from graphscope.formats.lowering import _LOWERED
from graphscope.formats.signatures import signature
from graphscope.graph.registry import OPS

#: Random numbers, which another node draws otherwise; and what keeps a list or Python's objects.
NOT_TWICE = {name for name, d in OPS.items() if d.keeps or d.kind == "random"}
NOT_TWICE |= {"PyFuncStateless"}  # a function of Python is in no file
#: Their attributes are numbers of four bytes in a file, and of eight here.
ROUNDED = {"LRN", "LRNGrad", "LeakyRelu", "LeakyReluGrad"}
close = partial(np.testing.assert_allclose, rtol=1e-6)
ALL = sorted(
    name
    for name in EXAMPLES
    if name in OPS and name not in NOT_TWICE and (OPS[name].attrs or name in _LOWERED)
)
CASES = [
    pytest.param(name, case, id=f"{name}-{i}")
    for name in ALL
    for i, case in enumerate(EXAMPLES[name] if name in _LOWERED else EXAMPLES[name][:1])
]


def values(session, outputs, feed):
    found = session.run(outputs, feed)
    return [np.asarray(value, object if isinstance(value, bytes) else None) for value in found]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_it_comes_back(name, case):
    op, feed, session = build(OPS[name], case)
    message = gs.GraphDef.FromString(op.graph.as_graph_def().SerializeToString())
    initializers = [o for o in op.graph.operations if o.name.endswith("/Assign")]
    with gs.Graph().as_default() as graph, gs.Session() as other:
        gs.import_graph_def(message, name="")
        other.run([o.name for o in initializers])
        again = graph.get_operation_by_name(op.name)
        lowered = name in _LOWERED
        assert lowered or again.definition is op.definition
        outputs = [t.name for t in op.outputs]
        if lowered and len(outputs) > 1:  # each is a node of its own
            outputs = [
                *(f"{op.name}/{n}:0" for n in ("Slice", "Slice_1", "Slice_2")[: len(outputs) - 1]),
                f"{op.name}:0",
            ]
        fed = {tensor.name: array for tensor, array in feed.items()}
        theirs = values(other, outputs, fed)
    for mine, found, tensor in zip(
        values(session, op.outputs, feed), theirs, op.outputs, strict=True
    ):
        if lowered:
            np.testing.assert_allclose(found, mine, rtol=1e-12, err_msg=tensor.name)
        else:
            same = np.testing.assert_array_equal if name not in ROUNDED else close
            same(found, mine, err_msg=tensor.name)
        assert found.dtype == mine.dtype


@pytest.mark.parametrize("name", _LOWERED)
def test_what_is_lowered_is_not_of_tensorflow_in_that_form(name):
    known = signature(name)
    assert known is None or len(known.inputs) != len(OPS[name].parameters)
