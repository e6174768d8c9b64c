"""What a model that uses columns is told of the images of a manifest: by an export, and when it is evaluated."""

import dataclasses
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError
from lentigo.model.decision import Columns, Fusion
from lentigo.stages._context import patients_of
from lentigo.stages._run_folder import Run
from lentigo.wording import counted

if TYPE_CHECKING:
    from lentigo.bundling import Cases, EmbeddedCases

    AnyCases = TypeVar("AnyCases", Cases, EmbeddedCases)

logger = logging.getLogger(__name__)


def columns_of_manifest(fusion: Fusion | None, manifest: Manifest) -> tuple[list[Columns] | None, list[str] | None]:
    """Return what a manifest knows of each image, and the patients; None where they are not used.

    A column that it lacks and a value that the model does not know count as unknown, and are counted in a warning.
    """
    if fusion is None:
        return None, None
    table = manifest.table
    known: list[dict[str, object]] = [{} for _ in range(len(table))]
    for term in fusion.terms:
        if not term.is_asked:
            continue
        values = table[term.name].tolist() if term.name in table else [None] * len(table)
        is_usable = [not term.problem(value) for value in values]
        if n_strange := is_usable.count(False):
            logger.warning(
                "%s: the model does not know %s, which count as unknown.", term.name, counted(n_strange, "value")
            )
        if term.name not in table:
            logger.warning("%s has no %s, which the model uses: unknown for every image.", manifest.origin, term.name)
        for row in np.flatnonzero(is_usable):
            known[row][term.name] = values[row]
    return list(known), patients_of(manifest) if fusion.has_context else None


def with_columns(run: Run, cases: "AnyCases") -> "AnyCases":
    """Return validation images with what is known beside them, where the run uses columns."""
    fusion, manifest = run.fusion(), run.manifest()
    if fusion is None:
        return cases
    place = pd.Index(manifest.table["image_id"].astype(str)).get_indexer(pd.Index(list(cases.image_id)))
    known, patients = columns_of_manifest(fusion, manifest.select(place))
    return dataclasses.replace(cases, columns=known, patients=patients)


def refuse_fused_members(runs: Sequence[Run]) -> None:
    """Raise where one of several runs uses columns: the fusion was fitted on its scores alone.

    Raises:
        ConfigError: one does.
    """
    fused = [str(run.folder) for run in runs if len(runs) > 1 and run.fusion() is not None]
    if fused:
        raise ConfigError(
            f"{fused[0]} uses columns, fitted beside its own scores, and cannot be a member of an ensemble. Use its "
            "image alone (lentigo fuse RUN --image-alone), or export it on its own."
        )
