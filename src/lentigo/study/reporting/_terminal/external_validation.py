"""An external test for a terminal: the drop first, then recalibration, then every figure; plain ASCII."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from lentigo.numbers.evaluation import HEADLINE
from lentigo.study.reporting._terminal.evaluation import evaluation_table
from lentigo.study.reporting._terminal.layout import format_rows, show
from lentigo.study.reporting._words import OWN_BY_SIDE
from lentigo.wording import counted, percent_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lentigo.numbers.evaluation import ExternalTest, RecalibratedFigures

_WIDTH = 100
ANSWERS = ("refer", "benign-looking", "too close to call", "cannot assess")


def external_table(test: ExternalTest) -> str:
    """Return the external test as text, without a newline at the end."""
    n_there = test.evaluation.n_images
    rows = [("", f"there (n = {n_there:,})", f"own test (n = {test.n_here:,})", "there - own")]
    rows += [
        (HEADLINE[name].label, show(drop.there), show(drop.here), show(drop.difference, signed=True))
        for name, drop in test.drops.items()
    ]
    blocks = [["External test, the model unchanged: " + test.mapping + ".", *learned_from(test.provenance), ""]]
    if test.drops:
        blocks += [
            format_rows(rows, indent=""),
            ["The two sets are resampled independently; part of a drop in accuracy, NLL or Brier score is their mix."]
            + textwrap.wrap(OWN_BY_SIDE, _WIDTH) * bool(test.provenance.get("own_test_by_side")),
        ]
    if test.answers:
        blocks.append([*_answers(test.answers), *filter(None, [without_answer(test), band_alone(test)])])
    blocks += [
        _recalibrated(test.recalibrated),
        ["All results of the unchanged model", "", evaluation_table(test.evaluation)],
    ]
    return "\n\n".join("\n".join(line.rstrip() for line in block).rstrip() for block in blocks)


def learned_from(provenance: Mapping[str, Any]) -> list[str]:
    """Return what the model had seen of these images before, one sentence each."""
    said = []
    if n_known := provenance.get("n_learned_from"):
        done = "excluded" if provenance.get("leaks") != "allow" else "AND KEPT: all results are too optimistic"
        said = [f"{n_known:,} of {counted(provenance['n_found'], 'image')} are copies of training images, {done}."]
    if n_missing := provenance.get("n_not_looked_for"):
        said += [f"{counted(n_missing, 'training image')} cannot be found; copies may be among these images."]
    return said


def without_answer(test: ExternalTest) -> str:
    """Return how many images get no answer, and that rates count them by the threshold; empty where all get one."""
    sides = [test.answers[side] for side in ("malignant", "benign") if side in test.answers]
    n = sum(row.get(word, 0) for row in sides for word in ANSWERS[2:])
    if not n or not test.evaluation.operating_points:
        return ""
    these = f"{n:,} of {counted(test.evaluation.n_images, 'image')} {'gets' if n == 1 else 'get'} no answer"
    return f"{these}; sensitivity and specificity count {'it' if n == 1 else 'them'} by the threshold."


def band_alone(test: ExternalTest) -> str:
    """Return what the figures of the low-confidence band count; empty where no image lies in one."""
    detail = test.evaluation.detail
    share = None if detail is None or detail.deferral is None else detail.deferral.outside.get("share")
    if share is None or not share.value > 0:
        return ""
    if any(ANSWERS[2] in row for row in test.answers.values()):
        return "Those of the low-confidence band (below) count what the input gate refuses as any other image."
    return "A run answers the images in its low-confidence band (below) too; its bundle gives them no answer."


def _answers(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    words = [name for name in ANSWERS if any(name in row for row in counts.values())]
    rows = [("", "images", *words)]
    for name, row in counts.items():
        n_images = sum(row.values())
        shares = [f"{row.get(word, 0):,} ({percent_text(row.get(word, 0) / n_images)})" for word in words]
        rows.append((name, f"{n_images:,}", *shares))
    return ["Decisions by true class (at the first operating point)", *format_rows(rows)]


def _recalibrated(mended: RecalibratedFigures | None) -> list[str]:
    if mended is None:
        return ["Recalibrated on this set: n/a (no finite fit)."]
    title = (
        f"RECALIBRATED on this set (benign against malignant; temperature {mended.temperature:.2f}, intercept "
        f"{mended.intercept:+.2f}; each of {counted(mended.n_folds, 'fold')} by the fit on the others). These are not "
        "the results of the unchanged model:"
    )
    rows = [("", "as it is", "recalibrated")]
    rows += [(HEADLINE[name].label, show(mended.before[name]), show(figure)) for name, figure in mended.after.items()]
    return [*textwrap.wrap(title, _WIDTH), *format_rows(rows)]
