"""Who is told of a training: one's own callback, TensorBoard and MLflow, for every recipe."""

import math

import numpy as np
import pytest

import lentigo
from lentigo.config import load_config
from lentigo.errors import ConfigError, MissingExtraError

TINY = [
    "image.size=16", "model.weights=none", "train.epochs=2", "train.batch_size=16", "train.device=cpu",
    "data.task=binary", "evaluate.n_resamples=100", "evaluate.second_look=0",
]  # fmt: skip


class Heard(lentigo.Callback):
    def __init__(self):
        self.told = []

    def on_start(self, run):
        self.told.append(("start", run.config_path.is_file(), run.history()))

    def on_record(self, record):
        self.told.append(("record", record))

    def on_end(self, run):
        self.told.append(("end", run.is_finished))


def records(heard):
    return [one[1] for one in heard.told if one[0] == "record"]


def test_folds_are_told_apart(phantom, tmp_path):
    heard, epochs = Heard(), []
    config = load_config("crossval", overrides=[*TINY, "train.folds=2", "train.epochs=1"])
    lentigo.train(
        phantom, tmp_path / "run", config=config, callbacks=[heard], report_epoch=epochs.append, stops_before_test=True
    )
    assert records(heard) == epochs
    assert [(record["fold"], record["epoch"]) for record in records(heard)] == [(1, 1), (2, 1)]


def test_a_probe_and_a_head_on_embeddings_tell_of_each_penalty(phantom, tmp_path):
    heard = Heard()
    how = {"callbacks": [heard], "stops_before_test": True}
    lentigo.train(phantom, tmp_path / "probe", config=load_config("probe", overrides=TINY), **how)
    assert len(records(heard)) == 6
    table = lentigo.read_data(phantom).table
    place = tmp_path / "emb.npz"
    numbers = np.random.default_rng(0).normal(size=(len(table), 4)).astype(np.float32)
    np.savez(place, image_id=table["image_id"].to_numpy(str), embeddings=numbers)
    heard = Heard()
    how = {"callbacks": [heard], "stops_before_test": True}
    config = load_config("features", overrides=["data.task=binary"])
    lentigo.train(phantom, tmp_path / "run", config=config, features=place, **how)
    assert (len(records(heard)), heard.told[-1]) == (6, ("end", False))


def test_what_is_no_callback_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ConfigError, match="is not a lentigo.Callback"):
        lentigo.train("missing", tmp_path / "run", config=load_config(overrides=TINY), callbacks=[print])


def test_tensorboard_gets_curves_and_figures_on_test(run, tmp_path):
    pytest.importorskip("tensorboard", reason="TensorBoard is the extra 'tensorboard'")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    done = lentigo.Run(run)
    board = lentigo.TensorBoard(tmp_path / "events")
    board.on_start(done)
    for record in done.history():
        board.on_record(record)
    board.on_record({"epoch": 1, "fold": 2, "val_auroc": 0.5, "note": "text", "none": math.nan})
    board.on_end(done)
    events = EventAccumulator(str(tmp_path / "events"))
    events.Reload()
    tags = set(events.Tags()["scalars"]) | set(events.Tags()["tensors"])
    assert {"val_auroc", "fold 2/val_auroc", "test/auroc"} <= tags
    assert not {"fold 2/note", "fold 2/none", "epoch"} & tags


@pytest.mark.filterwarnings("ignore")  # MLflow's own, of its store
def test_mlflow_gets_settings_curves_figures_and_the_card_and_a_resumed_run_goes_on(run, tmp_path):
    mlflow = pytest.importorskip("mlflow", reason="MLflow is the extra 'mlflow'")
    import shutil

    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    done = lentigo.Run(shutil.copytree(run, tmp_path / "run"))
    for _ in range(2):  # the second time as after an interruption
        logged = lentigo.MLflow(uri)
        logged.on_start(done)
        for record in done.history():
            logged.on_record(record)
        logged.on_end(done)
    client = mlflow.MlflowClient(uri)
    (experiment,) = [one for one in client.search_experiments() if one.name == "lentigo"]
    (kept,) = client.search_runs([experiment.experiment_id])
    assert (kept.data.params["train.epochs"], kept.info.status) == ("2", "FINISHED")
    assert kept.data.metrics["test/auroc"] == pytest.approx(
        lentigo.Evaluation.read(done.evaluation_path).metrics["auroc"].value
    )
    assert {"model_card.md", "config.toml"} <= {one.path for one in client.list_artifacts(kept.info.run_id)}
    assert (tmp_path / "mlruns").is_dir()
    assert "report.html" not in {one.path for one in client.list_artifacts(kept.info.run_id)}


def test_a_missing_package_is_named_with_its_install_line(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "mlflow.tracking", None)
    with pytest.raises(MissingExtraError, match=r"mlflow is needed to log to it.*install"):
        lentigo.MLflow()
