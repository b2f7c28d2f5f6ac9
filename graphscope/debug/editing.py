"""Changing a run: set a value or a variable, feed, begin again, go another way, keep or undo."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphscope.debug.answers import Answer, Note, Reason, Stop
from graphscope.debug.commands import command
from graphscope.debug.errors import DebugError, NotExecuted
from graphscope.debug.history import History
from graphscope.debug.keeping import Kept
from graphscope.debug.place import Place
from graphscope.debug.questions.compare import Comparison, compare
from graphscope.debug.stops import Stops
from graphscope.debug.timeline import Timeline
from graphscope.engine.interpreter import Value
from graphscope.engine.session import Session, fed_value
from graphscope.engine.state import State
from graphscope.errors import OpError
from graphscope.graph.convert import as_array
from graphscope.graph.dtypes import string
from graphscope.graph.graph import Tensor
from graphscope.ops.state import variable_of


@dataclass(frozen=True)
class Override(Answer):
    """A value that was set by hand. `remove()` takes it back.

    t: where we look now, when setting it took us back. went_back: how far.
    """

    name: str
    value: Value
    t: int
    went_back: int
    once: bool
    owner: Any
    tensor: Tensor

    def remove(self) -> Stop:
        """Let the node compute its value again."""
        stop: Stop = self.owner.unset(self.tensor)
        return stop


#: ``W[0, 3]``: a part of a value, which is set and leaves the rest as it is.
_PART = re.compile(r"^(.*?[^\[\s])\s*(\[.*\])$")
_COMPARING = re.compile(r"[=!<>]=")

#: The options of `set`, and what each takes.
_OPTIONS = {"budget": "a number of megabytes", "on-exit": "commit or rollback"}


class Editing(Place):
    """The commands that change what is run, or what it leaves behind."""

    def __init__(self, session: Session, history: History, stops: Stops, keeps: bool) -> None:
        super().__init__(session, history, stops)
        self._keeps = keeps
        #: What `commit` has given to a session that does not keep the runs otherwise.
        self._given = Kept()

    @command(
        "set",
        group="State",
        takes="node",
        example="set y = 0 * y",
        choices={"spec": ("budget", "on-exit")},
    )
    def set(self, spec: Any, value: Any = None, *, once: bool = False) -> Override | Note:
        """Let a node's output or a variable have another value: set y = 0 * y, set %W = np.ones(3).

        What has run behind it is discarded and will run again. A node's value is set in this run
        and in later ones; once: only in this one. set %VARIABLE writes the variable now. A constant
        (a learning rate is one) is set from the start of the run on. Only a part: set %W[0, 3] = 1.

        Two options are set by a word: set budget 512 (how many megabytes of values are kept before
        the oldest runs are let go), set on-exit rollback or commit (what becomes of a finished
        run).
        """
        if isinstance(spec, str) and value is None and "=" not in spec:
            name, _, word = spec.partition(" ")
            if name in _OPTIONS:
                return self._option(name, word)
        target, given = self._split_assignment(spec, value)
        tensor = self.locations.tensor(target)
        new = self._as_value(tensor, given)
        if tensor.dtype.is_ref:
            variable = variable_of(tensor)
            self.timeline.write(variable.name, new)
            self._edited()
            return Note(f"{self.names.of(variable)} is set, at t={self.t}.")
        if tensor in self.timeline.run.feeds:
            raise DebugError(f"{tensor.name} is fed. Try: feed {target} = ...")
        if tensor.op in self.plan.given and tensor.op.body is None:
            if once:
                raise DebugError(
                    f"{tensor.name} is there before the run begins, and is set for later runs too. "
                    f"Without --once; unset {tensor.op.name} takes it back"
                )
            return self._set_given(tensor, new)
        if tensor.op not in self.plan.everything:
            raise DebugError(f"{tensor.name} is no step of this run. Try: why-not {tensor.op.name}")
        before = self.t
        self.timeline.override(tensor, new)
        if not once:
            self._lasting[tensor] = new
        self._edited()
        return Override(tensor.name, new, self.t, before - self.t, once, self, tensor)

    def _set_given(self, tensor: Tensor, new: Value) -> Override:
        """Let a constant have another value: it is there before the first node, so it is fed, and
        the run begins again."""
        before = self.t
        self.feed(tensor, new)
        return Override(tensor.name, new, self.t, before, False, self, tensor)

    def _option(self, name: str, word: str) -> Note:
        """Set an option of the session. Errors: DebugError for another word than it takes."""
        word = word.strip()
        if name == "on-exit" and word in ("commit", "rollback"):
            self._keeps = word == "commit"
            return Note(f"A finished run is {'kept' if self._keeps else 'rolled back'} at the end.")
        if name == "budget" and word.isdigit() and int(word):
            self.history.budget = int(word) << 20
            gone = self.history.trim()
            return Note(f"{word} MB of values are kept; {gone} of the oldest runs were let go.")
        raise DebugError(f"set {name} takes {_OPTIONS[name]}, not {word!r}.")

    @command("unset", group="State", takes="overridden", example="unset y")
    def unset(self, spec: Any) -> Stop:
        """Take back what set has set: the node computes its value again."""
        tensor = self.locations.tensor(spec)
        if tensor.op.type == "Const" and tensor in self.timeline.run.feeds:
            return self.unfeed(tensor)
        if tensor not in self.timeline.overrides:
            known = ", ".join(t.name for t in self.timeline.overrides) or "none"
            raise DebugError(f"{tensor.name} is not set by hand; set are: {known}.")
        self._lasting.pop(tensor, None)
        self.timeline.forget(tensor)
        return self._edited()

    def _edited(self) -> Stop:
        """The run goes another way from here: what came after it is forgotten."""
        self.history.rewrite()
        self.stops.forget((self.timeline.serial, self.t))
        self.stop = self._make_stop(Reason.EDITED)
        return self.stop

    def _split_assignment(self, spec: Any, value: Any) -> tuple[Any, Any]:
        """``y = 0 * y`` in two; from Python the value comes as it is."""
        if value is not None:
            return spec, value
        target, text = _halves(spec) if isinstance(spec, str) else ("", "")
        if not target or not text:
            raise DebugError("This needs a place and a value, as in set NODE = EXPRESSION")
        given = self._evaluated(text)
        part = _PART.match(target)
        if part is None or target in self.names.by_python_name:
            return target, given
        return part[1], self._with_part(part[1], part[2], given)

    def _with_part(self, target: str, index: str, given: Any) -> Value:
        """The present value with another part: ``W[0, 3]``. Errors: DebugError where it does not
        fit, NotExecuted where there is no value yet."""
        new = np.array(self.value(target))
        at = self._evaluated(f"np.index_exp{index}")
        try:
            new[at] = given
        except (IndexError, TypeError, ValueError) as error:
            raise DebugError(f"{target}{index} cannot be set: {error}.") from None
        return new

    def _as_value(self, tensor: Tensor, given: Any) -> Value:
        """The value in the tensor's type and shape. Errors: DebugError when it does not fit."""
        dtype = tensor.dtype.base_dtype
        try:
            with np.errstate(invalid="raise"):  # NaN is no whole number
                new = as_array(given, dtype) if dtype is string else np.array(given, dtype.numpy)
        except (ArithmeticError, TypeError, ValueError) as error:
            raise DebugError(
                f"{tensor.name} is {dtype.name}, and {given!r} is not: {error}"
            ) from None
        if new.ndim == 0:  # one number for all elements
            new = np.broadcast_to(new, self._shape(tensor))
        if not tensor.shape.is_compatible_with(new.shape):
            raise DebugError(f"{tensor.name} has the shape {tensor.shape}, and not {new.shape}.")
        new.flags.writeable = False
        return new

    def _shape(self, tensor: Tensor) -> tuple[int, ...]:
        """The shape that the tensor has, as far as that is known."""
        try:
            return self.timeline.value(tensor).shape
        except NotExecuted:
            known = tensor.shape.sizes or ()
            return () if None in known else tuple(size or 0 for size in known)

    # ---- feeds ---------------------------------------------------------------------------------

    @command("feed", group="State", takes="feedable", example="feed x = np.zeros([2, 3])")
    def feed(self, spec: Any, value: Any = None) -> Stop:
        """Feed another value: feed x = np.ones([2, 3]). The run begins again."""
        target, given = self._split_assignment(spec, value)
        tensor = self.locations.tensor(target)
        try:
            new = fed_value(tensor, given)
            return self._begin_again({**self.timeline.run.feeds, tensor: new})
        except (TypeError, ValueError) as error:
            raise DebugError(str(error)) from None

    @command("unfeed", group="State", takes="fed", example="unfeed x")
    def unfeed(self, spec: Any) -> Stop:
        """Feed a tensor no longer. The run begins again."""
        tensor = self.locations.tensor(spec)
        feeds = dict(self.timeline.run.feeds)
        if tensor not in feeds:
            raise DebugError(f"{tensor.name} is not fed. Fed are: {_fed(feeds)}.")
        del feeds[tensor]
        return self._begin_again(feeds)

    @command("restart", group="State", example="restart")
    def restart(self) -> Stop:
        """Begin this run again: everything is computed anew, from the variables as they were."""
        return self._begin_again(dict(self.timeline.run.feeds))

    def _begin_again(self, feeds: dict[Tensor, Any]) -> Stop:
        old = self.timeline
        run = self.session.prepare(old.run.fetches.structure, feeds)
        self.stops.forget((old.serial, -1))
        self.history.replace(Timeline(run, old.before, old.number, self._lasting))
        self._look_at(self.history.at)
        self.stop = self._make_stop(Reason.START)
        return self.stop

    # ---- another way ---------------------------------------------------------------------------

    def fork(self, name: str = "", **overrides: Any) -> Any:
        """Another debugger that stands at the same place of the same run, to go another way. The
        session keeps nothing of it. overrides: values to set there, by the node's name."""
        other = self._beside(self.timeline.forked())
        for spec, value in overrides.items():
            other.set(spec, value)
        return other

    def _beside(self, timeline: Timeline) -> Any:
        """Another debugger of the same session, with a history of its own."""
        raise NotImplementedError

    @command("fork", group="State", example="fork before")
    def fork_here(self, name: str) -> Note:
        """Keep this place under a name: what is done after it can be compared with it. Later,
        compare NAME shows the first node that differs."""
        self._forks[name] = self.fork()
        return Note(f"{name} is this run up to t={self.t}.")

    @command("compare", group="State", takes="way", example="compare before")
    def compare(self, first: str, second: str = "") -> Comparison:
        """The first node at which two ways of a run differ: a fork and this run, two forks, or two
        runs of the history by their numbers."""
        if not second and len(str(first).split()) == 2:
            first, second = str(first).split()
        a = self._way(first)
        b = self._way(second) if second else self.timeline
        return compare(a, b, self.names)

    def _way(self, word: Any) -> Timeline:
        if str(word) in self._forks:
            other = self._forks[str(word)]
            with suppress(OpError):  # then it is compared as far as it came
                other.run_to_end()
            way: Timeline = other.timeline
            return way
        timeline = self.history.number(int(word)) if str(word).isdigit() else None
        if timeline is None:
            forks, runs = (
                ", ".join(self._forks),
                ", ".join(str(r.number) for r in self.history.runs),
            )
            raise DebugError(
                f"{word!r} is no fork and no run of the history; forks: {forks or 'none'}; "
                f"runs: {runs}."
            )
        return timeline

    # ---- the end -------------------------------------------------------------------------------

    @command("commit", group="State", example="commit")
    def commit(self) -> Note:
        """Give the session what this run has written, once.

        What other runs of the session have written in the meantime stays. Errors: NotExecuted when
        this one has not finished."""
        if self.timeline is not self.history.runs[-1]:
            raise DebugError("Other runs came after this one. Try: commit at the end of the last")
        if not self.done:
            raise NotExecuted("The run has not finished: run_to_end() finishes it.")
        self.timeline.commit(self._keeper)
        if not self._keeps:
            self._given.put(self._rehearsed, self.session.state)
        return Note("The session's variables are as this run has left them.")

    @command("rollback", group="State", example="rollback")
    def rollback(self) -> Stop:
        """Go to the start of this run and forget it: the variables are as they were before it."""
        stop = self.restart()
        self.timeline.withdraw(self._keeper)
        self._given.take_back(self.session.state)
        self._given = Kept()
        return stop

    @property
    def _keeper(self) -> State:
        """What keeps the variables of finished runs: the session, where they shall last."""
        return self.session.state if self._keeps else self._rehearsed

    @property
    def _forks(self) -> dict[str, Any]:
        return self.history.forks


def _halves(assignment: str) -> tuple[str, str]:
    """``y[x == 0] = 1`` in two, at the first single = outside of brackets."""
    depth = 0
    for at, letter in enumerate(assignment):
        depth += {"[": 1, "]": -1}.get(letter, 0)
        around = assignment[max(at - 1, 0) : at + 2]
        if letter == "=" and depth <= 0 and not _COMPARING.search(around):
            return assignment[:at].strip(), assignment[at + 1 :].strip()
    return assignment.strip(), ""


def _fed(feeds: dict[Tensor, Any]) -> str:
    return ", ".join(tensor.name for tensor in feeds) or "none"
