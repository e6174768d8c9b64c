"""Small files that want a lot: of pixels, of memory, of time."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache

import numpy as np
from PIL import Image

from .pictures import encoded, photograph

MIB = 1 << 20


@cache
def zeros(n_mib: int) -> bytes:
    """So many megabytes of zeros, deflated."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(n_mib)) + packer.flush()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *further: bytes, depth: int = 8, colour: int = 2, pixels: bytes = b"") -> bytes:
    """A PNG whose header says what it likes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(further) + chunk(b"IDAT", pixels or zeros(1)) + chunk(b"IEND", b"")


def pngs() -> Iterator[bytes]:
    for size in (
        (50_000, 50_000),
        (2**31 - 1, 2**31 - 1),
        (2**31 - 1, 1),
        (1, 2**31 - 1),
        (0, 0),
        (40_000, 1001),
        (6000, 6700),
    ):
        yield png(*size)
        yield png(*size, pixels=zeros(160))
        yield png(*size, depth=16, colour=6)
        yield png(*size, depth=1, colour=0)
    for name, start in ((b"iTXt", b"k\0\1\0\0\0"), (b"zTXt", b"k\0\0"), (b"iCCP", b"k\0\0")):
        for n_mib in (1, 70, 400):
            yield png(64, 64, chunk(name, start + zeros(n_mib)))
            yield png(64, 64, *[chunk(name, start + zeros(n_mib))] * 20)
    yield png(64, 64, *[chunk(b"tEXt", b"k\0v")] * 100_000)
    yield png(64, 64, *[chunk(b"IDAT", b"")] * 100_000)
    yield png(64, 64, chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)))
    yield png(64, 64, chunk(b"PLTE", bytes(3)), colour=3)
    yield png(64, 64, pixels=zeros(400))
    yield png(64, 64, b"\xff\xff\xff\xffIDAT")
    yield png(64, 64, depth=3, colour=7)


def jpegs() -> Iterator[bytes]:
    small = encoded(photograph(), "JPEG")
    frame = small.index(b"\xff\xc0")
    for height, width in ((65_535, 65_535), (65_535, 1), (1, 65_535), (0, 64), (64, 0), (6000, 6000), (65_500, 600)):
        yield small[: frame + 5] + struct.pack(">HH", height, width) + small[frame + 9 :]
    progressive = encoded(Image.new("RGB", (4000, 4000)), "JPEG", progressive=True)
    scans = progressive[progressive.index(b"\xff\xda") : -2]
    for count in (20, 200):  # a few bytes a scan, sixteen million pixels to go over for each
        yield progressive[:-2] + scans * count + b"\xff\xd9"
    yield small[: frame + 9] + b"\xff" + small[frame + 10 :]  # 255 components
    yield small[: frame + 11] + b"\xff" + small[frame + 12 :]  # sampling 15 x 15
    yield small[:-2] + b"\xff\xd0" * 200_000 + b"\xff\xd9"
    yield encoded(photograph(), "JPEG", comment=bytes(65_000)) + small * 50
    yield encoded(Image.new("CMYK", (5000, 5000)), "JPEG")


def tiff(*entries: tuple[int, int, int, int], tail: bytes = b"", following: int = 0) -> bytes:
    body = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + body + struct.pack("<I", following) + tail


def tiffs() -> Iterator[bytes]:
    for width, height in ((2**32 - 1, 2**32 - 1), (50_000, 50_000), (6000, 6600), (1, 2**31), (64, 64)):
        for compression in (1, 5, 7, 8, 32_773, 34_712, 50_000, 99):
            common = ((256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1))
            packed = zeros(70)
            place = 8 + 2 + 12 * 9 + 4
            strips = ((273, 4, 1, place), (278, 4, 1, height), (279, 4, 1, len(packed)), (259, 3, 1, compression))
            yield tiff(*common, *strips, tail=packed)
    yield tiff((256, 4, 1, 64), (257, 4, 1, 64), following=8)  # its next directory is itself
    yield tiff(*[(256, 4, 2**32 - 1, 0)] * 500)
    yield tiff((270, 2, 2**32 - 1, 16), (256, 4, 1, 64), (257, 4, 1, 64))
    yield tiff((273, 4, 2**28, 8), (256, 4, 1, 64), (257, 4, 1, 64))
    yield b"II*\0\x08\0\0\0\xff\xff" + bytes(12) * 65_535
    yield tiff((256, 4, 1, 64), (257, 4, 1, 64), (258, 3, 2**20, 8), (277, 3, 1, 65_535))
    yield encoded(Image.new("L", (6000, 6000)), "TIFF", compression="tiff_lzw")


def others() -> Iterator[bytes]:
    for width, height in ((65_535, 65_535), (65_535, 1), (6000, 6000)):
        screen = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + bytes(6)
        image = b"," + struct.pack("<HHHH", 0, 0, width, height) + b"\0\2\2\x4c\1\0"
        yield screen + image + b";"
        yield screen + image * 5000 + b";"
        yield screen + (b"!\xfe\xff" + bytes(255) + b"\0") * 5000 + image + b";"
    for width, height in ((2**24 - 1, 2**24 - 1), (16_383, 16_383), (0, 0)):
        body = b"WEBPVP8X\x0a\0\0\0\x12\0\0\0" + struct.pack("<I", width)[:3] + struct.pack("<I", height)[:3]
        yield b"RIFF" + struct.pack("<I", len(body)) + body
        yield b"RIFF\xff\xff\xff\xff" + body + b"ANIM\6\0\0\0" + bytes(6) + b"ANMF\xff\xff\xff\x7f" * 200
    yield encoded(Image.new("RGB", (6000, 6000)), "WEBP", lossless=True)
    for width, height in ((2**31 - 1, 2**31 - 1), (-(2**31), 1), (1, -(2**31)), (6000, 6000), (0, 0)):
        for bits, packing in ((24, 0), (8, 1), (4, 2), (32, 3), (1, 0), (255, 9)):
            yield b"BM" + struct.pack(
                "<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, width, height, 1, bits, packing, 0, 0, 0, 2**31, 0
            )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("a.jpg", bytes(200 * MIB))
    yield stream.getvalue()
    yield gzip.compress(bytes(50 * MIB), 9)
    yield gzip.compress(gzip.compress(bytes(50 * MIB), 9), 9)
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    yield f'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY l0 "lol">{lol}]><svg>&l11;</svg>'.encode()
    yield b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg><text>&x;</text></svg>'
    yield b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:1/a"/></svg>'
    yield b"SIMPLE  =                    T" + b" " * 2850 + gzip.compress(bytes(20 * MIB))
    yield b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n{ } loop\n"
    yield bytes(20 * MIB)
    yield b"\xff\xd8\xff" + bytes(10 * MIB)


def within_limits() -> Iterator[bytes]:
    """Just below 40 million pixels: work, not bombs."""
    yield encoded(Image.new("RGBA", (6300, 6300), "pink"), "PNG")
    yield encoded(Image.fromarray(np.zeros((6300, 6300), np.uint16)), "PNG")


def bombs() -> Iterator[bytes]:
    """All of them."""
    for made in (pngs, jpegs, tiffs, others, within_limits):
        yield from made()
