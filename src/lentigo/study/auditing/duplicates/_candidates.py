"""Pairs of thumbnails that may show one photograph: few enough to be looked at, at a cost that grows with their number.

An index (HNSW of usearch) holds one invariant descriptor of every whole picture. Each picture asks it with every window
a cropped copy may show, so that both pictures of a pair need not be cut alike; the answers are ranked by their signed
frequencies in the best of eight turns. The index is built by one thread and asked by many, and the answers do not
depend on how many.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from usearch.index import Index

from lentigo.progress import Track, silent
from lentigo.study.auditing.duplicates._descriptor import WHOLE, WINDOWS, frequencies, invariant, turned_products
from lentigo.study.auditing.duplicates._thumbnails import opponents

BLOCK: Final = 256  # images asked at a time: their planes take 13 MB
N_NEIGHBOURS: Final = 4  # of each window, the picture itself not counted
N_KEPT: Final = 4  # of each image
LEAST_LIKENESS: Final = 0.75  # of signed frequencies

Thumbs = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CandidatePairs:
    """Pairs to look at: a window of one picture that may be the whole of another; fields of shape (P,).

    Args:
        whole: row of the picture whose whole is compared.
        part: row of the picture of which a window is compared.
        window: number of the window in WINDOWS.
        turn: number of the turn that the whole takes to become the window.
        likeness: of their low frequencies, up to 1.

    Example:
        >>> len(CandidatePairs(*[np.array([0])] * 4, np.array([0.9])))
        1
    """

    whole: Rows
    part: Rows
    window: Rows
    turn: Rows
    likeness: Floats

    def __len__(self) -> int:
        return len(self.whole)

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Self:
        """Return some of the pairs.

        Example:
            >>> len(CandidatePairs(*[np.arange(3)] * 4, np.ones(3)).take(np.array([0, 2])))
            2
        """
        return type(self)(self.whole[rows], self.part[rows], self.window[rows], self.turn[rows], self.likeness[rows])


def find_candidates(thumbs: Thumbs, *, asking: Rows | None = None, track: Track = silent) -> CandidatePairs:
    """Return the pairs of thumbnails that are worth a look, each once, sorted by their rows.

    Args:
        thumbs: thumbnails (N, THUMB_SIDE, THUMB_SIDE, 3).
        asking: rows whose partners are wanted, at least one; all of them unless given.
        track: told of the progress.

    Example:
        >>> dots = np.random.default_rng(0).integers(0, 255, (1, 64, 64, 3), dtype=np.uint8)
        >>> find_candidates(np.concatenate([dots, dots[:, ::-1]])).turn
        array([2])
    """
    spectra = np.concatenate([frequencies(opponents(thumbs[rows])) for rows in _blocks(len(thumbs))])
    index = build_index(invariant(spectra))
    asking = np.arange(len(thumbs)) if asking is None else asking
    found = [
        _ask(index, spectra, thumbs, asking[block])
        for block in track(_blocks(len(asking)), "looking for copies", len(asking), unit=BLOCK)
    ]
    every = CandidatePairs(*(np.concatenate(fields) for fields in zip(*map(_fields, found), strict=True)))
    low, high = np.minimum(every.whole, every.part), np.maximum(every.whole, every.part)
    return _best_of_each(every, low * len(thumbs) + high)


def build_index(descriptors: Floats) -> Index:
    """Return an index of the rows of `descriptors`, which is the same for the same rows.

    Example:
        >>> len(build_index(np.eye(3, dtype=np.float32)))
        3
    """
    index = Index(
        ndim=descriptors.shape[1], metric="ip", dtype="f16",  # half the memory to wait for: a fifth faster, same pairs
        connectivity=16, expansion_add=64, expansion_search=32,
    )  # fmt: skip
    index.add(np.arange(len(descriptors)), descriptors, threads=1)
    return index


def _blocks(n: int) -> list[Rows]:
    return [np.arange(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]


def _ask(index: Index, spectra: Floats, thumbs: Thumbs, rows: Rows) -> CandidatePairs:
    """Return the best few candidates of a block of images."""
    planes = opponents(thumbs[rows])
    answers = []
    for number, window in enumerate(WINDOWS):
        asked = spectra[rows] if window == WHOLE else frequencies(planes, window)
        matches = index.search(invariant(asked), min(N_NEIGHBOURS + 1, len(spectra)))
        neighbour = np.asarray(matches.keys, dtype=np.int64).reshape(len(rows), -1)
        place, column = np.nonzero(neighbour != rows[:, None])
        whole = neighbour[place, column]
        products = turned_products(asked[place], spectra[whole])
        turn = products.argmax(axis=1)
        likeness = products[np.arange(len(turn)), turn]
        answer = CandidatePairs(whole, rows[place], np.full(len(whole), number), turn, likeness)
        answers.append(answer.take(likeness >= LEAST_LIKENESS))
    every = CandidatePairs(*(np.concatenate(fields) for fields in zip(*map(_fields, answers), strict=True)))
    every = _best_of_each(every, every.part * len(thumbs) + every.whole)
    order = np.lexsort((every.whole, -every.likeness, every.part))
    part = every.part[order]
    rank = np.arange(len(part)) - np.searchsorted(part, part)
    return every.take(order[rank < N_KEPT])


def _fields(candidates: CandidatePairs) -> tuple[npt.NDArray[np.generic], ...]:
    return candidates.whole, candidates.part, candidates.window, candidates.turn, candidates.likeness


def _best_of_each(candidates: CandidatePairs, key: Rows) -> CandidatePairs:
    """Return the likeliest candidate of each key."""
    order = np.lexsort((candidates.part, candidates.window, -candidates.likeness, key))
    _, first = np.unique(key[order], return_index=True)
    return candidates.take(order[first])
