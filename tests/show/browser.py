"""A headless Chromium that a test drives: over two pipes, by its DevTools protocol."""

from __future__ import annotations

import base64
import fcntl
import io
import json
import os
import shutil
import signal
import time
from typing import Any

from PIL import Image

_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)

#: Seconds until an answer or a condition is given up.
PATIENCE = 30.0

#: The number of a key, without which nothing happens by itself: a button is not pressed by space.
_CODES = {"ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "End": 35, " ": 32, "Tab": 9, "Enter": 13}


class Browser:
    """One browser with one page at a time. messages: what went wrong in the pages."""

    def __init__(self, folder: str) -> None:
        assert CHROMIUM is not None
        there, to_browser = os.pipe()
        from_browser, back = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (there, back)]
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                 "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking",
                 f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"]  # fmt: skip
        quiet = os.open(os.devnull, os.O_RDWR)
        self._process = os.posix_spawn(
            CHROMIUM,
            [CHROMIUM, *flags],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, ends[0], 3), (os.POSIX_SPAWN_DUP2, ends[1], 4),
                          (os.POSIX_SPAWN_DUP2, quiet, 1), (os.POSIX_SPAWN_DUP2, quiet, 2)],
            setpgroup=0,
        )  # fmt: skip
        for end in (there, back, *ends, quiet):
            os.close(end)
        self._input, self._output = os.fdopen(from_browser, "rb"), os.fdopen(to_browser, "wb")
        self._number, self._session = 0, ""
        self.messages: list[str] = []

    def close(self) -> None:
        os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        self._input.close()
        self._output.close()

    def open(self, url: str, width: int = 1200, height: int = 900, **media: str) -> None:
        """Open a page in a window of this size. media: what the reader prefers."""
        self.messages.clear()
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=width < 600)  # fmt: skip
        features = [
            {"name": name.replace("_", "-"), "value": value} for name, value in media.items()
        ]
        self.ask("Emulation.setEmulatedMedia", features=features)
        self.ask("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def ask(self, method: str, **params: Any) -> Any:
        """Send a command, and wait for what it gives back."""
        self._number += 1
        session = {} if method.startswith("Target.") else {"sessionId": self._session}
        message = {"id": self._number, "method": method, "params": params, **session}
        self._output.write(json.dumps(message).encode() + b"\0")
        self._output.flush()
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self._note(answer)

    def _read(self) -> Any:
        data = bytearray()
        while (letter := self._input.read(1)) != b"\0":
            assert letter, "the browser has ended"
            data += letter
        return json.loads(data)

    def _note(self, event: dict[str, Any]) -> None:
        told = event.get("params", {})
        if event["method"] == "Log.entryAdded":
            self.messages.append(told["entry"]["text"])
        elif event["method"] == "Runtime.exceptionThrown":
            self.messages.append(json.dumps(told["exceptionDetails"]))
        elif event["method"] == "Page.javascriptDialogOpening":
            self.messages.append(f"dialog: {told['message']}")
        elif event["method"] == "Network.requestWillBeSent":
            url = told["request"]["url"]
            if not url.startswith("file:"):
                self.messages.append(f"request: {url}")

    def value(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.value(expression):
            assert time.monotonic() < end, f"{expression} is not true after {PATIENCE:g} s"
            time.sleep(0.02)

    def press(self, key: str) -> None:
        code = {"windowsVirtualKeyCode": _CODES[key]}
        text = {"text": {" ": " ", "Enter": "\r"}[key]} if key in (" ", "Enter") else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, **code, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, **code)

    def point(self, x: float, y: float) -> None:
        """Move the mouse there."""
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def screenshot(self) -> Image.Image:
        data = base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])
        return Image.open(io.BytesIO(data)).convert("RGB")
