"""Table files as raw tables of pandas."""

from pathlib import Path

import pandas as pd

from lentigo.errors import ManifestError
from lentigo.table_files import PARQUET_SUFFIXES, read_named_rows, read_parquet, refuse_useless


def read_table(path: Path) -> pd.DataFrame:
    r"""Return the table in a file, labelled by row number from 0; every value is text except in Parquet.

    A text table's separator (comma, semicolon, tab or bar) is the one most frequent in the header; its encoding is
    found (UTF-8, UTF-16, else Windows-1252, which is said), and a decimal comma becomes a point where the separator
    is not a comma, and in Excel's texts. Of an Excel file the first sheet with a table is read. Rows without any value
    are left out, and keep their number.

    Raises:
        ManifestError: the file is missing, empty or not a table.
        MissingExtraError: a Parquet or Excel file, and pyarrow or openpyxl is not installed.

    Example:
        >>> _ = (folder / "a.csv").write_text("image_id;dx;age\nISIC_1;nv;54,5\n")
        >>> read_table(folder / "a.csv").to_dict("list")
        {'image_id': ['ISIC_1'], 'dx': ['nv'], 'age': ['54.5']}
    """
    if not path.is_file():
        raise ManifestError(f"{path} does not exist. Check the path.")
    if path.suffix.lower() in PARQUET_SUFFIXES:
        table: pd.DataFrame = read_parquet(path).to_pandas().reset_index(drop=True)
    else:
        header, labels, rows = read_named_rows(path)
        table = pd.DataFrame(
            rows, columns=pd.Index(header, dtype=object), index=pd.Index(labels, dtype=int), dtype=object
        )
    names = [str(name).strip() for name in table.columns]
    refuse_useless(path, names, len(table))
    table.columns = pd.Index(names, dtype=object)
    return table
