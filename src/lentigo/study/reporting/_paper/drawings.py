"""Figures that a page makes of HTML and a paper has to have drawn: confusion matrix, subgroups, participant flow."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from lentigo.numbers.evaluation import Evaluation, Subgroups
from lentigo.study.reporting._cohort import Flow
from lentigo.study.reporting._drawing import INK, MUTED, Drawing
from lentigo.study.reporting._subgroup_section import block_of
from lentigo.study.reporting._words import share
from lentigo.wording import counted

_LONGEST = 26
"""Letters of a name in a figure; a longer one is cut with an ellipsis."""


def confusion_drawing(evaluation: Evaluation) -> Drawing:
    """Return the confusion matrix: images and, below, their share of the true class; the shade is that share."""
    matrix, classes = evaluation.confusion, evaluation.classes
    totals = matrix.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        shares = np.nan_to_num(matrix / totals)
    n = len(classes)

    def paint(axes: Axes) -> None:
        axes.imshow(shares, cmap="Greys", vmin=0, vmax=2.2, aspect="auto")  # never so dark that ink is lost
        for i in range(n):
            for k in range(n):
                text = f"{int(matrix[i, k]):,}\n{share(int(matrix[i, k]), int(totals[i, 0]))}"
                weight = "bold" if i == k else "normal"
                axes.text(k, i, text, ha="center", va="center", color=INK, fontsize=10, weight=weight)
        axes.set_xticks(range(n), [_short(name) for name in classes])
        axes.set_yticks(range(n), [_short(name) for name in classes])
        axes.set(xlabel="most probable class", ylabel="true class")
        axes.grid(visible=False)

    longest = max(len(_short(name)) for name in classes)
    left = 40 + 8 * longest
    side = max(60 * n, 240)
    return Drawing("confusion", "Confusion matrix.", (left + side + 16, side + 60), paint, left, 50)


def forest_drawing(groups: Subgroups, overall: Evaluation) -> Drawing | None:
    """Return sensitivity of each subgroup with its interval, the whole as a line; None where none can be judged."""
    rows: list[tuple[str, str, int, tuple[float, float, float] | None]] = []
    for table in groups.tables:
        block = block_of(table, groups)
        shown = [row for row in block.rows if row.sensitivity.is_defined]
        if shown:
            rows.append((_short(block.name.replace(" from the image)", ")")), "", 0, None))
        for row in shown:
            ends = (row.sensitivity.value, row.sensitivity.low, row.sensitivity.high)
            rows.append((f"  {_short(row.value)}", str(row.cells[0]), row.n_malignant, ends))
    if not rows:
        return None
    point = overall.operating_points[0].sensitivity if overall.operating_points else None
    lows = [ends[1] if not math.isnan(ends[1]) else ends[0] for *_, ends in rows if ends is not None]
    left_end = max(0.0, math.floor(10 * min(lows)) / 10 - 0.05)

    height = 24 * len(rows) + 70

    def paint(axes: Axes) -> None:
        figure = axes.get_figure(root=True)
        total = 72 * float(figure.get_figwidth()) if figure is not None else 0.0
        is_wide = total > 500  # in one column the figures themselves stand in the table of subgroups
        left, right = (170, 240) if is_wide else (140, 72)
        axes.set_position((left / total, 50 / height, 1 - (left + right) / total, 1 - 60 / height))
        names_at, texts_at = -(left - 6) / (total - left - right), 1 + 10 / (total - left - right)
        if point is not None and point.is_defined:
            axes.axvline(point.value, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
        for place, (name, figures, n_malignant, ends) in enumerate(rows):
            weight = "bold" if ends is None else "normal"
            across = axes.get_yaxis_transform()
            axes.text(names_at, place, name, transform=across, va="center", color=INK, fontsize=10.5, weight=weight)
            if ends is None:
                continue
            value, low, high = ends
            axes.plot([low, high], [place, place], color=INK, linewidth=1.6)
            axes.plot([value], [place], "s", color=INK, markersize=6)
            text = f"{figures}, n = {n_malignant:,}" if is_wide else f"n = {n_malignant:,}"
            axes.text(texts_at, place, text, transform=across, va="center", color=INK, fontsize=10.5)
        axes.set_yticks([])
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.xaxis.set_major_locator(MaxNLocator(5 if is_wide else 3))
        axes.set(xlim=(left_end, 1.01), ylim=(len(rows) - 0.4, -0.6), xlabel="sensitivity")

    told = "Sensitivity of each subgroup with its interval; the dashed line is that of all images."
    return Drawing("subgroups", told, (620, height), paint, is_list=True)


def flow_drawing(flow: Flow) -> Drawing:
    """Return the way of the images from found to split, as STARD draws it: what was excluded stands at the side."""
    kept = [step for place, step in enumerate(flow.steps) if place == 0 or step[1] != 0]
    rows = len(kept) + 2.3
    height = round(56 * rows)

    def paint(axes: Axes) -> None:
        axes.set(xlim=(0, 1), ylim=(rows, 0))
        axes.axis("off")
        axes.set_position((0.01, 0.01, 0.98, 0.98))
        for place, (name, n, left) in enumerate(kept):
            if place == 0 or n > 0:
                _box(axes, 0.3, place + 0.45, 0.52, [name, counted(left, "image")])
            else:
                _box(axes, 0.765, place + 0.45, 0.45, [_short(name), f"{counted(-n, 'image')} excluded"], colour=MUTED)
                _arrow(axes, [(0.3, place + 0.45), (0.54, place + 0.45)])
            _line(axes, (0.3, place + (0.75 if place == 0 or n > 0 else -0.25)), (0.3, place + 1.15))
        _split_boxes(axes, flow, len(kept) + 0.55)

    return Drawing("flow", "Flow of the images from found to the splits.", (620, height), paint, is_list=True)


def _split_boxes(axes: Axes, flow: Flow, top: float) -> None:
    n = max(len(flow.splits), 1)
    centres = [(k + 0.5) / n for k in range(n)]
    _line(axes, (0.3, top - 0.4), (0.3, top - 0.1))
    _line(axes, (min(0.3, centres[0]), top - 0.1), (max(0.3, centres[-1]), top - 0.1))
    for centre, box in zip(centres, flow.splits, strict=False):
        _arrow(axes, [(centre, top - 0.1), (centre, top + 0.17)])
        lines = [box.title, counted(box.n_images, "image"), *filter(None, box.details.split(", "))]
        lines += [f"{box.n_malignant:,} malignant", f"({box.malignant_share})"]
        _box(axes, centre, top + 0.92, 0.94 / n, lines, tall=1.5)


def _box(
    axes: Axes, x: float, y: float, width: float, lines: Sequence[str], *, tall: float = 0.6, colour: str = INK
) -> None:
    corner = (x - width / 2, y - tall / 2)
    style = FancyBboxPatch(
        corner, width, tall, boxstyle="square,pad=0", facecolor="white", edgecolor=colour, linewidth=1.1
    )
    axes.add_patch(style)
    axes.text(x, y, "\n".join(lines), ha="center", va="center", color=INK, fontsize=10, linespacing=1.25, zorder=5)


def _line(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.plot([start[0], end[0]], [start[1], end[1]], color=INK, linewidth=1.1, zorder=0, solid_capstyle="butt")


def _arrow(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    axes.annotate("", points[1], points[0], arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 0.8})


def _short(name: str) -> str:
    text = name.replace("_", " ")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
