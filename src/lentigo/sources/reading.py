"""Recognising what a path holds, and reading it."""

import logging
import os
from pathlib import Path

from lentigo.errors import DataError, name_offenders
from lentigo.manifest import Manifest
from lentigo.manifest.tables import CSV_SUFFIXES, PARQUET_SUFFIXES, read_header
from lentigo.sources.aliases import has_images, has_labels
from lentigo.sources.arrays import unpack_arrays
from lentigo.sources.challenge import find_truths, read_challenge
from lentigo.sources.dicom_table import names_uids, read_dicom_table
from lentigo.sources.folders import SPLIT_NAMES, child_folders, is_class, read_class_folders
from lentigo.sources.tables import read_image_table
from lentigo.sources.targets import Task
from lentigo.sources.walking import IMAGE_SUFFIXES, is_dicom, list_folder, walk_images
from lentigo.taxonomy import Taxonomy

__all__ = ["read_data"]

logger = logging.getLogger(__name__)

TASKS = ("auto", "binary", "diagnosis")
# Tables that are the set's own by their name; any other table has to be the only one.
ARRAYS = ".npz"
KNOWN_TABLES = ("manifest", "metadata", "ham10000_metadata")


def read_data(data: str | Path, *, taxonomy: Taxonomy | None = None, task: Task = "auto") -> Manifest:
    """Return the manifest of a data set on disk, with every file found and every row checked.

    Args:
        data: a folder of classes (with or without train/val/test above them), a CSV or Parquet table, what `lentigo
            fetch` left, a HAM10000, ISIC or PAD-UFES-20 folder, dermamnist.npz, a folder with a manifest.csv, or DICOM
            photographs in class folders or with a table of their UIDs. docs/data.md has the layouts and the columns.
        taxonomy: the meaning of diagnoses and the side of each; the default puts AK on the benign side and AKIEC on the
            malignant one.
        task: "diagnosis" to tell diagnoses apart, "binary" for benign and malignant, "auto" for what the data state:
            the `target` column or the folders' names; otherwise the diagnosis when every image has one and there are
            more than two (or two of the same side), else binary.

    Returns:
        The manifest; splits are missing unless the data give them. Leaks between given splits are not looked for: see
        `lentigo.manifest.check_leaks`.

    Raises:
        DataError: nothing there, more than one way to read it, or rows that cannot be used. Every problem of a table is
            named, with its line.
        MissingExtraError: a Parquet table, and pyarrow is not installed.

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
        raise DataError(f"{path} does not exist. Give a folder of images, or a CSV or Parquet table of them.")
    if path.is_dir():
        return _read_folder(path, taxonomy, task)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise DataError(f"{path} is one image. Give a folder of images, or a CSV or Parquet table of them.")
    if path.suffix.lower() == ARRAYS:
        return read_image_table(unpack_arrays(path), taxonomy=taxonomy, task=task)
    if path.suffix.lower() not in (*CSV_SUFFIXES, *PARQUET_SUFFIXES):
        raise DataError(
            f"{path} is no table: its name must end in {', '.join((*CSV_SUFFIXES[:2], PARQUET_SUFFIXES[0]))}."
        )
    if names_uids(read_header(path)):
        return read_dicom_table(path.absolute().parent, path, taxonomy=taxonomy, task=task)
    return read_image_table(path, taxonomy=taxonomy, task=task)


def _read_folder(folder: Path, taxonomy: Taxonomy, task: Task) -> Manifest:
    if not list_folder(folder):
        raise DataError(f"{folder} is empty. Put one folder of images per class into it, or a table of images.")
    table, truths = _find_table(folder, taxonomy)
    if truths:
        return _accounted(folder, read_challenge(folder, truths, taxonomy=taxonomy, task=task))
    if table is not None and names_uids(read_header(table)):
        return read_dicom_table(folder, table, taxonomy=taxonomy, task=task)
    if table is not None:
        return _accounted(folder, read_image_table(table, taxonomy=taxonomy, task=task))
    arrays = [path for path in list_folder(folder) if path.suffix.lower() == ARRAYS]
    if arrays:
        return read_data(arrays[0], taxonomy=taxonomy, task=task)
    try:
        return read_class_folders(folder, taxonomy=taxonomy, task=task)
    except DataError as error:
        n_dicom = sum(is_dicom(image) for image in walk_images(folder).images)
        if n_dicom:
            raise DataError(
                f"{folder} has {n_dicom} DICOM files and nothing that says what they show. Put a table with columns "
                "sop_instance_uid and diagnosis beside them, or one folder per class around them."
            ) from error
        inner = [child for child in child_folders(folder) if _looks_like_data(child, taxonomy)]
        if len(inner) == 1 and not is_class(inner[0].name, taxonomy) and inner[0].name.casefold() not in SPLIT_NAMES:
            raise DataError(f"{error} Or did you mean {inner[0]}?") from error
        raise


def _accounted(folder: Path, manifest: Manifest) -> Manifest:
    """Return the manifest, after a word on the images below its folder that no table names."""
    used = set(map(os.path.normpath, manifest.table["path"]))
    unused = [path for path in walk_images(folder).images if os.path.abspath(path) not in used]  # noqa: PTH100
    if unused:
        logger.warning(
            "%s: %d images are in no row that is used: %s",
            folder,
            len(unused),
            name_offenders(path.relative_to(folder) for path in unused),
        )
    return manifest


def _find_table(folder: Path, taxonomy: Taxonomy) -> tuple[Path | None, list[Path]]:
    """Return the table that describes the folder's images, or else a challenge's ground truths; (None, []) for neither.

    Raises:
        DataError: two readings are possible.
    """
    tables = [p for p in list_folder(folder) if p.is_file() and _is_table(p)]
    known = [p for p in tables if p.stem.casefold() in KNOWN_TABLES]
    if len(known) > 1:
        raise DataError(_ambiguous(folder, [p.name for p in known]))
    if known and has_labels(read_header(known[0])):
        return known[0], []
    truths = find_truths(folder)
    if known or truths:
        return (None if truths else known[0]), truths
    others = [p for p in tables if has_images(read_header(p))]
    classes = [p.name for p in child_folders(folder) if _is_layout_folder(p, taxonomy)]
    if others and classes:
        raise DataError(_ambiguous(folder, [*[p.name for p in others], f"the folders {name_offenders(classes)}"]))
    if len(others) > 1:
        raise DataError(_ambiguous(folder, [p.name for p in others]))
    return (others[0] if others else None), []


def _is_table(path: Path) -> bool:
    suffix = path.suffix.lower()
    is_ham = path.stem.casefold() == "ham10000_metadata" and suffix in {"", ".tab"}  # as the Dataverse delivers it
    return suffix in {".csv", ".tsv", *PARQUET_SUFFIXES} or is_ham


def _is_layout_folder(path: Path, taxonomy: Taxonomy) -> bool:
    is_named = path.name.casefold() in SPLIT_NAMES or is_class(path.name, taxonomy)
    return is_named and bool(walk_images(path).images)


def _looks_like_data(folder: Path, taxonomy: Taxonomy) -> bool:
    has_table = any(p.is_file() and _is_table(p) for p in list_folder(folder))
    return has_table or any(_is_layout_folder(p, taxonomy) for p in child_folders(folder))


def _ambiguous(folder: Path, readings: list[str]) -> str:
    return (
        f"{folder} can be read in {len(readings)} ways: by {', or by '.join(readings)}. "
        "Point at the one you mean, or move the other elsewhere."
    )
