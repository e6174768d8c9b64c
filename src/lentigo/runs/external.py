"""`lentigo evaluate MODEL --data OTHER`: a model on images it has never had to do with."""

import logging
import math
from pathlib import Path
from typing import Final, Literal

import numpy as np

from lentigo.audit import find_shared
from lentigo.bundle.answer import LOW_CONFIDENCE
from lentigo.bundle.files import is_bundle
from lentigo.calibration import Calibration, OperatingPoint
from lentigo.config import Config
from lentigo.errors import DataError, LeakageError, name_offenders
from lentigo.evaluation import ExternalTest, OnImages, count_answers, external_test, with_truth
from lentigo.manifest import Manifest
from lentigo.metrics import Estimate
from lentigo.models import place_of
from lentigo.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.runs.asking import Predictor
from lentigo.runs.calibrating import existing_predictions, groups_of
from lentigo.runs.layout import Run
from lentigo.runs.predicting import Model, open_model
from lentigo.sources import read_data
from lentigo.storage import new_folder, refuse_existing, refuse_foreign
from lentigo.taxonomy import BENIGN, MALIGNANT, Taxonomy

__all__ = ["evaluate_external"]

Leaks = Literal["drop", "refuse", "allow"]
FILES: Final = ("external.json", "predictions.csv")

logger = logging.getLogger(__name__)


def evaluate_external(
    model: str | Path,
    data: str | Path,
    *,
    out: str | Path | None = None,
    leaks: Leaks = "drop",
    force: bool = False,
    track: Track = silent,
) -> ExternalTest:
    """Return what a run or bundle reaches on other data, at its own thresholds; a run's beside its own test.

    Photographs that the run learned from or chose by are no test of it: public sets share many. They are found by their
    pixels, where the files of the run's manifest are still there. A bundle has no manifest: for it nothing is left out.

    Args:
        model: a finished run folder, a bundle's, or "lentigo" for the one that is shipped.
        data: as `read_data` takes it; all its images are judged, whatever their split.
        out: a .json file for the figures, or a folder for external.json and the predictions (calibrated, in the classes
            they were judged in).
        leaks: images that the run has trained or validated on: left out ("drop"), an error ("refuse"), kept ("allow").
        force: replace what stands there.
        track: draws progress.

    Raises:
        DataError: the data cannot be read, or no image of theirs.
        LeakageError: the run has learned from all of them, or from some and `leaks` is "refuse".
        PredictionsError: the classes of the data cannot be mapped to benign and malignant.

    Example:
        >>> evaluate_external(run, phantom, leaks="allow").n_here > 0
        True
    """
    place = None if out is None else Path(out)
    if place is not None:
        _refuse_taken(place, force=force)
    asked, run = open_model(model), None if is_bundle(place_of(model)) else Run.open(model)
    config, taxonomy = (Config(), Taxonomy()) if run is None else (run.config(), run.taxonomy())
    manifest = read_data(data, taxonomy=taxonomy)
    n_found, n_learned, n_missing = len(manifest), None, None
    if run is None:
        logger.warning("A bundle does not say which photographs it learned from: copies of them are not left out.")
    else:
        manifest, n_learned, n_missing = _without_learned(run, manifest, leaks, track)
    said, answers = _predict(asked, manifest, track)
    truth_of = dict(zip(manifest.table["image_id"], manifest.table["target"], strict=True))
    truth = [truth_of[image] for image in said.image.tolist()]
    classes = tuple(np.array(asked.classes)[asked.is_malignant].tolist())
    judged, mapping = with_truth(said, truth, malignant=classes, taxonomy=taxonomy)
    malignant = classes if judged.classes == tuple(asked.classes) else (MALIGNANT,)
    found = external_test(
        OnImages(judged, malignant, *groups_of(manifest, judged)),
        None if run is None else _own_test(run),
        mapping=mapping,
        answers=count_answers(truth, answers, malignant=lambda name: _is_malignant(taxonomy, name)),
        operating_points=_points_of(asked),
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
        provenance={
            "data": Path(data).resolve().name,
            "n_found": n_found,
            "n_learned_from": n_learned,
            "n_not_looked_for": n_missing,
            "leaks": leaks,
            "n_unreadable": len(manifest) - len(said),
        },
    )
    if place is not None:
        _write(found, judged, place, force=force)
    return found


def _own_test(run: Run) -> OnImages:
    calibration = Calibration.read(run.calibration_path)
    own = calibration.apply(Predictions.read(existing_predictions(run, "test")).labelled())
    return OnImages(own, calibration.malignant_classes, *groups_of(run.manifest(), own))


def _points_of(asked: Model) -> tuple[OperatingPoint, ...]:
    if isinstance(asked, Predictor):
        return asked.calibration.operating_points
    from lentigo.bundle.runtime import Bundle

    assert isinstance(asked, Bundle)
    nothing = Estimate.undefined("a bundle does not say how many images it was reached on")
    return tuple(
        OperatingPoint(point.name, point.threshold, math.nan, nothing, nothing, 0, 0)
        for point in asked.record.operating_points
    )


def _is_malignant(taxonomy: Taxonomy, name: str) -> bool | None:
    return {MALIGNANT: True, BENIGN: False}.get(taxonomy.side(name) or "")


def _without_learned(run: Run, manifest: Manifest, leaks: Leaks, track: Track) -> tuple[Manifest, int | None, int]:
    """Return the images that the run has not learned from, how many it has (None: nobody can tell), and its files lost.

    Raises:
        LeakageError: as `evaluate_external` says.
    """
    own = run.manifest()
    paths = own.select((own.table["split"] != "test").to_numpy()).paths
    there = [path for path in paths if path.exists()]
    if len(there) < len(paths):
        logger.warning(
            "%d of the %d images that %s learned from are not where its manifest says: copies of them are not found.",
            len(paths) - len(there), len(paths), run.folder,
        )  # fmt: skip
    if (weights := run.config().model.weights) not in ("imagenet", "none"):
        logger.warning(
            "%s began with %s: what those weights learned from before is not looked for.", run.folder, weights
        )
    n_missing = len(paths) - len(there)
    if not there:
        return manifest, None, n_missing
    is_known = find_shared(manifest.paths, there, image=run.config().image, track=track) >= 0
    n_known = int(is_known.sum())
    if not n_known:
        return manifest, 0, n_missing
    names = name_offenders(manifest.table.loc[is_known, "image_id"])
    said = f"{n_known} of the {len(manifest)} images of {manifest.origin} show pictures that {run.folder} learned from"
    if leaks == "refuse" or (leaks == "drop" and is_known.all()):
        raise LeakageError(f"{said}: {names}. Judge it on others; --leaks allow keeps them.")
    if leaks == "allow":
        logger.warning("%s, and are kept (--leaks allow): %s.", said, names)
        return manifest, n_known, n_missing
    logger.warning("%s, and are left out: %s.", said, names)
    return manifest.select(np.flatnonzero(~is_known)), n_known, n_missing


def _predict(asked: Model, manifest: Manifest, track: Track) -> tuple[Predictions, list[str]]:
    """Return calibrated predictions on the readable images, without targets, and in a word what is answered on each.

    Raises:
        DataError: no image can be read.
    """
    images, rows, words = [], [], []
    for answer in asked.answers(manifest.paths, names=manifest.table["image_id"].tolist(), track=track):
        if answer.error:
            logger.warning("left out: %s: %s", answer.image, answer.error)
        else:
            images.append(answer.image)
            rows.append(list(answer.probabilities.values()))
            words.append("too close to call" if answer.reasons == (LOW_CONFIDENCE,) else answer.decision)
    if not images:
        raise DataError(
            f"none of the {len(manifest)} images of {manifest.origin} can be read. The log says why, image by image."
        )
    said = Predictions(np.array(images), np.full(len(images), -1), np.array(rows), tuple(asked.classes))
    return said, words


def _refuse_taken(out: Path, *, force: bool) -> None:
    if out.suffix == ".json":
        refuse_existing(out, force=force)
    else:
        refuse_foreign(out, kind="external test", is_ours=FILES.__contains__, force=force)


def _write(found: ExternalTest, judged: Predictions, out: Path, *, force: bool) -> None:
    if out.suffix == ".json":
        found.write(out)
        return
    with new_folder(out, force=force) as folder:
        judged.write(folder / "predictions.csv")
        found.write(folder / "external.json")
