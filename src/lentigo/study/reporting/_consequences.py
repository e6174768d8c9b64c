"""What follows from the decision: net benefit at a prevalence, what putting doubtful images aside gains, class sets."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from lentigo.model.decision import Estimate
from lentigo.numbers.calibration import ChosenBand
from lentigo.numbers.evaluation import DeferralScores, Evaluation, PrevalenceScores
from lentigo.study.reporting._drawing import BENIGN_COLOUR, FAINT, INK, MALIGNANT_COLOUR, MUTED, Drawing, draw
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._trivial_baselines import without_band
from lentigo.study.reporting._words import (
    FormattedEstimate,
    percent,
    show_number,
    show_score,
    show_share,
    threshold_key,
    threshold_text,
)

_SIZE = (410, 300)


@dataclass(frozen=True, slots=True)
class NetBenefit:
    """What the operating points mean at one prevalence.

    Args:
        prevalence: "7%".
        whose: "as set by evaluate.prevalence" or "the share in this test".
        rows: an operating point each: threshold there, PPV, NPV, needed to biopsy, net benefit.
        figure: the decision curve.
        shift: what the thresholds of the rows are; empty where they are those of the other tables.

    Example:
        >>> NetBenefit("7%", "as asked", (), Markup("")).rows
        ()
    """

    prevalence: str
    whose: str
    rows: tuple[tuple[str, str, tuple[FormattedEstimate, ...]], ...]
    figure: Markup
    shift: str = ""


@dataclass(frozen=True, slots=True)
class Deferral:
    """What answering fewer images gains.

    Args:
        band: the low-confidence band in words, or that there is none.
        rows: what is reached outside of it, on test.
        figure: errors by share answered.
        has_band: whether there is a low-confidence band, which the figure marks.

    Example:
        >>> Deferral("", (), Markup("")).band
        ''
    """

    band: str
    rows: tuple[tuple[str, FormattedEstimate], ...]
    figure: Markup
    has_band: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """Sets of classes that hold the true one with a promised share.

    Args:
        promised: "90%".
        per_class: share of sets with the true class, of each class, and what is expected of it.
        sizes: how many classes are in a set.
        guarantee: what is promised, and under which conditions.
        below: the classes whose whole interval is below the promise, in a sentence; empty where there is none.

    Example:
        >>> Coverage("90%", (), (), "").promised
        '90%'
    """

    promised: str
    per_class: tuple[tuple[str, FormattedEstimate, str], ...]
    sizes: tuple[tuple[str, FormattedEstimate], ...]
    guarantee: str
    below: str = ""


def net_benefit_of(evaluation: Evaluation) -> NetBenefit | None:
    """Return PPV, NPV, lesions to biopsy and net benefit; None where only one side was tested."""
    detail = evaluation.detail
    scores = detail.at_prevalence if detail is not None else None
    if scores is None:
        return None
    rows = tuple(
        (
            point.name.replace("_", " "),
            threshold_text(point.threshold_there),
            (
                show_share(point.ppv),
                show_share(point.npv),
                show_number(point.number_needed_to_biopsy),
                show_score(point.net_benefit),
            ),
        )
        for point in scores.points
    )
    whose = "the share in this test" if scores.is_own else "as set by evaluate.prevalence"
    drawing = net_benefit_drawing(scores).inline()
    return NetBenefit(percent(scores.prevalence, digits=0), whose, rows, drawing, shift_in_words(scores))


def shift_in_words(scores: PrevalenceScores) -> str:
    """Return why a threshold is another number here than in the other tables, though it decides alike."""
    if scores.prevalence == scores.source or not scores.points:
        return ""
    point = scores.points[0]
    return (
        f"Probabilities and thresholds are shifted alike from the prevalence that they were calibrated at, "
        f"{percent(scores.source)}, to {percent(scores.prevalence)}: {threshold_text(point.threshold)} becomes "
        f"{threshold_text(point.threshold_there)}. The same images are flagged."
    )


def deferral_of(evaluation: Evaluation) -> Deferral | None:
    """Return the risk-coverage curve and the low-confidence band."""
    detail = evaluation.detail
    scores = detail.deferral if detail is not None else None
    if scores is None:
        return None
    names = {
        "share": "not answered",
        "missed": "“benign-looking”, of the malignant ones answered",
        "sensitivity": "sensitivity of those answered",
        "specificity": "specificity of those answered",
    }
    rows = tuple((name, show_share(scores.outside[key])) for key, name in names.items() if key in scores.outside)
    band = scores.band
    return Deferral(
        _band_in_words(scores), rows, _draw_risk(scores), has_band=band is not None and band.high > band.low
    )


def _band_in_words(scores: DeferralScores) -> str:
    band = scores.band
    if band is None:
        return "There is no low-confidence band. On test:"
    if band.low == band.high:
        return f"{without_band(scores)} On test:"
    words = f"Between {threshold_text(band.low)} and {threshold_text(band.high)} an image gets no answer. "
    if not isinstance(band, ChosenBand):
        expected = percent(band.expected_share)
        return f"{words}The band was chosen on validation, where it holds {expected} of the images; on test:"
    if band.is_reached:
        return f"{words}The band was chosen on validation; on test:"
    return (
        f"{words}This is the widest band allowed: outside of it {band.missed_in_words} of the malignant images are "
        f"missed on validation (target: at most {percent(band.target_missed)}). On test:"
    )


def coverage_of(facts: RunFacts) -> Coverage | None:
    """Return what the class sets keep on test; None where none were fitted."""
    detail = facts.inputs.evaluation.detail
    scores = detail.coverage if detail is not None else None
    if scores is None:
        return None
    return Coverage(
        promised=percent(scores.promised, digits=0),
        per_class=tuple(
            (name, show_share(figure), scores.conformal.range_of(name)) for name, figure in scores.per_class.items()
        ),
        sizes=(
            ("classes in a set, mean", show_score(scores.mean_size, digits=2)),
            ("sets with one class", show_share(scores.single)),
            ("sets with none", show_share(scores.empty)),
        ),
        guarantee=scores.guarantee,
        below=_below(scores.per_class, scores.promised),
    )


def _below(per_class: Mapping[str, Estimate], promised: float) -> str:
    """Return the classes that the sets contain less often than promised, by the far end of their intervals."""
    short = [
        f"{name} {show_share(figure)}"
        for name, figure in per_class.items()
        if figure.has_interval and figure.high < promised
    ]
    return f"Fewer than promised on test: {'; '.join(short)}." if short else ""


def net_benefit_drawing(scores: PrevalenceScores) -> Drawing:
    """Return the decision curve at the prevalence, to be drawn."""
    curve, everyone = scores.net_benefit, scores.biopsy_all
    top = max(float(np.nanmax(curve.y)), scores.prevalence)
    # beyond the last threshold that helps, the lines only fall
    helps = curve.x[np.nan_to_num(curve.y) > 0]
    right = min(1.0, max(float(helps.max()) if helps.size else 0.0, 2 * scores.prevalence, 0.2))

    def paint(axes: Axes) -> None:
        axes.axhline(0, color=FAINT, linewidth=1.2)
        if not np.isnan(curve.low).all():
            axes.fill_between(curve.x, curve.low, curve.high, color=INK, alpha=0.12, linewidth=0)
        axes.plot(curve.x, everyone, color=MUTED, linewidth=1.4, linestyle=(0, (4, 3)))
        axes.plot(curve.x, curve.y, color=INK)
        # thresholds that are shown alike once: the first of them, which may be the one in use
        shown = [
            (threshold_text(point.threshold_there), show_score(point.net_benefit).value) for point in scores.points
        ]
        points = [point for place, point in enumerate(scores.points) if shown[place] not in shown[:place]]
        for number, point in enumerate(points):
            face = MALIGNANT_COLOUR if number == 0 else "white"
            axes.plot(
                [point.threshold_there], [point.net_benefit.value], "o", markersize=8, zorder=5 if number else 6,
                color=MALIGNANT_COLOUR, markerfacecolor=face, markeredgewidth=1.6,
            )  # fmt: skip
        key = (("dashed: biopsy of all", MUTED), (threshold_key(len(points)), MALIGNANT_COLOUR))
        for row, (text, colour) in enumerate(key):
            y = 0.95 - 0.055 * row
            axes.text(0.98, y, text, transform=axes.transAxes, ha="right", va="top", color=colour, fontsize=10)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        axes.set(xlim=(0, right), ylim=(-0.15 * top, 1.1 * top))
        axes.set(xlabel="probability from which one would biopsy", ylabel="net benefit per image")

    told = f"Net benefit by threshold probability at a prevalence of {percent(scores.prevalence, digits=0)}."
    return Drawing("net-benefit", told, _SIZE, paint)


def _draw_risk(scores: DeferralScores) -> Markup:
    def paint(axes: Axes) -> None:
        for curve, colour in ((scores.risk, INK), (scores.missed, MALIGNANT_COLOUR)):
            if not np.isnan(curve.low).all():
                axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.12, linewidth=0)
            axes.plot(curve.x, curve.y, color=colour)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1, decimals=None))
        axes.text(1.0, scores.risk.y[-1], "wrong ", ha="right", va="bottom", color=INK)
        axes.text(1.0, scores.missed.y[-1], "missed ", ha="right", va="top", color=MALIGNANT_COLOUR)
        if scores.band is not None and scores.band.low < scores.band.high and "share" in scores.outside:
            axes.axvline(1 - scores.outside["share"].value, color=BENIGN_COLOUR, linewidth=1.4, linestyle=(0, (2, 2)))
        axes.set(
            xlim=(0, 1.01),
            ylim=(0, None),
            xlabel="images answered, most confident first",
            ylabel="wrong, or missed of the malignant",
        )

    told = f"Errors by share of images answered. Area {show_score(scores.area)}."
    return draw("risk-coverage", told, _SIZE, paint)
