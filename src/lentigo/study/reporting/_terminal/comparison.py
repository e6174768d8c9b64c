"""A comparison for a terminal: both models, their difference, the tests, and what stands beside them; plain ASCII."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

from lentigo.numbers.evaluation import HEADLINE
from lentigo.study.reporting._terminal.layout import format_rows, show
from lentigo.wording import counted, figure_text, units_drawn

if TYPE_CHECKING:
    from lentigo.numbers.evaluation import Comparison, Difference
    from lentigo.numbers.metrics import McNemar

_WIDTH = 100
TESTED = {
    "all": "decisions at the thresholds",
    "malignant": "  malignant images (sensitivity)",
    "benign": "  benign images (specificity)",
    "classes": "most probable class",
}


def comparison_table(comparison: Comparison) -> str:
    """Return the comparison as text, without a newline at the end."""
    n, malignant = comparison.n_images, comparison.n_malignant
    names = comparison.names
    blocks = [
        [
            f"A: {names[0]}",
            f"B: {names[1]}",
            f"{counted(n, 'image')}, {malignant:,} of them malignant{_thresholds(comparison)}",
        ],
        _figures(comparison),
        _tests(comparison),
        *([_margin(comparison)] if comparison.margin is not None else []),
        ["beside them", *format_rows([(name, show(figure)) for name, figure in comparison.beside.items()])],
        _footer(comparison),
    ]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks)


def _thresholds(comparison: Comparison) -> str:
    first, second = comparison.thresholds
    if first is None or second is None:
        return "; no threshold for both: no sensitivity, no specificity"
    return f"; called malignant from {first:.4g} (A) and {second:.4g} (B)"


def _figures(comparison: Comparison) -> list[str]:
    rows = [("", "A", "B", "A - B", "")]
    rows += [
        (HEADLINE[name].label, show(each.first), show(each.second), show(each.difference, signed=True), better_of(each))
        for name, each in comparison.figures.items()
    ]
    return format_rows(rows, indent="")


def better_of(each: Difference) -> str:
    """Return which model is better by a figure, "A better" or "B better"; empty where the data do not decide."""
    gap = each.difference
    if not gap.has_interval or gap.low <= 0 <= gap.high:
        return ""
    return "A better" if (gap.low > 0) == each.is_better_high else "B better"


def _tests(comparison: Comparison) -> list[str]:
    gap = comparison.delong
    lines = [f"DeLong, difference of AUROCs: {show(gap, signed=True)}, p {p_text(comparison.delong_p)}"]
    rows = [(TESTED[name], *mcnemar_cells(test)) for name, test in comparison.mcnemar.items()]
    return [*lines, "McNemar, exact, every image taken as independent", *format_rows(rows)]


def mcnemar_cells(test: McNemar) -> tuple[str, str, str]:
    """Return how often only one of the two was right, and the p-value, as text."""
    return f"only A right {test.only_first:,}", f"only B right {test.only_second:,}", f"p {p_text(test.p_value)}"


def p_text(value: float) -> str:
    """Return a p-value as text."""
    if math.isnan(value):
        return "n/a"
    return "< 0.001" if value < 0.001 else figure_text(value)


def _margin(comparison: Comparison) -> list[str]:
    margin = comparison.margin or 0.0
    words = {True: "A not inferior", False: "not shown", None: "n/a"}
    judged = [(n, each) for n, each in comparison.figures.items() if each.is_noninferior is not None]
    rows = [
        (HEADLINE[name].label, words[each.is_noninferior], f"{show(each.difference, signed=True)}")
        for name, each in judged
    ]
    title = f"A at most {margin:g} worse than B? (lower end of A - B above -{margin:g})"
    return [title, *(format_rows(rows) if rows else ["  n/a"])]


def _footer(comparison: Comparison) -> list[str]:
    how = comparison.resampling
    text = (
        f"In brackets: {how.confidence * 100:g} % intervals, paired bootstrap ({how.interval}), {how.n_resamples:,} "
        f"resamples of {units_drawn(how.n_units, how.unit)}, stratified by {how.stratified_by}. 'Better' means that "
        "the interval of a difference excludes 0; among several differences some do so by chance."
    )
    return textwrap.wrap(text, _WIDTH)
