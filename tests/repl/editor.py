"""A small editor: starts the debug adapter, speaks the protocol with it over pipes, and holds every
message against the protocol's own schema where that is installed (debugpy brings it along)."""

import importlib.util
import json
import queue
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

#: Longer than anything takes; a test that waits so long fails.
PATIENCE = 60


class Editor:
    def __init__(self, folder, **initialize):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "graphscope", "dap"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.folder = Path(folder)
        self._count = 0
        self._responses = queue.Queue()
        self._events = []
        self._news = threading.Condition()
        self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._initialize = {"adapterID": "graphscope", "supportsInvalidatedEvent": True} | (
            initialize
        )

    # ---- messages ------------------------------------------------------------------------------

    def _read(self):
        while header := self.process.stdout.readline():
            name, _, length = header.partition(b":")
            assert name == b"Content-Length", header
            assert self.process.stdout.readline() == b"\r\n"
            message = json.loads(self.process.stdout.read(int(length)))
            try:
                check(message)
            except Exception as problem:
                message = {"type": "response", "success": False, "problem": problem}
            if message["type"] == "response":
                self._responses.put(message)
            else:
                with self._news:
                    self._events.append(message)
                    self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def send(self, data):
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self.process.stdin.flush()

    def post(self, command, **arguments):
        """Send a request, and do not wait; returns its number."""
        self._count += 1
        request = {"seq": self._count, "type": "request", "command": command}
        check(request | {"arguments": arguments} if arguments else request)
        self.send(json.dumps(request | {"arguments": arguments}).encode())
        return self._count

    def response(self):
        answer = self._responses.get(timeout=PATIENCE)
        if "problem" in answer:
            raise answer["problem"]
        return answer

    def ask(self, command, **arguments):
        """The body of the response to a request that succeeds."""
        number = self.post(command, **arguments)
        answer = self.response()
        assert answer["request_seq"] == number
        assert answer["command"] == command
        assert answer["success"], answer
        return answer.get("body", {})

    def refused(self, command, **arguments):
        """The sentence of the response to a request that fails."""
        number = self.post(command, **arguments)
        answer = self.response()
        assert answer["request_seq"] == number
        assert not answer["success"], answer
        assert answer["message"].endswith((".", "?", "again")), answer["message"]
        return answer["message"]

    def event(self, name):
        """The body of the next event of this name; other events before it stay."""

        def first():
            return next((e for e in self._events if e["event"] == name), None)

        with self._news:
            assert self._news.wait_for(lambda: first() or self._over, PATIENCE), f"no {name}"
            found = first()
            assert found is not None, f"the adapter ended without {name}: {self.said()}"
            self._events.remove(found)
        return found.get("body", {})

    def events(self, name):
        """The bodies of the events of this name that have come; they are taken."""
        with self._news:
            found = [e for e in self._events if e["event"] == name]
            self._events = [e for e in self._events if e["event"] != name]
        return [e.get("body", {}) for e in found]

    def said(self, category=None):
        """What has come as output."""
        found = self.events("output")
        return "".join(e["output"] for e in found if category in (None, e["category"]))

    # ---- what an editor does -------------------------------------------------------------------

    def begin(self, program, configure=lambda: None, **launch):
        """Start a script; returns its path."""
        path = self.folder / "program.py"
        if isinstance(program, Path):
            path = program
        else:
            path.write_text(program)
        self.program = path
        self.capabilities = self.ask("initialize", **self._initialize)
        self.event("initialized")
        self.ask("launch", program=str(path), **launch)
        configure()
        self.ask("configurationDone")
        return path

    def stopped(self):
        """The next stop: its reason, and where it is."""
        stop = self.event("stopped")
        assert stop["threadId"] == 1
        assert stop["allThreadsStopped"]
        return stop

    def go(self, command, **arguments):
        """Go somewhere, and wait for the stop there."""
        self.ask(command, threadId=1, **arguments)
        return self.stopped()

    @property
    def frames(self):
        return self.ask("stackTrace", threadId=1)["stackFrames"]

    @property
    def here(self):
        """What the first frame says of where we are."""
        return self.frames[0]["name"]

    @property
    def t(self):
        return int(self.here.partition("t=")[2].partition("/")[0])

    def scopes(self):
        frame = self.frames[0]["id"]
        found = self.ask("scopes", frameId=frame)["scopes"]
        return {scope["name"]: scope["variablesReference"] for scope in found}

    def inside(self, reference, **page):
        """The lines of a scope or a value, by their names."""
        found = self.ask("variables", variablesReference=reference, **page)["variables"]
        return {line["name"]: line for line in found}

    def scope(self, name):
        return self.inside(self.scopes()[name])

    def evaluate(self, expression, context="watch", **more):
        return self.ask("evaluate", expression=expression, context=context, **more)

    def console(self, line):
        return self.evaluate(line, "repl")["result"]

    def line(self, text):
        """The number of the script's line that begins with a text."""
        lines = self.program.read_text().splitlines()
        return next(i for i, line in enumerate(lines, 1) if line.strip().startswith(text))

    def break_at(self, *texts, **more):
        """Breakpoints at lines of the script."""
        wishes = [{"line": self.line(text), **more} for text in texts]
        source = {"path": str(self.program)}
        return self.ask("setBreakpoints", source=source, breakpoints=wishes)["breakpoints"]

    def plan(self):
        """The lines of the plan at which we are."""
        source = self.frames[0]["source"]
        text = self.ask("source", source=source, sourceReference=source["sourceReference"])[
            "content"
        ]
        return source, text.splitlines()

    def end(self):
        """The script's own exit code, once it has come to its end."""
        code = self.event("exited")["exitCode"]
        self.event("terminated")
        self.ask("disconnect")
        assert self.process.wait(PATIENCE) == 0
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()


# ---- the protocol's own schema -----------------------------------------------------------------


@cache
def _schema():
    """The schema of all messages; None where it is not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("debugpy", "jsonschema")):
        return None
    folder = Path(importlib.util.find_spec("debugpy").origin).parent
    files = list(folder.glob("_vendored/pydevd/_pydevd_bundle/_debug_adapter/debugProtocol.json"))
    return json.loads(files[0].read_text()) if files else None


@cache
def _validator(name):
    import jsonschema

    schema = _schema()
    if name not in schema["definitions"]:
        return None
    wanted = {"$ref": f"#/definitions/{name}", "definitions": schema["definitions"]}
    return jsonschema.Draft4Validator(wanted)


def check(message):
    """Whether a message is what the protocol says. Errors: that of jsonschema when not."""
    if _schema() is None:
        return
    word = message.get("event") or message.get("command") or ""
    kind = "ErrorResponse" if message.get("success") is False else message["type"].capitalize()
    name = kind if kind == "ErrorResponse" else f"{word[:1].upper()}{word[1:]}{kind}"
    validator = _validator(name)
    assert validator is not None or kind == "ErrorResponse", f"the protocol has no {name}"
    validator.validate(message)
