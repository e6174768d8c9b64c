"""Focus, exposure, colour and the dark corners of a photograph.

Focus is not judged by the amount of detail, which a smooth nevus lacks however sharp its picture is, but by how fast
the strongest edges fade when the picture is softened a little more: that tells the width of the blur in pixels whatever
the contrast (the re-blur argument of Crete et al., 2007).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.study.auditing.quality._picture import ScaledPhotograph, edge_padded, median

FINE_VARIANCE, COARSE_VARIANCE = 1.0, 8.25  # px^2 of the two softenings
MOST_BLUR: Final = 10.0
# px^2: a sharp phantom's edges fade over 1.3 pixels whether it is drawn 128 or 224 wide. Of a small picture's blur that
# much is its size, which is another flag.
PIXEL_VARIANCE: Final = 1.7
EDGES: Final = 0.997  # quantile of the gradient that stands for the strongest edges: a nevus of 3 mm has as many
REACH: Final = 13  # pixels: six to each side, twice the coarse softening
CLIPPED: Final = 251  # of 255: a sensor's end, less what JPEG takes away
CORNER: Final = 0.1  # of the shorter side: legs of the triangle that is a corner
BRIGHT: Final = 0.95  # quantile of the brightness that is the highlight
VIVID: Final = 0.99  # quantile of the difference between channels that is the colourfulness


def blur_px(picture: ScaledPhotograph) -> float:
    """Return the standard deviation of the blur in pixels of a picture 224 wide; NaN where there is no edge at all.

    A scale that software has drawn into a blurred picture is sharp, and hides the blur.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> blur_px(prepare(Image.new("RGB", (100, 100), "pink")))
        nan
    """
    luma = picture.luma.astype(np.float32)
    field = _inner(picture.field)
    strong = _edge(_soften(_soften(luma)), field)
    height, width = (side // 2 * 2 for side in luma.shape)
    rows = luma[:height:2, :width] + luma[1:height:2, :width]
    small = (rows[:, ::2] + rows[:, 1::2]) * np.float32(0.25)
    for _ in range(4):
        small = _soften(small)
    weak = _edge(small, field[:height:2, :width:2]) / 4  # squared, in pixels of twice the size
    return blur_from(strong, weak, picture.scale)


def blur_from(strong: float, weak: float, scale: float) -> float:
    """Return the blur that makes the strongest edges fade from one squared gradient to the other.

    Args:
        strong: after `FINE_VARIANCE`, per pixel squared.
        weak: after `COARSE_VARIANCE`.
        scale: of the picture.

    Example:
        >>> round(blur_from(8.0, 4.0, 1.0), 2)
        2.5
    """
    if not weak > 0:
        return float("nan")
    ratio = max(strong / weak, 1.0 + 1e-6)
    variance = (COARSE_VARIANCE - ratio * FINE_VARIANCE) / (ratio - 1.0)
    variance -= PIXEL_VARIANCE * (1.0 - scale**2)
    return float(min(MOST_BLUR, np.sqrt(max(0.0, variance)) / scale))


def highlight(picture: ScaledPhotograph) -> float:
    """Return how bright the brightest twentieth of the field is, 0 to 1.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> highlight(prepare(Image.new("RGB", (100, 100), (51, 51, 51))))
        0.2
    """
    return float(_quantile(picture.luma[picture.field], BRIGHT)) / 255


def clipped_share(picture: ScaledPhotograph) -> float:
    """Return the share of the field where at least two channels are at their end: light without colour.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> clipped_share(prepare(Image.new("RGB", (100, 100), "white")))
        1.0
    """
    red, green, blue = picture.planes >= CLIPPED
    is_white = (red & green) | (red & blue) | (green & blue)
    return int(np.count_nonzero(is_white & picture.field)) / picture.n_field


def chroma(picture: ScaledPhotograph) -> float:
    """Return how far apart the channels are in the most colourful hundredth of the field, in grey levels.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> chroma(prepare(Image.new("RGB", (100, 100), (220, 170, 150))))
        70.0
    """
    spread = picture.planes.max(axis=0) - picture.planes.min(axis=0)
    return float(_quantile(spread[picture.field], VIVID))


def corner_darkness(picture: ScaledPhotograph) -> float:
    """Return how much darker than the picture's median the second-darkest corner is, 0 to 1.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> corner_darkness(prepare(Image.new("RGB", (100, 100), "pink")))
        0.0
    """
    luma = picture.luma
    legs = max(2, round(CORNER * min(luma.shape)))
    triangle = np.add.outer(np.arange(legs), np.arange(legs)) < legs
    corners = (luma, luma[:, ::-1], luma[::-1], luma[::-1, ::-1])
    levels = sorted(median(corner[:legs, :legs][triangle]) for corner in corners)
    return 1.0 - min(1.0, levels[1] / max(1.0, picture.level))


def _inner(field: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the field without what the softened edge of the surround reaches."""
    if field.all():
        return field
    from scipy import ndimage  # here: compiled loops do without it, and so do the processes that use them

    return np.asarray(ndimage.minimum_filter(field.view(np.uint8), REACH), dtype=bool)


def _soften(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the values after a 1-2-1 filter both ways: half a pixel of variance."""
    padded = edge_padded(values, 1)
    rows = 2 * padded[1:-1]
    rows += padded[:-2]
    rows += padded[2:]
    softened = 2 * rows[:, 1:-1]
    softened += rows[:, :-2]
    softened += rows[:, 2:]
    softened /= 16
    return softened


def _edge(values: NDArray[np.float32], field: NDArray[np.bool_]) -> float:
    """Return the squared gradient of the strongest edges, per pixel squared; 0 in a picture too small to have any."""
    if min(values.shape) < 3 or not field[1:-1, 1:-1].any():
        return 0.0
    across = values[1:-1, 2:] - values[1:-1, :-2]
    down = values[2:, 1:-1] - values[:-2, 1:-1]
    return float(_quantile((across**2 + down**2)[field[1:-1, 1:-1]], EDGES)) / 4


def _quantile(values: NDArray[np.float32] | NDArray[np.int16] | NDArray[np.uint8], share: float) -> float:
    """Return the value below which `share` of the values lie; faster than numpy's, which interpolates."""
    if not values.size:
        return 0.0
    position = min(values.size - 1, int(share * values.size))
    return float(np.partition(values, position)[position])
