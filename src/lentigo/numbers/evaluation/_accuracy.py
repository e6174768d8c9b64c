"""Accuracy where a side has few lesions or patients: its interval follows from the images of either side.

Resamples of two patients with a melanoma hardly vary, however many benign ones stand beside them: of simulated sets of
2 and 20 patients the interval from resamples held the accuracy in 90.5 % (docs/statistics.md). The share of right
answers on each side has an interval that needs no resamples; both are joined by the method of variance estimates
recovery (Zou and Donner 2008), because the two sides are different patients.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._resampling import Statistics, ratio
from lentigo.numbers.metrics import Support, scarcest

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]
RIGHT: tuple[str, str] = ("right_malignant", "right_benign")


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
    if len(supports) < 2 or not scarce.is_few or not whole.is_defined:
        return whole
    below = above = 0.0
    for side, support in zip(sides, supports, strict=True):
        share = support.n / whole.n
        # one patient tells nothing about the next
        low, high = (side.low, side.high) if side.has_interval else (0.0, 1.0)
        below += (share * (side.value - low)) ** 2
        above += (share * (high - side.value)) ** 2
    low, high = max(0.0, whole.value - math.sqrt(below)), min(1.0, whole.value + math.sqrt(above))
    units = unit if scarce.n_clusters == 1 else f"{unit}s"
    reason = f"from the images of either side, {scarce.cases} being of {scarce.n_clusters} {units}"
    return Estimate(whole.value, low, high, whole.n, reason)
