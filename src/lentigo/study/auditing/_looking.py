"""One file of a survey: read once, decoded once, and everything the audit asks of it taken on the way.

This is all that worker processes import: no pandas, which takes 65 MB in each of them.
"""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lentigo.compiling import compiled_module
from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import open_image
from lentigo.study.auditing._image_traits import colour_traits, file_traits
from lentigo.study.auditing.duplicates import thumbnail
from lentigo.study.auditing.quality import measure

UNREADABLE: Final = "unreadable"
DRAFT_SIDE: Final = 512  # no measure looks at more

Measure = Callable[[Image.Image], dict[str, float]]


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


def survey_image(path: Path, *, limits: ImageConfig, is_compiled: bool = False) -> SurveyedImage:
    """Return what is to be known about one file.

    Args:
        path: the file.
        limits: of decoding.
        is_compiled: whether compiled loops measure, where numba is installed.

    Example:
        >>> survey_image(photo, limits=ImageConfig()).thumb.shape
        (64, 64, 3)
    """
    digest = UNREADABLE
    try:
        content = read_content(path, limits)
        digest = hashlib.sha256(content).hexdigest()
        picture = open_image(content, limits=limits, draft_side=DRAFT_SIDE)
    except ImageError as error:
        # `open_image` calls bytes "image"; here their name is known.
        message = str(error)
        return SurveyedImage(digest, message if digest == UNREADABLE else f"{path}{message.removeprefix('image')}")
    quality, colours = _measures(is_compiled=is_compiled)
    return SurveyedImage(
        digest,
        pixel_digest=_pixel_digest(picture),
        thumb=thumbnail(picture),
        traits=file_traits(content) | colours(picture),
        quality=quality(picture),
    )


@functools.cache
def _measures(*, is_compiled: bool) -> tuple[Measure, Measure]:
    """Return what measures quality, and what measures colours."""
    loops = compiled_module("lentigo.study.auditing.compiled._measuring") if is_compiled else None
    if loops is None:
        return measure, colour_traits
    return loops.measure_compiled, loops.colour_traits_compiled


def read_content(path: Path, limits: ImageConfig) -> bytes:
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
    found = hashlib.sha256(f"{picture.width} x {picture.height}\n".encode())
    found.update(picture.tobytes())
    return found.hexdigest()
