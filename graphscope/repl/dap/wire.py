"""Messages of the Debug Adapter Protocol over two streams: a header with a length, then JSON.

Source: the "base protocol" of microsoft.github.io/debug-adapter-protocol.
"""

from __future__ import annotations

import json
import threading
from typing import Any, BinaryIO

Message = dict[str, Any]

#: A longer body is no message of this protocol.
_LONGEST = 64 << 20
_LONGEST_HEADER = 8192


class Malformed(Exception):
    """What came is no message. The stream stands behind it: the next one can be read."""


class Refused(Exception):
    """A request cannot be done; the text is the sentence that says why."""


class Wire:
    """Reads requests and writes responses and events. Writing may be done by several threads."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._lock = threading.Lock()
        self._count = 0
        #: Nobody listens any more.
        self.closed = False

    # ---- reading -------------------------------------------------------------------------------

    def read(self) -> Message | None:
        """The next message; None at the end of the stream. Errors: Malformed."""
        length = self._length()
        if length is None:
            return None
        body = self._incoming.read(length)
        if len(body) < length:
            return None
        try:
            message = json.loads(body)
        except (UnicodeDecodeError, ValueError, RecursionError) as error:
            raise Malformed(f"A message is no JSON: {error}.") from None
        if not isinstance(message, dict):
            raise Malformed("A message is a JSON object, and this is none.")
        return message

    def _length(self) -> int | None:
        """The length that a header says; None at the end of the stream."""
        length, seen = None, False
        while True:
            line = self._incoming.readline(_LONGEST_HEADER)
            if not line:
                return None
            text = line.strip()
            if not text:
                if length is not None:
                    return length
                if seen:
                    raise Malformed("A message begins with Content-Length, and this one does not.")
                continue
            seen = True
            name, _, value = text.partition(b":")
            if name.strip().lower() == b"content-length":
                length = self._checked(value.strip())

    def _checked(self, value: bytes) -> int:
        if not value.isdigit() or int(value) > _LONGEST:
            shown = value[:40].decode("ascii", "replace")
            raise Malformed(f"Content-Length is a number of bytes, not {shown!r}.")
        return int(value)

    # ---- writing -------------------------------------------------------------------------------

    def event(self, name: str, body: Message | None = None) -> None:
        self._send({"type": "event", "event": name}, body)

    def response(self, request: Message, body: Message | None = None) -> None:
        self._send({**_answer(request), "success": True}, body)

    def refusal(self, request: Message, sentence: str) -> None:
        """The response to a request that failed, or to what was no request."""
        body = {"error": {"id": 1, "format": _literal(sentence), "showUser": False}}
        self._send({**_answer(request), "success": False, "message": sentence}, body)

    def _send(self, message: Message, body: Message | None) -> None:
        if body is not None:
            message["body"] = body
        with self._lock:
            if self.closed:
                return
            self._count += 1
            text = json.dumps({"seq": self._count, **message}, allow_nan=False).encode()
            try:
                self._outgoing.write(b"Content-Length: %d\r\n\r\n%b" % (len(text), text))
                self._outgoing.flush()
            except (OSError, ValueError):
                self.closed = True


def _answer(request: Message) -> Message:
    seq, command = request.get("seq"), request.get("command")
    return {
        "type": "response",
        "request_seq": seq if isinstance(seq, int) else 0,
        "command": command if isinstance(command, str) else "",
    }


def _literal(sentence: str) -> str:
    """The format of an error has variables in braces: a sentence has none."""
    return sentence.replace("{", "(").replace("}", ")")
