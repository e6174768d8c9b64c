"""What a figure is worth beside doing nothing: one answer for all images, a threshold that flags all, no band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lentigo.numbers.calibration import ChosenBand
from lentigo.numbers.metrics import say
from lentigo.study.reporting._words import percent, show_share
from lentigo.wording import counted

if TYPE_CHECKING:
    from lentigo.model.decision import OperatingPoint
    from lentigo.numbers.evaluation import DeferralScores, Evaluation, OperatingPointScores


def accuracy_beside(evaluation: Evaluation) -> str:
    """Return that the accuracy is not shown to be better than one answer for all images; empty where it is.

    Example:
        >>> from lentigo.stages import evaluate_predictions
        >>> type(accuracy_beside(evaluate_predictions(predictions_csv)))
        <class 'str'>
    """
    accuracy = evaluation.metrics["accuracy"]
    called = evaluation.confusion.sum(axis=0)
    # of classes with as many images, the one that is called most often is the one answer to compare with
    name, n = max(evaluation.support.items(), key=lambda item: (item[1], called[evaluation.classes.index(item[0])]))
    share = n / evaluation.n_images
    if evaluation.n_images > 1 and called[evaluation.classes.index(name)] == called.sum():
        return (
            f"The most probable class of all {counted(evaluation.n_images, 'test image')} is '{name}': the accuracy of "
            f"{show_share(accuracy)} is that of always answering '{name}'."
        )
    words = {"shown": show_share(accuracy), "name": name, "share": percent(share)}
    return say("better than one answer", accuracy, limit=share, **words)[1]


def one_answer(point: OperatingPointScores) -> str:
    """Return that all images, or none, lie above a threshold, so that it decides nothing; empty otherwise.

    Example:
        >>> from lentigo.stages import evaluate_predictions
        >>> [one_answer(point) for point in evaluate_predictions(predictions_csv).operating_points]
        []
    """
    n_flagged, n_images = point.tp + point.fp, point.tp + point.fp + point.fn + point.tn
    if not n_images or 0 < n_flagged < n_images:
        return ""
    these = f"all {counted(n_images, 'test image')}" if n_images > 1 else "the only test image"
    if n_flagged:
        return f"At this threshold {these} would be referred, malignant or benign: it separates nothing here."
    return f"At this threshold none of {these.removeprefix('all ')} would be referred: it separates nothing here."


def one_answer_before(chosen: OperatingPoint) -> str:
    """Return that a threshold flags all validation images, or none; empty otherwise."""
    found, cleared, n = chosen.sensitivity.value, chosen.specificity.value, chosen.n_malignant + chosen.n_benign
    if found == 1 and cleared == 0:
        return f"On validation this threshold flags all {counted(n, 'image')}: it separates nothing there."
    if found == 0 and cleared == 1:
        return f"On validation this threshold flags none of {counted(n, 'image')}: it separates nothing there."
    return ""


def without_band(scores: DeferralScores) -> str:
    """Return why there is no low-confidence band, and what that costs on test; empty where there is one."""
    band = scores.band
    if band is None or band.low < band.high:
        return ""
    if not isinstance(band, ChosenBand):
        return "No low-confidence band: none was needed on validation, or none of the allowed size helped."
    target, before = percent(band.target_missed), band.missed_in_words
    if not band.is_reached:
        return (
            f"No low-confidence band: on validation {before} of the malignant images are missed (target: at most "
            f"{target}), and no band of the allowed size comes nearer."
        )
    missed = scores.outside["missed"]
    start = f"No low-confidence band: without one {before} of the malignant images are missed on validation (target: "
    words = {"start": f"{start}at most {target})", "shown": show_share(missed), "n": f"{missed.n:,}"}
    if not missed.is_defined:
        return f"{words['start']}; here no malignant image is tested."
    return say("no band needed", missed, limit=band.target_missed, **words)[1]
