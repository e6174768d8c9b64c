"""Train, val and test (or folds) that keep groups together and classes in proportion.

One step does all of it: *cut* a wanted number of images, class by class, out of a set of groups, again and again. Each
cut walks through the groups ordered by class and size and takes its share evenly (so that lesions with many views do
not gather on one side), then flips single groups in or out while that brings the counts closer. Where every image is
its own group the counts are exact. scikit-learn's StratifiedGroupKFold knows equal folds only, and takes four times as
long for folds that are as even (10,015 images of HAM10000, five folds).

The result depends on the ids, the targets and the seed, never on the order of the rows.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from lentigo.errors import ConfigError, DataError, name_offenders, suggest
from lentigo.manifest import SPLITS, Manifest

__all__ = ["FRACTIONS", "cut_fold", "cut_validation", "k_folds", "split_manifest"]

FRACTIONS: Final[Mapping[str, float]] = MappingProxyType({"train": 0.63, "val": 0.17, "test": 0.20})
MAX_FLIPS: Final = 500

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


def split_manifest(
    manifest: Manifest,
    *,
    fractions: Mapping[str, float] = FRACTIONS,
    seed: int = 0,
    groups: npt.NDArray[np.str_] | None = None,
) -> Manifest:
    """Return the manifest with every image in train, val or test; a split it had is replaced.

    Args:
        manifest: any images.
        fractions: the wanted share of the images in each split; "train" must be among them, and they sum to one.
        seed: another seed gives another split.
        groups: which images stay together, one name an image; the patients and lesions of the manifest when None.

    Raises:
        ConfigError: the fractions are no such shares.
        DataError: a class has fewer groups than there are splits, or its groups are too large to share out.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"image_id": [f"{i:02}" for i in range(20)], "target": ["NV", "MEL"] * 10})
        >>> manifest = Manifest(table.assign(path="/" + table["image_id"]), origin="memory")
        >>> split_manifest(manifest, fractions={"train": 0.6, "val": 0.2, "test": 0.2}).counts().loc["MEL"].to_dict()
        {'train': 6, 'val': 2, 'test': 2}
    """
    _check_fractions(fractions)
    names = [name for name in reversed(SPLITS) if fractions.get(name, 0) > 0]  # test, val, train
    pool = _Pool.of(manifest, groups, seed)
    pool.check(len(names), "splits")
    n_wanted = _shares(len(manifest), np.array([fractions[name] for name in names]))
    chosen = np.full(len(pool.counts), names[-1], dtype=object)
    is_free = np.ones(len(pool.counts), dtype=bool)
    for i, name in enumerate(names[:-1]):
        taken = pool.cut(is_free, int(n_wanted[i]), n_later=len(names) - 1 - i)
        chosen[taken] = name
        is_free &= ~taken
    pool.check_all_present(chosen, names)
    return manifest.with_split(chosen[pool.group_of])


def cut_validation(
    manifest: Manifest, *, fraction: float = 0.17, seed: int = 0, groups: npt.NDArray[np.str_] | None = None
) -> Manifest:
    """Return the manifest with a validation split cut out of its training split; test stays untouched.

    Args:
        manifest: images with a train split and no val split.
        fraction: the size of the new split as a share of *all* images, rounded down: 0.17 of 3,297 images are 560.
        seed: another seed cuts other images.
        groups: which images stay together, one name an image; the patients and lesions of the manifest when None.

    Raises:
        ConfigError: the fraction is not between 0 and 1.
        DataError: there is no train split, there is a val split, or train is too small to cut.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"image_id": [f"{i:02}" for i in range(20)], "target": ["NV", "MEL"] * 10})
        >>> table = table.assign(path="/" + table["image_id"], split=["train"] * 16 + ["test"] * 4)
        >>> cut_validation(Manifest(table, origin="memory"), fraction=0.2).counts().loc["MEL"].to_dict()
        {'train': 6, 'val': 2, 'test': 2}
    """
    if not 0 < fraction < 1:
        raise ConfigError(f"data.val_fraction is {fraction}. It must lie between 0 and 1.")
    split = manifest.table["split"].to_numpy(dtype=object, copy=True)
    if (split == "val").any():
        raise DataError(f"{manifest.origin} has a val split already. Use it, or make new splits with 'lentigo split'.")
    is_train = split == "train"
    n_wanted = math.floor(fraction * len(manifest) + 1e-9)
    if not is_train.any():
        raise DataError(f"{manifest.origin} has no train split to cut validation from. Run 'lentigo split' first.")
    if not 0 < n_wanted < is_train.sum():
        raise DataError(
            f"{manifest.origin}: {n_wanted} validation images cannot be cut from {is_train.sum()} training images. "
            "Choose another fraction, or make new splits with 'lentigo split'."
        )
    all_groups = manifest.groups()[0] if groups is None else groups
    pool = _Pool.of(manifest.select(is_train), all_groups[is_train], seed)
    pool.check(2, "splits")
    taken = pool.cut(np.ones(len(pool.counts), dtype=bool), n_wanted, n_later=1)
    chosen = np.where(taken, "val", "train").astype(object)
    pool.check_all_present(chosen, ["train", "val"])
    split[is_train] = chosen[pool.group_of]
    return manifest.with_split(split)


def cut_fold(manifest: Manifest, fold: int) -> Manifest:
    """Return the manifest with one fold of its column `fold` as test and all others as train.

    Args:
        manifest: images with a column `fold`, as `lentigo split --folds K` writes it.
        fold: which is test.

    Raises:
        DataError: there is no column `fold`, or no image of that fold.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a", "/b"], "target": ["NV", "MEL"]})
        >>> cut_fold(Manifest(table.assign(fold=[0, 1]), origin="memory"), 1).table["split"].tolist()
        ['train', 'test']
    """
    if "fold" not in manifest.table:
        raise DataError(f"{manifest.origin} has no column 'fold'. Make one with 'lentigo split DATA --folds 5'.")
    is_test = (manifest.table["fold"].astype(str) == str(fold)).to_numpy(dtype=bool)
    if not is_test.any():
        known = name_offenders(sorted(manifest.table["fold"].astype(str).unique()))
        raise DataError(f"{manifest.origin} has no fold {fold}. Its folds are {known}.")
    return manifest.with_split(np.where(is_test, "test", "train").astype(object))


def k_folds(
    manifest: Manifest, k: int, seed: int = 0, *, groups: npt.NDArray[np.str_] | None = None
) -> npt.NDArray[np.int64]:
    """Return the fold of each image, from 0 to k - 1, shape (N,), with groups whole and classes in proportion.

    Args:
        manifest: the images to share out, all of them.
        k: number of folds, 2 or more.
        seed: another seed gives other folds.
        groups: which images stay together, one name an image; the patients and lesions of the manifest when None.

    Raises:
        ConfigError: fewer than two folds.
        DataError: a class has fewer groups than folds, or its groups are too large to share out.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"image_id": [f"{i:02}" for i in range(20)], "target": ["NV", "MEL"] * 10})
        >>> manifest = Manifest(table.assign(path="/" + table["image_id"]), origin="memory")
        >>> np.bincount(k_folds(manifest, 4))
        array([5, 5, 5, 5])
    """
    if k < 2:
        raise ConfigError(f"{k} folds cannot be made. Ask for two or more.")
    pool = _Pool.of(manifest, groups, seed)
    pool.check(k, "folds")
    fold = np.full(len(pool.counts), k - 1, dtype=np.int64)
    is_free = np.ones(len(pool.counts), dtype=bool)
    for i in range(k - 1):
        n_free = int(pool.counts[is_free].sum())
        taken = pool.cut(is_free, round(n_free / (k - i)), n_later=k - 1 - i)
        fold[taken] = i
        is_free &= ~taken
    pool.check_all_present(fold, list(range(k)))
    return fold[pool.group_of]


@dataclass(frozen=True, slots=True)
class _Pool:
    """The groups to share out, in random order: class counts (G, K), the group of each image (N,), and names."""

    counts: Counts
    group_of: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    origin: str

    @classmethod
    def of(cls, manifest: Manifest, groups: npt.NDArray[np.str_] | None, seed: int) -> "_Pool":
        names = manifest.groups()[0] if groups is None else groups
        if len(names) != len(manifest):
            raise ValueError(f"{len(names)} groups for {len(manifest)} images")
        # np.unique sorts by name: the order of the rows is forgotten before chance comes in.
        unique, group_of = np.unique(names, return_inverse=True)
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
                f"{name_offenders(short)}. Add images, leave the class out, or ask for fewer {parts}."
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
                    f"{self.origin}: no image of {name_offenders(absent)} could be put into '{name}' without tearing "
                    "a lesion or patient apart. Add images, or ask for other fractions or fewer folds."
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
        wanted = _shares(n_wanted, n_class / max(n_class.sum(), 1))
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
    for group, n_images, part in zip(order, size[order], share[rarest[order]], strict=True):
        owed += part * n_images
        if owed >= n_images / 2:
            taken[group] = True
            owed -= n_images
    return taken


def _flip_closer(counts: Counts, taken: Mask, wanted: Counts, n_later: int) -> Mask:
    """Return the choice after moving single groups in or out while that brings the counts closer to `wanted`.

    The distance is the sum over classes of the images missing or too many, as a share of the class, plus the same for
    the total. A class never falls to nothing on either side.
    """
    taken = taken.copy()
    n_class = np.maximum(counts.sum(axis=0), 1)
    for _ in range(MAX_FLIPS):
        missing = wanted - counts[taken].sum(axis=0)
        delta = np.where(taken[:, None], -counts, counts)
        after = missing - delta
        distance = (np.abs(after) / n_class).sum(axis=1) + np.abs(after.sum(axis=1)) / n_class.sum()
        now = (np.abs(missing) / n_class).sum() + abs(missing.sum()) / n_class.sum()
        distance[_would_empty(counts, taken, n_later)] = np.inf
        best = int(distance.argmin())
        if distance[best] >= now - 1e-12:
            break
        taken[best] = not taken[best]
    return taken


def _would_empty(counts: Counts, taken: Mask, n_later: int) -> Mask:
    """Return the groups (G,) whose flip would leave a class with no group taken, or too few for the later parts."""
    has = counts > 0
    n_taken, n_left = has[taken].sum(axis=0), has[~taken].sum(axis=0)
    would_empty: Mask = np.where(taken, (has & (n_taken <= 1)).any(axis=1), (has & (n_left <= n_later)).any(axis=1))
    return would_empty


def _shares(n: int, fractions: npt.NDArray[np.float64]) -> Counts:
    """Return whole numbers that sum to n and come closest to n * fractions (largest remainder, first on ties)."""
    exact = n * fractions / fractions.sum()
    whole: Counts = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: n - int(whole.sum())]] += 1
    return whole


def _check_fractions(fractions: Mapping[str, float]) -> None:
    for name in fractions:
        if name not in SPLITS:
            raise ConfigError(f"unknown split '{name}'.{suggest(name, SPLITS)} Known splits: {', '.join(SPLITS)}.")
    is_share = all(0 <= share <= 1 for share in fractions.values())
    if not is_share or fractions.get("train", 0) <= 0 or not math.isclose(sum(fractions.values()), 1, abs_tol=1e-6):
        shown = ", ".join(f"{name} {share}" for name, share in fractions.items())
        raise ConfigError(f"the fractions {shown} are no shares. Each lies between 0 and 1, train above 0; sum 1.")
