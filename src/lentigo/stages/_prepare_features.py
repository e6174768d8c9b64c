"""From DATA and embeddings to rows that can be learned from: joined by id, audited, freed of leaks and split."""

import dataclasses
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.data.splits import cut_fold
from lentigo.model import Embeddings, read_embeddings
from lentigo.numbers.heads import EmbeddingRows, logit_shift, row_weights
from lentigo.progress import Track
from lentigo.stages._prepare import (
    check_sides,
    leaks_to_drop,
    name_of_set,
    read_sets,
    split_where_needed,
    with_folds,
)
from lentigo.stages._run_folder import taxonomy_of
from lentigo.study.auditing import Audit, equal_rows, examine, examine_table, flow_steps
from lentigo.wording import counted

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class PreparedFeatures:
    """Embeddings ready to be learned from.

    Args:
        manifest: the images that are used, each with its split.
        embeddings: of all images that were found.
        rows: where in `embeddings` each image of the manifest stands, shape (N,).
        audit: what was found in the data, with the flow of these images; None for data that were audited before.
        found: all images that were audited, also those left out since.
        has_images: whether the photographs are there as well.
    """

    manifest: Manifest
    embeddings: Embeddings
    rows: NDArray[np.int64]
    audit: Audit | None
    found: Manifest
    has_images: bool

    @property
    def fingerprint(self) -> str:
        """64 hex digits over ids and numbers of the images that are used, in order."""
        return self.embeddings.fingerprint(self.rows)

    def task(self, is_chosen: NDArray[np.bool_], config: Config, *, is_learned: bool) -> EmbeddingRows:
        """Return some images of the manifest to learn from, weighted as the settings say, or to choose on."""
        targets = self.manifest.targets[is_chosen]
        if not is_learned:
            return EmbeddingRows(self.embeddings.matrix, self.rows[is_chosen], targets)
        table = self.manifest.table
        sources = pd.factorize(table["source"])[0][is_chosen] if "source" in table else None
        about = (targets, sources, len(self.manifest.classes), config.train)
        return EmbeddingRows(
            self.embeddings.matrix, self.rows[is_chosen], targets, row_weights(*about), logit_shift(*about)
        )


def prepare_features(data: Sequence[str], config: Config, *, track: Track) -> PreparedFeatures:
    """Return the embeddings of `data`, one or more paths as `read_data` takes them, audited and split.

    Images need not be there: then the audit rests on the table and on equal embeddings, and says so.

    Raises:
        DataError: the data or the embeddings cannot be used as they are; the message says what to do.
    """
    found = read_sets(data, config, needs_images=False)
    left_out = found.left_out
    check_sides(found, taxonomy_of(config))
    embeddings = read_embeddings(config.features.tables, found.table["image_id"].tolist())
    if config.data.test_fold >= 0:
        found = cut_fold(found, config.data.test_fold)
    has_images = _has_images(found)
    malignant, columns = taxonomy_of(config).malignant(found.classes), config.data.columns
    if has_images:
        examined = examine(
            found, malignant=malignant, image=config.image, columns=columns, seed=config.seed, track=track
        )
        found = examined.added_to(found)
    else:
        copies = equal_rows(embeddings.matrix)
        examined = examine_table(
            found, malignant=malignant, copies=copies, columns=columns, seed=config.seed, track=track
        )
    is_used = ~leaks_to_drop(found, examined, config)
    groups = examined.groups[is_used]
    used = with_folds(split_where_needed(found.select(is_used), config, groups=groups), config, groups)
    flow = flow_steps(used, n_found=len(found), n_unreadable=0, n_leaking=len(found) - len(used), left_out=left_out)
    audit = dataclasses.replace(examined.audit, flow=flow, data=" + ".join(map(name_of_set, data)))
    return PreparedFeatures(used, embeddings, np.flatnonzero(is_used), audit, found, has_images)


def prepare_features_again(manifest: Manifest, config: Config) -> PreparedFeatures:
    """Return the embeddings of a frozen manifest, which was audited and split when its run was started."""
    embeddings = read_embeddings(config.features.tables, manifest.table["image_id"].tolist())
    return PreparedFeatures(
        manifest, embeddings, np.arange(len(manifest)), None, manifest, has_images=_has_images(manifest)
    )


def _has_images(manifest: Manifest) -> bool:
    """Return whether all photographs are there; some alone are not audited, as their absence is no chance."""
    is_there = manifest.table["path"].map(os.path.isfile).to_numpy(dtype=bool)
    if is_there.any() and not is_there.all():
        logger.warning(
            "%d of %s of %s not found, so none is looked at; the audit rests on the table and the "
            "embeddings.",
            int((~is_there).sum()), counted(len(manifest), "photograph"), manifest.origin,
        )  # fmt: skip
    return bool(is_there.all())
