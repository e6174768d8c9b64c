"""HTTP/1.1 as uvicorn speaks it, with what it leaves open: time limits on silent, slow and stalled connections.

uvicorn closes a connection that idles after an answer, but waits for ever for one that says nothing at all, that
sends its head a byte a minute, or that never takes its answer. A few hundred of those would be the end of a service.
"""

import asyncio
import json
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from lentigo.service.http._errors import BadRequest, Busy

STALL_S: Final = 30.0  # for an answer that nobody takes


class TimedProtocol(H11Protocol):
    """One connection."""

    most_connections: ClassVar[int] = 512
    idle_s: ClassVar[float] = 15.0
    _idle: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let a connection in, or tell it that there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            error = Busy("too many connections. Try again in a second.")
            transport.write(_reply(503, "Service Unavailable", error, "1"))
            transport.close()
            return
        self._wait_for_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clocks."""
        self._stop_waiting()
        self.resume_writing()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Read what came; the clock stops when the head of a request is whole."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request; what is left of this one's body is read and forgotten until then."""
        self._wait_for_request()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Give the other side some time to take its answer."""
        self._stall = self.loop.call_later(STALL_S, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on."""
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - it may repeat what was sent
        """Answer what is not HTTP."""
        self.transport.write(_reply(400, "Bad Request", BadRequest("this is not an HTTP/1.1 request.")))
        self.transport.close()

    def _wait_for_request(self) -> None:
        self._stop_waiting()
        self._idle = self.loop.call_later(self.idle_s, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


def timed_protocol(*, most_connections: int, idle_s: float) -> type[TimedProtocol]:
    """Return the protocol with its limits.

    Args:
        most_connections: that may be open at a time.
        idle_s: until the head of the next request has to be there.

    Example:
        >>> timed_protocol(most_connections=5, idle_s=3).idle_s
        3
    """
    return type("Protocol", (TimedProtocol,), {"most_connections": most_connections, "idle_s": idle_s})


def _reply(status: int, phrase: str, error: Any, retry_after: str = "") -> bytes:
    body = json.dumps(error.json()).encode()
    further = f"retry-after: {retry_after}\r\n" if retry_after else ""
    head = (
        f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        f"{further}connection: close\r\n\r\n"
    )
    return head.encode() + body
