"""Thresholds chosen on validation, for a wanted sensitivity, a cost ratio or Youden's, and what they reached there."""

import math

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError
from lentigo.model.decision import Estimate, OperatingPoint, Rule, check_prevalence, is_referred, shift_probability
from lentigo.numbers.metrics import (
    Resampler,
    ThresholdCounts,
    bootstrap,
    bootstrap_estimate,
    jackknife,
    threshold_counter,
    threshold_counts,
    wilson_estimate,
)

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
        raise MetricError(
            f"The target sensitivity must be above 0 and at most 1; got {target_sensitivity:g}. Try 0.95."
        )
    found = np.sort(probability[is_malignant])[::-1]
    if found.size == 0:
        raise MetricError("No malignant image to choose a threshold on. Give validation data with malignant images.")
    # a hair less, so that 0.95 of 20 asks for 19 and not, by rounding, for 20
    needed = max(1, math.ceil(target_sensitivity * found.size * (1 - 1e-12)))
    return float(found[needed - 1])


def to_find(wanted: float, n_malignant: int) -> float:
    """Return the share of n malignant images to find here, for the wanted share to be found on average elsewhere.

    The sensitivity, on new images, of a threshold at the k-th smallest of n probabilities is on average
    1 - k / (n + 1): order statistics, as in conformal prediction. The highest threshold that finds the wanted share
    here reaches less: 0.934 where 0.95 is wanted and 60 images decide.

    Args:
        wanted: sensitivity, in (0, 1].
        n_malignant: images, at least 1.

    Example:
        >>> round(60 * to_find(0.95, 60)), to_find(0.95, 12)
        (58, 1.0)
    """
    return min(1.0, math.ceil(wanted * (n_malignant + 1) - 1e-9) / n_malignant)


def judged_sources(is_malignant: Bools, source: npt.NDArray[np.str_], *, fewest: int) -> list[str]:
    """Return the sources with enough malignant images for a threshold of their own, in order of their names.

    Example:
        >>> judged_sources(np.array([True, True, True, False]), np.array(["a", "b", "b", "b"]), fewest=2)
        ['b']
    """
    names, counts = np.unique(source[is_malignant & (source != "")], return_counts=True)
    return [str(name) for name in names[counts >= fewest]]


def youden_threshold(is_malignant: Bools, probability: Floats) -> float:
    """Return the threshold with the greatest sensitivity + specificity (Youden 1950); of several the lowest.

    Args:
        is_malignant: (N,) truth, both sides present.
        probability: (N,) calibrated probability that an image is malignant.

    Example:
        >>> youden_threshold(np.array([True, True, False, False]), np.array([0.9, 0.6, 0.7, 0.1]))
        0.6
    """
    thresholds = np.unique(probability[is_malignant])
    found = 1 - np.searchsorted(np.sort(probability[is_malignant]), thresholds) / is_malignant.sum()
    alarms = 1 - np.searchsorted(np.sort(probability[~is_malignant]), thresholds) / (~is_malignant).sum()
    # a hair for rounding: among equals the lowest threshold, which misses least
    gain = found - alarms
    return float(thresholds[np.argmax(gain >= gain.max() - 1e-12)])


def cost_threshold(cost_ratio: float, *, source: float, prevalence: float) -> float:
    """Return the threshold that costs least when probabilities are right: odds of 1 to the cost ratio (Elkan 2001).

    It follows from the costs, not from the images, so there is nothing in it to overfit; calibration has to hold.

    Args:
        cost_ratio: how many false alarms a missed malignant image costs.
        source: share of malignant images the probabilities were calibrated on.
        prevalence: share where the costs arise; the threshold comes back on the scale of `source`.

    Raises:
        MetricError: the cost ratio is not a positive number, or a share is not between 0 and 1.

    Example:
        >>> round(cost_threshold(9, source=0.5, prevalence=0.5), 3)
        0.1
    """
    if not (math.isfinite(cost_ratio) and cost_ratio > 0):
        raise MetricError(f"A cost ratio is a positive number of false alarms; got {cost_ratio:g}. Try 10.")
    check_prevalence(prevalence)
    there = np.array([1 / (1 + cost_ratio)])
    return float(shift_probability(there, source=prevalence, target=source)[0])


def fit_operating_point(
    is_malignant: Bools,
    probability: npt.NDArray[np.float64],
    *,
    target_sensitivity: float = math.nan,
    cost_ratio: float = math.nan,
    prevalence: float = math.nan,
    resampler: Resampler | None = None,
    unit: str = "image",
    confidence: float = 0.95,
) -> OperatingPoint:
    """Return the operating point for a wanted sensitivity, else for a cost ratio, else Youden's; with intervals.

    Args:
        is_malignant: (N,) truth.
        probability: (N,) calibrated probability that an image is malignant.
        target_sensitivity: wanted share, in (0, 1].
        cost_ratio: how many false alarms a missed malignant image costs.
        prevalence: share of malignant images where these costs arise; that of the sample when NaN.
        resampler: for bootstrap intervals over its clusters; None for Wilson's, which take images for independent.
        unit: what a cluster is.
        confidence: coverage, in (0, 1).

    Example:
        >>> truth = np.array([True, True, False, False])
        >>> point = fit_operating_point(truth, np.array([0.9, 0.6, 0.7, 0.1]), target_sensitivity=0.95)
        >>> print(point.threshold, point.specificity)
        0.6 0.500 [0.095, 0.905]
    """
    rule: Rule = "youden"
    name = "youden"
    if not math.isnan(target_sensitivity):
        rule, name = "sensitivity", f"sensitivity_{100 * target_sensitivity:g}"
        threshold = choose_threshold(is_malignant, probability, target_sensitivity=target_sensitivity)
    elif not math.isnan(cost_ratio):
        here = float(is_malignant.mean())
        prevalence = here if math.isnan(prevalence) else prevalence
        rule, name = "cost", f"cost_{cost_ratio:g}"
        threshold = cost_threshold(cost_ratio, source=here, prevalence=prevalence)
    else:
        threshold = youden_threshold(is_malignant, probability)
    if resampler is None:
        sensitivity, specificity = _wilson(is_malignant, probability, threshold, confidence)
    else:
        sensitivity, specificity = reached_at(is_malignant, probability, threshold, resampler, unit, confidence)
    return OperatingPoint(
        name=name,
        threshold=threshold,
        target_sensitivity=target_sensitivity if rule == "sensitivity" else math.nan,
        sensitivity=sensitivity,
        specificity=specificity,
        n_malignant=int(is_malignant.sum()),
        n_benign=int((~is_malignant).sum()),
        rule=rule,
        cost_ratio=cost_ratio if rule == "cost" else math.nan,
        prevalence=prevalence if rule == "cost" else math.nan,
    )


def _wilson(is_malignant: Bools, probability: Floats, threshold: float, confidence: float) -> tuple[Estimate, Estimate]:
    is_called = is_referred(probability, threshold)
    n_found, n_cleared = int((is_malignant & is_called).sum()), int((~is_malignant & ~is_called).sum())
    n_malignant = int(is_malignant.sum())
    return (
        wilson_estimate(n_found, n_malignant, confidence=confidence, cases="malignant images"),
        wilson_estimate(n_cleared, is_malignant.size - n_malignant, confidence=confidence, cases="benign images"),
    )


def reached_at(
    is_malignant: Bools, probability: Floats, threshold: float, resampler: Resampler, unit: str, confidence: float
) -> tuple[Estimate, Estimate]:
    """Return the sensitivity and the specificity of a threshold, with bootstrap intervals over clusters.

    Args:
        is_malignant: (N,) truth, both sides present.
        probability: (N,) probability that an image is malignant.
        threshold: at which an image is called malignant.
        resampler: of these images.
        unit: what a cluster is.
        confidence: coverage, in (0, 1).

    Example:
        >>> truth, said = np.array([True, True, False, False]), np.array([0.9, 0.6, 0.7, 0.1])
        >>> drawn = Resampler.of(truth.astype(np.int64), np.array(list("abcd")), n_resamples=50, seed=0)
        >>> sensitivity, specificity = reached_at(truth, said, 0.6, drawn, "lesion", 0.95)
        >>> sensitivity.value, specificity.value
        (1.0, 0.5)
    """
    count = threshold_counter(is_malignant, probability, threshold=threshold)
    found = threshold_counts(is_malignant, probability, threshold=threshold)
    drawn = ThresholdCounts(*bootstrap(lambda weights: {"counts": count(weights)}, resampler)["counts"])
    without = jackknife(lambda weights: {"counts": count(weights)}, resampler)
    left_out = ThresholdCounts(*without.left_out["counts"])

    def estimate(value: Floats, replicates: Floats, blocks: Floats, cases: Bools, name: str) -> Estimate:
        return bootstrap_estimate(
            float(value),
            replicates,
            n=int(cases.sum()),
            n_clusters=resampler.count_clusters(cases),
            effective_clusters=resampler.effective_clusters(cases),
            influence=without.influence_of(blocks),
            cases=f"{name} images",
            unit=unit,
            confidence=confidence,
            is_proportion=True,
        )

    return (
        estimate(found.sensitivity, drawn.sensitivity, left_out.sensitivity, is_malignant, "malignant"),
        estimate(found.specificity, drawn.specificity, left_out.specificity, ~is_malignant, "benign"),
    )
