"""Predictions of anyone's model: with the truth from where it stands, and what they share with other photographs."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lentigo.config import Config
from lentigo.data.sources import Choices
from lentigo.errors import PredictionsError
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation import SharedLesions, evaluate
from lentigo.numbers.predictions import Predictions
from lentigo.stages._calibrate import groups_of
from lentigo.stages._lesion_table import LesionTable
from lentigo.stages._truth import with_truth
from lentigo.taxonomy import Taxonomy

if TYPE_CHECKING:
    from lentigo.model.decision import Estimate

logger = logging.getLogger(__name__)


def labelled_predictions(
    path: str | Path,
    truth: str | Path | None,
    groups_from: str | Path | None,
    taxonomy: Taxonomy,
    choices: Choices,
) -> tuple[Predictions, tuple[str, ...]]:
    """Return the predictions with a target, and what was assumed; without targets the table of groups may have them.

    Raises:
        PredictionsError: no row has a target.
    """
    predictions, said = Predictions.read_with_notes(path, taxonomy)
    if truth is None and groups_from is not None and not (predictions.target >= 0).any():
        truth = groups_from
    if truth is not None:
        predictions, more = with_truth(predictions, Path(truth), taxonomy, choices)
        said += more
    for sentence in said:
        logger.warning("%s: %s", path, sentence)
    predictions = predictions.labelled()
    if len(predictions) == 0:
        raise PredictionsError(
            f"{path} has no row with a target. Fill in the column 'target' with the true class, or give the table that "
            "has it with --truth FILE."
        )
    return predictions, said


def shared_lesions(
    lesions: LesionTable,
    predictions: Predictions,
    calibration: Calibration | None,
    malignant: Sequence[str],
    config: Config,
) -> SharedLesions | None:
    """Return what the images share with photographs outside them, with figures on the others; None without ids."""
    if not lesions.unit:
        return None
    is_shared, n_groups, n_outside = lesions.shared(predictions.image)
    alone: Mapping[str, Estimate] = {}
    rest = predictions.select(~is_shared)
    if is_shared.any() and len(set(rest.is_malignant(malignant).tolist())) == 2:
        groups, unit = groups_of(lesions.manifest, rest)
        alone = evaluate(
            calibration.apply(rest) if calibration else rest,
            malignant=malignant,
            groups=groups,
            unit=unit,
            n_resamples=config.evaluate.n_resamples,
            confidence=config.evaluate.confidence,
            seed=config.seed,
        ).metrics
    n_shared = int(is_shared.sum())
    return SharedLesions(lesions.unit, n_shared, n_groups, n_outside, len(predictions) - n_shared, alone)
