"""What a photograph is among the others of its patient: score, rank, distance and local density, for `Fusion`.

The same function is used where a model is fitted and where it answers. All of it is relative to the patient's other
photographs, so that a patient whose photographs all look alike gets nothing from it. With fewer than three photographs
everything is NaN, which counts as unknown.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.model._references import unit_rows

Floats = NDArray[np.float64]

SCORE: Final = "score among the patient's"  # log-odds less the median of the others'
RANK: Final = "rank among the patient's"  # share of the others with a lower score
DISTANCE: Final = "distance from the patient's"  # log of the distance from the others' centre, over the median distance
OUTLIER: Final = "outlier of the patient's"  # log of the local outlier factor (Breunig et al. 2000)
CONTEXT: Final = (SCORE, RANK, DISTANCE, OUTLIER)
FEWEST: Final = 3
NEIGHBOURS: Final = 5
MOST: Final = 2000  # photographs of a patient for the outlier factor, whose cost grows with their square
_SMALL: Final = 1e-6


def patient_context(odds: Floats, embedding: NDArray[np.float32], patient: Sequence[str]) -> dict[str, Floats]:
    """Return what each photograph is among its patient's, four numbers (N,) by name; NaN where it is unknown.

    Args:
        odds: malignant log-odds by the image alone, shape (N,).
        embedding: shape (N, D); without numbers (D = 0) distance and outlier factor are unknown.
        patient: of each photograph; an empty name is nobody.

    Example:
        >>> found = patient_context(np.array([0.0, 1.0, 4.0]), np.zeros((3, 0), np.float32), ["p"] * 3)
        >>> found[SCORE].tolist(), found[RANK].tolist()
        ([-2.5, -1.0, 3.5], [0.0, 0.5, 1.0])
    """
    found = {name: np.full(len(odds), np.nan) for name in CONTEXT}
    names, place = np.unique(np.asarray(patient, dtype=np.str_), return_inverse=True)
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place, minlength=len(names)))
    for name, rows in zip(names.tolist(), np.split(order, ends[:-1]), strict=True):
        if name and len(rows) >= FEWEST:
            found[SCORE][rows], found[RANK][rows] = _scores(odds[rows])
            if embedding.shape[1]:
                unit = unit_rows(embedding[rows]).astype(np.float64)
                found[DISTANCE][rows] = _distances(unit)
                found[OUTLIER][rows] = _outliers(unit)
    return found


def _scores(odds: Floats) -> tuple[Floats, Floats]:
    """Return the score less the median of the others, and the share of the others that lies below."""
    n, order = len(odds), np.sort(odds)
    place = np.searchsorted(order, odds)  # where each would be taken out
    low, high = (n - 2) // 2, (n - 1) // 2  # of the n - 1 that are left
    medians = (order[low + (place <= low)] + order[high + (place <= high)]) / 2
    below = np.searchsorted(order, odds, "left")
    same = np.searchsorted(order, odds, "right") - below - 1
    return odds - medians, (below + same / 2) / (n - 1)


def _distances(unit: Floats) -> Floats:
    centres = unit_rows((unit.sum(axis=0) - unit).astype(np.float32)).astype(np.float64)
    apart = 1 - (unit * centres).sum(axis=1) + _SMALL
    return np.asarray(np.log(apart / np.median(apart)))


def _outliers(unit: Floats) -> Floats:
    n = len(unit)
    if n < FEWEST + 1 or n > MOST:
        return np.full(n, np.nan)
    apart = np.sqrt(np.maximum(2 - 2 * unit @ unit.T, 0)) + _SMALL
    np.fill_diagonal(apart, np.inf)
    k = min(NEIGHBOURS, n - 2)
    nearest = np.argpartition(apart, k - 1, axis=1)[:, :k]
    to_nearest = np.take_along_axis(apart, nearest, axis=1)
    reach = np.maximum(to_nearest, to_nearest.max(axis=1)[nearest])
    density = 1 / reach.mean(axis=1)
    return np.asarray(np.log(density[nearest].mean(axis=1) / density))
