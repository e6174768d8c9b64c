"""Decoded pixels, kept: each image is decoded and fitted once, then read from one memory-mapped uint8 array.

The file's name is a hash over the bytes of all images and the preprocessing, so changed data can never meet an old
cache. It lies in `$LENTIGO_CACHE`, else `$XDG_CACHE_HOME/lentigo`, else `~/.cache/lentigo`; the least recently used
files go when the folder outgrows 20 GiB. Deleting the folder is always safe.
"""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import ImageError
from lentigo.images.preprocess import Preprocess
from lentigo.progress import Track, silent
from lentigo.storage import new_file, read_json, sha256_of, write_json

__all__ = ["Pixels", "cache_folder", "cached_pixels", "refuse_unreadable"]

CACHE_BYTES = 20 * 2**30


@dataclass(frozen=True, slots=True)
class Pixels:
    """Fitted images of a data set.

    Args:
        array: shape (N, size, size, 3), uint8, read-only, memory-mapped; rows of unreadable images are zero.
        problems: what is wrong with the unreadable ones, by row.
        fingerprint: 64 hex digits over the bytes of all images, in order.
    """

    array: NDArray[np.uint8]
    problems: dict[int, str]
    fingerprint: str


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
        digests = list(track(pool.map(_digest, paths), "Reading files", len(paths)))
        fingerprint = hashlib.sha256("".join(digests).encode()).hexdigest()
        array_path = cache_folder() / f"{fingerprint[:24]}-{preprocess.key()}.npy"
        notes_path = array_path.with_suffix(".json")
        if not (notes_path.exists() and array_path.exists()):
            _decode_all(paths, preprocess, array_path, notes_path, pool=pool, track=track)
            _prune(keep=array_path)
    notes_path.touch()
    array: NDArray[np.uint8] = np.load(array_path, mmap_mode="r")
    problems = {int(row): str(message) for row, message in read_json(notes_path)["problems"].items()}
    return Pixels(array, problems, fingerprint)


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
    paths: Sequence[Path],
    preprocess: Preprocess,
    array_path: Path,
    notes_path: Path,
    *,
    pool: ThreadPoolExecutor,
    track: Track,
) -> None:
    side = preprocess.settings.size
    with new_file(array_path) as partial:
        array = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=(len(paths), side, side, 3))

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
    write_json(notes_path, {"schema_version": 1, "problems": problems})


def _prune(*, keep: Path) -> None:
    """Delete the least recently used arrays until the folder fits its limit."""
    entries = []
    for array_path in cache_folder().glob("*.npy"):
        notes = array_path.with_suffix(".json")
        entries.append((notes.stat().st_mtime if notes.exists() else 0.0, array_path, array_path.stat().st_size))
    total = sum(size for _, _, size in entries)
    for _, array_path, size in sorted(entries, key=lambda entry: entry[0]):
        if total <= CACHE_BYTES:
            return
        if array_path != keep:
            array_path.with_suffix(".json").unlink(missing_ok=True)
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
        raise ImageError(f"{len(problems)} unreadable: {first}{more} Or leave them out: --set data.unreadable=drop.")
