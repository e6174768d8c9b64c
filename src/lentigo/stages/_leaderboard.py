"""`lentigo compare` of three models and more: a leaderboard, each compared with the best."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.data.manifest import Manifest
from lentigo.data.sources import read_data
from lentigo.errors import ConfigError, PredictionsError
from lentigo.model import open_model
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import TRIVIAL, ComparedModel, Leaderboard, rank_models, trivial_model, with_truth
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.stages._calibrate import groups_of
from lentigo.stages._compare import count_looks, groups_of_first, read_test_predictions, refuse_bundles, shortcut_of
from lentigo.stages._external_model import Leaks, predict_labelled, unknown_to
from lentigo.stages._model_settings import settings_of, taxonomy_of_model
from lentigo.stages._run_folder import choices_of, taxonomy_of


def leaderboard(
    models: Sequence[str | Path],
    *,
    groups_from: str | Path | None = None,
    threshold: float | None = None,
    config: Config | None = None,
    data: str | Path | None = None,
    leaks: Leaks = "drop",
    track: Track = silent,
) -> Leaderboard:
    """Return any number of models on the same images, the best by AUROC first, each compared with it.

    Args:
        models: run folders and predictions files as of `compare`; with `data` runs, bundles and predictions files.
        groups_from: a manifest whose patients or lesions are resampled; by default that of the first run.
        threshold: on the malignant probability, for models that have none of their own.
        config: the side of AK and AKIEC of predictions files, resamples, confidence and seed.
        data: other images to compare runs and bundles on; predictions files are of the same images.
        leaks: images that one of the models was trained on, as for `compare`.
        track: draws progress.

    Raises:
        ConfigError: a bundle is compared without data.
        MetricError: fewer than two models are named.
        PredictionsError: the models are not about the same images, or do not agree on the truth.

    Example:
        >>> len(leaderboard([predictions_csv, predictions_csv, "prevalence"]).entries)
        3
    """
    config = config or Config()
    if data is not None:
        judged, manifest = _all_predicted_on_data(models, data, threshold, leaks, config, track)
        return _ranked(judged, *groups_of(manifest, judged[0].said), {}, config)
    named = [model for model in models if str(model) not in TRIVIAL or Path(model).exists()]
    if not named:
        raise ConfigError(
            "name at least one run or predictions file; 'prevalence' and 'always-benign' can only be added to it."
        )
    refuse_bundles(named, " ".join(map(str, models)))
    count_looks(*named)
    judged = [read_test_predictions(model, threshold, config) for model in named]
    judged += [trivial_model(str(model), judged[0]) for model in models if model not in named]
    first_run = next((model for model in named if Path(model).is_dir()), named[0])
    groups, unit = groups_of_first(first_run, judged[0].said, groups_from)
    beside = {name: figure for model in named for name, figure in shortcut_of(model, str(model)).items()}
    return _ranked(judged, groups, unit, beside, config)


def _ranked(
    judged: Sequence[ComparedModel],
    groups: NDArray[np.str_] | None,
    unit: str,
    beside: Mapping[str, Estimate],
    config: Config,
) -> Leaderboard:
    return rank_models(
        judged,
        groups=groups,
        unit=unit,
        beside=beside,
        n_resamples=config.evaluate.n_resamples,
        confidence=config.evaluate.confidence,
        seed=config.seed,
    )


def _all_predicted_on_data(
    models: Sequence[str | Path],
    data: str | Path,
    threshold: float | None,
    leaks: Leaks,
    config: Config,
    track: Track,
) -> tuple[list[ComparedModel], Manifest]:
    """Return what all models say of the images that none has had to do with and all can read, and these images.

    Raises:
        PredictionsError: they have no image in common.
    """
    opened = {model: open_model(model) for model in models if not Path(model).is_file()}
    for one in opened.values():
        one.refuse_photographs()
    settings = settings_of(next(iter(opened.values())), config) if opened else config
    manifest = read_data(data, taxonomy=taxonomy_of(settings), choices=choices_of(settings))
    for one in opened.values():
        manifest = unknown_to(one, manifest, leaks, track).manifest
    judged = []
    for model in models:
        if (asked := opened.get(model)) is not None:
            taxonomy = taxonomy_of_model(asked, settings_of(asked, config))
            found = predict_labelled(asked, manifest, taxonomy, track)
            threshold_of = asked.decision.threshold()
            judged.append(ComparedModel(str(model), found.said, found.malignant, threshold=threshold_of))
        else:
            judged.append(_with_truth_of(model, manifest, threshold, config))
    shared = set.intersection(*(set(one.said.image.tolist()) for one in judged))
    if not shared:
        raise PredictionsError(f"the models have no image of {data} in common. Compare them on the same images.")
    kept = [dataclasses.replace(one, said=one.said.select(np.isin(one.said.image, list(shared)))) for one in judged]
    return kept, manifest


def _with_truth_of(path: str | Path, manifest: Manifest, threshold: float | None, config: Config) -> ComparedModel:
    """Return a predictions file on the images of a manifest, with the truth that the manifest states.

    Raises:
        PredictionsError: the file has none of the images.
    """
    said, taxonomy = Predictions.read(path), taxonomy_of(config)
    truth_of = dict(zip(manifest.table["image_id"], manifest.table["target"], strict=True))
    said = said.select(np.isin(said.image, list(truth_of)))
    if not len(said):
        raise PredictionsError(f"{path} has none of the images of {manifest.origin}. Their ids have to agree.")
    malignant = taxonomy.malignant(said.classes)
    truth = [truth_of[image] for image in said.image.tolist()]
    said, _ = with_truth(said, truth, malignant=malignant, taxonomy=taxonomy)
    own = malignant if set(malignant) <= set(said.classes) else ("malignant",)
    return ComparedModel(str(path), said, own, threshold=threshold)
