"""From a CSV file to the four parts of predictions; every problem of the file is named with its lines."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lentigo.errors import PredictionsError, name_offenders, suggest
from lentigo.model.rows import ANSWER_COLUMNS
from lentigo.predictions.checks import check_classes

__all__ = ["ANSWER_COLUMNS", "read_parts"]

_IMAGE_COLUMNS = ("image", "image_id", "image_name", "isic_id")
_SUFFIXES = (".jpg", ".jpeg")

Parts = tuple[npt.NDArray[np.str_], npt.NDArray[np.int64], npt.NDArray[np.float64], tuple[str, ...]]


def read_parts(path: Path) -> Parts:
    r"""Return image ids, targets, probabilities and classes as a CSV file states them.

    Args:
        path: the file.

    Raises:
        PredictionsError: the file is missing or is no such table.

    Example:
        >>> _ = (folder / "preds.csv").write_text("image,target,NV,MEL\nISIC_1.jpg,NV,0.75,0.25\n")
        >>> read_parts(folder / "preds.csv")[3]
        ('NV', 'MEL')
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            header, lines, rows = _read_rows(path, stream)
    except OSError as error:
        raise PredictionsError(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise PredictionsError(f"{path} is not UTF-8 text. Save it as a CSV file in UTF-8.") from error
    except csv.Error as error:
        raise PredictionsError(f"{path} cannot be read as a CSV file: {error}. Save it again as CSV.") from error
    return _parse(path, header, lines, rows)


def _read_rows(path: Path, stream: Iterator[str]) -> tuple[list[str], list[int], list[list[str]]]:
    reader = csv.reader(stream, strict=True)
    header = [name.strip() for name in next(reader, [])]
    if not header:
        raise PredictionsError(f"{path} is empty. It needs the columns image, target and one a class.")
    error_column = header.index("error") if "error" in header else None
    lines, rows, ragged = [], [], []
    for row in reader:
        if not row:
            continue
        if len(row) != len(header):
            ragged.append(f"line {reader.line_num} has {len(row)}")
        elif error_column is not None and row[error_column]:
            continue
        lines.append(reader.line_num)
        rows.append(row)
    if ragged:
        raise PredictionsError(
            f"{path}: rows do not have the header's {len(header)} fields: {name_offenders(ragged)}. Mend these lines."
        )
    if not rows:
        raise PredictionsError(f"{path} has a header but no rows. It needs one row an image.")
    return header, lines, rows


def _parse(
    path: Path, header: list[str], lines: list[int], rows: list[list[str]]
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.int64], npt.NDArray[np.float64], tuple[str, ...]]:
    named = [name for name in _IMAGE_COLUMNS if name in header]
    if len(named) != 1:
        found = f"columns {' and '.join(named)} both name the image" if named else "no column 'image'"
        raise PredictionsError(f"{path}: {found}. Its columns are: {name_offenders(header)}. Keep one, called 'image'.")
    classes = tuple(name for name in header if name not in (named[0], "target", *ANSWER_COLUMNS))
    if len(classes) < 2:
        raise PredictionsError(
            f"{path}: {len(classes)} class columns beside '{named[0]}' and 'target'; at least two are needed. "
            "Give every class its own probability column, benign and malignant for one."
        )
    check_classes(classes)
    if header.count(named[0]) > 1 or header.count("target") > 1:
        raise PredictionsError(f"{path} has a column twice: {name_offenders(header)}. Keep one of each.")
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    image = [_strip_suffix(name) for name in columns[named[0]]]
    targets = columns.get("target", ("",) * len(rows))
    return (
        np.array(image, dtype=np.str_),
        _parse_targets(path, lines, targets, classes),
        _parse_numbers(path, lines, {name: columns[name] for name in classes}),
        classes,
    )


def _strip_suffix(name: str) -> str:
    return name.rpartition(".")[0] if name.lower().endswith(_SUFFIXES) else name


def _parse_targets(
    path: Path, lines: list[int], names: Sequence[str], classes: tuple[str, ...]
) -> npt.NDArray[np.int64]:
    index = {"": -1} | {name: number for number, name in enumerate(classes)}
    unknown = [(line, name) for line, name in zip(lines, names, strict=True) if name not in index]
    if unknown:
        shown = name_offenders(f"line {line}: {name!r}" for line, name in unknown)
        raise PredictionsError(
            f"{path}: targets that are no class of the file: {shown}.{suggest(unknown[0][1], classes)} "
            f"The class columns are: {', '.join(classes)}. Leave the target empty where it is unknown."
        )
    return np.array([index[name] for name in names], dtype=np.int64)


def _parse_numbers(path: Path, lines: list[int], columns: dict[str, tuple[str, ...]]) -> npt.NDArray[np.float64]:
    try:
        return np.array([[float(text) for text in column] for column in columns.values()]).T
    except ValueError:
        wrong = [
            (line, f"line {line} {name}: {text!r}")
            for name, column in columns.items()
            for line, text in zip(lines, column, strict=True)
            if not _is_number(text)
        ]
        shown = name_offenders(text for _, text in sorted(wrong))
        raise PredictionsError(
            f"{path}: probabilities that are no numbers: {shown}. "
            "Every column but image and target is a class; take other columns out."
        ) from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
