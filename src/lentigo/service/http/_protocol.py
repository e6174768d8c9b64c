"""HTTP/1.1 as uvicorn speaks it, with what it leaves open: time limits on connections, and answers that arrive.

uvicorn closes a connection that idles after an answer, but waits for ever for one that says nothing at all, that
sends its head a byte a minute, or that never takes its answer. A few hundred of those would be the end of a service.

A connection that is closed while bytes of its request are unread is reset by the kernel, and a reset throws away the
answer that the client has not read yet (RFC 9112, section 9.6). So the side of the answer is closed first, and what
still comes is read and forgotten for a moment.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any, ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from lentigo.service.http._errors import BadRequest, Busy

STALL_S: Final = 30.0  # for an answer that nobody takes
LINGER_S: Final = 2.0  # for the rest of a request that was answered before its end


class LingeringTransport:
    """A transport whose `close` ends the answer, and reads on for a moment if the request has not ended.

    Args:
        transport: of the connection.
        is_read: tells whether all of the request was read, so that nothing can be lost.
    """

    def __init__(self, transport: asyncio.Transport, is_read: Callable[[], bool]) -> None:
        self._transport = transport
        self._is_read = is_read
        self.is_lingering = False

    def __getattr__(self, name: str) -> Any:
        """Return whatever else a transport has."""
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """Return whether the answer has ended."""
        return self.is_lingering or self._transport.is_closing()

    def close(self) -> None:
        """End the answer; the connection closes with the request, at the latest after `LINGER_S`."""
        if self._is_read():
            self._transport.close()
        elif not self.is_closing():
            self.linger()

    def linger(self) -> None:
        """End the answer; what still comes is for nobody."""
        self.is_lingering = True
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._transport.resume_reading()
        asyncio.get_running_loop().call_later(LINGER_S, self._transport.close)


class TimedProtocol(H11Protocol):
    """One connection."""

    most_connections: ClassVar[int] = 512
    idle_s: ClassVar[float] = 15.0
    _idle: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let a connection in, or tell it that there are too many."""
        self.lingering = LingeringTransport(transport, self._is_read)
        super().connection_made(self.lingering)  # type: ignore[arg-type]
        if len(self.connections) > self.most_connections:
            error = Busy("too many connections. Try again in a second.")
            transport.write(_reply(503, "Service Unavailable", error, "1"))
            # As many again may wait for this answer; whoever opens more is closed at once.
            self.lingering.linger() if len(self.connections) <= 2 * self.most_connections else transport.close()
            return
        self._wait_for_request()

    def data_received(self, data: bytes) -> None:
        """Read what came, or forget it where the answer has been given."""
        if not self.lingering.is_lingering:
            super().data_received(data)

    def _is_read(self) -> bool:
        return self.conn.their_state in {h11.IDLE, h11.DONE, h11.MUST_CLOSE, h11.CLOSED}

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
