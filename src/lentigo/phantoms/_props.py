"""What lies between a phantom's skin and the lens: millimetre scale, pen marks, air bubbles and glare."""

import numpy as np

from lentigo.images import (
    OVERSAMPLING,
    SCALE_COLOUR,
    FloatMap,
    blend,
    coverage_of,
    fractal,
    lay_ink,
    lay_ruler,
    new_sheet,
    smoothstep,
    stream,
)
from lentigo.phantoms._truth import View


def add_ruler(image: FloatMap, view: View, *, px_per_mm: float) -> None:
    """Draw the ticks of a scale along one side of `image` (H, W, 3), in place."""
    lay_ruler(image, stream(view.seed, "ruler"), px_per_mm=px_per_mm)


def add_ink(image: FloatMap, view: View, *, px_per_mm: float) -> None:
    """Draw strokes of a violet surgical pen near the border of `image` (H, W, 3), in place."""
    lay_ink(image, stream(view.seed, "ink"), px_per_mm=px_per_mm)


def add_bubbles(image: FloatMap, view: View, *, px_per_mm: float) -> None:
    """Draw the thin bright and dark rims of air bubbles onto `image` (size, size, 3), in place."""
    if view.n_bubbles == 0:
        return
    rng = stream(view.seed, "bubbles")
    size = len(image)
    bright, draw_bright = new_sheet(image)
    dark, draw_dark = new_sheet(image)
    line = max(2, round(0.05 * px_per_mm * OVERSAMPLING))
    cluster = rng.uniform(0.1, 0.9, 2)
    for _ in range(view.n_bubbles):
        x, y = np.clip(cluster + rng.normal(0, 0.16, 2), 0, 1) * size * OVERSAMPLING
        r = float(np.exp(rng.normal(-1.35, 0.45))) * px_per_mm * OVERSAMPLING
        box, turn = (x - r, y - r, x + r, y + r), rng.uniform(0, 360)
        draw_dark.arc(box, turn, turn + 300, fill=140, width=line)
        draw_bright.arc(box, turn + 150, turn + 330, fill=255, width=line)
        draw_bright.ellipse((x - r / 4, y - r / 2, x, y - r / 4), fill=160)
    blend(image, coverage_of(dark, blur=0.4) * np.float32(0.35), SCALE_COLOUR)
    blend(image, coverage_of(bright, blur=0.4) * np.float32(0.6), np.ones(3, dtype=np.float32))


def add_glare(image: FloatMap, view: View) -> None:
    """Draw reflections of the lamp in the contact gel onto `image` (size, size, 3), in place."""
    if view.glare == 0.0:
        return
    rng = stream(view.seed, "glare")
    size = len(image)
    ripple = fractal(rng, size, cells=14, octaves=5, gain=0.7)
    place = fractal(rng, size, cells=2.5, octaves=1)
    spots = smoothstep(1.5, 1.8, ripple) * smoothstep(0.6, 1.2, place)
    blend(image, np.float32(0.9 * view.glare) * spots, np.ones(3, dtype=np.float32))
