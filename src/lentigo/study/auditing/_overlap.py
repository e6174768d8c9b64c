"""Photographs of one set that stand in another too: what a model learned from is not a test of it."""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from lentigo.config import ImageConfig
from lentigo.errors import ImageError
from lentigo.images import open_image, stream_images
from lentigo.progress import Track, silent
from lentigo.study.auditing.duplicates import THUMB_SIDE, find_duplicates, thumbnail

BATCH: Final = 64


def find_shared(
    asked: Sequence[Path], known: Sequence[Path], *, image: ImageConfig | None = None, track: Track = silent
) -> npt.NDArray[np.int64]:
    """Return where in `known` each photograph of `asked` has one that shows the same picture, shape (N,); -1: nowhere.

    Pictures are compared as the audit compares them, so that a copy that was flipped, turned, cropped, rescaled or
    recoloured is found; two photographs of one lesion are not. Unreadable files show nothing.

    Args:
        asked: N files.
        known: the files to look among.
        image: limits of images.
        track: draws progress.

    Example:
        >>> find_shared([photo], [photo])
        array([0])
    """
    paths = [*asked, *known]
    thumbs = np.zeros((len(paths), THUMB_SIDE, THUMB_SIDE, 3), dtype=np.uint8)
    is_readable = np.zeros(len(paths), dtype=bool)
    look = partial(_thumbnail, limits=image or ImageConfig())
    batches = stream_images(paths, look, batch_size=BATCH)
    for row, seen in enumerate(track((one for batch in batches for one in batch), "Looking for copies", len(paths))):
        if not isinstance(seen, ImageError):
            thumbs[row], is_readable[row] = seen, True
    # A picture is compared with a few others only, so equal ones count once, and what is like one is like its cluster.
    digests = [hashlib.sha256(thumb.tobytes()).hexdigest() for thumb in thumbs]
    pairs = find_duplicates(thumbs, digests=digests, pixel_digests=digests, is_readable=is_readable, track=track)
    cluster = pairs.clusters()
    known_of = {place: row for row, place in reversed(list(enumerate(cluster[len(asked) :].tolist())))}
    partner = np.array([known_of.get(place, -1) for place in cluster[: len(asked)].tolist()], dtype=np.int64)
    across = (pairs.first < len(asked)) & (pairs.second >= len(asked))
    partner[pairs.first[across]] = pairs.second[across] - len(asked)
    return partner


def _thumbnail(path: Path, limits: ImageConfig) -> npt.NDArray[np.uint8]:
    return thumbnail(open_image(path, limits=limits, draft_side=2 * THUMB_SIDE))
