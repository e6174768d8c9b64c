"""How the intervals of one evaluation were found: the methods in use, not all that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lentigo.wording import units_drawn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lentigo.model.decision import Estimate
    from lentigo.numbers.evaluation import Evaluation

_COEFFICIENTS: Final = ("slope", "intercept", "intercept_in_the_large")
_GAPS: Final = ("ece", "ece_debiased", "malignant_ece", "malignant_ece_debiased")
_RESAMPLED: Final = ("average_precision", "balanced_accuracy", "brier", "nll", "partial_auroc")


def interval_methods(evaluation: Evaluation, *, of_probabilities: bool = True) -> str:
    """Return how the intervals were found, and over what: "bootstrap (BCa; ...), 2,000 resamples of ...".

    A figure whose interval has another origin says so beside itself (its reason), and few patients leave only those.

    Args:
        evaluation: what was measured.
        of_probabilities: whether figures of calibration are shown, which have methods of their own.
    """
    how = evaluation.resampling
    units = units_drawn(how.n_units, how.unit)
    resampled = any(_as_usual(evaluation, _RESAMPLED)) or any(_of_classes(evaluation))
    names = [
        *["BCa"] * resampled,
        *[f"Wilson{'' if how.unit == 'image' else ' by effective size'} for proportions"]
        * any(_proportions(evaluation)),
        *["jackknife t for slope and intercepts"] * (of_probabilities and any(_as_usual(evaluation, _COEFFICIENTS))),
        *["test inversion for ECE"] * (of_probabilities and any(_as_usual(evaluation, _GAPS))),
    ]
    if resampled:
        drawn = f"{how.n_resamples:,} resamples of {units}, stratified by {how.stratified_by}"
        return f"bootstrap ({'; '.join(names)}), {drawn}"
    return f"{'; '.join(names) or 'found as stated beside each figure'}, of {units}, too few to resample"


def _as_usual(evaluation: Evaluation, keys: tuple[str, ...]) -> Iterator[bool]:
    return (_has_usual(evaluation.metrics[key]) for key in keys if key in evaluation.metrics)


def _of_classes(evaluation: Evaluation) -> Iterator[bool]:
    for scores in evaluation.per_class.values():
        yield from (_has_usual(scores[key]) for key in ("auroc", "average_precision", "f1") if key in scores)


def _proportions(evaluation: Evaluation) -> Iterator[bool]:
    for scores in evaluation.per_class.values():
        yield _has_usual(scores["recall"])
    for point in evaluation.operating_points:
        yield from map(_has_usual, (point.sensitivity, point.specificity, point.ppv, point.npv))


def _has_usual(figure: Estimate) -> bool:
    """Return whether a figure has an interval, and no reason that names another origin of it."""
    return figure.has_interval and not figure.reason
