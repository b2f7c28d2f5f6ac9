"""Every declared operation: its declaration, its shape rule against its kernel, its gradient.

The tests walk the table of operations, so an operation is tested by being declared and by getting
an example in `EXAMPLES`. All of them run in a session, through plans, interpreter and gradients.
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
import pytest
from example import Example, bools, example, ints, numbers, positive, probabilities
from image_examples import IMAGE_EXAMPLES
from more_examples import MORE_BINARY, MORE_EXAMPLES, MORE_UNARY
from network_examples import NETWORK_EXAMPLES

import graphscope as gs
import graphscope.compat.libraries  # declares what only libraries use
import graphscope.keras.optimizers
from graphscope.graph.declare import KINDS, OpDef
from graphscope.graph.registry import OPS

# ---- examples ----------------------------------------------------------------------------------


X = numbers(2, 3)
Y = numbers(3, 2).T + 0.17
CUBE = numbers(2, 3, 4)
FLAGS = bools([True, False, True], [False, False, True])
WHOLE = ints([7, -7, 0], [5, -2, 3])
DIVISORS = ints([2, 3, -4], [-5, 7, 1])
SQUARES = positive(2, 3) ** 2  # what optimizers keep of squared gradients
RATE = np.float64(0.3)
ROW = ints(1)

#: What each elementwise function of one number is given.
UNARY = {
    **dict.fromkeys(["Neg", "Abs", "Sign", "Square", "Exp", "Expm1", "Sin", "Cos"], X),
    **dict.fromkeys(["Tanh", "Sigmoid", "Identity", "RefIdentity", "StopGradient", "ZerosLike"], X),
    **dict.fromkeys(["Sqrt", "Rsqrt", "Reciprocal", "Log", "Log1p"], positive(2, 3)),
    **dict.fromkeys(["Floor", "Ceil", "Round", "IsNan", "IsInf", "IsFinite"], X),
    **dict.fromkeys(["Relu", "Elu", "LeakyRelu", "Selu", "Softsign", "Softplus"], X),
    **dict.fromkeys(["Softmax", "LogSoftmax", "L2Loss"], X),
    "Relu6": 4 * X,
    "LogicalNot": FLAGS,
    **MORE_UNARY,
}
#: What each function of two broadcast numbers is given; other shapes are made of these.
BINARY = {
    **dict.fromkeys(["AddV2", "Add", "Sub", "Mul", "RealDiv", "Maximum", "Minimum"], (X, Y)),
    **dict.fromkeys(["SquaredDifference", "DivNoNan", "FloorMod", "FloorDiv"], (X, Y)),
    **dict.fromkeys(["TruncateMod", "Equal", "NotEqual", "Less", "LessEqual"], (X, Y)),
    **dict.fromkeys(["Greater", "GreaterEqual"], (X, Y)),
    "Pow": (positive(2, 3), Y),
    "TruncateDiv": (WHOLE, DIVISORS),
    "LogicalAnd": (FLAGS, FLAGS[::-1].copy()),
    "LogicalOr": (FLAGS, FLAGS[::-1].copy()),
    **MORE_BINARY,
}
REDUCTIONS = ["Sum", "Mean", "Prod", "Max", "Min"]

EXAMPLES: dict[str, list[Example]] = {
    **{name: [example(x), example(x[0])] for name, x in UNARY.items()},
    **{name: [example(x, y)] for name, (x, y) in BINARY.items()},
    **{
        name: [
            example(CUBE, [0, 2]),
            example(CUBE, -2, keep_dims=True),
            example(X, []),
            example(X, ints(1), unknown=True),
        ]
        for name in REDUCTIONS
    },
    "All": [example(FLAGS, 1), example(FLAGS, [0, 1], keep_dims=True)],
    "Any": [example(FLAGS, 0), example(FLAGS, [])],
    "SumGrad": [example(X[:, 0], X, [1]), example(X[:1], X, 0, keep_dims=True)],
    "MeanGrad": [example(X[:, 0], X, [1]), example(X[:1], X, 0, keep_dims=True)],
    "ProdGrad": [example(CUBE, [0, 2]), example(X, [])],
    "ArgMax": [example(X, 1), example(CUBE, -2, output_type=gs.int32)],
    "ArgMin": [example(X, 1), example(CUBE, -2, output_type=gs.int32)],
    "Cumsum": [
        example(CUBE, 1),
        example(X, -1, exclusive=True),
        example(X, 0, reverse=True),
        example(CUBE, 2, exclusive=True, reverse=True),
    ],
    # constants and shapes
    "PlaceholderWithDefault": [example(X, shape=gs.TensorShape([None, 3]), unknown=True)],
    "Fill": [example([2, 3], numbers()), example(ints(2, 3), numbers(), unknown=True)],
    "Range": [example(0, 7, 2), example(ints(1)[0], ints(9)[0], ints(3)[0], unknown=True)],
    "LinSpace": [example(numbers(), numbers() + 1, 4)],
    "Shape": [example(X), example(CUBE, out_type=gs.int64)],
    "Size": [example(X)],
    "Rank": [example(X)],
    "Reshape": [example(X, [3, 2]), example(CUBE, [4, -1]), example(X, ints(6), unknown=True)],
    "Transpose": [example(X, [1, 0]), example(CUBE, [2, 0, 1])],
    "InvertPermutation": [example(ints(2, 0, 1))],
    "ExpandDims": [example(X, 0), example(X, -1)],
    "Squeeze": [example(X[:1]), example(X[:, :1], squeeze_dims=[-1])],
    "BroadcastTo": [example(X[:1], [4, 2, 3]), example(numbers(), [2])],
    "SumLike": [example(CUBE, X[0, :, None]), example(X, X)],
    "Tile": [example(X, [2, 1]), example(CUBE, [1, 3, 2])],
    "TileGrad": [example(numbers(4, 3), X, [2, 1])],
    # joining and cutting
    "Pack": [example([X, Y]), example([X, Y], axis=-1)],
    "Unpack": [example(X, num=2), example(CUBE, num=3, axis=-2)],
    "ConcatV2": [example([X, Y, X[:1]], 0), example([X, Y[:, :1]], -1)],
    "ConcatGrad": [example(numbers(2, 4), 1, [X, X[:, :1]])],
    "Split": [example(1, X, num_split=3), example(-1, CUBE, num_split=2)],
    "SplitV": [example(X, [1, 2], 1, num_split=2), example(CUBE, [-1, 3], 2, num_split=2)],
    "Slice": [example(X, [0, 1], [2, -1]), example(CUBE, [1, 0, 2], [1, 2, 1])],
    "SliceGrad": [example(X[:, :2], X, [0, 1])],
    "Pad": [example(X, [[1, 0], [0, 2]])],
    "PadV2": [example(X, [[1, 0], [0, 2]], numbers())],
    "ReverseV2": [example(CUBE, [0, -1]), example(X, [])],
    "MatrixDiag": [example(X)],
    "MatrixDiagPart": [example(CUBE), example(numbers(3, 2))],
    "MatrixSetDiag": [example(CUBE, X), example(numbers(3, 2), numbers(2))],
    # choosing
    "OneHot": [example(ints(0, 3, -1), 3, 5.0, -1.0), example(WHOLE, 2, 1.0, 0.0, axis=1)],
    "Select": [example(FLAGS, X, Y), example(bools(True, False), X, Y)],
    "Where": [example(FLAGS, unknown=True)],
    "StridedSlice": [
        example(CUBE, [0, 1], [2, 3], [1, 1]),
        example(CUBE, [1, 0, 0], [0, 0, 3], [1, 1, 2], ellipsis_mask=2, shrink_axis_mask=1),
        example(X, [0, 0, -1], [0, 0, 0], [1, -1, -2], new_axis_mask=1, end_mask=6, begin_mask=2),
    ],
    "StridedSliceGrad": [example([2, 3], [0, 1], [2, 3], [1, 1], X[:, :2])],
    "GatherV2": [
        example(X, ints(1, 0, 1), 0),
        example(CUBE, ints([3, 3], [0, 1]), -1),
        example(X, ints(2)[0], 1),
    ],
    "GatherGrad": [example(X, numbers(4, 3), ints(3, 3), 0)],
    "GatherNd": [example(CUBE, ints([0, 1], [1, 2])), example(X, ints([[1, 1]], [[0, 2]]))],
    "ScatterNd": [example(ints([3], [3]), X, [4, 3]), example(ints([0, 1]), X[0, :1], [2, 2])],
    "TopKV2": [example(X, 2), example(numbers(5), 1)],
    "InTopKV2": [example(X, ints(0, 2), 2)],
    # networks
    "MatMul": [
        example(X, numbers(3, 4)),
        example(X, numbers(2, 4), transpose_a=True),
        example(X, numbers(4, 3), transpose_b=True),
        example(X, numbers(4, 2), transpose_a=True, transpose_b=True),
    ],
    "BatchMatMulV2": [
        example(CUBE, numbers(2, 4, 2)),
        example(CUBE, numbers(4, 2)),
        example(numbers(1, 4, 3), numbers(5, 2, 4), adj_x=True, adj_y=True),
        example(CUBE, numbers(2, 4), adj_y=True),
        example(CUBE, numbers(1, 3, 2), adj_x=True),
    ],
    **{name: [example(X, Y)] for name in ["ReluGrad", "EluGrad", "SeluGrad"]},
    **{name: [example(X, Y)] for name in ["SoftplusGrad", "SoftsignGrad"]},
    "Relu6Grad": [example(X, 4 * Y)],
    "LeakyReluGrad": [example(X, Y, alpha=0.3)],
    "BiasAdd": [
        example(X, numbers(3)),
        example(numbers(2, 1, 2, 3), numbers(3)),
        example(CUBE, numbers(3), data_format="NCHW"),
    ],
    "BiasAddV1": [example(X, numbers(3))],
    "BiasAddGrad": [example(CUBE), example(CUBE, data_format="NCHW")],
    "SoftmaxCrossEntropyWithLogits": [example(X, probabilities(2, 3))],
    "SparseSoftmaxCrossEntropyWithLogits": [example(X, ints(2, 0))],
    "AddN": [example([X, Y, X * X])],
    "Cast": [
        example(X, DstT=gs.float64),
        example(X, DstT=gs.int32),
        example(FLAGS, DstT=gs.float32),
    ],
    # state: the first inputs, as many as are written, are variables
    "Assign": [example(X, Y)],
    "AssignAdd": [example(X, Y)],
    "AssignSub": [example(X, Y)],
    "IsVariableInitialized": [example(X)],
    "InitializedValue": [example(X, Y)],
    "CountUpTo": [example(ints(3)[0], limit=5)],
    # resource variables: an array stands in for what the handle stands for
    "ReadVariableOp": [example(X)],
    "VarIsInitializedOp": [example(X)],
    "VariableShape": [example(X), example(CUBE, out_type=gs.int64)],
    "ResourceGather": [example(X, ints(1, 0)), example(CUBE, ints([1, 1], [0, 1]))],
    "ResourceGatherNd": [
        example(X, ints([1, 2], [0, 0])),
        example(X, ints([1], [0])),
        example(CUBE, ints([[1, 2]])),
    ],
    "ResourceCountUpTo": [example(ints(3)[0], limit=5)],
    **{
        f"Scatter{name}": [
            example(CUBE, ints(1, 0, 1), numbers(3, 3, 4)),
            example(X, ints(1), numbers()),
        ]
        for name in ("Update", "Add", "Sub", "Mul", "Div", "Min", "Max")
    },
    **{
        f"ScatterNd{name}": [
            example(CUBE, ints([1, 0], [0, 2]), numbers(2, 4)),
            example(X, ints([1, 0], [0, 2]), numbers(2)),
        ]
        for name in ("Update", "Add", "Sub")
    },
    "ApplyGradientDescent": [example(X, numbers(), Y)],
    "ApplyProximalGradientDescent": [example(X, RATE, RATE, RATE, Y)],
    "ApplyMomentum": [
        example(X, Y, RATE, X, RATE),
        example(X, Y, RATE, X, RATE, use_nesterov=True),
    ],
    "ApplyAdagrad": [
        example(X, SQUARES, RATE, Y),
        example(X, SQUARES, RATE, Y, update_slots=False),
    ],
    "ApplyProximalAdagrad": [example(X, SQUARES, RATE, RATE, RATE, Y)],
    "ApplyAdagradDA": [example(X, Y, SQUARES, X, RATE, RATE, RATE, np.int64(3))],
    "ApplyAdadelta": [example(X, SQUARES, SQUARES, RATE, RATE, RATE, Y)],
    "ApplyAdam": [
        example(X, Y, SQUARES, *[RATE] * 6, Y),
        example(X, Y, SQUARES, *[RATE] * 6, Y, use_nesterov=True),
    ],
    "ApplyRMSProp": [example(X, SQUARES, Y, *[RATE] * 4, Y)],
    "ApplyCenteredRMSProp": [example(X, Y, SQUARES * 9, X, *[RATE] * 4, Y)],
    "ApplyFtrl": [example(X, SQUARES, Y, X, RATE, RATE, RATE, -RATE)],
    "ApplyFtrlV2": [example(X, SQUARES, Y, X, RATE, RATE, RATE, RATE, -RATE)],
    "SparseApplyProximalGradientDescent": [example(X, RATE, RATE, RATE, Y[:1], ROW)],
    "SparseApplyMomentum": [example(X, Y, RATE, Y[:1], ROW, RATE)],
    "SparseApplyAdagrad": [
        example(X, SQUARES, RATE, Y[:1], ROW),
        example(X, SQUARES, RATE, Y, ints(1, 1)),
    ],
    "SparseApplyProximalAdagrad": [example(X, SQUARES, RATE, RATE, RATE, Y[:1], ROW)],
    "SparseApplyAdagradDA": [example(X, Y, SQUARES, X[:1], ROW, RATE, RATE, RATE, np.int64(3))],
    "SparseApplyAdadelta": [example(X, SQUARES, SQUARES, RATE, RATE, RATE, Y[:1], ROW)],
    "SparseApplyRMSProp": [example(X, SQUARES, Y, *[RATE] * 4, Y[:1], ROW)],
    "SparseApplyCenteredRMSProp": [example(X, Y, SQUARES * 9, X, *[RATE] * 4, Y[:1], ROW)],
    "SparseApplyFtrl": [example(X, SQUARES, Y, X[:1], ROW, RATE, RATE, RATE, -RATE)],
    "SparseApplyFtrlV2": [example(X, SQUARES, Y, X[:1], ROW, RATE, RATE, RATE, RATE, -RATE)],
    # texts of values
    "StringFormat": [
        example([X, ints(3)], template="%s and %s"),
        example([CUBE], template="{}", placeholder="{}", summarize=1),
    ],
    # random numbers
    "RandomStandardNormal": [example([2, 3], dtype=gs.float32)],
    "TruncatedNormal": [example([2, 3], dtype=gs.float64, seed=1)],
    "RandomUniform": [example([2, 3], dtype=gs.float32, seed=1, seed2=2)],
    "RandomUniformInt": [example([2, 3], ints(-2)[0], ints(9)[0])],
    **MORE_EXAMPLES,
    **NETWORK_EXAMPLES,
    **IMAGE_EXAMPLES,
}
#: Datasets, iterators, queues, readers: what they hold is no array, and they know of each other.
DATA_IN = [
    name
    for name, definition in OPS.items()
    if definition.kernel.__module__.rpartition(".")[2]
    in ("datasets", "file_datasets", "files", "parsing", "queues", "readers")
]
#: Operations of old files: tests/formats trains the models that TensorFlow saved with them.
OLD_FILES = [
    name
    for name, definition in OPS.items()
    if definition.kernel.__module__.rpartition(".")[2] in ("saving", "old_control", "old_arrays")
]
WITHOUT_EXAMPLE = {
    "Const": "has no inputs: `test_constant`",
    "Placeholder": "has no inputs and no kernel: every example goes through it",
    "VariableV2": "has no inputs and no kernel: the examples of state go through it",
    "NoOp": "has neither inputs nor outputs",
    "Assert": "has no outputs: `test_assert` in test_checks",
    "PrintV2": "has no outputs: test_printing",
    "VarHandleOp": "has no inputs and no kernel",
    "LoopVariable": "has no inputs and no kernel: the loops of test_loops go through it",
    "If": "owns bodies: test_branches, and the goldens of control",
    "While": "owns bodies: test_loops, and the goldens of control",
    "WhileGradient": "owns bodies: test_loops, and the goldens of control",
    **dict.fromkeys(DATA_IN, "test_pipelines_goldens compares what comes out"),
    **dict.fromkeys(OLD_FILES, "tests/formats trains what TensorFlow saved"),
    **{
        name: "works on lists, which are not fed: the goldens of TensorArray go through it"
        for name, definition in OPS.items()
        if any(parameter.type in ("Variant", "Handle") for parameter in definition.parameters)
    },
    "TensorArrayV3": "makes a list: the goldens of TensorArray go through it",
    **{
        name: "has no outputs: the goldens of resource variables go through it"
        for name, definition in OPS.items()
        if definition.writes and not definition.outputs
    },
}
CASES = [
    pytest.param(OPS[name], case, id=f"{name}-{i}")
    for name, cases in EXAMPLES.items()
    for i, case in enumerate(cases)
    if name in OPS
]


# ---- running an example ------------------------------------------------------------------------


class Built(NamedTuple):
    """A node, the placeholders (or variables) for its arrays, and what is fed to them."""

    op: gs.Operation
    feed: dict[gs.Tensor, np.ndarray]
    session: gs.Session


def build(definition: OpDef, case: Example, hide: Any = lambda shape: shape) -> Built:
    """Make the node in a fresh graph. hide: the static shape that is told of an array's own."""
    graph = gs.Graph()
    feed: dict[gs.Tensor, np.ndarray] = {}
    variables = max(definition.writes, definition.takes_uninitialized)

    def stand_in(value: Any, is_variable: bool = False) -> Any:
        if isinstance(value, list) and any(isinstance(v, np.ndarray) for v in value):
            return [stand_in(v) for v in value]
        if not isinstance(value, np.ndarray | np.generic):
            return value
        array = np.array(value)
        array.flags.writeable = False
        if is_variable:
            variable = gs.Variable(array)
            session.run(variable.initializer)
            return variable._ref()
        placeholder = gs.placeholder(array.dtype, hide(array.shape))
        feed[placeholder] = array
        return placeholder

    with graph.as_default():
        session = gs.Session()
        inputs = [stand_in(value, i < variables) for i, value in enumerate(case.inputs)]
        return Built(definition.node(*inputs, **case.attrs), feed, session)


# ---- declarations ------------------------------------------------------------------------------


@pytest.mark.parametrize("definition", [pytest.param(d, id=name) for name, d in OPS.items()])
def test_declaration(definition):
    first = definition.doc.partition("\n")[0]
    assert first.endswith(".")
    assert definition.kind in KINDS
    floats = any(dtype.is_floating for dtype in definition.types)
    has_rule = definition.gradient_rule is not None
    assert has_rule or not definition.differentiable or not floats, "no gradient rule"
    assert not (has_rule and not definition.differentiable), "a rule that is never used"


def test_every_operation_has_an_example():
    assert set(EXAMPLES) | set(WITHOUT_EXAMPLE) == set(OPS)
    assert not set(EXAMPLES) & set(WITHOUT_EXAMPLE)


# ---- shapes, types, untouched inputs -----------------------------------------------------------


def hidden_sizes(seed: int) -> Any:
    """Tell of some axes only that they exist."""
    random = np.random.RandomState(seed)
    return lambda shape: [None if random.rand() < 0.5 else size for size in shape]


HIDING = {
    "known": lambda shape: shape,
    "some": hidden_sizes(1),
    "others": hidden_sizes(2),
    "sizes": lambda shape: [None] * len(shape),
}


@pytest.mark.parametrize("hiding", HIDING)
@pytest.mark.parametrize(("definition", "case"), CASES)
def test_shape_rule_and_kernel_agree(definition, case, hiding):
    op, feed, session = build(definition, case, HIDING[hiding])
    values = session.run(list(op.outputs), feed)
    assert len(values) == len(op.outputs)
    for tensor, value in zip(op.outputs, values, strict=True):
        actual = np.asarray(value, object if isinstance(value, bytes) else None)
        assert tensor.shape.is_compatible_with(actual.shape), tensor
        assert actual.dtype == tensor.dtype.base_dtype.numpy, tensor
        if hiding == "known" and not case.unknown:
            assert tensor.shape.is_fully_defined(), "nothing is unknown, so the rule should know"


@pytest.mark.parametrize(("definition", "case"), CASES)
def test_unknown_ranks(definition, case):
    """What is said of the result without knowing any rank is compatible with its value."""
    op, feed, session = build(definition, case, lambda shape: None)
    for tensor, value in zip(op.outputs, session.run(list(op.outputs), feed), strict=True):
        assert tensor.shape.is_compatible_with(np.shape(value))


@pytest.mark.parametrize(("definition", "case"), CASES)
def test_kernel_leaves_its_inputs_alone(definition, case):
    """The arrays are read-only, and hold in the end what they held before."""
    op, feed, session = build(definition, case)
    before = {tensor: array.copy() for tensor, array in feed.items()}
    kept = dict(session.state.variables)
    copies = {name: array.copy() for name, array in kept.items()}
    for array in kept.values():
        array.flags.writeable = False
    session.run(list(op.outputs), feed)
    for tensor, array in feed.items():
        np.testing.assert_array_equal(array, before[tensor])
    for name, array in kept.items():
        np.testing.assert_array_equal(array, copies[name])


def test_constant():
    for value in (3, 2.5, [[1, 2], [3, 4]], True, b"text", np.zeros([0, 3])):
        with gs.Graph().as_default(), gs.Session() as session:
            tensor = gs.constant(value)
            actual = np.asarray(session.run(tensor))
            assert tensor.shape == actual.shape
            np.testing.assert_array_equal(actual, np.asarray(value))


# ---- broadcasting ------------------------------------------------------------------------------

BROADCAST = [((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2, 3)), ((2, 3), ()), ((1, 3), (2, 1, 3))]


def cut(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """An array of the shape with elements of the given one, which fit the function's domain."""
    return np.resize(array, shape).astype(array.dtype)


BROADCAST_CASES = [
    pytest.param(OPS[name], example(cut(x, left), cut(y, right)), id=f"{name}-{left}-{right}")
    for (name, (x, y)), (left, right) in itertools.product(BINARY.items(), BROADCAST)
    if name in OPS
]


@pytest.mark.parametrize("hiding", HIDING)
@pytest.mark.parametrize(("definition", "case"), BROADCAST_CASES)
def test_broadcasting(definition, case, hiding):
    test_shape_rule_and_kernel_agree(definition, case, hiding)


def test_what_broadcasts_is_in_the_table():
    special = {
        "BatchMatMulV2",
        "Zeta",
        "Polygamma",
        "Complex",
        "Betainc",
        "SelectV2",
    }  # have examples
    assert {name for name, definition in OPS.items() if definition.broadcasts} == {
        *BINARY,
        *special,
    }


# ---- gradients ---------------------------------------------------------------------------------


#: Operations whose first output alone has a gradient, as in TensorFlow.
FIRST_ALONE = {"SparseSoftmaxCrossEntropyWithLogits"}


def weighted(op: gs.Operation, values: list[Any]) -> gs.Tensor:
    """A number that depends on every element of every floating-point output in its own way."""
    parts = []
    for i, (tensor, value) in enumerate(zip(op.outputs, values, strict=True)):
        if tensor.dtype.is_floating and not (i and op.type in FIRST_ALONE):
            count = np.size(value)
            weights = np.cos(1.0 + np.arange(count)).reshape(np.shape(value))
            parts.append(gs.reduce_sum(tensor * gs.constant(weights, tensor.dtype.base_dtype)))
    return gs.add_n(parts)


def numeric_gradient(session, total, feed, x) -> np.ndarray:
    """Central differences of `total` along each element of x."""
    slope = np.zeros(feed[x].shape)
    for place in np.ndindex(*slope.shape):
        step = 1e-6 * max(1.0, abs(feed[x][place]))
        ends = []
        for direction in (step, -step):
            moved = feed[x].copy()
            moved[place] += direction
            ends.append(session.run(total, {**feed, x: moved}))
        slope[place] = (ends[0] - ends[1]) / (2 * step)
    return slope


def check_gradients(op, feed, session, total) -> None:
    xs = [x for x in feed if x.dtype.is_floating]
    with op.graph.as_default():
        slopes = [dx if dx is None else gs.convert_to_tensor(dx) for dx in gs.gradients(total, xs)]
    for x, slope in zip(xs, slopes, strict=True):
        numeric = numeric_gradient(session, total, feed, x)
        exact = np.zeros_like(numeric) if slope is None else session.run(slope, feed)
        assert np.shape(exact) == numeric.shape
        rounding = 1e-7 + 1e-9 * abs(session.run(total, feed))  # of the differences
        np.testing.assert_allclose(exact, numeric, rtol=1e-5, atol=rounding, err_msg=x.name)


def is_checked(definition: OpDef, case: Example) -> bool:
    flat = [v for value in case.inputs for v in (value if isinstance(value, list) else [value])]
    floats = any(isinstance(v, np.ndarray) and v.dtype == np.float64 for v in flat)
    if definition.type == "Cast" and not case.attrs["DstT"].is_floating:
        return False  # a path of gradients ends at another type
    return definition.differentiable and floats


@pytest.mark.parametrize("hiding", ["known", "sizes"])
@pytest.mark.parametrize(
    ("definition", "case"), [p for p in CASES + BROADCAST_CASES if is_checked(*p.values)]
)
def test_gradient(definition, case, hiding):
    op, feed, session = build(definition, case, HIDING[hiding])
    with op.graph.as_default():
        total = weighted(op, session.run(list(op.outputs), feed))
    check_gradients(op, feed, session, total)


TWICE = (
    "Square Tanh Softmax LogSoftmax MatMul BatchMatMulV2 SoftmaxCrossEntropyWithLogits "
    "Mul RealDiv Pow Sigmoid Sum Mean Prod Tile ConcatV2 "
    "Slice StridedSlice GatherV2 GatherNd ScatterNd Cumsum Pad ReverseV2 MatrixDiag Split Unpack "
    "TopKV2 Selu Softsign Elu Relu BiasAdd BroadcastTo L2Loss Conv2D DepthwiseConv2dNative MaxPool "
    "Conv3D MaxPool3D AvgPool3D "
    "AvgPool Lgamma Digamma Erf SegmentSum UnsortedSegmentSum MirrorPad SpaceToBatchND Diag Cross "
    "MatrixInverse MatrixSolve Tan"
)


@pytest.mark.parametrize(
    ("definition", "case"), [p for p in CASES if p.values[0].type in TWICE.split()]
)
def test_second_derivative(definition, case):
    """The slopes of a sum of squared slopes, against central differences of it."""
    op, feed, session = build(definition, case)
    xs = [x for x in feed if x.dtype.is_floating]
    with op.graph.as_default():
        # The square makes the first slope depend on x for linear operations too.
        outputs = [gs.square(tensor) for tensor in op.outputs if tensor.dtype.is_floating]
        values = session.run(outputs, feed)
        parts = [
            gs.reduce_sum(
                tensor * gs.constant(np.cos(1.0 + np.arange(np.size(v))).reshape(v.shape))
            )
            for tensor, v in zip(outputs, map(np.asarray, values), strict=True)
        ]
        slopes = [slope for slope in gs.gradients(gs.add_n(parts), xs) if slope is not None]
        total = gs.add_n([gs.reduce_sum(gs.square(slope)) for slope in slopes])
    check_gradients(op, feed, session, total)
