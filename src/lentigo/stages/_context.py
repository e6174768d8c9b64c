"""What each photograph of a run is among the others of its patient: scores at hand, embeddings from where they come."""

import logging
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lentigo.data.manifest import Manifest
from lentigo.errors import CheckpointError, ConfigError, LentigoError
from lentigo.images import stream_images
from lentigo.model import decode_image, patient_context, read_embeddings
from lentigo.model.decision import log_odds, log_probabilities
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track
from lentigo.stages._run_folder import Run

logger = logging.getLogger(__name__)

CONTEXT_NAME: Final = "patient_context"  # among the columns of --use
FEWEST: Final = 3  # photographs of a patient
BATCH: Final = 32


def refuse_without_patients(manifest: Manifest) -> None:
    """Raise where no patient has several photographs.

    Raises:
        ConfigError: that is so.
    """
    counts = manifest.table["patient_id"].value_counts()
    if not (counts >= FEWEST).any():
        raise ConfigError(
            f"{manifest.origin} has no patient with {FEWEST} photographs or more (column patient_id), so that there is "
            "no patient context. Leave patient_context out."
        )


def context_of(
    run: Run, manifest: Manifest, said: Predictions, malignant: Sequence[str], track: Track
) -> dict[str, NDArray[np.float64]]:
    """Return what each image is among those of its patient, by name, NaN where it is unknown.

    Args:
        run: whose network or table gives the embeddings.
        manifest: the predicted images, in the order of the predictions; others of a patient do not count.
        said: by the image alone.
        malignant: the malignant classes.
        track: draws progress.
    """
    side = np.isin(said.classes, list(malignant))
    odds = log_odds(log_probabilities(said.probabilities), side)
    patient = patients_of(manifest)
    return patient_context(odds, _embeddings(run, manifest, track), patient)


def patients_of(manifest: Manifest) -> list[str]:
    """Return the patient of each image, "" for nobody."""
    column = manifest.table["patient_id"]
    return [str(one) if is_known else "" for one, is_known in zip(column, column.notna(), strict=True)]


def _embeddings(run: Run, manifest: Manifest, track: Track) -> NDArray[np.float32]:
    """Return the embeddings of images (N, D), as the bundle of the run would see them.

    Raises:
        CheckpointError: an image cannot be read any more.
    """
    config = run.config()
    if config.train.method == "features":
        return read_embeddings(config.features.tables, manifest.table["image_id"].astype(str).tolist()).matrix
    from lentigo.bundling import embedder
    from lentigo.training import Classifier

    members = [Classifier.load(path, device="cpu", views=config.predict.views) for path in run.checkpoints()]
    ask = embedder([member.network for member in members], config.image, views=config.predict.views)
    preprocess = members[0].preprocess
    batches = stream_images(manifest.paths, lambda one: decode_image(one, preprocess), batch_size=BATCH)
    parts = []
    for batch in track(batches, "Embedding images", len(manifest), unit=BATCH):
        bad = [str(one) for one in batch if isinstance(one, LentigoError)]
        if bad:
            raise CheckpointError(f"an image of {run.folder} cannot be read any more: {bad[0]}")
        parts.append(ask(np.stack([one.pixels for one in batch if not isinstance(one, LentigoError)])))
    return np.concatenate(parts)
