"""Decoded pixels, kept: each image is decoded and fitted once, then read from one memory-mapped uint8 array.

The file's name is a hash over the bytes of all images and the preprocessing, so changed data can never meet an old
cache. It lies in `$LENTIGO_CACHE`, else `$XDG_CACHE_HOME/lentigo`, else `~/.cache/lentigo`; the least recently used
files go when the folder outgrows 20 GiB. Deleting the folder is always safe.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import ImageError
from lentigo.images._preprocess import Preprocess
from lentigo.progress import Track, silent
from lentigo.storage import new_file, sha256_of

CACHE_BYTES = 20 * 2**30  # 280,000 images of 160 px; beyond it other data sets are removed, never the one in use
STALE_AFTER_S = 24 * 3600  # a partial file of another process may still be written; after a day its process was killed


@dataclass(frozen=True, slots=True)
class Pixels:
    """Fitted images of a data set.

    Args:
        array: shape (N, size, size, 3), uint8, read-only, memory-mapped; rows of unreadable images are zero.
        problems: what is wrong with the unreadable ones, by row.
        digests: SHA-256 of each file, in order; "unreadable" where it cannot be read.
    """

    array: NDArray[np.uint8]
    problems: dict[int, str]
    digests: tuple[str, ...]

    def fingerprint(self, rows: NDArray[np.int64] | None = None) -> str:
        """Return 64 hex digits over the bytes of the images in `rows` (all of them when left out), in order."""
        chosen = self.digests if rows is None else [self.digests[row] for row in rows]
        return hashlib.sha256("".join(chosen).encode()).hexdigest()


def cached_pixels(paths: Sequence[Path], preprocess: Preprocess, *, track: Track = silent) -> Pixels:
    """Return the fitted pixels of `paths`, decoded now or on an earlier call.

    Unreadable images do not stop the others: all of them are named in `problems`.

    Raises:
        LentigoError: the cache cannot be written.

    Example:
        >>> cached_pixels([photo], Preprocess(ImageConfig(size=32))).array.shape
        (1, 32, 32, 3)
    """
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        digests = tuple(track(pool.map(_digest, paths), "Reading files", len(paths)))
        array_path = _array_path(digests, preprocess)
        problems: dict[int, str] = {}
        if not array_path.exists():
            problems = _decode_all(paths, preprocess, array_path, pool=pool, track=track)
            _prune(keep=array_path)
    array: NDArray[np.uint8] = np.load(array_path, mmap_mode="r")
    if problems:  # a file may be unreadable today only: nothing is kept for tomorrow
        array_path.unlink()
    else:
        os.utime(array_path)
    return Pixels(array, problems, digests)


def known_pixels(digests: tuple[str, ...], preprocess: Preprocess) -> Pixels | None:
    """Return the fitted pixels that another process has decoded, without reading the images; None if none has.

    Example:
        >>> known_pixels(("0" * 64,), Preprocess(ImageConfig())) is None
        True
    """
    array_path = _array_path(digests, preprocess)
    try:
        array: NDArray[np.uint8] = np.load(array_path, mmap_mode="r")
    except FileNotFoundError:
        return None
    return Pixels(array, {}, digests)


def _array_path(digests: tuple[str, ...], preprocess: Preprocess) -> Path:
    fingerprint = hashlib.sha256("".join(digests).encode()).hexdigest()
    return cache_folder() / f"{fingerprint[:24]}-{preprocess.key()}.npy"


def cache_folder() -> Path:
    """Return the folder of the decoded images."""
    if chosen := os.environ.get("LENTIGO_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lentigo"


def _digest(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:
        return "unreadable"  # decoding will say why


def _decode_all(
    paths: Sequence[Path], preprocess: Preprocess, array_path: Path, *, pool: ThreadPoolExecutor, track: Track
) -> dict[int, str]:
    """Return what is wrong with the unreadable images, by row, after writing the pixels of all others."""
    side = preprocess.settings.size
    with new_file(array_path) as partial:
        array = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=(len(paths), side, side, 3))
        _reserve(partial)

        def decode(row: int) -> str | None:
            try:
                array[row] = preprocess.pixels(paths[row])
            except ImageError as error:
                return str(error)
            return None

        # Pillow releases the GIL while it decodes and resizes, so threads use all cores.
        outcomes = track(pool.map(decode, range(len(paths))), "Decoding images", len(paths))
        problems = {row: message for row, message in enumerate(outcomes) if message}
        array.flush()
    return problems


def _reserve(path: Path) -> None:
    # Without it a full disk would kill the process (SIGBUS) when a page of the sparse file is written; so it is an
    # OSError before the first image is decoded.
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as stream:
            os.posix_fallocate(stream.fileno(), 0, path.stat().st_size)


def _prune(*, keep: Path) -> None:
    """Delete the least recently used arrays until the folder fits its limit, and what killed processes left."""
    for partial in cache_folder().glob(".*.partial"):
        with contextlib.suppress(FileNotFoundError):
            if partial.stat().st_mtime < time.time() - STALE_AFTER_S:
                partial.unlink()
    entries = []
    for array_path in (
        *cache_folder().glob("*.npy"),
        *cache_folder().glob("survey-*.npz"),
        *cache_folder().glob("examined-*.npz"),
    ):
        with contextlib.suppress(FileNotFoundError):  # another process prunes too
            status = array_path.stat()
            entries.append((status.st_mtime, array_path, status.st_size))
    total = sum(size for _, _, size in entries)
    for _, array_path, size in sorted(entries):
        if total > CACHE_BYTES and array_path != keep:
            array_path.unlink(missing_ok=True)
            total -= size


def refuse_unreadable(problems: dict[int, str]) -> None:
    """Raise one error that names the first five unreadable images and counts the rest.

    Raises:
        ImageError: `problems` is not empty.
    """
    if problems:
        first = " ".join(list(problems.values())[:5])
        more = f" (+{len(problems) - 5} more)" if len(problems) > 5 else ""
        raise ImageError(f"{len(problems)} unreadable: {first}{more} Or exclude them: --set data.unreadable=drop.")
