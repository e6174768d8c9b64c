"""Recognising what a path holds, and reading it."""

import logging
import os
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.manifest import Manifest
from lentigo.data.sources._aliases import has_labels
from lentigo.data.sources._arrays import unpack_arrays
from lentigo.data.sources._challenge import find_truths, read_challenge
from lentigo.data.sources._choices import NOBODY, Choices
from lentigo.data.sources._dicom_table import names_uids, read_dicom_table
from lentigo.data.sources._folders import SPLIT_NAMES, child_folders, read_class_folders
from lentigo.data.sources._tables import finish_rows, image_rows, read_image_table
from lentigo.data.sources._targets import Task, to_manifest
from lentigo.data.sources.layouts import (
    _derm7pt as derm7pt,
)
from lentigo.data.sources.layouts import (
    _ph2 as ph2,
)
from lentigo.data.sources.layouts import (
    _shards as shards,
)
from lentigo.data.sources.layouts import (
    _split_tables as split_tables,
)
from lentigo.data.sources.layouts import candidates_in, folders_to, is_table, tables_seen
from lentigo.errors import DataError, name_offenders
from lentigo.images import IMAGE_SUFFIXES, is_dicom, list_folder, walk_images
from lentigo.table_files import CSV_SUFFIXES, PARQUET_SUFFIXES, TABLE_KINDS, TABLE_SUFFIXES, read_header
from lentigo.taxonomy import Taxonomy
from lentigo.wording import counted

logger = logging.getLogger(__name__)

TASKS = ("auto", "binary", "diagnosis")
GIVE_DATA: Final = f"Give a folder of images, or a table of them ({TABLE_KINDS})."
# Tables that are the set's own by their name; any other table has to be the only one.
ARRAYS = ".npz"
KNOWN_TABLES = ("manifest", "metadata", "ham10000_metadata")


def read_data(
    data: str | Path, *, taxonomy: Taxonomy | None = None, task: Task = "auto", choices: Choices = NOBODY
) -> Manifest:
    """Return the manifest of a data set on disk, with every file found and every row checked.

    Args:
        data: a folder of classes (with or without train/val/test above them), a table (CSV, Excel, Parquet or JSON
            Lines), what `lentigo fetch` left, a HAM10000, ISIC or PAD-UFES-20 folder, dermamnist.npz, a folder with a
            manifest.csv, or DICOM photographs in class folders or with a table of their UIDs. docs/data.md has the
            layouts and the columns.
        taxonomy: the meaning of diagnoses and the side of each; the default puts AK on the benign side and AKIEC on the
            malignant one.
        task: "diagnosis" to classify diagnoses, "binary" for benign and malignant, "auto" for what the data state:
            the `target` column or the folders' names; otherwise the diagnosis when every image has one and there are
            more than two (or two of the same side), else binary.
        choices: which columns the user says are which, and whether rows without a diagnosis are excluded.

    Returns:
        The manifest; splits are missing unless the data give them. Leaks between given splits are not searched for: see
        `lentigo.data.manifest.check_leaks`.

    Raises:
        DataError: nothing there, more than one way to read it, or rows that cannot be used. Every problem of a table is
            named, with its line.
        MissingExtraError: a Parquet or Excel table, and pyarrow or openpyxl is not installed.

    Example:
        >>> for name in ("benign/1.jpg", "benign/2.jpg", "malignant/1.jpg"):
        ...     (folder / name).parent.mkdir(exist_ok=True)
        ...     (folder / name).touch()
        >>> manifest = read_data(folder)
        >>> manifest.classes, manifest.table["image_id"].tolist()
        (('benign', 'malignant'), ['benign-1', 'benign-2', 'malignant-1'])
    """
    path, taxonomy = Path(data).expanduser(), taxonomy or Taxonomy()
    if task not in TASKS:
        raise DataError(f"unknown task '{task}'. Known tasks: {', '.join(TASKS)}.")
    if not path.exists():
        raise DataError(f"{path} does not exist. {GIVE_DATA}")
    if path.is_dir():
        return _read_folder(path, taxonomy, task, choices)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise DataError(f"{path} is one image. {GIVE_DATA}")
    if path.suffix.lower() == ARRAYS:
        return read_image_table(unpack_arrays(path), taxonomy=taxonomy, task=task, choices=choices)
    if path.name == ph2.TABLE:
        return _named(ph2.read_ph2(path), path, path.parent, taxonomy, task, choices)
    if path.suffix.lower() == shards.SUFFIX:
        return _named(shards.read_shards(path.parent, [path]), path, path.parent, taxonomy, task, choices)
    if path.suffix.lower() not in TABLE_SUFFIXES:
        kinds = (*CSV_SUFFIXES[:2], PARQUET_SUFFIXES[0], ".xlsx", ".jsonl")
        raise DataError(f"{path} is not a table: its name must end in {', '.join(kinds)}.")
    if names_uids(read_header(path)):
        return read_dicom_table(path.absolute().parent, path, taxonomy=taxonomy, task=task, choices=choices)
    return read_image_table(path, taxonomy=taxonomy, task=task, choices=choices)


def _read_folder(folder: Path, taxonomy: Taxonomy, task: Task, choices: Choices) -> Manifest:
    if not list_folder(folder):
        raise DataError(f"{folder} is empty. Put one folder of images per class into it, or a table of images.")
    table, truths = _known_table(folder, choices)
    if truths:
        return _accounted(folder, read_challenge(folder, truths, taxonomy=taxonomy, task=task, choices=choices))
    if table is None:
        found = _by_layout(folder, taxonomy, task, choices)
        if found is not None:
            return found
        table = _other_table(folder, taxonomy, choices)
    if table is not None and names_uids(read_header(table)):
        return read_dicom_table(folder, table, taxonomy=taxonomy, task=task, choices=choices)
    if table is not None:
        return _accounted(folder, read_image_table(table, taxonomy=taxonomy, task=task, choices=choices))
    arrays = [path for path in list_folder(folder) if path.suffix.lower() == ARRAYS]
    if arrays:
        return read_data(arrays[0], taxonomy=taxonomy, task=task, choices=choices)
    try:
        return read_class_folders(folder, taxonomy=taxonomy, task=task)
    except DataError as error:
        is_classes = any(_is_layout_folder(child, taxonomy) for child in child_folders(folder))
        deeper = None if is_classes else _deeper_table(folder, choices)
        if deeper is not None:
            logger.warning("%s has no table of its own; %s is read", folder, deeper)
            rows = image_rows(deeper, root=folder, taxonomy=taxonomy, choices=choices)
            return to_manifest(rows, str(deeper), taxonomy=taxonomy, task=task, choices=choices)
        _explain(folder, error, taxonomy)
        raise


def _accounted(folder: Path, manifest: Manifest) -> Manifest:
    """Return the manifest, after a word on the images below its folder that no table names."""
    used = set(map(os.path.normpath, manifest.table["path"]))
    unused = [path for path in walk_images(folder).images if os.path.abspath(path) not in used]  # noqa: PTH100
    if unused:
        logger.warning(
            "%s: %s no row that is used: %s",
            folder,
            counted(len(unused), "image has", "images have"),
            name_offenders(path.relative_to(folder) for path in unused),
        )
    return manifest


def _by_layout(folder: Path, taxonomy: Taxonomy, task: Task, choices: Choices) -> Manifest | None:
    """Return the images of a layout that is known by its files' names and places; None where there is none."""
    if (table := ph2.find_ph2(folder)) is not None:
        return _named(ph2.read_ph2(table), table, table.parent, taxonomy, task, choices)
    if (table := derm7pt.find_derm7pt(folder)) is not None:
        return read_image_table(table, taxonomy=taxonomy, task=task, choices=choices)
    if tables := split_tables.find_split_tables(folder, taxonomy):
        parts = {
            split: [image_rows(path, root=path.absolute().parent, taxonomy=taxonomy, choices=choices) for path in some]
            for split, some in tables.items()
        }
        rows = split_tables.joined(parts)
        return to_manifest(rows, str(folder), taxonomy=taxonomy, task=task, choices=choices)
    if found := shards.find_shards(folder):
        return _named(shards.read_shards(folder, found), folder, folder, taxonomy, task, choices)
    return None


def _named(raw: pd.DataFrame, path: Path, root: Path, taxonomy: Taxonomy, task: Task, choices: Choices) -> Manifest:
    rows = finish_rows(raw, path, root=root, taxonomy=taxonomy, choices=choices)
    return to_manifest(rows, str(path), taxonomy=taxonomy, task=task, choices=choices)


def _deeper_table(folder: Path, choices: Choices) -> Path | None:
    """Return the only table below a folder that names images and labels, None where there are none or several."""
    usable = [path for place in folders_to(folder)[1:] for path in candidates_in(place, choices).usable]
    return usable[0] if len(usable) == 1 else None


def _explain(folder: Path, error: DataError, taxonomy: Taxonomy) -> None:
    """Raise a better error than the one of class folders, where more is known of the folder.

    Raises:
        DataError: DICOM files without labels, tables that were seen, or data one folder deeper.
    """
    n_dicom = sum(is_dicom(image) for image in walk_images(folder).images)
    if n_dicom:
        raise DataError(
            f"{folder} has {n_dicom} DICOM files and nothing that gives their diagnoses. Put a table with columns "
            "sop_instance_uid and diagnosis beside them, or one folder per class around them."
        ) from error
    inner = [child for child in child_folders(folder) if _looks_like_data(child, taxonomy)]
    hint = ""
    if len(inner) == 1 and not taxonomy.has_target(inner[0].name) and inner[0].name.casefold() not in SPLIT_NAMES:
        hint = f" Or did you mean {inner[0]}?"
    seen = tables_seen(folder)
    if hint or seen:
        raise DataError("\n".join(filter(None, [f"{error}{hint}", seen]))) from error


def _known_table(folder: Path, choices: Choices) -> tuple[Path | None, list[Path]]:
    """Return the table that is the set's own by its name, or else a challenge's ground truths; (None, []) for neither.

    Raises:
        DataError: two readings are possible.
    """
    tables = [p for p in list_folder(folder) if p.is_file() and _is_table(p)]
    known = [p for p in tables if p.stem.casefold() in KNOWN_TABLES]
    if len({p.stem.casefold() for p in known}) == 1:  # metadata.csv beside metadata.parquet: the same
        known = sorted(known, key=lambda p: (".csv", "").count(p.suffix.lower()), reverse=True)[:1]
    if len(known) > 1:
        raise DataError(_ambiguous(folder, [p.name for p in known]))
    if known and has_labels(read_header(known[0]), choices):
        return known[0], []
    truths = find_truths(folder)
    return (None if truths else next(iter(known), None)), truths


def _other_table(folder: Path, taxonomy: Taxonomy, choices: Choices) -> Path | None:
    """Return the only table in a folder that names images and says what they show; one without labels if it is alone.

    Raises:
        DataError: two readings are possible.
    """
    found = candidates_in(folder, choices)
    others = found.usable or (found.unlabelled if len(found.unlabelled) == 1 else [])
    classes = [p.name for p in child_folders(folder) if _is_layout_folder(p, taxonomy)]
    if found.usable and classes:
        raise DataError(_ambiguous(folder, [*[p.name for p in others], f"the folders {name_offenders(classes)}"]))
    if len(others) > 1:
        raise DataError(_ambiguous(folder, [p.name for p in others]))
    unused = [f"{path.name} ({why})" for path, why in found.others.items()]
    unused += [f"{path.name} (no column says what the images show)" for path in found.unlabelled if path not in others]
    if others and unused:
        logger.warning("%s: %s is read; not used: %s", folder, others[0].name, name_offenders(unused))
    return None if classes else next(iter(others), None)


def _is_table(path: Path) -> bool:
    suffix = path.suffix.lower()
    is_ham = path.stem.casefold() == "ham10000_metadata" and suffix in {"", ".tab"}  # as the Dataverse delivers it
    return is_table(path) or is_ham


def _is_layout_folder(path: Path, taxonomy: Taxonomy) -> bool:
    is_named = path.name.casefold() in SPLIT_NAMES or taxonomy.has_target(path.name)
    return is_named and bool(walk_images(path).images)


def _looks_like_data(folder: Path, taxonomy: Taxonomy) -> bool:
    has_table = any(p.is_file() and _is_table(p) for p in list_folder(folder))
    return has_table or any(_is_layout_folder(p, taxonomy) for p in child_folders(folder))


def _ambiguous(folder: Path, readings: list[str]) -> str:
    return (
        f"{folder} can be read in {len(readings)} ways: by {', or by '.join(readings)}. "
        "Give the one you mean, or move the other elsewhere."
    )
