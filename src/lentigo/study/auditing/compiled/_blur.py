"""How fast the strongest edges fade, in single precision and in NumPy's order, so that the last digit is the same."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.compiling import part
from lentigo.study.auditing.compiled._order import select

Array = NDArray[Any]


@part
def _soften(values: Array, softened: Array) -> None:
    """Write the values after a 1-2-1 filter both ways."""
    height, width = values.shape
    two, share = np.float32(2), np.float32(1 / 16)
    row = np.empty(width + 2, dtype=np.float32)
    for y in range(height):
        up, middle, down = values[max(y - 1, 0)], values[y], values[min(y + 1, height - 1)]
        for x in range(width):
            row[x + 1] = two * middle[x] + up[x] + down[x]
        row[0], row[width + 1] = row[1], row[width]
        for x in range(width):
            softened[y, x] = (two * row[x + 1] + row[x] + row[x + 2]) * share


@part
def _largest(values: Array, rank: int) -> float:
    """Return the value from which `rank` others are at the top; values below zero do not count.

    From zero up, numbers are ordered as their bits are: only those that agree with the wanted one in the first 11 bits
    are sorted.
    """
    bits = values.view(np.int32)
    counts = np.zeros(2048, dtype=np.int64)
    for i in range(bits.size):
        if bits[i] >= 0:
            counts[bits[i] >> 20] += 1
    digit = 2047
    while counts[digit] <= rank:
        rank -= counts[digit]
        digit -= 1
    few = np.empty(counts[digit], dtype=np.float32)
    n = 0
    for i in range(bits.size):
        if bits[i] >> 20 == digit:
            few[n] = values[i]
            n += 1
    return select(few, n - 1 - rank)


@part
def _edge(values: Array, field: Array, share: float) -> float:
    """Return the squared gradient below which `share` of the field's inner pixels lie; 0 where there are none."""
    height, width = values.shape
    if min(height, width) < 3:
        return 0.0
    slopes = np.empty((height - 2, width - 2), dtype=np.float32)
    n = 0
    for y in range(height - 2):
        for x in range(width - 2):
            across = values[y + 1, x + 2] - values[y + 1, x]
            down = values[y + 2, x + 1] - values[y, x + 1]
            slopes[y, x] = across * across + down * down if field[y + 1, x + 1] else np.float32(-1)
            n += field[y + 1, x + 1]
    if not n:
        return 0.0
    return _largest(slopes.reshape(-1), n - 1 - min(n - 1, int(share * n)))


@part
def edges(grey: Array, field: Array, share: float) -> tuple[float, float]:
    """Return the strongest squared gradients, per two pixels, after a little softening and, at half the size, more."""
    height, width = grey.shape
    one, two = np.empty((height, width), dtype=np.float32), np.empty((height, width), dtype=np.float32)
    for y in range(height):
        for x in range(width):
            two[y, x] = grey[y, x]
    _soften(two, one)
    _soften(one, two)
    strong = _edge(two, field, share)
    halved = (height // 2, width // 2)
    small, other = np.empty(halved, dtype=np.float32), np.empty(halved, dtype=np.float32)
    quarter, inner = np.float32(0.25), np.empty(halved, dtype=np.uint8)
    for y in range(halved[0]):
        for x in range(halved[1]):
            total = (
                int(grey[2 * y, 2 * x]) + grey[2 * y, 2 * x + 1] + grey[2 * y + 1, 2 * x] + grey[2 * y + 1, 2 * x + 1]
            )
            small[y, x] = np.float32(total) * quarter
            inner[y, x] = field[2 * y, 2 * x]
    for _ in range(2):
        _soften(small, other)
        _soften(other, small)
    return strong, _edge(small, inner, share)
