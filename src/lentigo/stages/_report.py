"""The last stage: report, model card and checklist of an evaluated run, from its files alone."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lentigo.data.manifest import Manifest
from lentigo.errors import CheckpointError
from lentigo.numbers.evaluation import Evaluation
from lentigo.numbers.predictions import Predictions
from lentigo.stages._calibrate import existing_predictions, groups_of
from lentigo.stages._run_folder import SECOND_LOOK, Run
from lentigo.storage import read_json, sha256_of, write_text

if TYPE_CHECKING:
    from lentigo.study.reporting import ReportInputs


def report(run: str | Path, *, with_pictures: bool = True) -> Path:
    """Return the path of `report.html` of a run folder, written again with `model_card.md` and `checklist.md`.

    Args:
        run: folder of an evaluated run.
        with_pictures: whether images of the data are shown as thumbnails.

    Raises:
        CheckpointError: it is not a run folder.

    Example:
        >>> report(run).name
        'report.html'
    """
    return report_run(Run.open(run), with_pictures=with_pictures)


def report_run(run: Run, *, with_pictures: bool = True) -> Path:
    """Return the path of `report.html`, written again together with `model_card.md` and `checklist.md`.

    Args:
        run: evaluated.
        with_pictures: whether images of the data are shown as thumbnails.
    """
    from lentigo.study.reporting import (
        render_card,
        render_checklist,
        render_report,
    )  # matplotlib, which no other stage needs

    inputs = report_inputs(run)
    write_text(run.card_path, render_card(inputs))
    write_text(run.checklist_path, render_checklist(inputs))
    write_text(run.report_path, render_report(inputs, with_pictures=with_pictures))
    return run.report_path


def report_inputs(run: Run) -> "ReportInputs":
    """Return all that the report of a finished run is made from.

    Raises:
        CheckpointError: a stage of the run is missing, or calibration is newer than evaluation.
    """
    from lentigo.study.reporting import ReportInputs

    if not run.evaluation_path.exists():
        raise CheckpointError(f"{run.folder} has no evaluation yet. Evaluate it first: lentigo evaluate {run.folder}")
    evaluation = _with_units(Evaluation.read(run.evaluation_path), run)
    if evaluation.provenance.get("calibration_sha256") != sha256_of(run.calibration_path):
        raise CheckpointError(f"{run.folder} was recalibrated. Evaluate it first: lentigo evaluate {run.folder}")
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
        calibration=run.calibration(),
        evaluation=evaluation,
        audit=run.audit(),
        second_look=_second_look(evaluation),
        audited=Manifest.read(run.audited_path) if run.audited_path.is_file() else None,
        looks=run.looks(),
        beside=run.beside_in_words(),
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


def _with_units(evaluation: Evaluation, run: Run) -> Evaluation:
    """Return an evaluation that names all that was resampled; an older lentigo named the coarsest kind alone."""
    test = Predictions.read(existing_predictions(run, "test")).labelled()
    _, unit = groups_of(run.manifest(), test)
    if unit == evaluation.resampling.unit:
        return evaluation
    return dataclasses.replace(evaluation, resampling=dataclasses.replace(evaluation.resampling, unit=unit))
