"""What lies between the skin and the lens: millimetre scale, pen marks, air bubbles and glare."""

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from lentigo.phantom.noise import FloatMap, fractal, smoothstep, stream
from lentigo.phantom.truth import View

__all__ = ["add_bubbles", "add_glare", "add_ink", "add_ruler"]

_OVERSAMPLING = 3
_INK = np.array([0.30, 0.18, 0.46], dtype=np.float32)
_SCALE = np.array([0.09, 0.08, 0.09], dtype=np.float32)


def add_ruler(image: FloatMap, view: View, *, px_per_mm: float) -> None:
    """Draw the ticks of a scale along one side of `image` (size, size, 3), in place."""
    rng = stream(view.seed, "ruler")
    size = len(image)
    sheet, draw = _sheet(size)
    turn, inset = rng.uniform(0, 2 * math.pi), rng.uniform(0.37, 0.44) * size
    outward = np.array([math.cos(turn), math.sin(turn)])
    along = np.array([-outward[1], outward[0]])
    middle = np.array([size / 2, size / 2]) + outward * inset * max(1.0, np.abs(outward).max() ** -0.8)
    reach = rng.uniform(0.25, 0.6) * size
    width = max(1.0, 0.085 * px_per_mm * _OVERSAMPLING)
    for tick in range(-int(reach / px_per_mm), int(reach / px_per_mm) + 1):
        foot = middle + along * tick * px_per_mm
        tip = foot + outward * px_per_mm * (1.05 if tick % 5 == 0 else 0.6)
        draw.line(((foot * _OVERSAMPLING).tolist(), (tip * _OVERSAMPLING).tolist()), fill=255, width=round(width))
    _blend(image, _coverage(sheet) * np.float32(rng.uniform(0.6, 0.92)), _SCALE)


def add_ink(image: FloatMap, view: View, *, px_per_mm: float) -> None:
    """Draw strokes of a violet surgical pen near the border of `image` (size, size, 3), in place."""
    rng = stream(view.seed, "ink")
    size = len(image)
    sheet, draw = _sheet(size)
    start, radius = rng.uniform(0, 2 * math.pi), rng.uniform(0.40, 0.54) * size
    angles = start + np.linspace(0.0, rng.uniform(0.7, 2.2), 40)
    wobble = radius * (1.0 + 0.025 * np.sin(3 * angles + rng.uniform(0, 6)) + 0.03 * rng.standard_normal())
    points = size / 2 + np.stack([np.cos(angles), np.sin(angles)], axis=1) * wobble[:, None]
    width = rng.uniform(0.5, 0.95) * px_per_mm * _OVERSAMPLING
    draw.line((points * _OVERSAMPLING).ravel().tolist(), fill=255, width=round(width), joint="curve")
    deposit = fractal(rng, size, cells=size / px_per_mm / 0.16, octaves=1, gain=0.9)
    patchy = smoothstep(-2.0, 0.6, deposit + 0.6 * fractal(rng, size, cells=6, octaves=2))
    _blend(image, _coverage(sheet, blur=0.06 * px_per_mm) * patchy * np.float32(rng.uniform(0.4, 0.75)), _INK)


def add_bubbles(image: FloatMap, view: View, *, px_per_mm: float) -> None:
    """Draw the thin bright and dark rims of air bubbles onto `image` (size, size, 3), in place."""
    if view.n_bubbles == 0:
        return
    rng = stream(view.seed, "bubbles")
    size = len(image)
    bright, draw_bright = _sheet(size)
    dark, draw_dark = _sheet(size)
    line = max(2, round(0.05 * px_per_mm * _OVERSAMPLING))
    cluster = rng.uniform(0.1, 0.9, 2)
    for _ in range(view.n_bubbles):
        x, y = np.clip(cluster + rng.normal(0, 0.16, 2), 0, 1) * size * _OVERSAMPLING
        r = float(np.exp(rng.normal(-1.35, 0.45))) * px_per_mm * _OVERSAMPLING
        box, turn = (x - r, y - r, x + r, y + r), rng.uniform(0, 360)
        draw_dark.arc(box, turn, turn + 300, fill=140, width=line)
        draw_bright.arc(box, turn + 150, turn + 330, fill=255, width=line)
        draw_bright.ellipse((x - r / 4, y - r / 2, x, y - r / 4), fill=160)
    _blend(image, _coverage(dark, blur=0.4) * np.float32(0.35), _SCALE)
    _blend(image, _coverage(bright, blur=0.4) * np.float32(0.6), np.ones(3, dtype=np.float32))


def add_glare(image: FloatMap, view: View) -> None:
    """Draw reflections of the lamp in the contact gel onto `image` (size, size, 3), in place."""
    if view.glare == 0.0:
        return
    rng = stream(view.seed, "glare")
    size = len(image)
    ripple = fractal(rng, size, cells=14, octaves=5, gain=0.7)
    place = fractal(rng, size, cells=2.5, octaves=1)
    spots = smoothstep(1.5, 1.8, ripple) * smoothstep(0.6, 1.2, place)
    _blend(image, np.float32(0.9 * view.glare) * spots, np.ones(3, dtype=np.float32))


def _sheet(size: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    sheet = Image.new("L", (size * _OVERSAMPLING, size * _OVERSAMPLING))
    return sheet, ImageDraw.Draw(sheet)


def _coverage(sheet: Image.Image, *, blur: float = 0.0) -> FloatMap:
    small = sheet.reduce(_OVERSAMPLING)
    if blur > 0:
        small = small.filter(ImageFilter.GaussianBlur(blur))
    return np.asarray(small, dtype=np.float32) * np.float32(1 / 255)


def _blend(image: FloatMap, coverage: FloatMap, colour: npt.NDArray[np.float32]) -> None:
    image += coverage[..., None] * (colour - image)
