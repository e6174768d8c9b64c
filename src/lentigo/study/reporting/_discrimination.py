"""How well malignant and benign are told apart: ROC and precision-recall, and one small ROC a diagnosis."""

import math

import numpy as np
import numpy.typing as npt
from markupsafe import Markup
from matplotlib.axes import Axes

from lentigo.numbers.evaluation import Curve, Evaluation, OperatingPointScores
from lentigo.numbers.metrics import precision_recall_curve, roc_curve
from lentigo.study.reporting._drawing import (
    BENIGN_COLOUR,
    FAINT,
    INK,
    MALIGNANT_COLOUR,
    MUTED,
    Drawing,
    draw,
    percent_axes,
)
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._tables import points_by_threshold
from lentigo.study.reporting._words import percent, show_score, threshold_key
from lentigo.taxonomy import MALIGNANT
from lentigo.wording import counted

_SIZE = (410, 390)
_PLATE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}
_BELOW = 0.9
"""Order of a text whose plate hides the grid, and neither band (1) nor curve (2)."""


Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def draw_roc(facts: RunFacts) -> Markup:
    """Return the ROC curve of malignant against benign, with its band and the operating points."""
    return roc_drawing(facts.inputs.evaluation, facts.is_malignant, facts.probability).inline()


def roc_drawing(evaluation: Evaluation, is_malignant: Bools, probability: Floats) -> Drawing:
    """Return the ROC curve of malignant against benign, with its band and the operating points, to be drawn."""
    curve = roc_curve(is_malignant, probability)

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.2, linestyle=(0, (4, 3)))
        _band(axes, evaluation.curves.get("roc"))
        axes.plot(curve.false_positive_rate, curve.sensitivity, color=INK)
        points = [point for point, _ in points_by_threshold(evaluation.operating_points)]
        for number, point in enumerate(points):
            _mark_roc(axes, point, is_first=number == 0)
        n = f"{counted(len(is_malignant), 'image')}, {int(is_malignant.sum()):,} malignant"
        _legend(axes, evaluation, n_points=len(points), has_band=_has_band(evaluation.curves.get("roc")))
        axes.text(0.97, 0.1, n, ha="right", color=MUTED, fontsize=10)
        axes.text(0.97, 0.035, f"AUROC {show_score(evaluation.metrics['auroc'])}", ha="right", color=INK)
        percent_axes(axes, x="benign images flagged (1 − specificity)", y="malignant images flagged (sensitivity)")

    told = f"ROC curve of malignant against benign. AUROC {show_score(evaluation.metrics['auroc'])}."
    return Drawing("roc", told, _SIZE, paint)


def draw_precision_recall(facts: RunFacts) -> Markup:
    """Return the precision-recall curve of the malignant images, with its band, prevalence and operating points."""
    return precision_recall_drawing(facts.inputs.evaluation, facts.is_malignant, facts.probability).inline()


def precision_recall_drawing(evaluation: Evaluation, is_malignant: Bools, probability: Floats) -> Drawing:
    """Return the precision-recall curve of the malignant images, to be drawn."""
    curve = precision_recall_curve(is_malignant, probability)
    prevalence = float(is_malignant.mean())
    # below the first malignant image there is no recall to plot; the step to it lies at its precision
    is_found = curve.recall > 0
    recall = np.concatenate([np.zeros(min(1, is_found.sum())), curve.recall[is_found]])
    precision = np.concatenate([curve.precision[is_found][:1], curve.precision[is_found]])
    points = [point for point, _ in points_by_threshold(evaluation.operating_points)]

    def paint(axes: Axes) -> None:
        axes.axhline(prevalence, color=FAINT, linewidth=1.2, linestyle=(0, (4, 3)))
        _band(axes, evaluation.curves.get("precision_recall"))
        axes.plot(recall, precision, color=INK, drawstyle="steps-pre")
        for number, point in enumerate(points):
            _mark(axes, point.sensitivity.value, point.ppv.value, is_first=number == 0)
        marks = threshold_key(len(points))
        lines = [
            (f"average precision {show_score(evaluation.metrics['average_precision']).value}", INK, 11.0),
            *([(marks, MALIGNANT_COLOUR, 10.0)] if marks else []),
            (f"dashed: flagging all, {percent(prevalence, digits=0)}", MUTED, 10.0),
        ]
        x, y = _free_corner(recall, precision, height=0.07 * len(lines))
        side = "left" if x < 0.5 else "right"
        for row, (text, colour, size) in enumerate(lines):
            axes.text(x, y + 0.065 * row, text, ha=side, color=colour, fontsize=size, bbox=_PLATE, zorder=7)
        percent_axes(axes, x="malignant images flagged (sensitivity)", y="malignant among flagged (PPV)")

    told = f"Precision-recall curve. Average precision {show_score(evaluation.metrics['average_precision'])}."
    return Drawing("precision-recall", told, _SIZE, paint)


def draw_class_roc(facts: RunFacts, k: int) -> Markup:
    """Return the small ROC curve of one class against all others, without labels on its axes."""
    curve = roc_curve(facts.test.target == k, facts.test.probabilities[:, k])
    name = facts.classes[k]
    colour = MALIGNANT_COLOUR if facts.side(name) == MALIGNANT else BENIGN_COLOUR

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
        axes.fill_between(curve.false_positive_rate, curve.sensitivity, color=colour, alpha=0.10, linewidth=0)
        axes.plot(curve.false_positive_rate, curve.sensitivity, color=colour)
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.03), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        axes.set_xticklabels(["0", "50", "100%"])
        axes.set_yticklabels(["0", "50", "100%"])

    auroc = show_score(facts.inputs.evaluation.per_class[name]["auroc"])
    return draw(
        f"roc-{k}",
        f"ROC curve of {name} against all other classes. AUROC {auroc}.",
        (190, 172),
        paint,
        left=36,
        bottom=22,
    )


def _has_band(curve: Curve | None) -> bool:
    return curve is not None and not bool(np.isnan(curve.low).all())


def _legend(axes: Axes, evaluation: Evaluation, *, n_points: int, has_band: bool) -> None:
    """Write what dots, bars, band and brackets are, above the figures in the lower right corner."""
    confidence = f"{evaluation.resampling.confidence * 100:g}%"
    what = [*["band"] * has_band, *["bars"] * bool(n_points)]
    if what and (has_band or evaluation.metrics["auroc"].has_interval):
        # short, because the curve of a poor model passes here
        text = f"{', '.join(what)}: {confidence} CI"
        axes.text(0.97, 0.22, text, ha="right", color=MUTED, fontsize=10, bbox=_PLATE, zorder=_BELOW)
    axes.text(0.97, 0.16, threshold_key(n_points), ha="right", color=MALIGNANT_COLOUR, fontsize=10)


def _free_corner(x: Floats, y: Floats, *, height: float, width: float = 0.56) -> tuple[float, float]:
    """Return where the lines of a legend begin in the corner that a curve of steps passes least; y is the lowest line.

    Args:
        x: (N,) of the steps, rising.
        y: (N,) of the steps; each holds from the one before to its own x.
        height: of the legend, in data units.
        width: of the legend.
    """
    if not len(x):
        return 0.02, 0.035
    grid = np.linspace(0.01, 1, 100)
    along = y[np.minimum(np.searchsorted(x, grid), len(y) - 1)]
    left, right, top = grid < width, grid > 1 - width, 1 - height
    crossed = {
        (0.02, 0.035): int((left & (along < height + 0.03)).sum()),
        (0.98, top): int((right & (along > top - 0.03)).sum()),
        (0.98, 0.035): int((right & (along < height + 0.03)).sum()),
        (0.02, top): int((left & (along > top - 0.03)).sum()),
    }
    return min(crossed, key=lambda place: crossed[place])


def _band(axes: Axes, curve: Curve | None) -> None:
    if curve is not None and _has_band(curve):
        axes.fill_between(curve.x, curve.low, curve.high, color=INK, alpha=0.12, linewidth=0)


def _mark_roc(axes: Axes, point: OperatingPointScores, *, is_first: bool) -> None:
    sensitivity, specificity = point.sensitivity, point.specificity
    x, y = 1 - specificity.value, sensitivity.value
    if math.isnan(x) or math.isnan(y):
        return
    if is_first:
        if sensitivity.has_interval:
            axes.plot([x, x], [sensitivity.low, sensitivity.high], color=MALIGNANT_COLOUR, linewidth=2.2)
        if specificity.has_interval:
            axes.plot([1 - specificity.high, 1 - specificity.low], [y, y], color=MALIGNANT_COLOUR, linewidth=2.2)
        _label(axes, x, y, point)
    _mark(axes, x, y, is_first=is_first)


def _label(axes: Axes, x: float, y: float, point: OperatingPointScores) -> None:
    """Name the operating point below the curve: beside it, or below the diagonal where it lies far to the right."""
    lines = (f"sensitivity {percent(point.sensitivity.value)}", f"specificity {percent(point.specificity.value)}")
    is_left = x < 0.5
    axes.text(
        x + 0.05 if is_left else 0.97,
        min(y, 0.97) - 0.1 if is_left else 0.4,
        "\n".join(lines),
        ha="left" if is_left else "right",
        va="top",
        color=MALIGNANT_COLOUR,
        linespacing=1.35,
        bbox=_PLATE,
        zorder=_BELOW,
    )


def _mark(axes: Axes, x: float, y: float, *, is_first: bool) -> None:
    face = MALIGNANT_COLOUR if is_first else "white"
    axes.plot(
        [x], [y], "o", markersize=8, color=MALIGNANT_COLOUR, markerfacecolor=face, markeredgewidth=1.6,
        zorder=6 if is_first else 5,  # the point in use lies above the others
        clip_on=False,  # a point in a corner is whole
    )  # fmt: skip
