"""From predictions and groups to the record: the figures once on the images as they are, and on every resample."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lentigo.config import EvaluateConfig
from lentigo.data.manifest import Manifest
from lentigo.model.decision import ClassRule, Estimate, OperatingPoint, is_referred
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation._by_class_rule import by_class_rule
from lentigo.numbers.evaluation._curve import Curve
from lentigo.numbers.evaluation._detail import DecisionBasis, DecisionFigures, resample_decision
from lentigo.numbers.evaluation._evaluation import ClassScores, Evaluation, Resampling
from lentigo.numbers.evaluation._figures import CURVE_GRID, figures_of
from lentigo.numbers.evaluation._ordering import labelled_in_order
from lentigo.numbers.evaluation._overall import overall_metrics
from lentigo.numbers.evaluation._point_scores import OperatingPointScores
from lentigo.numbers.evaluation._rates_elsewhere import RATES, f1_at_mix, predictive_at_mix
from lentigo.numbers.evaluation._resampling import Draws, ResampledFigure, Statistics, resample_all
from lentigo.numbers.evaluation._sample import Sample, images_of, over_classes
from lentigo.numbers.metrics import Jackknife, Resampler, ThresholdCounts, reliability_bins
from lentigo.numbers.predictions import Predictions

Bools = npt.NDArray[np.bool_]


def evaluate(
    predictions: Predictions,
    *,
    malignant: Sequence[str],
    groups: npt.NDArray[np.generic] | None = None,
    unit: str = "image",
    operating_points: Sequence[OperatingPoint] = (),
    class_rule: ClassRule | None = None,
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
        class_rule: which class is called, chosen on validation; its figures come beside those of the most probable one.
        n_resamples: number of bootstrap resamples.
        confidence: coverage of the intervals, in (0, 1).
        seed: of the resamples.
        provenance: where the predictions come from; kept in the record as it is.

    Raises:
        MetricError: there are no images, an image has no target, or there is not one group per image.
        PredictionsError: a malignant class is not one of the predictions' classes.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
        >>> said = Predictions(np.array(["a", "b", "c"]), np.array([0, 0, 1]), rows, ("NV", "MEL"))
        >>> round(evaluate(said, malignant=["MEL"], n_resamples=50).metrics["accuracy"].value, 3)
        0.667
    """
    predictions, names = labelled_in_order(predictions, groups, malignant)
    resampler = Resampler.of(predictions.target, names, n_resamples=n_resamples, seed=seed)
    draws = Draws(resampler, unit, confidence)
    asked = resample_figures(
        predictions, malignant, operating_points, draws=draws, class_rule=class_rule, provenance=provenance
    )
    found: Evaluation = resample_all({"figures": asked}, resampler)["figures"]
    return found


def evaluate_whole(
    predictions: Predictions,
    *,
    malignant: Sequence[str],
    groups: npt.NDArray[np.generic] | None = None,
    unit: str = "image",
    calibration: Calibration | None = None,
    basis: DecisionBasis | None = None,
    manifest: Manifest | None = None,
    settings: EvaluateConfig | None = None,
    seed: int = 0,
    provenance: Mapping[str, Any] | None = None,
    answers: Mapping[str, str] | None = None,
) -> Evaluation:
    """Return what `evaluate` returns and, as `detail`, what follows from deciding, from one pass over the resamples.

    Args:
        predictions: as the model made them, every image with its target.
        malignant: the malignant ones of the classes.
        groups: (N,) lesion or patient of each image; every image for itself when None.
        unit: what a group is.
        calibration: fitted on validation, applied here; without one the probabilities are taken as they are.
        basis: what validation decided of probabilities that are calibrated already; that of the calibration when
            left out.
        manifest: with a row for every image, for subgroups.
        settings: resamples, confidence, prevalence, least size of a subgroup.
        seed: of the resamples.
        provenance: what the figures come from, kept with them.
        answers: by image, the answer that it got; what follows from threshold and band when left out.

    Raises:
        MetricError: there are no images, or an image has no target.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
        >>> said = Predictions(np.array(["a", "b", "c"]), np.array([0, 0, 1]), rows, ("NV", "MEL"))
        >>> found = evaluate_whole(said, malignant=["MEL"], settings=EvaluateConfig(n_resamples=100))
        >>> round(found.metrics["accuracy"].value, 3), round(found.detail.deferral.error.value, 3)
        (0.667, 0.333)
    """
    settings = settings or EvaluateConfig()
    predictions, names = labelled_in_order(predictions, groups, malignant)
    said = predictions if calibration is None else calibration.apply(predictions)
    resampler = Resampler.of(said.target, names, n_resamples=settings.n_resamples, seed=seed)
    draws = Draws(resampler, unit, settings.confidence)
    basis = basis or DecisionBasis.by(calibration)
    questions = resample_decision(
        said,
        before=predictions if calibration else None,
        malignant=malignant,
        basis=basis,
        manifest=manifest,
        settings=settings,
        draws=draws,
        answers=answers,
    )
    rule, points = calibration.class_rule if calibration else None, basis.operating_points
    figures = resample_figures(said, malignant, points, draws=draws, class_rule=rule, provenance=provenance)
    parts = resample_all({"figures": figures, **questions}, resampler)
    found: Evaluation = parts.pop("figures")
    return dataclasses.replace(found, detail=DecisionFigures(**parts))


def resample_figures(
    said: Predictions,
    malignant: Sequence[str],
    points: Sequence[OperatingPoint],
    *,
    draws: Draws,
    class_rule: ClassRule | None = None,
    provenance: Mapping[str, Any] | None,
) -> ResampledFigure[Evaluation]:
    """Return the question of all figures of labelled, calibrated predictions."""
    figures = figures_of(said, malignant, [point.threshold for point in points])

    def conclude(found: Statistics, drawn: Statistics, without: Jackknife) -> Evaluation:
        sample = Sample(
            said=said,
            is_malignant=said.is_malignant(malignant),
            probability=said.malignant(malignant),
            values=found,
            replicates=drawn,
            jackknife=without,
            resampler=draws.resampler,
            unit=draws.unit,
            confidence=draws.confidence,
        )
        whole = _evaluation_of(sample, malignant, points, dict(provenance or {}))
        if class_rule is None:
            return whole
        called = by_class_rule(said, class_rule, draws.resampler, unit=draws.unit, confidence=draws.confidence)
        return dataclasses.replace(whole, metrics={**whole.metrics, **called})

    return ResampledFigure(figures, conclude)


def _evaluation_of(
    sample: Sample, malignant: Sequence[str], operating_points: Sequence[OperatingPoint], provenance: dict[str, Any]
) -> Evaluation:
    predictions, resampler = sample.said, sample.resampler
    classes, metrics = predictions.classes, overall_metrics(sample)
    return Evaluation(
        classes=classes,
        malignant_classes=tuple(name for name in classes if name in malignant),
        n_images=len(predictions),
        support={name: int((predictions.target == k).sum()) for k, name in enumerate(classes)},
        resampling=Resampling(
            sample.unit, resampler.n_clusters, resampler.n_resamples, sample.confidence, resampler.seed
        ),
        metrics=metrics,
        per_class={name: _class_scores(sample, k) for k, name in enumerate(classes)},
        averages=_averages(sample, metrics),
        confusion=sample.values["confusion"].astype(np.int64),
        operating_points=tuple(_point_scores(sample, i, point) for i, point in enumerate(operating_points)),
        curves=_curves(sample),
        provenance=provenance,
    )


def _averages(sample: Sample, metrics: Mapping[str, Estimate]) -> dict[str, dict[str, Estimate]]:
    found = {
        average: {
            name: over_classes(sample, f"{average}_{name}", f"class_{name}", rests_on_called=name == "precision")
            for name in ("precision", "recall", "f1")
        }
        for average in ("macro", "weighted")
    }
    # one figure has one interval: the mean recall is the balanced accuracy, and by images it is the accuracy
    found["macro"]["recall"], found["weighted"]["recall"] = metrics["balanced_accuracy"], metrics["accuracy"]
    if np.isin(sample.values["class_recall"], (0.0, 1.0)).any():
        why = "a recall is 0 or 1 in every resample: no interval"
        for means in found.values():
            if means["f1"].has_interval:
                means["f1"] = dataclasses.replace(means["f1"], low=np.nan, high=np.nan, reason=why)
    return found


def _class_scores(sample: Sample, k: int) -> ClassScores:
    name = sample.said.classes[k]
    is_class = sample.said.target == k
    is_called = sample.said.probabilities.argmax(axis=1) == k
    figure = {key: sample.figure(f"class_{key}", k) for key in ClassScores.__required_keys__ - {"support"}}
    sides = [(is_class, images_of(name)), (~is_class, f"images of other classes than {name}")]
    either = [(is_class | is_called, f"images of or called {name}")]
    f1 = dataclasses.replace(sample.contrast(figure["f1"], either), n=int(either[0][0].sum()))
    seen = (
        sample.if_several(sample.share(figure["precision"], is_called, f"images called {name}"), sides),
        sample.if_several(sample.share(figure["npv"], ~is_called, f"images not called {name}"), sides),
    )
    values, drawn = ({"sensitivity": figure["recall"][i], "specificity": figure["specificity"][i]} for i in range(2))
    draws = Draws(sample.resampler, sample.unit, sample.confidence)
    precision, npv = predictive_at_mix(values, drawn, sides, seen, draws)
    return ClassScores(
        precision=precision,
        recall=sample.share(figure["recall"], *sides[0]),
        specificity=sample.share(figure["specificity"], *sides[1]),
        npv=npv,
        f1=f1_at_mix(f1, values, drawn, sides, draws),
        auroc=sample.contrast(figure["auroc"], sides, is_ranking=True),
        average_precision=sample.contrast(figure["average_precision"], sides[:1]),
        support=int(is_class.sum()),
    )


def _point_scores(sample: Sample, i: int, point: OperatingPoint) -> OperatingPointScores:
    counts = [ThresholdCounts(*array) for array in sample.figure(f"threshold_{i}")]
    called = is_referred(sample.probability, point.threshold)

    def share(name: str, cases: Bools, what: str) -> Estimate:
        value, replicates, left_out = (getattr(each, name) for each in counts)
        return sample.share((value, replicates, left_out), cases, what)

    values, drawn = ({name: getattr(each, name) for name in RATES} for each in counts[:2])
    seen = (
        sample.if_several(share("ppv", called, "images called malignant"), sample.sides),
        sample.if_several(share("npv", ~called, "images called benign"), sample.sides),
    )
    draws = Draws(sample.resampler, sample.unit, sample.confidence)
    ppv, npv = predictive_at_mix(values, drawn, sample.sides, seen, draws)
    return OperatingPointScores(
        name=point.name,
        threshold=point.threshold,
        target_sensitivity=point.target_sensitivity,
        sensitivity=share("sensitivity", *sample.sides[0]),
        specificity=share("specificity", *sample.sides[1]),
        ppv=ppv,
        npv=npv,
        tp=int(counts[0].tp),
        fp=int(counts[0].fp),
        fn=int(counts[0].fn),
        tn=int(counts[0].tn),
    )


def _curves(sample: Sample) -> dict[str, Curve]:
    bins = reliability_bins(sample.is_malignant, sample.probability, confidence=sample.confidence)
    return {
        "roc": _band(sample, "roc"),
        "precision_recall": _band(sample, "precision_recall"),
        "reliability": Curve(bins.probability, bins.observed, bins.low, bins.high),
    }


def _band(sample: Sample, name: str) -> Curve:
    value, replicates = sample.values[name], sample.replicates[name]
    if np.isnan(value).any():
        return Curve(CURVE_GRID, value, np.full_like(value, np.nan), np.full_like(value, np.nan))
    draws = Draws(sample.resampler, sample.unit, sample.confidence)
    return Curve(CURVE_GRID, value, *draws.band(replicates, sample.sides))
