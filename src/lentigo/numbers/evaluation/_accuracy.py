"""Accuracy where a side has few lesions or patients: its interval follows from the images of either side.

Resamples of two patients with a melanoma hardly vary, however many benign ones stand beside them: of simulated sets of
2 and 20 patients the interval from resamples held the accuracy in 90.5 % (docs/statistics.md). The share of right
answers on each side has an interval that needs no resamples; both are joined by the method of variance estimates
recovery (Zou and Donner 2008), because the two sides are different patients.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._resampling import Statistics, ratio
from lentigo.numbers.metrics import Support, scarcest
from lentigo.wording import counted_units

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]
RIGHT: Final = ("right_malignant", "right_benign")
ALL_OR_NONE: Final = "all or none of one of which are right"


def malignant_rows(target: npt.NDArray[np.integer], is_malignant: Bools, n_classes: int) -> Bools:
    """Return (K,) which classes hold malignant images.

    Example:
        >>> malignant_rows(np.array([0, 1, 1]), np.array([False, True, True]), 3).tolist()
        [False, True, False]
    """
    return np.bincount(target[is_malignant], minlength=n_classes) > 0


def right_by_side(confusion: Floats, is_malignant: Bools) -> Statistics:
    """Return the share of images of each side whose most probable class is the true one.

    Args:
        confusion: (K, K, B) truth by most probable class, or (K, K) for one set.
        is_malignant: (K,) the malignant classes.

    Example:
        >>> found = right_by_side(np.array([[3.0, 1.0], [0.0, 2.0]])[..., np.newaxis], np.array([False, True]))
        >>> found["right_malignant"].tolist(), found["right_benign"].tolist()
        ([1.0], [0.75])
    """
    counts = np.asarray(confusion, dtype=np.float64).reshape(is_malignant.size, is_malignant.size, -1)
    right, everyone = np.einsum("kkb->kb", counts), counts.sum(axis=1)
    return {
        name: ratio(right[rows].sum(axis=0), everyone[rows].sum(axis=0))
        for name, rows in zip(RIGHT, (is_malignant, ~is_malignant), strict=True)
    }


def accuracy_of_few(whole: Estimate, sides: Sequence[Estimate], supports: Sequence[Support], unit: str) -> Estimate:
    """Return the accuracy with the interval of both sides, where one has few clusters; else as it is.

    Args:
        whole: the accuracy, with the interval from resamples.
        sides: the share that is right on malignant and on benign images.
        supports: the clusters of both.
        unit: what a cluster is.

    Example:
        >>> few, many = Support(4, 2, 2.0, "malignant images"), Support(60, 40, 30.0, "benign images")
        >>> sides = [Estimate(0.5, 0.0, 1.0, n=4), Estimate(0.9, 0.8, 0.95, n=60)]
        >>> print(accuracy_of_few(Estimate(0.875, 0.8, 0.95, n=64), sides, [few, many], "patient"))
        0.875 [0.776, 0.931]
    """
    scarce = scarcest(supports)
    if len(supports) < 2 or not whole.is_defined or not (scarce.is_few or is_fixed(sides)):
        return whole
    low, high = joined(whole.value, sides, [support.n / whole.n for support in supports])
    few = f"{scarce.cases} being of {counted_units(scarce.n_clusters, unit)}"
    reason = f"from the images of either side, {few if scarce.is_few else ALL_OR_NONE}"
    return Estimate(whole.value, low, high, whole.n, reason)


def mean_recall(whole: Estimate, recalls: Sequence[Estimate]) -> Estimate:
    """Return the mean recall of classes, from their own intervals where resamples leave one at 0 or 1.

    Args:
        whole: the mean recall, with the interval from resamples.
        recalls: of each class that has images.

    Example:
        >>> sure = [Estimate(1.0, 0.8, 1.0, n=14), Estimate(0.5, 0.4, 0.6, n=90)]
        >>> print(mean_recall(Estimate(0.75, 0.7, 0.8, n=104), sure))
        0.750 [0.638, 0.800]
    """
    if not whole.has_interval or not is_fixed(recalls):
        return whole
    low, high = joined(whole.value, recalls, [1 / len(recalls)] * len(recalls))
    reason = "; ".join(filter(None, [whole.reason, f"from the images of each class, {ALL_OR_NONE}"]))
    return Estimate(whole.value, low, high, whole.n, reason)


def rate_difference(gap: Estimate, first: Estimate, second: Estimate) -> Estimate:
    """Return the difference of two rates, from the interval of each where one of them is 0 or 1; else as it is.

    Resamples leave such a rate where it is, so that the difference seems as sure as the other rate alone. The ends are
    those of Newcombe (1998, method 10) without correlation, which is that of a rate that does not vary.

    Args:
        gap: first less second, with the interval from resamples.
        first: a rate with its own interval.
        second: the other.

    Example:
        >>> first, second = Estimate(1.0, 0.8, 1.0, n=14), Estimate(0.9, 0.7, 0.95, n=14)
        >>> print(rate_difference(Estimate(0.1, 0.05, 0.2, n=14), first, second))
        0.100 [-0.106, 0.300]
    """
    if not (gap.has_interval and first.has_interval and second.has_interval and is_fixed([first, second])):
        return gap
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    ends = max(-1.0, min(gap.low, gap.value - below)), min(1.0, max(gap.high, gap.value + above))
    reason = "; ".join(filter(None, [gap.reason, f"from the interval of each model, {ALL_OR_NONE}"]))
    return Estimate(gap.value, *ends, gap.n, reason)


def is_fixed(shares: Sequence[Estimate]) -> bool:
    """Return whether one of some shares is 0 or 1: resamples leave it there, and with it a mean of them.

    Example:
        >>> is_fixed([Estimate(0.5, 0.4, 0.6, n=90), Estimate(1.0, 0.8, 1.0, n=14)])
        True
    """
    return any(share.value in (0.0, 1.0) for share in shares)


def joined(value: float, shares: Sequence[Estimate], weights: Sequence[float]) -> tuple[float, float]:
    """Return the ends of a weighted mean of independent shares from their own ends (MOVER, Zou and Donner 2008).

    Example:
        >>> joined(0.5, [Estimate(0.5, 0.25, 0.75, n=4)], [1.0])
        (0.25, 0.75)
    """
    below = above = 0.0
    for share, weight in zip(shares, weights, strict=True):
        # one patient tells nothing about the next
        low, high = (share.low, share.high) if share.has_interval else (0.0, 1.0)
        below += (weight * (share.value - low)) ** 2
        above += (weight * (high - share.value)) ** 2
    return max(0.0, value - math.sqrt(below)), min(1.0, value + math.sqrt(above))
