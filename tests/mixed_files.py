"""Thirty kinds of files of a clinic's folder, by the end of their names; some are damaged, all are harmless."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

N_PICTURES = 20  # of the thirty kinds, by name or by content


def encoded(form: str, *, seed: int = 0, side: int = 64) -> bytes:
    """Return a picture that a decoder reads, of its own for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC).save(stream, form)
    return stream.getvalue()


def kinds() -> dict[str, Callable[[int], bytes]]:
    """Return the makers of the thirty kinds: from a number to a file's bytes."""

    def of(form: str) -> Callable[[int], bytes]:
        return lambda n: encoded(form, seed=n)

    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
    return {
        ".jpg": of("JPEG"), ".JPG": of("JPEG"), ".jpeg": of("JPEG"), ".jpe": of("JPEG"), ".jfif": of("JPEG"),
        ".mpo": of("JPEG"), "": of("JPEG"), ".1": of("PNG"), ".png": of("PNG"), ".gif": of("GIF"), ".bmp": of("BMP"),
        ".tif": of("TIFF"), ".webp": of("WEBP"), ".avif": of("AVIF"), ".HEIC": lambda _: heic,
        ".cut.jpg": lambda n: encoded("JPEG", seed=n)[:200], ".empty.jpg": lambda _: b"",
        ".text.png": lambda _: b"not a picture", ".dcm": lambda _: bytes(128) + b"DICM",
        ".tiff": lambda n: encoded("TIFF", seed=n)[:20],
        ".bin": lambda n: bytes([0, 1, 2, n % 8]), ".txt": lambda _: b"notes\n", ".csv": lambda _: b"a,b\n1,2\n",
        ".pdf": lambda _: b"%PDF-1.4\n", ".xlsx": lambda _: b"PK\x03\x04", ".mov": lambda _: bytes(4) + b"ftypqt  ",
        ".db": lambda _: b"", ".xmp": lambda _: b"<x/>", ".psd": lambda _: b"8BPS\x00\x01", ".json": lambda _: b"{}",
    }  # fmt: skip


def make_mixed(folder: Path, n_files: int, *, seed: int = 0) -> list[Path]:
    """Make files of all kinds in turn, in class folders and up to two folders deeper; return them in sorted order."""
    makers, rng = kinds(), random.Random(seed)
    made = []
    for n in range(n_files):
        suffix = list(makers)[n % len(makers)]
        place = folder / rng.choice(["benign", "malignant"]) / rng.choice(["", "a", "a/b"])
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"file{n:04}{suffix}"
        path.write_bytes(makers[suffix](n))
        made.append(path)
    return sorted(made)
