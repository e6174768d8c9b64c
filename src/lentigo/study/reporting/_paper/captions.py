"""What stands below each figure in a manuscript: what is shown, of how many, and how its intervals were found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lentigo.numbers.metrics import DEFAULT_BINS
from lentigo.study.reporting._consequences import shift_in_words
from lentigo.study.reporting._interval_methods import interval_methods
from lentigo.study.reporting._tables import points_by_threshold
from lentigo.study.reporting._words import percent, show_score, threshold_text
from lentigo.wording import counted, units_drawn, units_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    import numpy.typing as npt

    from lentigo.numbers.evaluation import Comparison, Evaluation
    from lentigo.study.reporting._drawing import Drawing
    from lentigo.study.reporting._paper.figures import PaperInputs

FILE: Final = "captions.md"


def captions_of(drawings: Iterable[Drawing], inputs: PaperInputs) -> dict[str, str]:
    """Return the caption of each figure, by the name of the drawing.

    Args:
        drawings: of `drawings_of`.
        inputs: what they were made of.
    """
    evaluation, truth = inputs.evaluation, inputs.is_malignant
    images = _images(evaluation, truth)
    kept = "Dashed line: the epoch whose weights were kept."
    texts = {
        "roc": (
            f"ROC curve of malignant against benign on {images}: AUROC {show_score(evaluation.metrics['auroc'])}. "
            f"{_band(evaluation, 'roc')}{_points(evaluation, with_bars=True)} Dashed: chance. {_methods(evaluation)}"
        ),
        "precision-recall": (
            f"Precision (PPV) and recall (sensitivity) of malignant images on {images}: average precision "
            f"{show_score(evaluation.metrics['average_precision'])}. {_band(evaluation, 'precision_recall')}"
            f"{_points(evaluation, with_bars=False)} Dashed: all images called malignant. {_methods(evaluation)}"
        ),
        "reliability": (
            f"Reliability of the malignant probability on {images}: share of malignant images against the mean "
            f"probability, in at most {DEFAULT_BINS} bins with equally many images as far as possible. Bars: "
            f"{_confidence(evaluation)} Wilson intervals, each image taken as independent. Dashed: perfect "
            f"calibration. Expected calibration error {show_score(evaluation.metrics['malignant_ece'])}."
        ),
        "decision-curve": _decision_curve(evaluation),
        "confusion": (
            f"Confusion matrix of {images}: rows are the true class, columns the most probable one; below each number "
            "its share of the true class."
        ),
        "subgroups": _subgroups(evaluation),
        "learning-loss": f"Training and validation loss (nats) by epoch. {kept}",
        "learning-scores": f"AUROC and accuracy on validation images by epoch. {kept}",
        "learning-penalty": (
            "Validation loss (nats) of the linear probe by the strength of its L2 penalty. Large point: the one used."
        ),
        "flow": "Flow of the images from those found to training, validation and test, with those that were excluded.",
    }
    return {drawing.name: texts[drawing.name] for drawing in drawings}


def comparison_captions(drawings: Iterable[Drawing], comparison: Comparison) -> dict[str, str]:
    """Return the caption of each figure of a comparison, by the name of the drawing."""
    how = comparison.resampling
    both = f"A: {comparison.names[0]}. B: {comparison.names[1]}."
    images = f"{counted(comparison.n_images, 'image')} ({comparison.n_malignant:,} malignant)"
    drawn = f"{how.n_resamples:,} paired resamples of {units_drawn(how.n_units, how.unit)}"
    margin = "" if comparison.margin is None else f" Dotted: the margin of {comparison.margin:g}."
    texts = {
        "roc": f"ROC curves of two models on the same {images}. {both} Dashed in grey: chance.",
        "differences": (
            f"Differences between two models on the same {images}, with {how.confidence * 100:g}% intervals from "
            f"{drawn}; right of zero A is better.{margin} {both}"
        ),
    }
    return {drawing.name: texts[drawing.name] for drawing in drawings}


def captions_text(captions: Mapping[str, str]) -> str:
    r"""Return captions as a Markdown file.

    Example:
        >>> captions_text({"roc": "ROC curve."})
        '# Captions\n\n**roc.** ROC curve.\n'
    """
    return "\n\n".join(["# Captions", *(f"**{name}.** {text}" for name, text in captions.items())]) + "\n"


def _images(evaluation: Evaluation, is_malignant: npt.NDArray[np.bool_]) -> str:
    how = evaluation.resampling
    of = "" if how.unit == "image" else f" of {units_drawn(how.n_units, how.unit)}"
    return f"{counted(len(is_malignant), 'image')}{of} ({int(is_malignant.sum()):,} malignant)"


def _confidence(evaluation: Evaluation) -> str:
    return f"{evaluation.resampling.confidence * 100:g}%"


def _methods(evaluation: Evaluation) -> str:
    return f"{_confidence(evaluation)} intervals: {interval_methods(evaluation, of_probabilities=False)}."


def _band(evaluation: Evaluation, curve: str) -> str:
    drawn = evaluation.curves.get(curve)
    if drawn is None:
        return ""
    if not (drawn.high > drawn.low).any():
        return f"No band: too few {units_in_words(evaluation.resampling.unit)} of a side. "
    return f"Band: pointwise {_confidence(evaluation)} interval. "


def _points(evaluation: Evaluation, *, with_bars: bool) -> str:
    if not evaluation.operating_points:
        return ""
    (first, wanted), *others = points_by_threshold(evaluation.operating_points)
    text = (
        f"Filled point: the threshold in use ({threshold_text(first.threshold)}, chosen for {wanted})"
        f"{', with its intervals' * with_bars}."
    )
    return f"{text} Open points: {', '.join(others_wanted for _, others_wanted in others)}." if others else text


def _decision_curve(evaluation: Evaluation) -> str:
    detail = evaluation.detail
    if detail is None or detail.at_prevalence is None:
        return ""
    scores = detail.at_prevalence
    whose = "the share among these images" if scores.is_own else "set by the authors"
    has_band = bool((scores.net_benefit.high > scores.net_benefit.low).any())
    band = f"Band: pointwise {_confidence(evaluation)} interval. " if has_band else ""
    shift = f"{shift_in_words(scores)} ".lstrip()
    return (
        f"Decision curve at a prevalence of {percent(scores.prevalence)} ({whose}): net benefit per image against the "
        f"probability from which one would biopsy. {band}{shift}Dashed: biopsy of all. Zero: biopsy of none. "
        "Filled point: the threshold in use. Open points: other thresholds."
    )


def _subgroups(evaluation: Evaluation) -> str:
    point = evaluation.operating_points[0] if evaluation.operating_points else None
    at = "" if point is None else f" at the threshold of {threshold_text(point.threshold)}"
    return (
        f"Sensitivity{at} by subgroup, with {_confidence(evaluation)} intervals; n: malignant images. Dashed: all "
        "images. Subgroups with too few images, and those left alone by this, are not drawn."
    )
