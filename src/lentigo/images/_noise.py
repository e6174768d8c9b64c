"""Organic randomness: fractal noise, warped honeycombs and named random streams.

Everything is laid out in millimetres and drawn from generators that belong to one purpose each, so that a lesion looks
the same at every image size and a change to one structure leaves the others as they were.
"""

import math
import zlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

FloatMap = npt.NDArray[np.float32]

_TILE_CELLS = 24
_TILE_PX = 512  # a power of two: wrapping round the tile is a bit mask


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Return the generator that belongs to `purpose` under `seed`; other purposes never disturb it.

    Example:
        >>> bool(stream(1, "hair").random() == stream(1, "hair").random())
        True
    """
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def smoothstep(low: float, high: float, values: FloatMap) -> FloatMap:
    """Return 0 up to `low`, 1 from `high` on, and a smooth rise between them (`low` > `high` falls instead).

    Example:
        >>> smoothstep(0.0, 2.0, np.array([-1.0, 1.0, 3.0], dtype=np.float32)).tolist()
        [0.0, 0.5, 1.0]
    """
    t = np.clip((values - np.float32(low)) * np.float32(1.0 / (high - low)), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


def fractal(rng: np.random.Generator, pixels: int, *, cells: float, octaves: int = 3, gain: float = 0.55) -> FloatMap:
    """Return smooth noise (pixels, pixels) of mean 0 and a standard deviation from 1 (one octave) to 0.7 (many).

    The octaves are summed on small grids while doubling them; only the last step touches every pixel.

    Args:
        rng: consumed by an amount that does not depend on `pixels`.
        pixels: side of the map.
        cells: bumps of the coarsest octave along one side.
        octaves: how many times the bumps are halved, plus one.
        gain: amplitude of an octave relative to the coarser one before it.

    Example:
        >>> fractal(stream(0, "skin"), 64, cells=4).shape
        (64, 64)
    """
    side = max(2, math.ceil(cells) + 1)
    total = rng.standard_normal((side, side), dtype=np.float32)
    variance, amplitude = 1.0, 1.0
    for _ in range(octaves - 1):
        side, amplitude = 2 * side, amplitude * gain
        total = resized(total, side) + np.float32(amplitude) * rng.standard_normal((side, side), dtype=np.float32)
        variance += amplitude**2
    scale = np.float32(1.25 / math.sqrt(variance))  # 1.25 makes up for what interpolation takes from the variance
    return resized(total, pixels) * scale


def honeycomb(x: FloatMap, y: FloatMap, *, cell_mm: float, rng: np.random.Generator) -> tuple[FloatMap, FloatMap]:
    """Return the distances to the nearest cell wall and to the cell's centre, in cells, of an irregular honeycomb.

    Args:
        x: horizontal positions in millimetres; warp them beforehand for a more organic look.
        y: vertical positions, of the same shape.
        cell_mm: mean distance between neighbouring cells.
        rng: places and turns the honeycomb.
    """
    walls, centres = _honeycomb_tile()
    angle, shift = rng.uniform(0, 2 * math.pi), rng.uniform(0, _TILE_PX, 2)
    step = _TILE_PX / _TILE_CELLS / cell_mm
    cosine, sine = np.float32(math.cos(angle) * step), np.float32(math.sin(angle) * step)
    columns = (x * cosine - y * sine + np.float32(shift[0])).astype(np.int32) & (_TILE_PX - 1)
    rows = (x * sine + y * cosine + np.float32(shift[1])).astype(np.int32) & (_TILE_PX - 1)
    index = rows * _TILE_PX + columns
    return walls.take(index), centres.take(index)


@lru_cache(maxsize=1)
def _honeycomb_tile() -> tuple[FloatMap, FloatMap]:
    """Return Worley's F2 - F1 and F1 on a tile that continues seamlessly on all sides."""
    points = stream(20, "honeycomb").uniform(0.12, 0.88, (_TILE_CELLS, _TILE_CELLS, 2)).astype(np.float32)
    position = np.arange(_TILE_PX, dtype=np.float32) * np.float32(_TILE_CELLS / _TILE_PX)
    cell = position.astype(np.intp)
    nearest = np.full((_TILE_PX, _TILE_PX), np.inf, dtype=np.float32)
    second = nearest.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            neighbour = points[np.ix_((cell + down) % _TILE_CELLS, (cell + right) % _TILE_CELLS)]
            dy = (cell + down - position)[:, None] + neighbour[..., 0]
            dx = (cell + right - position)[None, :] + neighbour[..., 1]
            distance = np.hypot(dx, dy)
            second = np.minimum(second, np.maximum(distance, nearest))
            nearest = np.minimum(distance, nearest)
    return (second - nearest).astype(np.float32), nearest.astype(np.float32)


def resized(values: FloatMap, side: int) -> FloatMap:
    """Return the map smoothly interpolated to (side, side).

    Example:
        >>> resized(np.ones((2, 2), dtype=np.float32), 3).shape
        (3, 3)
    """
    is_coarse = 2 * len(values) < side  # only there does linear interpolation show its creases
    how = Image.Resampling.BICUBIC if is_coarse else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(values).resize((side, side), how), dtype=np.float32)
