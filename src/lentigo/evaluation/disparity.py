"""Whether subgroups differ by more than chance: one test an attribute and figure, corrected for how many there are.

The statistic compares how many hits each subgroup has with what the common rate lets expect. Its null distribution is
that of shuffling the subgroups' names over lesions or patients, because images of one of them hit or miss together:
exact for small numbers by drawing shuffles, chi-squared for large ones, where the two agree.
"""

import numpy as np
import numpy.typing as npt

__all__ = ["holm", "shuffle_test"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MOST_DRAWN = 2000
"""Units up to which shuffles are drawn: 0.1 s a test; beyond, subgroups of 20 are large enough for chi-squared."""


def shuffle_test(
    is_hit: Bools, group: npt.NDArray[np.integer], cluster: npt.NDArray[np.integer], *, n_shuffles: int, seed: int
) -> float:
    """Return the p-value that hits are as frequent in all groups; NaN where nothing can differ.

    A unit is the images of one cluster in one group. Let e be a unit's hits less its images times the common rate,
    and S the sum of e over a group of m units: the statistic is (M - 1) / sum(e^2) x sum(S^2 / m), the form of
    Kruskal and Wallis (1952). With one image a cluster it is Pearson's chi-squared times (M - 1) / M.

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
    excess = np.bincount(unit, weights=is_hit - is_hit.mean())
    label = np.zeros(excess.size, dtype=np.int64)
    label[unit] = group
    _, label = np.unique(label, return_inverse=True)
    n_units = np.bincount(label)
    if n_units.size < 2 or (excess**2).sum() == 0:
        return float("nan")
    seen = float((np.bincount(label, weights=excess) ** 2 / n_units).sum())
    if excess.size > MOST_DRAWN:
        from scipy.stats import chi2  # a second of imports, for large evaluations only

        return float(chi2.sf((excess.size - 1) / (excess**2).sum() * seen, n_units.size - 1))
    rng = np.random.default_rng(seed)
    drawn = np.stack([rng.permutation(excess) for _ in range(n_shuffles)])
    ends = np.cumsum(n_units)
    # shuffling excesses over names in order is shuffling names over excesses
    sums = np.add.reduceat(drawn, np.concatenate([[0], ends[:-1]]), axis=1)
    statistic = (sums**2 / n_units).sum(axis=1)
    return float((1 + (statistic >= seen * (1 - 1e-9)).sum()) / (n_shuffles + 1))


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
