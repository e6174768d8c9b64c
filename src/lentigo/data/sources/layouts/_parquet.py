"""Parquet files with the images in them, as Hugging Face stores data sets."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from lentigo.images import extract_images, ids_of
from lentigo.table_files import parquet_schema


def read_parquet_images(path: Path) -> pd.DataFrame:
    """Return the rows of such a file with `path`, the file that each image was written to, instead of the bytes.

    Numbers of a Hugging Face class label become its names. Without a column of ids the image's own name counts, else
    the row: `train-00000-of-00001-7`.

    Raises:
        ManifestError: a row has no image, or two columns hold images.
    """
    parts: list[pd.DataFrame] = []
    files: list[Path] = []
    names: list[str | None] = []
    for some_files, some_names, others in extract_images(path):
        files += some_files
        names += some_names
        parts.append(others.to_pandas())
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    table = _with_class_names(table, parquet_schema(path))
    if "image_id" not in table:
        table = table.assign(image_id=ids_of(names, path))
    return table.assign(path=[str(file) for file in files])


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
