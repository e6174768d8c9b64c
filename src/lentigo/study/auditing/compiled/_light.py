"""Field, exposure, colour and corners of a picture in one look at each pixel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.compiling import part
from lentigo.study.auditing.compiled._order import value_at

Array = NDArray[Any]


@part
def median_level(grey: Array, step: int) -> float:
    """Return the median of every `step`th pixel of every `step`th row."""
    counts, n = np.zeros(256, dtype=np.int64), 0
    for y in range(0, grey.shape[0], step):
        for x in range(0, grey.shape[1], step):
            counts[grey[y, x]] += 1
            n += 1
    return (value_at(counts, (n - 1) // 2) + value_at(counts, n // 2)) / 2


@part
def corner_level(grey: Array, legs: int, down: int, right: int) -> float:
    """Return the median of the triangle in one corner, upper or lower (`down`), left or `right`."""
    counts, n = np.zeros(256, dtype=np.int64), 0
    height, width = grey.shape
    for i in range(legs):
        y = height - 1 - i if down else i
        for j in range(legs - i):
            x = width - 1 - j if right else j
            counts[grey[y, x]] += 1
            n += 1
    return (value_at(counts, (n - 1) // 2) + value_at(counts, n // 2)) / 2


@part
def _flood(grey: Array, limit: float, least: float, surround: Array) -> int:
    """Return how many dark regions touch the frame on more than `least` pixels, and write 1 there."""
    height, width = grey.shape
    state = np.zeros(height * width, dtype=np.uint8)  # 1: seen
    queue = np.empty(height * width, dtype=np.int32)
    n_found = 0
    for place in range(height * width):
        y, x = place // width, place % width
        if 0 < y < height - 1 and 0 < x < width - 1:
            continue
        if state[place] or grey[y, x] >= limit:
            continue
        queue[0], state[place] = place, 1
        done, n, n_frame = 0, 1, 0
        while done < n:
            y, x = queue[done] // width, queue[done] % width
            done += 1
            n_frame += (y == 0) + (y == height - 1) + (x == 0) + (x == width - 1)
            for side in range(4):
                v, u = y + (side == 0) - (side == 1), x + (side == 2) - (side == 3)
                if v < 0 or u < 0 or v >= height or u >= width:
                    continue
                if state[v * width + u] == 0 and grey[v, u] < limit:
                    state[v * width + u] = 1
                    queue[n] = v * width + u
                    n += 1
        if n_frame > least:
            n_found += 1
            for i in range(n):
                surround[queue[i] // width, queue[i] % width] = 1
    return n_found


@part
def _spread(mask: Array, reach: int) -> None:
    """Widen a mask by `reach` pixels to each side, in place."""
    height, width = mask.shape
    wide = np.empty((height, width), dtype=np.uint8)
    for y in range(height):
        for x in range(width):
            wide[y, x] = mask[y, x]
        for off in range(1, reach + 1):
            for x in range(width - off):
                wide[y, x] |= mask[y, x + off]
                wide[y, x + off] |= mask[y, x]
    for y in range(height):
        for x in range(width):
            mask[y, x] = wide[y, x]
    for off in range(1, reach + 1):
        for y in range(height - off):
            for x in range(width):
                mask[y, x] |= wide[y + off, x]
                mask[y + off, x] |= wide[y, x]


@part
def find_field(grey: Array, limit: float, least: float, reach: int, field: Array) -> int:
    """Return on how many pixels the picture shows something; `field` is 1 there, 0 in its dark surround.

    Args:
        grey: (H, W).
        limit: what is darker may be surround.
        least: pixels along the frame that a surround exceeds.
        reach: pixels to each side by which it is widened.
        field: (H, W).
    """
    height, width = grey.shape
    is_dark = False
    for y in range(height):
        for x in range(width):
            field[y, x] = 1
    for x in range(width):
        is_dark |= (grey[0, x] < limit) | (grey[height - 1, x] < limit)
    for y in range(height):
        is_dark |= (grey[y, 0] < limit) | (grey[y, width - 1] < limit)
    if not is_dark:
        return field.size
    surround = np.zeros((height, width), dtype=np.uint8)
    if not _flood(grey, limit, least, surround):
        return field.size
    _spread(surround, reach)
    n_field = 0
    for y in range(height):
        for x in range(width):
            field[y, x] = 1 - surround[y, x]
            n_field += field[y, x]
    return n_field


@part
def shrunk(field: Array, reach: int) -> Array:
    """Return the mask without what lies within `reach` pixels of its zeros."""
    height, width = field.shape
    inner = np.empty((height, width), dtype=np.uint8)
    for y in range(height):
        for x in range(width):
            inner[y, x] = not field[y, x]
    _spread(inner, reach)
    for y in range(height):
        for x in range(width):
            inner[y, x] = not inner[y, x]
    return inner


@part
def tally(rgb: Array, grey: Array, field: Array, ends: int, bright: float, vivid: float) -> tuple[int, int, int]:
    """Return three numbers of the field: brightness at a quantile, colourfulness at a quantile, clipped pixels.

    Args:
        rgb: (H, W, 3).
        grey: (H, W).
        field: 1 where it counts.
        ends: level from which a channel is clipped.
        bright: quantile of the brightness.
        vivid: quantile of the difference between channels.
    """
    height, width = grey.shape
    levels, spreads = np.zeros(256, dtype=np.int64), np.zeros(256, dtype=np.int64)
    n, n_clipped = 0, 0
    for y in range(height):
        for x in range(width):
            if field[y, x]:
                red, green, blue = rgb[y, x, 0], rgb[y, x, 1], rgb[y, x, 2]
                levels[grey[y, x]] += 1
                spreads[max(red, green, blue) - min(red, green, blue)] += 1
                n_clipped += (red >= ends) + (green >= ends) + (blue >= ends) >= 2
                n += 1
    return value_at(levels, min(n - 1, int(bright * n))), value_at(spreads, min(n - 1, int(vivid * n))), n_clipped
