"""All that one look at a picture's brightness and colours says."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lentigo.compiling import loop
from lentigo.study.auditing.compiled._blur import edges
from lentigo.study.auditing.compiled._light import corner_level, find_field, median_level, shrunk, tally
from lentigo.study.auditing.compiled._types import GREY, INT, MASK, NUMBERS, REAL, RGB, TYPES

Array = NDArray[Any]


class LookLimits(NamedTuple):
    """Thresholds of the measures of light.

    Args:
        surround_level: level below which a surround is.
        surround_share: of the median brightness, the same.
        surround_reach: of the long side, along the frame.
        rim: pixels by which a surround is widened to each side.
        clipped: level from which a channel is at its end.
        bright: quantile of the brightness.
        vivid: quantile of the difference between channels.
        edges: quantile of the gradient.
        reach: pixels around a surround in which edges do not count.
    """

    surround_level: float
    surround_share: float
    surround_reach: float
    rim: float
    clipped: float
    bright: float
    vivid: float
    edges: float
    reach: float


class Look(NamedTuple):
    """What was seen.

    Args:
        level: median brightness.
        n_field: pixels that show something.
        highlight: brightness at its quantile.
        vivid: difference between channels at its quantile.
        n_clipped: pixels.
        corner: brightness of the second-darkest corner.
        strong: squared gradient of the strongest edges after a little softening, per two pixels.
        weak: after more, in a picture of half the size.
    """

    level: float
    n_field: float
    highlight: float
    vivid: float
    n_clipped: float
    corner: float
    strong: float
    weak: float


@loop(TYPES.Tuple((MASK, NUMBERS))(RGB, GREY, INT, TYPES.NamedUniTuple(REAL, 9, LookLimits)))
def look(rgb: Array, grey: Array, legs: int, limits: LookLimits) -> tuple[Array, Array]:
    """Return where a picture shows something, (H, W), and the numbers of a `Look`.

    Args:
        rgb: (H, W, 3).
        grey: its brightness, (H, W).
        legs: pixels of a corner's sides.
        limits: thresholds.
    """
    height, width = grey.shape
    field, found = np.empty((height, width), dtype=np.uint8), np.empty(8)
    level = median_level(grey, 4)
    darkest, least = (
        min(limits.surround_level, limits.surround_share * level),
        limits.surround_reach * max(height, width),
    )
    n_field = find_field(grey, darkest, least, int(limits.rim), field)
    highlight, vivid, n_clipped = tally(rgb, grey, field, int(limits.clipped), limits.bright, limits.vivid)
    corners = np.empty(4)
    for k in range(4):
        corners[k] = corner_level(grey, legs, k // 2, k % 2)
    corners.sort()
    strong, weak = edges(grey, shrunk(field, int(limits.reach)) if n_field < field.size else field, limits.edges)
    found[0], found[1], found[2], found[3] = level, n_field, highlight, vivid
    found[4], found[5], found[6], found[7] = n_clipped, corners[1], strong, weak
    return field, found
