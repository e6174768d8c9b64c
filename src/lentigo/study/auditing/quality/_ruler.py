"""Scales in the picture: equal short strokes in a row, at equal distances, more regular than chance allows.

A fixed number of ticks would not do: four are a scale on smooth skin, eight are nothing among a hundred hairs. So each
row of strokes is judged by how many rows as long and as regular the same strokes would form if they lay at random (the
a-contrario argument of Desolneux, Moisan and Morel, 2008). The measure is minus the decimal logarithm of that number.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.study.auditing.quality._picture import ScaledPhotograph
from lentigo.study.auditing.quality._strokes import NORMALS, Strokes

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

NO_RULER: Final = -4.0  # no two strokes that could be ticks
TICK_LENGTH: Final = (2.5, 24.0)  # pixels at 224: from the scale that software draws to the one under the glass
TICK_WIDTH: Final = 4.0
SPACING: Final = (3.5, 22.0)  # pixels: half a millimetre to two, at the usual fields of 10 to 25 mm
ALIKE: Final = 0.4  # shorter over longer tick; every fifth tick of a scale is longer
NEIGHBOURHOOD: Final = 24.0  # pixels around a stroke in which the others are counted
ANSWERS: Final = 3 / 8  # of the strokes there lie in the same layer: a tick is found in about three of eight directions
MOST_TICKS: Final = 40

Points = NDArray[np.float64]


@dataclass(slots=True, eq=False)
class _TickRows:
    """Rows of ticks while they grow, one array row each."""

    first: Points
    last: Points
    layer: NDArray[np.int64]
    length: NDArray[np.float64]
    evidence: NDArray[np.float64]


def ruler_evidence(picture: ScaledPhotograph, strokes: Strokes) -> float:
    """Return minus the decimal logarithm of the number of such rows of ticks to be expected by chance.

    Below 0 nothing speaks for a scale, at 2 one picture in a hundred would show as much by chance.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> from lentigo.study.auditing.quality._strokes import find_strokes
        >>> pixels = np.full((100, 100, 3), 200, dtype=np.uint8)
        >>> pixels[80:88, 10:90:8] = 40
        >>> picture = prepare(Image.fromarray(pixels))
        >>> ruler_evidence(picture, find_strokes(picture)) > 2
        True
    """
    return evidence_of(strokes, picture.scale)


def evidence_of(strokes: Strokes, scale: float) -> float:
    """Return the same from the strokes of a picture and its scale.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> from lentigo.study.auditing.quality._strokes import find_strokes
        >>> evidence_of(find_strokes(prepare(Image.new("RGB", (64, 64), "pink"))), 1.0)
        -4.0
    """
    from scipy.spatial import cKDTree  # here: compiled loops do without it

    ticks = candidates(strokes, scale)
    if len(ticks) < 3:
        return NO_RULER
    points, length, layer = strokes.centre[ticks], strokes.length[ticks], strokes.direction[ticks]
    tree = cKDTree(_layered(points, layer))
    rows = _pairs(points, length, layer, tree, scale=scale)
    if not len(rows.first):
        return NO_RULER
    return _grow(rows, points, length, layer, tree)


def candidates(strokes: Strokes, scale: float) -> NDArray[np.int64]:
    """Return the strokes that are short, thin and lie across the direction they were found in.

    Example:
        >>> from PIL import Image
        >>> from lentigo.study.auditing.quality._picture import prepare
        >>> from lentigo.study.auditing.quality._strokes import find_strokes
        >>> candidates(find_strokes(prepare(Image.new("RGB", (64, 64), "pink"))), 1.0)
        array([], dtype=int64)
    """
    shortest, longest = TICK_LENGTH
    is_tick = (strokes.length >= shortest) & (strokes.length <= longest * scale)
    is_tick &= (strokes.width <= TICK_WIDTH) & (strokes.length > 1.3 * strokes.width)
    found = np.flatnonzero(is_tick)
    normal, angle = NORMALS[strokes.direction[found]], strokes.angle[found]
    slant = np.abs(np.cos(angle) * normal[:, 0] + np.sin(angle) * normal[:, 1])
    return found[slant < 0.5]


def _pairs(
    points: Points, length: NDArray[np.float64], layer: NDArray[np.int64], tree: "cKDTree", *, scale: float
) -> _TickRows:
    """Return every two ticks that can begin a row."""
    closest, farthest = SPACING[0], SPACING[1] * scale
    found = tree.query_pairs(1.1 * farthest, output_type="ndarray")
    one, two = np.concatenate([found, found[:, ::-1]]).T
    step, normal = points[two] - points[one], NORMALS[layer[one]]
    across = np.abs((step * normal).sum(axis=1))
    along = np.abs(step[:, 0] * normal[:, 1] - step[:, 1] * normal[:, 0])
    shorter, longer = np.minimum(length[one], length[two]), np.maximum(length[one], length[two])
    fits = (across >= closest) & (across <= farthest) & (along <= 0.45 * across)
    fits &= (shorter > ALIKE * longer) & (longer < 1.6 * across + 2)
    one, two, shorter = one[fits], two[fits], shorter[fits]
    return _TickRows(points[one], points[two], layer[one], shorter, np.full(len(one), -np.log10(max(1, len(one)))))


def _grow(
    rows: _TickRows, points: Points, length: NDArray[np.float64], layer: NDArray[np.int64], tree: "cKDTree"
) -> float:
    """Return the evidence of the best row, after adding ticks to all rows as long as any can be found."""
    from scipy.spatial import cKDTree

    n_around = cKDTree(points).query_ball_point(points, NEIGHBOURHOOD, return_length=True)
    density = n_around * ANSWERS / (np.pi * NEIGHBOURHOOD**2)
    best = float(rows.evidence[0])
    for n_ticks in range(2, MOST_TICKS):
        step = (rows.last - rows.first) / (n_ticks - 1)
        expected = rows.last + step
        _, nearest = tree.query(_layered(expected, rows.layer), distance_upper_bound=8.0)
        nearest = np.where(nearest < len(points), nearest, 0)
        off, size = points[nearest] - expected, np.hypot(*step.T)
        off_along = np.abs((off * step).sum(axis=1)) / size
        off_across = np.abs(off[:, 0] * step[:, 1] - off[:, 1] * step[:, 0]) / size
        alike = np.minimum(length[nearest], rows.length) > ALIKE * np.maximum(length[nearest], rows.length)
        goes_on = alike & (layer[nearest] == rows.layer) & (off_along <= 0.7 + 0.1 * size)
        goes_on &= off_across <= 0.8 + 0.22 * size
        if not goes_on.any():
            break
        by_chance = np.minimum(1.0, density[nearest] * 4 * (off_along + 0.5) * (off_across + 0.5))
        rows = _TickRows(
            rows.first[goes_on],
            points[nearest[goes_on]],
            rows.layer[goes_on],
            rows.length[goes_on],
            (rows.evidence - np.log10(by_chance))[goes_on],
        )
        best = max(best, float(rows.evidence.max()))
    return best


def _layered(points: Points, layer: NDArray[np.int64]) -> Points:
    """Return the points in three dimensions, so that those of different layers are never close."""
    return np.column_stack([points, layer * 1e4])
