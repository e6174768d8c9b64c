"""The tables: classification report, confusion matrix, operating points, other prevalences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import OperatingPointScores
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._trivial_baselines import one_answer, one_answer_before
from lentigo.study.reporting._words import (
    FormattedEstimate,
    join,
    percent,
    share,
    show_score,
    show_share,
    threshold_text,
)
from lentigo.taxonomy import Side


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A row of the classification report.

    Example:
        >>> ClassRow("MEL", "melanoma", "malignant", (), 0.5, 30).support
        30
    """

    code: str
    name: str
    side: str
    cells: tuple[FormattedEstimate, ...]
    recall: float
    support: int


def class_scores(facts: RunFacts) -> list[ClassRow]:
    """Return precision, recall, F1, AUROC and average precision of each class."""
    rows = []
    for name, scores in facts.inputs.evaluation.per_class.items():
        cells = (
            *(show_share(estimate, digits=0) for estimate in (scores["precision"], scores["recall"], scores["f1"])),
            *(show_score(estimate, digits=2) for estimate in (scores["auroc"], scores["average_precision"])),
        )
        rows.append(
            ClassRow(name, facts.full_name(name), facts.side(name), cells, scores["recall"].value, scores["support"])
        )
    return rows


def average_rows(facts: RunFacts) -> list[tuple[str, tuple[FormattedEstimate, ...]]]:
    """Return the means over the classes of precision, recall and F1."""
    names = {"macro": "mean over classes", "weighted": "mean weighted by images"}
    return [
        (names.get(name, name), tuple(show_share(scores[key], digits=0) for key in ("precision", "recall", "f1")))
        for name, scores in facts.inputs.evaluation.averages.items()
    ]


def overall_scores(facts: RunFacts) -> list[tuple[str, FormattedEstimate, str]]:
    """Return the figures over all images: name, value with interval, what it is."""
    return metric_rows(facts.inputs.evaluation.metrics)


def metric_rows(metrics: Mapping[str, Estimate]) -> list[tuple[str, FormattedEstimate, str]]:
    """Return the figures over all images of any evaluation: name, value with interval, what it is."""
    shares = {
        "accuracy": ("Accuracy", "most probable class is the true one"),
        "balanced_accuracy": ("Balanced accuracy", "mean recall over classes"),
        "balanced_accuracy_by_rule": ("Balanced accuracy, stored rule", "mean recall over the classes that it calls"),
        "macro_f1_by_rule": ("Macro F1, stored rule", "mean over the classes that it calls"),
    }
    scores = {
        "auroc": ("AUROC", "malignant against benign"),
        "average_precision": ("Average precision", "malignant against benign"),
        "macro_auroc": ("Macro AUROC", "mean over classes, each against the others"),
        "macro_average_precision": ("Macro average precision", "mean over classes, each against the others"),
        "macro_f1_at_half": (
            "Macro F1 at 0.5",
            "mean over classes, each called from a probability of 0.5 on (MILK10k)",
        ),
        "brier": ("Brier score", "0 is perfect"),
        "malignant_brier": ("Brier score, malignant", "of the malignant probability"),
        "nll": ("Negative log likelihood", "nats per image"),
        "ece": ("ECE, most probable class", "at most 15 bins of equal size"),
        "malignant_ece": ("ECE, malignant", "at most 15 bins of equal size"),
    }
    rows = [(name, show_share(metrics[key]), what) for key, (name, what) in shares.items() if key in metrics]
    return rows + [(name, show_score(metrics[key]), what) for key, (name, what) in scores.items() if key in metrics]


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """One cell of the confusion matrix.

    Args:
        n_images: images.
        share: of the row, in per cent.
        level: the same from 0 to 1, for the shade.
        is_right: whether it lies on the diagonal.

    Example:
        >>> ConfusionCell(3, "75%", 0.75, is_right=True).level
        0.75
    """

    n_images: int
    share: str
    level: float
    is_right: bool


def confusion_rows(facts: RunFacts) -> list[tuple[str, Side, int, list[ConfusionCell]]]:
    """Return a row a true class: its name, side, images and cells."""
    matrix = facts.inputs.evaluation.confusion
    rows = []
    for i, name in enumerate(facts.classes):
        total = int(matrix[i].sum())
        cells = [
            ConfusionCell(int(n), share(int(n), total), float(n / total) if total else 0.0, is_right=i == k)
            for k, n in enumerate(matrix[i])
        ]
        rows.append((name, facts.side(name), total, cells))
    return rows


@dataclass(frozen=True, slots=True)
class PointRow:
    """What an operating point reaches on validation and on test; a caution where it flags all test images or none.

    Example:
        >>> PointRow("95% sensitivity", "18%", 0.18, ()).threshold
        0.18
    """

    wanted: str
    threshold_text: str
    threshold: float
    cells: tuple[tuple[str, FormattedEstimate, str], ...]
    caution: str = ""


def point_rows(facts: RunFacts) -> list[PointRow]:
    """Return each operating point: sensitivity, specificity, PPV and NPV on test, and the first two on validation."""
    return [_point_row(facts, point) for point in facts.inputs.evaluation.operating_points]


def _point_row(facts: RunFacts, point: OperatingPointScores) -> PointRow:
    cells, cautions = point_cells(point), [one_answer(point)]
    for chosen in facts.inputs.calibration.operating_points:
        if chosen.name == point.name:
            cells += [
                ("sensitivity, validation", show_share(chosen.sensitivity), f"of {chosen.n_malignant:,} malignant"),
                ("specificity, validation", show_share(chosen.specificity), f"of {chosen.n_benign:,} benign"),
            ]
            cautions.append(one_answer_before(chosen))
    shown, caution = threshold_text(point.threshold), " ".join(filter(None, cautions))
    return PointRow(wanted_of(point), shown, point.threshold, tuple(cells), caution)


def point_cells(point: OperatingPointScores) -> list[tuple[str, FormattedEstimate, str]]:
    """Return what an operating point reaches on the images: name, share with interval, the counts behind it."""
    tp, fp, fn, tn = point.tp, point.fp, point.fn, point.tn
    return [
        ("sensitivity", show_share(point.sensitivity), f"{tp:,} of {tp + fn:,} malignant"),
        ("specificity", show_share(point.specificity), f"{tn:,} of {tn + fp:,} benign"),
        ("PPV", show_share(point.ppv), f"{tp:,} of {tp + fp:,} flagged"),
        ("NPV", show_share(point.npv), f"{tn:,} of {tn + fn:,} not flagged"),
    ]


def points_by_threshold(points: Sequence[OperatingPointScores]) -> list[tuple[OperatingPointScores, str]]:
    """Return each threshold once, with all that it was chosen for: "95% and 98% sensitivity".

    On few validation images one threshold is the answer to several questions. Thresholds that are shown alike and call
    the same images malignant are one: 0.54146 and 0.54145 are no two operating points.
    """
    together: dict[tuple[str, int, int], list[OperatingPointScores]] = {}
    for point in points:
        together.setdefault((threshold_text(point.threshold), point.tp, point.fp), []).append(point)
    return [(same[0], _joined_wishes([wanted_of(point) for point in same])) for same in together.values()]


def _joined_wishes(texts: Sequence[str]) -> str:
    ending = " sensitivity"
    shares = [text.removesuffix(ending) for text in texts if text.endswith(ending)]
    return join([*([join(shares) + ending] if shares else []), *(text for text in texts if not text.endswith(ending))])


def wanted_of(point: OperatingPointScores) -> str:
    """Return the sensitivity that was asked for, or the rule by which the threshold was chosen instead."""
    if not math.isnan(point.target_sensitivity):
        return f"{percent(point.target_sensitivity, digits=0)} sensitivity"
    if point.name == "youden":
        return "the greatest sum of sensitivity and specificity (Youden)"
    return f"a cost of {point.name.removeprefix('cost_')} false alarms for a missed malignant lesion"
