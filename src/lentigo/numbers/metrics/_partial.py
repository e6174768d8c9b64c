"""Figures of the part of a ROC curve that a screening use can accept, for many weightings at once.

A model that refers melanomas is of no use below some sensitivity, so the area is taken above one only. The raw area is
the ISIC 2024 challenge's score; McClish's (1989) puts the same number on the scale of an AUROC.
"""

import numpy as np
import numpy.typing as npt

from lentigo.numbers.metrics._loops import installed_loops
from lentigo.numbers.metrics._ranking import Ranking
from lentigo.numbers.metrics._ranking_counts import RankingCounts, as_weights, at_levels, below

Floats = npt.NDArray[np.float64]

MIN_SENSITIVITY = 0.8
"""The sensitivity above which ISIC 2024 takes the area."""


def partial_auroc(
    is_positive: npt.NDArray[np.bool_], score: Floats, *, min_sensitivity: float = MIN_SENSITIVITY
) -> float:
    """Return the area between the ROC curve and the line of the least sensitivity: raw, as in ISIC 2024.

    The integral of specificity over sensitivity from `min_sensitivity` to 1; tied scores are joined by a straight line.

    Args:
        is_positive: (N,) truth.
        score: (N,) finite, higher for more positive.
        min_sensitivity: lower edge of the area, in [0, 1).

    Returns:
        A value in [0, 1 - min_sensitivity], so at most 0.2; 0.02 for a random ranking; NaN when a class is missing.

    Example:
        >>> round(partial_auroc(np.array([False, True]), np.array([0.2, 0.7])), 3)
        0.2
    """
    counts = Ranking.of(is_positive, score).weigh(np.ones((len(score), 1)))
    return float(partial_auroc_of(counts, min_sensitivity=min_sensitivity)[0])


def partial_auroc_of(counts: RankingCounts, *, min_sensitivity: float = MIN_SENSITIVITY) -> Floats:
    """Return the (B,) raw partial areas of B weightings of a ranking; NaN where a class has no weight.

    Example:
        >>> counts = Ranking.of(np.array([False, True]), np.array([0.7, 0.7])).weigh(np.ones((2, 1)))
        >>> partial_auroc_of(counts).round(3).tolist()
        [0.02]
    """
    n_positive, n_negative = (np.asarray(n, dtype=np.float64) for n in (counts.n_positive, counts.n_negative))
    if counts.tied is None and counts.at_level.dtype == np.int32 and (loops := installed_loops()) is not None:
        above = np.zeros(n_positive.size)
        edge = min_sensitivity * n_positive
        loops.partial_area(counts.at_level, counts.true_positives, counts.false_positives, edge, n_negative, above)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where((n_positive > 0) & (n_negative > 0), above / n_positive, np.nan)
    # levels that stay below the edge in every weighting add nothing
    first = _first_level_above(counts, min_sensitivity * n_positive)
    at_level, true_positives, false_positives = (
        array[first:] for array in (counts.at_level, counts.true_positives, counts.false_positives)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        # of each level's step in sensitivity, the share above the edge: it is the upper end of the step
        share = np.clip((true_positives - min_sensitivity * n_positive) / at_level, 0.0, 1.0)
        rate = false_positives / n_negative
        if counts.tied is not None:
            rate -= share * (counts.tied[first:] / n_negative) / 2
        area = (np.where(at_level > 0, share, 0.0) * at_level * (1 - rate)).sum(axis=0) / n_positive
    return np.where((n_positive > 0) & (n_negative > 0), area, np.nan)


def mcclish(area: Floats, *, min_sensitivity: float = MIN_SENSITIVITY) -> Floats:
    """Return raw partial areas on the scale of an AUROC: 0.5 for a random ranking, 1 for a perfect one.

    McClish (1989): (1 + (area - random) / (perfect - random)) / 2. Worse than random is below 0.5.

    Example:
        >>> mcclish(np.array([0.2, 0.02])).round(6).tolist()
        [1.0, 0.5]
    """
    width = 1 - min_sensitivity
    return (1 + (area - width**2 / 2) / (width - width**2 / 2)) / 2


def specificity_at(counts: RankingCounts, sensitivities: Floats) -> Floats:
    """Return the (P, B) highest specificity of a threshold that reaches each of P sensitivities.

    No interpolation: the threshold exists. NaN where a class has no weight.

    Example:
        >>> counts = Ranking.of(np.array([False, True]), np.array([0.2, 0.7])).weigh(np.ones((2, 1)))
        >>> specificity_at(counts, np.array([0.9])).tolist()
        [[1.0]]
    """
    # a relative hair, so that 0.95 of 20 asks for 19 and not, by rounding, for 20
    wanted = sensitivities[:, np.newaxis] * counts.n_positive.astype(np.float64) * (1 - 1e-12)
    level = below(counts.true_positives, wanted, side="left")
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = at_levels(counts.false_positives, level) / as_weights(counts.n_negative)
    is_defined = (counts.n_positive > 0) & (counts.n_negative > 0)
    return np.where(is_defined, (1 - rate).astype(np.float64), np.nan)


def _first_level_above(counts: RankingCounts, edge: Floats) -> int:
    if not counts.true_positives.size:
        return 0
    return int((counts.true_positives <= edge).all(axis=1).sum())
