"""DICOM objects that are damaged, want too much or are two things at once, and bytes that are none; from a seed."""

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate

from lentigo.images.dicom import SYNTAXES, Elements, open_part10

from .pictures import encoded, shipped

LITTLE, JPEG, J2K, JLS, RLE, DEFLATED = (
    f"1.2.840.10008.1.2.{end}" for end in ("1", "4.50", "4.90", "4.80", "5", "1.99")
)
PHOTOGRAPH = "1.2.840.10008.5.1.4.1.1.77.1.7"
INSTANCE = "1.2.3.4.5.6"
UNDEFINED = 0xFFFFFFFF


def picture(side: int = 64) -> np.ndarray:
    """A dark blob on skin."""
    down, across = np.mgrid[:side, :side] / side - 0.5
    blob = np.exp(-((down**2 + across**2) * 30))[..., None]
    return (np.array([225, 180, 150]) * (1 - blob) + np.array([90, 50, 40]) * blob).astype(np.uint8)


def make(pixels: np.ndarray, syntax: str = LITTLE, frame: bytes | None = None, **attributes: object) -> bytes:
    """A dermoscopic photograph."""
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = PHOTOGRAPH, INSTANCE
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.3.4", "1.2.3.4.5"
    data.PatientName, data.PatientID, data.Modality = "Hostile^Test", "1", "XC"
    data.SamplesPerPixel, data.PlanarConfiguration, data.PhotometricInterpretation = 3, 0, "RGB"
    data.Rows, data.Columns = pixels.shape[:2]
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.PixelData = encapsulate([frame]) if frame is not None else pixels.tobytes()
    data["PixelData"].VR, data["PixelData"].is_undefined_length = "OB", frame is not None
    for name, value in attributes.items():
        setattr(data, name, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    data.file_meta.MediaStorageSOPClassUID, data.file_meta.MediaStorageSOPInstanceUID = PHOTOGRAPH, INSTANCE
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data, enforce_file_format=True)
    return stream.getvalue()


def _file(pixels: np.ndarray, kind: str) -> bytes:
    return encoded(Image.fromarray(pixels), kind, **({"no_jp2": True} if kind == "JPEG2000" else {}))


def good_ones() -> dict[str, bytes]:
    """Intact objects in several transfer syntaxes."""
    import jpeg_ls

    pixels = picture()
    frames = {JPEG: _file(pixels, "JPEG"), J2K: _file(pixels, "JPEG2000")}
    frames[JLS] = bytes(jpeg_ls.encode_array(pixels, interleave_mode=2))
    made = {syntax: make(pixels, syntax, frame, PhotometricInterpretation="RGB") for syntax, frame in frames.items()}
    for syntax in (LITTLE, "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", DEFLATED):
        made[syntax] = make(pixels, syntax)
    data = pydicom.dcmread(io.BytesIO(made[LITTLE]))
    data.compress(RLE)
    stream = io.BytesIO()
    data.save_as(stream)
    return {**made, RLE: stream.getvalue()}


def boundaries(content: bytes) -> list[int]:
    """Where elements begin and end."""
    try:
        inflated, start, syntax, encoding = open_part10(content, max_bytes=10**8)
        if syntax == DEFLATED:
            return list(range(200, len(content), 50))
        return [place for e in Elements(inflated).walk(start, len(inflated), encoding) for place in (e.start, e.end)]
    except Exception:  # noqa: BLE001 - a shipped file may be damaged already
        return []


def head(tag: int, vr: bytes, length: int) -> bytes:
    return struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, vr, 0, length)


def bombs() -> Iterator[bytes]:
    """Small files that want a lot."""
    good = make(picture())
    place = good.rindex(b"\xe0\x7f\x10\x00")
    item = struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED)
    empty = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
    for n in (10, 1000, 100_000):
        yield good[:place] + (head(0x00400100, b"SQ", UNDEFINED) + item) * n + good[place:]
        yield good[:place] + head(0x00400100, b"SQ", UNDEFINED) + empty * n + good[place:]
        yield good[:place] + b"".join(head(0x00090000 + k, b"UN", 0) for k in range(min(n, 65_000))) + good[place:]
        yield make(picture(), JPEG, b"x")[: place - 20] + head(0x7FE00010, b"OB", UNDEFINED) + empty * n
    for rows, columns in ((65535, 65535), (65535, 1), (1, 65535), (0, 0), (16, 16)):
        yield make(picture(), Rows=rows, Columns=columns)
        yield make(picture(), NumberOfFrames=2_000_000_000, Rows=rows, Columns=columns)
    for side in (4000, 9000):
        large = np.zeros((side, side, 3), np.uint8)
        for syntax, kind in ((JPEG, "JPEG"), (J2K, "JPEG2000")) if side < 9000 else ((JPEG, "JPEG"),):
            yield make(picture(), syntax, _file(large, kind))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    deflated = make(picture(), DEFLATED)
    yield deflated[: open_meta(deflated)] + bomb
    run = b"\x81\x00" * 1_000_000
    yield make(picture(), RLE, struct.pack("<16L", 3, 64, 64 + len(run), 64 + 2 * len(run), *[0] * 12) + 3 * run)
    tiles = bytearray(_file(picture(), "JPEG2000"))
    struct.pack_into(">LL", tiles, 24, 1, 1)
    yield make(picture(), J2K, bytes(tiles))
    for length in (2**31, 2**32 - 2, 10**7):
        yield good[:place] + head(0x00091010, b"UN", length) + good[place:]
        yield good[: place + 8] + struct.pack("<L", length) + good[place + 12 :]


def open_meta(content: bytes) -> int:
    """Where the data set of a file begins, before inflation."""
    (length,) = struct.unpack_from("<L", content, 140)
    return 144 + int(length)


def swapped(content: bytes, syntax: str) -> bytes:
    start = content.find(b"\x02\x00\x10\x00UI") + 6
    (length,) = struct.unpack_from("<H", content, start)
    text = syntax.encode() + b"\0" * (len(syntax) % 2)
    return content[:start] + struct.pack("<H", len(text)) + text + content[start + 2 + length :]


def polyglots(good: bytes) -> Iterator[bytes]:
    """DICOM and something else at once."""
    for kind in ("JPEG", "PNG", "TIFF", "GIF", "BMP"):
        other = _file(picture(), kind)
        yield other[:128].ljust(128, b"\0") + good[128:]
        yield good + other
        yield other + good
    yield b"GET / HTTP/1.1\r\n".ljust(128, b"\0") + good[128:]
    yield b"%PDF-1.4".ljust(128, b"\0") + good[128:]
    yield b"MZ".ljust(128, b"\0") + good[128:]


def hostile(n_objects: int, rng: np.random.Generator) -> Iterator[bytes]:
    """So many objects, in a fixed mixture."""
    goods = good_ones()
    fixed = [*bombs(), *polyglots(goods[LITTLE]), *shipped()]
    fixed += [swapped(content, syntax) for content in goods.values() for syntax in (*SYNTAXES, "1.2.3")]
    fixed += [content[:cut] for content in goods.values() for cut in boundaries(content)]
    yield from fixed
    sources = [*goods.values(), *shipped()]
    for k in range(max(0, n_objects - len(fixed))):
        damaged = bytearray(sources[rng.integers(len(sources))] or b"\0")
        kind = k % 4
        if kind == 0:
            yield bytes(damaged[: rng.integers(len(damaged) + 1)])
            continue
        reach = len(damaged) if kind == 1 else min(len(damaged), 3000)
        for _ in range(rng.integers(1, 25)):
            place = rng.integers(reach)
            damaged[place] = damaged[place] ^ (1 << rng.integers(8)) if kind < 3 else rng.integers(256)
        yield bytes(damaged)


def data_set_of(content: bytes) -> tuple[bytes, str]:
    """The bytes that C-STORE carries, and their transfer syntax."""
    try:
        _, start, syntax, _ = open_part10(content, max_bytes=10**9)
    except Exception:  # noqa: BLE001
        return content, LITTLE
    syntax = syntax if syntax in SYNTAXES else LITTLE
    start = open_meta(content) if content[128:132] == b"DICM" and len(content) > 144 else start
    return content[min(start, len(content)) :], syntax


def noise(rng: np.random.Generator, n: int) -> Iterator[bytes]:
    """Bytes at the door: random ones, half PDUs, PDUs with lengths that lie, other protocols."""
    for k in range(n):
        kind, size = int(rng.integers(0, 9)), int(rng.integers(0, 2000))
        body = rng.integers(0, 256, size).astype(np.uint8).tobytes()
        yield (
            body,
            struct.pack(">BBL", kind, 0, size) + body,
            struct.pack(">BBL", kind, 0, 0xFFFFFFFF) + body,
            struct.pack(">BBL", 1, 0, size + 68) + b"\0\1\0\0" + b"LENTIGO         " + b"X" * 16 + body,
            b"POST /v1/predict HTTP/1.1\r\nHost: a\r\n\r\n" + body,
        )[k % 5]
