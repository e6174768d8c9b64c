"""One pass over the files: each is read once and decoded once, and everything the audit asks of it is taken on the way.

Bytes and pixels are given up again at once; what stays of an image is a thumbnail of 12 kB, two digests and some eighty
numbers, so that memory grows by 150 MB for 10,000 images and disks are read once. The measures are many short calls
that hold the interpreter's lock, so long lists go to processes; short ones are done before a process is up.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from lentigo.config import ImageConfig
from lentigo.parallel import map_in_processes
from lentigo.progress import Track, silent
from lentigo.study.auditing._image_traits import TEXT_TRAITS
from lentigo.study.auditing._kept_surveys import keep_survey, kept_survey
from lentigo.study.auditing._looking import SurveyedImage, survey_image
from lentigo.study.auditing.compiled import are_loops_ready
from lentigo.study.auditing.duplicates import THUMB_SIDE
from lentigo.study.auditing.quality import measure

WORTH_PROCESSES: Final = 600  # images: below, two processes are up (1.5 s each) when one would be done
WORTH_PROCESSES_COMPILED: Final = 2000  # the same where compiled loops look at one in a third of the time


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
    thumbs = np.zeros((len(paths), THUMB_SIDE, THUMB_SIDE, 3), dtype=np.uint8)
    traits: list[dict[str, Any]] = []
    quality: list[dict[str, float]] = []
    problems: dict[int, str] = {}
    digests, pixel_digests = [], []
    known = kept_survey(paths, limits)
    looks = _look_at_all(paths, limits) if known is None else known
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


def _look_at_all(paths: Sequence[Path], limits: ImageConfig) -> Iterator[SurveyedImage]:
    is_compiled = are_loops_ready(len(paths))
    least = WORTH_PROCESSES_COMPILED if is_compiled else WORTH_PROCESSES
    workers = (os.cpu_count() or 1) if len(paths) >= least else 1
    return map_in_processes(partial(survey_image, limits=limits, is_compiled=is_compiled), paths, workers=workers)


def _numbers(rows: list[dict[str, float]]) -> pd.DataFrame:
    """Return the measures as a table of floats with all columns, even when no image is readable."""
    columns = next((list(row) for row in rows if row), None) or list(measure(Image.new("RGB", (16, 16))))
    return pd.DataFrame(rows, columns=columns, index=range(len(rows)), dtype=float)


def _texts(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the traits as a table: floats, and texts that are empty where they are missing."""
    columns = next((list(row) for row in rows if row), list(TEXT_TRAITS))
    table = pd.DataFrame(rows, columns=columns, index=range(len(rows)), dtype=object)
    types = {name: object if name in TEXT_TRAITS else float for name in columns}
    table[list(TEXT_TRAITS)] = table[list(TEXT_TRAITS)].fillna("")
    return table.astype(types)
