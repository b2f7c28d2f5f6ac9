"""Requests that change something: values, and where to stop."""

from __future__ import annotations

from graphscope.debug.answers import Reason
from graphscope.repl.dap import scopes
from graphscope.repl.dap.looking import Looking
from graphscope.repl.dap.requests import Reply, request
from graphscope.repl.dap.standing import said
from graphscope.repl.dap.values import Item
from graphscope.repl.dap.wanted import word
from graphscope.repl.dap.wire import Message, Refused


class Changing(Looking):
    """A value that was set is answered as it is then."""

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
            raise Refused(said(output.error))
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
        return self._desk.reported(arguments["wanted"])
