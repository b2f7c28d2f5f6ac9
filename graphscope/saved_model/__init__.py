"""SavedModels: a graph with its values and the names by which others call it, in a folder.

The names and the formats are those of tf.saved_model in TensorFlow 1.15: what is written here is
loaded there and served, and what was written there is loaded here. Models that TensorFlow 2 saved
as objects are loaded as graphs, with their values.
"""

from graphscope.saved_model import (
    builder,
    constants,
    loader,
    main_op,
    signature_constants,
    signature_def_utils,
    tag_constants,
    utils,
)
from graphscope.saved_model.builder import SavedModelBuilder as Builder
from graphscope.saved_model.builder import simple_save
from graphscope.saved_model.constants import *  # noqa: F403
from graphscope.saved_model.loader import contains_saved_model, load, maybe_saved_model_directory
from graphscope.saved_model.main_op import main_op_with_restore
from graphscope.saved_model.signature_constants import *  # noqa: F403
from graphscope.saved_model.signature_def_utils import (
    build_signature_def,
    classification_signature_def,
    is_valid_signature,
    predict_signature_def,
    regression_signature_def,
)
from graphscope.saved_model.tag_constants import *  # noqa: F403
from graphscope.saved_model.utils import build_tensor_info, get_tensor_from_tensor_info

__all__ = [
    "Builder",
    "build_signature_def",
    "build_tensor_info",
    "builder",
    "classification_signature_def",
    "constants",
    "contains_saved_model",
    "get_tensor_from_tensor_info",
    "is_valid_signature",
    "load",
    "loader",
    "main_op",
    "main_op_with_restore",
    "maybe_saved_model_directory",
    "predict_signature_def",
    "regression_signature_def",
    "signature_constants",
    "signature_def_utils",
    "simple_save",
    "tag_constants",
    "utils",
]
__all__ += constants.__all__ + signature_constants.__all__ + tag_constants.__all__
