"""Who is told how a training goes: one small interface, and two that keep it: TensorBoard and MLflow."""

import dataclasses
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lentigo.errors import ConfigError, MissingExtraError
from lentigo.storage import read_json, write_json

if TYPE_CHECKING:
    from lentigo.stages._run_folder import Run

logger = logging.getLogger(__name__)

STEPS: Final = ("epoch", "fold")  # of a record; everything else that is a number is a figure


class Callback:
    """What `lentigo.train(..., callbacks=[...])` calls, in the first process; override what you need.

    Example:
        >>> class Printed(Callback):
        ...     def on_record(self, record):
        ...         print(sorted(record))
        >>> Printed().on_record({"epoch": 1, "val_auroc": 0.9})
        ['epoch', 'val_auroc']
    """

    def on_start(self, run: "Run") -> None:
        """Called once: the run folder is there, with its settings and images; nothing is trained yet."""

    def on_record(self, record: dict[str, Any]) -> None:
        """Called with each record of the history.

        Fine-tuning makes one an epoch, with `epoch`, `train_loss`, `val_auroc` and others, and with `fold` (from 1)
        where there are folds. A probe or a head on embeddings makes one a penalty or a round that was tried.
        """

    def on_end(self, run: "Run") -> None:
        """Called once: the run is evaluated and reported, or trained only (`run.is_finished`) in a sweep.

        It is not called after an error.
        """


class TensorBoard(Callback):
    """Writes the numbers of each record, and at the end the figures on test, as TensorBoard events.

    Args:
        folder: for the events; `tensorboard` in the run folder when None.

    Raises:
        MissingExtraError: TensorBoard is not installed.

    Example:
        >>> TensorBoard(folder / "events").folder.name
        'events'
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        try:
            from tensorboard.summary import Writer
        except ImportError as error:
            raise MissingExtraError("tensorboard", extra="tensorboard", purpose="write its events") from error
        self.folder = None if folder is None else Path(folder)
        self._make, self._n_records = Writer, 0
        self._writer: Any = None  # until the run folder is there

    def on_start(self, run: "Run") -> None:
        """Open the event file."""
        self._writer = self._make(str(self.folder or run.folder / "tensorboard"))

    def on_record(self, record: dict[str, Any]) -> None:
        """Write the numbers of a record."""
        self._n_records += 1
        prefix = f"fold {record['fold']}/" if "fold" in record else ""
        self._write({prefix + name: value for name, value in numbers_of(record).items()}, self._step(record))

    def on_end(self, run: "Run") -> None:
        """Write the figures on test, and close the file."""
        self._write({f"test/{name}": value for name, value in figures_on_test(run).items()}, 0)
        if self._writer is not None:
            self._writer.close()

    def _step(self, record: Mapping[str, Any]) -> int:
        return int(record.get("epoch", self._n_records))

    def _write(self, figures: Mapping[str, float], step: int) -> None:
        if self._writer is not None:
            for name, value in figures.items():
                self._writer.add_scalar(name, value, step)
            self._writer.flush()


class MLflow(Callback):
    """Logs settings, records, figures on test and the report to MLflow; a resumed run goes on with its MLflow run.

    Args:
        tracking_uri: where MLflow keeps its runs, such as "sqlite:///mlflow.db" or a server; what
            MLFLOW_TRACKING_URI says when empty, else `mlflow.db` in the current folder.
        experiment: its name in MLflow.
        with_report: whether report.html, which may hold photographs, is copied to MLflow.

    Raises:
        MissingExtraError: MLflow is not installed.

    Example:
        >>> MLflow.__init__.__defaults__
        ('', 'lentigo')
    """

    def __init__(self, tracking_uri: str = "", experiment: str = "lentigo", *, with_report: bool = False) -> None:
        try:
            from mlflow.tracking import MlflowClient
        except ImportError as error:
            raise MissingExtraError("mlflow", extra="mlflow", purpose="log to it") from error
        import os

        self.tracking_uri = tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or "sqlite:///mlflow.db"
        self.experiment, self.with_report = experiment, with_report
        self._client_of, self._id, self._n_records = MlflowClient, "", 0
        self._client: Any = None  # until the run folder is there

    def on_start(self, run: "Run") -> None:
        """Begin an MLflow run with the settings, or go on with the one that the run folder names."""
        self._client = client = self._client_of(tracking_uri=self.tracking_uri)
        beside = run.folder / "mlflow.json"
        if beside.is_file():
            self._id = str(read_json(beside)["run_id"])
            client.update_run(self._id, status="RUNNING")
            return
        known = client.get_experiment_by_name(self.experiment)
        number = self._new_experiment(client) if known is None else known.experiment_id
        self._id = client.create_run(number, run_name=run.folder.resolve().name).info.run_id
        for name, value in _flat(dataclasses.asdict(run.config())).items():
            client.log_param(self._id, name, str(value)[:500])
        write_json(beside, {"schema_version": 1, "run_id": self._id, "experiment": self.experiment})

    def _new_experiment(self, client: Any) -> str:
        """Return the number of a new experiment; with a SQLite store its files lie beside that, not wherever we are."""
        if not self.tracking_uri.startswith("sqlite:///"):
            return str(client.create_experiment(self.experiment))
        beside = Path(self.tracking_uri.removeprefix("sqlite:///")).resolve().parent / "mlruns"
        return str(client.create_experiment(self.experiment, artifact_location=beside.as_uri()))

    def on_record(self, record: dict[str, Any]) -> None:
        """Log the numbers of a record."""
        self._n_records += 1
        prefix = f"fold {record['fold']}/" if "fold" in record else ""
        self._log({prefix + name: value for name, value in numbers_of(record).items()}, record.get("epoch"))

    def on_end(self, run: "Run") -> None:
        """Log the figures on test and what says them in words, and end the MLflow run."""
        if self._client is None:
            return
        self._log({f"test/{name}": value for name, value in figures_on_test(run).items()}, 0)
        reports = (run.report_path,) if self.with_report else ()
        for path in (run.config_path, run.evaluation_path, run.card_path, *reports):
            if path.is_file():
                self._client.log_artifact(self._id, str(path))
        self._client.set_terminated(self._id)

    def _log(self, figures: Mapping[str, float], step: int | None) -> None:
        if self._client is not None:
            for name, value in figures.items():
                self._client.log_metric(self._id, name, value, step=self._n_records if step is None else int(step))


class CallbackList:
    """Everyone who is told of one training: the callbacks and the function `report_epoch`."""

    def __init__(self, callbacks: Sequence[Callback], report_epoch: Callable[[dict[str, Any]], None] | None) -> None:
        wrong = [one for one in callbacks if not isinstance(one, Callback)]
        if wrong:
            raise ConfigError(f"callbacks holds {wrong[0]!r}, which is not a lentigo.Callback. Derive it from that.")
        self.callbacks, self.report_epoch = tuple(callbacks), report_epoch

    def start(self, run: "Run") -> None:
        """Tell that training begins."""
        for one in self.callbacks:
            one.on_start(run)

    def record(self, record: dict[str, Any]) -> None:
        """Tell of a record; `report_epoch` hears of epochs only."""
        if self.report_epoch is not None and "epoch" in record:
            self.report_epoch(record)
        for one in self.callbacks:
            one.on_record(dict(record))

    def end(self, run: "Run") -> None:
        """Tell that the run is finished."""
        for one in self.callbacks:
            one.on_end(run)


def callbacks_of(names: Sequence[str]) -> list[Callback]:
    """Return the callbacks that `--log-to` names.

    Raises:
        MissingExtraError: a package is not installed.
    """
    made: dict[str, Callable[[], Callback]] = {"tensorboard": TensorBoard, "mlflow": MLflow}
    return [made[name]() for name in dict.fromkeys(names)]


def numbers_of(record: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of a record, without those that are not numbers.

    Example:
        >>> numbers_of({"epoch": 1, "val_auroc": 0.9, "lr": float("nan"), "note": "x"})
        {'val_auroc': 0.9}
    """
    return {
        name: float(value)
        for name, value in record.items()
        if name not in STEPS and isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def figures_on_test(run: "Run") -> dict[str, float]:
    """Return the figures on test, without their intervals, which evaluation.json has; none before the evaluation."""
    if not run.evaluation_path.is_file():
        return {}
    metrics = read_json(run.evaluation_path)["metrics"]
    return numbers_of({name: metric["value"] for name, metric in metrics.items()})


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
    return found
