"""CSV and Parquet files as raw tables: what can go wrong with the file itself is told here."""

import csv
from pathlib import Path

import pandas as pd

from lentigo.errors import ManifestError, MissingExtraError, name_offenders

__all__ = ["CSV_SUFFIXES", "PARQUET_SUFFIXES", "read_header", "read_table"]

CSV_SUFFIXES = (".csv", ".tsv", ".txt", ".tab")
PARQUET_SUFFIXES = (".parquet", ".pq")
SEPARATORS = (",", ";", "\t")
NOT_UTF8 = "{path} is not UTF-8 text. Save it as UTF-8 CSV and try again."


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
    table = _read_parquet(path) if path.suffix.lower() in PARQUET_SUFFIXES else _read_csv(path)
    names = [str(name).strip() for name in table.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ManifestError(f"{path} has the column '{twice[0]}' twice. Rename or remove one.")
    table.columns = pd.Index(names, dtype=object)
    if len(table) == 0:
        raise ManifestError(f"{path} has a header and no rows. Give at least one image.")
    return table


def read_header(path: Path) -> tuple[str, ...]:
    r"""Return the column names of a CSV or Parquet file.

    Raises:
        ManifestError: the file is missing, empty, not UTF-8 or no table.
        MissingExtraError: a Parquet file, and pyarrow is not installed.

    Example:
        >>> _ = (folder / "a.csv").write_text("image_id,dx\n")
        >>> read_header(folder / "a.csv")
        ('image_id', 'dx')
    """
    if path.suffix.lower() in PARQUET_SUFFIXES:
        return tuple(read_table(path).columns)
    first = _first_line(path)
    return tuple(name.strip().strip('"') for name in first.split(_separator(first)))


def _read_csv(path: Path) -> pd.DataFrame:
    # A row is labelled by its line - 2, so that Problems names the right line also after quoted line breaks.
    separator = _separator(_first_line(path))
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=separator, strict=True)
            header = next(reader)
            numbered = [(reader.line_num, row) for row in reader if any(value.strip() for value in row)]
    except UnicodeDecodeError as error:
        raise ManifestError(NOT_UTF8.format(path=path)) from error
    except csv.Error as error:
        raise ManifestError(f"{path} is no table: line {reader.line_num}: {error}. Write it again as CSV.") from error
    uneven = [line for line, row in numbered if len(row) != len(header)]
    if uneven:
        raise ManifestError(
            f"{path} is no table: line{'s' if len(uneven) > 1 else ''} {name_offenders(uneven)} "
            f"should have {len(header)} fields as the header has. Correct these lines."
        )
    lines, rows = [line - 2 for line, _ in numbered], [row for _, row in numbered]
    return pd.DataFrame(rows, columns=pd.Index(header, dtype=object), index=pd.Index(lines, dtype=int), dtype=object)


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            line = stream.readline(1_000_000)
    except UnicodeDecodeError as error:
        raise ManifestError(NOT_UTF8.format(path=path)) from error
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
    if not line.strip():
        raise ManifestError(f"{path} is empty. Its first line must name the columns.")
    if "\0" in line:
        raise ManifestError(NOT_UTF8.format(path=path))
    return line.strip()


def _separator(header: str) -> str:
    return max(SEPARATORS, key=header.count)


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("pyarrow", extra="parquet", purpose=f"read {path.name}") from error
    try:
        table: pd.DataFrame = pq.read_table(path).to_pandas()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ManifestError(
            f"{path} is no Parquet table: {_one_line(error)}. Write it again, or give a CSV."
        ) from error
    return table.reset_index(drop=True)


def _one_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
