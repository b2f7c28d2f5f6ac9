"""Requests that look at the place where we are; in the console, any line of the prompt."""

from __future__ import annotations

from graphscope.debug.answers import Card, Reason, Stop
from graphscope.debug.dispatch import Output
from graphscope.debug.errors import DebugError
from graphscope.debug.expressions import Expression
from graphscope.errors import OpError, lesson_of
from graphscope.repl.completing import completed
from graphscope.repl.dap import scopes
from graphscope.repl.dap.requests import Reply, request
from graphscope.repl.dap.standing import Standing, said
from graphscope.repl.dap.values import array_item
from graphscope.repl.dap.wanted import number, word
from graphscope.repl.dap.wire import Message, Refused
from graphscope.repl.own import introduce
from graphscope.repl.prompt import Outcome
from graphscope.show.text import values

#: Commands of the prompt itself, and how they end the conversation.
_LEAVING = {"next-run": Outcome.NEXT_RUN, "nr": Outcome.NEXT_RUN, "quit": Outcome.QUIT,
            "q": Outcome.QUIT, "exit": Outcome.QUIT}  # fmt: skip

#: So many words are offered.
_COMPLETED = 200


class Looking(Standing):
    """What a stop shows."""

    @request("stackTrace")
    def _stack_trace(self, arguments: Message) -> Message:
        plan, source, _ = self._plan
        found = scopes.frames(self._debugger, plan, source, self._frames)
        first, levels = arguments.get("startFrame") or 0, arguments.get("levels") or len(found)
        shown = found[first : first + levels]
        return {"stackFrames": [self._desk.numbered(f) for f in shown], "totalFrames": len(found)}

    @request("scopes")
    def _scopes(self, arguments: Message) -> Message:
        number(arguments, "frameId")
        return {
            "scopes": [
                {"name": name, "variablesReference": self._shelf.add(scope), "expensive": False}
                for name, scope in scopes.scopes(self._debugger)
            ]
        }

    @request("variables")
    def _variables(self, arguments: Message) -> Message:
        return {"variables": self._shelf.lines(arguments)}

    @request("evaluate")
    def _evaluate(self, arguments: Message) -> Reply | Message:
        """An expression over the values of the run; in the console also a command of the prompt."""
        text = word(arguments, "expression")
        if arguments.get("context") == "repl" and self._is_command(text):
            return self._commanded(text)
        try:
            if arguments.get("context") == "clipboard":
                return _answer(self._in_full(text))
            return self._shown(text)
        except DebugError as error:
            if arguments.get("context") != "repl":
                raise
            raise Refused(self._debugger.sentence(self._as_command(text, error), text)) from None

    def _shown(self, text: str) -> Message:
        found = self._debugger.card(text)
        if not isinstance(found, Card):
            raise Refused(said(DebugError(str(getattr(found, "reason", found)))))
        command = "" if found.tensor is None else scopes.setting(found.tensor, self._debugger)
        item = array_item(text, found.value, evaluate=text, command=command)
        return {"result": item.text, "type": item.type, **self._shelf.inside(item)}

    def _in_full(self, text: str) -> str:
        """All elements of a value, to be put elsewhere."""
        found = self._debugger.card(text)
        if not isinstance(found, Card):
            raise Refused(said(DebugError(str(getattr(found, "reason", found)))))
        return values(found.value, all_of_them=True)

    def _is_command(self, text: str) -> bool:
        first = text.split()[0]
        words = self._debugger.words
        known = words.get(first) is not None or first in words.aliases or first in _LEAVING
        return known or text.startswith("!")

    def _as_command(self, text: str, error: DebugError) -> Exception:
        """What is wrong with a line of the console that is no command and no expression: more than
        a word that Python understands was meant as an expression."""
        if not text.isidentifier():
            try:
                Expression(text)
            except DebugError:
                pass
            else:
                return error
        try:
            self._debugger.words.name(text.split()[0])
        except DebugError as unknown:
            return unknown
        return error

    def _commanded(self, text: str) -> Reply:
        """Do a line of the prompt. Where it goes somewhere, that is told behind its answer."""
        debugger, before = self._debugger, self._debugger.stop
        first = text.split()[0]
        name = debugger.words.get(first) or first
        leaving = _LEAVING.get(name)
        if leaving is None and text == first:
            leaving = self._over(name)
        if leaving is not None:
            return Reply(_answer(""), lambda: self._left(leaving))
        output = self._done_line(text)
        stop = output.data
        if name == "continue" and isinstance(stop, Stop) and stop.reason is Reason.END:
            return Reply(_answer(output.text), lambda: self._left(Outcome.RUN_ON))
        moved = debugger.stop is not before
        if moved:
            self._stand()
        else:
            self._desk.stands(debugger)
        if output.error is not None and not isinstance(output.error, OpError):
            raise Refused(said(output.error))
        return Reply(_answer(output.text), lambda: self._arrived(output) if moved else None)

    def _left(self, outcome: Outcome) -> Outcome:
        self._wire.event("continued", {"threadId": 1, "allThreadsContinued": True})
        return outcome

    def _arrived(self, output: Output) -> None:
        """Say where a line of the console has taken us."""
        self._wire.event("continued", {"threadId": 1, "allThreadsContinued": True})
        if output.error is not None:
            self._tell_failed(output.error)
        else:
            self._tell_stop()

    @request("completions")
    def _completions(self, arguments: Message) -> Message:
        """The words that can stand where the cursor is in the console."""
        text = str(arguments.get("text") or "")
        first = self._desk.first_column
        before = text[: max(number(arguments, "column") - first, 0)]
        introduce(self._debugger)
        found, begun = completed(self._debugger, before)
        start = len(before) - begun + first
        return {
            "targets": [
                {"label": word, "detail": about, "start": start, "length": begun}
                for word, about in found[:_COMPLETED]
            ]
        }

    @request("exceptionInfo")
    def _exception_info(self, arguments: Message) -> Message:
        stop, raised = self._debugger.stop, self.failure
        if raised is not None:
            return {
                "exceptionId": type(raised).__name__,
                "description": str(raised.message),
                "breakMode": "always",
                "details": {
                    "message": str(raised.message),
                    "typeName": type(raised).__name__,
                    "stackTrace": str(lesson_of(raised)),
                },
            }
        if stop.found is not None and stop.found.text:
            kind = stop.found.text.partition(":")[0]
            return {
                "exceptionId": kind,
                "description": stop.found.text,
                "breakMode": "always",
                "details": {"message": stop.found.text, "stackTrace": str(stop)},
            }
        raise Refused("Nothing was caught here.")


def _answer(text: str) -> Message:
    return {"result": text, "variablesReference": 0}
