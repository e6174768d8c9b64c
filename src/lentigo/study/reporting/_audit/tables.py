"""The flow of an audit's images, and who and what they show, by class."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lentigo.data.manifest import SPLITS, Manifest
from lentigo.study.auditing import LEAKING, Audit
from lentigo.study.reporting._cohort import LABELS, Flow, follow, split_boxes
from lentigo.study.reporting._words import share


@dataclass(frozen=True, slots=True)
class CompositionRow:
    """Images with one value.

    Args:
        value: "lower extremity".
        counts: a class each.
        total: of them.
        malignant: share on the malignant side, as text.
        malignant_percent: the same as a number.

    Example:
        >>> CompositionRow("female", (3, 1), 4, "25%", 25.0).total
        4
    """

    value: str
    counts: tuple[int, ...]
    total: int
    malignant: str
    malignant_percent: float


@dataclass(frozen=True, slots=True)
class Composition:
    """Images by the values of one column.

    Example:
        >>> Composition("sex", ()).title
        'sex'
    """

    title: str
    rows: tuple[CompositionRow, ...]


def flow_of_audit(audit: Audit, manifest: Manifest) -> Flow:
    """Return the flow with what is left of each split; the boxes tell where that is less than was found."""
    left = {step.step: step.n_images for step in audit.flow if step.step in SPLITS}
    names = [split for split in SPLITS if (manifest.table["split"] == split).any()]
    boxes = []
    for name, box in zip(names, split_boxes(manifest, audit.malignant), strict=True):
        n_images = left.get(name, box.n_images)
        if n_images == box.n_images:
            boxes.append(box)
        elif n_images:
            found = f"of {box.n_images:,} found"
            boxes.append(replace(box, n_images=n_images, details=", ".join(filter(None, (found, box.details)))))
    steps = [step for step in audit.flow if boxes or step.n_images or step.step != LEAKING]
    return follow([(step.step, step.n_images) for step in steps], tuple(boxes))


def compositions(audit: Audit, manifest: Manifest) -> tuple[Composition, ...]:
    """Return the images of each split by class, then the tables of the audit."""
    counts = manifest.counts()
    splits = {str(split): {str(name): int(n) for name, n in counts[split].items()} for split in counts.columns}
    by_split = _compose("split", splits, audit) if manifest.has_split else None
    every = {"all images": {str(name): int(n) for name, n in counts.sum(axis=1).items()}}
    tables = [_compose(LABELS.get(table.column, table.column), table.rows, audit) for table in audit.tables]
    return tuple(filter(None, (_compose("", every, audit), by_split, *tables)))


def _compose(title: str, rows: Mapping[str, Mapping[str, int]], audit: Audit) -> Composition:
    return Composition(title, tuple(_row(value, counts, audit) for value, counts in rows.items()))


def _row(value: str, counts: Mapping[str, int], audit: Audit) -> CompositionRow:
    n_malignant, total = sum(counts.get(name, 0) for name in audit.malignant), sum(counts.values())
    return CompositionRow(
        value.replace("_", " "),
        tuple(counts.get(name, 0) for name in audit.classes),
        total,
        share(n_malignant, total),
        round(100 * n_malignant / total, 1) if total else 0.0,
    )
