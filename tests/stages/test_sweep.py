"""A sweep: one run for each combination, ranked on validation, never on test, and gone on with."""

import csv

import pytest
from click.testing import CliRunner

import lentigo
from lentigo.cli import group
from lentigo.config import load_config
from lentigo.errors import ConfigError, LentigoError
from lentigo.stages import Run, parse_sweep, sweep
from lentigo.stages import _sweep as sweeping
from lentigo.stages._sweep_grid import combinations
from lentigo.storage import read_json

TINY = {
    "image.size": 16, "model.weights": "none", "train.epochs": 1, "train.batch_size": 16, "train.device": "cpu",
    "data.task": "binary", "evaluate.n_resamples": 100, "evaluate.second_look": 0,
}  # fmt: skip
GRID = {"train.lr": [1e-9, 3e-3]}


class Heard(lentigo.Callback):
    def __init__(self):
        self.told = []

    def on_start(self, run):
        self.told.append(("start", run.config_path.is_file(), run.history()))

    def on_record(self, record):
        self.told.append(("record", record))

    def on_end(self, run):
        self.told.append(("end", run.is_finished))


@pytest.fixture(scope="module")
def heard():
    """What callbacks of the runs of the sweep heard, one for each time that a run was trained or finished."""
    return []


@pytest.fixture(scope="module")
def swept(phantom, tmp_path_factory, heard):
    def callbacks():
        heard.append(Heard())
        return heard[-1:]

    config = load_config().changed(TINY)
    folder = tmp_path_factory.mktemp("sweeps") / "sweep"
    return sweep(phantom, folder, grid=GRID, config=config, callbacks=callbacks)


def test_every_combination_is_a_run_and_the_best_on_validation_alone_was_asked_about_test(swept):
    names = [entry.name for entry in swept.board.entries]
    assert sorted(names) == ["lr=0.003", "lr=1e-09"]
    runs = {name: Run(swept.folder / name) for name in names}
    assert [run.is_finished for run in (runs[names[0]], runs[names[1]])] == [True, False]
    assert not (runs[names[1]].folder / "looks.jsonl").exists()
    assert len((swept.best.folder / "looks.jsonl").read_text().splitlines()) == 1
    n_val = len(swept.best.manifest().subset("val"))
    assert (swept.board.n_images, swept.judged_on) == (n_val, "validation")


def test_a_callback_hears_of_start_every_epoch_and_end(swept, heard):
    for one, name in zip(heard, swept.changes, strict=False):
        assert (one.told[0], one.told[-1]) == (("start", True, []), ("end", False))
        assert [told[1] for told in one.told if told[0] == "record"] == Run(swept.folder / name).history()
    assert len(heard) == 3
    assert heard[2].told[-1] == ("end", True)  # the best, which is finished, with nothing more to train


def test_table_and_record_name_every_run_with_its_settings_and_interval(swept, faults):
    rows = list(csv.DictReader((swept.folder / "sweep.csv").read_text().splitlines()))
    record = read_json(swept.folder / "sweep.json")
    assert [row["run"] for row in rows] == [entry["name"] for entry in record["leaderboard"]["entries"]]
    assert {row["train.lr"] for row in rows} == {"1e-09", "0.003"}
    assert 0 < float(rows[0]["auroc"]) < 1
    assert float(rows[1]["behind"]) == pytest.approx(float(rows[0]["auroc"]) - float(rows[1]["auroc"]), abs=1e-5)
    assert faults("sweep", record) == []
    assert (record["best"], record["is_decided"]) == (rows[0]["run"], float(rows[1]["behind_low"] or 0) > 0)
    assert ("do not show that there is a difference" in swept.sentence()) != record["is_decided"]


def test_a_resumed_sweep_trains_only_what_is_missing(swept, phantom, monkeypatch):
    trained = []

    def watched(data, out, **how):
        trained.append(out.name)
        return lentigo.train(data, out, **how)

    monkeypatch.setattr(sweeping, "train", watched)
    config = load_config().changed(TINY)
    again = sweep(phantom, swept.folder, grid={"train.lr": [1e-9, 3e-3, 1e-3]}, config=config, resume=True)
    assert trained[0] == "lr=0.001"
    assert set(trained[1:]) <= {again.best.folder.name}
    assert len(again.board.entries) == 3
    with pytest.raises(LentigoError, match="Continue it with --resume"):
        sweep(phantom, swept.folder, grid=GRID, config=config)
    with pytest.raises(LentigoError, match="of other data or settings"):
        sweep(phantom, swept.folder, grid=GRID, config=config.changed({"seed": 1}), resume=True)


def test_a_foreign_folder_is_never_taken_for_a_sweep(phantom, tmp_path):
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(LentigoError, match="is not a sweep"):
        sweep(phantom, tmp_path, grid=GRID, force=True)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"data.val_fraction": [0.1, 0.2]}, "cannot be swept"),
        ({"seed": [0, 1]}, "cannot be swept"),
        ({"train.lr": [1e-4]}, "two combinations or more"),
        ({"train.lr": [1e-4, 1e-4]}, "Give each value once"),
        ({"train.lr": [1e-4, 99.0]}, r"train\.lr is 99\.0; it must lie"),
        ({"train.rl": [1e-4, 2e-4]}, "unknown key"),
        ({"train.epochs": list(range(1, 300))}, "at most 200"),
    ],
)
def test_what_cannot_be_swept_is_told_before_anything_is_trained(phantom, tmp_path, grid, message):
    with pytest.raises(ConfigError, match=message):
        sweep(phantom, tmp_path / "sweep", grid=grid)
    assert not (tmp_path / "sweep").exists()


def test_several_settings_make_all_combinations():
    made = combinations({"train.lr": [1e-4, 3e-4], "image.size": [96, 128]}, load_config())
    assert len(made) == 4
    assert made["lr=0.0003_size=96"] == {"train.lr": 3e-4, "image.size": 96}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train.lr=1e-4,3e-4", ("train.lr", [1e-4, 3e-4])),
        ("model.backbone=resnet18,resnet34", ("model.backbone", ["resnet18", "resnet34"])),
        ("train.balance_sources=true,false", ("train.balance_sources", [True, False])),
    ],
)
def test_values_are_read_as_set_reads_them(text, expected):
    assert parse_sweep(text) == expected


def test_the_command_prints_the_table_and_the_best(swept, phantom):
    settings = [f"--set={key}={value}" for key, value in TINY.items()]
    command = ["train", str(phantom), "--out", str(swept.folder), *settings]
    done = CliRunner().invoke(group, [*command, "--resume", "--sweep", "train.lr=1e-9,3e-3"])
    assert done.exit_code == 0, done.output
    assert "behind the best (AUROC)" in done.stdout
    assert "Best on validation images: lr=" in done.stdout
    beside = CliRunner().invoke(group, [*command, "--sweep", "train.lr=1,2", "--use", "age"])
    assert (beside.exit_code, "lentigo fuse" in str(beside.exception) + beside.output) == (2, True)
    wrong = CliRunner().invoke(group, [*command, "--sweep", "train.lr"])
    assert isinstance(wrong.exception, ConfigError)
    twice = CliRunner().invoke(group, [*command, "--sweep", "train.lr=1,2", "--sweep", "train.lr=3"])
    assert "names a setting twice" in twice.output
