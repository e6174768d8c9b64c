"""A leaderboard for a terminal: models by AUROC, how far each is behind the best, and what chance explains; ASCII."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Final

from lentigo.numbers.evaluation import HEADLINE
from lentigo.study.reporting._terminal.layout import format_rows, show
from lentigo.wording import counted, figure_text, units_drawn

if TYPE_CHECKING:
    from lentigo.numbers.evaluation import Leaderboard, LeaderboardEntry

_WIDTH: Final = 100
_SHOWN: Final = ("auroc", "sensitivity", "specificity", "brier")


def leaderboard_table(board: Leaderboard) -> str:
    """Return the leaderboard as text, without a newline at the end."""
    shown = [name for name in _SHOWN if any(name in entry.figures for entry in board.entries)]
    rows = [("", "model", *(HEADLINE[name].label for name in shown), "behind the best (AUROC)", "p", "p, Holm", "")]
    rows += [_row(place, entry, shown) for place, entry in enumerate(board.entries, start=1)]
    blocks = [
        [f"{counted(board.n_images, 'image')}, {board.n_malignant:,} of them malignant"],
        format_rows(rows, indent=""),
        *([["beside them", *_beside(board)]] if board.beside else []),
        _footer(board),
    ]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks)


def _row(place: int, entry: LeaderboardEntry, shown: list[str]) -> tuple[str, ...]:
    figures = [show(entry.figures[name]) if name in entry.figures else "n/a" for name in shown]
    behind = "" if entry.behind is None else show(entry.behind, signed=True)
    tests = ["", ""] if entry.behind is None else [_p(entry.p_value), _p(entry.p_corrected)]
    return (f"{place}", entry.name, *figures, behind, *tests, entry.standing)


def _p(value: float) -> str:
    if math.isnan(value):
        return "n/a"
    return "< 0.001" if value < 0.001 else figure_text(value)


def _beside(board: Leaderboard) -> list[str]:
    return format_rows([(name, show(figure)) for name, figure in board.beside.items()])


def _footer(board: Leaderboard) -> list[str]:
    how, n_tests = board.resampling, len(board.entries) - 1
    text = (
        f"In brackets: {how.confidence * 100:g} % intervals, paired bootstrap ({how.interval}), {how.n_resamples:,} "
        f"resamples of {units_drawn(how.n_units, how.unit)}. p: DeLong's test against the best for clustered images; "
        f"'p, Holm' corrects it for {n_tests} comparisons, and 'worse' rests on it. The best was found on these "
        "images, so its own figures are slightly too optimistic. A model that is not shown to be worse may still be "
        "worse."
    )
    return textwrap.wrap(text, _WIDTH)
