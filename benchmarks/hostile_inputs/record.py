"""One hostile input as the bytes that go over the wire, and what may come back."""

from collections.abc import Sequence
from dataclasses import dataclass

EDGE = b"edge7f3a9c51"
HOST = b"Host: localhost\r\n"


@dataclass(frozen=True, slots=True)
class Hostile:
    """What is sent over one connection.

    Args:
        kind: a word for the table.
        pieces: sent one after the other.
        pause_s: between the pieces.
        may_close: whether closing the connection without an answer is as good as a refusal, because the request never
            came to its end.
        hangs_up: whether the sender closes its side at the end and does not wait.
        n_answers: that the connection brings, at most.
    """

    kind: str
    pieces: tuple[bytes, ...]
    pause_s: float = 0.0
    may_close: bool = False
    hangs_up: bool = False
    n_answers: int = 1


def part(content: bytes, name: bytes = b"a.jpg", field: bytes = b"images", kind: bytes = b"image/jpeg") -> bytes:
    """One file of a form, without the boundaries."""
    head = b'Content-Disposition: form-data; name="' + field + b'"; filename="' + name + b'"\r\n'
    return head + b"Content-Type: " + kind + b"\r\n\r\n" + content


def form(*parts: bytes, edge: bytes = EDGE) -> bytes:
    """A whole form."""
    return b"".join(b"--" + edge + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + edge + b"--\r\n"


def request(
    target: bytes,
    body: bytes | None = None,
    headers: Sequence[bytes] = (),
    *,
    method: bytes = b"",
    kind: bytes = b"multipart/form-data; boundary=" + EDGE,
    host: bytes = HOST,
) -> bytes:
    """A request with a body of its true length, after which the connection is closed."""
    method = method or (b"GET" if body is None else b"POST")
    head = method + b" " + target + b" HTTP/1.1\r\n" + host + b"".join(line + b"\r\n" for line in headers)
    if body is not None:
        head += b"Content-Length: " + str(len(body)).encode() + b"\r\n"
        head += b"Content-Type: " + kind + b"\r\n" if kind else b""
    return head + b"Connection: close\r\n\r\n" + (body or b"")


def upload(kind: str, content: bytes, *, name: bytes = b"a.jpg", path: bytes = b"/v1/predict") -> Hostile:
    """A hostile file in a proper form."""
    field = b"image" if path.startswith((b"/v1/explain", b"/v1/similar")) else b"images"
    parts = [part(content, name, field)] * (2 if path == b"/v1/patient" else 1)
    return Hostile(kind, (request(path, form(*parts)),))


def plain(kind: str, content: bytes) -> Hostile:
    """A whole request as it stands."""
    return Hostile(kind, (content,))
