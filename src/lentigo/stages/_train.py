"""`lentigo train`: the whole way from a folder of images to a report, in one call.

Started by torchrun, several processes make that call at once. The first one does all of it; the others take part in the
training of the networks and wait for the rest.
"""

import contextlib
import datetime as dt
import logging
import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lentigo import __version__
from lentigo.config import Config, load_config
from lentigo.data.manifest import Manifest, find_suspects, independence
from lentigo.data.sources import GIVE_DATA
from lentigo.errors import ConfigError, DataError, LentigoError
from lentigo.locks import HeldLock, lock_beside, locked
from lentigo.model import version_named
from lentigo.notebook import shown_progress
from lentigo.progress import Track, silent
from lentigo.stages._calibrate import calibrate_run
from lentigo.stages._callbacks import Callback, CallbackList
from lentigo.stages._evaluate import evaluate_run
from lentigo.stages._fit import fit, labels_seen_by_teacher
from lentigo.stages._fuse import forget_fusion, fuse_run, refuse_columns
from lentigo.stages._held_out import held_out_settings, hold_out
from lentigo.stages._occlusion import predict_occluded
from lentigo.stages._prepare import PreparedImages, prepare, prepare_again, read_sets
from lentigo.stages._ranks import share_prepared
from lentigo.stages._report import report_run
from lentigo.stages._run_folder import LABELS_SEEN, Run
from lentigo.stages._starting import refuse_own_data, refuse_taken, start_run, what_stays
from lentigo.storage import read_json, recover_folder
from lentigo.training import NAMED, Ranks, describe_device, joined, name_of, refuse_share, starting_network, with_source

if TYPE_CHECKING:
    from torch import nn

    from lentigo.stages._auto import ChosenRecipe

logger = logging.getLogger(__name__)


def train(
    data: str | Path | Sequence[str | Path] | None,
    out: str | Path,
    *,
    config: Config | None = None,
    force: bool = False,
    resume: bool = False,
    with_pictures: bool = True,
    track: Track = silent,
    show_progress: bool | None = None,
    report_epoch: Callable[[dict[str, Any]], None] | None = None,
    callbacks: Sequence[Callback] = (),
    chosen: "ChosenRecipe | None" = None,
    stops_before_test: bool = False,
) -> Run:
    """Return a finished run: trained, calibrated on val, evaluated on test, and reported.

    Under torchrun all processes call it with the same arguments and train together; each returns when the run is
    finished.

    Args:
        data: a folder of classes, a table (CSV, Excel, Parquet or JSON Lines), a HAM10000 or ISIC folder, or several of
            these, pooled; not needed to resume.
        out: the run folder to make.
        config: all settings; by default those of the `finetune` recipe.
        force: overwrite a run at `out`.
        resume: finish the run at `out`, with its own settings and data.
        with_pictures: whether the report holds images of the data.
        track: draws progress, in the first process.
        show_progress: draw it below the cell of a notebook and, if True, on a terminal; False for nowhere.
        report_epoch: called with the history record of each epoch, in the first process.
        callbacks: told of start, records and end, in the first process.
        chosen: what the recipe `auto` chose and why, for environment.json, and the data that it has read.
        stops_before_test: leave the run unfinished, so that no figure on test is seen.

    Raises:
        BusyError: another process is training into the same folder.
        LentigoError: the data, the settings or the place cannot be used; the message says what to do.

    Example:
        >>> run = train(phantom, folder / "run", config=tiny)
        >>> run.report_path.exists()
        True
    """
    run, paths = Run(Path(out)), [data] if isinstance(data, str | Path) else data or []
    told = CallbackList(callbacks, report_epoch)
    with joined() as started, what_stays(run), contextlib.ExitStack() as stack:
        track = stack.enter_context(shown_progress(track, wanted=show_progress if started.is_first else False))
        held = None
        with started.stage():
            if started.is_first:
                held = stack.enter_context(locked(lock_beside(run.folder), doing=f"training into {run.folder}"))
                recover_folder(run.folder, held=held)
        settings = started.from_first(lambda: _settings(run, paths, config, started, force=force, resume=resume))
        ranks = started.on(settings.config.train.device)
        devices = ranks.gather(name_of(ranks.device))
        prepared = network = None
        with ranks.stage():
            if held is not None:
                about = _About(devices, ranks.meeting.job, chosen)
                prepared, network = _begin(run, paths, settings, about, held, force=force, track=track)
                told.start(run)
        prepared = share_prepared(run, settings.config, prepared, ranks=ranks, track=track)
        if network is None:  # the first rank's weights are the ones that all start from
            network = starting_network(settings.config, len(prepared.manifest.classes), is_resumed=True)
        classifier = fit(
            run, settings.config, prepared, network,
            ranks=ranks, resume=settings.is_resumed or resume, track=track, report_epoch=told.record,
        )  # fmt: skip
        if stops_before_test:
            if ranks.is_first:
                told.end(run)
            return run
        going_on = settings.is_resumed or resume
        hold_out(run, settings.config, prepared, ranks=ranks, resume=going_on, track=track)
        with ranks.stage():
            if classifier is not None:
                predict_occluded(run, classifier, prepared, track=track)
                forget_fusion(run)
                if (beside := settings.config.fuse).columns:
                    fuse_run(run, beside.columns, anyway=beside.anyway, track=track)
                calibrate_run(run)
                evaluate_run(run, verb="train")
                report_run(run, with_pictures=with_pictures)
                told.end(run)
    return run


class _Settings(NamedTuple):
    """What is known before the data are looked at."""

    config: Config
    is_resumed: bool


def _settings(
    run: Run, paths: Sequence[str | Path], given: Config | None, started: Ranks, *, force: bool, resume: bool
) -> _Settings:
    """Return the settings of the run and whether it goes on.

    Raises:
        ConfigError: so many processes cannot train by them.
        DataError: a data set does not exist.
        LentigoError: there is no run to go on with, or one where a new one should be.
    """
    given = _with_absolute_paths(given) if given else None
    # torchrun starts all processes anew when one has failed; a run that it has begun then goes on.
    is_resumed = (resume or _was_begun_by(started, run)) and run.config_path.exists()
    if is_resumed:
        config = _settings_of(run, given)
    elif not paths:
        raise LentigoError(f"{run.folder} contains no run to resume. Give the data to start one.")
    else:
        refuse_taken(run, force=force)
        for path in paths:
            if not Path(path).exists():  # before initial weights are downloaded, whose failure would hide this one
                raise DataError(f"{path} does not exist. {GIVE_DATA}")
        config = with_source(given or load_config())
        for other in (config.train.teacher, config.calibrate.left_out):
            if other:
                Run.open(other)  # needed hours later; a misspelt one is told now
    if started.size > 1 and config.train.method == "probe":
        raise ConfigError(
            f"a probe is fitted by one process, and {started.size} were started. Start it without torchrun, "
            "or use another recipe."
        )
    refuse_share(config.train.batch_size, 2 * started.size, started.size)  # before hours of audit
    return _Settings(config, is_resumed)


def _was_begun_by(started: Ranks, run: Run) -> bool:
    meeting = started.meeting
    return meeting.n_before > 0 and run.is_started and read_json(run.environment_path).get("job") == meeting.job


class _About(NamedTuple):
    """The device of each process, torchrun's name for all of its attempts, and what the recipe `auto` chose."""

    devices: list[str]
    job: str
    chosen: "ChosenRecipe | None" = None


def _begin(
    run: Run,
    paths: Sequence[str | Path],
    settings: _Settings,
    about: _About,
    held: HeldLock,
    *,
    force: bool,
    track: Track,
) -> tuple[PreparedImages, "nn.Module"]:
    """Return the prepared data and the network to start from, after making the run folder if it is not there."""
    config, is_resumed = settings
    has_weights = is_resumed and run.has_last_checkpoint
    found = None if about.chosen is None else about.chosen.manifest
    if not is_resumed and found is None:  # what is wrong with a table is said before weights are downloaded for it
        found = read_sets([str(path) for path in paths], config)
    starting_network(config, 2, is_resumed=has_weights)  # a misspelt backbone is told before the audit
    if config.train.held_out_weights and not is_resumed:
        starting_network(held_out_settings(config), 2)
    if is_resumed:
        prepared = prepare_again(run.manifest(), config, track=track)
        _check_same_pixels(run, prepared)
    else:
        prepared = prepare([str(path) for path in paths], config, track=track, found=found)
        refuse_columns(prepared.manifest, config)
        refuse_own_data(run, prepared.manifest)
    # Whatever can be wrong with weights, backbone or device is found before an old run makes room.
    network = starting_network(config, len(prepared.manifest.classes), is_resumed=has_weights)
    environment = _environment(config, prepared, about)
    if not is_resumed:
        refuse_taken(run, force=force)  # the audit took its time
        start_run(run, config, prepared, environment, held=held, force=force)
    _announce(prepared, config, len(about.devices))
    return prepared, network


def _announce(prepared: PreparedImages, config: Config, n_processes: int) -> None:
    manifest = prepared.manifest
    sizes = ", ".join(f"{len(manifest.subset(split)):,} {split}" for split in ("train", "val", "test"))
    _, unit = manifest.groups()
    kept_apart = independence(manifest.table, unit)
    logger.info("%s images of %s; independent by %s.", sizes, ", ".join(manifest.classes), kept_apart)
    for suspect in find_suspects(manifest.table, config.data.columns):
        logger.warning("%s: %s", manifest.origin, suspect.sentence)
    start = f"{config.model.backbone} from {config.model.weights}, {config.image.size} px, seed {config.seed}"
    logger.info("Recipe %s: %s.", config.recipe, start)
    if n_processes > 1:
        logger.info("%d processes train together.", n_processes)


def _settings_of(run: Run, given: Config | None) -> Config:
    stored = run.config()
    if given is not None and given != stored and with_source(given) != stored:
        raise ConfigError(
            f"{run.folder} was started with other settings. Resume it without --recipe, --weights and --set."
        )
    return stored


def _with_absolute_paths(config: Config) -> Config:
    """Return the settings with weights and other runs that mean the same from any folder, and later."""
    changes: dict[str, str] = {}
    for key, weights in (
        ("model.weights", config.model.weights),
        ("train.held_out_weights", config.train.held_out_weights),
    ):
        if weights and weights not in NAMED and Path(weights).exists():
            changes[key] = str(Path(weights).resolve())
        elif weights and (version := version_named(weights)) is not None:
            changes[key] = version.name  # which `lentigo` stands for today; tomorrow it may be another
    runs = {"train.teacher": config.train.teacher, "calibrate.left_out": config.calibrate.left_out}
    changes |= {key: str(Path(folder).resolve()) for key, folder in runs.items() if folder}
    return config.changed(changes)


def _environment(config: Config, prepared: PreparedImages, about: _About) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "lentigo": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "n_cpus": os.cpu_count(),
        "pixels_sha256": prepared.fingerprint,
        **describe_device(config.train.device),
        "n_processes": len(about.devices),
        "devices": about.devices,  # one a process
        "job": about.job,  # of torchrun; its later attempts go on with the run
        **_about_teacher(config, prepared.manifest),
        **({} if about.chosen is None else {"auto": about.chosen.json()}),
    }


def _about_teacher(config: Config, manifest: Manifest) -> dict[str, int]:
    if not config.train.teacher:
        return {}
    teacher, has_folds = Run.open(config.train.teacher), config.train.folds > 0
    return {LABELS_SEEN: labels_seen_by_teacher(teacher, manifest, has_folds=has_folds)}


def _check_same_pixels(run: Run, prepared: PreparedImages) -> None:
    recorded = read_json(run.environment_path)["pixels_sha256"]
    if prepared.fingerprint != recorded:
        raise LentigoError(f"the images of {run.folder} have changed since it was started. Start a new run.")
