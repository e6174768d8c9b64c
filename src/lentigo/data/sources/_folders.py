"""Class folders, with or without a folder for each split above them."""

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.manifest import SIDES, SPLITS, Manifest, Problems
from lentigo.data.sources._labels import report_worded
from lentigo.data.sources._targets import Task, add_target
from lentigo.errors import DataError, clip, name_offenders
from lentigo.images import is_dicom, list_folder, loose_files, report_others, strip_suffix, walk_images
from lentigo.taxonomy import Taxonomy
from lentigo.wording import counted

logger = logging.getLogger(__name__)

SPLIT_NAMES: Final = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}


def read_class_folders(folder: Path, *, taxonomy: Taxonomy, task: Task) -> Manifest:
    """Return the manifest of `folder/<class>/...` or `folder/<split>/<class>/...`.

    Args:
        folder: a folder whose children are named after splits, or after classes: diagnoses, "benign", "malignant".
        taxonomy: the meaning of the class folders' names.
        task: see `read_data`.

    Raises:
        DataError: folders that are not a class, no images, or one class only.
    """
    split_folders = _split_folders(folder)
    rows: list[tuple[Path, str, str | None]] = []
    others: list[tuple[Path, str]] = []
    for split, place in split_folders:
        for child in child_folders(place):
            found = walk_images(child)
            if not found.images:
                logger.warning("%s holds no images and is ignored", child)
            others += found.others
            rows += [(image, child.name, split) for image in found.images]
    places = dict.fromkeys([folder, *(place for _, place in split_folders)])
    report_others(folder, [*(pair for place in places for pair in loose_files(place)), *others])
    if not rows and (n_loose := len(walk_images(folder).images)):
        raise DataError(
            f"{folder} has {counted(n_loose, 'image')}, but no class folders around them and no table (metadata.csv, "
            f"...) that gives their diagnoses. Put them into one folder per class, such as {folder.name}/benign and "
            f"{folder.name}/malignant, or add a table."
        )
    if not rows:
        raise DataError(
            f"{folder} has no images. Put them into one folder per class, such as {folder.name}/benign and "
            f"{folder.name}/malignant, or give a table."
        )
    counts = Counter(name for _, name, _ in rows)
    listed = ", ".join(f"{clip(name)} ({n:,})" for name, n in sorted(counts.items()))
    logger.info("%s: target from the class folders %s.", folder, listed)
    meanings = _class_meanings(folder, [name for _, name, _ in rows], taxonomy)
    targets = pd.Series([meanings[name] for _, name, _ in rows], dtype=object)
    is_side = targets.isin(SIDES)
    table = pd.DataFrame(
        {
            "image_id": _ids([image for image, _, _ in rows], folder),
            "path": [str(image.absolute()) for image, _, _ in rows],
            "diagnosis": targets.where(~is_side, None),
            "stated": targets.where(is_side, None),
            "side": None,
            "split": pd.Series([split for _, _, split in rows], dtype=object),
        }
    )
    if any(is_dicom(image) for image, _, _ in rows):
        from lentigo.data.sources._dicom import add_dicom

        table = add_dicom(table)
    return Manifest(add_target(table, str(folder), taxonomy=taxonomy, task=task), origin=str(folder))


def child_folders(folder: Path) -> list[Path]:
    """Return the visible folders in a folder, sorted by name."""
    return [path for path in list_folder(folder) if path.is_dir()]


def _split_folders(folder: Path) -> list[tuple[str | None, Path]]:
    """Return (split, folder) pairs, train first; (None, folder) where there are no split folders.

    Raises:
        DataError: class folders stand beside split folders, or two folders stand for one split.
    """
    children = child_folders(folder)
    splits = [child for child in children if child.name.casefold() in SPLIT_NAMES]
    splits.sort(key=lambda child: SPLITS.index(SPLIT_NAMES[child.name.casefold()]))
    if not splits:
        return [(None, folder)]
    strangers = [child.name for child in children if child not in splits and walk_images(child).images]
    if strangers:
        raise DataError(
            f"{folder} can be read in two ways: folders of splits ({name_offenders(p.name for p in splits)}) or of "
            f"classes ({name_offenders(strangers)}). Move one kind elsewhere."
        )
    names = [SPLIT_NAMES[child.name.casefold()] for child in splits]
    for name in names:
        if names.count(name) > 1:
            same = [child.name for child, split in zip(splits, names, strict=True) if split == name]
            raise DataError(
                f"{folder} has {counted(len(same), 'folder')} for the split '{name}': {', '.join(same)}. Keep one."
            )
    return list(zip(names, splits, strict=True))


def _class_meanings(folder: Path, names: Sequence[str], taxonomy: Taxonomy) -> dict[str, str]:
    """Return what each class folder's name means.

    Raises:
        DataError: names that are not known; every one is named.
    """
    distinct = sorted(set(names))
    known = [name for name in distinct if taxonomy.has_target(name)]
    if not known:
        raise DataError(
            f"{folder} has {counted(len(names), 'image')} but no table of them (metadata.csv, manifest.csv, ...) and "
            f"no class folders: {name_offenders(repr(name) for name in distinct)} is not a diagnosis. Name the folders "
            "benign and malignant or by diagnosis, or add a table."
        )
    problems, meanings = Problems(str(folder)), {}
    for name in distinct:
        try:
            meanings[name] = taxonomy.target(name)
        except DataError as error:
            problems.note(f"{folder / name}: {error}")
    problems.raise_any(DataError)
    report_worded(pd.Series(names, dtype=object), taxonomy, str(folder))
    return meanings


def _ids(images: Sequence[Path], folder: Path) -> list[str]:
    """Return file stems where they are unique, otherwise the path below `folder`: "train-benign-592"."""
    stems = [strip_suffix(image.name) for image in images]
    if len(set(stems)) == len(stems):
        return stems
    below = [image.relative_to(folder).parts for image in images]
    ids = ["-".join([*parts[:-1], strip_suffix(parts[-1])]) for parts in below]
    return ids if len(set(ids)) == len(ids) else ["-".join(parts) for parts in below]
