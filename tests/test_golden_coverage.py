"""Every declared operation is checked against TensorFlow 1.15, in more than one form.

A form of an operation is the types and sizes of its inputs and outputs. The graphs of all golden
cases are built, not run: other tests do that, and there a value, or a gradient, that is not golden
is an error. An operation counts where a result of a case depends on it; its gradient counts where
the way from a result to what it is differentiated by leads through it.
"""

from collections import defaultdict
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from goldens import keras_optimizers  # noqa: F401 (adds cases)
from goldens.cases import CASES
from goldens.cases_tensor_arrays import CONTROL
from goldens.keras_scripts import SCRIPTS
from goldens.layers_cases import LAYERS, inputs
from goldens.running import from_scratch
from goldens.running_keras import MODULES
from goldens.training import TRAINING

from graphscope import compat
from graphscope.gradients import differentiable_ops
from graphscope.graph.registry import OPS
from graphscope.graph.walk import reach

WANTED = 2  # forms
#: Optimizers of Keras with steps that tf.train has not, and what it prints.
STEPS = {
    name: build
    for name, build in SCRIPTS.items()
    if name.startswith(("optimizers SGD momentum", "optimizers Ada", "K.print_tensor"))
}

RANDOM = np.load(Path(__file__).parent / "goldens" / "random.npz")


class Seen:
    """Forms of operations, by type: of those that results depend on, of those differentiated."""

    def __init__(self):
        self.forms = defaultdict(set)
        self.slopes = defaultdict(set)

    def note(self, starts, results=(), xs=()):
        """What the operations at the start depend on; what is between the results and the xs."""
        for op in reach(starts, lambda op: [t.op for t in op.inputs] + list(op.control_inputs)):
            self.forms[op.type].add(form(op))
        for op in differentiable_ops(results, xs):
            self.slopes[op.type].add(form(op))


def form(op):
    """Types and sizes of the inputs and of the outputs."""
    return tuple((t.dtype.name, t.shape.short) for t in [*op.inputs, *op.outputs])


def note_case(tf, seen, case):
    from_scratch(tf)
    placeholders = [
        tf.placeholder(array.dtype, shape, name=name)
        for name, array, shape in zip("abc", case.inputs, case.shapes, strict=False)
    ]
    built = case.build(tf, *placeholders)
    results = list(built) if isinstance(built, list | tuple) else [built]
    note_results(tf, seen, results, [x for x in placeholders if x.dtype.is_floating])


def note_control(tf, seen, build):
    from_scratch(tf)
    made = build(tf)
    note_results(tf, seen, made.fetches, made.xs)


def note_results(tf, seen, results, xs):
    floating = [t for t in results if t.dtype.is_floating]
    slopes = tf.gradients(floating, xs) if floating and xs else []
    dense = [tf.convert_to_tensor(slope) for slope in slopes if slope is not None]
    seen.note([t.op for t in [*results, *dense]], floating, xs)


def note_layers(tf, seen, build):
    from_scratch(tf)
    results = [t for t in build(tf, inputs(tf)[0]) if t.dtype.is_floating]
    seen.note(tf.get_default_graph().get_operations(), results, places(tf))


def note_training(tf, seen, build):
    from_scratch(tf)
    _, looked_at = build(tf)
    losses = [looked_at["loss"]] if "loss" in looked_at else []
    seen.note(tf.get_default_graph().get_operations(), losses, places(tf))


def note_keras(tf, seen, build):
    keras = SimpleNamespace(**{n: import_module(f"graphscope.keras.{n}") for n in MODULES})
    keras.backend.clear_session()
    build(tf, keras)
    seen.note(tf.get_default_graph().get_operations())


def places(tf):
    return [variable._ref() for variable in tf.trainable_variables()]


@pytest.fixture(scope="module")
def seen():
    found = Seen()
    tables = (
        (CASES, note_case),
        (LAYERS, note_layers),
        (TRAINING, note_training),
        (CONTROL, note_control),
        (STEPS, note_keras),
    )
    with compat.installed() as tf:
        for table, note in tables:
            for case in table.values():
                note(tf, found, case)
        from_scratch(tf)
    for key in RANDOM:
        type, dtype, *seeds = key.split("|")
        found.forms[type].add((dtype, *seeds))
    return found


#: Datasets, iterators, queues, readers.
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
#: Operations without goldens in two forms, and why.
LISTS = "all of its inputs are lists, so it has one form"
BACK = "it stands in the gradient of a TensorArray, which has goldens"
UNSEEN = {
    **dict.fromkeys(("EmptyList", "TensorArraySizeV3", "TensorArrayCloseV3"), LISTS),
    "ListWithout": LISTS,
    "TensorArrayV3": "its input is a number, so it has one form",
    **dict.fromkeys(DATA_IN, "test_pipelines_goldens compares what comes out"),
    **dict.fromkeys(OLD_FILES, "tests/formats trains what TensorFlow saved"),
    "NoOp": "it has no inputs and no outputs, so it has one form",
    "LoopVariable": "it stands in the body of a While, which has goldens",
    "WeightsFit": "one node for some thirty of TensorFlow's, only to refuse weights",
    "MaxPoolGradGradWithArgmax": "TensorFlow has no kernel of it for a CPU",
    "PrintV2": "its input is a text, so it has one form",
    "ImageSummary": "TensorFlow packs PNG files otherwise; tests/summary unpacks them",
    "AudioSummaryV2": "tests/summary reads its record as TensorBoard does",
    "TensorSummaryV2": "tests/summary reads its record as TensorBoard does",
}
OF_COMPLEX = "gradients come through complex numbers, which goldens do not"
SIDES = "tests/formats compares it with the gradients in a file of TensorFlow"
NONE_THERE = "TensorFlow has no gradient of it"
OWN = "a gradient that TensorFlow makes of other operations, and does not differentiate"
#: Operations whose gradient has no goldens in two forms, and why.
UNSEEN_SLOPES = {
    **dict.fromkeys(("Complex", "Real", "Imag", "Angle", "ComplexAbs", "Conj"), OF_COMPLEX),
    **dict.fromkeys(("SparseDenseCwiseAdd", "Snapshot"), NONE_THERE),
    **dict.fromkeys(("CropAndResizeGradImage", "CropAndResizeGradBoxes"), NONE_THERE),
    **dict.fromkeys(("Dilation2DBackpropInput", "Dilation2DBackpropFilter"), NONE_THERE),
    **dict.fromkeys(("MaxPoolGradWithArgmax", "MaxPoolGradGradWithArgmax"), NONE_THERE),
    **dict.fromkeys(("MaxPoolGradGradV2", "LRNGrad", "SoftsignGrad"), NONE_THERE),
    **dict.fromkeys(("ResizeBilinearGrad", "ResizeBicubicGrad"), NONE_THERE),
    **dict.fromkeys(("ResizeNearestNeighborGrad", "ScaleAndTranslateGrad"), NONE_THERE),
    **dict.fromkeys(("AddLists", "ListItems", "ListJoined", "ListOf", "ListOfParts"), BACK),
    "ListWithout": BACK,
    **dict.fromkeys(("Switch", "Merge"), SIDES),
    **dict.fromkeys(("RGBToHSVGrad", "WhileGradient"), OWN),
    **dict.fromkeys(("PreventGradient", "OldLoop", "Exit"), "its gradient is an error"),
}


def test_every_operation_has_goldens_in_more_than_one_form(seen):
    few = {type for type in OPS if len(seen.forms[type]) < WANTED}
    assert few - set(UNSEEN) == set()
    assert set(UNSEEN) & set(OPS) - few == set(), "exceptions that are none any more"


def test_every_gradient_has_goldens_in_more_than_one_form(seen):
    ruled = {type for type, definition in OPS.items() if definition.gradient_rule is not None}
    few = {type for type in ruled if len(seen.slopes[type]) < WANTED}
    assert few - set(UNSEEN_SLOPES) == set()
    assert set(UNSEEN_SLOPES) & ruled - few == set(), "exceptions that are none any more"
