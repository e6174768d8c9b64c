"""Answers P7 to P13 and P19 to P22 of docs/guesses.md: depth, and decoders of the same file. P20 needs cjpeg.

python benchmarks/guesses/guess_decoders.py [p7 ...]
"""

import io
import subprocess
import warnings
from typing import TYPE_CHECKING

import numpy as np
from asking import answer_all
from photographs import JPEG, Pixels, apart, encoded, opencv, picture, pil, shape, torchvision_rgb, vips
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

warnings.simplefilter("ignore")


def p7() -> object:
    import cv2

    grey = (np.arange(65536, dtype=np.uint16)).reshape(256, 256)
    data = cv2.imencode(".png", grey)[1].tobytes()
    rgb = cv2.imencode(".png", np.dstack([grey] * 3))[1].tobytes()
    found = opencv(rgb)[..., 0]
    return {
        "OpenCV RGB = v >> 8": bool((found == grey >> 8).all()),
        "OpenCV RGB = round(v / 257)": bool((found == np.round(grey / 257)).all()),
        "OpenCV grey, colour asked": bool((opencv(data)[..., 0] == grey >> 8).all()),
        "Pillow RGB = v >> 8": bool((pil(rgb)[..., 0] == grey >> 8).all()),
        "Pillow grey mode": Image.open(io.BytesIO(data)).mode,
        "Pillow grey convert RGB": np.unique(pil(data)[..., 0]).size,
        "OpenCV vs >> 8": apart(found, (grey >> 8).astype(np.uint8)),
    }


def p8() -> object:
    import cv2

    grey = (np.arange(65536, dtype=np.uint16)).reshape(256, 256)
    data = cv2.imencode(".png", grey)[1].tobytes()
    found = torchvision_rgb(data)
    return (
        found.dtype,
        found.max(),
        apart(found[..., 0], (grey >> 8).astype(np.uint8)),
        bool((found[..., 0] == grey).all()),
    )


def p9() -> object:
    import imagecodecs

    ramp = np.arange(1024, dtype=np.uint16).reshape(32, 32)
    wide = np.dstack([ramp] * 3)
    data = imagecodecs.avif_encode(wide, level=100, bitspersample=10, pixelformat="444")
    found = {
        "imagecodecs": imagecodecs.avif_decode(data),
        "Pillow": pil(data),
        "OpenCV": opencv(data),
        "libvips": vips(data),
    }
    named = {}
    for name, pixels in found.items():
        grey = pixels[..., 0].astype(int)
        rules = {
            "v": ramp,
            "v >> 2": ramp >> 2,
            "round(v / 4.012)": np.round(ramp * 255 / 1023),
            "v << 6": ramp.astype(int) << 6,
        }
        named[name] = (
            str(pixels.dtype),
            [rule for rule, want in rules.items() if (grey == want).all()] or apart(grey, ramp >> 2),
        )
    return named


def p10() -> object:
    import simplejpeg

    return {
        "defaults": apart(simplejpeg.decode_jpeg(JPEG, colorspace="RGB"), pil(JPEG)),
        "fastdct=False, fastupsample=False": apart(
            simplejpeg.decode_jpeg(JPEG, colorspace="RGB", fastdct=False, fastupsample=False), pil(JPEG)
        ),
    }


def p11() -> object:
    return apart(opencv(JPEG), pil(JPEG))


def p12() -> object:
    return apart(torchvision_rgb(JPEG), pil(JPEG))


def p13() -> object:
    import imagecodecs
    import pyvips

    return {
        "imagecodecs": apart(imagecodecs.jpeg8_decode(JPEG), pil(JPEG)),
        "libvips": apart(pyvips.Image.new_from_buffer(JPEG, "").numpy(), pil(JPEG)),
    }


def p19() -> object:
    cmyk = Image.fromarray(picture()).convert("CMYK")
    k = Image.fromarray(np.full((256, 256), 60, np.uint8))
    cmyk = Image.merge("CMYK", (*cmyk.split()[:3], k))
    out = io.BytesIO()
    cmyk.save(out, "JPEG", quality=100, subsampling=0)
    data = out.getvalue()
    found = {}
    for name, read in (("OpenCV", opencv), ("torchvision", torchvision_rgb)):
        try:
            found[name] = apart(read(data), pil(data))
        except Exception as error:  # noqa: BLE001
            found[name] = f"raises {type(error).__name__}: {str(error)[:150]}"
    return found


def p20() -> object:
    out = io.BytesIO()
    Image.fromarray(picture()).save(out, "PPM")
    data = subprocess.run(
        ["cjpeg", "-arithmetic", "-quality", "90"], input=out.getvalue(), capture_output=True, check=True
    ).stdout
    return everywhere(data)


def everywhere(data: bytes) -> object:
    import simplejpeg

    readers: dict[str, Callable[[bytes], Pixels]] = {
        "Pillow": pil,
        "OpenCV": opencv,
        "torchvision": torchvision_rgb,
        "libvips": vips,
        "simplejpeg": lambda d: simplejpeg.decode_jpeg(d, colorspace="RGB"),
    }
    return {name: shape(lambda r=read: r(data)) for name, read in readers.items()}


def p21() -> object:
    import imagecodecs

    return everywhere(imagecodecs.jpeg8_encode(picture(), lossless=True))


def p22() -> object:
    pixels = picture(64, 64)
    pixels[:8] = (255, 255, 255)
    data = encoded(pixels, "PNG", transparency=(255, 255, 255))
    return {
        "Pillow": pil(data)[0, 0].tolist(),
        "OpenCV": opencv(data)[0, 0].tolist(),
        "torchvision": torchvision_rgb(data)[0, 0].tolist(),
        "libvips": vips(data)[0, 0].tolist(),
    }


if __name__ == "__main__":
    answer_all(
        globals(), "p", "pillow opencv-python-headless torch torchvision pyvips pyvips-binary simplejpeg imagecodecs"
    )
