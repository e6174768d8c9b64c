"""What pilot data say of the subgroups of a study: how common each is, and how often a lesion of it is malignant."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from lentigo.config import Config
from lentigo.data.sources import read_data
from lentigo.errors import ConfigError
from lentigo.numbers.evaluation import NOT_RECORDED, labels_of, refuse_unknown_columns
from lentigo.numbers.planning import PlannedSubgroup, subgroups_of
from lentigo.stages._run_folder import choices_of, taxonomy_of
from lentigo.wording import counted

logger = logging.getLogger(__name__)


def pilot_subgroups(data: str | Path, column: str, *, config: Config | None = None) -> tuple[PlannedSubgroup, ...]:
    """Return the subgroups of `column` with their shares of all lesions and their prevalence.

    An image without a value is not counted, and this is logged. Ages are gathered in bins (`evaluate.age_bins`).

    Args:
        data: pilot data, as for `read_data`; no image is opened.
        column: such as "sex" or "skin_type".
        config: taxonomy and bins.

    Raises:
        ConfigError: the data have no such column or one value of it alone, or a subgroup has no malignant or no
            benign lesion.
    """
    config = config or Config()
    taxonomy = taxonomy_of(config)
    manifest = read_data(data, taxonomy=taxonomy, task=config.data.task, choices=choices_of(config))
    table = manifest.table
    images = table["image_id"].to_numpy(dtype=str)
    refuse_unknown_columns(manifest, [column], asked_by="--groups")
    found, missing = labels_of(manifest, images, keys=[column], age_starts=config.evaluate.age_bins)
    if not found:
        raise ConfigError(f"{manifest.origin} has no subgroups by {column} ({missing[column]}). Name another column.")
    values = np.array(found[0].values)[found[0].group]
    malignant = set(taxonomy.malignant(manifest.classes))
    lesion = table["lesion_id"].fillna(table["image_id"]) if "lesion_id" in table else table["image_id"]
    lesions = pd.DataFrame({"value": values, "is_malignant": table["target"].isin(malignant)}).groupby(
        lesion.to_numpy(dtype=str), sort=False
    ).first()  # fmt: skip
    is_known = lesions["value"] != NOT_RECORDED
    if not is_known.all():
        logger.warning(
            "%s without %s in %s: not counted.", counted(int((~is_known).sum()), "lesion"), column, manifest.origin
        )
    known = lesions[is_known]
    counts = known.groupby("value")["is_malignant"].agg(["size", "sum"])
    for name, (n, n_malignant) in counts.iterrows():
        if n_malignant in {0, n}:
            raise ConfigError(
                f"of {counted(int(n), 'lesion')} of {column} {name} in {manifest.origin} {n_malignant} are malignant, "
                "which gives no prevalence. Give shares as --groups NAME=SHARE,... with one --prevalence instead."
            )
    logger.info("Shares and prevalence of %s: from %s of %s.", column, counted(len(known), "lesion"), manifest.origin)
    return subgroups_of({str(name): (n / len(known), n_malignant / n) for name, (n, n_malignant) in counts.iterrows()})
