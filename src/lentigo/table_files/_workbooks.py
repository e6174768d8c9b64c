"""Excel workbooks and JSON Lines as rows of text, so that all that is behind a table reads them as it reads a CSV."""

import datetime as dt
import itertools
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile

from lentigo.errors import ManifestError, MissingExtraError, name_offenders

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

logger = logging.getLogger(__name__)

# A header stands among the first rows; above it may be a title or a legend.
LOOK_AT: Final = 30


def read_workbook(path: Path, *, header_only: bool = False) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header and the numbered rows of the first sheet of an Excel file that has a table.

    The header is the first row with two filled cells or more; numbers, dates and truth values become text.

    Args:
        path: .xlsx or .xlsm.
        header_only: stop after the header; no rows are returned.

    Raises:
        ManifestError: damaged, or no sheet with a table.
        MissingExtraError: openpyxl is not installed.
    """
    with _opened(path) as book:
        names = []
        found: tuple[list[str], list[tuple[int, list[str]]]] | None = None
        for sheet in book.worksheets:
            rows = sheet_rows(sheet)
            head = next((row for row in itertools.islice(rows, LOOK_AT) if sum(map(bool, row[1])) > 1), None)
            if head is None:
                continue
            names.append(sheet.title)
            if found is None:
                header = head[1][: max(i for i, name in enumerate(head[1]) if name) + 1]
                width = len(header)
                body = [] if header_only else [(n, _fitted(row, width)) for n, row in rows if any(row[:width])]
                found = header, body
    if found is None:
        raise ManifestError(f"{path} has no sheet with a table: no row with two filled cells. Give a header and rows.")
    if len(names) > 1 and not header_only:
        logger.warning(
            "%s: sheet '%s' was read; also there: %s. Save another sheet as CSV to use it.",
            path,
            names[0],
            name_offenders(repr(name) for name in names[1:]),
        )
    return found


def sheet_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield each row of a sheet as text, with its number from 1."""
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        yield number, [text_of(value) for value in row]


def text_of(value: object) -> str:
    """Return a cell as the text that a CSV would have; 12.0 is "12".

    Example:
        >>> text_of(12.0), text_of(True), text_of(None), text_of(dt.date(2026, 1, 2))
        ('12', 'True', '', '2026-01-02')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).strip()


def read_json_lines(path: Path, *, header_only: bool = False) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the keys and the numbered rows of a file with one JSON object per line.

    Args:
        path: .jsonl or .ndjson.
        header_only: look at the first 100 lines for keys; no rows are returned.

    Raises:
        ManifestError: a line is not a JSON object.
    """
    objects: list[tuple[int, dict[str, Any]]] = []
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(itertools.islice(stream, 100 if header_only else None), 1):
                if line.strip():
                    objects.append((number, _object(path, number, line)))
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path} cannot be read as JSON Lines: {error}. Write it again in UTF-8.") from error
    if not objects:
        raise ManifestError(f"{path} is empty. It needs one JSON object per image.")
    header = list(dict.fromkeys(key for _, entry in objects for key in entry))
    rows = [] if header_only else [(n, [text_of(entry.get(key)) for key in header]) for n, entry in objects]
    return header, rows


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        raise ManifestError(f"{path} line {number} is not a JSON object. Write one object per line.")
    return entry


def _fitted(row: list[str], width: int) -> list[str]:
    return row[:width] + [""] * (width - len(row))


@contextmanager
def _opened(path: Path) -> "Iterator[Workbook]":
    """Yield a workbook, read as a stream.

    Raises:
        ManifestError: not an Excel file.
        MissingExtraError: openpyxl is not installed.
    """
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as error:
        raise MissingExtraError("openpyxl", extra="excel", purpose=f"read {path.name}") from error
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise ManifestError(f"{path} is not an Excel file or is damaged. Save it again as .xlsx, or as CSV.") from error
    try:
        yield book
    finally:
        book.close()
