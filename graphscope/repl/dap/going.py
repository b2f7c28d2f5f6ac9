"""Requests that go somewhere."""

from __future__ import annotations

from graphscope.debug.answers import Reason, Stop
from graphscope.repl.dap.requests import Reply, request
from graphscope.repl.dap.standing import Standing
from graphscope.repl.dap.wanted import number, same_file, word
from graphscope.repl.dap.wire import Message, Refused
from graphscope.repl.prompt import Outcome

#: The requests that leave the place where the run stands.
GOES = frozenset(("continue", "reverseContinue", "next", "stepIn", "stepOut", "stepBack", "goto"))


class Going(Standing):
    """Each is answered before we go; where we have come to is told behind it."""

    def _go(self, line: str) -> Outcome | None:
        """Do a command that goes somewhere, and tell the editor where we have come to."""
        name = line.split(" ")[0]
        outcome = self._over(name) if name == line else None
        if outcome is not None:
            return outcome
        output = self._done_line(line)
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


def _by_node(arguments: Message) -> bool:
    """Whether to go by single nodes, as in machine code by instructions."""
    return arguments.get("granularity") == "instruction"
