"""An ISIC challenge as it is downloaded: a ground truth for each split, tables of the same images, folders of images.

Ground truths lie beside the image folders (2016, 2017, 2019, 2020, 2024) or each in a folder of its own (2018), and the
metadata in the image folders (2017, 2024); so tables are looked for two folders deep.
"""

import filecmp
import logging
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.manifest import SPLITS, Manifest
from lentigo.data.sources._aliases import ONE_HOT, has_images
from lentigo.data.sources._choices import NOBODY, Choices
from lentigo.data.sources._folders import SPLIT_NAMES
from lentigo.data.sources._tables import finish_rows, image_rows
from lentigo.data.sources._targets import Task, to_manifest
from lentigo.data.sources.layouts import is_per_lesion, per_image
from lentigo.errors import DataError, name_offenders
from lentigo.images import HIDDEN, UNLISTABLE
from lentigo.table_files import read_header
from lentigo.taxonomy import Taxonomy
from lentigo.wording import counted

logger = logging.getLogger(__name__)

DEPTH: Final = 2


def find_truths(folder: Path) -> list[Path]:
    """Return the ground truths (`*GroundTruth*.csv`) in a folder and in the folders in it.

    Example:
        >>> (folder / "ISIC_2019_Training_GroundTruth.csv").touch()
        >>> [path.name for path in find_truths(folder)]
        ['ISIC_2019_Training_GroundTruth.csv']
    """
    return [path for path in _tables(folder) if "groundtruth" in path.stem.casefold()]


def read_challenge(
    folder: Path, truths: Sequence[Path], *, taxonomy: Taxonomy, task: Task, choices: Choices = NOBODY
) -> Manifest:
    """Return the manifest of a challenge's folder; where it has several ground truths, they are the splits.

    Images of a class that training does not have (UNK in the test set of 2019) are left out with a warning.

    Args:
        folder: images are looked for anywhere below it.
        truths: as `find_truths` finds them.
        taxonomy: the meaning of the diagnoses.
        task: see `read_data`.
        choices: what the user says about columns and rows.

    Raises:
        DataError: two ground truths for one split, one image in two splits, or rows that cannot be used.
    """
    by_split = _one_for_each_split(folder, truths)
    companions = tuple(path for path in _tables(folder) if path not in truths and _is_companion(path))
    parts = []
    for split, truth in by_split.items():
        if is_per_lesion(read_header(truth)):
            raw, source = per_image(truth, companions)
            further = tuple(path for path in companions if path != source)
            rows = finish_rows(raw, source, root=folder, companions=further, taxonomy=taxonomy, choices=choices)
        else:
            rows = image_rows(truth, root=folder, companions=companions, taxonomy=taxonomy, choices=choices)
        parts.append(rows if split is None else rows.assign(split=split))
    if len(parts) == 1:
        return to_manifest(parts[0], str(truths[0]), taxonomy=taxonomy, task=task, choices=choices)
    table = pd.concat(parts, ignore_index=True)
    twice = table["image_id"][table["image_id"].duplicated()]
    if len(twice):
        raise DataError(
            f"{folder}: {counted(len(twice), 'image is', 'images are')} in "
            f"two ground truths: {name_offenders(twice)}. Keep one table."
        )
    table = _without_strangers(table, folder)
    return to_manifest(table, str(folder), taxonomy=taxonomy, task=task, choices=choices)


def _tables(folder: Path, depth: int = DEPTH) -> list[Path]:
    """Return the CSV files in a folder and in the folders in it, sorted; names only, for there may be many images.

    Raises:
        DataError: a folder cannot be listed.
    """

    def walk(place: str, left: int) -> Iterator[str]:
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.name.startswith(HIDDEN):
                    continue
                if entry.name.lower().endswith(".csv"):
                    yield entry.path
                elif left and entry.is_dir():
                    yield from walk(entry.path, left - 1)

    try:
        return sorted(map(Path, walk(str(folder), depth)))
    except OSError as error:
        raise DataError(UNLISTABLE.format(folder=error.filename, reason=error.strerror)) from error


def _one_for_each_split(folder: Path, truths: Sequence[Path]) -> dict[str | None, Path]:
    """Return the ground truth of each split in their order; {None: it} where there is only one.

    Raises:
        DataError: two that differ for one split, or of two years.
    """
    years = {year for path in truths for year in re.findall(r"20\d\d", path.stem)}
    found: defaultdict[str | None, list[Path]] = defaultdict(list)
    for path in truths:
        words = re.split(r"[^a-z]+", path.stem.casefold())
        found[next((SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES), None)].append(path)
    chosen = {split: _latest(paths) for split, paths in found.items()}
    unclear = [path for paths in chosen.values() if len(paths) > 1 for path in paths]
    if len(years) > 1 or (len(chosen) > 1 and None in chosen):
        unclear = list(truths)
    if unclear:
        listed = ", or by ".join(str(path.relative_to(folder)) for path in unclear)
        raise DataError(
            f"{folder} can be read in {len(unclear)} ways: by {listed}. Give the one you mean, or move the other "
            "elsewhere."
        )
    if len(chosen) == 1:
        return {None: next(iter(chosen.values()))[0]}
    return {split: chosen[split][0] for split in SPLITS if split in chosen}


def _latest(paths: Sequence[Path]) -> list[Path]:
    """Return those of the highest version (`..._v2`), one of those that are the same byte for byte."""

    def version(path: Path) -> int:
        return max((int(number) for number in re.findall(r"_v(\d+)", path.stem)), default=1)

    newest = [path for path in paths if version(path) == max(map(version, paths))]
    if all(filecmp.cmp(newest[0], path, shallow=False) for path in newest[1:]):
        return newest[:1]
    return newest


def _is_companion(path: Path) -> bool:
    """Return whether a table beside a ground truth adds to it (ages, lesions) and is no second ground truth."""
    columns = read_header(path) if path.stat().st_size else ()
    return has_images(columns) and len(set(columns) & set(ONE_HOT)) < 2


def _without_strangers(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    is_train = table["split"] == "train"
    is_strange = (table["diagnosis"] == "UNK") & ~is_train
    if not is_strange.any() or (table["diagnosis"] == "UNK")[is_train].any():
        return table
    logger.warning(
        "%s: excluded %s outside the training set, of a class that is not in it (UNK)",
        folder,
        counted(int(is_strange.sum()), "image"),
    )
    return table[~is_strange].reset_index(drop=True)
