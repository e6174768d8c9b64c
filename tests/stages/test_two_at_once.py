"""Two processes and one run folder: one trains, the other is refused, and nothing is mixed."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lentigo.errors import BusyError, LentigoError, StorageError
from lentigo.locks import lock_beside, locked
from lentigo.service.scoring import _job as job
from lentigo.service.scoring import score
from lentigo.service.scoring._shards import AnsweredShard
from lentigo.stages import Run, train
from lentigo.stages import _train as training
from lentigo.storage import write_text

PROGRAM = Path(__file__).with_name("two_at_once.py")


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--resume"]])
def test_of_two_that_train_into_one_folder_one_wins_and_one_is_refused(phantom, tmp_path, options):
    command = [sys.executable, str(PROGRAM), str(phantom), str(tmp_path), "2", *options]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    for line in map(json.loads, lines):
        ends = sorted(said[0] for said in line["said"])
        assert ends in (["done", "refused"], ["done", "done"])  # the later one of a resume may find all done
        assert "done" in ends
        for kind, seed, words, _ in line["said"]:
            if kind == "refused":
                assert "another process" in words or "exists already" in words
            else:
                assert words == line["evaluation.json"]
                assert options or f"seed = {seed}" in line["config.toml"]
        assert options or ends == ["done", "refused"]
        assert line["hidden"] == []


@pytest.mark.parametrize("options", [{}, {"force": True}, {"resume": True}])
def test_a_run_that_another_process_is_at_is_left_alone(phantom, tiny, run, tmp_path, options):
    folder = shutil.copytree(run, tmp_path / "run")
    with locked(lock_beside(folder), doing="training into run"):
        with pytest.raises(BusyError, match=r"another process \(process \d+ on .*\) is training into .*run"):
            train(None if "resume" in options else phantom, folder, config=None if options else tiny, **options)


def test_a_run_that_came_during_the_audit_stays(phantom, tiny, run, tmp_path, monkeypatch):
    prepare = training.prepare

    def slowly(*given, **options):
        prepared = prepare(*given, **options)
        shutil.copytree(run, tmp_path / "run")  # by a process on a file system without locks
        return prepared

    monkeypatch.setattr(training, "prepare", slowly)
    with pytest.raises(LentigoError, match="exists already"):
        train(phantom, tmp_path / "run", config=tiny)
    assert (tmp_path / "run" / "report.html").read_bytes() == (run / "report.html").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_disk_that_fills_up_leaves_a_run_that_can_go_on(phantom, tiny, tmp_path, monkeypatch):
    def full(*_, **__):
        raise StorageError("report.html cannot be written: No space left on device.")

    monkeypatch.setattr(training, "report_run", full)
    with pytest.raises(StorageError, match=r"No space left.* is kept with 2 finished epochs.*train --resume --out"):
        train(phantom, tmp_path / "run", config=tiny)
    monkeypatch.undo()
    assert train(None, tmp_path / "run", resume=True).report_path.is_file()


def test_a_run_folder_that_is_removed_is_told_and_not_made_again_by_half(phantom, tiny, tmp_path):
    def remove(_):
        shutil.rmtree(tmp_path / "run")

    with pytest.raises(StorageError, match="was removed during training and cannot be resumed"):
        train(phantom, tmp_path / "run", config=tiny, report_epoch=remove)
    assert not (tmp_path / "run").exists()
    with pytest.raises(StorageError, match="was removed"):
        Run(tmp_path / "run").refuse_removed()


def test_scores_whose_folder_is_removed_or_whose_disk_is_full_say_what_is_there(
    bundle_folder, phantom, tmp_path, monkeypatch
):
    monkeypatch.setattr("lentigo.service.scoring._local.score_locally", lambda *_, **__: _rows(phantom))
    monkeypatch.setattr(job, "write_shard", lambda path, *_: write_text(Path("/proc/nowhere/x"), ""))
    with pytest.raises(StorageError, match=r"cannot be written.* is kept with 0 tables; continue with --resume"):
        score(bundle_folder, phantom / "images", tmp_path / "s", workers=1)
    monkeypatch.setattr(
        "lentigo.service.scoring._local.score_locally", lambda *_, **__: _rows(phantom, remove=tmp_path / "t")
    )
    with pytest.raises(StorageError, match="was removed during scoring"):
        score(bundle_folder, phantom / "images", tmp_path / "t", workers=1)
    assert not (tmp_path / "t").exists()


def _rows(phantom, remove=None):
    names = sorted(path.name for path in (phantom / "images").iterdir())
    if remove is not None:
        shutil.rmtree(remove)
    yield AnsweredShard([[name, "", "0.9", "0.1", "0.1", "0.3", "refer", "", ""] for name in names])
