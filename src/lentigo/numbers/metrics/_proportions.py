"""Intervals of a share: Wilson's for as many independent cases as clusters are worth, and the exact one for a few."""

from scipy.special import betaincinv

from lentigo.model.decision import score_interval
from lentigo.numbers.metrics._few_clusters import t_quantile


def clustered_wilson_interval(
    share: float, variance: float, *, n: int, n_clusters: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Return Wilson's interval for the number of independent cases whose share would vary as this one does.

    Korn and Graubard (1998), with a t quantile, and never for more cases than there are. It is the form that Franco et
    al. (2019) recommend for clustered data, where they found that every form covers too little with a design effect
    (variance over that of n independent cases) that is known from the sample alone.

    The design effect is learnt from the rarer outcome, and one missed image would teach that images are independent,
    because it is alone. So half an event is added, as in Jeffreys' prior, in clusters whose images go together half of
    the time; the interval is never made narrower. With seven events in 150 images the variance rises by a twelfth, with
    a hundred by nothing. In 1,000 simulated sets an NPV of 0.99 and a sensitivity of 0.95 were held in 92.9 and 93.3 %
    without it and in 95.9 and 94.4 % with it (docs/experiments.md).

    Where each case is a cluster of its own, there is nothing to learn: all cases count.

    Args:
        share: seen, in (0, 1).
        variance: of the share, from resamples or a jackknife.
        n: cases it is a share of.
        n_clusters: as how many equal clusters they count, at least 2.
        confidence: coverage, in (0, 1).

    Example:
        >>> low, high = clustered_wilson_interval(0.95, 4 * 0.95 * 0.05 / 400, n=400, n_clusters=200)
        >>> f"{low:.3f} {high:.3f}"  # 400 images that tell as much as a hundred: see above
        '0.888 0.979'
    """
    quantile = t_quantile(confidence, n_clusters - 1)
    if n_clusters > n - 1e-6:
        # the 200 blocks of a jackknife made 225 of 300 images, each for itself
        return score_interval(share * n, n, quantile)
    independent = share * (1 - share) / n
    n_rarer = n * min(share, 1 - share)
    half_together = (1 + n / n_clusters) / 2
    prior = (n_rarer * variance + half_together * independent / 2) / (n_rarer + 0.5)
    # never more than the cases themselves: 200 blocks of a jackknife made 400 of 360 images, each for itself
    n_effective = share * (1 - share) / max(variance, prior, independent)
    return score_interval(share * n_effective, n_effective, quantile)


def exact_interval(successes: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the interval of Clopper and Pearson (1934), which covers at least what it claims for any number of cases.

    Args:
        successes: cases with the property; a fraction where clusters of unequal size count for fewer.
        n: all cases, more than 0.
        confidence: coverage, in (0, 1).

    Example:
        >>> low, high = exact_interval(3, 3)
        >>> f"{low:.3f} {high:.3f}"  # 0.025 ** (1 / 3): where that is the truth, 3 of 3 come in one sample of forty
        '0.292 1.000'
    """
    tail = (1 - confidence) / 2
    low = 0.0 if successes <= 0 else float(betaincinv(successes, n - successes + 1, tail))
    high = 1.0 if successes >= n else float(betaincinv(successes + 1, n - successes, 1 - tail))
    return low, high
