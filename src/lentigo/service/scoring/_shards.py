"""The tables of the scores: each written whole or not at all, read again when a job is resumed, and counted."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lentigo.errors import DataError, MissingExtraError
from lentigo.model import ADDED, ANSWER_COLUMNS, BENIGN_LOOKING, CALLED, REFER
from lentigo.storage import new_file, row_writer

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class AnsweredShard:
    """The rows of one piece.

    Args:
        rows: one per image, in order.
        n_again: how many of them a lower precision left to float32.
    """

    rows: list[Row]
    n_again: int = 0


NUMBERS: Final = ("malignant_probability", "threshold")
_WORDS: Final = ("image", "target", *(name for name in ANSWER_COLUMNS if name not in NUMBERS), CALLED, ADDED)


@dataclass(slots=True)
class AnswerCounts:
    """How many of the images got which kind of answer.

    Example:
        >>> tally = AnswerCounts()
        >>> tally.add([["a.jpg", "", "0.9", "0.1", "0.1", "0.3", "benign-looking", "", ""]])
        >>> tally.n_images, tally.n_benign_looking, tally.n_errors
        (1, 1, 0)
    """

    n_images: int = 0
    n_errors: int = 0
    n_refused: int = 0
    n_refer: int = 0
    n_benign_looking: int = 0

    def add(self, rows: Sequence[Row], *, is_called: bool = False) -> None:
        """Count some rows; where `is_called`, the called class is their last field."""
        for row in rows:
            decision, reasons, error = row[-4:-1] if is_called else row[-3:]
            self.n_images += 1
            self.n_errors += bool(error)
            self.n_refused += bool(reasons)
            self.n_refer += decision == REFER
            self.n_benign_looking += decision == BENIGN_LOOKING


def need_pyarrow() -> Any:
    """Return pyarrow.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", extra="parquet", purpose="write Parquet") from error
    return pyarrow


def write_shard(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write a table, all of it or nothing: CSV as `lentigo predict` does, or Parquet with the same columns.

    Example:
        >>> row = ["a.jpg", "", "0.9", "0.1", "0.1", "0.3", "benign-looking", "", ""]
        >>> columns = ["image", "target", "benign", "malignant", *ANSWER_COLUMNS]
        >>> write_shard(folder / "part-00000.csv", columns, [row])
        >>> read_shard(folder / "part-00000.csv", columns, ["a.jpg"]) == [row]
        True
    """
    with new_file(path) as partial:
        if path.suffix == ".parquet":
            _write_parquet(partial, columns, rows)
            return
        with partial.open("w", encoding="utf-8", newline="") as stream:
            write = row_writer(stream)
            for row in (columns, *rows):
                write(row)


def read_shard(path: Path, columns: Sequence[str], names: Sequence[str]) -> list[list[str]]:
    """Return the rows of a table that stands already.

    Args:
        path: the table.
        columns: that it has to have.
        names: of the images that it has to be about, in order.

    Raises:
        DataError: it is not the table that this job writes.
    """
    wrong = DataError(f"{path} is not the table that this job wrote there. Remove it and resume again.")
    try:
        header, rows = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except (OSError, ValueError, csv.Error) as error:  # UnicodeDecodeError and ArrowInvalid are ValueErrors
        raise wrong from error
    if header != list(columns) or any(len(row) != len(header) for row in rows) or [row[0] for row in rows] != [*names]:
        raise wrong
    return rows


def _read_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream, strict=True)) or [[]]
    return header, rows


def _write_parquet(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    arrow = need_pyarrow()
    arrays = [
        arrow.array(values, arrow.string())
        if name in _WORDS
        else arrow.array([float(value) if value else None for value in values], arrow.float64())
        for name, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    arrow.parquet.write_table(arrow.table(arrays, names=list(columns)), path)


def _read_parquet(path: Path) -> tuple[list[str], list[list[str]]]:
    table = need_pyarrow().parquet.ParquetFile(path).read()
    texts = [
        ["" if value is None else value if isinstance(value, str) else repr(value) for value in column.to_pylist()]
        for column in table.columns
    ]
    return table.column_names, [list(row) for row in zip(*texts, strict=True)]
