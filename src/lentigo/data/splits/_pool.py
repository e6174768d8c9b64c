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

from lentigo.data.manifest import Manifest, sort_names
from lentigo.errors import DataError, name_offenders

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
        names = manifest.groups()[0] if groups is None else groups
        if len(names) != len(manifest):
            raise ValueError(f"{len(names)} groups for {len(manifest)} images")
        # sorted by name: the order of the rows is forgotten before chance comes in
        unique, group_of = sort_names(names)
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
                f"{name_offenders(short)}. Add images, exclude the class, or use fewer {parts}."
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
        delta = np.where(kinds.is_taken[:, None], -kinds.counts, kinds.counts)
        after = missing - delta
        distance = (np.abs(after) / n_class).sum(axis=1) + np.abs(after.sum(axis=1)) / n_class.sum()
        now = (np.abs(missing) / n_class).sum() + abs(missing.sum()) / n_class.sum()
        distance[kinds.would_empty(n_later)] = np.inf
        nearest = distance.min()
        if nearest >= now - 1e-12:
            break
        best = min(np.flatnonzero(distance == nearest).tolist(), key=lambda kind: kinds.members[kind][0])
        taken[kinds.flip(best)] ^= True
        in_hand = in_hand + delta[best]
    return taken


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Groups of equal counts, once as taken and once as left: kind k and kind k + n / 2 have the same counts.

    Args:
        counts: (n, K) images of each class in a group of the kind.
        is_taken: (n,).
        members: the groups that are of the kind now, as heaps: the first comes first.
    """

    counts: Counts
    is_taken: Mask
    members: list[list[int]]

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
        ends = np.cumsum(np.bincount(kind, minlength=2 * n))[:-1]
        members = [one.tolist() for one in np.split(order, ends)]  # ascending, so each is a heap
        return cls(np.concatenate([rows, rows]), np.arange(2 * n) < n, members)

    def would_empty(self, n_later: int) -> Mask:
        """Return the kinds that are empty, or whose flip would leave a class nothing taken, or too few for later."""
        size = np.array([len(groups) for groups in self.members])
        has = self.counts > 0
        n_taken, n_left = ((has * (size * side)[:, None]).sum(axis=0) for side in (self.is_taken, ~self.is_taken))
        emptied = np.where(self.is_taken, (has & (n_taken <= 1)).any(axis=1), (has & (n_left <= n_later)).any(axis=1))
        found: Mask = emptied | (size == 0)
        return found

    def flip(self, kind: int) -> int:
        """Return the first group of a kind, after moving it to the other side."""
        n = len(self.members) // 2
        group = heapq.heappop(self.members[kind])
        heapq.heappush(self.members[(kind + n) % (2 * n)], group)
        return group


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
