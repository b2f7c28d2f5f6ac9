"""Data made ready for a network: sequences, texts, images (tf.keras.preprocessing)."""

from graphscope.keras.preprocessing import image as image
from graphscope.keras.preprocessing import sequence as sequence
from graphscope.keras.preprocessing import text as text
