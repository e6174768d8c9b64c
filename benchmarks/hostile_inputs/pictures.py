"""Files that are spoilt, lie about themselves or are two things at once. Everything is made here, from a seed."""

import io
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP")


def photograph(side: int = 96, *, seed: int = 0) -> Image.Image:
    """A dark blob on noisy skin."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[:side, :side] / side - 0.5
    blob = np.exp(-((down**2 + across**2) * 30))[..., None]
    pixels = np.array([225, 180, 150]) * (1 - blob) + np.array([90, 50, 40]) * blob
    return Image.fromarray(np.clip(pixels + rng.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8))


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a file."""
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def goods() -> dict[str, bytes]:
    """Intact files of many kinds, to be spoilt."""
    picture = photograph()
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "words"
    rich = {"exif": exif.tobytes(), "icc_profile": bytes(600), "comment": b"hello"}
    return {
        "jpeg": encoded(picture, "JPEG", quality=80, **rich),
        "jpeg progressive": encoded(picture, "JPEG", progressive=True, restart_marker_rows=1),
        "jpeg grey": encoded(picture.convert("L"), "JPEG"),
        "jpeg cmyk": encoded(picture.convert("CMYK"), "JPEG", restart_marker_blocks=5),
        "png": encoded(picture, "PNG", exif=exif.tobytes()),
        "png palette": encoded(picture.convert("P"), "PNG", transparency=3),
        "tiff": encoded(picture, "TIFF"),
        "tiff lzw": encoded(picture, "TIFF", compression="tiff_lzw"),
        "tiff deflate": encoded(picture, "TIFF", compression="tiff_adobe_deflate"),
        "tiff jpeg": encoded(picture, "TIFF", compression="jpeg"),
        "webp": encoded(picture, "WEBP", exif=exif.tobytes()),
        "webp lossless": encoded(picture, "WEBP", lossless=True),
        "gif": encoded(picture, "GIF"),
        "bmp": encoded(picture, "BMP"),
    }


def cuts() -> Iterator[bytes]:
    """Each format, ended at every marker or chunk, before it, in it, and at even distances."""
    for name, content in goods().items():
        places = {len(content) * step // 12 for step in range(12)}
        if name.startswith("jpeg"):
            for at in range(len(content) - 1):
                if content[at] == 0xFF and content[at + 1] not in (0x00, 0xFF):
                    places |= {at, at + 1, at + 2, at + 4}
        if name.startswith("png"):
            at = 8
            while at < len(content):
                places |= {at, at + 4, at + 8, at + 12}
                at += 12 + int(struct.unpack_from(">I", content, at)[0])
        for place in sorted(places):
            yield content[:place]


def flips(rng: np.random.Generator, n_each: int) -> Iterator[bytes]:
    """A few bits, bytes or runs changed; half of the time in the header."""
    for content in goods().values():
        for turn in range(n_each):
            spoilt = bytearray(content)
            reach = len(spoilt) if turn % 2 else min(len(spoilt), 200)
            for _ in range(int(rng.integers(1, 20))):
                at = int(rng.integers(4 if turn % 4 else 0, reach))
                spoilt[at] = (spoilt[at] ^ (1 << int(rng.integers(8)))) if turn % 3 else int(rng.choice([0, 127, 255]))
            if turn % 5 == 0:
                at, length = int(rng.integers(reach)), int(rng.integers(1, 400))
                spoilt[at:at] = spoilt[at : at + length] if turn % 2 else rng.bytes(length)
            yield bytes(spoilt)


def soups(rng: np.random.Generator, n_each: int) -> Iterator[bytes]:
    """Noise after the first bytes of a format, and of formats that are not read."""
    starts = [
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"II*\0",
        b"MM\0*",
        b"II+\0",
        b"RIFF\xff\0\0\0WEBPVP8 ",
        b"GIF89a",
    ]
    starts += [
        b"BM",
        b"8BPS",
        b"\0\0\1\0",
        b"%PDF-1.7",
        b"%!PS-Adobe",
        b"SIMPLE  =",
        b"\0\0\0\x0cjP  ",
        b"PK\3\4",
        b"\x7fELF",
    ]
    starts += [
        b"\x80\x04\x95",
        b"P6 9 9 255\n",
        b"\0" * 128 + b"DICM",
        b"\x1f\x8b\x08",
        b"<svg ",
        b"<?xml",
        b"",
        b"#!/bin/sh\n",
    ]
    for start in starts:
        for _ in range(n_each):
            yield start + rng.bytes(int(rng.integers(0, 4000)))


def odd() -> Iterator[bytes]:
    """Pictures that Pillow writes and that no dermatoscope does: modes, sides, animations, further formats."""
    picture = photograph()
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "I;16", "F", "HSV"):
        turned = Image.new("I;16", (64, 64), 40_000) if mode == "I;16" else picture.convert(mode)
        for kind in (*FORMATS, "PPM", "TGA", "JPEG2000", "PDF", "EPS", "SGI", "ICO", "PCX", "DDS", "AVIF", "ICNS"):
            try:
                yield encoded(turned, kind)
            except Exception:  # noqa: BLE001 - not every format takes every mode
                continue
    sides = (
        (1, 1),
        (1, 2),
        (2, 1),
        (1, 500),
        (500, 1),
        (1, 16_000),
        (16_000, 1),
        (15, 16),
        (16, 16),
        (16, 9000),
        (3, 3),
    )
    for size in sides:
        for kind in FORMATS:
            yield encoded(Image.new("RGB", size, "tan"), kind)
    frames = [photograph(48, seed=seed) for seed in range(4)]
    for kind in ("GIF", "WEBP", "PNG", "TIFF", "MPO"):
        for n_frames in (2, 4, 300 if kind == "GIF" else 3):
            others = (frames * 75)[1:n_frames]
            yield encoded(frames[0], kind, save_all=True, append_images=others)
    yield encoded(Image.new("RGB", (64, 64)), "GIF", save_all=True, append_images=[frames[0]], loop=0, duration=0)


def tags(rng: np.random.Generator) -> Iterator[bytes]:
    """Metadata that lies, is large, or names patients."""
    picture = photograph()
    for value in (*range(10), 255, 65_535):
        exif = Image.Exif()
        exif[0x0112] = value
        yield encoded(picture, "JPEG", exif=exif.tobytes())
        yield encoded(picture, "PNG", exif=exif.tobytes())
    plain = encoded(picture, "JPEG")
    for marker in (0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEF, 0xFE, 0xDB, 0xC4, 0xDD):
        for body in (
            b"",
            b"\0",
            b"Exif\0\0" + rng.bytes(60),
            b"Exif\0\0II*\0\x08\0\0\0\xff\xff" * 9,
            rng.bytes(65_533),
        ):
            yield plain[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + plain[2:]
            yield plain[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) // 2) + body + plain[2:]
    many = b"\xff\xe1" + struct.pack(">H", 65_535) + b"Exif\0\0" + bytes(65_527)
    for count in (2, 40, 200):
        yield plain[:2] + many * count + plain[2:]
    loop = b"Exif\0\0II*\0\x08\0\0\0\1\0\x69\x87\4\0\1\0\0\0\x08\0\0\0\x08\0\0\0"  # a directory inside itself
    yield plain[:2] + b"\xff\xe1" + struct.pack(">H", len(loop) + 2) + loop + plain[2:]
    yield b"\xff" * 100_000 + plain
    yield plain + b"\xff" * 1_000_000
    yield plain[:2] + b"\xff" * 1_000_000 + plain[2:]


def polyglots() -> Iterator[bytes]:
    """Two things at once: a picture for one reader, a program or archive for another."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Main-Class: Evil\n")
        archive.writestr("../../etc/passwd", "x")
    script, archive_bytes = b"<script>alert(1)</script>", stream.getvalue()
    php, pdf = (
        b"<?php system($_GET['c']); ?>",
        b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n",
    )
    made = goods()
    for content in made.values():
        for other in (archive_bytes, script, php, pdf, b"\x7fELF" + bytes(200), b"cos\nsystem\n(S'id'\ntR."):
            yield content + other
        yield script + content
        yield pdf + content
    picture = photograph()
    for words in (script, php, b"${jndi:ldap://127.0.0.1/a}", b"{{7*7}}", b"'; DROP TABLE a;--"):
        yield encoded(picture, "JPEG", comment=words)
        yield encoded(picture, "GIF", comment=words)
    yield b"GIF89a/*" + made["gif"][8:] + b"*/=1;alert(1)"
    yield b"BM" + made["bmp"][2:] + b"*/alert(1)"


def names() -> Iterator[tuple[bytes, bytes]]:
    """Names that lie or reach out, each with an intact photograph or none."""
    jpeg = encoded(photograph(), "JPEG")
    for name in (
        b"../../../../etc/passwd", b"..\\..\\windows\\win.ini", b"/etc/passwd", b"C:\\x.jpg", b"a.jpg/", b".", b"..",
        b"",
        b"a\0.jpg", b"a%00.jpg", b"a.jpg.exe", b"a.php", b"a.pkl", b"a.pth", b"a.dcm", b"con", b"nul.jpg", b"|id",
        b"`id`.jpg",
        b"$(id).jpg", b"a;b.jpg", b"<script>alert(1)</script>.jpg", b"a" * 3000, b"\xff\xfe\xfd.jpg",
        "ä€😀.jpg".encode(),
        "\u202egpj.exe".encode(), "\ufeff.jpg".encode(), b"a\tb.jpg", b'a\\"b.jpg', b"%s%n%x.jpg", b"=1+1.jpg",
        b"{0.__class__}.jpg",
        b"file:///etc/passwd", b"http://127.0.0.1:1/a.jpg", b"~root", b"*", b"a.jpg\x1b[31m", b"-rf",
    ):  # fmt: skip
        yield name, jpeg
        yield name, b"GIF89a"


def shipped() -> Iterator[bytes]:
    """The files in pydicom's own wheel; none where it is not installed."""
    try:
        import pydicom
    except ImportError:
        return
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    yield from (path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
