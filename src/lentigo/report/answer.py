"""The answer on one page: what the model does, how well, for whom not, and what to beware of."""

from collections.abc import Iterator
from dataclasses import dataclass

from lentigo.metrics import Estimate
from lentigo.report.cautions import Note, beware, not_for
from lentigo.report.inputs import Facts
from lentigo.report.words import (
    Frequency,
    Shown,
    count,
    frequency,
    join,
    percent,
    probability_text,
    show_score,
    show_share,
)

__all__ = ["Answer", "HundredCases", "KeyFigure", "answer_of", "intervals_note"]


@dataclass(frozen=True, slots=True)
class HundredCases:
    """What happens to a hundred images of one side, to be drawn as a hundred dots.

    Args:
        side: "malignant" or "benign".
        frequency: how many are dealt with rightly.
        right: what that is: "found", "left alone".
        wrong: what the others are: "missed", "sent on needlessly".
        evidence: counts and interval behind it.

    Example:
        >>> HundredCases("malignant", frequency(0.93), "found", "missed", "280 of 300").frequency.rest
        '7'
    """

    side: str
    frequency: Frequency
    right: str
    wrong: str
    evidence: str


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure of the answer, with what it means.

    Args:
        name: how it is called.
        shown: as text.
        meaning: in words.
        estimate: to be drawn.
        has_rail: whether it is drawn between 0 and 1, 1 being best.

    Example:
        >>> KeyFigure("AUROC", Shown("0.96", "", ""), "", Estimate(0.96, 0.9, 0.99, n=9)).name
        'AUROC'
    """

    name: str
    shown: Shown
    meaning: str
    estimate: Estimate
    has_rail: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """The parts of the first page.

    Example:
        >>> Answer("It works.", "", (), (), (), (), "").headline
        'It works.'
    """

    headline: str
    does: str
    hundreds: tuple[HundredCases, ...]
    figures: tuple[KeyFigure, ...]
    not_for: tuple[Note, ...]
    beware: tuple[Note, ...]
    intervals: str


def answer_of(facts: Facts) -> Answer:
    """Return the first page in words and numbers."""
    return Answer(
        headline=_headline(facts),
        does=_does(facts),
        hundreds=tuple(_hundreds(facts)),
        figures=tuple(_figures(facts)),
        not_for=tuple(not_for(facts)),
        beware=tuple(beware(facts)),
        intervals=intervals_note(facts),
    )


def _headline(facts: Facts) -> str:
    point = facts.point
    if point is None or not (point["sensitivity"].is_defined and point["specificity"].is_defined):
        auroc = facts.inputs.evaluation.metrics["auroc"]
        return f"Tells malignant from benign with an AUROC of {show_score(auroc)}."
    found, alone = frequency(point["sensitivity"].value), frequency(point["specificity"].value)
    return (
        f"Finds {found.text} of 100 malignant lesions and sends {alone.rest} of 100 benign ones on for a closer look."
    )


def _does(facts: Facts) -> str:
    inputs = facts.inputs
    malignant = join(inputs.evaluation.malignant_classes)
    if facts.has_diagnoses:
        task = (
            f"From one dermatoscopic photograph it estimates which of {len(facts.classes)} diagnoses the lesion has, "
            f"and how probable a malignant one ({malignant}) is"
        )
    else:
        task = "From one dermatoscopic photograph it estimates how probable it is that the lesion is malignant"
    if facts.point is None:
        return f"{task}. No threshold was chosen."
    wanted = percent(facts.point["target_sensitivity"], digits=0)
    return (
        f"{task}. It flags the lesion when that probability is {probability_text(facts.threshold)} or more, a "
        f"threshold chosen on validation images to find {wanted} of the malignant ones. All figures are from "
        f"{count(inputs.evaluation.n_images, 'test image')}, not used for training; they were {inputs.looks.short}"
        f"{', and thresholds chosen again after that' if inputs.looks.is_chosen_after else ''}."
    )


def _hundreds(facts: Facts) -> Iterator[HundredCases]:
    point = facts.point
    if point is None:
        return
    rows = (
        ("malignant", point["sensitivity"], point["tp"], point["fn"], "found", "missed"),
        ("benign", point["specificity"], point["tn"], point["fp"], "left alone", "flagged needlessly"),
    )
    for side, estimate, right, wrong, word, other in rows:
        if estimate.is_defined:
            shown = show_share(estimate)
            extra = f"{facts.interval} {shown.interval}" if shown.interval else shown.note
            evidence = "; ".join(filter(None, [f"{right:,} of {right + wrong:,} test images, {shown.value}", extra]))
            yield HundredCases(side, frequency(estimate.value), word, other, evidence)


def _figures(facts: Facts) -> Iterator[KeyFigure]:
    metrics, point = facts.inputs.evaluation.metrics, facts.point
    auroc = metrics["auroc"]
    meaning = ""
    if auroc.is_defined:
        pairs = frequency(auroc.value).text
        meaning = f"of 100 pairs of one malignant and one benign image, {pairs} are ranked rightly"
    yield KeyFigure("AUROC", show_score(auroc), meaning, auroc)
    if point is not None:
        sensitivity, specificity = point["sensitivity"], point["specificity"]
        yield KeyFigure("Sensitivity", show_share(sensitivity), "malignant images that are flagged", sensitivity)
        yield KeyFigure("Specificity", show_share(specificity), "benign images that are not", specificity)
    if facts.has_diagnoses:
        balanced = metrics["balanced_accuracy"]
        meaning = f"mean share found of the {len(facts.classes)} diagnoses, by the most probable one"
        yield KeyFigure("Balanced accuracy", show_share(balanced), meaning, balanced)
    else:
        accuracy = metrics["accuracy"]
        yield KeyFigure("Accuracy", show_share(accuracy), "images whose more probable class is right", accuracy)
    error = metrics["malignant_ece"]
    meaning = "mean gap between probability said and outcome, zero at best"
    yield KeyFigure("Calibration error", show_share(error), meaning, error, has_rail=False)


def intervals_note(facts: Facts) -> str:
    """Return how the intervals were made, and what they do not cover."""
    how = facts.inputs.evaluation.resampling
    return (
        f"{how.confidence * 100:g}% intervals by bootstrap ({how.interval}), {how.n_resamples:,} resamples of "
        f"{count(how.n_units, how.unit)}, stratified by {how.stratified_by}. They cover the luck of which {how.unit}s "
        "are in the test, not that of another training run or another choice of the threshold."
    )
