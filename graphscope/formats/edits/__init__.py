"""Meta graphs of files, changed: another learning rate, a variable that is frozen, other names, a
version of TensorFlow that can read it.

Each function takes a MetaGraphDef, leaves it as it is, and returns an `Edited`: the changed one,
and a sentence for each thing that was done.
"""

from graphscope.formats.edits.draft import Edited
from graphscope.formats.edits.freezing import freeze, unfreeze
from graphscope.formats.edits.rates import Rate, learning_rates, set_learning_rate
from graphscope.formats.edits.renaming import changed_checkpoint, rename, rename_checkpoint
from graphscope.formats.edits.versions import VERSIONS, for_version, remove_output_shapes

__all__ = [
    "VERSIONS",
    "Edited",
    "Rate",
    "changed_checkpoint",
    "for_version",
    "freeze",
    "learning_rates",
    "remove_output_shapes",
    "rename",
    "rename_checkpoint",
    "set_learning_rate",
    "unfreeze",
]
