"""Dermatoscopic structures, each painted onto the pigments of a patch by one function.

`PAINTERS` maps every name in `STRUCTURES` to its function, so that a structure in the truth is one in the picture.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from lentigo.images import FloatMap, Stencil, curve, fractal, honeycomb, smoothstep
from lentigo.phantoms._outline import Shape, blob_region
from lentigo.phantoms._pigments import Patch, Pigments


@dataclass(frozen=True, slots=True)
class Scene:
    """The lesion that is being painted: where it lies, its shape, and the pigments added so far."""

    patch: Patch
    shape: Shape
    pigments: Pigments
    asymmetry: float


def _network(scene: Scene, rng: np.random.Generator, *, presence: FloatMap, irregularity: float) -> None:
    """Add a brown honeycomb with paler holes where `presence` allows it."""
    patch, pigments = scene.patch, scene.pigments
    cell = rng.uniform(0.27, 0.38) * (1 + 0.45 * irregularity)
    warp = np.float32((0.12 + 0.5 * irregularity) * cell)
    x = patch.x + warp * fractal(rng, patch.pixels, cells=patch.cells(2.5 * cell), octaves=2)
    y = patch.y + warp * fractal(rng, patch.pixels, cells=patch.cells(2.5 * cell), octaves=2)
    walls, _ = honeycomb(x, y, cell_mm=cell, rng=rng)
    thickness = 0.20 + 0.05 * irregularity * fractal(rng, patch.pixels, cells=patch.cells(1.2), octaves=2)
    lines = np.exp(-np.square(walls / np.clip(thickness, 0.10, 0.45)))
    uneven = fractal(rng, patch.pixels, cells=patch.cells(1.4), octaves=2)
    weight = presence * scene.shape.mask * np.clip(0.75 + 0.3 * uneven, 0.1, 1.2)
    pigments.melanin *= 1.0 - 0.28 * weight * (1.0 - lines)
    pigments.melanin += (0.55 + 0.4 * irregularity) * weight * lines


def _typical_network(scene: Scene, rng: np.random.Generator) -> None:
    edge = smoothstep(-0.15, 0.45, scene.shape.depth / scene.shape.radius_mm)
    _network(scene, rng, presence=0.25 + 0.75 * edge, irregularity=0.05)


def _atypical_network(scene: Scene, rng: np.random.Generator) -> None:
    cloud = fractal(rng, scene.patch.pixels, cells=scene.patch.cells(0.9 * scene.shape.radius_mm), octaves=2)
    _network(scene, rng, presence=smoothstep(-0.4, 0.5, cloud), irregularity=1.0)


def _positions(scene: Scene, rng: np.random.Generator, *, n: int, margin: float = 0.0) -> npt.NDArray[np.float64]:
    """Return up to `n` points (k, 2) in millimetres, at least `margin` radii inside the outline."""
    patch = scene.patch
    reach = 1.9 * scene.shape.radius_mm
    points = rng.uniform(-reach, reach, (8 * n, 2)) + np.asarray(scene.shape.centre)
    index = np.clip((points * patch.px_per_mm + patch.pixels / 2).astype(int), 0, patch.pixels - 1)
    is_inside = scene.shape.depth[index[:, 1], index[:, 0]] > margin * scene.shape.radius_mm
    return np.asarray(points[is_inside][:n])


def _apart(points: npt.NDArray[np.float64], distance: float) -> npt.NDArray[np.float64]:
    """Return the points that keep `distance` from all earlier ones."""
    kept: list[npt.NDArray[np.float64]] = []
    for point in points:
        if not kept or np.min(np.hypot(*(np.array(kept) - point).T)) >= distance:
            kept.append(point)
    return np.array(kept).reshape(-1, 2)


def _regular_globules(scene: Scene, rng: np.random.Generator) -> None:
    """Add brown globules of one size, evenly spread."""
    radius = rng.uniform(0.13, 0.17)
    stencil = Stencil(scene.patch)
    for x, y in _apart(_positions(scene, rng, n=160, margin=0.08), 3.0 * radius):
        stencil.blob(x, y, radius_mm=radius * rng.uniform(0.85, 1.1), rng=rng)
    scene.pigments.melanin += 0.7 * stencil.coverage(blur_mm=0.05)


def _irregular_dots(scene: Scene, rng: np.random.Generator) -> None:
    """Add black and brown dots and globules of all sizes, crowded on one side."""
    points = _positions(scene, rng, n=90)
    towards = rng.uniform(0, 2 * math.pi)
    side = (points - scene.shape.centre) @ np.array([math.cos(towards), math.sin(towards)]) / scene.shape.radius_mm
    stencil = Stencil(scene.patch)
    for x, y in _apart(points[side + rng.normal(0, 0.35, len(points)) > 0.1][:34], 0.3):
        stencil.blob(x, y, radius_mm=float(np.exp(rng.normal(-2.0, 0.4))), rng=rng, level=rng.uniform(0.5, 1.0))
    scene.pigments.melanin += 1.6 * stencil.coverage(blur_mm=0.05)


def _boundary(scene: Scene, angles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the outermost distance from the centre, in millimetres, at which each direction leaves the lesion."""
    patch = scene.patch
    steps = np.linspace(0.2, 2.2, 80) * scene.shape.radius_mm
    x = scene.shape.centre[0] + np.cos(angles)[:, None] * steps
    y = scene.shape.centre[1] + np.sin(angles)[:, None] * steps
    columns = np.clip((x * patch.px_per_mm + patch.pixels / 2).astype(int), 0, patch.pixels - 1)
    rows = np.clip((y * patch.px_per_mm + patch.pixels / 2).astype(int), 0, patch.pixels - 1)
    is_inside = scene.shape.depth[rows, columns] > 0
    last = np.where(is_inside.any(axis=1), is_inside.shape[1] - 1 - np.argmax(is_inside[:, ::-1], axis=1), 0)
    return np.asarray(steps[last])


def _streaks(scene: Scene, rng: np.random.Generator) -> None:
    """Add radial streaks and pseudopods along a part of the border."""
    stencil = Stencil(scene.patch)
    middle, spread = rng.uniform(0, 2 * math.pi), rng.uniform(0.7, 1.5)
    angles = middle + np.sort(rng.uniform(-spread, spread, rng.integers(18, 34)))
    centre = np.asarray(scene.shape.centre)
    for angle, border in zip(angles, _boundary(scene, angles), strict=True):
        lean = angle + rng.normal(0, 0.18)
        outward = np.array([math.cos(lean), math.sin(lean)])
        start = centre + border * np.array([math.cos(angle), math.sin(angle)]) - outward * 0.45
        end = start + outward * rng.uniform(0.35, 0.95)
        points = curve(start, (start + end) / 2 + rng.normal(0, 0.06, 2), end, n_points=8)
        width = rng.uniform(0.06, 0.15)
        stencil.stroke(points, widths_mm=width * np.linspace(1.0, 0.45, 8))
        if rng.random() < 0.4:
            stencil.disc(*end, radius_mm=0.6 * width)
    scene.pigments.melanin += 1.2 * stencil.coverage(blur_mm=0.06)


def _blue_white_veil(scene: Scene, rng: np.random.Generator) -> None:
    """Add a hazy steel-blue area."""
    veil = blob_region(scene.shape, scene.patch, rng, size=rng.uniform(0.4, 0.65), off_centre=0.5 * scene.asymmetry)
    veil *= scene.shape.mask
    scene.pigments.melanin *= 1.0 - 0.6 * veil
    scene.pigments.deep += rng.uniform(0.7, 1.1) * veil
    scene.pigments.white += 0.12 * veil


def _regression(scene: Scene, rng: np.random.Generator) -> None:
    """Add a scar-like pale area with grey pepper."""
    area = blob_region(scene.shape, scene.patch, rng, size=rng.uniform(0.35, 0.55), off_centre=0.7 * scene.asymmetry)
    area *= scene.shape.mask
    scene.pigments.melanin *= 1.0 - 0.75 * area
    scene.pigments.white += 0.15 * area
    pepper = Stencil(scene.patch)
    for x, y in _positions(scene, rng, n=120):
        pepper.disc(x, y, radius_mm=rng.uniform(0.035, 0.07), level=rng.uniform(0.4, 1.0))
    scene.pigments.deep += 0.9 * pepper.coverage() * area


def _blotch(scene: Scene, rng: np.random.Generator) -> None:
    """Add a dark area without structure, off centre in an asymmetric lesion."""
    area = blob_region(scene.shape, scene.patch, rng, size=rng.uniform(0.3, 0.5), off_centre=0.75 * scene.asymmetry)
    scene.pigments.melanin += rng.uniform(1.4, 2.4) * area * scene.shape.mask


def _milia_like_cysts(scene: Scene, rng: np.random.Generator) -> None:
    """Add small, round, yellowish-white cysts."""
    stencil = Stencil(scene.patch)
    for x, y in _apart(_positions(scene, rng, n=int(rng.integers(10, 26)), margin=0.08), 0.45):
        stencil.disc(x, y, radius_mm=rng.uniform(0.08, 0.17), level=rng.uniform(0.5, 0.9))
    cysts = stencil.coverage(blur_mm=0.05)
    scene.pigments.white += 0.5 * cysts
    scene.pigments.melanin *= 1.0 - 0.6 * cysts


def _comedo_like_openings(scene: Scene, rng: np.random.Generator) -> None:
    """Add dark, sharply bounded plugs."""
    stencil = Stencil(scene.patch)
    for x, y in _apart(_positions(scene, rng, n=int(rng.integers(6, 18)), margin=0.1), 0.5):
        stencil.blob(x, y, radius_mm=rng.uniform(0.11, 0.22), rng=rng, level=rng.uniform(0.7, 1.0))
    scene.pigments.melanin += 1.5 * stencil.coverage(blur_mm=0.05)


def _cobblestone(scene: Scene, rng: np.random.Generator) -> None:
    """Add domes with dark furrows between them, like a surface of cobblestones or a brain."""
    patch = scene.patch
    wobble = fractal(rng, patch.pixels, cells=patch.cells(1.2), octaves=2)
    walls, centres = honeycomb(patch.x + 0.2 * wobble, patch.y - 0.2 * wobble, cell_mm=rng.uniform(0.75, 1.15), rng=rng)
    depth = smoothstep(-1.3, 1.2, fractal(rng, patch.pixels, cells=patch.cells(2.0), octaves=2))
    furrows = np.exp(-np.square(walls / (0.12 + 0.14 * depth))) * depth * scene.shape.mask
    domes = smoothstep(0.55, 0.0, centres) * scene.shape.mask
    scene.pigments.melanin *= 1.0 - 0.35 * domes
    scene.pigments.melanin += 0.6 * furrows
    scene.pigments.white += 0.10 * domes


def _arborising_vessels(scene: Scene, rng: np.random.Generator) -> None:
    """Add sharp, branching, bright red vessels that run in from the border."""
    stencil = Stencil(scene.patch)
    centre, radius = np.asarray(scene.shape.centre), scene.shape.radius_mm
    for angle in rng.uniform(0, 2 * math.pi, rng.integers(3, 6)):
        start = centre + 0.95 * radius * np.array([math.cos(angle), math.sin(angle)])
        inwards = angle + math.pi + rng.normal(0, 0.45)
        _branch(stencil, rng, start, inwards, length=1.1 * radius, width=rng.uniform(0.07, 0.115), generations=3)
    scene.pigments.blood += 0.95 * stencil.coverage(blur_mm=0.04)


def _branch(
    stencil: Stencil, rng: np.random.Generator, start: npt.NDArray[np.float64], angle: float, *,
    length: float, width: float, generations: int,
) -> None:  # fmt: skip
    """Draw a wavy vessel and, from its second half, thinner ones."""
    t = np.linspace(0.0, 1.0, 14)
    sway = 0.10 * length * np.sin(2 * math.pi * (rng.uniform(0.8, 1.6) * t + rng.random())) * t
    along, across = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    points = start + t[:, None] * length * along + sway[:, None] * across
    stencil.stroke(points, widths_mm=width * (1.0 - 0.55 * t), level=0.9)
    if generations > 1:
        for at in rng.choice(np.arange(4, 14), size=int(rng.integers(2, 4)), replace=False):
            turn = angle + rng.choice([-1.0, 1.0]) * rng.uniform(0.4, 1.0)
            _branch(
                stencil, rng, points[at], turn, length=0.55 * length, width=0.68 * width, generations=generations - 1
            )


def _blue_grey_nests(scene: Scene, rng: np.random.Generator) -> None:
    """Add ovoid, blue-grey nests of several sizes."""
    stencil = Stencil(scene.patch)
    largest = 0.22 * scene.shape.radius_mm
    for x, y in _apart(_positions(scene, rng, n=int(rng.integers(6, 16)), margin=0.03), 0.35):
        stencil.blob(x, y, radius_mm=rng.uniform(0.35, 1.0) * largest, rng=rng, level=rng.uniform(0.6, 1.0))
    cloud = fractal(rng, scene.patch.pixels, cells=scene.patch.cells(0.7), octaves=3)
    nests = stencil.coverage(blur_mm=0.18) * np.clip(0.85 + 0.35 * cloud, 0.15, 1.3)
    scene.pigments.deep += 0.6 * nests
    scene.pigments.melanin += 0.2 * nests


def _ulceration(scene: Scene, rng: np.random.Generator) -> None:
    """Add an orange-red crust."""
    area = blob_region(scene.shape, scene.patch, rng, size=rng.uniform(0.16, 0.3), off_centre=0.35, raggedness=0.6)
    scene.pigments.blood += 1.3 * area
    scene.pigments.melanin += 0.9 * area


def _strawberry_pattern(scene: Scene, rng: np.random.Generator) -> None:
    """Add a red net round pale, yellowish follicles."""
    wobble = 0.12 * fractal(rng, scene.patch.pixels, cells=scene.patch.cells(0.8), octaves=2)
    walls, centres = honeycomb(scene.patch.x + wobble, scene.patch.y - wobble, cell_mm=rng.uniform(0.5, 0.75), rng=rng)
    cloud = fractal(rng, scene.patch.pixels, cells=scene.patch.cells(2.0), octaves=2)
    presence = scene.shape.mask * smoothstep(-1.2, 0.3, cloud)
    follicles = smoothstep(0.45, 0.05, centres) * presence
    scene.pigments.blood += 0.20 * smoothstep(0.8, 0.05, walls) * presence
    scene.pigments.blood *= 1.0 - 0.4 * follicles
    scene.pigments.melanin *= 1.0 - 0.3 * follicles
    scene.pigments.white += 0.10 * follicles


def _scale(scene: Scene, rng: np.random.Generator) -> None:
    """Add flaky, white-yellow scale."""
    flakes = fractal(rng, scene.patch.pixels, cells=scene.patch.cells(1.0), octaves=5, gain=0.8)
    scene.pigments.white += 0.4 * smoothstep(0.6, 2.2, flakes) * scene.shape.mask


def _central_scar(scene: Scene, rng: np.random.Generator) -> None:
    """Add a white, scar-like centre inside a fine, pale network."""
    area = blob_region(scene.shape, scene.patch, rng, size=rng.uniform(0.42, 0.6), off_centre=0.08, raggedness=0.3)
    _network(scene, rng, presence=0.5 * (1.0 - area), irregularity=0.05)
    scene.pigments.melanin *= 1.0 - 0.75 * area
    scene.pigments.white += 0.16 * area


def _lacunae(scene: Scene, rng: np.random.Generator) -> None:
    """Add well-bounded red and purple lagoons."""
    red, purple = Stencil(scene.patch), Stencil(scene.patch)
    size = rng.uniform(0.16, 0.26) * scene.shape.radius_mm
    is_purple = rng.random() < 0.4
    for x, y in _apart(_positions(scene, rng, n=160, margin=0.02), 1.15 * size):
        target = purple if rng.random() < (0.6 if is_purple else 0.1) else red
        target.blob(x, y, radius_mm=size * rng.uniform(0.6, 1.05), rng=rng, level=rng.uniform(0.7, 1.0))
    purples = purple.coverage(blur_mm=0.1)
    scene.pigments.blood += 0.8 * red.coverage(blur_mm=0.1) + 0.8 * purples
    scene.pigments.deep += 0.35 * purples


Painter = Callable[[Scene, np.random.Generator], None]

PAINTERS: Mapping[str, Painter] = MappingProxyType(
    {
        "typical_network": _typical_network,
        "atypical_network": _atypical_network,
        "regular_globules": _regular_globules,
        "irregular_dots": _irregular_dots,
        "streaks": _streaks,
        "blue_white_veil": _blue_white_veil,
        "regression": _regression,
        "blotch": _blotch,
        "milia_like_cysts": _milia_like_cysts,
        "comedo_like_openings": _comedo_like_openings,
        "cobblestone": _cobblestone,
        "arborising_vessels": _arborising_vessels,
        "blue_grey_nests": _blue_grey_nests,
        "ulceration": _ulceration,
        "strawberry_pattern": _strawberry_pattern,
        "scale": _scale,
        "central_scar": _central_scar,
        "lacunae": _lacunae,
    }
)
