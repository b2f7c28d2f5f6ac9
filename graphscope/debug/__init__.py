"""The debugger: a timeline that is stepped both ways, and the questions that it answers."""

from graphscope.debug.debugger import Debugger, debug
from graphscope.debug.errors import DebugError, NotExecuted, UnknownPlace

__all__ = ["DebugError", "Debugger", "NotExecuted", "UnknownPlace", "debug"]
