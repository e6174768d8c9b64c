"""Skin, ink, and the numbers of ring and corners."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.compiling import loop, part
from lentigo.study.auditing.compiled._order import select
from lentigo.study.auditing.compiled._types import INT, MAP, MASK, REAL, RGB, TABLE, TYPES

Array = NDArray[Any]


@part
def _otsu(level: Array) -> int:
    """Return the brightness that separates the values into the two most compact classes (Otsu, 1979)."""
    counts = np.zeros(256)
    for i in range(level.size):
        counts[int(level[i])] += 1
    total, whole = 0.0, 0.0
    for value in range(256):
        total += counts[value]
        whole += counts[value] * value
    below, mass, best, found = 0.0, 0.0, -1.0, -1
    for value in range(255):
        below += counts[value]
        mass += counts[value] * value
        if below > 0 and total - below > 0:
            off = whole * below / total - mass
            between = off * off / max(below * (total - below), 1.0)
            if between > best:
                best, found = between, value
    return found + 1


@part
def _quantile(values: Array, share: float) -> float:
    """Return the value that `share` of the values lie below, between the two that are nearest."""
    place = (len(values) - 1) * share
    below = int(place)
    low: Any = np.float32(select(values, below))
    high: Any = low if below + 1 == len(values) else values[below + 1]
    for i in range(below + 1, len(values)):
        high = min(high, values[i])
    part, step = place - below, high - low
    found: float = low + step * part if part < 0.5 else high - step * (1 - part)
    return found


@part
def _bright_levels(
    blocks: Array, level: Array, field: Array, glare: int, step: int, low: float, high: float
) -> tuple[int, float, float]:
    """Return how many blocks can be used, and two quantiles of the brighter class; the others become -1."""
    usable, n = np.empty(level.size, dtype=np.float32), 0
    height, width = field.shape
    for y in range(level.shape[0]):
        v = min(y * step + step // 2, height - 1)
        for x in range(level.shape[1]):
            red, green, blue = blocks[y, x, 0], blocks[y, x, 1], blocks[y, x, 2]
            n_glaring = int(red > glare) + int(green > glare) + int(blue > glare)
            if n_glaring < 2 and field[v, min(x * step + step // 2, width - 1)]:
                usable[n] = level[y, x]
                n += 1
            else:
                level[y, x] = -1
    if n == 0:
        return 0, 0.0, 0.0
    threshold = _otsu(usable[:n])
    found, n_bright = np.empty(n, dtype=np.float32), 0
    for i in range(n):
        if usable[i] >= threshold:
            found[n_bright] = usable[i]
            n_bright += 1
    for y in range(level.shape[0]):
        for x in range(level.shape[1]):
            if level[y, x] < threshold:
                level[y, x] = -1
    return n, _quantile(found[:n_bright], low), _quantile(found[:n_bright], high)


@loop(TYPES.Tuple((INT, TABLE))(RGB, MAP, MASK, INT, INT, REAL, REAL))
def skin_sums(
    blocks: Array, level: Array, field: Array, glare: int, step: int, low: float, high: float
) -> tuple[int, Array]:
    """Return how many blocks can be used, and number, red, green and blue of the skin's in each quarter, (4, 4).

    Args:
        blocks: mean colours, (h, w, 3).
        level: their brightness, (h, w); overwritten.
        field: 1 where the picture counts, (H, W).
        glare: level of two channels from which a block shows a lamp.
        step: pixels of a block's side.
        low: share of the brighter blocks below the skin.
        high: share below its end.
    """
    n_usable, low, high = _bright_levels(blocks, level, field, glare, step, low, high)
    height, width = level.shape
    sums = np.zeros((4, 4))
    for y in range(height):
        for x in range(width):
            if level[y, x] >= 0 and level[y, x] >= low and level[y, x] <= high:
                row = sums[2 * (y >= height // 2) + (x >= width // 2)]
                row[0] += 1
                for channel in range(3):
                    row[channel + 1] += blocks[y, x, channel]
    return n_usable, sums
