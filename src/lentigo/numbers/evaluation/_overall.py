"""The figures of all images together: of the most probable class, of malignant against benign, of the probabilities."""

import dataclasses

import numpy as np

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation._accuracy import (
    RIGHT,
    accuracy_of_few,
    malignant_rows,
    mean_recall,
    right_by_side,
)
from lentigo.numbers.evaluation._figures import FIXED_RATES
from lentigo.numbers.evaluation._resampling import both_sides
from lentigo.numbers.evaluation._sample import Sample, images_of, over_classes
from lentigo.numbers.metrics import delong_aurocs, invert_calibration_error, widening


def overall_metrics(sample: Sample) -> dict[str, Estimate]:
    """Return every figure of all images; `Evaluation` lists them."""
    found = {
        "accuracy": _accuracy(sample),
        "balanced_accuracy": _balanced_accuracy(sample),
        **_ranking(sample),
    }
    if len(sample.said.classes) > 2:
        found["macro_auroc"] = over_classes(sample, "macro_auroc", "class_auroc")
        found["macro_average_precision"] = over_classes(sample, "macro_average_precision", "class_average_precision")
        found["macro_f1_at_half"] = over_classes(sample, "macro_f1_at_half", "class_f1_at_half")
        found["malignant_brier"] = sample.mean("malignant_brier")
    found |= {name: sample.mean(name) for name in ("brier", "nll")}
    return found | _calibration(sample)


def _accuracy(sample: Sample) -> Estimate:
    whole = sample.mean("accuracy", is_proportion=True)
    supports = [sample.resampler.support(*side) for side in both_sides(sample.is_malignant)]
    if len(supports) < 2:
        return whole
    rows = malignant_rows(sample.said.target, sample.is_malignant, len(sample.said.classes))
    value, drawn, without = (right_by_side(each, rows) for each in sample.figure("confusion"))
    sides = [
        sample.share((value[name][0], drawn[name], without[name]), *side)
        for name, side in zip(RIGHT, sample.sides, strict=True)
    ]
    return accuracy_of_few(whole, sides, supports, sample.unit)


def _balanced_accuracy(sample: Sample) -> Estimate:
    """Return the mean recall; from the intervals of the recalls where resamples leave one at 0 or 1."""
    whole = over_classes(sample, "balanced_accuracy", "class_recall")
    masks = {name: sample.said.target == k for k, name in enumerate(sample.said.classes)}
    recalls = [
        sample.share(sample.figure("class_recall", k), cases, images_of(name))
        for k, (name, cases) in enumerate(masks.items())
        if cases.any()
    ]
    return mean_recall(whole, recalls)


def _ranking(sample: Sample) -> dict[str, Estimate]:
    """Return the figures of malignant against benign that need no threshold, or one read off the ROC curve."""

    def contrast(name: str) -> Estimate:
        return sample.contrast(sample.figure(name), sample.sides, is_ranking=name == "auroc")

    area = contrast("auroc")
    found = {"auroc": area, "auroc_delong": _with_delong(sample, area)}
    found["average_precision"] = sample.contrast(sample.figure("average_precision"), sample.sides[:1])
    found |= {name: contrast(name) for name in ("partial_auroc", "partial_auroc_mcclish")}
    for rate in FIXED_RATES:
        for name in ("sensitivity_at_specificity", "specificity_at_sensitivity"):
            found[f"{name}_{100 * rate:g}"] = contrast(f"{name}_{100 * rate:g}")
    return found


def _with_delong(sample: Sample, area: Estimate) -> Estimate:
    if not area.has_interval:
        return area
    known = delong_aurocs(sample.is_malignant, [sample.probability], groups=sample.resampler.cluster)
    low, high = known.interval(confidence=sample.confidence)
    reason = "DeLong's variance needs two clusters with malignant and two with benign images: no interval"
    return dataclasses.replace(area, low=low, high=high, reason=reason if np.isnan(low) else area.reason)


def _calibration(sample: Sample) -> dict[str, Estimate]:
    """Return the calibration errors, plain and debiased, and the slope and intercepts."""
    found = {}
    # the rarer side decides how noisy the gaps are
    effective = min(sample.resampler.effective_clusters(cases) for cases, _ in sample.sides if cases.any())
    for name in ("ece", "malignant_ece"):
        plain = sample.mean(name)
        found[name] = plain
        found[f"{name}_debiased"] = Estimate.undefined(
            plain.reason or "no resamples to estimate the bias from", n=plain.n
        )
        if plain.has_interval:
            value, low, high = invert_calibration_error(
                sample.values[f"{name}_gaps"].astype(np.float64),
                sample.replicates[f"{name}_gaps"].astype(np.float64),
                confidence=sample.confidence,
                widening=widening(sample.confidence, effective),
            )
            # noise makes the plain figure too great, so that it can stand above the interval of the truth
            found[name] = Estimate(plain.value, min(low, plain.value), max(high, plain.value), plain.n)
            found[f"{name}_debiased"] = Estimate(value, low, high, plain.n)
    for name in ("slope", "intercept", "intercept_in_the_large"):
        found[name] = sample.contrast(sample.figure(name), sample.sides, is_coefficient=True)
        if not found[name].is_defined and all(cases.any() for cases, _ in sample.sides):
            found[name] = Estimate.undefined("the two sides do not overlap: no finite fit", n=len(sample.said))
    return found
