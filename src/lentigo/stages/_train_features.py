"""`lentigo train --features`: the whole way from a table and embeddings to a report; never torch."""

import datetime as dt
import logging
import os
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from lentigo import __version__
from lentigo.config import Config
from lentigo.data.manifest import find_suspects, independence
from lentigo.errors import ConfigError, LentigoError
from lentigo.launch import launch
from lentigo.locks import HeldLock, lock_beside, locked
from lentigo.progress import Track
from lentigo.stages._calibrate import calibrate_run
from lentigo.stages._callbacks import Callback, CallbackList
from lentigo.stages._evaluate import evaluate_run
from lentigo.stages._fit_features import fit_features
from lentigo.stages._fuse import forget_fusion, fuse_run, refuse_columns
from lentigo.stages._prepare_features import PreparedFeatures, prepare_features, prepare_features_again
from lentigo.stages._report import report_run
from lentigo.stages._run_folder import Run
from lentigo.stages._starting import refuse_own_data, refuse_taken, start_run, what_stays
from lentigo.storage import read_json, recover_folder, sha256_of
from lentigo.wording import counted

logger = logging.getLogger(__name__)

PACKAGES: Final = ("numpy", "scipy", "scikit-learn", "pandas")
NOT_STATED: Final = "not stated"


def train_on_features(
    data: Sequence[str | Path],
    out: str | Path,
    *,
    config: Config,
    force: bool = False,
    resume: bool = False,
    with_pictures: bool = True,
    track: Track,
    callbacks: Sequence[Callback] = (),
    stops_before_test: bool = False,
) -> Run:
    """Return a finished run whose model is asked with embeddings; arguments as of `train`.

    Raises:
        LentigoError: the data, the embeddings, the settings or the place cannot be used.
    """
    run, told = Run(Path(out)), CallbackList(callbacks, None)
    refuse_unusable(config)
    with what_stays(run), locked(lock_beside(run.folder), doing=f"training into {run.folder}") as held:
        recover_folder(run.folder, held=held)
        if resume and run.is_started:
            prepared, config = _go_on(run), run.config()
        else:
            if not data:
                raise LentigoError(f"{run.folder} contains no run to resume. Give the data to start one.")
            prepared, config = _begin(run, data, config, held, force=force, track=track)
        _announce(prepared, config)
        told.start(run)
        fit_features(run, config, prepared, track=track)
        for record in run.history():
            told.record(record)
        if stops_before_test:
            told.end(run)
            return run
        forget_fusion(run)
        if config.fuse.columns:
            fuse_run(run, config.fuse.columns, anyway=config.fuse.anyway, track=track)
        calibrate_run(run)
        evaluate_run(run, verb="train")
        report_run(run, with_pictures=with_pictures and prepared.has_images)
        told.end(run)
    return run


def refuse_unusable(config: Config) -> None:
    """Raise where settings do not go with embeddings.

    Raises:
        ConfigError: see above.
    """
    if not config.features.tables:
        raise ConfigError("training on embeddings needs their file. Name it: --features emb.parquet")
    if config.train.teacher:
        raise ConfigError("train.teacher is for networks that learn from pixels. Leave it empty with --features.")
    if config.train.held_out_sources != "none":
        raise ConfigError(
            "train.held_out_sources needs a model trained on images. With --features, hold sources out by train.folds "
            "and train.fold_by=source."
        )
    if config.calibrate.threshold_from == "held_out_sources":
        raise ConfigError(
            "calibrate.threshold_from=held_out_sources needs a model trained on images. Omit it with --features."
        )
    if launch().size > 1:
        raise ConfigError("a head on embeddings is fitted by one process. Start it without torchrun.")


def _begin(
    run: Run, data: Sequence[str | Path], config: Config, held: HeldLock, *, force: bool, track: Track
) -> tuple[PreparedFeatures, Config]:
    refuse_taken(run, force=force)
    tables = [str(Path(table).resolve()) for table in config.features.tables]
    config = config.changed({"features.tables": tables})
    prepared = prepare_features([str(path) for path in data], config, track=track)
    refuse_columns(prepared.manifest, config)
    config = config.changed({f"features.{key}": _stated(config, prepared, key) for key in ("origin", "licence")})
    if prepared.has_images:
        refuse_own_data(run, prepared.manifest)
    refuse_taken(run, force=force)  # the audit took its time
    start_run(run, config, prepared, _environment(config, prepared), held=held, force=force)
    return prepared, config


def _stated(config: Config, prepared: PreparedFeatures, key: str) -> str:
    """Return what the user says of the representation, else what its file says; ask for it where neither does."""
    said: str = getattr(config.features, key) or prepared.embeddings.stated.get(key, "")
    if not said:
        what = {"origin": "Which model made the embeddings", "licence": "The licence of the model that made them"}[key]
        logger.warning("%s is not stated. State it with --features-%s; report, card and bundle repeat it.", what, key)
    return said or NOT_STATED


def _go_on(run: Run) -> PreparedFeatures:
    prepared = prepare_features_again(run.manifest(), run.config())
    if prepared.fingerprint != read_json(run.environment_path).get("features_sha256"):
        raise LentigoError(f"the embeddings of {run.folder} have changed since it was started. Start a new run.")
    return prepared


def _announce(prepared: PreparedFeatures, config: Config) -> None:
    manifest = prepared.manifest
    sizes = ", ".join(f"{len(manifest.subset(split)):,} {split}" for split in ("train", "val", "test"))
    kept_apart = independence(manifest.table, manifest.groups()[1])
    logger.info("%s images of %s; independent by %s.", sizes, ", ".join(manifest.classes), kept_apart)
    for suspect in find_suspects(manifest.table, config.data.columns):
        logger.warning("%s: %s", manifest.origin, suspect.sentence)
    width, origin = prepared.embeddings.width, config.features.origin
    logger.info("%s: %s per image, origin %s, seed %d.", config.network, counted(width, "number"), origin, config.seed)
    logger.warning(
        "If the model that made the embeddings has learned from these images, all figures are too optimistic."
    )


def _environment(config: Config, prepared: PreparedFeatures) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "lentigo": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "n_cpus": os.cpu_count(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "features_sha256": prepared.fingerprint,
        "n_features": prepared.embeddings.width,
        "has_images": prepared.has_images,
        "feature_tables": {Path(path).name: sha256_of(path) for path in config.features.tables},
    }
