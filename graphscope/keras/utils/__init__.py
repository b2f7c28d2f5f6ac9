"""Helpers of Keras: names of objects, progress, arrays, batches (tf.keras.utils)."""

from graphscope.keras.utils.arrays import normalize as normalize
from graphscope.keras.utils.arrays import to_categorical as to_categorical
from graphscope.keras.utils.files import get_file as get_file
from graphscope.keras.utils.objects import CustomObjectScope as CustomObjectScope
from graphscope.keras.utils.objects import custom_object_scope as custom_object_scope
from graphscope.keras.utils.objects import deserialize_keras_object as deserialize_keras_object
from graphscope.keras.utils.objects import get_custom_objects as get_custom_objects
from graphscope.keras.utils.objects import serialize_keras_object as serialize_keras_object
from graphscope.keras.utils.progress import Progbar as Progbar
from graphscope.keras.utils.sequences import GeneratorEnqueuer as GeneratorEnqueuer
from graphscope.keras.utils.sequences import OrderedEnqueuer as OrderedEnqueuer
from graphscope.keras.utils.sequences import Sequence as Sequence
from graphscope.keras.utils.sequences import SequenceEnqueuer as SequenceEnqueuer
