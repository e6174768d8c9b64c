"""Roboflow's multi-class export: in each folder of a split, `_classes.csv` has a column of 0 and 1 per class."""

from pathlib import Path
from typing import Final

import pandas as pd

from lentigo.data.manifest import as_text
from lentigo.errors import DataError, name_offenders
from lentigo.wording import counted

TABLE: Final = "_classes.csv"
# `IMG_1_jpg.rf.<hash>.jpg`: a version of IMG_1.jpg; augmentation makes several, in one split or in two.
VERSION: Final = ".rf."


def labelled(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a row per image with its `path` and the `label` that is marked; versions of one image are one lesion.

    Args:
        table: as it stands in the file.
        path: of the file; the images lie beside it.

    Raises:
        DataError: a row marks several classes, or none.
    """
    files = as_text(table[table.columns[0]])
    classes = [str(name) for name in table.columns[1:]]
    marks = table[classes].apply(pd.to_numeric, errors="coerce")
    is_wrong = (marks == 1).sum(axis=1) != 1
    if is_wrong.any():
        raise DataError(
            f"{path}: {counted(int(is_wrong.sum()), 'image has', 'images have')} no class or several: "
            f"{name_offenders(files[is_wrong])}. Give each one class in Roboflow, or delete these lines."
        )
    source = files.map(lambda name: name.partition(VERSION)[0] if VERSION in name else None, na_action="ignore")
    return pd.DataFrame({"path": files, "label": marks.idxmax(axis=1).astype(object), "lesion_id": source})
