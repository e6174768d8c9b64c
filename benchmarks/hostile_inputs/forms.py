"""Forms that break the rules of multipart, and bodies of outcomes that break those of JSON and CSV."""

import gzip
import json
import zlib
from collections.abc import Iterator

import numpy as np

from .pictures import encoded, photograph
from .record import EDGE, Hostile, form, part, plain, request

MULTI = b"multipart/form-data; boundary="


def boundaries(jpeg: bytes) -> Iterator[Hostile]:
    """Boundaries that are missing, too long, binary, quoted, doubled, or not those of the body."""
    body = form(part(jpeg))
    for kind in (
        b"", b"multipart/form-data", MULTI, MULTI + b'""', MULTI + b"x" * 71, MULTI + b"x" * 60_000, MULTI + b"other",
        MULTI + EDGE + b"; boundary=other", MULTI + b"other; boundary=" + EDGE, MULTI + b'"' + EDGE,
        MULTI + b"\x80\xff",
        MULTI + b'"a b"', MULTI + b"--", MULTI + b"-", MULTI + EDGE + b" ", MULTI + EDGE + b"\t; charset=utf-7",
        b"multipart/mixed; boundary=" + EDGE, b"multipart/form-data;boundary*=utf-8''" + EDGE,
        b"MULTIPART/FORM-DATA; BOUNDARY=" + EDGE,
        b"multipart/form-data; " + b"a=b; " * 8000 + b"boundary=" + EDGE, b"multipart/form-data; " + b";" * 50_000,
        b'multipart/form-data; a="' + b"\\" * 50_000, b"application/x-www-form-urlencoded", b"application/json",
        b"image/jpeg",
        b"text/plain", b"multipart", b"multipart/form-data, multipart/form-data; boundary=" + EDGE, b"*/*",
        b"a" * 50_000,
    ):  # fmt: skip
        yield plain("form: boundary", request(b"/v1/predict", body, kind=kind))
    for edge in (b"\r\n", b"\0", b"'()+_,-./:=?", b"x" * 70):
        yield plain(
            "form: boundary", request(b"/v1/predict", form(part(jpeg), edge=edge), kind=MULTI + b'"' + edge + b'"')
        )


def shapes(jpeg: bytes) -> Iterator[bytes]:
    """Bodies of forms that are not forms."""
    good, edge, one = form(part(jpeg)), b"--" + EDGE, part(jpeg)
    yield from (b"", b"\r\n", edge, edge + b"--", edge + b"--\r\n", edge + b"\r\n", edge + b"\r\n\r\n", edge * 1000)
    yield from (
        good.replace(b"\r\n", b"\n"),
        good.replace(b"\r\n", b"\r"),
        good[:-4],
        good[:-2],
        good[2:],
        b"\r\n" * 5000 + good,
    )
    yield from (good + good, good + b"x" * 100_000, b"preamble" + good, jpeg, edge + b"\r\n" + jpeg)
    inner = form(part(jpeg), edge=b"inner")
    for name in (b"", b'; filename="a"'):
        mixed = b"\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n"
        yield form(b'Content-Disposition: form-data; name="images"' + name + mixed + inner)
    deep = b"x"
    for _ in range(60):
        deep = form(part(deep))
    yield deep
    for count in (0, 33, 64, 5000, 40_000):
        yield form(*[part(b"x")] * count)
        yield form(*[b""] * count)
        yield form(*[b"\r\n\r\n"] * count)
    for count in (9, 100, 10_000):
        yield form(b"A: b\r\n" * count + one)
        yield form(b"Content-Disposition: form-data\r\n" * count + one)
    for size in (4097, 70_000, 3_000_000):
        yield form(b"X-Long: " + b"y" * size + b"\r\n" + one)
        yield form(b"Y" * size + b": z\r\n" + one)
        yield form(b'Content-Disposition: form-data; name="' + b"i" * size + b'"; filename="a"\r\n\r\n' + jpeg)
    for disposition in (
        b"", b"form-data", b"attachment", b"form-data; name=images", b'form-data; name="images"',
        b'form-data; filename="a"',
        b'form-data; name="images"; name="image"; filename="a"', b'form-data; name="images"; filename=',
        b"form-data; name=\"images\"; filename*=utf-8''a",
        b"form-data; name=\"images\"; filename*=utf-99''%ff%", b'form-data; name="images[]"; filename="a"',
        b'form-data; name="Images"; filename="a"',
        b'form-data; name="__proto__"; filename="a"', b'form-data; name="images\0"; filename="a"',
        b'form-data; name="image"; filename="a"',
        b'form-data; name="model"; filename="a"', b'form-data; name="_charset_"\r\n\r\nutf-7',
        b'form-data; name="images"; filename="a' + b"\\" * 3000,
        b";;;;;;", b'form-data; name="images";' + b" " * 3000 + b'filename="a"',
        b'\xff\xfe; name="images"; filename="a"',
    ):  # fmt: skip
        yield form(b"Content-Disposition: " + disposition + b"\r\n\r\n" + jpeg)
    for line in (
        b"Content-Transfer-Encoding: base64", b"Content-Encoding: gzip", b"Content-Length: 1", b"Content-Length: -1",
        b"Transfer-Encoding: chunked",
        b"NoColon", b": empty", b" folded", b"\0: x", b"A\0: x", b"A: \0", b"A:\xff", b"A : b",
        b"Content-Type: multipart/form-data; boundary=" + EDGE,
        b"Content-Type: ../../x", b"Content-Type: application/x-python-pickle", b"Content-Type: image/svg+xml",
        b"Content-Type: " + b"a" * 4000,
    ):  # fmt: skip
        yield form(line + b"\r\n" + one)
        yield form(one.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n", 1))


def mutated(jpeg: bytes, rng: np.random.Generator, count: int) -> Iterator[bytes]:
    """A good form with bytes changed, cut out or doubled, mostly where its structure is."""
    good = form(part(jpeg), part(b"GIF89a"))
    for _ in range(count):
        spoilt = bytearray(good)
        for _ in range(int(rng.integers(1, 8))):
            at = (
                int(rng.integers(170))
                if rng.random() < 0.6
                else len(spoilt) - 1 - int(rng.integers(min(200, len(spoilt))))
            )
            spoilt[at : at + int(rng.integers(0, 4))] = rng.choice(
                [b"", b"\r", b"\n", b"--", b"\0", b'"', b";", b":", rng.bytes(3)]
            )
        yield bytes(spoilt)


def forms(rng: np.random.Generator, n_mutated: int) -> Iterator[Hostile]:
    """All forms."""
    jpeg = encoded(photograph(), "JPEG")
    yield from boundaries(jpeg)
    for body in shapes(jpeg):
        yield plain("form: shape", request(b"/v1/predict", body))
    for number, body in enumerate(mutated(jpeg, rng, n_mutated)):
        path = (b"/v1/predict", b"/v1/patient", b"/v1/explain", b"/v1/similar")[number % 4]
        yield plain("form: mutated", request(path, body))


def json_bodies() -> Iterator[bytes]:
    known, at = "0" * 32, '{"answer_id": "%s", "malignant": %s}'
    for value in (
        "NaN", "Infinity", "-Infinity", "1e999", "1", "0", '"true"', "null", "[]", "{}", "1" * 5000, "tru", "True", "-",
        "01", "1.", ".5",
        '"\\ud800"', '"\\u0000"', "1" + "0" * 400_000, "[" * 60_000, '{"a":' * 60_000,
    ):  # fmt: skip
        yield (at % (known, value)).encode()
        yield ("[" + at % (known, value) + "]").encode()
    for name in (
        "",
        "0" * 31,
        "0" * 33,
        "G" * 32,
        "../../etc/passwd",
        "\\u0000" * 32,
        "0" * 500_000,
        "Ａ" * 32,
        "0" * 32 + "\\n",
    ):
        yield (at % (name, "true")).encode()
    one = (at % (known, "true")).encode()
    yield from (
        b"",
        b" ",
        b"null",
        b"true",
        b"[]",
        b"{}",
        b"[[]]",
        b'"x"',
        b"[1]",
        b"[null]",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf" + one,
        one + one,
    )
    yield from (
        one.decode().encode("utf-16"),
        one.decode().encode("utf-32"),
        one[:-1],
        b"[" + one,
        b"[" + one + b",]",
        one + b"//",
        b"/*x*/" + one,
    )
    yield b"[" + b",".join([one] * 12_000) + b"]"
    yield b"[" * 500_000
    yield b"[" * 100_000 + b"]" * 100_000
    yield b'{"answer_id": "' + known.encode() + b'", "answer_id": 1, "malignant": true, "malignant": 2}'
    yield json.dumps({"answer_id": known, "malignant": True, **{f"k{n}": n for n in range(9000)}}).encode()
    yield json.dumps(
        {"answer_id": known, "malignant": True, "__class__": "os.system", "py/object": "os.system"}
    ).encode()
    yield b"x" * 1_100_000
    yield b" " * 1_048_000 + one


def csv_bodies() -> Iterator[bytes]:
    head, known = b"answer_id,malignant\n", b"0" * 32
    for value in (
        b"",
        b"maybe",
        b"TRUE ",
        b"nan",
        b"=1+1",
        b'"',
        b'"true',
        b"true,x",
        b"\0",
        b"\xff",
        "ｔｒｕｅ".encode(),
        b"2",
        b"t" * 200_000,
    ):
        yield head + known + b"," + value + b"\n"
    for name in (b"", b"../x", b"=cmd|' /C calc'!A0", b'"' + known, b"@SUM(1)", b"0" * 200_000):
        yield head + name + b",true\n"
    yield from (
        head,
        b"malignant,answer_id",
        b"answer_id\n" + known,
        b"a;b\n",
        b"," * 500_000,
        b'"' * 500_001,
        b"\r" * 1000,
        head * 20_000,
    )
    yield from (
        head + b"\n" * 900_000,
        head.replace(b"\n", b"\r") + known + b",1",
        b"answer_id,malignant,answer_id\n1,2,3",
        b"\0" * 1000,
    )
    yield b"answer_id," * 50_000 + b"malignant\n"
    yield head + (known + b",yes\n") * 25_000


def outcomes() -> Iterator[Hostile]:
    """Bodies of POST /v1/outcomes."""
    for kind, bodies in ((b"application/json", json_bodies()), (b"text/csv", csv_bodies())):
        for body in bodies:
            yield plain("outcomes", request(b"/v1/outcomes", body, kind=kind))
    one = b'{"answer_id": "' + b"0" * 32 + b'", "malignant": true}'
    for kind in (
        b"",
        b"text/json",
        b"application/json; charset=utf-7",
        b"application/xml",
        b"application/x-yaml",
        b"text/csv;header=no",
        b"a" * 9000,
        b"\xff",
    ):
        yield plain("outcomes", request(b"/v1/outcomes", one, kind=kind))
    for name, body in packed(one):
        yield plain(
            "outcomes", request(b"/v1/outcomes", body, [b"Content-Encoding: " + name], kind=b"application/json")
        )


def packed(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The body, and bombs, under content encodings."""
    bomb = gzip.compress(bytes(100 << 20), 9)
    for name in (
        b"gzip",
        b"x-gzip",
        b"deflate",
        b"br",
        b"zstd",
        b"compress",
        b"identity",
        b"gzip, gzip",
        b"gzip" * 500,
        b"aes128gcm",
        b"\xff",
        b"",
    ):
        yield name, body
        yield name, gzip.compress(body)
        yield name, bomb
    yield b"deflate", zlib.compress(bytes(100 << 20), 9)
    yield b"gzip, gzip", gzip.compress(bomb, 9)
