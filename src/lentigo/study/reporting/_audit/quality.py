"""Flaws of quality by class and split, each with examples, and the estimated tone of the skin."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lentigo.data.manifest import SPLITS
from lentigo.study.auditing import Audit, QualityFlag
from lentigo.study.reporting._audit.pairs import side_of
from lentigo.study.reporting._pictures import Thumbnail, Thumbnails
from lentigo.study.reporting._words import NOT_AVAILABLE, share
from lentigo.wording import counted

UNEVEN: Final = 0.001
"""Below this p-value a flaw is marked as unevenly spread: a dozen flaws are tested, and large sets find small gaps."""

SHOWN: Final = 8
FULL_BAR: Final = 0.1
"""The longest bar is the largest share in the table, or this share if all are smaller."""

TONES: Final = {
    "very light": "#f3e0d3",
    "light": "#e8c9b0",
    "intermediate": "#d5a584",
    "tan": "#b4835c",
    "brown": "#84583a",
    "dark": "#4b3024",
}


@dataclass(frozen=True, slots=True)
class QualityCell:
    """One share of the table.

    Args:
        share: as text.
        evidence: the counts behind it.
        bar: its length, 0 to 1.
        side: of the class; empty where the column is not a class.

    Example:
        >>> QualityCell("60%", "3 of 5 images", 1.0, "").share
        '60%'
    """

    share: str
    evidence: str
    bar: float
    side: str


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flaw.

    Args:
        key: of the flag.
        name: "with a ruler".
        cells: over all images, then a class each, then a split each.
        p_value: that all classes have it equally often, as text.
        is_uneven: whether they clearly do not.

    Example:
        >>> FlagRow("ruler", "with a ruler", (), "<0.001", is_uneven=True).is_uneven
        True
    """

    key: str
    name: str
    cells: tuple[QualityCell, ...]
    p_value: str
    is_uneven: bool


@dataclass(frozen=True, slots=True)
class FlagExamples:
    """Images that have a flaw most clearly.

    Example:
        >>> FlagExamples("with a ruler", 3, ()).n_images
        3
    """

    name: str
    n_images: int
    shots: tuple[tuple[Thumbnail, str, str], ...]


@dataclass(frozen=True, slots=True)
class ToneRow:
    """One class of skin tone.

    Example:
        >>> ToneRow("light", "#e8c9b0", 3, "60%", 100.0).colour
        '#e8c9b0'
    """

    name: str
    colour: str
    n_images: int
    share: str
    bar: float


def flag_rows(audit: Audit) -> tuple[FlagRow, ...]:
    """Return a row a flaw that occurs, the most frequent first."""
    flags = _occurring(audit)
    scale = max([FULL_BAR, *(n / of for flag in flags for n, of, _ in _counts(flag, audit) if of)])

    def cell(n: int, of: int, side: str) -> QualityCell:
        return QualityCell(
            share_text(n, of), f"{n:,} of {counted(of, 'image')}", round(n / of / scale, 3) if of else 0.0, side
        )

    return tuple(
        FlagRow(
            flag.key,
            flag.name,
            tuple(cell(*counts) for counts in _counts(flag, audit)),
            p_text(flag.p_value),
            is_uneven=flag.p_value < UNEVEN,
        )
        for flag in flags
    )


def examples(audit: Audit, album: Thumbnails, target_of: Mapping[str, str]) -> tuple[FlagExamples, ...]:
    """Return a strip of pictures a flaw, each with the class and the side of the image.

    Args:
        audit: whose flags are shown.
        album: of the pictures.
        target_of: class of each image.
    """
    strips = []
    for flag in filter(lambda flag: flag.images, _occurring(audit)):
        targets = [(image, target_of.get(image, "")) for image in flag.images[:SHOWN]]
        shots = tuple((album.picture(image), target, side_of(target, audit)) for image, target in targets)
        strips.append(FlagExamples(flag.name, flag.n_images, shots))
    return tuple(strips)


def _occurring(audit: Audit) -> list[QualityFlag]:
    return sorted((flag for flag in audit.flags if flag.n_images), key=lambda flag: -flag.share)


def _counts(flag: QualityFlag, audit: Audit) -> list[tuple[int, int, str]]:
    classes = [(*flag.by_class.get(name, (0, 0)), side_of(name, audit)) for name in audit.classes]
    splits = [(*flag.by_split[name], "") for name in SPLITS if name in flag.by_split]
    return [(flag.n_images, audit.n_readable, ""), *classes, *splits]


def share_text(n: int, of: int) -> str:
    """Return a share that is often small.

    Example:
        >>> [share_text(n, 10_000) for n in (0, 3, 212)]
        ['0%', '<0.1%', '2.1%']
    """
    return "0%" if of and not n else "<0.1%" if of and n / of < 0.0005 else share(n, of, digits=1)


def p_text(p_value: float) -> str:
    """Return a p-value with as many digits as mean something.

    Example:
        >>> [p_text(p) for p in (0.0002, 0.0312, 0.4, float("nan"))]
        ['<0.001', '0.031', '0.40', 'n/a']
    """
    if math.isnan(p_value):
        return NOT_AVAILABLE
    if p_value < 0.001:
        return "<0.001"
    return f"{p_value:.3f}" if p_value < 0.1 else f"{p_value:.2f}"


def tone_rows(audit: Audit) -> tuple[ToneRow, ...]:
    """Return a row a class of tone, lightest first; nothing where no tone was estimated."""
    counts = audit.skin_tone.counts
    total, most = sum(counts.values()), max(counts.values(), default=0)
    if not most or set(counts) == {"uncertain"}:
        return ()
    return tuple(
        ToneRow(name, TONES.get(name, ""), n, share_text(n, total), round(100 * n / most, 1))
        for name, n in counts.items()
    )
