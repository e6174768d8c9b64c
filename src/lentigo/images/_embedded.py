"""Images that lie in Parquet files, as Hugging Face stores data sets: written out once, named by their content."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from lentigo.errors import ManifestError
from lentigo.images._extracted import keep_image
from lentigo.table_files import PARQUET_SUFFIXES, parquet_schema

ROWS_AT_ONCE: Final = 64  # full-size photographs: some 100 MB


def has_image_bytes(path: Path) -> bool:
    """Return whether a file is Parquet with a column of image bytes: binary, or a struct with a field `bytes`.

    Raises:
        ManifestError: its name says Parquet, and it is not.
        MissingExtraError: pyarrow is not installed.
    """
    return path.suffix.lower() in PARQUET_SUFFIXES and _image_column(parquet_schema(path)) is not None


def extract_images(path: Path) -> Iterator[tuple[list[Path], list[str | None], Any]]:
    """Write out the images of a Parquet file, some rows at a time.

    Yields:
        The file of each image, its own name without a suffix, and the other columns as a record batch of pyarrow.

    Raises:
        ManifestError: a row has no image, or two columns hold images.
    """
    import pyarrow.parquet as pq

    column, row = _image_column(parquet_schema(path)), 0
    with pq.ParquetFile(path) as source:
        for batch in source.iter_batches(batch_size=ROWS_AT_ONCE):
            files: list[Path] = []
            names: list[str | None] = []
            for cell in batch.column(column).to_pylist():
                content, name = (cell.get("bytes"), cell.get("path")) if isinstance(cell, dict) else (cell, None)
                files.append(_placed(content, name, path, row))
                names.append(_stem(name))
                row += 1
            yield files, names, batch.drop_columns([column])


def ids_of(names: list[str | None], path: Path) -> list[str]:
    """Return the ids of embedded images without an id column: their own names where all differ, else file and row."""
    is_named = all(names) and len(set(names)) == len(names)
    return [str(name) if is_named else f"{path.stem}-{row}" for row, name in enumerate(names)]


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
        raise ManifestError(f"{source} row {row + 1} has no image. Fill it in, or remove the row.")
    return beside.absolute()


def _stem(name: str | None) -> str | None:
    return Path(name).stem if name else None
