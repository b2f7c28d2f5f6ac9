"""The debugger: a timeline that is stepped both ways, and the questions that it answers."""

from graphscope.debug.debugger import Debugger, debug
from graphscope.debug.errors import DebugError, NotExecuted, UnknownPlace
from graphscope.debug.measuring import first_divergence

__all__ = ["DebugError", "Debugger", "NotExecuted", "UnknownPlace", "debug", "first_divergence"]
