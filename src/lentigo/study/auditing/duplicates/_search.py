"""The search for duplicates from end to end.

Copies with the same bytes or pixels are told by their digests, and only the first of them is compared with other
pictures, so that a file that lies there a hundred times does not crowd out a changed copy. Where changed copies crowd
each other out, one of each cluster is searched again. Pictures are compared in the order of their digests: the answer
does not depend on the order of the rows.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lentigo.progress import Track, silent
from lentigo.study.auditing.duplicates._candidates import N_KEPT, find_candidates
from lentigo.study.auditing.duplicates._duplicates import Duplicates, connect
from lentigo.study.auditing.duplicates._verdict import THRESHOLD, check, describe

Rows = npt.NDArray[np.int64]
_Pair = tuple[int, int, str, float, str]


def find_duplicates(
    thumbs: npt.NDArray[np.uint8],
    *,
    digests: Sequence[str],
    pixel_digests: Sequence[str],
    is_readable: npt.NDArray[np.bool_],
    track: Track = silent,
) -> Duplicates:
    """Return the pairs of images that show the same picture, perhaps flipped, turned, cropped, rescaled or recoloured.

    Args:
        thumbs: thumbnails (N, THUMB_SIDE, THUMB_SIDE, 3).
        digests: of the files' bytes.
        pixel_digests: of their decoded pixels.
        is_readable: which rows to look at, shape (N,).
        track: told of the progress.

    Example:
        >>> dots = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
        >>> thumbs = np.stack([dots, dots[:, ::-1]])
        >>> found = find_duplicates(thumbs, digests="ab", pixel_digests="ab", is_readable=np.ones(2, dtype=bool))
        >>> found.kind[0], found.change[0]
        (np.str_('near'), np.str_('mirrored'))
    """
    rows = np.flatnonzero(is_readable)
    rows, same_bytes = _copies(rows, digests, kind="bytes")
    rows, same_pixels = _copies(rows, pixel_digests, kind="pixels")
    rows = rows[np.argsort([pixel_digests[row] for row in rows.tolist()], kind="stable")]
    pairs = sorted([*same_bytes, *same_pixels, *_near(thumbs, rows, track)])
    first, second, kind, similarity, change = zip(*pairs, strict=True) if pairs else ((),) * 5
    return Duplicates(
        first=np.array(first, dtype=np.int64),
        second=np.array(second, dtype=np.int64),
        kind=np.array(kind, dtype=np.str_),
        similarity=np.array(similarity, dtype=np.float64),
        change=np.array(change, dtype=np.str_),
        n_images=len(thumbs),
    )


def _copies(rows: Rows, digests: Sequence[str], *, kind: str) -> tuple[Rows, list[_Pair]]:
    """Return the first row of each digest, and the pairs of the others with it."""
    first_of: dict[str, int] = {}
    pairs = [(first_of.setdefault(digests[row], row), row, kind, 1.0, "") for row in rows.tolist()]
    return np.array(list(first_of.values()), dtype=np.int64), [pair for pair in pairs if pair[0] != pair[1]]


def _near(thumbs: npt.NDArray[np.uint8], rows: Rows, track: Track) -> list[_Pair]:
    """Return the pairs of one photograph changed, round by round until nothing new comes together.

    A picture is compared with its N_KEPT nearest only, so that 24 copies of a photograph fill each other's places and
    fall apart into several clusters. One picture of each cluster goes on to the next round, where its twins are out of
    the way. Only those that stand for more than N_KEPT pictures ask there (in smaller clusters nobody had all its
    places taken by its own), and only if something joined them in the last round; all can be found. A set without such
    clusters is searched once, and another round costs little but a new index.
    """
    pairs: list[_Pair] = []
    asking, n_pictures = np.arange(len(rows)), np.ones(len(rows), dtype=np.int64)
    while len(asking) and len(rows) > 1:
        found, first, second = _compare(thumbs, rows, asking, track)
        pairs += found
        cluster = connect(first, second, len(rows))
        _, heads = np.unique(cluster, return_index=True)
        has_grown = np.bincount(cluster) > 1
        n_pictures = np.bincount(cluster, weights=n_pictures).astype(np.int64)
        rows, asking = rows[heads], np.flatnonzero(has_grown & (n_pictures > N_KEPT))
    return pairs


def _compare(thumbs: npt.NDArray[np.uint8], rows: Rows, asking: Rows, track: Track) -> tuple[list[_Pair], Rows, Rows]:
    """Return the pairs among some rows, and where their two pictures stand in `rows`."""
    pictures = thumbs[rows]
    candidates = find_candidates(pictures, asking=asking, track=track)
    placed = check(pictures, candidates, track=track)
    is_same = placed.likeness >= THRESHOLD
    pairs = []
    for i in np.flatnonzero(is_same):
        whole, part = int(rows[candidates.whole[i]]), int(rows[candidates.part[i]])
        change = describe(int(candidates.turn[i]), placed.scale[i], placed.offset[i], is_second_whole=whole > part)
        pairs.append((min(whole, part), max(whole, part), "near", round(float(placed.likeness[i]), 4), change))
    return pairs, candidates.whole[is_same], candidates.part[is_same]
