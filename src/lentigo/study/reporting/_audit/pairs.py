"""Images that show the same picture, side by side: those that leak, then those with two labels, then plain copies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lentigo.study.auditing import Audit, DuplicatePair
from lentigo.study.reporting._pictures import Thumbnail, Thumbnails
from lentigo.taxonomy import BENIGN, MALIGNANT

SHOWN: Final = 60
LEAST: Final = 12
"""Each group shows this many pairs if it has them, however many the graver groups before it have."""

KINDS: Final = {"bytes": "the same file", "pixels": "the same pixels", "near": "the same photograph"}


@dataclass(frozen=True, slots=True)
class PairImage:
    """One image of a pair.

    Example:
        >>> PairImage(Thumbnail("a", None, ""), "train", "NV", "benign").split
        'train'
    """

    picture: Thumbnail
    split: str | None
    target: str
    side: str


@dataclass(frozen=True, slots=True)
class ShownPair:
    """Two images, and how they are the same.

    Args:
        shots: both.
        how: "the same photograph, mirrored".
        similarity: "0.983"; empty for equal pixels.
        is_leak: whether they stand in two splits.
        is_conflict: whether they have two labels.

    Example:
        >>> ShownPair((), "the same file", "", is_leak=True, is_conflict=False).how
        'the same file'
    """

    shots: tuple[PairImage, ...]
    how: str
    similarity: str
    is_leak: bool
    is_conflict: bool


@dataclass(frozen=True, slots=True)
class PairGroup:
    """Pairs of one gravity.

    Args:
        title: of the group.
        meaning: why it matters.
        n_pairs: how many there are.
        pairs: those shown.

    Example:
        >>> PairGroup("In two splits", "", 3, ()).n_pairs
        3
    """

    title: str
    meaning: str
    n_pairs: int
    pairs: tuple[ShownPair, ...]


def pair_groups(audit: Audit, album: Thumbnails) -> tuple[PairGroup, ...]:
    """Return the groups that have pairs, the gravest first; at most `SHOWN` pairs in all are shown."""
    leaks = [pair for pair in audit.pairs if pair.is_leak]
    conflicts = [pair for pair in audit.pairs if pair.is_conflict and not pair.is_leak]
    copies = [pair for pair in audit.pairs if not (pair.is_leak or pair.is_conflict)]
    has_split = any(split is not None for pair in copies for split in pair.splits)
    named = (
        (
            "In two splits",
            "The model is tested on its training images, which makes every result too optimistic.",
            leaks,
        ),
        ("Under two labels", "At least one of the two labels is wrong.", conflicts),
        (
            "Copies in one split" if has_split else "Copies",
            "They count twice, and leak as soon as a split separates them.",
            copies,
        ),
    )
    quotas = _allot([len(pairs) for _, _, pairs in named])
    return tuple(
        PairGroup(title, meaning, len(pairs), tuple(show_pair(pair, audit, album) for pair in varied(pairs)[:n]))
        for (title, meaning, pairs), n in zip(named, quotas, strict=True)
        if pairs
    )


def varied(pairs: Sequence[DuplicatePair]) -> list[DuplicatePair]:
    """Return the pairs with those first that show no image of a pair before them.

    Example:
        >>> same = [DuplicatePair(*ids, "near", 0.9, "", (None, None), ("NV", "NV")) for ids in ("ab", "ac", "de")]
        >>> [pair.second for pair in varied(same)]
        ['b', 'e', 'c']
    """
    seen, fresh, rest = set[str](), list[DuplicatePair](), list[DuplicatePair]()
    for pair in pairs:
        images = {pair.first, pair.second}
        (rest if images & seen else fresh).append(pair)
        seen |= images
    return fresh + rest


def show_pair(pair: DuplicatePair, audit: Audit, album: Thumbnails) -> ShownPair:
    """Return a pair with its pictures."""
    shots = tuple(
        PairImage(album.picture(image), split, target, side_of(target, audit))
        for image, split, target in zip((pair.first, pair.second), pair.splits, pair.targets, strict=True)
    )
    return ShownPair(
        shots,
        ", ".join(filter(None, (KINDS[pair.kind], pair.change))),
        f"{pair.similarity:.3f}" if pair.kind == "near" else "",
        is_leak=pair.is_leak,
        is_conflict=pair.is_conflict,
    )


def side_of(target: str, audit: Audit) -> str:
    """Return the side of a class; nothing for no class."""
    if not target:
        return ""
    return MALIGNANT if target in audit.malignant else BENIGN


def _allot(sizes: Sequence[int]) -> Iterator[int]:
    """Yield how many of each group to show: in order, but leaving `LEAST` places for every group that follows."""
    room = SHOWN
    for place, size in enumerate(sizes):
        n_shown = min(size, room - sum(min(later, LEAST) for later in sizes[place + 1 :]))
        room -= n_shown
        yield n_shown
