"""`lentigo train`: the whole way from a folder of images to a report, in one call."""

import datetime as dt
import json
import logging
import os
import platform
import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lentigo import __version__
from lentigo.config import Config
from lentigo.errors import ConfigError, LentigoError
from lentigo.modeling.classifier import Classifier, choose_device, describe, write_checkpoint
from lentigo.modeling.probe import probe
from lentigo.modeling.trainer import finetune
from lentigo.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.runs.evaluating import calibrate_run, evaluate_run, report_run
from lentigo.runs.layout import Run
from lentigo.runs.preparing import Prepared, prepare
from lentigo.storage import read_json, refuse_existing, write_json, write_text

__all__ = ["train"]

logger = logging.getLogger(__name__)

PACKAGES = ("torch", "torchvision", "timm", "numpy", "pandas", "Pillow", "scikit-learn", "onnxruntime")


def train(
    data: str | Path | None,
    out: str | Path,
    *,
    config: Config | None = None,
    force: bool = False,
    resume: bool = False,
    track: Track = silent,
    report_epoch: Callable[[dict[str, Any]], None] | None = None,
) -> Run:
    """Return a finished run: trained, calibrated on val, evaluated once on test, and reported.

    Args:
        data: a folder of classes, a CSV or Parquet table, a HAM10000 or ISIC folder; not needed to resume.
        out: the run folder to make.
        config: all settings; the defaults of the `finetune` recipe when left out.
        force: replace a run that stands at `out`.
        resume: finish the run at `out`, with its own settings and data.
        track: draws progress.
        report_epoch: called with the history record of each epoch.

    Raises:
        LentigoError: the data, the settings or the place cannot be used; the message says what to do.

    Example:
        >>> run = train(phantom, folder / "run", config=tiny)
        >>> run.report_path.exists()
        True
    """
    run = Run(Path(out))
    if resume and run.config_path.exists():
        config = _settings_of(run, config)
        prepared = prepare(run.manifest(), config, track=track)
        _check_same_pixels(run, prepared)
    else:
        if data is None:
            raise LentigoError(f"{out} holds no run to resume. Name the data, to start one.")
        config = config or Config()
        _refuse_foreign(run, force=force)
        prepared = prepare(str(data), config, track=track)
        _make_room(run)
        _record(run, config, prepared, data=Path(data))
    classifier = _fit(run, config, prepared, resume=resume, track=track, report_epoch=report_epoch)
    for split in ("val", "test"):
        _predict_split(run, classifier, prepared, split, track=track)
    calibrate_run(run)
    evaluate_run(run)
    report_run(run)
    return run


def _settings_of(run: Run, given: Config | None) -> Config:
    stored = run.config()
    if given is not None and given != stored:
        raise ConfigError(
            f"{run.folder} was started with other settings. Resume it without --recipe, --weights and --set."
        )
    return stored


def _refuse_foreign(run: Run, *, force: bool) -> None:
    # Only a folder that holds a run, or the start of one, is ever deleted.
    refuse_existing(run.folder, force=force and (run.config_path.exists() or run.environment_path.exists()))


def _make_room(run: Run) -> None:
    try:
        if run.folder.exists():
            shutil.rmtree(run.folder)
        run.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LentigoError(f"{run.folder} cannot be made: {error.strerror}. Choose another place.") from error


def _record(run: Run, config: Config, prepared: Prepared, *, data: Path) -> None:
    """Write what the run starts from; `config.toml` last, because it makes the folder a run."""
    prepared.manifest.write(run.manifest_path)
    write_json(run.audit_path, {"schema_version": 1, "data": data.name, "flow": prepared.flow})
    write_json(run.environment_path, _environment(config, prepared))
    write_text(run.config_path, config.to_toml())


def _environment(config: Config, prepared: Prepared) -> dict[str, Any]:
    device = choose_device(config.train.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return {
        "schema_version": 1,
        "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "lentigo": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {package: metadata.version(package) for package in PACKAGES},
        "device": f"{device.type} ({name})",
        "n_cpus": os.cpu_count(),
        "n_threads": torch.get_num_threads(),
        "pixels_sha256": prepared.pixels.fingerprint,
    }


def _check_same_pixels(run: Run, prepared: Prepared) -> None:
    recorded = read_json(run.environment_path)["pixels_sha256"]
    if prepared.pixels.fingerprint != recorded:
        raise LentigoError(f"the images of {run.folder} have changed since it was started. Start a new run.")


def _fit(
    run: Run,
    config: Config,
    prepared: Prepared,
    *,
    resume: bool,
    track: Track,
    report_epoch: Callable[[dict[str, Any]], None] | None,
) -> Classifier:
    classes = prepared.manifest.classes
    malignant = run.taxonomy().malignant(classes)
    train_examples, val_examples = prepared.examples("train"), prepared.examples("val")
    if config.train.method == "finetune":
        finetune(
            train_examples,
            val_examples,
            classes=classes,
            malignant=malignant,
            config=config,
            folder=run.folder,
            resume=resume,
            track=track,
            report=report_epoch,
        )
        return Classifier.load(run.best_checkpoint(), device=config.train.device, views=config.predict.views)
    classifier, history = probe(train_examples, val_examples, classes=classes, config=config, track=track)
    about = describe(classes, config.model.backbone, config.image) | {"history": history}
    write_checkpoint(run.folder / "checkpoint" / "best", {"model": classifier.network.state_dict()}, about)
    write_text(run.history_path, "".join(f"{line}\n" for line in map(json.dumps, history)))
    return classifier


def _predict_split(run: Run, classifier: Classifier, prepared: Prepared, split: str, *, track: Track) -> None:
    examples, part = prepared.examples(split), prepared.manifest.subset(split)
    size = run.config().predict.batch_size
    starts = track(range(0, len(examples), size), f"Predicting {split}", len(examples), unit=size)
    batches = [classifier.probabilities(examples.take(slice(start, start + size))) for start in starts]
    Predictions(
        image=part.table["image_id"].to_numpy(dtype=str),
        target=examples.targets,
        probabilities=np.concatenate(batches),
        classes=classifier.classes,
    ).write(run.predictions_path(split))
