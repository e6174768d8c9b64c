"""Rows of embeddings as every kind of file gives them: ids, columns and numbers, checked."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import DataError, name_offenders
from lentigo.images import field_of_name, strip_suffix
from lentigo.wording import counted

Floats = NDArray[np.float32]
STATED: Final = ("origin", "licence")  # what `lentigo embed` writes into the file beside the numbers
ROWS: Final = 8192  # of a Parquet file at once: 25 MB of 768 numbers


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingFile:
    """One file, opened.

    Args:
        path: of the file.
        ids: of its rows, without image suffixes.
        width: numbers per row.
        blocks: yields the number of a first row, and that row and some after it.
        stated: origin and licence of the representation, as the file itself states them.
    """

    path: Path
    ids: tuple[str, ...]
    width: int
    blocks: Callable[[], Iterator[tuple[int, Floats]]]
    stated: dict[str, str] = dataclasses.field(default_factory=dict)


def plain_ids(names: Sequence[object], path: Path) -> tuple[str, ...]:
    """Return ids as the manifest has them: as text, without image suffixes.

    Raises:
        DataError: a row has none.
    """
    texts = ["" if name is None or name != name else str(name).strip() for name in names]
    empty = [f"row {row + 1}" for row, text in enumerate(texts) if not text]
    if empty:
        raise DataError(
            f"{path} has {counted(len(empty), 'row')} without an image_id: {name_offenders(empty)}. Fill it in."
        )
    return tuple(strip_suffix(text.replace("\\", "/")) for text in texts)


def id_column_of(names: Sequence[str], path: Path) -> str:
    """Return the column that holds the ids.

    Raises:
        DataError: there is none.
    """
    found = next((name for name in names if field_of_name(name) == "image_id"), None)
    found = found or next((name for name in names if field_of_name(name) == "path"), None)
    if found is None:
        raise DataError(
            f"{path} has no column image_id; its columns are: {name_offenders(names)}. "
            "Name the column of the image ids 'image_id'."
        )
    return found


def number_columns(names: Sequence[str], path: Path) -> list[str]:
    """Return all columns, after a look at their names: a label among the numbers would be learned from.

    Raises:
        DataError: a column has the name of a label, an id or a fact about the patient.
    """
    others = {name: field_of_name(name) for name in names}
    wrong = [name for name, field in others.items() if field is not None]
    if wrong:
        raise DataError(
            f"{path} has columns that are not part of an embedding: {name_offenders(wrong)}. A model would learn from "
            "them. Remove them; labels and metadata belong to the data, not to the embeddings."
        )
    return list(names)


def rows_of_matrix(path: Path, ids: Sequence[object], matrix: NDArray[Any]) -> EmbeddingFile:
    """Return the rows of an array.

    Raises:
        DataError: it is not a matrix of numbers, or has another number of rows than there are ids.
    """
    if matrix.ndim != 2 or matrix.dtype.kind not in "fiu":
        raise DataError(
            f"{path} holds an array of shape {matrix.shape} and type {matrix.dtype}. Embeddings are a matrix of "
            "numbers, one row per image."
        )
    if len(matrix) != len(ids):
        raise DataError(f"{path} has {counted(len(matrix), 'row')} and {len(ids)} ids. Give one id per row.")

    def blocks() -> Iterator[tuple[int, Floats]]:
        for start in range(0, len(matrix), ROWS):
            yield start, as_floats(matrix[start : start + ROWS])

    return EmbeddingFile(path, plain_ids(ids, path), int(matrix.shape[1]), blocks)


def as_floats(block: NDArray[Any]) -> Floats:
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is named with its ids
        return np.asarray(block, dtype=np.float32)
