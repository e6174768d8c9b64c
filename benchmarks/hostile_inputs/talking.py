"""Sends a hostile input over a socket of its own, reads what comes back, and says what is wrong with that."""

import contextlib
import json
import re
import socket
import time
from dataclasses import dataclass
from typing import Any

from .record import Hostile

CODES = {
    "bad_request", "no_image", "too_many_images", "unsupported_media_type", "body_too_large", "image_too_large",
    "image_damaged", "image_unreadable", "bad_prevalence",
    "unauthorized", "cross_origin", "host_not_allowed", "not_found", "method_not_allowed", "busy", "worker_lost",
    "draining", "timed_out", "drift_off", "log_unavailable",
}  # fmt: skip
# What no answer may hold: files of the server, the inside of its program.
SECRETS = (b"root:x:0:0", b"Traceback (most", b'File "', b"site-packages", b"[extensions]")
LONGEST_ANSWER = 4 << 20


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Args:
        status: of it.
        headers: names in lower case.
        body: as it came.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read as strictly as the standard does."""

        def refuse(name: str) -> None:
            raise ValueError(f"{name} is not JSON")

        return json.loads(self.body, parse_constant=refuse)

    @property
    def code(self) -> str:
        """The stable code of an error; empty where there is none."""
        try:
            return str(self.json()["error"]["code"])
        except (ValueError, KeyError, TypeError):
            return ""


def talk(port: int, hostile: Hostile, *, patience_s: float = 150) -> list[Reply]:
    """Return the answers to an input once the connection has ended."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=patience_s) as peer:
        with contextlib.suppress(OSError):  # the service may refuse, and close, before it has read everything
            for number, piece in enumerate(hostile.pieces):
                if number:
                    time.sleep(hostile.pause_s)
                peer.sendall(piece)
            if hostile.hangs_up:
                peer.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionError):
            while (part := peer.recv(1 << 16)) and len(received) < LONGEST_ANSWER:
                received += part
    return list(replies(bytes(received), is_head=hostile.pieces[0].startswith(b"HEAD ")))


def replies(received: bytes, *, is_head: bool) -> Any:
    """Yield the answers in what was received.

    Raises:
        ValueError: it is not HTTP.
    """
    while received:
        head, end, rest = received.partition(b"\r\n\r\n")
        line = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        if not end or line is None:
            raise ValueError(f"no HTTP: {received[:80]!r}")
        pairs = (one.partition(":") for one in head.decode("latin-1").split("\r\n")[1:])
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        status = int(line[1])
        if status < 200:  # 100 Continue
            received = rest
            continue
        length = 0 if is_head or status == 304 else int(headers.get("content-length", len(rest)))
        if len(rest) < length:
            raise ValueError("an answer that breaks off")
        yield Reply(status, headers, rest[:length])
        received = rest[length:]


def faults(hostile: Hostile, answers: list[Reply]) -> list[str]:
    """What is wrong with the answers to an input; empty where nothing is."""
    found = []
    if not answers and not hostile.may_close:
        found.append("no answer")
    further = [reply.status for reply in answers[hostile.n_answers :]]
    if further not in ([], [400]):  # what follows a request may be called no request, and that is the end
        found.append(f"answered what is hidden behind {hostile.n_answers} requests: {further}")
    is_head = hostile.pieces[0].startswith(b"HEAD ")
    for reply in answers:
        found += [f"tells {secret!r}" for secret in SECRETS if secret in reply.body]
        if reply.status >= 500 and reply.status != 503:
            found.append(f"status {reply.status}")
        if reply.status == 503 and "retry-after" not in reply.headers:
            found.append("503 without Retry-After")
        if reply.status >= 400 and not is_head and reply.code not in CODES:
            found.append(f"status {reply.status} without a known code: {reply.body[:80]!r}")
        if reply.status == 200 and reply.headers.get("content-type", "").startswith("application/json") and not is_head:
            found += answer_faults(reply)
    return found


def answer_faults(reply: Reply) -> list[str]:
    """What is wrong with an answer that claims to be one."""
    try:
        payload = reply.json()
    except ValueError as error:
        return [f"no strict JSON: {error}"]
    given = payload.get("answers", [payload["answer"]] if "answer" in payload else [])
    return [
        f"an answer of neither kind: {one}"
        for one in given
        if not (
            one["error_code"] in CODES
            if one["malignant_probability"] is None
            else one["error"] is None and 0 <= one["malignant_probability"] <= 1
        )
    ]
