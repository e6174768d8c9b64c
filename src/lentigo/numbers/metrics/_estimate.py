"""A number with its interval: the record every figure of an evaluation is kept in, and the two ways to the interval."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate, wilson_interval
from lentigo.numbers.metrics._acceleration import bca_interval
from lentigo.numbers.metrics._few_clusters import (
    FEWEST_CLUSTERS,
    Support,
    expanded_confidence,
    scarcest,
    t_quantile,
    variance_freedom,
)
from lentigo.numbers.metrics._proportions import clustered_wilson_interval, exact_interval
from lentigo.numbers.metrics._ranking_interval import ranking_interval
from lentigo.wording import counted_units


def wilson_estimate(successes: int, n: int, *, confidence: float = 0.95, cases: str = "cases") -> Estimate:
    """Return a proportion with Wilson's interval; undefined, with "0 cases" as reason, when there are none.

    Args:
        successes: cases with the property.
        n: all cases.
        confidence: coverage, in (0, 1).
        cases: what is counted, for the reason.

    Example:
        >>> print(wilson_estimate(95, 100))
        0.950 [0.888, 0.978]
        >>> print(wilson_estimate(0, 0, cases="malignant images"))
        n/a (0 malignant images)
    """
    if n == 0:
        return Estimate.undefined(f"0 {cases}")
    low, high = wilson_interval(successes, n, confidence=confidence)
    return Estimate(successes / n, low, high, n)


def percentile_interval(replicates: npt.ArrayLike, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the percentile bootstrap interval: the central quantiles of the resampled values.

    Undefined resamples (NaN) are left out. It stays within a figure's range and carries over under monotone maps, but
    leans to the wrong side where a figure is skewed: see `lentigo.numbers.metrics._acceleration`.

    Args:
        replicates: (B,) values of the resamples.
        confidence: coverage, in (0, 1).

    Returns:
        Lower and upper end; NaN both when fewer than half of the resamples are defined.

    Example:
        >>> percentile_interval([0.0, 1.0, 2.0, 3.0, 4.0], confidence=0.5)
        (1.0, 3.0)
    """
    values = np.asarray(replicates, dtype=np.float64)
    defined = values[~np.isnan(values)]
    if defined.size == 0 or 2 * defined.size < values.size:
        return math.nan, math.nan
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def bootstrap_estimate(
    value: float,
    replicates: npt.ArrayLike,
    *,
    n: int,
    n_clusters: int,
    cases: str = "images",
    unit: str = "image",
    confidence: float = 0.95,
    is_proportion: bool = False,
    effective_clusters: float | None = None,
    influence: npt.NDArray[np.floating] | None = None,
    is_coefficient: bool = False,
    is_ranking: bool = False,
    sides: Sequence[Support] = (),
) -> Estimate:
    """Return a figure with its bootstrap interval, or the reason why it has none.

    - A proportion gets Wilson's interval for as many independent cases as would vary as much: percentiles of a
      sensitivity near 1 lie too high. See `clustered_wilson_interval`. Where all or none of a few clusters have the
      property, it is the exact one.
    - An AUROC with few clusters on a side, or of exactly 0 or 1, gets the score interval: see `ranking_interval`.
    - A coefficient of a regression gets the jackknife's standard error and a t quantile (CR3, MacKinnon, Nielsen and
      Webb 2023), with the degrees of freedom of that variance: resamples of a calibration slope vary too little (0.116,
      where the slope itself varies by 0.123) and no choice of their percentiles mends that.
    - Anything else with few clusters on a side has no interval: resamples of them vary too little.
    - Anything else gets percentiles, expanded for few clusters by the same degrees of freedom, bias-corrected and
      accelerated (BCa). Without a known influence the number of clusters alone decides.

    Any other figure that is the same in every resample has no interval, rather than one without width.

    Args:
        value: the figure on the sample itself; NaN where undefined.
        replicates: (B,) its values on the resamples.
        n: cases the figure rests on.
        n_clusters: clusters these cases come from; an interval needs two.
        cases: what `n` counts, for the reason ("malignant images").
        unit: what a cluster is ("lesion"), for the reason.
        confidence: coverage, in (0, 1).
        is_proportion: whether the figure is a share of `n` cases.
        effective_clusters: as how many clusters of equal size they count; `n_clusters` when None.
        influence: (J,) contributions of blocks of clusters to the figure, from a jackknife.
        is_coefficient: whether the figure is a coefficient of a regression.
        is_ranking: whether the figure is an AUROC; `sides` are then its positive and its negative images.
        sides: all the groups of cases that the figure needs; the `n_clusters` alone when empty.

    Example:
        >>> print(bootstrap_estimate(0.5, [0.4, 0.5, 0.6], n=10, n_clusters=800))
        0.500 [0.405, 0.595]
        >>> bootstrap_estimate(0.5, [0.5, 0.5], n=2, n_clusters=1, unit="lesion").reason
        'all 2 images are of one lesion: no interval'
    """
    if math.isnan(value):
        return Estimate.undefined(f"0 {cases}", n=n)
    sides = sides or (Support(n, n_clusters, n_clusters if effective_clusters is None else effective_clusters, cases),)
    # a share's interval widens as far as few clusters need
    if n_clusters < 2 or (scarcest(sides).is_few and not is_proportion) or (is_ranking and value in (0.0, 1.0)):
        return _without_resamples(value, n, sides, unit, confidence, is_ranking=is_ranking)
    equal_ones = max(1.0, n_clusters if effective_clusters is None else effective_clusters)
    effective = max(2.0, equal_ones)  # a variance needs two
    known = influence if influence is not None and np.isfinite(influence).all() and influence.any() else None
    freedom = math.inf if known is None else variance_freedom(known)
    wider = expanded_confidence(confidence, effective, freedom=freedom)
    low, high = percentile_interval(replicates, confidence=wider)
    if math.isnan(low):
        return Estimate(value, low, high, n, "undefined in most resamples: no interval")
    if is_proportion and value in (0.0, 1.0):
        (low, high), name = _of_all_or_none(value, n_clusters, equal_ones, confidence)
        unequal = name == "exact" and equal_ones < n_clusters - 0.05
        units = f"{counted_units(n_clusters, unit)}{f' that count as {equal_ones:.2g} equal ones' * unequal}"
        return Estimate(value, low, high, n, f"{'all' if value else 'none'} of them: {name} interval over {units}")
    if is_proportion:
        variance = _variance(replicates, known, effective)
        low, high = clustered_wilson_interval(value, variance, n=n, n_clusters=effective, confidence=confidence)
        if effective < FEWEST_CLUSTERS and effective < n:  # no surer than where all, or none, have the property
            low = min(low, exact_interval(equal_ones, equal_ones, confidence=confidence)[0])
            high = max(high, exact_interval(0, equal_ones, confidence=confidence)[1])
    elif high - low <= 1e-12:
        return Estimate(value, math.nan, math.nan, n, "the same in every resample: no interval")
    elif is_coefficient and known is not None:
        half = t_quantile(confidence, min(effective - 1, freedom)) * _length(known)
        low, high = value - half, value + half
    elif influence is not None:
        low, high = bca_interval(value, np.asarray(replicates), influence, confidence=wider)
    return Estimate(value, low, high, n)


def _without_resamples(
    value: float, n: int, sides: Sequence[Support], unit: str, confidence: float, *, is_ranking: bool
) -> Estimate:
    """Return a figure of too few clusters on a side, with the interval of an AUROC or none."""
    scarce = scarcest(sides)
    if scarce.n_clusters < 2:
        return Estimate(value, math.nan, math.nan, n, one_cluster(scarce.n, scarce.cases, unit))
    if not is_ranking:
        return Estimate(value, math.nan, math.nan, n, scarce.why(unit))
    low, high = ranking_interval(value, *(side.effective for side in sides), confidence=confidence)
    return Estimate(
        value, low, high, n, f"score interval, {scarce.cases} being of {counted_units(scarce.n_clusters, unit)}"
    )


def _of_all_or_none(
    share: float, n_clusters: int, effective: float, confidence: float
) -> tuple[tuple[float, float], str]:
    """Return the interval of a share of 0 or 1 over clusters, each taken for one case, and its name."""
    # of many clusters the two differ in the third place only
    if effective < FEWEST_CLUSTERS:
        return exact_interval(share * effective, effective, confidence=confidence), "exact"
    return wilson_interval(share * n_clusters, n_clusters, confidence=confidence), "Wilson"


def _variance(replicates: npt.ArrayLike, influence: npt.NDArray[np.floating] | None, n_clusters: float) -> float:
    """Return the variance of a figure: the jackknife's, which errs to the safe side, where it is known."""
    if influence is not None:
        return _length(influence) ** 2
    return float(np.nanvar(np.asarray(replicates, dtype=np.float64))) * n_clusters / (n_clusters - 1)


def _length(influence: npt.NDArray[np.floating]) -> float:
    return math.sqrt(float((influence**2).sum()))


def one_cluster(n: int, cases: str, unit: str) -> str:
    """Return why `n` cases of one cluster give no interval.

    Example:
        >>> one_cluster(3, "malignant images", "lesion")
        'all 3 malignant images are of one lesion: no interval'
    """
    if n == 1:
        return f"1 {cases.replace('images', 'image', 1)} only: no interval"
    return f"all {n} {cases} are of one {unit}: no interval"
