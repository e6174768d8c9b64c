"""Thin lines in a photograph: hairs, and the ticks of a scale before anyone knows that they are ticks.

A pixel lies on a thin dark line when it is darker than both neighbours two pixels away across the line. That is asked
for eight directions with shifted copies of the picture, which costs a twentieth of a bank of filters; connected
pixels of one direction are a stroke. Keeping directions apart separates crossing hairs, and ticks from their base line.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.study.auditing.quality._connecting import connected
from lentigo.study.auditing.quality._picture import ScaledPhotograph, edge_padded

ACROSS: Final = ((2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (-1, 2), (-2, 2), (-2, 1))  # x, y: to the two neighbours
ALONG: Final = ((0, 1), (0, 1), (-1, 1), (-1, 0), (1, 0), (1, 0), (1, 1), (0, 1))  # averaged with the pixel itself
NORMALS: Final[NDArray[np.float64]] = np.array(ACROSS) / np.hypot(*np.array(ACROSS).T)[:, None]
MOST_DEPTH: Final = 60  # grey levels: a black hair counts no more than this, so that one pixel cannot carry three
LEAST_DEPTH: Final = 6  # grey levels, three times the sensor's noise
LEAST_CONTRAST: Final = 0.05  # of the median brightness: hair on dark skin is dark on dark
LEAST_HAIR: Final = 16.0  # pixels at 224: longer than any straight piece of a pigment network
SLENDER: Final = 4.0  # length over width from which a stroke can be a hair


@dataclass(frozen=True, slots=True, eq=False)
class Strokes:
    """Connected pixels of thin lines; the first five arrays have one row a stroke, the others one a pixel.

    Args:
        centre: (S, 2), x and y.
        length: (S,), in pixels.
        width: (S,), in pixels.
        angle: (S,), of its long axis, in radians.
        direction: (S,), which of `NORMALS` it was found across.
        pixel: (P,), flat index into the picture.
        owner: (P,), the stroke of each pixel.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> len(find_strokes(prepare(Image.new("RGB", (64, 64), "pink"))).length)
        0
    """

    centre: NDArray[np.float64]
    length: NDArray[np.float64]
    width: NDArray[np.float64]
    angle: NDArray[np.float64]
    direction: NDArray[np.int64]
    pixel: NDArray[np.signedinteger]
    owner: NDArray[np.signedinteger]


def line_depth(luma: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return how much darker each pixel and its two neighbours along a line are than both sides of it, (8, H, W).

    The three are added, so the unit is a third of a grey level.

    Example:
        >>> luma = np.full((9, 9), 200, dtype=np.int16)
        >>> luma[:, 4] = 180
        >>> line_depth(luma)[0][4].tolist()
        [0, 0, -60, 0, 60, 0, -60, 0, 0]
    """
    padded = edge_padded(luma, 3)
    depth = np.empty((len(ACROSS), *luma.shape), dtype=np.int16)
    for row, (across, along) in enumerate(zip(ACROSS, ALONG, strict=True)):
        valley = np.minimum(_moved(padded, across, 2), _moved(padded, across, 2, sign=-1))
        valley -= _moved(padded, (0, 0), 2)
        np.clip(valley, -MOST_DEPTH, MOST_DEPTH, out=valley)
        np.add(_moved(valley, along, 1), _moved(valley, along, 1, sign=-1), out=depth[row])
        depth[row] += _moved(valley, (0, 0), 1)
    return depth


def find_strokes(picture: ScaledPhotograph) -> Strokes:
    """Return the thin dark lines of a picture.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> pixels = np.full((64, 64, 3), 200, dtype=np.uint8)
        >>> pixels[10:50, 30] = 60
        >>> float(find_strokes(prepare(Image.fromarray(pixels))).length.max().round())
        45.0
    """
    height, width = picture.luma.shape
    least = max(LEAST_DEPTH, LEAST_CONTRAST * picture.level)
    layers = np.zeros((len(ACROSS), height + 2, width + 2), dtype=bool)  # the empty rim keeps the layers apart
    np.greater(line_depth(picture.luma), round(3 * least), out=layers[:, 1:-1, 1:-1])
    layers[:, 1:-1, 1:-1] &= picture.field
    flat = np.flatnonzero(layers)
    n_strokes, owner = _connected(flat, layers.size, width + 2)
    direction, rest = np.divmod(flat, (height + 2) * (width + 2))
    y, x = np.divmod(rest, width + 2)
    of_stroke = np.zeros(n_strokes, dtype=np.int64)
    of_stroke[owner] = direction
    centre, length, breadth, angle = _moments(x - 1, y - 1, owner, n_strokes)
    return Strokes(centre, length, breadth, angle, of_stroke, (y - 1) * width + x - 1, owner)


def hair_share(picture: ScaledPhotograph, strokes: Strokes) -> float:
    """Return the share of the field that lies on long thin lines.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> pixels = np.full((100, 100, 3), 200, dtype=np.uint8)
        >>> pixels[50] = 60
        >>> picture = prepare(Image.fromarray(pixels))
        >>> hair_share(picture, find_strokes(picture))
        0.01
    """
    pixels = np.unique(strokes.pixel[is_hair(strokes, picture.scale)[strokes.owner]])
    return len(pixels) / picture.n_field


def is_hair(strokes: Strokes, scale: float) -> NDArray[np.bool_]:
    """Return which strokes are long and thin, (S,), in a picture of some scale.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> int(is_hair(find_strokes(prepare(Image.new("RGB", (64, 64), "pink"))), 1.0).sum())
        0
    """
    return (strokes.length >= LEAST_HAIR * scale) & (strokes.length >= SLENDER * strokes.width)


def _moved(array: NDArray[np.int16], offset: tuple[int, int], margin: int, *, sign: int = 1) -> NDArray[np.int16]:
    """Return the array without its margin, looked at from `offset` (x, y) away."""
    x, y = sign * offset[0], sign * offset[1]
    height, width = array.shape
    return array[margin + y : height - margin + y, margin + x : width - margin + x]


def _connected(flat: NDArray[np.int64], size: int, row: int) -> tuple[int, NDArray[np.int64]]:
    """Return the number of groups of touching pixels (also over corners) and the group of each.

    Groups are numbered by their first pixels. `ndimage.label` would visit all eight layers, of which one pixel in fifty
    is set.
    """
    number = np.full(size, -1, dtype=np.int32)
    number[flat] = np.arange(len(flat), dtype=np.int32)
    neighbours = [number[flat + offset] for offset in (1, row - 1, row, row + 1)]
    ends = np.concatenate(neighbours)
    starts = np.tile(np.arange(len(flat), dtype=np.int32), len(neighbours))
    is_edge = ends >= 0
    return connected(len(flat), starts[is_edge], ends[is_edge])


def _moments(
    x: NDArray[np.int64], y: NDArray[np.int64], owner: NDArray[np.int64], n_strokes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return centre, length, width and angle of the bar that has the same moments as each stroke."""
    sums = [
        np.bincount(owner, values, minlength=n_strokes).astype(np.float64) for values in (x, y, x * x, y * y, x * y)
    ]
    return bars(np.bincount(owner, minlength=n_strokes), *sums)


def bars(
    n_pixels: NDArray[np.int64] | NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    xx: NDArray[np.float64],
    yy: NDArray[np.float64],
    xy: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return centre, length, width and angle of the bar that has the same moments as each stroke.

    Args:
        n_pixels: of each stroke, (S,).
        x: sum over its pixels.
        y: the same.
        xx: sum of the squares.
        yy: the same.
        xy: sum of the products.

    Example:
        >>> one = np.ones(1)
        >>> bars(2 * one, 1 * one, 0 * one, 1 * one, 0 * one, 0 * one)[1]
        array([2.])
    """
    middle_x, middle_y = x / n_pixels, y / n_pixels
    var_x, var_y = xx / n_pixels - middle_x**2 + 1 / 12, yy / n_pixels - middle_y**2 + 1 / 12  # a pixel is not a point
    covariance = xy / n_pixels - middle_x * middle_y
    half, root = (var_x + var_y) / 2, np.hypot((var_x - var_y) / 2, covariance)
    length, width = np.sqrt(12 * (half + root)), np.sqrt(12 * np.maximum(half - root, 1 / 12))
    return np.stack([middle_x, middle_y], axis=1), length, width, 0.5 * np.arctan2(2 * covariance, var_x - var_y)
