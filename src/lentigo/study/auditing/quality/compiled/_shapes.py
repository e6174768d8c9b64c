"""Connected pixels: thin lines in eight directions, and shapes as large as characters."""

from typing import Any

import numpy as np
from numba.types import Tuple, UniTuple
from numpy.typing import NDArray

from lentigo.compiling import loop
from lentigo.study.auditing.quality.compiled._types import COUNTS, GREY, INT, MASK, OFFSETS, PLACES, TABLE

Array = NDArray[Any]


@loop(INT(PLACES, INT))
def _root(first: Array, one: int) -> int:
    """Return the first member of the group of a pixel, as far as it is known."""
    while first[one] != one:
        first[one] = first[first[one]]
        one = first[one]
    return one


@loop((PLACES, INT, INT))
def _join(first: Array, one: int, other: int) -> None:
    """Make two groups one."""
    a, b = _root(first, one), _root(first, other)
    first[max(a, b)] = min(a, b)


@loop(INT(MASK, INT, INT, PLACES, PLACES, PLACES))
def _gather(mask: Array, width: int, n: int, x: Array, y: Array, first: Array) -> int:
    """Append the pixels of a mask to `n` others, and join those that touch, also over corners; return their number.

    Args:
        mask: (H, W rounded up to a multiple of eight), so that eight empty pixels are passed over at once.
        width: W.
        n: pixels in the arrays.
        x: column of each pixel, appended to.
        y: its row.
        first: the first member of its group, as far as it is known.
    """
    height = mask.shape[0]
    above, above_end = n, n  # pixels of the row above
    for row in range(height):
        eight = mask[row].view(np.uint64)
        start, above_at = n, above
        for k in range(eight.size):
            if eight[k] == 0:
                continue
            for column in range(8 * k, min(8 * k + 8, width)):
                if mask[row, column] == 0:
                    continue
                x[n], y[n], first[n] = column, row, n
                if n > start and x[n - 1] == column - 1:
                    _join(first, n, n - 1)
                while above_at < above_end and x[above_at] < column - 1:
                    above_at += 1
                at = above_at
                while at < above_end and x[at] <= column + 1:
                    _join(first, n, at)
                    at += 1
                n += 1
        above, above_end = start, n
    return n


@loop((GREY, INT, INT, INT, INT, INT, INT, MASK))
def _lines(grey: Array, across_x: int, across_y: int, along_x: int, along_y: int, most: int, least: int, mask: Array) -> None:
    """Write to `mask` where a picture, padded by three pixels, is darker than both sides of a line in one direction."""
    height, width = grey.shape[0] - 6, grey.shape[1] - 6
    valley = np.empty((height + 2, width + 2), dtype=np.int16)
    for y in range(height + 2):
        one, here, other = grey[y + 2 + across_y], grey[y + 2], grey[y + 2 - across_y]
        for x in range(width + 2):
            depth = np.int16(min(one[x + 2 + across_x], other[x + 2 - across_x])) - np.int16(here[x + 2])
            valley[y, x] = min(max(depth, -most), most)
    for y in range(height):
        one, here, other = valley[y + 1 + along_y], valley[y + 1], valley[y + 1 - along_y]
        for x in range(width):
            mask[y, x] = one[x + 1 + along_x] + other[x + 1 - along_x] + here[x + 1] > least


@loop(Tuple((TABLE, PLACES, PLACES))(PLACES, PLACES, PLACES, COUNTS, INT))
def _sums(x: Array, y: Array, first: Array, ends: Array, width: int) -> tuple[Array, Array, Array]:
    n, n_strokes, direction = len(x), 0, 0
    owner, pixel = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    for i in range(n):
        n_strokes += first[i] == i
    sums = np.zeros((n_strokes, 7))
    found = 0
    for i in range(n):
        while i >= ends[direction]:
            direction += 1
        if first[i] == i:
            owner[i] = found
            sums[found, 6] = direction
            found += 1
        else:
            owner[i] = owner[first[i]]  # an earlier one of its group, whose owner is known
        row = sums[owner[i]]
        row[0] += 1
        row[1] += x[i]
        row[2] += y[i]
        row[3] += x[i] * x[i]
        row[4] += y[i] * y[i]
        row[5] += x[i] * y[i]
        pixel[i] = y[i] * width + x[i]
    return sums, pixel, owner


@loop(Tuple((TABLE, PLACES, PLACES))(GREY, MASK, OFFSETS, OFFSETS, INT, INT))
def strokes(
    grey: Array, field: Array, across: Array, along: Array, most: int, least: int
) -> tuple[Array, Array, Array]:
    """Return six sums of each stroke (S, 6), and flat index and stroke of each of its pixels.

    The sums are: pixels, x, y, x * x, y * y, x * y, direction. They are whole and exact.

    Args:
        grey: padded by three pixels, (H + 6, W + 6).
        field: 1 where it counts, (H, W).
        across: (8, 2), x and y from a pixel to its two neighbours across a line.
        along: (8, 2), to those along it.
        most: levels that one pixel can be darker.
        least: sum of three pixels from which they are a line.
    """
    height, width = field.shape
    mask = np.zeros((height, (width + 7) // 8 * 8), dtype=np.uint8)
    size = len(across) * height * width
    x, y, first = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32)
    ends, n = np.zeros(len(across), dtype=np.int64), 0
    for k in range(len(across)):
        _lines(grey, across[k, 0], across[k, 1], along[k, 0], along[k, 1], most, least, mask)
        mask[:, :width] &= field
        n = _gather(mask, width, n, x, y, first)
        ends[k] = n
    return _sums(x[:n], y[:n], first[:n], ends, width)


@loop(INT(PLACES, PLACES, MASK, INT))
def covered(pixel: Array, owner: Array, wanted: Array, size: int) -> int:
    """Return how many different pixels the wanted strokes, (1, S), have."""
    seen, n = np.zeros(size, dtype=np.uint8), 0
    for i in range(len(pixel)):
        if wanted[0, owner[i]] and not seen[pixel[i]]:
            seen[pixel[i]] = 1
            n += 1
    return n


@loop(OFFSETS(MASK, INT))
def boxes(mask: Array, width: int) -> Array:
    """Return top, bottom, left and right (S, 4) of the shapes of touching pixels; as `_gather` for the mask."""
    size = 0
    for row in range(mask.shape[0]):
        for column in range(width):
            size += mask[row, column]
    x, y, first = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32)
    n = _gather(mask, width, 0, x, y, first)
    owner, n_shapes = np.empty(n, dtype=np.int32), 0
    found = np.empty((n, 4), dtype=np.int64)
    for i in range(n):
        if first[i] == i:
            owner[i] = n_shapes
            found[n_shapes, 0], found[n_shapes, 2], found[n_shapes, 3] = y[i], x[i], x[i] + 1
            n_shapes += 1
        else:
            owner[i] = owner[first[i]]
        box = found[owner[i]]
        box[1] = y[i] + 1
        box[2], box[3] = min(box[2], x[i]), max(box[3], x[i] + 1)
    return found[:n_shapes].copy()


@loop(UniTuple(INT, 2)(GREY, GREY, INT, MASK, MASK))
def apart(grey: Array, background: Array, contrast: int, brighter: Array, darker: Array) -> tuple[int, int]:
    """Write where a picture is brighter, and where darker, than its background by more than `contrast`; count both."""
    height, width = grey.shape
    n_brighter, n_darker = 0, 0
    for y in range(height):
        for x in range(width):
            above = np.int16(grey[y, x]) - np.int16(background[y, x])
            brighter[y, x] = above > contrast
            darker[y, x] = above < -contrast
            n_brighter += above > contrast
            n_darker += above < -contrast
    return n_brighter, n_darker
