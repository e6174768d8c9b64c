import shutil

import pytest

from lentigo.bundling._one_view import OneView
from lentigo.errors import ConfigError
from lentigo.model import open_model
from lentigo.stages import Run, export


@pytest.fixture
def taught(run, tmp_path):
    """The run, as if it predicted with eight views and had been taught to answer from one."""
    twin = Run(shutil.copytree(run, tmp_path / "twin"))
    config = twin.config().changed({"predict.views": 8, "train.view_epochs": 1})
    twin.config_path.write_text(config.to_toml())
    return twin.folder


@pytest.mark.parametrize(("changed", "views"), [(0.0, 1), (0.5, 8)])
def test_a_taught_run_is_exported_with_one_view_where_validation_shows_that_it_is_as_good(
    taught, tmp_path, monkeypatch, changed, views
):
    found = OneView(40, 0.001, changed)
    monkeypatch.setattr("lentigo.bundling.measure_one_view", lambda *_: found)
    export(taught, tmp_path / "bundle", n_references=0)
    record = open_model(tmp_path / "bundle").record
    assert record.network.views == views
    assert record.data["views"] == f"{views}; one instead of eight: {found.sentence}"


def test_one_view_can_be_asked_for_and_what_it_loses_is_told(run, tmp_path):
    export(run, tmp_path / "bundle", n_references=0, views=1)
    record = open_model(tmp_path / "bundle").record
    assert record.network.views == 1
    assert "decisions changed" in record.data["views"]
    with pytest.raises(ConfigError, match="views is 3"):
        export(run, tmp_path / "other", views=3)


def test_a_loss_that_cannot_be_told_proves_nothing():
    assert not OneView(40, None, 0.0).is_as_good
    assert not OneView(1000, 0.0021, 0.0).is_as_good
    assert OneView(1000, -0.01, 0.01).is_as_good
