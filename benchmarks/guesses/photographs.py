"""A picture, its files, and how each library reads them: what the questions about photographs share."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

Pixels = np.ndarray


def picture(width: int = 256, height: int = 256) -> Pixels:
    """A lesion-like picture: a dark spot on skin with fine texture, the same every time."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width]
    spot = np.exp(-(((x - 0.5 * width) / 60) ** 2 + ((y - 0.45 * height) / 45) ** 2))
    skin = np.array([215.0, 170.0, 150.0]) - spot[..., None] * np.array([120.0, 110.0, 90.0])
    return np.clip(skin + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)


def encoded(pixels: Pixels, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def pil(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def opencv(data: bytes) -> Pixels:
    import cv2

    return cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def vips(data: bytes) -> Pixels:
    import pyvips

    return pyvips.Image.new_from_buffer(data, "").numpy()


def torchvision_rgb(data: bytes) -> Pixels:
    import torch
    from torchvision.io import decode_image

    return decode_image(torch.frombuffer(bytearray(data), dtype=torch.uint8), mode="RGB").permute(1, 2, 0).numpy()


def apart(a: Pixels, b: Pixels) -> str:
    if a.shape != b.shape:
        return f"shapes {a.shape} and {b.shape}"
    gap = np.abs(a.astype(int) - b.astype(int))
    return f"at most {gap.max()}, mean {gap.mean():.3f}, {100 * (gap > 0).mean():.1f} % of samples differ"


def shape(read: Callable[[], Pixels]) -> str:
    try:
        return "x".join(map(str, read().shape[:2]))
    except Exception as error:  # noqa: BLE001 - an error is an answer here
        return f"raises {type(error).__name__}: {str(error)[:120]}"


JPEG = encoded(picture(), quality=90, subsampling="4:2:0")
