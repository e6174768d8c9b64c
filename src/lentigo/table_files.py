"""CSV and Parquet files as plain columns, without pandas: what can go wrong with the file itself is told here."""

import csv
from pathlib import Path
from typing import Any, Final

from lentigo.errors import ManifestError, MissingExtraError, name_offenders

__all__ = [
    "CSV_SUFFIXES", "PARQUET_SUFFIXES", "as_plain_text", "read_columns", "read_csv_rows", "read_header", "read_parquet",
]  # fmt: skip

CSV_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".tab")
PARQUET_SUFFIXES: Final = (".parquet", ".pq")
NO_VALUE: Final = frozenset({"", "nan", "n/a", "na", "none", "null", "<na>"})
_SEPARATORS: Final = (",", ";", "\t")
_NOT_UTF8: Final = "{path} is not UTF-8 text. Save it as UTF-8 CSV and try again."


def read_columns(path: Path) -> dict[str, list[Any]]:
    r"""Return the columns of a CSV (every value text) or Parquet file.

    Raises:
        ManifestError: the file is missing, empty, not UTF-8 or no table.
        MissingExtraError: a Parquet file, and pyarrow is not installed.

    Example:
        >>> _ = (folder / "a.csv").write_text("image_id;dx\nISIC_1;nv\n")
        >>> read_columns(folder / "a.csv")
        {'image_id': ['ISIC_1'], 'dx': ['nv']}
    """
    if not path.is_file():
        raise ManifestError(f"{path} does not exist. Check the path.")
    if path.suffix.lower() in PARQUET_SUFFIXES:
        table = read_parquet(path)
        names, columns = [str(name).strip() for name in table.column_names], [one.to_pylist() for one in table.columns]
    else:
        header, _, rows = read_csv_rows(path)
        names, columns = [name.strip() for name in header], [[*column] for column in zip(*rows, strict=True)]
    refuse_useless(path, names, len(columns[0]) if columns else 0)
    return dict(zip(names, columns, strict=True))


def refuse_useless(path: Path, names: list[str], n_rows: int) -> None:
    """Raise where a column stands twice in a table, or nothing below the header.

    Raises:
        ManifestError: see above.
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ManifestError(f"{path} has the column '{twice[0]}' twice. Rename or remove one.")
    if n_rows == 0:
        raise ManifestError(f"{path} has a header and no rows. Give at least one image.")


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
        return tuple(read_columns(path))
    first = _first_line(path)
    return tuple(name.strip().strip('"') for name in first.split(_separator(first)))


def read_csv_rows(path: Path) -> tuple[list[str], list[int], list[list[str]]]:
    """Return header, line of each row and rows of a CSV; rows without any value are left out, and keep their number.

    It is UTF-8; its separator (comma, semicolon or tab) is the one most frequent in the header.

    Raises:
        ManifestError: it is not UTF-8, or no table.
    """
    separator = _separator(_first_line(path))
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=separator, strict=True)
            header = next(reader)
            numbered = [(reader.line_num, row) for row in reader if any(value.strip() for value in row)]
    except UnicodeDecodeError as error:
        raise ManifestError(_NOT_UTF8.format(path=path)) from error
    except csv.Error as error:
        raise ManifestError(f"{path} is no table: line {reader.line_num}: {error}. Write it again as CSV.") from error
    uneven = [line for line, row in numbered if len(row) != len(header)]
    if uneven:
        raise ManifestError(
            f"{path} is no table: line{'s' if len(uneven) > 1 else ''} {name_offenders(uneven)} "
            f"should have {len(header)} fields as the header has. Correct these lines."
        )
    return header, [line for line, _ in numbered], [row for _, row in numbered]


def read_parquet(path: Path) -> Any:
    """Return a Parquet file as a table of pyarrow.

    Raises:
        ManifestError: it is no Parquet file.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("pyarrow", extra="parquet", purpose=f"read {path.name}") from error
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ManifestError(
            f"{path} is no Parquet table: {_one_line(error)}. Write it again, or give a CSV."
        ) from error


def as_plain_text(value: object) -> str | None:
    """Return a value as a stripped string, None where it is missing; 12.0 becomes "12" (an id read as a number).

    Example:
        >>> as_plain_text(12.0), as_plain_text(" n/a ")
        ('12', None)
    """
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return None if text.casefold() in NO_VALUE else text


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            line = stream.readline(1_000_000)
    except UnicodeDecodeError as error:
        raise ManifestError(_NOT_UTF8.format(path=path)) from error
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
    if not line.strip():
        raise ManifestError(f"{path} is empty. Its first line must name the columns.")
    if "\0" in line:
        raise ManifestError(_NOT_UTF8.format(path=path))
    return line.strip()


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)


def _one_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
