"""All figures of an evaluation as one function of image weights: ones give the figures, resamples their spread."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from lentigo.numbers.metrics import (
    GroupSum,
    Ranking,
    RankingCounts,
    accuracy,
    assign_bins,
    balanced_accuracy,
    brier_terms,
    confusion_counter,
    f1,
    f1_above,
    group_sum,
    macro_mean,
    mcclish,
    negative_predictive_value,
    nll_terms,
    partial_auroc_of,
    precision,
    recalibration_figures,
    recall,
    specificity,
    specificity_at,
    support,
    term_sums,
    threshold_counter,
    top_label,
    weighted_mean,
)
from lentigo.numbers.predictions import Predictions

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.floating]
Statistics = dict[str, npt.NDArray[np.floating]]
Part = Callable[[Weights], Statistics]

CURVE_GRID: Floats = np.arange(101) / 100
"""Where the bands of curves are evaluated: at every per cent of false positives or of recall."""

FIXED_RATES = (0.90, 0.95)
"""The specificities at which sensitivity is read off the ROC curve, and the reverse."""


def figures_of(said: Predictions, malignant: Sequence[str], thresholds: Sequence[float]) -> Part:
    """Return the function that maps (N, B) image weights to all figures.

    Scalars come out as (B,), figures of classes as (K, B), curves as (101, B), the confusion matrix as (K, K, B), the
    signed gaps of the bins of a calibration error as (M, B), and the counts tp, fp, fn, tn of each threshold as (4, B)
    under `threshold_0`, `threshold_1` and so on.

    Args:
        said: labelled, calibrated predictions.
        malignant: the malignant ones of the classes.
        thresholds: on the malignant probability.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.6, 0.4]])
        >>> said = Predictions(np.array(["a", "b"]), np.array([0, 1]), rows, ("NV", "MEL"))
        >>> figures_of(said, ["MEL"], [])(np.ones((2, 1)))["accuracy"].tolist()
        [0.5]
    """
    return _together(_ranked_classes(said), *_parts(said, malignant, thresholds, has_curves=True))


def headline_of(said: Predictions, malignant: Sequence[str], thresholds: Sequence[float]) -> Part:
    """Return the function that maps (N, B) image weights to the figures two models are compared by.

    They are those of `figures_of` without curves and without the ranking of each class.

    Args:
        said: labelled, calibrated predictions.
        malignant: the malignant ones of the classes.
        thresholds: on the malignant probability.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.6, 0.4]])
        >>> said = Predictions(np.array(["a", "b"]), np.array([0, 1]), rows, ("NV", "MEL"))
        >>> headline_of(said, ["MEL"], [0.5])(np.ones((2, 1)))["auroc"].tolist()
        [1.0]
    """
    return _together(*_parts(said, malignant, thresholds, has_curves=False))


def _parts(
    said: Predictions, malignant: Sequence[str], thresholds: Sequence[float], *, has_curves: bool
) -> tuple[Part, ...]:
    is_malignant, probability = said.is_malignant(malignant), said.malignant(malignant)
    return (
        _decided(said),
        _ranked_malignancy(is_malignant, probability, has_curves=has_curves),
        _calibrated(said, is_malignant, probability),
        recalibration_figures(is_malignant, probability),
        _thresholded(is_malignant, probability, thresholds),
    )


def _together(*parts: Part) -> Part:
    def figures(weights: Weights) -> Statistics:
        return {name: values for part in parts for name, values in part(weights).items()}

    return figures


def _decided(said: Predictions) -> Part:
    k = len(said.classes)
    count = confusion_counter(said.target, said.probabilities.argmax(axis=1), n_classes=k)
    f1_at_half = f1_above(said.target, said.probabilities)

    def figures(weights: Weights) -> Statistics:
        confusion = count(weights).reshape(k, k, -1)
        found = {
            "confusion": confusion,
            "accuracy": accuracy(confusion),
            "balanced_accuracy": balanced_accuracy(confusion),
        }
        found |= {"class_specificity": specificity(confusion), "class_npv": negative_predictive_value(confusion)}
        for name, scores in (("precision", precision), ("recall", recall), ("f1", f1)):
            found[f"class_{name}"] = scores(confusion)
            found[f"macro_{name}"] = macro_mean(found[f"class_{name}"])
            found[f"weighted_{name}"] = weighted_mean(found[f"class_{name}"], support(confusion))
        found["class_f1_at_half"] = f1_at_half(weights)
        found["macro_f1_at_half"] = macro_mean(found["class_f1_at_half"])
        return found

    return figures


def _ranked_classes(said: Predictions) -> Part:
    rankings = [Ranking.of(said.target == k, said.probabilities[:, k]) for k in range(len(said.classes))]

    def figures(weights: Weights) -> Statistics:
        areas, averages = [], []
        for ranking in rankings:
            area, average = ranking.areas(weights)
            areas.append(area)
            averages.append(average)
        return {
            "class_auroc": np.stack(areas),
            "class_average_precision": np.stack(averages),
            "macro_auroc": macro_mean(np.stack(areas)),
            "macro_average_precision": macro_mean(np.stack(averages)),
        }

    return figures


def _ranked_malignancy(is_malignant: npt.NDArray[np.bool_], probability: Floats, *, has_curves: bool) -> Part:
    ranking = Ranking.of(is_malignant, probability)

    def figures(weights: Weights) -> Statistics:
        counts = ranking.weigh(weights)
        area, average = ranking.areas(weights, counts)
        partial = partial_auroc_of(counts)
        found = {
            "auroc": area,
            "average_precision": average,
            "partial_auroc": partial,
            "partial_auroc_mcclish": mcclish(partial),
        } | _at_fixed_rates(counts)
        if has_curves:
            found["roc"] = counts.sensitivity_at(CURVE_GRID)
            found["precision_recall"] = counts.precision_at(CURVE_GRID)
        return found

    return figures


def _at_fixed_rates(counts: RankingCounts) -> Statistics:
    sensitivities = counts.sensitivity_at(np.array([(100 - round(100 * rate)) / 100 for rate in FIXED_RATES]))
    specificities = specificity_at(counts, np.array(FIXED_RATES))
    found = {}
    for i, rate in enumerate(FIXED_RATES):
        found[f"sensitivity_at_specificity_{100 * rate:g}"] = sensitivities[i]
        found[f"specificity_at_sensitivity_{100 * rate:g}"] = specificities[i]
    return found


def _calibrated(said: Predictions, is_malignant: npt.NDArray[np.bool_], probability: Floats) -> Part:
    terms = {
        "n": np.ones(len(said)),
        "brier": brier_terms(said.probabilities, said.target),
        "nll": nll_terms(said.probabilities, said.target),
        "malignant_brier": (probability - is_malignant) ** 2,
    }
    add_terms = term_sums(list(terms.values()))
    is_right, confidence = top_label(said.probabilities, said.target)
    gaps = {"ece": _gaps(is_right, confidence), "malignant_ece": _gaps(is_malignant, probability)}

    def figures(weights: Weights) -> Statistics:
        n, *sums = add_terms(weights)
        found = {name: total / n for name, total in zip(list(terms)[1:], sums, strict=True)}
        for name, add in gaps.items():
            found[f"{name}_gaps"] = add(weights) / n
            found[name] = np.abs(found[f"{name}_gaps"]).sum(axis=0)
        return found

    return figures


def _gaps(outcome: npt.NDArray[np.bool_], probability: Floats) -> GroupSum:
    # the bins stay those of the sample: what a resample changes is the weight of each image in its bin
    bins = assign_bins(probability)
    return group_sum(bins, int(bins.max()) + 1, values=probability - outcome)


def _thresholded(is_malignant: npt.NDArray[np.bool_], probability: Floats, thresholds: Sequence[float]) -> Part:
    counters = [threshold_counter(is_malignant, probability, threshold=threshold) for threshold in thresholds]
    return lambda weights: {f"threshold_{i}": count(weights) for i, count in enumerate(counters)}
