"""CSV and Parquet files as raw tables of pandas."""

from pathlib import Path

import pandas as pd

from lentigo.errors import ManifestError
from lentigo.table_files import (
    CSV_SUFFIXES,
    PARQUET_SUFFIXES,
    read_csv_rows,
    read_header,
    read_parquet,
    refuse_useless,
)

__all__ = ["CSV_SUFFIXES", "PARQUET_SUFFIXES", "read_header", "read_table"]


def read_table(path: Path) -> pd.DataFrame:
    r"""Return a table as it stands in a CSV (every value text) or Parquet file, labelled by row number from 0.

    The CSV is UTF-8; its separator (comma, semicolon or tab) is the one most frequent in the header. Rows without any
    value are left out, and keep their number.

    Raises:
        ManifestError: the file is missing, empty, not UTF-8 or no table.
        MissingExtraError: a Parquet file, and pyarrow is not installed.

    Example:
        >>> _ = (folder / "a.csv").write_text("image_id;dx\nISIC_1;nv\n")
        >>> read_table(folder / "a.csv").to_dict("list")
        {'image_id': ['ISIC_1'], 'dx': ['nv']}
    """
    if not path.is_file():
        raise ManifestError(f"{path} does not exist. Check the path.")
    if path.suffix.lower() in PARQUET_SUFFIXES:
        table: pd.DataFrame = read_parquet(path).to_pandas().reset_index(drop=True)
    else:
        header, lines, rows = read_csv_rows(path)
        # A row is labelled by its line - 2, so that Problems names the right line also after quoted line breaks.
        labels = pd.Index([line - 2 for line in lines], dtype=int)
        table = pd.DataFrame(rows, columns=pd.Index(header, dtype=object), index=labels, dtype=object)
    names = [str(name).strip() for name in table.columns]
    refuse_useless(path, names, len(table))
    table.columns = pd.Index(names, dtype=object)
    return table
