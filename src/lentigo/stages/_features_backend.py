"""A run that learned from embeddings, opened as a model; numpy alone answers."""

import dataclasses

from lentigo.images import Preprocess
from lentigo.model import Model
from lentigo.stages._fit_features import head_of_run
from lentigo.stages._run_folder import Run
from lentigo.storage import sha256_of

ROWS = 8192


def open_features_run(run: Run) -> Model:
    """Return the head and the calibration of a finished run; no gate and no score, which the export fits."""
    run.refuse_unfinished()
    config, head = run.config(), head_of_run(run)
    return Model(
        folder=run.folder,
        kind="run",
        name=run.folder.resolve().name,
        preprocess=Preprocess(config.image),
        decision=dataclasses.replace(run.rule(), low_confidence=None),
        network=head,
        batch_size=ROWS,
        provenance={
            "model": run.folder.resolve().name,
            "views": 1,
            "views_of_model": 1,
            "calibration_sha256": sha256_of(run.calibration_path),
        },
        embedding_width=head.width,
    )
