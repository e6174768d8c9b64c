"""Whether subgroups differ by more than chance: one test an attribute and figure, corrected for how many there are.

The statistic is chi-squared with variances that know of clusters (Donner and Donald 1988). Its null distribution is
that of shuffling the subgroups' names over lesions or patients, because images of one of them hit or miss together:
exact for small numbers by drawing shuffles, chi-squared for large ones, where the two agree. Without these variances,
many images a patient in one subgroup and few in another would be taken for a difference in hits.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MOST_DRAWN = 2000
"""Units up to which shuffles are drawn: 0.1 s a test; beyond, subgroups of 20 are large enough for chi-squared."""


def shuffle_test(
    is_hit: Bools, group: npt.NDArray[np.integer], cluster: npt.NDArray[np.integer], *, n_shuffles: int, seed: int
) -> float:
    """Return the p-value that hits are as frequent in all groups; NaN where nothing can differ.

    A unit is the images of one cluster in one group. With the common rate r and the correlation c of images of a unit,
    both of all groups together, the hits of a unit of n images have the variance n r (1 - r) (1 + (n - 1) c). The
    statistic is the sum over groups of the squared distances of their rates from the weighted mean rate, each over its
    variance. With one image a cluster it is Pearson's chi-squared.

    Args:
        is_hit: (N,) outcome.
        group: (N,) subgroup, 0 or more.
        cluster: (N,) lesion or patient.
        n_shuffles: how many are drawn, where they are.
        seed: of the shuffles.

    Example:
        >>> hit, group = np.array([True] * 9 + [False] * 9), np.repeat([0, 1], 9)
        >>> shuffle_test(hit, group, np.arange(18), n_shuffles=999, seed=0)
        0.001
    """
    _, unit = np.unique(np.stack([cluster, group]), axis=1, return_inverse=True)
    if is_hit.size == 0 or is_hit.all() or not is_hit.any():
        return float("nan")
    n_images = np.bincount(unit).astype(np.float64)
    hits = np.bincount(unit, weights=is_hit).astype(np.float64)
    label = np.zeros(hits.size, dtype=np.int64)
    label[unit] = group
    order = np.argsort(label, kind="stable")
    units: Floats = np.stack([hits, n_images, _variance(hits, n_images)])[:, order]
    starts = np.flatnonzero(np.diff(label[order], prepend=-1))
    if starts.size < 2:
        return float("nan")
    seen = float(_statistic(units, starts))
    if hits.size > MOST_DRAWN:
        from scipy.stats import chi2  # a second of imports, for large evaluations only

        return float(chi2.sf(seen, starts.size - 1))
    rng = np.random.default_rng(seed)
    # shuffling units over names in order is shuffling names over units
    drawn = np.array([_statistic(units[:, rng.permutation(hits.size)], starts) for _ in range(n_shuffles)])
    return float((1 + (drawn >= seen * (1 - 1e-9)).sum()) / (n_shuffles + 1))


def _variance(hits: Floats, n_images: Floats) -> Floats:
    """Return the variance of the hits of each unit where all groups are alike."""
    rate = hits.sum() / n_images.sum()
    of_one = rate * (1 - rate)
    n_pairs = (n_images * (n_images - 1)).sum()
    excess = ((hits - n_images * rate) ** 2).sum() - n_images.sum() * of_one
    correlation = min(1.0, max(0.0, excess / (of_one * n_pairs))) if n_pairs else 0.0
    variance: Floats = n_images * of_one * (1 + (n_images - 1) * correlation)
    return variance


def _statistic(units: Floats, starts: npt.NDArray[np.integer]) -> float:
    hits, n_images, variance = np.add.reduceat(units, starts, axis=1)
    rate, weight = hits / n_images, n_images**2 / variance
    return float((weight * (rate - np.average(rate, weights=weight)) ** 2).sum())


def holm(p_values: list[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979); NaN, a test that could not be made, is not counted.

    Example:
        >>> holm([0.01, float("nan"), 0.04, 0.03])
        [0.03, nan, 0.06, 0.06]
    """
    values = np.array(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")  # NaN last
    n_tests = int((~np.isnan(values)).sum())
    corrected = np.full(values.size, np.nan)
    largest = 0.0
    for rank, i in enumerate(order[:n_tests]):
        largest = max(largest, min(1.0, (n_tests - rank) * float(values[i])))
        corrected[i] = largest
    return [float(value) for value in corrected]
