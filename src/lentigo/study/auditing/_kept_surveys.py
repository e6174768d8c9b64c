"""Surveys kept by content: a second audit, split or training of the same images looks at none of them again.

A kept survey lies in the folder of decoded images (`lentigo.images.cache_folder`), named by the number of images, by
what surveys with (this package's own source, NumPy, Pillow, limits of decoding) and by the SHA-256 of all files. So
other data, another version or other limits never meet it. Files are hashed again before it is used, and a file that
others than its owner could have written, or that is not what its name says, is not used. It holds arrays and JSON,
no pickles.
"""

import contextlib
import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import PIL
from numpy.typing import NDArray

import lentigo
from lentigo.config import ImageConfig
from lentigo.errors import LentigoError
from lentigo.images import cache_folder
from lentigo.storage import new_file, sha256_of

if TYPE_CHECKING:
    from lentigo.study.auditing._looking import SurveyedImage

WORTH_KEEPING: Final = 256
"""Images: some seconds of work. A kept survey takes 12 kB for each."""


def kept_survey(paths: Sequence[Path], limits: ImageConfig) -> "list[SurveyedImage] | None":
    """Return what an earlier survey saw in files of the same content and order; None where there is none."""
    if len(paths) < WORTH_KEEPING:
        return None
    # nothing of as many images: then files are read once only, by the survey itself
    if not any(map(is_own, cache_folder().glob(f"{_start(len(paths), limits)}*.npz"))):
        return None
    digests = digests_of(paths)
    place = _place(digests, limits)
    if not is_own(place):
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        found = _read(place, digests)
        os.utime(place)
        return found
    return None


def keep_survey(
    thumbs: NDArray[np.uint8],
    traits: list[dict[str, Any]],
    quality: list[dict[str, float]],
    digests: list[str],
    pixel_digests: list[str],
    limits: ImageConfig,
) -> None:
    """Keep a survey of many images, all of them readable; rows as in the arguments of `Survey`."""
    if len(digests) < WORTH_KEEPING:
        return
    about = json.dumps([list(quality[0]), digests, pixel_digests, traits]).encode()
    numbers = np.array([list(row.values()) for row in quality])
    # a full or read-only disk costs time next time, and no more
    with (
        contextlib.suppress(OSError, LentigoError),
        new_file(_place(digests, limits)) as partial,
        partial.open("wb") as stream,
    ):
        partial.chmod(0o600)
        np.savez(stream, thumbs=thumbs, quality=numbers, about=np.frombuffer(about, dtype=np.uint8))


def _read(place: Path, digests: list[str]) -> "list[SurveyedImage]":
    from lentigo.study.auditing._looking import SurveyedImage

    with place.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        thumbs, quality = arrays["thumbs"], arrays["quality"]
        columns, files, pixel_digests, traits = json.loads(arrays["about"].tobytes())
    if files != digests:
        raise ValueError(f"{place} is the survey of other files")
    return [
        SurveyedImage(
            digest=digest,
            pixel_digest=pixels,
            thumb=thumb,
            traits=some,
            quality=dict(zip(columns, row.tolist(), strict=True)),
        )
        for digest, pixels, thumb, some, row in zip(digests, pixel_digests, thumbs, traits, quality, strict=True)
    ]


def digests_of(paths: Sequence[Path]) -> list[str]:
    """Return the SHA-256 of each file; "unreadable" where it cannot be read."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(_digest, paths))


def is_own(place: Path) -> bool:
    """Return whether nobody but this user can have written a file."""
    # what another user could have written says nothing about these images
    try:
        status = place.lstat()
    except OSError:
        return False
    is_closed = not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISREG(status.st_mode) and is_closed and (not hasattr(os, "getuid") or status.st_uid == os.getuid())


def _place(digests: Sequence[str], limits: ImageConfig) -> Path:
    fingerprint = hashlib.sha256("".join(digests).encode()).hexdigest()
    return cache_folder() / f"{_start(len(digests), limits)}{fingerprint[:32]}.npz"


def _start(n_images: int, limits: ImageConfig) -> str:
    return f"survey-{n_images}-{hashlib.sha256((_surveyor() + repr(limits)).encode()).hexdigest()[:16]}-"


@cache
def _surveyor() -> str:
    """Return a hash of all that decides what a survey sees: whoever changes a measure has to remember nothing."""
    here = Path(__file__).resolve().parent
    sources = sorted([*here.rglob("*.py"), *(here.parents[1] / "images").glob("*.py")])
    versions = f"{lentigo.__version__} {np.__version__} {PIL.__version__}"
    return hashlib.sha256(b"".join([versions.encode(), *(source.read_bytes() for source in sources)])).hexdigest()


def _digest(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:
        return "unreadable"
