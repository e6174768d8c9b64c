"""Characters written over a photograph, such as a date: small shapes of one height, side by side on one line.

Only rows parallel to the frame, and not cut by it, are looked for: that is how software writes. The ticks of a scale
stand in a row, too, but they are as thin as a stroke, or those of a ruler laid along the edge, which the frame cuts.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo.study.auditing.quality._connecting import connected
from lentigo.study.auditing.quality._picture import ScaledPhotograph

BACKGROUND: Final = 16  # pixels over which brightness is averaged to compare with
CONTRAST: Final = 45  # grey levels from there: overlays are made to be read
HEIGHT: Final = (5, 24)  # pixels: smaller ones cannot be told from noise
SLACK: Final = 1  # pixels by which tops, and bottoms, of one line differ
LEAST_PIXELS: Final = 20  # of all shapes together: of four characters
MOST_GLYPHS: Final = 300  # more small shapes than any caption has: scalp hair

Mask = NDArray[np.bool_]
Boxes = NDArray[np.int64]


def glyphs_in_row(picture: ScaledPhotograph) -> float:
    """Return how many shapes like characters the longest row has.

    Example:
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> glyphs_in_row(prepare(Image.new("RGB", (64, 64), "white")))
        0.0
    """
    grey = Image.fromarray(picture.luma.astype(np.uint8))
    coarse = grey.resize([max(1, side // BACKGROUND) for side in grey.size], Image.Resampling.BOX)
    background = np.asarray(coarse.resize(grey.size, Image.Resampling.BILINEAR), dtype=np.int16)
    above = picture.luma - background
    return max(longest_row(_boxes(mask), mask.shape) for mask in (above > CONTRAST, above < -CONTRAST))


def _boxes(mask: Mask) -> Boxes:
    """Return top, bottom, left and right of the shapes."""
    from scipy import ndimage  # here: compiled loops do without it, and so do the processes that use them

    if np.count_nonzero(mask) < LEAST_PIXELS:
        return np.zeros((0, 4), dtype=np.int64)
    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    return np.array([(y.start, y.stop, x.start, x.stop) for y, x in ndimage.find_objects(labels)])


def longest_row(boxes: Boxes, shape: tuple[int, ...]) -> float:
    """Return how many shapes like characters the longest row has.

    Args:
        boxes: top, bottom, left and right of all shapes, (S, 4).
        shape: height and width of the picture.

    Example:
        >>> longest_row(np.array([[10, 18, 10, 15], [10, 18, 16, 21]]), (64, 64))
        2.0
    """
    boxes = _glyphs(boxes, shape)
    if not 2 <= len(boxes) <= MOST_GLYPHS:
        return 0.0
    top, bottom, left, right = boxes.T
    gap = left[None, :] - right[:, None]
    follows = (np.abs(top[None, :] - top[:, None]) <= SLACK) & (np.abs(bottom[None, :] - bottom[:, None]) <= SLACK)
    follows &= (gap >= -1) & (gap <= 0.8 * (bottom - top)[:, None])
    n_rows, row = connected(len(boxes), *np.nonzero(follows))
    n_glyphs = np.bincount(row, minlength=n_rows)
    n_wide = np.bincount(row, weights=right - left >= 3, minlength=n_rows)  # a tick is narrower
    return float(np.max(np.where(n_wide > n_glyphs / 2, n_glyphs, 0)))


def _glyphs(boxes: Boxes, shape: tuple[int, ...]) -> Boxes:
    """Return the shapes that have the size of a character and are not cut by the frame."""
    height, width = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]
    is_glyph = (height >= HEIGHT[0]) & (height <= HEIGHT[1]) & (width <= 1.3 * height)
    is_cut = (boxes[:, ::2].min(axis=1) == 0) | (boxes[:, 1] == shape[0]) | (boxes[:, 3] == shape[1])
    return np.asarray(boxes[is_glyph & ~is_cut])
