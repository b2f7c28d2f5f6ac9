"""The reader of requests: answers at once what it can, and lets the script's thread do the rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from graphscope.repl.dap import wanted
from graphscope.repl.dap.desk import Desk, Launch
from graphscope.repl.dap.going import GOES
from graphscope.repl.dap.requests import Reply, replied, request, requests_of
from graphscope.repl.dap.talk import NAMES
from graphscope.repl.dap.wanted import Asked, number, word
from graphscope.repl.dap.wire import Malformed, Message, Refused

#: What an editor may ask of this adapter.
CAPABILITIES: Message = {
    "supportsConfigurationDoneRequest": True,
    "supportsFunctionBreakpoints": True,
    "supportsConditionalBreakpoints": True,
    "supportsHitConditionalBreakpoints": True,
    "supportsLogPoints": True,
    "supportsDataBreakpoints": True,
    "supportsEvaluateForHovers": True,
    "supportsClipboardContext": True,
    "supportsCompletionsRequest": True,
    "completionTriggerCharacters": [" ", "/", "%", "@", "-"],
    "supportsSetVariable": True,
    "supportsSetExpression": True,
    "supportsStepBack": True,
    "supportsSteppingGranularity": True,
    "supportsGotoTargetsRequest": True,
    "supportsExceptionInfoRequest": True,
    "supportsLoadedSourcesRequest": True,
    "supportsTerminateRequest": True,
}


class Adapter:
    """Reads requests until the client goes."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._wire = desk, desk.wire
        self._initialized = False
        #: The client has gone, or wants nothing more.
        self._gone = False

    def read_all(self) -> None:
        while not self._gone and not self._wire.closed:
            try:
                message = self._wire.read()
            except Malformed as problem:
                self._wire.refusal({}, str(problem))
                continue
            except (OSError, ValueError):
                break
            if message is None:
                break
            self._handle(message)
        self._desk.end()

    def _handle(self, message: Message) -> None:
        """Answer one message. Nothing that comes is fatal."""
        try:
            reply = self._reply(message)
        except Refused as sentence:
            self._wire.refusal(message, str(sentence))
            return
        except Exception as fault:
            said = f"{message.get('command')} failed: {type(fault).__name__}: {fault}."
            self._wire.refusal(message, f"{said} This is a fault of GraphScope. Nothing is lost.")
            return
        if reply is not None:
            self._wire.response(message, reply.body)
            if reply.then is not None:
                reply.then()

    def _reply(self, message: Message) -> Reply | None:
        """What is answered at once; None for what the script's thread answers."""
        name = message.get("command")
        if message.get("type") != "request" or not isinstance(name, str):
            raise Refused("Only requests are understood: type is request, command is a text.")
        if not isinstance(message.get("seq"), int):
            raise Refused("A request has a seq, which is a whole number.")
        if not self._initialized and name != "initialize":
            raise Refused(f"The first request is initialize, not {name}.")
        if name in _REQUESTS:
            return self._answered(_REQUESTS[name], message)
        if name not in NAMES:
            raise Refused(f"There is no request {name!r} here.")
        self._desk.put(message, goes=name in GOES)
        return None

    def _answered(self, method: Callable[..., Any], message: Message) -> Reply | None:
        reply = replied(method, self, message)
        body = reply.body
        if message["command"] in NAMES and self._desk.is_stopped and body is not None:
            try:  # breakpoints are set where the run stands, and answered there
                self._desk.put({**message, "arguments": {"wanted": body["wanted"]}})
                return None
            except Refused:  # it went on in the meantime
                pass
        return (
            Reply({k: v for k, v in body.items() if k != "wanted"}, reply.then) if body else reply
        )

    # ---- beginning and ending ------------------------------------------------------------------

    @request("initialize")
    def _initialize(self, arguments: Message) -> Reply:
        if self._initialized:
            raise Refused("initialize was done already.")
        if arguments.get("pathFormat", "path") != "path":
            raise Refused("Files are named by their paths here: pathFormat is path.")
        self._initialized = True
        self._desk.first_line = 1 if arguments.get("linesStartAt1", True) else 0
        self._desk.first_column = 1 if arguments.get("columnsStartAt1", True) else 0
        self._desk.has_invalidated = bool(arguments.get("supportsInvalidatedEvent"))
        filters = {"exceptionBreakpointFilters": wanted.filters()}
        return Reply({**CAPABILITIES, **filters}, lambda: self._wire.event("initialized"))

    @request("launch")
    def _launch(self, arguments: Message) -> None:
        if self._desk.launch is not None:
            raise Refused("A script was launched already.")
        launch = launched(arguments)
        with self._desk.lock:
            self._desk.launch = launch
        self._desk.may_begin()

    @request("attach")
    def _attach(self, arguments: Message) -> None:
        raise Refused('A script is launched here: "request": "launch". It cannot be attached to.')

    @request("configurationDone")
    def _configuration_done(self, arguments: Message) -> None:
        with self._desk.lock:
            self._desk.configured = True
        self._desk.may_begin()

    @request("terminate")
    def _terminate(self, arguments: Message) -> Reply:
        return Reply(None, self._desk.end)

    @request("disconnect")
    def _disconnect(self, arguments: Message) -> None:
        self._gone = True

    @request("pause")
    def _pause(self, arguments: Message) -> None:
        self._desk.pause()

    # ---- what is there -------------------------------------------------------------------------

    @request("threads")
    def _threads(self, arguments: Message) -> Message:
        return {"threads": [{"id": 1, "name": "sess.run"}]}

    @request("source")
    def _source(self, arguments: Message) -> Message:
        source = arguments.get("source") or {}
        reference = source.get("sourceReference") or arguments.get("sourceReference")
        with self._desk.lock:
            plan = self._desk.plans[reference]
        return {"content": plan.text, "mimeType": "text/plain"}

    @request("loadedSources")
    def _loaded_sources(self, arguments: Message) -> Message:
        with self._desk.lock:
            plans = self._desk.plans.sources()
        launch = self._desk.launch
        script = launch.program if launch is not None else ""
        files = [{"name": os.path.basename(script), "path": script}] if script else []
        return {"sources": [*files, *plans]}

    # ---- breakpoints ---------------------------------------------------------------------------

    @request("setBreakpoints")
    def _set_breakpoints(self, arguments: Message) -> Message:
        source = _object(arguments.get("source"))
        wishes = arguments.get("breakpoints")
        if wishes is None:
            wishes = [{"line": line} for line in arguments.get("lines") or []]
        first = 1 - self._desk.first_line
        wishes = [{**wish, "line": number(wish, "line") + first} for wish in _objects(wishes)]
        reference = source.get("sourceReference")
        if reference:
            with self._desk.lock:
                plan = self._desk.plans[reference]
            found = [plan.next_node(wish["line"]) for wish in wishes]
            asked = [
                Asked("break", "", line=wish["line"], problem="No node comes after this line.")
                if place is None
                else wanted.at_node(place[1].name, place[0], wish)
                for place, wish in zip(found, wishes, strict=True)
            ]
            return self._want(("plan", reference), asked)
        path = os.path.abspath(word(source, "path"))
        return self._want(("file", path), [wanted.at_line(path, wish) for wish in wishes])

    @request("setFunctionBreakpoints")
    def _set_function_breakpoints(self, arguments: Message) -> Message:
        wishes = _objects(arguments.get("breakpoints"))
        return self._want("function", [wanted.at_places(wish) for wish in wishes])

    @request("setDataBreakpoints")
    def _set_data_breakpoints(self, arguments: Message) -> Message:
        wishes = _objects(arguments.get("breakpoints"))
        return self._want("data", [wanted.on_data(wish) for wish in wishes])

    @request("setExceptionBreakpoints")
    def _set_exception_breakpoints(self, arguments: Message) -> Message:
        names = arguments.get("filters") or []
        if not isinstance(names, list):
            raise Refused("filters is a list of names.")
        return self._want("exception", [wanted.caught(name) for name in names])

    def _want(self, group: Hashable, asked: Sequence[Asked]) -> Message:
        """Put breakpoints on the table. A run that goes on sets them soon, and says so."""
        desk = self._desk
        with desk.lock:
            items = desk.table.replace(group, asked)
            reports = [desk.numbered(item.report()) for item in items]
        desk.breakpoints_changed()
        return {"breakpoints": reports, "wanted": [item.id for item in items]}


_REQUESTS = requests_of(Adapter)


def launched(arguments: Message) -> Launch:
    """What launch.json says. Errors: Refused for words that are not understood."""
    program = os.path.abspath(word(arguments, "program"))
    if not os.path.isfile(program):
        raise Refused(f"There is no file {program}: program in launch.json names the script.")
    folder = arguments.get("cwd")
    if folder:
        if not os.path.isdir(str(folder)):
            raise Refused(f"There is no folder {folder}: cwd in launch.json names one.")
        os.chdir(str(folder))
    variables = _object(arguments.get("env"))
    os.environ.update({name: str(value) for name, value in variables.items() if value is not None})
    args = arguments.get("args") or []
    if not isinstance(args, list) or not all(isinstance(item, str) for item in args):
        raise Refused("args is a list of texts.")
    fetch, at_run = arguments.get("fetch") or "", arguments.get("atRun") or 1
    if not isinstance(fetch, str):
        raise Refused('fetch is the name of what a run fetches, as in "fetch": "train_step".')
    if not isinstance(at_run, int) or at_run < 1:
        raise Refused("atRun is the number of a run, from 1.")
    return Launch(
        program,
        tuple(args),
        bool(arguments.get("stopOnEntry", True)),
        at_run,
        fetch,
        not arguments.get("noDebug", False),
    )


def _object(value: object) -> Message:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(f"A JSON object is needed, not {value!r}.")
    return value


def _objects(values: object) -> list[Message]:
    if values is None:
        return []
    if not isinstance(values, list):
        raise Refused(f"A list is needed, not {values!r}.")
    return [_object(value) for value in values]
