"""`lentigo calibrate`: everything that validation decides, for a run or for anyone's predictions file; never torch."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.errors import CheckpointError, ConfigError, LeakageError, PredictionsError, name_offenders
from lentigo.numbers.calibration import Calibration, as_wanted, demanded_sensitivity
from lentigo.numbers.predictions import Predictions
from lentigo.stages._held_out_files import kept_sources
from lentigo.stages._known_predictions import refuse_second_calibration, unit_of
from lentigo.stages._lesion_table import read_lesion_table
from lentigo.stages._run_folder import FOLD, Run, taxonomy_of
from lentigo.stages._source_parts import sources_of
from lentigo.stages._test_looks import record_test_look
from lentigo.storage import sha256_of
from lentigo.wording import counted


def calibrate_run(run: Run, *, config: Config | None = None) -> Calibration:
    """Return the calibration from the run's validation predictions; write `calibration.json`.

    Args:
        run: a run with predictions on val.
        config: what to choose; the run's own settings when left out.

    Raises:
        ConfigError: thresholds are wanted for held-out sources, of a run that uses columns.
        LeakageError: the predictions hold test images.
    """
    path = existing_predictions(run, "val")
    said, settings = Predictions.read(path), config or run.config()
    if settings.calibrate.threshold_from == "held_out_sources" and run.fusion() is not None:
        raise ConfigError(
            f"{run.folder} uses columns beside the image, which networks for held-out sources do not know. Set "
            "calibrate.threshold_from=validation, or use the image alone: lentigo fuse RUN --image-alone"
        )
    held_out = _held_out(run) if settings.calibrate.threshold_from == "held_out_sources" else None
    calibration = fit_calibration(said, run.manifest(), settings, source_sha256=sha256_of(path), held_out=held_out)
    before = run.calibration_path.read_bytes() if run.calibration_path.is_file() else b""
    calibration.write(run.calibration_path)
    # thresholds chosen again after the test was seen are chosen knowing it; the same ones are not a new choice
    if run.evaluation_path.exists() and run.calibration_path.read_bytes() != before:
        record_test_look(run, "calibrate", "thresholds chosen again")
    return calibration


def calibrate_predictions(
    path: str | Path, *, groups_from: str | Path | None = None, config: Config | None = None
) -> Calibration:
    """Return the calibration from the validation predictions of any model.

    Args:
        path: a CSV with image, target and one probability column per class.
        groups_from: a manifest, whose patients or lesions are kept together and resampled; images when left out.
        config: what to choose, the side of AK and AKIEC, resamples, confidence and seed.

    Raises:
        LeakageError: the manifest says that there are test images among them.
        PredictionsError: the manifest does not have all images, or the probabilities are calibrated already.

    Example:
        >>> calibrate_predictions(predictions_csv).n_images
        4
    """
    refuse_second_calibration(
        path, "To fit a model to these images: lentigo calibrate BUNDLE --data DATA --out FOLDER."
    )
    config, said, manifest = config or Config(), Predictions.read(path), None
    if groups_from is not None:
        manifest = read_lesion_table(groups_from, said, taxonomy_of(config)).manifest
    return fit_calibration(said, manifest, config, source_sha256=sha256_of(path))


def fit_calibration(
    predictions: Predictions,
    manifest: Manifest | None,
    config: Config,
    *,
    source_sha256: str | None = None,
    held_out: Mapping[str, tuple[Predictions, Predictions]] | None = None,
) -> Calibration:
    """Return what predictions on validation images decide by some settings.

    Args:
        predictions: as the model made them.
        manifest: whose patients or lesions are kept together and resampled; None for images.
        config: what to choose.
        source_sha256: of the file of the predictions.
        held_out: what networks said of a source that they had not learned from, and of validation of the others; for
            `calibrate.threshold_from = "held_out_sources"`.

    Raises:
        ConfigError: thresholds are wanted for held-out sources, and there are none.
        LeakageError: the manifest says that there are test images among them.
        PredictionsError: the manifest does not have all images.
    """
    groups, unit = None, "image"
    if manifest is not None:
        refuse_split(
            manifest,
            predictions,
            ("test",),
            "a threshold chosen on them is not independent. Calibrate on validation images only",
        )
        names, unit = groups_of(manifest, predictions)
        groups = None if unit == "image" else names
    left_out = _left_out(config, manifest)
    malignant = taxonomy_of(config).malignant(predictions.classes)
    wanted, demanded = config.calibrate.sensitivities, None
    if config.calibrate.threshold_from == "held_out_sources":
        if not held_out:
            raise ConfigError(
                "calibrate.threshold_from is held_out_sources, and no source was held out. Train a run on two or more "
                "sources with --set train.held_out_sources=probe, or set calibrate.threshold_from=validation."
            )
        demanded = [demanded_sensitivity(share, held_out, malignant=malignant) for share in wanted]
    found = Calibration.fit(
        predictions,
        malignant=malignant,
        target_sensitivities=demanded,
        settings=config.calibrate,
        source_sha256=source_sha256,
        groups=groups,
        unit=unit,
        left_out=left_out,
        kept_in=sources_where_kept(predictions, manifest, config),
        fewest=config.evaluate.min_group_cases,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
    )
    if demanded is None:
        return found
    return dataclasses.replace(found, operating_points=as_wanted(found.operating_points, wanted, "held-out sources"))


def sources_where_kept(predictions: Predictions, manifest: Manifest | None, config: Config) -> NDArray[np.str_] | None:
    """Return the source of each prediction where thresholds have to hold in every one of them, else None.

    Raises:
        ConfigError: nothing says which source an image is of.
    """
    if config.calibrate.threshold_from != "every_source":
        return None
    if manifest is None or "source" not in manifest.table:
        raise ConfigError(
            "calibrate.threshold_from is every_source, and no table says which source an image is of (column source). "
            "Train on several data sets, or set calibrate.threshold_from=validation."
        )
    source_of = dict(zip(manifest.table["image_id"], sources_of(manifest).tolist(), strict=True))
    return np.array([source_of[image] for image in predictions.image.tolist()], dtype=np.str_)


def _held_out(run: Run) -> dict[str, tuple[Predictions, Predictions]]:
    """Return what was kept of each held-out source without the test images of the run: a threshold is chosen on it."""
    table = run.manifest().table
    test = table.loc[table["split"] == "test", "image_id"].to_numpy(dtype=str)
    malignant, found = run.taxonomy().malignant(run.manifest().classes), {}
    for about, said, others in kept_sources(run):
        open_ = said.select(~np.isin(said.image, test))
        if open_.is_malignant(malignant).any():
            found[str(about["source"])] = (open_, others)
    return found


def _left_out(config: Config, manifest: Manifest | None) -> dict[str, Predictions]:
    """Return what the networks of the run `calibrate.left_out` said of the source that each had not learned from.

    Images of classes that a network had not learned from either are no question of calibration, and are left out.

    Raises:
        ConfigError: the run left out something else than sources.
        LeakageError: test images are among them.
    """
    if not config.calibrate.left_out:
        return {}
    run = Run.open(config.calibrate.left_out)
    if run.config().train.fold_by != "source":
        raise ConfigError(
            f"calibrate.left_out is {run.folder}, which was not trained with one source held out at "
            "a time. Train it with --set train.fold_by=source and train.folds the number of sources."
        )
    said = Predictions.read(existing_predictions(run, "val"))
    if manifest is not None:
        why = "a temperature fitted to them is not independent. Evaluate that run on other images"
        refuse_split(manifest, said, ("test",), why)
    table = run.manifest().table.set_index("image_id").loc[said.image.tolist()]
    fold = table[FOLD].to_numpy(dtype=np.int64)
    found = {}
    for k in np.unique(fold):
        is_asked = (fold == k) & np.isin(said.target, said.target[fold != k])
        found[str(table.loc[fold == k, "source"].mode()[0])] = said.select(is_asked)
    return found


def refuse_split(manifest: Manifest, predictions: Predictions, splits: tuple[str, ...], why: str) -> None:
    """Raise where predictions hold images that the manifest puts in one of some splits.

    Args:
        manifest: the images, with or without splits.
        predictions: to look through.
        splits: that must not occur.
        why: ends the first sentence and says what to do.

    Raises:
        LeakageError: they do.
    """
    table = manifest.table
    taken = set(table.loc[table["split"].isin(splits), "image_id"])
    found = [image for image in predictions.image.tolist() if image in taken]
    if found:
        where = " or ".join(splits)
        raise LeakageError(
            f"{len(found)} of {counted(len(predictions), 'predicted image')} are {where} images of {manifest.origin} "
            f"({name_offenders(found)}); {why}."
        )


def existing_predictions(run: Run, split: str) -> Path:
    """Return where the predictions of a split lie.

    Raises:
        CheckpointError: there are none yet.
    """
    path = run.predictions_path(split)
    if not path.is_file():
        raise CheckpointError(f"{run.folder} has no predictions on {split} yet. Finish it with --resume.")
    return path


def image_predictions(run: Run, split: str) -> Predictions:
    """Return the predictions of a split by the image alone, also of a run that uses columns beside it."""
    existing_predictions(run, split)
    return Predictions.read(run.image_predictions_path(split))


def groups_of(manifest: Manifest, predictions: Predictions) -> tuple[NDArray[np.str_], str]:
    """Return the patient, else lesion, else image of each prediction, and which of these occur: "patient or lesion".

    Raises:
        PredictionsError: an image is not in the manifest.
    """
    names, _ = manifest.groups()
    group_of = dict(zip(manifest.table["image_id"], names, strict=True))
    unknown = [image for image in predictions.image.tolist() if image not in group_of]
    if unknown:
        raise PredictionsError(
            f"{counted(len(unknown), 'predicted image is', 'predicted images are')} not in {manifest.origin}: "
            f"{name_offenders(unknown)}. Its image_id and the predictions' image have to agree."
        )
    groups = np.array([group_of[image] for image in predictions.image.tolist()])
    return groups, unit_of(groups)
