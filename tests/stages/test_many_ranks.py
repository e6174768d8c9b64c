"""`lentigo train` by two processes that torchrun starts, over gloo on CPUs."""

import json
import os
import re
import signal
import time

import pytest
from safetensors.torch import load_file
from tests.launching import SETTINGS, finished, torchrun, worker
from tests.stages.test_train import FILES

from lentigo.numbers.predictions import Predictions
from lentigo.storage import read_json

pytestmark = pytest.mark.slow


def train(data, out, *more, **options):
    given = [] if data is None else [data, *SETTINGS]
    return torchrun("-m", "lentigo", "train", *given, "--out", out, *more, **options)


def kill_one(process, history, *, rank, after):
    """Kill a rank when so many epochs are recorded; return when."""
    until = time.monotonic() + 600
    while not (history.exists() and history.read_text().count("\n") >= after):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.01)
    os.kill(worker(process, rank), signal.SIGKILL)
    return time.monotonic()


@pytest.fixture(scope="module")
def whole(phantom, tmp_path_factory):
    """An uninterrupted run of two processes, and what it printed."""
    folder = tmp_path_factory.mktemp("ranks") / "whole"
    process = train(phantom, folder, "--set", "train.epochs=4")
    printed = finished(process)
    assert process.returncode == 0, printed[1]
    return folder, *printed


def test_two_processes_leave_one_whole_run_and_one_of_them_speaks(whole):
    folder, out, log = whole
    for name in FILES.split():
        assert (folder / name).is_file() or "test-" in name, name
    assert not [path for path in folder.rglob("*") if path.name.startswith(".")]
    assert out.count("Report, with all figures: ") == 1
    assert log.count("epoch 1: ") == 1
    assert len((folder / "history.jsonl").read_text().splitlines()) == 4
    environment = read_json(folder / "environment.json")
    assert (environment["n_processes"], len(environment["devices"])) == (2, 2)
    assert len(Predictions.read(folder / "predictions" / "test.csv")) > 20


def test_a_killed_rank_ends_the_job_and_the_resumed_run_has_the_same_weights(whole, phantom, tmp_path):
    folder = tmp_path / "killed"
    process = train(phantom, folder, "--set", "train.epochs=4")
    killed_at = kill_one(process, folder / "history.jsonl", rank=1, after=1)
    _, log = finished(process)
    assert process.returncode != 0
    assert time.monotonic() - killed_at < 60
    assert re.search(r"rank +: 1 \(local_rank: 1\)\s+exitcode +: -9", log)
    assert len((folder / "history.jsonl").read_text().splitlines()) < 4
    process = train(None, folder, "--resume")
    _, log = finished(process)
    assert process.returncode == 0, log
    for name in ("best/model", "last/model", "last/network", "last/optimizer"):
        one, other = (load_file(run / "checkpoint" / f"{name}.safetensors") for run in (whole[0], folder))
        assert all((one[key] == other[key]).all() for key in one), name
    assert (folder / "predictions/test.csv").read_bytes() == (whole[0] / "predictions/test.csv").read_bytes()


def test_torchrun_s_restart_goes_on_with_folds_that_all_ranks_train(phantom, tmp_path):
    folder = tmp_path / "folds"
    recipe = ["--recipe", "crossval", "--set", "train.folds=2", "--set", "train.epochs=1"]
    process = train(phantom, folder, *recipe, "--set", "predict.views=1", options=["--max-restarts=1"])
    kill_one(process, folder / "folds" / "0" / "history.jsonl", rank=1, after=1)
    _, log = finished(process)
    assert process.returncode == 0, log
    assert log.count("Resuming after epoch 1 of 1.") >= 1
    manifest = (folder / "manifest.csv").read_text().splitlines()
    n_open = sum(not row.endswith(",-1") for row in manifest[1:])
    assert len(Predictions.read(folder / "predictions" / "val.csv")) == n_open
    assert (folder / "report.html").is_file()
    assert all((folder / "folds" / str(k) / "checkpoint" / "best" / "model.safetensors").is_file() for k in (0, 1))


def test_a_batch_that_cannot_be_shared_is_refused_by_one_voice(phantom, tmp_path):
    process = train(phantom, tmp_path / "run", "--set", "train.batch_size=15")
    _, log = finished(process)
    assert process.returncode != 0
    assert log.count("error: rank 0 of 2") == 1
    assert "error: rank 1" not in log
    assert "Set train.batch_size=16" in log
    assert not (tmp_path / "run").exists()


def test_other_verbs_are_refused_under_torchrun(tmp_path):
    process = torchrun("-m", "lentigo", "info", tmp_path)
    _, log = finished(process)
    assert process.returncode != 0
    assert log.count("'lentigo info' runs in one process, but torchrun has started 2") == 1


def test_a_process_alone_says_so_in_its_environment(run):
    environment = json.loads((run / "environment.json").read_text())
    assert (environment["n_processes"], environment["job"]) == (1, "")
