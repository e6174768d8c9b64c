"""Who the images of an external test show: the rows its subgroups are made of, and the counts that stay in its folder.

The folder of an external test may be given away, so it holds no row an image: what a later table of the cohort needs is
counted when the data are at hand.
"""

import dataclasses
import logging
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from lentigo.config import Config, EvaluateConfig
from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError
from lentigo.numbers.evaluation import CohortCount, refuse_unknown_columns
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track
from lentigo.study.auditing import image_columns
from lentigo.taxonomy import BENIGN, MALIGNANT

logger = logging.getLogger(__name__)

_SIDES: Final = {BENIGN, MALIGNANT}


def judged_rows(manifest: Manifest, said: Predictions, config: Config, track: Track) -> Manifest:
    """Return a row for each judged image, with skin tone and size as `lentigo train` adds them to a run's.

    Where a model is judged by side, the target is the side and the diagnosis stays in its column.

    Args:
        manifest: of all images that were found.
        said: what was judged, with targets.
        config: limits of images.
        track: draws progress.
    """
    place = pd.Index(manifest.table["image_id"]).get_indexer(pd.Index(said.image))
    table = manifest.table.iloc[place].reset_index(drop=True)
    named = np.array(said.classes)[said.target]
    if set(said.classes) == _SIDES and not set(table["target"]) <= _SIDES:
        table["diagnosis"] = table["diagnosis"].where(table["diagnosis"].notna(), table["target"])
    table["target"] = named
    seen = image_columns([Path(path) for path in table["path"]], image=config.image, track=track)
    fresh = seen[[name for name in seen if name not in table]]
    return Manifest(pd.concat([table, fresh], axis=1), manifest.origin, classes=said.classes)


def subgroups_there(manifest: Manifest, settings: EvaluateConfig) -> EvaluateConfig:
    """Return settings whose subgroups other data have: a run's own columns may not be there."""
    kept = []
    for key in settings.subgroups:
        try:
            refuse_unknown_columns(manifest, [key])
        except ConfigError:
            logger.warning("%s has no column '%s': no subgroups by it.", manifest.origin, key)
        else:
            kept.append(key)
    return dataclasses.replace(settings, subgroups=tuple(kept))


def cohort_of(manifest: Manifest) -> tuple[CohortCount, ...]:
    """Return the counted rows about lesions, patients and metadata of the judged images."""
    from lentigo.study.reporting import counted_cohort

    return counted_cohort(manifest)
