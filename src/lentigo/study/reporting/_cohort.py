"""The data: their way from found to split, the classes of each split, and who the images come from."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from lentigo.data.manifest import SPLITS, Manifest
from lentigo.numbers.evaluation import CohortCount
from lentigo.study.auditing import LEAKING
from lentigo.study.reporting._inputs import RunFacts
from lentigo.study.reporting._words import NOT_AVAILABLE, share
from lentigo.taxonomy import BENIGN, MALIGNANT
from lentigo.wording import counted

PURPOSE: Final = {
    "train": ("Training", "learned from"),
    "val": ("Validation", "used to choose model, temperature and threshold"),
    "test": ("Test", "for the figures of the test"),
}
LABELS: Final = {
    "sex": "sex",
    "site": "site",
    "skin_type": "skin type",
    "image_type": "image type",
    "source": "source",
    "dx_type": "diagnosis by",
}
SHOWN_VALUES: Final = 8
SHOWN_STEPS: Final = {LEAKING: "also in a later split, or a copy of such"}  # files keep the key


@dataclass(frozen=True, slots=True)
class SplitBox:
    """One split in the flow.

    Args:
        title: "Training".
        purpose: what it was for.
        n_images: images.
        details: lesions and patients, where they are known.
        n_malignant: images on the malignant side.
        malignant_share: the same in per cent, as text.
        malignant_percent: the same as a number.

    Example:
        >>> SplitBox("Test", "for the figures of the test", 660, "", 300, "45%", 45.45).n_images
        660
    """

    title: str
    purpose: str
    n_images: int
    details: str
    n_malignant: int
    malignant_share: str
    malignant_percent: float


@dataclass(frozen=True, slots=True)
class Flow:
    """The way of the images.

    Args:
        steps: name, images then (negative: left out), and images left after it.
        splits: where they went.
        gap: images that the steps do not account for; 0 when the count is right.

    Example:
        >>> Flow((("found", 3, 3),), (), 0).gap
        0
    """

    steps: tuple[tuple[str, int, int], ...]
    splits: tuple[SplitBox, ...]
    gap: int


def flow_of(facts: RunFacts) -> Flow:
    """Return the flow of the images, with its sums checked."""
    steps = [(str(step["step"]), int(step["n_images"])) for step in facts.inputs.flow]
    boxes = split_boxes(facts.inputs.manifest, facts.inputs.evaluation.malignant_classes)
    title, purpose = PURPOSE["test"]
    looked = f"{facts.inputs.looks.short}, {purpose}"
    return follow(steps, tuple(replace(box, purpose=looked) if box.title == title else box for box in boxes))


def follow(steps: Iterable[tuple[str, int]], splits: tuple[SplitBox, ...]) -> Flow:
    """Return the flow with what is left after each step, and the images that the splits do not account for.

    Args:
        steps: name and images; exclusions are negative. Steps named like a split are passed over.
        splits: where the images went.

    Example:
        >>> follow([("found", 3), ("unreadable", -1)], ()).steps
        (('found', 3, 3), ('unreadable', -1, 2))
    """
    left, rows = 0, list[tuple[str, int, int]]()
    for name, n_images in steps:
        if name in SPLITS:
            continue
        left = left + n_images if rows and n_images <= 0 else n_images
        rows.append((SHOWN_STEPS.get(name, name), n_images, left))
    return Flow(tuple(rows), splits, left - sum(box.n_images for box in splits) if rows else 0)


def split_boxes(manifest: Manifest, malignant: Collection[str]) -> tuple[SplitBox, ...]:
    """Return a box a split that has images.

    Example:
        >>> split_boxes(Manifest(pd.DataFrame({"image_id": ["a"], "path": ["/a"], "target": ["NV"]}), "memory"), ())
        ()
    """
    boxes = []
    for split, table in _split_tables(manifest):
        title, purpose = PURPOSE[split]
        n_malignant = int(table["target"].isin(malignant).sum())
        counts = ((table["lesion_id"].nunique(), "lesion"), (table["patient_id"].nunique(), "patient"))
        details = ", ".join(counted(n, noun) for n, noun in counts if n)
        in_percent = round(100 * n_malignant / len(table), 2)
        boxes.append(
            SplitBox(title, purpose, len(table), details, n_malignant, share(n_malignant, len(table)), in_percent)
        )
    return tuple(boxes)


def _split_tables(manifest: Manifest) -> list[tuple[str, pd.DataFrame]]:
    table = manifest.table
    return [(split, table[table["split"] == split]) for split in SPLITS if (table["split"] == split).any()]


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One row of the table of the data, one cell a split and one for all images.

    Args:
        label: "age, median (quartiles)".
        cells: text a column.
        side: "benign" or "malignant" for a class, else empty.
        code: code of a class, else empty.
        is_detail: whether the row belongs to the one above it.

    Example:
        >>> CohortRow("images", ("1", "1", "1", "3")).side
        ''
    """

    label: str
    cells: tuple[str, ...]
    side: str = ""
    code: str = ""
    is_detail: bool = False


def class_rows(facts: RunFacts) -> list[CohortRow]:
    """Return a row a class: its images in each split and their share of it."""
    tables = _columns(facts.inputs.manifest)
    rows = []
    for name in facts.inputs.manifest.classes:
        counts = [int((table["target"] == name).sum()) for table in tables]
        cells = tuple(f"{n:,} ({share(n, len(table))})" for n, table in zip(counts, tables, strict=True))
        rows.append(CohortRow(facts.full_name(name), cells, side=facts.side(name), code=name))
    return [*rows, CohortRow("all images", tuple(f"{len(table):,}" for table in tables))]


def _columns(manifest: Manifest) -> list[pd.DataFrame]:
    return [*(table for _, table in _split_tables(manifest)), manifest.table]


def counted_cohort(manifest: Manifest) -> tuple[CohortCount, ...]:
    """Return `cohort_rows` of all images together, with counts, to be kept where the images are not.

    Example:
        >>> table = pd.DataFrame({"image_id": ["a"], "path": ["/a"], "target": ["NV"], "sex": ["male"]})
        >>> [row.value for row in counted_cohort(Manifest(table, "memory"))]
        ['', '1 (100%)']
    """
    rows = cohort_rows(manifest, with_counts=True)
    return tuple(CohortCount(row.label, row.cells[-1], row.is_detail) for row in rows)


def cohort_rows(manifest: Manifest, *, with_counts: bool = False) -> list[CohortRow]:
    """Return the rows about lesions, patients and metadata that are recorded for at least one image.

    Args:
        manifest: the images.
        with_counts: give images and their share; the share alone where there is a column a split.
    """
    rows = []
    for column, noun in (("lesion_id", "lesions"), ("patient_id", "patients")):
        if is_recorded(manifest, column):
            rows.append(CohortRow(noun, tuple(f"{table[column].nunique():,}" for table in _columns(manifest))))
    rows += _without_ids(manifest)
    if is_recorded(manifest, "age"):
        rows.append(CohortRow("age, median (quartiles)", tuple(map(_ages, _columns(manifest)))))
    if set(manifest.classes) == {BENIGN, MALIGNANT} and is_recorded(manifest, "diagnosis"):
        # of diagnoses, the classes themselves are the rows
        rows += _value_rows(manifest, "diagnosis", "diagnosis", with_counts=with_counts)
    for column, label in LABELS.items():
        if is_recorded(manifest, column):
            rows += _value_rows(manifest, column, label, with_counts=with_counts)
    return rows


def is_recorded(manifest: Manifest, column: str) -> bool:
    """Return whether at least one image has a value in a column."""
    return column in manifest.table and bool(manifest.table[column].notna().any())


def _ages(table: pd.DataFrame) -> str:
    ages = pd.to_numeric(table["age"], errors="coerce").dropna()
    if ages.empty:
        return NOT_AVAILABLE
    low, middle, high = ages.quantile([0.25, 0.5, 0.75])
    return f"{middle:.0f} ({low:.0f} to {high:.0f})"


def _without_ids(manifest: Manifest) -> list[CohortRow]:
    """Return a row of images of an unknown patient, and one of those whose lesion is unknown too, where any are."""
    found: dict[str, list[int]] = {}
    if not any(is_recorded(manifest, name) for name in ("patient_id", "lesion_id")):
        return []
    for label, columns in (
        ("images of an unknown patient", ["patient_id"]),
        ("images of an unknown patient and lesion", ["patient_id", "lesion_id"]),
    ):
        found[label] = [int(table[columns].isna().all(axis=1).sum()) for table in _columns(manifest)]
    sizes = [len(table) for table in _columns(manifest)]
    return [
        CohortRow(label, tuple(f"{n:,} ({share(n, size)})" for n, size in zip(counts, sizes, strict=True)))
        for label, counts in found.items()
        if any(counts)
    ]


def _value_rows(manifest: Manifest, column: str, label: str, *, with_counts: bool) -> list[CohortRow]:
    tables = _columns(manifest)
    every = manifest.table[column].value_counts()
    order = sorted(every.index, key=lambda value: (-int(every[value]), str(value)))
    shown = order if len(order) <= SHOWN_VALUES else order[: SHOWN_VALUES - 1]
    masks: list[tuple[str, Any]] = [
        (str(value).replace("_", " "), lambda values, value=value: values == value) for value in shown
    ]
    if len(order) > len(shown):
        rest = order[len(shown) :]
        masks.append((f"{len(rest)} others", lambda values: values.isin(rest)))
    if manifest.table[column].isna().any():
        masks.append(("not recorded", lambda values: values.isna()))
    rows = [CohortRow(label, ("",) * len(tables))]
    for name, is_value in masks:
        counts = [(int(is_value(table[column]).sum()), len(table)) for table in tables]
        cells = tuple(f"{n:,} ({share(n, size)})" if with_counts else share(n, size) for n, size in counts)
        rows.append(CohortRow(name, cells, is_detail=True))
    return rows


def unrecorded_share(manifest: Manifest, column: str) -> str:
    """Return the share of test images without a value in a column; empty where all have one."""
    of_test = manifest.table.loc[manifest.table["split"] == "test", column]
    n_missing = int(of_test.isna().sum())
    return share(n_missing, len(of_test)) if n_missing else ""


def other_bases(manifest: Manifest) -> list[str]:
    """Return on what the test diagnoses without histology rest, as the data call it, at most four: "follow up 23%"."""
    of_test = manifest.table.loc[manifest.table["split"] == "test", "dx_type"]
    known = of_test.dropna().astype(str)
    others = known[~known.str.casefold().str.startswith(("histo", "patho"))].str.replace("_", " ")
    return [f"{name} {share(int(n), len(of_test))}" for name, n in others.value_counts().head(4).items()]


def histology_share(manifest: Manifest) -> str | None:
    """Return the share of test images whose diagnosis is proven by histology; None where nobody wrote it down."""
    if not is_recorded(manifest, "dx_type"):
        return None
    of_test = manifest.table.loc[manifest.table["split"] == "test", "dx_type"]
    is_proven = of_test.fillna("").str.casefold().str.startswith(("histo", "patho"))
    return share(int(is_proven.sum()), len(of_test))
