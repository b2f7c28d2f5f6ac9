"""The conversation with an editor about one run, in the thread of the script.

Each request is a command of the prompt (see `graphscope.debug.commands`), and is kept with the
others: what was done in an editor can be recorded, exported as a test, and replayed.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphscope.debug.answers import Card, Reason, Stop
from graphscope.debug.debugger import Debugger
from graphscope.debug.dispatch import Output
from graphscope.debug.errors import DebugError
from graphscope.debug.expressions import Expression
from graphscope.debug.scripting import sentence
from graphscope.errors import OpError, lesson_of
from graphscope.repl.dap import scopes
from graphscope.repl.dap.desk import Desk
from graphscope.repl.dap.requests import Reply, replied, request, requests_of
from graphscope.repl.dap.values import Item, Shelf, array_item
from graphscope.repl.dap.wanted import number, same_file, word
from graphscope.repl.dap.wire import Message, Refused
from graphscope.repl.prompt import Outcome

#: Commands that go freely: they stop at breakpoints, and where others are set.
_FREELY = ("continue", "reverse-continue")
#: Commands that go on to the next run where this one ends.
_ONWARD = ("step", "next", "finish", "continue")
#: Commands of the prompt itself, and how they end the conversation.
_LEAVING = {"next-run": Outcome.NEXT_RUN, "nr": Outcome.NEXT_RUN, "quit": Outcome.QUIT,
            "q": Outcome.QUIT, "exit": Outcome.QUIT}  # fmt: skip

#: The protocol's words for why we stopped, by the kind of a stop and of what was asked for.
_KINDS = {"catch": "exception", "watch": "data breakpoint", "rwatch": "data breakpoint",
          "awatch": "data breakpoint"}  # fmt: skip
_REASONS = {Reason.INTERRUPTED: "pause", Reason.PLACE: "goto", Reason.FAILED: "exception"}


@dataclass(frozen=True)
class Arrival:
    """Why a conversation begins at the start of a run: the protocol's word, and the numbers of the
    breakpoints that were hit."""

    reason: str
    hit: tuple[int, ...] = ()


class Talk:
    """A conversation about one run.

    frames: the script's own frames that called the run, the innermost first.
    """

    def __init__(
        self,
        debugger: Debugger,
        desk: Desk,
        arrival: Arrival,
        frames: Sequence[traceback.FrameSummary],
    ) -> None:
        self._debugger, self._desk, self._wire = debugger, desk, desk.wire
        self._arrival: Arrival | None = arrival
        self._frames = frames
        self._shelf = Shelf()
        #: The error of the run, once it has failed.
        self.failure: OpError | None = None

    # ---- the conversation ----------------------------------------------------------------------

    def show_stop(self, stop: Stop) -> None:
        """The run has come here by itself: this is said when the conversation begins."""
        self._arrival = None

    def talk(self) -> Outcome:
        """Do requests until one of them ends the conversation."""
        arrival = self._arrival
        self._stand()
        if arrival is None:
            self._tell_stop()
        else:
            self._tell_stopped(arrival.reason, "start of the run", hit=arrival.hit)
        while True:
            job = self._desk.next_job()
            if job is None:
                return Outcome.QUIT
            outcome = self._done(job)
            if outcome is not None:
                return outcome

    def _done(self, job: Message) -> Outcome | None:
        """Do a request, and answer it. Nothing that is asked here is fatal."""
        method = _REQUESTS[job["command"]]
        try:
            reply = replied(method, self, job)
        except (Refused, DebugError, ValueError, OpError) as error:
            self._wire.refusal(job, _sentence(error))
            return None
        except Exception as fault:
            self._desk.stands(self._debugger)
            self._wire.refusal(job, _fault(job["command"], fault))
            return None
        self._wire.response(job, reply.body)
        if reply.then is None:
            return None
        try:
            outcome: Outcome | None = reply.then()
        except Exception as fault:
            self._stand()
            self._tell_failed(DebugError(_fault(job["command"], fault)))
            return None
        return outcome

    def _stand(self) -> None:
        """We stand still, at a place that may be another one."""
        self._shelf.clear()
        self._desk.set_breakpoints(self._debugger)
        source, is_new = self._plan[1:]
        if is_new:
            self._wire.event("loadedSource", {"reason": "new", "source": source})
        self._desk.stands(self._debugger)

    @property
    def _plan(self) -> tuple[Any, Message, bool]:
        return self._desk.plans.of(self._debugger)

    # ---- going ---------------------------------------------------------------------------------

    def run_on(self) -> Stop:
        """Run to the first stop or to the end, before anybody is asked."""
        stop: Stop = self._moved(self._debugger.cont, freely=True)
        return stop

    def _moved(self, move: Callable[[], Any], freely: bool) -> Any:
        """Go somewhere. A run that was interrupted only so that breakpoints could be set goes on as
        if it had not been."""
        debugger, desk = self._debugger, self._desk
        log = debugger.history.log
        desk.moves(debugger, freely)
        while True:
            mark = len(log)
            answer = move()
            stop = answer.data if isinstance(answer, Output) else answer
            if isinstance(stop, Stop):
                for shown in (*stop.traces, *stop.displays):
                    self._tell(shown.text if shown in stop.traces else str(shown))
            interrupted = isinstance(stop, Stop) and stop.reason is Reason.INTERRUPTED
            if not interrupted or desk.take_pause() or desk.ending:
                return answer
            del log[mark:]
            desk.set_breakpoints(debugger)

    def _go(self, line: str) -> Outcome | None:
        """Do a command that goes somewhere, and tell the editor where we have come to."""
        name = line.split(" ")[0]
        outcome = self._over(name) if name == line else None
        if outcome is not None:
            return outcome
        output = self._done_line(line, freely=name in _FREELY)
        stop = output.data
        if self._desk.ending:
            return Outcome.QUIT
        if name == "continue" and isinstance(stop, Stop) and stop.reason is Reason.END:
            return Outcome.RUN_ON
        self._stand()
        if output.error is not None:
            self._tell_failed(output.error)
        else:
            self._tell_stop()
        return None

    def _over(self, name: str) -> Outcome | None:
        """How the conversation ends when this run has nothing more to give."""
        debugger = self._debugger
        if name == "continue" and self._raised() is not None:
            self.failure = self._raised()
            return Outcome.RUN_ON
        if name in _ONWARD and debugger.timeline.at_end and not debugger.in_an_earlier_run:
            return Outcome.RUN_ON if name == "continue" else Outcome.NEXT_RUN
        return None

    def _raised(self) -> OpError | None:
        """What the node before which we stand raises, once that is known."""
        error = self.failure or self._debugger.stop.error
        return error if isinstance(error, OpError) else None

    def _done_line(self, line: str, freely: bool = False) -> Output:
        """Do a line of the prompt; what it says on the way is told."""
        debugger = self._debugger
        mark = len(debugger.history.log)
        self.failure = None
        output: Output = self._moved(lambda: debugger.onecmd(line), freely)
        for _, prompt, said in debugger.history.log[mark:]:
            if said is not output and said.text:  # the commands of a breakpoint
                self._tell(f"{prompt}{said.line}\n{said.text}")
        if isinstance(output.error, OpError):
            self.failure = output.error
        return output

    # ---- telling -------------------------------------------------------------------------------

    def _tell(self, text: str, category: str = "console") -> None:
        self._wire.event("output", {"category": category, "output": f"{text.rstrip()}\n"})

    def _tell_failed(self, error: Exception) -> None:
        if isinstance(error, OpError):
            self._tell(f"{type(error).__name__}: {error.message}\n{lesson_of(error)}", "important")
            self._tell_stopped("exception", "the next node fails", _sentence(error))
            return
        said = _sentence(error)
        self._tell(said, "important")
        self._tell_stopped("step", said)

    def _tell_stop(self) -> None:
        stop = self._debugger.stop
        text = stop.found.text if stop.found is not None else ""
        wanted = self._desk.table.of(stop.breakpoint)
        reason = _REASONS.get(stop.reason, "step")
        hit: tuple[int, ...] = ()
        if stop.breakpoint is not None:
            reason = self._kind_of(stop.breakpoint)
            hit = (wanted.id,) if wanted is not None else ()
        self._tell_stopped(reason, stop.reason.value, text, hit)

    def _kind_of(self, number: int) -> str:
        item = next((item for item in self._debugger.stops if item.id == number), None)
        wanted = self._desk.table.of(number)
        kind = "break" if item is None else item.kind
        if kind == "break" and wanted is not None and not wanted.asked.line:
            return "function breakpoint"
        return _KINDS.get(kind, "breakpoint")

    def _tell_stopped(
        self, reason: str, description: str, text: str = "", hit: Sequence[int] = ()
    ) -> None:
        body: Message = {
            "reason": reason,
            "description": description,
            "threadId": 1,
            "allThreadsStopped": True,
        }
        body |= {"text": text} if text else {}
        body |= {"hitBreakpointIds": list(hit)} if hit else {}
        self._wire.event("stopped", body)

    # ---- requests that go somewhere ------------------------------------------------------------

    @request("continue")
    def _continue(self, arguments: Message) -> Reply:
        return Reply({"allThreadsContinued": True}, lambda: self._go("continue"))

    @request("reverseContinue")
    def _reverse_continue(self, arguments: Message) -> Reply:
        return Reply(None, lambda: self._go("reverse-continue"))

    @request("next")
    def _next(self, arguments: Message) -> Reply:
        return Reply(None, lambda: self._go("step" if _by_node(arguments) else "next"))

    @request("stepIn")
    def _step_in(self, arguments: Message) -> Reply:
        return Reply(None, lambda: self._go("step"))

    @request("stepOut")
    def _step_out(self, arguments: Message) -> Reply:
        return Reply(None, lambda: self._go("finish"))

    @request("stepBack")
    def _step_back(self, arguments: Message) -> Reply:
        return Reply(None, lambda: self._go("back" if _by_node(arguments) else "reverse-next"))

    @request("gotoTargets")
    def _goto_targets(self, arguments: Message) -> Message:
        """The places that a line means: the node of the plan, or those that a line has made."""
        source, line = arguments.get("source") or {}, number(arguments, "line")
        line += 1 - self._desk.first_line
        if source.get("sourceReference"):
            found = self._desk.plans[source["sourceReference"]].next_node(line)
            places = [] if found is None else [(found[0], found[1])]
        else:
            path = word(source, "path")
            everything = self._debugger.plan.everything
            made = [op for op in everything if op.source and op.source.lineno == line]
            places = [
                (line, op) for op in made if op.source and same_file(op.source.filename, path)
            ]
        targets = [
            self._desk.numbered({"id": op._id, "label": op.name, "line": at}) for at, op in places
        ]
        return {"targets": targets}

    @request("goto")
    def _goto(self, arguments: Message) -> Reply:
        target = number(arguments, "targetId")
        found = next((op for op in self._debugger.plan.everything if op._id == target), None)
        if found is None:
            raise Refused("There is no such place in this run.")
        return Reply(None, lambda: self._go(f"goto {found.name}"))

    # ---- requests that look --------------------------------------------------------------------

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
            return self._shown(text)
        except DebugError as error:
            if arguments.get("context") != "repl":
                raise
            raise Refused(self._debugger.sentence(self._as_command(text, error), text)) from None

    def _shown(self, text: str) -> Message:
        found = self._debugger.card(text)
        if not isinstance(found, Card):
            raise Refused(_sentence(DebugError(str(getattr(found, "reason", found)))))
        command = "" if found.tensor is None else scopes.setting(found.tensor, self._debugger)
        item = array_item(text, found.value, evaluate=text, command=command)
        return {"result": item.text, "type": item.type, **self._shelf.inside(item)}

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
            return Reply(_said(""), lambda: self._left(leaving))
        output = self._done_line(text, freely=name in _FREELY)
        stop = output.data
        if name == "continue" and isinstance(stop, Stop) and stop.reason is Reason.END:
            return Reply(_said(output.text), lambda: self._left(Outcome.RUN_ON))
        moved = debugger.stop is not before
        if moved:
            self._stand()
        else:
            self._desk.stands(debugger)
        if output.error is not None and not isinstance(output.error, OpError):
            raise Refused(_sentence(output.error))
        return Reply(_said(output.text), lambda: self._arrived(output) if moved else None)

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

    @request("exceptionInfo")
    def _exception_info(self, arguments: Message) -> Message:
        stop, raised = self._debugger.stop, self._raised()
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

    # ---- requests that change something --------------------------------------------------------

    @request("setVariable")
    def _set_variable(self, arguments: Message) -> Reply:
        box = arguments.get("variablesReference")
        item = self._shelf.item(box, word(arguments, "name"))
        return self._assigned(item, item.assignment(word(arguments, "value")))

    @request("setExpression")
    def _set_expression(self, arguments: Message) -> Reply:
        text = word(arguments, "expression")
        place, bracket, index = text.partition("[")
        setting = scopes.setting(self._debugger.locations.tensor(place), self._debugger)
        line = f"{setting}{bracket}{index} = {word(arguments, 'value')}"
        return self._assigned(Item(text, "", evaluate=text), line)

    def _assigned(self, item: Item, line: str) -> Reply:
        """Set a value, and answer with what it is now. Where that takes us back, we say so."""
        before = self._place
        output = self._done_line(line)
        self._desk.stands(self._debugger)
        if output.error is not None:
            raise Refused(_sentence(output.error))
        moved = self._place != before
        body: Message = {"value": line.partition(" = ")[2], "variablesReference": 0}
        if item.expression:
            shown = self._shown(item.expression)
            body = {"value": shown.pop("result"), **shown}
        return Reply(body, lambda: self._tell_edited(moved))

    @property
    def _place(self) -> tuple[int, int]:
        return self._debugger.timeline.number, self._debugger.t

    def _tell_edited(self, moved: bool) -> None:
        if moved:
            self._stand()
            self._tell_stopped("goto", Reason.EDITED.value)
        elif self._desk.has_invalidated:
            self._wire.event("invalidated", {"areas": ["variables"]})

    @request("dataBreakpointInfo")
    def _data_breakpoint_info(self, arguments: Message) -> Message:
        """Whether a line of a scope, or an expression, can be watched."""
        name = word(arguments, "name")
        box = arguments.get("variablesReference")
        if box:
            place = self._shelf.item(box, name).data
        else:
            place = self._debugger.locations.tensor(name).name
            is_variable = self._debugger.locations.one(name).definition.is_variable
            place = f"%{self._debugger.locations.one(name).name}" if is_variable else place
        if not place:
            return {"dataId": None, "description": f"{name} cannot be watched."}
        ways = ["read", "write", "readWrite"] if place.startswith("%") else ["write"]
        said = f"changes of {place.removeprefix('%')}"
        return {"dataId": place, "description": said, "accessTypes": ways, "canPersist": True}

    # ---- breakpoints ---------------------------------------------------------------------------

    @request("setBreakpoints", "setFunctionBreakpoints", "setDataBreakpoints",
             "setExceptionBreakpoints")  # fmt: skip
    def _breakpoints(self, arguments: Message) -> Message:
        """The reader has put them on the table: they are set here, and what became of them said."""
        with self._desk.lock:
            self._desk.table.apply(self._debugger)
            wanted = {item.id: item for item in self._desk.table}
            found = [wanted[n].report() for n in arguments["wanted"] if n in wanted]
        return {"breakpoints": [self._desk.numbered(report) for report in found]}


_REQUESTS = requests_of(Talk)
#: The requests that are answered where a run stands still.
NAMES = frozenset(_REQUESTS)


def _by_node(arguments: Message) -> bool:
    """Whether to go by single nodes, as in machine code by instructions."""
    return arguments.get("granularity") == "instruction"


def _said(text: str) -> Message:
    return {"result": text, "variablesReference": 0}


def _sentence(error: Exception) -> str:
    if isinstance(error, OpError):
        return f"{type(error).__name__}: {error.message}"
    return sentence(error)


def _fault(command: str, fault: Exception) -> str:
    """A fault of ours must not cost anybody the place they have come to."""
    said = f"{command} failed: {type(fault).__name__}: {fault}."
    return f"{said} This is a fault of GraphScope. Nothing is lost."
