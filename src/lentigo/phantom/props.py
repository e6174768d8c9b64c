"""What lies between the skin and the lens: millimetre scale, pen marks, hair, air bubbles, glare and the tube.

`add_*` draw what a phantom's view asks for; `lay_*` draw on any picture, from any generator (`lentigo.stress` does).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from lentigo.phantom.noise import FloatMap, fractal, smoothstep, stream
from lentigo.phantom.skin import draw_hairs
from lentigo.phantom.stencil import Stencil
from lentigo.phantom.truth import View

__all__ = [
    "add_bubbles",
    "add_glare",
    "add_ink",
    "add_ruler",
    "lay_hair",
    "lay_ink",
    "lay_ruler",
    "lay_tube",
    "tube_shade",
]

_OVERSAMPLING = 3
_INK = np.array([0.30, 0.18, 0.46], dtype=np.float32)
_SCALE = np.array([0.09, 0.08, 0.09], dtype=np.float32)
_HAIR = np.array([0.16, 0.11, 0.09], dtype=np.float32)


def add_ruler(image: FloatMap, view: View, *, px_per_mm: float) -> None:
    """Draw the ticks of a scale along one side of `image` (H, W, 3), in place."""
    lay_ruler(image, stream(view.seed, "ruler"), px_per_mm=px_per_mm)


def lay_ruler(image: FloatMap, rng: np.random.Generator, *, px_per_mm: float, amount: float = 1.0) -> None:
    """Draw the ticks of a scale along one side of `image` (H, W, 3), in place.

    Args:
        image: 0 to 1.
        rng: places the scale.
        px_per_mm: distance of its ticks.
        amount: factor on its length and opacity, above 1 on its ticks too; with more of it, the same scale covers all
            it did and more.
    """
    size = min(image.shape[:2])
    sheet, draw = _sheet(image)
    turn, inset = rng.uniform(0, 2 * math.pi), rng.uniform(0.37, 0.44) * size
    outward = np.array([math.cos(turn), math.sin(turn)])
    along = np.array([-outward[1], outward[0]])
    middle = _middle(image) + outward * inset * max(1.0, np.abs(outward).max() ** -0.8)
    reach = rng.uniform(0.25, 0.6) * size * amount
    bold = max(1.0, amount)
    width = max(1.0, 0.085 * px_per_mm * _OVERSAMPLING * bold)
    for tick in range(-int(reach / px_per_mm), int(reach / px_per_mm) + 1):
        foot = middle + along * tick * px_per_mm
        tip = foot + outward * px_per_mm * (1.05 if tick % 5 == 0 else 0.6) * bold
        draw.line(((foot * _OVERSAMPLING).tolist(), (tip * _OVERSAMPLING).tolist()), fill=255, width=round(width))
    _blend(image, _coverage(sheet) * np.float32(min(1.0, rng.uniform(0.6, 0.92) * amount)), _SCALE)


def add_ink(image: FloatMap, view: View, *, px_per_mm: float) -> None:
    """Draw strokes of a violet surgical pen near the border of `image` (H, W, 3), in place."""
    lay_ink(image, stream(view.seed, "ink"), px_per_mm=px_per_mm)


def lay_ink(image: FloatMap, rng: np.random.Generator, *, px_per_mm: float) -> None:
    """Draw one stroke of a violet surgical pen near the border of `image` (H, W, 3), 0 to 1, in place."""
    size, longer = min(image.shape[:2]), max(image.shape[:2])
    sheet, draw = _sheet(image)
    start, radius = rng.uniform(0, 2 * math.pi), rng.uniform(0.40, 0.54) * size
    angles = start + np.linspace(0.0, rng.uniform(0.7, 2.2), 40)
    wobble = radius * (1.0 + 0.025 * np.sin(3 * angles + rng.uniform(0, 6)) + 0.03 * rng.standard_normal())
    points = _middle(image) + np.stack([np.cos(angles), np.sin(angles)], axis=1) * wobble[:, None]
    width = rng.uniform(0.5, 0.95) * px_per_mm * _OVERSAMPLING
    draw.line((points * _OVERSAMPLING).ravel().tolist(), fill=255, width=round(width), joint="curve")
    deposit = fractal(rng, longer, cells=longer / px_per_mm / 0.16, octaves=1, gain=0.9)
    patchy = smoothstep(-2.0, 0.6, deposit + 0.6 * fractal(rng, longer, cells=6, octaves=2))
    patchy = patchy[: image.shape[0], : image.shape[1]]
    _blend(image, _coverage(sheet, blur=0.06 * px_per_mm) * patchy * np.float32(rng.uniform(0.4, 0.75)), _INK)


def lay_hair(image: FloatMap, rng: np.random.Generator, *, px_per_mm: float, n_hairs: int) -> None:
    """Draw dark hairs across `image` (H, W, 3), 0 to 1, in place: `n_hairs` on the square round it."""
    height, width = image.shape[:2]
    square = _Square(max(height, width), px_per_mm)
    stencil = Stencil(square)
    darkness = rng.uniform(0.75, 0.95)
    draw_hairs(stencil, rng, n_hairs=n_hairs, width_mm=square.pixels / px_per_mm)
    top, left = (square.pixels - height) // 2, (square.pixels - width) // 2
    coverage = stencil.coverage()[top : top + height, left : left + width]
    _blend(image, coverage * np.float32(darkness), _HAIR)


def lay_tube(image: FloatMap, *, radius: float) -> None:
    """Darken what lies outside the disc that a dermatoscope's tube leaves free, in place.

    Args:
        image: (H, W, 3), 0 to 1.
        radius: of the disc, in half widths of a square of the image's area; from 1.5 on a square has no dark corners.
    """
    height, width = image.shape[:2]
    half = math.sqrt(height * width) / 2
    y, x = ((np.arange(n, dtype=np.float32) - (n - 1) / 2) / np.float32(half) for n in (height, width))
    image *= tube_shade(np.hypot(x[None, :], y[:, None]), radius)[..., None]


def tube_shade(distance: FloatMap, radius: float) -> FloatMap:
    """Return the light left by the tube at each distance from the middle, both in half widths: 1 inside, 0.04 outside.

    Example:
        >>> tube_shade(np.array([0.5, 2.0], dtype=np.float32), 1.2).astype(float).round(2).tolist()
        [1.0, 0.04]
    """
    return np.asarray(smoothstep(radius + 0.05, radius - 0.06, distance) * 0.96 + 0.04, dtype=np.float32)


def add_bubbles(image: FloatMap, view: View, *, px_per_mm: float) -> None:
    """Draw the thin bright and dark rims of air bubbles onto `image` (size, size, 3), in place."""
    if view.n_bubbles == 0:
        return
    rng = stream(view.seed, "bubbles")
    size = len(image)
    bright, draw_bright = _sheet(image)
    dark, draw_dark = _sheet(image)
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


@dataclass(frozen=True, slots=True)
class _Square:
    pixels: int
    px_per_mm: float


def _sheet(image: FloatMap) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    height, width = image.shape[:2]
    sheet = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
    return sheet, ImageDraw.Draw(sheet)


def _middle(image: FloatMap) -> npt.NDArray[np.float64]:
    return np.array([image.shape[1] / 2, image.shape[0] / 2])


def _coverage(sheet: Image.Image, *, blur: float = 0.0) -> FloatMap:
    small = sheet.reduce(_OVERSAMPLING)
    if blur > 0:
        small = small.filter(ImageFilter.GaussianBlur(blur))
    return np.asarray(small, dtype=np.float32) * np.float32(1 / 255)


def _blend(image: FloatMap, coverage: FloatMap, colour: npt.NDArray[np.float32]) -> None:
    image += coverage[..., None] * (colour - image)
