"""Files of embeddings, opened: the ids of their rows, and the numbers in pieces; nothing is ever unpickled."""

import csv
import dataclasses
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import DataError, name_offenders
from lentigo.images import field_of_name
from lentigo.model._embedding_parquet import open_parquet
from lentigo.model._embedding_rows import STATED, EmbeddingFile, Floats, id_column_of, number_columns, rows_of_matrix
from lentigo.table_files import CSV_SUFFIXES, PARQUET_SUFFIXES, open_text, separator_of
from lentigo.wording import counted

SUFFIXES: Final = (*PARQUET_SUFFIXES, ".npy", ".npz", *CSV_SUFFIXES)
IDS_BESIDE: Final = ("_ids.npy", "_ids.csv", "_ids.txt", ".ids.npy", ".ids.csv", ".ids.txt")
ID_KEYS: Final = ("image_id", "image_ids", "isic_id", "ids", "id", "names", "filenames")
WIDEST: Final = 100_000  # as bundle.json has it


def open_embeddings(path: Path) -> EmbeddingFile:
    """Return a file opened as a table of ids and numbers.

    Raises:
        DataError: it is not one.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise DataError(f"{path} does not exist. Give a file of embeddings: {', '.join(SUFFIXES[:5])}.")
    if suffix in PARQUET_SUFFIXES:
        table = open_parquet(path)
    elif suffix == ".npz":
        table = _of_npz(path)
    elif suffix == ".npy":
        table = rows_of_matrix(path, _ids_beside(path), _array(path))
    elif suffix in CSV_SUFFIXES:
        table = _of_csv(path)
    else:
        raise DataError(f"{path} is not a file of embeddings. Its name must end in {', '.join(SUFFIXES)}.")
    if not table.ids or not 1 <= table.width <= WIDEST:
        raise DataError(
            f"{path} has {counted(len(table.ids), 'row')} of {table.width} numbers. Give one row per image."
        )
    return table


def _of_npz(path: Path) -> EmbeddingFile:
    """Return ids and matrix of an npz file.

    Raises:
        DataError: it has no ids, or not exactly one matrix.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read as arrays without pickle: {error}. Write it with numpy.savez."
        ) from error
    key = next((name for name in ID_KEYS if name in arrays), None)
    matrices = [name for name, array in arrays.items() if array.ndim == 2 and name != key]
    if key is None or len(matrices) != 1:
        raise DataError(
            f"{path} holds the arrays {name_offenders(arrays)}. Give one array 'image_id' and one matrix 'embedding'."
        )
    stated = {name: str(arrays[name]) for name in STATED if name in arrays and arrays[name].ndim == 0}
    return dataclasses.replace(rows_of_matrix(path, arrays[key].ravel().tolist(), arrays[matrices[0]]), stated=stated)


def _ids_beside(path: Path) -> list[object]:
    """Return the ids in the file beside an npy file.

    Raises:
        DataError: there is none.
    """
    beside = [path.with_name(path.stem + ending) for ending in IDS_BESIDE]
    found = next((one for one in beside if one.is_file()), None)
    if found is None:
        raise DataError(
            f"{path} has no ids beside it. Write them, one per row, into {beside[1].name} (column image_id), "
            f"{beside[2].name} or {beside[0].name}; or give .npz or .parquet."
        )
    if found.suffix == ".npy":
        return list(_array(found).ravel().tolist())
    with open_text(found) as stream:
        rows = [row for row in csv.reader(stream) if row]
    has_header = rows and any(field_of_name(name) == "image_id" for name in rows[0])
    column = rows[0].index(id_column_of(rows[0], found)) if has_header else 0
    return [row[column] if column < len(row) else "" for row in rows[1 if has_header else 0 :]]


def _of_csv(path: Path) -> EmbeddingFile:
    """Return ids and numbers of a text table, read line by line.

    Raises:
        DataError: a row is shorter, longer or not of numbers.
    """
    with open_text(path) as stream:
        header_line = stream.readline()
        names = [name.strip() for name in next(csv.reader([header_line], delimiter=separator_of(header_line)), [])]
        id_column = id_column_of(names, path)
        at = names.index(id_column)
        width = len(number_columns([name for name in names if name != id_column], path))
        ids: list[object] = []
        rows: list[Floats] = []
        uneven, words = [], []
        for row in csv.reader(stream, delimiter=separator_of(header_line)):
            if not row:
                continue
            name = row.pop(at) if at < len(row) else ""
            if len(row) != width:
                uneven.append(name)
                continue
            try:
                rows.append(np.array([value or "nan" for value in row], dtype=np.float64).astype(np.float32))
                ids.append(name)
            except ValueError:
                words.append(name)
    kinds = (
        (uneven, "row does not have", "rows do not have", f"the {width} numbers of the header"),
        (words, "row holds", "rows hold", "words, not numbers"),
    )
    for wrong, one, many, what in kinds:
        if wrong:
            raise DataError(
                f"{path}: {counted(len(wrong), one, many)} {what}: {name_offenders(wrong)}. Write them again."
            )
    return rows_of_matrix(path, ids, np.stack(rows) if rows else np.zeros((0, width), np.float32))


def _array(path: Path) -> NDArray[Any]:
    """Return the array in an npy file, as a map of the file.

    Raises:
        DataError: it cannot be read without pickle.
    """
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"{path} cannot be read as an array without pickle: {error}. Write it with numpy.save."
        ) from error
    return found
