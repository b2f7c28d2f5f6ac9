"""Where in the user's program an operation was made, and under which Python name.

Only the frame's code object and position are kept when an operation is made (that is cheap); the
text of the line and the name are worked out when somebody asks.
"""

from __future__ import annotations

import dis
import linecache
import os
import sys
from bisect import bisect_right
from collections.abc import Callable
from functools import cache, lru_cache
from types import CodeType, FrameType, TracebackType

#: Modules whose frames are not the user's.
_LIBRARY = ("graphscope", "tensorflow", "contextlib", "functools")

#: Gives the names of files that nobody has named, as the cells of a notebook; None for others.
_naming: list[Callable[[str], str | None]] = []

#: A place in no instruction.
_NOWHERE = -1

#: Parts of other instructions: the upper bits of an argument, room for the interpreter.
_NO_MEANING = ("EXTENDED_ARG", "CACHE")


def call_files(naming: Callable[[str], str | None] | None) -> None:
    """Let files be called otherwise than by their names. None: no longer."""
    _naming[:] = [] if naming is None else [naming]


def _called(filename: str) -> str:
    """``model.py``, ``In[3]``"""
    found = _naming[0](filename) if _naming else None
    return os.path.basename(filename) if found is None else found


class Source:
    """A place in the user's program: the innermost frame outside the library.

    code, lasti: the code, and the instruction in it. named: False for what is made beside the
    result of the call there, so that it is bound to no name.
    """

    __slots__ = ("_named", "code", "lasti")

    def __init__(self, code: CodeType, lasti: int, named: bool = True) -> None:
        self.code = code
        self.lasti = lasti
        self._named = named

    def _place(self) -> tuple[CodeType, int, int]:
        return self.code, self.lasti if self._named else _NOWHERE, self.lineno

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Source) and self._place() == other._place()

    def __hash__(self) -> int:
        return hash(self._place())

    @property
    def lineno(self) -> int:
        starts, lines = _lines(self.code)
        return lines[max(bisect_right(starts, self.lasti) - 1, 0)]

    @property
    def filename(self) -> str:
        return self.code.co_filename

    @property
    def text(self) -> str:
        """The line as it stands in the file, stripped; empty when the file cannot be read."""
        return linecache.getline(self.filename, self.lineno).strip()

    @property
    def where(self) -> str:
        """``model.py:12``"""
        return f"{_called(self.filename)}:{self.lineno}"

    @property
    def bound_to(self) -> str | None:
        """The Python name that the call at this place is assigned to, or None."""
        return _bound_name(self.code, self.lasti) if self._named else None

    def __str__(self) -> str:
        return f"{self.where}  {self.text}".rstrip()


def user_source(
    beside: bool = False, known: dict[tuple[int, int, bool], Source] | None = None
) -> Source | None:
    """The innermost frame of the calling program that is not the library's own.

    beside: what is made is not what the call there returns, so it is bound to no name.
    known: where places are kept, so that each is made once.
    """
    frame: FrameType | None = sys._getframe(2)  # who asks is the library
    while frame is not None:
        if _is_library(frame.f_globals.get("__name__", "")):
            frame = frame.f_back
            continue
        key = id(frame.f_code), frame.f_lasti, beside  # what is known holds its code
        if known is not None and key in known:
            return known[key]
        source = Source(frame.f_code, frame.f_lasti, not beside)
        if known is not None:
            known[key] = source
        return source
    return None


@cache
def _is_library(module: str) -> bool:
    return module.partition(".")[0] in _LIBRARY


@lru_cache(maxsize=256)
def _lines(code: CodeType) -> tuple[list[int], list[int]]:
    """Where the instructions of each line begin, and its number."""
    found = [(start, line) for start, _, line in code.co_lines() if line is not None]
    return [start for start, _ in found], [line for _, line in found]


def line_of(traceback: TracebackType | None, code: CodeType | None = None) -> Source | None:
    """The innermost place of a traceback that is in the calling program itself, or in one function.

    code: that of the function.
    """
    found = None
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        own = module.partition(".")[0] not in (*_LIBRARY, "numpy")
        if own if code is None else traceback.tb_frame.f_code is code:
            found = Source(traceback.tb_frame.f_code, traceback.tb_lasti)
        traceback = traceback.tb_next
    return found


@lru_cache(maxsize=256)
def _instructions(code: CodeType) -> tuple[list[int], list[dis.Instruction]]:
    """The instructions, and where each of them is."""
    meant = [i for i in dis.get_instructions(code) if i.opname not in _NO_MEANING]
    return [i.offset for i in meant], meant


@lru_cache(maxsize=4096)
def _bound_name(code: CodeType, lasti: int) -> str | None:
    """Read the instruction after the call: ``STORE_NAME y`` says that the result is called y.

    During ``y = softmax(matmul(x, W) + b)`` the call of softmax is followed by the store, the call
    of matmul is not; so the name goes to the outermost call, as a reader would say.
    """
    offsets, instructions = _instructions(code)
    after = bisect_right(offsets, lasti)
    following = instructions[after : after + 2]
    if not following:
        return None
    first = following[0]
    if first.opname.startswith("STORE_"):
        if first.opname in ("STORE_SUBSCR", "STORE_ATTR", "STORE_SLICE"):
            return None
        name = first.argval[0] if isinstance(first.argval, tuple) else first.argval
        return str(name)
    if len(following) > 1 and following[1].opname == "STORE_ATTR":  # self.W = ...
        owner = first.argval[-1] if isinstance(first.argval, tuple) else first.argval
        return f"{owner}.{following[1].argval}" if first.opname.startswith("LOAD_") else None
    return None
