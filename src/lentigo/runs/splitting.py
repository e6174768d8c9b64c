"""`lentigo split`: a data set divided so that no patient and no lesion stands on two sides."""

import dataclasses
import logging
from pathlib import Path

import numpy as np

from lentigo.config import Config
from lentigo.manifest import Manifest
from lentigo.runs.layout import taxonomy_of
from lentigo.sources import read_data
from lentigo.splits import split_manifest
from lentigo.storage import refuse_existing

__all__ = ["split"]

logger = logging.getLogger(__name__)


def split(data: str | Path, out: str | Path, *, config: Config | None = None, force: bool = False) -> Manifest:
    """Return the manifest of `data`, divided anew into train, val and test, and write it to `out`.

    Images of one patient, else of one lesion, stay together; the classes are spread evenly; a split that the data give
    is replaced. The same data, fractions and seed give the same split, whatever the order of the rows.

    Args:
        data: as for `read_data`.
        out: the CSV to write; `lentigo train` takes it as DATA.
        config: fractions, seed, task and the side of AK and AKIEC.
        force: replace a file that stands there.

    Example:
        >>> manifest = split(phantom, folder / "manifest.csv")
        >>> sorted(manifest.table["split"].unique())
        ['test', 'train', 'val']
    """
    config, out = config or Config(), Path(out)
    refuse_existing(out, force=force)
    found = read_data(data, taxonomy=taxonomy_of(config), task=config.data.task)
    unsplit = dataclasses.replace(found, table=found.table.assign(split=None))
    manifest = split_manifest(unsplit, fractions=config.data.fractions, seed=config.seed)
    groups, unit = manifest.groups()
    n_groups = len(np.unique(groups))
    logger.info("Kept together: %d images of %d %ss.", len(manifest), n_groups, unit)
    manifest.write(out)
    return manifest
