"""Embeddings into a file that `read_embeddings` reads, with origin and licence of the model beside the numbers."""

from pathlib import Path
from typing import Final

import numpy as np

from lentigo.errors import DataError, MissingExtraError
from lentigo.model._embedding_rows import STATED
from lentigo.model._embeddings import Embeddings
from lentigo.storage import new_file

WRITTEN: Final = (".parquet", ".npz", ".csv")
DIGITS: Final = 9  # of a float32, which then reads back as the same number


def write_embeddings(path: Path, embeddings: Embeddings) -> None:
    """Write embeddings as Parquet (one column of lists), npz or CSV; a CSV has no place for origin and licence.

    Raises:
        DataError: the name ends in something else.
        MissingExtraError: Parquet, and pyarrow is not installed.

    Example:
        >>> write_embeddings(folder / "e.npz", Embeddings(("a",), np.ones((1, 2), np.float32), {"origin": "me"}))
        >>> from lentigo.model import read_embeddings
        >>> read_embeddings(folder / "e.npz").stated
        {'origin': 'me'}
    """
    refuse_suffix(path)
    suffix, stated = path.suffix.lower(), {key: embeddings.stated.get(key, "") for key in STATED}
    with new_file(path) as partial:
        if suffix == ".npz":
            with partial.open("wb") as stream:
                np.savez(stream, image_id=np.array(embeddings.image_id), embedding=embeddings.matrix, **stated)  # type: ignore[arg-type]
        elif suffix == ".csv":
            names = ",".join(f"e{column}" for column in range(embeddings.width))
            with partial.open("w", encoding="utf-8", newline="") as stream:
                stream.write(f"image_id,{names}\n")
                for name, row in zip(embeddings.image_id, embeddings.matrix, strict=True):
                    stream.write(f"{name},{','.join(f'{value:.{DIGITS}g}' for value in row.tolist())}\n")
        else:
            _write_parquet(partial, embeddings, stated)


def refuse_suffix(path: Path) -> None:
    """Raise unless embeddings can be written to a file of this name.

    Raises:
        DataError: they cannot.
    """
    if path.suffix.lower() not in WRITTEN:
        raise DataError(f"{path} cannot be written: embeddings are written as {', '.join(WRITTEN)}. Change its ending.")


def _write_parquet(partial: Path, embeddings: Embeddings, stated: dict[str, str]) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError("pyarrow", extra="parquet", purpose="write embeddings as Parquet") from error
    flat = pa.array(embeddings.matrix.ravel(), pa.float32())
    columns = [pa.array(embeddings.image_id, pa.string()), pa.FixedSizeListArray.from_arrays(flat, embeddings.width)]
    table = pa.table(columns, names=["image_id", "embedding"])
    about = {f"lentigo.{key}": text for key, text in stated.items()}
    pq.write_table(table.replace_schema_metadata(about), partial)
