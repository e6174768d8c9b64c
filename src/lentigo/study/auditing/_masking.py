"""Pictures without their lesion, and pictures of nothing but their middle, for a second look at a trained network.

The lesion is found without a network: what the skin looks like at each distance from the middle is taken from the
outer part of the picture, what differs from it is cut off by Otsu's threshold, and the largest piece near the middle is
taken. What is masked is the disc around that piece, so that not even the outline is left; its size still is, and large
lesions are more often malignant, so the AUROC without the lesion bounds from above what the surroundings say.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
WORKING_SIDE: Final = 64
SKIN_FROM, SKIN_STEP = 0.30, 0.05  # of the side: from where on, and how finely, the skin's colour is taken
LEAST_CONTRAST: Final = 12.0  # grey levels
MARGIN: Final = 1.15  # the disc is this much larger than the lesion
SMALLEST, LARGEST, FALLBACK = 0.15, 0.50, 0.30  # radius as a share of the side
AROUND: Final = 1.3  # the skin around the lesion reaches this many radii
CENTRE, CENTRE_RIM = 0.35, 0.30


def lesion_discs(pixels: Pixels) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return the disc around each lesion, and whether a lesion was found at all.

    Args:
        pixels: shape (N, S, S, 3), RGB.

    Returns:
        Column, row and radius as shares of the side, shape (N, 3), and (N,) flags. Where no lesion stands out from the
        rim, the disc is the middle of the picture.

    Example:
        >>> picture = np.full((1, 80, 80, 3), 200, np.uint8)
        >>> picture[0, 30:50, 30:50] = 60
        >>> discs, is_found = lesion_discs(picture)
        >>> discs.round(2).tolist(), is_found.tolist()
        ([[0.5, 0.5, 0.19]], [True])
    """
    found = [_disc(picture) for picture in pixels]
    discs = [(0.5, 0.5, FALLBACK) if disc is None else disc for disc in found]
    return np.array(discs).reshape(-1, 3), np.array([disc is not None for disc in found], dtype=bool)


def without_lesion(pixels: Pixels) -> Pixels:
    """Return the pictures with the disc around each lesion filled with the median colour of the skin around it.

    Args:
        pixels: shape (N, S, S, 3), RGB.

    Example:
        >>> picture = np.full((1, 80, 80, 3), 200, np.uint8)
        >>> picture[0, 30:50, 30:50] = 60
        >>> int(without_lesion(picture).min())
        200
    """
    masked = pixels.copy()
    is_field = _distance(pixels.shape[1], 0.5, 0.5) <= 0.5  # corners may be dark
    for picture, (x, y, radius) in zip(masked, lesion_discs(pixels)[0], strict=True):
        distance = _distance(len(picture), x, y)
        is_around = (distance > radius) & (distance <= AROUND * radius) & is_field
        skin = picture[is_around if is_around.any() else distance > radius]
        picture[distance <= radius] = np.median(skin, axis=0).astype(np.uint8)
    return masked


def only_centre(pixels: Pixels) -> Pixels:
    """Return the pictures with everything outside the central disc (70 % of the side) in one colour.

    It is the mean colour of the disc's own outermost part, which the picture shows anyway: a colour from outside would
    carry the rim's colour over, and the same grey in all pictures is further from what a network has seen.

    Args:
        pixels: shape (N, S, S, 3), RGB.

    Example:
        >>> picture = np.full((1, 80, 80, 3), 200, np.uint8)
        >>> picture[0, :5] = 0
        >>> int(only_centre(picture).min())
        200
    """
    kept = pixels.copy()
    distance = _distance(pixels.shape[1], 0.5, 0.5)
    is_rim = (distance > CENTRE_RIM) & (distance <= CENTRE)
    for picture in kept:
        picture[distance > CENTRE] = picture[is_rim].mean(axis=0).round().astype(np.uint8)
    return kept


def _disc(picture: Pixels) -> tuple[float, float, float] | None:
    """Return the disc around the lesion of one picture; None where nothing stands out."""
    step = max(1, len(picture) // WORKING_SIDE)
    small = ndimage.uniform_filter(picture.astype(np.float32), size=(step, step, 0))[::step, ::step]
    side = len(small)
    middle = _distance(side, 0.5, 0.5)
    contrast = np.linalg.norm(small - _skin(small, middle), axis=-1)
    contrast[middle > 0.5] = 0
    contrast = ndimage.gaussian_filter(contrast, 1.0)
    labels, n_pieces = ndimage.label(contrast > max(_otsu(contrast[middle <= 0.5]), LEAST_CONTRAST))
    if n_pieces == 0:
        return None
    weight = ndimage.sum(np.exp(-((middle / 0.3) ** 2)), labels, np.arange(1, n_pieces + 1))
    rows, columns = np.nonzero(labels == 1 + int(np.argmax(weight)))
    if len(rows) < 0.005 * side * side:
        return None
    y, x = (rows.min() + rows.max() + 1) / 2, (columns.min() + columns.max() + 1) / 2
    reach = float(np.quantile(np.hypot(rows + 0.5 - y, columns + 0.5 - x), 0.98)) + 0.5
    return x / side, y / side, float(np.clip(MARGIN * reach / side, SMALLEST, LARGEST))


def _skin(small: Floats, middle: npt.NDArray[np.float64]) -> Floats:
    """Return the colour of bare skin at the distance of each pixel from the middle, shape (S, S, 3).

    It is the median of the brighter half of a ring. Lenses darken outwards and never inwards, so a ring that is darker
    than the next one out has a lesion in it, and takes the colour of that one.
    """
    n_rings = round((0.5 - SKIN_FROM) / SKIN_STEP)
    ring = np.clip((middle - SKIN_FROM) / SKIN_STEP, 0, n_rings - 1).astype(np.int64)
    colours = np.zeros((n_rings, 3), dtype=np.float32)
    for k in reversed(range(n_rings)):
        pixels = small[(ring == k) & (middle >= SKIN_FROM) & (middle <= 0.5)]
        brightness = pixels.sum(axis=1)
        colours[k] = np.median(pixels[brightness >= np.median(brightness)], axis=0)
        if k + 1 < n_rings and colours[k].sum() < colours[k + 1].sum():
            colours[k] = colours[k + 1]
    return colours[ring]


def _distance(side: int, x: float, y: float) -> npt.NDArray[np.float64]:
    """Return the distance of each pixel from a place, as a share of the side, shape (side, side)."""
    axis = (np.arange(side) + 0.5) / side
    return np.hypot(axis[None, :] - x, axis[:, None] - y)


def _otsu(values: Floats) -> float:
    """Return the threshold that parts values into two classes of least variance within (Otsu 1979)."""
    counts, edges = np.histogram(values, bins=64)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = below[-1] + counts[-1] - below
    sums = np.cumsum(counts * middles)
    mean_below, mean_above = sums[:-1] / np.maximum(below, 1), (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    return float(edges[1:-1][np.argmax(below * above * (mean_below - mean_above) ** 2)])
