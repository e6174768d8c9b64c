"""The stages after training: calibrate on validation, evaluate on test, report. Each needs files only, never torch."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lentigo.calibration import Calibration
from lentigo.config import Config
from lentigo.errors import CheckpointError, MetricError, PredictionsError, name_offenders
from lentigo.evaluation import Evaluation, evaluate
from lentigo.manifest import Manifest
from lentigo.metrics import Estimate
from lentigo.predictions import Predictions
from lentigo.runs.layout import SECOND_LOOK, Run, taxonomy_of
from lentigo.storage import read_json, sha256_of, write_text

if TYPE_CHECKING:
    from lentigo.report import ReportInputs

__all__ = [
    "calibrate_run",
    "describe_run",
    "evaluate_predictions",
    "evaluate_run",
    "existing_predictions",
    "groups_of",
    "report_inputs",
    "report_run",
]


def calibrate_run(run: Run, *, sensitivities: Sequence[float] | None = None) -> Calibration:
    """Return the temperature and the operating points chosen on validation; write `calibration.json`.

    Args:
        run: a run with predictions on val.
        sensitivities: one operating point each; those of the run's settings when left out.
    """
    config = run.config()
    path = existing_predictions(run, "val")
    predictions = Predictions.read(path)
    groups, unit = groups_of(run.manifest(), predictions)
    calibration = Calibration.fit(
        predictions,
        malignant=run.taxonomy().malignant(predictions.classes),
        target_sensitivities=tuple(sensitivities or config.calibrate.sensitivities),
        source_sha256=sha256_of(path),
        groups=None if unit == "image" else groups,
        unit=unit,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
    )
    calibration.write(run.calibration_path)
    return calibration


def evaluate_run(run: Run) -> Evaluation:
    """Return the figures of the calibrated test predictions; write `evaluation.json`."""
    config, path = run.config(), existing_predictions(run, "test")
    calibration = Calibration.read(run.calibration_path)
    predictions = Predictions.read(path)
    groups, unit = groups_of(run.manifest(), predictions)
    environment = read_json(run.environment_path, error=CheckpointError)
    figures = evaluate(
        calibration.apply(predictions),
        malignant=calibration.malignant_classes,
        groups=groups,
        unit=unit,
        operating_points=calibration.operating_points,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
        provenance={
            "predictions_sha256": sha256_of(path),
            "calibration_sha256": sha256_of(run.calibration_path),
            "pixels_sha256": environment["pixels_sha256"],
            "recipe": config.recipe,
            "backbone": config.model.backbone,
            "seed": config.seed,
        },
    )
    evaluation = dataclasses.replace(figures, comparisons=_without_lesion(run))
    evaluation.write(run.evaluation_path)
    return evaluation


def _without_lesion(run: Run) -> dict[str, Estimate]:
    """Return the AUROC of the data's strongest shortcut, and of the model on images that lack the lesion or its rim."""
    config = run.config()
    audit = run.audit()
    comparisons = {}
    if audit is not None and (score := audit.strongest_shortcut) is not None:
        comparisons[f"{score.name} alone, no network"] = score.auroc
    for name, words in SECOND_LOOK.items():
        path = run.predictions_path(name)
        if path.is_file():
            seen = Predictions.read(path)
            groups, unit = groups_of(run.manifest(), seen)
            figures = evaluate(
                seen,
                malignant=run.taxonomy().malignant(seen.classes),
                groups=groups,
                unit=unit,
                n_resamples=config.evaluate.n_resamples,
                confidence=config.evaluate.confidence,
                seed=config.seed,
            )
            comparisons[words] = figures.metrics["auroc"]
    return comparisons


def evaluate_predictions(path: Path, *, groups_from: Path | None = None, config: Config | None = None) -> Evaluation:
    """Return the figures of anyone's predictions file, as the probabilities stand in it.

    Args:
        path: a CSV with image, target and one probability column a class.
        groups_from: a manifest whose patients or lesions are resampled; images when left out.
        config: the side of AK and AKIEC, resamples, confidence and seed.

    Raises:
        PredictionsError: no row has a target, or the manifest does not have all images.

    Example:
        >>> evaluate_predictions(predictions_csv).n_images
        4
    """
    config = config or Config()
    predictions = Predictions.read(path).labelled()
    if len(predictions) == 0:
        raise PredictionsError(f"{path} has no row with a target. Fill in the column 'target' with the true class.")
    groups, unit = None, "image"
    if groups_from is not None:
        groups, unit = groups_of(Manifest.read(groups_from), predictions)
    return evaluate(
        predictions,
        malignant=taxonomy_of(config).malignant(predictions.classes),
        groups=groups,
        unit=unit,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
        provenance={"predictions_sha256": sha256_of(path)},
    )


def report_run(run: Run) -> Path:
    """Return the path of `report.html`, written anew together with `model_card.md` and `checklist.md`."""
    from lentigo.report import render_card, render_checklist, render_report  # matplotlib, which no other stage needs

    inputs = report_inputs(run)
    write_text(run.card_path, render_card(inputs))
    write_text(run.checklist_path, render_checklist(inputs))
    write_text(run.report_path, render_report(inputs))
    return run.report_path


def report_inputs(run: Run) -> "ReportInputs":
    """Return all that the report of a finished run is made from.

    Raises:
        CheckpointError: a stage of the run is missing, or calibration is newer than evaluation.
    """
    from lentigo.report import ReportInputs

    evaluation = Evaluation.read(run.evaluation_path)
    if evaluation.provenance.get("calibration_sha256") != sha256_of(run.calibration_path):
        raise CheckpointError(f"{run.folder} was calibrated anew. Evaluate it first: lentigo evaluate {run.folder}")
    return ReportInputs(
        title=run.folder.resolve().name,
        config=run.config(),
        taxonomy=run.taxonomy(),
        manifest=run.manifest(),
        flow=read_json(run.audit_path, error=CheckpointError)["flow"],
        environment=read_json(run.environment_path, error=CheckpointError),
        history=run.history(),
        val=Predictions.read(existing_predictions(run, "val")),
        test=Predictions.read(existing_predictions(run, "test")),
        calibration=Calibration.read(run.calibration_path),
        evaluation=evaluation,
        audit=run.audit(),
        second_look=_second_look(evaluation),
        audited=Manifest.read(run.audited_path) if run.audited_path.is_file() else None,
    )


def _second_look(evaluation: Evaluation) -> dict[str, Any] | None:
    """Return what the report shows of the images without the lesion, None when they were not asked."""
    names = {"masked": "test-masked", "centre": "test-centre"}
    found = {key: evaluation.comparisons.get(SECOND_LOOK[name]) for key, name in names.items()}
    if found["masked"] is None or found["centre"] is None:
        return None
    whole = evaluation.metrics["auroc"]
    figures = {key: figure.json() for key, figure in {**found, "whole": whole}.items() if figure is not None}
    return {**figures, "n_images": found["masked"].n}


def existing_predictions(run: Run, split: str) -> Path:
    """Return where the predictions of a run on a split lie.

    Raises:
        CheckpointError: there are none yet.
    """
    path = run.predictions_path(split)
    if not path.is_file():
        raise CheckpointError(f"{run.folder} has no predictions on {split} yet. Finish it with --resume.")
    return path


def groups_of(manifest: Manifest, predictions: Predictions) -> tuple[NDArray[np.str_], str]:
    """Return the patient, else lesion, else image of each prediction, and which of these it is.

    Raises:
        PredictionsError: an image is not in the manifest.
    """
    groups, unit = manifest.groups()
    group_of = dict(zip(manifest.table["image_id"], groups, strict=True))
    unknown = [image for image in predictions.image.tolist() if image not in group_of]
    if unknown:
        raise PredictionsError(
            f"{len(unknown)} predicted images are not in {manifest.origin}: {name_offenders(unknown)}. "
            "Its image_id and the predictions' image have to agree."
        )
    return np.array([group_of[image] for image in predictions.image.tolist()]), unit


def describe_run(folder: Path) -> dict[str, Any]:
    """Return what a run folder holds, for `lentigo info`.

    Stages that have not been reached are left out.
    """
    run = Run.open(folder)
    config, manifest = run.config(), run.manifest()
    about: dict[str, Any] = {
        "run": str(folder),
        "recipe": config.recipe,
        "backbone": config.model.backbone,
        "initial_weights": config.model.weights,
        "image_size": config.image.size,
        "seed": config.seed,
        "classes": ", ".join(manifest.classes),
        "sides": run.taxonomy().describe(),
        "images": ", ".join(f"{split} {len(manifest.subset(split))}" for split in ("train", "val", "test")),
        "epochs_done" if config.train.method == "finetune" else "penalties_tried": len(run.history()),
    }
    if run.calibration_path.exists():
        point = Calibration.read(run.calibration_path).operating_points[0]
        about["refers_at"] = f"malignant probability {point.threshold:.4f} and above ({point.name})"
    if run.evaluation_path.exists():
        try:
            metrics = Evaluation.read(run.evaluation_path).metrics
        except MetricError as error:  # of an older lentigo: the rest of the run is still worth showing
            return about | {"test": str(error)}
        about |= {f"test_{name}": str(metrics[name]) for name in ("auroc", "accuracy", "ece") if name in metrics}
    return about
