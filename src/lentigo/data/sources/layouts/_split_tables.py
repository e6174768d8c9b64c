"""A table per split: in a folder per split (Hugging Face image folders, Roboflow), or a file per split in one folder.

Also Parquet shards, `train-00000-of-00003.parquet`, beside each other or in `data/`, which may all be of one split.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.manifest import SPLITS
from lentigo.data.sources._folders import SPLIT_NAMES, child_folders
from lentigo.data.sources.layouts._candidates import candidates_in
from lentigo.data.sources.layouts._splits import split_of
from lentigo.table_files import PARQUET_SUFFIXES
from lentigo.taxonomy import Taxonomy

SplitTables = Mapping[str | None, Sequence[Path]]
PARQUET_FOLDER: Final = "data"


def find_split_tables(folder: Path, taxonomy: Taxonomy) -> SplitTables:
    r"""Return the tables of each split, in the order of the splits; empty where the folder has no such layout.

    Args:
        folder: to look in; images lie in the tables' folders.
        taxonomy: for class folders, which come first where they hold the images.

    Example:
        >>> for name in ("train", "test"):
        ...     (folder / f"{name}.csv").write_text("path,dx\n")
        8
        8
        >>> list(find_split_tables(folder, Taxonomy()))
        ['train', 'test']
    """
    return _in_folders(folder, taxonomy) or _by_name(folder) or _by_name(folder / PARQUET_FOLDER)


def joined(parts: Mapping[str | None, Sequence[pd.DataFrame]]) -> pd.DataFrame:
    """Return the rows of all parts with their split; an id that several parts use gets the split's name in front."""
    tables = [part.assign(split=split) if split else part for split, some in parts.items() for part in some]
    table = pd.concat(tables, ignore_index=True)
    if set(parts) == {None}:
        return table
    is_shared = table["image_id"].duplicated(keep=False)
    return table.assign(image_id=table["image_id"].where(~is_shared, table["split"] + "-" + table["image_id"]))


def _in_folders(folder: Path, taxonomy: Taxonomy) -> SplitTables:
    found: dict[str | None, list[Path]] = {}
    for child in child_folders(folder):
        split = SPLIT_NAMES.get(child.name.casefold())
        if split is None or any(taxonomy.has_target(inner.name) for inner in child_folders(child)):
            continue
        tables = candidates_in(child).usable
        if len(tables) == 1:
            found.setdefault(split, []).extend(tables)
    return _ordered(found) if all(len(tables) == 1 for tables in found.values()) else {}


def _by_name(folder: Path) -> SplitTables:
    if not folder.is_dir():
        return {}
    tables = candidates_in(folder).usable
    found: defaultdict[str | None, list[Path]] = defaultdict(list)
    for table in tables:
        found[split_of(table.stem)].append(table)
    is_parquet = bool(tables) and all(table.suffix.lower() in PARQUET_SUFFIXES for table in tables)
    if is_parquet and len(found) == 1 and len(tables) > 1:
        return {None: tables}
    if None in found or len(found) < 2:
        return {None: tables} if is_parquet and len(tables) == 1 and folder.name == PARQUET_FOLDER else {}
    if not is_parquet and any(len(some) > 1 for some in found.values()):
        return {}
    return _ordered(found)


def _ordered(found: Mapping[str | None, list[Path]]) -> SplitTables:
    return {split: found[split] for split in SPLITS if split in found}
