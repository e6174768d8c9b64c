"""Derm7pt: `meta/meta.csv` names a dermoscopic and a clinical photograph of each case; three lists of rows split it."""

import logging
from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.manifest import as_text, read_table
from lentigo.errors import DataError
from lentigo.wording import counted

logger = logging.getLogger(__name__)

COLUMNS: Final = frozenset({"derm", "clinic", "diagnosis", "seven_point_score"})
FOLDER: Final = "meta"
LISTS: Final = {"train": "train_indexes.csv", "val": "valid_indexes.csv", "test": "test_indexes.csv"}


def find_derm7pt(folder: Path) -> Path | None:
    """Return the table of Derm7pt in a folder, in its `meta`, or in `release_v0/meta`; None where it is not.

    Example:
        >>> find_derm7pt(folder) is None
        True
    """
    places = (folder / "release_v0" / FOLDER, folder / FOLDER)
    return next((place / "meta.csv" for place in places if (place / "meta.csv").is_file()), None)


def dermoscopic_half(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a row per dermoscopic photograph, with the published split.

    Melanosis is benign and has no class of its own (BEN_OTH); cases that only say "miscellaneous" are left out.

    Args:
        table: as it stands in the file.
        path: of the file; the lists of the split lie beside it.

    Raises:
        DataError: the lists do not give every row one split.
    """
    said = as_text(table["diagnosis"]).str.casefold()
    rows = table.assign(
        image_id=table["derm"],
        lesion_id="case " + as_text(table["case_num"]) if "case_num" in table else None,
        diagnosis=table["diagnosis"].where(said != "melanosis", "BEN_OTH"),
        split=_split(table, path),
        image_type="dermoscopic",
        source="Derm7pt",
    )
    is_vague = said == "miscellaneous"
    if is_vague.any():
        logger.warning("%s: excluded %s whose diagnosis is 'miscellaneous'", path, counted(int(is_vague.sum()), "case"))
    logger.warning("%s: the dermoscopic half is read; the clinical photographs are not", path)
    return rows[~is_vague]


def _split(table: pd.DataFrame, path: Path) -> "pd.Series[str] | None":
    """Return the split of each row, None without the three lists of row numbers from 0.

    Raises:
        DataError: the lists leave rows out, or name one twice.
    """
    lists = {split: path.with_name(name) for split, name in LISTS.items()}
    if not all(file.is_file() for file in lists.values()):
        return None
    split = pd.Series([""] * len(table), index=table.index, dtype=object)
    n_given = 0
    for name, file in lists.items():
        numbers = pd.to_numeric(read_table(file).iloc[:, -1], errors="coerce")
        if not numbers.between(0, len(table) - 1).all():
            raise DataError(f"{file} names rows that {path.name} does not have. Download both again.")
        split.iloc[numbers.astype(int).tolist()] = name
        n_given += len(numbers)
    if n_given != len(table) or (split == "").any():
        raise DataError(
            f"{path.parent} lists {n_given} of the {counted(len(table), 'case')} of {path.name}, or a case twice. "
            "Download the lists again, or move the lists elsewhere and let lentigo make a split."
        )
    return split
