"""What a run knows of its test, for the checklist: cut-offs, answers withheld, cross table, baseline, other sets."""

from collections.abc import Iterable, Iterator
from math import isnan
from typing import Final

from lentigo.study.reporting._cohort import CohortRow, class_rows, cohort_rows, is_recorded, split_boxes
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._words import join, percent, show_share, threshold_text
from lentigo.wording import counted

DEVICES: Final = ("device", "camera", "dermatoscope", "manufacturer", "image_type", "source")


def devices(facts: RunFacts) -> str:
    """Return with what the photographs were taken, as far as the data record it."""
    table = facts.inputs.manifest.table
    told = []
    for column in DEVICES:
        if is_recorded(facts.inputs.manifest, column):
            counts = table[column].value_counts()
            shown = [f"{name} {n:,}" for name, n in counts.items()][:8]
            told.append(f"{column.replace('_', ' ')}: {', '.join(shown)}")
    return f"{'; '.join(told)}." if told else ""


def cutoffs(facts: RunFacts) -> str:
    """Return whether thresholds were chosen before the test was seen."""
    point = facts.point
    if point is None:
        return ""
    wanted = point.target_sensitivity
    rule = f"for {percent(wanted, digits=0)} sensitivity" if not isnan(wanted) else f"by the rule “{point.name}”"
    return (
        f"Flagged from a malignant probability of {threshold_text(point.threshold)} on, chosen {rule} on "
        f"validation ({facts.inputs.looks.chosen}). {facts.inputs.looks.sentence()}"
    )


def indeterminate(facts: RunFacts) -> str:
    """Return what gets no answer, and how often."""
    band = facts.inputs.calibration.low_confidence
    detail = facts.inputs.evaluation.detail
    shares = detail.answers.overall if detail is not None and detail.answers is not None else {}
    if band is None or band.low == band.high:
        return "The run predicts every image; the input gate of its bundle may refuse photographs."
    said = [f"{show_share(kind['cannot assess'])} of the {name} images" for name, kind in shares.items()]
    given = f" On test: {join(said)}." if said else ""
    return (
        f"No answer between a malignant probability of {threshold_text(band.low)} and {threshold_text(band.high)}, "
        f"chosen on validation.{given} The input gate of its bundle may refuse further photographs."
    )


def cross_table(facts: RunFacts) -> str:
    """Return the two by two table at the threshold that decides."""
    point = facts.point
    if point is None:
        return ""
    return (
        f"At the threshold: {point.tp:,} malignant flagged, {point.fn:,} malignant not, {point.fp:,} benign flagged, "
        f"{point.tn:,} benign not.{' By diagnosis: confusion matrix in the report.' if facts.has_diagnoses else ''}"
    )


def baseline(facts: RunFacts) -> str:
    """Return images, classes and recorded characteristics of each split."""
    boxes = split_boxes(facts.inputs.manifest, facts.inputs.evaluation.malignant_classes)
    names = [box.title.lower() for box in boxes]
    rows = list(_named((*class_rows(facts), *cohort_rows(facts.inputs.manifest))))
    told = [f"{label}: {', '.join(f'{name} {cell}' for name, cell in zip(names, row.cells, strict=False))}"
            for label, row in rows[:16]]  # fmt: skip
    rest = " The other rows are in the report." if len(rows) > 16 else ""
    return f"{'; '.join(told)}.{rest}"


def _named(rows: Iterable[CohortRow]) -> Iterator[tuple[str, CohortRow]]:
    """Yield the rows with figures, a value ("II") with the name of its group ("skin type II")."""
    group = ""
    for row in rows:
        if row.cells[0]:
            yield f"{group} {row.label}" if row.is_detail else row.label, row
        else:
            group = row.label


def external(facts: RunFacts) -> str:
    """Return what is known of other sets, and how they differ."""
    held_out = facts.inputs.evaluation.held_out_sources
    if not held_out:
        return "No other source was evaluated in this run; 'lentigo evaluate RUN --data OTHER' tests one."
    names = [f"{one['source']} ({counted(int(one['n']), 'image')})" for one in held_out]
    return f"Sources held out of training, one at a time: {join(names)}."
