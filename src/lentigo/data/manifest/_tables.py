"""Table files as raw tables of pandas, and tables as CSV."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from lentigo.errors import ManifestError
from lentigo.storage import is_formula
from lentigo.table_files import (
    CSV_SUFFIXES,
    PARQUET_SUFFIXES,
    read_named_rows,
    read_parquet,
    read_plain_columns,
    refuse_useless,
)

_FORMULA_STARTS = frozenset("=+-@\t\r")
_ROWS_AT_ONCE = 50_000


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
    elif path.suffix.lower() in CSV_SUFFIXES and (plain := read_plain_columns(path)) is not None:
        columns = {place: pd.Series(column, dtype=object) for place, column in enumerate(plain[1])}
        table = pd.DataFrame(columns)
        table.columns = pd.Index(plain[0], dtype=object)
    else:
        header, labels, rows = read_named_rows(path)
        table = pd.DataFrame(
            rows, columns=pd.Index(header, dtype=object), index=pd.Index(labels, dtype=int), dtype=object
        )
    names = [str(name).strip() for name in table.columns]
    refuse_useless(path, names, len(table))
    table.columns = pd.Index(names, dtype=object)
    return table


def has_formula(values: Iterable[object]) -> bool:
    """Return whether a spreadsheet would take one of the texts for a formula.

    Example:
        >>> has_formula(["a", None, "=1"]), has_formula(["-0.5", 3])
        (True, False)
    """
    return any(is_formula(value) for value in values if isinstance(value, str) and value[:1] in _FORMULA_STARTS)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as `DataFrame.to_csv` does, in half its time for columns of text.

    Numbers are formatted by pandas; texts are handed to the csv writer that pandas uses itself.
    """
    others = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    if not all(_is_text(table[name].tolist()) for name in others):
        table.to_csv(path, index=False, lineterminator="\n")
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table.columns)
        for start in range(0, len(table), _ROWS_AT_ONCE):
            some = table.iloc[start : start + _ROWS_AT_ONCE]
            writer.writerows(zip(*(_cells(some[name]) for name in some.columns), strict=True))


def _is_text(values: list[object]) -> bool:
    return set(map(type, values)) <= {str, type(None)}


def _cells(column: "pd.Series[Any]") -> list[object]:
    if not pd.api.types.is_numeric_dtype(column):  # booleans count as numbers; None is written as nothing
        return column.tolist()
    cells = column.to_frame().to_csv(index=False, header=False, lineterminator="\n").split("\n")[:-1]
    return ["" if cell == '""' else cell for cell in cells]
