"""What a terminal shows at the end of a training: one screen. Everything else is in the report."""

import textwrap

from lentigo.numbers.evaluation import Evaluation
from lentigo.study.reporting._terminal.evaluation import WIDTH, comparison_rows, show_figure
from lentigo.study.reporting._terminal.held_out_sources import format_held_out_sources
from lentigo.study.reporting._terminal.layout import as_pairs
from lentigo.wording import counted, units_drawn

_FIGURES = {
    "auroc": "AUROC, malignant",
    "macro_auroc": "macro AUROC",
    "accuracy": "accuracy, most probable class",
    "balanced_accuracy": "balanced accuracy, most probable class",
}
_DIGITS = 3


def evaluation_summary(evaluation: Evaluation) -> str:
    """Return the headline, the first figures, and collections that were left out of training, in plain ASCII.

    Example:
        >>> from lentigo.stages import evaluate_predictions
        >>> text = evaluation_summary(evaluate_predictions(predictions_csv))
        >>> len(text.splitlines()) < 20
        True
    """
    rows = [
        (label, show_figure(evaluation.metrics[key], _DIGITS), "")
        for key, label in _FIGURES.items()
        if key in evaluation.metrics
    ]
    for point in evaluation.operating_points[:1]:  # the run's own; the others are in the report
        n_malignant, n_benign, at = point.tp + point.fn, point.tn + point.fp, " at the threshold"
        rows += [
            (f"sensitivity{at}", show_figure(point.sensitivity, _DIGITS), f"{point.tp:,} of {n_malignant:,} malignant"),
            (f"specificity{at}", show_figure(point.specificity, _DIGITS), f"{point.tn:,} of {n_benign:,} benign"),
        ]
    rows += [(f"AUROC, {name}", figure, note) for name, figure, note in comparison_rows(evaluation, _DIGITS)]
    how = evaluation.resampling
    brackets = (
        f"In brackets: {how.confidence * 100:g} % intervals, of the test images over "
        f"{units_drawn(how.n_units, how.unit)}, for test sets of this mix."
    )
    figures = [counted(evaluation.n_images, "test image"), *as_pairs(rows), *textwrap.wrap(brackets, WIDTH)]
    blocks = [
        "\n".join(textwrap.wrap(evaluation.headline, WIDTH)),
        "\n".join(line.rstrip() for line in figures),
        format_held_out_sources(evaluation),
    ]
    return "\n\n".join(filter(None, blocks))
