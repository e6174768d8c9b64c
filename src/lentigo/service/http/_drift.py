"""Whether what the service sees is still what its model was validated on: arithmetic alone, no files.

Population stability index: sum of (seen - expected) ln(seen / expected) over bins of the score, with the bounds that
credit scoring made usual: below 0.1 stable, above 0.25 shifted. Without any drift, small samples give large values by
chance: (1/n + 1/m) times a chi-squared with one degree of freedom less than there are bins (Yurdakul 2018). So the
95 % quantile of that is said beside it, and below it nothing is claimed.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lentigo.model import Scores
from lentigo.model.decision import wilson_interval

STABLE, SHIFTED = 0.1, 0.25


def stability_index(expected: Sequence[float], counts: Sequence[int]) -> float:
    """Return the population stability index; NaN without any count.

    Half a case is added to every bin, so that an empty one says "rare" and not "infinitely far".

    Args:
        expected: share of each bin, summing to one.
        counts: cases seen in each.

    Example:
        >>> round(stability_index([0.5, 0.5], [90, 10]), 2)
        0.85
        >>> round(stability_index([0.5, 0.5], [50, 50]), 6)
        0.0
    """
    if sum(counts) == 0:
        return math.nan
    seen = (np.asarray(counts) + 0.5) / (sum(counts) + 0.5 * len(counts))
    wanted = np.maximum(np.asarray(expected), 1e-4)
    return float(((seen - wanted) * np.log(seen / wanted)).sum())


def chance_index(n_bins: int, n_seen: int, n_reference: int) -> float:
    """Return the index that samples of one and the same population stay below in 95 of 100 cases.

    Example:
        >>> round(chance_index(10, 1000, 1000), 3)
        0.034
    """
    return chi_squared_quantile(n_bins - 1) * (1 / max(n_seen, 1) + 1 / max(n_reference, 1))


def chi_squared_quantile(freedom: int, confidence: float = 0.95) -> float:
    """Return what a chi-squared variable stays below with this confidence; to eight digits, without SciPy.

    Example:
        >>> round(chi_squared_quantile(9), 6)
        16.918978
    """
    half, low, high = freedom / 2, 0.0, freedom + 40.0 * math.sqrt(freedom)
    while high - low > 1e-10 * high:
        middle = (low + high) / 2
        # the series of the incomplete gamma function (DLMF 8.7.1): all terms are positive, so nothing cancels
        term = total = math.exp(half * math.log(middle / 2) - middle / 2 - math.lgamma(half + 1))
        place = half
        while term > 1e-17 * total:
            place += 1
            term *= middle / 2 / place
            total += term
        low, high = (middle, high) if total < confidence else (low, middle)
    return (low + high) / 2


def share(count: int, n: int) -> dict[str, float | int]:
    """Return a share with Wilson's 95 % interval, as JSON types; NaN of no case.

    Example:
        >>> {name: round(value, 3) for name, value in share(8, 10).items()}
        {'value': 0.8, 'low': 0.49, 'high': 0.943, 'count': 8, 'n': 10}
    """
    if n == 0:
        return {"value": math.nan, "low": math.nan, "high": math.nan, "count": 0, "n": 0}
    low, high = wilson_interval(count, n)
    return {"value": count / n, "low": low, "high": high, "count": count, "n": n}


def describe_shift(reference: Scores | None, scores: Sequence[float]) -> dict[str, Any]:
    """Return how the malignant probabilities seen compare with those of validation, as JSON types.

    Args:
        reference: of the bundle; None where it has none.
        scores: seen, at the prevalence of validation.

    Example:
        >>> describe_shift(None, [0.1, 0.9])["verdict"]
        'no reference'
    """
    edges = [0.1 * k for k in range(1, 10)] if reference is None else list(reference.edges)
    counts = np.bincount(np.searchsorted(edges, scores, side="right"), minlength=len(edges) + 1).tolist()
    told = {"edges": edges, "observed": counts, "reference": None if reference is None else list(reference.shares)}
    if reference is None:
        note = "This bundle contains no validation scores, so drift cannot be measured."
        return {**told, "psi": math.nan, "psi_by_chance": math.nan, "verdict": "no reference", "note": note}
    index = stability_index(reference.shares, counts)
    chance = chance_index(len(counts), len(scores), reference.n_images)
    verdict, note = _verdict(index, chance)
    return {**told, "psi": index, "psi_by_chance": chance, "verdict": verdict, "note": note}


def _verdict(index: float, chance: float) -> tuple[str, str]:
    if math.isnan(index) or (chance > STABLE and index <= chance):
        return "too few", (
            "Too few photographs to decide: a sample of this size differs by as much without any drift. The bounds 0.1 "
            "and 0.25 are meaningful from a few hundred photographs."
        )
    if index < STABLE or index <= chance:
        return "stable", "The distribution of scores matches that of the validation images."
    cause = "A change of patients, camera or lighting can cause this; check each of them."
    if index <= SHIFTED:
        return "moderate", f"The distribution of scores differs somewhat from that of the validation images. {cause}"
    return "shifted", f"The distribution of scores differs from that of the validation images. {cause}"
