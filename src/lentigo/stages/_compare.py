"""`lentigo compare`: two or more runs, bundles or predictions files, judged on the same images."""

import dataclasses
import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.data.sources import read_data
from lentigo.errors import ConfigError
from lentigo.model import kind_of, open_model
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import (
    TRIVIAL,
    UNCOUNTED,
    ChangedAnswer,
    ComparedModel,
    Comparison,
    changed_answers,
    trivial_model,
)
from lentigo.numbers.evaluation import (
    compare as compare_predictions,
)
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.stages._calibrate import existing_predictions, groups_of
from lentigo.stages._external_model import ExternalPredictions, Leaks, predict_labelled, unknown_to
from lentigo.stages._figures import FORMATS, TABLE_FORMATS
from lentigo.stages._known_predictions import known_groups
from lentigo.stages._lesion_table import read_lesion_table
from lentigo.stages._model_settings import settings_of, taxonomy_of_model
from lentigo.stages._run_folder import Run, choices_of, taxonomy_of
from lentigo.stages._test_looks import record_test_look, run_of_predictions
from lentigo.storage import new_folder, refuse_foreign, write_json, write_text
from lentigo.taxonomy import Taxonomy

RECORD = "comparison.json"

logger = logging.getLogger(__name__)


def compare(
    first: str | Path,
    second: str | Path,
    *,
    groups_from: str | Path | None = None,
    threshold: float | None = None,
    margin: float | None = None,
    config: Config | None = None,
    data: str | Path | None = None,
    leaks: Leaks = "drop",
    out: str | Path | None = None,
    html: str | Path | None = None,
    force: bool = False,
    track: Track = silent,
) -> Comparison:
    """Return how two models differ on the same images.

    Args:
        first: a run folder (its calibrated test predictions at its own threshold), or a predictions file.
        second: the same, or "always-benign" or "prevalence".
        groups_from: a manifest whose patients or lesions are resampled; that of the first run when omitted.
        threshold: on the malignant probability, for models that have none of their own.
        margin: how much worse the first may be and still be called not inferior.
        config: the side of AK and AKIEC of predictions files, resamples, confidence and seed.
        data: other images to compare both models on, runs or bundles, as `read_data` takes them; each is evaluated at
            its own threshold, on the images that neither was trained on.
        leaks: images that one of them was trained on: excluded ("drop"), an error ("refuse"), kept ("allow").
        out: a folder to make, with the figures, the table and comparison.json.
        html: a page to write, which holds no photograph.
        force: overwrite a comparison at `out`.
        track: draws progress.

    Raises:
        ConfigError: a bundle is compared without data.
        LeakageError: as for `evaluate_external`.
        PredictionsError: the models are not about the same images, or do not agree on the truth.

    Example:
        >>> compare(predictions_csv, predictions_csv).n_images
        4
    """
    config = config or Config()
    if out is not None:
        refuse_foreign(Path(out), kind="comparison", is_ours=_is_ours, force=force, mark=RECORD)
    if data is not None:
        a, b, manifest, answered = _predicted_on_data(first, second, data, leaks, config, track)
        found = _compared(a, b, *groups_of(manifest, a.said), margin, {}, config)
        found = dataclasses.replace(found, changes=changed_answers(answered))
    else:
        found = _on_stored(first, second, groups_from, threshold, margin, config)
    if out is not None:
        _write(found, Path(out), force=force)
    if html is not None:
        from lentigo.study.reporting import render_comparison

        write_text(html, render_comparison(found))
    return found


def _write(found: Comparison, out: Path, *, force: bool) -> None:
    from lentigo.study.reporting import write_comparison

    with new_folder(out, force=force) as folder:
        write_comparison(found, folder, formats=FORMATS, table_formats=TABLE_FORMATS)
        write_json(folder / RECORD, found.json())


def _is_ours(name: str) -> bool:
    return name == RECORD or Path(name).suffix in {".svg", ".pdf", ".png", ".csv", ".md", ".tex", ".html"}


def _on_stored(
    first: str | Path,
    second: str | Path,
    groups_from: str | Path | None,
    threshold: float | None,
    margin: float | None,
    config: Config,
) -> Comparison:
    """Return the comparison of predictions that are there already.

    Raises:
        ConfigError: one is a bundle, which keeps none.
    """
    refuse_bundles((first, second), f"{first} {second}")
    count_looks(first, second)
    a = read_test_predictions(first, threshold, config)
    if str(second) in TRIVIAL and not Path(second).exists():
        b = trivial_model(str(second), a)
    else:
        b = read_test_predictions(second, threshold, config)
    groups, unit = groups_of_first(first, a.said, groups_from)
    beside = {**shortcut_of(first, "A"), **shortcut_of(second, "B")}
    return _compared(a, b, groups, unit, margin, beside, config)


def refuse_bundles(models: Sequence[str | Path], words: str) -> None:
    """Raise where a bundle is to be compared on test images.

    Args:
        models: to look at.
        words: all models as the user named them.

    Raises:
        ConfigError: one is a bundle.
    """
    for model in models:
        if kind_of(model) == "bundle":
            raise ConfigError(
                f"{model} is a bundle, which keeps no predictions on test images. Name images that no model was "
                f"trained on: lentigo compare {words} --data FOLDER"
            )


def count_looks(*models: str | Path) -> None:
    """Write down that the test images of runs, or their predictions files, are looked at."""
    for folder in {Path(model).resolve() for model in models if Path(model).is_dir()}:
        record_test_look(Run.open(folder), "compare", "figures beside those of another model")
    for file in {Path(model).resolve() for model in models if Path(model).is_file()}:
        if (run := run_of_predictions(file)) is not None:
            record_test_look(run, "compare", "figures beside those of another model")
        else:
            logger.info("%s: %s", file.name, UNCOUNTED)


def _compared(
    a: ComparedModel,
    b: ComparedModel,
    groups: NDArray[np.str_] | None,
    unit: str,
    margin: float | None,
    beside: Mapping[str, Estimate],
    config: Config,
) -> Comparison:
    return compare_predictions(
        a,
        b,
        groups=groups,
        unit=unit,
        margin=margin,
        beside=beside,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
    )


def _predicted_on_data(
    first: str | Path, second: str | Path, data: str | Path, leaks: Leaks, config: Config, track: Track
) -> tuple[ComparedModel, ComparedModel, Manifest, list[ChangedAnswer]]:
    """Return what both models say of the images that neither has had to do with and both can read, and these images.

    The last is what both answer on each of them, for the list of answers that change.
    """
    models = [open_model(model) for model in (first, second)]
    for opened in models:
        opened.refuse_photographs()
    settings = [settings_of(model, config) for model in models]
    taxonomies = [taxonomy_of_model(model, one) for model, one in zip(models, settings, strict=True)]
    manifest = read_data(data, taxonomy=taxonomies[0], choices=choices_of(settings[0]))
    for model in models:
        manifest = unknown_to(model, manifest, leaks, track).manifest
    judged, heard = [], []
    for name, model, taxonomy in zip((first, second), models, taxonomies, strict=True):
        found = predict_labelled(model, manifest, taxonomy, track)
        heard.append(found)
        judged.append(ComparedModel(str(name), found.said, found.malignant, threshold=model.decision.threshold()))
    both = set(judged[0].said.image.tolist()) & set(judged[1].said.image.tolist())
    a, b = (dataclasses.replace(one, said=one.said.select(np.isin(one.said.image, list(both)))) for one in judged)
    return a, b, manifest, _changed_answers(heard, both)


def _changed_answers(heard: Sequence[ExternalPredictions], images: Collection[str]) -> list[ChangedAnswer]:
    """Return what two models answer on each of some images."""
    old, new = (dict(zip(one.read, one.answers, strict=True)) for one in heard)
    chances = [
        dict(zip(one.said.image.tolist(), one.said.malignant(one.malignant).tolist(), strict=True)) for one in heard
    ]
    first = heard[0]
    truth = dict(zip(first.read, first.truth, strict=True))
    is_malignant = first.said.is_malignant(first.malignant).tolist()
    return [
        ChangedAnswer(
            image, str(truth[image]), bool(side), old[image], new[image], chances[0][image], chances[1][image]
        )
        for image, side in zip(first.said.image.tolist(), is_malignant, strict=True)
        if image in images
    ]


def read_test_predictions(model: str | Path, threshold: float | None, config: Config) -> ComparedModel:
    """Return the calibrated test predictions of a run, or a predictions file, ready to be compared."""
    if Path(model).is_dir():
        run = Run.open(model)
        calibration = run.calibration()
        said = calibration.apply(Predictions.read(existing_predictions(run, "test")))
        point = calibration.operating_points[0].threshold
        return ComparedModel(str(model), said.labelled(), calibration.malignant_classes, threshold=point)
    said = Predictions.read(model)
    # one that brings no truth is kept whole: the other model may bring it
    labelled = said.labelled() if (said.target >= 0).any() else said
    return ComparedModel(str(model), labelled, taxonomy_of(config).malignant(said.classes), threshold=threshold)


def groups_of_first(
    first: str | Path, said: Predictions, groups_from: str | Path | None
) -> tuple[NDArray[np.str_] | None, str]:
    """Return the patient or lesion of each image and what a group is, from a manifest or from the run of the first."""
    if groups_from is not None:
        return groups_of(read_lesion_table(groups_from, said, Taxonomy()).manifest, said)
    if Path(first).is_dir():
        return groups_of(Run.open(first).manifest(), said)
    return known_groups(first, said)


def shortcut_of(model: str | Path, letter: str) -> Mapping[str, Estimate]:
    """Return the AUROC of the strongest shortcut in a run's data: how far one gets without seeing the lesion."""
    if not Path(model).is_dir():
        return {}
    audit = Run.open(model).audit()
    if audit is None or (score := audit.strongest_shortcut) is None:
        return {}
    return {f"{score.name} alone, no network (data of {letter}): AUROC": score.auroc}
