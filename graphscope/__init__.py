"""GraphScope: run, step, draw and question TensorFlow-1 style computation graphs.

``import graphscope as gs`` gives the graph API of TensorFlow 1 (``gs.placeholder``, ``gs.Session``,
``gs.train``...), running on GraphScope's own engine, and beside it ``gs.debug``.
"""

from graphscope import errors, nn, train
from graphscope.engine.session import InteractiveSession, Session
from graphscope.gradients import gradients
from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import (
    DType,
    as_dtype,
    complex64,
    complex128,
    double,
    float16,
    float32,
    float64,
    half,
    int8,
    int16,
    int32,
    int64,
    string,
    uint8,
    uint16,
    uint32,
    uint64,
)
from graphscope.graph.dtypes import bool_ as bool
from graphscope.graph.graph import (
    Graph,
    Operation,
    Tensor,
    get_default_graph,
    get_default_session,
    reset_default_graph,
)
