"""A stress test in sentences: what harms most, from where on, what hardly matters, and how it was found out."""

import math
from collections.abc import Iterator

from lentigo.model.decision import Estimate, wilson_interval
from lentigo.numbers.metrics import CLAIMS
from lentigo.study.reporting._words import join, percent, score, show_share, threshold_text
from lentigo.study.stressing import CorruptionResult, StrengthResult, StressReport
from lentigo.wording import counted


def verdict_cell(report: StressReport) -> tuple[CorruptionResult, StrengthResult] | None:
    """Return the most harmful corruption whose loss chance does not explain, at its worst strength; None without one.

    Example:
        >>> verdict_cell(StressReport((), {}, 0, 0, "image", 0, 0.5, 100, 0.95, 0)) is None
        True
    """
    for row in report.endured:
        certain = [cell for cell in row.cells if cell.is_certain]
        if certain:
            return row, max(certain, key=lambda cell: cell.loss.value)
    return None


def headline(report: StressReport) -> str:
    """Return the worst of it in one sentence."""
    found = verdict_cell(report)
    claim = CLAIMS["endures"]
    if found is None:
        tried, worst = counted(len(report.endured), "corruption"), _greatest_loss(report)
        words = {"tried": tried, "n": f"{report.n_images:,}", "reach": points(worst.high, signed=False)}
        return (claim.holds if claim.judge(worst) == "holds" else claim.undecided).format(**words)
    row, cell = found
    before, after = report.clean[cell.worse].value, getattr(cell, cell.worse).value
    return claim.fails.format(
        name=row.name,
        strength=cell.strength,
        amount=cell.amount,
        figure=cell.worse,
        before=percent(before, digits=0),
        after=percent(after, digits=0),
    )


def _greatest_loss(report: StressReport) -> Estimate:
    """Return the loss whose interval reaches highest; one without an interval, for no change, reaches Wilson's end."""
    losses = [
        Estimate(change.value, change.low, change.high, change.n)
        for row in report.endured
        for cell in row.cells
        for change in map(_loss, (cell.sensitivity_change, cell.specificity_change))
        if change.is_defined
    ]
    return max(losses, key=lambda loss: loss.high, default=Estimate.undefined("nothing was tried"))


def _loss(change: Estimate) -> Estimate:
    if change.has_interval or not change.is_defined:
        return Estimate(-change.value, -change.high, -change.low, change.n, change.reason)
    return Estimate(-change.value, -change.value, max(-change.value, wilson_interval(0, change.n)[1]), change.n)


def reach(report: StressReport) -> str:
    """Return from which strength on the worst corruption harms, and which ones hardly change a decision."""
    sentences = []
    found = verdict_cell(report)
    if found is not None:
        row, cell = found
        first = next(cell for cell in row.cells if cell.is_certain)
        sentences.append(
            f"The loss is {points(cell.loss.value, signed=False)} points ({points(cell.loss.low, signed=False)} to "
            f"{points(cell.loss.high, signed=False)}) and beyond chance from strength {first.strength} on."
        )
    claim = CLAIMS["decisions stay"]
    judged = {row.name: claim.judge(row.cells[-1].flip_rate) for row in report.endured}
    calm = [name for name, verdict in judged.items() if verdict == "holds"]
    if calm:
        sentences.append(claim.holds.format(names=join(calm)))
    else:
        shown = all(row.cells[-1].flip_rate.value >= claim.limit for row in report.endured)
        sentences.append(claim.fails if shown else claim.undecided)
    return " ".join([*sentences, *_refusals(report)])


def _refusals(report: StressReport) -> Iterator[str]:
    """Yield what is refused beside what is missed, for a model that may give no answer."""
    cells = [(row.name, row.cells[-1]) for row in report.endured]
    shown = [(name, cell.refused, cell.missed) for name, cell in cells if cell.refused and cell.missed]
    if not shown or "refused" not in report.clean:
        return
    most = max(shown, key=lambda one: one[1].value)
    worst = max(shown, key=lambda one: -1.0 if math.isnan(one[2].value) else one[2].value)
    yield (
        f"Of the intact photographs it refuses {show_share(report.clean['refused'], digits=0)} and misses "
        f"{show_share(report.clean['missed'], digits=0)} of the malignant ones. At full strength it refuses most under "
        f"{most[0]}, {show_share(most[1], digits=0)}, and misses most under {worst[0]}, "
        f"{show_share(worst[2], digits=0)} of the malignant ones."
    )


def how_it_was_done(report: StressReport) -> str:
    """Return what was asked of which model, in one sentence."""
    about = report.provenance
    n_benign = report.n_images - report.n_malignant
    where = about.get("data", "unnamed images")
    strengths = counted(len(report.endured), "corruption")
    views = about.get("views", 1)
    own = about.get("views_of_model", about.get("views_of_run", views))
    how = "" if views == own else f", with {counted(views, 'view')} of each picture"
    return (
        f"The model predicted {counted(report.n_images, 'image')} ({report.n_malignant:,} malignant, {n_benign:,} "
        f"benign; from {where}), intact and in {strengths} of five strengths each, and decided at its stored threshold "
        f"of {threshold_text(report.threshold)}{how}."
    )


def caveats(report: StressReport) -> list[str]:
    """Return what the reader has to know of the figures, one sentence each."""
    unit = {"image": "images, taken as independent"}.get(report.unit, f"{report.unit}s")
    refusal = (
        "Sensitivity and specificity count only photographs with a prediction. Refused: photographs stopped by the "
        "input gate, the out-of-distribution score or the low-confidence band. Missed: malignant images called "
        "benign-looking, of all malignant images."
        if "refused" in report.clean
        else "A run has no input gate: its bundle may refuse some of these photographs. Stress the bundle to see which."
    )
    nature = (
        "Corruptions are drawn on intact files, before the model's own resizing, as a camera or an operator would "
        "cause them. Real hair, blur and light differ; a model that fails here will probably fail on them, and a model "
        "that passes has not been proved robust."
    )
    how = (
        f"Intervals ({report.confidence:.0%}) are for the paired difference: {report.n_resamples:,} resamples of "
        f"{report.n_units:,} {unit}, stratified by benign and malignant. All strengths use the same images, hairs "
        "and directions."
    )
    many = (
        f"With {5 * len(report.endured)} comparisons some intervals exclude zero by chance, and the worst of many "
        "looks worse than it is. Trust a row that grows steadily with strength, not a single cell."
    )
    mix = (
        "Half of the sample is malignant where there are enough such images, so the shares of changed decisions differ "
        "from those in a clinic."
    )
    rim = "Zoom, shift and rotation fill the areas that come into view with a mirror image of the border."
    return [nature, refusal, how, many, mix, rim]


def points(change: float, *, signed: bool = True) -> str:
    """Return a change of a share in percentage points, with a true minus sign; "n/a" for NaN.

    Example:
        >>> points(-0.236), points(0.0), points(0.1, signed=False)
        ('−24', '0', '10')
    """
    if math.isnan(change):
        return score(change)
    whole = round(100 * change)
    if whole == 0:
        return "0"
    return f"{whole:+d}".replace("-", "−") if signed else f"{whole:d}"
