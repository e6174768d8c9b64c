"""Figures of a ranking, from one sort: AUROC and average precision, weighted B ways at once.

The scores are sorted once. What a resample changes is only the weight of each image, so both figures come from sums of
weights between consecutive *positive* scores and one cumulative sum over these levels, for all resamples together.
Definitions are scikit-learn's (tied scores share one threshold; AUROC counts a tied pair half; average precision does
not interpolate); with a class missing they are NaN.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError
from lentigo.numbers.metrics._grouping import Groups, GroupSum, cumulate, sum_of
from lentigo.numbers.metrics._loops import compiled_loops, sums_like
from lentigo.numbers.metrics._ranking_counts import RankingCounts

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]


def auroc(is_positive: Bools, score: Floats, *, weight: Floats | None = None) -> float:
    """Return the area under the ROC curve: how often a positive outranks a negative, ties half.

    Args:
        is_positive: (N,) truth.
        score: (N,) finite, higher for more positive.
        weight: (N,) how often each image counts; once each when None.

    Returns:
        A value in [0, 1]; NaN when one of the classes is missing.

    Example:
        >>> auroc(np.array([False, True, True]), np.array([0.2, 0.2, 0.7]))
        0.75
    """
    return float(_weighed_once(is_positive, score, weight).auroc()[0])


def average_precision(is_positive: Bools, score: Floats, *, weight: Floats | None = None) -> float:
    """Return the mean precision over the positives, each at its own score as threshold.

    Args:
        is_positive: (N,) truth.
        score: (N,) finite, higher for more positive.
        weight: (N,) how often each image counts; once each when None.

    Returns:
        A value in (0, 1], the prevalence for a random ranking; NaN without positives (scikit-learn: 0).

    Example:
        >>> average_precision(np.array([True, False, True]), np.array([0.9, 0.5, 0.3])).__round__(4)
        0.8333
    """
    return float(_weighed_once(is_positive, score, weight).average_precision()[0])


@dataclass(frozen=True, slots=True)
class Ranking:
    """Positives and negatives sorted by score once, ready to be weighed many times.

    Build one with `Ranking.of`. The m levels are the distinct scores of positives, highest first.

    Args:
        positives: sums the weights of positives at each level: (N, B) to (m, B).
        passed: sums the weights of negatives by the first level they reach, the last row for none: (m + 1, B).
        tied: sums the weights of negatives whose score is exactly a level, (m, B); None when there are none.
        n_levels: m.
        levels: the same images as sorted groups, for loops that pass all levels once.

    Example:
        >>> ranking = Ranking.of(np.array([False, True, True]), np.array([0.2, 0.2, 0.7]))
        >>> ranking.weigh(np.array([[1.0, 2.0], [1.0, 0.0], [1.0, 1.0]])).auroc().tolist()
        [0.75, 1.0]
    """

    positives: GroupSum
    passed: GroupSum
    tied: GroupSum | None
    n_levels: int
    levels: "_Levels"

    @classmethod
    def of(cls, is_positive: Bools, score: Floats) -> Self:
        """Return the ranking of (N,) scores, higher for more positive.

        Raises:
            MetricError: the arrays differ in length, or a score is not finite.

        Example:
            >>> Ranking.of(np.array([False, True]), np.array([0.2, 0.7])).n_levels
            1
        """
        is_positive, score = check_ranking(is_positive, score)
        ascending = np.unique(score[is_positive])
        m = ascending.size
        # levels at or below a score; a negative that reaches r of the m levels first meets level m - r
        reached = np.searchsorted(ascending, score, side="right")
        level = m - reached
        is_tied = ~is_positive & (reached > np.searchsorted(ascending, score, side="left"))
        levels = _Levels(
            positives=Groups.of(np.where(is_positive, level, -1), m),
            passed=Groups.of(np.where(is_positive, -1, level), m + 1),
            tied=Groups.of(np.where(is_tied, level, -1), m),
        )
        return cls(
            positives=sum_of(levels.positives),
            passed=sum_of(levels.passed),
            tied=sum_of(levels.tied) if is_tied.any() else None,
            n_levels=m,
            levels=levels,
        )

    def areas(self, weights: Weights, counts: RankingCounts | None = None) -> tuple[Floats, Floats]:
        """Return the (B,) AUROCs and average precisions under each of the (N, B) weightings.

        Args:
            weights: of the images.
            counts: what `weigh` makes of them, where it is known already.

        Example:
            >>> areas = Ranking.of(np.array([False, True]), np.array([0.2, 0.7])).areas(np.ones((2, 1)))
            >>> [area.tolist() for area in areas]
            [[1.0], [1.0]]
        """
        loops = compiled_loops(weights)
        if loops is None:
            counts = counts or self.weigh(weights)
            return counts.auroc(), counts.average_precision()
        found, sums = np.zeros((2, weights.shape[1])), sums_like(weights, 4)
        at, up, tie = self.levels.positives, self.levels.passed, self.levels.tied
        loops.rank_areas(at.start, at.rows, up.start, up.rows, tie.start, tie.rows, weights, sums, found)
        n_positive, n_negative = sums[2].astype(np.float64), sums[3].astype(np.float64)
        # negatives below all positives have reached no level
        beyond = up.rows[up.start[self.n_levels] :]
        n_negative += weights[beyond].sum(axis=0, dtype=np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            return 1.0 - found[0] / (n_positive * n_negative), found[1] / n_positive

    def weigh(self, weights: Weights) -> RankingCounts:
        """Return the counts at every level under each of the (N, B) weightings.

        Example:
            >>> Ranking.of(np.array([False, True]), np.array([0.2, 0.7])).weigh(np.ones((2, 1))).true_positives.tolist()
            [[1.0]]
        """
        at_level = self.positives(weights)
        loops = compiled_loops(weights)
        if loops is None:
            true_positives, passed = cumulate(at_level.copy()), cumulate(self.passed(weights))
        else:
            true_positives, passed = sums_like(weights, self.n_levels), sums_like(weights, self.n_levels + 1)
            loops.cumulate_rows(self.levels.positives.start, self.levels.positives.rows, weights, true_positives)
            loops.cumulate_rows(self.levels.passed.start, self.levels.passed.rows, weights, passed)
        return RankingCounts(
            at_level=at_level,
            true_positives=true_positives,
            false_positives=passed[:-1],
            tied=None if self.tied is None else self.tied(weights),
            n_negative=passed[-1],
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    positives: Groups
    passed: Groups
    tied: Groups


def _weighed_once(is_positive: Bools, score: Floats, weight: Floats | None) -> RankingCounts:
    weights = np.ones(len(score)) if weight is None else np.asarray(weight, dtype=np.float64)
    return Ranking.of(is_positive, score).weigh(weights[:, np.newaxis])


def check_ranking(is_positive: Bools, score: Floats) -> tuple[Bools, Floats]:
    """Return truth and scores as (N,) arrays of bool and float64.

    Raises:
        MetricError: they differ in length, or a score is not finite.

    Example:
        >>> check_ranking(np.array([0, 1]), np.array([0, 1]))
        (array([False,  True]), array([0., 1.]))
    """
    truth, scores = np.asarray(is_positive, dtype=np.bool_), np.asarray(score, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != scores.shape:
        raise MetricError(f"Truth and score need one value per image; got shapes {truth.shape} and {scores.shape}.")
    if not np.isfinite(scores).all():
        raise MetricError(f"{(~np.isfinite(scores)).sum()} scores are not finite. Exclude these images.")
    return truth, scores
