"""`lentigo ablate`: whether columns of the data add anything to a model, before anyone uses them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.errors import ConfigError
from lentigo.numbers.evaluation import Ablation
from lentigo.numbers.evaluation import ablate as ablate_predictions
from lentigo.numbers.predictions import Predictions
from lentigo.stages._calibrate import groups_of, image_predictions
from lentigo.stages._lesion_table import read_lesion_table
from lentigo.stages._run_folder import Run, taxonomy_of


def ablate(
    model: str | Path,
    columns: Sequence[str],
    *,
    groups_from: str | Path | None = None,
    config: Config | None = None,
) -> Ablation:
    """Return what columns such as age, sex and site add to a model: image alone, columns alone, both.

    Of a run its validation predictions are used, with folds out of fold; test images are never used.

    Args:
        model: a run folder, or a predictions file of images that the model was not trained on.
        columns: of the run's manifest, or of `groups_from`.
        groups_from: a manifest with the columns, for a predictions file.
        config: the side of AK and AKIEC, resamples, confidence and seed of a predictions file.

    Raises:
        ConfigError: a predictions file without a manifest, or a column that is not there.

    Example:
        >>> ablate(run, [])
        Traceback (most recent call last):
            ...
        lentigo.errors.ConfigError: no column to try. Name some, such as --use age,sex,site.
    """
    if not columns:
        raise ConfigError("no column to try. Name some, such as --use age,sex,site.")
    if Path(model).is_dir():
        run = Run.open(model)
        said, whole, config = image_predictions(run, "val"), run.manifest(), run.config()
    else:
        config = config or Config()
        if groups_from is None:
            raise ConfigError(
                f"{model} is a predictions file, without such columns. Name their table: --groups manifest.csv"
            )
        said = Predictions.read(model).labelled()
        whole = read_lesion_table(groups_from, said, taxonomy_of(config)).manifest
    place = pd.Index(whole.table["image_id"].astype(str)).get_indexer(pd.Index(said.image))
    manifest = Manifest(whole.table.iloc[place], whole.origin, whole.classes)
    groups, unit = groups_of(manifest, said)
    return ablate_predictions(
        said,
        manifest,
        columns,
        malignant=taxonomy_of(config).malignant(said.classes),
        groups=np.asarray(groups, dtype=np.str_),
        unit=unit,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
    )
