"""A server on this machine that does what it is told: cuts connections, ignores ranges, is busy."""

import hashlib
import io
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lentigo.data.fetching import _catalogue as catalogue
from lentigo.data.fetching._catalogue import PublicSet, RemoteFile


@dataclass
class Server:
    """What is served under which path, how it misbehaves, and what was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    has_ranges: bool = True
    cuts: list[int] = field(default_factory=list)  # of the next answers: bytes after which the connection is cut
    headers: dict[str, str] = field(default_factory=dict)  # of every answer, besides the usual ones
    statuses: list[tuple[int, str]] = field(default_factory=list)  # of the next answers: status, Retry-After
    asked: list[tuple[str, str]] = field(default_factory=list)  # path, Range
    address: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range", "")
        self.asked.append((handler.path, wanted))
        if self.statuses:
            status, retry_after = self.statuses.pop(0)
            handler.send_response(status)
            handler.send_header("Retry-After", retry_after)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        body = self.files.get(handler.path.lstrip("/"))
        if body is None:
            handler.send_error(404)
            return
        start = int(re.findall(r"\d+", wanted)[0]) if wanted and self.has_ranges else 0
        if start >= len(body) > 0 and wanted:
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(body)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        self._send(handler, body, start, is_partial=bool(wanted) and self.has_ranges)

    def _send(self, handler: BaseHTTPRequestHandler, body: bytes, start: int, *, is_partial: bool) -> None:
        handler.send_response(206 if is_partial else 200)
        if is_partial:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        handler.send_header("Content-Length", str(len(body) - start))
        name = handler.path.lstrip("/")
        handler.send_header("ETag", self.etags.get(name, f'"{hashlib.md5(body).hexdigest()}"'))
        for header, value in self.headers.items():
            handler.send_header(header, value)
        handler.end_headers()
        stop = self.cuts.pop(0) if self.cuts else len(body)
        handler.wfile.write(body[start : start + stop])
        handler.close_connection = True


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def make_zip() -> Callable[[dict[str, bytes]], bytes]:
    def make(members: dict[str, bytes]) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return stream.getvalue()

    return make


@pytest.fixture
def small_set(server: Server, make_zip, monkeypatch: pytest.MonkeyPatch) -> PublicSet:
    """A public set of one table and one archive that the server has: known, for this test, as 'small'."""
    table = b"image_id,dx\na,nv\nb,mel\nc,bkl\n"
    images = make_zip({f"images/{name}.jpg": name.encode() * 9 for name in "abc"} | {"__MACOSX/images/._a.jpg": b"x"})
    server.files = {"v1/12?format=original": table, "v1/images.zip": images}
    files = (
        RemoteFile("metadata.csv", "12?format=original", len(table), f"md5:{hashlib.md5(table).hexdigest()}", "us"),
        RemoteFile("images.zip", bytes=len(images)),
    )
    about = PublicSet(
        "small", "A small set", 3, "3 diagnoses", "none", "CC0 1.0", "https://example.org/cc0", "https://example.org",
        ("Someone. A small set (2026).",), ("It is small.",), (f"{server.address}/v1/",), files,
    )  # fmt: skip
    monkeypatch.setattr(catalogue, "public_sets", lambda: {"small": about})
    return about
