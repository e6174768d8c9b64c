"""Train, val and test, validation, or folds: which parts there are and how large; `pool` does the cutting."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from lentigo.data.manifest import SPLITS, Manifest
from lentigo.data.splits._pool import Pool, shares
from lentigo.errors import ConfigError, DataError, name_offenders, suggest
from lentigo.wording import counted

FRACTIONS: Final[Mapping[str, float]] = MappingProxyType({"train": 0.63, "val": 0.17, "test": 0.20})


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
    pool = Pool.of(manifest, groups, seed)
    pool.check(len(names), "splits")
    n_wanted = shares(len(manifest), np.array([fractions[name] for name in names]))
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
        raise DataError(
            f"{manifest.origin} has no train split to take validation images from. Run 'lentigo split' first."
        )
    if not 0 < n_wanted < is_train.sum():
        raise DataError(
            f"{manifest.origin}: {counted(n_wanted, 'validation image')} cannot "
            f"be taken from {counted(is_train.sum(), 'training image')}. "
            "Choose another fraction, or make new splits with 'lentigo split'."
        )
    all_groups = manifest.groups()[0] if groups is None else groups
    pool = Pool.of(manifest.select(is_train), all_groups[is_train], seed)
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
        raise ConfigError(f"{counted(k, 'fold')} cannot be made. Use two or more.")
    pool = Pool.of(manifest, groups, seed)
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


def _check_fractions(fractions: Mapping[str, float]) -> None:
    for name in fractions:
        if name not in SPLITS:
            raise ConfigError(f"unknown split '{name}'.{suggest(name, SPLITS)} Known splits: {', '.join(SPLITS)}.")
    is_share = all(0 <= share <= 1 for share in fractions.values())
    if not is_share or fractions.get("train", 0) <= 0 or not math.isclose(sum(fractions.values()), 1, abs_tol=1e-6):
        shown = ", ".join(f"{name} {share}" for name, share in fractions.items())
        raise ConfigError(
            f"the fractions {shown} are not valid: split fractions must be between 0 and 1 and add up to 1, with "
            f"train above 0."
        )
