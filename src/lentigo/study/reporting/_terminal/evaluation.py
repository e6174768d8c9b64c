"""The classification report for a terminal: scikit-learn's layout, every figure with its interval, plain ASCII.

With the codes of diagnoses, or benign and malignant, as class names it is at most 80 columns wide.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from lentigo.numbers.metrics import DEFAULT_BINNING, DEFAULT_BINS
from lentigo.study.reporting._interval_methods import interval_methods
from lentigo.study.reporting._terminal.by_lesion import format_lesions
from lentigo.study.reporting._terminal.detail import format_detail
from lentigo.study.reporting._terminal.held_out_sources import format_held_out_sources
from lentigo.study.reporting._terminal.layout import GAP, as_pairs, show
from lentigo.study.reporting._terminal.shared_lesions import format_shared
from lentigo.study.reporting._trivial_baselines import accuracy_beside, one_answer
from lentigo.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lentigo.model.decision import Estimate
    from lentigo.numbers.evaluation import Evaluation, OperatingPointScores

WIDTH = 80
_BINS = f"at most {DEFAULT_BINS} {DEFAULT_BINNING.replace('_', '-')} bins"
_SCORES = {"precision": "precision", "recall": "recall", "f1": "F1"}
_OTHERS = {"specificity": "specificity", "npv": "NPV", "auroc": "AUROC"}
_RANKING = {
    "auroc": "AUROC",
    "auroc_delong": "AUROC, by DeLong",
    "average_precision": "average precision",
    "partial_auroc": "partial AUROC, raw",
    "partial_auroc_mcclish": "partial AUROC, McClish",
    "sensitivity_at_specificity_90": "sens. at 90 % spec.",
    "sensitivity_at_specificity_95": "sens. at 95 % spec.",
    "specificity_at_sensitivity_90": "spec. at 90 % sens.",
    "specificity_at_sensitivity_95": "spec. at 95 % sens.",
}
_OVERALL = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "balanced_accuracy_by_rule": "  by the stored rule",
    "macro_f1_by_rule": "macro F1 by the stored rule",
    "macro_auroc": "macro AUROC",
    "macro_average_precision": "macro average precision",
    "macro_f1_at_half": "macro F1, each class at 0.5",
}
_PROBABILITIES = {
    "brier": "Brier score",
    "malignant_brier": "Brier score, malignant",
    "nll": "NLL",
    "ece": "ECE, top label",
    "ece_debiased": "ECE, top label, debiased",
    "malignant_ece": "ECE, malignant",
    "malignant_ece_debiased": "ECE, malignant, debiased",
    "slope": "calibration slope",
    "intercept": "calibration intercept",
    "intercept_in_the_large": "intercept in the large",
}


def evaluation_table(evaluation: Evaluation) -> str:
    """Return the headline, the classification report and the detail for a terminal, in plain ASCII.

    Example:
        >>> from lentigo.stages import evaluate_predictions
        >>> "malignant" in evaluation_table(evaluate_predictions(predictions_csv))
        True
    """
    start = "\n".join(textwrap.wrap(evaluation.headline, 80))
    end = format_detail(evaluation.detail) if evaluation.detail else ""
    beside = format_shared(evaluation.shared, evaluation.metrics, evaluation.n_images) if evaluation.shared else ""
    away, lesions = format_held_out_sources(evaluation), evaluation.lesions
    cases = format_lesions(lesions, evaluation.metrics, evaluation.n_images) if lesions else ""
    return "\n\n".join(filter(None, [start, format_table(evaluation), cases, away, beside, end]))


def format_table(evaluation: Evaluation, *, digits: int = 2) -> str:
    """Return the evaluation as text for a terminal, without a newline at the end.

    Args:
        evaluation: what to show.
        digits: decimals of the figures of classes; those of all images have one more.

    Example:
        >>> import numpy as np
        >>> from lentigo.numbers.evaluation import evaluate
        >>> from lentigo.numbers.predictions import Predictions
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.6, 0.4]])
        >>> said = Predictions(np.array(["a", "b", "c", "d"]), np.array([0, 0, 1, 1]), rows, ("benign", "malignant"))
        >>> print(format_table(evaluate(said, malignant=["malignant"], n_resamples=50)).splitlines()[2])
        benign        0.50 [0.001, 0.999]  0.50 [0.003, 0.997]  0.50                     2
    """
    blocks = [
        _class_block(evaluation, digits),
        _others_block(evaluation, digits),
        [
            *_figure_block("all classes, by the most probable class", evaluation.metrics, _OVERALL, digits + 1),
            *_wrapped(accuracy_beside(evaluation)),
        ],
        _figure_block(_contrast_title(evaluation), evaluation.metrics, _ranking(evaluation), digits + 1),
        *_comparison_blocks(evaluation, digits + 1),
        *(_point_block(point, digits + 1) for point in evaluation.operating_points),
        _figure_block(f"probabilities (ECE over {_BINS})", evaluation.metrics, _PROBABILITIES, digits + 1),
        _confusion_block(evaluation),
        _footer(evaluation),
    ]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block)


def _class_block(evaluation: Evaluation, digits: int) -> list[str]:
    names = [*evaluation.classes, "weighted avg"]
    n_images = evaluation.n_images
    label = max(map(len, names))
    # "0.91 [0.88, 0.94]" with two digits
    cell = max(3 * digits + 11, len("n/a (0 cases)"))
    count = max(len("support"), len(str(n_images)))

    def row(name: str, cells: Sequence[str], support: int | str) -> str:
        return GAP.join([name.ljust(label), *(text.ljust(cell) for text in cells), str(support).rjust(count)])

    accuracy = show_figure(evaluation.metrics["accuracy"], digits)
    return [
        row("", list(_SCORES.values()), "support"),
        "",
        *(
            row(
                name,
                [
                    show_figure(scores["precision"], digits),
                    show_figure(scores["recall"], digits),
                    show_figure(scores["f1"], digits),
                ],
                scores["support"],
            )
            for name, scores in evaluation.per_class.items()
        ),
        "",
        row("accuracy", ["", "", accuracy], n_images),
        *(
            row(f"{average} avg", [show_figure(scores[key], digits) for key in _SCORES], n_images)
            for average, scores in evaluation.averages.items()
        ),
    ]


def _others_block(evaluation: Evaluation, digits: int) -> list[str]:
    """Return what else there is of each class against the others; of two classes one mirrors the other."""
    classes = evaluation.per_class if len(evaluation.classes) > 2 else {}
    if not classes:
        return []
    label = max(len("weighted avg"), *map(len, evaluation.classes))
    cell = max(3 * digits + 11, len("n/a (0 cases)"))

    def row(name: str, cells: Sequence[str]) -> str:
        return GAP.join([name.ljust(label), *(text.ljust(cell) for text in cells)])

    return [
        row("", list(_OTHERS.values())),
        *(row(name, [show_figure(scores[key], digits) for key in _OTHERS]) for name, scores in classes.items()),  # type: ignore[literal-required]
    ]


def _figure_block(title: str, metrics: Mapping[str, Estimate], names: Mapping[str, str], digits: int) -> list[str]:
    rows = [(label, show_figure(metrics[key], digits)) for key, label in names.items() if key in metrics]
    return [title, *as_pairs(rows)]


def _ranking(evaluation: Evaluation) -> Mapping[str, str]:
    """Return the figures of ranking; where few patients give a score interval, DeLong's is left out."""
    return {key: label for key, label in _RANKING.items() if key != "auroc_delong" or _is_by_delong(evaluation)}


def _is_by_delong(evaluation: Evaluation) -> bool:
    figure = evaluation.metrics.get("auroc_delong")
    return figure is None or not (figure.reason or "").startswith("score interval")


def _contrast_title(evaluation: Evaluation) -> str:
    malignant = [name for name in evaluation.malignant_classes if name != "malignant"]
    named = f" (malignant: {', '.join(malignant)})" if malignant else ""
    return f"malignant against benign{named}"


def _comparison_blocks(evaluation: Evaluation, digits: int) -> list[list[str]]:
    """Return what stands beside the model's AUROC: how far one gets without seeing the lesion."""
    if not evaluation.comparisons:
        return []
    rows = comparison_rows(evaluation, digits)
    return [["AUROC of shortcuts and of covered images, to compare with the model's own", *as_pairs(rows)]]


def comparison_rows(evaluation: Evaluation, digits: int) -> list[tuple[str, str, str]]:
    """Return what stands beside the model's AUROC, with the images it is from where these are not the test."""
    rows = []
    for name, figure in evaluation.comparisons.items():
        other = counted(figure.n, "image")
        split = f"{other}, all splits" if name.endswith(", no network") else other
        is_test = figure.n == evaluation.n_images and not name.endswith(", no network")
        rows.append((name, show_figure(figure, digits), "" if is_test else split))
    return rows


def _point_block(point: OperatingPointScores, digits: int) -> list[str]:
    tp, fp, fn, tn = point.tp, point.fp, point.fn, point.tn
    rows = [
        ("sensitivity", show_figure(point.sensitivity, digits), f"{tp:,} of {tp + fn:,} malignant"),
        ("specificity", show_figure(point.specificity, digits), f"{tn:,} of {tn + fp:,} benign"),
        ("PPV", show_figure(point.ppv, digits), f"{tp:,} of {tp + fp:,} called malignant"),
        ("NPV", show_figure(point.npv, digits), f"{tn:,} of {tn + fn:,} called benign"),
    ]
    title = f"{point.name}: called malignant from a probability of {point.threshold:.4g}"
    return [title, *as_pairs(rows), *_wrapped(one_answer(point))]


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent=GAP, subsequent_indent=GAP)


def _confusion_block(evaluation: Evaluation) -> list[str]:
    title = "truth \\ called"
    label = max(len(title), *map(len, evaluation.classes))
    cells = [[f"{count:,}" for count in row] for row in evaluation.confusion.tolist()]
    widths = [max(map(len, column)) for column in zip(evaluation.classes, *cells, strict=True)]

    def row(name: str, texts: Sequence[str]) -> str:
        return GAP.join([name.ljust(label), *(text.rjust(width) for text, width in zip(texts, widths, strict=True))])

    return [
        "images by the most probable class",
        row(title, evaluation.classes),
        *(row(name, texts) for name, texts in zip(evaluation.classes, cells, strict=True)),
    ]


def _footer(evaluation: Evaluation) -> list[str]:
    how = evaluation.resampling
    apart = "images count as independent" if how.unit == "image" else f"clustered by {how.unit}"
    delong = f"DeLong: {apart}. " if _is_by_delong(evaluation) else ""
    text = (
        f"In brackets: {how.confidence * 100:g} % intervals, {interval_methods(evaluation)}: they hold "
        "for test sets of this mix. Precision is PPV, recall sensitivity of a class. Partial AUROC: above 80 % "
        f"sensitivity, raw at most 0.2. {delong}Slope 1 and intercepts 0 are calibrated."
    )
    lines = textwrap.wrap(text, WIDTH)
    for reason, names in _notes(evaluation).items():
        # "ECE, top label" has a comma of its own
        gap = "; " if any("," in name for name in names) else ", "
        note = f"{gap.join(names)}: {reason}."
        lines += textwrap.wrap(note, WIDTH, initial_indent="- ", subsequent_indent="  ")
    return lines


def _notes(evaluation: Evaluation) -> dict[str, list[str]]:
    """Return why figures or intervals are missing, and the figures each reason is about."""
    shown = {**_OVERALL, **_ranking(evaluation), **_PROBABILITIES}
    figures = [(label, evaluation.metrics[key]) for key, label in shown.items() if key in evaluation.metrics]
    for average, means in evaluation.averages.items():
        figures += [(f"{average} {label}", means[key]) for key, label in _SCORES.items()]
    for name, scores in evaluation.per_class.items():
        figures += [
            (f"{name} precision", scores["precision"]),
            (f"{name} recall", scores["recall"]),
            (f"{name} F1", scores["f1"]),
        ]
    for point in evaluation.operating_points:
        figures += [
            (f"{point.name} sensitivity", point.sensitivity),
            (f"{point.name} specificity", point.specificity),
            (f"{point.name} PPV", point.ppv),
            (f"{point.name} NPV", point.npv),
        ]
    notes: dict[str, list[str]] = {}
    for name, figure in figures:
        if figure.reason:
            notes.setdefault(figure.reason, []).append(name)
    return notes


def show_figure(figure: Estimate, digits: int) -> str:
    return "n/a (0 cases)" if (figure.reason or "").startswith("0 ") and not figure.is_defined else show(figure, digits)
