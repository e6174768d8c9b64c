"""Parquet files with the images in them, as Hugging Face stores data sets."""

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lentigo.data.sources.layouts._extracted import keep_image
from lentigo.errors import ManifestError
from lentigo.table_files import PARQUET_SUFFIXES, parquet_schema

ROWS_AT_ONCE: Final = 64  # full-size photographs: some 100 MB


def has_image_bytes(path: Path) -> bool:
    """Return whether a file is Parquet with a column of image bytes: binary, or a struct with a field `bytes`.

    Raises:
        ManifestError: its name says Parquet, and it is not.
        MissingExtraError: pyarrow is not installed.
    """
    return path.suffix.lower() in PARQUET_SUFFIXES and _image_column(parquet_schema(path)) is not None


def read_parquet_images(path: Path) -> pd.DataFrame:
    """Return the rows of such a file with `path`, the file that each image was written to, instead of the bytes.

    Numbers of a Hugging Face class label become its names. Without a column of ids the image's own name counts, else
    the row: `train-00000-of-00001-7`.

    Raises:
        ManifestError: a row has no image, or two columns hold images.
    """
    import pyarrow.parquet as pq

    schema = parquet_schema(path)
    column = _image_column(schema)
    parts: list[pd.DataFrame] = []
    files: list[str] = []
    names: list[str | None] = []
    with pq.ParquetFile(path) as source:
        for batch in source.iter_batches(batch_size=ROWS_AT_ONCE):
            for cell in batch.column(column).to_pylist():
                content, name = (cell.get("bytes"), cell.get("path")) if isinstance(cell, dict) else (cell, None)
                files.append(str(_placed(content, name, path, len(files))))
                names.append(_stem(name))
            parts.append(batch.drop_columns([column]).to_pandas())
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    table = _with_class_names(table, schema)
    if "image_id" not in table:
        is_named = all(names) and len(set(names)) == len(names)
        ids = [str(name) if is_named else f"{path.stem}-{row}" for row, name in enumerate(names)]
        table = table.assign(image_id=ids)
    return table.assign(path=files)


def _image_column(schema: Any) -> str | None:
    """Return the column that holds images: the one called `image` before others.

    Raises:
        ManifestError: several hold bytes and none of them is called `image`.
    """
    import pyarrow.types as kind

    found = []
    for field in schema:
        inner = [field.type.field(i).name for i in range(field.type.num_fields)] if kind.is_struct(field.type) else []
        if kind.is_binary(field.type) or kind.is_large_binary(field.type) or "bytes" in inner:
            found.append(field.name)
    if len(found) > 1 and "image" not in found:
        raise ManifestError(f"the columns {', '.join(found)} all hold bytes. Call the one with the images 'image'.")
    return "image" if "image" in found else next(iter(found), None)


def _placed(content: bytes | None, name: str | None, source: Path, row: int) -> Path:
    """Return the file of one image.

    Raises:
        ManifestError: there is none.
    """
    if content:
        return keep_image(content)
    beside = source.parent / name if name else None
    if beside is None or not beside.is_file() or ".." in Path(str(name)).parts:
        raise ManifestError(f"{source} row {row + 1} has no image. Fill it in, or leave the row out.")
    return beside.absolute()


def _stem(name: str | None) -> str | None:
    return Path(name).stem if name else None


def _with_class_names(table: pd.DataFrame, schema: Any) -> pd.DataFrame:
    """Return the table with the names of its class labels, which Hugging Face keeps in the file's metadata."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return table
    for name, feature in features.items():
        names = feature.get("names") if isinstance(feature, dict) else None
        if name in table and feature.get("_type") == "ClassLabel" and names:
            table[name] = table[name].map(dict(enumerate(names))).astype(object)  # -1 is "no label"
    return table
