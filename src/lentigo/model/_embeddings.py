"""Embeddings in place of photographs: one row of numbers per image, by `image_id`, checked before anyone learns.

Several files are joined by id, their columns side by side in the order given. A file is read in pieces into the array
that is returned, so that 400,000 x 768 numbers cost 1.2 GB once and not three times.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import DataError, name_offenders
from lentigo.model._embedding_files import open_embeddings
from lentigo.model._embedding_rows import STATED, EmbeddingFile
from lentigo.wording import counted

Floats = NDArray[np.float32]
BLOCK = 8192  # rows at once: 25 MB of 768 numbers


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """One row of numbers per image.

    Args:
        image_id: of each row.
        matrix: shape (N, D), float32, finite.
        stated: origin and licence of the representation, as the files themselves state them; may be empty.

    Example:
        >>> Embeddings(("a",), np.zeros((1, 3), np.float32)).width
        3
    """

    image_id: tuple[str, ...]
    matrix: Floats
    stated: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def width(self) -> int:
        """How many numbers there are per image."""
        return int(self.matrix.shape[1])

    def fingerprint(self, rows: NDArray[np.int64] | None = None) -> str:
        """Return 64 hex digits over ids and numbers of some rows (all of them when left out), in order."""
        rows = np.arange(len(self.matrix)) if rows is None else rows
        digest = hashlib.sha256("\n".join(self.image_id[row] for row in rows.tolist()).encode())
        for at in range(0, len(rows), BLOCK):
            digest.update(np.ascontiguousarray(self.matrix[rows[at : at + BLOCK]]).data)
        return digest.hexdigest()


def read_embeddings(paths: str | Path | Sequence[str | Path], wanted: Sequence[str] | None = None) -> Embeddings:
    """Return the numbers of images out of one file, or of several joined by id.

    Args:
        paths: Parquet, CSV or npz with ids and numbers, or npy with the ids in a file beside it (`emb_ids.csv`). In a
            table each column of numbers counts, or one column of lists; names are free except `image_id`.
        wanted: ids in the order of the rows to return; those of the first file when left out. Further ids in the files
            are passed over.

    Raises:
        DataError: a file has no ids or no numbers, an id twice, a row that is not finite or of another width, or lacks
            wanted ids; the message names them.
    """
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    if not given:
        raise DataError("no file of embeddings was given. Name at least one, such as emb.parquet.")
    tables = [open_embeddings(path) for path in given]
    tables = [dataclasses.replace(table, ids=_named_as(table, wanted)) for table in tables]
    ids = tuple(map(str, wanted)) if wanted is not None else tables[0].ids
    values = np.empty((len(ids), sum(table.width for table in tables)), dtype=np.float32)
    left = 0
    for table in tables:
        _fill(table, ids, values[:, left : left + table.width])
        left += table.width
    stated = {key: "; ".join(dict.fromkeys(t.stated[key] for t in tables if t.stated.get(key))) for key in STATED}
    return Embeddings(ids, values, {key: text for key, text in stated.items() if text})


def _named_as(table: EmbeddingFile, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Return the ids of a file by the rule that a manifest names images by: the file's name, or folders and name.

    Raises:
        DataError: an id is there twice.
    """
    last = tuple(name.rpartition("/")[2] for name in table.ids)
    whole = tuple(name.strip("/").replace("/", "-") for name in table.ids)
    ids = last if len(set(last)) == len(last) else whole
    if wanted is not None and last != whole:
        ids = max((last, whole, table.ids), key=lambda names: len(set(wanted).intersection(names)))
    if len(set(ids)) < len(ids):
        seen: set[str] = set()
        twice = dict.fromkeys(name for name in ids if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise DataError(
            f"{table.path} has several rows for {counted(len(twice), 'image')}: "
            f"{name_offenders(twice)}. Keep one row per image."
        )
    return ids


def _fill(table: EmbeddingFile, ids: Sequence[str], into: Floats) -> None:
    """Copy the rows of a file to the places of their ids.

    Raises:
        DataError: ids are missing, or rows are not finite.
    """
    place = {name: row for row, name in enumerate(ids)}
    known = set(table.ids)
    missing = [name for name in ids if name not in known]
    if missing:
        raise DataError(
            f"{table.path} has no row for {len(missing)} of {counted(len(ids), 'image')}: {name_offenders(missing)}. "
            "Compute their embeddings, or remove the images from the data."
        )
    bad: list[str] = []
    for start, block in table.blocks():
        names = table.ids[start : start + len(block)]
        targets = np.array([place.get(name, -1) for name in names])
        is_used = targets >= 0
        is_bad = ~np.isfinite(block).all(axis=1) & is_used
        bad += [name for name, wrong in zip(names, is_bad.tolist(), strict=True) if wrong]
        into[targets[is_used]] = block[is_used]
    if bad:
        raise DataError(
            f"{table.path} has NaN or infinite values (or beyond float32) for {counted(len(bad), 'image')}: "
            f"{name_offenders(bad)}. Compute these rows again."
        )


def refuse_width(found: int, wanted: int, of_model: str) -> None:
    """Raise unless embeddings are as wide as a model was trained on.

    Raises:
        DataError: they are not.

    Example:
        >>> refuse_width(768, 768, "my-bundle")
    """
    if found != wanted:
        raise DataError(
            f"the embeddings have {found} numbers per image, and {of_model} was trained on {wanted}. Give embeddings "
            "of the same representation, and all of its tables in the same order."
        )
