"""Ink: what is bluer or greener than the skin, and not the lesion."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.compiling import loop, part
from lentigo.study.auditing.compiled._types import GREY, INT, MAP, MASK, NUMBERS, REAL, RGB

Array = NDArray[Any]


@loop(INT(RGB, MASK, MASK, MASK, MAP, NUMBERS, INT))
def candidates(
    small: Array, field: Array, zones: Array, found: Array, logarithms: Array, skin: Array, least: int
) -> int:
    """Return on how many pixels a picture is bluer or greener than skin, whatever its brightness, and write where.

    Args:
        small: RGB, (h, w, 3).
        field: 1 where it counts.
        zones: 1 where ink is not looked for.
        found: 0, 1 where blue and fresh or green, 2 where it is ink only if it is dark.
        logarithms: of the ratio of two levels, each with 4 added, (256, 256).
        skin: logarithms of the skin's blue and green to red; thresholds of bluer (2), much bluer and greener, (6,).
        least: level that the strongest channel exceeds.
    """
    height, width = field.shape
    n = 0
    bluest, greenest = np.float32(1.2), np.float32(1.15)
    for y in range(height):
        for x in range(width):
            found[y, x] = 0
            if not field[y, x] or zones[y, x]:
                continue
            r, g, b = small[y, x, 0], small[y, x, 1], small[y, x, 2]
            red, green, blue = np.float32(r + 4), np.float32(g + 4), np.float32(b + 4)
            may_be_worn, may_be_fresh = blue > bluest * green, blue > bluest * red
            may_be_lime = green > greenest * red
            if not (may_be_worn or may_be_fresh or may_be_lime) or max(r, g, b) <= least:
                continue
            to_red, green_to_red = logarithms[b, r] - skin[0], logarithms[g, r] - skin[1]
            if (may_be_fresh and to_red > skin[4]) or (may_be_lime and green_to_red > skin[5]):
                found[y, x] = 1
            elif may_be_worn and to_red > skin[2] and to_red - green_to_red > skin[3]:
                found[y, x] = 2
            n += found[y, x] > 0
    return n


@part
def _eroded(field: Array) -> Array:
    """Return a mask without pixels from which one or two steps sideways lead out of it; the frame is not an edge."""
    height, width = field.shape
    inner = np.ones((height, width), dtype=np.uint8)
    for y in range(height):
        for x in range(width):
            if field[y, x]:
                continue
            for v in range(max(0, y - 2), min(height, y + 3)):
                reach = 2 - abs(v - y)
                for u in range(max(0, x - reach), min(width, x + reach + 1)):
                    inner[v, u] = 0
    return inner


@part
def _lesion(is_dark: Array, middle: Array) -> Array:  # noqa: C901 - a call costs what it does
    """Return the connected dark region that fills most of the middle, two pixels wider to each side."""
    height, width = is_dark.shape
    state, queue = np.zeros(height * width, dtype=np.uint8), np.empty(height * width, dtype=np.int32)
    lesion, largest, n = np.zeros((height, width), dtype=np.uint8), 0, 0
    begin, end = 0, 0  # of the lesion in the queue
    for place in range(height * width):
        if state[place] or not is_dark[place // width, place % width]:
            continue
        start, done, n_inside = n, n, 0
        queue[n], state[place] = place, 1
        n += 1
        while done < n:
            y, x = queue[done] // width, queue[done] % width
            done += 1
            n_inside += middle[y, x]
            for v in range(max(0, y - 1), min(height, y + 2)):
                for u in range(max(0, x - 1), min(width, x + 2)):
                    if is_dark[v, u] and not state[v * width + u]:
                        queue[n], state[v * width + u] = v * width + u, 1
                        n += 1
        if n_inside > largest:
            largest, begin, end = n_inside, start, n
    for i in range(begin, end):
        y, x = queue[i] // width, queue[i] % width
        for v in range(max(0, y - 2), min(height, y + 3)):
            for u in range(max(0, x - 2), min(width, x + 3)):
                lesion[v, u] = 1
    return lesion


@loop(REAL(MASK, MASK, GREY, MAP, REAL, REAL))
def share(found: Array, field: Array, middle: Array, brightness: Array, palest: float, darker: float) -> float:  # noqa: C901
    """Return the share of the field that is ink.

    Args:
        found: of `candidates`; overwritten.
        field: 1 where the picture shows something.
        middle: 1 where lesions lie.
        brightness: 1 where as bright as skin, (h, w).
        palest: brightness from which a worn mark is not seen.
        darker: brightness below which skin is lesion.
    """
    height, width = field.shape
    inner, dark, n_field, n_ink = _eroded(field), np.empty_like(field), 0, 0
    for y in range(height):
        for x in range(width):
            is_ink = found[y, x] == 1 or (found[y, x] == 2 and brightness[y, x] < palest)
            found[y, x] = is_ink and inner[y, x]
            dark[y, x] = inner[y, x] and brightness[y, x] < darker
            n_field += inner[y, x]
            n_ink += found[y, x]
    if not n_ink:
        return 0.0
    lesion, kept = _lesion(dark, middle), np.zeros_like(field)
    for y in range(height - 1):
        for x in range(width - 1):  # only squares of two pixels count
            is_square = True
            for v in range(y, y + 2):
                for u in range(x, x + 2):
                    is_square = is_square and found[v, u] and not lesion[v, u]
            if is_square:
                kept[y, x], kept[y, x + 1], kept[y + 1, x], kept[y + 1, x + 1] = 1, 1, 1, 1
    n_ink = 0
    for y in range(height):
        for x in range(width):
            n_ink += kept[y, x]
    return n_ink / max(1, n_field)
