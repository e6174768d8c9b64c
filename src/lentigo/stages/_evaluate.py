"""The stage after calibration: evaluation on test. It needs files only, never torch."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lentigo.config import Config
from lentigo.errors import CheckpointError, MetricError, PredictionsError
from lentigo.model.decision import Estimate, check_prevalence
from lentigo.numbers.calibration import Calibration
from lentigo.numbers.evaluation import Evaluation, evaluate, evaluate_whole
from lentigo.numbers.predictions import Predictions
from lentigo.stages._by_lesion import lesion_figures
from lentigo.stages._calibrate import existing_predictions, groups_of, refuse_split
from lentigo.stages._held_out_figures import figures_of_sources
from lentigo.stages._known_predictions import known_groups, refuse_second_calibration
from lentigo.stages._labelled_predictions import labelled_predictions, shared_lesions
from lentigo.stages._lesion_table import read_lesion_table
from lentigo.stages._lesions import fused
from lentigo.stages._run_folder import SECOND_LOOK, Run, choices_of, taxonomy_of
from lentigo.stages._test_looks import record_test_look, run_of_predictions
from lentigo.storage import read_json, sha256_of, write_text
from lentigo.wording import figure_text


def evaluate_run(
    run: Run, *, prevalence: float | None = None, overrides: Sequence[str] = (), verb: str = "evaluate"
) -> Evaluation:
    """Return the figures of the calibrated test predictions; write `evaluation.json`.

    Args:
        run: a run with predictions on test and a calibration.
        prevalence: share of malignant lesions for PPV, NPV and net benefit; that of the run's settings when left out.
        overrides: of settings `evaluate.*`, as given to `--set`; the run keeps its own.
        verb: that looks at the test images, for the count of looks.

    Raises:
        LeakageError: the calibration was chosen on the test predictions.
    """
    config, path = run.config().overridden(overrides), existing_predictions(run, "test")
    calibration = run.calibration()
    predictions, manifest = Predictions.read(path), run.manifest()
    calibration.refuse_own_images(predictions, sha256=sha256_of(path))
    groups, unit = groups_of(manifest, predictions)
    environment = read_json(run.environment_path, error=CheckpointError)
    figures = evaluate_whole(
        predictions,
        malignant=calibration.malignant_classes,
        groups=groups,
        unit=unit,
        calibration=calibration,
        manifest=manifest,
        settings=at_prevalence(config, prevalence).evaluate,
        seed=config.seed,
        provenance={
            "predictions_sha256": sha256_of(path),
            "calibration_sha256": sha256_of(run.calibration_path),
            **{key: environment[key] for key in ("pixels_sha256", "features_sha256") if key in environment},
            "recipe": config.recipe,
            "backbone": config.network,
            "seed": config.seed,
            **({} if (fusion := run.fusion()) is None else {"uses": [term.name for term in fusion.terms]}),
        },
    )
    elsewhere = figures_of_sources(run, config)
    evaluation = dataclasses.replace(
        figures,
        comparisons=_without_lesion(run),
        held_out_sources=elsewhere,
        lesions=lesion_figures(run, at_prevalence(config, prevalence)),
    )
    record_test_look(run, verb, "every figure")
    evaluation.write(run.evaluation_path)
    return evaluation


def at_prevalence(config: Config, prevalence: float | None) -> Config:
    """Return settings for a prevalence that was asked for; the same where none was.

    Raises:
        ConfigError: it is not between 0 and 1.
    """
    if prevalence is None:
        return config
    check_prevalence(prevalence)
    return config.changed({"evaluate.prevalence": prevalence})


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
            seen = run.calibration().apply(Predictions.read(path))  # as the pictures that it is compared with
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


def evaluate_predictions(
    path: str | Path,
    *,
    truth: str | Path | None = None,
    groups_from: str | Path | None = None,
    calibrated_by: str | Path | None = None,
    prevalence: float | None = None,
    config: Config | None = None,
    html: str | Path | None = None,
    by_lesion: str = "",
) -> Evaluation:
    """Return the results of any predictions file, with its own or with calibrated probabilities.

    Args:
        path: a CSV with image, target and one probability column per class, or one of malignant; see
            `Predictions.read`.
            What is assumed about it is logged, and kept as `assumed` in the provenance.
        truth: a table of the true classes, such as the ground truth of an ISIC challenge.
        groups_from: a manifest or a published table of lesions: its patients or lesions are resampled, its columns make
            the subgroups, and it is reported which lesions have photographs outside the predicted images. Without it,
            images are resampled and there are no subgroups. Without targets and `truth`, its labels are the truth.
        calibrated_by: a calibration.json that `lentigo calibrate` made of validation predictions of the same model.
        prevalence: share of malignant lesions for PPV, NPV and net benefit; that of the images when omitted.
        config: the side of AK and AKIEC, resamples, confidence and seed.
        html: a page to write, which holds no photograph.
        by_lesion: mean_logit, mean_probability or max_malignant: the images of a lesion are one answer by this rule,
            before they are calibrated; each image for itself when empty.

    Raises:
        PredictionsError: no row has a target, or the manifest does not have all images.
        LeakageError: the calibration was chosen on these images, or on others that the manifest calls val or train.

    Example:
        >>> evaluate_predictions(predictions_csv).n_images
        4
    """
    evaluation, predictions = evaluate_labelled(
        path,
        truth=truth,
        groups_from=groups_from,
        calibrated_by=calibrated_by,
        prevalence=prevalence,
        config=config,
        by_lesion=by_lesion,
    )
    if html is not None:
        from lentigo.study.reporting import PaperInputs, render_evaluation

        inputs = PaperInputs.of_predictions(evaluation, predictions)
        write_text(html, render_evaluation(inputs, title=Path(path).name))
    return evaluation


def evaluate_labelled(
    path: str | Path,
    *,
    truth: str | Path | None = None,
    groups_from: str | Path | None = None,
    calibrated_by: str | Path | None = None,
    prevalence: float | None = None,
    config: Config | None = None,
    by_lesion: str = "",
) -> tuple[Evaluation, Predictions]:
    """Return the figures of anyone's predictions file, and the labelled predictions that they were computed from.

    Arguments and errors as of `evaluate_predictions`.

    Raises:
        PredictionsError: see there.
    """
    config = at_prevalence(config or Config(), prevalence)
    if calibrated_by is not None:
        refuse_second_calibration(
            path, "Leave --calibration out; figures of an external test with its thresholds: lentigo figures FOLDER."
        )
    predictions, said = labelled_predictions(path, truth, groups_from, taxonomy_of(config), choices_of(config))
    provenance: dict[str, Any] = {"predictions_sha256": sha256_of(path)}
    if said:
        provenance["assumed"] = list(said)
    groups, unit, manifest, lesions = None, "image", None, None
    if by_lesion and groups_from is None:
        raise PredictionsError("--by-lesion needs a table that names the lesion of each image. Give it with --groups.")
    if groups_from is not None:
        lesions = read_lesion_table(groups_from, predictions, taxonomy_of(config))
        if by_lesion:
            malignant = taxonomy_of(config).malignant(predictions.classes)
            predictions = fused(predictions, lesions, by_lesion, malignant)
            lesions = read_lesion_table(groups_from, predictions, taxonomy_of(config))
            provenance["by_lesion"] = by_lesion
        manifest = lesions.manifest
        groups, unit = groups_of(manifest, predictions)
    else:
        groups, unit = known_groups(path, predictions)
    calibration = None
    if calibrated_by is not None:
        calibration = Calibration.read(calibrated_by)
        provenance["calibration_sha256"] = sha256_of(calibrated_by)
        calibration.refuse_own_images(predictions, sha256=provenance["predictions_sha256"])
        if manifest is not None:
            refuse_split(
                manifest,
                predictions,
                ("train", "val"),
                "they were used for training or for choosing settings. Evaluate on test images only",
            )
    malignant = calibration.malignant_classes if calibration else taxonomy_of(config).malignant(predictions.classes)
    calibrated = calibration.apply(predictions) if calibration else predictions
    figures = evaluate_whole(
        predictions,
        malignant=malignant,
        groups=groups,
        unit=unit,
        calibration=calibration,
        manifest=manifest,
        settings=config.evaluate,
        seed=config.seed,
        provenance=provenance,
    )
    if (run := run_of_predictions(path)) is not None:
        record_test_look(run, "evaluate", "every figure of the predictions file")
    shared = None
    if lesions is not None and not by_lesion:
        shared = shared_lesions(lesions, predictions, calibration, malignant, config)
    return dataclasses.replace(figures, shared=shared), calibrated


def _model_facts(config: Config) -> dict[str, Any]:
    if config.train.method == "features":
        return {"embeddings_of": config.features.origin, "embeddings_licence": config.features.licence}
    return {"initial_weights": config.model.weights, "image_size": config.image.size}


def describe_run(folder: str | Path) -> dict[str, Any]:
    """Return the contents of a run folder, for `lentigo info`.

    Stages that have not been reached are left out.
    """
    run = Run.open(folder)
    config, manifest = run.config(), run.manifest()
    about: dict[str, Any] = {
        "run": str(folder),
        "recipe": config.recipe,
        "backbone": config.network,
        **_model_facts(config),
        "seed": config.seed,
        "classes": ", ".join(manifest.classes),
        "sides": run.taxonomy().describe(names_diagnoses=manifest.names_diagnoses),
        "images": ", ".join(f"{split} {len(manifest.subset(split))}" for split in ("train", "val", "test")),
        "epochs_done" if config.train.method == "finetune" else "penalties_tried": len(run.history()),
    }
    if (beside := run.fusion()) is not None:
        about["uses"] = ", ".join(["image", *(term.name for term in beside.terms)])
    if run.calibration_path.exists():
        calibration = run.calibration()
        point, band = calibration.operating_points[0], calibration.low_confidence
        about["threshold"] = f"malignant probability {figure_text(point.threshold, 4)} ({point.name})"
        if band is not None and band.low < band.high:
            about["no_answer"] = f"between {figure_text(band.low, 4)} and {figure_text(band.high, 4)}"
    if run.evaluation_path.exists():
        try:
            metrics = Evaluation.read(run.evaluation_path).metrics
        except MetricError as error:  # of an older lentigo: the rest of the run is still worth showing
            return about | {"test": str(error)}
        about["test_images"] = run.looks().sentence()
        about |= {f"test_{name}": str(metrics[name]) for name in ("auroc", "accuracy", "ece") if name in metrics}
    return about
