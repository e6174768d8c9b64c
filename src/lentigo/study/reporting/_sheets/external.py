"""An external test as a page: what the model reaches there, the drop, and what recalibration changes."""

from lentigo.numbers.evaluation import HEADLINE, Difference, ExternalTest
from lentigo.study.reporting._paper.comparison import difference_drawing, signed
from lentigo.study.reporting._paper.figures import PaperInputs
from lentigo.study.reporting._paper.tables import PaperTable
from lentigo.study.reporting._sheets.evaluation import evidence_of, headline_of, tallies_of
from lentigo.study.reporting._sheets.sheet import Section, Sheet, render_sheet
from lentigo.study.reporting._subgroup_section import worst_subgroup
from lentigo.study.reporting._terminal.external_validation import ANSWERS, learned_from, without_answer
from lentigo.study.reporting._words import OWN_BY_SIDE, show_score
from lentigo.wording import counted, percent_text

_DRAWN = ("auroc", "average_precision", "accuracy", "balanced_accuracy", "sensitivity", "specificity", "malignant_ece")


def render_external(test: ExternalTest, inputs: PaperInputs, *, model: str) -> str:
    """Return an external test as one HTML file that needs nothing else.

    Args:
        test: what was found.
        inputs: its evaluation and what that was computed from.
        model: its name.
    """
    about = test.provenance
    unread = about.get("n_unreadable") or 0
    where = f"{counted(test.evaluation.n_images, 'image')} of {about.get('data', 'other data')}"
    paragraphs = [
        f"The model unchanged, on {where}: {test.mapping}.",
        *([f"{counted(unread, 'image')} could not be read."] if unread else []),
        *filter(None, [without_answer(test), _lowest(test)]),
    ]
    sections = [
        *([_drop(test)] if test.drops else []),
        *([_answers(test)] if test.answers else []),
        *evidence_of(inputs),
        _recalibrated(test),
    ]
    return render_sheet(
        Sheet(
            "external test",
            f"{model} on {about.get('data', 'other data')}",
            headline_of(test.evaluation),
            paragraphs,
            tallies_of(test.evaluation),
            sections,
            learned_from(about),
        )
    )


def _lowest(test: ExternalTest) -> str:
    """Return the lowest subgroup in a sentence, as the report of a run says it; empty where none can be compared."""
    worst = worst_subgroup(test.evaluation)
    return f"The lowest subgroup. {worst}" if worst else ""


def _drop(test: ExternalTest) -> Section:
    rows = tuple(
        (HEADLINE[key].label, str(show_score(drop.there)), str(show_score(drop.here)), signed(drop.difference))
        for key, drop in test.drops.items()
    )
    header = ("", f"there (n = {test.evaluation.n_images:,})", f"own test (n = {test.n_here:,})", "there − own")
    caption = "The two sets are resampled independently. Part of a drop in accuracy, NLL or Brier score is their mix."
    if test.provenance.get("own_test_by_side"):
        caption += f" {OWN_BY_SIDE}"
    drawn = {
        key: Difference(drop.there, drop.here, drop.difference, HEADLINE[key].is_better_high)
        for key, drop in test.drops.items()
        if key in _DRAWN and drop.difference.is_defined
    }
    figure = difference_drawing(drawn, for_first="better there", name="drop")
    words = "There minus own test, with intervals. To the left of zero the model does worse there."
    drawings = ((figure, words),) if drawn else ()
    return Section("Compared with its own test", "", drawings, (PaperTable("drop", caption, header, rows),))


def _answers(test: ExternalTest) -> Section:
    words = [name for name in ANSWERS if any(name in row for row in test.answers.values())]
    rows = []
    for name, row in test.answers.items():
        n = sum(row.values())
        rows.append(
            (name, f"{n:,}", *(f"{row.get(word, 0):,} ({percent_text(row.get(word, 0) / n)})" for word in words))
        )
    table = PaperTable("answers", "At the first operating point.", ("true class", "images", *words), tuple(rows))
    return Section("Decisions by true class", tables=(table,))


def _recalibrated(test: ExternalTest) -> Section:
    mended = test.recalibrated
    title = "Recalibrated on this set"
    if mended is None:
        return Section(title, "No finite fit exists, so there are no figures.")
    rows = tuple(
        (HEADLINE[key].label, str(show_score(mended.before[key])), str(show_score(figure)))
        for key, figure in mended.after.items()
    )
    lead = (
        "These are not the results of the unchanged model: a temperature and an intercept were fitted to these images "
        f"(temperature {mended.temperature:.2f}, intercept {mended.intercept:+.2f}; each of "
        f"{counted(mended.n_folds, 'fold')} by the fit on the others). A new user has no such labels."
    )
    return Section(title, lead, tables=(PaperTable("recalibrated", "", ("", "as it is", "recalibrated"), rows),))
