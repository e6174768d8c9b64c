"""One pass over the files: each is read once and decoded once, and everything the audit asks of it is taken on the way.

Bytes and pixels are given up again at once; what stays of an image is a thumbnail of 12 kB, two digests and some eighty
numbers, so that memory grows by 150 MB for 10,000 images and disks are read once. The measures are many short numpy
calls that hold the interpreter's lock, so long lists go to processes; short ones are done before a process is up.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import open_image
from lentigo.parallel import map_in_processes
from lentigo.progress import Track, silent
from lentigo.study.auditing._image_traits import TEXT_TRAITS, colour_traits, file_traits
from lentigo.study.auditing._kept_surveys import keep_survey, kept_survey
from lentigo.study.auditing.duplicates import THUMB_SIDE, thumbnail
from lentigo.study.auditing.quality import measure

UNREADABLE: Final = "unreadable"
DRAFT_SIDE: Final = 512  # no measure looks at more
WORTH_PROCESSES: Final = 600  # images: below, two processes are up (1.5 s each) when one would be done


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What one pass over the files brought back; rows as in the list of paths.

    Args:
        thumbs: shape (N, THUMB_SIDE, THUMB_SIDE, 3), RGB; zero where unreadable.
        traits: numbers and texts of files and colours (`_image_traits`); NaN or empty where unreadable.
        quality: measures (`lentigo.study.auditing.quality`); NaN where unreadable.
        problems: what is wrong with the unreadable images, by row.
        digests: SHA-256 of each file; "unreadable" where it cannot be read.
        pixel_digests: SHA-256 of size and upright RGB pixels; "unreadable" where they cannot be decoded.

    Example:
        >>> survey([photo]).is_readable
        array([ True])
    """

    thumbs: NDArray[np.uint8]
    traits: pd.DataFrame
    quality: pd.DataFrame
    problems: dict[int, str]
    digests: tuple[str, ...]
    pixel_digests: tuple[str, ...]

    @property
    def is_readable(self) -> NDArray[np.bool_]:
        """Which images could be decoded, shape (N,)."""
        readable = np.ones(len(self.digests), dtype=bool)
        readable[list(self.problems)] = False
        return readable


@dataclass(frozen=True, slots=True, eq=False)
class SurveyedImage:
    """What is kept of one image.

    Args:
        digest: SHA-256 of the file; "unreadable" where it cannot be read.
        problem: what is wrong with an unreadable one.
        pixel_digest: SHA-256 of size and pixels.
        thumb: its thumbnail.
        traits: numbers and texts.
        quality: measures.
    """

    digest: str
    problem: str = ""
    pixel_digest: str = UNREADABLE
    thumb: NDArray[np.uint8] | None = None
    traits: dict[str, Any] | None = None
    quality: dict[str, float] | None = None


def survey(paths: Sequence[Path], *, image: ImageConfig | None = None, track: Track = silent) -> Survey:
    """Return what is to be known about each file, in the order of `paths`.

    Unreadable images do not stop the others: all of them are named in `problems`.

    Args:
        paths: the image files.
        image: limits of decoding; the defaults of `ImageConfig` when left out.
        track: told of every image.

    Example:
        >>> seen = survey([photo, Path("missing.jpg")])
        >>> seen.thumbs.shape, seen.problems
        ((2, 64, 64, 3), {1: 'missing.jpg cannot be read: No such file or directory. Check the path.'})
    """
    limits = image or ImageConfig()
    look = partial(_survey_image, limits=limits)
    workers = (os.cpu_count() or 1) if len(paths) >= WORTH_PROCESSES else 1
    thumbs = np.zeros((len(paths), THUMB_SIDE, THUMB_SIDE, 3), dtype=np.uint8)
    traits: list[dict[str, Any]] = []
    quality: list[dict[str, float]] = []
    problems: dict[int, str] = {}
    digests, pixel_digests = [], []
    known = kept_survey(paths, limits)
    looks = map_in_processes(look, paths, workers=workers) if known is None else known
    for row, seen in enumerate(track(looks, "Looking at images", len(paths))):
        if seen.problem:
            problems[row] = seen.problem
        if seen.thumb is not None:
            thumbs[row] = seen.thumb
        digests.append(seen.digest)
        pixel_digests.append(seen.pixel_digest)
        traits.append(seen.traits or {})
        quality.append(seen.quality or {})
    if known is None and not problems:  # a file may be unreadable today only
        keep_survey(thumbs, traits, quality, digests, pixel_digests, limits)
    return Survey(thumbs, _texts(traits), _numbers(quality), problems, tuple(digests), tuple(pixel_digests))


def _survey_image(path: Path, *, limits: ImageConfig) -> SurveyedImage:
    """Return what is to be known about one file."""
    digest = UNREADABLE
    try:
        content = _read(path, limits)
        digest = hashlib.sha256(content).hexdigest()
        picture = open_image(content, limits=limits, draft_side=DRAFT_SIDE)
    except ImageError as error:
        # `open_image` calls bytes "image"; here their name is known.
        message = str(error)
        return SurveyedImage(digest, message if digest == UNREADABLE else f"{path}{message.removeprefix('image')}")
    return SurveyedImage(
        digest,
        pixel_digest=_pixel_digest(picture),
        thumb=thumbnail(picture),
        traits=file_traits(content) | colour_traits(picture),
        quality=measure(picture),
    )


def _read(path: Path, limits: ImageConfig) -> bytes:
    """Return the content of a file that is not too large.

    Raises:
        ImageError: it is missing, empty, too large, no file or not readable.
    """
    content = b""
    try:
        if path.stat().st_size <= limits.max_bytes:
            content = path.read_bytes()
    except OSError:
        pass  # said below, in the words of `open_image`
    if not content:
        open_image(path, limits=limits)
    return content


def _pixel_digest(picture: Image.Image) -> str:
    size = f"{picture.width} x {picture.height}\n".encode()
    return hashlib.sha256(size + picture.tobytes()).hexdigest()


def _numbers(rows: list[dict[str, float]]) -> pd.DataFrame:
    """Return the measures as a table of floats with all columns, even when no image is readable."""
    columns = next((list(row) for row in rows if row), list(measure(Image.new("RGB", (16, 16)))))
    return pd.DataFrame(rows, columns=columns, index=range(len(rows)), dtype=float)


def _texts(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the traits as a table: floats, and texts that are empty where they are missing."""
    columns = next((list(row) for row in rows if row), list(TEXT_TRAITS))
    table = pd.DataFrame(rows, columns=columns, index=range(len(rows)), dtype=object)
    types = {name: object if name in TEXT_TRAITS else float for name in columns}
    table[list(TEXT_TRAITS)] = table[list(TEXT_TRAITS)].fillna("")
    return table.astype(types)
