"""A stress test for a terminal: one line a corruption, the worst first; plain text, at most 100 columns."""

import textwrap
from typing import Final

from lentigo.model.decision import Estimate
from lentigo.study.reporting._stress.words import has_intervals, headline, how_it_was_done, points, reach
from lentigo.study.stressing import STRENGTHS, CorruptionResult, StressReport
from lentigo.wording import counted_units, figure_text, percent_text

WIDTH: Final = 100
NAME: Final = 13
CELL: Final = 5  # "-100*"
ASCII: Final = str.maketrans({"±": "+/-", "°": " degrees", "×": "x", "−": "-"})


def stress_summary(report: StressReport) -> str:
    """Return the stress test as text, without a newline at the end.

    Example:
        >>> stress_summary(StressReport((), {}, 0, 0, "image", 0, 0.5, 100, 0.95, 0)).splitlines()[0]
        'Stress test of a model'
    """
    said = [f"Stress test of {report.provenance.get('model', 'a model')}", headline(report), reach(report)]
    lines = [line for text in (*said, how_it_was_done(report)) for line in textwrap.wrap(text, WIDTH)]
    intact = [f"{name} {figure}" for name, figure in report.clean.items()]
    units = counted_units(report.n_units, report.unit)
    strengths = "".join(f"{strength:>{CELL}}" for strength in STRENGTHS)
    group = CELL * len(STRENGTHS)
    titles = f"{'change, points':{NAME}}  {'sensitivity':>{group}}  {'specificity':>{group}}  {'decisions, %':>{group}}"
    table = [
        f"intact: {', '.join(intact)}".replace("auroc", "AUROC"),
        "",
        f"{titles}  AUROC",
        f"{'at strength':{NAME + 1}} {strengths}  {strengths}  {strengths}   at 5",
        *map(_row, report.endured),
        "",
        f"* the {report.confidence:.0%} interval of the change excludes 0; {units}"
        if has_intervals(report)
        else f"no change has an interval: {units} are too few",
    ]
    if "refused" in report.clean:
        table += ["", f"{'at strength 5, %':{NAME + 6}}  refused  missed (malignant called benign-looking, of all)"]
        table += [f"{row.name:{NAME + 6}}  {_percent(row.cells[-1].refused):>7}  {_percent(row.cells[-1].missed):>6}"
                  for row in report.endured]  # fmt: skip
    return "\n".join(line.rstrip() for line in [*lines, "", *table]).translate(ASCII)


def _percent(share: Estimate | None) -> str:
    return "n/a" if share is None or not share.is_defined else percent_text(share.value).removesuffix("%")


def _row(row: CorruptionResult) -> str:
    sensitivity = "".join(_change(cell.sensitivity_change) for cell in row.cells)
    specificity = "".join(_change(cell.specificity_change) for cell in row.cells)
    flips = "".join(_percent(cell.flip_rate).rjust(CELL) for cell in row.cells)
    auroc = row.cells[-1].auroc_change.value
    last = figure_text(auroc, signed=True)
    return f"{row.name:{NAME}}  {sensitivity}  {specificity}  {flips}  {last:>6}"


def _change(change: Estimate) -> str:
    if not change.is_defined:
        return f"{'n/a':>{CELL}}"
    is_certain = change.has_interval and (change.low > 0 or change.high < 0)
    return f"{points(change.value)}{'*' if is_certain else ' '}".rjust(CELL)
