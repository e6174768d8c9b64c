"""Figures and rows as text for a terminal, columns in line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lentigo.wording import figure_text, number_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lentigo.model.decision import Estimate

GAP: Final = "  "


def format_rows(rows: Sequence[tuple[str, ...]], indent: str = "  ") -> list[str]:
    """Return rows of cells as lines with columns in line.

    Example:
        >>> format_rows([("a", "1"), ("bc", "2")])
        ['  a   1', '  bc  2']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [indent + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def show(figure: Estimate, digits: int = 3, *, signed: bool = False) -> str:
    """Return a figure with its interval; a difference with its sign.

    Example:
        >>> from lentigo.numbers.metrics._estimate import Estimate
        >>> show(Estimate(0.02, -0.01, 0.05, n=9), signed=True)
        '+0.020 [-0.010, +0.050]'
        >>> import math
        >>> show(Estimate(6.788, math.nan, math.nan, n=9, reason="only 6 patients"))
        '6.8'
    """
    if not figure.is_defined:
        return "n/a"
    if figure.reason and not figure.has_interval:  # nobody knows how far off it is: no digits that say otherwise
        digits = min(digits, 1 if abs(figure.value) >= 1 else 2)
    value, low, high = (figure_text(each, digits, signed=signed) for each in (figure.value, figure.low, figure.high))
    return f"{value} [{low}, {high}]" if figure.has_interval else value


def show_number(figure: Estimate) -> str:
    """Return a number of cases with its interval, large ones with two digits: "2.0 [1.0, 2,600]".

    Example:
        >>> from lentigo.numbers.metrics._estimate import Estimate
        >>> show_number(Estimate(2.0, 1.0, 2646.0, n=4))
        '2.0 [1.0, 2,600]'
    """
    value, low, high = map(number_text, (figure.value, figure.low, figure.high))
    return f"{value} [{low}, {high}]" if figure.has_interval else value


def as_pairs(rows: Sequence[tuple[str, ...]], least: int = len("ECE, malignant, debiased")) -> Iterator[str]:
    """Yield rows of name, figure and notes as lines, the names at least so wide."""
    label = max(least, *(len(row[0]) for row in rows))
    cell = max(len(row[1]) for row in rows)
    for name, figure, *rest in rows:
        yield GAP + GAP.join([name.ljust(label), figure.ljust(cell), *rest])
