"""Groups of images that stay together, and how a share of them is cut out, class by class.

A cut walks through the groups ordered by class and size and takes its share evenly (so that lesions with many views do
not gather on one side), then flips single groups in or out while that brings the counts closer. Where every image is
its own group the counts are exact.
"""

import heapq
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from lentigo.data.manifest import Manifest, number_groups, sort_names
from lentigo.errors import DataError, name_offenders
from lentigo.wording import counted

MAX_FLIPS: Final = 500

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pool:
    """The groups to share out, in random order.

    Args:
        counts: images of each group and class, shape (G, K).
        group_of: the group of each image, shape (N,).
        classes: their names, K of them.
        origin: of the manifest, for messages.

    Example:
        >>> pool = Pool(np.array([[2, 0], [1, 0], [0, 3], [0, 1]]), np.arange(4), ("MEL", "NV"), "memory")
        >>> pool.cut(np.ones(4, dtype=bool), 2, n_later=1)
        array([False,  True, False,  True])
    """

    counts: Counts
    group_of: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    origin: str

    @classmethod
    def of(cls, manifest: Manifest, groups: npt.NDArray[np.str_] | None, seed: int) -> Self:
        """Return the groups of a manifest.

        Args:
            manifest: the images.
            groups: one name an image; the manifest's patients and lesions when None.
            seed: of the order.

        Raises:
            ValueError: not one group per image.
        """
        # sorted by name: the order of the rows is forgotten before chance comes in
        if groups is None:
            unique, group_of, _ = number_groups(manifest.table, "auto", manifest.origin)
        else:
            unique, group_of = sort_names(groups)
        if len(group_of) != len(manifest):
            raise ValueError(f"{counted(len(group_of), 'group')} for {counted(len(manifest), 'image')}")
        place = np.argsort(np.random.default_rng(seed).permutation(len(unique)))
        group_of = place[group_of]
        counts = np.zeros((len(unique), len(manifest.classes)), dtype=np.int64)
        np.add.at(counts, (group_of, manifest.targets), 1)
        return cls(counts, group_of, manifest.classes, manifest.origin)

    def check(self, n_parts: int, parts: str) -> None:
        """Raise unless every class has a group for each part.

        Raises:
            DataError: a class has fewer.
        """
        n_groups = (self.counts > 0).sum(axis=0)
        short = [f"{name} ({n})" for name, n in zip(self.classes, n_groups, strict=True) if 0 < n < n_parts]
        if short:
            raise DataError(
                f"{self.origin}: fewer lesions, patients or single images than the {n_parts} {parts} need in "
                f"{name_offenders(short)}. Add images; or predict malignant and benign alone (--set data.task=binary); "
                "or exclude the class: map its names to UNK in [data.aliases], with data.undiagnosed=drop"
                f"{'; or use fewer folds' if parts == 'folds' else ''}."
            )

    def check_all_present(self, part: npt.NDArray[np.generic], names: list[str] | list[int]) -> None:
        """Raise unless every class that exists is in every part.

        Raises:
            DataError: one is not.
        """
        for name in names:
            is_absent = (self.counts[part == name].sum(axis=0) == 0) & (self.counts.sum(axis=0) > 0)
            if is_absent.any():
                absent = [self.classes[i] for i in np.flatnonzero(is_absent)]
                raise DataError(
                    f"{self.origin}: no image of {name_offenders(absent)} could be put into '{name}' without dividing "
                    "a lesion or patient. Add images, or choose other fractions or fewer folds."
                )

    def cut(self, is_free: Mask, n_wanted: int, *, n_later: int) -> Mask:
        """Return which groups to take (G,): about `n_wanted` images, every class in proportion.

        Args:
            is_free: the groups that may be taken (G,).
            n_wanted: number of images.
            n_later: how many parts will still be cut from the rest; so many groups of each class are left.
        """
        rows = np.flatnonzero(is_free)
        counts = self.counts[rows]
        n_class = counts.sum(axis=0)
        wanted = shares(n_wanted, n_class / max(n_class.sum(), 1))
        wanted = np.where((n_class > 0) & (wanted == 0), 1, wanted)
        taken = _take_evenly(counts, wanted / np.maximum(n_class, 1))
        taken = _flip_closer(counts, taken, wanted, n_later)
        mask = np.zeros(len(is_free), dtype=bool)
        mask[rows[taken]] = True
        return mask


def _take_evenly(counts: Counts, share: npt.NDArray[np.float64]) -> Mask:
    """Return a first choice of groups (G,): `share` of each class's images, evenly among large and small groups.

    Groups are ordered by their rarest class and then size; a group is taken each time the running sum of wanted images
    passes the middle of what taking it would add.
    """
    n_class = counts.sum(axis=0)
    rarest = np.where(counts > 0, n_class, np.iinfo(np.int64).max).argmin(axis=1)
    size = counts.sum(axis=1)
    order = np.lexsort((np.arange(len(counts)), -size, rarest))
    taken = np.zeros(len(counts), dtype=bool)
    owed = 0.0
    walk = (order.tolist(), size[order].tolist(), share[rarest[order]].tolist())  # plain numbers are thrice as fast
    for group, n_images, part in zip(*walk, strict=True):
        owed += part * n_images
        if owed >= n_images / 2:
            taken[group] = True
            owed -= n_images
    return taken


def _flip_closer(counts: Counts, taken: Mask, wanted: Counts, n_later: int) -> Mask:
    """Return the choice after moving single groups in or out while that brings the counts closer to `wanted`.

    The distance is the sum over classes of the images missing or too many, as a share of the class, plus the same for
    the total. A class never falls to nothing on either side. Of equally good moves the first group's is made; groups
    with the same counts make the same move, so each kind of group is looked at once: some hundred kinds, where there
    may be a million groups.
    """
    taken = taken.copy()
    n_class = np.maximum(counts.sum(axis=0), 1)
    kinds = _Kinds.of(counts, taken)
    in_hand = counts[taken].sum(axis=0)
    for _ in range(MAX_FLIPS):
        missing = wanted - in_hand
        after = missing - kinds.moves
        distance = (np.abs(after) / n_class).sum(axis=1) + np.abs(after.sum(axis=1)) / n_class.sum()
        now = (np.abs(missing) / n_class).sum() + abs(missing.sum()) / n_class.sum()
        distance[kinds.would_empty(n_later)] = np.inf
        nearest = distance.min()
        if nearest >= now - 1e-12:
            break
        equal = np.flatnonzero(distance == nearest)
        best = int(equal[kinds.first[equal].argmin()])
        taken[kinds.flip(best)] ^= True
        in_hand = in_hand + kinds.moves[best]
    return taken


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Groups of equal counts, once as taken and once as left: kind k and kind k + n / 2 have the same counts.

    Args:
        has: (n, K) whether a group of the kind has images of each class.
        moves: (n, K) images of each class that a flip brings.
        is_taken: (n,).
        order: the groups, by kind; those of a kind ascend.
        start: (n + 1,) where each kind begins in `order`.
        size: (n,) how many groups are of the kind now.
        first: (n,) the first of them; where there is none, more than any group.
        n_groups: (2, K) groups left and groups taken that have each class.
        heaps: of the kinds that were flipped: the groups that are of the kind now.
    """

    has: Mask
    moves: Counts
    is_taken: Mask
    order: Counts
    start: Counts
    size: Counts
    first: Counts
    n_groups: Counts
    heaps: dict[int, list[int]]

    @classmethod
    def of(cls, counts: Counts, taken: Mask) -> Self:
        # a row of small numbers as one, which sorts faster than rows do
        base = int(counts.max(initial=0)) + 1
        as_one = counts @ base ** np.arange(counts.shape[1]) if base ** counts.shape[1] < 2**62 else None
        if as_one is None:
            rows, kind = np.unique(counts, axis=0, return_inverse=True)
        else:
            _, first, kind = np.unique(as_one, return_index=True, return_inverse=True)
            rows = counts[first]
        n = len(rows)
        kind = np.where(taken, kind, kind + n)
        order = np.argsort(kind, kind="stable")
        size = np.bincount(kind, minlength=2 * n)
        start = np.concatenate([[0], np.cumsum(size)])
        first = np.where(size > 0, np.append(order, 0)[start[:-1]], len(kind))
        has = np.concatenate([rows, rows]) > 0
        n_groups = np.stack([size[side] @ has[side] for side in (slice(n, None), slice(None, n))])
        return cls(has, np.concatenate([-rows, rows]), np.arange(2 * n) < n, order, start, size, first, n_groups, {})

    def would_empty(self, n_later: int) -> Mask:
        """Return the kinds that are empty, or whose flip would leave a class nothing taken, or too few for later."""
        n_left, n_taken = self.n_groups
        found: Mask = self.size == 0
        if (n_taken <= 1).any() or (n_left <= n_later).any():
            found |= np.where(self.is_taken, self.has @ (n_taken <= 1), self.has @ (n_left <= n_later))
        return found

    def flip(self, kind: int) -> int:
        """Return the first group of a kind, after moving it to the other side."""
        n = len(self.size) // 2
        other = (kind + n) % (2 * n)
        group = heapq.heappop(self._heap(kind))
        heapq.heappush(self._heap(other), group)
        for one, change in ((kind, -1), (other, 1)):
            self.size[one] += change
            self.first[one] = self.heaps[one][0] if self.heaps[one] else len(self.order)
            self.n_groups[int(one < n)] += change * self.has[one]
        return group

    def _heap(self, kind: int) -> list[int]:
        if kind not in self.heaps:  # they ascend, so that they are a heap
            self.heaps[kind] = self.order[self.start[kind] : self.start[kind + 1]].tolist()
        return self.heaps[kind]


def shares(n: int, fractions: npt.NDArray[np.float64]) -> Counts:
    """Return whole numbers that sum to n and come closest to n * fractions (largest remainder, first on ties).

    Example:
        >>> shares(10, np.array([0.17, 0.2, 0.63]))
        array([2, 2, 6])
    """
    exact = n * fractions / fractions.sum()
    whole: Counts = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: n - int(whole.sum())]] += 1
    return whole
