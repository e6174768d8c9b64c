"""Thousands of damaged and hostile DICOM objects: `python benchmarks/hostile_dicom.py [--seed 0] [--objects 3000]`.

Through `open_image` and, over the network, through a running receiver. What must hold: nothing but an `ImageError` or a
picture; the receiver answers each object, or closes its connection, and lives on; memory comes back to its level; the
next good object is right. Prints one line a part and ends with 1 where something did not hold.
"""

import argparse
import collections
import gc
import io
import json
import logging
import os
import socket
import struct
import sys
import tempfile
import time
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate

from lentigo.bundle import Bundle
from lentigo.dicom import Model, ReceiverSettings, asker, serve
from lentigo.errors import ImageError
from lentigo.images import open_image
from lentigo.images.dicom import SYNTAXES
from lentigo.images.dicom.elements import Elements
from lentigo.images.dicom.opening import open_part10

LITTLE, JPEG, J2K, JLS, RLE, DEFLATED = (
    f"1.2.840.10008.1.2.{end}" for end in ("1", "4.50", "4.90", "4.80", "5", "1.99")
)
BUNDLE = Path(__file__).parents[1] / "tests" / "fixtures" / "bundle-v1"
UNDEFINED = 0xFFFFFFFF


def picture(side: int = 64) -> np.ndarray:
    """A dark blob on skin."""
    down, across = np.mgrid[:side, :side] / side - 0.5
    blob = np.exp(-((down**2 + across**2) * 30))[..., None]
    return (np.array([225, 180, 150]) * (1 - blob) + np.array([90, 50, 40]) * blob).astype(np.uint8)


def make(pixels: np.ndarray, syntax: str = LITTLE, frame: bytes | None = None, **attributes: object) -> bytes:
    """A dermoscopic photograph."""
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.7", "1.2.3.4.5.6"
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
    data.file_meta.MediaStorageSOPClassUID, data.file_meta.MediaStorageSOPInstanceUID = data.SOPClassUID, "1.2.3.4.5.6"
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data, enforce_file_format=True)
    return stream.getvalue()


def encoded(pixels: np.ndarray, kind: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **({"no_jp2": True} if kind == "JPEG2000" else {}))
    return stream.getvalue()


def good_ones() -> dict[str, bytes]:
    """Intact objects in several transfer syntaxes."""
    import jpeg_ls

    pixels = picture()
    frames = {JPEG: encoded(pixels, "JPEG"), J2K: encoded(pixels, "JPEG2000")}
    frames[JLS] = bytes(jpeg_ls.encode_array(pixels, interleave_mode=2))
    made = {syntax: make(pixels, syntax, frame, PhotometricInterpretation="RGB") for syntax, frame in frames.items()}
    for syntax in (LITTLE, "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", DEFLATED):
        made[syntax] = make(pixels, syntax)
    data = pydicom.dcmread(io.BytesIO(made[LITTLE]))
    data.compress(RLE)
    stream = io.BytesIO()
    data.save_as(stream)
    return {**made, RLE: stream.getvalue()}


def shipped() -> list[bytes]:
    """The files in pydicom's own wheel."""
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


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
            yield make(picture(), syntax, encoded(large, kind))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    deflated = make(picture(), DEFLATED)
    yield deflated[: open_meta(deflated)] + bomb
    run = b"\x81\x00" * 1_000_000
    yield make(picture(), RLE, struct.pack("<16L", 3, 64, 64 + len(run), 64 + 2 * len(run), *[0] * 12) + 3 * run)
    tiles = bytearray(encoded(picture(), "JPEG2000"))
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
        other = encoded(picture(), kind)
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


def resident_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def through_open_image(n_objects: int, seed: int) -> dict[str, object]:
    """Every object through `open_image`."""
    good = make(picture())
    right = np.asarray(open_image(good))
    counts: collections.Counter[str] = collections.Counter()
    slowest, before, begin = 0.0, resident_mb(), time.monotonic()
    for content in hostile(n_objects, np.random.default_rng(seed)):
        start = time.monotonic()
        try:
            open_image(content)
            counts["picture"] += 1
        except ImageError:
            counts["ImageError"] += 1
        except Exception as error:  # noqa: BLE001 - what is looked for
            counts[f"WRONG {type(error).__name__}"] += 1
        slowest = max(slowest, time.monotonic() - start)
        if sum(counts.values()) % 200 == 0 and not np.array_equal(np.asarray(open_image(good)), right):
            counts["WRONG good picture"] += 1
    return {
        "part": "open_image",
        **counts,
        "slowest_s": round(slowest, 2),
        "seconds": round(time.monotonic() - begin, 1),
        "memory_mb": [round(before), round(resident_mb())],
    }


def data_set_of(content: bytes) -> tuple[bytes, str]:
    """The bytes that C-STORE carries, and their transfer syntax."""
    try:
        _, start, syntax, _ = open_part10(content, max_bytes=10**9)
    except Exception:  # noqa: BLE001
        return content, LITTLE
    syntax = syntax if syntax in SYNTAXES else LITTLE
    start = open_meta(content) if content[128:132] == b"DICM" and len(content) > 144 else start
    return content[min(start, len(content)) :], syntax


class Sender:
    """A client that sends whatever it is given, and connects again when it was cut off."""

    def __init__(self, port: int) -> None:
        from pynetdicom import AE

        self.port, self.entity = port, AE()
        self.entity.acse_timeout = self.entity.dimse_timeout = self.entity.network_timeout = 5
        for syntax in SYNTAXES:
            self.entity.add_requested_context("1.2.840.10008.5.1.4.1.1.77.1.7", syntax)
        self.association = self.connect()

    def connect(self) -> object:
        return self.entity.associate("127.0.0.1", self.port, ae_title="LENTIGO")

    def send(self, content: bytes) -> str:
        """Return the status of one object's C-STORE, or that the connection was closed."""
        from pynetdicom.dimse_primitives import C_STORE

        for _ in range(20):
            if self.association.is_established:
                break
            time.sleep(0.1)
            self.association = self.connect()
        data, syntax = data_set_of(content)
        wanted = [c for c in self.association.accepted_contexts if c.transfer_syntax[0] == syntax]
        if not wanted:
            return "WRONG no association"
        request = C_STORE()
        request.MessageID, request.Priority = 1, 2
        request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = wanted[0].abstract_syntax, "1.2.3.4.5.6"
        request.DataSet = io.BytesIO(data or b"\0")
        self.association._reactor_checkpoint.clear()  # as its own send_c_store does, which wants a data set
        while not self.association._is_paused:
            time.sleep(0.001)
        self.association.dimse.send_msg(request, wanted[0].context_id)
        _, answer = self.association.dimse.get_msg(block=True)
        self.association._reactor_checkpoint.set()
        if answer is None:
            self.association.abort()
            return "closed"
        return f"0x{answer.Status:04X}"


def through_receiver(n_objects: int, seed: int) -> dict[str, object]:
    """Every object through C-STORE, its data set as it stands; and bytes that are no DICOM at all."""
    bundle = Bundle.load(BUNDLE, threads=1)
    counts: collections.Counter[str] = collections.Counter()
    good = make(picture())

    def check_good(what: str) -> None:
        if sender.send(good) != "0x0000":
            counts[f"WRONG {what}"] += 1

    begin, slowest = time.monotonic(), 0.0
    with tempfile.TemporaryDirectory() as folder:
        settings = ReceiverSettings(port=0, folder=Path(folder), timeout_s=10, max_object_bytes=20_000_000)
        receiver = serve(settings, asker(bundle), Model.of(bundle))
        sender = Sender(receiver.port)
        check_good("first object")
        before = resident_mb()
        for number, content in enumerate(hostile(n_objects, np.random.default_rng(seed + 1))):
            start = time.monotonic()
            counts[sender.send(content)] += 1
            slowest = max(slowest, time.monotonic() - start)
            if number % 200 == 199:
                check_good("good object")
        sender.association.release()
        for content in noise(np.random.default_rng(seed + 2), 300):
            counts["noise"] += knock(receiver.port, content)
        sender.association = sender.connect()
        check_good("not alive")
        sender.association.release()
        after = resident_mb()
        receiver.stop()
    return {
        "part": "C-STORE",
        **counts,
        "slowest_s": round(slowest, 2),
        "seconds": round(time.monotonic() - begin, 1),
        "memory_mb": [round(before), round(after)],
    }


def knock(port: int, content: bytes) -> int:
    """Send bytes to the port, read what comes back to the end; return 1."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        try:
            peer.sendall(content)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65536):
                pass
        except OSError:
            pass
    return 1


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--objects", type=int, default=3000)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    failed = False
    for part in (through_open_image, through_receiver):
        result = part(chosen.objects, chosen.seed)
        print(json.dumps(result), flush=True)
        failed |= any("WRONG" in key for key in result)
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
