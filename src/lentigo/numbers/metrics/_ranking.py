"""Figures of a ranking, from one sort: AUROC and average precision, weighted B ways at once.

The scores are sorted once. What a resample changes is only the weight of each image, so both figures come from sums of
weights between consecutive *positive* scores and one cumulative sum over these levels, for all resamples together.
Definitions are scikit-learn's (tied scores share one threshold; AUROC counts a tied pair half; average precision does
not interpolate); with a class missing they are NaN.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError
from lentigo.numbers.metrics._grouping import GroupSum, cumulate, group_sum

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.floating]
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

    Example:
        >>> ranking = Ranking.of(np.array([False, True, True]), np.array([0.2, 0.2, 0.7]))
        >>> ranking.weigh(np.array([[1.0, 2.0], [1.0, 0.0], [1.0, 1.0]])).auroc().tolist()
        [0.75, 1.0]
    """

    positives: GroupSum
    passed: GroupSum
    tied: GroupSum | None
    n_levels: int

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
        return cls(
            positives=group_sum(np.where(is_positive, level, -1), m),
            passed=group_sum(np.where(is_positive, -1, level), m + 1),
            tied=group_sum(np.where(is_tied, level, -1), m) if is_tied.any() else None,
            n_levels=m,
        )

    def weigh(self, weights: Weights) -> "RankingCounts":
        """Return the counts at every level under each of the (N, B) weightings.

        Example:
            >>> Ranking.of(np.array([False, True]), np.array([0.2, 0.7])).weigh(np.ones((2, 1))).true_positives.tolist()
            [[1.0]]
        """
        at_level = self.positives(weights)
        passed = cumulate(self.passed(weights))
        return RankingCounts(
            at_level=at_level,
            true_positives=cumulate(at_level.copy()),
            false_positives=passed[:-1],
            tied=None if self.tied is None else self.tied(weights),
            n_negative=passed[-1],
        )


@dataclass(frozen=True, slots=True, eq=False)
class RankingCounts:
    """Weights at each of the m levels of a ranking, for B weightings; level 0 has the highest score.

    Args:
        at_level: (m, B) weight of positives with exactly the level's score.
        true_positives: (m, B) weight of positives at or above the level.
        false_positives: (m, B) weight of negatives at or above the level.
        tied: (m, B) weight of negatives with exactly the level's score; None when there are none.
        n_negative: (B,) weight of all negatives.

    Example:
        >>> Ranking.of(np.array([False, True]), np.array([0.2, 0.7])).weigh(np.ones((2, 1))).n_positive.tolist()
        [1.0]
    """

    at_level: Weights
    true_positives: Weights
    false_positives: Weights
    tied: Weights | None
    n_negative: Weights

    @property
    def n_positive(self) -> Weights:
        """(B,) weight of all positives."""
        return self.true_positives[-1] if self.true_positives.size else np.zeros_like(self.n_negative)

    def auroc(self) -> Floats:
        """Return the (B,) areas under the ROC curve; NaN where a class has no weight.

        Example:
            >>> Ranking.of(np.array([False, True]), np.array([0.2, 0.7])).weigh(np.ones((2, 1))).auroc().tolist()
            [1.0]
        """
        # Mann and Whitney (1947): of all pairs, those in which the positive does not stand above the negative
        lost = _dot(self.at_level, self.false_positives)
        if self.tied is not None:
            lost -= _dot(self.at_level, self.tied) / 2
        with np.errstate(invalid="ignore"):
            return 1.0 - lost / np.multiply(self.n_positive, self.n_negative, dtype=np.float64)

    def average_precision(self) -> Floats:
        """Return the (B,) average precisions; NaN where positives have no weight.

        Example:
            >>> counts = Ranking.of(np.array([False, True]), np.array([0.7, 0.7])).weigh(np.ones((2, 1)))
            >>> counts.average_precision().tolist()
            [0.5]
        """
        total = _dot(self.at_level, self._precision())
        with np.errstate(invalid="ignore"):
            return total / self.n_positive

    def sensitivity_at(self, false_positive_rates: Floats) -> Floats:
        """Return the (P, B) highest sensitivity that a threshold reaches within each of P false-positive rates.

        NaN where a class has no weight.

        Example:
            >>> counts = Ranking.of(np.array([False, True]), np.array([0.2, 0.7])).weigh(np.ones((2, 1)))
            >>> counts.sensitivity_at(np.array([0.0, 1.0])).tolist()
            [[1.0], [1.0]]
        """
        found = np.full((false_positive_rates.size, self.n_negative.size), np.nan)
        for b in np.flatnonzero((self.n_positive > 0) & (self.n_negative > 0)):
            # a relative hair, so that 0.07 of 100 allows 7 and not, by rounding, 6
            allowed = false_positive_rates * float(self.n_negative[b]) * (1 + 1e-12)
            last = np.searchsorted(self.false_positives[:, b], allowed, side="right") - 1
            found[:, b] = np.where(last >= 0, self.true_positives[last, b], 0) / self.n_positive[b]
        return found

    def precision_at(self, sensitivities: Floats) -> Floats:
        """Return the (P, B) precision at the highest threshold that reaches each of P sensitivities.

        NaN where positives have no weight.

        Example:
            >>> counts = Ranking.of(np.array([False, True]), np.array([0.7, 0.7])).weigh(np.ones((2, 1)))
            >>> counts.precision_at(np.array([1.0])).tolist()
            [[0.5]]
        """
        precision = self._precision()
        found = np.full((sensitivities.size, self.n_negative.size), np.nan)
        for b in np.flatnonzero(self.n_positive > 0):
            # a relative hair, so that 0.95 of 20 asks for 19 and not, by rounding, for 20; and more than nothing,
            # because a level without weight has no precision
            wanted = np.maximum(sensitivities * float(self.n_positive[b]) * (1 - 1e-12), np.finfo(np.float64).tiny)
            found[:, b] = precision[np.searchsorted(self.true_positives[:, b], wanted, side="left"), b]
        return found

    def _precision(self) -> Floats:
        called = np.add(self.true_positives, self.false_positives, dtype=np.float64)
        # where nothing is called positive the numerator is 0 too, and so is the weight it will be given
        np.maximum(called, np.finfo(np.float64).tiny, out=called)
        return np.divide(self.true_positives, called, out=called)


def _dot(left: Weights, right: Weights) -> Floats:
    total: Floats = np.einsum("mb,mb->b", left, right, dtype=np.float64)
    return total


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
