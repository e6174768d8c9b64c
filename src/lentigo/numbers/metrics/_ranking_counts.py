"""Figures of a ranking from the weights at each of its levels: AUROC, average precision, and points of both curves.

Definitions are scikit-learn's (tied scores share one threshold; AUROC counts a tied pair half; average precision does
not interpolate); with a class missing they are NaN.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from lentigo.numbers.metrics._loops import compiled_loops, installed_loops

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[Any]


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
        >>> from lentigo.numbers.metrics import Ranking
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
            >>> from lentigo.numbers.metrics import Ranking
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
            >>> from lentigo.numbers.metrics import Ranking
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
            >>> from lentigo.numbers.metrics import Ranking
            >>> counts = Ranking.of(np.array([False, True]), np.array([0.2, 0.7])).weigh(np.ones((2, 1)))
            >>> counts.sensitivity_at(np.array([0.0, 1.0])).tolist()
            [[1.0], [1.0]]
        """
        # a relative hair, so that 0.07 of 100 allows 7 and not, by rounding, 6
        allowed = false_positive_rates[:, np.newaxis] * self.n_negative.astype(np.float64) * (1 + 1e-12)
        last = below(self.false_positives, allowed, side="right") - 1
        found = np.where(last >= 0, at_levels(self.true_positives, last), np.float32(0))
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = (found / as_weights(self.n_positive)).astype(np.float64)
        return np.where((self.n_positive > 0) & (self.n_negative > 0), rate, np.nan)

    def precision_at(self, sensitivities: Floats) -> Floats:
        """Return the (P, B) precision at the highest threshold that reaches each of P sensitivities.

        NaN where positives have no weight.

        Example:
            >>> from lentigo.numbers.metrics import Ranking
            >>> counts = Ranking.of(np.array([False, True]), np.array([0.7, 0.7])).weigh(np.ones((2, 1)))
            >>> counts.precision_at(np.array([1.0])).tolist()
            [[0.5]]
        """
        # a relative hair, so that 0.95 of 20 asks for 19 and not, by rounding, for 20; and more than nothing,
        # because a level without weight has no precision
        wanted = sensitivities[:, np.newaxis] * self.n_positive.astype(np.float64) * (1 - 1e-12)
        level = below(self.true_positives, np.maximum(wanted, np.finfo(np.float64).tiny), side="left")
        right = at_levels(self.true_positives, level).astype(np.float64)
        called = right + at_levels(self.false_positives, level)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.n_positive > 0, right / called, np.nan)

    def _precision(self) -> Floats:
        called = np.add(self.true_positives, self.false_positives, dtype=np.float64)
        # where nothing is called positive the numerator is 0 too, and so is the weight it will be given
        np.maximum(called, np.finfo(np.float64).tiny, out=called)
        return np.divide(self.true_positives, called, out=called)


def below(ascending: Weights, wanted: Floats, *, side: Literal["left", "right"]) -> npt.NDArray[np.int64]:
    """Return how many of the values of each column, (m, B) ascending, lie below each of (P, B); "right": or at it.

    Example:
        >>> below(np.array([[1.0], [2.0]]), np.array([[2.0]]), side="right").tolist()
        [[2]]
    """
    found = np.zeros(wanted.shape, dtype=np.int64)
    loops = installed_loops() if ascending.dtype == np.int32 else compiled_loops(ascending)
    if loops is not None:
        # at most x is below the next number after x
        loops.count_below(ascending, wanted if side == "left" else np.nextafter(wanted, np.inf), found)
        return found
    for b in range(wanted.shape[1]):
        found[:, b] = np.searchsorted(ascending[:, b], wanted[:, b], side=side)
    return found


def at_levels(counts: Weights, level: npt.NDArray[np.int64]) -> Weights:
    """Return the (P, B) counts of (m, B) at each of (P, B) levels, as weights.

    A level past the last stands for a side without weight, whose figures are undefined: its count is any.

    Example:
        >>> at_levels(np.array([[1.0], [3.0]]), np.array([[1], [0]])).tolist()
        [[3.0], [1.0]]
    """
    if not len(counts):
        return np.zeros(level.shape)
    return as_weights(np.take_along_axis(counts, np.clip(level, 0, len(counts) - 1), axis=0))


def as_weights(counts: Weights) -> Weights:
    """Return counts in the floating type of weights: whole numbers as float32, which holds all below 2**24.

    Example:
        >>> as_weights(np.array([3], dtype=np.int32)).dtype.name
        'float32'
    """
    if counts.dtype != np.int32:
        return counts
    return counts.astype(np.float32 if counts.max(initial=0) < 2**24 else np.float64)


def _dot(left: Weights, right: Weights) -> Floats:
    total: Floats = np.einsum("mb,mb->b", left, right, dtype=np.float64)
    return total
