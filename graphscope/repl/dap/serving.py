"""The process of the adapter: the streams, the two threads, and the end."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from graphscope.repl.dap.adapter import Adapter
from graphscope.repl.dap.desk import Desk, Launch
from graphscope.repl.dap.listening import Listener
from graphscope.repl.dap.streams import taken
from graphscope.repl.here import stopping_by
from graphscope.repl.script import run_script

#: How many seconds a script has to end by itself when it is asked to.
_GRACE = 3.0


def serve() -> int:
    """Debug one script, as the messages on stdin say; returns the exit code of the process."""
    wire, drain = taken()
    desk = Desk(wire)
    reader = threading.Thread(target=_read, args=(desk,), name="graphscope dap", daemon=True)
    reader.start()
    _let_it_be_ended(desk)
    launch = desk.wait_for_launch()
    if launch is not None:
        desk.wire.event("process", {"name": launch.program, "systemProcessId": os.getpid(),
                                    "isLocalProcess": True, "startMethod": "launch"})  # fmt: skip
        code = _run(desk, launch)
        drain()
        _say_the_end(desk, code)
        reader.join(None if not desk.ending else _GRACE)
    return 0


def _read(desk: Desk) -> None:
    Adapter(desk).read_all()
    _end_soon(desk)


def _run(desk: Desk, launch: Launch) -> int:
    """Run the script; the exit code is its own."""
    if not launch.debugs:
        return run_script(launch.program, launch.args)
    listener = Listener(desk, launch)
    listener.attach()
    try:
        with stopping_by(desk.pause):
            return run_script(launch.program, launch.args)
    finally:
        listener.detach()


def _say_the_end(desk: Desk, code: int) -> None:
    desk.leaves(ended=True)
    desk.wire.event("exited", {"exitCode": code})
    desk.wire.event("terminated")


def _let_it_be_ended(desk: Desk) -> None:
    """The signal that wakes the script's thread ends the script, once that is asked for."""
    usual = signal.getsignal(signal.SIGINT)

    def handle(number: int, frame: Any) -> None:
        if not desk.ending:
            if callable(usual):
                usual(number, frame)
        elif not desk.woken:  # once: what it does at its end is not interrupted
            desk.woken = True
            raise SystemExit(0)

    signal.signal(signal.SIGINT, handle)


def _end_soon(desk: Desk) -> None:
    """A script that does not end by itself is ended: nobody listens to it any more."""
    timer = threading.Timer(_GRACE, os._exit, args=(1,))
    timer.daemon = True
    timer.start()
