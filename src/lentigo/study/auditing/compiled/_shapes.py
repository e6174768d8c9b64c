"""Connected pixels: thin lines in eight directions, and shapes as large as characters."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.compiling import loop, part
from lentigo.study.auditing.compiled._types import GREY, INT, LEVELS, MASK, OFFSETS, PLACES, TABLE, TYPES

Array = NDArray[Any]


@part
def _root(first: Array, one: int) -> int:
    """Return the first member of the group of a pixel, as far as it is known."""
    while first[one] != one:
        first[one] = first[first[one]]
        one = first[one]
    return one


@part
def _join(first: Array, one: int, other: int) -> None:
    """Make two groups one."""
    a, b = _root(first, one), _root(first, other)
    first[max(a, b)] = min(a, b)


@part
def _gather(mask: Array, width: int, n: int, x: Array, y: Array, first: Array) -> int:
    """Return how many pixels there are after those of a mask were appended, and those that touch were joined.

    Args:
        mask: (H, W rounded up to a multiple of eight), so that eight empty pixels are passed over at once.
        width: W.
        n: pixels in the arrays.
        x: column of each pixel, appended to.
        y: its row.
        first: the first member of its group, as far as it is known.
    """
    height, n_eights = mask.shape[0], mask.shape[1] // 8
    eights = mask.reshape(mask.size).view(np.uint64)
    above, above_end = n, n  # pixels of the row above
    for row in range(height):
        start, above_at = n, above
        for k in range(n_eights):
            if eights[row * n_eights + k] == 0:
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


@part
def _lines(
    grey: Array, field: Array, across: Array, along: Array, most: int, least: int, valley: Array, mask: Array
) -> None:
    """Write to `mask` where a picture is darker than both sides of a line in one direction.

    Views of rows and sixteen bits throughout let the compiler take 16 or 32 pixels at a time.

    Args:
        grey: padded by three pixels, (H + 6, W + 6).
        field: 1 where it counts, (H, W).
        across: x and y to the neighbours across the line.
        along: the same along it.
        most: levels that one pixel can be darker.
        least: sum of three pixels that a line exceeds.
        valley: room for H + 2 by W + 2.
        mask: (H, W or more).
    """
    height, width = grey.shape[0] - 6, grey.shape[1] - 6
    x, y = across
    for row in range(height + 2):
        one, other = grey[row + 2 + y, 2 + x : width + 4 + x], grey[row + 2 - y, 2 - x : width + 4 - x]
        here, depth = grey[row + 2, 2 : width + 4], valley[row]
        for i in range(width + 2):
            a, b = one[i], other[i]
            below: Any = np.int16((a if a < b else b) - here[i])
            below = most if below > most else below
            depth[i] = -most if below < -most else below
    x, y = along
    for row in range(height):
        one, other = valley[row + 1 + y, 1 + x : width + 1 + x], valley[row + 1 - y, 1 - x : width + 1 - x]
        here, seen, found = valley[row + 1, 1 : width + 1], field[row], mask[row]
        for i in range(width):
            found[i] = seen[i] if np.int16(one[i] + other[i] + here[i]) > least else np.uint8(0)


@part
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


@loop(TYPES.Tuple((TABLE, PLACES, PLACES))(LEVELS, MASK, OFFSETS, OFFSETS, INT, INT))
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
    valley = np.empty((height + 2, width + 2), dtype=np.int16)
    size = len(across) * height * width
    x, y, first = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32)
    ends, n = np.zeros(len(across), dtype=np.int64), 0
    for k in range(len(across)):
        _lines(grey, field, across[k], along[k], most, least, valley, mask)
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


@part
def _boxes(mask: Array, width: int, size: int) -> Array:
    """Return top, bottom, left and right (S, 4) of the shapes of touching pixels, of which there are `size`."""
    if size == 0:
        return np.empty((0, 4), dtype=np.int64)
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
    return found[:n_shapes]


@loop(TYPES.UniTuple(OFFSETS, 2)(GREY, GREY, INT, INT))
def standing_out(grey: Array, background: Array, contrast: int, least: int) -> tuple[Array, Array]:
    """Return the boxes of shapes brighter, and of shapes darker, than their background; as `_boxes`.

    Args:
        grey: (H, W).
        background: (H, W).
        contrast: levels that a shape stands out by.
        least: pixels that all shapes together need; with fewer, no box is returned.
    """
    height, width = grey.shape
    brighter = np.zeros((height, (width + 7) // 8 * 8), dtype=np.uint8)
    darker = np.zeros_like(brighter)
    n_brighter: Any = 0
    n_darker: Any = 0
    for y in range(height):
        for x in range(width):
            above = np.int16(grey[y, x]) - np.int16(background[y, x])
            brighter[y, x], darker[y, x] = above > contrast, above < -contrast
            n_brighter += above > contrast
            n_darker += above < -contrast
    n_brighter, n_darker = n_brighter if n_brighter >= least else 0, n_darker if n_darker >= least else 0
    return _boxes(brighter, width, n_brighter), _boxes(darker, width, n_darker)
