"""The shape of a lesion: an organic, exactly sized outline and where its colours lie."""

import math
from dataclasses import dataclass

import numpy as np

from lentigo.images import FloatMap, fractal, smoothstep, stream
from lentigo.phantoms._pigments import Patch
from lentigo.phantoms._truth import LesionTruth


@dataclass(frozen=True, slots=True)
class Shape:
    """The outline of a lesion on a patch.

    Attributes:
        depth: (pixels, pixels), about the distance inside the outline in millimetres, negative outside.
        mask: (pixels, pixels), 1 inside and 0 outside with the lesion's own soft border.
        radius_mm: of the circle with the same area.
        centre: x, y of the middle of the area in millimetres.
    """

    depth: FloatMap
    mask: FloatMap
    radius_mm: float
    centre: tuple[float, float]


def shape_of(lesion: LesionTruth, patch: Patch) -> Shape:
    """Return the lesion's outline; the area inside it is that of a circle of `diameter_mm`."""
    rng = stream(lesion.seed, "outline")
    radius = lesion.diameter_mm / 2
    reach = _lobed_distance(lesion, patch, rng)
    fine = fractal(rng, patch.pixels, cells=patch.cells(0.9 + 0.12 * radius), octaves=4, gain=0.62)
    reach += (0.015 + 0.13 * lesion.border) * fine
    level = _level_enclosing(reach, patch, area_mm2=math.pi * radius**2)
    depth = (level - reach) * np.float32(radius / level)
    softness = fractal(rng, patch.pixels, cells=patch.cells(4.0), octaves=1)
    width = (0.75 - 0.62 * lesion.sharpness) * radius * 0.28 * np.exp(0.45 * softness) + 0.05
    mask = 1.0 / (1.0 + np.exp(np.clip(-2.2 * depth / width, -30, 30)))
    inside = depth > 0
    centre = (float(patch.x[inside].mean()), float(patch.y[inside].mean()))
    return Shape(depth=depth, mask=mask.astype(np.float32), radius_mm=radius, centre=centre)


def _lobed_distance(lesion: LesionTruth, patch: Patch, rng: np.random.Generator) -> FloatMap:
    """Return the distance from the middle of one or several merging ovals, in radii."""
    radius = lesion.diameter_mm / 2
    n_lobes = 1 + int(rng.binomial(4, 0.15 + 0.7 * lesion.asymmetry))
    bend = (0.03 + 0.16 * lesion.asymmetry) * radius
    x = patch.x + bend * fractal(rng, patch.pixels, cells=patch.cells(1.2 * radius), octaves=2)
    y = patch.y + bend * fractal(rng, patch.pixels, cells=patch.cells(1.2 * radius), octaves=2)
    total = np.zeros_like(x)
    away = rng.uniform(0, 2 * math.pi)
    for i in range(n_lobes):
        offset = 0.0 if i == 0 else rng.uniform(0.4, 1.05) * lesion.asymmetry * radius * 1.15
        direction = away + rng.normal(0, 1.3)
        size = radius * (1.0 if i == 0 else rng.uniform(0.35, 0.8))
        turn, stretch = rng.uniform(0, math.pi), math.sqrt(lesion.elongation * rng.uniform(0.95, 1.1))
        dx, dy = x - offset * math.cos(direction), y - offset * math.sin(direction)
        along = (dx * math.cos(turn) + dy * math.sin(turn)) / (size * stretch)
        across = (dy * math.cos(turn) - dx * math.sin(turn)) / (size / stretch)
        total += np.exp(-1.5 * (along * along + across * across))
    return np.sqrt(np.clip(-np.log(np.minimum(total, 0.999) + 1e-7) / 1.5, 0, None)).astype(np.float32)


def _level_enclosing(reach: FloatMap, patch: Patch, *, area_mm2: float) -> float:
    """Return the value of `reach` below which lie `area_mm2` of the patch."""
    sample = np.sort(reach[::2, ::2], axis=None)
    index = round(area_mm2 / patch.width_mm**2 * sample.size)
    return max(float(sample[min(index, sample.size - 1)]), 0.05)


def blob_region(
    shape: Shape, patch: Patch, rng: np.random.Generator, *, size: float, off_centre: float, raggedness: float = 0.45
) -> FloatMap:
    """Return a cloudy region inside the lesion, 0 to 1.

    Args:
        shape: the lesion's.
        patch: the skin it lies in.
        rng: places and shapes the region.
        size: its radius in lesion radii.
        off_centre: distance of its middle from the lesion's, in lesion radii.
        raggedness: how far noise moves its border, in its own radii.
    """
    angle = rng.uniform(0, 2 * math.pi)
    x = patch.x - shape.centre[0] - off_centre * shape.radius_mm * math.cos(angle)
    y = patch.y - shape.centre[1] - off_centre * shape.radius_mm * math.sin(angle)
    distance = np.sqrt(x * x + y * y) / (size * shape.radius_mm)
    noise = fractal(rng, patch.pixels, cells=patch.cells(0.55 * shape.radius_mm), octaves=4, gain=0.6)
    return smoothstep(1.55, 0.5, distance + raggedness * noise)
