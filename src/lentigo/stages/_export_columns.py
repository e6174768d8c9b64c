"""What a bundle that uses columns needs of its run: the columns of validation images."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from lentigo.errors import ConfigError
from lentigo.stages._context import patients_of
from lentigo.stages._run_folder import Run

if TYPE_CHECKING:
    from lentigo.bundling import Cases, EmbeddedCases

    AnyCases = TypeVar("AnyCases", Cases, EmbeddedCases)


def with_columns(run: Run, cases: "AnyCases") -> "AnyCases":
    """Return validation images with what is known beside them, where the run uses columns."""
    fusion = run.fusion()
    if fusion is None:
        return cases
    manifest = run.manifest()
    place = pd.Index(manifest.table["image_id"].astype(str)).get_indexer(pd.Index(list(cases.image_id)))
    there = manifest.select(place)
    known = [dict(zip(fusion.asked, row, strict=True)) for row in there.table[list(fusion.asked)].to_numpy().tolist()]
    return dataclasses.replace(cases, columns=known, patients=patients_of(there) if fusion.has_context else None)


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
