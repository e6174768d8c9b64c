"""How much wider an interval has to be because its resamples come from few clusters."""

import math
from statistics import NormalDist

from scipy.special import stdtrit

__all__ = ["expanded_confidence", "normal_quantile", "widening"]


def expanded_confidence(confidence: float, n_clusters: float) -> float:
    """Return the confidence at which percentiles of resamples have to be taken for `confidence` to be covered.

    Hesterberg's (2015) expanded percentiles: resamples of G clusters vary too little by sqrt((G - 1) / G), and normal
    ends are too near where a t distribution with G - 1 degrees of freedom is due. Of note below 50 clusters.

    Example:
        >>> round(expanded_confidence(0.95, 20), 3), round(expanded_confidence(0.95, 1000), 3)
        (0.968, 0.95)
    """
    n_clusters = max(n_clusters, 2.0)
    t = float(stdtrit(n_clusters - 1, 0.5 + confidence / 2))
    covered = 2 * NormalDist().cdf(t * math.sqrt(n_clusters / (n_clusters - 1))) - 1
    # two clusters ask for 18 standard deviations, which is certainty in floating point
    return min(covered, 1 - 1e-12)


def widening(confidence: float, n_clusters: float) -> float:
    """Return what the spread of resamples has to be multiplied by for `confidence` to be covered: see above.

    Example:
        >>> round(widening(0.95, 20), 3)
        1.096
    """
    return normal_quantile(expanded_confidence(confidence, n_clusters)) / normal_quantile(confidence)


def normal_quantile(confidence: float) -> float:
    """Return how many standard deviations on each side cover `confidence` of a normal distribution.

    Example:
        >>> round(normal_quantile(0.95), 2)
        1.96
    """
    return NormalDist().inv_cdf(0.5 + confidence / 2)
