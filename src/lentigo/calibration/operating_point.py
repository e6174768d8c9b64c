"""The threshold for a wanted sensitivity, chosen on validation, and what it reached there."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError
from lentigo.metrics.bootstrap import Resampler, bootstrap
from lentigo.metrics.classification import ThresholdCounts, threshold_counter, threshold_counts
from lentigo.metrics.estimate import Estimate, bootstrap_estimate, wilson_estimate

__all__ = ["OperatingPoint", "choose_threshold", "fit_operating_point"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]


def choose_threshold(is_malignant: Bools, probability: Floats, *, target_sensitivity: float) -> float:
    """Return the highest threshold at which the wanted share of malignant images is called so (p >= threshold).

    It is the probability of one of the malignant images. The sensitivity that it reaches on the same images is at least
    the wanted one, and by that choice a little too good; judge it on others.

    Args:
        is_malignant: (N,) truth.
        probability: (N,) calibrated probability that an image is malignant.
        target_sensitivity: wanted share, in (0, 1].

    Raises:
        MetricError: no malignant image, or a sensitivity outside (0, 1].

    Example:
        >>> truth = np.array([True, True, True, False])
        >>> choose_threshold(truth, np.array([0.9, 0.6, 0.3, 0.4]), target_sensitivity=0.66)
        0.6
    """
    if not 0 < target_sensitivity <= 1:
        raise MetricError(f"A wanted sensitivity lies above 0 and at most at 1; got {target_sensitivity:g}. Try 0.95.")
    found = np.sort(probability[is_malignant])[::-1]
    if found.size == 0:
        raise MetricError("No malignant image to choose a threshold on. Give validation data with malignant images.")
    # a hair less, so that 0.95 of 20 asks for 19 and not, by rounding, for 20
    needed = max(1, math.ceil(target_sensitivity * found.size * (1 - 1e-12)))
    return float(found[needed - 1])


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold on the calibrated malignant probability, and what it reached on validation.

    Args:
        name: how files and reports call it ("sensitivity_95").
        threshold: an image is called malignant when its probability is at least this.
        target_sensitivity: what was asked for.
        sensitivity: reached on validation, where the threshold was chosen: a little too good.
        specificity: reached on validation.
        n_malignant: validation images that are malignant.
        n_benign: validation images that are not.

    Example:
        >>> found = Estimate(0.95, 0.89, 0.98, n=100)
        >>> OperatingPoint("sensitivity_95", 0.2, 0.95, found, Estimate(0.7, 0.6, 0.8, n=90), 100, 90).threshold
        0.2
    """

    name: str
    threshold: float
    target_sensitivity: float
    sensitivity: Estimate
    specificity: Estimate
    n_malignant: int
    n_benign: int

    def json(self) -> dict[str, Any]:
        """Return the operating point as JSON types."""
        return {
            "name": self.name,
            "threshold": self.threshold,
            "target_sensitivity": self.target_sensitivity,
            "sensitivity": self.sensitivity.json(),
            "specificity": self.specificity.json(),
            "n_malignant": self.n_malignant,
            "n_benign": self.n_benign,
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the operating point that `json` wrote.

        Raises:
            KeyError: a field is missing.
        """
        return cls(
            name=str(payload["name"]),
            threshold=float(payload["threshold"]),
            target_sensitivity=float(payload["target_sensitivity"]),
            sensitivity=Estimate.from_json(payload["sensitivity"]),
            specificity=Estimate.from_json(payload["specificity"]),
            n_malignant=int(payload["n_malignant"]),
            n_benign=int(payload["n_benign"]),
        )


def fit_operating_point(
    is_malignant: Bools,
    probability: npt.NDArray[np.float64],
    *,
    target_sensitivity: float,
    resampler: Resampler | None = None,
    unit: str = "image",
    confidence: float = 0.95,
) -> OperatingPoint:
    """Return the operating point for a wanted sensitivity, with intervals.

    Args:
        is_malignant: (N,) truth.
        probability: (N,) calibrated probability that an image is malignant.
        target_sensitivity: wanted share, in (0, 1].
        resampler: for bootstrap intervals over its clusters; None for Wilson's, which take images for independent.
        unit: what a cluster is.
        confidence: coverage, in (0, 1).

    Example:
        >>> truth = np.array([True, True, False, False])
        >>> point = fit_operating_point(truth, np.array([0.9, 0.6, 0.7, 0.1]), target_sensitivity=0.95)
        >>> print(point.threshold, point.specificity)
        0.6 0.500 [0.095, 0.905]
    """
    threshold = choose_threshold(is_malignant, probability, target_sensitivity=target_sensitivity)
    if resampler is None:
        sensitivity, specificity = _wilson(is_malignant, probability, threshold, confidence)
    else:
        sensitivity, specificity = _bootstrap(is_malignant, probability, threshold, resampler, unit, confidence)
    return OperatingPoint(
        name=f"sensitivity_{100 * target_sensitivity:g}",
        threshold=threshold,
        target_sensitivity=target_sensitivity,
        sensitivity=sensitivity,
        specificity=specificity,
        n_malignant=int(is_malignant.sum()),
        n_benign=int((~is_malignant).sum()),
    )


def _wilson(is_malignant: Bools, probability: Floats, threshold: float, confidence: float) -> tuple[Estimate, Estimate]:
    is_called = probability >= threshold
    n_found, n_cleared = int((is_malignant & is_called).sum()), int((~is_malignant & ~is_called).sum())
    n_malignant = int(is_malignant.sum())
    return (
        wilson_estimate(n_found, n_malignant, confidence=confidence, cases="malignant images"),
        wilson_estimate(n_cleared, is_malignant.size - n_malignant, confidence=confidence, cases="benign images"),
    )


def _bootstrap(
    is_malignant: Bools, probability: Floats, threshold: float, resampler: Resampler, unit: str, confidence: float
) -> tuple[Estimate, Estimate]:
    count = threshold_counter(is_malignant, probability, threshold=threshold)
    found = threshold_counts(is_malignant, probability, threshold=threshold)
    drawn = ThresholdCounts(*bootstrap(lambda weights: {"counts": count(weights)}, resampler)["counts"])

    def estimate(value: Floats, replicates: Floats, cases: Bools, name: str) -> Estimate:
        return bootstrap_estimate(
            float(value),
            replicates,
            n=int(cases.sum()),
            n_clusters=resampler.count_clusters(cases),
            cases=f"{name} images",
            unit=unit,
            confidence=confidence,
            is_proportion=True,
        )

    return (
        estimate(found.sensitivity, drawn.sensitivity, is_malignant, "malignant"),
        estimate(found.specificity, drawn.specificity, ~is_malignant, "benign"),
    )
