"""How much wider an interval has to be because its resamples come from few clusters, and when there are too few.

Resamples of a handful of clusters repeat the handful: with 3 patients with a melanoma an average precision varied too
little in every fourth simulated set, and no choice of percentiles mends that. So below `FEWEST_CLUSTERS`, on any side
that a figure needs, nothing is resampled: a share and an AUROC get intervals that need no resamples, anything else has
none (docs/statistics.md).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from lentigo.model.decision import normal_quantile
from lentigo.wording import counted_units

FEWEST_CLUSTERS: Final = 10
"""Lesions or patients, as many equal ones as they count for, below which resamples of them carry no interval."""


@dataclass(frozen=True, slots=True)
class Support:
    """The lesions or patients that one side of a figure rests on.

    Args:
        n: its images.
        n_clusters: how many lesions or patients these come from.
        effective: as how many of equal size they count.
        cases: what images of them are ("malignant images").

    Example:
        >>> Support(31, 12, 7.2, "malignant images").is_few
        True
    """

    n: int
    n_clusters: int
    effective: float
    cases: str

    @property
    def is_few(self) -> bool:
        """Whether resamples of them carry no interval."""
        return self.effective < FEWEST_CLUSTERS

    def why(self, unit: str) -> str:
        """Return the reason why there is no interval.

        Example:
            >>> Support(9, 3, 2.6, "malignant images").why("patient")
            'malignant images of only 3 patients: no interval from fewer than 10'
            >>> Support(31, 12, 7.2, "malignant images").why("lesion")
            'malignant images of 12 lesions, which count as 7 of equal size: no interval from fewer than 10'
        """
        units = counted_units(self.n_clusters, unit)
        there = f"only {units}"
        if self.n_clusters >= FEWEST_CLUSTERS:
            there = f"{units}, which count as {math.floor(self.effective)} of equal size"
        return f"{self.cases} of {there}: no interval from fewer than {FEWEST_CLUSTERS}"


def scarcest(sides: Sequence[Support]) -> Support:
    """Return the side that counts for the fewest clusters.

    Example:
        >>> scarcest([Support(90, 40, 31.0, "benign images"), Support(9, 3, 2.6, "malignant images")]).n_clusters
        3
    """
    return min(sides, key=lambda side: side.effective)


def expanded_confidence(confidence: float, n_clusters: float, *, freedom: float = math.inf) -> float:
    """Return the confidence at which percentiles of resamples have to be taken for `confidence` to be covered.

    Hesterberg's (2015) expanded percentiles: resamples of G clusters vary too little by sqrt((G - 1) / G), and normal
    ends are too near where a t distribution is due, one with G - 1 degrees of freedom or those of the variance where
    these are fewer. Of note below 50 clusters.

    Example:
        >>> round(expanded_confidence(0.95, 20), 3), round(expanded_confidence(0.95, 1000), 3)
        (0.968, 0.95)
        >>> round(expanded_confidence(0.95, 1000, freedom=10), 3)  # a handful of them decides
        0.974
    """
    n_clusters = max(n_clusters, 2.0)
    t = t_quantile(confidence, min(n_clusters - 1, freedom))
    covered = 2 * NormalDist().cdf(t * math.sqrt(n_clusters / (n_clusters - 1))) - 1
    # two clusters ask for 18 standard deviations, which is certainty in floating point
    return min(covered, 1 - 1e-12)


def variance_freedom(influence: npt.NDArray[np.floating]) -> float:
    """Return the degrees of freedom of the jackknife variance, the sum of squares of the (J,) influences.

    Satterthwaite's (1946): twice the square of a variance over the variance of that variance, the latter estimated by
    how much the squared influences differ (Pan and Wall 2002; Johnson and Rust 1992 for the jackknife). Blocks without
    influence are left out. J for influences from a normal distribution, fewer where some clusters outweigh the others,
    as the patients with missed melanomas do in a partial AUROC. Infinite where all are alike.

    Example:
        >>> round(variance_freedom(np.random.default_rng(0).normal(size=100_000)), -4)
        100000.0
        >>> round(variance_freedom(np.array([1.0, 1.0, 1.0, -3.0])), 1)  # 2 x 12^2 / (84 - 12^2 / 4)
        6.0
    """
    squares = influence[influence != 0] ** 2
    variance = float(squares.sum())
    spread = float((squares**2).sum()) - variance**2 / max(squares.size, 1)
    return 2 * variance**2 / spread if spread > 1e-12 * variance**2 else math.inf


def widening(confidence: float, n_clusters: float) -> float:
    """Return what the spread of resamples has to be multiplied by for `confidence` to be covered: see above.

    Example:
        >>> round(widening(0.95, 20), 3)
        1.096
    """
    return normal_quantile(expanded_confidence(confidence, n_clusters)) / normal_quantile(confidence)


def t_quantile(confidence: float, freedom: float) -> float:
    """Return how many standard errors on each side cover `confidence` of a t distribution.

    Example:
        >>> round(t_quantile(0.95, 9), 3), round(t_quantile(0.95, math.inf), 3)
        (2.262, 1.96)
    """
    return normal_quantile(confidence) if math.isinf(freedom) else float(stdtrit(freedom, 0.5 + confidence / 2))
