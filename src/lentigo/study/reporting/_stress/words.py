"""A stress test in sentences: what harms most, from where on, what hardly matters, and how it was found out."""

from collections.abc import Iterator, Mapping

from lentigo.model.decision import Estimate, wilson_interval
from lentigo.numbers.metrics import CLAIMS
from lentigo.study.reporting._words import join, percent, show_share, threshold_text
from lentigo.study.stressing import CorruptionResult, StrengthResult, StressReport
from lentigo.wording import counted, counted_units, figure_text, units_in_words


def verdict_cell(report: StressReport) -> tuple[CorruptionResult, StrengthResult] | None:
    """Return the corruption and strength of the greatest loss that chance does not explain; None without one.

    Example:
        >>> verdict_cell(StressReport((), {}, 0, 0, "image", 0, 0.5, 100, 0.95, 0)) is None
        True
    """
    certain = [(row, cell) for row in report.endured for cell in row.cells if cell.is_certain]
    return max(certain, key=lambda found: found[1].loss.value, default=None)


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
        sentences.append(
            f"The loss is {points(cell.loss.value, signed=False)} points ({points(cell.loss.low, signed=False)} to "
            f"{points(cell.loss.high, signed=False)}) and beyond chance {_from_where(row)}."
        )
    claim = CLAIMS["decisions stay"]
    judged = {row.name: claim.judge(row.cells[-1].flip_rate) for row in report.endured}
    calm = [name for name, verdict in judged.items() if verdict == "holds"]
    if calm:
        sentences.append(claim.holds.format(names=join(calm)))
    else:
        shown = judged and all(verdict == "fails" for verdict in judged.values())
        sentences.append(claim.fails if shown else claim.undecided)
    return " ".join([*sentences, *_refusals(report)])


def _from_where(row: CorruptionResult) -> str:
    """Return at which strengths a loss is beyond chance: "from strength 3 on", or each where a later one is not."""
    certain = [cell.strength for cell in row.cells if cell.is_certain]
    if certain == [cell.strength for cell in row.cells if cell.strength >= certain[0]]:
        return f"from strength {certain[0]} on" if len(certain) > 1 else f"at strength {certain[0]}"
    return f"at strength{'s' * (len(certain) > 1)} {join([f'{strength}' for strength in certain])}"


def _refusals(report: StressReport) -> Iterator[str]:
    """Yield what is refused beside what is missed, for a model that may give no answer."""
    cells = [(row.name, row.cells[-1]) for row in report.endured]
    shown = [(name, cell.refused, cell.missed) for name, cell in cells if cell.refused and cell.missed]
    if not shown or "refused" not in report.clean:
        return
    yield (
        f"Of the intact photographs it refuses {show_share(report.clean['refused'], digits=0)} and misses "
        f"{show_share(report.clean['missed'], digits=0)} of the malignant ones. At full strength the greatest share "
        f"that it refuses is {_greatest({name: refused for name, refused, _ in shown})}; the greatest share of the "
        f"malignant ones that it misses is {_greatest({name: missed for name, _, missed in shown})}."
    )


def _greatest(shares: Mapping[str, Estimate]) -> str:
    """Return the greatest share and the corruptions of this sample that reach it, all of them where several do."""
    known = {name: share for name, share in shares.items() if share.is_defined}
    if not known:
        return "n/a"
    greatest = max(known.values(), key=lambda share: share.value)
    names = [name for name, share in known.items() if share.value == greatest.value]
    shown = show_share(greatest, digits=0)
    return f"{shown}, under {'each corruption' if 1 < len(names) == len(known) else join(names)}"


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
    unit = {"image": "images, taken as independent"}.get(report.unit, units_in_words(report.unit))
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
        f"No change has an interval: {counted_units(report.n_units, report.unit)} are too few."
        if not has_intervals(report)
        else (
            f"Intervals ({report.confidence:.0%}) are for the paired difference: {report.n_resamples:,} resamples of "
            f"{report.n_units:,} {unit}, stratified by benign and malignant. All strengths use the same images, hairs "
            "and directions."
        )
    )
    many = (
        ""
        if not has_intervals(report)
        else (
            f"With {5 * len(report.endured)} comparisons some intervals may exclude zero by chance, and the worst "
            "of many looks worse than it is. Trust a row that grows steadily with strength, not a single cell."
        )
    )
    mix = (
        f"{report.n_malignant:,} of {counted(report.n_images, 'image')} are malignant; where another share is, the "
        "shares of changed decisions may differ."
    )
    rim = "Zoom, shift and rotation fill the areas that come into view with a mirror image of the border."
    return [text for text in (nature, refusal, how, many, mix, rim) if text]


def has_intervals(report: StressReport) -> bool:
    """Return whether any change of sensitivity or specificity has an interval."""
    cells = [cell for row in report.endured for cell in row.cells]
    return any(one.has_interval for cell in cells for one in (cell.sensitivity_change, cell.specificity_change))


def points(change: float, *, signed: bool = True) -> str:
    """Return a change of a share in percentage points, with a true minus sign; "n/a" for NaN.

    Example:
        >>> points(-0.236), points(0.0), points(0.1, signed=False)
        ('−24', '0', '10')
        >>> points(0.004)  # of a thousand images four are not none
        '+0.4'
    """
    if change == 0:
        return "0"
    text = figure_text(100 * change, 0, signed=signed)
    return text.replace("-", "−") if signed else text
