"""Embeddings in a Parquet file: columns of numbers or one column of lists, read in pieces."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lentigo.errors import DataError, ManifestError, name_offenders
from lentigo.model._embedding_rows import (
    ROWS,
    STATED,
    EmbeddingFile,
    Floats,
    as_floats,
    id_column_of,
    number_columns,
    plain_ids,
)
from lentigo.table_files import parquet_file
from lentigo.wording import counted


def open_parquet(path: Path) -> EmbeddingFile:
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
    id_column = id_column_of(schema.names, path)
    others = number_columns([name for name in schema.names if name != id_column], path)
    ids = plain_ids(file.read(columns=[id_column]).column(0).to_pylist(), path)
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
    return as_floats(column.to_numpy(zero_copy_only=False))


def _list_width(file: Any, name: str, ids: Sequence[str], path: Path) -> int:
    """Return how many numbers each list has.

    Raises:
        DataError: not all lists are equally long.
    """
    import pyarrow.compute as pc

    lengths = np.concatenate([
        as_floats(pc.list_value_length(batch.column(0)).to_numpy(zero_copy_only=False))
        for batch in file.iter_batches(batch_size=ROWS, columns=[name])
    ]) if ids else np.zeros(0, np.float32)  # fmt: skip
    usual = float(np.nanmedian(lengths)) if len(lengths) and not np.isnan(lengths).all() else 0.0
    wrong = [ids[row] for row in np.flatnonzero(lengths != usual).tolist()]
    if wrong:
        raise DataError(
            f"{path}: {counted(len(wrong), 'row does not', 'rows do not')} have the {usual:.0f} numbers that the "
            f"others have: {name_offenders(wrong)}. Compute these rows again."
        )
    return int(usual)
