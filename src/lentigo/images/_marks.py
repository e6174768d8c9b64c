"""What lies between skin and lens, drawn on any picture: hair, a millimetre scale, pen marks, the dermatoscope's tube.

Phantoms and the stress test draw with them; both count in millimetres, of which a usual field of view has fourteen.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from lentigo.images._noise import FloatMap, fractal, smoothstep
from lentigo.images._stencil import Stencil, curve

FIELD_MM = 14.0  # the width that a photograph of zoom 1 shows
OVERSAMPLING = 3  # drawn three times as large, then averaged: edges as soft as those of a photograph
SCALE_COLOUR = np.array([0.09, 0.08, 0.09], dtype=np.float32)
_INK = np.array([0.30, 0.18, 0.46], dtype=np.float32)
_HAIR = np.array([0.16, 0.11, 0.09], dtype=np.float32)


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
    sheet, draw = new_sheet(image)
    turn, inset = rng.uniform(0, 2 * math.pi), rng.uniform(0.37, 0.44) * size
    outward = np.array([math.cos(turn), math.sin(turn)])
    along = np.array([-outward[1], outward[0]])
    middle = _middle(image) + outward * inset * max(1.0, np.abs(outward).max() ** -0.8)
    reach = rng.uniform(0.25, 0.6) * size * amount
    bold = max(1.0, amount)
    width = max(1.0, 0.085 * px_per_mm * OVERSAMPLING * bold)
    for tick in range(-int(reach / px_per_mm), int(reach / px_per_mm) + 1):
        foot = middle + along * tick * px_per_mm
        tip = foot + outward * px_per_mm * (1.05 if tick % 5 == 0 else 0.6) * bold
        draw.line(((foot * OVERSAMPLING).tolist(), (tip * OVERSAMPLING).tolist()), fill=255, width=round(width))
    blend(image, coverage_of(sheet) * np.float32(min(1.0, rng.uniform(0.6, 0.92) * amount)), SCALE_COLOUR)


def lay_ink(image: FloatMap, rng: np.random.Generator, *, px_per_mm: float) -> None:
    """Draw one stroke of a violet surgical pen near the border of `image` (H, W, 3), 0 to 1, in place."""
    size, longer = min(image.shape[:2]), max(image.shape[:2])
    sheet, draw = new_sheet(image)
    start, radius = rng.uniform(0, 2 * math.pi), rng.uniform(0.40, 0.54) * size
    angles = start + np.linspace(0.0, rng.uniform(0.7, 2.2), 40)
    wobble = radius * (1.0 + 0.025 * np.sin(3 * angles + rng.uniform(0, 6)) + 0.03 * rng.standard_normal())
    points = _middle(image) + np.stack([np.cos(angles), np.sin(angles)], axis=1) * wobble[:, None]
    width = rng.uniform(0.5, 0.95) * px_per_mm * OVERSAMPLING
    draw.line((points * OVERSAMPLING).ravel().tolist(), fill=255, width=round(width), joint="curve")
    deposit = fractal(rng, longer, cells=longer / px_per_mm / 0.16, octaves=1, gain=0.9)
    patchy = smoothstep(-2.0, 0.6, deposit + 0.6 * fractal(rng, longer, cells=6, octaves=2))
    patchy = patchy[: image.shape[0], : image.shape[1]]
    blend(image, coverage_of(sheet, blur=0.06 * px_per_mm) * patchy * np.float32(rng.uniform(0.4, 0.75)), _INK)


def lay_hair(image: FloatMap, rng: np.random.Generator, *, px_per_mm: float, n_hairs: int) -> None:
    """Draw dark hairs across `image` (H, W, 3), 0 to 1, in place: `n_hairs` on the square round it."""
    height, width = image.shape[:2]
    square = _SquareCanvas(max(height, width), px_per_mm)
    stencil = Stencil(square)
    darkness = rng.uniform(0.75, 0.95)
    draw_hairs(stencil, rng, n_hairs=n_hairs, width_mm=square.pixels / px_per_mm)
    top, left = (square.pixels - height) // 2, (square.pixels - width) // 2
    coverage = stencil.coverage()[top : top + height, left : left + width]
    blend(image, coverage * np.float32(darkness), _HAIR)


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


@dataclass(frozen=True, slots=True)
class _SquareCanvas:
    pixels: int
    px_per_mm: float


def new_sheet(image: FloatMap) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return an empty sheet over `image`, too large by `OVERSAMPLING`, and what draws on it."""
    height, width = image.shape[:2]
    sheet = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
    return sheet, ImageDraw.Draw(sheet)


def _middle(image: FloatMap) -> npt.NDArray[np.float64]:
    return np.array([image.shape[1] / 2, image.shape[0] / 2])


def coverage_of(sheet: Image.Image, *, blur: float = 0.0) -> FloatMap:
    """Return what the drawing on a sheet covers, (H, W) from 0 to 1; `blur` in pixels."""
    small = sheet.reduce(OVERSAMPLING)
    if blur > 0:
        small = small.filter(ImageFilter.GaussianBlur(blur))
    return np.asarray(small, dtype=np.float32) * np.float32(1 / 255)


def blend(image: FloatMap, coverage: FloatMap, colour: npt.NDArray[np.float32]) -> None:
    """Lay a colour over `image` (H, W, 3) as far as each pixel is covered, in place."""
    image += coverage[..., None] * (colour - image)


def draw_hairs(
    stencil: Stencil, rng: np.random.Generator, *, n_hairs: int, width_mm: float, is_stubble: bool = False
) -> None:
    """Add hairs that share a direction of growth and differ in bend, length and width.

    Args:
        stencil: to draw on.
        rng: the same generator and a greater number give the same hairs and further ones.
        n_hairs: how many.
        width_mm: side of the square they grow on.
        is_stubble: whether they are shaved.
    """
    growth = rng.uniform(0, 2 * math.pi)
    half = width_mm / 2
    for _ in range(n_hairs):
        angle = growth + rng.normal(0, 0.5)
        length = rng.uniform(0.5, 1.6) if is_stubble else rng.uniform(4.0, 15.0)
        direction = np.array([math.cos(angle), math.sin(angle)])
        root = rng.uniform(-half, half, 2)
        bend = np.array([-direction[1], direction[0]]) * length * rng.normal(0, 0.05 if is_stubble else 0.3)
        points = curve(root, root + direction * length / 2 + bend, root + direction * length, n_points=24)
        width = rng.uniform(0.045, 0.095)
        taper = 1.0 - 0.75 * np.linspace(0, 1, len(points)) ** 2
        stencil.stroke(points, widths_mm=width * taper, level=rng.uniform(0.6, 1.0))
