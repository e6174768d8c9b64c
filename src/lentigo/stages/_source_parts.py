"""Which sources of the data can be held out, one after the other, and which collections are one source."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.wording import counted

logger = logging.getLogger(__name__)

SAME_COLLECTION: Final = 0.5  # of the lesions of the smaller source are also in the larger one: one collection twice

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class LeftOutPart:
    """One source that is left out.

    Args:
        name: of the source; several that show the same lesions are joined with " + ".
        file: its name in a file's name.
        is_asked: (N,) its images whose lesion no other source shows: what is predicted.
        is_learned: (N,) training images of the other sources.
        is_val: (N,) validation images of the other sources.
        n_shared: images of the source that are not asked, as another source shows their lesion.
    """

    name: str
    file: str
    is_asked: Bools
    is_learned: Bools
    is_val: Bools
    n_shared: int


def parts_of(manifest: Manifest, malignant: Sequence[str], config: Config) -> list[LeftOutPart]:
    """Return the sources that can be left out one after the other, in the order of their names.

    Images of an unknown source may be of any, so nothing learns from them. A source needs as many images and malignant
    ones as a subgroup that is judged; the others need both sides in training and in validation.

    Args:
        manifest: the images, split.
        malignant: the malignant ones of its classes.
        config: of its settings, how many images a subgroup needs.
    """
    table = manifest.table
    if "source" not in table:
        return []
    groups, _ = manifest.groups()
    is_known = table["source"].notna().to_numpy(dtype=bool)
    source = sources_of(manifest)
    is_malignant = table["target"].isin(malignant).to_numpy(dtype=bool)
    split = table["split"].to_numpy(dtype=str)
    parts: list[LeftOutPart] = []
    names = sorted(set(source[is_known].tolist()))
    for name in names if len(names) > 1 else ():
        is_own, is_other = is_known & (source == name), is_known & (source != name)
        is_shared = is_own & np.isin(groups, groups[is_other])
        is_asked = is_own & ~is_shared
        part = LeftOutPart(
            name,
            _file_name(name, [one.file for one in parts]),
            is_asked,
            is_other & (split == "train"),
            is_other & (split == "val"),
            int(is_shared.sum()),
        )
        if why := _why_not(part, is_malignant, config):
            logger.warning("%s is not held out: %s.", name, why)
        else:
            parts.append(part)
    return parts


def _why_not(part: LeftOutPart, is_malignant: Bools, config: Config) -> str:
    """Return why a source cannot be judged; empty where it can."""
    n, n_malignant = int(part.is_asked.sum()), int((part.is_asked & is_malignant).sum())
    least, least_cases = config.evaluate.min_group, config.evaluate.min_group_cases
    if n < least or not least_cases <= n_malignant <= n - least_cases:
        return (
            f"it has {counted(n, 'image')} of its own, {n_malignant} of them malignant; evaluate.min_group requires "
            f"{least}, and evaluate.min_group_cases {least_cases} malignant and {least_cases} benign ones"
        )
    for what, mask in (("training", part.is_learned), ("validation", part.is_val)):
        if not 0 < (mask & is_malignant).sum() < mask.sum():
            return f"the {what} images of the other sources are all malignant or all benign"
    return ""


def sources_of(manifest: Manifest) -> NDArray[np.str_]:
    """Return the source of each image, empty where nobody says; those that show mostly the same lesions are one."""
    table = manifest.table
    if "source" not in table:
        return np.full(len(table), "", dtype=np.str_)
    is_known = table["source"].notna().to_numpy(dtype=bool)
    named = table["source"].astype(object).where(is_known, "").astype(str).to_numpy(dtype=str)
    return _joined(named, manifest.groups()[0], is_known)


def _joined(source: NDArray[np.str_], groups: NDArray[np.str_], is_known: Bools) -> NDArray[np.str_]:
    """Return the sources, those that show mostly the same lesions taken as one: a collection in two sizes, say."""
    names = sorted(set(source[is_known].tolist()))
    lesions = {name: set(groups[is_known & (source == name)].tolist()) for name in names}
    kept: list[list[str]] = []
    for name in names:
        for members in kept:
            if any(_overlap(lesions[name], lesions[other]) >= SAME_COLLECTION for other in members):
                members.append(name)
                break
        else:
            kept.append([name])
    joined = {name: " + ".join(members) for members in kept for name in members}
    for members in kept:
        if len(members) > 1:
            logger.info("%s show mostly the same lesions and are held out together.", " and ".join(members))
    return np.array([joined.get(name, "") for name in source.tolist()], dtype=str)


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / min(len(one), len(other))


def _file_name(name: str, taken: list[str]) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "source"
    # "north" and "North" are one file on many disks
    return f"{plain}-{len(taken) + 1}" if plain.lower() in {other.lower() for other in taken} else plain
