"""A model and images from elsewhere: which of them it has not had to do with, and what it says of these."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lentigo.data.manifest import Manifest
from lentigo.errors import DataError, LeakageError, name_offenders
from lentigo.model import LOW_CONFIDENCE, Model, is_marked, marks_in
from lentigo.numbers.evaluation import with_truth
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track
from lentigo.stages._manifest_columns import columns_of_manifest
from lentigo.stages._model_settings import run_of
from lentigo.stages._run_folder import Run
from lentigo.study.auditing import find_shared
from lentigo.taxonomy import MALIGNANT, Taxonomy
from lentigo.wording import counted

Leaks = Literal["drop", "refuse", "allow"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UnseenImages:
    """Images that a model has not had to do with.

    Args:
        manifest: the images.
        n_learned: how many it had to do with; None where nobody can tell.
        n_missing: images it learned from that are not there to compare with; None for a bundle, which names none.
        n_calibrated: images left out because a bundle was calibrated to them.
    """

    manifest: Manifest
    n_learned: int | None
    n_missing: int | None
    n_calibrated: int = 0


def unknown_to(model: Model, manifest: Manifest, leaks: Leaks, track: Track) -> UnseenImages:
    """Return the images that a model has neither learned from nor been calibrated to.

    Args:
        model: opened.
        manifest: images, labelled.
        leaks: images that it has: left out ("drop"), an error ("refuse"), kept ("allow").
        track: draws progress.

    Raises:
        LeakageError: it has had to do with all of them, or with some and `leaks` is "refuse".
    """
    run = run_of(model)
    if run is not None:
        return _without_learned(run, manifest, leaks, track)
    logger.warning(
        "%s: a bundle does not record its training images; copies of them cannot be excluded.", model.folder.name
    )
    kept = not_calibrated_on(model.folder, manifest, leaks)
    return UnseenImages(kept, None, None, len(manifest) - len(kept))


def predict_labelled(model: Model, manifest: Manifest, taxonomy: Taxonomy, track: Track) -> "ExternalPredictions":
    """Return what a model says of the images that can be read, beside the truth.

    Raises:
        DataError: no image can be read.
        PredictionsError: the classes of the data cannot be mapped to benign and malignant.
    """
    said, words = _predict(model, manifest, track)
    truth_of = dict(zip(manifest.table["image_id"], manifest.table["target"], strict=True))
    truth = [truth_of[image] for image in said.image.tolist()]
    own = tuple(np.array(model.classes)[model.decision.is_malignant].tolist())
    judged, mapping = with_truth(said, truth, malignant=own, taxonomy=taxonomy)
    malignant = own if judged.classes == model.classes else (MALIGNANT,)
    return ExternalPredictions(judged, malignant, mapping, truth, words, tuple(said.image.tolist()))


def _predict(model: Model, manifest: Manifest, track: Track) -> tuple[Predictions, list[str]]:
    """Return calibrated predictions without targets, and in a word what is answered on each image.

    Raises:
        DataError: as `predict_labelled` says.
    """
    images, rows, words = [], [], []
    known, patients = columns_of_manifest(model.decision.fusion, manifest)
    names = manifest.table["image_id"].tolist()
    for answer in model.answers(manifest.paths, names=names, columns=known, patients=patients, track=track):
        if answer.error:
            logger.warning("excluded: %s: %s", answer.image, answer.error)
        else:
            images.append(answer.image)
            rows.append(list(answer.probabilities.values()))
            words.append("too close to call" if answer.reasons == (LOW_CONFIDENCE,) else answer.decision)
    if not images:
        where = f"the {counted(len(manifest), 'image')} of {manifest.origin}"
        raise DataError(f"none of {where} can be read. The log gives the reason for each image.")
    return Predictions(np.array(images), np.full(len(images), -1), np.array(rows), model.classes), words


@dataclass(frozen=True, slots=True)
class ExternalPredictions:
    """What a model says of images whose truth is known.

    Args:
        said: calibrated predictions in the classes of the model where the data have these, else by side, with targets;
            images on neither side are left out.
        malignant: the malignant ones of these classes.
        mapping: how classes of model and data were brought together, in words.
        truth: class of each image that was read.
        answers: what was answered on each of them, in a word.
        read: ids of these images.
    """

    said: Predictions
    malignant: tuple[str, ...]
    mapping: str
    truth: list[str]
    answers: list[str]
    read: tuple[str, ...] = ()


def not_calibrated_on(bundle: Path, manifest: Manifest, leaks: Leaks = "drop") -> Manifest:
    """Return the images that a bundle has not been calibrated to (`lentigo calibrate BUNDLE --data`), by their files.

    Raises:
        LeakageError: it was calibrated to all of them, or to some and `leaks` is "refuse".
    """
    marks = marks_in(bundle)
    if not len(marks):
        return manifest
    is_known = is_marked(manifest.paths, marks)
    said = (
        f"{is_known.sum()} of the {counted(len(manifest), 'image')} "
        f"of {manifest.origin} were used to calibrate {bundle}"
    )
    return _leave_out(manifest, is_known, said, leaks)


def _without_learned(run: Run, manifest: Manifest, leaks: Leaks, track: Track) -> UnseenImages:
    """Return the images that show no picture that the run has learned from.

    Raises:
        LeakageError: as `unknown_to` says.
    """
    own = run.manifest()
    paths = own.select((own.table["split"] != "test").to_numpy()).paths
    there = [path for path in paths if path.exists()]
    if len(there) < len(paths):
        logger.warning(
            "Missing from their folder: %d of %s of %s; copies of them cannot be found.",
            len(paths) - len(there), counted(len(paths), "training image"), run.folder,
        )  # fmt: skip
    if (weights := run.config().model.weights) not in ("imagenet", "none"):
        logger.warning(
            "%s was initialised from %s; copies of images that those weights were trained on are not excluded.",
            run.folder,
            weights,
        )
    n_missing = len(paths) - len(there)
    if not there:
        return UnseenImages(manifest, None, n_missing)
    is_known = find_shared(manifest.paths, there, image=run.config().image, track=track) >= 0
    n_known = int(is_known.sum())
    said = (
        f"{n_known} of the {counted(len(manifest), 'image')} of "
        f"{manifest.origin} are copies of training images of {run.folder}"
    )
    return UnseenImages(_leave_out(manifest, is_known, said, leaks), n_known, n_missing)


def _leave_out(manifest: Manifest, is_known: NDArray[np.bool_], said: str, leaks: Leaks) -> Manifest:
    """Return the images that are not known, or all of them with "allow"; say which are.

    Raises:
        LeakageError: all are known, or some and `leaks` is "refuse".
    """
    if not is_known.any():
        return manifest
    said = f"{said}: {name_offenders(manifest.table.loc[is_known, 'image_id'].astype(str))}"
    if leaks == "allow":
        logger.warning("%s. They are kept (--leaks allow); all results are too optimistic.", said)
        return manifest
    if leaks == "refuse" or is_known.all():
        raise LeakageError(f"{said}. Evaluate on other images, or keep them with --leaks allow.")
    logger.warning("%s. They are excluded.", said)
    return manifest.select(np.flatnonzero(~is_known))
