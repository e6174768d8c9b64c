"""From predictions and groups to the record: the figures once on the images as they are, and on every resample."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lentigo.calibration import OperatingPoint
from lentigo.errors import MetricError, name_offenders
from lentigo.evaluation.figures import CURVE_GRID, figures_of
from lentigo.evaluation.record import ClassScores, Curve, Evaluation, OperatingPointScores, Resampling
from lentigo.metrics.bootstrap import Resampler, bootstrap
from lentigo.metrics.calibration import reliability_bins
from lentigo.metrics.classification import ThresholdCounts
from lentigo.metrics.estimate import Estimate, Interval, bootstrap_estimate
from lentigo.predictions import Predictions

__all__ = ["evaluate"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]


def evaluate(
    predictions: Predictions,
    *,
    malignant: Sequence[str],
    groups: npt.NDArray[np.generic] | None = None,
    unit: str = "image",
    operating_points: Sequence[OperatingPoint] = (),
    n_resamples: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
    provenance: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Return every figure of the predictions, each with a bootstrap interval over lesions or patients.

    The result does not depend on the order of the images.

    Args:
        predictions: calibrated, every image with its target.
        malignant: the malignant ones of the classes; the curves, AUROC and operating points are about them.
        groups: (N,) lesion or patient of each image, in the order of the predictions; every image for itself when None.
        unit: what a group is ("lesion", "patient").
        operating_points: thresholds chosen on validation.
        n_resamples: number of bootstrap resamples.
        confidence: coverage of the intervals, in (0, 1).
        seed: of the resamples.
        provenance: where the predictions come from; kept in the record as it is.

    Raises:
        MetricError: there are no images, an image has no target, or there is not one group an image.
        PredictionsError: a malignant class is not one of the predictions' classes.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
        >>> said = Predictions(np.array(["a", "b", "c"]), np.array([0, 0, 1]), rows, ("NV", "MEL"))
        >>> round(evaluate(said, malignant=["MEL"], n_resamples=50).metrics["accuracy"].value, 3)
        0.667
    """
    _refuse_unlabelled(predictions)
    # the names of the images, not their order, decide which resample they are in
    names = predictions.image if groups is None else np.asarray(groups)
    resampler = Resampler.of(predictions.target, names, n_resamples=n_resamples, seed=seed)
    figures = figures_of(predictions, malignant, [point.threshold for point in operating_points])
    sample = _Sample(
        said=predictions,
        is_malignant=predictions.is_malignant(malignant),
        probability=predictions.malignant(malignant),
        values={name: array[..., 0] for name, array in figures(np.ones((len(predictions), 1))).items()},
        replicates=bootstrap(figures, resampler),
        resampler=resampler,
        unit=unit,
        confidence=confidence,
    )
    classes = predictions.classes
    return Evaluation(
        classes=classes,
        malignant_classes=tuple(name for name in classes if name in malignant),
        n_images=len(predictions),
        support={name: int((predictions.target == k).sum()) for k, name in enumerate(classes)},
        resampling=Resampling(unit, resampler.n_clusters, n_resamples, confidence, seed),
        metrics=_metrics(sample),
        per_class={name: _class_scores(sample, k) for k, name in enumerate(classes)},
        averages=_averages(sample),
        confusion=sample.values["confusion"].astype(np.int64),
        operating_points=tuple(_point_scores(sample, i, point) for i, point in enumerate(operating_points)),
        curves=_curves(sample),
        provenance=dict(provenance or {}),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    said: Predictions
    is_malignant: Bools
    probability: npt.NDArray[np.float64]
    values: dict[str, Floats]
    replicates: dict[str, Floats]
    resampler: Resampler
    unit: str
    confidence: float

    def share(self, value: Floats, replicates: Floats, cases: Bools, name: str) -> Estimate:
        """Return a share of some of the images."""
        return self._estimate(value, replicates, cases, name, is_proportion=True)

    def mean(self, name: str, *, is_proportion: bool = False, interval: Interval = "percentile") -> Estimate:
        """Return a figure of all images."""
        return self._estimate(
            self.values[name],
            self.replicates[name],
            np.ones(len(self.said), dtype=np.bool_),
            "images",
            is_proportion=is_proportion,
            interval=interval,
        )

    def contrast(self, value: Floats, replicates: Floats, sides: Sequence[tuple[Bools, str]]) -> Estimate:
        """Return a figure that needs images on every side; it is as sure as the side with the fewest clusters."""
        cases, name = min(sides, key=lambda side: self.resampler.count_clusters(side[0]))
        found = self._estimate(value, replicates, cases, name)
        return dataclasses.replace(found, n=len(self.said))

    def _estimate(
        self,
        value: Floats,
        replicates: Floats,
        cases: Bools,
        name: str,
        *,
        is_proportion: bool = False,
        interval: Interval = "percentile",
    ) -> Estimate:
        return bootstrap_estimate(
            float(value),
            replicates,
            n=int(cases.sum()),
            n_clusters=self.resampler.count_clusters(cases),
            cases=name,
            unit=self.unit,
            confidence=self.confidence,
            is_proportion=is_proportion,
            interval=interval,
        )


def _metrics(sample: _Sample) -> dict[str, Estimate]:
    sides = [(sample.is_malignant, "malignant images"), (~sample.is_malignant, "benign images")]
    found = {
        "accuracy": sample.mean("accuracy", is_proportion=True),
        "balanced_accuracy": _over_classes(sample, "balanced_accuracy", "class_recall"),
        "auroc": sample.contrast(sample.values["auroc"], sample.replicates["auroc"], sides),
        "average_precision": sample.contrast(
            sample.values["average_precision"], sample.replicates["average_precision"], sides[:1]
        ),
    }
    if len(sample.said.classes) > 2:
        found["macro_auroc"] = _over_classes(sample, "macro_auroc", "class_auroc")
        found["macro_average_precision"] = _over_classes(sample, "macro_average_precision", "class_average_precision")
        found["malignant_brier"] = sample.mean("malignant_brier")
    found |= {name: sample.mean(name) for name in ("brier", "nll")}
    return found | {name: sample.mean(name, interval="reflected") for name in ("ece", "malignant_ece")}


def _averages(sample: _Sample) -> dict[str, dict[str, Estimate]]:
    return {
        average: {
            name: _over_classes(sample, f"{average}_{name}", f"class_{name}") for name in ("precision", "recall", "f1")
        }
        for average in ("macro", "weighted")
    }


def _over_classes(sample: _Sample, name: str, class_name: str) -> Estimate:
    """Return a mean over classes; the reason counts and names the classes that are left out of it."""
    found = sample.mean(name)
    classes = sample.said.classes
    missing = [classes[k] for k in np.flatnonzero(np.isnan(sample.values[class_name]))]
    if not found.is_defined:
        return Estimate.undefined("undefined for every class that has images", n=len(sample.said))
    if not missing:
        return found
    left_out = f"{len(missing)} of {len(classes)} classes left out, undefined: {name_offenders(missing)}"
    return dataclasses.replace(found, reason="; ".join(filter(None, [left_out, found.reason])))


def _class_scores(sample: _Sample, k: int) -> ClassScores:
    name = sample.said.classes[k]
    is_class = sample.said.target == k
    is_called = sample.said.probabilities.argmax(axis=1) == k
    values = {key: sample.values[f"class_{key}"][k] for key in ClassScores.__required_keys__ - {"support"}}
    drawn = {key: sample.replicates[f"class_{key}"][k] for key in values}
    sides = [(is_class, f"images of {name}"), (~is_class, f"images of other classes than {name}")]
    either = [(is_class | is_called, f"images of or called {name}")]
    return ClassScores(
        precision=sample.share(values["precision"], drawn["precision"], is_called, f"images called {name}"),
        recall=sample.share(values["recall"], drawn["recall"], is_class, f"images of {name}"),
        f1=dataclasses.replace(sample.contrast(values["f1"], drawn["f1"], either), n=int(either[0][0].sum())),
        auroc=sample.contrast(values["auroc"], drawn["auroc"], sides),
        average_precision=sample.contrast(values["average_precision"], drawn["average_precision"], sides[:1]),
        support=int(is_class.sum()),
    )


def _point_scores(sample: _Sample, i: int, point: OperatingPoint) -> OperatingPointScores:
    counts = sample.values[f"threshold_{i}"]
    found, drawn = ThresholdCounts(*counts), ThresholdCounts(*sample.replicates[f"threshold_{i}"])
    truth = sample.is_malignant
    called = sample.probability >= point.threshold
    tp, fp, fn, tn = (int(count) for count in counts)
    return OperatingPointScores(
        name=point.name,
        threshold=point.threshold,
        target_sensitivity=point.target_sensitivity,
        sensitivity=sample.share(found.sensitivity, drawn.sensitivity, truth, "malignant images"),
        specificity=sample.share(found.specificity, drawn.specificity, ~truth, "benign images"),
        ppv=sample.share(found.ppv, drawn.ppv, called, "images called malignant"),
        npv=sample.share(found.npv, drawn.npv, ~called, "images called benign"),
        tp=tp,
        fp=fp,
        fn=fn,
        tn=tn,
    )


def _curves(sample: _Sample) -> dict[str, Curve]:
    bins = reliability_bins(sample.is_malignant, sample.probability, confidence=sample.confidence)
    return {
        "roc": _band(sample, "roc"),
        "precision_recall": _band(sample, "precision_recall"),
        "reliability": Curve(bins.probability, bins.observed, bins.low, bins.high),
    }


def _band(sample: _Sample, name: str) -> Curve:
    value, replicates = sample.values[name], sample.replicates[name]
    if np.isnan(value).any():
        return Curve(CURVE_GRID, value, np.full_like(value, np.nan), np.full_like(value, np.nan))
    tail = (1 - sample.confidence) / 2
    low, high = np.nanquantile(replicates, [tail, 1 - tail], axis=1)
    return Curve(CURVE_GRID, value, low, high)


def _refuse_unlabelled(predictions: Predictions) -> None:
    if len(predictions) == 0:
        raise MetricError("There are no predictions to evaluate. Give at least one image with its target.")
    unknown = predictions.image[predictions.target < 0]
    if unknown.size:
        raise MetricError(
            f"{unknown.size} of {len(predictions)} images have no target: {name_offenders(unknown)}. "
            "Fill in the target column, or leave these images out."
        )
