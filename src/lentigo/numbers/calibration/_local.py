"""A finished model fitted to another clinic: sharpness and base rate from its labelled images, and thresholds anew.

Logistic recalibration (Cox 1958; Steyerberg 2019, "updating"), carried over to several classes: softmax(log p / T + d),
where d is one number for all malignant classes and 0 for benign ones. T mends how sure the model is there, d how common
malignancy is there; the order of diagnoses on either side stays. It takes benign and malignant as truth, so that two
hundred images serve, whatever diagnoses they are labelled with.
"""

import dataclasses
import logging
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaincinv, expit, logsumexp

from lentigo.config import CalibrateConfig
from lentigo.model.decision import OperatingPoint, ProbabilityMap, log_probabilities
from lentigo.numbers.calibration._calibration import Calibration
from lentigo.numbers.calibration._operating_point import to_find
from lentigo.numbers.calibration._operating_points import describe_intervals, fit_operating_points, refuse_one_side
from lentigo.numbers.calibration._selective import choose_band
from lentigo.numbers.metrics import Resampler, expected_calibration_error, negative_log_likelihood, top_label
from lentigo.numbers.predictions import Predictions
from lentigo.storage import sha256_of_names

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_SHARPNESS_BOUNDS = (0.05, 20.0)
"""Of 1 / T. Sure of nothing, or of everything: beyond these the images are too few to say."""


def calibrate_locally(
    said: Predictions,
    is_malignant: Bools,
    *,
    malignant: Sequence[str],
    before: ProbabilityMap,
    settings: CalibrateConfig,
    groups: npt.NDArray[np.generic] | None = None,
    unit: str = "image",
    n_resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Calibration:
    """Return the calibration of a finished model for the place that these images come from.

    Args:
        said: N predictions as the network made them; targets are ignored.
        is_malignant: (N,) truth, both sides present.
        malignant: the malignant ones of the model's classes.
        before: how the model has been calibrated. Its temperature, or factors by class, are kept under the new ones;
            isotonic curves are replaced.
        settings: which operating points, how wide a band; the method is as above.
        groups: (N,) lesion or patient of each image, for intervals over them; every image for itself when None.
        unit: what a group is.
        n_resamples: of the bootstrap.
        confidence: of the intervals.
        seed: of the resamples.

    Returns:
        the calibration; its NLL and ECE are of benign against malignant, before and after on these images.

    Raises:
        MetricError: one side is missing.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.3, 0.7]])
        >>> said = Predictions(np.array(["a", "b", "c", "d"]), np.full(4, -1), rows, ("NV", "MEL"))
        >>> as_it_was = ProbabilityMap("temperature", temperature=1.0)
        >>> how = {"malignant": ["MEL"], "before": as_it_was, "settings": CalibrateConfig()}
        >>> calibrate_locally(said, np.array([False, True, False, True]), **how).prevalence
        0.5
    """
    refuse_one_side(is_malignant, malignant)
    side = np.isin(said.classes, list(malignant))
    scale, offset = _factors(before, len(said.classes))
    sharpness, shift = fit_sides(scale * log_probabilities(said.probabilities) + offset, side, is_malignant)
    logger.info("Log-probabilities times %.3f, and %+.3f for malignant classes.", sharpness, shift)
    found = ProbabilityMap(
        "vector",
        scale=tuple((sharpness * scale).tolist()),
        offset=tuple((sharpness * offset + shift * side).tolist()),
    )
    probability = np.minimum(found.apply(said.probabilities)[:, side].sum(axis=1), 1.0)
    resampler = None
    if groups is not None:
        resampler = Resampler.of(is_malignant.astype(np.int64), groups, n_resamples=n_resamples, seed=seed)
    points = fit_operating_points(
        is_malignant,
        probability,
        settings=settings,
        target_sensitivities=[to_find(wanted, int(is_malignant.sum())) for wanted in settings.sensitivities],
        resampler=resampler,
        unit=unit,
        confidence=confidence,
    )
    points = (*map(_as_wanted, points, settings.sensitivities), *points[len(settings.sensitivities) :])
    points = tuple(dataclasses.replace(point, source="calibration") for point in points)
    was = _figures(np.minimum(before.apply(said.probabilities)[:, side].sum(axis=1), 1.0), is_malignant)
    now = _figures(probability, is_malignant)
    return Calibration(
        probability_map=found,
        operating_points=points,
        classes=said.classes,
        malignant_classes=tuple(name for name in said.classes if name in malignant),
        nll_before=was[0],
        nll_after=now[0],
        ece_before=was[1],
        ece_after=now[1],
        n_images=len(said),
        prevalence=float(is_malignant.mean()),
        low_confidence=choose_band(
            is_malignant,
            probability,
            threshold=points[0].threshold,
            target_missed=settings.missed,
            most_deferred=settings.most_deferred,
        ),
        images_sha256=sha256_of_names(said.image.tolist()),
        intervals=describe_intervals(resampler, unit, confidence),
    )


def range_of_sensitivity(wanted: float, n_lesions: int) -> tuple[float, float]:
    """Return between which sensitivities, on new images, nine in ten thresholds lie that so many lesions decide.

    Order statistics again: a beta distribution, if lesions are drawn from the same source.

    Example:
        >>> low, high = range_of_sensitivity(0.95, 60)
        >>> f"{low:.2f} {high:.2f}"
        '0.90 0.99'
    """
    found = round(to_find(wanted, n_lesions) * n_lesions)
    rank = max(1, n_lesions + 1 - found)  # of the probability that is the threshold, from below
    return float(betaincinv(n_lesions + 1 - rank, rank, 0.05)), float(betaincinv(n_lesions + 1 - rank, rank, 0.95))


def fit_sides(logits: Floats, side: Bools, is_malignant: Bools) -> tuple[float, float]:
    """Return what logits have to be multiplied by, and what is then added to those of malignant classes.

    The likelihood is that of benign against malignant, with a normal prior of standard deviation 1 around a factor of
    1, which keeps a few images without an error from making the model sure of everything. The shift has none: so the
    mean probability is the share of malignant images, whatever it was where the model comes from.

    Args:
        logits: (N, K), up to a constant a row.
        side: (K,) which classes are malignant.
        is_malignant: (N,) truth.

    Example:
        >>> logits = np.log(np.array([[0.9, 0.1]] * 500 + [[0.1, 0.9]] * 500))  # as often wrong as one in four
        >>> truth = np.repeat([True, False, True, False], [125, 375, 375, 125])
        >>> sharpness, shift = fit_sides(logits, np.array([False, True]), truth)
        >>> round(sharpness, 2), abs(round(shift, 2))
        (0.5, 0.0)
    """
    logits = logits - logits.max(axis=1, keepdims=True)

    def loss(numbers: Floats) -> tuple[float, Floats]:
        sharpness, shift = numbers
        totals, slopes = [], []
        for rows in (logits[:, side], logits[:, ~side]):
            total = logsumexp(sharpness * rows, axis=1)
            totals.append(total)
            slopes.append((np.exp(sharpness * rows - total[:, np.newaxis]) * rows).sum(axis=1))
        margin = totals[0] - totals[1] + shift
        gap = expit(margin) - is_malignant
        value = np.logaddexp(0.0, np.where(is_malignant, -margin, margin)).sum()
        drift = sharpness - 1
        slope = np.array([(gap * (slopes[0] - slopes[1])).sum() + drift, gap.sum()])
        return float(value + drift**2 / 2), slope

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[_SHARPNESS_BOUNDS, (None, None)])
    return float(found.x[0]), float(found.x[1])


def _as_wanted(point: OperatingPoint, wanted: float) -> OperatingPoint:
    return dataclasses.replace(point, name=f"sensitivity_{100 * wanted:g}", target_sensitivity=wanted)


def _factors(before: ProbabilityMap, n_classes: int) -> tuple[Floats, Floats]:
    if before.method == "vector":
        return np.array(before.scale), np.array(before.offset)
    temperature = before.temperature if before.method == "temperature" else 1.0
    return np.full(n_classes, 1 / temperature), np.zeros(n_classes)


def _figures(probability: Floats, is_malignant: Bools) -> tuple[float, float]:
    rows, target = np.column_stack([1 - probability, probability]), is_malignant.astype(np.int64)
    return negative_log_likelihood(rows, target), expected_calibration_error(*top_label(rows, target))
