"""`lentigo train --sweep`: one run for each combination of settings, judged on validation, and the best one finished.

The runs of a sweep stop where figures on test would begin. They are ranked by what they say of validation images (with
folds, each image by the network that had not learned from it), on the same resamples; the best alone is then
calibrated, evaluated on test, once, and reported. A resumed sweep trains no run again that has its predictions.
"""

import io
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lentigo.config import Config, load_config
from lentigo.errors import LentigoError, MetricError
from lentigo.model.decision import Estimate
from lentigo.numbers.evaluation import ComparedModel, Leaderboard, rank_models
from lentigo.numbers.predictions import Predictions
from lentigo.progress import Track, silent
from lentigo.stages._calibrate import groups_of
from lentigo.stages._callbacks import Callback
from lentigo.stages._run_folder import Run
from lentigo.stages._sweep_grid import Values, combinations
from lentigo.stages._train_any import train
from lentigo.storage import read_json, row_writer, write_json, write_text

logger = logging.getLogger(__name__)

SCHEMA_VERSION: Final = 1
PLAN: Final = "plan.json"  # what is swept; sweep.json, the result, comes last


@dataclass(frozen=True, slots=True)
class Sweep:
    """Runs of several settings, ranked on validation images.

    Args:
        folder: of the sweep; each run is a folder in it.
        grid: the values of each setting that was varied.
        changes: the settings of each run, by its name.
        board: the runs by AUROC of malignant against benign on validation, each compared with the best.
        judged_on: "validation" images, or "out-of-fold" ones.
        seconds: of training each run, by its name.

    Example:
        >>> Sweep.__slots__[0]
        'folder'
    """

    folder: Path
    grid: Values
    changes: Mapping[str, Mapping[str, Any]]
    board: Leaderboard
    judged_on: str
    seconds: Mapping[str, float]

    @property
    def best(self) -> Run:
        """The run with the highest AUROC, which is finished and evaluated on test."""
        return Run(self.folder / self.board.entries[0].name)

    @property
    def is_decided(self) -> bool:
        """Whether the best differs from the next by more than the interval of their difference."""
        behind = self.board.entries[1].behind
        return behind is not None and behind.low > 0

    def sentence(self) -> str:
        """Return which run is the best, and how surely."""
        first, second = self.board.entries[:2]
        auroc, behind = first.figures["auroc"], second.behind
        said = f"Best on {self.judged_on} images: {first.name}, AUROC {_text(auroc)}."
        if behind is None:
            return said
        if self.is_decided:
            return f"{said} It is ahead of {second.name} by {_text(behind)}, more than the interval of the difference."
        return (
            f"{said} It is ahead of {second.name} by {_text(behind)}: these images do not show that there is a "
            "difference, so choose by cost."
        )

    def json(self) -> dict[str, Any]:
        """Return the sweep as JSON types."""
        return {
            "schema_version": SCHEMA_VERSION,
            "judged_on": self.judged_on,
            "grid": {key: list(values) for key, values in self.grid.items()},
            "runs": [
                {"name": name, "changes": dict(changes), "seconds": self.seconds[name]}
                for name, changes in self.changes.items()
            ],
            "best": self.board.entries[0].name,
            "is_decided": self.is_decided,
            "leaderboard": self.board.json(),
        }


def sweep(
    data: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    grid: Values,
    config: Config | None = None,
    force: bool = False,
    resume: bool = False,
    with_pictures: bool = True,
    track: Track = silent,
    report_epoch: Callable[[dict[str, Any]], None] | None = None,
    callbacks: Callable[[], Sequence[Callback]] | None = None,
) -> Sweep:
    """Return the runs of all combinations of settings, ranked on validation images, the best one finished.

    Args:
        data: as for `train`.
        out: the folder to make, with one run folder for each combination, sweep.json and sweep.csv.
        grid: values by setting, such as `{"train.lr": [1e-4, 3e-4]}`; several settings make all combinations.
        config: all other settings.
        force: train all runs again.
        resume: go on with the sweep at `out`; values may be added to it.
        with_pictures: whether the report of the best run holds images of the data.
        track: draws progress.
        report_epoch: called with the record of each epoch.
        callbacks: makes the callbacks of one run.

    Raises:
        ConfigError: a setting cannot be swept, or there are fewer than two combinations.
        LentigoError: something else stands at `out`, or a sweep with other settings.

    Example:
        >>> sweep(phantom, folder / "sweep", grid={"train.epochs": [1]}, config=tiny)
        Traceback (most recent call last):
        ...
        lentigo.errors.ConfigError: a sweep needs two combinations or more; this one has 1. Change its values.
    """
    config = config or load_config()
    changes = combinations(grid, config)
    paths = [data] if isinstance(data, str | Path) else list(data)
    folder = Path(out)
    plan = {"schema_version": SCHEMA_VERSION, "settings": config.to_toml(), "data": [str(path) for path in paths]}
    _refuse_other(folder, plan, force=force, resume=resume)
    write_json(folder / PLAN, plan)
    runs = {name: Run(folder / name) for name in changes}
    for number, (name, run) in enumerate(runs.items(), start=1):
        if is_trained(run) and not force:
            logger.info("Run %d of %d, %s: trained already.", number, len(runs), name)
            continue
        logger.info("Run %d of %d: %s.", number, len(runs), name)
        train(
            paths, run.folder, config=None if run.is_started and not force else config.changed(changes[name]),
            force=force, resume=run.is_started and not force, track=track, report_epoch=report_epoch,
            callbacks=callbacks() if callbacks else (), stops_before_test=True,
        )  # fmt: skip
    found = Sweep(
        folder, {key: tuple(values) for key, values in grid.items()}, changes, _ranked(runs, config),
        "out-of-fold" if config.train.folds else "validation", {name: _seconds(run) for name, run in runs.items()},
    )  # fmt: skip
    if not found.best.is_finished:
        logger.info("Calibrating and evaluating the best run, %s.", found.best.folder.name)
        train(
            None, found.best.folder, resume=True, with_pictures=with_pictures, track=track,
            callbacks=callbacks() if callbacks else (),
        )  # fmt: skip
    write_text(folder / "sweep.csv", csv_of(found))
    write_json(folder / "sweep.json", found.json())
    return found


def is_trained(run: Run) -> bool:
    """Return whether a run has come as far as its predictions, which are written when training is over."""
    return run.is_started and run.predictions_path("val").is_file() and run.predictions_path("test").is_file()


def csv_of(found: Sweep) -> str:
    """Return the table of a sweep, one row per run, the best first."""
    keys = list(found.grid)
    stream = io.StringIO()
    write = row_writer(stream)
    write(["place", "run", *keys, "auroc", "low", "high", "behind", "behind_low", "behind_high", "p_holm", "standing",
           "seconds"])  # fmt: skip
    for place, entry in enumerate(found.board.entries, start=1):
        values = [found.changes[entry.name][key] for key in keys]
        write([place, entry.name, *values, *_three(entry.figures["auroc"]), *_three(entry.behind),
               _shown(entry.p_corrected), entry.standing, round(found.seconds[entry.name], 1)])  # fmt: skip
    return stream.getvalue()


def _refuse_other(folder: Path, plan: Mapping[str, Any], *, force: bool, resume: bool) -> None:
    """Raise where something else stands than the sweep that is to go on.

    Raises:
        LentigoError: see above.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / PLAN).is_file():
        raise LentigoError(f"{folder} exists and is not a sweep. Choose another folder.")
    if force:
        return
    if not resume:
        raise LentigoError(
            f"{folder} holds a sweep. Continue it with --resume, which trains no finished run again, or train all runs "
            "again with --force."
        )
    stored = read_json(folder / PLAN)
    if stored.get("settings") != plan["settings"] or stored.get("data") != plan["data"]:
        raise LentigoError(
            f"{folder} holds a sweep of other data or settings. Resume it with the options that it was started with; "
            "only values of --sweep may be added."
        )


def _ranked(runs: Mapping[str, Run], config: Config) -> Leaderboard:
    models = []
    for name, run in runs.items():
        said = Predictions.read(run.predictions_path("val"))
        models.append(ComparedModel(name, said, run.taxonomy().malignant(said.classes)))
    groups, unit = groups_of(next(iter(runs.values())).manifest(), models[0].said)
    evaluate = config.evaluate
    try:
        return rank_models(
            models, groups=groups, unit=unit, n_resamples=evaluate.n_resamples, confidence=evaluate.confidence,
            seed=config.seed,
        )  # fmt: skip
    except MetricError as error:
        raise MetricError(f"the runs of the sweep cannot be ranked on validation: {error}") from error


def _seconds(run: Run) -> float:
    folders = [run, *(Run(run.fold_folder(k)) for k in range(run.config().train.folds))]
    histories = [one.history() for one in (folders[1:] or folders)]
    return sum(float(record.get("seconds", 0.0)) for history in histories for record in history)


def _text(figure: Estimate) -> str:
    return str(figure)


def _three(figure: Estimate | None) -> list[object]:
    return ["", "", ""] if figure is None else [_shown(figure.value), _shown(figure.low), _shown(figure.high)]


def _shown(value: float) -> object:
    return "" if math.isnan(value) else round(value, 6)
