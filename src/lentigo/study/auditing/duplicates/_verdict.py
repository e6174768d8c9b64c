"""Whether two pictures are one photograph, and what was done to it.

Four looks, each at finer structure than the one before and at fewer pairs: wide structures at 32 px find scale and
shift, the last look at 64 px knows only what is narrower than about five pixels, where the outline of a lesion hardly
counts. THRESHOLD lies in the gap between the two heaps of its likeness; docs/experiments.md has the counts.
"""

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lentigo.progress import Track, silent
from lentigo.study.auditing.duplicates._alignment import Placement, align, detail
from lentigo.study.auditing.duplicates._candidates import CandidatePairs
from lentigo.study.auditing.duplicates._descriptor import WINDOWS, turn
from lentigo.study.auditing.duplicates._thumbnails import luminance

THRESHOLD: Final = 0.6  # of the last look's likeness: different lesions reached 0.58 on three public sets
CHUNK: Final = 32  # pairs at a time: what they need stays in the processor's cache
_ZOOM_SEEN, _SHIFT_SEEN = 0.03, 0.03  # less than that is not worth a word

Thumbs = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PairComparison:
    """One look at a pair.

    Args:
        coarse: wide blur of the detail, pixels.
        floor: strength of detail below which nothing is amplified, grey levels.
        steps: of the alignment.
        least: likeness of those that are looked at again.
        is_halved: whether at half the side.

    Example:
        >>> PairComparison(coarse=2.0, floor=1.5, steps=2, least=0.6).is_halved
        False
    """

    coarse: float
    floor: float
    steps: int
    least: float
    is_halved: bool = False

    def at(self, still: Floats, moving: Floats, start: Placement) -> Placement:
        """Return where the pictures (P, side, side) lie in their partners.

        Example:
            >>> dots = np.random.default_rng(0).uniform(50, 250, (1, 64, 64)).astype(np.float32)
            >>> start = Placement(np.ones((1, 2)), np.zeros((1, 2)), np.zeros(1))
            >>> PairComparison(coarse=2.0, floor=1.5, steps=0, least=0.6).at(dots, dots, start).likeness.round(3)
            array([1.], dtype=float32)
        """
        if self.is_halved:
            still, moving = _halved(still), _halved(moving)
        one, one_seen = detail(still, fine=0.7, coarse=self.coarse, floor=self.floor)
        other, other_seen = detail(moving, fine=0.7, coarse=self.coarse, floor=self.floor)
        return align(one, other, start, seen=(one_seen, other_seen), steps=self.steps)


LOOKS: Final = (
    PairComparison(coarse=5.0, floor=4.0, steps=6, least=0.8, is_halved=True),
    PairComparison(coarse=2.0, floor=2.0, steps=2, least=0.6, is_halved=True),
    PairComparison(coarse=3.0, floor=3.0, steps=4, least=0.45),
    PairComparison(coarse=2.0, floor=1.5, steps=2, least=-1.0),
)

_STARTS: Final = np.array(
    [
        [[right - left, bottom - top], [(left + right - 1) / 2, (top + bottom - 1) / 2]]
        for left, right, top, bottom in WINDOWS
    ],
    dtype=np.float32,
)


def check(thumbs: Thumbs, pairs: CandidatePairs, *, track: Track = silent) -> Placement:
    """Return where the whole picture of each pair lies in its partner, after its turn; likeness -1 where dismissed.

    Example:
        >>> from lentigo.study.auditing.duplicates._candidates import find_candidates
        >>> dots = np.random.default_rng(0).integers(0, 255, (1, 64, 64, 3), dtype=np.uint8)
        >>> both = np.concatenate([dots, dots[:, ::-1]])
        >>> check(both, find_candidates(both)).likeness.round(3)
        array([1.], dtype=float32)
    """
    chunks = [np.arange(start, min(start + CHUNK, len(pairs))) for start in range(0, len(pairs), CHUNK)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda rows: _check(thumbs, pairs.take(rows)), chunks)
        placements = list(track(results, "comparing pictures", len(pairs), unit=CHUNK))
    return _joined(placements)


def _check(thumbs: Thumbs, pairs: CandidatePairs) -> Placement:
    still, moving = _turned(luminance(thumbs[pairs.whole]), pairs.turn), luminance(thumbs[pairs.part])
    start = _STARTS[pairs.window]
    result = Placement(start[:, 0], start[:, 1], np.full(len(pairs), -1.0, dtype=np.float32))
    rows, placed = np.arange(len(pairs)), result
    for look in LOOKS:
        placed = look.at(still[rows], moving[rows], placed)
        keep = placed.likeness >= look.least
        rows, placed = rows[keep], placed.take(keep)
        if not len(rows):
            return result
    for field in ("scale", "offset", "likeness"):
        getattr(result, field)[rows] = getattr(placed, field)
    return result


def _turned(planes: Floats, numbers: npt.NDArray[np.int64]) -> Floats:
    for number in np.unique(numbers):
        planes[numbers == number] = turn(planes[numbers == number], int(number))
    return planes


def _halved(planes: Floats) -> Floats:
    pairs = planes[:, :, ::2] + planes[:, :, 1::2]  # in the order of NumPy's mean, in a thirtieth of its time
    return np.asarray((pairs[:, ::2] + pairs[:, 1::2]) * np.float32(0.25))


def _joined(placements: list[Placement]) -> Placement:
    nothing = np.zeros((0, 2), dtype=np.float32)
    every = placements or [Placement(nothing, nothing, nothing[:, 0])]
    return Placement(
        np.concatenate([p.scale for p in every]),
        np.concatenate([p.offset for p in every]),
        np.concatenate([p.likeness for p in every]),
    )


def describe(turn_number: int, scale: Floats, offset: Floats, *, is_second_whole: bool) -> str:
    """Return what makes the second picture of the first, in words; empty for nothing to be seen.

    Args:
        turn_number: turn that the whole picture takes to lie in the other.
        scale: of the whole in the other, along x and y.
        offset: of the whole in the other, along x and y.
        is_second_whole: whether the second picture is the whole one of the pair; its turn is undone then.

    Example:
        >>> describe(1, np.array([0.8, 0.8]), np.zeros(2), is_second_whole=True)
        'mirrored, zoomed 1.25'
    """
    words = []
    is_mirrored, n_turns = _mirror_and_turns(turn_number, inverse=is_second_whole)
    if is_mirrored:
        words.append("mirrored")
    if n_turns:
        words.append(f"turned {90 * n_turns}°")
    zoom = np.asarray(1 / scale if is_second_whole else scale, dtype=np.float32)
    if is_second_whole and turn_number & 4:
        zoom = zoom[::-1]
    if float(np.abs(zoom - 1).max()) > _ZOOM_SEEN:
        is_even = float(np.ptp(zoom)) < 2 * _ZOOM_SEEN
        words.append(f"zoomed {zoom.mean():.2f}" if is_even else f"zoomed {zoom[0]:.2f} x {zoom[1]:.2f}")
    elif float(np.abs(offset).max()) > _SHIFT_SEEN:
        words.append("shifted")
    return ", ".join(words)


def _mirror_and_turns(number: int, *, inverse: bool) -> tuple[bool, int]:
    """Return the turn, or what undoes it, as a mirroring (left to right) followed by quarter turns, clockwise."""
    picture = np.arange(4, dtype=np.float32).reshape(2, 2)
    wanted = turn(picture, number)
    for is_mirrored, n_turns in itertools.product((False, True), range(4)):
        changed = np.rot90(picture[:, ::-1] if is_mirrored else picture, -n_turns)
        if np.array_equal(turn(changed, number) if inverse else changed, picture if inverse else wanted):
            break
    return is_mirrored, n_turns
