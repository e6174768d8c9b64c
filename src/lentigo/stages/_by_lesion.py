"""A run's test lesions beside its test images: photographs of one lesion are one answer, by validation's rule."""

import dataclasses
import logging
from collections.abc import Sequence

import numpy as np

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.errors import LentigoError
from lentigo.model.decision import LesionRule
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation import LesionFigures, evaluate
from lentigo.numbers.predictions import Predictions, choose_rule, fuse_lesions
from lentigo.stages._calibrate import existing_predictions, fit_calibration, groups_of
from lentigo.stages._lesions import lesion_and_kind
from lentigo.stages._run_folder import Run
from lentigo.wording import counted

logger = logging.getLogger(__name__)


def lesion_figures(run: Run, config: Config) -> LesionFigures | None:
    """Return the figures of test lesions; None where each has one photograph, or validation cannot choose a rule.

    Args:
        run: with predictions on val and test.
        config: resamples, confidence, operating points.
    """
    manifest = run.manifest()
    said = {split: Predictions.read(existing_predictions(run, split)) for split in ("val", "test")}
    test_lesion, test_kind = lesion_and_kind(manifest, said["test"])
    _, counts = np.unique(test_lesion, return_counts=True)
    if (counts < 2).all():
        return None
    malignant = run.taxonomy().malignant(said["val"].classes)
    try:
        rule, losses, calibration = _chosen(said["val"], manifest, malignant, config)
        lesions = fuse_lesions(said["test"], test_lesion, rule, malignant=malignant, kind=test_kind)
    except LentigoError as error:  # the images of a lesion have different classes, or validation one side only
        logger.warning("No figures by lesion: %s", error)
        return None
    groups, unit = groups_of(manifest, lesions)
    found = evaluate(
        calibration.apply(lesions),
        malignant=malignant,
        groups=groups,
        unit=unit,
        operating_points=calibration.operating_points[:1],
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
    )
    n_several, n_lesions = int((counts > 1).sum()), len(counts)
    return LesionFigures(rule, losses, n_lesions, n_several, len(said["test"]), found.metrics, found.operating_points)


def lesion_rule(run: Run, config: Config) -> LesionRule | None:
    """Return how photographs of a lesion become one answer; None where validation lesions have one each.

    Args:
        run: with predictions on val.
        config: operating points, resamples, confidence.
    """
    manifest, said = run.manifest(), Predictions.read(existing_predictions(run, "val"))
    lesion, _ = lesion_and_kind(manifest, said)
    n_lesions = len(set(lesion))
    if n_lesions == len(lesion):
        return None
    try:
        rule, _, calibration = _chosen(said, manifest, run.taxonomy().malignant(said.classes), config)
    except LentigoError as error:
        logger.warning("No rule for several photographs of a lesion: %s", error)
        return None
    return LesionRule(rule, dataclasses.replace(calibration.rule, class_rule=None), n_lesions)


def _chosen(
    said: Predictions, manifest: Manifest, malignant: Sequence[str], config: Config
) -> tuple[str, dict[str, float], Calibration]:
    """Return the rule with the least loss on validation lesions, that of each rule, and the calibration of lesions."""
    lesion, kind = lesion_and_kind(manifest, said)
    rule, losses = choose_rule(said, lesion, malignant=malignant, kind=kind)
    lesions = fuse_lesions(said, lesion, rule, malignant=malignant, kind=kind)
    logger.info("Calibrating %s, each with one answer to its photographs.", counted(len(lesions), "validation lesion"))
    plain = dataclasses.replace(config.calibrate, left_out="", threshold_from="validation")
    return rule, losses, fit_calibration(lesions, manifest, dataclasses.replace(config, calibrate=plain))
