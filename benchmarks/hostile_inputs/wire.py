"""Requests that break the rules of HTTP: framing, smuggling, headers, paths, queries, slow and silent senders."""

from collections.abc import Iterator
from urllib.parse import quote

import numpy as np

from .forms import MULTI, packed
from .pictures import encoded, photograph
from .record import EDGE, HOST, Hostile, form, part, plain, request

END = b"Connection: close\r\n\r\n"


def post(*lines: bytes, body: bytes = b"", target: bytes = b"/v1/predict", version: bytes = b"HTTP/1.1") -> bytes:
    """A POST with exactly these headers."""
    head = b"POST " + target + b" " + version + b"\r\n" + HOST + b"Content-Type: " + MULTI + EDGE + b"\r\n"
    return head + b"".join(line + b"\r\n" for line in lines) + END + body


def framing() -> Iterator[Hostile]:
    """Lengths that lie, lengths twice, lengths that are not numbers; transfer encodings that hide a second request."""
    body = form(part(encoded(photograph(), "JPEG")))
    size, chunked = str(len(body)).encode(), b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    hidden = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for value in (
        b"-1", b"+" + size, b"0x10", b"1e3", b"1_000", b" ", b"", b"a", b"9" * 19, b"9" * 25, b"9" * 5000,
        size + b"," + size, size + b", 1",
        b"00" + size, size + b".0", b"\xb2", "１２".encode(), b"18446744073709551616", b"99999999999", b"70000000",
    ):  # fmt: skip
        yield Hostile("framing", (post(b"Content-Length: " + value, body=body),), may_close=True, hangs_up=True)
        yield plain("framing", post(b"Content-Length: " + size, b"Content-Length: " + value, body=body))
    for value in (
        b"chunked", b" chunked", b"chunked ", b"\tchunked", b"xchunked", b"chunked, chunked", b"chunked, identity",
        b"identity", b"gzip, chunked",
        b"gzip", b"cHuNkEd", b"\x0bchunked", b"chunked;q=1", b'"chunked"', b"", b"chunked\0", b"chunked" * 900,
    ):  # fmt: skip
        for lines in ([b"Content-Length: " + size], [b"Content-Length: 4"], []):
            yield Hostile(
                "smuggling", (post(*lines, b"Transfer-Encoding: " + value, body=chunked + hidden),), n_answers=1
            )
        yield plain(
            "smuggling", post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: " + value, body=chunked + hidden)
        )
    for line in (
        b"Transfer-Encoding : chunked",
        b" Transfer-Encoding: chunked",
        b"X: a\n Transfer-Encoding: chunked",
        b"Transfer_Encoding: chunked",
        b"X: a\rTransfer-Encoding: chunked",
    ):
        yield plain("smuggling", post(b"Content-Length: " + size, line, body=body + hidden))
    for spoilt in (
        b"zz\r\nabc\r\n0\r\n\r\n", b"-1\r\n\r\n", b"ffffffffffffffffff\r\nx", b"0x10\r\nx", b"7fffffff\r\nx",
        b"\r\n\r\n", b"5\r\nabcdefg\r\n0\r\n\r\n",
        b"5;" + b"e=x;" * 30_000 + b"\r\nabcde\r\n0\r\n\r\n", b"0\r\n" + b"T: x\r\n" * 20_000 + b"\r\n",
        b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n",
        b"5\nabcde\n0\n\n", b"5 \r\nabcde\r\n0\r\n\r\n", b"0\r\nContent-Length: 5\r\n\r\n", b"0" * 70_000,
        chunked[:-5] + b"G\r\n", b"1\r\nxy\r\n0\r\n\r\n",
    ):  # fmt: skip
        yield Hostile("chunks", (post(b"Transfer-Encoding: chunked", body=spoilt),), may_close=True, hangs_up=True)
        yield Hostile(
            "chunks",
            (post(b"Transfer-Encoding: chunked", body=spoilt, target=b"/v1/outcomes"),),
            may_close=True,
            hangs_up=True,
        )
    for cut in range(1, len(body), max(1, len(body) // 12)):
        yield Hostile(
            "half a body", (post(b"Content-Length: " + size, body=body[:cut]),), may_close=True, hangs_up=True
        )


def heads(rng: np.random.Generator) -> Iterator[Hostile]:
    """Heads that are not heads, or too much of one; more than one request at a time; other protocols."""
    get = b"GET /health HTTP/1.1\r\n" + HOST
    for head in (
        b"GET /health\r\n\r\n", b"GET /health HTTP/0.9\r\n\r\n", b"GET /health HTTP/1.0\r\n\r\n",
        b"GET /health HTTP/2.0\r\n" + HOST + b"\r\n",
        b"GET /health HTTP/9.9\r\n\r\n", b"GET  /health  HTTP/1.1\r\n" + HOST + END,
        b"get /health HTTP/1.1\r\n" + HOST + END, b"\r\n\r\n" + get + END,
        b"GET /health HTTP/1.1\r\n" + END, get + HOST + END, get + b"Host: evil.example\r\n" + END,
        b"GET /health HTTP/1.1\n" + HOST + END, get + b"A\r\n" + END,
        get + b": x\r\n" + END, get + b"A: b\r\n c\r\n" + END, get + b"A: \0\r\n" + END, get + b"A: \xff\r\n" + END,
        get + b"A\0: x\r\n" + END, get + b"A: x\ry\r\n" + END,
        get + b"A: " + b"x" * 60_000 + b"\r\n" + END, get + b"A: " + b"x" * 200_000 + b"\r\n" + END,
        get + b"A: b\r\n" * 5000 + END, get + b"A: b\r\n" * 40_000 + END,
        b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\n" + HOST + END,
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HOST + END, b"A" * 100_000, b"\0" * 1000, b"\xff" * 5000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(40), b"\x16\x03\x01\x02\0\1\0\1\xfc\3\3" + rng.bytes(500),
        b"SSH-2.0-x\r\n", b"EHLO x\r\n\r\n", b"*1\r\n$4\r\nPING\r\n",
        b"\1\0\0\0\0\xcd\0\1\0\0LENTIGO".ljust(211, b" "),
        get + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
        get + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Version: 13\r\n\r\n",
    ):  # fmt: skip
        yield Hostile("heads", (head,), may_close=True, hangs_up=not head.endswith(END))
    for method in (
        b"HEAD",
        b"OPTIONS",
        b"TRACE",
        b"CONNECT",
        b"PUT",
        b"PATCH",
        b"DELETE",
        b"PROPFIND",
        b"DEBUG",
        b"G" * 3000,
        b"G\0T",
        b"\xff",
        b"GET/",
        b"QUERY",
    ):
        for target in (
            b"/v1/predict",
            b"/health",
            b"*",
            b"localhost:80",
            b"http://evil.example/v1/model",
            b"//evil.example/v1/model",
        ):
            yield Hostile(
                "methods", (method + b" " + target + b" HTTP/1.1\r\n" + HOST + END,), may_close=method == b"HEAD"
            )
    one = b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n"
    last = request(b"/health")
    upload = request(b"/v1/predict", form(part(encoded(photograph(), "JPEG")))).replace(b"Connection: close\r\n", b"")
    for several, count in (
        (one * 50, 51),
        (upload * 3, 4),
        (one + b"garbage\r\n\r\n", 1),
        (upload + b"\0" * 100, 1),
        (one * 2000, 2001),
    ):
        yield Hostile("pipelined", (several + last,), n_answers=count, may_close=True)
    for value in (b"100-continue", b"200-ok", b"100-continue" * 99):
        yield plain("heads", request(b"/v1/predict", form(part(b"x")), [b"Expect: " + value]))
    for _ in range(60):
        spoilt = bytearray(upload)
        for _ in range(int(rng.integers(1, 6))):
            spoilt[int(rng.integers(150))] = int(rng.integers(256))
        yield Hostile("heads mutated", (bytes(spoilt),), may_close=True, hangs_up=True)


def headers() -> Iterator[Hostile]:
    """Headers that ask for more, less, elsewhere or otherwise."""
    jpeg = encoded(photograph(), "JPEG")
    for value in (
        "0-0",
        "0-",
        "-1",
        "0-0," * 6000,
        "9-1",
        "a",
        "-" * 9000,
        ",".join(f"{n}-{n}" for n in range(9000)),
        "0-99999999999999999999",
    ):
        for target in (b"/", b"/v1/card", b"/static/app.css"):
            yield plain("range", request(target, None, [b"Range: bytes=" + value.encode(), b"If-Range: x"]))
    for line in (
        b"Accept-Encoding: gzip;q=1e999, *;q=nan", b"Accept-Encoding: " + b"gzip," * 9000,
        b"Accept: application/x-pickle", b"Accept: " + b"*/*;q=" + b"9" * 9000,
        b"Accept-Charset: utf-7", b"Accept-Language: " + b"a," * 20_000, b"If-None-Match: " + b'"x",' * 9000,
        b"If-None-Match: *", b"If-Modified-Since: nonsense",
        b"Authorization: Bearer " + b"x" * 60_000, b"Authorization: \xff\xfe", b"Authorization: Basic Og==",
        b"Cookie: " + b"a=b;" * 14_000, b"Cookie: session=\x80\x04cos",
        b"X-Forwarded-For: 127.0.0.1", b"X-Forwarded-Host: evil.example", b"X-Forwarded-Proto: javascript",
        b"Forwarded: for=_x;host=evil", b"X-Original-URL: /metrics",
        b"X-HTTP-Method-Override: DELETE", b"X-Rewrite-URL: /x", b"Via: " + b"1.1 x," * 9000,
        b"Traceparent: 00-" + b"x" * 90, b"Content-Type: \xff", b"TE: trailers",
        b"Connection: keep-alive, X-A, Host", b"Connection: Authorization", b"Keep-Alive: timeout=99999999",
        b"User-Agent: () { :; }; id", b"User-Agent: ${jndi:ldap://127.0.0.1/}",
        b"Referer: javascript:alert(1)", b"Early-Data: 1", b"Max-Forwards: -1", b"Trailer: Content-Length",
        b"Proxy: http://127.0.0.1:1", b"Sec-Fetch-Site: cross-site",
    ):  # fmt: skip
        yield plain("headers", request(b"/v1/model", None, [line]))
        yield plain("headers", request(b"/v1/predict", form(part(jpeg)), [line]))
    for host in (
        b"", b"evil.example", b"localhost.evil.example", b"localhost:99999", b"localhost:0", b"localhost:-1",
        b"localhost@evil", b"[::1", b"[::1]:x", b"127.1", b"2130706433",
        b"0x7f.1", b"localhost\0", b"localhost#", b"localhost/x", b"LOCALHOST", b"localhost.", b"\xff", b"a" * 60_000,
        b"localhost, evil.example", "ｌocalhost".encode(), b" ",
    ):  # fmt: skip
        yield plain("hosts", request(b"/v1/model", host=b"Host: " + host + b"\r\n"))
        yield plain("hosts", request(b"/", host=b"Host: " + host + b"\r\n"))
    for origin in (
        b"null",
        b"http://evil.example",
        b"http://localhost.evil",
        b"http://localhost:1",
        b"https://localhost",
        b"file://",
        b"\xff",
        b"",
        b"http://localhost, x",
        b"a" * 30_000,
    ):
        yield plain("origins", request(b"/v1/predict", form(part(jpeg)), [b"Origin: " + origin]))
        yield plain(
            "origins",
            request(
                b"/v1/predict", None, [b"Origin: " + origin, b"Access-Control-Request-Method: POST"], method=b"OPTIONS"
            ),
        )
    for name, body in packed(form(part(jpeg))):
        yield plain("content encoding", request(b"/v1/predict", body, [b"Content-Encoding: " + name]))


def targets() -> Iterator[Hostile]:
    """Paths that climb, and queries that are not numbers."""
    ups = (
        "../", "..\\", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "%252e%252e%252f", "..%c0%af", "%c0%ae%c0%ae/",
        "....//", "..;/", "./../", "..%00/", "..%0d%0a/", "\\..\\", "%uff0e%uff0e/",
    )  # fmt: skip
    for up in ups:
        for end in ("etc/passwd", "app.py", "__init__.py", "pyproject.toml", "windows/win.ini", "proc/self/environ"):
            yield plain("paths", request(f"/static/{up * 6}{end}".encode()))
        yield plain("paths", request(f"/{up * 6}etc/passwd".encode()))
    for path in (
        "/static", "/static/", "/static//", "/static//etc/passwd", "/static/%00", "/static/app.css%00.png",
        "/static/app.css/", "/static/file:///etc/passwd", "/static/~root", "//static/app.css",
        "/v1", "/v1/", "/v1/predict/", "/v1//predict", "/V1/PREDICT", "/v1/predict%20", "/v1/predict;x=1",
        "/v1/%70redict", "/v1/../metrics", "/v1/models/..%2f..", "/v2/repository/models/x/load",
        "/docs", "/redoc", "/.git/config", "/.env", "/server-status", "/api/jobs/",
        "/models?url=http://127.0.0.1:1/x.mar", "/workflows", "/invocations", "/debug/pprof", "/favicon.ico", "/%ff%fe",
        "/" + "a/" * 20_000, "/" + "%2f" * 10_000, "/?" + "a=b&" * 12_000, "/" + quote("\u202e😀"),
        "/openapi.json?x=[]", "/openapi.yaml", "/metrics/", "/health/../metrics", "/?__proto__[x]=1", "/%",
    ):  # fmt: skip
        yield plain("paths", request(path.encode()))
        yield plain("paths", request(path.encode(), form(part(b"x"))))
    values = [
        "nan", "-nan", "inf", "-inf", "1e999", "-1e999", "1e-999", "0", "-0", "-0.0", "1", "1.0",
        "0.9999999999999999999", "1e-320", "5e-324", "-1", "2", "", " ", "+", "%20" * 3, "0,5", "50%25", "0x1p-2",
        "1_0", "½", "٠.٥", "０.５", "0.5\0", "%00", "%ff", "true", "null", "None", "[]", "{}", "0.5;",
        "0.5&prevalence=nan", "0.5'--", "1" * 5000, "0." + "0" * 5000 + "1", "0.5" + "5" * 40_000, "1/2", "${7*7}",
        "0.5%0d%0aSet-Cookie: a=b",
    ]  # fmt: skip
    jpeg = encoded(photograph(), "JPEG")
    for value in values:
        text = quote(value, safe="%&;+,[]{}$*'/=").encode()
        for path, field in ((b"/v1/predict", b"images"), (b"/v1/explain", b"image")):
            yield plain("prevalence", request(path + b"?prevalence=" + text, form(part(jpeg, field=field))))
        yield plain("prevalence", request(b"/v1/patient?prevalence=" + text, form(part(jpeg), part(jpeg))))
        yield plain("n", request(b"/v1/similar?n=" + text, form(part(jpeg, field=b"image"))))


def slow() -> Iterator[Hostile]:
    """Senders that take their time, or never come to the point."""
    body = form(part(encoded(photograph(), "JPEG")))
    whole = post(b"Content-Length: " + str(len(body)).encode(), body=body)
    head = whole[: whole.index(b"\r\n\r\n") + 4]
    for cut in (0, 1, 40, len(head) - 2):
        yield Hostile("silent", (whole[:cut],), may_close=True)
    for step in (1, 3):
        yield Hostile("slow", tuple(whole[at : at + step] for at in range(0, 120, step)), 0.15, may_close=True)
    for place in (0, len(body) // 2, len(body) - 3):
        yield Hostile("slow", (head + body[:place],), may_close=True)
        yield Hostile(
            "slow",
            (head + body[:place], *(body[at : at + 1] for at in range(place, min(place + 60, len(body) - 1)))),
            0.1,
            may_close=True,
        )
    chunked = post(b"Transfer-Encoding: chunked")
    yield Hostile("slow", (chunked, *[b"1\r\nx\r\n"] * 60), 0.1, may_close=True)
    yield Hostile("slow", (chunked, b"ffff\r\n"), may_close=True)
    yield Hostile("slow", (whole[:100], whole[100:300], whole[300:]), 0.3)
    yield Hostile(
        "slow", (post(b"Content-Length: " + str(len(body)).encode(), b"Expect: 100-continue"),), may_close=True
    )
