"""The skin around and under a lesion: tone, mottling, freckles, fine lines, capillaries and hair."""

import math

import numpy as np

from lentigo.images import FloatMap, Stencil, draw_hairs, fractal, honeycomb, resized, smoothstep, stream
from lentigo.phantoms._pigments import Patch, Pigments
from lentigo.phantoms._truth import LesionTruth

_MELANIN_BY_TYPE = (0.06, 0.13, 0.24, 0.46, 0.85, 1.45)  # Fitzpatrick I to VI


def skin_pigments(lesion: LesionTruth, patch: Patch) -> Pigments:
    """Return the pigments of bare skin for the lesion's skin type and sun damage."""
    rng = stream(lesion.seed, "skin")
    pigments = Pigments.none(patch.pixels)
    tone = _MELANIN_BY_TYPE[lesion.skin_type - 1] * rng.uniform(0.8, 1.25)
    flush = rng.uniform(0.06, 0.30) + 0.12 * lesion.sun_damage
    coarse = patch.pixels // 2  # what is soft is made at half the resolution
    mottling = fractal(rng, coarse, cells=patch.cells(3.0), octaves=5, gain=0.74)
    redness = fractal(rng, coarse, cells=patch.cells(5.0), octaves=4, gain=0.6)
    brown = np.float32(tone) * np.clip(1.0 + 0.19 * mottling, 0.2, None)
    brown += _freckles(rng, patch, coarse, amount=lesion.sun_damage)
    red = np.float32(flush) * np.clip(1.0 + (0.13 + 0.25 * lesion.sun_damage) * redness - 0.08 * mottling, 0.1, None)
    red += (0.14 + 0.36 * lesion.sun_damage) * _capillaries(rng, patch, coarse)
    relief = _relief(rng, patch)
    pigments.melanin += resized(brown, patch.pixels) * (1.0 + 0.20 * relief) + 0.02 * relief
    pigments.blood += resized(red, patch.pixels)
    return pigments


def _relief(rng: np.random.Generator, patch: Patch) -> FloatMap:
    """Return the fine texture of the surface, about -1 to 1: stretched cells between skin lines, and grain."""
    wobble = fractal(rng, patch.pixels, cells=patch.cells(2.0), octaves=2)
    angle, stretch = rng.uniform(0, math.pi), rng.uniform(1.0, 2.2)
    along = patch.x * math.cos(angle) + patch.y * math.sin(angle)
    across = (patch.y * math.cos(angle) - patch.x * math.sin(angle)) * stretch
    walls, _ = honeycomb(along + 0.12 * wobble, across + 0.10 * wobble, cell_mm=rng.uniform(0.38, 0.6), rng=rng)
    grain = fractal(rng, patch.pixels, cells=patch.cells(0.35), octaves=2, gain=0.8)
    lines = smoothstep(0.30, 0.02, walls) - 0.25
    return np.asarray(rng.uniform(0.15, 0.7) * lines + 0.5 * grain, dtype=np.float32)


def _freckles(rng: np.random.Generator, patch: Patch, pixels: int, *, amount: float) -> FloatMap:
    """Return faint brown blotches; many of them on skin that has seen much sun."""
    field = fractal(rng, pixels, cells=patch.cells(rng.uniform(1.4, 2.6)), octaves=4, gain=0.6)
    rare = smoothstep(2.0 - 1.7 * amount, 3.5 - 1.5 * amount, field)
    return np.asarray(rare * rng.uniform(0.15, 0.45), dtype=np.float32)


def _capillaries(rng: np.random.Generator, patch: Patch, pixels: int) -> FloatMap:
    """Return a faint, broken net of fine vessels."""
    field = fractal(rng, pixels, cells=patch.cells(2.2), octaves=4, gain=0.6)
    presence = fractal(rng, pixels, cells=patch.cells(5.0), octaves=1)
    return np.asarray(smoothstep(0.10, 0.0, np.abs(field)) * smoothstep(0.0, 1.5, presence), dtype=np.float32)


def hair_coverage(lesion: LesionTruth, patch: Patch) -> FloatMap | None:
    """Return how much of each pixel hair covers, or None on hairless skin; some skins are shaved and show stubble."""
    if lesion.n_hairs == 0:
        return None
    rng = stream(lesion.seed, "hair")
    stencil = Stencil(patch)
    draw_hairs(stencil, rng, n_hairs=lesion.n_hairs, width_mm=patch.width_mm, is_stubble=rng.random() < 0.2)
    return stencil.coverage()
