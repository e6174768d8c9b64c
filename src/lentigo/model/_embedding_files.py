"""Files of embeddings, opened: the ids of their rows, and the numbers in pieces; nothing is ever unpickled."""

import csv
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import DataError, ManifestError, name_offenders
from lentigo.images import field_of_name, strip_suffix
from lentigo.table_files import CSV_SUFFIXES, PARQUET_SUFFIXES, open_text, parquet_file, separator_of
from lentigo.wording import counted

Floats = NDArray[np.float32]

SUFFIXES: Final = (*PARQUET_SUFFIXES, ".npy", ".npz", *CSV_SUFFIXES)
STATED: Final = ("origin", "licence")  # what `lentigo embed` writes into the file beside the numbers
IDS_BESIDE: Final = ("_ids.npy", "_ids.csv", "_ids.txt", ".ids.npy", ".ids.csv", ".ids.txt")
ID_KEYS: Final = ("image_id", "image_ids", "isic_id", "ids", "id", "names", "filenames")
ROWS: Final = 8192  # of a Parquet file at once: 25 MB of 768 numbers
WIDEST: Final = 100_000  # as bundle.json has it


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


def open_embeddings(path: Path) -> EmbeddingFile:
    """Return a file opened as a table of ids and numbers.

    Raises:
        DataError: it is not one.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise DataError(f"{path} does not exist. Give a file of embeddings: {', '.join(SUFFIXES[:5])}.")
    if suffix in PARQUET_SUFFIXES:
        table = _of_parquet(path)
    elif suffix == ".npz":
        table = _of_npz(path)
    elif suffix == ".npy":
        table = _of_matrix(path, _ids_beside(path), _array(path))
    elif suffix in CSV_SUFFIXES:
        table = _of_csv(path)
    else:
        raise DataError(f"{path} is not a file of embeddings. Its name must end in {', '.join(SUFFIXES)}.")
    if not table.ids or not 1 <= table.width <= WIDEST:
        raise DataError(
            f"{path} has {counted(len(table.ids), 'row')} of {table.width} numbers. Give one row per image."
        )
    return table


def _plain(names: Sequence[object], path: Path) -> tuple[str, ...]:
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


def _id_column(names: Sequence[str], path: Path) -> str:
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


def _number_columns(names: Sequence[str], path: Path) -> list[str]:
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


def _of_matrix(path: Path, ids: Sequence[object], matrix: NDArray[Any]) -> EmbeddingFile:
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
            yield start, _floats(matrix[start : start + ROWS])

    return EmbeddingFile(path, _plain(ids, path), int(matrix.shape[1]), blocks)


def _floats(block: NDArray[Any]) -> Floats:
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, and is named with its ids
        return np.asarray(block, dtype=np.float32)


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
    return dataclasses.replace(_of_matrix(path, arrays[key].ravel().tolist(), arrays[matrices[0]]), stated=stated)


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
    column = rows[0].index(_id_column(rows[0], found)) if has_header else 0
    return [row[column] if column < len(row) else "" for row in rows[1 if has_header else 0 :]]


def _of_csv(path: Path) -> EmbeddingFile:
    """Return ids and numbers of a text table, read line by line.

    Raises:
        DataError: a row is shorter, longer or not of numbers.
    """
    with open_text(path) as stream:
        header_line = stream.readline()
        names = [name.strip() for name in next(csv.reader([header_line], delimiter=separator_of(header_line)), [])]
        id_column = _id_column(names, path)
        at = names.index(id_column)
        width = len(_number_columns([name for name in names if name != id_column], path))
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
    return _of_matrix(path, ids, np.stack(rows) if rows else np.zeros((0, width), np.float32))


def _of_parquet(path: Path) -> EmbeddingFile:
    """Return ids and numbers of a Parquet file, which is read in pieces.

    Raises:
        DataError: its columns are not ids and numbers.
    """
    import pyarrow as pa

    try:
        file = parquet_file(path)
    except ManifestError as error:
        raise DataError(str(error)) from error
    schema = file.schema_arrow
    id_column = _id_column(schema.names, path)
    others = _number_columns([name for name in schema.names if name != id_column], path)
    ids = _plain(file.read(columns=[id_column]).column(0).to_pylist(), path)
    kinds = [schema.field(name).type for name in others]
    is_list = len(others) == 1 and (pa.types.is_list(kinds[0]) or pa.types.is_large_list(kinds[0])
                                    or pa.types.is_fixed_size_list(kinds[0]))  # fmt: skip
    wrong = [] if is_list else [
        name for name, kind in zip(others, kinds, strict=True)
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind))
    ]  # fmt: skip
    if wrong or not others:
        raise DataError(
            f"{path} has columns that are not numbers: {name_offenders(wrong or ['none at all'])}. Give image_id and "
            "columns of numbers, or one column of lists."
        )
    width = _list_width(file, others[0], ids, path) if is_list else len(others)

    def blocks() -> Iterator[tuple[int, Floats]]:
        start = 0
        for batch in file.iter_batches(batch_size=ROWS, columns=others):
            if is_list:
                flat = _no_null(batch.column(0).flatten())
                block = flat.reshape(len(batch), width)
            else:
                block = np.column_stack([_no_null(column) for column in batch.columns])
            yield start, block
            start += len(batch)

    about = {key.decode(): value.decode() for key, value in (schema.metadata or {}).items() if key != b"pandas"}
    stated = {name: about[f"lentigo.{name}"] for name in STATED if about.get(f"lentigo.{name}")}
    return EmbeddingFile(path, ids, width, blocks, stated)


def _no_null(column: Any) -> Floats:
    """Return a column as float32, missing values as NaN."""
    return _floats(column.to_numpy(zero_copy_only=False))


def _list_width(file: Any, name: str, ids: Sequence[str], path: Path) -> int:
    """Return how many numbers each list has.

    Raises:
        DataError: not all lists are equally long.
    """
    import pyarrow.compute as pc

    lengths = np.concatenate([
        _floats(pc.list_value_length(batch.column(0)).to_numpy(zero_copy_only=False))
        for batch in file.iter_batches(batch_size=ROWS, columns=[name])
    ]) if ids else np.zeros(0, np.float32)  # fmt: skip
    usual = float(np.nanmedian(lengths)) if len(lengths) and not np.isnan(lengths).all() else 0.0
    wrong = [ids[row] for row in np.flatnonzero(lengths != usual).tolist()]
    if wrong:
        raise DataError(
            f"{path}: {counted(len(wrong), 'row does not', 'rows do not')} "
            f"have the {usual:.0f} numbers that the others have: "
            f"{name_offenders(wrong)}. Compute these rows again."
        )
    return int(usual)


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
