import json
from pathlib import Path

import pytest

from lentigo.config import Config
from lentigo.errors import CheckpointError, LentigoError
from lentigo.model import open_model
from lentigo.stages import train
from lentigo.stages._run_folder import Run


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """What a kill after the second of six epochs leaves, without the network."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.toml").write_text(Config().changed({"train.epochs": 6}).to_toml())
    (folder / "environment.json").write_text(json.dumps({"schema_version": 1, "pixels_sha256": "0"}))
    (folder / "history.jsonl").write_text('{"epoch": 1}\n{"epoch": 2}\n')
    return folder


def test_the_same_command_after_a_kill_names_resume_first(killed: Path) -> None:
    with pytest.raises(LentigoError, match=r"unfinished run: .*after epoch 2 of 6\. .*--resume.*--force") as raised:
        train(killed.parent, killed)
    assert str(raised.value).index("--resume") < str(raised.value).index("--force")


def test_asking_an_unfinished_run_says_that_it_is_unfinished(killed: Path) -> None:
    with pytest.raises(CheckpointError, match=r"is unfinished: .*epoch 2 of 6\. Continue it with: lentigo train --out"):
        open_model(killed)
    with pytest.raises(CheckpointError, match="is unfinished"):
        Run.open(killed).calibration()
