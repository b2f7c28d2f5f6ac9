"""What a dataset is in a run: a stream of elements, whose place is a value.

A stream never changes. Where an iterator is in it is a place, that the session keeps; a step takes
one and gives the element there and the next place, so that every past place can be taken up again.
"""

from graphscope.ops.streams.stream import Element as Element
from graphscope.ops.streams.stream import Function as Function
from graphscope.ops.streams.stream import Part as Part
from graphscope.ops.streams.stream import Steps as Steps
from graphscope.ops.streams.stream import Stream as Stream
from graphscope.ops.streams.stream import boxed as boxed
from graphscope.ops.streams.stream import unboxed as unboxed
