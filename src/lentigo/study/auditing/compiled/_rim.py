"""Sums, squares and differences behind the traits of a small picture."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.compiling import loop, part
from lentigo.study.auditing.compiled._order import value_at
from lentigo.study.auditing.compiled._types import COUNTS, INT, NUMBERS, OFFSETS, REAL, RGB, SQUARES

Array = NDArray[Any]


@part
def _copy(pixels: Array, top: int, bottom: int, left: int, right: int, channels: Array, n: int) -> int:
    """Return how many pixels each channel has after a rectangle's were appended to the first `n`."""
    for y in range(top, bottom):
        for x in range(left, right):
            for channel in range(3):
                channels[channel, n] = pixels[y, x, channel]
            n += 1
    return n


@part
def _square(channels: Array, sums: Array, row: int) -> None:
    """Replace levels by their squared distance from their channel's mean; write the sums of the levels."""
    n = channels.shape[1]
    for channel in range(3):
        total = 0
        for i in range(n):
            total += int(channels[channel, i])
        sums[row, channel] = total
        mean = np.float32(total) / np.float32(n)
        for i in range(n):
            off = channels[channel, i] - mean
            channels[channel, i] = off * off


@part
def _detail(pixels: Array, top: int, bottom: int, left: int, right: int) -> float:
    """Return the mean difference of green between neighbours across and down in a rectangle."""
    across: Any = 0
    down: Any = 0
    for y in range(top, bottom):
        for x in range(left, right):
            here = np.int64(pixels[y, x, 1])
            if x + 1 < right:
                across += abs(np.int64(pixels[y, x + 1, 1]) - here)
            if y + 1 < bottom:
                down += abs(np.int64(pixels[y + 1, x, 1]) - here)
    height, width = bottom - top, right - left
    mean: float = across / (height * (width - 1)) + down / ((height - 1) * width)
    return mean


@loop(REAL(RGB, INT, INT, SQUARES, SQUARES, SQUARES, OFFSETS, NUMBERS, COUNTS))
def gather(
    pixels: Array,
    rim: int,
    corner: int,
    whole: Array,
    ring: Array,
    corners: Array,
    sums: Array,
    quantiles: Array,
    of_corner: Array,
) -> float:
    """Return the detail of the ring of a square picture, and write what its other traits are made of.

    Args:
        pixels: (S, S, 3).
        rim: width of the ring.
        corner: side of the corners.
        whole: squared distances from the mean of all pixels, (3, S * S), in the order of NumPy's way.
        ring: the same of the ring.
        corners: the same of the corners.
        sums: of the levels of whole, ring and corners, (3, 3).
        quantiles: shares of the ring's pixels for each channel, (3 * Q,); replaced by the levels there.
        of_corner: sum of all levels in each corner, (4,).
    """
    side = pixels.shape[0]
    _copy(pixels, 0, side, 0, side, whole, 0)
    n = _copy(pixels, 0, rim, 0, side, ring, 0)
    n = _copy(pixels, side - rim, side, 0, side, ring, n)
    n = _copy(pixels, rim, side - rim, 0, rim, ring, n)
    n = _copy(pixels, rim, side - rim, side - rim, side, ring, n)
    n_shares = quantiles.size // 3
    for channel in range(3):
        counts = np.zeros(256, dtype=np.int64)
        for i in range(n):
            counts[int(ring[channel, i])] += 1
        for q in range(n_shares):
            k = channel * n_shares + q
            quantiles[k] = value_at(counts, int(quantiles[k] * n))
    n = 0
    for k in range(4):
        top, left = (side - corner) * (k // 2), (side - corner) * (k % 2)
        start, n = n, _copy(pixels, top, top + corner, left, left + corner, corners, n)
        total = 0
        for channel in range(3):
            for i in range(start, n):
                total += int(corners[channel, i])
        of_corner[k] = total
    _square(whole, sums, 0)
    _square(ring, sums, 1)
    _square(corners, sums, 2)
    far = side - rim
    detail = _detail(pixels, 0, rim, 0, side) + _detail(pixels, far, side, 0, side)
    return (detail + _detail(pixels, rim, far, 0, rim) + _detail(pixels, rim, far, far, side)) / 4
