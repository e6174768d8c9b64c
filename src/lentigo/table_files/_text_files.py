"""A text table's encoding, separator and number format: what a file does not say of itself and must be found out."""

import codecs
import csv
import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

from lentigo.errors import ManifestError

logger = logging.getLogger(__name__)

SEPARATORS: Final = (",", ";", "\t", "|")
NOT_TEXT: Final = "{path} is not a text table. Save it as CSV in UTF-8 and try again."
BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Excel's first line that names the separator.
NAMED: Final = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
COMMA_NUMBER: Final = re.compile(r"[-+]?\d+(,\d+)?")


def open_text(path: Path, *, encoding: str | None = None) -> TextIO:
    """Return a text table opened to be read, after its encoding was found.

    A byte order mark decides; else UTF-16 is known by its zero bytes, UTF-8 is assumed when the file's first 64 KiB
    fit, and Windows-1252, which old versions of Excel write, otherwise.

    Args:
        path: the file.
        encoding: what is known already.

    Raises:
        ManifestError: the file cannot be read.
    """
    try:
        return path.open(encoding=encoding or encoding_of(path), newline="")
    except FileNotFoundError as error:
        raise ManifestError(f"{path} does not exist. Check the path.") from error
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error


def encoding_of(path: Path) -> str:
    """Return the encoding of a text table by its first 64 KiB.

    Raises:
        ManifestError: the file cannot be read, or is not text.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(65_536)
    except FileNotFoundError as error:
        raise ManifestError(f"{path} does not exist. Check the path.") from error
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
    for mark, name in BOMS:
        if start.startswith(mark):
            return name
    if b"\0" in start:
        if len(start) > 3 and start[1] == start[3] == 0 != start[0]:
            return "utf-16-le"
        if len(start) > 3 and start[0] == start[2] == 0 != start[1]:
            return "utf-16-be"
        raise ManifestError(NOT_TEXT.format(path=path))
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)  # a character cut at the end is not an error
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def first_line(path: Path) -> str:
    """Return the line of a text table that names its columns.

    Raises:
        ManifestError: the file cannot be read, is empty or is not text.
    """
    try:
        with open_text(path) as stream:
            line = stream.readline(1_000_000)
            if NAMED.fullmatch(line.strip()):
                line = stream.readline(1_000_000)
    except UnicodeError as error:
        raise ManifestError(NOT_TEXT.format(path=path)) from error
    if not line.strip():
        raise ManifestError(f"{path} is empty. Its first line must name the columns.")
    return line.strip("\r\n ")


def separator_of(header: str) -> str:
    """Return the separator that is most frequent in a header.

    Example:
        >>> separator_of("image_id;dx;age")
        ';'
    """
    return max(SEPARATORS, key=header.count)


def read_rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]], str]:
    """Return the header, the rows that have a value with the line each ends at, and the separator.

    Raises:
        ManifestError: the file is not a table of text.
    """
    separator = separator_of(first_line(path))
    for encoding in dict.fromkeys((encoding_of(path), "cp1252")):
        with open_text(path, encoding=encoding) as stream:
            reader = csv.reader(stream, delimiter=separator, strict=True)
            try:
                header = next(reader)
                if NAMED.fullmatch(separator.join(header).strip()):
                    header = next(reader)
                # a row with its first field filled, nearly every one, needs no look at the others
                rows = [
                    (reader.line_num, row)
                    for row in reader
                    if (row and row[0].strip()) or any(value.strip() for value in row)
                ]
            except UnicodeError:
                continue  # a letter of Windows-1252 far down in the file
            except csv.Error as error:
                raise ManifestError(
                    f"{path} is not a table: line {reader.line_num}: {error}. Write it again as CSV."
                ) from error
        if encoding == "cp1252":
            logger.warning("%s is not UTF-8 and was read as Windows-1252; save it as UTF-8 to be sure", path)
        return header, rows, separator
    raise ManifestError(NOT_TEXT.format(path=path))


def read_plain_columns(path: Path) -> tuple[list[str], list[list[str]]] | None:
    """Return the header and the columns of a plain CSV; None for any other table, which `read_rows` reads or refuses.

    Plain is what lentigo writes itself: UTF-8, commas, no quotes, no blank row and as many fields in each row as in the
    header. Then all fields can be cut at once, which takes a fifth of the time of going row by row.

    Raises:
        ManifestError: the file cannot be read, or is not text.
    """
    if encoding_of(path) != "utf-8":
        return None
    try:
        with open_text(path, encoding="utf-8") as stream:
            text = stream.read().replace("\r\n", "\n").removesuffix("\n")
    except UnicodeError:
        return None  # a letter of Windows-1252 far down in the file
    if '"' in text or "\r" in text or "\0" in text:
        return None
    first, *lines = text.split("\n")
    header = first.split(",")
    n_commas = len(header) - 1
    if separator_of(first) != "," or n_commas == 0 or not lines or not all(name.strip() for name in header):
        return None
    if any(line.count(",") != n_commas or not line.strip(", \t") for line in lines):
        return None
    cells = ",".join(lines).split(",")
    return header, [cells[place :: n_commas + 1] for place in range(n_commas + 1)]


def decimal_points(rows: Sequence[list[str]], n_columns: int) -> int:
    """Return how many columns of numbers with a decimal comma were given a decimal point, in place.

    A column counts as such when every value in it is a number and at least one has a comma. Only for tables whose
    separator is not a comma.

    Example:
        >>> rows = [["a", "54,5"], ["b", "60"]]
        >>> decimal_points(rows, 2), rows
        (1, [['a', '54.5'], ['b', '60']])
    """
    n_changed = 0
    for column in range(n_columns):
        values = [row[column].strip() for row in rows if row[column].strip()]
        if any("," in value for value in values) and all(map(COMMA_NUMBER.fullmatch, values)):
            n_changed += 1
            for row in rows:
                row[column] = row[column].replace(",", ".")
    return n_changed
