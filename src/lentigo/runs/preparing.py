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
from lentigo.modeling.examples import Examples
from lentigo.progress import Track
from lentigo.runs.layout import taxonomy_of
from lentigo.sources import read_data
from lentigo.splits import cut_validation, split_manifest
from lentigo.taxonomy import Taxonomy

__all__ = ["Prepared", "prepare", "split_where_needed"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data ready to be learned from.

    Args:
        manifest: the images that are used, each with its split.
        pixels: the decoded pixels of all images that were found.
        rows: where in `pixels` each image of the manifest stands, shape (N,).
        flow: how many images there were at each step, in order.
    """

    manifest: Manifest
    pixels: Pixels
    rows: NDArray[np.int64]
    flow: list[dict[str, Any]]

    @property
    def fingerprint(self) -> str:
        """64 hex digits over the bytes of the images that are used, in order."""
        return self.pixels.fingerprint(self.rows)

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
    _check_sides(found, taxonomy_of(config))
    if found.has_split:
        check_leaks(found)
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
    manifest = split_where_needed(usable, config)
    flow: list[dict[str, Any]] = [
        {"step": "found", "n_images": len(found)},
        {"step": "unreadable", "n_images": -len(pixels.problems)},
        *({"step": split, "n_images": len(manifest.subset(split))} for split in ("train", "val", "test")),
    ]
    return Prepared(manifest, pixels, np.flatnonzero(is_readable), flow)


def split_where_needed(manifest: Manifest, config: Config) -> Manifest:
    """Return `manifest` with a train, a val and a test split; what is missing is cut, grouped and stratified.

    Raises:
        ManifestError: a split lacks images or classes that training needs.
    """
    if not manifest.has_split:
        manifest = split_manifest(manifest, fractions=config.data.fractions, seed=config.seed)
    elif not (manifest.table["split"] == "val").any():
        manifest = cut_validation(manifest, fraction=config.data.val_fraction, seed=config.seed)
    for split in ("train", "val", "test"):
        _check_split(manifest, split)
    return manifest


def _check_sides(manifest: Manifest, taxonomy: Taxonomy) -> None:
    if "UNK" in manifest.classes:
        n_unknown = int((manifest.table["target"] == "UNK").sum())
        raise ManifestError(
            f"{n_unknown} images of {manifest.origin} have the diagnosis UNK, which stands on neither side. "
            "Leave them out, or say what they are with --set data.aliases.UNK=CODE."
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
            f"{manifest.origin} has no {split} images, but a split of its own. Add them, "
            "or make all three splits anew with 'lentigo split DATA --out manifest.csv'."
        )
    missing = [name for name in manifest.classes if name not in present]
    if missing and split != "test":
        raise ManifestError(
            f"the {split} split of {manifest.origin} has no image of {', '.join(missing)}. "
            "Add some, or leave the class out of the table."
        )
