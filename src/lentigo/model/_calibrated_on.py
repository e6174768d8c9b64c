"""Which photographs a bundle was calibrated to: a mark of each file, so that none of them is taken for a test later.

A mark is the first eight bytes of the SHA-256 of a file: names may change, and nothing about the photograph can be read
from it.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.model._arrays import array_of, npy
from lentigo.model._files import MARKS, read_bundle_folder
from lentigo.storage import sha256_of

Marks = NDArray[np.uint64]


def marks_of(paths: Iterable[Path]) -> Marks:
    """Return the mark of each file, shape (N,); 0, which marks nothing, for one that cannot be read.

    Example:
        >>> marks_of([photo, photo.with_name("gone.jpg")]).astype(bool).tolist()
        [True, False]
    """
    return np.array([_mark(path) for path in paths], dtype=np.uint64)


def is_marked(paths: Iterable[Path], marks: Marks) -> NDArray[np.bool_]:
    """Return which of some files have one of the marks, shape (N,).

    Example:
        >>> is_marked([photo, photo.with_name("gone.jpg")], marks_of([photo, photo.with_name("lost.jpg")])).tolist()
        [True, False]
    """
    found = marks_of(paths)
    return np.asarray((found != 0) & np.isin(found, marks))


def file_of_marks(marks: Marks) -> bytes:
    """Return marks as the content of the bundle's file: sorted, so that they tell no order."""
    return npy(np.unique(marks[marks != 0]).astype("<u8"))


def marks_in(folder: Path) -> Marks:
    """Return the marks that a bundle holds; none where it has not been calibrated elsewhere.

    Raises:
        BundleError: the bundle is damaged.

    Example:
        >>> marks_in(bundle_folder).tolist()
        []
    """
    content = read_bundle_folder(folder)[1].get(MARKS)
    if content is None:
        return np.zeros(0, dtype=np.uint64)
    n_marks = (len(content) - len(npy(np.zeros(0, "<u8")))) // 8
    return np.asarray(array_of(content, MARKS, np.dtype("<u8"), (n_marks,)))


def _mark(path: Path) -> int:
    try:
        return int(sha256_of(path)[:16], 16)
    except OSError:
        return 0
