"""From a CSV file to the four parts of predictions; every problem of the file is named with its lines.

A file need not be lentigo's own: what its columns are taken for (`roles`), targets written as 0 and 1 or by another
spelling, and probabilities rounded to a few places are understood, and each such reading is a sentence for the user.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lentigo.errors import DataError, ManifestError, PredictionsError, name_offenders, suggest
from lentigo.numbers.predictions._checks import ROW_SUM_TOLERANCE, check_classes
from lentigo.numbers.predictions._headers import plain_columns
from lentigo.numbers.predictions._roles import IMAGES, OTHER_IMAGES, TARGETS, Roles, roles_of
from lentigo.table_files import decimal_points, read_rows
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy
from lentigo.wording import counted

_SUFFIXES = (".jpg", ".jpeg", ".png")
# Fewer places say too little about an image, and with more the sum is exact enough.
_FEWEST_PLACES, _MOST_PLACES = 2, 6
_YES_NO = {"0": BENIGN, "1": MALIGNANT, "0.0": BENIGN, "1.0": MALIGNANT, "false": BENIGN, "true": MALIGNANT}

Parts = tuple[npt.NDArray[np.str_], npt.NDArray[np.int64], npt.NDArray[np.float64], tuple[str, ...]]


def read_parts(path: Path, taxonomy: Taxonomy | None = None) -> tuple[Parts, tuple[str, ...]]:
    r"""Return image ids, targets, probabilities and classes as a CSV file states them, and what was assumed.

    Args:
        path: the file.
        taxonomy: the spelling and the side of targets that are not a class of the file.

    Raises:
        PredictionsError: the file is missing or is no such table.

    Example:
        >>> _ = (folder / "preds.csv").write_text("image,y_true,prob\nISIC_1.jpg,0,0.25\n")
        >>> (image, target, probabilities, classes), said = read_parts(folder / "preds.csv")
        >>> classes, probabilities.tolist()
        (('benign', 'malignant'), [[0.75, 0.25]])
        >>> said[-1]
        'targets 0 are taken as benign'
    """
    header, lines, rows = _read_rows(path)
    raw = dict(zip(header, zip(*rows, strict=True), strict=True))
    columns, plainly = plain_columns(path, raw, (*IMAGES, *OTHER_IMAGES, *TARGETS))
    roles = roles_of(path, columns)
    if len(roles.classes) < 2:
        raise PredictionsError(
            f"{path}: {counted(len(roles.classes), 'class column')} beside '{roles.image}' and 'target'; at least two "
            "are needed. Give every class its own probability column, or one column 'malignant'."
        )
    check_classes(roles.classes)
    said = [*plainly, *roles.said]
    names = columns[roles.image] if roles.image else [f"row {number}" for number in range(1, len(rows) + 1)]
    texts = columns[roles.target] if roles.target else ("",) * len(rows)
    probabilities = _probabilities(path, lines, columns, roles, said)
    # only where names were taken apart, as files of that kind list classes in the order of the model's numbers
    are_numbers = len(roles.classes) > 2 and not set(roles.classes) <= set(raw)
    target = _parse_targets(path, lines, texts, roles.classes, taxonomy or Taxonomy(), said, are_numbers=are_numbers)
    image = np.array([_strip_suffix(name) for name in names], dtype=np.str_)
    return (image, target, probabilities, roles.classes), tuple(said)


def _read_rows(path: Path) -> tuple[list[str], list[int], list[list[str]]]:
    """Return header, line numbers and rows, without those that have an error instead of probabilities.

    Raises:
        PredictionsError: the file cannot be read or is not a table.
    """
    try:
        header, numbered, separator = read_rows(path)
    except ManifestError as error:
        raise PredictionsError(str(error)) from error
    header = [name.strip() for name in header]
    ragged = [f"line {line} has {len(row)}" for line, row in numbered if len(row) != len(header)]
    if ragged:
        raise PredictionsError(
            f"{path}: rows do not have the header's {len(header)} fields: {name_offenders(ragged)}. Correct these "
            "lines."
        )
    twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    if twice and not set(twice) & {"image", "target"}:
        raise PredictionsError(f"Classes named more than once: {name_offenders(twice)}. Name each class once.")
    if twice:
        raise PredictionsError(f"{path} has a column twice: {name_offenders(header)}. Keep one of each.")
    error_column = header.index("error") if "error" in header else None
    kept = [(line, row) for line, row in numbered if error_column is None or not row[error_column]]
    if not kept:
        raise PredictionsError(f"{path} has a header but no rows. It needs one row per image.")
    if separator != ",":
        decimal_points([row for _, row in kept], len(header))
    return header, [line for line, _ in kept], [row for _, row in kept]


def _strip_suffix(name: str) -> str:
    return name.rpartition(".")[0] if name.lower().endswith(_SUFFIXES) else name


def _probabilities(
    path: Path, lines: list[int], columns: Mapping[str, Sequence[str]], roles: Roles, said: list[str]
) -> npt.NDArray[np.float64]:
    """Return one probability per class: 1 - p beside a single one; rows of rounded ones are divided by their sum."""
    if roles.score:
        score = _parse_numbers(path, lines, {roles.score: columns[roles.score]})[:, 0]
        benign = score if roles.is_benign else 1 - score
        return np.column_stack([benign, 1 - score if roles.is_benign else score])
    chosen = {name: columns[name] for name in roles.classes}
    values = _parse_numbers(path, lines, chosen)
    off = np.abs(values.sum(axis=1) - 1)
    if not np.isfinite(off).all() or off.max(initial=0.0) <= ROW_SUM_TOLERANCE or (values < 0).any():
        return values
    places = max(len(text.partition(".")[2]) for column in chosen.values() for text in column)
    is_plain = not any("e" in text.casefold() for column in chosen.values() for text in column)
    # Each of K values is off by half a unit of its last place at most.
    tolerance = len(chosen) * 0.5 * 10.0**-places
    if not is_plain or not _FEWEST_PLACES <= places <= _MOST_PLACES or off.max() > tolerance + 1e-9:
        return values
    said.append(
        f"probabilities have {places} decimals: sums within {tolerance:g} of one are rounding, and each row was "
        "divided by its sum"
    )
    return np.asarray(values / values.sum(axis=1, keepdims=True))


def _parse_targets(
    path: Path,
    lines: list[int],
    names: Sequence[str],
    classes: tuple[str, ...],
    taxonomy: Taxonomy,
    said: list[str],
    *,
    are_numbers: bool,
) -> npt.NDArray[np.int64]:
    """Return the place of each target among the classes, -1 where it is empty.

    Raises:
        PredictionsError: targets that are not a class in any spelling.
    """
    index = {"": -1} | {name: number for number, name in enumerate(classes)}
    numbers = {name for name in names if name not in index}
    if are_numbers and numbers and all(name.isdecimal() and int(name) < len(classes) for name in numbers):
        index |= {name: int(name) for name in numbers}
        said.append(f"targets are numbers: 0 is taken as {classes[0]}, 1 as {classes[1]}, ... in the order of columns")
    others = dict.fromkeys(name for name in names if name not in index)
    meanings = {name: _meaning(name.strip(), classes, taxonomy) for name in others}
    unknown = [(line, name) for line, name in zip(lines, names, strict=True) if meanings.get(name, "") is None]
    if unknown:
        shown = name_offenders(f"line {line}: {name!r}" for line, name in unknown)
        raise PredictionsError(
            f"{path}: targets that are not a class of the file: {shown}.{suggest(unknown[0][1], classes)} "
            f"The class columns are: {', '.join(classes)}. Leave the target empty where it is unknown."
        )
    found = {name: meaning for name, meaning in meanings.items() if meaning is not None}
    if found and set(found) <= {*_YES_NO}:
        texts = sorted(found)
        said.append(f"targets {' and '.join(texts)} are taken as {' and '.join(found[text] for text in texts)}")
    elif found:
        shown = name_offenders(f"{name} as {meaning}" for name, meaning in found.items())
        said.append(f"targets are taken as classes: {shown}")
    index |= {name: classes.index(meaning) for name, meaning in found.items()}
    return np.array([index[name] for name in names], dtype=np.int64)


def _meaning(text: str, classes: tuple[str, ...], taxonomy: Taxonomy) -> str | None:
    """Return the class that a target means, None when it means none: by its code, else by its side among two."""
    word = _YES_NO.get(text.casefold(), text)
    if not word:
        return None
    try:
        wanted = taxonomy.target(word)
        of = {taxonomy.target(name): name for name in classes}
    except DataError:
        return None
    if wanted in of:
        return of[wanted]
    side = taxonomy.side(wanted)
    same = [name for code, name in of.items() if side is not None and taxonomy.side(code) == side]
    return (
        same[0] if len(classes) == 2 and len(same) == 1 and (wanted == side or set(of) == {BENIGN, MALIGNANT}) else None
    )


def _parse_numbers(path: Path, lines: list[int], columns: Mapping[str, Sequence[str]]) -> npt.NDArray[np.float64]:
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
            f"{path}: probabilities that are not numbers: {shown}. "
            "Every column but image and target is a class; remove other columns."
        ) from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
