"""Any table file as plain columns: CSV, Excel, JSON Lines (every value text) and Parquet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from lentigo.errors import ManifestError, MissingExtraError, name_offenders
from lentigo.table_files._text_files import decimal_points, first_line, read_rows, separator_of

CSV_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".tab")
TABLE_KINDS: Final = "CSV, Excel, Parquet or JSON Lines"
"""What a table may be, in the words of every message."""
PARQUET_SUFFIXES: Final = (".parquet", ".pq")
EXCEL_SUFFIXES: Final = (".xlsx", ".xlsm")
JSON_SUFFIXES: Final = (".jsonl", ".ndjson")
TABLE_SUFFIXES: Final = (*CSV_SUFFIXES, *PARQUET_SUFFIXES, *EXCEL_SUFFIXES, *JSON_SUFFIXES)
NO_VALUE: Final = frozenset({"", "nan", "n/a", "na", "none", "null", "<na>"})

_LONGEST_NO_VALUE: Final = max(map(len, NO_VALUE))
_TEXT_OR_NOTHING: Final = {str, type(None)}
_HEAD: Final = 1000
"""Values by which a column of words is told from one of names."""


def read_columns(path: Path) -> dict[str, list[Any]]:
    r"""Return the columns of a table file; every value is text except in Parquet.

    Raises:
        ManifestError: the file is missing, empty or not a table.
        MissingExtraError: a Parquet or Excel file, and pyarrow or openpyxl is not installed.

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
        names, _, rows = read_named_rows(path)
        columns = [[*column] for column in zip(*rows, strict=True)]
    refuse_useless(path, names, len(columns[0]) if columns else 0)
    return dict(zip(names, columns, strict=True))


def read_named_rows(path: Path) -> tuple[list[str], list[int], list[list[str]]]:
    """Return column names, label of each row and rows of a text table, an Excel or a JSON Lines file.

    The label is the row's place from 0, as its line in the file counts, so that messages name the right line also after
    quoted line breaks. A column without a name is called by its place (`column_1`), or left out where it has no values
    either.

    Raises:
        ManifestError: it is not a table, or rows have more or fewer fields than the header.
        MissingExtraError: an Excel file, and openpyxl is not installed.
    """
    from lentigo.table_files._workbooks import read_json_lines, read_workbook  # and zipfile

    suffix, offset = path.suffix.lower(), 1
    if suffix in EXCEL_SUFFIXES:
        header, numbered = read_workbook(path)
        decimal_points([row for _, row in numbered], len(header))
    elif suffix in JSON_SUFFIXES:
        header, numbered = read_json_lines(path)
    else:
        header, numbered, separator = read_rows(path)
        offset = 2
        if separator != ",":
            decimal_points([row for _, row in numbered if len(row) == len(header)], len(header))
    uneven = [line for line, row in numbered if len(row) != len(header)]
    if uneven:
        raise ManifestError(
            f"{path} is not a table: line{'s' if len(uneven) > 1 else ''} {name_offenders(uneven)} "
            f"should have {len(header)} fields as the header has. Correct these lines."
        )
    labels, rows = [line - offset for line, _ in numbered], [row for _, row in numbered]
    unnamed = [place for place, name in enumerate(header) if not name.strip()]
    if unnamed and rows:
        empty = {place for place in unnamed if not any(row[place].strip() for row in rows)}
        kept = [place for place in range(len(header)) if place not in empty]
        header = [header[place] if header[place].strip() else f"column_{place + 1}" for place in kept]
        rows = [[row[place] for place in kept] for row in rows]
    return [name.strip() for name in header], labels, rows


def refuse_useless(path: Path, names: list[str], n_rows: int) -> None:
    """Raise if a column occurs twice in a table, or if it has no rows.

    Raises:
        ManifestError: see above.
    """
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ManifestError(f"{path} has the column '{twice[0]}' twice. Rename or remove one.")
    if n_rows == 0:
        raise ManifestError(f"{path} has a header and no rows. Give at least one image.")


def read_header(path: Path) -> tuple[str, ...]:
    r"""Return the column names of a table; only the first lines of a text file are read.

    Raises:
        ManifestError: the file is missing, empty or not a table.
        MissingExtraError: a Parquet or Excel file, and pyarrow or openpyxl is not installed.

    Example:
        >>> _ = (folder / "a.csv").write_text("image_id,dx\n")
        >>> read_header(folder / "a.csv")
        ('image_id', 'dx')
    """
    from lentigo.table_files._workbooks import read_json_lines, read_workbook

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
    return _parquet(path, "read_schema")


def read_parquet(path: Path) -> Any:
    """Return a Parquet file as a table of pyarrow.

    Raises:
        ManifestError: it is not a Parquet file.
        MissingExtraError: pyarrow is not installed.
    """
    return _parquet(path, "read_table")


def parquet_file(path: Path) -> Any:
    """Return a Parquet file (of pyarrow), opened to be read in pieces.

    Raises:
        ManifestError: it is not a Parquet file.
        MissingExtraError: pyarrow is not installed.
    """
    return _parquet(path, "ParquetFile")


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


def as_plain_texts(values: Sequence[Any]) -> list[str | None]:
    """Return what `as_plain_text` makes of each value; a column of texts, the usual one, takes a tenth of the time.

    Example:
        >>> as_plain_texts([12.0, " n/a ", "IL_1 "])
        ['12', None, 'IL_1']
    """
    kinds = set(map(type, values))
    if not kinds <= _TEXT_OR_NOTHING:
        return [as_plain_text(value) for value in values]
    head = values[:_HEAD]
    if 2 * len(set(head)) <= len(head):  # words that come again and again: each is looked at once
        words = {value: as_plain_text(value) for value in set(values)}
        return list(map(words.__getitem__, values))
    texts = values if kinds == {str} else ["" if value is None else value for value in values]
    return [text if len(text) > _LONGEST_NO_VALUE else as_plain_text(text) for text in map(str.strip, texts)]


def _parquet(path: Path, function: str) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("pyarrow", extra="parquet", purpose=f"read {path.name}") from error
    try:
        return getattr(pq, function)(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ManifestError(
            f"{path} is not a Parquet table: {_one_line(error)}. Write it again, or give a CSV."
        ) from error


def _one_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
