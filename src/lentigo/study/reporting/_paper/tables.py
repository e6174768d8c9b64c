"""The tables of a manuscript: the cohort, performance with intervals, and the subgroups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lentigo.study.reporting._cohort import class_rows, cohort_rows, flow_of
from lentigo.study.reporting._interval_methods import interval_methods
from lentigo.study.reporting._paper.figures import PaperInputs
from lentigo.study.reporting._subgroup_section import block_of
from lentigo.study.reporting._tables import metric_rows, point_cells, points_by_threshold
from lentigo.study.reporting._words import FormattedEstimate, percent, share, show_share, threshold_text
from lentigo.wording import counted


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table as text.

    Args:
        name: of its files.
        caption: what it shows, and how its intervals were made.
        header: of the columns.
        rows: of cells; a row with one cell only is a heading.
        notes: what stands below the table, in order: why an interval is missing, or how it was found otherwise.
        marks: by row and column, the place of a cell's note among the notes, from 0.

    Example:
        >>> PaperTable("cohort", "", ("a",), ()).name
        'cohort'
    """

    name: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    marks: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def mark(self, row: int, column: int) -> int:
        """Return the number of a cell's note, from 1; 0 where it has none."""
        return self.marks.get((row, column), -1) + 1

    def note_of(self, row: int) -> str:
        """Return the notes of a row, each once; empty where there are none."""
        found = [self.notes[place] for (one, _), place in sorted(self.marks.items()) if one == row]
        return "; ".join(dict.fromkeys(found))


Cell = str | tuple[str, str]
"""Text, or text and its note."""


def noted_table(name: str, caption: str, header: tuple[str, ...], rows: Sequence[tuple[Cell, ...]]) -> PaperTable:
    """Return a table whose notes are numbered in the order in which they occur.

    Args:
        name: as of `PaperTable`, like the others.
        caption: as there.
        header: as there.
        rows: of cells with or without a note.

    Example:
        >>> table = noted_table("performance", "", ("", "interval"), [("NPV", ("", "one lesion only"))])
        >>> table.notes, table.marks
        (('one lesion only',), {(0, 1): 0})
    """
    notes: list[str] = []
    marks: dict[tuple[int, int], int] = {}
    plain: list[tuple[str, ...]] = []
    for place, row in enumerate(rows):
        texts = []
        for column, cell in enumerate(row):
            text, note = (cell, "") if isinstance(cell, str) else cell
            texts.append(text)
            if note:
                notes += [] if note in notes else [note]
                marks[place, column] = notes.index(note)
        plain.append(tuple(texts))
    return PaperTable(name, caption, header, tuple(plain), tuple(notes), marks)


def with_note(shown: FormattedEstimate) -> tuple[str, str]:
    """Return an estimate with its interval in one cell, and its note."""
    return f"{shown.value} ({shown.interval})" if shown.interval else shown.value, shown.note


def tables_of(inputs: PaperInputs) -> list[PaperTable]:
    """Return the tables that the inputs have."""
    tables = [_cohort(inputs), _performance(inputs), _subgroups(inputs)]
    return [table for table in tables if table is not None]


def _cohort(inputs: PaperInputs) -> PaperTable:
    facts, evaluation = inputs.facts, inputs.evaluation
    if facts is None:
        classes = tuple((name, f"{n:,} ({share(n, evaluation.n_images)})") for name, n in evaluation.support.items())
        every = ("all images", f"{evaluation.n_images:,}")
        if not inputs.cohort:
            return PaperTable("cohort", "Images of each class.", ("", "images"), (*classes, every))
        more = [
            (f"  {row.label}" if row.is_detail else row.label, row.value) if row.value else (row.label,)
            for row in inputs.cohort
        ]
        caption = "Characteristics of the images. Numbers are images (share), unless stated otherwise."
        return PaperTable("cohort", caption, ("", "images"), (*classes, every, *more))
    columns = tuple(box.title for box in flow_of(facts).splits)
    rows: list[tuple[str, ...]] = []
    for row in (*class_rows(facts), *cohort_rows(facts.inputs.manifest)):
        if not any(row.cells):
            rows.append((row.label,))
            continue
        label = f"{row.label} ({row.code})" if row.code and row.code != row.label else row.label
        rows.append((f"  {label}" if row.is_detail else label, *row.cells))
    caption = (
        "Characteristics of the images, by split. Numbers are images (share of the split), unless stated otherwise."
    )
    return PaperTable("cohort", caption, ("", *columns, "All"), tuple(rows))


def _performance(inputs: PaperInputs) -> PaperTable:
    evaluation = inputs.evaluation
    rows: list[tuple[Cell, ...]] = [
        (name, *_cells(shown), what) for name, shown, what in metric_rows(evaluation.metrics)
    ]
    for point, wanted in points_by_threshold(evaluation.operating_points):
        threshold = threshold_text(point.threshold)
        rows.append((f"Chosen for {wanted}, at a malignant probability of {threshold}",))
        rows += [(f"  {name}", *_cells(shown), counts) for name, shown, counts in point_cells(point)]
    how = evaluation.resampling
    caption = (
        f"Performance on {counted(evaluation.n_images, 'image')}, with {how.confidence * 100:g}% intervals "
        f"({interval_methods(evaluation)})."
    )
    return noted_table("performance", caption, ("", "value", f"{how.confidence * 100:g}% interval", "of"), rows)


def _subgroups(inputs: PaperInputs) -> PaperTable | None:
    detail = inputs.evaluation.detail
    if detail is None or detail.subgroups is None or not detail.subgroups.tables:
        return None
    rows: list[tuple[Cell, ...]] = []
    points = inputs.evaluation.operating_points
    for table in detail.subgroups.tables:
        block = block_of(table, detail.subgroups)
        if block.rows:
            rows.append((block.name,))
        rows += [
            (f"  {row.value}", f"{row.n_images:,}", f"{row.n_malignant:,}", *map(with_note, row.cells))
            for row in block.rows
        ]
    if not rows:
        return None
    whole = f" All images: sensitivity {show_share(points[0].sensitivity)}." if points else ""
    confidence = percent(inputs.evaluation.resampling.confidence, digits=0)
    caption = f"Subgroups at the operating point in use, with {confidence} intervals.{whole}"
    header = ("", "images", "malignant", "sensitivity", "specificity", "AUROC")
    return noted_table("subgroups", caption, header, rows)


def _cells(shown: FormattedEstimate) -> tuple[Cell, Cell]:
    return shown.value, (shown.interval, shown.note)
