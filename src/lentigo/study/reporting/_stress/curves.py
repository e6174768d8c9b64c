"""What one corruption costs at each strength, as a small figure; all of a page share one scale."""

from typing import Final

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from lentigo.study.reporting._drawing import BENIGN_COLOUR, INK, MALIGNANT_COLOUR, MUTED, draw
from lentigo.study.reporting._stress.words import points
from lentigo.study.stressing import STRENGTHS, CorruptionResult, StressReport
from lentigo.wording import percent_text

_SIZE: Final = (300, 158)
# Colour is never alone: each line has its own dashes and marker, which the legend of the page repeats.
_LINES: Final = (
    ("flip_rate", 1, MUTED, (0, (1, 2)), "", 1.8),
    ("auroc_change", -1, INK, (0, (6, 3)), "", 1.8),
    ("specificity_change", -1, BENIGN_COLOUR, "-", "s", 2.0),
    ("sensitivity_change", -1, MALIGNANT_COLOUR, "-", "o", 2.4),
)


def loss_range(report: StressReport) -> tuple[float, float]:
    """Return the least and the greatest value that any figure has to show, with room for the lines.

    Example:
        >>> loss_range(StressReport((), {}, 0, 0, "image", 0, 0.5, 100, 0.95, 0))
        (-0.05, 0.2)
    """
    values = [
        sign * getattr(cell, name).value for row in report.endured for cell in row.cells for name, sign, *_ in _LINES
    ]
    known = [value for value in values if not np.isnan(value)]
    return min([-0.02, *known]) - 0.03, max([0.17, *known]) + 0.03


def draw_losses(row: CorruptionResult, limits: tuple[float, float]) -> Markup:
    """Return losses of sensitivity, specificity and AUROC, and changed decisions, over strength."""

    def paint(axes: Axes) -> None:
        axes.axhline(0, color=MUTED, linewidth=1)
        strengths = [0, *STRENGTHS]
        change = [cell.sensitivity_change for cell in row.cells]
        if all(one.has_interval or one.value == 0 for one in change):
            low = [0.0, *(-one.high if one.has_interval else 0.0 for one in change)]
            high = [0.0, *(-one.low if one.has_interval else 0.0 for one in change)]
            axes.fill_between(strengths, low, high, color=MALIGNANT_COLOUR, alpha=0.13, linewidth=0)
        for name, sign, colour, dashes, marker, width in _LINES:
            values = [0.0, *(sign * getattr(cell, name).value for cell in row.cells)]
            axes.plot(strengths, values, color=colour, linestyle=dashes, marker=marker, markersize=4.5, linewidth=width)
        axes.set(xlim=(-0.15, 5.2), ylim=limits, xticks=strengths)
        axes.yaxis.set_major_locator(MultipleLocator(0.1 if limits[1] < 0.45 else 0.2))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}".replace("-", "−")))

    worst = row.worst
    told = (
        f"Losses under {row.name} at strengths 0 to 5. At strength {worst.strength} {worst.worse} has lost "
        f"{points(worst.loss.value, signed=False)} points and {percent_text(worst.flip_rate.value)} of decisions have "
        "changed."
    )
    return draw(f"stress-{row.key}", told, _SIZE, paint, left=34, bottom=24)
