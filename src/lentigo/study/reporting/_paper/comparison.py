"""Two models in a manuscript: both ROC curves, every difference with its interval, and the table of them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import HEADLINE, Comparison, Difference
from lentigo.storage import write_text
from lentigo.study.reporting._drawing import BENIGN_COLOUR, FAINT, INK, MUTED, Drawing, percent_axes
from lentigo.study.reporting._paper.captions import FILE, captions_text, comparison_captions
from lentigo.study.reporting._paper.saving import Format, save_drawing
from lentigo.study.reporting._paper.table_text import ENDINGS, WRITERS
from lentigo.study.reporting._paper.tables import Cell, PaperTable, noted_table, with_note
from lentigo.study.reporting._terminal.comparison import better_of, p_text
from lentigo.study.reporting._words import show_score
from lentigo.wording import counted, units_drawn

_LEFT, _RIGHT = 150, 16
_UNBOUNDED: Final = "nll"  # can be any size, and would press all shares together


def signed(estimate: Estimate, *, digits: int = 3) -> str:
    """Return a difference with its sign and interval.

    Example:
        >>> signed(Estimate(-0.02, -0.05, 0.01, n=9))
        '−0.020 (−0.050 to +0.010)'
    """
    if not estimate.is_defined:
        return "n/a"
    value, low, high = (f"{end:+.{digits}f}".replace("-", "−") for end in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low} to {high})" if estimate.has_interval else value


def comparison_drawings(comparison: Comparison) -> list[Drawing]:
    """Return the figures of a comparison: both ROC curves, where there are two sides, and the differences."""
    rocs = [_roc_drawing(comparison)] if comparison.rocs else []
    differences = {
        name: each for name, each in comparison.figures.items() if name != _UNBOUNDED and each.difference.is_defined
    }
    return [*rocs, difference_drawing(differences, margin=comparison.margin)] if differences else rocs


def _roc_drawing(comparison: Comparison) -> Drawing:
    first, second = comparison.rocs
    areas = comparison.figures.get("auroc")

    def paint(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.plot(first[:, 0], first[:, 1], color=INK)
        axes.plot(second[:, 0], second[:, 1], color=BENIGN_COLOUR, linestyle=(0, (5, 2)))
        for row, (text, colour) in enumerate(reversed(_legend(comparison))):
            axes.text(0.97, 0.04 + 0.06 * row, text, ha="right", color=colour, fontsize=10)
        percent_axes(axes, x="benign images flagged (1 − specificity)", y="malignant images flagged (sensitivity)")

    told = "ROC curves of both models: A solid, B dashed."
    if areas is not None:
        told += f" AUROC {show_score(areas.first)} and {show_score(areas.second)}."
    return Drawing("roc", told, (410, 390), paint)


def _legend(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the lines in the corner of the ROC curves: both areas, their difference and its p-value, with colours."""
    areas = comparison.figures.get("auroc")
    if areas is None:
        return [("—  A", INK), ("- -  B", BENIGN_COLOUR)]
    return [
        (f"{counted(comparison.n_images, 'image')}, {comparison.n_malignant:,} malignant", MUTED),
        (f"—  A  AUROC {show_score(areas.first)}", INK),
        (f"- -  B  AUROC {show_score(areas.second)}", BENIGN_COLOUR),
        (f"A − B  {signed(areas.difference)}", INK),
        *([] if math.isnan(comparison.delong_p) else [(f"DeLong, paired: p {_p(comparison.delong_p)}", MUTED)]),
    ]


def _p(value: float) -> str:
    text = p_text(value)
    return text if text.startswith("<") else f"= {text}"


def difference_drawing(
    differences: "dict[str, Difference]",
    *,
    margin: float | None = None,
    for_first: str = "A better",
    name: str = "differences",
) -> Drawing:
    """Return each difference with its interval around zero; to the right is better for the first.

    Args:
        differences: by figure, of `HEADLINE`.
        margin: drawn as a dotted line; None for none.
        for_first: what lies to the right of zero.
        name: of the drawing.
    """
    rows = [(HEADLINE[key].label, each.difference, each.is_better_high) for key, each in differences.items()]
    return _rows_drawing(rows, margin=margin, for_first=for_first, name=name)


def _rows_drawing(
    rows: Sequence[tuple[str, Estimate, bool]], *, margin: float | None, for_first: str, name: str
) -> Drawing:
    height = 26 * len(rows) + 64

    def paint(axes: Axes) -> None:
        figure = axes.get_figure(root=True)
        total = 72 * float(figure.get_figwidth()) if figure is not None else 0.0
        inner = total - _LEFT - _RIGHT
        axes.set_position((_LEFT / total, 46 / height, inner / total, 1 - 54 / height))
        axes.axvline(0, color=MUTED, linewidth=1.2)
        if margin is not None:
            axes.axvline(-margin, color=MUTED, linewidth=1.2, linestyle=(0, (1, 2)))
        across = axes.get_yaxis_transform()
        for place, (label, gap, is_better_high) in enumerate(rows):
            sign = 1 if is_better_high else -1
            axes.text(-8 / inner, place, label, transform=across, ha="right", va="center", color=INK, fontsize=10.5)
            if gap.has_interval:
                axes.plot([sign * gap.low, sign * gap.high], [place, place], color=INK, linewidth=1.6)
            axes.plot([sign * gap.value], [place], "s", color=INK, markersize=6)
        ends = [abs(end) for _, gap, _ in rows for end in (gap.value, gap.low, gap.high) if np.isfinite(end)]
        reach = 1.1 * max([*ends, margin or 0.0, 0.01])
        axes.set_yticks([])
        axes.xaxis.set_major_locator(MaxNLocator(5 if inner > 260 else 3, symmetric=True))
        axes.set(xlim=(-reach, reach), ylim=(len(rows) - 0.4, -0.6), xlabel=f"difference (right: {for_first})")

    told = f"Differences with their intervals; to the right of zero: {for_first}."
    return Drawing(name, told, (430, height), paint, is_list=True)


def comparison_paper_table(comparison: Comparison) -> PaperTable:
    """Return the table of a comparison: both models, their difference and which is better."""
    rows: list[tuple[Cell, ...]] = [
        (
            HEADLINE[name].label,
            with_note(show_score(each.first)),
            with_note(show_score(each.second)),
            signed(each.difference),
            better_of(each),
        )
        for name, each in comparison.figures.items()
    ]
    how = comparison.resampling
    caption = (
        f"A: {comparison.names[0]}. B: {comparison.names[1]}. {counted(comparison.n_images, 'image')}, "
        f"{comparison.n_malignant:,} of them malignant. {how.confidence * 100:g}% intervals of {how.n_resamples:,} "
        f"paired resamples of {units_drawn(how.n_units, how.unit)}. Better: the interval of the difference excludes 0."
    )
    return noted_table("comparison", caption, ("", "A", "B", "A − B", "better"), rows)


def write_comparison(
    comparison: Comparison,
    folder: Path,
    *,
    formats: tuple[Format, ...],
    table_formats: tuple[str, ...],
    columns: int = 1,
) -> list[str]:
    """Return the names of the figures, captions and tables written into a folder that exists."""
    drawings = comparison_drawings(comparison)
    names = [name for drawing in drawings for name in save_drawing(drawing, folder, formats, columns=columns)]
    write_text(folder / FILE, captions_text(comparison_captions(drawings, comparison)))
    names.append(FILE)
    table = comparison_paper_table(comparison)
    for form in table_formats:
        name = f"{table.name}.{ENDINGS.get(form, form)}"
        write_text(folder / name, WRITERS[form](table))
        names.append(name)
    return names
