"""From embeddings to heads and what they say of images they have not seen: one head, or one for each fold."""

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.errors import CheckpointError
from lentigo.model import HEAD_FILE, Head, mean_head, read_head, write_head
from lentigo.model.decision import softmax
from lentigo.numbers.heads import FittedHead, fit_boosting, fit_linear, logits_of
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track
from lentigo.stages._histories import lines_of, mean_history
from lentigo.stages._prepare_features import PreparedFeatures
from lentigo.stages._run_folder import FOLD, Run
from lentigo.storage import new_folder, read_json, sha256_of, write_json, write_text
from lentigo.wording import counted

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 1


def fit_features(run: Run, config: Config, prepared: PreparedFeatures, *, track: Track) -> Head:
    """Return the fitted head, after writing checkpoints, history and the predictions on val and test.

    Args:
        run: where to.
        config: all settings.
        prepared: the embeddings.
        track: draws progress.
    """
    split = prepared.manifest.table["split"].to_numpy()
    if config.train.folds:
        head = _folds(run, config, prepared, split != "test", track)
    else:
        fitted = _fit(config, prepared, split == "train", split == "val")
        _write_checkpoint(run.folder, fitted, prepared)
        write_text(run.history_path, lines_of(fitted.history))
        head = fitted.head
        _write(run, prepared, "val", _chances(head, prepared, config, split == "val"), split == "val")
    _write(run, prepared, "test", _chances(head, prepared, config, split == "test"), split == "test")
    return head


def _folds(run: Run, config: Config, prepared: PreparedFeatures, is_open: NDArray[np.bool_], track: Track) -> Head:
    fold = np.where(is_open, prepared.manifest.table[FOLD].to_numpy(dtype=np.int64), -1)
    said = np.zeros((len(fold), len(prepared.manifest.classes)))
    heads = []
    for k in track(range(config.train.folds), "Fitting folds", config.train.folds):
        fitted = _fit(config.changed({"seed": config.seed + k}), prepared, is_open & (fold != k), fold == k)
        _write_checkpoint(run.fold_folder(k), fitted, prepared)
        write_text(run.fold_folder(k) / "history.jsonl", lines_of(fitted.history))
        said[fold == k] = _chances(fitted.head, prepared, config, fold == k)
        heads.append(fitted.head)
    _write(run, prepared, "val", said[is_open], is_open)
    write_text(run.history_path, lines_of(mean_history(run, config.train.folds)))
    return mean_head(heads)


def _fit(
    config: Config, prepared: PreparedFeatures, learned: NDArray[np.bool_], chosen_on: NDArray[np.bool_]
) -> FittedHead:
    train = prepared.task(learned, config, is_learned=True)
    val = prepared.task(chosen_on, config, is_learned=False)
    n_classes = len(prepared.manifest.classes)
    if config.features.classifier == "boosting":
        fitted = fit_boosting(train, val, n_classes=n_classes, n_rounds=config.features.rounds, seed=config.seed)
        logger.info("Trees chosen on val: %s.", counted(int(fitted.chosen), "round"))
        return fitted
    fitted = fit_linear(train, val, n_classes=n_classes, penalties=config.features.penalties)
    logger.info("Head chosen on val: penalty %.3g.", fitted.chosen)
    return fitted


def _chances(
    head: Head, prepared: PreparedFeatures, config: Config, is_asked: NDArray[np.bool_]
) -> NDArray[np.float64]:
    return softmax(logits_of(head, prepared.task(is_asked, config, is_learned=False)))


def _write(
    run: Run, prepared: PreparedFeatures, split: str, chances: NDArray[np.float64], rows: NDArray[np.bool_]
) -> None:
    run.refuse_removed()
    manifest = prepared.manifest
    names = manifest.table["image_id"].to_numpy(dtype=str)[rows]
    Predictions(names, manifest.targets[rows], chances, manifest.classes).write(run.predictions_path(split))


def _write_checkpoint(folder: Path, fitted: FittedHead, prepared: PreparedFeatures) -> None:
    with new_folder(folder / "checkpoint" / "best", force=True) as partial:
        file = write_head(partial, fitted.head)
        about = {
            "schema_version": SCHEMA_VERSION,
            "classes": list(prepared.manifest.classes),
            "width": prepared.embeddings.width,
            "chosen": fitted.chosen,
            "history": fitted.history,
            "sha256": {file.name: sha256_of(file)},
        }
        write_json(partial / "checkpoint.json", about)


def head_of_run(run: Run) -> Head:
    """Return the head of a finished run of embeddings; with folds, the mean of theirs.

    Raises:
        CheckpointError: a checkpoint is incomplete, altered or of an unknown version.
    """
    heads = []
    for folder in run.checkpoints():
        about, file = read_json(folder / "checkpoint.json", error=CheckpointError), folder / HEAD_FILE
        if about.get("schema_version") != SCHEMA_VERSION:
            raise CheckpointError(f"{folder} was written by another version of lentigo. Update lentigo.")
        if not file.is_file() or sha256_of(file) != about.get("sha256", {}).get(HEAD_FILE):
            raise CheckpointError(f"{file} is missing or was altered since it was written. Train again, or restore it.")
        heads.append(read_head(file))
    return heads[0] if len(heads) == 1 else mean_head(heads)
