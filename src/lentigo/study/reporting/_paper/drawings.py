"""Figures that a page makes of HTML and a paper has to have drawn: confusion matrix, subgroups, participant flow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MultipleLocator, PercentFormatter

from lentigo.numbers.evaluation import Evaluation, Subgroups
from lentigo.study.reporting._cohort import Flow
from lentigo.study.reporting._drawing import INK, MUTED, Drawing
from lentigo.study.reporting._paper.lettering import wrapped
from lentigo.study.reporting._subgroup_section import block_of
from lentigo.study.reporting._words import share
from lentigo.wording import counted

_COLUMN: Final = 331
"""Pixels of one column, at which text is 11 pixels high; how text is broken is settled for it."""
_NARROW, _INDENT, _SIZE = 132, 7, 10.5  # room for names of subgroups in one column, their indent, their letters
_SIDE, _SIDE_WIDTH = 0.775, 0.43  # middle and width of the boxes of what was excluded
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


@dataclass(frozen=True, slots=True)
class _ForestRow:
    """A line of the subgroups: a heading, or a group with its figures.

    Args:
        lines: its name, broken for one column.
        name: the same whole, to be broken for the width that it gets.
        figures: sensitivity as text.
        n_malignant: images that it rests on.
        ends: sensitivity and its interval; None for a heading.
    """

    lines: int
    name: str
    figures: str = ""
    n_malignant: int = 0
    ends: tuple[float, float, float] | None = None

    @property
    def height(self) -> float:
        """How many rows it is high: lines of one name lie closer than rows."""
        return 1 + 0.52 * (self.lines - 1)


def _subgroup_rows(groups: Subgroups) -> list[_ForestRow]:
    """Return what is drawn: attributes of which two groups or more can be judged, for one says nothing alone."""
    rows: list[_ForestRow] = []
    for table in groups.tables:
        block = block_of(table, groups)
        shown = [row for row in block.rows if row.sensitivity.is_defined]
        if len(shown) < 2:
            continue
        heading = block.name.replace("_", " ").replace(" from the image)", ")")
        rows.append(_ForestRow(len(wrapped(heading, _NARROW, _SIZE, weight="bold")), heading))
        for row in shown:
            name = row.value.replace("_", " ")
            ends = (row.sensitivity.value, row.sensitivity.low, row.sensitivity.high)
            n_lines = len(wrapped(name, _NARROW - _INDENT, _SIZE))
            rows.append(_ForestRow(n_lines, name, str(row.cells[0]), row.n_malignant, ends))
    return rows


def forest_drawing(groups: Subgroups, overall: Evaluation) -> Drawing | None:
    """Return sensitivity of each subgroup with its interval, the whole as a line; None where none can be compared."""
    rows = _subgroup_rows(groups)
    if not rows:
        return None
    point = overall.operating_points[0].sensitivity if overall.operating_points else None
    lows = [row.ends[1] if not math.isnan(row.ends[1]) else row.ends[0] for row in rows if row.ends is not None]
    left_end = max(0.0, math.floor(10 * min(lows)) / 10 - 0.05)
    places = np.cumsum([0.0, *(row.height for row in rows)])
    height = round(24 * float(places[-1]) + 70)

    def paint(axes: Axes) -> None:
        figure = axes.get_figure(root=True)
        total = 72 * float(figure.get_figwidth()) if figure is not None else 0.0
        is_wide = total > 500  # in one column the figures themselves stand in the table of subgroups
        left, right = (240, 240) if is_wide else (_NARROW + 14, 72)
        inner = total - left - right
        axes.set_position((left / total, 50 / height, inner / total, 1 - 60 / height))
        if point is not None and point.is_defined:
            axes.axvline(point.value, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
        across = axes.get_yaxis_transform()
        for row, start in zip(rows, places[:-1], strict=True):
            middle = start + row.height / 2
            weight, indent = ("bold", 0) if row.ends is None else ("normal", _INDENT)
            name = "\n".join(wrapped(row.name, left - 14 - indent, _SIZE, weight=weight))
            style: dict[str, Any] = {"transform": across, "va": "center", "color": INK, "fontsize": _SIZE}
            axes.text((6 + indent - left) / inner, middle, name, weight=weight, linespacing=1.1, **style)
            if row.ends is None:
                continue
            value, low, high = row.ends
            axes.plot([low, high], [middle, middle], color=INK, linewidth=1.6)
            axes.plot([value], [middle], "s", color=INK, markersize=6, clip_on=False)
            n = f"n = {row.n_malignant:,}"
            axes.text(1 + 10 / inner, middle, f"{row.figures}, {n}" if is_wide else n, **style)
        axes.set_yticks([])
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        narrow_step = 0.25 if left_end > 0.45 else 0.5
        axes.xaxis.set_major_locator(MultipleLocator(0.2 if is_wide else narrow_step))
        axes.set(xlim=(left_end, 1.01), ylim=(float(places[-1]), -0.1), xlabel="sensitivity")

    told = "Sensitivity of each subgroup with its interval; the dashed line is that of all images."
    return Drawing("subgroups", told, (620, height), paint, is_list=True)


def flow_drawing(flow: Flow) -> Drawing:
    """Return the way of the images from found to split, as STARD draws it: what was excluded stands at the side."""
    kept = [step for place, step in enumerate(flow.steps) if place == 0 or step[1] != 0]
    boxes = [_step_lines(name, n, left, is_first=place == 0) for place, (name, n, left) in enumerate(kept)]
    talls = [0.6 + 0.24 * (len(lines) - 2) for lines in boxes]
    starts = np.cumsum([0.0, *(tall + 0.4 for tall in talls)])
    rows = float(starts[-1]) + 2.3
    height = round(56 * rows)

    def paint(axes: Axes) -> None:
        axes.set(xlim=(0, 1), ylim=(rows, 0))
        axes.axis("off")
        axes.set_position((0.01, 0.01, 0.98, 0.98))
        for place, (_, n, _left) in enumerate(kept):
            tall, lines = talls[place], boxes[place]
            middle, end = starts[place] + 0.15 + tall / 2, starts[place + 1] + 0.15
            if place == 0 or n > 0:
                _box(axes, 0.5, middle, 0.5, lines, tall=tall)
                _line(axes, (0.5, middle + tall / 2), (0.5, end))
            else:
                _box(axes, _SIDE, middle, _SIDE_WIDTH, lines, colour=MUTED, tall=tall)
                _arrow(axes, [(0.5, middle), (_SIDE - _SIDE_WIDTH / 2, middle)])
                _line(axes, (0.5, starts[place] + 0.15), (0.5, end))
        _split_boxes(axes, flow, float(starts[-1]) + 0.55)

    return Drawing("flow", "Flow of the images from found to the splits.", (620, height), paint, is_list=True)


def _step_lines(name: str, n: int, left: int, *, is_first: bool) -> list[str]:
    """Return what stands in the box of a step: its name, as long as it is, and the images."""
    said = name.replace("_", " ").removeprefix("that are ")
    said = f"{said[:1].upper()}{said[1:]}"
    if is_first or n > 0:
        return [*wrapped(said, 0.5 * _COLUMN - 8, 10), counted(left, "image")]
    return [*wrapped(said, _SIDE_WIDTH * _COLUMN - 8, 10), f"{counted(-n, 'image')} excluded"]


def _split_boxes(axes: Axes, flow: Flow, top: float) -> None:
    n = max(len(flow.splits), 1)
    centres = [(k + 0.5) / n for k in range(n)]
    _line(axes, (0.5, top - 0.4), (0.5, top - 0.1))
    _line(axes, (min(0.5, centres[0]), top - 0.1), (max(0.5, centres[-1]), top - 0.1))
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
