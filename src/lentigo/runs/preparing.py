"""From DATA to examples: read, split, checked for shared lesions, decoded once, every step of it counted."""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.errors import DataError, ManifestError
from lentigo.images import Pixels, Preprocess, cached_pixels, refuse_unreadable
from lentigo.manifest import Manifest, check_leaks
from lentigo.modeling.trainer import Examples
from lentigo.progress import Track
from lentigo.runs.layout import taxonomy_of
from lentigo.sources import read_data
from lentigo.splits import cut_validation, split_manifest

__all__ = ["Prepared", "prepare", "read_and_split"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data ready to be learned from.

    Args:
        manifest: the images that are used, each with its split.
        pixels: their decoded pixels, row by row.
        flow: how many images there were at each step, in order.
    """

    manifest: Manifest
    pixels: Pixels
    rows: NDArray[np.int64]
    flow: list[dict[str, Any]]

    def examples(self, split: str) -> Examples:
        """Return the examples of one split."""
        chosen = (self.manifest.table["split"] == split).to_numpy()
        return Examples(self.pixels.array, self.rows[chosen], self.manifest.targets[chosen])


def prepare(data: str | Manifest, config: Config, *, track: Track) -> Prepared:
    """Return the examples of `data`: a path as `read_data` takes it, or a manifest that has been split.

    Raises:
        DataError: the data cannot be used as they are; the message says what to do.
    """
    found = data if isinstance(data, Manifest) else read_data(data, taxonomy=taxonomy_of(config), task=config.data.task)
    pixels = cached_pixels(found.paths, Preprocess(config.image), track=track)
    if config.data.unreadable == "error":
        refuse_unreadable(pixels.problems)
    elif pixels.problems:
        logger.warning(
            "Left out %d unreadable images; the first: %s", len(pixels.problems), next(iter(pixels.problems.values()))
        )
    is_readable = np.ones(len(found), dtype=bool)
    is_readable[list(pixels.problems)] = False
    usable = found.select(is_readable)
    if len(usable) == 0:
        raise DataError(
            f"none of the {len(found)} images of {found.origin} can be read. Check the first: {pixels.problems[0]}"
        )
    manifest = read_and_split(usable, config)
    flow: list[dict[str, Any]] = [
        {"step": "found", "n_images": len(found)},
        {"step": "unreadable", "n_images": -len(pixels.problems)},
        *({"step": split, "n_images": len(manifest.subset(split))} for split in ("train", "val", "test")),
    ]
    return Prepared(manifest, pixels, np.flatnonzero(is_readable), flow)


def read_and_split(manifest: Manifest, config: Config) -> Manifest:
    """Return `manifest` with a train, a val and a test split; what is missing is cut, grouped and stratified.

    Raises:
        LeakageError: the given splits share a lesion or a patient.
        ManifestError: a split lacks images or classes that training needs.
    """
    if not manifest.has_split:
        train_fraction = 1 - config.data.val_fraction - config.data.test_fraction
        fractions = {"train": train_fraction, "val": config.data.val_fraction, "test": config.data.test_fraction}
        manifest = split_manifest(manifest, fractions=fractions, seed=config.seed)
    else:
        check_leaks(manifest)
        if not (manifest.table["split"] == "val").any():
            manifest = cut_validation(manifest, fraction=config.data.val_fraction, seed=config.seed)
    for split in ("train", "val", "test"):
        _check_split(manifest, split)
    return manifest


def _check_split(manifest: Manifest, split: str) -> None:
    present = set(manifest.table.loc[manifest.table["split"] == split, "target"])
    if not present:
        raise ManifestError(
            f"{manifest.origin} has no {split} images, but a split of its own. Add them, "
            "or make all three splits anew with 'lentigo split DATA --out manifest.csv --new'."
        )
    missing = [name for name in manifest.classes if name not in present]
    if missing and split != "test":
        raise ManifestError(
            f"the {split} split of {manifest.origin} has no image of {', '.join(missing)}. "
            "Add some, or leave the class out of the table."
        )
