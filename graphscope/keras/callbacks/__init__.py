"""What is called at each turn of a training (tf.keras.callbacks)."""

from graphscope.keras.callbacks.base import Callback as Callback
from graphscope.keras.callbacks.base import CallbackList as CallbackList
from graphscope.keras.callbacks.base import LambdaCallback as LambdaCallback
from graphscope.keras.callbacks.deciding import EarlyStopping as EarlyStopping
from graphscope.keras.callbacks.deciding import LearningRateScheduler as LearningRateScheduler
from graphscope.keras.callbacks.deciding import ModelCheckpoint as ModelCheckpoint
from graphscope.keras.callbacks.deciding import ReduceLROnPlateau as ReduceLROnPlateau
from graphscope.keras.callbacks.deciding import TerminateOnNaN as TerminateOnNaN
from graphscope.keras.callbacks.records import BaseLogger as BaseLogger
from graphscope.keras.callbacks.records import CSVLogger as CSVLogger
from graphscope.keras.callbacks.records import History as History
from graphscope.keras.callbacks.records import ProgbarLogger as ProgbarLogger
from graphscope.keras.callbacks.tensorboard import TensorBoard as TensorBoard
