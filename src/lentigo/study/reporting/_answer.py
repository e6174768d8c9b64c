"""The answer on one page: what the model does, how well, for whom not, and what to beware of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from lentigo.model import LEAST_CASES
from lentigo.model.decision import Estimate
from lentigo.numbers.metrics import FEWEST_CLUSTERS
from lentigo.study.auditing import Audit
from lentigo.study.reporting._audit.words import has_leaks_left
from lentigo.study.reporting._cautions import Note, beware, not_for
from lentigo.study.reporting._headline import headline_of
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._interval_methods import interval_methods
from lentigo.study.reporting._probabilities import chance_ece
from lentigo.study.reporting._words import (
    FormattedEstimate,
    Frequency,
    frequency,
    join,
    percent,
    show_score,
    show_share,
    threshold_text,
    whole_of_100,
)
from lentigo.wording import counted, units_in_words

_WHERE: Final = {
    "held-out sources": " in every collection that was left out of training",
    "every source": " in every collection of validation",
}


@dataclass(frozen=True, slots=True)
class HundredCases:
    """What happens to a hundred images of one side, to be drawn as a hundred dots.

    Args:
        side: "malignant" or "benign".
        frequency: how many are dealt with rightly.
        unanswered: how many cannot be assessed.
        right: what dealing rightly is: "referred", "called benign-looking".
        wrong: what becomes of the others.
        evidence: counts and interval behind it.
        wrong_text: how many get the wrong answer, in words; as the dots when empty.

    Example:
        >>> HundredCases("malignant", frequency(0.8), frequency(0.13), "referred", "called benign-looking", "").n_wrong
        7
    """

    side: str
    frequency: Frequency
    unanswered: Frequency
    right: str
    wrong: str
    evidence: str
    wrong_text: str = ""

    @property
    def n_wrong(self) -> int:
        """How many dots are left for the wrong answer."""
        return max(0, 100 - self.frequency.yes - self.unanswered.yes)


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
        >>> KeyFigure("AUROC", FormattedEstimate("0.96", "", ""), "", Estimate(0.96, 0.9, 0.99, n=9)).name
        'AUROC'
    """

    name: str
    shown: FormattedEstimate
    meaning: str
    estimate: Estimate
    has_rail: bool = True


@dataclass(frozen=True, slots=True)
class AnswerSection:
    """The parts of the first page.

    Example:
        >>> AnswerSection("It works.", "", "", (), (), (), (), "").headline
        'It works.'
    """

    headline: str
    headline_rest: str
    does: str
    hundreds: tuple[HundredCases, ...]
    figures: tuple[KeyFigure, ...]
    not_for: tuple[Note, ...]
    beware: tuple[Note, ...]
    intervals: str


def answer_of(facts: RunFacts) -> AnswerSection:
    """Return the first page in words and numbers."""
    first, rest = _headline(facts)
    return AnswerSection(
        headline=first,
        headline_rest=rest,
        does=_does(facts),
        hundreds=tuple(_hundreds(facts)),
        figures=tuple(_figures(facts)),
        not_for=tuple(not_for(facts)),
        beware=tuple(beware(facts)),
        intervals=intervals_note(facts),
    )


def _headline(facts: RunFacts) -> tuple[str, str]:
    """Return the three answers, and what belongs to them: melanoma, the worst source, where it was measured."""
    said = headline_of(facts)
    if said is None:
        auroc = facts.inputs.evaluation.metrics["auroc"]
        return f"Tells malignant from benign with an AUROC of {show_score(auroc)}.", ""
    return said.answers, " ".join(filter(None, (said.melanoma, said.worst, said.where)))


def _does(facts: RunFacts) -> str:
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
    wanted = percent(facts.point.target_sensitivity, digits=0)
    points = inputs.calibration.operating_points
    where = _WHERE.get(points[0].source, "") if points else ""
    return (
        f"{task}. It flags the lesion when that probability is {threshold_text(facts.threshold)} or more "
        f"({facts.threshold:.4g}), a threshold chosen on validation images to find {wanted} of the malignant "
        f"ones{where}.{_band(facts)} Unless another set is named, figures are from "
        f"{counted(inputs.evaluation.n_images, 'test image')}"
        f"{_apart(inputs.audit)}. When this was written, these images had been "
        f"{inputs.looks.short}{', and thresholds chosen again after that' if inputs.looks.is_chosen_after else ''}."
    )


def _band(facts: RunFacts) -> str:
    """Return that images near the threshold get no answer, and how sensitivity and specificity count them."""
    if not facts.has_band:
        return ""
    low, high = (threshold_text(end) for end in facts.band)
    return (
        f" Between {low} and {high} it gives no answer (as a bundle; the run decides by the threshold); "
        "sensitivity and specificity count these images by the threshold."
    )


def _apart(audit: Audit | None) -> str:
    """Return in what way test images are apart from training: not at all where leaks were kept (`--leaks allow`)."""
    if audit is not None and has_leaks_left(audit):
        return ", some of them of lesions that training images show as well"
    return ", not used for training"


def _hundreds(facts: RunFacts) -> Iterator[HundredCases]:
    point = facts.point
    if point is None:
        return
    detail = facts.inputs.evaluation.detail
    shares = detail.answers.overall if detail is not None and detail.answers is not None else {}
    rows = (
        ("malignant", point.sensitivity, point.tp, point.fn, "refer", "benign-looking"),
        ("benign", point.specificity, point.tn, point.fp, "benign-looking", "refer"),
    )
    for side, estimate, right, wrong, good, bad in rows:
        if not (estimate.is_defined and estimate.has_interval) or estimate.n < LEAST_CASES:
            continue  # a picture of 100 lesions would say more than, for example, 4 images of one patient do
        shown = show_share(estimate)
        extra = f"{facts.interval} {shown.interval}" if shown.interval else shown.note
        without = " (images without an answer included)" if facts.has_band else ""
        seen = (
            f"{right:,} of {counted(right + wrong, 'test image')} on the right side of the threshold{without}, "
            f"{shown.value}"
        )
        evidence = "; ".join(filter(None, [seen, extra]))
        if side in shares:
            values = [shares[side][answer].value for answer in (good, bad, "cannot assess")]
        else:
            values = [estimate.value, 1 - estimate.value, 0.0]
        # The words are rounded as in the headline above (81, 4 and 16), the dots are a hundred (81, 3 and 16).
        words, dots = [frequency(value) for value in values], whole_of_100(values)
        if sum(word.yes for word in words) != 100:
            evidence += "; numbers of 100 are rounded"
        told, missed, untold = (replace(word, yes=whole) for word, whole in zip(words, dots, strict=True))
        yield HundredCases(side, told, untold, _WORDS[good], _WORDS[bad], evidence, missed.text)


_WORDS: Final = {"refer": "referred", "benign-looking": "called benign-looking"}


def _figures(facts: RunFacts) -> Iterator[KeyFigure]:
    metrics, point = facts.inputs.evaluation.metrics, facts.point
    auroc = metrics["auroc"]
    meaning = ""
    if auroc.is_defined and auroc.has_interval:
        meaning = _ranked(auroc.value, int(facts.is_malignant.sum()), int((~facts.is_malignant).sum()))
    yield KeyFigure("AUROC", show_score(auroc), meaning, auroc)
    if point is not None:
        sensitivity, specificity = point.sensitivity, point.specificity
        yield KeyFigure("Sensitivity", show_share(sensitivity), "malignant images that are flagged", sensitivity)
        yield KeyFigure("Specificity", show_share(specificity), "benign images that are not", specificity)
    if facts.has_diagnoses:
        balanced = metrics["balanced_accuracy"]
        n_classes = sum(n > 0 for n in facts.inputs.evaluation.support.values())
        meaning = f"mean share of each of the {n_classes} diagnoses that is found, by the most probable class"
        yield KeyFigure("Balanced accuracy", show_share(balanced), meaning, balanced)
    else:
        accuracy = metrics["accuracy"]
        yield KeyFigure("Accuracy", show_share(accuracy), "images whose more probable class is correct", accuracy)
    error, chance = metrics["malignant_ece"], chance_ece(facts)
    meaning = (
        f"mean gap between predicted probability and outcome (on average {percent(float(facts.probability.mean()))} "
        f"were predicted and {percent(float(facts.is_malignant.mean()))} are malignant); 0 is best, and chance alone "
        f"gives about {percent(chance, digits=0 if chance >= 0.1 else 1)} on these images{_in_the_large(metrics)}"
    )
    yield KeyFigure("Calibration error", show_share(error), meaning, error, has_rail=False)


def _in_the_large(metrics: Mapping[str, Estimate]) -> str:
    """Return that probabilities are too high or too low on average, where the images show it."""
    found = metrics.get("intercept_in_the_large")
    if found is None or not found.has_interval or found.low <= 0 <= found.high:
        return ""
    side = "high" if found.value < 0 else "low"
    return f". On average they are too {side}: intercept in the large {show_score(found, digits=2)}"


def _ranked(auroc: float, n_malignant: int, n_benign: int) -> str:
    """Return an AUROC as pairs ranked correctly: of 100, or of the pairs that there are where these are fewer."""
    n_pairs = n_malignant * n_benign
    n, ranked = (100, frequency(auroc).text) if n_pairs >= 100 else (n_pairs, f"{auroc * n_pairs:.3g}")
    verb = "is" if ranked == "1" else "are"
    these = counted(n, "pair of one malignant and one benign image", "pairs of one malignant and one benign image")
    return f"of {these}, {ranked} {verb} ranked correctly"


def intervals_note(facts: RunFacts) -> str:
    """Return how the intervals were made, and what they do not cover."""
    how = facts.inputs.evaluation.resampling
    return (
        f"{how.confidence * 100:g}% intervals: {interval_methods(facts.inputs.evaluation)}. "
        f"They cover the choice of {units_in_words(how.unit)} in the test set, not the variation between training "
        f"runs or threshold choices.{_few(facts)}"
    )


def _few(facts: RunFacts) -> str:
    """Return how intervals are made of so few patients that none is resampled; empty where there are enough."""
    how = facts.inputs.evaluation.resampling
    if how.unit == "image" or not any(
        "fewer than" in (e.reason or "") for e in facts.inputs.evaluation.metrics.values()
    ):
        return ""
    return (
        f" Fewer than {FEWEST_CLUSTERS} {units_in_words(how.unit)} of a side are too few to resample: shares have "
        "Wilson or exact intervals, the AUROC a score interval; accuracy, PPV and NPV follow from the intervals of "
        "either side; other figures of so few have none."
    )
