"""A comparison of two models as a page."""

from dataclasses import replace
from pathlib import Path

from lentigo.numbers.evaluation import Comparison
from lentigo.study.reporting._paper.comparison import comparison_drawings, comparison_paper_table, signed
from lentigo.study.reporting._paper.tables import PaperTable
from lentigo.study.reporting._sheets.sheet import Section, Sheet, render_sheet
from lentigo.study.reporting._terminal.comparison import TESTED, better_of, mcnemar_cells, p_text
from lentigo.study.reporting._words import FormattedEstimate, show_score, threshold_text
from lentigo.wording import counted

_CAPTIONS = {
    "roc": "Both ROC curves. Solid: A. Dashed: B. Thin dashed: guessing.",
    "differences": "Differences with their intervals. To the right of zero A is better; dotted: the margin, if any.",
}


def render_comparison(comparison: Comparison) -> str:
    """Return a comparison as one HTML file that needs nothing else.

    Example:
        >>> from lentigo import compare
        >>> render_comparison(compare(predictions_csv, predictions_csv)).splitlines()[0]
        '<!doctype html>'
    """
    comparison = replace(comparison, names=_short_names(comparison.names))
    n, malignant = comparison.n_images, comparison.n_malignant
    drawn = [(one, _CAPTIONS[one.name]) for one in comparison_drawings(comparison)]
    several = "Among several differences, some intervals exclude 0 by chance."
    sections = [
        Section("Every figure", several, tuple(drawn), (comparison_paper_table(comparison),)),
        Section("Tests", "Two-sided.", tables=(_tests(comparison),)),
    ]
    if comparison.margin is not None:
        sections.insert(1, _margin(comparison))
    if comparison.beside:
        rows = tuple((name, str(show_score(figure))) for name, figure in comparison.beside.items())
        table = PaperTable("beside", "On the same images.", ("", "value"), rows)
        sections.append(Section("What needs no model", tables=(table,)))
    first, second = comparison.names
    return render_sheet(
        Sheet(
            "comparison",
            f"A: {first} · B: {second}",
            headline_of(comparison),
            (f"{counted(n, 'image')}, {malignant:,} of them malignant, the same for both. {_thresholds(comparison)}",),
            _tallies(comparison),
            sections,
        )
    )


def _short_names(names: tuple[str, str]) -> tuple[str, str]:
    """Return the names without the folders of this machine, where that leaves them different."""
    first, second = (Path(name).name for name in names)
    return names if first == second else (first, second)


def headline_of(comparison: Comparison) -> str:
    """Return which model ranks better, or that the data do not decide it."""
    area = comparison.figures.get("auroc")
    if area is None or not area.difference.is_defined:
        return "AUROC is not defined: the images are all malignant or all benign."
    gap = signed(area.difference)
    better = better_of(area)
    if not better:
        return f"These images do not decide which model has the higher AUROC: A − B is {gap}."
    return f"{better[0]} has the higher AUROC: A − B is {gap}."


def _tallies(comparison: Comparison) -> list[tuple[str, FormattedEstimate, str]]:
    names = {"auroc": "AUROC", "sensitivity": "Sensitivity", "specificity": "Specificity"}
    tallies = []
    for key, name in names.items():
        each = comparison.figures.get(key)
        if each is not None:
            tallies += [
                (f"{name}, {model}", show_score(one), "") for model, one in (("A", each.first), ("B", each.second))
            ]
    return tallies


def _thresholds(comparison: Comparison) -> str:
    first, second = comparison.thresholds
    if first is None or second is None:
        return "At least one model has no threshold, so sensitivity and specificity are not compared."
    texts = (threshold_text(first), threshold_text(second))
    return f"An image counts as malignant from a probability of {texts[0]} (A) and {texts[1]} (B)."


def _tests(comparison: Comparison) -> PaperTable:
    rows: list[tuple[str, ...]] = [
        ("DeLong, difference of AUROCs", signed(comparison.delong), "", f"p {p_text(comparison.delong_p)}")
    ]
    rows += [(f"McNemar, {TESTED[name].strip()}", *mcnemar_cells(test)) for name, test in comparison.mcnemar.items()]
    caption = (
        "McNemar's test is exact and takes every image as independent; DeLong's is clustered as the resamples are."
    )
    return PaperTable("tests", caption, ("", "A", "B", "p"), tuple(rows))


def _margin(comparison: Comparison) -> Section:
    words = {True: "not inferior", False: "not shown"}
    rows = tuple(
        (name, signed(each.difference), words[each.is_noninferior])
        for name, each in comparison.figures.items()
        if each.is_noninferior is not None
    )
    lead = f"A is not inferior where the whole interval of A − B lies above −{comparison.margin:g}."
    return Section("Non-inferiority", lead, tables=(PaperTable("margin", "", ("", "A − B", "A"), rows),))
