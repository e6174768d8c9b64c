"""Answers F1 to F5 and F7, and L2 with photographs, of docs/guesses.md: files as devices and their programs write them.

    python benchmarks/guesses/guess_devices.py [f1 ...]
    python benchmarks/guesses/guess_devices.py l2 PHOTOGRAPHS.txt BUNDLE    # decisions on HEIC of two encoders

F2 needs avifenc (libavif-bin), F7 and L2 need heif-enc (libheif-examples).
"""

import io
import struct
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from asking import answer_all, versions
from photographs import apart, encoded, opencv, picture, shape, torchvision_rgb
from PIL import Image, ImageOps

warnings.simplefilter("ignore")


def with_segment(jpeg: bytes, number: int, body: bytes, *, after: int = 2) -> bytes:
    return jpeg[:after] + struct.pack(">BBH", 0xFF, number, len(body) + 2) + body + jpeg[after:]


def exif_of(orientation: int, kind: int = 3) -> bytes:
    """EXIF with one field: orientation as SHORT (3), LONG (4) or BYTE (1)."""
    value = {
        1: struct.pack("<B3x", orientation),
        3: struct.pack("<Hxx", orientation),
        4: struct.pack("<L", orientation),
    }
    field = struct.pack("<HHL", 0x0112, kind, 1) + value[kind]
    return b"Exif\0\0II*\0" + struct.pack("<L", 8) + struct.pack("<H", 1) + field + bytes(4)


def turned(jpeg: bytes) -> dict[str, str]:
    """How each reader shows a picture that is stored 64 high and 96 wide."""
    import pyvips

    from lentigo.images import open_image

    return {
        "Pillow": shape(lambda: np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(jpeg))))),
        "lentigo": shape(lambda: np.asarray(open_image(jpeg))),
        "OpenCV": shape(lambda: opencv(jpeg)),
        "libvips autorot": shape(lambda: pyvips.Image.new_from_buffer(jpeg, "").autorot().numpy()),
    }


def gain_map_jpeg() -> bytes:
    """A base picture and a gain map behind it, named by an MPF index and by ISO 21496-1's segments, not by XMP."""
    base, gain = encoded(picture(96, 64), quality=95), encoded(picture(48, 32) // 4, quality=80)
    urn = b"urn:iso:std:iso:ts:21496:-1\0"
    gain = with_segment(gain, 0xE2, urn + struct.pack(">HH", 0, 0) + bytes(57))
    base = with_segment(base, 0xE2, urn + struct.pack(">HH", 0, 0))
    # MPF: header, then an IFD of version, number of pictures and their entries (attribute, size, offset, dependants)
    size = len(base) + 4 + 4 + 8 + 2 + 3 * 12 + 4 + 32
    entries = struct.pack(">LLLHH", 0x030000, size, 0, 0, 0) + struct.pack(">LLLHH", 0, len(gain), size - 10, 0, 0)
    ifd = struct.pack(">H", 3) + struct.pack(">HHL4s", 0xB000, 7, 4, b"0100") + struct.pack(">HHLL", 0xB001, 4, 1, 2)
    ifd += struct.pack(">HHLL", 0xB002, 7, 32, 8 + 2 + 3 * 12 + 4) + bytes(4)
    return with_segment(base, 0xE2, b"MPF\0" + b"MM\0*" + struct.pack(">L", 8) + ifd + entries) + gain


def f1() -> object:
    from lentigo.images import open_image

    data, base = gain_map_jpeg(), encoded(picture(96, 64), quality=95)
    opened = Image.open(io.BytesIO(data))
    ways = {"lentigo": lambda x: np.asarray(open_image(x)), "OpenCV": opencv, "torchvision": torchvision_rgb}
    same = {name: bool(np.array_equal(read(data), read(base))) for name, read in ways.items()}
    return opened.format, getattr(opened, "n_frames", 1), "the base picture:", same


def f2() -> object:
    from lentigo.images import open_image

    pixels = picture()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        Image.fromarray(pixels).save(where / "a.png")
        found = {}
        for depth in ("8", "10"):
            quality = ["-d", depth, "-y", "444", "--min", "0", "--max", "0", "-s", "8"]
            command = ["avifenc", *quality, "a.png", f"{depth}.avif"]
            subprocess.run(command, cwd=where, check=True, capture_output=True)
            found[depth] = np.asarray(open_image(where / f"{depth}.avif"))
    return {name: apart(read, pixels) for name, read in found.items()}, "10 against 8: " + apart(
        found["10"], found["8"]
    )


def f3() -> object:
    jpeg = encoded(picture(96, 64))
    kinds = {"SHORT": 3, "LONG": 4, "BYTE": 1}
    return {name: turned(with_segment(jpeg, 0xE1, exif_of(6, kind))) for name, kind in kinds.items()}


def f4() -> object:
    jpeg = encoded(picture(96, 64))
    found = {}
    for first, second in ((6, 1), (1, 6)):
        data = with_segment(with_segment(jpeg, 0xE1, exif_of(second)), 0xE1, exif_of(first))
        found[f"{first}, then {second}"] = turned(data)
    return found


def f5() -> object:
    jpeg = encoded(picture(96, 64))
    return {number: turned(with_segment(jpeg, 0xE1, exif_of(number))) for number in (0, 9)}


def f7() -> object:
    import pillow_heif
    from guess_heic import by_pillow_heif, heif_enc

    from lentigo.images import DISPLAY_P3, matrix_profile

    profile = matrix_profile(DISPLAY_P3)
    jpeg = encoded(picture(), icc_profile=profile)
    opened = Image.open(io.BytesIO(jpeg))
    opened.load()
    files = {"heif-enc": heif_enc(jpeg), "pillow-heif": by_pillow_heif(opened)}
    read = {name: Image.open(io.BytesIO(data)).info for name, data in files.items()}
    return pillow_heif.__version__, {name: info.get("icc_profile") == profile for name, info in read.items()}


def l2(photographs: str, bundle: str) -> object:
    from guess_heic import by_pillow_heif, heif_enc

    from lentigo.model import open_model

    model = open_model(bundle, threads=1)
    paths = Path(photographs).read_text().split()
    jpegs = [Path(path).read_bytes() for path in paths]
    as_they_are = list(model.predict(jpegs))
    ways = {
        "heif-enc": [heif_enc(jpeg) for jpeg in jpegs],
        "pillow-heif": [by_pillow_heif(Image.open(io.BytesIO(jpeg)).convert("RGB")) for jpeg in jpegs],
        "JPEG again, quality 90": [encoded(np.asarray(Image.open(io.BytesIO(jpeg))), quality=90) for jpeg in jpegs],
    }
    found = {}
    for name, files in ways.items():
        pairs = list(zip(as_they_are, model.predict(files), strict=True))
        gaps = [abs(a.malignant - b.malignant) for a, b in pairs]
        changed = sum(a.decision != b.decision for a, b in pairs)
        crossed = sum((a.malignant >= a.threshold) != (b.malignant >= b.threshold) for a, b in pairs)
        found[name] = (
            f"{changed} of {len(pairs)} decisions, {crossed} cross the threshold, "
            f"probability {np.mean(gaps):.3f} ({max(gaps):.3f}) apart"
        )
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["l2"]:
        print(versions("pillow pillow-heif onnxruntime"))
        print("L2", l2(*sys.argv[2:4]))
    else:
        answer_all(globals(), "f", "pillow pillow-heif opencv-python-headless pyvips torchvision")
