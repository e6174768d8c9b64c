"""The detail of an evaluation for a terminal: the blocks after the table."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import TYPE_CHECKING, Final

from lentigo.numbers.calibration import ChosenBand
from lentigo.study.reporting._terminal.layout import GAP, as_pairs, show, show_number
from lentigo.study.reporting._trivial_baselines import without_band
from lentigo.wording import counted, figure_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lentigo.numbers.evaluation import (
        CoverageScores,
        DecisionFigures,
        DeferralScores,
        PrevalenceScores,
        ReliabilityScores,
        Subgroups,
        SubgroupTable,
    )

WIDTH: Final = 80
_pairs = partial(as_pairs, least=len("lower by calibration"))
SHOWN_THRESHOLDS: Final = (0.02, 0.05, 0.1, 0.2, 0.5)


def format_detail(detail: DecisionFigures) -> str:
    """Return the blocks of the detail, empty lines between them, without a newline at the end.

    Args:
        detail: what to show.

    Example:
        >>> from lentigo.numbers.evaluation._detail import DecisionFigures
        >>> format_detail(DecisionFigures())
        ''
    """
    blocks: list[list[str]] = []
    if detail.reliability is not None:
        blocks.append(_reliability_block(detail.reliability))
    if detail.at_prevalence is not None:
        blocks.append(list(_prevalence_block(detail.at_prevalence)))
    if detail.deferral is not None:
        blocks.append(list(_deferral_block(detail.deferral)))
    if detail.coverage is not None:
        blocks.append(list(_coverage_block(detail.coverage)))
    if detail.subgroups is not None:
        blocks += _subgroup_blocks(detail.subgroups)
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks)


def _reliability_block(scores: ReliabilityScores) -> list[str]:
    rows = [("NLL", show(scores.nll), "")]
    if scores.nll_gain is not None:
        rows.append(("lower by calibration", show(scores.nll_gain), ""))
    return ["calibration of the probabilities (reliability bins: JSON file)", *_pairs(rows)]


def _prevalence_block(scores: PrevalenceScores) -> Iterator[str]:
    whose = "the share among these images" if scores.is_own else "as set by --prevalence"
    yield f"at a prevalence of {100 * scores.prevalence:.3g} % ({whose})"
    label = max(map(len, ["biopsy all", *(point.name for point in scores.points)]))
    for point in scores.points:
        figures = f"PPV {show(point.ppv)}{GAP}NPV {show(point.npv)}"
        biopsies = f"biopsies per malignancy {show_number(point.number_needed_to_biopsy)}"
        yield f"{GAP}{point.name.ljust(label)}{GAP}{figures}"
        yield f"{GAP}{' ' * label}{GAP}{biopsies}{GAP}from p >= {point.threshold_there:.4g}"
    if scores.prevalence != scores.source:
        yield f"{GAP}(p shifted to this prevalence from {100 * scores.source:.3g} %; the decisions are the same)"
    yield f"{GAP}net benefit{GAP}{'this model'.ljust(24)}{GAP}biopsy all{GAP}(biopsy none: 0)"
    curve = scores.net_benefit
    for wanted in SHOWN_THRESHOLDS:
        k = int(abs(curve.x - wanted).argmin())
        low, high = float(curve.low[k]), float(curve.high[k])
        # where every image is called malignant, all resamples are alike: that is no certainty
        interval = f"[{figure_text(low)}, {figure_text(high)}]" if low < high else "(no interval)"
        figure = f"{figure_text(float(curve.y[k]))} {interval}"
        everyone = figure_text(float(scores.biopsy_all[k]))
        yield f"{GAP}{f'{100 * wanted:g} %'.rjust(11)}{GAP}{figure.ljust(24)}{GAP}{everyone}"


def _deferral_block(scores: DeferralScores) -> Iterator[str]:
    yield "not answering images close to the threshold"
    yield from _pairs(
        [
            ("wrong decisions", show(scores.error), "all images answered"),
            ("AURC", show(scores.area), "lower is better"),
        ]
    )
    band = scores.band
    if band is None:
        return
    if band.low == band.high:
        yield from textwrap.wrap(without_band(scores), WIDTH, initial_indent=GAP, subsequent_indent=GAP)
        return
    yield f"{GAP}low confidence between {band.low:.4g} and {band.high:.4g}, chosen on validation:"
    chosen = band if isinstance(band, ChosenBand) else None
    missed_before = "" if chosen is None else f"{chosen.missed_in_words} on validation"
    yield from _pairs(
        [
            ("not answered", show(scores.outside["share"]), f"{percent_text(band.expected_share)} on validation"),
            ("missed, of the others", show(scores.outside["missed"]), missed_before),
            ("wrong, of the others", show(scores.outside["error"]), ""),
        ]
    )
    if chosen is not None and not chosen.is_reached:
        wanted = f"{100 * chosen.target_missed:g} %"
        yield f"{GAP}{wanted} missed was not reached on validation; this is the widest band allowed"


def _coverage_block(scores: CoverageScores) -> Iterator[str]:
    yield f"conformal sets, meant to hold the true class for {100 * scores.promised:g} % of the images of each class"
    yield from _pairs(
        [
            *(
                (name, show(figure), f"of many new cases: {scores.conformal.range_of(name)}")
                for name, figure in scores.per_class.items()
            ),
            ("classes in a set", show(scores.mean_size, 2), ""),
            ("one class only", show(scores.single), "right or wrong"),
            ("no class", show(scores.empty), "each below its threshold"),
        ]
    )
    yield from textwrap.wrap(scores.guarantee, WIDTH - 2, initial_indent=GAP, subsequent_indent=GAP)


def _subgroup_blocks(groups: Subgroups) -> list[list[str]]:
    blocks = [list(_table_block(table, groups)) for table in groups.tables]
    if groups.missing:
        by_reason: dict[str, list[str]] = {}
        for key, why in groups.missing.items():
            by_reason.setdefault(why, []).append(key.replace("_", " "))
        reasons = "; ".join(f"{', '.join(keys)} ({why})" for why, keys in by_reason.items())
        blocks.append(textwrap.wrap(f"No subgroups by {reasons}.", WIDTH, subsequent_indent=GAP))
    return blocks


def _table_block(table: SubgroupTable, groups: Subgroups) -> Iterator[str]:
    shown = [group for group in table.groups if group.is_judged]
    label = max([8, *(len(group.value) for group in shown)])
    yield f"{'by ' + table.name}"
    heads = ("images".rjust(7), "malignant", "sensitivity".ljust(17), "specificity".ljust(17), "AUROC")
    yield GAP.join([" " * (label + 2), *heads])
    for group in shown:
        counts = (f"{group.n_images:,}".rjust(7), f"{group.n_malignant:,}".rjust(9))
        figures = (show(group.sensitivity, 2).ljust(17), show(group.specificity, 2).ljust(17))
        auroc = figure_text(group.auroc.value, 2)
        yield GAP.join([GAP + group.value.ljust(label), *counts, *figures, auroc])
    few = [group for group in table.groups if not group.is_judged]
    if few:
        named = ", ".join(f"{group.value} ({group.n_images})" for group in few)
        text = f"too few (under {groups.min_images} images, or under {groups.min_cases} of both sides): {named}"
        yield from textwrap.wrap(text, WIDTH, initial_indent=GAP, subsequent_indent=GAP * 2)
    for test in table.disparities:
        if test.p_corrected == test.p_corrected:
            yield (
                f"{GAP}{test.figure} differs by up to {figure_text(test.difference, 2)} between "
                f"{counted(test.n_groups, 'group')}: "
                f"p = {test.p_value:.2g}, corrected {test.p_corrected:.2g}"
            )


def _short(table: SubgroupTable) -> str:
    return table.name.split(" (")[0]
