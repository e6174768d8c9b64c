"""DeLong's variance of AUROCs, of one model or of several on the same images, also for clustered images.

DeLong, DeLong and Clarke-Pearson (1988) by midranks (Sun and Xu 2014), in n log n. Where images come in lesions or
patients, the placements are added up over clusters (Obuchowski 1997); with every image a cluster of its own that is
DeLong's variance up to factors n / (n - 1).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from lentigo.errors import MetricError
from lentigo.numbers.metrics._few_clusters import FEWEST_CLUSTERS
from lentigo.numbers.metrics._ranking import check_ranking
from lentigo.numbers.metrics._ranking_interval import ranking_interval

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class DeLong:
    """AUROCs of M models on the same images and their covariance.

    Args:
        auroc: (M,) NaN when a class is missing.
        covariance: (M, M) NaN when a class has fewer than two clusters.
        effective: as how many equal clusters the positive and the negative images count.

    Example:
        >>> truth, score = np.array([False, False, True, True]), np.array([0.1, 0.6, 0.4, 0.9])
        >>> delong_aurocs(truth, [score]).auroc.tolist()
        [0.75]
    """

    auroc: Floats
    covariance: Floats
    effective: tuple[float, float] = (math.inf, math.inf)

    @property
    def is_few(self) -> bool:
        """Whether a side has too few clusters for a variance that is estimated from them."""
        return min(self.effective) < FEWEST_CLUSTERS

    def interval(self, model: int = 0, *, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval of one AUROC, made on the logit scale so that it stays within 0 to 1.

        With few clusters on a side, or for a perfect ranking, it is the score interval (`ranking_interval`). NaN both
        where the variance is unknown: a side is missing, or is one cluster.
        """
        area, variance = float(self.auroc[model]), float(self.covariance[model, model])
        if not math.isnan(variance) and (self.is_few or area in (0.0, 1.0)):
            return ranking_interval(area, *self.effective, confidence=confidence)
        if not (0 < area < 1 and variance > 0):
            return math.nan, math.nan
        centre = math.log(area / (1 - area))
        half = _z(confidence) * math.sqrt(variance) / (area * (1 - area))
        return _expit(centre - half), _expit(centre + half)

    def difference(self, *, confidence: float = 0.95) -> tuple[float, float, float, float]:
        """Return AUROC of the first model less that of the second, the interval's ends, and the two-sided p-value.

        NaN ends and p where the variance of the difference is unknown or zero, or rests on few clusters.
        """
        gap = float(self.auroc[0] - self.auroc[1])
        variance = float(self.covariance[0, 0] + self.covariance[1, 1] - 2 * self.covariance[0, 1])
        # equal rankings leave rounding, not a variance
        if self.is_few or not variance > 1e-18:
            return gap, math.nan, math.nan, math.nan
        spread = math.sqrt(variance)
        half = _z(confidence) * spread
        return gap, max(-1.0, gap - half), min(1.0, gap + half), math.erfc(abs(gap) / spread / math.sqrt(2))


def delong_aurocs(
    is_positive: Bools, scores: Sequence[Floats], *, groups: npt.NDArray[np.generic] | None = None
) -> DeLong:
    """Return the AUROCs of M models and their covariance.

    Args:
        is_positive: (N,) truth.
        scores: M arrays (N,), finite, higher for more positive.
        groups: (N,) lesion or patient of each image; None takes images for independent.

    Raises:
        MetricError: the arrays differ in length, a score is not finite, or there is no model.

    Example:
        >>> truth, score = np.array([False, False, True, True]), np.array([0.1, 0.6, 0.4, 0.9])
        >>> round(float(delong_aurocs(truth, [score]).covariance[0, 0]), 4)  # placements 0.5, 1 twice: 0.125 / 2 twice
        0.125
    """
    if not scores:
        raise MetricError("DeLong's variance needs the scores of at least one model; got none. Give a list of them.")
    checked = [check_ranking(is_positive, score) for score in scores]
    truth = checked[0][0]
    stacked = np.stack([score for _, score in checked])
    n_positive, n_negative = int(truth.sum()), int((~truth).sum())
    n_models = len(scores)
    if not n_positive or not n_negative:
        return DeLong(np.full(n_models, np.nan), np.full((n_models, n_models), np.nan))
    of_positives, of_negatives = _placements(truth, stacked)
    area = of_positives.mean(axis=1)
    cluster = np.arange(truth.size) if groups is None else np.unique(groups, return_inverse=True)[1]
    covariance = _covariance(cluster, truth, of_positives - area[:, None], of_negatives - area[:, None])
    sizes = [np.bincount(cluster[side]) for side in (truth, ~truth)]
    n, m = (float(each.sum() ** 2 / (each**2).sum()) for each in sizes)
    return DeLong(area, covariance, (n, m))


def _placements(truth: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """Return the share of negatives below each positive, and of positives above each negative; ties count half."""
    n_positive, n_negative = int(truth.sum()), int((~truth).sum())
    among_all = rankdata(scores, axis=1)
    positives = among_all[:, truth] - rankdata(scores[:, truth], axis=1)
    negatives = among_all[:, ~truth] - rankdata(scores[:, ~truth], axis=1)
    return positives / n_negative, 1 - negatives / n_positive


def _covariance(cluster: npt.NDArray[np.int64], truth: Bools, of_positives: Floats, of_negatives: Floats) -> Floats:
    n_clusters = int(cluster.max()) + 1
    by_positive = _cluster_sums(cluster[truth], of_positives, n_clusters) / truth.sum()
    by_negative = _cluster_sums(cluster[~truth], of_negatives, n_clusters) / (~truth).sum()
    counts = [np.unique(cluster[side]).size for side in (truth, ~truth)]
    if min(counts) < 2:
        return np.full((len(of_positives),) * 2, np.nan)
    cross = by_positive @ by_negative.T
    covariance: Floats = (
        counts[0] / (counts[0] - 1) * (by_positive @ by_positive.T)
        + counts[1] / (counts[1] - 1) * (by_negative @ by_negative.T)
        + n_clusters / (n_clusters - 1) * (cross + cross.T)
    )
    return covariance


def _cluster_sums(cluster: npt.NDArray[np.int64], values: Floats, n_clusters: int) -> Floats:
    return np.stack([np.bincount(cluster, weights=row, minlength=n_clusters) for row in values])


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0
