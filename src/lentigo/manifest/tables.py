"""CSV, Excel, JSON Lines and Parquet files as raw tables: what can go wrong with the file itself is told here."""

from pathlib import Path
from typing import Any, Final

import pandas as pd

from lentigo.errors import ManifestError, MissingExtraError, name_offenders
from lentigo.manifest.text_files import decimal_points, first_line, read_rows, separator_of
from lentigo.manifest.workbooks import read_json_lines, read_workbook

__all__ = ["CSV_SUFFIXES", "PARQUET_SUFFIXES", "TABLE_SUFFIXES", "parquet_schema", "read_header", "read_table"]

CSV_SUFFIXES = (".csv", ".tsv", ".txt", ".tab")
PARQUET_SUFFIXES = (".parquet", ".pq")
EXCEL_SUFFIXES: Final = (".xlsx", ".xlsm")
JSON_SUFFIXES: Final = (".jsonl", ".ndjson")
TABLE_SUFFIXES: Final = (*CSV_SUFFIXES, *PARQUET_SUFFIXES, *EXCEL_SUFFIXES, *JSON_SUFFIXES)


def read_table(path: Path) -> pd.DataFrame:
    r"""Return a table as it stands in a file, labelled by row number from 0; every value is text but in Parquet.

    A text table's separator (comma, semicolon, tab or bar) is the one most frequent in the header; its encoding is
    found (UTF-8, UTF-16, else Windows-1252, which is said). A decimal comma becomes a point in Excel's texts, and where
    the separator is not a comma. Of an Excel file the first sheet with a table is read. Rows without any value are left
    out, and keep their number.

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
    suffix = path.suffix.lower()
    if suffix in PARQUET_SUFFIXES:
        table = _read_parquet(path)
    elif suffix in EXCEL_SUFFIXES:
        header, numbered = read_workbook(path)
        decimal_points([row for _, row in numbered], len(header))
        table = _framed(path, header, numbered, offset=1)
    elif suffix in JSON_SUFFIXES:
        table = _framed(path, *read_json_lines(path), offset=1)
    else:
        table = _read_csv(path)
    names = [str(name).strip() for name in table.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ManifestError(f"{path} has the column '{twice[0]}' twice. Rename or remove one.")
    table.columns = pd.Index(names, dtype=object)
    if len(table) == 0:
        raise ManifestError(f"{path} has a header and no rows. Give at least one image.")
    return table


def read_header(path: Path) -> tuple[str, ...]:
    r"""Return the column names of a table; of a text file no more than the first lines are read.

    Raises:
        ManifestError: the file is missing, empty or not a table.
        MissingExtraError: a Parquet or Excel file, and pyarrow or openpyxl is not installed.

    Example:
        >>> _ = (folder / "a.csv").write_text("image_id,dx\n")
        >>> read_header(folder / "a.csv")
        ('image_id', 'dx')
    """
    suffix = path.suffix.lower()
    if suffix in PARQUET_SUFFIXES:
        return tuple(map(str, parquet_schema(path).names))
    if suffix in EXCEL_SUFFIXES:
        return tuple(read_workbook(path, header_only=True)[0])
    if suffix in JSON_SUFFIXES:
        return tuple(read_json_lines(path, header_only=True)[0])
    first = first_line(path)
    return tuple(name.strip().strip('"') for name in first.split(separator_of(first)))


def parquet_schema(path: Path) -> Any:
    """Return the schema of a Parquet file (of pyarrow), without its rows.

    Raises:
        ManifestError: the file is not Parquet.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("pyarrow", extra="parquet", purpose=f"read {path.name}") from error
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ManifestError(_not_parquet(path, error)) from error


def _read_csv(path: Path) -> pd.DataFrame:
    header, numbered, separator = read_rows(path)
    if separator != ",":
        rows = [row for _, row in numbered]
        decimal_points([row for row in rows if len(row) == len(header)], len(header))
    # A row is labelled by its line - 2, so that Problems names the right line also after quoted line breaks.
    return _framed(path, header, numbered, offset=2)


def _framed(path: Path, header: list[str], numbered: list[tuple[int, list[str]]], *, offset: int) -> pd.DataFrame:
    """Return rows as a table labelled by their number - offset.

    A column without a name is called by its place (`column_1`), or left out where it has no values either.

    Raises:
        ManifestError: rows have more or fewer fields than the header.
    """
    uneven = [line for line, row in numbered if len(row) != len(header)]
    if uneven:
        raise ManifestError(
            f"{path} is not a table: line{'s' if len(uneven) > 1 else ''} {name_offenders(uneven)} "
            f"should have {len(header)} fields as the header has. Correct these lines."
        )
    lines, rows = [line - offset for line, _ in numbered], [row for _, row in numbered]
    table = pd.DataFrame(rows, columns=pd.Index(header, dtype=object), index=pd.Index(lines, dtype=int), dtype=object)
    unnamed = [place for place, name in enumerate(header) if not name.strip()]
    empty = [place for place in unnamed if not any(row[place].strip() for row in rows)]
    if empty and len(table):
        table = table.iloc[:, [place for place in range(len(header)) if place not in empty]]
    kept = [name if name.strip() else f"column_{place + 1}" for place, name in enumerate(header) if place not in empty]
    return table.set_axis(pd.Index(kept, dtype=object), axis=1) if unnamed and len(table) else table


def _read_parquet(path: Path) -> pd.DataFrame:
    parquet_schema(path)  # says what is wrong with the file
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table: pd.DataFrame = pq.read_table(path).to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ManifestError(_not_parquet(path, error)) from error
    return table.reset_index(drop=True)


def _not_parquet(path: Path, error: Exception) -> str:
    return f"{path} is not a Parquet table: {_one_line(error)}. Write it again, or give a CSV."


def _one_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
