"""A ground truth per lesion (MILK10k, ISIC 2025): another table says which photographs show the lesion."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from lentigo.data.manifest import as_text, read_table
from lentigo.data.sources._aliases import field_of, has_images
from lentigo.errors import DataError, name_offenders
from lentigo.table_files import read_header
from lentigo.wording import counted


def is_per_lesion(columns: Sequence[str]) -> bool:
    """Return whether a table of these columns names lesions and no images.

    Example:
        >>> is_per_lesion(("lesion_id", "MEL", "NV")), is_per_lesion(("image", "lesion_id", "MEL"))
        (True, False)
    """
    return not has_images(columns) and any(field_of(name) == "lesion_id" for name in columns)


def per_image(truth: Path, tables: Sequence[Path]) -> tuple[pd.DataFrame, Path]:
    """Return the rows of all photographs of the lesions in a ground truth, and the table that names them.

    Args:
        truth: a row per lesion.
        tables: that may name the photographs: the one with most of the lesions is taken.

    Raises:
        DataError: no table names photographs of these lesions, or a lesion has none.
    """
    answers = read_table(truth)
    lesion = as_text(answers[_lesion_column(list(answers.columns))])
    candidates = []
    for table in tables:
        columns = read_header(table)
        if has_images(columns) and any(field_of(name) == "lesion_id" for name in columns):
            rows = read_table(table)
            ids = as_text(rows[_lesion_column(list(rows.columns))])
            candidates.append((int(lesion.isin(ids).sum()), table, rows, ids))
    n_known, path, rows, ids = max(candidates, key=lambda entry: entry[0], default=(0, truth, answers, lesion))
    if not n_known:
        raise DataError(
            f"{truth} lists lesions, not images, and no table beside it links lesions to images. Put the "
            "metadata of the same set there (columns lesion_id and isic_id)."
        )
    if n_known < len(lesion):
        absent = lesion[~lesion.isin(ids)]
        raise DataError(
            f"{path} has no image of {counted(len(absent), 'lesion')} "
            f"of {truth.name}: {name_offenders(absent)}. Complete it."
        )
    is_answered = ids.isin(lesion)
    place = pd.Index(lesion).get_indexer(pd.Index(ids[is_answered]))
    new = answers[[name for name in answers.columns if name not in rows]].iloc[place].set_axis(ids.index[is_answered])
    return pd.concat([rows[is_answered], new], axis=1), path


def _lesion_column(columns: Iterable[str]) -> str:
    return next(str(name) for name in columns if field_of(str(name)) == "lesion_id")
