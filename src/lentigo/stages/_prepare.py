"""From DATA to examples: read, audited, freed of leaks, split, decoded once, every step of it counted."""

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.data.manifest import Manifest, pool_manifests
from lentigo.data.sources import read_data
from lentigo.data.splits import cut_fold, cut_validation, k_folds, split_manifest
from lentigo.errors import ConfigError, DataError, ManifestError, name_offenders
from lentigo.images import Pixels, Preprocess, cached_pixels, refuse_unreadable
from lentigo.numbers.evaluation import refuse_unknown_columns
from lentigo.progress import Track
from lentigo.stages._run_folder import FOLD, choices_of, taxonomy_of
from lentigo.study.auditing import Audit, ExaminedData, examine, flow_steps, leaking, refuse_leaks
from lentigo.taxonomy import Taxonomy
from lentigo.wording import counted

if TYPE_CHECKING:  # torch comes with it; embeddings need none
    from lentigo.training import Examples

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PreparedImages:
    """Data ready to be learned from.

    Args:
        manifest: the images that are used, each with its split.
        pixels: the decoded pixels of all images that were found.
        rows: where in `pixels` each image of the manifest stands, shape (N,).
        audit: what was found in the data, with the flow of these images; None for data that were audited before.
        found: all images that were audited, also those left out since.
    """

    manifest: Manifest
    pixels: Pixels
    rows: NDArray[np.int64]
    audit: Audit | None
    found: Manifest

    @property
    def fingerprint(self) -> str:
        """64 hex digits over the bytes of the images that are used, in order."""
        return self.pixels.fingerprint(self.rows)

    def examples(self, split: str) -> "Examples":
        """Return the examples of one split."""
        from lentigo.training import Examples

        chosen = (self.manifest.table["split"] == split).to_numpy()
        return Examples(self.pixels.array, self.rows[chosen], self.manifest.targets[chosen], self.sources[chosen])

    @property
    def sources(self) -> NDArray[np.int64]:
        """The data set or device of each image of the manifest, as a number, shape (N,); negative where unknown."""
        table = self.manifest.table
        return pd.factorize(table["source"])[0] if "source" in table else np.zeros(len(table), np.int64)


def prepare(data: Sequence[str], config: Config, *, track: Track, found: Manifest | None = None) -> PreparedImages:
    """Return the examples of `data`, one or more paths as `read_data` takes them, audited and split.

    Args:
        data: the paths, which also name the audit.
        config: all settings.
        track: draws progress.
        found: what `read_sets` has read from them already.

    Raises:
        DataError: the data cannot be used as they are; the message says what to do.
    """
    found = read_sets(data, config) if found is None else found
    left_out = found.left_out
    refuse_unknown_columns(found, config.evaluate.subgroups)  # the evaluation comes hours later
    check_sides(found, taxonomy_of(config))
    if config.data.test_fold >= 0:
        found = cut_fold(found, config.data.test_fold)
    malignant = taxonomy_of(config).malignant(found.classes)
    columns = config.data.columns
    examined = examine(found, malignant=malignant, image=config.image, columns=columns, seed=config.seed, track=track)
    found = examined.added_to(found)
    pixels = _decode(found, config, track)
    is_used = np.ones(len(found), dtype=bool)
    is_used[list(pixels.problems)] = False
    is_used &= ~leaks_to_drop(found, examined, config)
    groups = examined.groups[is_used]
    used = with_folds(split_where_needed(found.select(is_used), config, groups=groups), config, groups)
    flow = flow_steps(
        used,
        n_found=len(found),
        n_unreadable=len(pixels.problems),
        n_leaking=len(found) - len(pixels.problems) - len(used),
        left_out=left_out,
    )
    audit = dataclasses.replace(examined.audit, flow=flow, data=" + ".join(map(name_of_set, data)))
    return PreparedImages(used, pixels, np.flatnonzero(is_used), audit, found)


def read_sets(data: Sequence[str], config: Config, *, needs_images: bool = True) -> Manifest:
    """Return the images of one set, or of several pooled; sets without a split get one where others have theirs."""
    taxonomy = taxonomy_of(config)
    choices = dataclasses.replace(choices_of(config), needs_images=needs_images)
    sets = [read_data(path, taxonomy=taxonomy, task=config.data.task, choices=choices) for path in data]
    if len(sets) == 1:
        return sets[0]
    if any(one.has_split for one in sets):
        fractions, seed = config.data.fractions, config.seed
        sets = [one if one.has_split else split_manifest(one, fractions=fractions, seed=seed) for one in sets]
    return pool_manifests(sets, list(map(name_of_set, data)))


def name_of_set(path: str) -> str:
    return Path(path).resolve().stem


def prepare_again(manifest: Manifest, config: Config, *, track: Track) -> PreparedImages:
    """Return the examples of a frozen manifest, which was audited and split when its run was started.

    Raises:
        DataError: an image cannot be read any more.
    """
    pixels = cached_pixels(manifest.paths, Preprocess(config.image), track=track)
    refuse_unreadable(pixels.problems)
    return PreparedImages(manifest, pixels, np.arange(len(manifest)), None, manifest)


def split_where_needed(manifest: Manifest, config: Config, *, groups: NDArray[np.str_] | None = None) -> Manifest:
    """Return `manifest` with a train, a val and a test split; what is missing is cut, grouped and stratified.

    Args:
        manifest: the images to use.
        config: fractions and seed.
        groups: which images stay together, one name an image; its patients and lesions when None.

    Raises:
        ManifestError: a split lacks images or classes that training needs.
    """
    if not manifest.has_split:
        manifest = split_manifest(manifest, fractions=config.data.fractions, seed=config.seed, groups=groups)
    elif not (manifest.table["split"] == "val").any():
        manifest = cut_validation(manifest, fraction=config.data.val_fraction, seed=config.seed, groups=groups)
    for split in ("train", "val", "test"):
        _check_split(manifest, split)
    return manifest


def with_folds(manifest: Manifest, config: Config, groups: NDArray[np.str_]) -> Manifest:
    """Return the manifest with the column `cv_fold`, -1 for test, where `train.folds` asks for it."""
    if not config.train.folds:
        return manifest
    is_open = (manifest.table["split"] != "test").to_numpy()
    fold = np.full(len(manifest), -1)
    shared_out = _source_folds if config.train.fold_by == "source" else _group_folds
    fold[is_open] = shared_out(manifest.select(is_open), config, groups[is_open])
    return Manifest(manifest.table.assign(**{FOLD: fold}), manifest.origin, manifest.classes, manifest.left_out)


def _group_folds(manifest: Manifest, config: Config, groups: NDArray[np.str_]) -> NDArray[np.int64]:
    return k_folds(manifest, config.train.folds, config.seed, groups=groups)


def _source_folds(manifest: Manifest, config: Config, groups: NDArray[np.str_]) -> NDArray[np.int64]:
    """Return the number of each image's source, or of the first source that shows its lesion, so that none leaks.

    Raises:
        ConfigError: there are more or fewer sources than folds.
    """
    table = manifest.table
    number, names = pd.factorize(table["source"]) if "source" in table else (np.zeros(len(table)), np.array(["one"]))
    if (number < 0).any() or len(names) != config.train.folds:
        n_unknown = int((number < 0).sum())
        found = f"{counted(len(names), 'source')} ({', '.join(map(str, names))})" + (
            f", {n_unknown} without" if n_unknown else ""
        )
        raise ConfigError(
            f"train.fold_by='source' holds out one source at a time; {manifest.origin} has {found}, but "
            f"train.folds is {config.train.folds}. Set train.folds to the number of sources, two or more; "
            "data sets that are given together are sources, or a column 'source' names them."
        )
    return pd.Series(number).groupby(groups).transform("min").to_numpy(dtype=np.int64)


def _decode(found: Manifest, config: Config, track: Track) -> Pixels:
    """Return the fitted pixels, with the unreadable images refused or named in the log.

    Raises:
        DataError: no image can be read.
    """
    pixels = cached_pixels(found.paths, Preprocess(config.image), track=track)
    if config.data.unreadable == "error":
        refuse_unreadable(pixels.problems)
    elif pixels.problems:
        logger.warning(
            "Excluded %s; the first: %s",
            counted(len(pixels.problems), "unreadable image"),
            next(iter(pixels.problems.values())),
        )
    if len(pixels.problems) == len(found):
        raise DataError(
            f"none of the {counted(len(found), 'image')} of {found.origin} "
            f"can be read. Check the first: {pixels.problems[0]}"
        )
    return pixels


def leaks_to_drop(found: Manifest, examined: ExaminedData, config: Config) -> NDArray[np.bool_]:
    """Return which images the policy of leaks leaves out, shape (N,), and say so."""
    is_leaking = leaking(found, examined.groups)
    if not is_leaking.any():
        return is_leaking
    shared = "picture" if found.groups()[1] == "image" else "picture or lesion"
    if config.data.leaks == "refuse":
        refuse_leaks(found, examined.groups)
    splits = found.table.loc[is_leaking, "split"].value_counts()
    where = " and ".join(f"{n} {split}" for split, n in splits.items())
    names = name_offenders(found.table.loc[is_leaking, "image_id"])
    if config.data.leaks == "allow":
        logger.warning(
            "Kept %s images whose %s (or that of a copy) is also in a later split (--leaks allow): %s.",
            where,
            shared,
            names,
        )
        return np.zeros(len(found), dtype=bool)
    logger.warning(
        "Excluded %s images whose %s (or that of a copy) is also in a later split: %s.", where, shared, names
    )
    return is_leaking


def check_sides(manifest: Manifest, taxonomy: Taxonomy) -> None:
    if "UNK" in manifest.classes:
        n_unknown = int((manifest.table["target"] == "UNK").sum())
        raise ManifestError(
            f"{counted(n_unknown, 'image has', 'images have')} the diagnosis UNK in {manifest.origin}, which is "
            "neither benign nor malignant. Exclude them, or map them with --set data.aliases.UNK=CODE."
        )
    n_malignant = len(taxonomy.malignant(manifest.classes))
    if n_malignant in {0, len(manifest.classes)}:
        side = "malignant" if n_malignant else "benign"
        raise ManifestError(
            f"all classes of {manifest.origin} ({', '.join(manifest.classes)}) are {side}; "
            "a threshold needs both sides. Add images of the other side, or move AK or AKIEC with --set data.ak=..."
        )


def _check_split(manifest: Manifest, split: str) -> None:
    present = set(manifest.table.loc[manifest.table["split"] == split, "target"])
    if not present:
        raise ManifestError(
            f"{manifest.origin} has no {split} images, although it has splits. Add them, "
            "or make all three splits with 'lentigo split DATA --out manifest.csv'."
        )
    missing = [name for name in manifest.classes if name not in present]
    if missing and split != "test":
        raise ManifestError(
            f"the {split} split of {manifest.origin} has no image of {', '.join(missing)}. "
            "Add some, or remove the class from the table."
        )
